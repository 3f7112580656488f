from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks import analyze_cost, judging_cost
from benchmarks.analyze_cost import Cost


def test_the_cost_of_judging_is_told_hot_and_cold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    some = judging_cost.lunges()[:150]
    monkeypatch.setattr(judging_cost, "lunges", lambda: some)
    judging_cost.main(["--rounds", "1"])
    hot, cold = capsys.readouterr().out.splitlines()[-2:]
    for line, name in ((hot, "hot"), (cold, "cold")):
        assert line.startswith(name)
        median, p95 = (float(word) for word in line.split()[-6:-4])
        assert 0 < median <= p95


@pytest.mark.parametrize(("cost", "verdicts"), [((0.7, 1.2), ["met", "met"]), ((0.9, 1.4), ["MISSED", "MISSED"])])
def test_the_cost_of_analyzing_is_compared_with_the_bare_loop_of_the_same_round(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cost: tuple[float, float],
    verdicts: list[str],
) -> None:
    busy: Iterator[float] = iter([1.0, 5.0, 2.0])  # how much slower all is in each round
    now = 1.0

    def measure(kind: str, video: str, exercise: str) -> Cost:
        nonlocal now
        now = next(busy) if kind == "opencv" else now
        seconds = now * {"opencv": 1.0, "pyav": 0.95, "no-video": cost[0], "video": cost[1]}[kind]
        return Cost(10 * seconds, 8 * seconds, 5 * seconds, 100, 300.0)

    monkeypatch.setattr(analyze_cost, "measure", measure)
    monkeypatch.setattr(analyze_cost, "stock_model", lambda: Path())
    analyze_cost.main(["a.mp4", "--rounds", "3"])
    *_, without, with_ = capsys.readouterr().out.splitlines()
    assert f" {cost[0]:.2f} " in without
    assert f" {cost[1]:.2f} " in with_
    assert [line.split()[-1] for line in (without, with_)] == verdicts
