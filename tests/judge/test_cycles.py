from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import Repeats

from formcheck.judge.cycles import Array, Movement, find_cycles, longest_still

FPS = 30.0


def signal(repeats: Repeats, rest: float = 170.0, peak: float = 90.0) -> tuple[Array, Array]:
    times = np.arange(int(repeats.duration * FPS) + 1) / FPS
    return times, np.array([rest + (peak - rest) * repeats.share(t)[1] for t in times])


def found(times: Array, values: Array, sign: float = 0.0) -> Movement:
    movement = find_cycles(times, values, sign)
    assert movement is not None
    return movement


def test_cycles_are_where_they_are() -> None:
    repeats = Repeats(count=4, seconds=3.0, rest=0.7)
    movement = found(*signal(repeats))
    assert movement.sign == -1.0
    assert [c.peak for c in movement.cycles] == pytest.approx(list(repeats.peaks), abs=0.2)
    assert movement.rests == pytest.approx((170.0, 170.0), abs=1.0)
    assert movement.peaks == pytest.approx((90.0, 90.0), abs=1.0)
    assert movement.range == pytest.approx(80.0, abs=2.0)
    assert movement.seconds == pytest.approx((2.6, 2.6), abs=0.3)  # the very slow ends are at rest already
    assert (movement.broken, movement.irregular, movement.bump) == (0, 0, 0.0)


@given(st.integers(1, 6), st.floats(20, 150), st.booleans(), st.floats(0.0, 1000.0), st.floats(0.0, 3.0))
def test_number_and_range_do_not_depend_on_direction_clock_and_noise(
    count: int, span: float, up: bool, later: float, noise: float
) -> None:
    times, values = signal(Repeats(count=count), 100.0, 100.0 + (span if up else -span))
    jitter = np.random.default_rng(1).normal(0, min(noise, span / 20), values.shape)
    movement = found(times + later, values + jitter)
    assert movement.sign == (1.0 if up else -1.0)
    assert len(movement.cycles) == count
    assert movement.range == pytest.approx(span, rel=0.15, abs=2.0)


def test_what_is_not_seen_is_left_out() -> None:
    times, values = signal(Repeats(count=3))
    values[40:46] = np.nan
    assert len(found(times, values).cycles) == 3
    assert find_cycles(times, np.full_like(values, np.nan)) is None
    assert find_cycles(times[:3], values[:3]) is None
    assert find_cycles(times, np.full_like(values, 5.0)) is None


def test_movements_at_the_ends_are_broken() -> None:
    repeats = Repeats(count=4)
    times, values = signal(repeats)
    inside = (times > repeats.peaks[0]) & (times < repeats.peaks[3])
    movement = found(times[inside], values[inside], -1.0)
    assert (len(movement.cycles), movement.broken) == (2, 2)


def test_how_it_begins_says_what_rest_is() -> None:
    repeats = Repeats(count=2)
    times, values = signal(repeats)
    until_peak = times < repeats.peaks[1]
    assert found(times[until_peak], values[until_peak]).sign == -1.0


def test_a_movement_that_is_much_smaller_is_irregular() -> None:
    times, values = signal(Repeats(count=5))
    third = Repeats(count=5).peaks[2]
    near = np.abs(times - third) < 1.8
    values[near] = 170.0 - 0.65 * (170.0 - values[near])
    movement = found(times, values)
    assert (len(movement.cycles), movement.irregular) == (4, 1)


def test_a_step_with_a_bent_knee_is_a_bump() -> None:
    times, values = signal(Repeats(count=3))
    for peak in Repeats(count=3).peaks:
        values -= 30.0 * np.exp(-(((times - peak - 1.2) / 0.12) ** 2))
    assert 0.35 < found(times, values).bump < 0.75


def test_regular_repetitions_weigh_more() -> None:
    several, one = found(*signal(Repeats(count=4))), found(*signal(Repeats(count=1)))
    assert several.weight > 1.5 * one.weight


def test_the_longest_stillness_is_found() -> None:
    times = np.arange(0, 20, 1 / FPS)
    moving = np.where((times > 5) & (times < 14), 0.0, 40 * np.sin(3 * times))
    unseen = np.full_like(times, np.nan)
    steps = np.full_like(times, 1 / FPS)
    start, end = longest_still(times, steps, [moving, unseen], 5.0)
    assert (start, end) == pytest.approx((5.0, 14.0), abs=0.3)
    start, end = longest_still(times, steps, [40 * np.sin(3 * times)], 5.0)
    assert end - start < 0.6


def test_what_is_not_seen_is_not_still() -> None:
    times = np.arange(0, 20, 1 / FPS)
    steps = np.full_like(times, 1 / FPS)
    hidden = np.where((times > 5) & (times < 14), np.nan, 40 * np.sin(3 * times))
    start, end = longest_still(times, steps, [hidden, hidden], 5.0)
    assert end - start < 1.2
    # Nobody in the picture from 3 to 12 s: 2 s still before and 1 s after are less than 4 s later on.
    still = np.where(((times > 1) & (times < 13)) | ((times > 15) & (times < 19)), 0.0, 40 * np.sin(3 * times))
    there = (times < 3) | (times > 12)
    start, end = longest_still(times[there], steps[there], [still[there]], 5.0)
    assert (start, end) == pytest.approx((15.0, 19.0), abs=0.3)
