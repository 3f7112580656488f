"""Angles at their joints: an arc between the limbs, the band of good form, the number.

The band lies where the second limb has to be: a limb inside the band is a good angle, which can be seen without
reading a number.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, cos, degrees, hypot, nan, pi, radians, sin

import cv2
import numpy as np

from formcheck.judge.moment import Reading
from formcheck.judge.template import Measure
from formcheck.show.glyphs import QUALITY_GLYPH, Glyph, draw_glyph
from formcheck.show.lettering import text_width, write
from formcheck.show.palette import GOOD, INK, PANEL_OPACITY, QUALITY, WHITE, Colour
from formcheck.show.placement import Box, Presence, Seat
from formcheck.show.skeleton import Points
from formcheck.show.stamp import Image, Sheet, Stamp, rounded

STEADY = 1.0
"""A shown number changes only when the value is this far from it: figures that flicker cannot be read."""

_PLAIN_BEND = 12.0
"""Degrees from straight beyond which it is plain to which side a joint bends."""

_BAND_OPACITY = 0.5
_DASH = 14.0
_GAP = 10.0
_DIRECTIONS = 8


@dataclass(frozen=True, slots=True)
class Opening:
    """How a measure's value is an angle between the two limbs at its joint: value = offset + factor × angle.

    Attributes:
        offset, factor: see above; degrees and ±1.
        signed: the angle is taken on the upper side, 0 to 360 degrees; otherwise it is the included one, 0 to 180.
    """

    offset: float
    factor: float
    signed: bool

    def angles(self, target: tuple[float, float]) -> tuple[float, float]:
        """Least and greatest degrees between the limbs for a band of the measure."""
        a, b = sorted((limit - self.offset) / self.factor for limit in target)
        return max(a, 0.0), min(b, 360.0 if self.signed else 180.0)


def opening_of(measure: Measure) -> Opening | None:
    """How to draw the band of a measure; None if its value is not simply the angle between its two limbs."""
    if measure.at is None or measure.arms is None:
        return None
    linear = _linear(ast.parse(measure.value.strip(), mode="eval").body)
    if linear is None:
        return None
    offset, factor, call = linear
    first, joint, second = (ast.unparse(argument) for argument in call.args)
    if joint != measure.at or {first, second} != set(measure.arms):
        return None
    if isinstance(call.func, ast.Name) and call.func.id == "angle":
        return Opening(offset, factor, signed=False)
    return Opening(offset - 180 * factor, factor, signed=True)  # no deviation is straight: 180 degrees above


def _linear(node: ast.expr) -> tuple[float, float, ast.Call] | None:
    """Offset and factor (±1) of an angle(...) or deviation(...), if the expression has that form."""
    match node:
        case ast.Call(func=ast.Name(id="angle" | "deviation"), args=[_, _, _]):
            return 0.0, 1.0, node
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            found = _linear(inner)
            return (-found[0], -found[1], found[2]) if found else None
        case ast.BinOp(left=ast.Constant(value=int() | float() as k), op=ast.Add() | ast.Sub() as op, right=inner):
            found = _linear(inner)
            sign = 1.0 if isinstance(op, ast.Add) else -1.0
            return (k + sign * found[0], sign * found[1], found[2]) if found else None
        case ast.BinOp(left=inner, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int() | float() as k)):
            found = _linear(inner)
            return (found[0] + (k if isinstance(op, ast.Add) else -k), *found[1:]) if found else None
    return None


@dataclass(frozen=True, slots=True)
class Angle:
    """Where one reading is drawn. Directions are degrees clockwise from the right, as OpenCV takes them.

    Attributes:
        reading: what is drawn.
        x, y: the joint, pixels.
        radius: of the arc, or distance of the number from the point; pixels.
        arc: directions between which the arc runs; None for a measure that has no limbs.
        band: directions between which the second limb is in good form, or None.
        outward: direction away from what the limbs enclose.
    """

    reading: Reading
    x: float
    y: float
    radius: float
    arc: tuple[float, float] | None
    band: tuple[float, float] | None
    outward: float


class Protractor:
    """Draws one measure, again and again; remembers what keeps the drawing steady.

    Args:
        measure: of the template.
        named: whether the measure's label stands beside the number.
        cap: cap height of the number, pixels.
        line: thickness of the skeleton's lines, pixels.
    """

    def __init__(self, measure: Measure, named: bool, cap: int, line: int) -> None:
        self._opening = opening_of(measure)
        self._named = named
        self._cap, self._line = cap, line
        self._sense = 0.0
        self._shown = nan
        self._seat = Seat(patience_s=0.5, gain=0.25)

    def hide(self) -> None:
        """Forgets the number: the measure is not seen now."""
        self._shown = nan
        self._seat.leave()

    def place(self, reading: Reading, points: Points) -> Angle | None:
        """Where a reading is to be drawn; None if its joint or its limbs are not in the picture."""
        x, y = _spot(points, reading.at)
        if x != x:
            return None
        if reading.arms is None:
            return Angle(reading, x, y, 2.0 * self._line, None, None, -90.0)
        ends = [_spot(points, mark) for mark in reading.arms]
        arms = [(end[0] - x, end[1] - y) for end in ends]
        shorter = min(hypot(*arm) for arm in arms)
        if not shorter >= 1:
            return None
        first, second = (degrees(atan2(dy, dx)) for dx, dy in arms)
        sweep, sense = self._sweep((second - first) % 360, arms[0][0] < arms[1][0])
        band = None
        if self._opening and reading.target:
            band = tuple(first + sense * angle for angle in self._opening.angles(reading.target))
        radius = min(max(0.42 * shorter, 5.0 * self._line), 13.0 * self._line)
        return Angle(reading, x, y, radius, (first, first + sense * sweep), band, first + sense * sweep / 2 + 180)  # type: ignore[arg-type]

    def _sweep(self, turn: float, rightwards: bool) -> tuple[float, float]:
        """Degrees from the first limb to the second, and in which sense they are counted."""
        if self._opening and self._opening.signed:
            sense = 1.0 if rightwards else -1.0  # over the top
            return (turn if sense > 0 else 360 - turn), sense
        sense = 1.0 if turn <= 180 else -1.0
        if self._sense and sense != self._sense and abs(turn - 180) < _PLAIN_BEND:
            sense = self._sense
        self._sense = sense
        return (turn if sense > 0 else 360 - turn), sense

    def draw_band(self, image: Image, angle: Angle) -> None:
        """Draws the band of good form: filled, but hollow while the angle is off."""
        if angle.band is None:
            return
        quality = angle.reading.quality
        inner, outer = angle.radius + 1.1 * self._line, angle.radius + 4.4 * self._line
        turns = np.radians(np.linspace(*angle.band, max(3, round(abs(angle.band[1] - angle.band[0]) / 4))))
        ring = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        outline = np.concatenate([outer * ring, inner * ring[::-1]]) + (angle.x, angle.y)
        colour = GOOD if quality == "good" else WHITE
        if quality != "off":
            _fill(image, outline, colour, _BAND_OPACITY)
        edge = [np.rint(outline * 16).astype(np.int32)]
        cv2.polylines(image, edge, True, INK, max(2, round(0.7 * self._line)), cv2.LINE_AA, 4)
        cv2.polylines(image, edge, True, colour, max(1, round(0.35 * self._line)), cv2.LINE_AA, 4)

    def draw_arc(self, image: Image, angle: Angle) -> None:
        """Draws the arc between the limbs: whole, but dashed while the angle is off."""
        if angle.arc is None:
            return
        colour = QUALITY[angle.reading.quality]
        start, end = sorted(angle.arc)
        pieces = [(start, end)]
        if angle.reading.quality == "off":
            count = max(2, round((end - start + _GAP) / (_DASH + _GAP)))
            step = (end - start + _GAP) / count
            pieces = [(start + i * step, start + (i + 1) * step - _GAP) for i in range(count)]
        thickness = max(2, round(0.75 * self._line))
        centre = (round(angle.x * 16), round(angle.y * 16))
        axes = (round(angle.radius * 16),) * 2
        for colour_of, width in ((INK, thickness + max(2, thickness // 2)), (colour, thickness)):
            for a, b in pieces:
                cv2.ellipse(image, centre, axes, 0, a, b, colour_of, width, cv2.LINE_AA, 4)

    def label(self, time: float, angle: Angle, presence: Presence, taken: Sequence[Box], size: tuple[int, int]) -> Label:
        """The number with its sign, and where it stands: outside the person if possible.

        Args:
            time: seconds.
            angle: what is labelled.
            presence: where the person is.
            taken: where other things stand.
            size: (width, height) of the picture.
        """
        value = angle.reading.value
        if not abs(value - self._shown) < STEADY:
            self._shown = value
        text = shown_value(self._shown, angle.reading.unit)
        if self._named:
            text = f"{angle.reading.label} {text}"
        quality = angle.reading.quality
        stamp = _tag(text, QUALITY_GLYPH.get(quality), QUALITY[quality], self._cap)
        width, height = stamp.size
        near = angle.radius + (5.5 if angle.band else 1.5) * self._line
        boxes, costs = [], []
        for far in (0, 1):
            for i in range(_DIRECTIONS):
                turn = 2 * pi * i / _DIRECTIONS
                dx, dy = cos(turn), sin(turn)
                away = near + far * 2.0 * height + abs(dx) * width / 2 + abs(dy) * height / 2
                x, y = angle.x + away * dx - width / 2, angle.y + away * dy - height / 2
                box = Box(round(x), round(y), width, height).moved_into(*size)
                shifted = abs(box.x - x) / width + abs(box.y - y) / height
                cost = 3.0 * presence.filled(box) + 0.05 * (1 - cos(turn - radians(angle.outward))) + 0.08 * far
                cost += (shifted if shifted > 0.1 else 0.0) + 3.0 * any(box.touches(other, 2) for other in taken)
                boxes.append(box)
                costs.append(cost)
        return Label(stamp, boxes[self._seat.choose(time, costs)], (angle.x, angle.y), self._line)


@dataclass(frozen=True, slots=True)
class Label:
    """A number, where it stands, and the joint that it belongs to."""

    stamp: Stamp
    box: Box
    joint: tuple[float, float]
    line: int

    def draw_leader(self, image: Image) -> None:
        """Draws a thin line from the joint to the number."""
        x, y = self.joint
        box = self.box
        ends = np.array([(x, y), (box.x + box.width / 2, box.y + box.height / 2)])
        joint, end = np.rint(ends * 16).astype(np.int32).tolist()
        cv2.line(image, joint, end, INK, max(2, round(0.5 * self.line)), cv2.LINE_AA, 4)
        cv2.line(image, joint, end, WHITE, max(1, round(0.25 * self.line)), cv2.LINE_AA, 4)

    def draw(self, image: Image) -> None:
        """Puts it onto a picture."""
        self.stamp.put(image, self.box.x, self.box.y)


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


def _fill(image: Image, outline: np.ndarray, colour: Colour, opacity: float) -> None:
    """Fills a translucent polygon; only its own rectangle is blended."""
    left, top = np.maximum(np.floor(outline.min(0)).astype(int), 0).tolist()
    right, bottom = (np.ceil(outline.max(0)).astype(int) + 1).tolist()
    under = image[top : max(bottom, 0), left : max(right, 0)]
    if not under.size:
        return
    filled = under.copy()
    corners = np.rint((outline - (left, top)) * 16).astype(np.int32)
    cv2.fillPoly(filled, [corners], colour, cv2.LINE_AA, 4)
    cv2.addWeighted(filled, opacity, under, 1 - opacity, 0, under)


def _spot(points: Points, mark: tuple[int, ...]) -> tuple[float, float]:
    """A landmark, or the point halfway between two, or the one of the two that is seen; NaN if none is."""
    seen = [points[i] for i in mark if points[i, 0] == points[i, 0]]
    if not seen:
        return nan, nan
    return sum(p[0] for p in seen) / len(seen), sum(p[1] for p in seen) / len(seen)
