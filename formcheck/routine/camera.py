"""A routine in front of the camera: each step is a live session (`formcheck.live`), rests between are counted down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from formcheck.live.plan import Bout, Plan
from formcheck.routine.run import Done, Ending
from formcheck.routine.station import Station

if TYPE_CHECKING:
    from formcheck.analysis import PoseEstimator
    from formcheck.judge.template import Template
    from formcheck.live.record import BoutResult
    from formcheck.live.workout import Voice


@dataclass(frozen=True, slots=True)
class Room:
    """Where a routine is done: which camera, how it is shown and said, and where the results go.

    Attributes:
        camera: number of a camera, an address, or a file that is played as if it were one.
        folder: gets a folder for each step.
        model: pose model; None for the usual one.
        window, full_screen: whether there is a window, and how large.
        spoken: whether anything is said aloud.
    """

    camera: str
    folder: Path
    model: str | None = None
    window: bool = True
    full_screen: bool = False
    spoken: bool = True


class LiveSteps:
    """Performs steps in front of the camera.

    Args:
        room: see there.
        person: whose sets they are.
        count_down: shows how many seconds of rest are left, and what comes next.
        tell: told what a step came to, line by line.
    """

    def __init__(
        self,
        room: Room,
        person: str,
        count_down: Callable[[str, float], None],
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._room, self._person, self._count_down, self._tell = room, person, count_down, tell

    def perform(self, station: Station, bouts: Mapping[int, Bout], rest_s: float, done: Done) -> Ending:
        """Rests, then opens the camera for this step; results and history get each bout as soon as it is over.

        Raises:
            FormcheckError: the camera, the window or the model cannot be opened, or results cannot be written.
        """
        from formcheck.history.live import LiveKeeper
        from formcheck.live.pages import write_pages
        from formcheck.live.record import SessionRecord
        from formcheck.live.run import LINGER_S, exercise
        from formcheck.live.summary import closing_lines
        from formcheck.live.workout import Choices
        from formcheck.see.camera import capture_for

        room = self._room
        turns = {(bout.number, bout.side): turn for turn, bout in bouts.items()}
        hurt: list[int] = []
        over: dict[int, int | None] = {}

        def kept(result: BoutResult, number: int | None) -> None:
            turn = turns.get((result.bout.number, result.bout.side))
            if turn is None:
                return
            if result.end == "discomfort":
                hurt.append(turn)
                done(turn, "pain", number)
            elif result.end in ("done", "next", "camera"):
                over[turn] = number
                done(turn, "done", number)

        with ExitStack() as closing:
            voice = self._voice(closing, station)
            # With a window, the end of the step before has stayed on the screen for a while: that was rest, too.
            rest_s = max(0.0, rest_s - LINGER_S) if room.window else rest_s
            title = f"{station.template.name}, {station.dose}"
            if voice is not None:
                voice.say(f"Rest. Next: {title}" if rest_s else title, "plan")
            if rest_s:
                self._count_down(title, rest_s)
            if voice is not None and (words := ". ".join(filter(None, (station.step.say, station.say)))):
                voice.say(words, "plan")
            capture = capture_for(room.camera)
            folder = room.folder / f"{station.number + 1:02d}-{station.template.id}"
            record = SessionRecord(folder, station.template, capture.name, self._model)
            choices = Choices(station.comfort, station.step.variants)
            workout = exercise(
                station.template,
                Plan(tuple(bouts.values()), station.plan.rest_s),
                capture,
                self._estimator(station.template),
                record=record,
                voice=voice,
                choices=choices,
                window=room.window,
                full_screen=room.full_screen,
                keeper=LiveKeeper(station.template, person=self._person, kept=kept),
            )
            if room.window or workout.interrupted is not None:  # otherwise it stands in the terminal already
                for line in closing_lines(workout.results, workout.ended):
                    self._tell(line)
            write_pages(folder, station.template, workout.results, choices)  # while the voice still speaks
            pain = workout.ended == "discomfort"
            if pain and not hurt:  # before anything of a bout was worth keeping, in a rest or after the last one
                turn = next((turn for turn in bouts if turn not in over), max(bouts))
                done(turn, "pain", over.get(turn))
            if workout.interrupted is not None:
                raise workout.interrupted
        if pain:
            return "pain"
        return "left" if workout.left else "done"

    def _estimator(self, template: Template) -> Callable[[ExitStack], PoseEstimator]:
        from formcheck.live.opening import Opening

        return Opening(self._model, template)

    @cached_property
    def _model(self) -> str:
        from formcheck.see.speed import wanted_model

        return wanted_model(self._room.model)

    def _voice(self, closing: ExitStack, station: Station) -> Voice | None:
        if not self._room.spoken:
            return None
        from formcheck.show.voice import Voice as Speaker

        return closing.enter_context(Speaker(station.template))
