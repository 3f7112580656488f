"""Errors of angles against exact joints.

Two questions, two kinds of readings:

- *joints*: the angle that the estimated landmarks make in the picture against the angle that the exact joints make
  in the same picture. What the pose model gets wrong, nothing else. Near and far side apart.
- *measures*: what the program reads of a template's measure against what it would read from exact joints. That
  includes smoothing, the choice of sides and the base at rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from formcheck.evaluate.exact import ExactJoints
from formcheck.evaluate.outcome import Outcome
from formcheck.judge.template import Template
from formcheck.pose import Landmark

SAMPLES = 40
"""Errors that are kept of every clip and angle, evenly over its time: a tenth of a second or more apart they still
tell the distribution, and a thousand clips stay a small file."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AngleErrors:
    """Errors of one angle in one clip.

    Attributes:
        name: such as "knee" or "knee, far side"; for measures the template's name of it.
        unit: "deg", or the measure's unit.
        measure: whether it is a measure of the template.
        frames: how many frames it rests on.
        mae: mean of the errors without their sign.
        bias: mean error; positive: reads too much.
        errors: some of the errors, evenly over the time.
    """

    name: str
    unit: str
    measure: bool
    frames: int
    mae: float
    bias: float
    errors: tuple[float, ...] = ()


def joint_errors(
    outcome: Outcome, exact: ExactJoints, eye: tuple[float, float, float] | None, judged: NDArray[np.bool_]
) -> list[AngleErrors]:
    """Errors of knee, hip, trunk and leg, on the near and the far side.

    Args:
        outcome: of the estimated poses.
        exact: the true joints.
        eye: place of the lens; without it the sides cannot be told apart by distance and are left out.
        judged: (n,) the frames of the outcome to look at.
    """
    index = exact.at(outcome.times.tolist())
    true = exact.pixels[index]
    left_near = exact.near_side(eye)[index] if eye is not None else None
    found: list[AngleErrors] = []
    for name, read in _SIDED.items():
        left = wrapped(read(outcome.points, true, *_joints("LEFT")))
        right = wrapped(read(outcome.points, true, *_joints("RIGHT")))
        if left_near is not None:
            found += _errors(name, "deg", False, np.where(left_near, left, right)[judged])
            found += _errors(f"{name}, far side", "deg", False, np.where(left_near, right, left)[judged])
    return found + _errors("trunk", "deg", False, wrapped(_trunk(outcome.points, true))[judged])


def measure_errors(
    outcome: Outcome, perfect: Outcome, template: Template, exact: ExactJoints, judged: NDArray[np.bool_]
) -> list[AngleErrors]:
    """Errors of the template's measures.

    Args:
        outcome: of the estimated poses.
        perfect: of the exact joints.
        template: that both were judged with.
        exact: the true joints.
        judged: (n,) the frames of the outcome to look at.
    """
    true = perfect.values[exact.at(outcome.times.tolist())]
    found: list[AngleErrors] = []
    for i, (name, measure) in enumerate(template.measures.items()):
        errors = outcome.values[:, i] - true[:, i]
        found += _errors(name, measure.unit, True, (wrapped(errors) if measure.unit == "deg" else errors)[judged])
    return found


def wrapped(degrees: Array) -> Array:
    """The same directions within -180..180."""
    return np.asarray((degrees + 180.0) % 360.0 - 180.0)


def _errors(name: str, unit: str, measure: bool, errors: Array) -> list[AngleErrors]:
    errors = errors[~np.isnan(errors)]
    if not errors.size:
        return []
    kept = errors[np.unique(np.linspace(0, errors.size - 1, min(SAMPLES, errors.size)).round().astype(int))]
    mae, bias = float(np.abs(errors).mean()), float(errors.mean())
    samples = tuple(np.round(kept, 2).tolist())
    return [AngleErrors(name, unit, measure, int(errors.size), round(mae, 3), round(bias, 3), samples)]


def _joints(side: str) -> tuple[int, int, int, int]:
    return (
        Landmark[f"{side}_SHOULDER"],
        Landmark[f"{side}_HIP"],
        Landmark[f"{side}_KNEE"],
        Landmark[f"{side}_ANKLE"],
    )


def _included(points: Array, a: int, b: int, c: int) -> Array:
    u, v = points[:, a] - points[:, b], points[:, c] - points[:, b]
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return np.asarray(np.degrees(np.abs(np.arctan2(cross, (u * v).sum(axis=1)))))


def _rise(points: Array, a: int, b: int) -> Array:
    """Direction from a to b, counter-clockwise from the right of the picture."""
    way = points[:, b] - points[:, a]
    return np.asarray(np.degrees(np.arctan2(-way[:, 1], way[:, 0])))


def _leg(points: Array, true: Array, shoulder: int, hip: int, knee: int, ankle: int) -> Array:
    """Direction from hip to ankle: positive errors read too high, to whatever side the leg points most of the time."""
    way = np.nansum(true[:, ankle, 0] - true[:, hip, 0])
    return wrapped(_rise(points, hip, ankle) - _rise(true, hip, ankle)) * (1.0 if way >= 0 else -1.0)


_Sided = Callable[[Array, Array, int, int, int, int], Array]
_SIDED: dict[str, _Sided] = {
    "knee": lambda p, t, s, h, k, a: _included(p, h, k, a) - _included(t, h, k, a),
    "hip": lambda p, t, s, h, k, a: _included(p, s, h, k) - _included(t, s, h, k),
    "leg": _leg,
}


def _trunk(points: Array, true: Array) -> Array:
    """Direction from mid hip to mid shoulder: positive errors lean further towards the toes."""
    towards = np.where(
        _middle(true, "FOOT_INDEX")[:, 0] >= _middle(true, "HEEL")[:, 0],
        -1.0,
        1.0,
    )
    rises = [np.stack([_middle(p, "HIP"), _middle(p, "SHOULDER")], axis=1) for p in (points, true)]
    return wrapped(_rise(rises[0], 0, 1) - _rise(rises[1], 0, 1)) * towards


def _middle(points: Array, joint: str) -> Array:
    return np.asarray((points[:, Landmark[f"LEFT_{joint}"]] + points[:, Landmark[f"RIGHT_{joint}"]]) / 2)
