"""The end of a session in a few words: for the screen, to be read from two metres, and for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from formcheck.disclaimer import DISCOMFORT
from formcheck.judge.template import Template
from formcheck.live.record import BoutResult
from formcheck.live.scene import Board
from formcheck.show.lines import in_all, next_time, not_complete

_MOST_LINES = 6
_MOST_FAULTS = 2


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
    work_on = corrections(results)
    shorter = (in_all([result.report for result in results]), *work_on)
    return Board("Well done!" if ended == "done" else "Finished", (*lines, *work_on), shorter=shorter)


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
    partial = not_complete(report)
    return text + (f", {partial} more not complete" if partial else "")


def corrections(results: Sequence[BoutResult]) -> tuple[str, ...]:
    """What to work on next time, most frequent first; praise if there was nothing."""
    cues = next_time([result.report for result in results])
    if cues:
        return tuple(f"Next time: {cue}" for cue in cues[:_MOST_FAULTS])
    done = any(result.report.counts.total or result.report.in_form_s for result in results)
    return ("No faults were seen.",) if done else ()
