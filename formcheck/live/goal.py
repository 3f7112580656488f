"""How far a bout is, and whether it is done."""

from __future__ import annotations

from formcheck.judge.moment import Counts, HoldClock, Moment
from formcheck.live.plan import Bout


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
