"""Is anybody there who can be judged, and if not, what should they do?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import dist

from formcheck.judge.body import HIP, SHOULDER, Body
from formcheck.judge.exercise import Exercise
from formcheck.judge.geometry import elevation
from formcheck.judge.moment import Readiness
from formcheck.judge.posture import POSTURES, SHORT_TRUNK
from formcheck.judge.view import View

REQUIRED_CLEAR = 0.5
UNSEEN_CLEAR = 0.3
HIDDEN_CLEAR = 0.2
"""A landmark that was seen stays so down to this visibility: crossed ankles hover about 0.3 for seconds (measured)."""

HEAD_FIRST_BELOW = -30.0
"""Elevation of the trunk, degrees, of who lies with the head nearer (measured: -35 from 60 degrees off the side)."""

PATIENCE_S = 0.4
"""A change of state must last this long before it is told; counting does not wait for it."""

READY = Readiness(True, "", "")

_TURN = {
    "side": "Turn so that the camera sees you from the side",
    "oblique": "Turn half towards the camera",
    "front": "Turn to face the camera",
}
_BESIDE = "Put the camera at your side, or two metres high"
_NEAR_WORDS = {"toe": "feet", "heel": "feet", "hand": "hands", "hip": "hips", "ear": "head", "nose": "head"}


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time in one state of readiness."""

    start: float
    end: float
    state: Readiness


class ReadinessLog:
    """Steadies the state of readiness and keeps its history."""

    def __init__(self) -> None:
        self.state = Readiness(False, "no_person", "Step into the picture")
        self._since: float | None = None
        self._candidate: Readiness | None = None
        self._candidate_since = 0.0
        self._last = 0.0
        self._periods: list[Period] = []

    def update(self, time: float, state: Readiness) -> Readiness:
        """The steadied state."""
        self._last = time
        if self._since is None:
            self._since, self.state = time, state
        if state.reason == self.state.reason:
            self._candidate = None
            self.state = state
            return state
        if self._candidate is None or self._candidate.reason != state.reason:
            self._candidate, self._candidate_since = state, time
        if time - self._candidate_since >= PATIENCE_S:
            self._periods.append(Period(self._since, self._candidate_since, self.state))
            self.state, self._since, self._candidate = state, self._candidate_since, None
        return self.state

    def periods(self) -> list[Period]:
        """All stretches so far, without gaps."""
        if self._since is None:
            return []
        periods = [*self._periods, Period(self._since, self._last, self.state)]
        return [p for p in periods if p.end > p.start] or periods[-1:]


def no_person(exercise: Exercise | None = None) -> Readiness:
    """Nobody was found in the picture. Who lies with the feet to the camera is often not found."""
    lies = exercise is not None and exercise.template.lies
    return Readiness(
        False, "no_person", "Lie across the picture, camera at your side" if lies else "Step into the picture"
    )


def unseen(exercise: Exercise, body: Body, clearness: Callable[[Body, str, str], float] = Body.visibility) -> list[str]:
    """Required joints that are not seen: by default those of which the pose model itself says so."""
    missing = []
    for owner, joint in exercise.required:
        far = owner not in ("near", "nose", "mid")
        limit = UNSEEN_CLEAR if far or owner == "mid" else REQUIRED_CLEAR
        if not clearness(body, owner, joint) >= limit:
            missing.append(joint)
    return missing


def hidden(exercise: Exercise, body: Body) -> Readiness | None:
    """Complaint about required joints that are hidden or not in the picture, or None."""
    missing = unseen(exercise, body, Body.clearness)
    if not missing:
        return None
    words = list(dict.fromkeys(_NEAR_WORDS.get(joint, joint + "s") for joint in missing))
    return Readiness(False, "joints", f"I can't see your {' and '.join(words[-2:])}: step back or move the camera")


def wrong_view(exercise: Exercise, view: View) -> Readiness | None:
    """Complaint about a view in which nothing can be counted, or None."""
    camera = exercise.template.camera
    if view.along:
        return Readiness(False, "view", _BESIDE)
    if view.kind == "unknown" or camera.counts(view.kind, view.ratio):
        return None
    return Readiness(False, "view", _TURN[camera.view])


def too_frontal(exercise: Exercise, view: View) -> Readiness | None:
    """Complaint about a view from straight in front, where an oblique one is needed and arms hide the legs, or None."""
    camera = exercise.template.camera
    if camera.view != "oblique" or view.kind != "front" or camera.shows("oblique", view.ratio):
        return None
    return Readiness(False, "view", "Turn half to the side: your arms hide your legs")


def from_the_head(exercise: Exercise, body: Body, view: View) -> Readiness | None:
    """Complaint about a camera behind the head of somebody who lies, or None.

    Their trunk points down the picture, which nobody's does who stands, sits or gets up and turns the shoulders to it.
    """
    trunk = elevation(body.middle(HIP), body.middle(SHOULDER))
    if not exercise.template.lies or view.kind != "front" or not trunk < HEAD_FIRST_BELOW:
        return None
    return Readiness(False, "view", _BESIDE)


def along_the_trunk(exercise: Exercise, body: Body) -> Readiness | None:
    """Complaint about a camera in front of or behind somebody on hands and knees whose hands the body hides, or None.

    From there it cannot be told whether the hands are on the floor.
    """
    template = exercise.template
    if template.upright is not False or template.lies:
        return None
    if not dist(body.middle(HIP), body.middle(SHOULDER)) < SHORT_TRUNK * body.thigh:
        return None
    return Readiness(False, "view", _TURN[template.camera.view])


def wrong_posture(exercise: Exercise) -> Readiness:
    """The person is not placed as the exercise needs it."""
    return Readiness(False, "posture", POSTURES[exercise.template.posture].ask)


def not_at_start(exercise: Exercise) -> Readiness:
    """The person is in the posture, but not in the start position."""
    return Readiness(False, "start", exercise.template.instructions[0])


def hold_still() -> Readiness:
    """The start position is there, but not yet held."""
    return Readiness(False, "hold_still", "Hold still for a moment")
