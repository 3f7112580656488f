"""A drawn person whose joints are known, which BlazePose takes for a real one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.pose import Landmark

SIDE = 480
"""The figure is laid out on a square of this many units; pictures of it may have any number of pixels."""

JOINTS = {
    Landmark.LEFT_SHOULDER: (286, 140),
    Landmark.RIGHT_SHOULDER: (194, 140),
    Landmark.LEFT_HIP: (262, 255),
    Landmark.RIGHT_HIP: (218, 255),
    Landmark.LEFT_KNEE: (266, 337),
    Landmark.RIGHT_KNEE: (214, 337),
    Landmark.LEFT_ANKLE: (267, 405),
    Landmark.RIGHT_ANKLE: (213, 405),
}
"""Where the joints of the figure are, in its units."""

_SKIN, _SHIRT, _TROUSERS, _DARK = (214, 170, 140), (60, 90, 160), (50, 50, 60), (25, 25, 30)


def draw(pixels: int = SIDE, right: float = 0.0) -> NDArray[np.uint8]:
    """A square RGB picture of a person who faces the camera, moved to the right by some units."""
    image = np.full((pixels, pixels, 3), (200, 205, 210), np.uint8)
    scale = pixels / SIDE

    def at(x: float, y: float) -> tuple[int, int]:
        return round((SIDE / 2 + right + x) * scale), round(y * scale)

    def limb(start: tuple[float, float], end: tuple[float, float], width: float, colour: tuple[int, int, int]) -> None:
        cv2.line(image, at(*start), at(*end), colour, max(round(width * scale), 1), cv2.LINE_AA)

    cv2.rectangle(image, (0, round(0.85 * pixels)), (pixels, pixels), (150, 130, 110), -1)
    for k in (-1, 1):
        limb((k * 22, 250), (k * 26, 335), 36, _TROUSERS)
        limb((k * 26, 335), (k * 27, 410), 28, _TROUSERS)
        limb((k * 27, 416), (k * 36, 422), 18, _DARK)
        limb((k * 46, 140), (k * 62, 200), 24, _SHIRT)
        limb((k * 62, 200), (k * 66, 255), 18, _SKIN)
        limb((k * 66, 258), (k * 67, 272), 16, _SKIN)
    trunk = np.array([at(-50, 130), at(50, 130), at(36, 255), at(-36, 255)], dtype=np.int32)
    cv2.fillPoly(image, [trunk], _SHIRT, cv2.LINE_AA)
    for k in (-1, 1):
        limb((k * 38, 140), (k * 30, 250), 24, _SHIRT)
    limb((0, 100), (0, 130), 22, _SKIN)
    cv2.ellipse(image, at(0, 80), (round(24 * scale), round(32 * scale)), 0, 0, 360, _SKIN, -1, cv2.LINE_AA)
    cv2.ellipse(image, at(0, 66), (round(25 * scale), round(22 * scale)), 0, 180, 360, (60, 40, 30), -1, cv2.LINE_AA)
    for k in (-1, 1):
        cv2.circle(image, at(k * 9, 78), max(round(3 * scale), 1), _DARK, -1, cv2.LINE_AA)
    limb((-7, 96), (7, 96), 3, (150, 60, 60))
    limb((0, 82), (0, 89), 3, (180, 130, 100))
    return image
