"""Where there is room in the picture: panels stay off the person, and stay where they are.

A panel that jumps is worse than one that covers a foot for a moment, so a panel moves only after it has been in the
way for a while, and where the person was in the last seconds counts nearly like where the person is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot, inf

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.show.skeleton import BONES, TRUNK, Points

PATIENCE_S = 1.0
"""A panel must be in the way for this long before it moves."""

GAIN = 0.03
"""Moving must uncover at least this share of the person."""

MEMORY_S = 2.5
"""Time constant with which it is forgotten where the person was."""

_CELLS = 48
_HEAD = 0.34
_LIMB = 0.26


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column right of it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below it."""
        return self.y + self.height

    def touches(self, other: Box, gap: int = 0) -> bool:
        """Whether two boxes overlap or are closer than `gap` pixels."""
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )

    def within(self, width: int, height: int) -> bool:
        """Whether it lies inside a picture of this size."""
        return self.x >= 0 and self.y >= 0 and self.right <= width and self.bottom <= height


class Presence:
    """Where the person is, and was in the last seconds, on a coarse grid over a picture of the given size."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._cell = max(1.0, max(size) / _CELLS)
        shape = (max(1, round(size[1] / self._cell)), max(1, round(size[0] / self._cell)))
        self._now: NDArray[np.uint8] = np.zeros(shape, np.uint8)
        self._lately: NDArray[np.float32] = np.zeros(shape, np.float32)
        self._total = 0.0
        self._time: float | None = None

    def update(self, time: float, points: Points) -> None:
        """Takes in where the person is now; NaN landmarks are not seen."""
        passed = abs(time - self._time) if self._time is not None else inf
        self._time = time
        self._now[:] = 0
        self._draw(points / self._cell)
        self._lately *= exp(-passed / MEMORY_S)
        np.maximum(self._lately, self._now, out=self._lately)
        self._total = float(self._lately.sum())

    def covered(self, box: Box) -> float:
        """Share of the person, as seen in the last seconds, that lies under a box; 0..1."""
        return float(self._lately[self._cells(box)].sum()) / self._total if self._total else 0.0

    def filled(self, box: Box) -> float:
        """Share of a box in which the person is now, 0..1."""
        cells = self._now[self._cells(box)]
        return float(cells.mean()) if cells.size else 0.0

    def _cells(self, box: Box) -> tuple[slice, slice]:
        cell = self._cell
        rows = slice(max(0, int(box.y / cell)), max(0, int(np.ceil(box.bottom / cell))))
        return rows, slice(max(0, int(box.x / cell)), max(0, int(np.ceil(box.right / cell))))

    def _draw(self, points: Points) -> None:
        trunk = points[list(TRUNK)]
        seen = trunk[~np.isnan(trunk[:, 0])]
        torso = 0.0
        if len(seen) == len(TRUNK):
            torso = hypot(*(trunk[:2].mean(0) - trunk[2:].mean(0)))
            cv2.fillConvexPoly(self._now, cv2.convexHull(_cells_of(seen)), 1)
        thickness = max(1, round(_LIMB * torso))
        for a, b in BONES:
            if points[a, 0] == points[a, 0] and points[b, 0] == points[b, 0]:
                start, end = _cells_of(points[[a, b]]).tolist()
                cv2.line(self._now, start, end, 1, thickness)
        head = points[:11][~np.isnan(points[:11, 0])]
        if len(head):
            x, y = _cells_of(head.mean(0, keepdims=True))[0].tolist()
            cv2.circle(self._now, (x, y), max(1, round(_HEAD * torso)), 1, -1)


class Seat:
    """Remembers where something is, and moves it only when that has been worse for a while."""

    def __init__(self, patience_s: float = PATIENCE_S, gain: float = GAIN) -> None:
        self._patience_s, self._gain = patience_s, gain
        self._index: int | None = None
        self._worse_since: float | None = None

    def choose(self, time: float, costs: Sequence[float]) -> int:
        """The place to be at now, given the cost of each; an infinite cost is impossible and left at once."""
        best = min(range(len(costs)), key=costs.__getitem__)
        if self._index is None or self._index >= len(costs) or costs[self._index] == inf:
            self._index, self._worse_since = best, None
        elif costs[self._index] - costs[best] <= self._gain:
            self._worse_since = None
        elif self._worse_since is None or time < self._worse_since:
            self._worse_since = time
        elif time - self._worse_since >= self._patience_s:
            self._index, self._worse_since = best, None
        return self._index

    def leave(self) -> None:
        """Gives the place up: the next choice is free."""
        self._index = self._worse_since = None


def _cells_of(points: Points) -> NDArray[np.int32]:
    return np.clip(points, -_CELLS, 2 * _CELLS).astype(np.int32)
