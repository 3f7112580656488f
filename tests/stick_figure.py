"""A stick figure of flesh-and-bone proportions before a pinhole camera: postures with exact truth.

The figure lives in centimetres: x to where it looks when it stands, y up, z to its right. All postures are made by
putting hips, hands and feet somewhere and letting knees and elbows follow, so that limbs keep their lengths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import acos, cos, degrees, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from formcheck.pose import LANDMARKS, Landmark, Pose, Side

Array = NDArray[np.float64]
Put = Callable[[str, Array], None]

TORSO, THIGH, SHANK, UPPER_ARM, FOREARM = 50.0, 42.0, 42.0, 30.0, 26.0
SHOULDERS, HIPS, HEAD = 36.0, 24.0, 15.0
ANKLE = 8.0
"""Height of the ankle above the sole."""

LEG = THIGH + SHANK
STANDING = ANKLE + 0.996 * LEG
"""Height of the hips of somebody who stands with the knees not quite locked (about 170°)."""

UP = np.array([0.0, 1.0, 0.0])
AHEAD = np.array([1.0, 0.0, 0.0])
RIGHTWARD = np.array([0.0, 0.0, 1.0])
SIDES: tuple[Side, Side] = ("left", "right")


def other(side: Side) -> Side:
    return "right" if side == "left" else "left"


def at(x: float, y: float, z: float = 0.0) -> Array:
    return np.array([x, y, z])


def direction(angle: float) -> Array:
    """Unit vector in the plane of x and y: 0 is ahead, 90 is up."""
    return np.array([cos(radians(angle)), sin(radians(angle)), 0.0])


def bend(start: Array, end: Array, first: float, second: float, towards: Array) -> tuple[Array, Array]:
    """Middle joint of two bones between `start` and `end`, on the side of `towards`, and the end that they reach."""
    line = end - start
    distance = float(np.linalg.norm(line))
    along = line / distance
    distance = min(max(distance, abs(first - second) + 1e-6), first + second - 1e-6)
    a = (first**2 - second**2 + distance**2) / (2 * distance)
    aside = towards - along * float(towards @ along)
    aside = aside / float(np.linalg.norm(aside))
    return start + a * along + sqrt(max(first**2 - a**2, 0.0)) * aside, start + distance * along


def reach(angle: float, first: float = THIGH, second: float = SHANK) -> float:
    """Distance between the ends of two bones that enclose an angle."""
    return sqrt(first**2 + second**2 - 2 * first * second * cos(radians(angle)))


def included(a: Array, b: Array, c: Array) -> float:
    """Angle at `b` in degrees, in space: the truth that the camera tries to see."""
    u, v = a - b, c - b
    return degrees(acos(float(np.clip(u @ v / (np.linalg.norm(u) * np.linalg.norm(v)), -1, 1))))


@dataclass
class Figure:
    """Where the joints are; knees and elbows follow from hips, feet, shoulders and hands.

    Attributes:
        hip: the point halfway between the hips.
        trunk: angle of the trunk, from hips to shoulders: 90 is upright, 0 lies ahead, 180 lies behind.
        face: angle of the direction of the nose; None for at right angles to the trunk.
        ankles, wrists: by side; z is filled in from the width of the body if it is None there.
        knees, elbows: directions in which the joints point.
        toes: angle of each foot from heel to toe.
    """

    hip: Array
    trunk: float = 90.0
    face: float | None = None
    ankles: dict[Side, Array] = field(default_factory=dict)
    wrists: dict[Side, Array] = field(default_factory=dict)
    knees: Array = field(default_factory=lambda: AHEAD)
    elbows: Array = field(default_factory=lambda: -AHEAD)
    toes: dict[Side, float] = field(default_factory=dict)
    knee_in: dict[Side, float] = field(default_factory=dict)

    @property
    def shoulder(self) -> Array:
        return self.hip + TORSO * direction(self.trunk)

    def points(self) -> Array:
        """(33, 3) landmarks in centimetres."""
        p = np.full((LANDMARKS, 3), np.nan)
        trunk = direction(self.trunk)
        face = direction(self.trunk - 90.0 if self.face is None else self.face)
        ear = self.shoulder + HEAD * trunk + 2 * face
        nose = ear + 11 * face - 1.5 * trunk
        p[Landmark.NOSE] = nose
        for side, sign in (("left", -1.0), ("right", 1.0)):
            aside = sign * RIGHTWARD
            name = side.upper()

            def put(joint: str, point: Array, name: str = name) -> None:
                p[Landmark[f"{name}_{joint}"]] = point

            put("EAR", ear + 7.5 * aside)
            for i, eye in enumerate(("EYE_INNER", "EYE", "EYE_OUTER")):
                put(eye, nose + 3 * trunk - 2 * face + (1.5 + 1.5 * i) * aside)
            p[Landmark[f"MOUTH_{name}"]] = nose - 3.5 * trunk - 1.5 * face + 2.5 * aside
            shoulder, hip = self.shoulder + SHOULDERS / 2 * aside, self.hip + HIPS / 2 * aside
            put("SHOULDER", shoulder)
            put("HIP", hip)
            key: Side = "left" if side == "left" else "right"
            self._leg(put, hip, self.ankles[key], aside, key)
            wrist = self.wrists.get(key)
            self._arm(put, shoulder, -(UPPER_ARM + FOREARM - 1) * trunk + shoulder if wrist is None else wrist)
        return p

    def _leg(self, put: Put, hip: Array, ankle: Array, aside: Array, side: Side) -> None:
        target = ankle + HIPS / 2 * aside
        knee, ankle = bend(hip, target, THIGH, SHANK, self.knees)
        knee = knee - self.knee_in.get(side, 0.0) * aside
        along = direction(self.toes.get(side, 0.0))
        sole = np.array([along[1], -along[0], 0.0])
        put("KNEE", knee)
        put("ANKLE", ankle)
        put("HEEL", ankle - 5 * along + (ANKLE - 2) * sole)
        put("FOOT_INDEX", ankle + 14 * along + (ANKLE - 1) * sole + 2 * aside)

    def _arm(self, put: Put, shoulder: Array, wrist: Array) -> None:
        elbow, wrist = bend(shoulder, wrist, UPPER_ARM, FOREARM, self.elbows)
        along = (wrist - elbow) / FOREARM
        put("ELBOW", elbow)
        put("WRIST", wrist)
        for finger, length in (("PINKY", 7.0), ("INDEX", 8.0), ("THUMB", 5.0)):
            put(finger, wrist + length * along)


def standing(x: float = 0.0, soft: float = 0.996) -> Figure:
    """Upright with the feet together below the hips."""
    return Figure(at(x, ANKLE + soft * LEG), ankles={"left": at(x, ANKLE), "right": at(x, ANKLE)})


@dataclass(frozen=True)
class Camera:
    """A level pinhole camera.

    Attributes:
        yaw: 0 looks at the right side of the standing figure, 90 at its front, 180 at its left side, -90 at its back.
        height: of the lens above the floor, cm.
        limb: length in pixels of a thigh at the place where the figure is.
        distance: cm to that place.
        centre: x of the point that the camera looks at.
    """

    yaw: float = 0.0
    height: float = 90.0
    limb: float = 130.0
    distance: float = 300.0
    centre: float = 0.0
    size: tuple[int, int] = (1280, 720)

    def look(self, points: Array, time: float, clear: float = 0.95, far: float = 0.6) -> Pose:
        """What a perfect pose model would see; the far side is less clear where the near side hides it."""
        angle = radians(self.yaw)
        x = (points[:, 0] - self.centre) * cos(angle) - points[:, 2] * sin(angle)
        z = (points[:, 0] - self.centre) * sin(angle) + points[:, 2] * cos(angle)
        scale = self.limb / THIGH * self.distance / (self.distance - z)
        width, height = self.size
        seen = np.stack([width / 2 + scale * x, height / 2 - scale * (points[:, 1] - self.height)], axis=1)
        visibility = np.full(LANDMARKS, clear)
        depth = float(z[Landmark.RIGHT_HIP] - z[Landmark.LEFT_HIP]) / HIPS
        hidden = range(7 if depth > 0 else 8, LANDMARKS, 2)
        visibility[list(hidden)] = clear - (clear - far) * min(abs(depth), 1.0)
        return Pose(time, seen, visibility, self.size)


def knee_angle(points: Array, side: Side) -> float:
    """Truth of a knee, degrees."""
    i = 0 if side == "left" else 1
    return included(points[23 + i], points[25 + i], points[27 + i])


def blend(a: Array, b: Array, share: float) -> Array:
    """Halfway pictures between two postures."""
    return a + share * (b - a)


def ease(share: float) -> float:
    """A movement from 0 to 1 that starts and ends at rest."""
    return 0.5 - 0.5 * cos(radians(180.0 * min(max(share, 0.0), 1.0)))
