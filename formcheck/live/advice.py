"""Help with setting up: where to go and what to change until the person can be judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from formcheck.judge.moment import Moment, Readiness

DARK = 45.0
"""Mean brightness (0 to 255) below which the pose model loses precision; a lit room has 80 to 150."""

SMALL = 0.35
"""A person whose larger extent is less than this share of the picture is too far away."""

BORDER = 0.02
"""A body that comes this near to a border (share of the picture) is taken to go on beyond it."""

SEEN = 0.5
ROOM = 0.2
"""Free space on the other side of the picture (share) that makes turning the camera better than stepping back."""

_EVERY_S = 0.2


class Advice:
    """Adds to a moment's readiness what the judge cannot know: light, distance, and how to move the camera.

    Once the exercise goes on it says nothing.
    """

    def __init__(self) -> None:
        self._looked: float | None = None
        self._say: Readiness | None = None

    def update(self, moment: Moment, brightness: float) -> Moment:
        """The moment with the most helpful request in place of the judge's; the same moment if there is none.

        Args:
            moment: as judged.
            brightness: mean of the picture, 0 to 255.
        """
        if moment.readiness.ready or moment.phase not in ("setup", "rest"):
            self._say = self._looked = None
            return moment
        if self._looked is None or not 0 <= moment.time - self._looked < _EVERY_S:
            self._looked = moment.time
            self._say = _request(moment, brightness)
        return moment if self._say is None else replace(moment, readiness=self._say)


def _request(moment: Moment, brightness: float) -> Readiness | None:
    reason = moment.readiness.reason
    if brightness < DARK and reason in ("no_person", "joints"):
        return Readiness(False, "light", "More light, please: it is too dark to see you")
    if not moment.pose.seen:
        return None
    left, top, right, bottom = _extent(moment)
    if left != left:
        return None
    if max(right - left, bottom - top) < SMALL and reason != "no_person":
        return Readiness(False, "far", "Step closer to the camera")
    low, high = bottom > 1 - BORDER, top < BORDER
    leftmost, rightmost = left < BORDER, right > 1 - BORDER
    if (low and high) or (leftmost and rightmost):
        return Readiness(False, "near", "Step back: you do not fit into the picture")
    if reason != "joints":
        return None
    if low and top > ROOM:
        return Readiness(False, "cut_off", "I can't see your feet: lower the camera, or tilt it down")
    if high and bottom < 1 - ROOM:
        return Readiness(False, "cut_off", "I can't see your head: raise the camera, or tilt it up")
    if leftmost != rightmost:
        return Readiness(False, "cut_off", "You are half out of the picture: move to its middle")
    return None


def _extent(moment: Moment) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the person in shares of the picture; NaN if hardly anything is seen.

    Landmarks beyond the borders count too: the model estimates them.
    """
    pose = moment.pose
    seen = (pose.visibility >= SEEN) & ~np.isnan(pose.points[:, 0])
    outside = ((pose.points < 0) | (pose.points > pose.size)).any(axis=1)
    points = pose.points[seen | (outside & ~np.isnan(pose.points[:, 0]))] / pose.size
    if len(points) < 4:
        return (float("nan"),) * 4
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom
