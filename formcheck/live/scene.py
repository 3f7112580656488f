"""What is on the screen now: the hand-over from the loop to the window or the terminal."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from formcheck.judge.moment import Moment
from formcheck.see.frame import Frame


@dataclass(frozen=True, slots=True)
class Board:
    """Large words in place of the judgement, as in a rest.

    Attributes:
        title: a few words.
        lines: further text.
        number: a very large one, such as the seconds left.
        alarm: something is wrong.
        shorter: what to say in place of the lines where they do not fit into the picture; empty for nothing else.
    """

    title: str
    lines: tuple[str, ...] = ()
    number: str = ""
    alarm: bool = False
    shorter: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture of what goes on.

    Attributes:
        frame: the picture; None before the first one.
        moment: its judgement; None while nothing is judged.
        board: words over the picture.
        status: where in the plan we are, in a few words.
        bout: counts up with every bout begun: a new one needs a new overlay.
        figure: whether to show how to stand or lie in the picture.
        warning: something that does not stop the exercise: about the camera, or that it looks like another exercise.
    """

    frame: Frame | None
    moment: Moment | None = None
    board: Board | None = None
    status: str = ""
    bout: int = 0
    figure: bool = False
    warning: str = ""


class Screen(Protocol):
    """Anything that shows scenes; it must not wait."""

    def show(self, scene: Scene) -> None:
        """Takes the newest scene."""


class Newest:
    """Keeps the newest scene for whoever draws in another thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._scene: Scene | None = None
        self.passed_over = 0

    def show(self, scene: Scene) -> None:
        """Takes the newest scene; one that nobody has taken yet is forgotten."""
        with self._changed:
            self.passed_over += self._scene is not None
            self._scene = scene
            self._changed.notify_all()

    def take(self, timeout_s: float) -> Scene | None:
        """The newest scene that was not taken yet; None if there is none in this time."""
        with self._changed:
            self._changed.wait_for(lambda: self._scene is not None, timeout_s)
            scene, self._scene = self._scene, None
            return scene
