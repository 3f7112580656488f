"""Which words stand on the picture: one correction, confirmation or request at a time, steadily."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from formcheck.judge.moment import Moment
from formcheck.show.glyphs import Glyph
from formcheck.show.palette import GOOD, OFF, STOP, WHITE, Colour

Kind = Literal["correction", "stop", "confirmation", "request"]

PATIENCE_S = 0.8
"""Somebody who is not ready for less than this is not told so: between two repetitions that is normal."""

STEADY_S = 1.5
"""A request stays this long before another one takes its place."""

GLYPHS: dict[Kind, Glyph] = {"correction": "warning", "stop": "stop", "confirmation": "tick", "request": "frame"}
COLOURS: dict[Kind, Colour] = {"correction": OFF, "stop": STOP, "confirmation": GOOD, "request": WHITE}


@dataclass(frozen=True, slots=True)
class Message:
    """Words for the person.

    Attributes:
        kind: correction, stop (a serious one), confirmation that a fault is gone, or request while not ready.
        text: the words.
        since: when they appeared, seconds.
    """

    kind: Kind
    text: str
    since: float


class Prompter:
    """Chooses the message of every moment. A cue goes before a request; nothing is said without need."""

    def __init__(self) -> None:
        self._message: Message | None = None
        self._unready_since: float | None = None

    def update(self, moment: Moment) -> Message | None:
        """The message to show now, if any."""
        time, state = moment.time, moment.readiness
        if state.ready or moment.phase not in ("setup", "rest"):
            self._unready_since = None  # whoever exercises is not interrupted
        elif self._unready_since is None or time < self._unready_since:
            self._unready_since = time
        kind, text = self._wanted(moment)
        shown = self._message
        if shown and (shown.kind, shown.text) == (kind, text):
            return shown
        waits = shown and shown.kind == kind == "request" and 0 <= time - shown.since < STEADY_S
        if not waits:
            self._message = Message(kind, text, time) if kind else None
        return self._message

    def _wanted(self, moment: Moment) -> tuple[Kind | None, str]:
        if moment.cue:
            if moment.cue.kind == "fixed":
                return "confirmation", moment.cue.text
            return "stop" if moment.cue.severity == "S3" else "correction", moment.cue.text
        state = moment.readiness
        if self._unready_since is None or moment.time - self._unready_since < PATIENCE_S:
            return None, ""
        if state.reason == "hold_still" and (moment.counts.total or moment.counts.partial):
            return None, ""  # somebody in the middle of a set knows
        return "request", state.say
