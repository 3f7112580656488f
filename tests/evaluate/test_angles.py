"""Errors of angles against exact joints: what was put in comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from motions import Lunge, Repeats
from numpy.typing import NDArray
from outcomes import LUNGE

from formcheck.errors import TruthError
from formcheck.evaluate.angles import SAMPLES, AngleErrors, joint_errors, measure_errors, wrapped
from formcheck.evaluate.exact import ExactJoints, read_exact
from formcheck.evaluate.outcome import Outcome, judge
from formcheck.pose import Landmark, Pose

EYE = (0.0, 1.0, 5.0)


def film() -> list[Pose]:
    return Lunge().motion(Repeats(count=2)).film(fps=15)


def exact_of(poses: list[Pose], nearer: str = "left") -> ExactJoints:
    """The poses taken for the truth; one side of the body is half a metre nearer to the lens."""
    pixels = np.stack([pose.points for pose in poses])
    metres = np.zeros((len(poses), 33, 3))
    for mark in Landmark:
        metres[:, mark, 2] = 0.25 if mark.name.startswith(nearer.upper()) else -0.25
    return ExactJoints(np.array([pose.time for pose in poses]), pixels, metres)


def turned(poses: list[Pose], centre: Landmark, moved: tuple[Landmark, ...], degrees: float) -> list[Pose]:
    """Some landmarks turned about another, counter-clockwise in the picture."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    found = []
    for pose in poses:
        points = pose.points.copy()
        for mark in moved:
            points[mark] = points[centre] + turn @ (points[mark] - points[centre])
        found.append(Pose(pose.time, points, pose.visibility, pose.size))
    return found


def raw(poses: list[Pose]) -> Outcome:
    """An outcome whose points are the poses as they are."""
    return Outcome(
        judge(poses, LUNGE).report,
        np.array([p.time for p in poses]),
        np.ones(len(poses), dtype=bool),
        np.ones(len(poses), dtype=bool),
        np.stack([p.points for p in poses]),
        np.zeros((len(poses), len(LUNGE.measures))),
    )


def by_name(errors: list[AngleErrors]) -> dict[str, AngleErrors]:
    return {e.name: e for e in errors}


def everywhere(poses: list[Pose]) -> NDArray[np.bool_]:
    return np.ones(len(poses), dtype=bool)


def test_nothing_wrong_gives_no_errors() -> None:
    poses = film()
    errors = joint_errors(raw(poses), exact_of(poses), EYE, everywhere(poses))
    assert {e.name for e in errors} == {
        "knee",
        "knee, far side",
        "hip",
        "hip, far side",
        "leg",
        "leg, far side",
        "trunk",
    }
    assert all(e.mae == 0 for e in errors)


def test_a_turned_shank_is_an_error_of_the_knee_of_its_side_alone() -> None:
    poses = film()
    shank = (Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL, Landmark.LEFT_FOOT_INDEX)
    wrong = turned(poses, Landmark.LEFT_KNEE, shank, 6.0)
    errors = by_name(joint_errors(raw(wrong), exact_of(poses, nearer="right"), EYE, everywhere(poses)))
    assert errors["knee, far side"].mae == pytest.approx(6.0, abs=0.5)
    assert errors["knee"].mae == 0
    assert errors["hip, far side"].mae == 0
    near = by_name(joint_errors(raw(wrong), exact_of(poses, nearer="left"), EYE, everywhere(poses)))
    assert near["knee"].mae == errors["knee, far side"].mae


@pytest.mark.parametrize("degrees", [4.0, -4.0])
def test_a_raised_leg_reads_too_high_to_either_side(degrees: float) -> None:
    poses = film()
    leg = (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL, Landmark.LEFT_FOOT_INDEX)
    for mirrored in (False, True):
        seen = [p.mirrored() for p in poses] if mirrored else poses
        marks = leg if not mirrored else tuple(Landmark(m + 1) for m in leg)
        hip = Landmark.RIGHT_HIP if mirrored else Landmark.LEFT_HIP
        side = "right" if mirrored else "left"
        wrong = turned(seen, hip, marks, -degrees if mirrored else degrees)
        found = by_name(joint_errors(raw(wrong), exact_of(seen, nearer=side), EYE, everywhere(seen)))["leg"]
        assert found.mae == pytest.approx(4.0, abs=1e-3)
        if not mirrored:
            first = found.bias
    assert found.bias == pytest.approx(first, abs=0.01)


