"""Which side each hold of one place works, where one leg hides the other.

From the side the pose model cannot tell crossed legs apart, so that the side of a single hold is where the camera
belongs (`lead.py`). Of several holds more is known: the same side looks the same again, and who leaves a stretch of one
side does the other one next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formcheck.judge.exercise import Lead
from formcheck.pose import Side, opposite

CLEARLY = 4.0
BY_FAR = 3.0
"""The far side leads by so many margins where it surely does, and by so many more than where the near one works. Of
rendered supine figure fours: with the far leg crossed 6.5 to 8.5, the near one of the same people -8.7 to 2."""


AFTER_REST = 0.3
"""Share of `alike_within` by which holds may differ to be of one side after a rest: then most go on with the other one,
and those of one side differ by a tenth of it (rendered people). Right after leaving a hold most come back to it."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a hold looked.

    Attributes:
        near: the side nearer to the camera.
        values: medians of the template's `alike` measures.
        far: by how many margins the far side led; median.
    """

    near: Side
    values: tuple[float, ...]
    far: float


class HoldSides:
    """The sides of the holds of one place, by how they look.

    Attributes:
        expected: the side of the next hold, or of this one, as far as it is known from those before.
    """

    def __init__(self, lead: Lead) -> None:
        self._within = lead.alike_within
        self._last: tuple[Look, Side] | None = None
        self.expected: Side | None = None

    def see(self, look: Look, resumed: bool) -> None:
        """Takes note of how the hold under way looks so far; `resumed`: whether it began right after the one before."""
        if self._last:
            last, side = self._last
            self.expected = side if self._alike(last, look, resumed) else opposite(side)

    def end(self, look: Look, found: Side, resumed: bool) -> tuple[Side, bool, bool]:
        """The side of a hold that is over, whether the one before was of the same, and whether the sides of all those
        before have to be turned round.

        Args:
            look: how the hold looked.
            found: its side as the poses say.
            resumed: whether it began right after the one before.
        """
        same = turned = False
        side = found
        if self._last:
            last, before = self._last
            same = self._alike(last, look, resumed)
            side = before if same else opposite(before)
            plainly = look.far >= CLEARLY and look.far - last.far >= BY_FAR
            turned = not same and side == look.near == last.near and plainly
            if turned:
                side = opposite(side)
        self._last = look, side
        self.expected = opposite(side)
        return side, same, turned

    def _alike(self, a: Look, b: Look, resumed: bool) -> bool:
        if a.near != b.near:
            return False  # turned round: to show the other side
        return _apart(a.values, b.values) <= (1.0 if resumed else AFTER_REST) * self._within


def _apart(a: Sequence[float], b: Sequence[float]) -> float:
    """Sum of the differences of what was seen both times."""
    return sum(abs(x - y) for x, y in zip(a, b, strict=True) if x == x and y == y)
