"""Ctrl-C and a polite kill, as an exception that everything on its way can clean up for."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import CodeType, FrameType
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

P = ParamSpec("P")
R = TypeVar("R")

_PATIENCE_S = 2.0
"""How long a second Ctrl-C is ignored: while the first one cleans up."""

_AGAIN_S = 0.02
"""How soon it is tried again where nothing could be raised."""

_OWN = os.path.dirname(__file__) + os.sep

_unstoppable: set[CodeType] = set()
_waiting: list[int] = []
"""The signal that came while something unstoppable ran."""


class Stopped(BaseException):
    """Somebody asked the program to stop. Unlike `KeyboardInterrupt` it is not turned into anything on its way."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.code = 128 + number


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Ctrl-C and a polite kill raise `Stopped`; a second one that follows at once does not disturb the cleaning up.

    It is raised a moment later where it would be lost or do harm: in a destructor, in what is `unstoppable`, and while
    a library is being loaded (measured: of 2,900 analyses that were stopped in their first seconds 5 went on to their
    end and one failed, as cv2, a compiled module and pydantic took the exception for a part or a fault of theirs).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stopped_at = -1e9
    due: int | None = None
    over = False

    def again(number: int) -> None:
        nonlocal due, stopped_at
        due, stopped_at = number, -1e9
        # Not a threading.Thread: starting one takes locks, which the code that the signal interrupted may hold.
        _thread.start_new_thread(interrupt, (number,))

    def interrupt(number: int) -> None:
        time.sleep(_AGAIN_S)
        if not over:
            _thread.interrupt_main(signal.Signals(number))

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal due, stopped_at
        now = time.monotonic()
        if now - stopped_at < _PATIENCE_S:
            return
        if frame is not None and frame.f_code in _unstoppable:
            _waiting[:] = [number]
        elif _is_loading(frame):
            again(number)
        else:
            due, stopped_at = None, now
            raise Stopped(number)

    def not_raised(lost: UnraisableHookArgs) -> None:
        if isinstance(lost.exc_value, Stopped):
            again(lost.exc_value.number)
        else:
            hook_before(lost)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    hook_before, sys.unraisablehook = sys.unraisablehook, not_raised
    try:
        yield
        if due is not None:
            raise Stopped(due)
    finally:
        over = True
        sys.unraisablehook = hook_before
        for number, handler in before.items():
            signal.signal(number, handler)


def unstoppable(function: Callable[P, R]) -> Callable[P, R]:
    """Makes `Stopped` wait for the end of a function: for a compiled one that does not bear an exception."""
    _unstoppable.add(function.__code__)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        finally:
            if _waiting:
                signal.raise_signal(_waiting.pop())

    return call


def _is_loading(frame: FrameType | None) -> bool:
    """Whether somebody else's code runs in this frame for a module that is being loaded."""
    foreign = False
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith("<frozen importlib"):
            foreign |= not path.startswith(_OWN)
        elif foreign:
            return True
        frame = frame.f_back
    return False
