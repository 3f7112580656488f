"""How MediaPipe steadies the landmarks of a video: less, the faster they move.

A transcription of MediaPipe's ``LandmarksSmoothingCalculator`` (a One-Euro filter, Casiez and others 2012) and
``VisibilitySmoothingCalculator`` with the settings of its pose landmarker (Apache-2.0).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_AT_REST_HZ = 0.05
_PER_SPEED = 80.0
"""By how many Hz the filter lets more through, for a speed of one body a second."""

_SPEED_HZ = 1.0
_VISIBILITY = 0.1
"""Weight of a new visibility."""

_FIRST_FPS = 30.0


class Steadying:
    """The filters of one person's landmarks; a new person needs new ones."""

    def __init__(self) -> None:
        self._fps = _FIRST_FPS
        self._milliseconds: int | None = None
        self._visibility: NDArray[np.float64] | None = None
        self._raw = self._points = self._speed = np.zeros((33, 2))

    def steady(
        self, points: NDArray[np.float64], visibility: NDArray[np.float64], size: float, milliseconds: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Points and visibilities, steadied.

        Args:
            points: (33, 2), in pixels.
            visibility: (33,), 0..1.
            size: of the person's region, in pixels.
            milliseconds: later than last time.
        """
        if self._visibility is None or self._milliseconds is None:
            self._visibility, self._raw, self._points = visibility, points, points
        else:
            if self._milliseconds:  # MediaPipe's filter takes a time of 0 for none
                self._fps = 1000 / (milliseconds - self._milliseconds)
            self._visibility = _VISIBILITY * visibility + (1 - _VISIBILITY) * self._visibility
            let = self._let_through(_SPEED_HZ)
            self._speed = let * self._fps / size * (points - self._raw) + (1 - let) * self._speed
            let = self._let_through(_AT_REST_HZ + _PER_SPEED * np.abs(self._speed))
            self._raw, self._points = points, let * points + (1 - let) * self._points
        self._milliseconds = milliseconds
        return self._points, self._visibility

    def _let_through(self, hertz: Any) -> Any:
        """The weight of a new value in a filter that lets frequencies up to this one through."""
        return 1 / (1 + self._fps / (2 * math.pi * hertz))
