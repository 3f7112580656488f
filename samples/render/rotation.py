"""Small vector and rotation tools; rotations are 3×3 matrices that act on column vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]
Vector = Sequence[float] | Array

X, Y, Z = np.eye(3)


def unit(vector: Vector) -> Array:
    """The vector at length 1 (works on the last axis of an array of vectors)."""
    array = np.asarray(vector, dtype=np.float64)
    return np.asarray(array / (np.linalg.norm(array, axis=-1, keepdims=True) + 1e-12))


def frame(direction: Vector, second: Vector) -> Array:
    """Right-handed orthonormal frame with the columns `direction`, `second` made square to it, and their cross."""
    first = unit(direction)
    beside = np.asarray(second, dtype=np.float64)
    beside = unit(beside - first * np.dot(first, beside))
    return np.stack([first, beside, np.cross(first, beside)], axis=1)


def turn(axis: Vector, degrees: float) -> Array:
    """Rotation about `axis` by `degrees`, counter-clockwise when the axis points at the viewer."""
    return np.asarray(Rotation.from_rotvec(unit(axis) * np.radians(degrees)).as_matrix())


def body_axes(spine: Vector, belly: Vector) -> Array:
    """Rotation of an upright body facing +z to one whose spine points to `spine` and whose belly to `belly`."""
    up = unit(spine)
    front = np.asarray(belly, dtype=np.float64)
    front = unit(front - up * np.dot(front, up))
    return np.stack([np.cross(up, front), up, front], axis=1)


def tilted(base: Array, pitch: float, twist: float, roll: float) -> Array:
    """`base` bent in the body's own axes, degrees: pitch + to the belly, twist + to the left, roll + to the right."""
    return np.asarray(base @ Rotation.from_euler("YXZ", [twist, pitch, roll], degrees=True).as_matrix())


def between(first: Array, second: Array, share: float) -> Array:
    """Rotations on the shortest way from `first` to `second` (…, 3, 3); `share` 0 gives the first, 1 the second."""
    step = Rotation.from_matrix(np.swapaxes(first, -1, -2) @ second).as_rotvec()
    return np.asarray(first @ Rotation.from_rotvec(step * share).as_matrix())


def smooth_step(share: float) -> float:
    """0..1 to 0..1 with zero speed at both ends (minimum-jerk polynomial, as people move)."""
    u = min(max(share, 0.0), 1.0)
    return u * u * u * (u * (6 * u - 15) + 10)
