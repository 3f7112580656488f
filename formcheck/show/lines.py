"""What is said and sounded during a set: lines and tones, from the same moments that are shown."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Literal

from formcheck.judge.moment import Counts, HoldClock, Moment
from formcheck.judge.report import Report
from formcheck.judge.template import Template
from formcheck.show.message import Prompter

Kind = Literal["safety", "cue", "plan", "count"]
"""What a line is about, the most important first."""

Tone = Literal["repetition", "fault", "end", "tick"]

REQUEST_STEADY_S = 1.5
"""A request is said once it has been shown this long: people are still moving."""

REQUEST_AGAIN_S = 8.0
"""It is said again after this long, then after twice as long, and so on."""

LAST_FROM = 6
"""Sets of fewer repetitions need no "last three"."""

TEN_FROM_S = 20.0
"""Holds shorter than this need no "ten more seconds", …"""

HALFWAY_FROM_S = 40.0
"""… and those shorter than this no "halfway"."""

_BROKEN_OFF = "unfinished"
"""Why an attempt did not count that was under way when the session was ended."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something to say."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Said:
    """What one moment asks for."""

    lines: tuple[Line, ...] = ()
    tones: tuple[Tone, ...] = ()


NOTHING = Said()


class Talk:
    """Turns the moments of one set into words and tones.

    Args:
        template: the exercise.
        reps: repetitions to do; None if open.
        target_s: seconds to hold; by default what the moments' clock says.
        each_side: whether both sides are to reach the repetitions, in any order.
    """

    def __init__(
        self, template: Template, *, reps: int | None = None, target_s: float | None = None, each_side: bool = False
    ) -> None:
        self._template, self._reps, self._target, self._each_side = template, reps, target_s, each_side
        self._prompter = Prompter()
        self._counts = Counts()
        self._requested = ""
        self._again_at = inf
        self._pause = REQUEST_AGAIN_S
        self._begun = False
        self._in_form = 0.0
        self._holding = False

    def update(self, moment: Moment) -> Said:
        """What is to be said and sounded at this moment."""
        lines: list[Line] = []
        tones: list[Tone] = []
        if moment.spoken:
            lines.append(Line(_sentence(moment.spoken.text), "cue"))
            if moment.spoken.kind == "correction":
                tones.append("fault")
        if moment.hold is not None:
            self._time(moment.hold, lines, tones)
        else:
            self._count(moment, lines, tones)
        self._request(moment, lines)
        return Said(tuple(lines), tuple(tones)) if lines or tones else NOTHING

    def _count(self, moment: Moment, lines: list[Line], tones: list[Tone]) -> None:
        before, now = self._counts, moment.counts
        self._counts = now
        if now.total > before.total:
            self._begun = True
            number = next(
                (n for n, was in ((now.left, before.left), (now.right, before.right)) if n > was),
                now.total,
            )
            nearer = self._remaining(now) != self._remaining(before)
            remaining = self._remaining(now) if nearer else None
            lines.append(self._number(number, remaining))
            tones.append("end" if remaining == 0 else "repetition")
        elif moment.attempt and now.partial > before.partial:
            self._begun = True
            if "fault" not in tones:
                tones.append("fault")

    def _remaining(self, counts: Counts) -> int | None:
        """Repetitions still to do, of the side that is behind if both are to reach them; None in an open set."""
        if self._reps is None:
            return None
        return self._reps - (min(counts.left, counts.right) if self._each_side else counts.total)

    def _number(self, number: int, remaining: int | None) -> Line:
        """The number of a repetition, with what remains if it brought the end nearer; else that is None."""
        if remaining == 0:
            return Line(f"{number}. Done.", "plan")
        if remaining == 3 and self._reps is not None and self._reps >= LAST_FROM:
            return Line(f"{number}. Last three.", "plan")
        return Line(f"{number}.", "count")

    def _time(self, clock: HoldClock, lines: list[Line], tones: list[Tone]) -> None:
        target = self._target if self._target is not None else clock.target
        if clock.holding and not self._holding:
            self._begun = True
            if target is None:
                lines.append(Line("Hold.", "plan"))
            elif target > clock.in_form:
                left = ceil(target - clock.in_form)  # what the clock on the screen leaves, and never none
                lines.append(Line(f"Hold. {left} seconds." if clock.in_form < 1 else f"Hold. {left} more.", "plan"))
        self._holding = clock.holding
        before, self._in_form = self._in_form, clock.in_form
        if clock.in_form <= before:
            return
        if target is None:
            if int(clock.in_form / 10) > int(before / 10):
                lines.append(Line(f"{int(clock.in_form / 10) * 10} seconds.", "count"))
            return

        def passed(left_s: float) -> bool:
            return before < target - left_s <= clock.in_form

        if passed(0.0):
            lines.append(Line("Done. Come out of it slowly.", "plan"))
            tones.append("end")
        elif any(passed(float(left)) for left in (1, 2, 3)):
            lines.append(Line(f"{next(left for left in (1, 2, 3) if passed(float(left)))}.", "count"))
            tones.append("tick")
        elif target >= TEN_FROM_S and passed(10.0):
            lines.append(Line("Ten more seconds.", "plan"))
        elif target >= HALFWAY_FROM_S and passed(target / 2):
            lines.append(Line("Halfway.", "plan"))

    def _request(self, moment: Moment, lines: list[Line]) -> None:
        message = self._prompter.update(moment)
        if message is None or message.kind != "request":
            if moment.readiness.ready and self._requested:
                if not self._begun and moment.hold is None:
                    lines.append(Line("Good. Begin.", "plan"))
                self._requested, self._pause = "", REQUEST_AGAIN_S
            return
        if moment.time - message.since < REQUEST_STEADY_S:
            return
        if message.text != self._requested:
            self._requested, self._pause = message.text, REQUEST_AGAIN_S
        elif moment.time < self._again_at:
            return
        else:
            self._pause *= 2
        self._again_at = moment.time + self._pause
        lines.append(Line(_sentence(message.text), "plan"))


