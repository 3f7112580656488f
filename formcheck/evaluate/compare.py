"""Compares what the program says about one clip with the truth."""

from __future__ import annotations

import re

import numpy as np

from formcheck.evaluate.angles import joint_errors, measure_errors
from formcheck.evaluate.exact import ExactJoints
from formcheck.evaluate.faults import fault_tallies, made, unknown_faults
from formcheck.evaluate.matching import match, overlap
from formcheck.evaluate.outcome import Outcome
from formcheck.evaluate.result import ClipResult, HoldResult, Mark, MarkKind, NegativeResult, RepetitionsResult
from formcheck.evaluate.truth import Clip, ClipTruth
from formcheck.evaluate.window import report_within, truth_within
from formcheck.judge.report import Repetition, Report
from formcheck.judge.template import Template

HOLD_TOLERANCE_S = 0.5
HOLD_TOLERANCE_SHARE = 0.05
"""A hold is right within half a second or this share of it, whichever is more."""


def compare(
    clip: Clip,
    template: Template,
    outcome: Outcome,
    perfect: Outcome | None = None,
    exact: ExactJoints | None = None,
    *,
    other: bool = False,
) -> ClipResult:
    """The result of one clip.

    Args:
        clip: with its truth.
        template: that it was judged with.
        outcome: of the estimated poses.
        perfect, exact: of the exact joints, and these, where they are known.
        other: whether the template is not that of the clip's exercise, so that nothing should count.
    """
    truth, report = truth_within(clip.truth), report_within(outcome.report, clip.truth.window_s)
    from_exact = report_within(perfect.report, clip.truth.window_s) if perfect else None
    judged = _judged(truth, outcome)
    corrections = [cue for cue in report.cues if cue.kind == "correction"]
    negative = other or truth.kind == "negative"
    angles = []
    if exact is not None and perfect is not None and not negative:
        eye = truth.camera.eye_m if truth.camera else None
        angles = joint_errors(outcome, exact, eye, judged & outcome.seen)
        angles += measure_errors(outcome, perfect, template, exact, judged & outcome.ready)
    return ClipResult(
        name=clip.name,
        exercise=truth.exercise,
        template=template.id,
        kind="other" if other else truth.kind,
        groups=groups_of(truth),
        frames=int(judged.sum()),
        with_person=int((judged & outcome.seen).sum()),
        usable=int((judged & outcome.ready).sum()),
        correct=None if negative or not truth.knows_faults else truth.is_correct,
        cues=len(corrections),
        false_cues=sum(c.fault not in made(truth) for c in corrections) if truth.knows_faults and not other else None,
        reps=_repetitions(truth, report, from_exact) if truth.kind == "reps" and not other else None,
        hold=_hold(truth, report, from_exact) if truth.kind == "hold" and not other else None,
        negative=_negative(report, len(corrections)) if negative else None,
        faults=() if negative else tuple(fault_tallies(truth, report, template)),
        angles=tuple(angles),
        unknown_faults=() if negative else unknown_faults(clip.truth, template),
        seen_view=report.view,
        duration=round(float(outcome.times[-1]), 2) if outcome.times.size else 0.0,
        marks=tuple(_marks(clip.truth, outcome.report)),
    )


def groups_of(truth: ClipTruth) -> dict[str, str]:
    """Labels by which results are summed up: the view, the body, frames a second, who else is there."""
    if truth.yaw is not None:
        view = f"{abs(truth.yaw):g}° off" if truth.yaw else "ideal"
    else:
        view = next((name for name, pattern in _VIEWS.items() if re.search(pattern, truth.view.lower())), "unknown")
    groups = {"view": view}
    if truth.body is not None:
        groups["body"] = truth.body
    if truth.fps is not None:
        groups["rate"] = next(name for name, fps in _RATES.items() if truth.fps > fps)
    if truth.body is not None:
        groups["company"] = f"somebody {truth.bystander}" if truth.bystander else "alone"
    return groups


_RATES = {"over 20 fps": 20.0, "12 to 20 fps": 12.0, "up to 12 fps": 0.0}

# In the words of people who describe what they see; the first that fits.
_VIEWS = {
    "oblique": r"3/4|oblique|diagonal",
    "front": r"front",
    "rear": r"rear|behind|back",
    "side": r"side",
    "from above": r"above|top",
}


def _judged(truth: ClipTruth, outcome: Outcome) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """The frames in which the person should be ready: in the window, in position, not yet finished."""
    times = outcome.times
    judged = times >= truth.ready_s
    ends = [r.end_s for r in truth.repetitions or () if r.end_s is not None] + [h.end_s for h in truth.holds or ()]
    if ends:
        judged &= times <= max(ends)
    if truth.window_s:
        judged &= (times >= truth.window_s[0]) & (times <= truth.window_s[1])
    return np.asarray(judged)


