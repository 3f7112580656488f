"""Numbers beside their joints, outside the person where there is room, with a thin line to the joint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, inf, nan, pi, radians, sin

import numpy as np

from formcheck.show.angle import Angle
from formcheck.show.canvas import SIXTEENTHS, Canvas
from formcheck.show.glyphs import QUALITY_GLYPH, Glyph, draw_glyph
from formcheck.show.lettering import text_width, write
from formcheck.show.palette import INK, PANEL_OPACITY, QUALITY, WHITE, Colour
from formcheck.show.placement import Box, Presence, Seat
from formcheck.show.stamp import Sheet, Stamp, rounded

STEADY = 1.0
"""A shown number changes only when the value is this far from it: figures that flicker cannot be read. In degrees or
pixels; of lengths, which are shown in hundredths, a hundredth of it.
"""

_DIRECTIONS = tuple((2 * pi * i / 8, cos(2 * pi * i / 8), sin(2 * pi * i / 8)) for i in range(8))


@dataclass(frozen=True, slots=True)
class Label:
    """A number, where it stands, and the joint that it belongs to."""

    stamp: Stamp
    box: Box
    joint: tuple[float, float]
    line: int

    def draw_leader(self, canvas: Canvas) -> None:
        """Draws a thin line from the joint to the number."""
        x, y = self.joint
        box = self.box
        ends = np.array([(x, y), (box.x + box.width / 2, box.y + box.height / 2)])
        joint, end = np.rint(ends * SIXTEENTHS).astype(np.int32).tolist()
        canvas.line(joint, end, INK, max(2, round(0.5 * self.line)))
        canvas.line(joint, end, WHITE, max(1, round(0.25 * self.line)))

    def draw(self, canvas: Canvas) -> None:
        """Puts it onto a picture."""
        canvas.put(self.stamp, self.box.x, self.box.y)


class Labeller:
    """Labels one measure, again and again; remembers the number and its place, so that both are steady.

    Args:
        named: whether the measure's name stands beside the number.
        cap: cap height, pixels.
        line: thickness of the skeleton's lines, pixels.
    """

    def __init__(self, named: bool, cap: int, line: int) -> None:
        self._named = named
        self._cap, self._line = cap, line
        self._shown = nan
        self._seat = Seat(patience_s=0.5, gain=0.25)
        self._version = -1

    def hide(self) -> None:
        """Forgets the number: the measure is not seen now."""
        self._shown = nan
        self._seat.leave()

    def place(
        self,
        time: float,
        angle: Angle,
        presence: Presence,
        panels: Sequence[Box],
        labels: Sequence[Label],
        size: tuple[int, int],
    ) -> Label:
        """The number with its sign, and where it stands: never under a panel, outside the person if possible.

        Args:
            time: seconds.
            angle: what is labelled.
            presence: where the person is.
            panels: where the panels stand.
            labels: those that are placed already.
            size: (width, height) of the picture.
        """
        reading = angle.reading
        self._shown = steady(self._shown, reading.value, reading.unit)
        text = shown_value(self._shown, reading.unit)
        if self._named:
            text = f"{reading.label} {text}"
        stamp = _tag(text, QUALITY_GLYPH.get(reading.quality), QUALITY[reading.quality], self._cap)
        place = self._seat.index
        if place is not None and presence.version == self._version:
            box = _beside(angle, stamp, place, size)[0]
            taken = any(box.touches(panel) for panel in panels) or any(box.touches(other.box, 2) for other in labels)
            if not taken:
                return Label(stamp, box, angle.anchor, self._line)
        self._version = presence.version
        boxes, costs, covering = [], [], set()
        for place in range(2 * len(_DIRECTIONS)):
            box, moved = _beside(angle, stamp, place, size)
            boxes.append(box)
            if any(box.touches(panel) for panel in panels):
                costs.append(inf)
                continue
            far, direction = divmod(place, len(_DIRECTIONS))
            turn = _DIRECTIONS[direction][0]
            cost = 3.0 * presence.filled(box) + 0.05 * (1 - cos(turn - radians(angle.outward))) + 0.08 * far + moved
            if any(box.touches(other.box, 2) for other in labels):
                cost += 3.0
                covering.add(place)
            costs.append(cost)
        best = min(range(len(costs)), key=costs.__getitem__)
        if self._seat.index in covering and best not in covering:
            self._seat.leave()  # two numbers on each other cannot be read: this one does not wait
        return Label(stamp, boxes[self._seat.choose(time, costs)], angle.anchor, self._line)


def _beside(angle: Angle, stamp: Stamp, place: int, size: tuple[int, int]) -> tuple[Box, float]:
    """One of the places around a joint, near ones first, and how far it had to be moved into the picture."""
    far, direction = divmod(place, len(_DIRECTIONS))
    _, dx, dy = _DIRECTIONS[direction]
    width, height = stamp.size
    away = angle.reach + far * 2.0 * height + abs(dx) * width / 2 + abs(dy) * height / 2
    x, y = angle.anchor[0] + away * dx - width / 2, angle.anchor[1] + away * dy - height / 2
    box = Box(round(x), round(y), width, height).moved_into(*size)
    return box, abs(box.x - x) / width + abs(box.y - y) / height


def steady(shown: float, value: float, unit: str) -> float:
    """The number to show: the one that is shown (NaN: none) as long as the value stays near it."""
    near = STEADY if unit in ("deg", "px") else 0.01 * STEADY
    return shown if abs(value - shown) < near else value


def shown_value(value: float, unit: str) -> str:
    """A measure as it is shown: whole degrees, because the pose model is not more exact than that; other units 0.01."""
    if unit == "deg":
        return f"{round(value)}°"
    return f"{value:.0f} px" if unit == "px" else f"{value:.2f}"


@lru_cache(maxsize=1024)
def _tag(text: str, glyph: Glyph | None, colour: Colour, cap: int) -> Stamp:
    pad = round(0.55 * cap)
    sign = round(1.25 * cap) if glyph else 0
    lead = sign + round(0.4 * cap) if glyph else 0
    sheet = Sheet(lead + text_width(text, cap) + 2 * pad, cap + 2 * pad)
    panel, letters = sheet.mask(), sheet.mask()
    rounded(panel, (0, 0, *sheet.size), sheet.size[1] // 2)
    sheet.paint(panel, INK, PANEL_OPACITY)
    if glyph:
        draw_glyph(sheet, glyph, pad + sign / 2, pad + cap / 2, sign / 2, colour)
    write(letters, text, pad + lead, pad + cap, cap)
    sheet.paint(letters, WHITE)
    return sheet.stamp()
