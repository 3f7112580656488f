"""The exact joints of rendered clips, as poses that a perfect estimator would give."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.errors import TruthError
from formcheck.pose import LANDMARKS, Landmark, Pose
from formcheck.see.limits import FARTHEST_PX, LONGEST_S, SHORTEST_STEP_S

_LARGEST = 512 * 2**20
"""Bytes, unpacked: ten minutes of a clip at 30 pictures a second have 30 million."""

_FLOATS = "[<>]f[48]"
_TEXTS = "[<>]U[0-9]{1,3}"


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
        times, names, pixels, metres = _arrays(path)
    except FileNotFoundError:
        raise TruthError(f"There is no file {path}, which the truth names as 'frames'.") from None
    # What zipfile raises on damaged files; RuntimeError and NotImplementedError: encrypted or packed oddly.
    except (OSError, ValueError, LookupError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise TruthError(f"{path} does not hold the joints of a rendered clip ({error}). Render it again.") from error
    count, joints = len(times), len(names)
    if pixels.shape != (count, joints, 2) or metres.shape != (count, joints, 3) or count < 2:
        raise TruthError(f"{path} does not hold the joints of a rendered clip. Render it again.")
    unknown = [name for name in names if name.upper() not in Landmark.__members__]
    if unknown:
        raise TruthError(f"{path} has joints that are not BlazePose landmarks: {', '.join(unknown)}.")
    if (
        not np.isfinite(times).all()
        or not (np.diff(times) >= SHORTEST_STEP_S / 2).all()
        or not -LONGEST_S <= times[0] <= times[-1] <= LONGEST_S
    ):
        raise TruthError(f"{path} has times that do not increase. Render it again.")
    if (np.abs(pixels) > FARTHEST_PX).any() or (np.abs(metres) > FARTHEST_PX).any():
        raise TruthError(f"{path} has joints far beyond any room or picture. Render it again.")
    indices = [Landmark[name.upper()] for name in names]
    all_pixels, all_metres = np.full((count, LANDMARKS, 2), np.nan), np.full((count, LANDMARKS, 3), np.nan)
    all_pixels[:, indices], all_metres[:, indices] = pixels, metres
    return ExactJoints(times, all_pixels, all_metres)


def _arrays(path: Path) -> tuple[NDArray[np.float64], list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Times, names of the joints, and their places in pixels and in metres, as they are in the file."""
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        if sum(each.file_size for each in archive.infolist()) > _LARGEST:
            raise ValueError(f"unpacked it is larger than {_LARGEST // 2**20} MB")
        numbers = [_array(archive, name, _FLOATS).astype(np.float64) for name in ("time", "joints_px", "joints_m")]
        texts = _array(archive, "joints", _TEXTS)
        if (texts.reshape(-1).view(f"{texts.dtype.byteorder}u4") > 127).any():  # numpy does not check that it is text
            raise ValueError("its joints have names that are no words")
        names = [str(name) for name in texts]
    return numbers[0].reshape(-1), names, numbers[1], numbers[2]


def _array(archive: zipfile.ZipFile, name: str, kinds: str) -> NDArray[Any]:
    """An array of one of these kinds; its size is that of the data, whatever the header claims."""
    with archive.open(f"{name}.npy") as member:
        data = member.read(_LARGEST)
    start, length = data[:8], int.from_bytes(data[8:10], "little")
    # Compared as text: numpy's own reader evaluates the header, and fails in many ways on hostile ones.
    form = rf"\{{'descr': '({kinds})', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \}} *\n"
    found = re.fullmatch(form, data[10 : 10 + length].decode("latin-1"))
    if start != b"\x93NUMPY\x01\x00" or found is None:
        raise ValueError(f"its {name} is no array of the expected kind")
    shape = tuple(int(side[:15]) for side in found[2].split(",") if side.strip())
    return np.frombuffer(data[10 + length :], found[1]).reshape(shape)
