"""Guard against left and right being swapped by the pose model.

Where legs overlap the model exchanges left and right for a picture or a second, at full confidence. A person cannot:
both ankles would have to jump to each other's place within a tenth of a second. The guard undoes such an exchange,
separately for knees, for feet, and for shoulders and arms, and keeps the labels steady until the model comes back to
them.
"""

from __future__ import annotations

from math import dist

import numpy as np
from numpy.typing import NDArray

from formcheck.pose import LANDMARKS, MIRRORED

Rows = list[list[float]]

MEMORY_S = 0.35
"""A sighting older than this says nothing about which leg is which."""

JUMP = 0.8
"""Thigh lengths that the joints together may jump further with their labels than with exchanged ones, for free."""

LARGEST = 4.0
"""Jumps, in the same measure, count up to here ..."""

RATE = 1.0
"""... and labels that are taken for exchanged cost this much a second: a model that insists for 4 s is believed."""

RATE_RAISED = 0.07
"""The same while somebody lying down raises a straight leg: the model gives the near leg to the other side as long as
it is high, at full confidence, and is right before and after. In 121 rendered leg lifts, single-leg bridges and supine
figure fours 2,139 pairs that are apart keep wrong labels, and 5 repetitions their wrong side; 2,965 and 14 if this
costs as much as everything else; 2,109 to 2,332 and 6 with 0.04 and 0.1."""

LEVEL = 0.6
"""Sine of the trunk's elevation below which somebody lies."""

RAISED = 0.4
"""Thigh lengths of the ankle above the hips from which on a leg is raised ..."""

STRAIGHT = 0.95
"""... and from which share of the leg's length from hip to ankle on it is straight: 0.95 is a knee of 143 degrees. The
legs of a figure four, which hide each other, are not."""

TOO_LONG = 1.4
"""Thigh lengths of a shank that is none: its knee is the other leg's. Where such knees take each other's place, of
13,916 pairs of rendered knees that are apart 351 keep wrong labels, else 361; with ankles that do it would be more."""

CHANGE = 0.1
"""Cost of a change between right and exchanged labels: of two explanations the one with fewer changes."""

_KNEES = np.arange(25, 27)
_GROUPS = (
    ((25, 26), _KNEES),
    ((27, 28), np.arange(27, 33)),
    ((11, 12, 23, 24), np.array(list(range(1, 25)))),
)
"""(joints that decide, landmarks that are exchanged): knees; ankles for all below them; shoulders and hips for all
above the knees. Where thighs lie side by side the shanks alone are exchanged, and the knees alone where the feet are
together: in 122 rendered sets of 15 exercises 1,056 of 29,452 pairs that are apart keep wrong labels if knees and
ankles are guarded as one, 982 if not."""


class LabelGuard:
    """Keeps left and right apart along a track."""

    def __init__(self) -> None:
        self._memory: list[_Memory] = [_Memory() for _ in _GROUPS]
        self.revised: NDArray[np.intp] | None = None
        """Order that puts the landmarks *before* this pose right, when it showed that they were taken wrongly."""

    def update(self, time: float, rows: Rows, limb: float) -> NDArray[np.intp] | None:
        """The order (33,) in which landmarks must be taken to put exchanged labels back; None if they are right.

        Args:
            time: seconds.
            rows: the 33 points as plain lists.
            limb: thigh length, pixels.
        """
        order = self.revised = None
        rate = RATE_RAISED if _raises_leg(rows, limb) else RATE
        for (decisive, members), memory in zip(_GROUPS, self._memory, strict=True):
            if memory.exchanged(time, [rows[i] for i in decisive], limb, rate):
                order = _exchange(order, members)
            if memory.revised:
                self.revised = _exchange(self.revised, members)
        return _exchange(order, _KNEES) if limb > 0 and _crossed(rows, order, limb) else order

    def reset(self) -> None:
        """Forgets the past, for a scene cut."""
        self.__init__()  # type: ignore[misc]


def _exchange(order: NDArray[np.intp] | None, members: NDArray[np.intp]) -> NDArray[np.intp]:
    order = np.arange(LANDMARKS) if order is None else order
    order[members] = _MIRROR[order[members]]
    return order


def _raises_leg(rows: Rows, limb: float) -> bool:
    """Whether somebody lies and raises a straight leg, with whichever knee."""
    shoulder, hip = ([(a + b) / 2 for a, b in zip(rows[i], rows[i + 1], strict=True)] for i in (11, 23))
    if not abs(shoulder[1] - hip[1]) < LEVEL * dist(shoulder, hip):
        return False
    ankle = min(rows[27], rows[28], key=lambda point: point[1])
    length = min(dist(hip, knee) + dist(knee, ankle) for knee in (rows[25], rows[26]))
    return hip[1] - ankle[1] > RAISED * limb and dist(hip, ankle) > STRAIGHT * length


def _crossed(rows: Rows, order: NDArray[np.intp] | None, limb: float) -> bool:
    """Whether one of the shanks would be too long, and neither would if the knees were exchanged."""
    left_knee, right_knee, left_ankle, right_ankle = (rows[i if order is None else order[i]] for i in (25, 26, 27, 28))
    longest = max(dist(left_knee, left_ankle), dist(right_knee, right_ankle))
    exchanged = max(dist(left_knee, right_ankle), dist(right_knee, left_ankle))
    return longest > TOO_LONG * limb > exchanged


_MIRROR = np.array(MIRRORED)
_SWAP = (1, 0, 3, 2)


class _Memory:
    """Weighs, for one group of joints, whether its labels are right or exchanged now.

    Two explanations compete, each with the cost of its cheapest history (a Viterbi search with two states). A single
    ambiguous picture, as when the feet pass each other, therefore does not decide for the pictures that follow.
    """

    def __init__(self) -> None:
        self.points: Rows | None = None
        self.time = 0.0
        self.right = 0.0
        self.wrong = CHANGE
        self.revised = False

    def exchanged(self, time: float, points: Rows, limb: float, rate: float = RATE) -> bool:
        """Whether the labels of these joints (left, right, left, right) are exchanged.

        `revised` then says whether, seen from here, the opposite of what was answered last has been true all along.
        """
        self.revised = False
        last, since = self.points, time - self.time
        if last is None or since > MEMORY_S or not limb > 0:
            jump, self.right, self.wrong = 0.0, 0.0, CHANGE  # long ago: nothing to compare
        else:
            keep = change = 0.0
            for i, (x, y) in enumerate(points):
                j = _SWAP[i]
                keep += abs(x - last[i][0]) + abs(y - last[i][1])
                change += abs(x - last[j][0]) + abs(y - last[j][1])
            jump = (keep - change) / limb
            if jump != jump:
                return self.wrong < self.right  # not seen: nothing to compare, nothing to remember
        stay, turn = min(max(jump - JUMP, 0.0), LARGEST), min(max(-jump - JUMP, 0.0), LARGEST) + CHANGE
        right = min(self.right + stay, self.wrong + turn)
        wrong = min(self.wrong + stay, self.right + turn) + rate * min(since, MEMORY_S)
        was = self.wrong < self.right
        now = wrong < right
        turned = self.right + turn < self.wrong + stay if now else self.wrong + turn < self.right + stay
        self.revised = was != (now != turned)
        cheapest = min(right, wrong)
        self.right, self.wrong = right - cheapest, wrong - cheapest
        if points[0][0] == points[0][0]:
            self.points, self.time = points, time
        return now
