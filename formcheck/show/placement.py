"""Where there is room in the picture: panels stay off the person, and stay where they are.

A panel that jumps is worse than one that covers a foot for a moment, so a panel moves only after it has been in the
way for a while, and where the person was in the last seconds counts nearly like where the person is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import exp, hypot, inf

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.show.skeleton import BONES, TRUNK, Points

PATIENCE_S = 1.0
"""A panel must be in the way for this long before it moves."""

GAIN = 0.02
"""Moving must uncover at least this share of the person."""

MEMORY_S = 2.5
"""Time constant with which it is forgotten where the person was."""

REFRESH_S = 0.2
"""Where the person is, is taken in so often: panels move in seconds, and it is a good part of the cost of a picture."""

_CELLS = 48
_HEAD = 0.3
_LIMB = 0.26
_FACE = 3
_JUDGED = 2
"""Covering a face, or what is judged, is worse than covering something else by these factors."""


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

    def moved_into(self, width: int, height: int) -> Box:
        """The same box, moved as little as possible to lie inside a picture of this size."""
        x, y = max(0, min(self.x, width - self.width)), max(0, min(self.y, height - self.height))
        return self if (x, y) == (self.x, self.y) else Box(x, y, self.width, self.height)

    def within(self, width: int, height: int) -> bool:
        """Whether it lies inside a picture of this size."""
        return self.x >= 0 and self.y >= 0 and self.right <= width and self.bottom <= height


class Presence:
    """Where the person is, and was in the last seconds, on a coarse grid over a picture of the given size.

    Attributes:
        version: grows whenever it has changed: with the same one, the same place is the best one still.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.version = 0
        self._cell = max(1.0, max(size) / _CELLS)
        self._columns, self._rows = (max(1, round(length / self._cell)) for length in size)
        self._now: NDArray[np.uint8] = np.zeros((self._rows, self._columns), np.uint8)
        self._lately: NDArray[np.float32] = np.zeros((self._rows, self._columns), np.float32)
        self._time: float | None = None
        self._sum()

    def update(self, time: float, points: Points, judged: Collection[int] = ()) -> None:
        """Takes in where the person is now, if that was not done just before.

        Args:
            time: seconds.
            points: NaN where a landmark is not seen.
            judged: those that should be covered least.
        """
        passed = abs(time - self._time) if self._time is not None else inf
        if passed < REFRESH_S:
            return
        self._time = time
        self.version += 1
        self._now[:] = 0
        self._draw(points, judged)
        self._lately *= exp(-passed / MEMORY_S)
        np.maximum(self._lately, self._now, out=self._lately)
        self._sum()

    def covered(self, box: Box) -> float:
        """Share of the person, as seen in the last seconds, that lies under a box; 0..1."""
        total = self._lately_sums[-1][-1]
        return self._within(self._lately_sums, box) / total if total else 0.0

    def filled(self, box: Box) -> float:
        """Share of a box in which the person is now, 0..1."""
        cells = max(1.0, box.width / self._cell) * max(1.0, box.height / self._cell)
        return min(1.0, self._within(self._now_sums, box) / cells)

    def _sum(self) -> None:
        """Sums over everything above and left of each cell: any box is then four look-ups."""
        self._now_sums: list[list[float]] = cv2.integral(self._now).tolist()
        self._lately_sums: list[list[float]] = cv2.integral(self._lately).tolist()

    def _within(self, sums: list[list[float]], box: Box) -> float:
        per_pixel, columns, rows = 1 / self._cell, self._columns, self._rows
        left, right = int(box.x * per_pixel + 0.5), int((box.x + box.width) * per_pixel + 0.5)
        top, bottom = int(box.y * per_pixel + 0.5), int((box.y + box.height) * per_pixel + 0.5)
        upper = sums[0 if top < 0 else rows if top > rows else top]
        lower = sums[0 if bottom < 0 else rows if bottom > rows else bottom]
        left = 0 if left < 0 else columns if left > columns else left
        right = 0 if right < 0 else columns if right > columns else right
        return lower[right] - upper[right] - lower[left] + upper[left]

    def _draw(self, points: Points, judged: Collection[int]) -> None:
        seen: list[bool] = (points[:, 0] == points[:, 0]).tolist()
        if not any(seen):
            return
        at = np.clip(np.nan_to_num(points / self._cell), -_CELLS, 2 * _CELLS).astype(np.int32)
        cells: list[list[int]] = at.tolist()
        torso = 0.0
        if all(seen[i] for i in TRUNK):
            (x1, y1), (x2, y2), (x3, y3), (x4, y4) = (cells[i] for i in TRUNK)
            torso = hypot(x1 + x2 - x3 - x4, y1 + y2 - y3 - y4) / 2
            cv2.fillConvexPoly(self._now, cv2.convexHull(at[list(TRUNK)]), 1)
        thickness = max(1, round(_LIMB * torso))
        bones = [(a in judged and b in judged, a, b) for a, b in BONES if seen[a] and seen[b]]
        for strong, a, b in sorted(bones):
            cv2.line(self._now, cells[a], cells[b], _JUDGED if strong else 1, thickness)
        head = [cells[i] for i in range(11) if seen[i]]
        if head:
            x, y = (sum(c[k] for c in head) // len(head) for k in (0, 1))
            cv2.circle(self._now, (x, y), max(1, round(_HEAD * torso)), _FACE, -1)


class Seat:
    """Remembers where something is, and moves it only when that has been worse for a while."""

    def __init__(self, patience_s: float = PATIENCE_S, gain: float = GAIN) -> None:
        self._patience_s, self._gain = patience_s, gain
        self._index: int | None = None
        self._worse_since: float | None = None

    @property
    def index(self) -> int | None:
        """The place where it is; None if it has none."""
        return self._index

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
