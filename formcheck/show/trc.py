"""Landmarks as a marker file (``.trc``), as Pose2Sim and OpenSim read it [1]_.

One camera, so two dimensions: the markers lie in a plane, Z is 0 everywhere. X points to the right of the picture,
Y up, the origin is its lower left corner, units are metres. How many metres a pixel is worth, one camera cannot tell:
it is estimated from the length of the legs, or of the trunk, and the person's height, which is taken for
`USUAL_HEIGHT_M` unless it is given. So lengths are as good as that estimate; angles do not depend on it.

Markers have Pose2Sim's names for BlazePose. They are as the model saw them, unsmoothed; what was not seen is ``nan``
(empty cells are usual, too, but OpenSim does not read a line that ends with one).

.. [1] https://opensimconfluence.atlassian.net/wiki/spaces/OpenSim/pages/53089618/Marker+.trc+Files
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from formcheck.judge.moment import Moment
from formcheck.unfinished import UnfinishedFile

USUAL_HEIGHT_M = 1.70

MARKERS = {
    "Nose": 0, "LEye": 2, "REye": 5, "LShoulder": 11, "RShoulder": 12, "LElbow": 13, "RElbow": 14, "LWrist": 15,
    "RWrist": 16, "LPinky": 17, "RPinky": 18, "LIndex": 19, "RIndex": 20, "LHip": 23, "RHip": 24, "LKnee": 25,
    "RKnee": 26, "LAnkle": 27, "RAnkle": 28, "LHeel": 29, "RHeel": 30, "LBigToe": 31, "RBigToe": 32,
}  # fmt: skip
"""BlazePose landmark of each marker."""

_LEG, _TRUNK = 0.491, 0.288
"""Hip to ankle along the leg, and shoulder to hip, in body heights (Drillis and Contini 1966, in Winter 2009)."""

_PLAIN = 0.5
"""Visibility from which a landmark is used to estimate the scale."""


class Trc:
    """Collects the landmarks of a set for one file.

    Args:
        height_m: height of the person in metres, if it is known.
    """

    def __init__(self, height_m: float | None = None) -> None:
        self._height_m = height_m or USUAL_HEIGHT_M
        self._times: list[float] = []
        self._points: list[NDArray[np.float64]] = []
        self._plain: list[NDArray[np.bool_]] = []
        self._picture_height = 0

    def update(self, moment: Moment, frame: object = None) -> None:
        """Adds a moment."""
        pose = moment.pose
        self._picture_height = pose.size[1]
        self._times.append(pose.time)
        self._points.append(pose.points)
        self._plain.append(pose.visibility >= _PLAIN)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the file.

        Raises:
            OutputError: the file cannot be written.
        """
        path = Path(path)
        count = len(self._times)
        points = np.array(self._points, dtype=np.float64).reshape(count, 33, 2)
        scale = self._metres_a_pixel(points)
        points = points[:, list(MARKERS.values())]
        xyz = np.zeros((count, len(MARKERS), 3))
        xyz[:, :, 0] = scale * points[:, :, 0]
        xyz[:, :, 1] = scale * (self._picture_height - points[:, :, 1])
        xyz[:, :, 2] = np.where(np.isnan(points[:, :, 0]), np.nan, 0.0)
        span = self._times[-1] - self._times[0] if count > 1 else 0.0
        rate = f"{(count - 1) / span:.6f}" if span else "30"
        header = (
            f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
            "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
            f"{rate}\t{rate}\t{count}\t{len(MARKERS)}\tm\t{rate}\t1\t{count}",
            "Frame#\tTime\t" + "\t\t\t".join(MARKERS) + "\t\t",
            "\t\t" + "\t".join(f"{axis}{i}" for i in range(1, len(MARKERS) + 1) for axis in "XYZ"),
        )
        with UnfinishedFile(path) as file, file.path.open("w", encoding="utf-8", newline="\n") as out:
            out.write("\n".join(header) + "\n\n")
            for number, (time, row) in enumerate(zip(self._times, xyz, strict=True), start=1):
                cells = "\t".join("nan" if v != v else f"{v:.7f}" for v in row.ravel().tolist())
                out.write(f"{number}\t{time:.6f}\t{cells}\n")

    def _metres_a_pixel(self, points: NDArray[np.float64]) -> float:
        """From the legs at their longest: a limb that points at the camera looks short, never long."""
        plain = np.array(self._plain, dtype=np.bool_).reshape(len(points), 33)
        seen = np.where(plain[:, :, None], points, np.nan)

        def length(*chain: int) -> NDArray[np.float64]:
            steps = np.diff(seen[:, list(chain)], axis=1)
            total: NDArray[np.float64] = np.hypot(steps[..., 0], steps[..., 1]).sum(axis=1)
            return total[np.isfinite(total)]

        for share, chains in ((_LEG, ((23, 25, 27), (24, 26, 28))), (_TRUNK, ((11, 23), (12, 24)))):
            lengths = np.concatenate([length(*chain) for chain in chains])
            if len(lengths) and (longest := float(np.percentile(lengths, 90))) > 0:
                return share * self._height_m / longest
        return 0.001
