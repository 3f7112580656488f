"""Small translucent pictures that are put onto frames.

A stamp is made once (when its words change) and put onto every frame (`canvas.py`) at the cost of one multiplication
and one addition over its own area; nothing ever blends a whole frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.show.palette import Colour

Image = NDArray[np.uint8]
"""(height, width, 3) uint8 RGB."""

Mask = NDArray[np.uint8]
"""(height, width) uint8: how much of each pixel is covered, 0 to 255."""


@dataclass(frozen=True, eq=False)
class Stamp:
    """A picture with transparency.

    Attributes:
        keep: (height, width, 3) uint8, how much of the frame shines through, 0 to 255.
        add: (height, width, 3) uint8, the stamp's own colour where it covers the frame.
    """

    keep: Image
    add: Image

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.keep.shape[1], self.keep.shape[0]

    @cached_property
    def add_bgr(self) -> Image:
        """`add` with blue first, for pictures in that order."""
        return np.ascontiguousarray(self.add[..., ::-1])


class Sheet:
    """An empty transparent sheet on which a stamp is composed, bottom layer first."""

    def __init__(self, width: int, height: int) -> None:
        # Red, green, blue and opacity one after the other: each is a plain sheet, over which arithmetic is fast.
        self._planes = np.zeros((4, height, width), np.float32)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        _, height, width = self._planes.shape
        return width, height

    def mask(self) -> Mask:
        """An empty mask of the sheet's size, to draw on with OpenCV and then `paint`."""
        return np.zeros(self._planes.shape[1:], np.uint8)

    def paint(self, mask: Mask, colour: Colour, opacity: float = 1.0) -> None:
        """Lays a colour over the sheet, where and as far as the mask says."""
        x, y, width, height = cv2.boundingRect(mask)
        under = self._planes[:, y : y + height, x : x + width]
        cover = mask[y : y + height, x : x + width] * np.float32(opacity / 255)
        for plane, value in zip(under, (*colour, 1), strict=True):  # one at a time: without large temporaries
            plane += (np.float32(value) - plane) * cover

    def stamp(self) -> Stamp:
        """The finished stamp."""
        colours = np.rint(self._planes[:3]).astype(np.uint8)
        keep = np.rint(255 * (1 - self._planes[3])).astype(np.uint8)
        return Stamp(cv2.merge([keep] * 3), cv2.merge(list(colours)))


_TURNS = np.radians([270, 0, 90, 180])[:, None] + np.linspace(0, np.pi / 2, 16)
_ARCS = np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=2)
"""Quarters of a circle around the corners top right, bottom right, bottom left and top left: (4, 16, 2)."""


def rounded(mask: Mask, box: tuple[int, int, int, int], radius: int) -> None:
    """Draws a filled rectangle with rounded corners, box = (x, y, width, height), onto a mask."""
    x, y, width, height = box
    radius = max(0, min(radius, width // 2, height // 2))
    left, right, top, bottom = x + radius, x + width - 1 - radius, y + radius, y + height - 1 - radius
    centres = np.array([(right, top), (right, bottom), (left, bottom), (left, top)])
    points = (centres[:, None] + radius * _ARCS).reshape(-1, 2)
    cv2.fillConvexPoly(mask, np.rint(points * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
