"""A body in a pose: bone rotations, and what holds hands and feet."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from samples.render.body import Body
from samples.render.rotation import Array, Vector


@dataclass(frozen=True, slots=True, eq=False)
class Hold:
    """What a limb's end is held by.

    Attributes:
        kind: foot (ball of the foot), palm (wrist), elbow (forearm on the floor), knee, or point (ankle or wrist in
            the frame of another part).
        of: name of the frame that `point` and `turned` are in.
        point: metres in that frame.
        turned: rotation of the foot or hand in that frame; None lets it follow the limb.
        toes: rotation of the toes in that frame (feet only).
        pole: direction in which the knee or elbow points, in the world.
    """

    kind: str
    of: str
    point: Array
    turned: Array | None
    pole: Array
    toes: Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Posture:
    """A solved pose of one body.

    Attributes:
        root: (3,) position of the pelvis bone in the world, metres.
        local: (bones, 3, 3) rotation of every bone relative to its parent (the pelvis: to the world).
        holds: limb (leg_l, arm_r, ...) to what holds it; limbs that are not named move by their angles.
        anchor: "hips" or "shoulders", the part that moves on a straight way to the next posture.
        shortfall: metres by which hands and feet miss the places that they should hold, in all; 0 in a good pose.
    """

    root: Array
    local: Array
    holds: dict[str, Hold]
    anchor: str
    shortfall: float = 0.0

    def moved(self, shift: Vector) -> Posture:
        """The same posture elsewhere on the floor (shift x, y, z in metres)."""
        by = np.asarray(shift, dtype=np.float64)
        holds = {
            limb: replace(hold, point=hold.point + by) if hold.of == "floor" else hold
            for limb, hold in self.holds.items()
        }
        return replace(self, root=self.root + by, holds=holds)


def compose(body: Body, local: Array, root: Array) -> tuple[Array, Array]:
    """World rotations and joint positions from rotations relative to the parent bones."""
    rotations = np.empty_like(local)
    positions = np.zeros((len(local), 3))
    pelvis = body.index["pelvis"]
    for i, parent in enumerate(body.parents):
        if parent < 0:
            rotations[i] = np.eye(3)
            continue
        rotations[i] = rotations[parent] @ local[i]
        positions[i] = (
            root if i == pelvis else positions[parent] + rotations[parent] @ (body.rest[i] - body.rest[parent])
        )
    rotations[0] = rotations[pelvis]
    return rotations, positions


def decompose(body: Body, rotations: Array) -> Array:
    """Rotations relative to the parent bones from world rotations; the pelvis keeps its world rotation."""
    parents = np.maximum(body.parents, 0)
    local = np.swapaxes(rotations[parents], -1, -2) @ rotations
    pelvis = body.index["pelvis"]
    local[pelvis] = rotations[pelvis]
    local[0] = np.eye(3)
    return np.asarray(local)
