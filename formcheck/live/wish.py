"""What a person may ask for while exercising, with the keys for it."""

from __future__ import annotations

from enum import StrEnum


class Wish(StrEnum):
    """Something asked for, by its key."""

    PAUSE = " "
    RESTART = "r"
    NEXT = "n"
    SIDE = "s"
    MUTE = "m"
    DISCOMFORT = "d"
    FULL_SCREEN = "f"
    QUIT = "q"


LEGEND: tuple[tuple[str, str], ...] = (
    ("space", "pause"),
    ("r", "restart"),
    ("n", "next"),
    ("s", "other side"),
    ("m", "mute"),
    ("f", "full screen"),
    ("d", "I feel discomfort: stop"),
    ("q", "quit"),
)
"""Keys and what they do, in words."""

_ESCAPE = 27


def wish_for(key: int) -> Wish | None:
    """The wish behind a key code of the window; None for other keys and for none (-1)."""
    if key < 0:
        return None
    code = key & 0xFF
    if code == _ESCAPE:
        return Wish.QUIT
    try:
        return Wish(chr(code).lower())
    except ValueError:
        return None
