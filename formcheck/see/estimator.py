"""From a frame to a pose: BlazePose in MediaPipe's video mode, one person."""

from __future__ import annotations

import math
import os
from typing import Self

import cv2
import numpy as np

from formcheck.errors import ModelError
from formcheck.pose import Pose
from formcheck.see.blazepose import Landmarker
from formcheck.see.frame import Frame
from formcheck.see.model import ModelFile, locate


class Estimator:
    """Estimates the poses of the frames of ONE video or camera, which are to be given in their order.

    It follows the person from frame to frame, so each video needs an estimator of its own. Nothing is sent anywhere.

    Give it the frames in their full size. MediaPipe samples its small inputs straight from them: 1080p costs 1 ms more
    than 720p, where shrinking a frame first would cost 10 ms and move the landmarks.

    Args:
        model: a located model, a variant, the path of a bundle, or None for the default (see `formcheck.see.model`).

    Raises:
        ModelError: the model or MediaPipe cannot be loaded.
    """

    def __init__(self, model: ModelFile | str | os.PathLike[str] | None = None) -> None:
        self.model = model if isinstance(model, ModelFile) else locate(model)
        self._started: float | None = None
        self._milliseconds = -1
        cv2.setNumThreads(1)  # its threads would wait beside the inference and take its time
        try:
            self._landmarker = Landmarker(self.model.path.read_bytes(), "video")
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The pose model {self.model.path} cannot be used ({error}). "
                "Delete it and run `formcheck model` to fetch it again, or name another with --model."
            ) from error

    def estimate(self, frame: Frame) -> Pose:
        """The pose of the person in a frame, in its pixels; `Pose.absent` where nobody is seen.

        Landmarks outside the picture are estimated, too: their coordinates lie beyond its borders. A frame whose time
        does not come after the last one's is taken to be one millisecond later.

        Raises:
            ValueError: the frame is not (height, width, 3) uint8, or its time is not a number.
        """
        if frame.image.dtype != np.uint8 or frame.image.ndim != 3 or frame.image.shape[2] != 3 or not frame.image.size:
            raise ValueError(f"a frame is (height, width, 3) uint8, not {frame.image.shape} {frame.image.dtype}")
        if not math.isfinite(frame.time):
            raise ValueError(f"a frame needs a time in seconds, not {frame.time}")
        result = self._landmarker.detect(frame.image, self._next_milliseconds(frame.time))
        if not result.pose_landmarks:
            return Pose.absent(frame.time, frame.size)
        landmarks = result.pose_landmarks[0]
        return Pose.from_normalised(
            frame.time, [(p.x, p.y) for p in landmarks], [p.visibility for p in landmarks], frame.size
        )

    def close(self) -> None:
        """Frees the model; a second call does nothing."""
        self._landmarker.close()

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
