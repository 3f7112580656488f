"""The band of good form lies exactly where the limb has to be for the measure to be good."""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from formcheck.catalog import load_template
from formcheck.judge import geometry
from formcheck.judge.moment import Counts, Moment, Quality, Readiness, Reading
from formcheck.judge.template import Measure, Template
from formcheck.judge.view import View
from formcheck.pose import Pose
from formcheck.show.angle import Angle
from formcheck.show.joints import Joints
from formcheck.show.opening import Opening, Tilt, opening_of, tilt_of
from formcheck.show.protractor import Protractor
from formcheck.show.skeleton import Points

BRIDGE = load_template("bridge")
HIP, KNEE, SHOULDER, ANKLE = 23, 25, 11, 27
NAMES = {"near.shoulder": SHOULDER, "near.hip": HIP, "near.knee": KNEE, "near.ankle": ANKLE}
LINE = 5

directions = st.floats(0, 360)


def measure(value: str, target: tuple[float, float] | None = None, arms: bool = True) -> Measure:
    return Measure(
        value=value,
        label="Angle",
        at="near.hip",
        arms=("near.shoulder", "near.knee") if arms else None,
        target=target,
    )


def moment(points: Points) -> Moment:
    pose = Pose(0.0, points, np.ones(33), (1280, 720))
    view = View("side", 0.1, "left")
    return Moment(0.0, pose, Readiness(True, "", ""), view, None, "peak", "top", Counts(), None, (), None, None)


def placed(measure: Measure, value: float, points: Points, quality: Quality = "good") -> Angle | None:
    arms = ((NAMES[measure.arms[0]],), (NAMES[measure.arms[1]],)) if measure.arms else None
    assert measure.at
    reading = Reading("angle", "Angle", "deg", value, measure.target, quality, (NAMES[measure.at],), arms)
    return Protractor(measure, Joints(BRIDGE), LINE).place(reading, moment(points), points)


def away(origin: tuple[float, float], direction: float, length: float) -> tuple[float, float]:
    return origin[0] + length * cos(radians(direction)), origin[1] + length * sin(radians(direction))


def body(first: float, second: float) -> Points:
    """A hip from which the shoulder and the knee lie in the given directions."""
    points = np.full((33, 2), np.nan)
    points[HIP] = 600, 400
    points[SHOULDER] = away((600, 400), first, 150)
    points[KNEE] = away((600, 400), second, 120)
    return points


def spot(points: Points, landmark: int) -> tuple[float, float]:
    return float(points[landmark, 0]), float(points[landmark, 1])


@pytest.mark.parametrize(
    ("value", "opening"),
    [
        ("angle(near.shoulder, near.hip, near.knee)", Opening(0, 1, False)),
        ("180 - angle(near.knee, near.hip, near.shoulder)", Opening(180, -1, False)),
        ("180 + deviation(near.shoulder, near.hip, near.knee)", Opening(0, 1, True)),
        ("-deviation(near.shoulder, near.hip, near.knee)", Opening(180, -1, True)),
        ("deviation(near.shoulder, near.hip, near.knee) - 3.5", Opening(-183.5, 1, True)),
        ("abs(deviation(near.shoulder, near.hip, near.knee))", None),
        ("2 * angle(near.shoulder, near.hip, near.knee)", None),
        ("angle(near.shoulder, near.knee, near.hip)", None),
        ("angle(near.ankle, near.hip, near.knee)", None),
        ("near.hip", None),
    ],
)
def test_the_angle_between_two_limbs_is_read_from_the_expression(value: str, opening: Opening | None) -> None:
    assert opening_of(measure(value)) == opening


@pytest.mark.parametrize(
    ("value", "tilt"),
    [
        ("lean(near.hip, near.knee, facing)", Tilt(0, 1, "near.hip", "near.knee", True, False)),
        ("abs(lean(near.hip, near.knee, 1))", Tilt(0, 1, "near.hip", "near.knee", True, True)),
        ("90 - elevation(near.knee, near.hip)", Tilt(90, -1, "near.knee", "near.hip", False, False)),
        ("lean(near.ankle, near.knee, facing)", None),
        ("abs(lean(near.hip, near.knee, 1) - 5)", None),
        ("angle(near.shoulder, near.hip, near.knee)", None),
    ],
)
def test_the_tilt_of_a_segment_is_read_from_the_expression(value: str, tilt: Tilt | None) -> None:
    assert tilt_of(measure(value, arms=False)) == tilt


