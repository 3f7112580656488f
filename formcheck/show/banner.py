"""The message panel: the words that matter now, large, where there is room for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, inf

from formcheck.show.glyphs import draw_glyph
from formcheck.show.lettering import LINE_PITCH, text_width, wrap, write
from formcheck.show.message import COLOURS, GLYPHS, Kind, Message
from formcheck.show.palette import GOOD, INK, PANEL_OPACITY, WHITE
from formcheck.show.placement import Box, Presence, Seat
from formcheck.show.stamp import Sheet, Stamp, rounded

CAP_SHARE = 0.042
"""Cap height of messages in heights of the picture: 4 % can be read from two metres, and a little more."""

CUE_CAP_SHARE = 0.05
"""The same for corrections and confirmations where the picture is wide enough: they are short."""

LINE_LIMITS = (4, 3, 2)
"""A longer text is shown in parts; fewer lines are tried where more would cover the person."""

PAGE_S = 3.0
"""Each part is shown for this long."""

_COLUMN_SHARE = 0.42
_ROW_SHARE = 0.48
_PREFERENCE = 0.02
_PAGING = 0.06

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Look:
    """Measures of a panel in pixels: cap height, padding, width of the sign (0: none), least height."""

    cap: int
    pad: int
    sign: int
    least_height: int = 0

    @property
    def frame(self) -> int:
        """What the panel is wider than its letters."""
        return (3 if self.sign else 2) * self.pad + self.sign


@dataclass(frozen=True, slots=True)
class _Seating:
    """A way to place the banner: at most so wide, at which share of the free width, at the lower edge or the upper."""

    width: int
    across: float
    low: bool
    beside_card: bool = False


@dataclass(frozen=True, slots=True)
class _Option:
    """A banner as it could be shown. All its pages are as large as the largest, so that turning them moves nothing."""

    pages: tuple[Lines, ...]
    look: _Look
    box: Box
    cost: float


class Banner:
    """Shows messages on pictures of one size.

    Args:
        size: (width, height) of the pictures.
        margin: pixels to stay away from the edges and from the card.
    """

    def __init__(self, size: tuple[int, int], margin: int) -> None:
        self._size, self._margin = size, margin
        self._seat = Seat()
        self._asked: tuple[Message, Box] | None = None
        self._options: list[_Option] = []
        self._version = -1

    def cap(self, kind: Kind) -> int:
        """Cap height of the letters, pixels."""
        width, height = self._size
        large = kind != "request" and width >= height
        return ceil((CUE_CAP_SHARE if large else CAP_SHARE) * height)

    def place(self, message: Message, time: float, card: Box, presence: Presence) -> tuple[Stamp, Box]:
        """The panel with the message and where it stands: clear of the card and, if possible, of the person."""
        if self._asked != (message, card):
            self._asked = message, card
            self._options = self._all_options(message, card)
            self._seat.leave()
        place = self._seat.index
        if place is None or presence.version != self._version:
            self._version = presence.version
            costs = [option.cost + presence.covered(option.box) for option in self._options]
            place = self._seat.choose(time, costs)
        option = self._options[place]
        page = int(max(0.0, time - message.since) / PAGE_S) % len(option.pages)
        return _panel(message.kind, option.pages[page], option.look, option.box.width, option.box.height), option.box

    def _all_options(self, message: Message, card: Box) -> list[_Option]:
        cap = self.cap(message.kind)
        tight = self._size[1] > self._size[0]
        pad = round((0.6 if tight else 0.75) * cap)
        sign = 0 if tight and message.kind == "request" else round((1.4 if tight else 1.7) * cap)
        widest_word = max(text_width(word, cap) for word in message.text.split())
        options: list[_Option] = []
        for rank, seating in enumerate(self._seatings(card)):
            look = _Look(cap, pad, sign, card.height if seating.beside_card else 0)
            for most_lines in LINE_LIMITS:
                pages = paged(message.text, cap, seating.width - look.frame, most_lines)
                if most_lines < LINE_LIMITS[0] and len(pages) == 1:
                    break
                box = self._box(seating, _panel_size(pages, look), card)
                cost = _PREFERENCE * rank + _PAGING * (len(pages) - 1)
                cost += 10.0 * (not box.within(*self._size)) + 5.0 * (widest_word > seating.width - look.frame)
                options.append(_Option(pages, look, box, inf if box.touches(card) else cost))
        return options

    def _seatings(self, card: Box) -> list[_Seating]:
        """Ways to place the banner, best first: in line with the card, else across the picture, else in a corner."""
        (width, height), margin = self._size, self._margin
        whole, column = width - 2 * margin, round(_COLUMN_SHARE * width)
        beside = whole - card.width - margin
        at_card = 0.0 if card.x <= width - card.right else 1.0
        low = card.y > height - card.bottom
        found = [_Seating(beside, at_card, low, True)] if beside >= _ROW_SHARE * width else []
        found += [_Seating(whole, 0.5, not low), _Seating(whole, at_card, low)]
        if width >= height:
            found += [_Seating(column, across, edge) for edge in (low, not low) for across in (1 - at_card, at_card)]
        return found

    def _box(self, seating: _Seating, size: tuple[int, int], card: Box) -> Box:
        (width, height), margin = self._size, self._margin
        w, h = size
        if seating.beside_card:
            x = card.right + margin if seating.across == 0 else card.x - margin - w
            return Box(x, card.bottom - h if seating.low else card.y, w, h)
        x = margin + round(seating.across * (width - 2 * margin - w))
        box = Box(x, height - margin - h if seating.low else margin, w, h)
        if box.touches(card, margin):
            return Box(x, card.y - margin - h if seating.low else card.bottom + margin, w, h)
        return box


@lru_cache(maxsize=256)
def paged(text: str, cap: int, width: int, most_lines: int) -> tuple[Lines, ...]:
    """The text in pages of at most so many lines of at most `width` pixels, parted after clauses where possible."""
    lines = wrap(text, cap, width)
    if len(lines) <= most_lines:
        return (tuple(lines),)
    pages: list[str] = []
    for clause in re.findall(r"[^,.;:]+[,.;:]*", text):
        longer = f"{pages[-1]}{clause}" if pages else clause
        if pages and len(wrap(longer, cap, width)) <= most_lines:
            pages[-1] = longer
        else:
            pages.append(clause)
    parts: list[Lines] = []
    for page in pages:
        lines = wrap(page, cap, width)
        parts += [tuple(lines[i : i + most_lines]) for i in range(0, len(lines), most_lines)]
    return tuple(parts)


def _panel_size(pages: tuple[Lines, ...], look: _Look) -> tuple[int, int]:
    width = max(text_width(line, look.cap) for lines in pages for line in lines)
    height = look.cap + round(LINE_PITCH * look.cap) * (max(len(lines) for lines in pages) - 1)
    return look.frame + width, max(look.least_height, max(height, look.sign) + 2 * round(0.8 * look.cap))


@lru_cache(maxsize=64)
def _panel(kind: Kind, lines: Lines, look: _Look, width: int, height: int) -> Stamp:
    cap, pad, sign = look.cap, look.pad, look.sign
    sheet = Sheet(width, height)
    panel, letters = sheet.mask(), sheet.mask()
    rounded(panel, (0, 0, width, height), round(0.6 * cap))
    sheet.paint(panel, INK, PANEL_OPACITY)
    if sign:
        draw_glyph(sheet, GLYPHS[kind], pad + sign / 2, height / 2, sign / 2, COLOURS[kind])
    pitch = round(LINE_PITCH * cap)
    baseline = (height - cap - pitch * (len(lines) - 1)) // 2 + cap
    for i, line in enumerate(lines):
        write(letters, line, look.frame - pad, baseline + i * pitch, cap)
    sheet.paint(letters, GOOD if kind == "confirmation" else WHITE)
    return sheet.stamp()
