"""Guard against left and right being swapped by the pose model.

Where legs overlap the model exchanges left and right for a picture or a second, at full confidence. A person cannot:
both ankles would have to jump to each other's place within a tenth of a second. The guard undoes such an exchange,
separately for legs and for shoulders and arms, and keeps the labels steady until the model comes back to them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formcheck.pose import LANDMARKS, MIRRORED

Rows = list[list[float]]

MEMORY_S = 0.35
"""A sighting older than this says nothing about which leg is which."""

INSIST_S = 2.0
"""A model that keeps to the exchanged labels this long is believed."""

JUMP = 0.5
"""The joints together must jump this many thigh lengths more if the labels are kept than if they are exchanged."""

_GROUPS = (
    ((25, 26, 27, 28), np.arange(25, 33)),
    ((11, 12, 23, 24), np.array(list(range(1, 25)))),
)
"""(joints that decide, landmarks that are exchanged): knees and ankles for the legs below the hip, shoulders and hips
for everything above the knees."""


class LabelGuard:
    """Keeps left and right apart along a track."""

    def __init__(self) -> None:
        self._memory: list[_Memory] = [_Memory() for _ in _GROUPS]

    def update(self, time: float, rows: Rows, limb: float) -> NDArray[np.intp] | None:
        """The order (33,) in which landmarks must be taken to put exchanged labels back; None if they are right.

        Args:
            time: seconds.
            rows: the 33 points as plain lists.
            limb: thigh length, pixels.
        """
        order: NDArray[np.intp] | None = None
        for (decisive, members), memory in zip(_GROUPS, self._memory, strict=True):
            if memory.exchanged(time, [rows[i] for i in decisive], limb):
                if order is None:
                    order = np.arange(LANDMARKS)
                order[members] = _MIRROR[members]
        return order

    def reset(self) -> None:
        """Forgets the past, for a scene cut."""
        self.__init__()  # type: ignore[misc]


_MIRROR = np.array(MIRRORED)
_SWAP = (1, 0, 3, 2)


class _Memory:
    """Where the decisive joints (left, right, left, right) of one group were last, as plain floats."""

    def __init__(self) -> None:
        self.points: Rows | None = None
        self.time = 0.0
        self.exchanged_since: float | None = None

    def exchanged(self, time: float, points: Rows, limb: float) -> bool:
        last = self.points
        swap = False
        if last is not None and time - self.time <= MEMORY_S and limb > 0:
            keep = change = 0.0
            for i, (x, y) in enumerate(points):
                j = _SWAP[i]
                keep += abs(x - last[i][0]) + abs(y - last[i][1])
                change += abs(x - last[j][0]) + abs(y - last[j][1])
            swap = keep - change > 2 * JUMP * limb
            if keep != keep:
                return self.exchanged_since is not None  # not seen: nothing to compare, nothing to remember
        elif last is not None and points[0][0] != points[0][0]:
            return False
        if swap:
            if self.exchanged_since is None:
                self.exchanged_since = time
            elif time - self.exchanged_since > INSIST_S:
                swap = False
        if not swap:
            self.exchanged_since = None
        self.points = [points[j] for j in _SWAP] if swap else points
        self.time = time
        return swap
