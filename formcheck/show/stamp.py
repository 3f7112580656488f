"""Small translucent pictures that are put onto frames.

A stamp is made once (when its words change) and put onto every frame at the cost of one multiplication and one
addition over its own area; nothing ever blends a whole frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.show.palette import Colour

Image = NDArray[np.uint8]
"""(height, width, 3) uint8 RGB."""

Mask = NDArray[np.uint8]
"""(height, width) uint8: how much of each pixel is covered, 0 to 255."""


@dataclass(frozen=True, slots=True, eq=False)
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

    def put(self, image: Image, x: int, y: int) -> None:
        """Puts the stamp onto a frame with its top left corner at (x, y); what lies outside the frame is left out."""
        width, height = self.size
        left, top = max(0, -x), max(0, -y)
        right, bottom = min(width, image.shape[1] - x), min(height, image.shape[0] - y)
        if left >= right or top >= bottom:
            return
        under = image[y + top : y + bottom, x + left : x + right]
        cv2.multiply(under, self.keep[top:bottom, left:right], under, 1 / 255)
        cv2.add(under, self.add[top:bottom, left:right], under)


class Sheet:
    """An empty transparent sheet on which a stamp is composed, bottom layer first."""

    def __init__(self, width: int, height: int) -> None:
        self._opacity = np.zeros((height, width, 1), np.float32)
        self._colour = np.zeros((height, width, 3), np.float32)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._opacity.shape[1], self._opacity.shape[0]

    def mask(self) -> Mask:
        """An empty mask of the sheet's size, to draw on with OpenCV and then `paint`."""
        return np.zeros(self._opacity.shape[:2], np.uint8)

    def paint(self, mask: Mask, colour: Colour, opacity: float = 1.0) -> None:
        """Lays a colour over the sheet, where and as far as the mask says."""
        x, y, width, height = cv2.boundingRect(mask)
        part = slice(y, y + height), slice(x, x + width)
        cover = mask[part][..., None] * np.float32(opacity / 255)
        under = self._colour[part]
        under += (np.array(colour, np.float32) - under) * cover
        self._opacity[part] += (1 - self._opacity[part]) * cover

    def stamp(self) -> Stamp:
        """The finished stamp."""
        keep = np.rint(255 * (1 - self._opacity)).astype(np.uint8)
        return Stamp(np.repeat(keep, 3, axis=2), np.rint(self._colour).astype(np.uint8))


def rounded(mask: Mask, box: tuple[int, int, int, int], radius: int) -> None:
    """Draws a filled rectangle with rounded corners, box = (x, y, width, height), onto a mask."""
    x, y, width, height = box
    radius = max(0, min(radius, width // 2, height // 2))
    left, right, top, bottom = x + radius, x + width - 1 - radius, y + radius, y + height - 1 - radius
    corners = ((right, top, 270), (right, bottom, 0), (left, bottom, 90), (left, top, 180))
    angles = [np.radians(np.linspace(start, start + 90, 16)) for _, _, start in corners]
    points = np.concatenate(
        [
            np.stack([cx + radius * np.cos(turn), cy + radius * np.sin(turn)], axis=1)
            for (cx, cy, _), turn in zip(corners, angles, strict=True)
        ]
    )
    cv2.fillConvexPoly(mask, np.rint(points * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
