"""From a frame to a pose: BlazePose, MediaPipe's model, following the person who exercises."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.errors import ModelError
from formcheck.pose import Pose
from formcheck.see.blazepose import Landmarker
from formcheck.see.company import Company
from formcheck.see.frame import Frame
from formcheck.see.landmarker import open_landmarker
from formcheck.see.model import ModelFile, locate
from formcheck.see.scene import Scene
from formcheck.see.straying import Straying
from formcheck.see.tracker import Tracker

PEOPLE = 4
"""How many people are told apart at most."""


class Estimator:
    """Estimates the poses of the frames of ONE video or camera, which are to be given in their order.

    It follows the person from frame to frame, so each video needs an estimator of its own. Nothing is sent anywhere.

    Give it the frames in their full size. The small inputs of the networks are sampled straight from them: 1080p costs
    1 ms more than 720p, where shrinking a frame first would cost 10 ms and move the landmarks.

    Args:
        model: a located model, a variant, the path of a bundle, or None for the default (see `formcheck.see.model`).
        upright: whether the person to follow has an upright trunk in the exercise (`Template.upright`); None if that is
            not known. It tells who exercises where several people are seen.

    Raises:
        ModelError: the model, or what runs it, cannot be loaded.
    """

    def __init__(self, model: ModelFile | str | os.PathLike[str] | None = None, *, upright: bool | None = None) -> None:
        self.model = model if isinstance(model, ModelFile) else locate(model)
        self._started: float | None = None
        self._milliseconds = -1
        self._everybody: Tracker | Landmarker | None = None
        self.company = Company(upright)
        self._scene = Scene()
        self._straying = Straying()
        cv2.setNumThreads(1)  # its threads would wait beside the inference and take its time
        try:
            self._landmarker = open_landmarker(self.model)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The pose model {self.model.path} cannot be used ({error}). "
                "Delete it and run `formcheck model` to fetch it again, or name another with --model."
            ) from error

    def estimate(self, frame: Frame) -> Pose:
        """The pose of the person in a frame, in its pixels; `Pose.absent` where nobody is seen.

        Landmarks outside the picture are estimated, too: their coordinates lie beyond its borders. Where a recording
        cuts to another scene, `Pose.cut` says so. A frame whose time does not come after the last one's is taken to be
        one millisecond later.

        Raises:
            ValueError: the frame is not (height, width, 3) uint8, or its time is not a number.
        """
        if frame.image.dtype != np.uint8 or frame.image.ndim != 3 or frame.image.shape[2] != 3 or not frame.image.size:
            raise ValueError(f"a frame is (height, width, 3) uint8, not {frame.image.shape} {frame.image.dtype}")
        if not math.isfinite(frame.time):
            raise ValueError(f"a frame needs a time in seconds, not {frame.time}")
        if not self._scene.changed(frame.time, frame.image):
            return self._follow(frame)
        # Looked for from where somebody was in the scene before, people are read wrongly for a third of a second.
        self.company.leave()
        self._straying = Straying()
        self._let_go(frame)
        return replace(self._follow(frame), cut=True)

    def _follow(self, frame: Frame) -> Pose:
        """The pose of the person, from where they were before."""
        image = self.company.hide_others(frame.image)
        found = self._landmarker.poses(image, self._next_milliseconds(frame.time))
        pose = _pose(found[0], frame) if len(found) else Pose.absent(frame.time, frame.size)
        if self.company.wants_look(pose):
            people = self._look_around(frame)
            seen = self.company.look(people, self._not_strayed(pose, people, frame))
            if seen.lost:
                self._let_go(frame)
            return seen.exerciser or Pose.absent(frame.time, frame.size)
        if pose.seen and not self.company.others and self._straying.wants_look(pose):
            pose = self._not_strayed(pose, self._look_around(frame), frame)
        return pose if self.company.is_exerciser(pose) else Pose.absent(frame.time, frame.size)

    def _not_strayed(self, followed: Pose, people: Sequence[Pose], frame: Frame) -> Pose:
        """The pose of the person followed; where the model has strayed, as found afresh, from where it begins anew."""
        # In company another one could be taken up.
        afresh = None if self.company.others else self._straying.look(followed, people)
        if afresh is None:
            return followed
        self._let_go(frame)
        return afresh

    def _let_go(self, frame: Frame) -> None:
        """Makes the model look for people anew."""
        # A picture without anybody does; to open MediaPipe anew takes six times as long.
        self._landmarker.poses(np.zeros_like(frame.image), self._next_milliseconds(frame.time))

    def _look_around(self, frame: Frame) -> list[Pose]:
        """Everybody in a picture, found afresh."""
        if self._everybody is None:
            self._everybody = self._landmarker.for_everybody(PEOPLE)
        return [_pose(landmarks, frame) for landmarks in self._everybody.poses(frame.image)]

    def warm_up(self, size: tuple[int, int] = (1280, 720)) -> None:
        """Does beforehand what takes long the first time, so that no picture of a camera has to wait for it.

        Args:
            size: (width, height) of the pictures to come.
        """
        nobody = np.zeros((size[1], size[0], 3), np.uint8)
        self._milliseconds += 1
        self._landmarker.poses(nobody, self._milliseconds)
        if self._everybody is None:
            self._everybody = self._landmarker.for_everybody(PEOPLE)
            self._everybody.poses(nobody)

    def notes(self) -> tuple[str, ...]:
        """What is to be known about whom it followed, after the last frame."""
        return self.company.notes()

    def close(self) -> None:
        """Frees the model; a second call does nothing."""
        self._landmarker.close()
        if self._everybody is not None:
            self._everybody.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next_milliseconds(self, time: float) -> int:
        """MediaPipe's clock: whole, increasing, from 0 at the first frame, so that a shifted video gives the same."""
        if self._started is None:
            self._started = time
        self._milliseconds = max(round((time - self._started) * 1000), self._milliseconds + 1)
        return self._milliseconds


def _pose(landmarks: NDArray[np.float64], frame: Frame) -> Pose:
    """A pose from (33, 3): x and y in picture widths and heights, and visibility."""
    return Pose.from_normalised(frame.time, landmarks[:, :2], landmarks[:, 2], frame.size)
