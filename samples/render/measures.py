"""Exact measures of a posed body: what a perfect detector would read in an exercise's ideal view.

The joints are projected in parallel onto the picture plane of the ideal camera (so: no perspective, no yaw), and
measured there with the definitions of the exercise's specification: angles in degrees, signed where sag and pike
differ; lengths as shares of the torso, thigh, shin or upper arm. The working side is called `w`, the other `o`; the
measures of a two-sided exercise use the side nearer to the camera, `n`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from samples.render.rotation import Array

Side = str


@dataclass(frozen=True)
class Sight:
    """A body as seen from one azimuth.

    Attributes:
        joints: landmark name to (3,) world position, metres.
        azimuth: of the ideal camera, degrees (0 on +z, 90 on +x).
        working: "left" or "right".
        base: the same view of the start position; None for the start position itself.
    """

    joints: Mapping[str, Array]
    azimuth: float
    working: Side
    base: Sight | None = None

    @cached_property
    def points(self) -> dict[str, Array]:
        """Landmark name to (2,) picture coordinates in metres: x to the right, y **down**."""
        angle = np.radians(self.azimuth)
        right = np.array([np.cos(angle), 0.0, -np.sin(angle)])
        return {name: np.array([place @ right, -place[1]]) for name, place in self.joints.items()}

    @property
    def rest(self) -> Sight:
        """The start position; itself if this is the start."""
        return self.base or self

    @property
    def near(self) -> Side:
        """The side whose hip and shoulder are nearer to the camera."""
        angle = np.radians(self.azimuth)
        towards = np.array([np.sin(angle), 0.0, np.cos(angle)])
        left, right = (self.joints[f"{side}_hip"] + self.joints[f"{side}_shoulder"] for side in ("left", "right"))
        return "left" if (left - right) @ towards > 0 else "right"

    def at(self, joint: str) -> Array:
        """A point by name; the prefixes n., w. and o. stand for the near, working and other side."""
        side, dot, name = joint.partition(".")
        if not dot:
            return self.points[joint]
        return self.points[f"{self.side(side)}_{name}"]

    def side(self, letter: str) -> Side:
        """left or right for n, w, o."""
        if letter == "n":
            return self.near
        return self.working if letter == "w" else ("right" if self.working == "left" else "left")

    def middle(self, joint: str) -> Array:
        """Middle between left and right."""
        return (self.points[f"left_{joint}"] + self.points[f"right_{joint}"]) / 2

    def long(self, first: str, second: str) -> float:
        """Distance between two points."""
        return float(np.linalg.norm(self.at(first) - self.at(second)))

    def true_length(self, first: str, second: str) -> float:
        """Length of a segment without foreshortening, as the frozen calibration lengths stand for."""
        names = [f"{self.side(a.partition('.')[0])}_{a.partition('.')[2]}" for a in (first, second)]
        return float(np.linalg.norm(self.joints[names[0]] - self.joints[names[1]]))

    @property
    def torso(self) -> float:
        """Shoulder to hip on the near side in the start position."""
        return self.rest.long("n.shoulder", "n.hip")

    @property
    def thigh(self) -> float:
        """Hip to knee."""
        return self.true_length("w.hip", "w.knee")

    @property
    def shin(self) -> float:
        """Knee to ankle."""
        return self.true_length("w.knee", "w.ankle")

    @property
    def head_way(self) -> float:
        """+1 if the head is to the right of the hips in the picture, else −1."""
        return float(np.sign(self.middle("shoulder")[0] - self.middle("hip")[0]))

    @property
    def face_way(self) -> float:
        """+1 if the feet point to the right in the picture, else −1."""
        return float(np.sign((self.middle("foot_index") - self.middle("heel"))[0]))


def included(a: Array, b: Array, c: Array) -> float:
    """Angle at b, 0..180 degrees."""
    u, v = a - b, c - b
    return float(np.degrees(np.arccos(np.clip(u @ v / (np.linalg.norm(u) * np.linalg.norm(v)), -1, 1))))


def deviation(a: Array, b: Array, c: Array) -> float:
    """How far b leaves the straight line from a to c, degrees; + if it lies above the line in the picture."""
    on_line = a[1] + (c[1] - a[1]) * (b[0] - a[0]) / (c[0] - a[0]) if abs(c[0] - a[0]) > 1e-9 else b[1]
    return float(np.sign(on_line - b[1]) * (180 - included(a, b, c)))


def elevation(a: Array, b: Array) -> float:
    """How steeply the way from a to b rises, −90..90 degrees."""
    return float(np.degrees(np.arctan2(-(b[1] - a[1]), abs(b[0] - a[0]))))


def tilt(a: Array, b: Array, way: float) -> float:
    """Lean of the way from a up to b from the vertical, + towards `way` (+1 right, −1 left)."""
    return float(np.degrees(np.arctan2((b[0] - a[0]) * way, -(b[1] - a[1]))))


def _joint_angle(a: str, b: str, c: str) -> Callable[[Sight], float]:
    return lambda s: included(s.at(a), s.at(b), s.at(c))


def _lifted(joint: str, unit: Callable[[Sight], float]) -> Callable[[Sight], float]:
    """How far a point is above its place in the start position, as a share of `unit`."""
    return lambda s: float((s.rest.at(joint)[1] - s.at(joint)[1]) / unit(s))


def _from_hanging(s: Sight) -> float:
    """Angle of the working thigh from image-down, outward (away from the other hip) positive."""
    thigh = s.at("w.knee") - s.at("w.hip")
    outward = np.sign((s.at("w.hip") - s.at("o.hip"))[0])
    return float(np.degrees(np.arctan2(thigh[0] * outward, thigh[1])))


def _hip_line(s: Sight) -> float:
    """Rise of the line from the other to the working hip, degrees."""
    return elevation(s.at("o.hip"), s.at("w.hip"))


def _abduction(s: Sight) -> float:
    tipped = _hip_line(s) - _hip_line(s.rest)
    return _from_hanging(s) - _from_hanging(s.rest) - max(0.0, tipped)


def _knee_rise(s: Sight) -> float:
    knee = s.rest.at("w.knee")[1] - s.at("w.knee")[1]
    hip = s.rest.at("w.hip")[1] - s.at("w.hip")[1]
    return float((knee - hip) / s.torso)


def _ankle_gap(s: Sight) -> float:
    return (s.long("w.ankle", "o.ankle") - s.rest.long("w.ankle", "o.ankle")) / s.shin


def _knee_inwards(s: Sight) -> float:
    """Distance of the working knee from the hip-ankle line towards the other leg, in shin lengths."""
    hip, knee, ankle = (s.at(f"w.{joint}") for joint in ("hip", "knee", "ankle"))
    on_line = hip + (ankle - hip) * (knee[1] - hip[1]) / (ankle[1] - hip[1])
    inward = np.sign((s.at("o.hip") - s.at("w.hip"))[0])
    return float((knee - on_line)[0] * inward / s.shin)


def _knee_inside_ankle(s: Sight) -> float:
    inward = np.sign((s.at("o.hip") - s.at("w.hip"))[0])
    return float((s.at("w.knee") - s.at("w.ankle"))[0] * inward / s.shin)


def _shift(s: Sight) -> float:
    """How far the hips move sideways over the supporting knee, in shoulder widths of the start position."""
    now = s.middle("hip")[0] - s.at("o.knee")[0]
    before = s.rest.middle("hip")[0] - s.rest.at("o.knee")[0]
    return float(abs(now - before) / np.linalg.norm(s.rest.at("w.shoulder") - s.rest.at("o.shoulder")))


def _limb_elevation(side: str) -> Callable[[Sight], float]:
    def rise(s: Sight) -> float:
        hip, ankle = s.at(f"{side}.hip"), s.at(f"{side}.ankle")
        forward = -s.head_way
        return float(np.degrees(np.arctan2(-(ankle[1] - hip[1]), (ankle[0] - hip[0]) * forward)))

    return lambda s: rise(s) - rise(s.rest)


MEASURES: dict[str, Callable[[Sight], float]] = {
    # bridge, planks
    "hip_ext": lambda s: 180 + deviation(s.at("n.shoulder"), s.at("n.hip"), s.at("n.knee")),
    "lift": lambda s: _lifted("n.hip", lambda q: q.thigh)(s),
    "knee": _joint_angle("n.hip", "n.knee", "n.ankle"),
    "thigh_drop": lambda s: elevation(s.at("w.hip"), s.at("w.knee")) - elevation(s.at("o.hip"), s.at("o.knee")),
    "head_rise": _lifted("nose", lambda s: s.torso),
    "hip_dev": lambda s: deviation(s.at("n.shoulder"), s.at("n.hip"), s.at("n.ankle")),
    "body_rise": lambda s: elevation(s.at("n.ankle"), s.at("n.shoulder")),
    "elbow": _joint_angle("n.shoulder", "n.elbow", "n.wrist"),
    "elbow_off": lambda s: (
        float((s.at("n.elbow") - s.at("n.shoulder"))[0] * s.head_way) / s.true_length("n.shoulder", "n.elbow")
    ),
    "wrist_off": lambda s: (
        float((s.at("n.wrist") - s.at("n.shoulder"))[0] * s.head_way) / s.long("n.shoulder", "n.hip")
    ),
    # lunge, squat
    "front_knee": _joint_angle("w.hip", "w.knee", "w.ankle"),
    "back_knee": _joint_angle("o.hip", "o.knee", "o.ankle"),
    "shin": lambda s: tilt(s.at("w.ankle"), s.at("w.knee"), s.face_way),
    "knee_toe": lambda s: float((s.at("w.knee") - s.at("w.foot_index"))[0] * s.face_way) / s.shin,
    "trunk": lambda s: tilt(s.middle("hip"), s.middle("shoulder"), s.face_way),
    "knee_in": _knee_inwards,
    "knee_width": lambda s: s.long("w.knee", "o.knee") / s.long("w.ankle", "o.ankle"),
    # clamshell, fire hydrant, leg lift
    "knee_rise": _knee_rise,
    "ankle_gap": _ankle_gap,
    "abduction_net": _abduction,
    "hipline": lambda s: _hip_line(s) - _hip_line(s.rest),
    "weight_shift": _shift,
    "elbow_min": lambda s: min(
        included(*(s.at(f"{side}.{joint}") for joint in ("shoulder", "elbow", "wrist"))) for side in "wo"
    ),
    "working_knee": _joint_angle("w.hip", "w.knee", "w.ankle"),
    "other_knee": _joint_angle("o.hip", "o.knee", "o.ankle"),
    "leg_elev": _limb_elevation("w"),
    "other_elev": _limb_elevation("o"),
    # stretches
    "rear_thigh": lambda s: tilt(s.at("o.knee"), s.at("o.hip"), s.face_way),
    "hip_height": lambda s: float((s.at("w.knee") - s.at("w.hip"))[1]) / s.thigh,
    "foot_hand": lambda s: abs(float((s.at("w.ankle") - s.at("n.wrist"))[0])) / s.shin,
    "lizard_shin": lambda s: tilt(s.at("w.ankle"), s.at("w.knee"), s.head_way),
    "knee_inside": _knee_inside_ankle,
    "hip_fold": _joint_angle("n.shoulder", "o.hip", "o.knee"),
    "cross": lambda s: s.long("w.ankle", "o.knee") / s.thigh,
    "lean": lambda s: (
        tilt(s.at("n.hip"), s.at("n.shoulder"), s.face_way)
        - tilt(s.rest.at("n.hip"), s.rest.at("n.shoulder"), s.rest.face_way)
    ),
    "upright": lambda s: tilt(s.at("n.hip"), s.at("n.shoulder"), s.face_way),
}
"""Every measure by name; the definitions are those of the exercise specification in docs/rendering.md."""

LENGTHS = frozenset(
    [
        "lift",
        "head_rise",
        "elbow_off",
        "wrist_off",
        "knee_toe",
        "knee_in",
        "knee_width",
        "knee_rise",
        "ankle_gap",
        "weight_shift",
        "hip_height",
        "foot_hand",
        "knee_inside",
        "cross",
    ]
)
"""The measures that are shares of a length; the others are degrees."""


def joint_angles(joints: Mapping[str, Array]) -> dict[str, float]:
    """True angles in space, degrees: knees, hips, elbows, shoulders, and the trunk from the vertical."""
    found: dict[str, float] = {}
    for side in ("left", "right"):
        shoulder, elbow, wrist, hip, knee, ankle = (
            joints[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        )
        found[f"{side}_knee"] = included(hip, knee, ankle)
        found[f"{side}_hip"] = included(shoulder, hip, knee)
        found[f"{side}_elbow"] = included(shoulder, elbow, wrist)
        found[f"{side}_shoulder"] = included(elbow, shoulder, hip)
    spine = sum(joints[f"{side}_shoulder"] - joints[f"{side}_hip"] for side in ("left", "right"))
    found["trunk"] = included(np.array([0.0, 1, 0]), np.zeros(3), np.asarray(spine))
    return found
