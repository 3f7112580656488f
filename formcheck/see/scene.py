"""Whether a video has cut to another scene, seen from its pictures."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SMALL = (32, 18)
"""Width and height at which pictures are compared: what moves is lost in it, what the scene is made of is not."""

NEW_BELOW = 0.85
"""Likeness of two pictures below which they may show different scenes. Measured on 105 recordings and rendered clips of
3 to 60 frames a second: 0.43-0.73 at cuts, also to another view of the same room, 0.84 where half of the picture stays;
0.90 and more where cameras move and people walk past, but 0.59 where somebody lunges in a second at a plain wall."""

CHANGED = 0.25
CHANGED_SHARE = 0.3
"""Cells that differ by more than so much of the contrast, and their share of the picture from which on the scene is
another one: 0.4-0.9 at those cuts, at most 0.2 where somebody moves, however fast."""

GAP_S = 0.2
GAP_CHANGED_SHARE = 0.5
"""... and the share after a gap of more than so many seconds, as where a camera falters: in 0.4 s people who fill the
picture change up to 0.35 of it (28 recordings with such gaps)."""

NOISE = 4.0
"""Variance, in squared grey levels, that even pictures, such as black ones, have as well."""


class Scene:
    """Compares each picture with the one before."""

    def __init__(self) -> None:
        self._last: tuple[float, NDArray[np.float32]] | None = None

    def changed(self, time: float, image: NDArray[np.uint8]) -> bool:
        """Whether this picture, (height, width, 3), taken at `time`, seconds, shows another scene than the last did."""
        small = _small(image)
        before, self._last = self._last, (time, small)
        if before is None:
            return False
        since, last = time - before[0], before[1]
        share = CHANGED_SHARE if since <= GAP_S else GAP_CHANGED_SHARE
        return _likeness(last, small) < NEW_BELOW and _changed_share(last, small) > share


def _small(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A small grey copy, less its mean."""
    step = max(1, min(image.shape[:2]) // 100)  # every pixel of a large picture would take a millisecond
    green = np.ascontiguousarray(image[::step, ::step, 1], np.float32)
    small = cv2.resize(green, SMALL, interpolation=cv2.INTER_AREA)
    return np.asarray(small - small.mean(), np.float32)


def _likeness(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """-1..1: correlation; a lamp that is switched on changes brightness and contrast, but hardly what is where."""
    return float(((a * b).mean() + NOISE) / np.sqrt(((a * a).mean() + NOISE) * ((b * b).mean() + NOISE)))


def _changed_share(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """0..1: share of the cells that look otherwise."""
    contrast = np.sqrt(max((a * a).mean(), (b * b).mean(), NOISE))
    return float((np.abs(a - b) > CHANGED * contrast).mean())
