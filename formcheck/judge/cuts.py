"""Scene cuts in edited videos, seen from the pose alone: the whole body is suddenly elsewhere or of another size.

Those that change the picture are known from it (`Pose.cut`); this is for those within one room before one camera, and
for poses that came without pictures.

Measured on 28 real clips at 24–30 frames a second: people move at most 0.24 trunk lengths from one picture to the next
(median over shoulders, hips, knees and ankles); cuts move them by 0.45–0.76, or change the trunk's length by half.
"""

from __future__ import annotations

from math import hypot, log
from typing import Literal

JUMP = 0.5
"""Trunk lengths between two pictures ..."""

FASTEST = 9.5
"""... or trunk lengths a second over a longer gap: a lunge rushed through in 0.85 s moves by 8.5 (rendered people)."""

SCALE = 0.35
"""Natural logarithm of the change of the trunk's length: 0.35 is 42 %."""

SCALE_JUMP = 0.15
MAX_STEP_S = 0.2
"""Poses further apart than this are not compared."""

_JOINTS = (11, 12, 23, 24, 25, 26, 27, 28)
"""Pairs of left and right."""

Row = list[list[float]]


class CutFinder:
    """Compares each pose with the one before.

    A single wild pose between two alike ones is a mistake of the pose model; it is told apart from a cut by the pose
    that follows.
    """

    def __init__(self) -> None:
        self._last: tuple[float, Row] | None = None
        self._wild: tuple[float, Row] | None = None

    def reset(self) -> None:
        """Forgets the pose before, for a cut that is known."""
        self._last = self._wild = None

    def update(self, time: float, rows: Row) -> Literal["steady", "wild", "cut"]:
        """Says whether this pose goes on from the last one; `rows` are its 33 points as plain lists.

        "wild": wait for the next pose before using it.
        """
        now = (time, [rows[i] for i in _JOINTS])
        last, wild = self._last, self._wild
        goes_on = last is not None and _goes_on(last, now)
        if not goes_on and wild is not None and _goes_on(wild, now):
            self._last, self._wild = now, None
            return "cut"
        if goes_on or last is None or time - last[0] > MAX_STEP_S:
            self._last, self._wild = now, None
            return "steady"
        self._wild = now
        return "wild"


def _trunk(p: Row) -> float:
    return hypot(p[0][0] + p[1][0] - p[2][0] - p[3][0], p[0][1] + p[1][1] - p[2][1] - p[3][1]) / 2


def _goes_on(before: tuple[float, Row], after: tuple[float, Row]) -> bool:
    return after[0] - before[0] <= MAX_STEP_S and not _jumped(before, after)


def _jumped(before: tuple[float, Row], after: tuple[float, Row]) -> bool:
    (since, a), (time, b) = before, after
    trunk, trunk_now = _trunk(a), _trunk(b)
    if not trunk > 0 or not trunk_now > 0:
        return False
    # Left and right exchanged is no cut: each pair of joints may also have moved crosswise.
    moved: list[float] = []
    for i in range(0, len(a), 2):
        straight = _moved(a[i], b[i]), _moved(a[i + 1], b[i + 1])
        across = _moved(a[i], b[i + 1]), _moved(a[i + 1], b[i])
        moved += across if sum(across) < sum(straight) else straight
    seen = sorted(d for d in moved if d == d)
    if len(seen) < 4:
        return False
    jump = (seen[(len(seen) - 1) // 2] + seen[len(seen) // 2]) / 2 / trunk
    return jump > max(JUMP, FASTEST * (time - since)) or (jump > SCALE_JUMP and abs(log(trunk_now / trunk)) > SCALE)


def _moved(p: list[float], q: list[float]) -> float:
    return abs(p[0] - q[0]) + abs(p[1] - q[1])
