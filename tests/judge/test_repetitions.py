"""The repetition machine on plain series of numbers: base 0, peak at 20 and beyond."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.judge.repetitions import LOST_S, Attempt, Reason, RepetitionMachine, State, Thresholds
from formcheck.judge.session import TICKS

LIMITS = Thresholds(base=0, start=6, peak_enter=20, peak_exit=12, finish=8, min_range=16, min_s=0.5, max_s=10)

Series = Sequence[tuple[float, float]]


class Driver:
    """Feeds a machine as a set does: rest below `start`, an attempt beyond it."""

    def __init__(self, limits: Thresholds = LIMITS) -> None:
        self.machine = RepetitionMachine()
        self.limits = limits
        self.attempts: list[Attempt] = []
        self.rested = False

    def feed(self, series: Series, in_position: bool = True, condition: bool = True) -> Driver:
        for time, signal in series:
            if self.machine.busy:
                self.keep(self.machine.follow(time, signal, in_position, condition))
                self.rested = False
            elif signal > self.limits.start and self.rested:
                self.machine.begin(time, signal, self.limits)
            elif signal <= self.limits.start:
                self.machine.rest(time, signal)
                self.rested = True
        return self

    def keep(self, attempt: Attempt | None) -> None:
        if attempt:
            self.attempts.append(attempt)

    @property
    def counted(self) -> int:
        return sum(a.counted for a in self.attempts)


def line(*corners: tuple[float, float], fps: float = 30.0) -> list[tuple[float, float]]:
    """Samples of the straight lines between (time, signal) corners."""
    end = corners[-1][0]
    series = []
    for i in range(round((end - corners[0][0]) * fps) + 1):
        time = round((corners[0][0] + i / fps) * TICKS) / TICKS
        for (t0, s0), (t1, s1) in pairwise(corners):
            if t0 <= time <= t1 + 1e-9:
                series.append((time, s0 + (s1 - s0) * (time - t0) / (t1 - t0)))
                break
    return series


def run(*corners: tuple[float, float], fps: float = 30.0) -> Driver:
    return Driver().feed(line(*corners, fps=fps))


def test_out_and_back_is_one_repetition() -> None:
    driver = run((0, 0), (1, 0), (2, 30), (3, 30), (4, 0), (5, 0))
    (attempt,) = driver.attempts
    assert attempt.counted
    assert attempt.reason is None
    assert attempt.returned
    assert attempt.furthest == pytest.approx(30)
    assert attempt.peak == pytest.approx(2.5, abs=0.05)
    assert attempt.start == pytest.approx(1.04, abs=0.02)
    assert attempt.end == pytest.approx(3 + 22 / 30, abs=0.02)
    assert attempt.settled == pytest.approx(4.0, abs=0.05)  # where the line back would meet the baseline
    assert attempt.peak_from == pytest.approx(2 - 0.15, abs=0.02)
    assert attempt.peak_to == pytest.approx(3 + 0.15, abs=0.02)


@pytest.mark.parametrize(("again", "counted"), [(24, 1), (45, 2)])
def test_going_out_again_without_rest_is_a_repetition_if_it_goes_far_enough(again: float, counted: int) -> None:
    """A peak is entered at 20 of 50: from 10, where the first one turns, noise gets there, too."""
    driver = run((0, 0), (1, 0), (2, 50), (3, 50), (4, 10), (4.4, 10), (5, again), (5.5, again), (6.5, 0), (7, 0))
    assert driver.counted == len(driver.attempts) == counted
    assert driver.attempts[-1].end == pytest.approx(6.5, abs=0.5)


def test_phases_are_told_on_the_way() -> None:
    driver = Driver()
    states: list[State] = []
    for sample in line((0, 0), (1, 0), (2, 30), (3, 30), (4, 0), (5, 0)):
        driver.feed([sample])
        if not states or states[-1] is not driver.machine.state:
            states.append(driver.machine.state)
    assert states == [State.READY, State.MOVING, State.PEAK, State.RETURNING, State.READY]


@pytest.mark.parametrize("fps", [10, 15, 24, 60, 240])
def test_times_do_not_depend_on_the_frame_rate(fps: float) -> None:
    corners = [(0.0, 0.0), (1.013, 0.0), (2.0, 30.0), (3.0, 27.0), (4.0, 0.0), (5.0, 0.0)]
    (a,), (b,) = run(*corners, fps=120).attempts, run(*corners, fps=fps).attempts
    for name in ("start", "peak_from", "peak_to", "end", "settled"):
        assert getattr(a, name) == pytest.approx(getattr(b, name), abs=0.02), name


def test_short_of_the_peak_is_a_partial_attempt_with_its_depth() -> None:
    (attempt,) = run((0, 0), (1, 0), (2, 15), (3, 0), (4, 0)).attempts
    assert (attempt.counted, attempt.reason) == (False, Reason.RANGE)
    assert attempt.furthest == pytest.approx(15)
    assert attempt.peak == pytest.approx(2, abs=0.05)


def test_less_than_half_of_the_range_is_not_worth_telling() -> None:
    driver = run((0, 0), (1, 0), (2, 7), (3, 0), (4, 0))
    assert driver.attempts == []
    assert driver.machine.state is State.READY


def test_a_twitch_is_not_worth_telling() -> None:
    assert run((0, 0), (1, 0), (1.1, 15), (1.2, 0), (2, 0)).attempts == []


def test_the_peak_must_last_a_tenth_of_a_second() -> None:
    spike = [(t, 25.0 if i == 45 else 0.0) for i, (t, _) in enumerate(line((0, 0), (3, 0)))]
    assert Driver().feed(spike).attempts == []
    slope = line((0, 0), (1, 0), (2, 11.5), (3, 0), (4, 0))
    touched = [(t, 20.5 if i == 60 else s) for i, (t, s) in enumerate(slope)]
    assert [(a.counted, a.reason) for a in Driver().feed(touched).attempts] == [(False, Reason.RANGE)]


def test_a_peak_between_two_pictures_counts_by_interpolation() -> None:
    """At 8 pictures a second a peak of 0.15 s shows in one or two of them."""
    (attempt,) = run((0, 0), (1, 0), (2, 24), (3, 0), (4, 0), fps=8).attempts
    assert attempt.counted


def test_hovering_about_the_peak_threshold_is_at_most_one() -> None:
    hover = [(1.5 + i / 30, 20 + 3 * math.sin(i / 3)) for i in range(200)]
    driver = Driver().feed([*line((0, 0), (1, 0), (1.45, 19)), *hover, *line((8.2, 19), (9.2, 0), (10, 0))])
    assert len(driver.attempts) == 1


def test_out_again_after_most_of_the_way_back_is_another_repetition() -> None:
    driver = run((0, 0), (1, 0), (2, 30), (3, 9), (4, 30), (5, 9), (6, 30), (7, 0), (8, 0))
    assert [a.counted for a in driver.attempts] == [True, True, True]
    assert [a.returned for a in driver.attempts] == [False, False, True]
    assert [a.peak for a in driver.attempts] == pytest.approx([2, 4, 6], abs=0.05)
    for before, after in pairwise(driver.attempts):
        assert before.end <= after.start


@pytest.mark.parametrize("fps", [15.0, 30.0])
def test_a_signal_that_is_lost_at_the_peak_for_a_moment_is_one_repetition(fps: float) -> None:
    """The pose model loses the raised leg, and it seems to lie on the floor in one or two pictures."""
    series = line((0, 0), (1, 0), (2, 30), (2.5, 30), (3.5, 0), (4.5, 0), fps=fps)
    lost = [(t, 3.0 if 2.2 < t < 2.28 else s) for t, s in series]
    driver = Driver().feed(lost)
    assert [a.counted for a in driver.attempts] == [True]
    assert driver.attempts[0].end == pytest.approx(3.25, abs=0.05)


def test_who_falls_back_and_stays_there_has_come_back_when_they_did() -> None:
    driver = run((0, 0), (1, 0), (2, 30), (2.1, 0), (3, 0))
    assert [a.counted for a in driver.attempts] == [True]
    assert driver.attempts[0].end == pytest.approx(2.07, abs=0.03)


def test_out_again_after_half_of_the_way_back_is_the_same_repetition() -> None:
    driver = run((0, 0), (1, 0), (2, 30), (3, 11), (4, 30), (5, 0), (6, 0))
    assert len(driver.attempts) == 1
    assert driver.attempts[0].counted


def test_a_condition_must_hold_at_the_peak() -> None:
    series = line((0, 0), (1, 0), (2, 30), (3, 0), (4, 0))
    driver = Driver().feed(series, condition=False)
    assert [a.reason for a in driver.attempts] == [Reason.CONDITION]
    driver = Driver().feed(series[:50], condition=False).feed(series[50:65], condition=True)
    driver.feed(series[65:], condition=False)  # it holds for a moment of the peak
    assert driver.counted == 1


def test_too_fast() -> None:
    (attempt,) = run((0, 0), (1, 0), (1.2, 60), (1.4, 0), (2, 0), fps=60).attempts
    assert (attempt.counted, attempt.reason) == (False, Reason.TOO_FAST)


def test_too_slow_ends_by_itself() -> None:
    driver = run((0, 0), (1, 0), (2, 30), (13, 30))
    assert [(a.counted, a.reason) for a in driver.attempts] == [(False, Reason.TOO_SLOW)]
    assert driver.machine.state is State.SETUP


def test_too_slow_across_a_gap() -> None:
    driver = Driver().feed([*line((0, 0), (1, 0), (2, 30), (9, 30)), (13.5, 0.0)])
    assert [a.reason for a in driver.attempts] == [Reason.TOO_SLOW]


def test_enough_range_is_needed_besides_the_threshold() -> None:
    limits = Thresholds(0, 6, 10, 8, 7, 16, 0.5, 10)
    (attempt,) = Driver(limits).feed(line((0, 0), (1, 0), (2, 12), (3, 0), (4, 0))).attempts
    assert (attempt.counted, attempt.reason) == (False, Reason.RANGE)


def test_a_short_loss_of_sight_does_no_harm() -> None:
    series = line((0, 0), (1, 0), (2, 30), (4, 30), (5, 0), (6, 0))
    blind = [(t, math.nan if 2.2 < t < 3.8 else s) for t, s in series]
    assert Driver().feed(blind).counted == 1


def test_a_long_loss_of_sight_ends_the_attempt() -> None:
    series = [(t, math.nan if t > 2.2 else s) for t, s in line((0, 0), (1, 0), (2, 30), (5, 30))]
    driver = Driver().feed(series)
    assert [a.reason for a in driver.attempts] == [Reason.LOST]
    assert driver.attempts[0].end == pytest.approx(2.2, abs=0.1)
    assert driver.machine.state is State.SETUP


def test_leaving_the_posture_ends_the_attempt() -> None:
    series = line((0, 0), (1, 0), (2, 30), (6, 30))
    driver = (
        Driver().feed([s for s in series if s[0] < 2.2]).feed([s for s in series if s[0] >= 2.2], in_position=False)
    )
    assert [a.reason for a in driver.attempts] == [Reason.LEFT_POSITION]
    short = Driver().feed([s for s in series if s[0] < 2.2])
    short.feed([s for s in series if 2.2 <= s[0] < 2.2 + LOST_S - 0.1], in_position=False)
    short.feed(line((4.2, 30), (5.2, 0), (6, 0)))
    assert short.counted == 1


def test_coming_back_in_another_posture_is_no_way_back() -> None:
    series = line((0, 0), (1, 0), (2, 30), (3, 30), (4, 0))
    driver = (
        Driver().feed([s for s in series if s[0] < 3.2]).feed([s for s in series if s[0] >= 3.2], in_position=False)
    )
    assert [a.reason for a in driver.attempts][:1] == [Reason.LEFT_POSITION]


def test_a_cut_ends_the_attempt() -> None:
    driver = run((0, 0), (1, 0), (2, 30), (2.5, 30))
    attempt = driver.machine.finish(math.nan, Reason.CUT)
    assert attempt
    assert (attempt.counted, attempt.reason, attempt.returned) == (False, Reason.CUT, False)
    assert driver.machine.finish(math.nan, Reason.CUT) is None


@pytest.mark.parametrize(("until", "expected"), [(2.5, Reason.LOST), (2.87, None)])
def test_who_is_lost_when_nearly_back_is_taken_to_have_come_back(until: float, expected: Reason | None) -> None:
    seen = [s for s in line((0, 0), (1, 0), (2, 30), (3, 5)) if s[0] <= until]
    driver = Driver().feed(seen).feed([(until + i / 30, math.nan) for i in range(1, 90)])
    assert [a.reason for a in driver.attempts] == [expected]
    assert driver.attempts[0].end == pytest.approx(until, abs=0.05)


@pytest.mark.parametrize(
    ("corners", "last", "expected"),
    [
        ([(0, 0), (1, 0), (2, 30), (3, 30)], math.nan, Reason.UNFINISHED),
        ([(0, 0), (1, 0), (2, 30), (2.5, 15)], math.nan, Reason.UNFINISHED),
        ([(0, 0), (1, 0), (2, 30), (2.9, 12.9)], math.nan, None),  # 57 % of the way back
        ([(0, 0), (1, 0), (2, 30), (2.7, 14)], 10.0, None),  # without the lag of smoothing it is further back
        ([(0, 0), (1, 0), (2, 30), (2.7, 14)], 14.0, Reason.UNFINISHED),
        ([(0, 0), (1, 0), (2, 15)], math.nan, Reason.UNFINISHED),
    ],
)
def test_the_end_of_a_recording(corners: list[tuple[float, float]], last: float, expected: Reason | None) -> None:
    driver = run(*corners)
    driver.keep(driver.machine.finish(last))
    assert [(a.counted, a.reason) for a in driver.attempts] == [(expected is None, expected)]


def test_the_end_of_a_recording_at_rest_tells_nothing() -> None:
    assert run((0, 0), (1, 0)).machine.finish(math.nan) is None
    assert RepetitionMachine().finish(math.nan) is None


def test_rest_found_elsewhere_ends_the_attempt() -> None:
    """The feet were put elsewhere: the signal rests at 10 now, and would never come back below 8."""
    elsewhere = Thresholds(10, 16, 30, 22, 18, 16, 0.5, 10)
    driver = run((0, 0), (1, 0), (2, 7.5), (4, 7.5))
    assert driver.machine.settle(4, elsewhere) is None
    assert driver.machine.state is State.READY
    driver = run((0, 0), (1, 0), (2, 40), (3, 40), (4, 10), (6, 10))
    attempt = driver.machine.settle(6, elsewhere)
    assert attempt
    assert attempt.counted
    assert attempt.base == 10
    driver = run((0, 0), (1, 0), (2, 19.5), (3, 10), (5, 10))
    attempt = driver.machine.settle(5, elsewhere)
    assert attempt
    assert attempt.reason is Reason.RANGE


def test_a_long_held_peak_has_its_time_where_it_was_reached() -> None:
    (attempt,) = run((0, 0), (1, 0), (2, 30), (8, 30), (9, 0), (10, 0)).attempts
    assert attempt.peak == pytest.approx(2.5, abs=0.1)


def test_unready_forgets_where_it_was() -> None:
    driver = run((0, 0), (1, 0))
    driver.machine.unready()
    assert driver.machine.state is State.SETUP
    driver.machine.begin(1.5, 30, LIMITS)
    assert driver.machine.began == 1.5  # no crossing to look for: what was before does not count


# Properties ---------------------------------------------------------------------------------------------------------

walks = st.lists(st.tuples(st.floats(0.05, 2.0), st.floats(-5, 40)), min_size=1, max_size=25)


def series_of(walk: list[tuple[float, float]], fps: float = 30.0) -> list[tuple[float, float]]:
    corners = [(0.0, 0.0), (1.0, 0.0)]
    for seconds, level in walk:
        corners.append((corners[-1][0] + seconds, level))
    return line(*corners, fps=fps)


def upward(series: Series, level: float) -> int:
    return sum(a[1] < level <= b[1] for a, b in pairwise(series))


@given(walks)
def test_never_more_counts_than_upward_crossings(walk: list[tuple[float, float]]) -> None:
    series = series_of(walk)
    driver = Driver().feed(series)
    driver.keep(driver.machine.finish(math.nan))
    assert driver.counted <= upward(series, LIMITS.peak_enter)


@given(walks)
def test_attempts_follow_one_another_in_time(walk: list[tuple[float, float]]) -> None:
    series = series_of(walk)
    driver = Driver().feed(series)
    driver.keep(driver.machine.finish(math.nan))
    for a in driver.attempts:
        assert a.start <= a.peak_from + 1e-9
        assert a.peak_from <= a.peak <= a.end <= series[-1][0] + 1e-9
        assert a.peak <= a.peak_to + 1e-9 or a.peak_to == a.end
        assert a.settled >= a.end
        assert a.counted == (a.reason is None)
        if a.counted:
            assert a.furthest >= LIMITS.peak_enter
            assert LIMITS.min_s <= a.end - a.start + 0.5
    for before, after in pairwise(driver.attempts):
        assert before.end <= after.start + 1e-9


@given(walks, st.integers(-1000, 100_000))
def test_another_clock_gives_the_same_attempts(walk: list[tuple[float, float]], shift: int) -> None:
    series = series_of(walk)
    plain = Driver().feed(series).attempts
    later = Driver().feed([(t + shift, s) for t, s in series]).attempts
    assert [(a.counted, a.reason) for a in plain] == [(a.counted, a.reason) for a in later]
    assert [a.peak + shift for a in plain] == pytest.approx([a.peak for a in later], abs=1e-5)


@given(walks, st.data())
def test_feeding_in_chunks_gives_the_same_attempts(walk: list[tuple[float, float]], data: st.DataObject) -> None:
    series = series_of(walk)
    whole = Driver().feed(series).attempts
    pieces = Driver()
    at = 0
    while at < len(series):
        size = data.draw(st.integers(1, 60))
        pieces.feed(series[at : at + size])
        at += size
    assert pieces.attempts == whole


@given(st.lists(st.tuples(st.floats(0.6, 3), st.floats(22, 60), st.floats(0.6, 3), st.floats(0.3, 2)), max_size=8))
def test_every_clean_repetition_counts_at_every_frame_rate(waves: list[tuple[float, float, float, float]]) -> None:
    corners = [(0.0, 0.0), (1.0, 0.0)]
    for out, height, back, rest in waves:
        now = corners[-1][0]
        corners += [(now + out, height), (now + out + 0.2, height)]
        corners += [(now + out + 0.2 + back, 0.0), (now + out + 0.2 + back + rest, 0.0)]
    for fps in (10, 15, 24, 30, 60):
        driver = Driver().feed(line(*corners, fps=fps))
        assert driver.counted == len(waves), fps
        assert len(driver.attempts) == len(waves)


def test_going_out_again_further_than_before_is_a_repetition_of_its_own() -> None:
    driver = run((0, 0), (1, 0), (1.5, 50), (2.0, 10), (2.4, 10), (2.43, 90), (3.0, 90), (4.0, 0), (5.0, 0), fps=30)
    assert [a.counted for a in driver.attempts] == [True, True]
    assert [round(a.furthest) for a in driver.attempts] == [50, 90]
