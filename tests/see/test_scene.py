"""Cuts to another scene, told from movement, changing light and empty pictures."""

from __future__ import annotations

import drawn_person
import numpy as np
import pytest
from numpy.typing import NDArray

from formcheck.see.scene import Scene


def room(seed: int, width: int = 640, height: int = 360) -> NDArray[np.uint8]:
    """A picture of large, differently bright things."""
    rng = np.random.default_rng(seed)
    things = rng.integers(40, 200, (6, 8, 1), dtype=np.uint8)
    return np.ascontiguousarray(np.kron(things, np.ones((height // 6, width // 8, 3), np.uint8)))


def changes(*pictures: NDArray[np.uint8], step: float = 0.04) -> list[bool]:
    scene = Scene()
    return [scene.changed(i * step, picture) for i, picture in enumerate(pictures)]


def test_a_cut_is_told_with_its_first_picture() -> None:
    a, b = room(1), room(2)
    assert changes(a, a, b, b, a) == [False, False, True, False, True]


@pytest.mark.parametrize("size", [(8, 6), (64, 48), (1920, 1080)])
def test_pictures_of_any_size_are_compared(size: tuple[int, int]) -> None:
    assert changes(room(1, *size), room(1, *size), room(2, *size)) == [False, False, True]


def test_a_video_whose_size_changes_goes_on() -> None:
    assert changes(room(1), room(1, 320, 180)) == [False, False]


def test_somebody_who_moves_changes_nothing() -> None:
    assert not any(changes(*(drawn_person.draw(right=6.0 * i) for i in range(12))))


def test_somebody_who_leaps_before_a_plain_wall_changes_nothing() -> None:
    """Half of all that there is to see is elsewhere, but the wall is not."""
    wall = np.full((360, 640, 3), 200, np.uint8)
    pictures = []
    for x in (120, 185, 250):
        picture = wall.copy()
        picture[60:340, x : x + 110] = 30
        pictures.append(picture)
    assert changes(*pictures) == [False] * 3


def test_somebody_who_has_moved_while_the_camera_faltered_changes_nothing() -> None:
    wall, other = room(1), room(2)
    moved = wall.copy()
    moved[:, 200:450] = other[:, 200:450]
    assert changes(wall, moved, step=0.4) == [False, False]
    assert changes(wall, other, step=0.4) == [False, True]


def test_a_camera_that_is_moved_by_hand_changes_nothing() -> None:
    wide = room(3, 960, 540)
    assert not any(changes(*(wide[4 * i : 4 * i + 360, 6 * i : 6 * i + 640] for i in range(20))))


def test_noise_changes_nothing_in_the_light_or_in_the_dark() -> None:
    rng = np.random.default_rng(5)
    for picture in (room(1), room(1) // 40, np.zeros((360, 640, 3), np.uint8)):
        noisy = [(picture + rng.integers(0, 12, picture.shape)).clip(0, 255).astype(np.uint8) for _ in range(6)]
        assert not any(changes(*noisy))


def test_exposure_that_adapts_changes_nothing() -> None:
    picture = room(1)
    assert not any(changes(*((picture * gain).astype(np.uint8) for gain in np.linspace(0.4, 1.2, 8))))


@pytest.mark.parametrize("gain", [0.2, 0.4, 2.0])
def test_a_lamp_that_is_switched_changes_nothing(gain: float) -> None:
    picture = room(1) // 2
    assert changes(picture, (picture * gain).astype(np.uint8), picture) == [False] * 3


def test_a_picture_after_black_ones_is_another_scene() -> None:
    black = np.zeros((360, 640, 3), np.uint8)
    assert changes(black, black, room(1)) == [False, False, True]
