"""Recordings of the stick figure: a small video, and an estimator that sees the figure in it without any model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from clips import FPS, write_clip
from motions import Bridge, Lunge, Motion, Plank, Repeats, still
from stick_figure import Camera

from formcheck.pose import Pose
from formcheck.see.frame import Frame

SIZE = (320, 180)
CAMERA = Camera(limb=32.0, size=SIZE)
LOW_CAMERA = Camera(limb=32.0, height=30.0, size=SIZE)

BRIDGES = Bridge().motion(Repeats(count=3, seconds=2.0))
LUNGES = Lunge(sides=("right", "left"), lean=35.0).motion(Repeats(count=4))
PLANK = still(Plank().figure(), 6.0)


class Onlooker:
    """Sees the figure of a motion in every frame, by the frame's time."""

    def __init__(self, motion: Motion, camera: Camera = CAMERA) -> None:
        self._motion, self._camera = motion, camera
        self.frames = 0

    def estimate(self, frame: Frame) -> Pose:
        assert frame.size == self._camera.size
        self.frames += 1
        return self._camera.look(self._motion.look(min(frame.time, self._motion.duration)), frame.time)


class Nobody:
    """Sees nobody."""

    def estimate(self, frame: Frame) -> Pose:
        return Pose.absent(frame.time, frame.size)


class Trouble(Onlooker):
    """Sees the figure of a motion, until something is raised at a frame."""

    def __init__(self, motion: Motion, error: BaseException, at_frame: int = 20) -> None:
        super().__init__(motion)
        self._error, self._at_frame = error, at_frame

    def estimate(self, frame: Frame) -> Pose:
        if self.frames == self._at_frame:
            raise self._error
        return super().estimate(frame)


def film(path: Path, motion: Motion = BRIDGES, **options: object) -> Path:
    """A recording that lasts as long as the motion; its pictures show nothing of it."""
    return write_clip(path, count=round(motion.duration * FPS), size=SIZE, **options)  # type: ignore[arg-type]


def drawn_on(before: Frame, after: Frame) -> float:
    """Share of the pixels that differ plainly."""
    return float((np.abs(before.image.astype(int) - after.image).max(axis=2) > 60).mean())
