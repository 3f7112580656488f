"""The skeleton: the judged joints strong, the other limbs thin and faint."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from formcheck.judge.moment import Moment, Reading
from formcheck.judge.template import Template
from formcheck.pose import Landmark
from formcheck.show.canvas import SIXTEENTHS, Canvas
from formcheck.show.joints import Joints
from formcheck.show.palette import INK, MUTED, WHITE, Colour

Points = NDArray[np.float64]
"""(33, 2) pixels of the picture drawn on; NaN where a landmark is not seen."""

TRUNK = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.RIGHT_HIP, Landmark.LEFT_HIP)

BONES: tuple[tuple[int, int], ...] = (
    (11, 12),
    (23, 24),
    *((side + a, side + b) for side in (0, 1) for a, b in ((11, 23), (11, 13), (13, 15), (23, 25), (25, 27), (27, 31))),
)
"""Pairs of landmarks that are joined by a line."""

FAINT_CLEAR = 0.5
"""Landmarks that nothing depends on are drawn from this visibility on."""


class Skeleton:
    """Knows which joints an exercise judges, and draws the person's skeleton."""

    def __init__(self, template: Template, joints: Joints) -> None:
        self._required, self._joints = template.required, joints

    def judged(self, moment: Moment, readings: Iterable[Reading]) -> frozenset[int]:
        """Landmarks that the exercise judges at this moment: of its readings, and those it requires to be seen."""
        marks = [mark for reading in readings for mark in (reading.at, *(reading.arms or ())) if len(mark) == 1]
        marks += [self._joints.mark(name, moment) for name in self._required]
        return frozenset(i for mark in marks for i in mark)

    def draw(
        self,
        canvas: Canvas,
        points: Points,
        visibility: NDArray[np.float64],
        judged: Collection[int],
        colours: dict[int, Colour],
        width: int,
    ) -> None:
        """Draws the person.

        Args:
            canvas: to draw on.
            points: where the landmarks are in its picture.
            visibility: (33,) 0..1.
            judged: landmarks to draw strongly.
            colours: of the joints that have a verdict.
            width: of the strong lines, pixels.
        """
        seen = ~np.isnan(points[:, 0])
        corners = np.rint(np.where(seen[:, None], points, 0) * SIXTEENTHS).astype(np.int64)
        at = np.clip(corners, -(10**6), 10**6).tolist()
        strong = [b for b in BONES if b[0] in judged and b[1] in judged and seen[b[0]] and seen[b[1]]]
        clear = seen & (visibility >= FAINT_CLEAR)
        thin = max(1, round(width / 3))
        for a, b in BONES:
            if clear[a] and clear[b] and (a, b) not in strong:
                canvas.line(at[a], at[b], MUTED, thin)
        for a, b in strong:
            canvas.line(at[a], at[b], INK, width + 2 * thin)
        for a, b in strong:
            canvas.line(at[a], at[b], WHITE, width)
        for i in sorted(judged):
            if seen[i]:
                radius = round(1.1 * width * SIXTEENTHS)
                canvas.disc(at[i], radius + SIXTEENTHS * thin, INK)
                canvas.disc(at[i], radius, colours.get(i, WHITE))
