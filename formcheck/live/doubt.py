"""Doubts whether the planned exercise is done at all: another one is named, if that is sure and nothing else happens.

A wrong name is worse than none. So it takes long, another exercise must be recognised twice in a row, and nothing may
speak for the planned one. Until then poses are only kept; they are looked at one a picture, so that no picture waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from formcheck.judge.moment import Moment, Phase
from formcheck.judge.recognition import Recognizer
from formcheck.judge.template import Template
from formcheck.pose import Pose
from formcheck.recognize import known_templates

QUIET_S = 25.0
"""Seconds in which somebody is seen and nothing is counted or held, before another exercise is named: getting down onto
the mat and into position takes 10 to 20."""

LOOK_S = 15.0
"""Seconds after which the poses of this time begin to be looked at: by then most have begun."""

LONGEST_S = 60.0
"""Then it begins anew: what was done in the first minute does not speak against what is done in the second."""

EVERY_S = 0.08
"""Poses are kept so often."""

ASK_S = 3.0
"""So often it is asked what they look like; the same answer twice in a row is believed."""

SURE = 0.7
"""Confidence from which another exercise is named …"""

OWN = 0.1
"""… unless so much speaks for the planned one."""

READY_SHARE = 0.3
"""A hold is not named to somebody who is in the planned exercise's start position for more than this share of the time:
many exercises begin in a position that is held in another one."""

_STEP_S = 0.5
_IDLE: tuple[Phase, ...] = ("setup", "rest", "paused")
"""Phases of the planned exercise in which it may be doubted: whoever has just begun it is not interrupted."""


class Doubt:
    """Follows one bout by its moments.

    Args:
        template: the planned exercise.
        known: gives the exercises to tell from.
    """

    def __init__(self, template: Template, known: Callable[[], Sequence[Template]] = known_templates) -> None:
        self._template, self._known = template, known
        self._done = False
        self._progress: tuple[float, ...] = ()
        self._time: float | None = None
        self._begin()

    def update(self, moment: Moment) -> Template | None:
        """The exercise that is done instead of the planned one, when it is time to name it: once a bout."""
        if self._done:
            return None
        counts, hold = moment.counts, moment.hold
        progress = (counts.total, hold.held if hold else 0.0)
        if progress != self._progress:
            self._progress = progress
            self._begin()
        step = 0.0 if self._time is None else moment.time - self._time
        self._time = moment.time
        if not moment.pose.seen or not 0 <= step <= _STEP_S:
            return None
        self._seen_s += step
        self._ready_s += step * moment.readiness.ready
        if not self._poses or moment.time - self._poses[-1].time >= EVERY_S:
            self._poses.append(moment.pose)
        if self._seen_s < LOOK_S:
            return None
        if self._seen_s > LONGEST_S:
            self._begin()
            return None
        return self._look(moment.phase)

    def _begin(self) -> None:
        self._poses: deque[Pose] = deque(maxlen=round(LONGEST_S / EVERY_S))
        self._looked = 0
        self._recognizer: Recognizer | None = None
        self._templates: dict[str, Template] = {}
        self._seen_s = self._ready_s = 0.0
        self._asked_at = QUIET_S
        self._answer: str | None = None

    def _look(self, phase: Phase) -> Template | None:
        """Looks at the next pose, and gives the answer when it is time."""
        if self._recognizer is None:
            self._templates = {t.id: t for t in (*self._known(), self._template)}
            self._recognizer = Recognizer(self._templates.values())
        if self._looked < len(self._poses):
            self._recognizer.update(self._poses[self._looked])
            self._looked += 1
        if self._looked < len(self._poses) or self._seen_s < self._asked_at or phase not in _IDLE:
            return None
        self._asked_at = self._seen_s + ASK_S
        before, self._answer = self._answer, self._other(self._recognizer)
        if self._answer is None or self._answer != before:
            return None
        self._done = True
        self._poses.clear()
        self._recognizer = None
        return self._templates[self._answer]

    def _other(self, recognizer: Recognizer) -> str | None:
        """Id of the exercise that it surely is, if it is not the planned one."""
        found = recognizer.result()
        own = next((c.confidence for c in found.ranking if c.exercise == self._template.id), 0.0)
        if found.best is None or found.best == self._template.id or found.confidence < SURE or own >= OWN:
            return None
        held = self._templates[found.best].kind == "hold"
        return None if held and self._ready_s > READY_SHARE * self._seen_s else found.best
