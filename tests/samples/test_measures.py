"""Geometry of the exact measures and of the limbs, on numbers that can be checked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.render.camera import Camera, fitting_camera
from samples.render.limbs import two_bones
from samples.render.measures import MEASURES, Sight, deviation, elevation, included, tilt
from samples.render.posespec import change_at, merged, mirrored, value_at
from samples.render.rotation import Array, between, body_axes, frame, smooth_step, tilted


def lying(hip_height: float) -> dict[str, Array]:
    """A straight body along z, head at -z, hips at a height; seen from +x the head is on the right."""
    joints: dict[str, Array] = {}
    for side, x in (("left", 0.1), ("right", -0.1)):
        places = {
            "shoulder": (x, 0.1, -0.5), "hip": (x, hip_height, 0.0), "knee": (x, 0.1, 0.4), "ankle": (x, 0.1, 0.8),
            "elbow": (x, 0.1, -0.3), "wrist": (x, 0.1, -0.1), "heel": (x, 0.0, 0.85), "foot_index": (x, 0.2, 0.85),
        }  # fmt: skip
        joints |= {f"{side}_{name}": np.array(place) for name, place in places.items()}
    return joints | {"nose": np.array([0.0, 0.2, -0.7])}


def test_hips_above_and_below_the_line_have_opposite_signs() -> None:
    high, low = (MEASURES["hip_dev"](Sight(lying(height), 90, "left")) for height in (0.2, 0.0))
    assert high > 5
    assert low < -5
    assert high == pytest.approx(-low, abs=1.0)


def test_the_near_side_is_the_camera_s() -> None:
    assert Sight(lying(0.1), 90, "left").near == "left"
    assert Sight(lying(0.1), 270, "left").near == "right"


def test_head_rise_counts_from_the_start_in_torso_lengths() -> None:
    start = Sight(lying(0.1), 90, "left")
    lifted = lying(0.1) | {"nose": np.array([0.0, 0.3, -0.7])}
    assert MEASURES["head_rise"](Sight(lifted, 90, "left", start)) == pytest.approx(0.2)


def test_knees_that_come_together_and_thighs_that_sink() -> None:
    straight = Sight(lying(0.1), 0, "left")
    assert MEASURES["knee_width"](straight) == pytest.approx(1.0)
    together = lying(0.1) | {"left_knee": np.array([0.04, 0.1, 0.4]), "right_knee": np.array([-0.04, 0.1, 0.4])}
    assert MEASURES["knee_width"](Sight(together, 0, "left")) == pytest.approx(0.4)
    sunk = lying(0.1) | {"left_knee": np.array([0.1, 0.5, 0.4])}
    assert MEASURES["thigh_drop"](Sight(sunk, 90, "left")) == pytest.approx(45)


def test_plain_angles() -> None:
    assert included(np.array([0, 1]), np.array([0, 0]), np.array([1, 0])) == pytest.approx(90)
    assert elevation(np.array([0.0, 0.0]), np.array([1.0, -1.0])) == pytest.approx(45)
    assert tilt(np.array([0.0, 0.0]), np.array([1.0, -1.0]), 1.0) == pytest.approx(45)
    assert deviation(np.array([0.0, 0]), np.array([1.0, -1]), np.array([2.0, 0])) == pytest.approx(90)


@given(st.floats(0.05, 0.75), st.floats(-3, 3), st.floats(-1.4, 1.4))
def test_a_limb_keeps_its_lengths_and_reaches_its_end(distance: float, around: float, up: float) -> None:
    end = distance * np.array([np.cos(around) * np.cos(up), np.sin(up), np.sin(around) * np.cos(up)])
    middle, reached, hinge = two_bones(np.zeros(3), end, 0.4, 0.38, np.array([0.3, 0.2, 1.0]))
    assert np.linalg.norm(middle) == pytest.approx(0.4)
    assert np.linalg.norm(reached - middle) == pytest.approx(0.38)
    assert np.linalg.norm(reached - end) < 1e-6
    assert np.linalg.norm(hinge) == pytest.approx(1.0)


def test_a_limb_that_is_too_short_points_at_the_place() -> None:
    _, reached, _ = two_bones(np.zeros(3), np.array([0.0, -2.0, 0.0]), 0.4, 0.4, np.array([0.0, 0, 1]))
    assert 0.79 < np.linalg.norm(reached) < 0.8
    assert reached[1] < -0.79


def test_mirroring_twice_gives_the_pose_back() -> None:
    pose = {
        "base": "left_side_up",
        "hips": [0.1, 0.2, 0.3],
        "chest": [10, 5, -4],
        "left_leg": {"ankle": [0.1, 0.9, 0.0], "of": "right_thigh", "knee_to": [1, 0, 0]},
        "right_leg": {"flex": 10, "out": 4},
        "rest": ["left_foot", "torso"],
        "solve": {"knobs": ["left_leg.flex"], "targets": {"floor.left_foot": 0.0, "true.right_knee": 90}},
    }
    other = mirrored(pose)
    assert other["base"] == "right_side_up"
    assert other["right_leg"]["of"] == "left_thigh"
    assert other["solve"]["targets"] == {"floor.right_foot": 0.0, "true.left_knee": 90}
    assert mirrored(other) == pose


def test_a_limb_held_in_another_way_is_replaced_whole() -> None:
    pose = {"left_leg": {"sole": [0, 0], "heading": 10}}
    assert merged(pose, {"left_leg": {"flex": 5}})["left_leg"] == {"flex": 5}
    assert merged(pose, {"left_leg": {"heading": 3}})["left_leg"] == {"sole": [0, 0], "heading": 3}


def test_a_knob_that_turns_both_sides_the_opposite_way_is_mirrored_too() -> None:
    pose = {"left_leg": {"flex": 1}, "solve": {"knobs": ["left_leg.knee_to.0=-right_leg.knee_to.0"], "targets": {}}}
    assert mirrored(pose)["solve"]["knobs"] == ["right_leg.knee_to.0=-left_leg.knee_to.0"]


def test_paths_reach_into_lists() -> None:
    pose = {"left_leg": {"sole": [0.1, 0.2]}, "chest": None}
    changed = change_at(pose, "left_leg.sole.1", 0.5)
    assert value_at(changed, "left_leg.sole.1") == 0.5
    assert value_at(pose, "left_leg.sole.1") == 0.2
    assert change_at(pose, "chest.0", 7.0)["chest"] == [7.0, 0.0, 0.0]


def test_rotations() -> None:
    base = body_axes([0, 0, -1], [0, 1, 0])
    assert base @ [0, 1, 0] == pytest.approx([0, 0, -1])
    assert base @ [0, 0, 1] == pytest.approx([0, 1, 0])
    bent = tilted(np.eye(3), 90, 0, 0)
    assert bent @ [0, 1, 0] == pytest.approx([0, 0, 1])
    half = between(np.eye(3), bent, 0.5)
    assert half @ half == pytest.approx(bent)
    assert np.linalg.det(frame([1, 2, 3], [0, 1, 0])) == pytest.approx(1)


@given(st.floats(0, 1))
def test_movement_eases_in_and_out(share: float) -> None:
    assert smooth_step(share) + smooth_step(1 - share) == pytest.approx(1)


def test_the_camera_shows_all_points_and_keeps_left_left() -> None:
    points = np.array([[-1.0, 0, 0], [1.0, 0, 0], [0, 1.8, 0], [0, 0, 0.5]])
    camera = fitting_camera(points, 0.0, 1.0, 45.0, (640, 480))
    pixels = camera.pixels(points)
    assert (pixels > 0).all()
    assert (pixels < [640, 480]).all()
    assert pixels[0, 0] < pixels[1, 0]
    assert pixels[2, 1] < pixels[3, 1]


def test_the_middle_of_the_picture_is_what_the_camera_looks_at() -> None:
    camera = Camera(30.0, 3.0, 1.2, (0.1, 0.5, -0.2), 40.0, (800, 600))
    assert camera.pixels(np.array([[0.1, 0.5, -0.2]]))[0] == pytest.approx([400, 300])
