"""Messages and progress in the terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

FOOTER = (
    "General exercise guidance, not a medical device; camera-based feedback can be wrong. "
    "Stop at pain, dizziness or numbness and ask a health professional."
)

_REFRESH_S = 0.25


def out() -> Console:
    """The console for results (stdout)."""
    return Console(highlight=False, emoji=False, markup=False)


def err() -> Console:
    """The console for messages and progress (stderr)."""
    return Console(stderr=True, highlight=False, emoji=False, markup=False)


def error(message: str) -> None:
    """An error, as one block on stderr; the message says what to do next."""
    err().print(Text.assemble(("Error: ", "bold red"), message), soft_wrap=True)


def note(message: str) -> None:
    """Something worth knowing that is no error, on stderr."""
    err().print(Text.assemble(("Note: ", "bold yellow"), message), soft_wrap=True)


class ProgressBar:
    """One line on stderr that shows how far things are, with frames a second and the time left.

    Nothing is shown where stderr is not a terminal, or if it is not wanted. Use it in a `with` block.
    """

    def __init__(self, label: str, *, wanted: bool = True) -> None:
        console = err()
        self._on = wanted and console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[done]}"),
            console=console,
            auto_refresh=False,  # drawn from `analyzed`: no thread that takes time from the estimator
            transient=True,
        )
        self._label = label
        self._task: TaskID | None = None
        self._began: float | None = None
        self._drawn = -1e9

    def __enter__(self) -> Self:
        if self._on:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._on:
            self._progress.stop()

    def analyzed(self, frames: int, time_s: float, duration_s: float | None) -> None:
        """Shows that the video is analyzed up to `time_s`."""
        now = time.monotonic()
        if self._began is None or frames == 1:  # a recording may be gone through twice
            self._began = now
        if not self._due(now):
            return
        passed = now - self._began
        done = f"{(frames - 1) / passed:3.0f} fps" if passed > 0 else ""
        if not duration_s:
            done = f"{_clock(time_s)} analyzed  {done}"
        elif time_s > 0:
            left = passed * max(0.0, duration_s / time_s - 1)
            done = f"{min(1.0, time_s / duration_s):4.0%}  {done}  {_clock(left)} left"
        self._draw(self._label, min(time_s, duration_s) if duration_s else None, duration_s, done)

    def fetched(self, label: str, done_bytes: int, total_bytes: int | None) -> None:
        """Shows how far a download is."""
        if not self._due(time.monotonic()) and done_bytes != total_bytes:
            return
        size = f"{done_bytes / 1e6:.1f}" + (f" of {total_bytes / 1e6:.1f} MB" if total_bytes else " MB")
        self._draw(label, done_bytes if total_bytes else None, total_bytes, size if done_bytes else "")

    def _due(self, now: float) -> bool:
        if not self._on or now - self._drawn < _REFRESH_S:
            return False
        self._drawn = now
        return True

    def _draw(self, label: str, completed: float | None, total: float | None, done: str) -> None:
        if not self._on:
            return
        if self._task is None:
            self._task = self._progress.add_task(label, total=total, done=done)
        self._progress.update(self._task, description=label, completed=completed, total=total, done=done)
        self._progress.refresh()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
