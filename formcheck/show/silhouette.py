"""A figure that shows how to be in the picture: in the posture of the exercise, seen from where the camera must be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, cos, radians, sin

import cv2
import numpy as np

from formcheck.judge.template import ViewName
from formcheck.show.palette import INK, WHITE
from formcheck.show.stamp import Mask, Sheet, Stamp

OPACITY = 0.42

_YAW: dict[ViewName, float] = {"side": 0.0, "oblique": 45.0, "front": 90.0}
_SHOULDER, _HIP = 0.11, 0.07
_LIMB, _TRUNK, _HEAD = 0.055, 0.10, 0.065

Spot = tuple[float, float]
"""Forwards and upwards, in heights of the person."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A posture from the side: where the joints of one half of the body are. The other half is behind it.

    Attributes:
        head, shoulder, elbow, wrist, hip, knee, ankle: places; knee and ankle are None where the legs may be anywhere.
        other_knee, other_ankle: of the half behind, where the legs differ.
        stacked: the person lies on the side, chest to the camera: the halves lie one upon the other.
        floor: whether to draw the floor.
    """

    head: Spot
    shoulder: Spot
    elbow: Spot
    wrist: Spot
    hip: Spot
    knee: Spot | None
    ankle: Spot | None
    stacked: bool = False
    floor: bool = True
    other_knee: Spot | None = None
    other_ankle: Spot | None = None


FIGURES: dict[str, Figure] = {
    "standing": Figure((0.01, 0.93), (0, 0.80), (-0.02, 0.62), (0.03, 0.46), (0, 0.51), (0.01, 0.27), (-0.01, 0.03)),
    "upright": Figure((0.01, 0.44), (0, 0.31), (-0.03, 0.14), (0.06, 0.02), (0, 0.02), None, None, floor=False),
    "seated": Figure((0.02, 0.68), (0, 0.55), (-0.02, 0.38), (0.10, 0.31), (0, 0.27), (0.25, 0.28), (0.25, 0.03)),
    "supine": Figure((-0.43, 0.07), (-0.29, 0.05), (-0.14, 0.03), (0.02, 0.03), (0, 0.06), (0.17, 0.22), (0.27, 0.03)),
    "prone": Figure((-0.41, 0.29), (-0.28, 0.23), (-0.28, 0.03), (-0.42, 0.03), (0, 0.17), (0.22, 0.11), (0.44, 0.05)),
    "side_lying": Figure(
        (-0.44, 0.10), (-0.29, 0.04), (-0.20, 0.03), (-0.33, 0.02), (0, 0.05), (0.21, 0.04), (0.13, 0.03), stacked=True
    ),
    "quadruped": Figure((-0.42, 0.36), (-0.28, 0.31), (-0.28, 0.17), (-0.28, 0.02), (0, 0.29), (0, 0.04), (0.24, 0.03)),
    "half_kneeling": Figure(
        (0.02, 0.70),
        (0, 0.57),
        (-0.03, 0.40),
        (0.03, 0.26),
        (0, 0.28),
        (0.24, 0.28),
        (0.24, 0.03),
        other_knee=(-0.02, 0.04),
        other_ankle=(-0.26, 0.03),
    ),
    "low_lunge": Figure(
        (-0.42, 0.41),
        (-0.30, 0.34),
        (-0.34, 0.18),
        (-0.37, 0.02),
        (0, 0.22),
        (-0.19, 0.28),
        (-0.21, 0.03),
        other_knee=(0.20, 0.09),
        other_ankle=(0.43, 0.04),
    ),
}
"""By name: those of the posture classes, and others that templates ask for. A posture that may be anything has none."""


@lru_cache(maxsize=16)
def silhouette(name: str, view: ViewName, width: int, height: int, turned: bool = False) -> Stamp | None:
    """A figure, as large as fits into so many pixels; None if there is none of this name.

    Its head is at the left where it lies, or at the right if it is turned.
    """
    figure = FIGURES.get(name)
    if figure is None:
        return None
    lines, head = _projected(figure, view)
    spots = np.array([spot for line in lines for spot in line] + [head])
    low, high = spots.min(axis=0) - _TRUNK, spots.max(axis=0) + _TRUNK
    scale = min(width / (high[0] - low[0]), height / (high[1] - low[1]))
    size = ceil((high[0] - low[0]) * scale), ceil((high[1] - low[1]) * scale)

    def at(spot: Spot) -> tuple[int, int]:
        x = high[0] - spot[0] if turned else spot[0] - low[0]
        return round(x * scale), round((high[1] - spot[1]) * scale)

    sheet = Sheet(*size)
    body = sheet.mask()
    for line in lines:
        for a, b in pairwise(line):
            cv2.line(body, at(a), at(b), 255, max(2, round(_LIMB * scale)), cv2.LINE_AA)
    _trunk(body, [at(spot) for line in lines[:2] for spot in line[:1]] + [at(line[0]) for line in lines[2:4]], scale)
    cv2.circle(body, at(head), max(2, round(_HEAD * scale)), 255, -1, cv2.LINE_AA)
    rim = max(1, round(0.008 * scale))
    outline = cv2.morphologyEx(body, cv2.MORPH_GRADIENT, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))
    sheet.paint(body, INK, 0.35)
    sheet.paint(body, WHITE, OPACITY)
    sheet.paint(np.asarray(outline, np.uint8), WHITE, 0.85)
    if figure.floor:
        floor = sheet.mask()
        y = at((0.0, 0.0 if not figure.stacked else -0.02))[1]
        cv2.line(floor, (0, y), (size[0], y), 255, max(2, rim), cv2.LINE_AA)
        sheet.paint(floor, WHITE, 0.7)
    return sheet.stamp()


def lies_on_side(name: str) -> bool:
    """Whether the figure lies on its side, chest to the camera: on which one depends on where its head is."""
    return name in FIGURES and FIGURES[name].stacked


def _trunk(body: Mask, corners: list[tuple[int, int]], scale: float) -> None:
    """Fills the body between shoulders and hips."""
    hull = cv2.convexHull(np.array(corners, np.int32))
    cv2.fillConvexPoly(body, hull, 255, cv2.LINE_AA)
    cv2.polylines(body, [np.asarray(hull, np.int32)], True, 255, max(2, round(_TRUNK * scale)), cv2.LINE_AA)


def _projected(figure: Figure, view: ViewName) -> tuple[list[list[Spot]], Spot]:
    """Arms and legs of both halves as lines from shoulder and hip, and the head, as the camera sees them."""
    turn = radians(_YAW[view])

    def seen(spot: Spot, across: float) -> Spot:
        if figure.stacked:  # from the front already; the halves differ in height
            return spot[0] * (cos(radians(30)) if view == "oblique" else 1.0), spot[1] + 0.6 * (_SHOULDER + across)
        return spot[0] * cos(turn) + across * sin(turn), spot[1]

    arms, legs = [], []
    for half in (-1, 1):
        across = half * _SHOULDER
        arms.append([seen(spot, across) for spot in (figure.shoulder, figure.elbow, figure.wrist)])
        knee, ankle = figure.knee, figure.ankle
        if half > 0:
            knee, ankle = figure.other_knee or knee, figure.other_ankle or ankle
        parts = [spot for spot in (figure.hip, knee, ankle) if spot is not None]
        legs.append([seen(spot, half * _HIP) for spot in parts])
    return [*arms, *legs], seen(figure.head, 0.0)
