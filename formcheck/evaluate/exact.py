"""The exact joints of rendered clips, as poses that a perfect estimator would give."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from formcheck.errors import TruthError
from formcheck.pose import LANDMARKS, Landmark, Pose


@dataclass(frozen=True, slots=True, eq=False)
class ExactJoints:
    """The true joints of every frame of a clip.

    Attributes:
        times: (n,) seconds.
        pixels: (n, 33, 2) places in the picture; NaN for the landmarks that a rendered body has not.
        metres: (n, 33, 3) places in the room.
    """

    times: NDArray[np.float64]
    pixels: NDArray[np.float64]
    metres: NDArray[np.float64]

    def poses(self, size: tuple[int, int]) -> list[Pose]:
        """Poses with every joint visible.

        Args:
            size: (width, height) of the picture in pixels.
        """
        seen = (~np.isnan(self.pixels[0, :, 0])).astype(np.float64)
        return [Pose(time, points, seen, size) for time, points in zip(self.times.tolist(), self.pixels, strict=True)]

    def at(self, times: Sequence[float]) -> NDArray[np.intp]:
        """Index of the frame that is nearest to each time."""
        after = np.clip(np.searchsorted(self.times, times), 1, len(self.times) - 1)
        earlier = np.abs(self.times[after - 1] - times) <= np.abs(self.times[after] - times)
        return np.where(earlier, after - 1, after)

    def near_side(self, eye: tuple[float, float, float]) -> NDArray[np.bool_]:
        """(n,) whether the left side of the body is nearer to the lens than the right, by shoulder and hip.

        Args:
            eye: place of the lens, metres.
        """
        away = np.linalg.norm(self.metres - np.asarray(eye), axis=2)
        left = away[:, Landmark.LEFT_SHOULDER] + away[:, Landmark.LEFT_HIP]
        right = away[:, Landmark.RIGHT_SHOULDER] + away[:, Landmark.RIGHT_HIP]
        return np.asarray(left <= right)


def read_exact(path: Path) -> ExactJoints:
    """Reads the ``.frames.npz`` of a rendered clip.

    Raises:
        TruthError: it is missing, damaged or something else.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            times = np.asarray(data["time"], dtype=np.float64)
            names = [str(name) for name in data["joints"]]
            places = {key: np.asarray(data[key], dtype=np.float64) for key in ("joints_px", "joints_m")}
    except FileNotFoundError:
        raise TruthError(f"There is no file {path}, which the truth names as 'frames'.") from None
    except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile) as error:
        raise TruthError(f"{path} does not hold the joints of a rendered clip ({error}). Render it again.") from error
    count, joints = len(times), len(names)
    if places["joints_px"].shape != (count, joints, 2) or places["joints_m"].shape != (count, joints, 3) or count < 2:
        raise TruthError(f"{path} does not hold the joints of a rendered clip. Render it again.")
    unknown = [name for name in names if name.upper() not in Landmark.__members__]
    if unknown:
        raise TruthError(f"{path} has joints that are not BlazePose landmarks: {', '.join(unknown)}.")
    indices = [Landmark[name.upper()] for name in names]
    pixels, metres = np.full((count, LANDMARKS, 2), np.nan), np.full((count, LANDMARKS, 3), np.nan)
    pixels[:, indices], metres[:, indices] = places["joints_px"], places["joints_m"]
    return ExactJoints(times, pixels, metres)
