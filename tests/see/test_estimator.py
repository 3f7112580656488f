from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import drawn_person
import numpy as np
import pytest
from drawn_person import JOINTS, SIDE
from numpy.typing import NDArray

from formcheck.errors import ModelError
from formcheck.pose import Pose
from formcheck.see import download, estimator, model, trial, trim
from formcheck.see.download import OFFICIAL
from formcheck.see.estimator import Estimator
from formcheck.see.frame import Frame
from formcheck.see.model import ModelFile, locate

# --- what it does around MediaPipe -----------------------------------------------------------------------------------


class FakeLandmarker:
    """Sees 33 landmarks at (0.25, 0.5) in pictures that are not black."""

    seen: list[tuple[tuple[int, ...], int]]

    def __init__(self, model: ModelFile) -> None:
        assert model.path.read_bytes() == b"bundle"
        FakeLandmarker.seen = []

    def for_everybody(self, people: int) -> FakeLandmarker:
        assert people > 1
        another = object.__new__(FakeLandmarker)
        another.seen = []  # looks around are not followed
        return another

    def poses(self, image: NDArray[np.uint8], milliseconds: int = 0) -> NDArray[np.float64]:
        self.seen.append((image.shape, milliseconds))
        return np.full((1 if image.any() else 0, 33, 3), (0.25, 0.5, 0.75))

    def close(self) -> None:
        pass


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelFile:
    monkeypatch.setattr(estimator, "open_landmarker", FakeLandmarker)
    path = tmp_path / "own.task"
    path.write_bytes(b"bundle")
    return ModelFile(path, None, "file", trimmed=False)


def frame(time: float, width: int = 64, height: int = 48, value: int = 90) -> Frame:
    return Frame(time, np.full((height, width, 3), value, dtype=np.uint8))


@pytest.mark.parametrize(
    ("times", "milliseconds"),
    [
        ([0.0, 1 / 30, 2 / 30], [0, 33, 67]),
        ([1000.0, 1000 + 1 / 30, 1000 + 2 / 30], [0, 33, 67]),
        ([-5.0, -4.5], [0, 500]),
        ([0.0, 0.0001, 0.0002, 0.0003], [0, 1, 2, 3]),
        ([0.0, 0.5, 0.5, 0.2, 0.6], [0, 500, 501, 502, 600]),
    ],
)
def test_mediapipes_clock_starts_at_the_first_frame_and_always_goes_on(
    bundle: ModelFile, times: list[float], milliseconds: list[int]
) -> None:
    with Estimator(bundle) as e:
        poses = [e.estimate(frame(t)) for t in times]
    assert [ms for _, ms in FakeLandmarker.seen] == milliseconds
    assert [pose.time for pose in poses] == times


@pytest.mark.parametrize("size", [(1, 1), (640, 480), (1920, 1080), (1080, 1920), (3840, 2160)])
def test_frames_are_given_in_full_size_and_points_are_in_their_pixels(bundle: ModelFile, size: tuple[int, int]) -> None:
    with Estimator(bundle) as e:
        pose = e.estimate(frame(0.0, *size))
    assert FakeLandmarker.seen[0][0] == (size[1], size[0], 3)
    assert pose.size == size
    np.testing.assert_allclose(pose.points, [[0.25 * size[0], 0.5 * size[1]]] * 33)
    np.testing.assert_array_equal(pose.visibility, [0.75] * 33)


def test_where_nobody_is_seen_the_pose_is_absent(bundle: ModelFile) -> None:
    with Estimator(bundle) as e:
        pose = e.estimate(frame(2.5, value=0))
    assert (pose.seen, pose.time, pose.size) == (False, 2.5, (64, 48))
    assert np.isnan(pose.points).all()
    assert not pose.visibility.any()


@pytest.mark.parametrize(
    "bad",
    [
        Frame(0.0, np.zeros((48, 64), np.uint8)),
        Frame(0.0, np.zeros((48, 64, 4), np.uint8)),
        Frame(0.0, np.zeros((0, 64, 3), np.uint8)),
        Frame(0.0, np.zeros((48, 64, 3), np.float64)),
        Frame(float("nan"), np.zeros((48, 64, 3), np.uint8)),
    ],
)
def test_a_frame_that_is_none_is_refused(bundle: ModelFile, bad: Frame) -> None:
    with Estimator(bundle) as e, pytest.raises(ValueError, match="a frame"):
        e.estimate(bad)
    assert FakeLandmarker.seen == []


def test_a_model_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = ModelFile(tmp_path / "gone.task", "full", "file", trimmed=True)
    with pytest.raises(ModelError, match=r"gone\.task cannot be used .*`formcheck model`"):
        Estimator(gone)


# --- the real model --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full() -> ModelFile:
    return locate("full")


@pytest.fixture(scope="module")
def stock() -> bytes:
    networks, _ = model._stock("full", lambda *_: None, None)
    return trim.bundle(networks)


def walk(e: Estimator, start: float = 0.0, pixels: int = SIDE, frames: int = 8) -> list[Pose]:
    """The poses of a person who is pushed to the right, 3 units every 1/16 s (a time without rounding)."""
    return [e.estimate(Frame(start + i / 16, drawn_person.draw(pixels, right=3.0 * i))) for i in range(frames)]


