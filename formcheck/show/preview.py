"""The live picture: mirrored, with the overlay, the figure to stand in, large words in between, and a line below."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import product
from math import ceil

import cv2
import numpy as np

from formcheck.judge.template import Template
from formcheck.live.scene import Board, Scene
from formcheck.live.wish import LEGEND
from formcheck.pose import Side
from formcheck.show.canvas import Canvas
from formcheck.show.lettering import BOLD, LINE_PITCH, REGULAR, SEMIBOLD, text_width, wrap, write
from formcheck.show.overlay import Overlay
from formcheck.show.palette import GOOD, INK, MUTED, OFF, PANEL_OPACITY, WHITE, Colour
from formcheck.show.silhouette import lies_on_side, silhouette
from formcheck.show.stamp import Image, Sheet, Stamp, rounded

EMPTY_SIZE = (1280, 720)
"""Of the picture while no camera has given one."""

STATUS_CAP_SHARE = 0.042
"""Cap height of the line below, in heights of the picture: to be read from two metres."""

TITLE_CAP_SHARE = 0.075
NUMBER_CAP_SHARE = 0.28
LINE_CAP_SHARE = 0.046
LEGEND_CAP_SHARE = 0.019

_DIMMED = 0.3
_VIEW_WORDS = {"side": "seen from the side", "oblique": "turned half to the camera", "front": "facing the camera"}


class Preview:
    """Paints scenes for the window.

    Args:
        template: the exercise.
        mirrored: whether left is left as in a mirror.
    """

    def __init__(self, template: Template, *, mirrored: bool = True) -> None:
        self._template, self._mirrored = template, mirrored
        self._overlay: tuple[tuple[int, tuple[int, int]], Overlay] | None = None
        self._board: tuple[Board, tuple[int, int], Stamp] | None = None
        self._below: tuple[tuple[str, str, int, int], Image] | None = None
        self._painted: Image = np.empty((0, 0, 3), np.uint8)
        self._painted_below: Image | None = None

    def paint(self, scene: Scene) -> Image:
        """The whole picture with the line below it, BGR as OpenCV shows it; valid until the next call."""
        size = scene.frame.size if scene.frame is not None else EMPTY_SIZE
        below = self._line_below(scene, size)
        width, height = size
        shape = (height + below.shape[0], width, 3)
        if self._painted.shape != shape:
            self._painted = np.empty(shape, np.uint8)
            self._painted_below = None
        picture = self._painted[:height]
        if scene.frame is None:
            picture[:] = INK[::-1]
        elif self._mirrored:
            # Byte by byte backwards: a mirror that also turns RGB into BGR, in one pass.
            cv2.flip(scene.frame.image.reshape(height, -1), 1, picture.reshape(height, -1))
        else:
            cv2.cvtColor(scene.frame.image, cv2.COLOR_RGB2BGR, picture)
        if self._board is not None and self._board[:2] != (scene.board, size):
            self._board = None  # megabytes, before the next one takes as many
        canvas = Canvas(picture, bgr=True)
        if scene.board is not None:
            self._draw_board(canvas, scene.board, size)
        elif scene.moment is not None:
            if scene.figure:
                self._draw_figure(canvas, size, scene.moment.side, small=scene.moment.pose.seen)
            self._overlay_for(scene, size).draw(picture, scene.moment, bgr=True)
        if self._painted_below is not below:
            self._painted_below = below
            self._painted[height:] = below[..., ::-1]
        return self._painted

    def _overlay_for(self, scene: Scene, size: tuple[int, int]) -> Overlay:
        """One overlay for each bout: counts and colours begin anew."""
        key = (scene.bout, size)
        if self._overlay is None or self._overlay[0] != key:
            self._overlay = key, Overlay(self._template, size, mirrored=self._mirrored)
        return self._overlay[1]

    def _draw_figure(self, canvas: Canvas, size: tuple[int, int], side: Side | None, small: bool) -> None:
        """How to be in the picture: in its middle while nobody is there, else in a corner."""
        width, height = size
        share = 0.32 if small else 0.72
        view = self._template.camera.view
        name = self._template.figure or self._template.posture
        turned = lies_on_side(name) and side is not None and self._head_at_right(side)
        stamp = silhouette(name, view, round(share * width), round(share * height), turned)
        if stamp is None:
            return
        w, h = stamp.size
        margin = round(0.03 * min(size))
        x, y = (width - w - margin, height - h - margin) if small else ((width - w) // 2, height - h - margin)
        canvas.put(stamp, x, y)
        if not small:
            caption = _caption(_VIEW_WORDS[view], ceil(STATUS_CAP_SHARE * min(height, 1.25 * width)))
            corner = width - caption.size[0] - margin, height - caption.size[1] - margin
            canvas.put(caption, *corner)

    def _head_at_right(self, side: Side) -> bool:
        """Where the head of somebody is who lies on the side, chest to the camera, and works with this one.

        The upper leg works, unless the template calls the other one "top". With the left leg on top, the head is at the
        left of the camera's picture.
        """
        sides = self._template.sides
        left_on_top = (side == "left") != (sides is not None and sides.other == "top")
        return left_on_top == self._mirrored

    def _draw_board(self, canvas: Canvas, board: Board, size: tuple[int, int]) -> None:
        cv2.convertScaleAbs(canvas.image, canvas.image, _DIMMED)
        if self._board is None:
            self._board = board, size, _board_stamp(board, size)
        stamp = self._board[2]
        corner = (size[0] - stamp.size[0]) // 2, (size[1] - stamp.size[1]) // 2
        canvas.put(stamp, *corner)

    def _line_below(self, scene: Scene, size: tuple[int, int]) -> Image:
        key = (scene.status, scene.warning, *size)
        if self._below is None or self._below[0] != key:
            self._below = key, _line_below(scene.status, scene.warning, size)
        return self._below[1]


@lru_cache(maxsize=8)
def _caption(text: str, cap: int) -> Stamp:
    """A line of text on a plate."""
    pad = round(0.6 * cap)
    sheet = Sheet(text_width(text, cap) + 2 * pad, cap + 2 * pad)
    plate, letters = sheet.mask(), sheet.mask()
    rounded(plate, (0, 0, *sheet.size), pad)
    sheet.paint(plate, INK, PANEL_OPACITY)
    write(letters, text, pad, pad + cap, cap)
    sheet.paint(letters, WHITE)
    return sheet.stamp()


def _board_stamp(board: Board, size: tuple[int, int]) -> Stamp:
    """The words of a board, as large as fits; letters never get smaller than 4 % of the picture's height."""
    width, height = size
    room = round(0.9 * width), round(0.94 * height)
    ways = [board, replace(board, lines=board.shorter)] if board.shorter else [board]
    for way, shrink in product(ways, (1.0, 0.85, 0.72, 0.6, 0.5, 0.4)):
        rows = _rows(way, size, room[0], shrink)
        tall = sum(pitch for *_, pitch in rows)
        if tall <= room[1]:
            break
    margin = ("", 0, REGULAR, INK, round(0.025 * height))
    # Row by row: a whole board at once would take ten times as much memory, which the process then keeps.
    strips = [_strip(row, width) for row in (margin, *rows, margin)]
    keep, add = (np.concatenate(layers)[:height] for layers in zip(*((s.keep, s.add) for s in strips), strict=True))
    return Stamp(keep, add)


