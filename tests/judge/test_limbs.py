"""Legs that the pose model suddenly makes shorter than any leg can become."""

from __future__ import annotations

import numpy as np
import pytest
from judging import judge
from motions import Bridge, Lunge, Repeats, walking
from stick_figure import Camera

from formcheck.judge.limbs import LimbGuard
from formcheck.pose import Pose

LIMB = 130.0
RIGHT = [26, 28, 30, 32]
"""Knee, ankle, heel and toe."""


def misplaced(track: list[Pose], start: float, end: float) -> list[Pose]:
    """The right knee put too low and too far forward for a while, so that the shank is about 0.6 times as long."""
    result = []
    for pose in track:
        if start <= pose.time < end:
            points = pose.points.copy()
            points[26] += 0.55 * (points[28] - points[26]) + (0.42 * LIMB, 0)
            pose = Pose(pose.time, points, pose.visibility, pose.size)
        result.append(pose)
    return result


def doubted(track: list[Pose], from_side: bool = True) -> list[tuple[float, list[int]]]:
    guard = LimbGuard()
    wrong = ((pose.time, guard.update(pose.time, pose.points.tolist(), LIMB, from_side)) for pose in track)
    return [(time, landmarks) for time, landmarks in wrong if landmarks]


@pytest.fixture(scope="module")
def lunges() -> list[Pose]:
    return Lunge(("right",)).motion(Repeats(3, 3.0)).film()


@pytest.mark.parametrize("fps", [10, 15, 30])
def test_a_leg_that_is_suddenly_short_is_not_seen_until_it_is_back(fps: int, lunges: list[Pose]) -> None:
    track = lunges[:: 30 // fps]
    found = doubted(misplaced(track, 2.4, 2.65))
    assert [time for time, _ in found] == [pose.time for pose in track if 2.4 <= pose.time < 2.65]
    assert all(landmarks == RIGHT for _, landmarks in found)


def test_a_leg_that_stays_short_is_believed(lunges: list[Pose]) -> None:
    still = [Pose(time, lunges[0].points, lunges[0].visibility, lunges[0].size) for time in np.arange(0, 4, 1 / 30)]
    times = [time for time, _ in doubted(misplaced(still, 1.0, 4.0))]
    assert times[0] == pytest.approx(1.0, abs=0.04)
    assert 0.2 < times[-1] - times[0] < 0.6


def test_who_is_not_seen_from_the_side_may_turn_a_leg_to_the_camera(lunges: list[Pose]) -> None:
    assert doubted(misplaced(lunges, 2.4, 2.7), from_side=False) == []


def test_pictures_far_apart_say_nothing(lunges: list[Pose]) -> None:
    assert doubted(misplaced(lunges[::6], 2.4, 2.7)) == []  # five a second


@pytest.mark.parametrize("fps", [10, 15, 30, 60])
@pytest.mark.parametrize("yaw", [0, 15, 30, 180])
@pytest.mark.parametrize("seconds", [0.8, 1.0, 3.0])
def test_no_movement_however_fast_is_taken_for_a_mistake(fps: int, yaw: int, seconds: float) -> None:
    motions = (
        Lunge(("left", "right")).motion(Repeats(4, seconds)),
        Bridge().motion(Repeats(4, seconds)),
        walking(4.0),
    )
    for motion in motions:
        assert doubted(motion.film(camera=Camera(yaw=yaw), fps=fps)) == []


def test_a_misplaced_knee_is_no_fault_and_loses_no_repetition(lunges: list[Pose]) -> None:
    right = judge("lunge", lunges)
    assert (right.counts.total, right.faults) == (3, ())
    bottoms = [repetition.peak_s for repetition in right.repetitions]
    track = lunges
    for bottom in bottoms:
        track = misplaced(track, bottom - 0.15, bottom + 0.2)
    found = judge("lunge", track)
    assert found.counts == right.counts
    assert found.faults == ()
    for a, b in zip(found.repetitions, right.repetitions, strict=True):
        assert a.measures["shin"] == pytest.approx(b.measures["shin"], abs=5)
