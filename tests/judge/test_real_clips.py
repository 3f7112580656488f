"""Real recordings against what one person counted by eye (`truth.json` beside the clips).

The clips carry no licence and are no part of the project: without their folder these tests are skipped.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from disturbances import mirrored, shifted, tilted
from judging import assert_alike, events, judge

from formcheck.judge.report import Report
from formcheck.pose import Pose

CLIPS = Path(__file__).parents[2].parent / "shared" / "clips"

pytestmark = [
    pytest.mark.model,
    pytest.mark.clips,
    pytest.mark.skipif(not (CLIPS / "truth.json").is_file(), reason=f"no folder of real recordings at {CLIPS}"),
]

PEAK_S = 0.3


def truth() -> dict[str, dict[str, Any]]:
    if not (CLIPS / "truth.json").is_file():
        return {}
    clips = json.loads((CLIPS / "truth.json").read_text(encoding="utf-8"))["clips"]
    return {clip["file"]: clip for clip in clips}


TRUTH = truth()
COUNTED = [(f, e) for f in TRUTH for e in ("lunge", "bridge") if f.startswith(e)]
REPEATED = [
    (f, e)
    for f, clip in TRUTH.items()
    for e in ("lunge", "bridge", "squat", "push_up", "clamshell")
    if clip["kind"] == "reps" and f.startswith(e.replace("_", "-"))
]
HELD = [f for f in TRUTH if f.startswith("plank-forearm")]
NEGATIVE = [f for f in TRUTH if f.startswith("negative")]
FOUR = ("lunge", "bridge", "plank_forearm", "plank_high")


@cache
def poses(file: str) -> tuple[Pose, ...]:
    """One pass of the pose model over a clip, once in a run."""
    from formcheck.see.estimator import Estimator
    from formcheck.see.video import Video

    with Video(CLIPS / file) as video, Estimator() as estimator:
        return tuple(estimator.estimate(frame) for frame in video)


@cache
def report_on(file: str, exercise: str) -> Report:
    return judge(exercise, poses(file))


@pytest.mark.parametrize(("file", "exercise"), COUNTED)
def test_counts_are_those_of_the_eye(file: str, exercise: str) -> None:
    clip, report = TRUTH[file], report_on(file, exercise)
    accepted = clip.get("accept_reps", [clip["reps"]])
    assert report.counts.total in accepted
    if "partial_reps" in clip and "accept_reps" not in clip:
        assert report.counts.partial >= min(clip["partial_reps"], 1)
    if clip.get("partial_reps"):
        assert all(r.reason and r.explanation for r in report.repetitions if not r.counted)


@pytest.mark.parametrize(("file", "exercise"), COUNTED)
def test_peaks_are_where_the_eye_saw_them(file: str, exercise: str) -> None:
    clip, report = TRUTH[file], report_on(file, exercise)
    seen = clip.get("rep_peak_s", [])
    end = clip.get("window_s", [0, 1e9])[1]
    for repetition in report.repetitions:
        if repetition.counted and seen and repetition.peak_s < end:
            assert min(abs(repetition.peak_s - peak) for peak in seen) <= PEAK_S, repetition.peak_s
    if "accept_reps" not in clip:
        counted = [r.peak_s for r in report.repetitions if r.counted]
        assert all(min(abs(peak - c) for c in counted) <= PEAK_S for peak in seen[: clip["reps"]])


def test_a_shallow_lunge_is_not_passed_over_in_silence() -> None:
    report = report_on("lunge-shallow-rear-1.gif", "lunge")
    assert len(report.repetitions) == 1
    (attempt,) = report.repetitions
    assert "shallow" in attempt.faults or not attempt.counted


@pytest.mark.parametrize("file", HELD)
def test_holds_last_as_long_as_the_eye_saw(file: str) -> None:
    clip, report = TRUTH[file], report_on(file, "plank_forearm")
    held = sum(end - begin for begin, end in clip["hold_s"])
    if "accept_hold_s" in clip:
        low, high = clip["accept_hold_s"]
        assert low <= report.in_form_s <= high
    else:
        assert report.in_form_s == pytest.approx(held, abs=max(0.5, 0.05 * held))


@pytest.mark.parametrize("exercise", FOUR)
@pytest.mark.parametrize("file", NEGATIVE)
def test_negatives_count_nothing_hold_nothing_and_criticise_nothing(file: str, exercise: str) -> None:
    report = report_on(file, exercise)
    assert report.counts.total == 0
    assert report.in_form_s == 0.0
    assert report.cues == ()


@pytest.mark.parametrize(("file", "exercise"), [*COUNTED, *((f, "plank_forearm") for f in HELD)])
def test_clock_and_mirror_change_nothing_on_real_people(file: str, exercise: str) -> None:
    expected = events(report_on(file, exercise))
    assert_alike(events(judge(exercise, shifted(poses(file), 1000.0)), since=1000.0), expected, within=0.01)
    assert_alike(events(judge(exercise, mirrored(poses(file))), mirror=True), expected, within=0.1)


@pytest.mark.parametrize(("file", "exercise"), [c for c in COUNTED if c[0].endswith(".mp4")])
def test_half_of_the_pictures_give_the_same_counts(file: str, exercise: str) -> None:
    full, half = report_on(file, exercise), judge(exercise, poses(file)[::2])
    assert half.counts.total == full.counts.total


@pytest.mark.parametrize("degrees", [-5, 5])
@pytest.mark.parametrize(("file", "exercise"), REPEATED)
def test_a_camera_that_is_not_level_changes_no_count(file: str, exercise: str, degrees: float) -> None:
    """Who stands upright then has the feet a quarter of a thigh ahead of the shoulders, which is no wall behind them."""
    clip = TRUTH[file]
    report = judge(exercise, tilted(poses(file), degrees))
    assert report.counts.total in clip.get("accept_reps", [clip["reps"]])
