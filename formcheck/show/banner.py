"""The message panel: the words that matter now, large, where there is room for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, inf

from formcheck.show.glyphs import draw_glyph
from formcheck.show.lettering import DESCENT, LINE_PITCH, text_width, wrap, write
from formcheck.show.message import COLOURS, GLYPHS, Kind, Message
from formcheck.show.palette import GOOD, INK, PANEL_OPACITY, WHITE
from formcheck.show.placement import Box, Presence, Seat
from formcheck.show.stamp import Image, Sheet, Stamp, rounded

CAP_SHARE = 0.042
"""Cap height of messages in heights of the picture: 4 % can be read from two metres, and a little more."""

CUE_CAP_SHARE = 0.05
"""The same for corrections and confirmations where the picture is wide enough: they are short."""

MOST_LINES = 4

PAGE_S = 3.0
"""A text of more lines is shown in parts, each for this long."""

_COLUMN_SHARE = 0.42
_ROW_SHARE = 0.45
_PREFERENCE = 0.02


@dataclass(frozen=True, slots=True)
class _Seating:
    """One way to place the banner: the width it may have, and to which edges it goes."""

    width: int
    right: float
    bottom: bool
    beside_card: bool


class Banner:
    """Shows messages on pictures of one size."""

    def __init__(self, size: tuple[int, int], margin: int) -> None:
        self._size, self._margin = size, margin
        self._seat = Seat()
        self._message: Message | None = None

    def cap(self, kind: Kind) -> int:
        """Cap height in pixels."""
        width, height = self._size
        large = kind != "request" and width >= height
        return ceil((CUE_CAP_SHARE if large else CAP_SHARE) * height)

    def place(self, message: Message, time: float, card: Box, presence: Presence) -> tuple[Stamp, Box]:
        """The panel with the message and where it stands, clear of the card and, if possible, of the person."""
        if message != self._message:
            self._message = message
            self._seat.leave()
        cap = self.cap(message.kind)
        stamps, boxes, costs = [], [], []
        for i, seating in enumerate(self._seatings(card)):
            pages = paged(message.text, cap, seating.width - self._frame(cap))
            page = int(max(0.0, time - message.since) / PAGE_S) % len(pages)
            stamp = _panel(message.kind, pages[page], cap)
            box = self._box(seating, stamp, card)
            cost = presence.covered(box) + _PREFERENCE * i + 0.25 * (len(pages) - 1)
            if not box.within(*self._size) or box.touches(card):
                cost = inf if box.touches(card) else 10.0 + i
            stamps.append(stamp)
            boxes.append(box)
            costs.append(cost)
        at = self._seat.choose(time, costs)
        return stamps[at], boxes[at]

    def _frame(self, cap: int) -> int:
        """What a panel is wider than its letters."""
        pad, sign = _spacing(cap)
        return 2 * pad + sign + pad

    def _seatings(self, card: Box) -> list[_Seating]:
        width, margin = self._size[0], self._margin
        whole = width - 2 * margin
        card_right = card.x > width - card.right
        card_low = card.y > self._size[1] - card.bottom
        away = 0.0 if card_right else 1.0
        rest = whole - card.width - margin
        found = []
        if rest >= _ROW_SHARE * width:
            found.append(_Seating(rest, 1 - away, card_low, True))
        found.append(_Seating(whole, 0.5, not card_low, False))
        found.append(_Seating(whole, 1 - away, card_low, False))
        column = round(_COLUMN_SHARE * width)
        if width >= self._size[1]:
            found += [
                _Seating(column, right, bottom, False)
                for bottom in (card_low, not card_low)
                for right in (away, 1 - away)
            ]
        return found

    def _box(self, seating: _Seating, stamp: Stamp, card: Box) -> Box:
        (width, height), margin = self._size, self._margin
        w, h = stamp.size
        if seating.beside_card:
            x = card.right + margin if seating.right == 0 else card.x - margin - w
            return Box(x, card.bottom - h if seating.bottom else card.y, w, h)
        x = margin + round(seating.right * (width - 2 * margin - w))
        box = Box(x, height - margin - h if seating.bottom else margin, w, h)
        if box.touches(card, margin):
            y = card.y - margin - h if seating.bottom else card.bottom + margin
            return Box(x, y, w, h)
        return box


def paged(text: str, cap: int, width: int) -> list[tuple[str, ...]]:
    """The text in pages of at most `MOST_LINES` lines, parted at clauses where possible."""
    lines = wrap(text, cap, width)
    if len(lines) <= MOST_LINES:
        return [tuple(lines)]
    pages: list[str] = []
    for clause in re.findall(r"[^,.;:]+[,.;:]*\s*", text):
        longer = f"{pages[-1]} {clause.strip()}" if pages else clause.strip()
        if pages and len(wrap(longer, cap, width)) <= MOST_LINES - 1:
            pages[-1] = longer
        else:
            pages.append(clause.strip())
    parts = []
    for page in pages:
        lines = wrap(page, cap, width)
        parts += [tuple(lines[i : i + MOST_LINES]) for i in range(0, len(lines), MOST_LINES)]
    return parts


def _spacing(cap: int) -> tuple[int, int]:
    """Padding and width of the sign for a cap height."""
    return round(0.75 * cap), round(1.7 * cap)


@lru_cache(maxsize=64)
def _panel(kind: Kind, lines: tuple[str, ...], cap: int) -> Stamp:
    pad, sign = _spacing(cap)
    pitch = round(LINE_PITCH * cap)
    letters_width = max(text_width(line, cap) for line in lines)
    letters_height = cap + pitch * (len(lines) - 1)
    top = round(1.1 * pad)
    sheet = Sheet(pad + sign + pad + letters_width + pad, max(letters_height, sign) + 2 * top)
    panel, letters = sheet.mask(), sheet.mask()
    height = sheet.size[1]
    rounded(panel, (0, 0, *sheet.size), round(0.6 * cap))
    sheet.paint(panel, INK, PANEL_OPACITY)
    draw_glyph(sheet, GLYPHS[kind], pad + sign / 2, height / 2, sign / 2, COLOURS[kind])
    baseline = (height - letters_height) // 2 + cap
    for i, line in enumerate(lines):
        write(letters, line, pad + sign + pad, baseline + i * pitch, cap)
    sheet.paint(letters, GOOD if kind == "confirmation" else WHITE)
    return sheet.stamp()
