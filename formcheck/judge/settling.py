"""Settling: when somebody arrived where they then hold, and when they stirred from there.

The limits of a template say what a hold is, but they are fixed values of a few measures, and a measure that the pose
model sees 5 degrees too large passes its limit late on the way in and early on the way out. How far the trunk is from
where it is held a moment later does not know such an offset. It has errors of its own (people go on settling), so the
edge of a hold is taken halfway between the two.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import hypot
from statistics import median

from formcheck.judge.body import JOINTS, Body

AFTER_S = 0.5
REFERENCE_S = 2.0
LEAST_REFERENCE_S = 1.0
"""Where somebody holds is the median of this long, from so much after they arrived; and how much of it is needed."""

KNOWN_S = AFTER_S + REFERENCE_S
"""Seconds after its beginning until it is known when somebody arrived."""

DIFFER_S = 0.7
"""Where the two differ by more, they are not the same movement."""

SEEN_S = 0.2
"""Somebody was seen this long beyond the edge: a recording that begins in a hold shows nobody arrive, only sway."""

GAP_S = 0.25
"""Between poses further apart nothing is said of when somebody moved."""


class Settling:
    """Follows where the body is by points halfway between left and right.

    The pose model exchanges left and right where legs overlap, and halfway points do not care. Limbs that are hidden
    are guessed: with the knees, crossed legs that merge in the picture move the edge by 0.3 s.

    Args:
        points: landmarks such as `mid.hip`.
        within: torso lengths; nearer than this to where they are held, on average, the points have arrived.
        keep_s: seconds after the edge of a hold until it is asked for.
    """

    def __init__(self, points: Sequence[str], within: float, keep_s: float) -> None:
        self._joints = [JOINTS.index(point.partition(".")[2]) for point in points]
        self._within = within
        self._keep_s = keep_s + KNOWN_S + DIFFER_S
        self._rows: deque[tuple[float, list[float]]] = deque()
        self._torso = 0.0

    def update(self, body: Body) -> None:
        """Takes a pose into account; one whose points are not all seen says nothing."""
        row = [value for joint in self._joints for value in body.middle(joint)]
        if any(value != value for value in row) or not body.torso > 0:
            return
        self._torso = body.torso
        rows = self._rows
        rows.append((body.time, row))
        while body.time - rows[0][0] > self._keep_s:
            rows.popleft()

    def forget(self) -> None:
        """The picture changed to another scene."""
        self._rows.clear()

    def arrived(self, about: float) -> float:
        """Seconds by which a hold began later than `about`; less than 0 for earlier."""
        return self._edge(about, 1)

    def left(self, about: float) -> float:
        """Seconds by which a hold ended later than `about`; less than 0 for earlier."""
        return self._edge(about, -1)

    def _edge(self, about: float, inwards: int) -> float:
        """Half the way from `about` to when the points came near to, or went from, where they are `inwards` of that."""
        held = [(time, row) for time, row in self._rows if AFTER_S <= inwards * (time - about) <= KNOWN_S]
        if not held or held[-1][0] - held[0][0] < LEAST_REFERENCE_S:
            return 0.0
        there = [median(column) for column in zip(*(row for _, row in held), strict=True)]
        if not any(inwards * (about - time) >= SEEN_S for time, _ in self._rows):
            return 0.0
        outwards = self._rows if inwards < 0 else reversed(self._rows)
        last: tuple[float, float] | None = None
        for time, row in outwards:
            if inwards * (time - about) > 2 * AFTER_S:
                continue
            away = _distance(row, there) / self._torso
            if away <= self._within:
                last = time, away
                continue
            if last is None or abs(time - last[0]) > GAP_S:
                return 0.0
            edge = time + (last[0] - time) * (away - self._within) / (away - last[1])
            return (edge - about) / 2 if abs(edge - about) <= DIFFER_S else 0.0
        return 0.0


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    """Mean distance of the points of two rows."""
    distances = [hypot(a[i] - b[i], a[i + 1] - b[i + 1]) for i in range(0, len(b), 2)]
    return sum(distances) / len(distances)
