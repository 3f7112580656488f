"""A live session in the terminal, for machines without a window: a line for everything that changes."""

from __future__ import annotations

from rich.console import Console

from formcheck.live.scene import Scene
from formcheck.show.message import Prompter
from formcheck.show.terminal import out


class Follower:
    """Prints what goes on: counts, corrections, requests, rests, trouble with the camera.

    In a terminal the state of the set stays on one line that is written anew; elsewhere only what matters is printed,
    a line each.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or out()
        self._prompter = Prompter()
        self._said: tuple[str, ...] = ()
        self._line = ""
        self._bout = 0

    def show(self, scene: Scene) -> None:
        """Takes a scene and prints what is new in it."""
        if scene.bout != self._bout:
            self._bout, self._prompter = scene.bout, Prompter()
        if scene.board is not None:
            self._say((scene.board.title, *scene.board.lines))
            if scene.board.number:
                self._stay(f"{scene.board.title} {scene.board.number}")
            return
        if scene.moment is None:
            return
        message = self._prompter.update(scene.moment)
        words = (message.text,) if message else ()
        if words or scene.warning:
            self._say((scene.warning, *words) if scene.warning else words)
        self._stay(f"{scene.status} · {scene.moment.phase_word}")

    def close(self) -> None:
        """Ends the line."""
        if self._line and self._console.is_terminal:
            self._console.print()
        self._line = ""

    def _say(self, texts: tuple[str, ...]) -> None:
        """Prints these lines if they are not the last that were printed."""
        if texts == self._said:
            return
        self._said = texts
        self.close()
        for text in texts:
            self._console.print(text, soft_wrap=True)

    def _stay(self, line: str) -> None:
        """The line that tells the state; printed where it can be written anew, or when a count has changed."""
        if line == self._line:
            return
        if self._console.is_terminal:
            wide = max(len(self._line), len(line))
            self._console.file.write(f"\r{line.ljust(wide)}")  # the console would drop the carriage return
            self._console.file.flush()
        elif _figures(line) != _figures(self._line) and " seconds" not in line and "Rest" not in line:
            self._console.print(line, soft_wrap=True)
        self._line = line


def _figures(line: str) -> str:
    return line.partition(" · ")[0]
