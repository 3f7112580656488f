"""The networks run by LiteRT find what MediaPipe finds."""

from __future__ import annotations

import math
import sys
from importlib.metadata import version

import cv2
import numpy as np
import pytest
from drawn_person import SIDE, draw
from numpy.typing import NDArray

from formcheck.see.blazepose import Landmarker
from formcheck.see.detector import _merged
from formcheck.see.landmarker import open_landmarker, runtime
from formcheck.see.landmarks import _refined
from formcheck.see.model import ModelFile, locate
from formcheck.see.network import Network, Unsupported, sigmoid
from formcheck.see.region import Region
from formcheck.see.steadying import Steadying
from formcheck.see.tracker import Tracker

# --- regions ---------------------------------------------------------------------------------------------------------


def test_a_region_is_turned_so_that_the_person_stands_in_it() -> None:
    upright = Region.around(np.array([100.0, 200.0]), np.array([100.0, 120.0]))
    assert upright == pytest.approx((100, 200, 200, 0))
    lying = Region.around(np.array([100.0, 200.0]), np.array([180.0, 200.0]))
    assert lying == pytest.approx((100, 200, 200, math.pi / 2))
    picture = np.zeros((400, 400, 3), np.uint8)
    cv2.circle(picture, (160, 200), 12, (255, 0, 0), -1)  # at the head of who lies
    crop = lying.crop(picture, 100)
    y, x = np.argwhere(crop[..., 0] > 128).mean(axis=0)
    assert (x, y) == pytest.approx((50, 20), abs=1)


def test_a_crop_of_one_pixel_for_each_is_a_part_of_the_picture_and_goes_on_beyond_it() -> None:
    picture = np.random.default_rng(3).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    np.testing.assert_array_equal(Region(30, 20, 16, 0.0).crop(picture, 16), picture[12:28, 22:38])
    beyond = Region(0, 20, 16, 0.0)
    np.testing.assert_array_equal(beyond.crop(picture, 16)[:, :8], picture[12:28, :1].repeat(8, axis=1))
    assert not beyond.crop(picture, 16, cv2.BORDER_CONSTANT)[:, :8].any()


