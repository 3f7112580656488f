"""Joint angles of both sides in the words of biomechanics, from the landmarks as the pose model saw them.

They are angles in the picture: one camera sees a joint only as it is projected. Nothing is smoothed, so that whoever
uses the numbers can choose a filter. 0° is the anatomical position (standing upright, arms hanging); flexion is
positive. From one picture it cannot be told to which side a nearly straight joint bends, so extension beyond straight
counts as flexion, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, degrees, nan

import numpy as np
from numpy.typing import NDArray

from formcheck.pose import Pose, Side

SIDES: tuple[Side, Side] = ("left", "right")


@dataclass(frozen=True, slots=True)
class JointAngle:
    """How one angle is taken.

    Attributes:
        name: such as ``knee flexion``.
        first, joint, last: its landmarks on the left side (the right one's are one more).
        zero: degrees between the two limbs at 0°.
        sign: +1 if the angle between the limbs grows with flexion, else -1.
        opensim: name of the coordinate in OpenSim's full-body models, without the side.
    """

    name: str
    first: int
    joint: int
    last: int
    zero: float
    sign: int
    opensim: str

    def landmarks(self, side: Side) -> tuple[int, int, int]:
        """BlazePose landmarks of a side."""
        other = int(side == "right")
        return self.first + other, self.joint + other, self.last + other

    def degrees(self, pose: Pose, side: Side) -> float:
        """The angle in a pose; NaN where one of its landmarks was not seen."""
        first, joint, last = pose.points[list(self.landmarks(side))]
        return self.sign * (_between(first - joint, last - joint) - self.zero)

    def confidence(self, pose: Pose, side: Side) -> float:
        """Visibility, 0 to 1, of the least visible of its landmarks."""
        return float(pose.visibility[list(self.landmarks(side))].min())


JOINT_ANGLES = (
    JointAngle("hip flexion", 11, 23, 25, 180.0, -1, "hip_flexion"),
    JointAngle("knee flexion", 23, 25, 27, 180.0, -1, "knee_angle"),
    JointAngle("ankle dorsiflexion", 25, 27, 31, 90.0, -1, "ankle_angle"),
    JointAngle("shoulder flexion", 23, 11, 13, 0.0, 1, "arm_flex"),
    JointAngle("elbow flexion", 11, 13, 15, 180.0, -1, "elbow_flex"),
)


def joint_angles(pose: Pose) -> Iterator[tuple[JointAngle, Side, float, float]]:
    """Every joint angle of a pose: (which, side, degrees, confidence), always in the same order."""
    for side in SIDES:
        for angle in JOINT_ANGLES:
            yield angle, side, angle.degrees(pose, side), angle.confidence(pose, side)


def _between(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Degrees between two directions, 0 to 180; NaN where one has no length."""
    ax, ay = a.tolist()
    bx, by = b.tolist()
    if not (ax * ax + ay * ay) * (bx * bx + by * by) > 0:
        return nan
    return abs(degrees(atan2(ax * by - ay * bx, ax * bx + ay * by)))
