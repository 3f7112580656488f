"""One body pose in one picture: the type that every part of the program knows.

Landmarks follow BlazePose's 33 points [1]_. Coordinates are **pixels of the unmirrored picture**: x grows to the
right, y grows downwards. Angles must be taken in pixels; in normalised coordinates a 16:9 picture bends them by
up to 31 degrees.

.. [1] https://ai.google.dev/edge/mediapipe/solutions/vision/pose_landmarker
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Side = Literal["left", "right"]
"""A side of the person's own body, whatever the picture shows."""

LANDMARKS = 33


def opposite(side: Side) -> Side:
    """The other side."""
    return "right" if side == "left" else "left"


class Landmark(IntEnum):
    """Index of each BlazePose landmark in `Pose.points`."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


MIRRORED: tuple[int, ...] = (
    0,
    4,
    5,
    6,
    1,
    2,
    3,
    8,
    7,
    10,
    9,
    *tuple(i + 1 if i % 2 else i - 1 for i in range(11, LANDMARKS)),
)
"""`MIRRORED[i]` is the landmark of the other side of the body (the nose stays)."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """What the estimator saw in one picture.

    Attributes:
        time: seconds since the start of the recording (or on the capture clock). Strictly increasing within a track.
        points: (33, 2) float64, pixels. NaN where the landmark was not seen; all NaN when nobody was seen.
        visibility: (33,) float64 in 0..1, the model's own estimate that the landmark is not hidden.
        size: (width, height) of the picture in pixels.
        cut: whether the picture shows another scene than the one before: what was seen before says nothing about it.
    """

    time: float
    points: NDArray[np.float64]
    visibility: NDArray[np.float64]
    size: tuple[int, int]
    cut: bool = False

    def __post_init__(self) -> None:
        points = np.asarray(self.points, dtype=np.float64)
        visibility = np.asarray(self.visibility, dtype=np.float64)
        if points.shape != (LANDMARKS, 2):
            raise ValueError(f"Pose.points must have the shape (33, 2), not {points.shape}")
        if visibility.shape != (LANDMARKS,):
            raise ValueError(f"Pose.visibility must have the shape (33,), not {visibility.shape}")
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "visibility", visibility)

    @classmethod
    def from_normalised(cls, time: float, points: ArrayLike, visibility: ArrayLike, size: tuple[int, int]) -> Pose:
        """A pose from coordinates in 0..1 of the picture's width and height, as MediaPipe gives them."""
        return cls(time, np.asarray(points, dtype=np.float64)[:, :2] * size, np.asarray(visibility), size)

    @classmethod
    def absent(cls, time: float, size: tuple[int, int]) -> Pose:
        """A picture in which nobody was seen."""
        return cls(time, np.full((LANDMARKS, 2), np.nan), np.zeros(LANDMARKS), size)

    @property
    def seen(self) -> bool:
        """Whether a person was found in the picture."""
        return bool(self.points[Landmark.LEFT_HIP, 0] == self.points[Landmark.LEFT_HIP, 0]) or not bool(
            np.isnan(self.points).all()
        )

    def mirrored(self) -> Pose:
        """The same pose seen in a mirror: x is flipped and left and right are swapped."""
        order = list(MIRRORED)
        points = self.points[order].copy()
        points[:, 0] = self.size[0] - points[:, 0]
        return Pose(self.time, points, self.visibility[order], self.size, self.cut)
