"""The One-Euro filter against the published algorithm, and what the landmark smoother makes of gaps and outliers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from formcheck.judge.smoothing import LandmarkSmoother, OneEuro
from formcheck.pose import LANDMARKS

# Known answers of the reference implementation (github.com/casiez/OneEuroFilter, groundTruth.csv, first lines; BSD
# licence): 120 Hz, minimum cutoff 1 Hz, beta 0.1, derivative cutoff 1 Hz.
GROUND_TRUTH = [
    (0.0, -0.0385099, -0.0385099),
    (0.00833333, -0.0280664, -0.0379872),
    (0.0166667, 0.048622, -0.0334427),
    (0.025, 0.111498, -0.0252696),
    (0.0333333, 0.053026, -0.0207099),
    (0.0416667, 0.120548, -0.0119912),
    (0.05, 0.00972308, -0.0106507),
    (0.0583333, 0.074193, -0.00526521),
]


def one_euro(times: list[float], values: list[float], min_cutoff: float, beta: float, d_cutoff: float) -> list[float]:
    """The algorithm as published (Casiez, Roussel, Vogel 2012), one number at a time."""

    def smoothing(cutoff: float, interval: float) -> float:
        tau = 1 / (2 * math.pi * cutoff)
        return 1 / (1 + tau / interval)

    result = [values[0]]
    speed = 0.0
    for (before, now), value in zip(itertools.pairwise(times), values[1:], strict=True):
        interval = now - before
        a = smoothing(d_cutoff, interval)
        speed = a * (value - result[-1]) / interval + (1 - a) * speed  # against the last filtered value
        a = smoothing(min_cutoff + beta * abs(speed), interval)
        result.append(a * value + (1 - a) * result[-1])
    return result


def test_matches_the_reference_implementation() -> None:
    smooth = OneEuro(min_cutoff=1.0, beta=0.1, d_cutoff=1.0)
    for time, noisy, expected in GROUND_TRUTH:
        assert smooth.update(time, np.array([noisy]))[0] == pytest.approx(expected, abs=5e-7)


@given(
    st.lists(st.tuples(st.floats(0.005, 0.5), st.floats(-500, 500)), min_size=2, max_size=40),
    st.floats(0.1, 5),
    st.floats(0, 1),
)
def test_is_the_published_algorithm_at_any_frame_rate(
    steps: list[tuple[float, float]], cutoff: float, beta: float
) -> None:
    times = list(np.cumsum([step for step, _ in steps]))
    values = [value for _, value in steps]
    smooth = OneEuro(cutoff, beta)
    actual = [float(smooth.update(t, np.array([v]))[0]) for t, v in zip(times, values, strict=True)]
    assert actual == pytest.approx(one_euro(times, values, cutoff, beta, 1.0), rel=1e-6, abs=1e-6)


def test_time_zero_and_later_clocks_are_alike() -> None:
    """A time of 0.0 is a time (the package OneEuroFilter 0.2.1 takes it for none)."""

    def run(offset: float) -> list[float]:
        smooth = OneEuro(1.0, 0.1)
        return [float(smooth.update(offset + i / 30, np.array([math.sin(i)]))[0]) for i in range(20)]

    assert run(0.0) == pytest.approx(run(1000.0), abs=1e-6)


def test_an_unseen_element_stays_unseen_and_disturbs_nobody() -> None:
    both, alone = OneEuro(1.0, 0.01), OneEuro(1.0, 0.01)
    for i in range(40):
        steady = math.sin(i / 5)
        other = math.nan if 10 <= i < 20 else 3.0 * i
        values = both.update(i / 30, np.array([steady, other]))
        assert values[0] == pytest.approx(alone.update(i / 30, np.array([steady]))[0])
        assert math.isnan(values[1]) == math.isnan(other)


def test_an_element_seen_first_later_starts_from_its_own_value() -> None:
    smooth = OneEuro(1.0, 0.0)
    smooth.update(0.0, np.array([1.0, math.nan]))
    assert smooth.update(0.1, np.array([1.0, 50.0]))[1] == 50.0


def test_an_element_that_returns_after_a_second_is_followed_at_once() -> None:
    """However often the others were seen in between: no stale value may drag behind."""
    smooth = OneEuro(1.0, 1.15 / 130)
    for i in range(60):
        moved = 100.0 if i >= 45 else 0.0
        value = math.nan if 15 <= i < 45 else moved
        values = smooth.update(i / 30, np.array([0.0, value]))
        if i == 45:
            assert values[1] > 85


def test_elements_can_change_places() -> None:
    smooth, twin = OneEuro(1.0, 0.1), OneEuro(1.0, 0.1)
    for i in range(10):
        a, b = math.sin(i), 5 + i
        smooth.update(i / 30, np.array([a, b]))
        twin.update(i / 30, np.array([b, a]))
    smooth.reorder(np.array([1, 0]))
    assert smooth.update(0.5, np.array([1.0, 2.0])) == pytest.approx(twin.update(0.5, np.array([1.0, 2.0])))


def test_places_change_after_gaps_too() -> None:
    smooth = OneEuro(1.0, 0.0)
    smooth.update(0.0, np.array([0.0, 10.0]))
    smooth.update(1.0, np.array([0.0, math.nan]))
    smooth.reorder(np.array([1, 0]))
    first, second = smooth.update(1.1, np.array([20.0, 0.0]))
    assert first > 18  # not seen for 1.1 s
    assert second == 0.0


def test_reordering_before_the_first_value_does_nothing() -> None:
    smooth = OneEuro()
    smooth.reorder(np.array([0]))
    assert smooth.update(0.0, np.array([4.0]))[0] == 4.0


def everywhere(value: float) -> NDArray[np.float64]:
    return np.full((LANDMARKS, 2), value)


def test_one_wild_picture_is_taken_out() -> None:
    smooth = LandmarkSmoother()
    seen = [float(smooth.update(i / 30, everywhere(900.0 if i == 10 else 100.0), 130.0)[25, 0]) for i in range(20)]
    assert max(seen) == pytest.approx(100.0)


def test_the_median_needs_three_pictures_close_in_time() -> None:
    """At 10 pictures a second it would cost more lag than it removes noise."""
    smooth = LandmarkSmoother(min_cutoff=1000.0)
    seen = [float(smooth.update(i / 10, everywhere(900.0 if i == 5 else 100.0), 130.0)[25, 0]) for i in range(8)]
    assert max(seen) > 800


def test_jitter_of_a_still_joint_is_reduced_to_a_third() -> None:
    rng = np.random.default_rng(1)
    smooth = LandmarkSmoother()
    rows = [smooth.update(i / 30, 300 + rng.normal(0, 2.0, (LANDMARKS, 2)), 130.0) for i in range(300)]
    assert float(np.std(np.array(rows[60:]))) < 2.0 * 0.4


def test_a_movement_lags_less_than_a_tenth_of_a_second() -> None:
    smooth = LandmarkSmoother()
    speed = 200.0  # pixels a second: 1.5 thigh lengths
    for i in range(60):
        value = float(smooth.update(i / 30, everywhere(speed * i / 30), 130.0)[25, 0])
    assert speed * 59 / 30 - value < speed * 0.1


@pytest.mark.parametrize("fps", [10, 15, 24, 60])
def test_frame_rate_makes_little_difference(fps: int) -> None:
    def run(fps: int) -> float:
        smooth = LandmarkSmoother()
        value = 0.0
        for i in range(2 * fps + 1):
            place = 300 + 60 * math.sin(2 * math.pi * i / fps / 3)
            value = float(smooth.update(i / fps, everywhere(place), 130.0)[25, 0])
        return value

    assert run(fps) == pytest.approx(run(30), abs=5.0)


def test_an_unseen_landmark_is_never_shown_with_an_old_value() -> None:
    smooth = LandmarkSmoother()
    points = everywhere(100.0)
    for i in range(10):
        smooth.update(i / 30, points, 130.0)
    points = points.copy()
    points[25] = math.nan
    result = smooth.update(10 / 30, points, 130.0)
    assert np.isnan(result[25]).all()
    assert result[26, 0] == pytest.approx(100.0)


def test_without_a_known_body_size_it_still_smooths() -> None:
    smooth = LandmarkSmoother()
    smooth.update(0.0, everywhere(0.0), 0.0)
    assert 0 < float(smooth.update(1 / 30, everywhere(10.0), 0.0)[0, 0]) < 10


def test_a_scene_cut_forgets_the_past() -> None:
    smooth = LandmarkSmoother()
    for i in range(10):
        smooth.update(i / 30, everywhere(100.0), 130.0)
    smooth.reset()
    assert smooth.update(10 / 30, everywhere(700.0), 130.0)[0, 0] == 700.0


def test_exchanged_landmarks_change_places_in_the_past() -> None:
    smooth = LandmarkSmoother()
    points = everywhere(100.0)
    points[26] = 400.0
    for i in range(10):
        smooth.update(i / 30, points, 130.0)
    order = np.arange(LANDMARKS)
    order[[25, 26]] = [26, 25]
    smooth.relabel(order)
    result = smooth.update(10 / 30, points[order], 130.0)
    assert result[25, 0] == pytest.approx(400.0)
    assert result[26, 0] == pytest.approx(100.0)
