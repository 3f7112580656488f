"""The few corrections that matter most, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from formcheck.judge.report import FaultReport, Report

MOST = 3
"""Nobody works on more than three things at a time."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing to do differently.

    Attributes:
        text: what to do.
        why: why it matters.
        often: how often it was seen, as the beginning of a sentence.
        at_s: where to look at it, seconds.
        grave: whether it means to stop and begin anew.
        sure: False for a weak sign, to be worded "maybe".
    """

    text: str
    why: str
    often: str
    at_s: float
    grave: bool = False
    sure: bool = True


def corrections(report: Report) -> list[Correction]:
    """At most `MOST`, the most important first: dangerous, then wrong, then too short, then what is a mere tip."""
    faults = [_of_fault(f, report) for f in report.faults if f.severity != "S1"]
    small = [_of_fault(f, report) for f in report.faults if f.severity == "S1"]
    tips = [_of_fault(f, report, sure=False) for f in report.tips]
    return [*faults, *_too_short(report), *small, *tips][:MOST]


def _of_fault(fault: FaultReport, report: Report, *, sure: bool = True) -> Correction:
    often = f"Seen {how_often(fault, report)}"
    return Correction(fault.cue, fault.why, often, fault.first_s, fault.severity == "S3", sure)


def how_often(fault: FaultReport, report: Report) -> str:
    """In how many attempts a fault was seen, or how many times in holds."""
    if report.kind == "repetitions" and report.repetitions:
        having = sum(fault.id in r.faults for r in report.repetitions)
        return f"in {having} of {_attempts(report)}"
    return "once" if len(fault.times) == 1 else f"{len(fault.times)} times"


def _too_short(report: Report) -> list[Correction]:
    short = [r for r in report.repetitions if r.reason == "range"]
    if not short:
        return []
    often = f"{len(short)} of {_attempts(report)} did not count because of it"
    return [Correction("Go through the whole range", short[0].explanation or "", often, short[0].peak_s)]


def _attempts(report: Report) -> str:
    count = len(report.repetitions)
    return f"{count} {'attempt' if count == 1 else 'attempts'}"
