"""Joint angles as an OpenSim motion file (``.mot``), as OpenSim and Pose2Sim read it [1]_.

In degrees, one row a picture, named like the coordinates of OpenSim's full-body models (``knee_angle_r``): flexion and
dorsiflexion are positive, as in the Rajagopal models. They are angles in the picture of one camera, see
`joint_angles.py`. Pictures in which nobody was seen have no row, because OpenSim's `Storage` ends at the first ``nan``;
a single joint that was not seen is ``nan`` all the same.

.. [1] https://opensimconfluence.atlassian.net/wiki/spaces/OpenSim/pages/53089618/Motion+.mot+Files
"""

from __future__ import annotations

import os
from math import isfinite

from formcheck.judge.moment import Moment
from formcheck.show.joint_angles import JOINT_ANGLES, SIDES, joint_angles
from formcheck.unfinished import UnfinishedFile


class Mot:
    """Collects the joint angles of a set for one file."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, ...]] = []

    def update(self, moment: Moment, frame: object = None) -> None:
        """Adds a moment."""
        row = (moment.time, *(degrees for _, _, degrees, _ in joint_angles(moment.pose)))
        if any(isfinite(degrees) for degrees in row[1:]):
            self._rows.append(row)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the file.

        Raises:
            OutputError: the file cannot be written.
        """
        names = ["time", *(f"{angle.opensim}_{side[0]}" for side in SIDES for angle in JOINT_ANGLES)]
        header = (
            "formcheck", "version=1", f"nRows={len(self._rows)}", f"nColumns={len(names)}", "inDegrees=yes", "endheader"
        )  # fmt: skip
        with UnfinishedFile(path) as file, file.path.open("w", encoding="utf-8", newline="\n") as out:
            out.write("\n".join(header) + "\n" + "\t".join(names) + "\n")
            for row in self._rows:
                out.write("\t".join(f"{v:.6f}" if isfinite(v) else "nan" for v in row) + "\n")
