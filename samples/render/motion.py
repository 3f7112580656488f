"""Motions by data: key poses, tempo, faults and the way in and out of position, one TOML file an exercise."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samples.render.errors import RenderError
from samples.render.posespec import KeyPose, merged, mirrored
from samples.render.room import Furniture

MOTIONS = Path(__file__).parents[1] / "motions"

Severity = Literal["mild", "clear"]
Path_ = tuple[tuple[str, float], ...]
"""Key poses with the seconds that the way to each takes. `~pose` is passed without stopping."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class View(_Table):
    """The exercise's ideal camera.

    Attributes:
        azimuth: degrees for a left working side (0 in front of a standing person, 90 on the left).
        measure: azimuth from which the measures are defined, where it is not the same.
        height: of the lens, metres. fov: vertical field of view, degrees.
        name: in words, for the truth.
    """

    azimuth: float
    measure: float | None = None
    height: float = 0.6
    fov: float = 45.0
    name: str


class Repetition(_Table):
    """How a repetition runs: the way to the peak, seconds held there, the way back, seconds of rest."""

    out: Path_
    hold: float = 0.4
    back: Path_
    rest: float = 0.6


class Holding(_Table):
    """How a hold runs: the way in, the pose held, the way out.

    `enter` and `stay` are the bands of the specification: the hold begins when all of `enter` come true and ends when
    one of `stay` stops being so.
    """

    pose: str
    into: Path_
    out: Path_
    enter: dict[str, tuple[float, float]]
    stay: dict[str, tuple[float, float]]


class Level(_Table):
    """What a severity changes: targets of the pose's measures, further entries of the pose, the tempo."""

    targets: dict[str, float] = Field(default_factory=dict)
    drop: tuple[str, ...] = Field((), description="targets of the pose that no longer hold")
    poses: dict[str, dict[str, Any]] = Field(default_factory=dict)
    out: float | None = Field(None, description="seconds of the way to the peak")
    back: float | None = Field(None, description="seconds of the way back")
    hold: float | None = None
    rest: Path_ = Field((), description="poses gone through in the rest after the repetition")
    pulse: float | None = Field(None, description="standard deviation of the measure when bouncing in a hold")


class Fault(_Table):
    """One named fault and the exact measure it is judged by.

    Attributes:
        id: its name in the specification, where two faults here are the two ends of one rule there.
        grade: class of the specification, A or B (C where it is rendered although not judged).
        measure: name in measures.py, or `seconds.rep`, `seconds.back`, `speed.back`, `swing.<measure>`.
        above, below: the threshold; exactly one.
        margin: how far beyond the threshold a mild fault may be at most, and a clear one must be at least.
        pose: the key pose in which it is measured. view: azimuth of the measure where it is not the exercise's.
        whole: in a hold: made from beginning to end, not in the middle of a good hold.
        uncounted: a clear fault of this kind keeps the repetition from reaching its counting threshold.
    """

    id: str | None = None
    grade: Literal["A", "B", "C"]
    measure: str
    above: float | None = None
    below: float | None = None
    margin: float
    pose: str = "peak"
    view: float | None = None
    mild: Level
    clear: Level
    whole: bool = False
    uncounted: bool = False

    def level(self, severity: Severity) -> Level:
        """What a severity changes."""
        return self.mild if severity == "mild" else self.clear

    def excess(self, value: float) -> float:
        """How far a value is beyond the threshold; negative: no fault."""
        return value - self.above if self.above is not None else (self.below or 0.0) - value


class Motion(_Table):
    """A whole motion file."""

    id: str
    about: str
    kind: Literal["reps", "hold", "negative"]
    one_sided: bool = False
    view: View
    mat: tuple[float, float, float, float] | None = None
    props: tuple[Furniture, ...] = ()
    poses: dict[str, dict[str, Any]]
    start: str = "start"
    repetition: Repetition | None = None
    holding: Holding | None = None
    reached: dict[str, tuple[float, float]] = Field(default_factory=dict)
    signal: str | None = None
    before: Path_ = ()
    after: Path_ = ()
    cycle: tuple[tuple[str, float, float], ...] = Field((), description="pose, seconds, metres moved ahead: a gait")
    faults: dict[str, Fault] = Field(default_factory=dict)
    without: tuple[str, ...] = Field((), description="faults that a variant does not have")
    variants: dict[str, dict[str, Any]] = Field(default_factory=dict)


def motion_names() -> list[str]:
    """The exercises and negatives that can be rendered."""
    return sorted(path.stem for path in MOTIONS.glob("*.toml") if path.stem != "postures")


@cache
def read_motion(name: str, variant: str | None = None) -> Motion:
    """A motion file with its variant laid over it.

    Raises:
        RenderError: no such motion or variant, or the file is wrong; the message lists every mistake.
    """
    path = MOTIONS / f"{name}.toml"
    if not path.exists():
        raise RenderError(f"no motion named {name!r}; there are: {', '.join(motion_names())}")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if variant:
        variants = data.get("variants", {})
        if variant not in variants:
            raise RenderError(f"{name} has no variant {variant!r}; it has: {', '.join(variants) or 'none'}")
        data = merged(data, variants[variant])
    shared = tomllib.loads((MOTIONS / "postures.toml").read_text(encoding="utf-8"))
    data["poses"] = expanded(shared | data.get("poses", {}), path.name)
    try:
        return Motion.model_validate(data)
    except ValidationError as error:
        raise RenderError(f"{path.name}: {error}") from error


def expanded(poses: dict[str, dict[str, Any]], where: str) -> dict[str, dict[str, Any]]:
    """Poses with `like` (another pose that they start from) filled in, and checked."""
    done: dict[str, dict[str, Any]] = {}

    def expand(name: str) -> dict[str, Any]:
        if name not in done:
            pose = dict(poses[name])
            like = pose.pop("like", None)
            if like:
                parent = dict(expand(like))
                for own in ("solve", "take"):
                    if own in pose:
                        parent.pop(own, None)
                pose = merged(parent, pose)
            if pose.pop("swap", False):
                pose = mirrored(pose)
            done[name] = pose
        return done[name]

    for name in poses:
        try:
            KeyPose.model_validate(expand(name))
        except (ValidationError, KeyError) as error:
            raise RenderError(f"{where}, pose {name}: {error}") from error
    return done


@dataclass(frozen=True, slots=True)
class FaultChoice:
    """A fault at a severity; in which repetitions (from 1), all if empty."""

    name: str
    severity: Severity
    repetitions: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> FaultChoice:
        """Read `name:severity` or `name:severity@1,3`.

        Raises:
            RenderError: not of that form.
        """
        head, _, which = text.partition("@")
        name, _, severity = head.partition(":")
        severity = severity or "clear"
        if severity not in ("mild", "clear") or not all(number.isdigit() for number in which.split(",") if number):
            raise RenderError(
                f"{text!r} is not a fault; write name:mild or name:clear, and @1,3 for single repetitions"
            )
        repetitions = tuple(int(number) for number in which.split(",") if number)
        return cls(name, "mild" if severity == "mild" else "clear", repetitions)

    def in_repetition(self, number: int) -> bool:
        """Whether the fault is made in a repetition (from 1)."""
        return not self.repetitions or number in self.repetitions

    def __str__(self) -> str:
        which = "@" + ",".join(map(str, self.repetitions)) if self.repetitions else ""
        return f"{self.name}:{self.severity}{which}"
