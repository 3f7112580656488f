"""The end of a session in a few words: for the screen, to be read from two metres, and for the terminal."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence

from formcheck.disclaimer import DISCOMFORT
from formcheck.judge.template import Template
from formcheck.live.record import BoutResult
from formcheck.live.scene import Board

_MOST_LINES = 6
_MOST_FAULTS = 2

_BROKEN_OFF = "unfinished"
"""Why an attempt did not count that was under way when the session was ended: nobody's fault."""


def closing_board(template: Template, results: Sequence[BoutResult], ended: str) -> Board:
    """What the screen shows when it is over.

    Args:
        template: the exercise.
        results: the bouts that were done.
        ended: why it is over; after "discomfort" there is nothing but the advice to rest.
    """
    if ended == "discomfort":
        return Board("Stopped", (DISCOMFORT,), alarm=True)
    lines = [f"{result.bout.title}: {achieved(result)}".removeprefix(": ") for result in results]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"and {len(lines) - _MOST_LINES + 1} more sets"]
    if not lines:
        return Board("Nothing was done", (f"{template.name} was not begun.",))
    return Board("Well done!" if ended == "done" else "Finished", (*lines, *corrections(results)))


def closing_lines(results: Sequence[BoutResult], ended: str) -> list[str]:
    """The same for the terminal, every set in a line."""
    lines = [f"{result.bout.title}: {achieved(result)}".removeprefix(": ") for result in results]
    lines += [note for result in results for note in result.report.notes]
    lines += corrections(results)
    return [*lines, DISCOMFORT] if ended == "discomfort" else lines or ["Nothing was done."]


def achieved(result: BoutResult) -> str:
    """What was done of a bout: "12 of 12 repetitions", "28 of 30 seconds in good form"."""
    bout, report = result.bout, result.report
    if bout.hold_s is not None:
        return f"{int(report.in_form_s)} of {bout.hold_s:g} seconds in good form"
    counts = report.counts
    if bout.alternate:
        text = f"left {counts.left}, right {counts.right} of {bout.repetitions} repetitions each"
    else:
        text = f"{counts.total} of {bout.repetitions} repetitions"
    partial = sum(not r.counted and r.reason != _BROKEN_OFF for r in report.repetitions)
    return text + (f", {partial} more not complete" if partial else "")


def corrections(results: Sequence[BoutResult]) -> tuple[str, ...]:
    """What to work on next time, most frequent first; praise if there was nothing."""
    times: Tally[str] = Tally()
    for report in (result.report for result in results):
        broken_off = [r.faults for r in report.repetitions if r.reason == _BROKEN_OFF]
        for fault in report.faults:
            often = len(fault.times) - sum(fault.id in faults for faults in broken_off)
            if fault.severity != "S1" and often > 0:
                times[fault.cue] += often
    if times:
        return tuple(f"Next time: {cue}" for cue, _ in times.most_common(_MOST_FAULTS))
    done = any(result.report.counts.total or result.report.in_form_s for result in results)
    return ("No faults were seen.",) if done else ()