@pytest.mark.parametrize("long", [(40, 33_000), (70_000, 30)])
def test_pictures_longer_than_opencv_can_cut_from_are_cut_from_coarsely(long: tuple[int, int]) -> None:
    picture = np.zeros((*long, 3), np.uint8)
    picture[long[0] // 2 :, long[1] // 2 :] = 200
    crop = Region(long[1] / 2, long[0] / 2, 20, 0.0).crop(picture, 10)
    assert crop[2, 2].max() == 0
    assert crop[7, 7].min() == 200


@pytest.mark.parametrize(
    ("other", "share"),
    [((0, 0, 10), 1.0), ((5, 0, 10), 1 / 3), ((0, 0, 5), 1 / 4), ((20, 0, 10), 0.0), ((0, 11, 10), 0.0)],
)
def test_overlap_is_shared_by_united_area(other: tuple[float, float, float], share: float) -> None:
    one, two = Region(0, 0, 10, 0.0), Region(*other, 1.0)
    assert one.overlap(two) == pytest.approx(share)
    assert two.overlap(one) == pytest.approx(share)


def test_a_region_without_size_or_place_is_not_usable() -> None:
    assert Region(1, 2, 3, 0.1).usable
    assert not Region(1, 2, 0, 0.0).usable
    assert not Region(math.nan, 2, 3, 0.0).usable
    assert not Region(1, 2, math.inf, 0.0).usable


# --- what the networks say -------------------------------------------------------------------------------------------


def guess(x: float, y: float, size: float) -> NDArray[np.float64]:
    return np.array([[x, y], [size, size], [x, y], [x, y - size], [x, y], [x, y]])


def test_guesses_of_one_person_are_averaged_by_how_sure_they_are() -> None:
    places = np.array([guess(0.8, 0.5, 0.2), guess(0.30, 0.5, 0.2), guess(0.34, 0.5, 0.2)])
    people = _merged(places, places[:, 1], np.array([0.6, 0.9, 0.3]))
    assert [tuple(person[2]) for person in people] == [pytest.approx((0.31, 0.5)), pytest.approx((0.8, 0.5))]
    assert _merged(places[:0], places[:0, 1], np.array([])) == []


def likeness(*hills: tuple[int, float, float]) -> NDArray[np.float32]:
    """Maps in which the landmark looks like what is around (column, row)."""
    values = np.full((64, 64, 39), -20, np.float32)
    y, x = np.mgrid[0:64, 0:64]
    for landmark, column, row in hills:
        values[..., landmark] = 8 - 4 * np.hypot(x - column, y - row)
    return values


@pytest.mark.parametrize("others", [0.5, 0.001, 0.999, -0.2], ids=["inside", "at an edge", "at the other", "outside"])
def test_a_landmark_moves_to_what_looks_like_it_nearby(others: float) -> None:
    places = np.full((35, 2), others, np.float32)
    places[4], places[7], places[9] = (20.4 / 64, 30.4 / 64), (40 / 64, 40 / 64), (10 / 64, 10 / 64)
    maps = likeness((4, 22.0, 29.0), (7, 55.0, 40.0))
    maps[..., 9] = -0.1  # everywhere a little less than half
    found = _refined(places, maps)
    np.testing.assert_allclose(found[4] * 64, (22, 29), atol=0.25)  # its cells end 3 from where it was
    np.testing.assert_array_equal(found[7], places[7])  # too far
    np.testing.assert_array_equal(found[9], places[9])  # not sure enough
    np.testing.assert_array_equal(np.delete(found, [4, 7, 9], axis=0), np.delete(places, [4, 7, 9], axis=0))


def test_a_landmark_at_the_edge_is_refined_from_what_is_there() -> None:
    places = np.full((35, 2), 0.5, np.float32)
    places[3], places[5] = (0.5 / 64, 20.5 / 64), (63.5 / 64, 63.5 / 64)
    found = _refined(places, likeness((3, 1.0, 21.0), (5, 63.0, 63.0)))
    assert 0 <= found[3, 0] * 64 <= 1.2
    assert found[3, 1] * 64 == pytest.approx(21, abs=0.1)
    assert (found[5] * 64 > 62).all()


def test_a_sigmoid_of_large_numbers_is_0_or_1() -> None:
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(sigmoid(np.array([-1e4, 0, 1e4, -np.inf])), [0, 0.5, 1, 0], atol=1e-30)


@pytest.mark.parametrize("content", [b"", b"no network"])
def test_what_is_no_network_is_not_supported(content: bytes) -> None:
    with pytest.raises(Unsupported):
        Network(content, 0, 255, ())
    with pytest.raises(Unsupported):
        Tracker.open(content)


# --- over time -------------------------------------------------------------------------------------------------------


def test_trembling_is_steadied_and_a_fast_movement_is_followed() -> None:
    seen, random = np.full(33, 0.9), np.random.default_rng(1)
    filters = Steadying()
    trembling = [random.normal(0, 0.5, (33, 2)) + 100 for _ in range(60)]
    calm = [filters.steady(points, seen, 600, 33 * i)[0] for i, points in enumerate(trembling)]
    assert np.array_equal(calm[0], trembling[0])
    assert np.std(calm[20:]) < 0.5 * np.std(trembling[20:])
    for i in range(60, 90):
        moved, _ = filters.steady(np.full((33, 2), 100 + 20.0 * (i - 59)), seen, 600, 33 * i)
    np.testing.assert_allclose(moved, 100 + 20 * 30, atol=20)


def test_visibility_changes_by_a_tenth() -> None:
    filters, points = Steadying(), np.zeros((33, 2))
    given = [filters.steady(points, np.full(33, v), 600, 33 * i)[1][0] for i, v in enumerate((1.0, 0.0, 0.0))]
    assert given == pytest.approx([1, 0.9, 0.81])


# --- against MediaPipe -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full() -> ModelFile:
    return locate("full")


def pixels(poses: NDArray[np.float64], image: NDArray[np.uint8]) -> NDArray[np.float64]:
    return poses[..., :2] * image.shape[1::-1]


@pytest.mark.model
def test_in_single_pictures_it_is_within_a_tenth_of_a_pixel_of_mediapipe(full: ModelFile) -> None:
    bundle = full.path.read_bytes()
    two = np.concatenate([draw(), draw()], axis=1)
    tilted = np.ascontiguousarray(draw().transpose(1, 0, 2))
    tracker = Tracker.open(bundle, parts_legs=False)
    with Landmarker(bundle, "image", people=4) as mediapipe:
        everybody = tracker.for_everybody(4)
        for image, people in ((draw(), 1), (draw(900), 1), (two, 2), (tilted, 1), (np.zeros_like(two), 0)):
            expected, found = mediapipe.poses(image), everybody.poses(image)
            assert found.shape == expected.shape == (people, 33, 3)
            np.testing.assert_allclose(pixels(found, image), pixels(expected, image), atol=0.1)
            np.testing.assert_allclose(found[..., 2], expected[..., 2], atol=0.01)
        assert tracker.for_everybody(1).poses(two).shape == (1, 33, 3)


@pytest.mark.model
def test_a_person_in_a_video_is_followed_as_mediapipe_does_it(full: ModelFile) -> None:
    # Each picture is looked at where the person was in the last one, so that the least difference grows, of hands above
    # all. MediaPipe is as far from itself in pictures of which one pixel in 1,600 is brighter by 1 of 255.
    bundle = full.path.read_bytes()
    tracker, apart = Tracker.open(bundle, parts_legs=False), []
    with Landmarker(bundle, "video") as mediapipe:
        for i in range(30):
            image = draw(right=3.0 * i)
            expected, found = mediapipe.poses(image, 33 * i), tracker.poses(image, 33 * i)
            apart.append(np.abs(pixels(found - expected, image)).max(axis=(0, 2)))
    assert np.max(apart[0]) < 0.1
    assert np.max(apart[1]) < 0.1, "the first step over time"
    assert np.median(apart) < 0.5
    assert np.max(apart) < 0.05 * SIDE


@pytest.mark.model
def test_official_models_are_run_by_litert_and_those_of_somebodys_own_by_mediapipe(
    full: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_landmarker(full) as opened:
        assert isinstance(opened, Tracker)
    with open_landmarker(ModelFile(full.path, None, "file", trimmed=False)) as opened:
        assert isinstance(opened, Landmarker)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)  # as if it were not installed
    with open_landmarker(full) as opened:
        assert isinstance(opened, Landmarker)
        assert opened.poses(draw()).shape == (1, 33, 3)
        with opened.for_everybody(2) as everybody:
            assert everybody.poses(np.concatenate([draw(), draw()], axis=1)).shape == (2, 33, 3)


def test_what_runs_the_models_is_named_with_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert runtime() == f"LiteRT {version('ai-edge-litert')}"
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)  # as if it were not installed
    assert runtime() == f"MediaPipe {version('mediapipe')}"
