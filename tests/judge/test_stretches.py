"""Stretches whose joints are not all seen, from the exact joints of rendered people."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from disturbances import hidden
from judging import follow, judge

from formcheck.evaluate.exact import read_exact
from formcheck.pose import MIRRORED, Landmark, Pose

CLIPS = Path(__file__).parents[2] / "samples" / "clips"
SIZE = (640, 480)
WRISTS = [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]
ABOVE_HIPS = [mark for mark in Landmark if mark < Landmark.LEFT_HIP]


def sample(name: str) -> list[Pose]:
    return read_exact(CLIPS / f"{name}.frames.npz").poses(SIZE)


def still(pose: Pose, seconds: float) -> list[Pose]:
    return [Pose(time, pose.points, pose.visibility, pose.size) for time in np.arange(0, seconds, 1 / 30)]


def leaning(pose: Pose, degrees: float) -> Pose:
    """Turned about the hips until the trunk leans this far, positive to where the feet point."""
    points = pose.points.copy()
    hip = points[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    x, y = points[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=0) - hip
    facing = np.sign(points[Landmark.RIGHT_FOOT_INDEX, 0] - points[Landmark.RIGHT_HEEL, 0])
    turn = math.radians(facing * degrees) - math.atan2(x, -y)
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    points[ABOVE_HIPS] = (points[ABOVE_HIPS] - hip) @ matrix.T + hip
    return Pose(pose.time, points, pose.visibility, pose.size)


def test_a_lizard_pose_whose_hands_are_hidden_is_timed_all_the_same() -> None:
    track = sample("lizard")
    [seen], [unseen] = judge("lizard", track).holds, judge("lizard", hidden(track, WRISTS)).holds
    assert seen.in_form_s > 5
    assert unseen.side == seen.side
    assert unseen.in_form_s == pytest.approx(seen.in_form_s, abs=0.1)


def test_hands_may_hide_the_crossed_ankle_in_a_seated_figure_four() -> None:
    track = sample("figure4_seated")
    crossed = next(pose for pose in track if pose.time > 5).points
    ankle = min(Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE, key=lambda mark: crossed[mark, 1])
    [seen] = judge("figure4_seated", track).holds
    [unseen] = judge("figure4_seated", hidden(track, [ankle])).holds
    assert unseen.in_form_s == pytest.approx(seen.in_form_s, abs=0.2)
    both = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]  # cut off by the picture's edge: nobody knows what the legs do
    assert judge("figure4_seated", hidden(track, both)).holds == ()


@pytest.mark.parametrize("name", ["figure4_seated", "figure4_supine"])
def test_legs_that_the_model_exchanges_in_a_figure_four_change_neither_time_nor_side(name: str) -> None:
    track = sample(name)
    [right] = judge(name, track).holds
    order = np.arange(len(MIRRORED))
    order[25:] = np.array(MIRRORED)[25:]
    exchanged = [
        Pose(pose.time, pose.points[order], pose.visibility[order], pose.size)
        if right.start_s + 2 < pose.time < right.end_s
        else pose
        for pose in track
    ]
    report = judge(name, exchanged)
    [hold] = report.holds
    assert hold.side == right.side
    assert hold.in_form_s == pytest.approx(right.in_form_s, abs=0.2)
    assert report.faults == ()


def test_leaning_back_with_crossed_legs_is_no_stretch() -> None:
    track = sample("figure4_seated")
    crossed = next(pose for pose in track if pose.time > 5)
    [forwards] = judge("figure4_seated", still(leaning(crossed, 18), 6)).holds
    assert forwards.in_form_s == pytest.approx(6, abs=0.1)
    back = judge("figure4_seated", still(leaning(crossed, -18), 6))
    assert back.holds == ()
    assert [fault.id for fault in back.faults] == ["no_hinge"]


def test_no_lean_is_told_although_a_hand_hides_the_crossed_ankle() -> None:
    crossed = next(pose for pose in sample("figure4_seated") if pose.time > 5)
    ankle = min(Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE, key=lambda mark: crossed.points[mark, 1])
    upright = still(leaning(crossed, 0), 6)
    assert [fault.id for fault in judge("figure4_seated", hidden(upright, [ankle])).faults] == ["no_hinge"]


def test_who_sits_with_one_leg_behind_the_other_is_asked_to_turn() -> None:
    crossed = next(pose for pose in sample("figure4_seated") if pose.time > 5)
    points = crossed.points.copy()
    for joint in ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX"):
        left, right = Landmark[f"LEFT_{joint}"], Landmark[f"RIGHT_{joint}"]
        lower = max(left, right, key=lambda mark: points[mark, 1])
        points[[left, right]] = points[lower] + np.array([[0.0, 0.0], [4.0, 0.0]])
    _, moments = follow("figure4_seated", still(Pose(0.0, points, crossed.visibility, SIZE), 3))
    assert moments[-1].readiness.say.startswith("Turn towards the camera")
