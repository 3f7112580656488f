"""The repetition machine: out of rest, to the peak, back again.

It counts generously and judges nothing: whether the repetition was good is decided elsewhere, from what was measured
on the way. Every attempt that went at least half of the way is told, counted or not, with the reason.

The signal is turned so that it always grows towards the peak (`Thresholds` likewise). Times of crossings are
interpolated between poses, so that they do not depend on the frame rate.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from math import inf, nan

PEAK_DWELL_S = 0.1
"""The peak must last this long: a single wrong pose is no peak."""

PARTIAL_SHARE = 0.5
"""An attempt that covered this share of the least range is reported."""

LOST_S = 2.0
"""Out of the posture or out of sight this long ends an attempt."""

RETURNED_SHARE = 0.55
"""Of the way back, where a recording or a scene of it ends or nobody is seen any more, to count as returned. The last
of three lunges, 0.1 s before standing, reads 0.57 and more in 13 ways of changing the picture, the hips up already."""

REBOUND_SHARE = 0.65
"""Of the way back, before going out again without having rested, to count as returned ..."""

REBOUND_S = 0.12
"""... if it was that far back for this long: hovering about the threshold with noise must not add up."""

REBOUND_RISE = 0.4
"""... and out again by this share of the range: a peak as it is entered may be nearer, and noise reaches it."""

FALL_S = 0.15
STAY_S = 0.1
"""Who is back this soon after leaving the peak is believed once they have stayed for so long: a leg that the pose model
loses for a moment falls and rises again."""

TOP_SHARE = 0.025
"""The peak's time is the middle of the stretch within this share of the range from the furthest point ..."""

TOP_S = 2.0
"""... unless it is held longer than this: then half a second after it was reached."""

PEAK_SHARE = 0.15
"""The peak phase, in which most faults are judged, is the stretch within this share of the range."""

PLATEAU_SHARE = 0.05
"""The way out ends and the way back begins at this share of the range."""

ONSET_SHARE = 0.04
"""A repetition starts where the signal left rest by this share of its range."""


ONSET_WINDOW_S = 1.0
MAX_SETTLE_S = 1.0


class State(Enum):
    """Where the machine stands."""

    SETUP = "setup"
    READY = "rest"
    MOVING = "moving"
    PEAK = "peak"
    RETURNING = "returning"


class Reason(Enum):
    """Why an attempt did not count."""

    RANGE = "range"
    CONDITION = "condition"
    TOO_FAST = "too_fast"
    TOO_SLOW = "too_slow"
    LEFT_POSITION = "left_position"
    LOST = "lost"
    CUT = "cut"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of the turned signal for one baseline."""

    base: float
    start: float
    peak_enter: float
    peak_exit: float
    finish: float
    min_range: float
    min_s: float
    max_s: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way out and back, or as much of it as there was.

    Attributes:
        start, peak, end: seconds. The start is where rest was left, the end where it was reached again.
        peak_from, peak_to: seconds between which the signal was at its furthest.
        top_from, top_to: seconds of the plateau at the furthest point; the tempo is taken from it.
        settled: when the way back will have been completed, by its speed; the tempo is taken from it.
        base, furthest: turned signal at rest and at the furthest point.
        counted: whether it is a repetition.
        reason: why not.
        returned: whether it came all the way back.
    """

    start: float
    peak: float
    end: float
    peak_from: float
    peak_to: float
    top_from: float
    top_to: float
    settled: float
    base: float
    furthest: float
    counted: bool
    reason: Reason | None
    returned: bool = True


