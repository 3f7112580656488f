"""Notices that a person works with the other side than planned.

The plan is the authority on the working side (specification 2.5): landmarks only verify it, because the pose model may
exchange left and right. So nothing is counted differently; after the other side has plainly led twice, or for long, it
is said.
"""

from __future__ import annotations

from formcheck.pose import Side, opposite

STRETCH_S = 0.4
"""The other side must lead this long without a break to be one sign."""

SIGNS = 2
LONG_S = 4.0
"""So many signs with no stretch of the planned side between, or leading for so many seconds more, are enough."""


class OtherSide:
    """Follows which side leads against the plan.

    Attributes:
        noticed: whether the other side works now.
        own_s, other_s: seconds for which the planned and the other side led.
    """

    def __init__(self, plan: Side) -> None:
        self.noticed = False
        self.own_s = self.other_s = 0.0
        self._plan = plan
        self._last: float | None = None
        self._stretch_s = 0.0
        self._leading: Side | None = None
        self._signs = 0
        self._ahead_s = 0.0

    def update(self, time: float, leading: Side | None) -> bool:
        """Takes note of the side that leads in this pose, None for neither; gives `noticed`."""
        step = 0.0 if self._last is None else min(time - self._last, STRETCH_S)
        self._last = time
        if leading != self._leading:
            self._leading, self._stretch_s = leading, 0.0
        elif leading is not None:
            before = self._stretch_s
            self._stretch_s += step
            lasts = before < STRETCH_S <= self._stretch_s
            if leading == self._plan:
                self.own_s += step
                self._ahead_s = max(0.0, self._ahead_s - step)
                if lasts:
                    self._signs, self._ahead_s, self.noticed = 0, 0.0, False
            else:
                self.other_s += step
                self._ahead_s += step
                self._signs += lasts
                self.noticed |= self._signs >= SIGNS or self._ahead_s >= LONG_S
        return self.noticed

    def note(self) -> str | None:
        """What the report says about it, if the other side led for clearly longer than the planned one."""
        if self.other_s < 2 * STRETCH_S or self.other_s <= 1.5 * self.own_s:
            return None
        own, other = self._plan, opposite(self._plan)
        return (
            f"The {own} side was planned, but it looked as if the {other} side worked most of the time. "
            "If that is so, choose the other side, or none."
        )
