"""Where long recordings are cut into chunks, and whether two estimators see the same there.

An estimator depends on every frame before: it follows the person from frame to frame, and its landmarks never become
exactly those of one that began elsewhere; they stay 0.2 to 1 % of the trunk apart. So that several processes give the
same poses as one, the places of the cuts are fixed, and **every** analysis keeps to them, also that of one process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from formcheck.pose import Landmark, Pose

COMPARED_S = 0.5
"""Two estimators are compared over the last seconds before a seam."""

FEWEST = 3
"""Frames that are compared at least, however few there are in a second."""

NEAR = 0.05
"""Poses agree if their visible landmarks are at most this far apart on average, in trunk lengths. Settled estimators
of one person are 0.003 to 0.02 apart, legs that are taken for each other 0.1 and more, two people 0.5 and more."""

STRAYS = 0.1
"""Share of the compared frames in which poses may be farther apart: single landmarks jump, also within one run."""

_TORSO = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.LEFT_HIP, Landmark.RIGHT_HIP]


@dataclass(frozen=True, slots=True)
class Chunks:
    """Cuts at fixed times: chunk 0 begins with the recording, chunk `n` at `n` times their length.

    Attributes:
        length_s: seconds of a chunk. Long, since each seam costs a warm-up; short recordings are never cut.
        warm_up_s: seconds by which the estimator of a chunk begins earlier. It finds the person, looks for others
            after half a second, and has settled half a second after that.
    """

    length_s: float = 60.0
    warm_up_s: float = 1.5

    def begin(self, number: int) -> float:
        """Seconds at which a chunk begins."""
        return number * self.length_s

    def warm_up(self, number: int) -> float:
        """Seconds at which its estimator begins."""
        return max(0.0, self.begin(number) - self.warm_up_s) if number else 0.0

    def holding(self, time: float) -> int:
        """The chunk that a time (seconds) is in."""
        number = int(time / self.length_s)
        if time >= self.begin(number + 1):  # the division was rounded
            return number + 1
        return number - 1 if time < self.begin(number) else number

    def covering(self, duration_s: float) -> int:
        """How many chunks a recording of this duration has."""
        return max(1, int(np.ceil(duration_s / self.length_s)))


def agree(before: Sequence[Pose], after: Sequence[Pose]) -> bool:
    """Whether the estimator of the next chunk follows the same person as the one before, and has settled.

    Args:
        before: the poses of the frames of a warm-up, by the estimator of the chunk before.
        after: those of the same frames by the estimator that is warming up.
    """
    if not len(before) == len(after) >= FEWEST:
        return False
    compared = max(FEWEST, sum(pose.time >= after[-1].time - COMPARED_S for pose in after))
    apart = [_apart(a, b) for a, b in zip(before[-compared:], after[-compared:], strict=True)]
    return sum(distance > NEAR for distance in apart) <= STRAYS * compared


def _apart(a: Pose, b: Pose) -> float:
    """Mean distance of the landmarks that `a` sees, in lengths of its trunk; infinite if only one sees somebody."""
    if not (a.seen and b.seen):
        return 0.0 if a.seen == b.seen else float(np.inf)
    corners = a.points[_TORSO]
    trunk = max(1.0, float(np.hypot(*(corners[:2].mean(0) - corners[2:].mean(0)))))
    visible = a.visibility > 0.5
    points = a.points - b.points if not visible.any() else (a.points - b.points)[visible]
    return float(np.mean(np.hypot(*points.T))) / trunk
