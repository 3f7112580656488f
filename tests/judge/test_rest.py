"""The baseline at rest, and how rest is noticed where nobody expected it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from formcheck.judge.rest import CALM_S, Level, Rest


def test_the_baseline_is_the_median_while_still() -> None:
    rest = Rest(min_range=20)
    rng = np.random.default_rng(0)
    for i in range(60):
        rest.add(i / 30, 130 + rng.normal(0, 1), ())
    assert rest.base == pytest.approx(130, abs=0.5)


def test_a_slow_start_does_not_drag_the_baseline_along() -> None:
    rest = Rest(min_range=20)
    for i in range(30):
        rest.add(i / 30, 130.0, ())
    for i in range(30, 75):  # 15 degrees a second
        rest.add(i / 30, 130 + (i - 30) / 2, ())
    assert rest.base is not None
    assert rest.base <= 136


def test_while_moving_the_baseline_may_go_back_towards_rest() -> None:
    rest = Rest(min_range=20)
    for i in range(45):
        rest.add(i / 30, 150.0 - i, ())
    assert rest.base is not None
    assert rest.base < 130


def test_the_first_baseline_of_a_movement_is_its_low_end() -> None:
    rest = Rest(min_range=20)
    rest.add(0.0, 100.0, ())
    assert rest.base == 100.0


def test_a_gap_starts_anew() -> None:
    rest = Rest(min_range=20)
    for i in range(30):
        rest.add(i / 30, 130.0, ())
    rest.add(5.0, 140.0, ())
    assert rest.base == 140.0
    assert not rest.calm(5.0)


def test_calm_needs_half_a_second_of_stillness() -> None:
    rest = Rest(min_range=20)
    calm_at = None
    for i in range(60):
        rest.add(i / 30, 130.0, ())
        if calm_at is None and rest.calm(i / 30):
            calm_at = i / 30
    assert calm_at == pytest.approx(CALM_S, abs=0.05)
    for i in range(60, 90):
        rest.add(i / 30, 130 + 3.0 * (i - 60), ())
    assert not rest.calm(3.0)


def test_base_expressions_are_medians_for_both_ways_of_naming_the_sides() -> None:
    rest = Rest(min_range=20)
    for i, value in enumerate([1.0, 2.0, 30.0, 2.5, math.nan]):
        rest.add(i * 0.25, 130.0, ([value, math.nan], [value * 2, 5.0]))
    assert rest.rows is not None
    (left_first, left_second), (right_first, right_second) = rest.rows
    assert left_first in (2.0, 2.5)
    assert math.isnan(left_second)
    assert right_first == 2 * left_first
    assert right_second == 5.0


def test_clearing_keeps_the_last_rows() -> None:
    rest = Rest(min_range=20)
    rest.add(0.0, 130.0, ([7.0], [8.0]))
    rest.clear()
    assert rest.base is None
    assert rest.rows == ([7.0], [8.0])


def test_after_a_movement_the_baseline_stays_and_calm_starts_anew() -> None:
    rest = Rest(min_range=20)
    for i in range(30):
        rest.add(i / 30, 130.0, ())
    assert rest.calm(1.0)
    rest.stir()
    assert rest.base == 130.0
    assert not rest.calm(1.0)
    for i in range(30, 60):
        rest.add(i / 30, 130.0, ())
    assert rest.calm(2.0)


def test_a_signal_measured_from_elsewhere_moves_along() -> None:
    rest = Rest(min_range=20)
    rest.shift(5.0)
    assert rest.base is None
    for i in range(10):
        rest.add(i / 30, 130.0, ())
    rest.shift(-5.0)
    assert rest.base == 125.0
    for i in range(10, 20):
        rest.add(i / 30, 125.0, ())
    assert rest.base == 125.0


def levelled(signals: list[float], fps: float = 30.0, may_rest: bool = True) -> list[float | None]:
    level = Level(min_range=20)
    return [level.update(i / fps, signal, may_rest) for i, signal in enumerate(signals)]


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_a_level_signal_is_noticed_after_a_second_and_a_half(fps: int) -> None:
    found = levelled([132.0] * (3 * fps), fps)
    first = next(i for i, value in enumerate(found) if value is not None)
    assert found[first] == 132.0
    assert first / fps == pytest.approx(1.45, abs=0.15)


def test_a_noisy_level_is_noticed() -> None:
    rng = np.random.default_rng(3)
    found = [v for v in levelled(list(132 + rng.normal(0, 3, 300))) if v is not None]
    assert found
    assert np.median(found) == pytest.approx(132, abs=1)


def test_a_slow_movement_is_not_level() -> None:
    assert set(levelled([100 + i * 4 / 30 for i in range(150)])) == {None}  # 4 degrees a second


def test_out_of_the_range_of_rest_nothing_is_level() -> None:
    assert set(levelled([132.0] * 100, may_rest=False)) == {None}


def test_an_unseen_signal_says_nothing() -> None:
    assert levelled([math.nan] * 100)[-1] is None
    assert any(v == 132.0 for v in levelled([132.0 if i % 3 else math.nan for i in range(120)]))
