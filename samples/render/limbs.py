"""Two-bone limbs: inverse kinematics, and directions from anatomical angles."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from samples.render.posespec import Arm, Leg
from samples.render.rotation import Array, X, Y, turn, unit

STRAIGHT, LOCKED = 0.9975, 0.9995
"""A limb's reach as a share of its two bones: beyond the first it gives way softly, the second is never passed."""


def two_bones(start: Array, end: Array, first: float, second: float, pole: Array) -> tuple[Array, Array, Array]:
    """Middle joint, reached end and hinge axis of a two-bone limb from `start` to `end`, bent towards `pole`.

    An end out of reach is pulled to the nearest point in reach.
    """
    way = end - start
    distance = float(np.linalg.norm(way))
    along = way / distance
    distance = within_reach(max(distance, abs(first - second) * 1.05), first + second)
    share = (first**2 - second**2 + distance**2) / (2 * distance)
    height = np.sqrt(max(first**2 - share**2, 0.0))
    bend = unit(pole - along * np.dot(pole, along))
    return start + along * share + bend * height, start + along * distance, unit(np.cross(bend, along))


def within_reach(distance: float, length: float) -> float:
    """The distance that a limb of `length` reaches: smooth, so that poses near the limit can be solved."""
    share = distance / length
    if share <= STRAIGHT:
        return distance
    give = LOCKED - STRAIGHT
    return length * (STRAIGHT + give * (1 - float(np.exp(-(share - STRAIGHT) / give))))


def leg_directions(spec: Leg, base: Array, sign: float) -> tuple[Array, Array, Array]:
    """Thigh and shin direction and the knee's hinge axis in the world from anatomical angles."""
    assert spec.flex is not None
    down = _swing(spec.flex, sign * spec.out, sign * spec.turn)
    thigh = base @ down @ -Y
    shin = base @ down @ turn(X, spec.knee) @ -Y
    return thigh, shin, base @ down @ X


def arm_directions(spec: Arm, chest: Array, sign: float) -> tuple[Array, Array, Array]:
    """Upper-arm and forearm direction and the elbow's hinge axis in the world from anatomical angles."""
    assert spec.raised is not None
    down = _swing(spec.raised, sign * spec.out, sign * spec.turn)
    upper = chest @ down @ -Y
    lower = chest @ down @ turn(X, -spec.elbow) @ -Y
    return upper, lower, chest @ down @ -X


def _swing(forward: float, out: float, axial: float) -> Array:
    """Turn of a limb that hangs down: swung forward, then out, then about itself (degrees)."""
    return np.asarray(Rotation.from_euler("XZY", [-forward, out, axial], degrees=True).as_matrix())
