"""Where the hip joint is: the rig's pivot is not its centre.

The rig's hip pivots are the animator's control points, not anatomy: in the men of this mesh they lie 22 mm *behind*
the middle of the body and 23 cm apart, in the women in its middle and 19 cm apart. The femoral heads of adults lie in
the front half of the body, 4 to 5 cm behind the front iliac spines, and about 17 to 18 cm apart (Hara et al. 2016,
Scientific Reports 6:37707, by leg length: 0.063 leg − 11 mm behind the spines, 8 + 0.086 leg mm to the side). From such
a pivot the trunk of an upright man leans 3 to 4° too far. So the hip is put where the knee's pivot already is, within
8 mm: in the middle of the limb's section, on the axis of the limb, at the height that the rig gives it. Nothing of a
pose detector goes into this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from samples.render.rotation import Array

BELOW_CROTCH = 0.002
"""Metres below the crotch: where the thigh is a limb of its own."""


def hip_centre(points: Array, triangles: NDArray[np.int64], hip: Array, knee: Array) -> Array:
    """(3,) centre of the left hip joint in the rest pose, metres.

    Args:
        points: (n, 3) rest pose, y up, +x to the person's left, upright and facing +z.
        triangles: (m, 3) of the skin.
        hip: the rig's pivot of the left hip; its height is kept.
        knee: the left knee joint.

    Returns:
        The centroid of the thigh's section just below the crotch, raised to the height of the hip.
    """
    skin = points[np.unique(triangles)]
    between = skin[(np.abs(skin[:, 0]) < 0.006) & (skin[:, 1] > knee[1]) & (skin[:, 1] < hip[1])]
    section = _section(points, triangles, float(between[:, 1].min()) - BELOW_CROTCH)
    x, z = _centroid(section[(section[:, 0] > 0) & (section[:, 0] < 2.5 * hip[0])])
    return np.array([x, hip[1], z])


def _section(points: Array, triangles: NDArray[np.int64], height: float) -> Array:
    """(k, 2) points x, z in which the edges of a mesh meet a level plane."""
    ends = np.concatenate([points[triangles[:, pair]] for pair in ((0, 1), (1, 2), (2, 0))])
    low, high = ends[:, 0], ends[:, 1]
    crosses = (low[:, 1] - height) * (high[:, 1] - height) < 0
    low, high = low[crosses], high[crosses]
    share = (height - low[:, 1:2]) / (high[:, 1:2] - low[:, 1:2])
    return np.asarray((low + share * (high - low))[:, [0, 2]])


def _centroid(points: Array) -> Array:
    """(2,) centre of the area of the convex hull of (k, 2) points."""
    corner = points[ConvexHull(points).vertices]
    after = np.roll(corner, -1, axis=0)
    cross = corner[:, 0] * after[:, 1] - after[:, 0] * corner[:, 1]
    return np.asarray(((corner + after) * cross[:, None]).sum(0) / (3 * cross.sum()))
