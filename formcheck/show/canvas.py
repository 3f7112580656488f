"""A picture to draw on: smooth lines in sixteenths of a pixel, whatever the order of its colours.

MediaPipe takes RGB, a window of OpenCV BGR. Who mirrors a picture has it in the other order for nothing; drawing in
that order saves a pass over the whole picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.show.palette import Colour
from formcheck.show.stamp import Image, Stamp

_SHIFT = 4
SIXTEENTHS = 1 << _SHIFT
"""Canvas coordinates are whole sixteenths of a pixel."""

Point = Sequence[int]
"""(x, y) in sixteenths of a pixel."""


class Canvas:
    """Draws onto one picture, in place.

    Args:
        image: (height, width, 3) uint8, writable.
        bgr: blue comes first in it, not red; colours are given as RGB all the same.
    """

    __slots__ = ("_bgr", "image")

    def __init__(self, image: Image, *, bgr: bool = False) -> None:
        self.image, self._bgr = image, bgr

    def line(self, start: Point, end: Point, colour: Colour, thickness: int) -> None:
        """Draws a line; the thickness is in pixels."""
        cv2.line(self.image, start, end, self._own(colour), thickness, cv2.LINE_AA, _SHIFT)

    def polylines(self, bends: Sequence[NDArray[np.int32]], closed: bool, colour: Colour, thickness: int) -> None:
        """Draws bent lines, each (n, 2) points; the thickness is in pixels."""
        cv2.polylines(self.image, bends, closed, self._own(colour), thickness, cv2.LINE_AA, _SHIFT)

    def disc(self, centre: Point, radius: int, colour: Colour) -> None:
        """Draws a filled circle; its radius is in sixteenths of a pixel, too."""
        cv2.circle(self.image, centre, radius, self._own(colour), -1, cv2.LINE_AA, _SHIFT)

    def fill(self, outline: NDArray[np.int32], colour: Colour, opacity: float) -> None:
        """Fills a translucent polygon of (n, 2) points; only its own rectangle is blended."""
        left, top = np.maximum(outline.min(axis=0) // SIXTEENTHS, 0).tolist()
        right, bottom = np.maximum(-(-outline.max(axis=0) // SIXTEENTHS) + 1, 0).tolist()
        under = self.image[top:bottom, left:right]
        if not under.size:
            return
        filled = under.copy()
        moved = outline - np.array((left, top), np.int32) * SIXTEENTHS
        cv2.fillPoly(filled, [moved], self._own(colour), cv2.LINE_AA, _SHIFT)
        cv2.addWeighted(filled, opacity, under, 1 - opacity, 0, under)

    def put(self, stamp: Stamp, x: int, y: int) -> None:
        """Puts a stamp with its top left corner at pixel (x, y); what lies outside the picture is left out."""
        width, height = stamp.size
        left, top = max(0, -x), max(0, -y)
        right, bottom = min(width, self.image.shape[1] - x), min(height, self.image.shape[0] - y)
        if left >= right or top >= bottom:
            return
        under = self.image[y + top : y + bottom, x + left : x + right]
        add = stamp.add_bgr if self._bgr else stamp.add
        cv2.multiply(under, stamp.keep[top:bottom, left:right], under, 1 / 255)
        cv2.add(under, add[top:bottom, left:right], under)

    def _own(self, colour: Colour) -> Colour:
        return colour[::-1] if self._bgr else colour