@given(directions, directions, st.floats(5, 90), st.floats(5, 85), st.booleans())
def test_a_limb_at_the_edge_of_the_band_is_at_the_edge_of_the_target(
    first: float, second: float, least: float, width: float, signed: bool
) -> None:
    value = "180 + deviation" if signed else "angle"
    assume(abs(cos(radians(first))) > 0.05 or not signed)
    points = body(first, second)
    shoulder, hip, knee = (spot(points, i) for i in (SHOULDER, HIP, KNEE))
    assume(not signed or (knee[0] < shoulder[0]) != (shoulder[0] == knee[0]))
    now = 180 + geometry.deviation(shoulder, hip, knee) if signed else geometry.angle(shoulder, hip, knee)
    assume(5 < now < 175 or signed)
    target = (now - least, now + width) if signed else (least, least + width)
    angle = placed(measure(f"{value}(near.shoulder, near.hip, near.knee)", target), now, points)
    assert angle is not None
    assert angle.band is not None
    for limit, direction in zip(target, angle.band, strict=True):
        moved = away(hip, direction, 120)
        if signed:
            if (moved[0] < shoulder[0]) != (knee[0] < shoulder[0]) or not 0 < limit < 360:
                continue  # the limb has gone past the vertical, where above and below change places
            got = 180 + geometry.deviation(shoulder, hip, moved)
        else:
            got = geometry.angle(shoulder, hip, moved)
        assert got == pytest.approx(limit, abs=0.01)


@given(directions, directions)
def test_the_arc_runs_from_limb_to_limb(first: float, second: float) -> None:
    points = body(first, second)
    now = geometry.angle(*(spot(points, i) for i in (SHOULDER, HIP, KNEE)))
    assume(now > 1)
    angle = placed(measure("angle(near.shoulder, near.hip, near.knee)", (60, 90)), now, points)
    assert angle is not None
    assert angle.arc is not None
    start, end = angle.arc
    assert abs(end - start) == pytest.approx(now, abs=1e-6)
    for direction, landmark in ((start, SHOULDER), (end, KNEE)):
        distance = float(np.linalg.norm(points[landmark] - points[HIP]))
        assert away((600, 400), direction, distance) == pytest.approx(tuple(points[landmark]), abs=1e-6)


@pytest.mark.parametrize("lifted", [-40, 40])
def test_hips_above_and_below_the_line_open_to_different_sides(lifted: float) -> None:
    """The band of a straight body lies in the same place, whether the hips are too high or too low."""
    points = np.full((33, 2), np.nan)
    points[SHOULDER], points[HIP], points[KNEE] = (800, 400), (600, 400 - lifted), (400, 400)
    value = 180 + geometry.deviation((800, 400), (600, 400 - lifted), (400, 400))
    assert (value > 180) == (lifted > 0)
    angle = placed(measure("180 + deviation(near.shoulder, near.hip, near.knee)", (170, 190)), value, points)
    assert angle is not None
    assert angle.arc is not None
    assert abs(angle.arc[1] - angle.arc[0]) == pytest.approx(value)
    middle = sum(angle.arc) / 2
    assert sin(radians(middle)) == pytest.approx(-1)  # over the top


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("facing", [1, -1])
def test_the_band_of_a_lean_lies_to_the_right_side(side: int, facing: int) -> None:
    points = np.full((33, 2), np.nan)
    points[HIP], points[KNEE] = (600, 400), away((600, 400), -90 + side * 15, 150)
    value = geometry.lean((600, 400), spot(points, KNEE), facing)
    angle = placed(measure("lean(near.hip, near.knee, facing)", (-10, 20), arms=False), value, points)
    assert angle is not None
    assert angle.band is not None
    for limit, direction in zip((-10, 20), angle.band, strict=True):
        assert geometry.lean((600, 400), away((600, 400), direction, 150), facing) == pytest.approx(limit)


