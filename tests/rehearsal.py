"""Live sessions in tests: a scripted camera before a stick figure, in no time, with nobody at the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from filmed import Onlooker
from judging import template
from motions import Motion

from formcheck.analysis import PoseEstimator
from formcheck.judge.moment import Moment
from formcheck.judge.report import Report
from formcheck.judge.template import Template
from formcheck.live.plan import Plan
from formcheck.live.record import BoutResult, SessionRecord
from formcheck.live.scene import Scene
from formcheck.live.senses import Keeper
from formcheck.live.wish import Wish
from formcheck.live.workout import Choices, Workout
from formcheck.see.camera import STALL_S
from formcheck.see.frame import Frame
from formcheck.see.picture import PictureWatch
from formcheck.see.scripted import Part
from formcheck.see.trouble import Blindness, Trouble
from formcheck.show.lines import Kind


class StepCamera:
    """A camera whose time passes only when somebody looks, so that a busy machine changes nothing.

    It tells its troubles by the same rules as `Camera`, and never opens anything.
    """

    name = "the scripted camera"

    def __init__(self, script: Sequence[Part]) -> None:
        self._spells: list[Blindness] = []
        self.trouble: Trouble | None = None
        self._watch = PictureWatch()
        self._parts = list(script)
        self._ends = [sum(part.seconds for part in script[: i + 1]) for i in range(len(script))]
        self._time = self._arrived = 0.0
        self._last: Frame | None = None
        self._blind: float | None = None
        self._size: tuple[int, int] | None = None

    def now(self) -> float:
        return self._time

    @property
    def spells(self) -> list[Blindness]:
        lasting = [] if self._blind is None else [Blindness(self._blind, self._time, "stalled")]
        return [*self._spells, *lasting]

    @property
    def ended(self) -> bool:
        return self._time >= self._ends[-1]

    @property
    def brightness(self) -> float:
        return self._watch.brightness

    def next(self, timeout_s: float) -> Frame | None:
        part = next((p for p, end in zip(self._parts, self._ends, strict=True) if self._time < end), None)
        if part is None:
            return None
        frame = self._look(part, timeout_s)
        blind = self.trouble is not None and self.trouble.blind
        if blind and self._blind is None:
            self._blind = self._time
        elif not blind and self._blind is not None:
            self._spells.append(Blindness(self._blind, self._time, "stalled"))
            self._blind = None
        return None if blind else frame

    def _look(self, part: Part, timeout_s: float) -> Frame | None:
        if part.what in ("silent", "gone"):
            self._time += timeout_s
            if part.what == "gone":
                self.trouble = Trouble("unavailable", "The scripted camera is not there")
            elif self._time - self._arrived > STALL_S:
                self.trouble = Trouble("stalled", "No picture comes")
            return None
        self._time = self._arrived = self._time + 1 / part.fps
        level = 0 if part.what == "black" else 90 + int(self._time * 1000) % 61
        image = np.full((part.size[1], part.size[0], 3), level, np.uint8)
        if part.what == "frozen" and self._last is not None:
            image = self._last.image
        frame = Frame(self._time, image)
        self.trouble = self._watch.update(frame)
        if self._watch.repeated:
            return None
        self._last = frame
        return frame


@dataclass
class Heard:
    """A voice that keeps what it was to say."""

    lines: list[tuple[Kind, str]] = field(default_factory=list)
    goals: list[tuple[int | None, float | None, bool]] = field(default_factory=list)
    summarized: list[list[Report]] = field(default_factory=list)
    moments: int = 0
    muted: bool = False
    stopped: bool = False

    def update(self, moment: Moment, frame: Frame | None = None) -> None:
        self.moments += 1

    def say(self, text: str, kind: Kind) -> None:
        self.lines.append((kind, text))

    def goal(self, *, reps: int | None = None, target_s: float | None = None, each_side: bool = False) -> None:
        self.goals.append((reps, target_s, each_side))

    def summarize(self, reports: Sequence[Report]) -> None:
        self.summarized.append(list(reports))

    def stop(self) -> None:
        self.stopped = True

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.lines]


class Stage:
    """A screen that keeps what it shows, and asks for things at given times of the script."""

    def __init__(self, asks: Sequence[tuple[float, Wish]] = ()) -> None:
        self.scenes: list[Scene] = []
        self.workout: Workout | None = None
        self.camera: StepCamera | None = None
        self._asks = list(asks)

    def show(self, scene: Scene) -> None:
        self.scenes.append(scene)
        while self._asks and self.camera and self.workout and self.camera.now() >= self._asks[0][0]:
            self.workout.ask(self._asks.pop(0)[1])

    @property
    def boards(self) -> list[str]:
        """Titles of the boards in their order, each change once."""
        titles: list[str] = []
        for scene in self.scenes:
            title = scene.board.title if scene.board else ""
            if titles[-1:] != [title]:
                titles.append(title)
        return [title for title in titles if title]


@dataclass
class Rehearsal:
    """What came of it."""

    workout: Workout
    stage: Stage
    heard: Heard
    camera: StepCamera

    @property
    def results(self) -> list[BoutResult]:
        return self.workout.results


def rehearse(
    exercise: str | Template,
    plan: Plan,
    motion: Motion,
    *,
    script: Sequence[Part] | None = None,
    asks: Sequence[tuple[float, Wish]] = (),
    folder: Path | None = None,
    estimator: PoseEstimator | None = None,
    choices: Choices | None = None,
    keeper: Keeper | None = None,
) -> Rehearsal:
    """Goes through a plan in front of a scripted camera that sees the motion; without a script, as long as it lasts."""
    known = template(exercise) if isinstance(exercise, str) else exercise
    stage, heard = Stage(asks), Heard()
    camera = StepCamera(script or [Part("picture", motion.duration)])
    record = SessionRecord(folder, known, camera.name, "full", "2026-11-22T17:00:00+0000") if folder else None
    workout = Workout(known, plan, camera, stage, voice=heard, record=record, choices=choices, keeper=keeper)
    stage.workout, stage.camera = workout, camera
    workout.run(estimator or Onlooker(motion))
    return Rehearsal(workout, stage, heard, camera)
