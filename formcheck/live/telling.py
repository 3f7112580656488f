"""What a person is shown and told during a bout, moment by moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from formcheck.judge.moment import Moment
from formcheck.judge.template import Template
from formcheck.live.advice import Advice
from formcheck.live.doubt import Doubt
from formcheck.live.goal import Goal
from formcheck.live.plan import Bout
from formcheck.live.scene import Scene, Screen
from formcheck.live.senses import Eye, Voice
from formcheck.pose import opposite
from formcheck.see.frame import Frame

ADVISE_S = 6.0
"""Somebody who is not ready after this long is told where the camera should stand."""

SHOWN_S = 10.0
"""So long the screen says that it looks like another exercise."""


class Telling:
    """Shows and says the moments of one bout: with help to set up, and whether it is the planned side and exercise.

    Args:
        template: the exercise.
        bout, goal: what is to be done, and how far it is.
        serial: number of the bout in the session, from 1.
        eye, voice, screen: see there.
        status: words for where in the plan we are, from how far the bout is.
        camera_advice: where to put the camera, for those who do not get ready; "" if that was said before.
    """

    def __init__(
        self,
        template: Template,
        bout: Bout,
        goal: Goal,
        serial: int,
        eye: Eye,
        voice: Voice,
        screen: Screen,
        status: Callable[[str], str],
        camera_advice: str,
    ) -> None:
        self.advised = False
        self._template, self._bout, self._goal, self._serial = template, bout, goal, serial
        self._eye, self._voice, self._screen, self._status = eye, voice, screen, status
        self._camera_advice = camera_advice
        self._advice = Advice()
        self._doubt = Doubt(template)
        self._doubtful: tuple[str, float] | None = None
        self._other_side = False
        self._started = False
        self._began: float | None = None

    def update(self, moment: Moment, frame: Frame | None) -> None:
        """Takes the next moment as judged."""
        self._say_side(moment)
        self._say_exercise(moment)
        shown = self._advice.update(moment, self._eye.brightness)
        self._voice.update(shown, frame)
        self._say_start(shown)
        readings = shown.readings  # now: whoever draws does it later, in another thread
        trouble = self._eye.trouble
        self._screen.show(
            Scene(
                frame,
                replace(shown, read=lambda: readings),
                status=self._status(self._goal.text),
                bout=self._serial,
                figure=not (shown.readiness.ready or self._goal.begun) and shown.phase == "setup",
                warning=trouble.say if trouble else self._doubtful[0] if self._doubtful else "",
            )
        )

    def _say_side(self, moment: Moment) -> None:
        """Says that it looks as if the other side works than planned, whenever that begins."""
        own = self._bout.side
        if own and moment.wrong_side and not self._other_side:
            self._voice.say(f"That looks like your {opposite(own)} side. Now it is the {own} side", "plan")
        self._other_side = moment.wrong_side

    def _say_exercise(self, moment: Moment) -> None:
        """Says that it looks like another exercise, once, and knows how long to show it."""
        other = self._doubt.update(moment)
        if other is not None:
            text = f"This looks like the {_plain(other)}. The plan is the {_plain(self._template)}"
            self._voice.say(text, "plan")
            self._doubtful = text, moment.time
        elif self._doubtful and not 0 <= moment.time - self._doubtful[1] < SHOWN_S:
            self._doubtful = None

    def _say_start(self, moment: Moment) -> None:
        """Says that it starts, or where the camera should stand if that takes long."""
        self._began = moment.time if self._began is None else self._began
        if self._started:
            return
        if moment.readiness.ready:
            self._started = True
            if self._bout.hold_s is None:
                self._voice.say("Go", "plan")
        elif self._camera_advice and not self.advised and moment.time - self._began > ADVISE_S:
            self.advised = True
            self._voice.say(self._camera_advice, "plan")


def _plain(template: Template) -> str:
    """An exercise's name within a sentence."""
    return template.name[:1].lower() + template.name[1:]
