"""What the program says about a clip, held against the truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from motions import Lunge, Repeats, then, waiting
from outcomes import LUNGE, PLANK, attempt, clip, hold, report, truth

from formcheck.evaluate.compare import compare, groups_of
from formcheck.evaluate.outcome import Outcome, judge
from formcheck.evaluate.result import ClipResult
from formcheck.evaluate.truth import Clip
from formcheck.judge.moment import Cue
from formcheck.judge.report import Report


def outcome(said: Report, seconds: float = 30.0, ready: bool = True) -> Outcome:
    """An outcome with ten frames a second, all of them alike."""
    times = np.arange(0.0, seconds, 0.1)
    yes = np.ones(len(times), dtype=bool)
    return Outcome(
        said, times, yes & ready, yes, np.full((len(times), 33, 2), np.nan), np.zeros((len(times), len(LUNGE.measures)))
    )


def judged(said: Report, template: Any = LUNGE, **entry: Any) -> ClipResult:
    return compare(clip(**entry), template, outcome(said))


def test_a_right_count_is_right() -> None:
    result = judged(report((attempt(2), attempt(6))), reps=2, partial_reps=0, rep_peak_s=[2.5, 5.8])
    assert result.ok
    assert result.reps
    assert (result.reps.counted, result.reps.error, result.reps.partial) == (2, 0, 0)
    assert result.reps.peak_errors == pytest.approx((-0.5, 0.2))


@pytest.mark.parametrize(("found", "error"), [(0, -2), (1, -1), (2, 0), (3, 0), (4, 1)])
def test_every_accepted_count_is_right(found: int, error: int) -> None:
    said = report(tuple(attempt(2.0 + 4 * i) for i in range(found)))
    result = judged(said, reps=3, accept_reps=[2, 3])
    assert result.reps
    assert result.reps.error == error
    assert result.ok == (error == 0)


def test_partial_repetitions_are_not_counted() -> None:
    result = judged(report((attempt(2), attempt(6, counted=False))), reps=1, partial_reps=1)
    assert result.reps
    assert (result.reps.counted, result.reps.partial, result.reps.true_partial) == (1, 1, 1)


def test_only_what_peaks_in_the_window_is_compared() -> None:
    said = report((attempt(2), attempt(6), attempt(20)), cues=(Cue(21.0, "Up", "x", "S2"),))
    result = judged(said, reps=2, window_s=[0, 10])
    assert result.ok
    assert result.cues == 0
    assert result.frames == 101


def test_only_what_is_held_in_the_window_is_compared() -> None:
    said = report(holds=(hold(2, 12, 10.0, side="left"), hold(30, 50, 20.0, side="right")))
    result = judged(said, PLANK, kind="hold", hold_s=[[2, 12]], window_s=[0, 15])
    assert result.hold
    assert (result.hold.in_form, result.hold.held, result.hold.error, result.hold.each) == (10.0, 10.0, 0.0, (0.0,))
    # Also of the truth, and of what is held beyond the edge.
    both = [{"start_s": 2, "end_s": 12, "side": "left"}, {"start_s": 30, "end_s": 50, "side": "right"}]
    result = judged(said, PLANK, kind="hold", hold_s=[[2, 12], [30, 50]], holds=both, window_s=[4, 15])
    assert result.hold
    assert (result.hold.accepted, result.hold.in_form, result.hold.sides) == ((8.0, 8.0), 8.0, (1, 1))
    assert result.frames == 81


def test_seconds_are_spread_evenly_over_a_hold_at_the_edge() -> None:
    said = report(holds=(hold(10, 30, 10.0, lost_s=4.0, held_s=16.0),))
    result = judged(said, PLANK, kind="hold", hold_s=[[10, 15]], window_s=[0, 15])
    assert result.hold
    assert (result.hold.in_form, result.hold.held, result.hold.lost) == (2.5, 4.0, 1.0)


def test_exact_joints_are_judged_in_the_window() -> None:
    said = report(holds=(hold(2, 12, 10.0), hold(30, 50, 20.0)))
    entry = clip(kind="hold", hold_s=[[2, 12]], window_s=[0, 15])
    result = compare(entry, PLANK, outcome(said), perfect=outcome(said))
    assert result.hold
    assert result.hold.with_exact_joints == 10.0


def test_a_negative_is_right_whatever_happens_outside_its_window() -> None:
    said = report((attempt(40),), holds=(hold(30, 50, 20.0),), cues=(Cue(21.0, "Up", "x", "S2"),))
    assert judged(said, PLANK, kind="negative", window_s=[0, 15]).ok
    assert not judged(said, PLANK, kind="negative", window_s=[0, 35]).ok


def test_only_faults_in_the_window_are_found_or_false_alarms() -> None:
    def found(said: Report, template: Any = LUNGE, **entry: Any) -> dict[tuple[str, str | None], tuple[int, int]]:
        tallies = judged(said, template, window_s=[0, 10], **entry).faults
        return {(t.id, t.level): (t.found, t.of) for t in tallies if t.id in ("trunk_lean", "hips_sag")}

    late = report((attempt(2), attempt(6), attempt(40, faults=("trunk_lean",))), faults={"trunk_lean": (40.0,)})
    assert found(late, reps=2, faults=[]) == {("trunk_lean", None): (0, 2)}
    assert found(late, reps=2, faults=[{"id": "trunk_lean"}]) == {("trunk_lean", "labelled"): (0, 1)}
    sag = report(holds=(hold(2, 50, 40.0),), faults={"hips_sag": (40.0,)})
    assert found(sag, PLANK, kind="hold", hold_s=[[2, 10]], faults=[]) == {("hips_sag", None): (0, 1)}
    # One of the truth outside was not made in the window, either.
    made = [{"id": "hips_sag", "start_s": 39, "end_s": 45}]
    assert found(sag, PLANK, kind="hold", hold_s=[[2, 10]], faults=made) == {("hips_sag", None): (0, 1)}
    repetitions = [{"peak_s": 2, "faults": []}, {"peak_s": 40, "faults": [{"id": "trunk_lean"}]}]
    assert found(late, reps=1, repetitions=repetitions) == {("trunk_lean", None): (0, 1)}


def test_a_fault_belongs_to_the_window_of_its_repetition() -> None:
    # It shows on the way back, after the window, of a repetition that peaks in it.
    said = report((attempt(9.8, faults=("trunk_lean",)),), faults={"trunk_lean": (10.4,)})
    tallies = judged(said, reps=1, faults=[{"id": "trunk_lean"}], window_s=[0, 10]).faults
    assert [(t.found, t.of) for t in tallies] == [(1, 1)]


def test_sides_starts_and_ends_are_those_of_matched_repetitions() -> None:
    true = [
        {"peak_s": 2, "start_s": 0.8, "end_s": 3.5, "side": "left"},
        {"peak_s": 6, "start_s": 5, "end_s": 7, "side": "right"},
        {"peak_s": 10, "side": "right"},
    ]
    result = judged(report((attempt(2), attempt(10, side="right"))), reps=3, repetitions=true)
    assert result.reps
    assert result.reps.sides == (2, 2)
    assert result.reps.start_errors == pytest.approx((0.2,))
    assert result.reps.end_errors == pytest.approx((-0.5,))
    wrong = judged(report((attempt(2, side="right"), attempt(10, side="right"))), reps=3, repetitions=true)
    assert wrong.reps
    assert wrong.reps.sides == (1, 2)


def test_a_hold_is_right_within_half_a_second_or_a_twentieth() -> None:
    def within(in_form: float, *span: float) -> bool:
        result = judged(report(holds=(hold(1, 40, in_form),)), PLANK, kind="hold", hold_s=[span])
        assert result.hold
        return result.hold.within

    assert within(4.5, 1, 5)
    assert not within(4.6, 1, 5)
    assert within(31.5, 0, 30)
    assert not within(31.6, 0, 30)


def test_holds_are_compared_one_by_one() -> None:
    said = report(holds=(hold(1, 10, 7.0), hold(20, 25, 5.0), hold(28, 29, 1.0)))
    # The first hold is bad in its middle: two spans of good form. The last one never happened; one was missed.
    result = judged(said, PLANK, kind="hold", hold_s=[[1, 4], [6, 10], [20, 24], [40, 42]])
    assert result.hold
    assert result.hold.each == pytest.approx((0.0, 1.0, 1.0, -2.0))
    assert result.hold.error == pytest.approx(0.0)
    assert result.hold.held_error == pytest.approx(2.0)


def test_accepted_seconds_are_right() -> None:
    said = report(holds=(hold(1, 10, 2.0),))
    result = judged(said, PLANK, kind="hold", hold_s=[[1, 7]], accept_hold_s=[0, 6.5])
    assert result.hold
    assert (result.hold.error, result.hold.each, result.ok) == (0.0, (0.0,), True)


def test_the_side_of_a_hold_is_that_of_the_one_that_overlaps() -> None:
    said = report(holds=(hold(1, 10, 9, side="left"), hold(20, 30, 10, side="left")))
    spans = [{"start_s": 1, "end_s": 10, "side": "left"}, {"start_s": 20, "end_s": 30, "side": "right"}]
    result = judged(said, PLANK, kind="hold", hold_s=[[1, 10], [20, 30]], holds=spans)
    assert result.hold
    assert result.hold.sides == (1, 2)


def test_a_negative_is_right_when_nothing_happens() -> None:
    assert judged(report(), kind="negative").ok
    assert judged(report((attempt(2, counted=False),)), kind="negative").ok
    assert not judged(report((attempt(2),)), kind="negative").ok
    assert not judged(report(holds=(hold(1, 3, 0.0),)), PLANK, kind="negative").ok
    assert not judged(report(cues=(Cue(3.0, "Up", "x", "S2"),)), kind="negative").ok


def test_a_clip_judged_as_another_exercise_is_like_a_negative() -> None:
    result = compare(clip(reps=5, faults=[]), LUNGE, outcome(report((attempt(2),))), other=True)
    assert (result.kind, result.ok, result.reps, result.correct, result.faults) == ("other", False, None, None, ())
    assert result.negative
    assert result.negative.counted == 1


def test_cues_about_what_was_made_are_not_false() -> None:
    said = report((attempt(2),), cues=(Cue(2.0, "Up", "trunk_lean", "S2"), Cue(9.0, "Well done", "x", "S2", "fixed")))
    right = judged(said, reps=1, faults=[{"id": "trunk_lean"}])
    assert (right.cues, right.false_cues, right.correct) == (1, 0, False)
    wrong = judged(said, reps=1, faults=[])
    assert (wrong.cues, wrong.false_cues, wrong.correct) == (1, 1, True)
    unknown = judged(said, reps=1)
    assert (unknown.false_cues, unknown.correct) == (None, None)


def test_frames_count_while_somebody_exercises() -> None:
    result = judged(report(), reps=1, ready_s=5, repetitions=[{"peak_s": 9, "start_s": 8, "end_s": 10}])
    assert (result.frames, result.with_person, result.usable) == (51, 51, 51)
    unready = compare(clip(reps=1), LUNGE, outcome(report(), ready=False))
    assert (unready.frames, unready.usable) == (300, 0)


@pytest.mark.parametrize(
    ("entry", "groups"),
    [
        ({"view": "pure side (faces right)", "fps": 29.97}, {"view": "side", "rate": "over 20 fps"}),
        ({"view": "3/4 front, outdoor"}, {"view": "oblique"}),
        ({"view": "front of body, head right", "fps": 10}, {"view": "front", "rate": "up to 12 fps"}),
        ({"view": "rear 3/4"}, {"view": "oblique"}),
        ({}, {"view": "unknown"}),
        (
            {"yaw": 0.0, "body": "a", "fps": 15, "bystander": "walks"},
            {"view": "ideal", "body": "a", "rate": "12 to 20 fps", "company": "somebody walks"},
        ),
        ({"yaw": -15.0, "body": "b"}, {"view": "15° off", "body": "b", "company": "alone"}),
    ],
)
def test_clips_are_grouped_by_what_the_truth_says(entry: dict[str, Any], groups: dict[str, str]) -> None:
    assert groups_of(truth(reps=1, **entry)) == groups


def test_a_real_session_is_compared(tmp_path: Path) -> None:
    repeats = Repeats(count=4)
    lunges = Lunge(sides=("right", "left")).motion(repeats)
    film = then(waiting(1.0), lunges).film(fps=15)
    peaks = then(waiting(1.0), lunges).peaks
    sides = ["right", "left", "right", "left"]
    true = truth(
        reps=4,
        partial_reps=0,
        repetitions=[{"peak_s": p, "side": s, "faults": []} for p, s in zip(peaks, sides, strict=True)],
    )
    result = compare(Clip("a", Path("a"), None, true, Path("t")), LUNGE, judge(film, LUNGE))
    assert result.ok
    assert result.reps
    assert result.reps.sides == (4, 4)
    assert max(map(abs, result.reps.peak_errors)) < 0.2
    assert result.correct
    assert all(t.found == 0 for t in result.faults)
    assert {m.kind for m in result.marks} == {"true", "counted", "ready"}
    assert replace(result, marks=()).frames == len(film)
