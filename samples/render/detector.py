"""How well BlazePose follows a rendered clip: `python -m samples.render.detector CLIP.mp4 …`.

Compares the landmarks found in the video with the true joints in the same frame. Angles are taken in the picture on
the side that is nearer to the camera. BlazePose's landmarks are not joint centres: a constant offset per joint is
part of the error, and is given as bias.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from formcheck.evaluate.tracks import Tracks
from formcheck.pose import Landmark
from samples.render.measures import included

LIMITS = {"knee": 5.0, "hip": 8.0, "trunk": 5.0}
"""The bar: mean absolute error of an angle in the exercise's ideal view, degrees."""
FIRST_FRAMES = 3
"""Frames in which the tracker may still look for the person; they count as frames, not for the angles."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the detector makes of a clip.

    Attributes:
        found: share of the frames in which a person is found.
        error: angle to (mean absolute error, bias) in degrees: knee, hip, trunk on the near side.
    """

    found: float
    error: dict[str, tuple[float, float]]


def agreement(clip: Path, model: str | None = None) -> Agreement:
    """Compare what the pose model finds in a clip, now or when it was last asked, with the truth beside it."""
    truth = json.loads(clip.with_suffix(".truth.json").read_text(encoding="utf-8"))["clips"][0]
    with np.load(clip.with_suffix(".frames.npz")) as stored:
        frames = {name: stored[name] for name in stored.files}
    names: list[str] = frames["joints"].tolist()
    eye = np.array(truth["camera"]["eye_m"])
    found: list[bool] = []
    errors: dict[str, list[float]] = {"knee": [], "hip": [], "trunk": []}
    for i, pose in enumerate(Tracks(model).get(clip).poses):
        found.append(pose.seen)
        if not pose.seen or i < FIRST_FRAMES:
            continue
        metres = dict(zip(names, frames["joints_m"][i], strict=True))
        away = {s: np.linalg.norm(metres[f"{s}_hip"] + metres[f"{s}_shoulder"] - 2 * eye) for s in ("left", "right")}
        near = min(away, key=lambda side: float(away[side]))
        true = {name: frames["joints_px"][i][k].astype(np.float64) for k, name in enumerate(names)}
        seen = {name: pose.points[Landmark[name.upper()]] for name in names}
        for angle, value in _angles(seen, near).items():
            miss = value - _angles(true, near)[angle]
            errors[angle].append((miss + 180) % 360 - 180)
    summary = {name: (float(np.mean(np.abs(values))), float(np.mean(values))) for name, values in errors.items()}
    return Agreement(float(np.mean(found)), summary)


def _angles(points: dict[str, NDArray[np.float64]], side: str) -> dict[str, float]:
    shoulder, hip, knee, ankle = (points[f"{side}_{joint}"] for joint in ("shoulder", "hip", "knee", "ankle"))
    trunk = shoulder - hip
    return {
        "knee": included(hip, knee, ankle),
        "hip": included(shoulder, hip, knee),
        "trunk": float(np.degrees(np.arctan2(trunk[0], -trunk[1]))),
    }


def main(paths: list[str]) -> None:
    """Print one line a clip."""
    for path in paths:
        result = agreement(Path(path))
        angles = "  ".join(f"{name} {mean:4.1f} ({bias:+5.1f})" for name, (mean, bias) in result.error.items())
        print(f"{Path(path).stem:24s} found {result.found:6.1%}  {angles}")


if __name__ == "__main__":
    main(sys.argv[1:])
