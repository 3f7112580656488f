"""Letters: OpenCV's built-in sans font, by cap height, measured and wrapped.

Sizes are given as cap height, the height of a capital letter in pixels, because that is what decides from how far
away a text can be read.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil

import cv2

from formcheck.show.stamp import Mask
from formcheck.stopping import unstoppable

BOLD = 700
SEMIBOLD = 600
REGULAR = 450

_CAP = 0.75
"""Cap height of the font in units of its size; measured, and the same for figures."""

LINE_PITCH = 1.8
"""From one baseline to the next, in cap heights."""

DESCENT = 0.32
"""How far g and p reach below the baseline, in cap heights."""

_ANY_SIZE = (0, 0)


@lru_cache(maxsize=1)
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")


def _size(cap: int) -> int:
    return ceil(cap / _CAP)


@lru_cache(maxsize=1024)
def text_width(text: str, cap: int, weight: int = SEMIBOLD) -> int:
    """Pixels from the first letter's origin to where a next one would begin."""
    return _measured(text, _font(), _size(cap), weight)


def write(mask: Mask, text: str, x: int, baseline: int, cap: int, weight: int = SEMIBOLD) -> None:
    """Writes one line onto a mask; `baseline` is the first row below a letter without descender."""
    _written(mask, text, (x, baseline), _font(), _size(cap), weight)


# OpenCV tries the functions of these names for its other fonts first. While it puts down why they do not fit, an
# exception from Ctrl-C crashes it.


@unstoppable
def _measured(text: str, font: cv2.FontFace, size: int, weight: int) -> int:
    return int(cv2.getTextSize(_ANY_SIZE, text, (0, 0), font, size, weight)[2])


@unstoppable
def _written(mask: Mask, text: str, at: tuple[int, int], font: cv2.FontFace, size: int, weight: int) -> None:
    cv2.putText(mask, text, at, (255,), font, size, weight)


def wrap(text: str, cap: int, width: int, weight: int = SEMIBOLD) -> list[str]:
    """Breaks a text into the fewest lines that fit into `width` pixels, of about equal length.

    A word that is wider than a line is broken too: nothing is ever cut off.
    """
    words = [part for word in text.split() for part in _pieces(word, cap, width, weight)]
    lines = _fill(words, cap, width, weight)
    low, high = max((text_width(word, cap, weight) for word in words), default=0), width
    while high - low > cap:
        middle = (low + high) // 2
        if len(_fill(words, cap, middle, weight)) > len(lines):
            low = middle
        else:
            high = middle
    return _fill(words, cap, high, weight)


def _fill(words: list[str], cap: int, width: int, weight: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, cap, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(word: str, cap: int, width: int, weight: int) -> list[str]:
    pieces = [word]
    while text_width(pieces[-1], cap, weight) > width and len(pieces[-1]) > 1:
        last = pieces.pop()
        fits = max((n for n in range(1, len(last)) if text_width(last[:n] + "-", cap, weight) <= width), default=1)
        pieces += [last[:fits] + "-", last[fits:]]
    return pieces
