"""The body as measures see it, and its proportions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from judging import body_at
from stick_figure import SHANK, THIGH, TORSO, UPPER_ARM, Camera, standing

from formcheck.judge.body import JOINTS, KNEE, LEFT, RIGHT, Body, Proportions, joint_of
from formcheck.pose import LANDMARKS, MIRRORED, Landmark


def numbered() -> Body:
    """A body in which each joint's x is its landmark's number."""
    points = np.stack([np.arange(LANDMARKS), np.zeros(LANDMARKS)], axis=1)
    return Body(1.5, points.astype(np.float64), np.linspace(0, 1, LANDMARKS))


def test_joints_are_the_landmarks_of_both_sides() -> None:
    body = numbered()
    assert [int(x) for x, _ in body.left] == list(LEFT)
    assert [int(x) for x, _ in body.right] == list(RIGHT)
    assert [MIRRORED[i] for i in LEFT] == list(RIGHT)
    assert tuple(body.nose) == (0.0, 0.0)
    names = {"hand": "INDEX", "toe": "FOOT_INDEX"}
    for joint, index in zip(JOINTS, LEFT, strict=True):
        name = names.get(joint, joint.upper())
        assert Landmark(index).name in (f"LEFT_{name}", f"{name}_LEFT")


def test_owners_follow_the_sides() -> None:
    body = numbered()
    body.set_near("right")
    body.set_lead("right")
    assert body.near is body.right
    assert body.far is body.left
    assert body.lead is body.right
    assert body.other is body.left
    body.set_near("left")
    body.set_lead("left")
    assert body.near is body.left
    assert body.other is body.right


@pytest.mark.parametrize("owner", ["left", "right", "near", "far", "lead", "other"])
def test_visibility_and_landmark_of_an_owner(owner: str) -> None:
    body = numbered()
    body.set_near("right")
    body.set_lead("right")
    expected = Landmark.LEFT_KNEE if owner in ("left", "far", "other") else Landmark.RIGHT_KNEE
    assert body.landmark(owner, "knee") == (int(expected),)
    assert body.visibility(owner, "knee") == pytest.approx(int(expected) / 32)
    found = joint_of(owner, "knee")
    assert found
    assert tuple(found(body)) == (float(expected), 0.0)


def test_the_point_halfway() -> None:
    body = numbered()
    assert body.landmark("mid", "knee") == (25, 26)
    assert body.visibility("mid", "knee") == pytest.approx(26 / 32)
    assert body.middle(KNEE) == (25.5, 0.0)
    found = joint_of("mid", "knee")
    assert found
    assert found(body) == (25.5, 0.0)


def test_the_point_halfway_is_the_one_that_is_seen_when_the_other_is_not() -> None:
    assert tuple(body_at({"left.knee": (3.0, 4.0)}).middle(KNEE)) == (3.0, 4.0)
    assert tuple(body_at({"right.knee": (5.0, 6.0)}).middle(KNEE)) == (5.0, 6.0)
    assert math.isnan(body_at({}).middle(KNEE)[0])


def test_the_nose() -> None:
    body = numbered()
    assert body.landmark("nose", "nose") == (0,)
    assert body.visibility("nose", "nose") == 1.0
    assert body_at({}).visibility("nose", "nose") == 0.0


def test_unknown_names_are_none() -> None:
    assert joint_of("near", "tail") is None
    assert joint_of("top", "knee") is None


def pose(yaw: float = 0.0, time: float = 0.0) -> Body:
    seen = Camera(yaw=yaw).look(standing().points(), time)
    return Body(time, seen.points, seen.visibility)


def proportions(yaw: float) -> Proportions:
    found = Proportions()
    for i in range(30):
        found.update(pose(yaw, i / 30), frozen=False)
    return found


def test_lengths_are_those_of_the_figure() -> None:
    torso, thigh, shank, upper_arm = proportions(0.0).lengths
    pixel = 130 / 42
    near = 300 / (300 - 12)  # the near side is a little larger
    assert torso == pytest.approx(TORSO * pixel, rel=0.07)
    assert thigh == pytest.approx(THIGH * pixel * near, rel=0.02)
    assert shank == pytest.approx(SHANK * pixel * near, rel=0.02)
    assert upper_arm == pytest.approx(UPPER_ARM * pixel * 300 / (300 - 18), rel=0.05)


def test_a_limb_towards_the_camera_does_not_shorten_the_person() -> None:
    found = Proportions()
    for i in range(60):
        body = pose(0.0, i / 30)
        if 20 < i < 45:  # the thighs point at the camera for most of a second
            body.left[KNEE] = body.right[KNEE] = (body.left[7][0], body.left[7][1] + 30)
        found.update(body, frozen=False)
    assert found.lengths[1] == pytest.approx(THIGH * 130 / 42, rel=0.1)


def test_frozen_lengths_stay() -> None:
    found = proportions(0.0)
    before = found.lengths
    for i in range(30, 90):
        body = pose(0.0, i / 30)
        for side in (body.left, body.right):
            side[:] = [(2 * x, 2 * y) for x, y in side]
        found.update(body, frozen=True)
        assert (body.torso, body.thigh, body.shank, body.upper_arm) == before
    found.update(body, frozen=False)
    assert found.lengths[0] > before[0]


def test_lengths_are_unknown_until_seen() -> None:
    found = Proportions()
    blind = body_at({})
    found.update(blind, frozen=False)
    assert all(math.isnan(length) for length in found.lengths)
    assert math.isnan(blind.torso)


def test_a_scene_cut_forgets_the_person() -> None:
    found = proportions(0.0)
    found.reset()
    assert all(math.isnan(length) for length in found.lengths)


def test_the_edge_of_the_picture_cuts_off_what_is_beyond_it_or_very_near() -> None:
    body = body_at({"left.ankle": (20, 479), "right.ankle": (100, 440), "nose": (300, 12), "left.wrist": (645, 200)})
    body.torso = 100.0
    points = np.full((LANDMARKS, 2), 240.0)
    points[[Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]] = (20, 479), (100, 440)
    points[[Landmark.NOSE, Landmark.LEFT_WRIST]] = (300, 9), (645, 200)
    body.note_edges(points, (640, 480))
    body.set_near("left")
    cut = [("near", "ankle"), ("nose", ""), ("left", "wrist")]
    assert [body.clearness(*landmark) for landmark in cut] == [0.0, 0.0, 0.0]
    assert [body.visibility(*landmark) for landmark in cut] == [1.0, 1.0, 1.0]
    for owner, joint in (("far", "ankle"), ("mid", "ankle"), ("left", "knee")):
        assert body.clearness(owner, joint) == body.visibility(owner, joint)
