"""How fast this machine estimates poses, and which model a live session should use for that.

Live, every picture must be judged before the next two are there. What was measured is kept beside the cached models.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formcheck.errors import OutputError
from formcheck.json_file import read_json
from formcheck.see.download import VARIANTS, Variant
from formcheck.see.model import DEFAULT, ModelFile, cache_folder, status
from formcheck.unfinished import UnfinishedFile

ENOUGH_FPS = 30.0
"""Pictures a second that the model alone must manage: with judging and drawing, 25 are left."""

FAST_FPS = 60.0
"""From here on a slower, finer model is worth trying."""

_PICTURES = 30
_WARM_UP = 3
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """The model to use for a live session.

    Attributes:
        variant: which.
        fps: pictures a second that it was measured with here; None if it was not measured.
        why: the reason, as a sentence.
    """

    variant: Variant
    fps: float | None
    why: str


def choose() -> Choice:
    """The model for a live session on this machine, from what was measured before; measures nothing itself.

    ``full`` is what the exercises are tuned with, so it is used wherever it is fast enough.
    """
    speeds = known()
    fps = speeds.get(DEFAULT)
    if fps is None:
        return Choice(DEFAULT, None, "The speed of this machine was not measured yet.")
    if fps >= ENOUGH_FPS:
        return Choice(DEFAULT, fps, f"It manages {fps:.0f} pictures a second here; {ENOUGH_FPS:.0f} are needed.")
    slow = f"The model “{DEFAULT}” manages only {fps:.0f} pictures a second here"
    lite = speeds.get("lite")
    if any(each.variant == "lite" and each.intact for each in status()) and (lite is None or lite > fps):
        return Choice("lite", lite, f"{slow}; “lite” is faster and somewhat less exact.")
    return Choice(DEFAULT, fps, f"{slow}. “lite” is faster; fetch it with: formcheck model lite --fetch")


def wanted_model(asked: str | None) -> str:
    """The model of a live session: as asked for, or set in the environment, or as fast as this machine needs it."""
    return asked or os.environ.get("FORMCHECK_MODEL") or choose().variant


def known() -> dict[Variant, float]:
    """Pictures a second of each variant, as measured on this machine with what runs them now."""
    try:
        kept = read_json(_path())
        if kept["format"] != _FORMAT or kept["machine"] != machine():
            return {}
        speeds = {v: float(kept["fps"][v]) for v in VARIANTS if v in kept["fps"]}
    except (OSError, ValueError, LookupError, TypeError, OverflowError):
        return {}
    return {variant: fps for variant, fps in speeds.items() if 0 < fps < 10_000}


def remember(model: ModelFile, fps: float) -> None:
    """Keeps how fast a model is here; where that cannot be stored, it is measured again another time."""
    if model.variant is None or not 0 < fps < 10_000:
        return
    speeds = known() | {model.variant: round(fps, 1)}
    content = {"format": _FORMAT, "machine": machine(), "fps": speeds}
    try:
        _path().parent.mkdir(parents=True, exist_ok=True)
        with UnfinishedFile(_path()) as unfinished:
            unfinished.path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except (OSError, OutputError):
        pass


def measure(model: ModelFile) -> float:
    """Pictures of 1280×720 a second that a model estimates on this machine now; takes a second or two.

    Nobody is needed: with a confidence of 0 the model follows somebody in any picture.

    Raises:
        ModelError: nothing that runs it can be loaded.
        ValueError: the model cannot be used.
    """
    from formcheck.see.landmarker import open_landmarker

    picture = np.random.default_rng(7).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    seconds = []
    with open_landmarker(model, confidence=0.0) as landmarker:
        for number in range(_WARM_UP + _PICTURES):
            began = time.perf_counter()
            landmarker.poses(picture, number * 33)
            seconds.append(time.perf_counter() - began)
    return 1 / statistics.median(seconds[_WARM_UP:])


def machine() -> str:
    """What the speed depends on: processor, cores, what runs the model."""
    from formcheck.see.landmarker import runtime

    return f"{processor()}, {cores()} cores, {runtime()}"


def processor() -> str:
    """Name of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("model name", "Model")):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "unknown processor"


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _path() -> Path:
    return cache_folder() / "speed.json"
