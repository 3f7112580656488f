"""Knees and ankles where the network's maps show them, also where it cannot tell one leg from the other.

BlazePose answers twice: with a place for each landmark, and with a map of how much each cell of its picture looks like
that landmark. Where one leg hides the other, or both could be either, its place is a mean of both legs, a knee in the
air between them, or twice the same leg; it is as sure of that as ever. The maps show both legs. MediaPipe uses them
within three cells of the place only. So:

* a joint that its map does not show near its place is looked for where it does;
* of two joints at one place, the one that its map shows elsewhere as well belongs there.

In 122 rendered sets of 15 exercises (32,902 pictures) the pairs of knees and of ankles more than 0.3 trunk lengths off
the exact joints were 6.3 %, and are 4.7 %: of lifted legs 2.6 and 0.05 %, in lizard poses 16 and 10, of ankles in
figure fours 23 and 18. By more than 0.1 trunk lengths 1,764 pairs are nearer, and 117 farther, most of these while
somebody gets down or up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formcheck.see.network import sigmoid

Array = NDArray[np.float64]
Map = NDArray[np.floating]
Cell = tuple[int, int]

LEFT, RIGHT = 0, 1
HIPS, KNEES, ANKLES = (23, 24), (25, 26), (27, 28)
FEET = ((29, 31), (30, 32))
ELBOWS_AND_WRISTS = (13, 14, 15, 16)

SHOWN = 0.6
"""How much a place must look like a joint for it to be believed there; from 0.5 on MediaPipe moves it to the middle."""

LEAST = 0.25
"""How much a place must look like a joint to be one where it may be: of hidden legs 0.25 to 0.4."""

NEW = 0.45
STAYED = 3.0
"""... and as much where it was not within so many cells before, and its map does not show it best of all: of what is
fainter some is at elbows and in the background. With 0.4, 168 pairs are moved away and 1,766 nearer; with 0.5, 42 and
1,376."""

NOTHING = 0.2
"""Below this nothing of a joint is shown at a place: it is in the air, and may be where its map shows it best, however
faintly."""

OWN = 2.0
"""Of two joints at one place, the one leaves it that its map shows elsewhere by so much more than the other's does."""

PEAKS = 4
SPREAD = 4
"""Cells around the top of a peak that belong to it."""

NEAR = 4.5
"""Cells from a joint's place within which a peak is taken for it."""

APART = 3.0
"""Cells that two places must be apart to be two."""

REACH = 17.0
"""Cells from hip to knee, or from knee to ankle, at most: the whole person is about 51 long."""

STAY = 3.0
"""How much less likely (e-fold) a place is for each picture's width that it is away from where the joint was before."""


class Legs(NamedTuple):
    """Knees and ankles.

    Attributes:
        places: (4, 2), left and right knee, left and right ankle, in cells.
        likeness: (4,), how much the place of one that was moved looks like it; 0 of one that was not.
    """

    places: Array
    likeness: Array


def find_legs(marks: Array, refined: Array, maps: Map, before: Array | None = None) -> Legs | None:
    """Where knees and ankles are, if not where the network places them.

    Args:
        marks: (33, 2), the network's places, in cells: x and y.
        refined: (33, 2), the same as MediaPipe refines them.
        maps: (64, 64, 39), how much each cell looks like each landmark, before the sigmoid.
        before: (4, 2), knees and ankles in the picture before, in cells of this one.

    Returns:
        None if they are all where the network places them.
    """
    legs = [_Pair(marks, refined, maps, pair) for pair in (KNEES, ANKLES)]
    knees, ankles = legs
    if knees.settled and ankles.settled:
        return None
    # A knee is often taken to be where an arm or a foot is, an ankle hardly ever.
    elsewhere = marks[[*ELBOWS_AND_WRISTS, *ANKLES]]
    knees.find(refined[list(HIPS)], elsewhere, None if before is None else before[:2])
    ankles.find(knees.places, elsewhere[:0], None if before is None else before[2:])
    likeness = np.concatenate([knees.likeness, ankles.likeness])
    return Legs(np.concatenate([knees.places, ankles.places]), likeness) if likeness.any() else None


