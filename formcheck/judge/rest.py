"""The calm moments between repetitions: they give the baseline that everything else is compared with."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

WINDOW_S = 1.0
REFRESH_S = 0.2

CALM_S = 0.5
"""Rest this long before a first repetition is a held start position."""

LEVEL_S = 1.5
"""A signal that stays level this long during an attempt, in the range of rest, is at rest."""

DRIFT_SHARE = 0.1
"""Level is what drifts by less than this share of the least range from the first to the second half of `LEVEL_S`."""

STILL_SHARE = 0.25
"""Rest is still while half of its values lie within this share of the exercise's least range."""


class Rest:
    """Collects what is measured at rest and tells the baseline of the signal and of every base expression.

    While the body is still the baseline is the median of the last second. While it already moves the baseline may
    only go back towards rest: a slow start must not drag it along.

    Args:
        min_range: least range of a repetition, in the signal's unit.
    """

    def __init__(self, min_range: float) -> None:
        self._still_within = STILL_SHARE * min_range
        self._window: deque[tuple[float, float, tuple[Sequence[float], ...]]] = deque()
        self._refreshed = -1e9
        self._still_since: float | None = None
        self.base: float | None = None
        self.rows: tuple[list[float], ...] | None = None

    def add(self, time: float, signal: float, rows: tuple[Sequence[float], ...]) -> None:
        """Takes one pose at rest into account.

        Args:
            time: seconds.
            signal: the signal, turned so that it grows towards the peak.
            rows: values of the base expressions, one row for each way of naming the sides.
        """
        window = self._window
        if window and time - window[-1][0] > WINDOW_S:
            self.clear()
        window.append((time, signal, rows))
        while time - window[0][0] > WINDOW_S:
            window.popleft()
        if self.base is None or time - self._refreshed >= REFRESH_S:
            self._refresh(time)

    def shift(self, by: float) -> None:
        """The signal is measured from elsewhere now: what was collected moves along."""
        self._window = deque((time, signal + by, rows) for time, signal, rows in self._window)
        if self.base is not None:
            self.base += by

    def calm(self, time: float) -> bool:
        """Whether the start position has been held still for `CALM_S`."""
        return self._still_since is not None and time - self._still_since >= CALM_S

    def stir(self) -> None:
        """Rest goes on after a movement: the baseline stays, stillness has to be shown again."""
        self._window.clear()
        self._still_since = None

    def clear(self) -> None:
        """Starts anew; the last baseline of the base expressions stays until there is a newer one."""
        self._window.clear()
        self._still_since = None
        self.base = None

    def _refresh(self, time: float) -> None:
        self._refreshed = time
        ordered = sorted(signal for _, signal, _ in self._window)
        n = len(ordered)
        low, middle, high = ordered[n // 4], ordered[n // 2], ordered[(3 * n) // 4]
        still = high - low <= self._still_within
        if not still:
            self._still_since = None
        elif self._still_since is None:
            self._still_since = self._window[0][0]
        if self.base is None:
            self.base = middle if still else low
        elif still:
            self.base = middle
        else:
            self.base = min(self.base, low)
        sets = zip(*(rows for _, _, rows in self._window), strict=True)
        self.rows = tuple([_median(column) for column in zip(*rows, strict=True)] for rows in sets)


class Level:
    """Notices during an attempt that the signal has come to rest after all, though not where it started.

    So it is when the first rest was seen while still getting into position, or the feet were put elsewhere: the
    attempt would wait in vain for its old baseline.

    Args:
        min_range: least range of a repetition, in the signal's unit.
    """

    def __init__(self, min_range: float) -> None:
        self._drift_within = DRIFT_SHARE * min_range
        self._still_within = STILL_SHARE * min_range
        self._recent: deque[tuple[float, float]] = deque()
        self._refreshed = -1e9

    def update(self, time: float, signal: float, may_rest: bool) -> float | None:
        """The level at which the signal has stayed for `LEVEL_S`; None while it moves.

        Args:
            time: seconds.
            signal: the turned signal; NaN if not seen.
            may_rest: whether posture and signal are such that this may be rest.
        """
        recent = self._recent
        if signal != signal:
            return None
        if not may_rest:
            recent.clear()
            return None
        recent.append((time, signal))
        while time - recent[0][0] > LEVEL_S:
            recent.popleft()
        if time - self._refreshed < REFRESH_S or time - recent[0][0] < 0.9 * LEVEL_S or len(recent) < 4:
            return None
        self._refreshed = time
        signals = [s for _, s in recent]
        half = len(signals) // 2
        first, second = sorted(signals[:half]), sorted(signals[-half:])
        level = sorted(signals)[half]
        if abs(first[half // 2] - second[half // 2]) > self._drift_within or abs(signal - level) > self._still_within:
            return None
        return level


def _median(values: tuple[float, ...]) -> float:
    seen = sorted(v for v in values if v == v)
    return seen[len(seen) // 2] if seen else float("nan")
