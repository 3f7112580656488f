"""What a person is shown and told during a bout, moment by moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from formcheck.judge.moment import Moment
from formcheck.live.advice import Advice
from formcheck.live.goal import Goal, SideWitness
from formcheck.live.plan import Bout
from formcheck.live.scene import Scene, Screen
from formcheck.live.senses import Eye, Voice
from formcheck.see.frame import Frame

ADVISE_S = 6.0
"""Somebody who is not ready after this long is told where the camera should stand."""


class Telling:
    """Shows and says the moments of one bout: with help to set up, and whether it is the planned side.

    Args:
        bout, goal: what is to be done, and how far it is.
        serial: number of the bout in the session, from 1.
        witness: watches the side; None if both work.
        eye, voice, screen: see there.
        status: words for where in the plan we are, from how far the bout is.
        camera_advice: where to put the camera, for those who do not get ready; "" if that was said before.
    """

    def __init__(
        self,
        bout: Bout,
        goal: Goal,
        serial: int,
        witness: SideWitness | None,
        eye: Eye,
        voice: Voice,
        screen: Screen,
        status: Callable[[str], str],
        camera_advice: str,
    ) -> None:
        self.advised = False
        self._bout, self._goal, self._serial, self._witness = bout, goal, serial, witness
        self._eye, self._voice, self._screen, self._status = eye, voice, screen, status
        self._camera_advice = camera_advice
        self._advice = Advice()
        self._started = False
        self._began: float | None = None

    def update(self, moment: Moment, frame: Frame | None) -> None:
        """Takes the next moment as judged."""
        other = self._witness.update(moment) if self._witness else None
        if other is not None:
            self._voice.say(f"That looks like your {other} side. Now it is the {self._bout.side} side", "plan")
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
                warning=trouble.say if trouble else "",
            )
        )

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
