"""The benchmark of a live session compares what it should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from benchmarks import live_cost


def test_the_figures_stand_beside_their_goals(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def child(kind: str, video: str, exercise: str) -> dict[str, Any]:
        if kind == "bare":
            return {"frames": 100, "loop_s": 2.0}
        return {
            "frames": 100, "loop_s": 1.5, "median_ms": 15.0, "p95_ms": 20.0, "fps": 30.0, "start_s": 1.2,
            "growth_mb": 1.0,
        }  # fmt: skip

    monkeypatch.setattr(live_cost, "child", child)
    monkeypatch.setattr(live_cost, "stock_model", lambda: Path())
    live_cost.main(["video.mp4", "--rounds", "2"])
    printed = capsys.readouterr().out
    assert "bare stock model 20.0 ms, live 15.0 ms" in printed
    ratio = next(line for line in printed.splitlines() if line.startswith("cpu_ratio"))
    assert ratio.split()[1:] == ["0.75", "goal", "0.85"]
