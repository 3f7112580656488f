"""Ctrl-C and a polite kill, as an exception that everything on its way can clean up for."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_PATIENCE_S = 2.0
"""How long a second Ctrl-C is ignored: while the first one cleans up."""


class Stopped(BaseException):
    """Somebody asked the program to stop. Unlike `KeyboardInterrupt` it is not turned into anything on its way."""

    def __init__(self, number: int) -> None:
        self.code = 128 + number


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Ctrl-C and a polite kill raise `Stopped`; a second one that follows at once does not disturb the cleaning up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stopped_at = -1e9

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped_at
        now = time.monotonic()
        if now - stopped_at < _PATIENCE_S:
            return
        stopped_at = now
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