def _repetitions(truth: ClipTruth, report: Report, from_exact: Report | None) -> RepetitionsResult:
    counted = [a for a in report.repetitions if a.counted]
    least, most = truth.accepted_reps
    sides, peaks, starts, ends = _matched(truth, counted)
    return RepetitionsResult(
        accepted=(least, most),
        counted=len(counted),
        error=min(0, len(counted) - least) or max(0, len(counted) - most),
        partial=len(report.repetitions) - len(counted),
        true_partial=truth.partial_reps,
        with_exact_joints=sum(a.counted for a in from_exact.repetitions) if from_exact else None,
        sides=sides,
        peak_errors=peaks,
        start_errors=starts,
        end_errors=ends,
    )


def _matched(
    truth: ClipTruth, counted: list[Repetition]
) -> tuple[tuple[int, int], tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    sides = [0, 0]
    peaks: list[float] = []
    starts: list[float] = []
    ends: list[float] = []
    for i, j in match(truth.peaks, [a.peak_s for a in counted]):
        attempt = counted[j]
        peaks.append(attempt.peak_s - truth.peaks[i])
        if truth.repetitions is None:
            continue
        repetition = truth.repetitions[i]
        if repetition.start_s is not None:
            starts.append(attempt.start_s - repetition.start_s)
        if repetition.end_s is not None:
            ends.append(attempt.end_s - repetition.end_s)
        if repetition.side is not None:
            sides[0] += attempt.side == repetition.side
            sides[1] += 1
    return (sides[0], sides[1]), _rounded(peaks), _rounded(starts), _rounded(ends)


def _hold(truth: ClipTruth, report: Report, from_exact: Report | None) -> HoldResult:
    least, most = truth.accepted_hold
    error = min(0.0, report.in_form_s - least) or max(0.0, report.in_form_s - most)
    sides = [0, 0]
    for hold in truth.holds or ():
        if hold.side is None:
            continue
        span = (hold.start_s, hold.end_s)
        best = max(report.holds, key=lambda h: overlap(span, (h.start_s, h.end_s)), default=None)
        sides[0] += best is not None and overlap(span, (best.start_s, best.end_s)) > 0 and best.side == hold.side
        sides[1] += 1
    return HoldResult(
        accepted=(round(least, 3), round(most, 3)),
        in_form=round(report.in_form_s, 3),
        held=round(report.held_s, 3),
        lost=round(report.lost_s, 3),
        error=round(error, 3),
        each=(round(error, 3),) if truth.accept_hold_s else _each_hold(truth, report),
        held_error=round(report.held_s - truth.held, 3),
        within=abs(error) <= max(HOLD_TOLERANCE_S, HOLD_TOLERANCE_SHARE * truth.held),
        with_exact_joints=round(from_exact.in_form_s, 3) if from_exact else None,
        sides=(sides[0], sides[1]),
    )


def _each_hold(truth: ClipTruth, report: Report) -> tuple[float, ...]:
    """Error of each hold. A hold of the program with bad form in its middle is several spans of good form in truth."""
    spans = truth.hold_s or ()
    errors = [h.in_form_s for h in report.holds]
    missed = []
    for start, end in spans:
        shared = [overlap((start, end), (h.start_s, h.end_s)) for h in report.holds]
        if any(shared):
            errors[shared.index(max(shared))] -= end - start
        else:
            missed.append(start - end)
    return _rounded(errors + missed)


def _negative(report: Report, cues: int) -> NegativeResult:
    counted = sum(a.counted for a in report.repetitions)
    partial = len(report.repetitions) - counted
    return NegativeResult(counted, partial, round(report.in_form_s, 3), round(report.held_s, 3), cues)


def _marks(truth: ClipTruth, report: Report) -> list[Mark]:
    marks: list[Mark] = []
    if truth.repetitions is not None:
        for r in truth.repetitions:
            faults = ", ".join(f.id for f in r.faults)
            start, end = (r.peak_s if r.start_s is None else r.start_s), (r.peak_s if r.end_s is None else r.end_s)
            marks.append(Mark("true", start, end, r.peak_s, " ".join(filter(None, (r.side, faults)))))
    else:
        marks += [Mark("true", peak, peak, peak) for peak in truth.rep_peak_s]
    if truth.kind == "hold":
        marks += [Mark("true hold", start, end) for start, end in truth.hold_s or ()]
    for a in report.repetitions:
        text = " ".join(filter(None, (a.side, ", ".join(a.faults), None if a.counted else a.explanation)))
        marks.append(_mark("counted" if a.counted else "partial", a.start_s, a.end_s, a.peak_s, text))
    for h in report.holds:
        marks.append(_mark("hold", h.start_s, h.end_s, None, f"{h.in_form_s:.1f} s in form"))
    marks += [_mark("cue", c.time, c.time, None, c.text) for c in report.cues if c.kind == "correction"]
    marks += [_mark("ready", p.start, p.end) for p in report.readiness if p.state.ready]
    return marks


def _mark(kind: MarkKind, start: float, end: float, peak: float | None = None, text: str = "") -> Mark:
    return Mark(kind, round(start, 3), round(end, 3), None if peak is None else round(peak, 3), text)


def _rounded(seconds: list[float]) -> tuple[float, ...]:
    return tuple(round(second, 3) for second in seconds)