def _strip(row: _Row, width: int) -> Stamp:
    """A row of a board, all over the width."""
    text, cap, weight, colour, pitch = row
    sheet = Sheet(width, pitch)
    panel = sheet.mask()
    panel[:] = 255
    sheet.paint(panel, INK, PANEL_OPACITY)
    if text:
        letters = sheet.mask()
        write(letters, text, (width - text_width(text, cap, weight)) // 2, (pitch + cap) // 2, cap, weight)
        sheet.paint(letters, colour)
    return sheet.stamp()


_Row = tuple[str, int, int, Colour, int]
"""Text, cap height, weight, colour, height of the row in pixels."""


def _rows(board: Board, size: tuple[int, int], room: int, shrink: float) -> list[_Row]:
    even = min(size[1], 1.25 * size[0])
    least = ceil(0.04 * even)
    title, number, line = (
        max(least, ceil(share * even * shrink)) for share in (TITLE_CAP_SHARE, NUMBER_CAP_SHARE, LINE_CAP_SHARE)
    )
    colour = OFF if board.alarm else GOOD
    if len(board.title) > 40:
        title = max(least, round(0.75 * title))
    rows: list[_Row] = [
        (text, title, BOLD, colour, round(1.7 * title)) for text in wrap(board.title, title, room, BOLD)
    ]
    if board.number:
        rows.append((board.number, number, BOLD, WHITE, round(1.35 * number)))
    for text in board.lines:
        rows += [(part, line, SEMIBOLD, WHITE, round(LINE_PITCH * line)) for part in wrap(text, line, room)]
    return rows


def _line_below(status: str, warning: str, size: tuple[int, int]) -> Image:
    """Where in the plan we are, or what is wrong with the camera, and the keys."""
    width, height = size
    even = min(height, 1.25 * width)
    cap, small = ceil(STATUS_CAP_SHARE * even), max(8, ceil(LEGEND_CAP_SHARE * even))
    margin = round(0.6 * cap)
    words = wrap(warning or status, cap, width - 2 * margin) if warning or status else [""]
    keys = _keys(small, width - 2 * margin)
    pitch, key_pitch = round(LINE_PITCH * cap), round(1.9 * small)
    sheet = Sheet(width, round(0.7 * margin) + pitch * len(words) + key_pitch * len(keys) + round(0.4 * small))
    background, letters, dim = sheet.mask(), sheet.mask(), sheet.mask()
    background[:] = 255
    sheet.paint(background, INK)
    y = round(0.7 * margin) + cap
    for line in words:
        write(letters, line, margin, y, cap)
        y += pitch
    y += small - cap
    for line in keys:
        write(dim, line, margin, y, small, REGULAR)
        y += key_pitch
    sheet.paint(letters, OFF if warning else WHITE)
    sheet.paint(dim, MUTED)
    return sheet.stamp().add


def _keys(cap: int, room: int) -> list[str]:
    """The legend in as few lines as fit."""
    lines: list[str] = []
    for key, meaning in LEGEND:
        part = f"[{key}] {meaning}"
        longer = f"{lines[-1]}   {part}" if lines else part
        if lines and text_width(longer, cap, REGULAR) <= room:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines
