"""The soak finds what grows, and leaves alone what comes and goes."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks import soak
from benchmarks.soak import Reading, folder_of, growth, read, watch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")

LEAKING = """
import sys, time
kept = []
for i in range(60):
    kept.append(bytearray(b"x" * {memory}))
    {more}
    print((i + 1) / 60, flush=True)
    time.sleep(0.03)
"""


def readings(memory: list[float]) -> list[Reading]:
    return [Reading(i, i / (len(memory) - 1), mb, 5, 9, 1) for i, mb in enumerate(memory)]


def test_what_comes_and_goes_is_no_growth() -> None:
    found = growth(readings([100.0 + 400 * (i % 3 == 0) for i in range(101)]))
    assert found.flat
    assert found.memory_mb == 0
    assert found.most_mb == 0


def test_what_is_taken_while_warming_up_is_no_growth() -> None:
    assert growth(readings([min(400.0, 100.0 + 40 * i) for i in range(101)])).flat


def test_what_stays_is_growth() -> None:
    found = growth(readings([100.0 + 0.2 * i + 50 * (i % 2) for i in range(101)]))
    assert not found.flat
    assert found.memory_mb == pytest.approx(0.2 * 78, abs=0.5)


def test_a_file_that_stays_open_is_growth_whatever_memory_does() -> None:
    flat = readings([100.0] * 101)
    leaking = [one if one.share < 0.5 else Reading(one.seconds, one.share, 100.0, 6, 9, 1) for one in flat]
    assert growth(leaking).handles == 1
    assert not growth(leaking).flat


def test_a_worker_that_was_replaced_is_no_growth() -> None:
    def threads(share: float) -> int:
        return 15 if 0.12 <= share < 0.16 else 21

    flat = readings([100.0] * 101)
    assert growth([replace(one, threads=threads(one.share)) for one in flat]).flat


def test_the_last_moments_do_not_count() -> None:
    assert growth(readings([100.0] * 100 + [900.0])).flat


def test_a_run_that_is_too_short_is_not_judged() -> None:
    with pytest.raises(ValueError, match="too short"):
        growth(readings([100.0, 100.0, 100.0]))


def test_memory_files_and_threads_of_a_process_are_read(tmp_path: Path) -> None:
    before = read(os.getpid(), 0.0, 0.0)
    with (tmp_path / "a").open("w"), (tmp_path / "b").open("w"):
        after = read(os.getpid(), 1.0, 0.5)
    assert after.handles == before.handles + 2
    assert after.processes >= 1
    assert after.memory_mb > 20


@pytest.mark.parametrize(
    ("memory", "more", "flat"),
    [(1, "pass", True), (1_000_000, "pass", False), (1, "kept.append(open('/dev/null'))", False)],
)
def test_a_program_that_leaks_is_found(memory: int, more: str, flat: bool) -> None:
    curve = list(watch([sys.executable, "-c", LEAKING.format(memory=memory, more=more)], 0.02))
    assert curve[-1].share > 0.9
    assert growth(curve).flat is flat


def test_a_program_that_fails_is_told() -> None:
    with pytest.raises(SystemExit, match="failed"):
        list(watch([sys.executable, "-c", "raise SystemExit(3)"], 0.02))


def test_no_two_videos_of_the_batch_are_the_same_and_none_is_an_order(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 400, 8)
    content = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(set(content.values())) == len(content) == 400
    real = [name for name in content if name.endswith("-real.mp4")]
    assert len(real) == 8 + 7  # the first eight, and every fiftieth
    assert {"000000-real.mp4", "000007-real.mp4", "000350-real.mp4"} <= set(real)
    texts = [each.decode() for name, each in content.items() if name not in real]
    assert sum("fail" in text for text in texts) == 4  # and a fifth that is real
    assert not [
        text for text in texts if any(word in text for word in ("die", "full", "hang", "segv", "abort", "early"))
    ]
    assert not [text for text in texts if any(letter.isdigit() for letter in text)]


@pytest.mark.slow
def test_a_short_session_and_a_short_batch_are_gone_through(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "curve.csv"
    options = ["--hours", "0.2", "--fps", "10", "--videos", "150", "--real", "0", "--out", str(out)]
    assert soak.main(options) in (0, 1)  # too short to be flat for sure
    said = capfd.readouterr()
    assert "2 sessions of 4 sets" in said.err
    assert "150 videos, 2 of them made to fail" in said.err
    assert said.out.count("growth ") == 2
    assert {line.split(",")[0] for line in out.read_text().splitlines()} == {"run", "live", "batch"}