def summary(reports: Sequence[Report]) -> str:
    """What was done, sets and sides together, in two or three sentences, to be heard."""
    parts = [in_all(reports)]
    cues = next_time(reports)
    if cues:
        parts.append(f"Next time: {_sentence(cues[0])}")
    elif any(report.counts.total or report.held_s >= 1 for report in reports):
        parts.append("Well done.")
    return " ".join(parts)


def in_all(reports: Sequence[Report]) -> str:
    """What was done, sets and sides together: "12 repetitions, 6 left and 6 right. 1 attempt did not count."."""
    if any(report.kind == "hold" for report in reports):
        held, in_form = sum(report.held_s for report in reports), sum(report.in_form_s for report in reports)
        if held < 1:
            return "No hold was seen."
        said = f"{_seconds(in_form)} in good form"
        return f"{said}, and {_seconds(held - in_form)} more in position." if held - in_form >= 1 else f"{said}."
    total, left, right = (sum(getattr(r.counts, what) for r in reports) for what in ("total", "left", "right"))
    sides = f", {left} left and {right} right" if left and right else ""
    text = f"{total} {'repetition' if total == 1 else 'repetitions'}{sides}."
    partial = sum(not_complete(report) for report in reports)
    return f"{text} {partial} {'attempt' if partial == 1 else 'attempts'} did not count." if partial else text


def not_complete(report: Report) -> int:
    """How many attempts did not count; one that was under way when the session was ended is nobody's fault."""
    return sum(not r.counted and r.reason != _BROKEN_OFF for r in report.repetitions)


def next_time(reports: Sequence[Report]) -> tuple[str, ...]:
    """The cues to work on, most frequent first."""
    times: Tally[str] = Tally()
    for report in reports:
        broken_off = [r.faults for r in report.repetitions if r.reason == _BROKEN_OFF]
        for fault in report.faults:
            often = len(fault.times) - sum(fault.id in faults for faults in broken_off)
            if fault.severity != "S1" and often > 0:
                times[fault.cue] += often
    return tuple(cue for cue, _ in times.most_common())


def _seconds(seconds: float) -> str:
    """Whole seconds, as the clock on the screen shows them."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} second{'' if whole == 1 else 's'}"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}" + (f" {_seconds(rest)}" if rest else "")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