@pytest.mark.parametrize("side", [1, -1])
def test_the_band_of_an_elevation_lies_on_the_side_of_the_limb(side: int) -> None:
    points = np.full((33, 2), np.nan)
    points[HIP], points[KNEE] = (600, 400), (600 + side * 100, 330)
    value = geometry.elevation((600, 400), spot(points, KNEE))
    angle = placed(measure("elevation(near.hip, near.knee)", (55, 95), arms=False), value, points)
    assert angle is not None
    assert angle.band is not None
    assert angle.arc is not None
    for limit, direction in zip((55, 90), angle.band, strict=True):
        end = away((600, 400), direction, 150)
        assert geometry.elevation((600, 400), end) == pytest.approx(limit)
        assert side * (end[0] - 600) >= -1e-6
    limb = away((600, 400), -value if side > 0 else 180 + value, 100)
    assert away((600, 400), angle.arc[1], 100) == pytest.approx(limb)


def test_near_straight_the_side_to_which_a_joint_bends_does_not_flicker() -> None:
    knee = measure("angle(near.shoulder, near.hip, near.knee)", (150, 180))
    protractor = Protractor(knee, Joints(BRIDGE), LINE)
    sides = []
    for bend in (40, 20, 4, -3, 2, -4, 1, -6):
        points = body(180, 0 + bend)
        reading = Reading("angle", "Angle", "deg", 180 - abs(bend), (150, 180), "good", (HIP,), ((SHOULDER,), (KNEE,)))
        angle = protractor.place(reading, moment(points), points)
        assert angle is not None
        assert angle.arc is not None
        sides.append(angle.arc[1] > angle.arc[0])
    assert len(set(sides)) == 1


@pytest.mark.parametrize("missing", [HIP, SHOULDER, KNEE])
def test_what_is_not_seen_is_not_placed(missing: int) -> None:
    points = body(180, 30)
    points[missing] = np.nan
    assert placed(measure("angle(near.shoulder, near.hip, near.knee)", (60, 90)), 150.0, points) is None


def test_in_a_view_in_which_the_target_does_not_hold_no_number_is_shown() -> None:
    points = body(180, 30)
    targeted = measure("angle(near.shoulder, near.hip, near.knee)", (60, 90))
    reading = Reading("angle", "Angle", "deg", 150.0, None, "untargeted", (HIP,), ((SHOULDER,), (KNEE,)))
    angle = Protractor(targeted, Joints(BRIDGE), LINE).place(reading, moment(points), points)
    assert angle is not None
    assert (angle.numbered, angle.band) == (False, None)
    free = Protractor(measure("angle(near.shoulder, near.hip, near.knee)"), Joints(BRIDGE), LINE)
    angle = free.place(reading, moment(points), points)
    assert angle is not None
    assert angle.numbered


def joint_names(template: Template) -> list[str]:
    return [name for m in template.measures.values() for name in (m.at, *(m.arms or ())) if name]


@pytest.mark.parametrize("exercise", ["bridge", "lunge", "plank_forearm"])
def test_every_drawn_joint_of_a_template_is_known(exercise: str) -> None:
    template = load_template(exercise)
    joints = Joints(template)
    now = moment(body(0, 90))
    names = joint_names(template)
    assert names
    assert all(joints.mark(name, now) for name in names)


def test_near_and_leading_sides_are_told_apart() -> None:
    joints = Joints(load_template("lunge"))
    now = replace(moment(body(0, 90)), side="right")
    assert joints.mark("near.knee", now) == (25,)
    assert joints.mark("far.knee", now) == (26,)
    assert joints.mark("front.knee", now) == (26,)
    assert joints.mark("back.knee", now) == (25,)
    assert joints.mark("mid.hip", now) == (23, 24)
    assert joints.mark("nose", now) == (0,)
    assert joints.mark("near.knee", replace(now, view=None)) == ()
