"""Progress of a batch in the terminal: how many videos are done, how many failed, how long it will take."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, TextColumn

from formcheck.show.terminal import err, error

if TYPE_CHECKING:
    from formcheck.batch.run import Told

LINE_EVERY_S = 30.0
"""Where stderr is no terminal, a line is printed this often."""


class BatchProgress:
    """One line on stderr, brought up to date after each video; what failed is told as it fails."""

    def __init__(self, *, wanted: bool = True) -> None:
        console = err()
        self._wanted = wanted
        self._bar = wanted and console.is_terminal
        self._progress = Progress(
            TextColumn("{task.completed}/{task.total}"),
            BarColumn(bar_width=None),
            TextColumn("{task.description}"),
            console=console,
            auto_refresh=False,
            transient=True,
        )
        self._task = self._progress.add_task("", total=None)
        self._began = time.monotonic()
        self._printed = self._began

    def __enter__(self) -> Self:
        if self._bar:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._progress.stop()

    def told(self, told: Told) -> None:
        """Shows how far the batch is."""
        if told.error:
            if self._bar:
                self._progress.stop()
            error(told.error if told.name in told.error else f"{told.name}: {told.error}")
            if self._bar:
                self._progress.start()
        passed = time.monotonic() - self._began
        left = passed * (told.bytes_of / told.bytes_done - 1) if told.bytes_done else None
        words = "" if left is None else f"{clock(left)} left"
        if told.failed:
            words += f"  {told.failed} failed"
        if self._bar:
            self._progress.update(self._task, completed=told.done, total=told.of, description=words)
            self._progress.refresh()
        elif self._wanted and time.monotonic() - self._printed >= LINE_EVERY_S:
            self._printed = time.monotonic()
            err().print(f"{told.done}/{told.of} {words}", soft_wrap=True)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds, as much as matters."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours} h {rest // 60:02d} min" if hours else f"{rest // 60}:{rest % 60:02d}"
