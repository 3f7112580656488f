"""Rooms by data: light, floor, walls, furniture and mat."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samples.render.errors import RenderError
from samples.render.people import Colour
from samples.render.posespec import Three
from samples.render.rotation import Array, Y, turn

ROOMS = Path(__file__).parents[1] / "rooms.toml"

MATERIALS = {"wood": 13, "metal": 14, "plant": 15, "window": 16, "fabric": 17, "fur": 18}
FLOOR, WALL, MAT = 10, 11, 12
HALF_WIDTH = 3.4
"""Distance of the walls from the middle of the room, metres."""


class Furniture(BaseModel):
    """A box. In a room, `at` counts from the person: right of the picture, up, away from the camera."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Three
    size: Three
    of: Literal["wood", "metal", "plant", "window", "fabric", "fur"]


class Room(BaseModel):
    """One entry of rooms.toml. The room turns with the camera, so that furniture stands behind the person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    light: Three = Field(description="towards the light: right of the picture, up, towards the camera")
    light_colour: Colour = (0.85, 0.81, 0.73)
    ambient: Colour = (0.50, 0.53, 0.58)
    exposure: float = 1.0
    floor: Colour
    floor_kind: Literal["boards", "carpet", "tiles"] = "boards"
    wall: Colour
    wall_kind: Literal["plaster", "bricks"] = "plaster"
    mat: Colour
    furniture: tuple[Furniture, ...] = ()


def read_rooms(path: Path = ROOMS) -> dict[str, Room]:
    """The rooms of a rooms.toml by name.

    Raises:
        RenderError: an entry is wrong; the message lists every mistake.
    """
    rooms: dict[str, Room] = {}
    for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        try:
            rooms[name] = Room.model_validate(entry)
        except ValidationError as error:
            raise RenderError(f"{path.name}, room {name}: {error}") from error
    return rooms


@dataclass(frozen=True, slots=True, eq=False)
class RoomMesh:
    """Triangles of the room: rows of position, normal, pattern position (metres) and material.

    Attributes:
        ground: floor and the four walls, six rows each; they receive shadows but cast none.
        things: mat and furniture.
        walls: inward normals of the four walls, in the order of `ground`.
    """

    ground: Array
    things: Array
    walls: tuple[Array, ...]


def build_room(
    room: Room,
    azimuth: float,
    middle: Array,
    mat: tuple[float, float, float, float] | None,
    props: tuple[Furniture, ...],
) -> RoomMesh:
    """The room around a person.

    Args:
        room: what it looks like.
        azimuth: of the camera, degrees.
        middle: the point on the floor around which furniture is placed.
        mat: centre x, z, width and length of the exercise mat, metres; None: no mat.
        props: what the exercise needs (a chair), in the world's axes.
    """
    spin = turn(Y, azimuth)
    rows = [_quad(np.zeros(3), [8.0, 0, 0], [0, 0, 8.0], [0, 1.0, 0], FLOOR)]
    walls = []
    for quarter in range(4):
        inward = spin @ turn(Y, 90 * quarter) @ np.array([0, 0, 1.0])
        along = np.array([inward[2], 0, -inward[0]])
        rows.append(_quad(middle * [1, 0, 1] - inward * HALF_WIDTH + [0, 2, 0], along * 8, [0, 2.2, 0], inward, WALL))
        walls.append(inward)
    things = [np.zeros((0, 10))]
    if mat:
        x, z, width, length = mat
        things.append(_box(np.array([x, -0.001, z]), np.array([width, 0.008, length]), np.eye(3), MAT))
    for item in room.furniture:
        right, up, away = item.at
        place = middle * [1, 0, 1] + spin @ np.array([right, up, -away])
        things.append(_box(place, np.asarray(item.size), spin, MATERIALS[item.of]))
    things += [_box(np.asarray(p.at), np.asarray(p.size), np.eye(3), MATERIALS[p.of]) for p in props]
    return RoomMesh(np.concatenate(rows), np.concatenate(things), tuple(walls))


def light_direction(room: Room, azimuth: float) -> Array:
    """Unit vector towards the light in the world."""
    towards = turn(Y, azimuth) @ np.asarray(room.light)
    return np.asarray(towards / np.linalg.norm(towards))


def _rows(corners: Array, normal: Array, material: int) -> Array:
    six = corners[[0, 1, 2, 0, 2, 3]]
    return np.concatenate([six, np.tile(normal, (6, 1)), six, np.full((6, 1), float(material))], axis=1)


def _quad(centre: Array, u: list[float] | Array, v: list[float], normal: list[float] | Array, material: int) -> Array:
    a, b = np.asarray(u), np.asarray(v)
    corners = np.array([centre - a - b, centre + a - b, centre + a + b, centre - a + b])
    return _rows(corners, np.asarray(normal, dtype=np.float64), material)


def _box(centre: Array, size: Array, spin: Array, material: int) -> Array:
    faces = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal, u = np.zeros(3), np.zeros(3)
            normal[axis], u[(axis + 1) % 3] = sign, 1.0
            w = np.cross(normal, u)
            corners = np.array([normal + a * u + b * w for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]) * size / 2
            faces.append(_rows(corners @ spin.T + centre, spin @ normal, material))
    return np.concatenate(faces)
