"""People by data: everything that makes a person look as they do."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samples.render.errors import RenderError

BODIES = Path(__file__).parents[1] / "bodies.toml"

Colour = tuple[float, float, float]
"""Red, green, blue in 0..1."""


class Person(BaseModel):
    """One entry of bodies.toml: everything that makes a person look as they do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    sex: Literal["female", "male"]
    age: float = Field(ge=18, le=90, description="years; shape runs from young (25) to old (90)")
    height_cm: float = Field(ge=140, le=205)
    weight: float = Field(0.5, ge=0, le=1, description="build: 0 thin, 0.5 average, 1 heavy")
    muscle: float = Field(0.5, ge=0, le=1)
    origin: tuple[float, float, float] = Field((1 / 3, 1 / 3, 1 / 3), description="mix of the mesh's three face types")
    skin: Colour
    hair: Colour
    bun: bool = False
    top: Colour
    bottom: Colour
    shoes: Colour | None = Field((0.82, 0.82, 0.85), description="none: barefoot")
    sleeve: Literal["tank", "tshirt", "long"] = "tshirt"
    legs: Literal["leggings", "shorts"] = "leggings"
    loose: float = Field(0.0, ge=0, le=0.06, description="how far the shirt's hem and the shorts stand off, metres")


def read_people(path: Path = BODIES) -> dict[str, Person]:
    """The people of a bodies.toml by name.

    Raises:
        RenderError: an entry is wrong; the message lists every mistake.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    people: dict[str, Person] = {}
    for name, entry in entries.items():
        try:
            people[name] = Person.model_validate(entry)
        except ValidationError as error:
            raise RenderError(f"{path.name}, body {name}: {error}") from error
    return people
