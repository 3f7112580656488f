"""Which faults were found, of those that were really made, and which were found where nothing is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from formcheck.evaluate.matching import match
from formcheck.evaluate.result import FaultTally, Level
from formcheck.evaluate.truth import ClipTruth, FaultTruth, RepetitionTruth
from formcheck.judge.report import Repetition, Report
from formcheck.judge.template import Template

SLACK_S = 1.5
"""A fault of a hold is reported once it has lasted, and fades out: so much earlier or later it is still the same."""

_TOO_LITTLE = ("range", "condition")
"""Reasons of not counting that tell the person about a repetition that does not go far enough."""


def fault_tallies(truth: ClipTruth, report: Report, template: Template) -> list[FaultTally]:
    """Tallies of every fault of a template in one clip; none if the truth does not know about faults."""
    tallies = _Tallies(template)
    repetitions = truth.repetitions or ()
    if truth.kind == "reps" and any(r.knows_faults for r in repetitions):
        _by_repetition(repetitions, report.repetitions, tallies)
    elif truth.knows_faults:
        _by_clip(truth, report, tallies)
    return tallies.all()


def unknown_faults(truth: ClipTruth, template: Template) -> tuple[str, ...]:
    """Faults of the truth that the template does not have."""
    known = {fault.id for fault in template.faults}
    return tuple(dict.fromkeys(fault.id for fault in _all_faults(truth) if fault.id not in known))


def made(truth: ClipTruth) -> set[str]:
    """Ids of all faults that are made in a clip."""
    return {fault.id for fault in _all_faults(truth)}


def _all_faults(truth: ClipTruth) -> list[FaultTruth]:
    return [*(truth.faults or ()), *(fault for r in truth.repetitions or () for fault in r.faults)]


class _Tallies:
    def __init__(self, template: Template) -> None:
        self._measurable = {fault.id: fault.measurable for fault in template.faults}
        self._counts: dict[tuple[str, Level | None], list[int]] = {}

    @property
    def ids(self) -> Iterable[str]:
        return self._measurable

    def add(self, fault: str, level: Level | None, found: bool, unseen: bool = False, absent: bool = False) -> None:
        if fault not in self._measurable:
            return
        counts = self._counts.setdefault((fault, level), [0, 0, 0, 0])
        counts[0] += 1
        counts[1] += found
        counts[2] += unseen and not found
        counts[3] += absent

    def all(self) -> list[FaultTally]:
        return [
            FaultTally(fault, self._measurable[fault], level, *counts)
            for (fault, level), counts in sorted(self._counts.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        ]


def _by_repetition(true: tuple[RepetitionTruth, ...], attempts: tuple[Repetition, ...], tallies: _Tallies) -> None:
    pairs = dict(match([r.peak_s for r in true], [a.peak_s for a in attempts]))
    for i, repetition in enumerate(true):
        if not repetition.knows_faults:
            continue
        attempt = attempts[pairs[i]] if i in pairs else None
        for fault in repetition.faults:
            level: Level = fault.severity or "labelled"
            if attempt is None:
                tallies.add(fault.id, level, found=False, absent=True)
                continue
            # What does not reach far enough to be counted is told so, with the range reached: that is the fault.
            told = not repetition.complete and not attempt.counted and attempt.reason in _TOO_LITTLE
            found = fault.id in attempt.faults or told
            tallies.add(fault.id, level, found, fault.id in attempt.not_visible)
        if not repetition.faults and attempt is not None:
            _clean(attempt.faults, attempt.not_visible, tallies)


def _by_clip(truth: ClipTruth, report: Report, tallies: _Tallies) -> None:
    seen = {fault.id: fault.times for fault in (*report.faults, *report.tips)}
    for fault in truth.faults or ():
        begin = (fault.start_s if fault.start_s is not None else 0.0) - SLACK_S
        end = (fault.end_s if fault.end_s is not None else float("inf")) + SLACK_S
        found = any(begin <= time <= end for time in seen.get(fault.id, ()))
        tallies.add(fault.id, fault.severity or "labelled", found, fault.id in report.not_visible)
    if not truth.is_correct:
        return
    if truth.kind == "hold" or not report.repetitions:
        _clean(seen, report.not_visible, tallies)
    for attempt in report.repetitions:
        _clean(attempt.faults, attempt.not_visible, tallies)


def _clean(found: Collection[str], not_visible: Collection[str], tallies: _Tallies) -> None:
    for fault in tallies.ids:
        tallies.add(fault, None, fault in found, fault in not_visible)