@pytest.mark.model
@pytest.mark.parametrize("pixels", [SIDE, 720, 2000])
def test_a_drawn_person_is_found_joint_by_joint(full: ModelFile, pixels: int) -> None:
    with Estimator(full) as e:
        poses = walk(e, pixels=pixels)
    for i, pose in enumerate(poses):
        assert pose.size == (pixels, pixels)
        for joint, (x, y) in JOINTS.items():
            # BlazePose takes the waist of this shirt for the hips; 10 units are 2 % of the picture.
            np.testing.assert_allclose(pose.points[joint] / pixels * SIDE, (x + 3 * i, y), atol=10, err_msg=joint.name)
            assert pose.visibility[joint] > 0.9


@pytest.mark.model
def test_after_a_cut_people_are_found_where_they_are_at_once(full: ModelFile) -> None:
    """Not where somebody was in the scene before, and then nearer with each picture."""
    scene = drawn_person.draw(960)
    before = np.full_like(scene, 40)
    before[480:, 480:] = drawn_person.draw(480)
    with Estimator(full) as e:
        assert all(e.estimate(Frame(i / 16, before)).seen for i in range(8))
        after = [e.estimate(Frame(0.5 + i / 16, scene)) for i in range(8)]
    first, last = (after[i].points[list(JOINTS)] for i in (0, -1))
    np.testing.assert_allclose(first, last, atol=0.02 * 960)
    assert [pose.cut for pose in after] == [True] + 7 * [False]


@pytest.mark.model
def test_nobody_is_found_in_an_empty_picture_and_somebody_once_he_comes(full: ModelFile) -> None:
    empty = np.full((SIDE, SIDE, 3), 127, np.uint8)
    with Estimator(full) as e:
        assert not e.estimate(Frame(0.0, empty)).seen
        assert e.estimate(Frame(0.1, drawn_person.draw())).seen
        assert not any(e.estimate(Frame(0.2 + i / 10, empty)).seen for i in range(3))


@pytest.mark.model
def test_a_shifted_video_gives_the_same_poses_and_so_does_a_second_run(full: ModelFile) -> None:
    runs = []
    for start in (0.0, 0.0, 1000.0):
        with Estimator(full) as e:
            runs.append(np.array([pose.points for pose in walk(e, start)]))
    assert np.isfinite(runs[0]).all()
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], runs[2])


@pytest.mark.model
def test_trimmed_and_stock_model_give_bit_identical_poses(full: ModelFile, stock: bytes, tmp_path: Path) -> None:
    assert full.trimmed
    path = tmp_path / "stock.task"
    path.write_bytes(stock)
    runs = []
    for one in (full, ModelFile(path, "full", "file", trimmed=False)):
        with Estimator(one) as e:
            runs.append(np.array([(*pose.points.T, pose.visibility) for pose in walk(e)]))
    assert np.isfinite(runs[0]).all()
    np.testing.assert_array_equal(runs[0], runs[1])


@pytest.mark.model
def test_a_stock_bundle_is_trimmed_tried_and_found_identical(
    stock: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path))
    monkeypatch.setitem(OFFICIAL, "full", (len(stock), hashlib.sha256(stock).hexdigest()))
    monkeypatch.setattr(download, "from_official_address", lambda variant, progress: stock)
    found = locate("full")
    assert (found.source, found.trimmed) == ("official address", True)
    (record,) = (s.record for s in model.status() if s.variant == "full")
    assert record is not None
    assert record.verdict == "trimmed: identical landmarks"


@pytest.mark.model
def test_the_trial_notices_another_network(stock: bytes) -> None:
    networks = trim.networks(stock)
    network = bytearray(networks[trim.LANDMARKS])
    middle = len(network) // 2  # amid the weights
    network[middle : middle + 20_000] = bytes(20_000)
    assert trial.difference(stock, stock) == 0.0
    assert trial.difference(stock, trim.bundle({**networks, trim.LANDMARKS: bytes(network)})) > trial.TOLERANCE


@pytest.mark.model
def test_a_bundle_that_mediapipe_cannot_use_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.task"
    path.write_bytes(trim.bundle({trim.DETECTOR: b"odd", trim.LANDMARKS: b"odd"}))
    with pytest.raises(ModelError, match=r"odd\.task cannot be used"):
        Estimator(path)


@pytest.mark.model
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (500, 1), (1, 500), (3, 4000), (33_000, 20)])
def test_pictures_of_any_size_can_be_given(full: ModelFile, size: tuple[int, int]) -> None:
    with Estimator(full) as e:
        for time, value in itertools.product((0.0, 0.1), (0, 200)):
            assert e.estimate(frame(time, *size, value=value)).size == size


@pytest.mark.model
def test_several_estimators_do_not_disturb_each_other(full: ModelFile) -> None:
    with Estimator(full) as alone:
        expected = [pose.points for pose in walk(alone)]
    with Estimator(full) as a, Estimator(full) as b:
        for i, points in enumerate(expected):
            b.estimate(frame(i / 16))
            pose = a.estimate(Frame(i / 16, drawn_person.draw(right=3.0 * i)))
            np.testing.assert_array_equal(pose.points, points)
    a.close()  # once more
