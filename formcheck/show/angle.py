"""One angle on a picture: the arc that is, and the band in which it should end."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.judge.moment import Reading
from formcheck.show.palette import GOOD, INK, QUALITY, WHITE, Colour
from formcheck.show.stamp import Image

_BAND_OPACITY = 0.5
_DASH = 14.0
_GAP = 10.0

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

    def draw_band(self, image: Image, line: int) -> None:
        """Draws the band of good form: filled, but hollow while the angle is off.

        Args:
            image: to draw on.
            line: thickness of the skeleton's lines, pixels.
        """
        if self.band is None:
            return
        inner, outer = self.radius + 1.1 * line, self.radius + 4.4 * line
        turns = np.radians(np.linspace(*self.band, max(3, round(abs(self.band[1] - self.band[0]) / 4))))
        ring = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        outline = np.concatenate([outer * ring, inner * ring[::-1]]) + np.array(self.vertex)
        colour = GOOD if self.reading.quality == "good" else WHITE
        if self.reading.quality != "off":
            _fill(image, outline, colour, _BAND_OPACITY)
        edge = [_fixed(outline)]
        cv2.polylines(image, edge, True, INK, max(2, round(0.7 * line)), cv2.LINE_AA, 4)
        cv2.polylines(image, edge, True, colour, max(1, round(0.35 * line)), cv2.LINE_AA, 4)

    def draw_arc(self, image: Image, line: int) -> None:
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
        centre = _fixed(np.array(self.vertex)).tolist()
        axes = (round(self.radius * 16),) * 2
        for colour, thickness in ((INK, width + max(2, width // 2)), (QUALITY[self.reading.quality], width)):
            if self.limb is not None:
                end_of_limb = _fixed(np.array(self.limb)).tolist()
                cv2.line(image, centre, end_of_limb, INK if colour is INK else WHITE, thickness, cv2.LINE_AA, 4)
            for a, b in pieces:
                cv2.ellipse(image, centre, axes, 0, a, b, colour, thickness, cv2.LINE_AA, 4)


def _fixed(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Sixteenths of a pixel; points far outside the picture are drawn nearer, which nobody sees."""
    return np.rint(np.clip(points * 16, -(10**6), 10**6)).astype(np.int32)


def _fill(image: Image, outline: NDArray[np.float64], colour: Colour, opacity: float) -> None:
    """Fills a translucent polygon; only its own rectangle is blended."""
    left, top = np.maximum(np.floor(outline.min(0)).astype(int), 0).tolist()
    right, bottom = (np.ceil(outline.max(0)).astype(int) + 1).tolist()
    under = image[top : max(bottom, 0), left : max(right, 0)]
    if not under.size:
        return
    filled = under.copy()
    cv2.fillPoly(filled, [_fixed(outline - np.array([left, top]))], colour, cv2.LINE_AA, 4)
    cv2.addWeighted(filled, opacity, under, 1 - opacity, 0, under)
