"""Signs that mean the same without colour: a tick, a warning triangle, a stop octagon, pause bars, a picture frame.

Each is drawn onto a mask, inside the square around (x, y) with the given half width, all in pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin
from typing import Literal

import cv2
import numpy as np

from formcheck.judge.moment import Quality
from formcheck.show.palette import INK, Colour
from formcheck.show.stamp import Mask, Sheet

Glyph = Literal["tick", "warning", "stop", "pause", "frame"]

QUALITY_GLYPH: dict[Quality, Glyph] = {"good": "tick", "off": "warning"}
"""Round for good, pointed for off."""

_SHIFT = 4


def draw_glyph(sheet: Sheet, glyph: Glyph, x: float, y: float, half: float, colour: Colour) -> None:
    """Paints a sign: its body in the colour, what is inside it in ink."""
    body, inside = sheet.mask(), sheet.mask()
    _DRAW[glyph](body, inside, x, y, half)
    sheet.paint(body, colour)
    sheet.paint(inside, INK)


def _tick(body: Mask, inside: Mask, x: float, y: float, half: float) -> None:
    cv2.circle(body, _fixed(x, y), round(half * 16), 255, -1, cv2.LINE_AA, _SHIFT)
    _stroke(inside, [(x - 0.48 * half, y + 0.04 * half), (x - 0.12 * half, y + 0.40 * half)], 0.26 * half)
    _stroke(inside, [(x - 0.12 * half, y + 0.40 * half), (x + 0.50 * half, y - 0.36 * half)], 0.26 * half)


def _warning(body: Mask, inside: Mask, x: float, y: float, half: float) -> None:
    corners = [(x, y - 0.86 * half), (x + 0.92 * half, y + 0.74 * half), (x - 0.92 * half, y + 0.74 * half)]
    _polygon(body, corners)
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        _stroke(body, [a, b], 0.24 * half)
    _exclamation(inside, x, y + 0.12 * half, 0.72 * half)


def _stop(body: Mask, inside: Mask, x: float, y: float, half: float) -> None:
    turns = [pi / 8 + i * pi / 4 for i in range(8)]
    _polygon(body, [(x + 1.05 * half * cos(t), y + 1.05 * half * sin(t)) for t in turns])
    _exclamation(inside, x, y, 0.95 * half)


def _pause(body: Mask, inside: Mask, x: float, y: float, half: float) -> None:
    for side in (-0.42, 0.42):
        _stroke(body, [(x + side * half, y - 0.6 * half), (x + side * half, y + 0.6 * half)], 0.42 * half)


def _frame(body: Mask, inside: Mask, x: float, y: float, half: float) -> None:
    """Corners of a viewfinder with somebody's head in it."""
    edge, arm = 0.86 * half, 0.46 * half
    for sx in (-1, 1):
        for sy in (-1, 1):
            cx, cy = x + sx * edge, y + sy * edge
            _stroke(body, [(cx - sx * arm, cy), (cx, cy)], 0.22 * half)
            _stroke(body, [(cx, cy), (cx, cy - sy * arm)], 0.22 * half)
    cv2.circle(body, _fixed(x, y), round(0.34 * half * 16), 255, -1, cv2.LINE_AA, _SHIFT)


def _exclamation(mask: Mask, x: float, y: float, half: float) -> None:
    _stroke(mask, [(x, y - 0.62 * half), (x, y + 0.10 * half)], 0.28 * half)
    cv2.circle(mask, _fixed(x, y + 0.60 * half), max(12, round(0.17 * half * 16)), 255, -1, cv2.LINE_AA, _SHIFT)


def _stroke(mask: Mask, points: list[tuple[float, float]], thickness: float) -> None:
    start, end = (_fixed(*point) for point in points)
    cv2.line(mask, start, end, 255, max(1, round(thickness)), cv2.LINE_AA, _SHIFT)


def _polygon(mask: Mask, points: list[tuple[float, float]]) -> None:
    cv2.fillPoly(mask, [np.array([_fixed(*point) for point in points], np.int32)], 255, cv2.LINE_AA, _SHIFT)


def _fixed(x: float, y: float) -> tuple[int, int]:
    return round(x * 16), round(y * 16)


_DRAW: dict[Glyph, Callable[[Mask, Mask, float, float, float], None]] = {
    "tick": _tick,
    "warning": _warning,
    "stop": _stop,
    "pause": _pause,
    "frame": _frame,
}
