"""The live loop: bout after bout of a plan, in front of a camera.

Every bout is one session, judged by the same loop as a recording (`formcheck.analysis.watch`); this module only decides
which frames it gets and when it is over. Rests, pauses and times in which the camera sees nothing are not judged, and
no clock runs in them.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter

from formcheck.analysis import NOBODY, PoseEstimator, Seen, Show, watch
from formcheck.disclaimer import DISCOMFORT
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.live.goal import Goal
from formcheck.live.memory import give_back
from formcheck.live.pace import Pace
from formcheck.live.plan import Bout, Plan
from formcheck.live.record import BoutRecord, BoutResult, SessionRecord
from formcheck.live.scene import Board, Scene, Screen
from formcheck.live.senses import Eye as Eye
from formcheck.live.senses import Keeper
from formcheck.live.senses import Silence as Silence
from formcheck.live.senses import Voice as Voice
from formcheck.live.summary import closing_board
from formcheck.live.telling import Telling
from formcheck.live.wish import Wish
from formcheck.recognize import SecondOpinion
from formcheck.see.frame import Frame
from formcheck.see.trouble import Trouble
from formcheck.stopping import Stopped

STEP_S = 0.5
"""Between two pictures further apart than this no time of a rest passes: nobody was there to be seen."""

WAIT_S = 0.1
"""How long a picture is waited for before the screen is looked after."""

MOST_POSES = 5_000
"""Of a set in which nothing is counted so many are kept, about six minutes and 5 MB, to tell what it was instead."""

_KEPT = ("done", "camera", "quit", "discomfort")
"""Bouts that end so are kept even if nothing was counted in them."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How the sets are judged; see `formcheck.judge.session.Session`."""

    comfort: bool = False
    variants: Mapping[str, str] = field(default_factory=dict)


