"""What a person is asked around a routine; every question may be skipped."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import typer
from rich.console import Console

from formcheck.show.terminal import err

PAIN = "Pain now, 0 (none) to 10 (worst)?"
EFFORT = "How hard was it, 0 (nothing) to 10 (as hard as can be)?"

ADVICE = (
    "Stop at pain: rest, and seek advice from a health professional. Until you answer the question about pain with 0 "
    "again, nothing harder is recommended."
)


def somebody_there() -> bool:
    """Whether questions can be asked."""
    return sys.stdin.isatty()


def ask_number(question: str, read: Callable[[str], str] = input) -> int | None:
    """A number from 0 to 10; None if it was skipped with Enter."""
    while True:
        try:
            text = read(f"{question} [Enter: skip] ").strip()
        except EOFError:
            return None
        if not text:
            return None
        if text.isascii() and text.isdigit() and int(text) <= 10:
            return int(text)
        err().print("A whole number from 0 to 10, or Enter to skip the question.")


def confirm(question: str, *, default: bool) -> bool:
    """Yes or no; the default where nobody is there to answer."""
    return typer.confirm(question, default=default, err=True) if somebody_there() else default


def count_down(title: str, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Counts the seconds of a rest down on stderr; on a terminal in one line."""
    console = err()
    if not console.is_terminal:
        console.print(f"Rest, {seconds:.0f} s. Next: {title}")
        sleep(seconds)
        return
    left = round(seconds)
    while left > 0:
        _anew(console, f"Rest {left:3d} s. Next: {title}  ")
        sleep(1.0)
        left -= 1
    _anew(console, " " * (len(title) + 24))
    _anew(console, "")


def _anew(console: Console, line: str) -> None:
    """Writes over the line."""
    console.file.write(f"\r{line}")  # the console would drop the carriage return
    console.file.flush()
