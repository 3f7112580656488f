"""Landmark smoothing: a median against single-frame outliers, then the One-Euro filter against jitter.

Both work by timestamps, never by frame counts, so that the same movement gives the same values at 10 and at 60
frames a second. Coordinates are smoothed rather than angles: noise on a nearly straight joint always reads as a
bend, and averaging afterwards cannot remove that bias.
"""

from __future__ import annotations

from collections import deque
from math import pi

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MEDIAN_WINDOW_S = 0.085
"""Three pictures at 24 to 30 frames a second; below that the median would cost more lag than it removes noise."""


class OneEuro:
    """One-Euro filter on an array of any shape (Casiez, Roussel, Vogel 2012).

    A low-pass filter whose cutoff rises with speed: steady when still, quick when moving. Elements that are NaN stay
    NaN and keep their state; on return the interval since their last sighting makes the filter follow them at once.

    Args:
        min_cutoff: cutoff at rest, Hz.
        beta: rise of the cutoff with speed, Hz per unit per second.
        d_cutoff: cutoff of the speed estimate, Hz.
    """

    def __init__(self, min_cutoff: float = 1.0, beta: float = 0.0, d_cutoff: float = 1.0) -> None:
        self.min_cutoff = min_cutoff
        self.beta = beta
        self.d_cutoff = d_cutoff
        self._time: float | Array = 0.0
        self._value: Array | None = None
        self._speed: Array | None = None

    def update(self, time: float, value: Array) -> Array:
        """The filtered value at `time` (seconds, increasing)."""
        if self._value is None or self._speed is None:
            self._time, self._value = time, value
            self._speed = np.zeros_like(value)
            return value
        dt = time - self._time  # an array after gaps: each element since its own last sighting
        # As in the reference implementation, the speed is taken against the previous *filtered* value.
        change = value - self._value
        speed = self._speed + (change / dt - self._speed) * (1.0 / (1.0 + 1.0 / (2 * pi * self.d_cutoff * dt)))
        unseen = speed != speed
        gaps = bool(unseen.any())
        if gaps:
            speed[unseen] = 0.0
        # alpha = 1 / (1 + tau / dt) with tau = 1 / (2 pi cutoff)
        reach = (2 * pi * dt) * (self.min_cutoff + self.beta * np.abs(speed))
        filtered = self._value + change * (reach / (reach + 1.0))
        result = filtered
        if gaps:
            # First sighting of an element, or an unseen one: start from the raw value; NaN is passed on as NaN.
            result = np.where(filtered == filtered, filtered, value)
            seen = result == result
            filtered = np.where(seen, result, self._value)
            self._time = np.where(seen, time, self._time)
        else:
            self._time = time
        self._value, self._speed = filtered, speed
        return result

    def reorder(self, order: NDArray[np.intp]) -> None:
        """Takes the elements of the past (along the first axis) in another order."""
        if self._value is not None and self._speed is not None:
            self._value, self._speed = self._value[order], self._speed[order]
            if isinstance(self._time, np.ndarray):
                self._time = self._time[order]


class LandmarkSmoother:
    """Smooths the (33, 2) pixel points of a track.

    Args:
        min_cutoff: Hz; 1.0 removes jitter of a still joint to a third at the cost of about 70 ms of lag.
        beta: per body length a second. 0.02 per degree a second (the specification's angle filter) is 1.15 per limb
            length a second, because one degree moves the end of a limb by 1/57 of its length.
    """

    def __init__(self, min_cutoff: float = 1.0, beta: float = 1.15) -> None:
        self._filter = OneEuro(min_cutoff, beta)
        self._beta = beta
        self._recent: deque[tuple[float, Array]] = deque()

    def update(self, time: float, points: Array, limb: float) -> Array:
        """Smoothed points. `limb`: length in pixels of a typical limb of the person (thigh), the unit of speed."""
        recent = self._recent
        recent.append((time, points))
        while time - recent[0][0] > MEDIAN_WINDOW_S:
            recent.popleft()
        self._filter.beta = self._beta / limb if limb > 0 else 0.0
        smooth = self._filter.update(time, self._median() if len(recent) >= 3 else points)
        unseen = points != points
        if unseen.any():
            smooth = smooth.copy()
            smooth[unseen] = np.nan
        return smooth

    def relabel(self, order: NDArray[np.intp]) -> None:
        """Puts the landmarks of the past into another order, when they turn out to have been exchanged."""
        self._recent = deque((time, points[order]) for time, points in self._recent)
        self._filter.reorder(order)

    def reset(self) -> None:
        """Forgets the past, for a scene cut."""
        self._recent.clear()
        self._filter = OneEuro(self._filter.min_cutoff, self._beta)

    def _median(self) -> Array:
        recent = self._recent
        a, b, c = recent[0][1], recent[len(recent) // 2][1], recent[-1][1]
        return np.fmax(np.fmin(a, b), np.fmin(np.fmax(a, b), c))
