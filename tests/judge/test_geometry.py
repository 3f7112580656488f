"""Angles and distances on pixel points, y downwards."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from formcheck.judge import geometry
from formcheck.judge.geometry import Point

NAN = (math.nan, math.nan)

coordinates = st.floats(-2000, 2000, allow_nan=False)
points = st.tuples(coordinates, coordinates)


def flipped(p: Point) -> Point:
    return -p[0], p[1]


def turned(p: Point, degrees: float) -> Point:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return c * p[0] - s * p[1], s * p[0] + c * p[1]


@pytest.mark.parametrize(
    ("c", "expected"), [((10, 0), 0), ((10, -10), 45), ((0, -10), 90), ((-10, 0), 180), ((-10, 10), 135)]
)
def test_angle_is_the_included_angle(c: Point, expected: float) -> None:
    assert geometry.angle((10, 0), (0, 0), c) == pytest.approx(expected)


def test_angle_survives_rounding_beyond_a_straight_line() -> None:
    assert geometry.angle((-3.3, -1.1), (0, 0), (9.9, 3.3)) == pytest.approx(180, abs=1e-5)
    assert geometry.angle((0.1, 0.3), (0, 0), (0.2, 0.6)) == pytest.approx(0, abs=1e-5)


def test_angle_of_coinciding_points_is_unknown() -> None:
    assert math.isnan(geometry.angle((1, 1), (1, 1), (2, 2)))


def test_deviation_is_positive_for_a_pike_and_negative_for_a_sag() -> None:
    shoulder, ankle = (0, 0), (200, 20)
    assert geometry.deviation(shoulder, (100, 10), ankle) == pytest.approx(0, abs=1e-6)
    assert geometry.deviation(shoulder, (100, -20), ankle) > 30  # smaller y is higher
    assert geometry.deviation(shoulder, (100, 40), ankle) < -30


def test_deviation_on_a_vertical_line_compares_heights() -> None:
    assert geometry.deviation((0, 0), (5, 20), (0, 100)) > 0
    assert geometry.deviation((0, 0), (5, 80), (0, 100)) < 0


def test_deviation_of_a_seated_bridge_reads_like_the_hip_angle() -> None:
    """Lying, knee up: 180 + deviation is the angle shoulder-hip-knee, and beyond 180 when the hips are above the line."""
    shoulder, hip = (0, 100), (100, 100)
    knee = (100 + 80 * math.cos(math.radians(50)), 100 - 80 * math.sin(math.radians(50)))
    assert 180 + geometry.deviation(shoulder, hip, knee) == pytest.approx(130)
    assert 180 + geometry.deviation(shoulder, (100, 60), (180, 80)) > 180


@pytest.mark.parametrize(("b", "expected"), [((10, 0), 0), ((0, -10), 90), ((0, 10), -90), ((-10, -10), 45)])
def test_elevation_ignores_left_and_right(b: Point, expected: float) -> None:
    assert geometry.elevation((0, 0), b) == pytest.approx(expected)


def test_lean_is_positive_towards_the_direction() -> None:
    assert geometry.lean((0, 0), (10, -10), 1) == pytest.approx(45)
    assert geometry.lean((0, 0), (10, -10), -1) == pytest.approx(-45)
    assert geometry.lean((0, 0), (0, -10), 1) == pytest.approx(0)
    assert geometry.lean((0, 0), (10, 10), 1) == pytest.approx(135)


def test_beside_is_the_distance_from_the_line_towards_a_point() -> None:
    hip, ankle = (0, 0), (0, 100)
    assert geometry.beside((7, 50), hip, ankle, (30, 0)) == pytest.approx(7)
    assert geometry.beside((-7, 50), hip, ankle, (30, 0)) == pytest.approx(-7)
    assert geometry.beside((7, 50), hip, ankle, (-30, 0)) == pytest.approx(-7)
    assert math.isnan(geometry.beside((7, 50), hip, hip, (30, 0)))


def test_distance_and_middle() -> None:
    assert geometry.distance((0, 0), (3, 4)) == 5
    assert geometry.middle((0, 0), (3, 4)) == (1.5, 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda p: geometry.angle(p, (0, 0), (1, 1)),
        lambda p: geometry.angle((0, 0), p, (1, 1)),
        lambda p: geometry.angle((0, 0), (1, 1), p),
        lambda p: geometry.deviation((0, 0), p, (2, 1)),
        lambda p: geometry.deviation(p, (0, 1), (2, 1)),
        lambda p: geometry.elevation(p, (0, 1)),
        lambda p: geometry.lean((0, 1), p, 1.0),
        lambda p: geometry.distance(p, (0, 1)),
        lambda p: geometry.middle(p, (0, 1))[0],
        lambda p: geometry.beside(p, (0, 1), (1, 1), (2, 2)),
        lambda p: geometry.beside((0, 1), p, (1, 1), (2, 2)),
    ],
)
def test_an_unseen_point_gives_an_unseen_measure(call: Callable[[Point], float]) -> None:
    assert math.isnan(call(NAN))


@given(points, points, points)
def test_a_mirror_keeps_angles_and_turns_leans(a: Point, b: Point, c: Point) -> None:
    assume(geometry.distance(a, b) > 1 and geometry.distance(b, c) > 1)
    ma, mb, mc = flipped(a), flipped(b), flipped(c)
    assert geometry.angle(ma, mb, mc) == pytest.approx(geometry.angle(a, b, c), abs=1e-6)
    assert geometry.elevation(ma, mb) == pytest.approx(geometry.elevation(a, b), abs=1e-6)
    turn = geometry.lean(ma, mb, -1.0) - geometry.lean(a, b, 1.0)
    assert math.remainder(turn, 360.0) == pytest.approx(0, abs=1e-6)


@given(points, points, points)
def test_a_mirror_keeps_the_sign_of_a_deviation(a: Point, b: Point, c: Point) -> None:
    assume(abs(a[0] - c[0]) > 1 and geometry.distance(a, b) > 1 and geometry.distance(b, c) > 1)
    straight = geometry.deviation(a, b, c)
    assume(1 < abs(straight) < 179)
    assert geometry.deviation(flipped(a), flipped(b), flipped(c)) == pytest.approx(straight, abs=1e-5)
    assert geometry.deviation(c, b, a) == pytest.approx(straight, abs=1e-5)


@given(points, points, points, st.floats(-180, 180))
def test_turning_the_picture_keeps_angles_and_distances(a: Point, b: Point, c: Point, by: float) -> None:
    assume(geometry.distance(a, b) > 1 and geometry.distance(b, c) > 1)
    ta, tb, tc = (turned(p, by) for p in (a, b, c))
    assert geometry.angle(ta, tb, tc) == pytest.approx(geometry.angle(a, b, c), abs=1e-4)
    assert geometry.distance(ta, tb) == pytest.approx(geometry.distance(a, b))


@given(points, points, points, points)
def test_beside_keeps_its_sign_in_a_mirror(p: Point, a: Point, b: Point, towards: Point) -> None:
    assume(geometry.distance(a, b) > 1 and abs(geometry.beside(towards, a, b, towards)) > 1e-3)
    mirrored = geometry.beside(flipped(p), flipped(a), flipped(b), flipped(towards))
    assert mirrored == pytest.approx(geometry.beside(p, a, b, towards), abs=1e-6)


def test_pixels_of_a_wide_picture_are_not_normalised_coordinates() -> None:
    """The mistake that most projects make bends a plank by tens of degrees (rule 4 of the design)."""
    a, b, c = (200.0, 400.0), (600.0, 380.0), (1000.0, 560.0)
    squeezed = [(x / 1280, y / 720) for x, y in (a, b, c)]
    assert abs(geometry.angle(a, b, c) - geometry.angle(*squeezed)) > 10
