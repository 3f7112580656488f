"""Letters have the height they are asked for, and no text is ever cut off."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.show.lettering import text_width, wrap, write
from formcheck.show.stamp import Mask


def written(text: str, cap: int) -> Mask:
    mask = np.zeros((4 * cap, text_width(text, cap) + 4 * cap), np.uint8)
    write(mask, text, cap, 3 * cap, cap)
    return mask


@pytest.mark.parametrize("cap", [8, 11, 20, 29, 47, 86, 190])
@pytest.mark.parametrize("letter", ["H", "8"])
def test_letters_are_as_high_as_asked(cap: int, letter: str) -> None:
    rows = np.flatnonzero(written(letter, cap).max(axis=1) > 127)
    assert cap <= rows[-1] + 1 - rows[0] <= cap + max(2, 0.05 * cap)
    assert abs(rows[-1] + 1 - 3 * cap) <= 1 + 0.02 * cap  # they stand on the baseline, round ones a little below


@pytest.mark.parametrize("letter", list("°±–éüñßÅç’"))
def test_typographic_and_accented_letters_are_drawn(letter: str) -> None:
    """What the font lacks is drawn as a question mark."""
    assert written(letter, 30).max() == 255
    assert not np.array_equal(written(letter, 30), written("?", 30)[:, : written(letter, 30).shape[1]])


def test_no_letter_reaches_beyond_the_measured_width() -> None:
    text = "Turn so that the camera sees you, 90°"
    columns = np.flatnonzero(written(text, 30).max(axis=0))
    assert columns[0] >= 30 - 3
    assert columns[-1] < 30 + text_width(text, 30) + 3


@given(st.lists(st.text("abcdefgjpWM,.", min_size=1, max_size=14), min_size=1, max_size=15), st.integers(120, 900))
def test_wrapped_lines_fit_and_keep_every_letter(words: list[str], width: int) -> None:
    text = " ".join(words)
    lines = wrap(text, 24, width)
    assert all(text_width(line, 24) <= width for line in lines)
    assert "".join(lines).replace(" ", "").replace("-", "") == text.replace(" ", "")


def test_lines_are_few_and_of_about_equal_length() -> None:
    text = "Turn so that the camera sees you from the side"
    lines = wrap(text, 29, text_width(text, 29) - 1)
    assert len(lines) == 2
    first, second = (text_width(line, 29) for line in lines)
    assert abs(first - second) < 0.35 * max(first, second)


def test_measuring_agrees_with_drawing() -> None:
    """`putText` says where a next letter would begin."""
    mask = np.zeros((100, 900), np.uint8)
    end, _ = cv2.putText(mask, "Lift your hips higher", (0, 60), (255,), cv2.FontFace("sans"), 40, 600)
    assert abs(end[0] - text_width("Lift your hips higher", 30)) <= 1
