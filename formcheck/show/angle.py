"""One angle on a picture: the arc that is, and the band in which it should end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from formcheck.judge.moment import Reading
from formcheck.show.canvas import SIXTEENTHS, Canvas
from formcheck.show.palette import GOOD, INK, QUALITY, WHITE

_BAND_OPACITY = 0.5
_DASH = 14.0
_GAP = 10.0
_STEP = 8.0
"""Degrees of one straight piece of a drawn arc: at the largest radius it is a quarter of a pixel off the circle."""

_FAR = 60_000.0
"""Pixels beyond which nothing is drawn where it is: OpenCV counts in sixteenths and overflows."""

Spot = tuple[float, float]
"""(x, y) in pixels; NaN where it is not seen."""


@dataclass(frozen=True, slots=True)
class Angle:
    """Where one reading is drawn. Directions are degrees clockwise from the right, as OpenCV takes them.

    Attributes:
        reading: what is drawn.
        vertex: centre of the arc.
        radius: of the arc, pixels.
        arc: directions between which the arc runs; None for a measure that is not an angle in the picture.
        band: directions between which the arc ends in good form, or None.
        limb: end of a line from the vertex that is not a bone of the skeleton, such as the middle of the trunk.
        anchor: what the number stands beside.
        reach: how far it must stay away from there, pixels.
        outward: direction in which it stands best.
        numbered: whether the number is shown; not in a view in which it means nothing.
    """

    reading: Reading
    vertex: Spot
    radius: float
    arc: tuple[float, float] | None
    band: tuple[float, float] | None
    limb: Spot | None
    anchor: Spot
    reach: float
    outward: float
    numbered: bool = True

    def draw_band(self, canvas: Canvas, line: int) -> None:
        """Draws the band of good form: filled, but hollow while the angle is off.

        Args:
            canvas: to draw on.
            line: thickness of the skeleton's lines, pixels.
        """
        if self.band is None:
            return
        inner, outer = self.radius + 1.1 * line, self.radius + 4.4 * line
        outline = _fixed(self._bend(outer, *self.band) + self._bend(inner, *self.band)[::-1])
        colour = GOOD if self.reading.quality == "good" else WHITE
        if self.reading.quality != "off":
            canvas.fill(outline, colour, _BAND_OPACITY)
        canvas.polylines([outline], True, INK, max(2, round(0.7 * line)))
        canvas.polylines([outline], True, colour, max(1, round(0.35 * line)))

    def draw_arc(self, canvas: Canvas, line: int) -> None:
        """Draws the arc: whole, but dashed while the angle is off."""
        if self.arc is None:
            return
        start, end = sorted(self.arc)
        pieces = [(start, end)]
        if self.reading.quality == "off":
            count = max(2, round((end - start + _GAP) / (_DASH + _GAP)))
            step = (end - start + _GAP) / count
            pieces = [(start + i * step, start + (i + 1) * step - _GAP) for i in range(count)]
        width = max(2, round(0.75 * line))
        bends = [_fixed(self._bend(self.radius, a, b)) for a, b in pieces]
        limb: list[list[int]] | None = _fixed([self.vertex, self.limb]).tolist() if self.limb is not None else None
        for colour, thickness in ((INK, width + max(2, width // 2)), (QUALITY[self.reading.quality], width)):
            if limb is not None:
                canvas.line(limb[0], limb[1], INK if colour is INK else WHITE, thickness)
            canvas.polylines(bends, False, colour, thickness)

    def _bend(self, radius: float, start: float, end: float) -> list[Spot]:
        """Points on a circle around the vertex, from one direction to another."""
        x, y = self.vertex
        steps = max(2, ceil(abs(end - start) / _STEP))
        first, step = radians(start), radians(end - start) / steps
        turns = [first + i * step for i in range(steps + 1)]
        return [(x + radius * cos(turn), y + radius * sin(turn)) for turn in turns]


def _fixed(points: Sequence[Spot]) -> NDArray[np.int32]:
    """Sixteenths of a pixel; points far outside the picture are drawn nearer, which nobody sees."""
    return np.array([(round(_near(x) * SIXTEENTHS), round(_near(y) * SIXTEENTHS)) for x, y in points], np.int32)


def _near(pixels: float) -> float:
    """A coordinate that OpenCV can take."""
    return _FAR if pixels > _FAR else -_FAR if pixels < -_FAR else pixels
