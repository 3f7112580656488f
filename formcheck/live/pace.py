"""How fast the program keeps up: frames judged a second, and how old a picture is when it is shown."""

from __future__ import annotations

_STEP_S = 0.0005
_STEPS = 2000


class Durations:
    """Durations of up to a second, counted in steps of half a millisecond: the memory stays the same for ever."""

    def __init__(self) -> None:
        self.number = 0
        self._counts = [0] * (_STEPS + 1)

    def add(self, seconds: float) -> None:
        """Counts one."""
        self.number += 1
        self._counts[min(_STEPS, max(0, int(seconds / _STEP_S)))] += 1

    def quantile(self, share: float) -> float | None:
        """Seconds that this share of them, 0 to 1, did not exceed; None if there are none."""
        wanted, passed = share * self.number, 0
        for i, count in enumerate(self._counts):
            passed += count
            if count and passed >= wanted:
                return (i + 0.5) * _STEP_S
        return None


class Pace:
    """Collects how old pictures are when they are shown, and how many frames are judged.

    Attributes:
        judged: frames judged.
        ages: of pictures when they were ready to be shown, with their overlay.
        estimates: how long finding the person took.
    """

    def __init__(self) -> None:
        self.judged = 0
        self.ages = Durations()
        self.estimates = Durations()
        self._seconds = 0.0
        self._last: float | None = None

    def judge(self, time: float) -> None:
        """A frame of this time was judged. Gaps of more than half a second are breaks and do not count."""
        if self._last is not None and 0 < time - self._last <= 0.5:
            self._seconds += time - self._last
            self.judged += 1
        self._last = time

    @property
    def fps(self) -> float | None:
        """Frames judged a second, breaks left out; None before there was a second of them."""
        return self.judged / self._seconds if self._seconds > 1 else None
