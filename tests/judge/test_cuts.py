"""Scene cuts in edited videos, told from fast movement, lost pictures and single wild poses."""

from __future__ import annotations

import numpy as np
import pytest
from disturbances import jittered, joined, lossy, moved, swapped
from motions import Bridge, Lunge, Motion, Repeats, going_down, walking
from stick_figure import Camera, standing

from formcheck.judge.cuts import CutFinder
from formcheck.pose import Pose


def found(track: list[Pose]) -> list[tuple[float, str]]:
    finder = CutFinder()
    return [
        (round(pose.time, 2), what)
        for pose in track
        if pose.seen and (what := finder.update(pose.time, pose.points.tolist())) != "steady"
    ]


def film(seconds: float = 2.0) -> list[Pose]:
    camera = Camera()
    return [camera.look(standing().points(), i / 30) for i in range(int(seconds * 30))]


@pytest.mark.parametrize(
    "motion",
    [Lunge(("left", "right")).motion(Repeats(4, 2.0, 0.0, 0.4)), Bridge().motion(Repeats(4, 2.0)), walking(5.0), going_down()],
    ids=["lunge", "bridge", "walk", "down"],
)  # fmt: skip
@pytest.mark.parametrize("fps", [10, 15, 30, 60])
def test_people_are_never_fast_enough_to_be_a_cut(motion: Motion, fps: int) -> None:
    track = motion.film(fps)
    assert found(track) == []
    for seed in range(3):
        noisy = jittered(track, 8.0, seed)
        told = [what for _, what in found(noisy) + found(lossy(noisy, 0.2, seed))]
        assert "cut" not in told
        assert len(told) <= 1


@pytest.mark.parametrize("what", ["body", "legs"])
def test_exchanged_sides_are_no_cut(what: str) -> None:
    track = Lunge(("left", "right")).motion(Repeats(3, 2.0)).film(camera=Camera(yaw=40))
    assert found(swapped(track, 0.05, 1, what)) == []  # type: ignore[arg-type]


def test_a_cut_is_found_with_the_picture_after_it() -> None:
    track = joined(film(), moved(film(), 300, 40))
    first = 2.0
    assert found(track) == [(first, "wild"), (round(first + 1 / 30, 2), "cut")]


@pytest.mark.parametrize("fps", [6, 10])
def test_a_cut_is_found_at_few_pictures_a_second(fps: int) -> None:
    """The picture after it is further from the last one before it than poses may be apart to be compared."""
    camera = Camera()
    before = [camera.look(standing().points(), i / 30) for i in range(30)]
    after = [camera.look(standing().points(), i / fps) for i in range(fps)]
    assert [what for _, what in found(joined(before, moved(after, 300, 40)))] == ["wild", "cut"]


def test_a_wild_pose_before_a_gap_is_no_cut() -> None:
    track = [p for p in film() if p.time < 0.7 or p.time > 0.9]
    last = max(i for i, p in enumerate(track) if p.time < 0.7)
    track[last] = moved([track[last]], 500, 0)[0]
    assert [what for _, what in found(track)] == ["wild"]


def test_a_change_of_size_is_a_cut() -> None:
    track = joined(film(), moved(film(), -400, -250, 1.7))
    assert [what for _, what in found(track)] == ["wild", "cut"]


def test_a_single_wild_pose_is_no_cut() -> None:
    track = film()
    track[20] = moved([track[20]], 500, 0)[0]
    assert found(track) == [(round(20 / 30, 2), "wild")]


def test_after_a_long_gap_nothing_is_compared() -> None:
    assert found(joined(film(), moved(film(), 300, 40), gap=0.5)) == []


def test_a_pose_without_a_trunk_is_no_cut() -> None:
    track = film()
    points = track[20].points.copy()
    points[[11, 12]] = np.nan
    track[20] = Pose(track[20].time, points, track[20].visibility, track[20].size)
    assert found(track) == []


def test_too_few_joints_say_nothing() -> None:
    track = joined(film(1.0), moved(film(1.0), 300, 40))
    sparse = []
    for pose in track:
        points = pose.points.copy()
        points[25:29] = np.nan
        points[[12, 24]] = np.nan
        sparse.append(Pose(pose.time, points, pose.visibility, pose.size))
    assert found(sparse) == []