class RepetitionMachine:
    """Finds repetitions in a signal that grows towards the peak."""

    def __init__(self) -> None:
        self.state = State.SETUP
        self.began = 0.0
        self._limits: Thresholds | None = None
        self._samples: list[tuple[float, float]] = []
        self._resting: deque[tuple[float, float]] = deque()
        self._last: tuple[float, float] | None = None
        self._furthest = -inf
        self._above_since: float | None = None
        self._met = False
        self._lowest_since_peak = inf
        self._low_s = 0.0
        self._fell_from = 0.0
        self._back_at: float | None = None
        self._bad_since: float | None = None
        self._bad = Reason.LEFT_POSITION

    @property
    def busy(self) -> bool:
        """Whether an attempt is under way."""
        return self.state in (State.MOVING, State.PEAK, State.RETURNING)

    def peak_s(self, time: float) -> float:
        """Seconds for which the peak has been held without a break; 0 outside of it."""
        return time - self._above_since if self.state is State.PEAK and self._above_since is not None else 0.0

    def rest(self, time: float, signal: float) -> None:
        """Says that this pose is at rest; the next one may leave it."""
        self.state = State.READY
        self._last = (time, signal)
        self._resting.append(self._last)
        while time - self._resting[0][0] > ONSET_WINDOW_S:
            self._resting.popleft()

    def shift(self, by: float) -> None:
        """The signal is measured from elsewhere now: what was seen at rest moves along."""
        self._resting = deque((time, signal + by) for time, signal in self._resting)

    def unready(self) -> None:
        """Says that the person is not in position, while no attempt is under way."""
        self.state = State.SETUP
        self._last = None
        self._resting.clear()

    def begin(self, time: float, signal: float, limits: Thresholds) -> None:
        """The signal has passed `limits.start`."""
        self.state = State.MOVING
        self._limits = limits
        self._furthest = signal
        self._above_since = None
        self._met = False
        self._lowest_since_peak = inf
        self._bad_since = None
        last = self._last
        self.began = _crossing(last, (time, signal), limits.start) if last and last[1] < limits.start else time
        self._samples = [*self._resting, (time, signal)]
        self._resting.clear()
        self._last = (time, signal)

    def follow(
        self, time: float, signal: float, in_position: bool, condition: bool, last_seen: float = nan
    ) -> Attempt | None:
        """Follows an attempt by one pose; gives it back when it is over.

        Args:
            time: seconds.
            signal: the turned signal, NaN if not seen.
            in_position: whether the person is still in the exercise's posture.
            condition: whether the template's further condition for a peak holds.
            last_seen: where nobody is seen, the turned signal of the last pose without smoothing, as for `finish`.
        """
        limits, last = self._limits, self._last
        assert limits is not None
        assert last is not None
        seen = signal == signal
        if not seen or not in_position:
            if self._bad_since is None:
                self._bad_since = time
                self._bad = Reason.LEFT_POSITION if seen else Reason.LOST
            if time - self._bad_since > LOST_S:
                if self._bad is Reason.LOST:
                    return self.finish(last_seen, Reason.LOST)
                return self.abort(self._bad_since, self._bad)
            if not seen:
                return None
        else:
            self._bad_since = None
        now = (time, signal)
        self._samples.append(now)
        self._furthest = max(self._furthest, signal)
        finished = None
        if self.state is State.MOVING:
            finished = self._moving(last, now, condition, limits)
        if self.state is State.PEAK and signal < limits.peak_exit:
            self.state = State.RETURNING
            self._fell_from = _crossing(last, now, limits.peak_exit) if last[1] >= limits.peak_exit else time
            self._back_at = None
            self._lowest_since_peak = inf
            self._low_s = 0.0
        if self.state is State.RETURNING and finished is None:
            finished = self._returning(last, now, in_position, limits)
        self._last = now
        if finished is None and time - self.began > limits.max_s:
            return self.abort(time, Reason.TOO_SLOW)
        return finished

    def settle(self, time: float, limits: Thresholds) -> Attempt | None:
        """Says that the signal has come to rest elsewhere than it left it; `limits` are those of the new baseline.

        What went out far enough and came back to the new rest is a repetition. What only went out was a change of
        place, or an attempt that stopped short of the peak.
        """
        if self.state is State.MOVING:
            attempt = self._attempt(time, Reason.RANGE, returned=False)
            self.state = State.READY
            return attempt
        self._limits = limits
        return self._complete(time, returned=True)

    def abort(self, time: float, reason: Reason) -> Attempt | None:
        """Ends the attempt under way; gives it back if it went far enough to be told."""
        attempt = self._attempt(time, reason) if self.busy else None
        self.state = State.SETUP
        self._last = None
        return attempt

    def finish(self, last: float, otherwise: Reason = Reason.UNFINISHED) -> Attempt | None:
        """The recording, or a scene of it, is over: an attempt that is nearly back counts.

        Args:
            last: the turned signal of the last pose without smoothing; NaN if not known.
            otherwise: why any other attempt does not.
        """
        if not self.busy or self._last is None or self._limits is None:
            return None
        time, signal = self._last
        covered = self._furthest - self._limits.base
        back = self._furthest - (min(signal, last) if last == last else signal)
        if self.state in (State.PEAK, State.RETURNING) and covered > 0 and back >= RETURNED_SHARE * covered:
            return self._complete(time, returned=False)
        return self.abort(time, otherwise)

    def _moving(
        self, last: tuple[float, float], now: tuple[float, float], condition: bool, limits: Thresholds
    ) -> Attempt | None:
        time, signal = now
        enter = limits.peak_enter
        if signal >= enter:
            if self._above_since is None:
                self._above_since = _crossing(last, now, enter) if last[1] < enter else time
            self._met |= condition
            if self._met and time - self._above_since >= PEAK_DWELL_S:
                self.state = State.PEAK
            return None
        if self._above_since is not None:
            left = _crossing(last, now, enter)
            if self._met and left - self._above_since >= PEAK_DWELL_S:
                self.state = State.PEAK
                return None
            if signal < limits.peak_exit:
                self._above_since = None
        rest = min(limits.start, limits.finish)
        if signal <= rest:
            reason = Reason.CONDITION if self._furthest >= enter and not self._met else Reason.RANGE
            attempt = self._attempt(_crossing(last, now, rest), reason)
            self.state = State.READY
            return attempt
        return None

    def _returning(
        self, last: tuple[float, float], now: tuple[float, float], in_position: bool, limits: Thresholds
    ) -> Attempt | None:
        time, signal = now
        self._lowest_since_peak = min(self._lowest_since_peak, signal)
        if signal <= self._furthest - REBOUND_SHARE * (self._furthest - limits.base):
            self._low_s += time - last[0]
        if signal <= limits.finish:
            if not in_position:
                # Lying down with straight legs is no way back from a squat.
                return self.abort(now[0], Reason.LEFT_POSITION)
            if self._back_at is None:
                self._back_at = _crossing(last, now, limits.finish)
            if self._back_at - self._fell_from < FALL_S and time - self._back_at < STAY_S:
                return None
            return self._complete(self._back_at, returned=True)
        self._back_at = None
        if signal >= limits.peak_enter:
            if self._low_s < REBOUND_S:
                self.state = State.PEAK
                self._above_since = time
                self._lowest_since_peak = inf
            elif signal - self._lowest_since_peak >= REBOUND_RISE * (self._furthest - limits.base):
                return self._rebound(limits)
        return None

    def _rebound(self, limits: Thresholds) -> Attempt:
        """Out again without rest: the samples up to the turning point are one repetition, the others the next."""
        turn = max(i for i, s in enumerate(self._samples) if s[1] == self._lowest_since_peak)
        following = self._samples[turn:]
        self._samples = self._samples[: turn + 1]
        # The pose that goes out again may already be further out than anything before it.
        self._furthest = max(s for _, s in self._samples)
        attempt = self._complete(self._samples[-1][0], returned=False)
        self.state, self.began = State.PEAK, attempt.end
        self._above_since = attempt.end
        self._samples = following
        self._furthest = max(s for _, s in following)
        self._met = True
        self._lowest_since_peak = inf
        return attempt

    def _complete(self, end: float, returned: bool) -> Attempt:
        assert self._limits is not None
        duration = end - self.began
        reason = None
        if self._furthest - self._limits.base < self._limits.min_range:
            reason = Reason.RANGE
        elif duration < self._limits.min_s and self._whole(end) < self._limits.min_s:
            reason = Reason.TOO_FAST
        elif duration > self._limits.max_s:
            reason = Reason.TOO_SLOW
        attempt = self._attempt(end, reason, returned, always=True)
        assert attempt is not None
        self.state = State.READY
        return attempt

    def _attempt(
        self, end: float, reason: Reason | None, returned: bool = True, always: bool = False
    ) -> Attempt | None:
        limits = self._limits
        assert limits is not None
        covered = self._furthest - limits.base
        if not always and (covered < PARTIAL_SHARE * limits.min_range or end - self.began < limits.min_s):
            return None
        begins, ends = self._within(TOP_SHARE * covered)
        peak = (begins + ends) / 2 if ends - begins <= TOP_S else begins + 0.5
        top_from, top_to = self._within(PLATEAU_SHARE * covered)
        peak_from, peak_to = self._within(PEAK_SHARE * covered)
        finished = returned and reason in (None, Reason.RANGE, Reason.CONDITION, Reason.TOO_FAST)
        return Attempt(
            start=self._onset(peak, covered),
            peak=peak,
            end=max(end, peak),
            peak_from=peak_from,
            peak_to=min(peak_to, max(end, peak)),
            top_from=top_from,
            top_to=min(top_to, max(end, peak)),
            settled=self._settled(end) if finished else end,
            base=limits.base,
            furthest=self._furthest,
            counted=reason is None,
            reason=reason,
            returned=finished,
        )

    def _within(self, share: float) -> tuple[float, float]:
        """From when to when the signal was this close to its furthest point, between the first and the last time."""
        samples, level = self._samples, self._furthest - share
        above = [i for i, s in enumerate(samples) if s[1] >= level]
        first, last = above[0], above[-1]
        begins = _crossing(samples[first - 1], samples[first], level) if first else samples[first][0]
        ends = _crossing(samples[last], samples[last + 1], level) if last + 1 < len(samples) else samples[last][0]
        return begins, ends

    def _whole(self, end: float) -> float:
        """Seconds from baseline to baseline, by the speed at the limits: between them a quick way takes two thirds.

        By the quicker of the two ways: noise jumps one of them.
        """
        assert self._limits is not None
        level = 2 * self._limits.start - self._limits.base
        passed = (_crossing(*pair, level) for pair in pairwise(self._samples) if pair[1][1] >= level > pair[0][1])
        out = next(passed, self.began) - self.began
        return end - self.began + 2 * min(out, self._settled(end) - end)

    def _onset(self, peak: float, covered: float) -> float:
        """When rest was left: the last time before the peak at which the signal was next to the baseline."""
        assert self._limits is not None
        level = self._limits.base + ONSET_SHARE * covered
        samples = [s for s in self._samples if s[0] <= peak]
        for before, after in zip(reversed(samples[:-1]), reversed(samples[1:]), strict=True):
            if before[1] <= level < after[1]:
                return _crossing(before, after, level)
        return samples[0][0] if samples else self.began

    def _settled(self, end: float) -> float:
        """When the signal will be back at the baseline, if it goes on as it came past the end of the repetition."""
        assert self._limits is not None
        base, finish = self._limits.base, self._limits.finish
        level = 2 * finish - base
        for before, after in zip(reversed(self._samples[:-1]), reversed(self._samples[1:]), strict=True):
            if before[1] >= level > after[1]:
                return end + min(end - _crossing(before, after, level), MAX_SETTLE_S)
        return end


def _crossing(a: tuple[float, float], b: tuple[float, float], level: float) -> float:
    """Time at which the straight line between two samples crosses a level; within their interval in any case."""
    rise = b[1] - a[1]
    if not rise:
        return b[0]
    share = (level - a[1]) / rise
    return a[0] + min(max(share, 0.0), 1.0) * (b[0] - a[0])
