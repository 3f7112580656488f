"""Stamps cover what they should, as much as they should, and nothing else."""

import numpy as np
import pytest
from numpy.typing import NDArray

from formcheck.show.canvas import Canvas
from formcheck.show.glyphs import Glyph, draw_glyph
from formcheck.show.palette import GOOD, INK, OFF, PANEL_OPACITY, QUALITY, WHITE, Colour
from formcheck.show.stamp import Image, Sheet, Stamp, rounded


def half_red() -> Stamp:
    sheet = Sheet(10, 6)
    sheet.paint(np.full((6, 10), 255, np.uint8), (200, 0, 0), 0.5)
    return sheet.stamp()


def white(width: int = 40, height: int = 30) -> Image:
    return np.full((height, width, 3), 255, np.uint8)


def test_an_opacity_of_one_half_shows_half_of_each() -> None:
    image = white()
    Canvas(image).put(half_red(), 5, 7)
    assert np.abs(image[7:13, 5:15].astype(int) - (227, 128, 128)).max() <= 1
    image[7:13, 5:15] = 255
    assert (image == 255).all()


@pytest.mark.parametrize(
    ("x", "y"), [(-4, 3), (35, 3), (3, -2), (3, 28), (-4, -2), (35, 28), (-10, 0), (40, 0), (0, 99)]
)
def test_what_lies_outside_the_picture_is_left_out(x: int, y: int) -> None:
    large, image = white(80, 70), white()
    Canvas(large).put(half_red(), x + 20, y + 20)
    Canvas(image).put(half_red(), x, y)
    assert np.array_equal(image, large[20:50, 20:60])


def test_later_layers_cover_earlier_ones() -> None:
    sheet = Sheet(10, 10)
    sheet.paint(np.full((10, 10), 255, np.uint8), (0, 0, 200), 0.8)
    top = sheet.mask()
    top[2:5, 2:5] = 255
    sheet.paint(top, (250, 250, 250))
    image = white(10, 10)
    Canvas(image).put(sheet.stamp(), 0, 0)
    assert (image[2:5, 2:5] == 250).all()
    assert image[7, 7].tolist() == pytest.approx([51, 51, 211], abs=1)


def test_a_rounded_rectangle_fills_its_box_but_for_the_corners() -> None:
    mask = np.zeros((40, 60), np.uint8)
    rounded(mask, (5, 4, 50, 30), 10)
    rows, columns = np.nonzero(mask > 127)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (5, 54, 4, 33)
    assert mask[4, 5] == mask[33, 54] == 0
    assert mask[4, 30] == mask[19, 5] == mask[12, 12] == 255


def shape(glyph: Glyph) -> Image:
    sheet = Sheet(64, 64)
    draw_glyph(sheet, glyph, 32, 32, 24, WHITE)
    image = np.zeros((64, 64, 3), np.uint8)
    Canvas(image).put(sheet.stamp(), 0, 0)
    return image


def test_signs_differ_in_shape_and_not_only_in_colour() -> None:
    outlines = {glyph: shape(glyph).max(axis=2) > 12 for glyph in ("tick", "warning", "stop", "pause", "frame")}
    for one, first in outlines.items():
        for other, second in outlines.items():
            if one < other and {one, other} != {"tick", "stop"}:  # those two are told apart by what is inside
                assert (first & second).sum() < 0.8 * (first | second).sum(), (one, other)
    inside = {glyph: (shape(glyph)[20:44, 20:44].max(axis=2) < 60) for glyph in ("tick", "stop")}
    assert (inside["tick"] ^ inside["stop"]).mean() > 0.15


def luminance(colour: Colour) -> float:
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: Colour, b: Colour) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def deuteranopic(colour: Colour) -> NDArray[np.float64]:
    """As somebody without green cones sees it (Viénot, Brettel and Mollon 1999), in linear light."""
    linear = (np.array(colour) / 255) ** 2.2
    to_cones = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    blind = np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]])
    seen: NDArray[np.float64] = np.linalg.inv(to_cones) @ blind @ to_cones @ linear
    return seen


def test_good_and_off_differ_for_the_colour_blind() -> None:
    assert QUALITY["good"] == GOOD
    assert QUALITY["off"] == OFF
    assert np.abs(deuteranopic(GOOD) - deuteranopic(OFF)).max() > 0.3


@pytest.mark.parametrize(("colour", "least"), [(WHITE, 7.0), (GOOD, 4.5), (OFF, 4.5)])
def test_words_and_signs_stand_out_from_the_panel_even_on_a_white_wall(colour: Colour, least: float) -> None:
    sheet = Sheet(4, 4)
    sheet.paint(np.full((4, 4), 255, np.uint8), INK, PANEL_OPACITY)
    wall = white(4, 4)
    Canvas(wall).put(sheet.stamp(), 0, 0)
    r, g, b = wall[0, 0].tolist()
    assert contrast(colour, (r, g, b)) >= least
