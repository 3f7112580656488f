"""A camera that follows a script: to try out what happens when a real one fails, and for tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from formcheck.errors import CameraError
from formcheck.see.frame import Frame

What = Literal["picture", "black", "frozen", "silent", "gone"]

Painter = Callable[[float, tuple[int, int]], NDArray[np.uint8]]
"""Makes the picture of a time in seconds and a size (width, height)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a script.

    Attributes:
        what: "picture"; "black"; "frozen", the last picture again and again; "silent", nothing comes though it is open;
            "gone", it is not plugged in.
        seconds: how long.
        fps: pictures a second.
        size: (width, height).
    """

    what: What
    seconds: float
    fps: float = 30.0
    size: tuple[int, int] = (320, 180)


class ScriptedCapture:
    """A capture (see `formcheck.see.capture.Capture`) that plays a script once.

    Args:
        parts: what happens, one after the other.
        speed: how many times faster than real time it goes; the frames' times are those of the script.
        paint: makes the pictures; plain ones, each a little different, if not given.
    """

    name = "the scripted camera"

    def __init__(self, parts: Sequence[Part], *, speed: float = 1.0, paint: Painter | None = None) -> None:
        self.opened = 0
        self._parts, self._speed, self._paint = tuple(parts), speed, paint or _plain
        self._origin: float | None = None
        self._due = 0.0
        self._shown: NDArray[np.uint8] | None = None

    @property
    def ends(self) -> bool:
        """Whether the script is over."""
        return self._origin is not None and self.now() >= sum(part.seconds for part in self._parts)

    def open(self) -> None:
        """Starts the script when first called.

        Raises:
            CameraError: the camera is gone at this time of the script.
        """
        if self._origin is None:
            self._origin = time.monotonic()
        part, _ = self._now_playing()
        if part is not None and part.what == "gone":
            raise CameraError("The scripted camera is not there. Plug it in.")
        self.opened += 1

    def read(self) -> Frame | None:
        """The next picture, when it is due; None when the camera is gone or the script is over."""
        while True:
            part, end = self._now_playing()
            if part is None or part.what == "gone":
                return None
            if part.what == "silent":
                self._wait_until(end)
                continue
            self._due = max(self._due + 1 / part.fps, self.now())
            if self._due >= end:
                self._wait_until(end)
                continue
            self._wait_until(self._due)
            if part.what == "black":
                return Frame(self._due, np.zeros((part.size[1], part.size[0], 3), np.uint8))
            if part.what == "picture" or self._shown is None:
                self._shown = self._paint(self._due, part.size)
            return Frame(self._due, self._shown)

    def close(self) -> None:
        """There is nothing to let go of."""

    def now(self) -> float:
        """Seconds of the script that have been played."""
        return 0.0 if self._origin is None else (time.monotonic() - self._origin) * self._speed

    def _now_playing(self) -> tuple[Part | None, float]:
        """The part of this time and when it ends; None after the last one."""
        now, end = self.now(), 0.0
        for part in self._parts:
            end += part.seconds
            if now < end:
                return part, end
        return None, end

    def _wait_until(self, moment: float) -> None:
        time.sleep(max(0.0, moment - self.now()) / self._speed)


def _plain(seconds: float, size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.full((size[1], size[0], 3), 90 + int(seconds * 1000) % 61, np.uint8)