class Workout:
    """One exercise in front of the camera, from set-up to the end of the plan.

    Args:
        template: the exercise.
        plan: what is to be done.
        camera: where the pictures come from.
        screen: shows what goes on.
        voice: says what goes on.
        record: keeps the sets; None to keep nothing.
        choices: how the sets are judged.
        film: takes every picture as it came; it must not change it.
        keeper: keeps every bout in another place, too.

    Attributes:
        results: the bouts so far.
        pace: how fast the program keeps up.
        ended: why it is over: "done", "camera", "quit" or "discomfort"; "" before.
        left: whether somebody quit, also after the last set while its end was shown.
        interrupted: what stopped the program meanwhile; to be raised again once the results are written.
        notes: what else there is to know afterwards.
    """

    def __init__(
        self,
        template: Template,
        plan: Plan,
        camera: Eye,
        screen: Screen,
        *,
        voice: Voice | None = None,
        record: SessionRecord | None = None,
        choices: Choices | None = None,
        film: Callable[[Frame], None] | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self.results: list[BoutResult] = []
        self.pace = Pace()
        self.ended = ""
        self.left = False
        self.interrupted: Stopped | KeyboardInterrupt | None = None
        self.notes: list[str] = []
        self._template, self._plan, self._camera, self._screen = template, plan, camera, screen
        self._voice: Voice = voice or Silence()
        self._record, self._choices, self._film = record, choices or Choices(), film
        self._keeper = keeper
        self._wishes: queue.SimpleQueue[Wish] = queue.SimpleQueue()
        self._serial = 0
        self._frame: Frame | None = None
        self._paused = self._advised = False
        self._end = ""
        self._trouble: Trouble | None = None

    def ask(self, wish: Wish) -> None:
        """The person wants something; may be called from any thread."""
        self._wishes.put(wish)

    def unheard(self) -> Wish | None:
        """The wish to stop that came when `run` looked after none any more: it wrote the last results, or was over."""
        while True:
            try:
                wish = self._wishes.get_nowait()
            except queue.Empty:
                return None
            if wish in (Wish.QUIT, Wish.DISCOMFORT):
                return wish

    def run(self, estimator: PoseEstimator) -> list[BoutResult]:
        """Goes through the plan; gives what was done.

        Raises:
            FormcheckError: a file that is played cannot be read, or results cannot be written.
        """
        index, rested, end = 0, False, "done"
        if self._plan.bouts[0].side:
            self._voice.say(self._plan.bouts[0].title, "plan")
        while index < len(self._plan.bouts):
            bout = self._plan.bouts[index]
            rest = 0.0 if rested else self._plan.rest_before(index)
            end = self._rest(rest, bout) if rest else "done"
            if end in ("done", "next"):
                rested = True
                end = self._bout(bout, estimator)
            match end:
                case "restart":
                    self._voice.say("From the beginning", "plan")
                case "side":
                    self._plan = self._plan.sides_exchanged(index)
                    self._voice.say(f"{self._plan.bouts[index].side} side now".capitalize(), "plan")
                case "done" | "next":
                    index, rested = index + 1, False
                    self._announce_next(index)
                case _:
                    break
        self.ended = "done" if end == "next" else end
        self.left = end == "quit"
        self._close()
        return self.results

    def turn_sound(self) -> None:
        """Mutes the voice, or turns it on again. May be called from any thread."""
        self._voice.muted = not self._voice.muted

    def discomfort(self) -> None:
        """Somebody does not feel well, perhaps after the last set: says and shows what to do now. From any thread."""
        self.ended = "discomfort"
        self._voice.stop()
        self._voice.say(DISCOMFORT, "safety")
        board = closing_board(self._template, (), "discomfort")
        self._screen.show(Scene(self._frame, board=board, status=self._template.name, bout=self._serial))

    def _close(self) -> None:
        """Shows and says how it was."""
        if self.ended == "discomfort":
            return
        if self.results:
            self._voice.summarize([result.report for result in self.results])
        board = closing_board(self._template, self.results, self.ended)
        self._screen.show(Scene(self._frame, board=board, status=self._template.name, bout=self._serial))

    def _announce_next(self, index: int) -> None:
        bouts = self._plan.bouts
        if index >= len(bouts):
            return
        if bouts[index].number == bouts[index - 1].number:
            self._voice.say(f"Switch sides: {bouts[index].side} side now", "plan")
        elif not self._plan.rest_before(index):
            self._voice.say(bouts[index].title, "plan")

    # A bout ---------------------------------------------------------------------------------------------------------

    def _bout(self, bout: Bout, estimator: PoseEstimator) -> str:
        """One bout; gives why it ended."""
        status = self._status(bout, f"0 of {bout.repetitions}" if bout.hold_s is None else bout.dose)
        first = self._first_frame(status)
        if first is None:
            return self._end
        give_back()
        self._serial += 1
        goal = Goal(bout)
        session = Session(
            self._template,
            side=bout.side,
            comfort=self._choices.comfort,
            target_s=bout.hold_s,
            variants=self._choices.variants,
        )
        opinion = SecondOpinion(self._template, MOST_POSES)
        self._voice.goal(reps=bout.repetitions, target_s=bout.hold_s, each_side=bout.alternate)
        with ExitStack() as closing:
            record = closing.enter_context(self._record.bout(bout, first.size) if self._record else nullcontext(None))
            telling = self._telling(bout, goal)
            shows: list[Show] = [opinion.update, goal.update, telling.update]
            if self._keeper is not None:
                shows.append(self._keeper.begin(session))
            began = len(self._camera.spells)
            report = watch(self._estimated(first, bout, goal, estimator, record), session, shows)
            end = self._end
            self._advised |= telling.advised
            kept = goal.begun or end in _KEPT
            report = self._about(report, opinion, began, record)
            if record is not None and kept:
                record.finish(report)
        if kept:
            result = BoutResult(bout, end, report, record.name if record else None)
            self.results.append(result)
            if self._record is not None:
                self._record.add(result)
                self._record.write(self.pace)
            if self._keeper is not None:
                self._keeper.finish(result)
        return end

    def _estimated(
        self,
        first: Frame,
        bout: Bout,
        goal: Goal,
        estimator: PoseEstimator,
        record: BoutRecord | None,
    ) -> Iterator[Seen]:
        """Poses and their frames until the bout is over."""
        frame: Frame | None = first
        while True:
            if frame is not None:
                began = perf_counter()
                pose = estimator.estimate(frame)
                self.pace.estimates.add(perf_counter() - began)
                if record is not None:
                    record.write(pose)
                yield pose, frame
                self.pace.judge(frame.time)
            if goal.done:
                self._end = "done"
                return
            wish = self._wish()
            if wish is not None:
                self._end = wish
                return
            frame = self._next_frame(self._status(bout, goal.text))
            if frame is None and self._camera.ended:
                self._end = "camera"
                return

    def _telling(self, bout: Bout, goal: Goal) -> Telling:
        """What shows and says the moments of a bout."""
        return Telling(
            self._template,
            bout,
            goal,
            self._serial,
            self._camera,
            self._voice,
            self._screen,
            partial(self._status, bout),
            "" if self._advised else self._template.camera.advice,
        )

    def _about(self, report: Report, opinion: SecondOpinion, began: int, record: BoutRecord | None) -> Report:
        """The report with what there is to know about its pictures."""
        notes: tuple[str, ...] = () if report.video.frames_with_person else (NOBODY,)
        notes += opinion.notes(report)
        for spell in self._camera.spells[began:]:
            notes += (f"The camera saw nothing from {spell.start:.1f} to {spell.end:.1f} s ({spell.kind}).",)
        if record is not None:
            notes += record.notes
        return report.about(replace(report.video, path=self._camera.name), notes)

    # Rest -----------------------------------------------------------------------------------------------------------

    def _rest(self, seconds: float, bout: Bout) -> str:
        """Rests, by the clock of the pictures; gives why it ended."""
        left, last = seconds, None
        side = f"the {bout.side} side" if bout.side else ""
        self._voice.say(f"Rest. {seconds:.0f} seconds" + (f", then {side}" if side else ""), "plan")
        told = False
        while left > 0:
            wish = self._wish()
            if wish is not None and wish not in ("restart", "side"):
                return wish
            status = self._status(bout, "rest")
            frame = self._next_frame(status)
            if self._camera.ended:
                return "camera"
            if frame is None:
                last = None
                continue
            if last is not None and 0 < frame.time - last <= STEP_S:
                left -= frame.time - last
            last = frame.time
            if left <= 5 and not told:
                told = True
                self._voice.say("Get ready" + (f": {side}" if side else ""), "plan")
            board = Board("Rest", (f"Next: {bout.title}, {bout.dose}",), str(max(0, int(left + 0.999))))
            self._screen.show(Scene(frame, board=board, status=status, bout=self._serial))
        return "done"

    # Frames and wishes ----------------------------------------------------------------------------------------------

    def _first_frame(self, status: str) -> Frame | None:
        """The frame with which a bout begins; None if somebody wants something else first, or there is none."""
        while True:
            frame = self._next_frame(status)
            if frame is not None:
                return frame
            wish = self._wish()
            if wish is not None or self._camera.ended:
                self._end = wish or "camera"
                return None

    def _next_frame(self, status: str) -> Frame | None:
        """The next frame to judge; None while there is none, paused or blind. The screen is told why."""
        frame = self._camera.next(WAIT_S)
        trouble = self._camera.trouble
        if trouble != self._trouble:
            self._tell(trouble)
        if frame is not None:
            self._frame = frame
            if self._film is not None:
                self._film(frame)
        if self._paused:
            board = Board("Paused", ("Press the space bar to go on",))
        elif trouble is not None and trouble.blind:
            frame = None
            board = Board(
                trouble.say, ("It goes on by itself when the camera is back. Time stands still.",), alarm=True
            )
        elif frame is None and self._frame is None:
            board = Board("Waiting for the camera", (f"{self._camera.name}",))
        else:
            return frame
        self._screen.show(Scene(self._frame, board=board, status=status, bout=self._serial))
        return None

    def _tell(self, trouble: Trouble | None) -> None:
        """The camera's trouble is another one now."""
        before, self._trouble = self._trouble, trouble
        if trouble is not None and (before is None or before.kind != trouble.kind):
            self._voice.say(trouble.say, "plan")
        elif trouble is None and before is not None and before.blind:
            self._voice.say("The camera is back", "plan")

    def _wish(self) -> str | None:
        """Looks after what was asked for; gives why the bout is to end, if it is."""
        while True:
            try:
                wish = self._wishes.get_nowait()
            except queue.Empty:
                return None
            match wish:
                case Wish.PAUSE:
                    self._paused = not self._paused
                    self._voice.say("Paused" if self._paused else "Go on", "plan")
                case Wish.MUTE:
                    self.turn_sound()
                case Wish.SIDE if any(bout.side for bout in self._plan.bouts):
                    return "side"
                case Wish.RESTART:
                    return "restart"
                case Wish.NEXT:
                    return "next"
                case Wish.DISCOMFORT:
                    self.discomfort()
                    return "discomfort"
                case Wish.QUIT:
                    return "quit"

    def _status(self, bout: Bout, done: str) -> str:
        text = f"{bout.title}: {done}" if bout.title else done
        return f"{text} · sound off" if self._voice.muted and not isinstance(self._voice, Silence) else text
