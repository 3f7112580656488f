"""The card with the big number: repetitions counted, or the clock of a hold."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from formcheck.judge.moment import HoldClock, Moment
from formcheck.judge.template import Template
from formcheck.show.canvas import SIXTEENTHS, Canvas
from formcheck.show.glyphs import Glyph, draw_glyph
from formcheck.show.lettering import BOLD, text_width, write
from formcheck.show.palette import GOOD, INK, MUTED, OFF, PANEL_OPACITY, TRACK, WHITE, Colour
from formcheck.show.placement import Box, Presence, Seat
from formcheck.show.stamp import Mask, Sheet, Stamp, rounded

NUMBER_CAP_SHARE = 0.12
"""Cap height of the big number in heights of the picture."""

WORD_CAP_SHARE = 0.041

TALL_NUMBER_CAP_SHARE = 0.085
TALL_WORD_CAP_SHARE = 0.03
"""The same in upright pictures, in which width is scarce and the words stand below the number."""

TICK_S = 0.7
"""A new count is coloured for this long."""

_TALL = 1.25
_STACK_SHARE = 0.42
_PREFERENCE = 0.02
_COMMON_WORDS = ("get ready", "ready", "paused")


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of the second line; on a plate if it is the side that works now."""

    text: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class _Face:
    """What stands on the card."""

    number: str
    colour: Colour
    word: str
    glyph: Glyph | None
    glyph_colour: Colour
    parts: tuple[_Part, ...]
    barred: bool = False


