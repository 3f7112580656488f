"""The voice of a live session: what is said aloud, one thing at a time, the most important first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from formcheck.judge.moment import Moment
from formcheck.judge.report import Report
from formcheck.judge.template import Template
from formcheck.show import speech
from formcheck.show.lines import Kind, Talk, Tone, summary
from formcheck.show.speech import FAILURES, Engine, no_engine
from formcheck.show.tones import Tones

if TYPE_CHECKING:
    from formcheck.see.frame import Frame

PRIORITY: tuple[Kind, ...] = ("safety", "cue", "plan", "count")

ROOM: dict[Kind, int] = {"safety": 2, "cue": 1, "plan": 3, "count": 1}
"""How many lines of a kind may wait; a further one takes the place of the oldest."""

FRESH_S: dict[Kind, float] = {"safety": 60.0, "cue": 4.0, "plan": 10.0, "count": 1.2}
"""A line that has waited longer is not said any more: it would be about something else."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    text: str
    since: float


class Queue:
    """Lines that wait to be said. Bounded; gives the most important line first and drops what is stale."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lines: dict[Kind, list[_Waiting]] = {kind: [] for kind in PRIORITY}

    def __len__(self) -> int:
        return sum(len(lines) for lines in self._lines.values())

    def put(self, text: str, kind: Kind) -> None:
        """Adds a line; one that waits already is not said twice."""
        lines = self._lines[kind]
        if any(line.text == text for line in lines):
            return
        lines.append(_Waiting(text, self._clock()))
        del lines[: -ROOM[kind]]

    def take(self) -> tuple[str, Kind] | None:
        """The line to say now, if any."""
        now = self._clock()
        for kind in PRIORITY:
            lines = self._lines[kind]
            while lines:
                line = lines.pop(0)
                if now - line.since <= FRESH_S[kind]:
                    return line.text, kind
        return None

    def clear(self, *, but: Kind | None = None) -> None:
        """Forgets everything, or everything of other kinds."""
        for kind, lines in self._lines.items():
            if kind != but:
                lines.clear()


class Voice:
    """Speaks and sounds during a session. Every call returns at once, and none raises because of the sound.

    Use it in a `with` block, or call `close`.

    Args:
        template: the exercise of the set.
        reps, target_s, each_side: the goal of the set, as for `goal`.
        muted: begin without a sound.
        engines: what speaks, the best first; by default what the system brings.
        tones: what plays the tones.
    """

    def __init__(
        self,
        template: Template,
        *,
        reps: int | None = None,
        target_s: float | None = None,
        each_side: bool = False,
        muted: bool = False,
        engines: Callable[[], list[Engine]] | None = None,
        tones: Tones | None = None,
    ) -> None:
        self._template = template
        self._talk = Talk(template, reps=reps, target_s=target_s, each_side=each_side)
        self._find = engines or speech.engines
        self._tones = tones if tones is not None else Tones()
        self._muted = muted
        self._queue = Queue()
        self._changed = threading.Condition()
        self._saying: Kind | None = None
        self._engine: Engine | None = None
        self._note: str | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._speak, name="voice", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(8.0 if error is None else 0.0)

    @property
    def notes(self) -> tuple[str, ...]:
        """Why something cannot be heard; it may take a moment after the start until that is known."""
        return tuple(note for note in (self._note, self._tones.note) if note)

    @property
    def engine(self) -> str | None:
        """Name of what speaks, once it is known."""
        engine = self._engine
        return engine.name if engine is not None else None

    @property
    def muted(self) -> bool:
        """Whether nothing is said or sounded; setting it also breaks off the line being said."""
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._muted = muted
        if muted:
            self.stop()

    def goal(self, *, reps: int | None = None, target_s: float | None = None, each_side: bool = False) -> None:
        """A new set begins.

        Args:
            reps: repetitions to do; None if open.
            target_s: seconds to hold; by default what the session's clock says.
            each_side: whether both sides are to reach the repetitions, in any order.
        """
        self._talk = Talk(self._template, reps=reps, target_s=target_s, each_side=each_side)

    def update(self, moment: Moment, frame: Frame | None = None) -> None:
        """Says and sounds what this moment asks for."""
        said = self._talk.update(moment)
        for tone in said.tones:
            self.tone(tone)
        for line in said.lines:
            self.say(line.text, line.kind)

    def say(self, text: str, kind: Kind = "plan") -> None:
        """Says a line when its turn comes. A line about safety silences every other one."""
        if self._muted:
            return
        with self._changed:
            if self._closed:
                return
            if kind == "safety":
                self._queue.clear(but="safety")
                if self._saying != "safety":
                    self._cut()
            self._queue.put(text, kind)
            self._changed.notify()

    def tone(self, tone: Tone) -> None:
        """Sounds a tone, whatever is being said."""
        if not self._muted:
            self._tones.play(tone)

    def summarize(self, reports: Sequence[Report]) -> None:
        """Says what the sets were like."""
        self.say(summary(reports), "plan")

    def stop(self) -> None:
        """Breaks off what is being said, and forgets what waits."""
        with self._changed:
            self._queue.clear()
            self._cut()

    def close(self, wait_s: float = 8.0) -> None:
        """Ends the voice, after what is still to be said, but at most so many seconds later."""
        with self._changed:
            self._changed.wait_for(lambda: not (len(self._queue) or self._saying), wait_s)
            self._closed = True
            self._queue.clear()
            self._cut()
            self._changed.notify_all()
        self._tones.close()
        self._thread.join(2.0)

    def _cut(self) -> None:
        """Breaks off the line being said. The lock is held, so that no other line can have begun."""
        if self._engine is not None and self._saying is not None:
            self._engine.cut()

    def _speak(self) -> None:
        engines = self._find()
        failures = 0
        tried: list[str] = []
        while engines and not self._closed:
            self._engine = engines[0]
            taken = self._next()
            if taken is None:
                break
            failures = 0 if engines[0].say(taken) else failures + 1
            self._said()
            if failures >= FAILURES:
                failures = 0
                tried.append(engines[0].name)
                engines.pop(0).close()
        if self._engine is not None and engines:
            self._engine.close()
        if not engines:
            self._engine = None
            self._note = f"Speech does not work here ({', '.join(tried)} failed)." if tried else no_engine()
            while self._next() is not None:  # nobody listens, but nobody must wait either
                self._said()

    def _next(self) -> str | None:
        """The next line; None when the voice is closed."""
        with self._changed:
            while not self._closed:
                taken = self._queue.take()
                if taken is not None:
                    self._saying = taken[1]
                    return taken[0]
                self._changed.wait()
            return None

    def _said(self) -> None:
        with self._changed:
            self._saying = None
            self._changed.notify_all()
