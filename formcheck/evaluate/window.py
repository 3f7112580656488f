"""The window of a clip: the time that its truth speaks about. What lies outside is not compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from formcheck.evaluate.matching import overlap
from formcheck.evaluate.truth import ClipTruth
from formcheck.judge.report import FaultReport, HoldReport, Report

Span = tuple[float, float]
"""From, to: seconds."""


def truth_within(truth: ClipTruth) -> ClipTruth:
    """What a truth says about its own window: itself if it has none.

    Repetitions are kept by their peaks, holds are cut at the edges, and faults are kept that reach into the window. The
    numbers of repetitions and what is accepted already speak about the window only.
    """
    window = truth.window_s
    if window is None:
        return truth
    spans, holds, faults, repetitions = truth.hold_s, truth.holds, truth.faults, truth.repetitions
    if spans is not None:
        spans = tuple(_cut(span, window) for span in spans if overlap(span, window))
    if holds is not None:
        holds = tuple(
            hold.model_copy(update=dict(zip(("start_s", "end_s"), _cut(span, window), strict=True)))
            for hold in holds
            if overlap(span := (hold.start_s, hold.end_s), window)
        )
    if faults is not None:
        faults = tuple(
            fault
            for fault in faults
            if (fault.start_s is None or fault.start_s <= window[1])
            and (fault.end_s is None or fault.end_s >= window[0])
        )
    if repetitions is not None:
        repetitions = tuple(r for r in repetitions if _inside(r.peak_s, window))
    return truth.model_copy(
        update={
            "rep_peak_s": tuple(peak for peak in truth.rep_peak_s if _inside(peak, window)),
            "hold_s": spans,
            "holds": holds,
            "faults": faults,
            "repetitions": repetitions,
        }
    )


def report_within(report: Report, window: Span | None) -> Report:
    """What a report says about a window: itself if there is none.

    Repetitions, holds, faults, tips and cues are those of the window; everything else stays that of the whole clip.
    """
    if window is None:
        return report
    return replace(
        report,
        repetitions=tuple(a for a in report.repetitions if _inside(a.peak_s, window)),
        holds=tuple(_share(h, window) for h in report.holds if overlap((h.start_s, h.end_s), window)),
        faults=tuple(_faults_within(report.faults, report, window)),
        tips=tuple(_faults_within(report.tips, report, window)),
        cues=tuple(c for c in report.cues if _inside(c.time, window)),
    )


def _inside(time: float, window: Span) -> bool:
    return window[0] <= time <= window[1]


def _cut(span: Span, window: Span) -> Span:
    return max(span[0], window[0]), min(span[1], window[1])


def _share(hold: HoldReport, window: Span) -> HoldReport:
    """The part of a hold that lies in the window.

    When its form was good or bad is not reported, only how long: the seconds are taken as spread evenly over the hold.
    """
    span = (hold.start_s, hold.end_s)
    start, end = _cut(span, window)
    share = overlap(span, window) / (hold.end_s - hold.start_s)
    return replace(
        hold,
        start_s=start,
        end_s=end,
        in_form_s=share * hold.in_form_s,
        held_s=share * hold.held_s,
        lost_s=share * hold.lost_s,
        longest_s=share * hold.longest_s,
    )


def _faults_within(faults: Iterable[FaultReport], report: Report, window: Span) -> Iterable[FaultReport]:
    for fault in faults:
        times = tuple(time for time in fault.times if _inside(_belongs_to(fault.id, time, report), window))
        if times:
            yield replace(fault, first_s=times[0], times=times)


def _belongs_to(fault: str, time: float, report: Report) -> float:
    """The time by which a fault is inside or outside: where it is one of a repetition, the peak, as of all of that."""
    own = (a.peak_s for a in report.repetitions if fault in a.faults and a.start_s <= time <= a.end_s)
    return next(own, time)
