"""Finds the numbers of a key pose that make its measures come true on one body.

So a motion says *front knee 90°, back knee 90°* and not where the hips are; the same file fits every body, and the
severity of a fault is the target value of the measure that the fault is judged by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from samples.render.body import Body
from samples.render.errors import RenderError
from samples.render.measures import LENGTHS
from samples.render.poser import Poser
from samples.render.posespec import KeyPose, change_at, value_at
from samples.render.posture import Posture
from samples.render.rotation import Array

ANGLE_STEP, LENGTH_STEP = 0.5, 0.004
"""Finite-difference steps for knobs in degrees and in metres."""
ANGLE_REACH, LENGTH_REACH = 25.0, 0.12
"""How far a knob may move in one iteration."""
CLOSE_ANGLE, CLOSE_LENGTH = 0.3, 0.004
"""A target is met within this many degrees, or this share or metres."""

CLOSE_REACH = 0.008
"""Hands and feet may miss what they hold by this much in all, metres."""
CLOSE_POSTURE = 1.5
"""Joint angles that only make a pose look right need not be met closely, degrees."""

Read = Callable[[str, Posture], float]
"""Reads a measure by name off a posture."""


def solved_pose(poser: Poser, pose: dict[str, Any], read: Read) -> tuple[dict[str, Any], Posture]:
    """Turn the knobs of `pose` until its targets are met; returns the pose with the found numbers, and its posture.

    Damped Gauss-Newton with numerical slopes. Fewer targets than knobs: the smallest change that does it.

    Raises:
        RenderError: the targets cannot be met on this body; the message gives what was reached.
    """
    spec = KeyPose.model_validate(pose)
    knobs, targets = spec.solve.knobs, spec.solve.targets
    if not knobs:
        return pose, poser.posture(spec)
    lengths = np.array([_is_length(pose, knob) for knob in knobs])
    step = np.where(lengths, LENGTH_STEP, ANGLE_STEP)
    reach = np.where(lengths, LENGTH_REACH, ANGLE_REACH)
    wanted = np.array([*targets.values(), 0.0])  # the last: hands and feet reach what they hold
    scale = np.array([*(_tolerance(name) for name in targets), CLOSE_REACH])

    def with_knobs(values: Array) -> dict[str, Any]:
        changed = pose
        for knob, value in zip(knobs, values, strict=True):
            for path in knob.split("="):
                changed = change_at(changed, path.removeprefix("-"), float(-value if path.startswith("-") else value))
        return changed

    def error(values: Array) -> tuple[Array, Posture]:
        posture = poser.posture(KeyPose.model_validate(with_knobs(values)))
        found = [read(name, posture) for name in targets]
        return (np.array([*found, posture.shortfall]) - wanted) / scale, posture

    values = np.array([float(value_at(pose, knob.split("=")[0])) for knob in knobs])
    residual, posture = error(values)
    damping = 1e-3
    for _ in range(40):
        if np.abs(residual).max() <= 1:
            return with_knobs(values), posture
        slopes = np.empty((len(wanted), len(knobs)))
        for i in range(len(knobs)):
            nudged = values.copy()
            nudged[i] += step[i]
            slopes[:, i] = (error(nudged)[0] - residual) / step[i]
        scaled = slopes * reach
        while damping < 1e6:
            square = scaled.T @ scaled
            way = np.linalg.solve(square + damping * np.diag(np.diag(square) + 1e-6), -scaled.T @ residual)
            way *= min(1.0, 1.0 / max(np.abs(way).max(), 1e-9)) * reach
            better, its_posture = error(values + way)
            if np.linalg.norm(better) < np.linalg.norm(residual):
                values, residual, posture = values + way, better, its_posture
                damping = max(damping * 0.2, 1e-5)
                break
            damping *= 6
        else:
            break
    reached = dict(zip([*targets, "shortfall"], np.round(wanted + residual * scale, 3).tolist(), strict=True))
    found = dict(zip(knobs, values.round(3).tolist(), strict=True))
    raise RenderError(f"a pose cannot be solved on this body: wanted {targets}, reached {reached} with {found}")


def _is_length(pose: dict[str, Any], knob: str) -> bool:
    path = knob.split("=")[0].split(".")
    holder = path[-2] if path[-1].isdigit() else path[-1]
    return holder in ("hips", "shoulders", "sole", "toes", "ankle", "palm", "forearm", "wrist", "knee_to", "elbow_to")


def _tolerance(name: str) -> float:
    if name.startswith("true."):
        return CLOSE_POSTURE
    return CLOSE_LENGTH if name.startswith("floor.") or name in LENGTHS else CLOSE_ANGLE


def landmarks_of(body: Body, poser: Poser, posture: Posture) -> dict[str, Array]:
    """World positions of joints and marks of a posture."""
    return body.landmarks(*poser.world(posture))