def test_a_trunk_that_leans_to_the_toes_is_positive() -> None:
    poses = film()
    toes_right = poses[0].points[Landmark.LEFT_FOOT_INDEX, 0] > poses[0].points[Landmark.LEFT_HEEL, 0]
    centre = Landmark.LEFT_HIP
    upper = tuple(m for m in Landmark if m < Landmark.LEFT_HIP)
    wrong = turned(poses, centre, upper, -5.0 if toes_right else 5.0)
    errors = by_name(joint_errors(raw(wrong), exact_of(poses), EYE, everywhere(poses)))
    assert errors["trunk"].bias == pytest.approx(5.0, abs=0.5)


def test_without_a_lens_sides_are_left_out() -> None:
    poses = film()
    assert [e.name for e in joint_errors(raw(poses), exact_of(poses), None, everywhere(poses))] == ["trunk"]


def test_frames_that_are_not_judged_do_not_count() -> None:
    poses = film()
    some = everywhere(poses)
    some[10:] = False
    [trunk] = joint_errors(raw(poses), exact_of(poses), None, some)
    assert trunk.frames == 10
    assert joint_errors(raw(poses), exact_of(poses), EYE, ~everywhere(poses)) == []


def test_measures_are_compared_as_the_program_reads_them() -> None:
    poses = film()
    exact = exact_of(poses)
    perfect = judge(exact.poses(poses[0].size), LUNGE)
    same = measure_errors(perfect, perfect, LUNGE, exact, everywhere(poses))
    assert {e.name for e in same} == set(LUNGE.measures)
    assert all(e.mae == 0 and e.measure for e in same)
    off = Outcome(perfect.report, perfect.times, perfect.ready, perfect.seen, perfect.points, perfect.values + 2.0)
    assert all(e.bias == pytest.approx(2.0) for e in measure_errors(off, perfect, LUNGE, exact, everywhere(poses)))


def test_only_some_errors_are_kept() -> None:
    poses = film()
    [trunk] = joint_errors(raw(poses), exact_of(poses), None, everywhere(poses))
    assert trunk.frames == len(poses) > SAMPLES
    assert len(trunk.errors) == SAMPLES


def test_directions_wrap() -> None:
    assert wrapped(np.array([-359.0, -181.0, 180.0, 179.0, 361.0])).tolist() == [1.0, 179.0, -180.0, 179.0, 1.0]


def test_frames_belong_to_the_nearest_exact_ones() -> None:
    exact = ExactJoints(np.array([0.0, 0.1, 0.2]), np.zeros((3, 33, 2)), np.zeros((3, 33, 3)))
    assert exact.at([-1.0, 0.04, 0.06, 0.11, 5.0]).tolist() == [0, 0, 1, 1, 2]


def save(path: Path, **changes: object) -> Path:
    arrays: dict[str, object] = {
        "time": np.arange(3) / 10,
        "joints": np.array(["left_hip", "nose"]),
        "joints_px": np.ones((3, 2, 2), "f4"),
        "joints_m": np.ones((3, 2, 3), "f4"),
    }
    np.savez_compressed(path, **{**arrays, **changes})  # type: ignore[arg-type]
    return path


def test_exact_joints_are_read_and_absent_landmarks_stay_unseen(tmp_path: Path) -> None:
    exact = read_exact(save(tmp_path / "a.npz"))
    assert exact.pixels[1, Landmark.LEFT_HIP].tolist() == [1.0, 1.0]
    pose = exact.poses((640, 480))[2]
    assert pose.time == pytest.approx(0.2)
    assert pose.visibility[Landmark.NOSE] == 1.0
    assert pose.visibility[Landmark.RIGHT_HIP] == 0.0
    assert np.isnan(pose.points[Landmark.RIGHT_HIP]).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"joints": np.array(["left_hip", "tail"])},
        {"joints_px": np.ones((2, 2, 2))},
        {"time": np.array([object()])},
    ],
)
def test_other_files_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(TruthError, match=r"a\.npz"):
        read_exact(save(tmp_path / "a.npz", **changes))
    with pytest.raises(TruthError, match="There is no file"):
        read_exact(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(TruthError, match="does not hold"):
        read_exact(tmp_path / "text.npz")
