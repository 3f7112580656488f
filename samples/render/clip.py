"""What a clip shows."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Clip(BaseModel):
    """Everything that a clip is made of; the same clip gives the same truth and (within noise of the GL) frames."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    exercise: str
    variant: str | None = None
    reps: int = Field(3, ge=1, le=60, description="repetitions, holds or walking cycles")
    side: Literal["left", "right", "alternate"] = "left"
    faults: tuple[str, ...] = Field((), description="name:mild, name:clear, name:clear@1,3")
    hold_s: float = Field(10.0, ge=1)
    lead_s: float = Field(1.0, ge=0)
    tempo: float = Field(1.0, gt=0.2, lt=5)
    pause_after: int | None = None
    pause_s: float = 4.0
    enter: bool = Field(False, description="get into position first")
    leave: bool = Field(False, description="get up afterwards")
    fidget: float = Field(1.0, ge=0, description="size of idle movements")
    body: str = "a"
    room: str = "1"
    bystander: Literal["stands", "walks"] | None = None
    bystander_body: str = "d"
    dog: bool = Field(False, description="a dog-sized thing lies beside the mat")
    yaw: float = Field(0.0, description="degrees off the ideal view, + towards the person's front or feet")
    height: float | None = Field(None, description="of the camera, metres; the exercise's own if not given")
    distance: float = Field(1.0, gt=0.3, description="multiple of the nearest distance that shows everything")
    fov: float | None = None
    size: tuple[int, int] = (640, 480)
    fps: float = Field(30.0, gt=1, le=120)
    gain: float = Field(1.0, gt=0, description="exposure of the picture; 0.25 is a dark room")
    blur: float = Field(0.0, ge=0, description="standard deviation in pixels")
    motion_blur: float = Field(0.0, ge=0, le=1, description="share of a frame's time in which the shutter is open")
    noise: float = Field(2.0, ge=0, description="sensor noise, standard deviation of 255")
    quality: int = Field(25, ge=10, le=45, description="x264 constant rate factor; less is better")
    seed: int = 1

    def key(self) -> str:
        """Name of this clip's content: its parameters and the code and data that draw it."""
        text = json.dumps(self.model_dump(), sort_keys=True) + code_version(self.exercise)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def code_version(exercise: str) -> str:
    """Hash of everything that decides how a clip looks: this package, the motion, the bodies and rooms."""
    here = Path(__file__).parent
    data = [here.parent / name for name in ("bodies.toml", "rooms.toml", "motions/postures.toml")]
    data.append(here.parent / "motions" / f"{exercise}.toml")
    digest = hashlib.sha256()
    for path in [*sorted(here.glob("*.py")), *sorted(here.glob("shaders/*")), *data]:
        if path.stem not in ("manifest", "__main__", "sheet", "errors", "__init__", "detector"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
