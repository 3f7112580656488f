"""The shape of a person: MakeHuman's mix of shape targets."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from samples.render.assets import AGES, LEVELS, ORIGINS, SKIN, body_asset
from samples.render.people import Person
from samples.render.rotation import Array, unit


@cache
def asset() -> dict[str, NDArray[np.generic]]:
    """The reduced MakeHuman data by name (see assets.py); read once a process."""
    with np.load(body_asset()) as stored:
        return {name: stored[name] for name in stored.files}


def shape(person: Person) -> Array:
    """Points and joints of the person in metres, feet at y = 0: MakeHuman's mix of shape targets.

    Height: the low or high height targets are mixed in to reach the wanted stature; what they cannot reach is scaled.
    """
    data = asset()
    base = data["base"].astype(np.float64)
    count = len(data["part"])
    skin = np.flatnonzero(data["part"] == SKIN)
    old = float(np.clip((person.age - 25) / 65, 0, 1))
    build = np.zeros_like(base)
    taller: dict[str, Array] = {"min": np.zeros_like(base), "max": np.zeros_like(base)}

    def add(into: Array, name: str, amount: float) -> None:
        target = data.get("target/" + name)
        if target is not None and amount:
            into += amount * target.astype(np.float64)

    for age, age_share in zip(AGES, (1 - old, old), strict=True):
        for origin, share in zip(ORIGINS, person.origin, strict=True):
            add(build, f"{origin}-{person.sex}-{age}", age_share * share / sum(person.origin))
        for muscle, muscle_share in _levels(person.muscle).items():
            for weight, weight_share in _levels(person.weight).items():
                amount = age_share * muscle_share * weight_share
                name = f"{person.sex}-{age}-{muscle}muscle-{weight}weight"
                add(build, f"universal-{name}", amount)
                add(build, f"proportions-{name}-idealproportions", 0.6 * amount)
                for end, into in taller.items():
                    add(into, f"height-{name}-{end}height", amount)

    def stature(rows: Array) -> float:
        y = rows[skin, 1]
        return float(y.max() - y.min()) * 0.1

    rows = base + build
    wanted, plain = person.height_cm / 100, stature(rows)
    towards = taller["max"] if wanted > plain else taller["min"]
    reach = stature(rows + towards) - plain
    rows = rows + towards * (float(np.clip((wanted - plain) / reach, 0, 1)) if abs(reach) > 1e-6 else 0.0)
    rows = rows * 0.1
    rows *= wanted / (stature(rows) * 10)
    rows[:, 1] -= rows[:count][skin, 1].min()
    return np.asarray(rows)


def _levels(value: float) -> dict[str, float]:
    """How much of min, average and max makes up a 0..1 parameter."""
    return dict(zip(LEVELS, (max(0.0, 1 - 2 * value), 1 - abs(2 * value - 1), max(0.0, 2 * value - 1)), strict=True))


def vertex_normals(points: Array, triangles: NDArray[np.int64]) -> Array:
    """(n, 3) unit normals, each the area-weighted mean of the faces around a point."""
    corner = points[triangles]
    face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    total = np.empty_like(points)
    flat = triangles.ravel()
    for axis in range(3):
        total[:, axis] = np.bincount(flat, np.repeat(face[:, axis], 3), len(points))
    return unit(total)
