"""Exact truth of a rendered clip: a small JSON beside the video, and every frame's joints in a compressed file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from samples.render.actor import Actor
from samples.render.camera import Camera
from samples.render.measures import MEASURES, Sight, joint_angles
from samples.render.posture import Posture
from samples.render.rotation import Array
from samples.render.timeline import Timeline

SCHEMA = 1
ABOUT = (
    "Exact truth of rendered clips: times in seconds from the first frame, joints from the posed skeleton. "
    "Format: docs/rendering.md."
)


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """What is true in every frame.

    Attributes:
        times: (n,) seconds.
        names: the joints, BlazePose landmark names in lower case.
        metres: (n, joints, 3) in the room: y up, origin on the floor.
        pixels: (n, joints, 2) in the picture: x right, y down.
        angles: name to (n,) true angles in space, degrees.
        measures: name to (n,) the exercise's exact measures in its ideal view.
    """

    times: Array
    names: tuple[str, ...]
    metres: Array
    pixels: Array
    angles: dict[str, Array]
    measures: dict[str, Array]

    def save(self, path: Path) -> None:
        """Write as a compressed npz (joints to 0.1 mm and 0.01 px, angles to 0.01°)."""
        arrays = {
            "time": self.times,
            "joints": np.array(self.names),
            "joints_m": self.metres.round(4).astype("f4"),
            "joints_px": self.pixels.round(2).astype("f4"),
            "angle_names": np.array(list(self.angles)),
            "angles": np.stack(list(self.angles.values()), axis=1).round(2).astype("f4"),
            "measure_names": np.array(list(self.measures)),
            "measures": np.stack(list(self.measures.values()), axis=1).round(4).astype("f4")
            if self.measures
            else np.zeros((len(self.times), 0), "f4"),
        }
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def measured_names(actor: Actor) -> list[str]:
    """The measures of an exercise: its signal, what its bands ask for, what its faults are judged by."""
    motion = actor.motion
    names = [motion.signal] if motion.signal else []
    names += list(motion.reached)
    if motion.holding:
        names += [*motion.holding.enter, *motion.holding.stay]
    for fault in motion.faults.values():
        names.append(fault.measure.removeprefix("swing."))
    return [name for name in dict.fromkeys(names) if not name.startswith(("seconds.", "speed."))]


def true_frames(
    actor: Actor, timeline: Timeline, times: Array, postures: list[Posture], camera: Camera, side_at: list[str]
) -> Frames:
    """Measure every frame.

    Args:
        actor: the exercising person.
        timeline: gives the start position that measures count from.
        times: of the frames, seconds.
        postures: of the frames.
        camera: projects joints to pixels.
        side_at: working side in each frame.
    """
    marks = [actor.landmarks(posture) for posture in postures]
    names = tuple(marks[0])
    metres = np.array([[mark[name] for name in names] for mark in marks])
    angles = [joint_angles(mark) for mark in marks]
    base = actor.landmarks(timeline.at(timeline.ready_s))
    measured: dict[str, list[float]] = {name: [] for name in measured_names(actor)}
    for mark, side in zip(marks, side_at, strict=True):
        for name, values in measured.items():
            azimuth = actor.azimuth(side, name)
            values.append(MEASURES[name](Sight(mark, azimuth, side, Sight(base, azimuth, side))))
    return Frames(
        times,
        names,
        metres,
        camera.pixels(metres),
        {name: np.array([found[name] for found in angles]) for name in angles[0]},
        {name: np.array(values) for name, values in measured.items()},
    )


def held_spans(actor: Actor, frames: Frames, side_at: list[str]) -> list[dict[str, Any]]:
    """Spans in which the pose was really held: from when all `enter` bands are true to when a `stay` band is not."""
    how = actor.motion.holding
    if how is None:
        return []

    def within(bands: dict[str, tuple[float, float]], i: int) -> bool:
        return all(low <= frames.measures[name][i] <= high for name, (low, high) in bands.items())

    spans: list[dict[str, Any]] = []
    begun: int | None = None
    for i in range(len(frames.times)):
        if begun is None and within(how.enter, i):
            begun = i
        elif begun is not None and not within(how.stay, i):
            spans.append({"side": side_at[begun], "start_s": frames.times[begun], "end_s": frames.times[i]})
            begun = None
    if begun is not None:
        spans.append({"side": side_at[begun], "start_s": frames.times[begun], "end_s": frames.times[-1]})
    one_sided = actor.motion.one_sided
    return [
        {
            "side": span["side"] if one_sided else None,
            "start_s": round(float(span["start_s"]), 3),
            "end_s": round(float(span["end_s"]), 3),
        }
        for span in spans
        if span["end_s"] - span["start_s"] >= 0.5
    ]


def clip_truth(
    actor: Actor, timeline: Timeline, frames: Frames, camera: Camera, side_at: list[str], made_of: dict[str, Any]
) -> dict[str, Any]:
    """One entry of a truth file's `clips`."""
    motion = actor.motion
    repetitions = timeline.repetitions
    complete = sum(repetition.complete for repetition in repetitions)
    counted = len(repetitions) if complete == len(repetitions) else complete
    kind = motion.kind
    holds = held_spans(actor, frames, side_at)
    truth: dict[str, Any] = {
        "file": made_of["file"],
        "exercise": motion.id,
        "kind": kind,
        "view": _view_in_words(motion.view.name, made_of["yaw"]),
        "reps": counted,
        "partial_reps": len(repetitions) - counted,
        "rep_peak_s": [round(repetition.peak_s, 3) for repetition in repetitions if repetition.complete],
        "hold_s": [[hold["start_s"], hold["end_s"]] for hold in holds],
        "fps": made_of["fps"],
        "size": f"{camera.size[0]}x{camera.size[1]}",
        "duration_s": round(len(frames.times) / made_of["fps"], 3),
        "notes": f"rendered: {motion.about}",
        "repetitions": [_rounded(asdict(repetition)) for repetition in repetitions],
        "holds": holds,
        "faults": [_rounded(asdict(fault)) for fault in timeline.faults],
        "ready_s": round(timeline.ready_s, 3),
        "camera": {
            "azimuth": round(camera.azimuth, 2),
            "distance_m": round(camera.distance, 3),
            "height_m": camera.height,
            "fov_deg": camera.fov,
            "eye_m": camera.eye.round(4).tolist(),
            "view_projection": camera.view_projection.round(6).tolist(),
        },
        **{
            name: made_of[name]
            for name in ("body", "room", "yaw", "variant", "side", "seed", "bystander", "conditions")
        },
        "frames": made_of["frames"],
    }
    if len(repetitions) != counted:
        truth["accept_reps"] = sorted({counted, len(repetitions)})
    return truth


def write_truth(path: Path, clips: list[dict[str, Any]]) -> None:
    """Write a truth file: `about`, `schema` and one entry a clip."""
    text = json.dumps({"about": ABOUT, "schema": SCHEMA, "clips": clips}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _view_in_words(name: str, yaw: float) -> str:
    return (
        name if not yaw else f"{name}, {abs(yaw):g}° off towards the {'front or feet' if yaw > 0 else 'back or head'}"
    )


def _rounded(entry: dict[str, Any]) -> dict[str, Any]:
    def tidy(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 3)
        if isinstance(value, dict):
            return {name: tidy(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [tidy(inner) for inner in value]
        return value

    return {name: tidy(value) for name, value in entry.items()}