class Card:
    """Shows count or clock, phase and side on pictures of one size.

    The card's own size follows neither the words nor the figures, only the number of digits.

    Args:
        template: the exercise.
        size: (width, height) of the pictures.
        margin: pixels to stay away from the edges.
    """

    def __init__(self, template: Template, size: tuple[int, int], margin: int) -> None:
        self._size, self._margin = size, margin
        self._timed = template.hold is not None
        self._sided = template.sides is not None
        own = template.repetition.words if template.repetition else (template.hold.words,) if template.hold else ()
        self._words = (*own, *_COMMON_WORDS)
        self._stacked = size[1] > _TALL * size[0]
        self.number_cap = ceil((TALL_NUMBER_CAP_SHARE if self._stacked else NUMBER_CAP_SHARE) * size[1])
        self.word_cap = ceil((TALL_WORD_CAP_SHARE if self._stacked else WORD_CAP_SHARE) * size[1])
        self._seat = Seat()
        self._count: int | None = None
        self._counted_at: float | None = None
        self._drawn: tuple[_Face, Stamp] | None = None
        self._placed: tuple[tuple[int, int, int], Box] | None = None

    def place(self, moment: Moment, presence: Presence) -> tuple[Stamp, Box]:
        """The card of this moment and the corner of the picture in which it stands, clear of the person if possible."""
        face = self._face(moment)
        if self._drawn is None or self._drawn[0] != face:
            self._drawn = face, self._draw(face)
        stamp = self._drawn[1]
        for_what = presence.version, *stamp.size
        if self._placed is None or self._placed[0] != for_what:
            self._placed = for_what, self._box(stamp.size, moment.time, presence)
        return stamp, self._placed[1]

    def _box(self, size: tuple[int, int], time: float, presence: Presence) -> Box:
        (width, height), (w, h), margin = self._size, size, self._margin
        xs, ys = (margin, width - margin - w), (margin, height - margin - h)
        boxes = [Box(x, y, w, h) for y in ys for x in xs]
        costs = [presence.covered(box) + _PREFERENCE * i for i, box in enumerate(boxes)]
        return boxes[self._seat.choose(time, costs)]

    def draw_bar(self, canvas: Canvas, box: Box, clock: HoldClock) -> None:
        """Draws how much of the target has been held: whole while it runs, dashed while it stands still."""
        if not clock.target:
            return
        pad, thickness = self._pad, self._bar
        y = box.bottom - pad - thickness // 2
        left, right = box.x + pad + thickness // 2, box.right - pad - thickness // 2
        end = left + round((right - left) * min(1.0, clock.in_form / clock.target))

        def draw(start: int, stop: int, colour: Colour, thick: int) -> None:
            level = SIXTEENTHS * y
            canvas.line((SIXTEENTHS * start, level), (SIXTEENTHS * stop, level), colour, thick)

        draw(left, right, TRACK, thickness)
        if clock.in_form <= 0:
            return
        running = (clock.holding and clock.good) or clock.in_form >= clock.target
        if running:
            draw(left, end, GOOD, thickness)
            return
        for x in range(left, end + 1, 2 * thickness):
            draw(x, min(x + thickness // 2, end), OFF, thickness // 2)

    def _face(self, moment: Moment) -> _Face:
        clock = moment.hold
        if clock is None:
            return self._count_face(moment)
        target = clock.target or 0.0
        reached = bool(target) and clock.in_form >= target
        glyph: Glyph | None = None
        colour = GOOD
        if reached or (clock.holding and clock.good):
            glyph = "tick"
        elif clock.holding:
            glyph, colour = "warning", OFF
        elif moment.phase == "paused":
            glyph, colour = "pause", MUTED
        minutes = max(target, clock.in_form) >= 60
        of = f"of {_clock(target, minutes)}" + ("" if minutes else " s") if target else "seconds"
        parts = [_Part(of)]
        if self._sided and moment.side:
            parts.append(_Part(moment.side[0].upper(), active=True))
        number = _clock(clock.in_form, minutes)
        shade = GOOD if reached else WHITE
        return _Face(number, shade, moment.phase_word, glyph, colour, tuple(parts), barred=target > 0)

    def _count_face(self, moment: Moment) -> _Face:
        counts, time = moment.counts, moment.time
        if counts.total != self._count:
            self._counted_at = time if self._count is not None and counts.total > self._count else None
            self._count = counts.total
        fresh = self._counted_at is not None and 0 <= time - self._counted_at < TICK_S
        parts: tuple[_Part, ...] = (_Part("reps"),)
        if self._sided:
            parts = (
                _Part(f"L {counts.left}", moment.side == "left"),
                _Part(f"R {counts.right}", moment.side == "right"),
            )
        return _Face(str(counts.total), GOOD if fresh else WHITE, moment.phase_word, None, GOOD, parts)

    # Drawing --------------------------------------------------------------------------------------------------------

    @property
    def _pad(self) -> int:
        return round(0.25 * self.number_cap)

    @property
    def _bar(self) -> int:
        return max(4, round(0.17 * self.number_cap))

    def _number_width(self, face: _Face) -> int:
        return text_width("".join("8" if c.isdigit() else c for c in face.number), self.number_cap, BOLD)

    def _words_width(self, face: _Face, cap: int) -> int:
        words = max(text_width(word, cap) for word in (*self._words, face.word)) + self._sign(cap)
        return max(words, self._parts_width(face, cap))

    def _parts_width(self, face: _Face, cap: int) -> int:
        return sum(self._room(part, cap) for part in face.parts) + cap // 2 * (len(face.parts) - 1)

    def _sign(self, cap: int) -> int:
        return round(1.7 * cap) if self._timed else 0

    def _room(self, part: _Part, cap: int) -> int:
        inset = 2 * round(0.45 * cap) if self._sided else 0
        return text_width("".join("8" if c.isdigit() else c for c in part.text), cap) + inset

    def _draw(self, face: _Face) -> Stamp:
        pad, tall, stacked = self._pad, self.number_cap, self._stacked
        number = self._number_width(face)
        room = self._room_for_words(number)
        cap = self.word_cap
        while cap > 4 and self._words_width(face, cap) > room:
            cap -= 1
        words = self._words_width(face, cap)
        inner = max(number, words) if stacked else number + pad + words
        lines = 2 * (cap + round(0.9 * cap)) if stacked else 0
        bar = pad + self._bar if face.barred else 0
        sheet = Sheet(inner + 2 * pad, 2 * pad + tall + lines + bar)
        panel, figure, bright, dim = (sheet.mask() for _ in range(4))
        rounded(panel, (0, 0, *sheet.size), round(0.22 * self.number_cap))
        sheet.paint(panel, INK, PANEL_OPACITY)
        own = text_width(face.number, tall, BOLD)
        write(figure, face.number, pad + ((inner if stacked else number) - own) // 2, pad + tall, tall, BOLD)
        sheet.paint(figure, face.colour)
        if stacked:
            first, second = pad + tall + round(1.9 * cap), pad + tall + 2 * round(1.9 * cap)
            own = text_width(face.word, cap) + (self._sign(cap) if face.glyph else 0)
            x = pad + (inner - own) // 2
            parts_x = pad + (inner - self._parts_width(face, cap)) // 2
        else:
            first, second = pad + cap, pad + tall
            x = parts_x = 2 * pad + number
        if face.glyph:
            draw_glyph(sheet, face.glyph, x + 0.65 * cap, first - cap / 2, 0.65 * cap, face.glyph_colour)
        indent = self._sign(cap) if face.glyph else 0
        write(bright, face.word, x + indent, first, cap)
        self._draw_parts(sheet, face, parts_x, second, cap, bright, dim)
        sheet.paint(bright, WHITE)
        sheet.paint(dim, MUTED)
        return sheet.stamp()

    def _room_for_words(self, number: int) -> int:
        width = self._size[0] - 2 * self._margin
        if self._stacked:
            return round(_STACK_SHARE * width)
        return width - 3 * self._pad - number

    def _draw_parts(self, sheet: Sheet, face: _Face, x: int, baseline: int, cap: int, bright: Mask, dim: Mask) -> None:
        inset = round(0.45 * cap) if self._sided else 0
        for part in face.parts:
            room = self._room(part, cap)
            if part.active:
                plate = sheet.mask()
                grown = round(0.38 * cap)
                rounded(plate, (x, baseline - cap - grown, room, cap + 2 * grown), round(0.4 * cap))
                sheet.paint(plate, TRACK)
            own = text_width(part.text, cap)
            centred = (room - own) // 2 if self._sided else inset
            write(bright if part.active else dim, part.text, x + centred, baseline, cap)
            x += room + cap // 2


def _clock(seconds: float, minutes: bool) -> str:
    """Whole seconds, or minutes and seconds."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02}" if minutes else str(whole)