class _Pair:
    """The left and the right one of a joint."""

    def __init__(self, marks: Array, refined: Array, maps: Map, pair: tuple[int, int]) -> None:
        self.places = refined[list(pair)].copy()
        self.likeness = np.zeros(2)
        self._marks = marks[list(pair)]
        self._maps = [sigmoid(maps[:, :, i]) for i in pair]
        self._peaks = [_peaks(each) for each in self._maps]
        self._shown = [self._peak_at(side, marks[pair[side]]) for side in (LEFT, RIGHT)]
        left, right = self._shown
        self.settled = left is not None and right is not None and _distance(left, right) > APART

    def find(self, roots: Array, elsewhere: Array, before: Array | None) -> None:
        """Moves what is not where its map shows it.

        Args:
            roots: (2, 2), the joints above.
            elsewhere: (n, 2), joints that it may be taken for.
            before: (2, 2), where it was; None if that is not known.
        """
        if self.settled:
            return
        places = self._possible(roots, elsewhere)
        left, right = self._shown
        if left is not None and right is not None:
            self._part(left, right, places, before)
        elif left is not None:
            self._find_one(RIGHT, left, places, before)
        elif right is not None:
            self._find_one(LEFT, right, places, before)
        else:
            self._find_both(places, before)

    def _peak_at(self, side: int, place: Array) -> Cell | None:
        """The highest peak of a map that is at a place, if it is high enough."""
        for cell, height in self._peaks[side]:
            if height >= SHOWN and max(abs(place[0] - cell[0]), abs(place[1] - cell[1])) <= NEAR:
                return cell
        return None

    def _possible(self, roots: Array, elsewhere: Array) -> list[Cell]:
        """Peaks of both maps where the joint may be, the highest first."""
        found: list[Cell] = []
        for cell, _ in sorted(self._peaks[LEFT] + self._peaks[RIGHT], key=lambda peak: -peak[1]):
            taken = any(_distance(cell, place) < APART for place in elsewhere)
            within = min(_distance(cell, root) for root in roots) <= REACH
            if within and not taken and all(_distance(cell, other) > APART for other in found):
                found.append(cell)
        return found

    def _part(self, left: Cell, right: Cell, places: list[Cell], before: Array | None) -> None:
        """Of both at one place, moves the one that is shown elsewhere, too."""
        best: tuple[float, int, Cell] | None = None
        for cell in places:
            if min(_distance(cell, left), _distance(cell, right)) <= APART:
                continue
            for side in (LEFT, RIGHT):
                height = self._height(side, cell)
                own = self._may_be(side, cell, before) and height > OWN * self._height(1 - side, cell)
                if own and (best is None or height > best[0]):
                    best = height, side, cell
        if best:
            self._move(best[1], best[2])

    def _find_one(self, side: int, other: Cell, places: list[Cell], before: Array | None) -> None:
        """Moves the one that is not where its map shows it to where it does, and the other one is not."""
        free = [cell for cell in places if _distance(cell, other) > APART and self._may_be(side, cell, before)]
        if not free:
            return
        best = max(free, key=lambda cell: self._chance(side, cell, before))
        if not any(self._height(side, best) <= height for height in self._here(side, other)):
            self._move(side, best)

    def _find_both(self, places: list[Cell], before: Array | None) -> None:
        """Moves both to two different places."""
        lefts, rights = ([cell for cell in places if self._may_be(side, cell, before)] for side in (LEFT, RIGHT))
        ways = [(left, right) for left in lefts for right in rights if left != right]
        if not ways:
            return
        left, right = max(
            ways, key=lambda way: self._chance(LEFT, way[0], before) + self._chance(RIGHT, way[1], before)
        )
        self._move(LEFT, left)
        self._move(RIGHT, right)

    def _may_be(self, side: int, cell: Cell, before: Array | None) -> bool:
        """Whether a joint may be at a place: what is faint, only where it was before, or if it is nowhere else."""
        height = self._height(side, cell)
        if height >= NEW or height < LEAST:
            return height >= NEW
        if before is not None and _distance(cell, before[side]) <= STAYED:
            return True
        return self._in_the_air(side) and _distance(cell, self._peaks[side][0][0]) <= APART

    def _in_the_air(self, side: int) -> bool:
        """Whether a joint is placed where its map shows nothing of it."""
        x, y = self._marks[side]
        return _height_at(self._maps[side], (int(x), int(y)), 3) < NOTHING

    def _here(self, side: int, other: Cell) -> Iterator[float]:
        """How high the map is where the joint is placed already, away from the other one."""
        for cell, height in self._peaks[side]:
            if _distance(cell, self._marks[side]) <= NEAR and _distance(cell, other) > APART:
                yield height

    def _chance(self, side: int, cell: Cell, before: Array | None) -> float:
        """Logarithm of how likely a joint is at a place."""
        away = 0.0 if before is None else STAY * _distance(cell, before[side]) / len(self._maps[side])
        return float(np.log(self._height(side, cell) + 0.02)) - away

    def _height(self, side: int, cell: Cell) -> float:
        return _height_at(self._maps[side], cell, 2)

    def _move(self, side: int, cell: Cell) -> None:
        self.places[side] = _middle(self._maps[side], cell)
        self.likeness[side] = self._height(side, cell)


def _peaks(heights: Map) -> list[tuple[Cell, float]]:
    """The highest peaks of a map, (x, y) and height, the highest first."""
    found: list[tuple[Cell, float]] = []
    left = heights.copy()
    for _ in range(PEAKS):
        y, x = divmod(int(left.argmax()), left.shape[1])
        height = float(left[y, x])
        if height < LEAST:
            break
        found.append(((x, y), height))
        left[max(0, y - SPREAD) : y + SPREAD + 1, max(0, x - SPREAD) : x + SPREAD + 1] = 0
    return found


def _around(heights: Map, cell: Cell, reach: int) -> tuple[Map, int, int]:
    """The part of a map around a cell, and the column and row at which it begins."""
    x, y = max(0, cell[0] - reach), max(0, cell[1] - reach)
    return heights[y : max(0, cell[1] + reach + 1), x : max(0, cell[0] + reach + 1)], x, y


def _height_at(heights: Map, cell: Cell, reach: int) -> float:
    """The greatest height around a cell; 0 outside of the map."""
    part = _around(heights, cell, reach)[0]
    return float(part.max()) if part.size else 0.0


def _middle(heights: Map, cell: Cell) -> tuple[float, float]:
    """The middle of a peak, as MediaPipe takes it, from its top."""
    part, x, y = _around(heights, cell, 3)
    total = part.sum()
    across, down = part.sum(axis=0), part.sum(axis=1)
    return x + float(across @ np.arange(across.size) / total), y + float(down @ np.arange(down.size) / total)


def _distance(a: Cell | Array, b: Cell | Array) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))
