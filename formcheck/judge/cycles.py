"""Cycles: how often, how far and how regularly a signal went out from rest and came back, seen afterwards as a whole.

Counting while the person moves needs a template (`repetitions.py`). This is how a template is found in the first place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

OUT, BACK = 0.6, 0.3
"""Shares of the range at which an excursion is out, and back."""

EXTREMES = (3, 97)
"""Percentiles between which the range lies: single wrong poses stay outside."""

ENDS_S = 0.25
"""The signal at the very beginning and end tells which extreme is rest ..."""

CALM = 0.06
NEAR = 0.2
"""... where it changes by less than this share of the range, and is this near to one of them."""

STILL_S = 0.5

TOP = 0.8
"""Share of the range above which the signal is at its peak, and outside of which bumps are looked for ..."""

BUMP = 0.05
"""... that rise by at least this share."""

REGULAR = (0.7, 1.4)
"""An excursion within these shares of the median one is one of the repetitions."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One way out and back.

    Attributes:
        start, peak, end: seconds.
        rest: the signal before it.
        furthest: the signal at the peak.
        bump: how far the signal came out once more on the way, as a share of the range: a step with a bent knee, say.
    """

    start: float
    peak: float
    end: float
    rest: float
    furthest: float
    bump: float


@dataclass(frozen=True, slots=True)
class Movement:
    """All cycles of a signal.

    Attributes:
        sign: +1 if the signal grows towards the peak, -1 if it shrinks.
        cycles: complete and regular ones.
        broken: how many began before the recording or did not end in it.
        irregular: how many were much smaller or larger than the others.
    """

    sign: float
    cycles: tuple[Cycle, ...]
    broken: int
    irregular: int

    @property
    def rest(self) -> float:
        """The signal at rest (median)."""
        return float(np.median([c.rest for c in self.cycles]))

    @property
    def rests(self) -> tuple[float, float]:
        """Lowest and highest rest."""
        rests = [c.rest for c in self.cycles]
        return min(rests), max(rests)

    @property
    def peaks(self) -> tuple[float, float]:
        """Lowest and highest furthest point."""
        peaks = [c.furthest for c in self.cycles]
        return min(peaks), max(peaks)

    @property
    def range(self) -> float:
        """From rest to the furthest point (median), without sign."""
        return float(np.median([abs(c.furthest - c.rest) for c in self.cycles]))

    @property
    def bump(self) -> float:
        """The highest bump."""
        return max(c.bump for c in self.cycles)

    @property
    def seconds(self) -> tuple[float, float]:
        """Shortest and longest duration."""
        durations = [c.end - c.start for c in self.cycles]
        return min(durations), max(durations)

    @property
    def weight(self) -> float:
        """How much it looks like repetitions: the range, more for several cycles, less for irregular ones."""
        number = len(self.cycles)
        return self.range * sqrt(min(number, 4)) * number / (number + self.irregular) if number else 0.0


def find_cycles(times: Sequence[float] | Array, signal: Sequence[float] | Array, sign: float = 0.0) -> Movement | None:
    """The cycles of a signal, or None if there is not one that is complete.

    Args:
        times: seconds.
        signal: its values; NaN where not seen.
        sign: +1 or -1 if it is known whether it grows or shrinks towards the peak; 0 to find out.
    """
    t, s = np.asarray(times, dtype=np.float64), np.asarray(signal, dtype=np.float64)
    seen = ~np.isnan(s)
    t, s = t[seen], s[seen]
    if len(t) < 5:
        return None
    low, high = (float(p) for p in np.percentile(s, EXTREMES))
    if high - low <= 0:
        return None
    if not sign:
        sign = _direction(t, s, low, high)
    share = sign * (s - (low if sign > 0 else high)) / (high - low)
    passages, broken = _excursions(share)
    cycles = [_cycle(t, s, share, sign, *passage) for passage in passages]
    if not cycles:
        return None
    middle = float(np.median([abs(c.furthest - c.rest) for c in cycles]))
    regular = [c for c in cycles if REGULAR[0] * middle <= abs(c.furthest - c.rest) <= REGULAR[1] * middle]
    return Movement(sign, tuple(regular), broken, len(cycles) - len(regular)) if regular else None


def _direction(t: Array, s: Array, low: float, high: float) -> float:
    """+1 if it is the low end of the range at which the signal rests, -1 if it is the high end.

    Recordings begin and end at rest, or one of both does: what is calm and near an end of the range there counts, and
    the beginning more than the end, because people stop recording in the middle of a movement.
    """
    rising = 0.0
    for ends, weight in ((t <= t[0] + ENDS_S, 2.0), (t >= t[-1] - ENDS_S, 1.0)):
        share = (float(np.median(s[ends])) - low) / (high - low)
        near = max(0.0, 1.0 - min(abs(share), abs(1.0 - share)) / NEAR)
        calm = 1.0 if float(np.ptp(s[ends])) < CALM * (high - low) else 0.25
        rising += weight * near * calm * (1.0 if share < 0.5 else -1.0)
    return 1.0 if rising >= 0 else -1.0


def _excursions(share: Array) -> tuple[list[tuple[int, int, int, int]], int]:
    """For each: last index at rest before, index out, last index out, first index back; and how many are broken."""
    found: list[tuple[int, int, int, int]] = []
    at_rest: int | None = None
    out: int | None = None
    last_out = broken = 0
    for i, value in enumerate(share.tolist()):
        if value > OUT:
            out = i if out is None else out
            last_out = i
        elif value < BACK:
            if out is not None and at_rest is not None:
                found.append((at_rest, out, last_out, i))
            elif out is not None:
                broken += 1
            at_rest, out = i, None
    return found, broken + (out is not None)


def _cycle(t: Array, s: Array, share: Array, sign: float, before: int, out: int, last: int, back: int) -> Cycle:
    top = out + int(np.argmax(sign * s[out : last + 1]))
    furthest = float(np.median(s[max(out, top - 1) : min(last, top + 1) + 1]))
    # Rest is what was calm in the second before the start; the way out begins where the signal leaves it.
    window = (t >= t[before] - 1.0) & (t <= t[before])
    rest = float(sign * np.percentile(sign * s[window], 25))
    level = rest + 0.1 * (furthest - rest)
    start = before
    while start > 0 and sign * s[start] > sign * level:
        start -= 1
    end = back
    while end + 1 < len(s) and sign * s[end] > sign * level and share[end + 1] <= share[end]:
        end += 1
    height = furthest - rest
    way = (s[start : end + 1] - rest) / height if height else np.zeros(end + 1 - start)
    at_top = np.flatnonzero(way >= TOP)
    bump = max(_bump(way[: at_top[0] + 1][::-1]), _bump(way[at_top[-1] :])) if at_top.size else 0.0
    return Cycle(float(t[start]), float(t[top]), float(t[end]), rest, furthest, bump)


def _bump(way_back: Array) -> float:
    """The highest point to which a way back from the peak rises again."""
    risen = way_back - np.minimum.accumulate(way_back) >= BUMP
    return float(way_back[risen].max()) if risen.any() else 0.0


def longest_still(times: Array, seconds: Array, signals: Sequence[Array], within: float) -> tuple[float, float]:
    """The longest stretch in which no signal changes by more than `within` in half a second; equal times if none.

    Args:
        times: seconds.
        seconds: which of them each value stands for. The rest, between two times, was not seen: it neither ends a
            stretch nor makes it longer.
        signals: their values; NaN where not seen. Where none is seen for half a second, nothing is known to be still.
        within: in the unit of the signals.
    """
    t, seen = times, np.cumsum(seconds)
    best = (float(t[0]), float(t[0]))
    longest = 0.0
    start: int | None = None
    for i, first in enumerate(np.searchsorted(t, t - STILL_S).tolist()):
        recent = [values for s in signals if (values := s[first : i + 1][~np.isnan(s[first : i + 1])]).size]
        if not recent or any(float(np.ptp(values)) > within for values in recent):
            start = None
            continue
        start = first if start is None else start
        if seen[i] - seen[start] > longest:
            longest = float(seen[i] - seen[start])
            best = (float(t[start]), float(t[i]))
    return best
