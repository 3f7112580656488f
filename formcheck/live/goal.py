"""How far a bout is, and whether it is done."""

from __future__ import annotations

from collections.abc import Mapping

from formcheck.judge.moment import Counts, HoldClock, Moment
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.live.plan import Bout
from formcheck.pose import Side

WRONG_AFTER = 2
"""Repetitions on the other side before the person is asked."""

WRONG_AFTER_S = 3.0
"""Seconds of a hold on the other side before the person is asked."""


class Goal:
    """Follows one bout by its moments.

    Args:
        bout: what is to be done.

    Attributes:
        done: whether it is done.
    """

    def __init__(self, bout: Bout) -> None:
        self.done = False
        self._bout = bout
        self._counts = Counts()
        self._clock = HoldClock()

    def update(self, moment: Moment, frame: object = None) -> None:
        """Takes the next moment."""
        self._counts = moment.counts
        self._clock = moment.hold or self._clock
        bout = self._bout
        if bout.hold_s is not None:
            self.done = self.done or self._clock.in_form >= bout.hold_s
        else:
            self.done = self.done or self.count >= (bout.repetitions or 0)

    @property
    def count(self) -> int:
        """Repetitions that count towards the goal: those of the side that is behind, if they alternate."""
        counts = self._counts
        return min(counts.left, counts.right) if self._bout.alternate else counts.total

    @property
    def begun(self) -> bool:
        """Whether anything was counted or held."""
        return bool(self._counts.total or self._counts.partial or self._clock.held)

    @property
    def text(self) -> str:
        """How far it is: "3 of 12", "left 3, right 2 of 12", "14 of 30 seconds"."""
        bout, counts = self._bout, self._counts
        if bout.hold_s is not None:
            return f"{int(self._clock.in_form)} of {bout.hold_s:g} seconds"
        if bout.alternate:
            return f"left {counts.left}, right {counts.right} of {bout.repetitions} each"
        return f"{counts.total} of {bout.repetitions}"


class SideWitness:
    """Watches whether the planned side really works.

    The plan is the authority on the side and the set is judged by it, so this looks with a session of its own that
    was not told the plan.

    Args:
        template: the exercise.
        planned: the side that should work.
        variants: of the exercise.
    """

    def __init__(self, template: Template, planned: Side, variants: Mapping[str, str] | None = None) -> None:
        self._session = Session(template, variants=variants)
        self._other: Side = "right" if planned == "left" else "left"
        self._asked_at = 0
        self._held_since: float | None = None
        self._asked = False

    def update(self, moment: Moment) -> Side | None:
        """The side that works instead of the planned one, when it is time to ask about it; once a bout for holds."""
        seen = self._session.update(moment.pose)
        if seen.hold is not None:
            wrong = seen.hold.holding and seen.side == self._other
            if not wrong:
                self._held_since = None
            elif self._held_since is None:
                self._held_since = seen.time
            elif seen.time - self._held_since >= WRONG_AFTER_S and not self._asked:
                self._asked = True
                return self._other
            return None
        counts = seen.counts
        wrong_ones = counts.left if self._other == "left" else counts.right
        if 2 * wrong_ones > counts.total and wrong_ones >= self._asked_at + WRONG_AFTER:
            self._asked_at = wrong_ones
            return self._other
        return None
