"""A square region of a picture that holds a person, turned so that the person stands upright in it."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

_MARGIN = 1.25
"""By how much MediaPipe widens the circle around a person (``pose_landmarks_detector_graph.cc``)."""


_LONGEST = 32_766
"""Pixels of a picture's side that OpenCV can cut from; of longer ones only every second pixel is looked at."""


class Region(NamedTuple):
    """A square in a picture, in its pixels.

    Attributes:
        x: of its centre.
        y: of its centre.
        side: its length.
        turn: by how much it is turned clockwise, in radians.
    """

    x: float
    y: float
    side: float
    turn: float

    @classmethod
    def around(cls, centre: NDArray[np.floating], rim: NDArray[np.floating]) -> Self:
        """The region of a person, from two places that BlazePose tells: between the hips, on a circle around them.

        Args:
            centre: (2,), in pixels.
            rim: (2,), above the head of somebody upright, in pixels.
        """
        x, y = float(centre[0]), float(centre[1])
        dx, dy = float(rim[0]) - x, float(rim[1]) - y
        return cls(x, y, 2 * _MARGIN * math.hypot(dx, dy), math.pi / 2 - math.atan2(-dy, dx))

    @property
    def usable(self) -> bool:
        """Whether it has a size and a place."""
        return self.side > 0 and math.isfinite(self.x + self.y + self.side + self.turn)

    def matrix(self, side: float) -> NDArray[np.float64]:
        """(2, 3): leads from a place in its crop, which has that side, to the place in the picture."""
        along, across = self.side * math.cos(self.turn), self.side * math.sin(self.turn)
        a, b = along / side, across / side
        return np.array([[a, -b, self.x + (across - along) / 2], [b, a, self.y - (across + along) / 2]])

    def crop(self, image: NDArray[np.uint8], side: int, border: int = cv2.BORDER_REPLICATE) -> NDArray[np.uint8]:
        """Cuts it out of a picture, turned upright.

        Places between pixels are rounded to 1/32 pixel, as MediaPipe's OpenCV does it: the network answers to less than
        that. With exact places, landmarks would be 0.2 to 1 pixel off MediaPipe's, and so are 0.01 pixel.

        Args:
            image: (height, width, 3).
            side: pixels of the crop.
            border: what lies beyond the picture: its last pixels, or black (`cv2.BORDER_CONSTANT`).

        Returns:
            (side, side, 3).
        """
        step = math.ceil(max(image.shape) / _LONGEST)
        if step > 1:
            smaller = Region(self.x / step, self.y / step, self.side / step, self.turn)
            return smaller.crop(np.ascontiguousarray(image[::step, ::step]), side, border)
        (xx, xy, x), (yx, yy, y) = self.matrix(side)
        n = _numbers(side)
        left, top = np.float32(xx) * n, np.float32(yx) * n
        across = np.add.outer(np.float32(xy) * n + np.float32(x), left)
        down = np.add.outer(np.float32(yy) * n + np.float32(y), top)
        places, between = cv2.convertMaps(across, down, cv2.CV_16SC2)
        cut: NDArray[np.uint8] = cv2.remap(image, places, between, cv2.INTER_LINEAR, borderMode=border)  # type: ignore[assignment]
        return cut

    def overlap(self, other: Region) -> float:
        """The area that two share, by the area of both together, 0..1; as if they were not turned, like MediaPipe."""
        reach = (self.side + other.side) / 2
        smaller = min(self.side, other.side)
        width = min(reach - abs(self.x - other.x), smaller)
        height = min(reach - abs(self.y - other.y), smaller)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.side**2 + other.side**2 - shared)


@cache
def _numbers(count: int) -> NDArray[np.float32]:
    return np.arange(count, dtype=np.float32)
