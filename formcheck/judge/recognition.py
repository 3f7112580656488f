"""Recognition: which of the known exercises a track looks like, by the templates alone.

Every template watches the same poses with a session of its own. A movement speaks for a template where its signal
goes from rest to the peak, or back, in the posture and under the conditions that the template asks for; a hold speaks
for it where it is in the template's position. What a template cannot explain speaks against it: other postures, unrest
where it expects rest. Half a movement is enough to speak, so that a recording may begin and end anywhere.

No exercise is known here and no model is trained: a new template is recognised as soon as its file is there. The price
is that templates must tell exercises apart by themselves (see ``docs/recognition.md``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import exp, inf

from formcheck.judge.cuts import CutFinder
from formcheck.judge.halves import Halves
from formcheck.judge.session import Session
from formcheck.judge.template import Template, ViewName
from formcheck.pose import Pose

SURE = 0.5
"""Confidence from which an exercise is named ..."""

AMBIGUOUS = 0.8
"""... unless another one reaches this share of it."""

STEP_S = 0.06
"""Poses closer together than this are left out: twelve a second tell enough."""

GAP_S = 0.5
"""A longer gap between two poses explains nothing and contradicts nothing."""

PAUSED_SHARE = 0.5
"""A long stay at the peak is a hold, if a hold fits as well that explains this share of it: who sits down on a chair
stays at the bottom of a squat, but some seconds pass until they lean."""

REST_SHARE = 0.85
"""An exercise that is repeated and that explains this share of all, rests included, has no hold beside it."""

HOLD_S = 1.8
"""A hold in good form leaves a doubt of 1/e after this long."""

FORMLESS = 0.3
"""Worth of a second that is held in bad form."""

AGAINST = 0.6
AGAINST_HOLD = 0.5
"""Weight of a second that the template cannot explain, for one that is repeated and for a hold: a short hold has a long
way down to the floor and up again beside it. With 0.6 for both, 6 of 613 recordings and rendered sets less are
recognised."""

WORTH_TELLING = 0.05
"""Less confidence than this is not told."""

TRIED = 2
"""So many attempts, none of them full, are worth telling, though no exercise is named for them: shallow lunges are
attempts at squats, too, and who walks past the camera makes two at lunges (a recording)."""

_RATIOS: dict[ViewName, tuple[float, float]] = {"side": (0.0, 0.45), "oblique": (0.25, 0.66), "front": (0.45, inf)}
"""Shoulder ratios at which a view is possible: wider than in a session, because the border must not decide."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An exercise, and how much speaks for it, 0 to 1."""

    exercise: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a track looks like.

    Attributes:
        best: id of the exercise; None if not sure.
        confidence: how much speaks for it, 0 to 1; if not sure, for the first in the ranking.
        ranking: every exercise that anything speaks for, the most likely first.
        tried: ids of those of which only attempts were seen that were not full, and how many, the most first.
    """

    best: str | None
    confidence: float
    ranking: tuple[Candidate, ...]
    tried: tuple[tuple[str, int], ...] = ()


class Recognizer:
    """Tells which exercise a track looks like; it may be asked at any time.

    Args:
        templates: the exercises to choose from.

    Example:
        >>> recognizer = Recognizer(templates)
        >>> for pose in poses:
        ...     recognizer.update(pose)
        >>> recognizer.result().best  # the id of an exercise, or None
    """

    def __init__(self, templates: Iterable[Template]) -> None:
        self._witnesses = [_Witness(template) for template in templates]
        self._cuts = CutFinder()
        self._last = -inf
        self._cut = False

    def update(self, pose: Pose) -> None:
        """Takes the next pose into account; times must increase."""
        self._cut |= pose.cut
        if pose.time - self._last < STEP_S:
            return
        self._last = pose.time
        if self._cut:
            self._cuts.reset()
            pose = replace(pose, cut=True)
        cut = self._cut or (pose.seen and self._cuts.update(pose.time, pose.points.tolist()) == "cut")
        self._cut = False
        for witness in self._witnesses:
            witness.update(pose, cut)

    def result(self) -> Recognition:
        """What the poses so far look like."""
        held = max((w.held for w in self._witnesses), default=0.0)
        spoken = sorted(((w.confidence(held), w) for w in self._witnesses), key=lambda s: -s[0])
        spoken = [(c, w) for c, w in spoken if c >= WORTH_TELLING]
        attempts = sorted(((w.attempts, w.template.id) for w in self._witnesses), key=lambda a: -a[0])
        tried = tuple((exercise, number) for number, exercise in attempts if number >= TRIED)
        if not spoken:
            return Recognition(None, 0.0, (), tried)
        close = [s for s in spoken if s[1].template.recognise and s[0] >= AMBIGUOUS * spoken[0][0]]
        # Rests between repetitions may look like a hold.
        if full := [s for s in close if s[1].explains_all(held)]:
            close = [s for s in close if s in full or s[1].template.repetition]
        # Where one side was seen to lead, an exercise that asks for it says more than one that does not ask.
        led = [s for s in close if s[1].led]
        if len(led) == 1 and all(s in led or not s[1].template.sides for s in close):
            close = led
        winner = close[0][1] if len(close) == 1 and close[0][0] >= SURE else None
        spoken.sort(key=lambda s: (s[1] is not winner, -s[0]))
        ranking = tuple(Candidate(w.template.id, round(c, 3)) for c, w in spoken)
        return Recognition(winner.template.id if winner else None, ranking[0].confidence, ranking, tried)


class _Witness:
    """What one template has to say about a track."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._session = Session(template)
        self._movements: dict[int, Halves] = {}
        self._time: float | None = None
        self._seen = self._held = self._formed = 0.0
        self.attempts = 0
        """Attempts that were not full, if none was."""

    def update(self, pose: Pose, cut: bool) -> None:
        """Takes the next pose into account; `cut`: it belongs to another scene than the last one."""
        moment = self._session.update(pose)
        step = 0.0 if self._time is None else pose.time - self._time
        self._time = pose.time
        self.attempts = 0 if moment.counts.total else moment.counts.partial
        body = self._session.body
        if body is None or cut or step > GAP_S:
            for movement in self._movements.values():
                movement.gap(GAP_S if cut else step)
            return
        self._seen += step
        if moment.hold:
            self._held, self._formed = moment.hold.held, moment.hold.in_form
            return
        exercise, ratio = self._session.exercise, body.view_ratio
        possible = [v for v in self.template.camera.counts_in if _RATIOS[v][0] <= ratio <= _RATIOS[v][1]]
        counters = {id(c): c for c in map(exercise.counter, possible)}
        for key, counter in counters.items():
            if key not in self._movements:
                self._movements[key] = Halves(self._session, counter)
            self._movements[key].update(body, step)
        for key, movement in self._movements.items():
            if key not in counters:
                movement.gap(step)

    @property
    def led(self) -> bool:
        """Whether one side led, in an exercise in which one does."""
        best = self._strongest
        return best is not None and best.led

    @property
    def held(self) -> float:
        """Seconds held."""
        return self._held

    def confidence(self, held: float) -> float:
        """How much speaks for the template, 0 to 1, where a hold of so many seconds fits as well."""
        if self.template.repetition:
            best = self._strongest
            if best is None:
                return 0.0
            explained, against = self._seconds(best, held)
            return best.told * _share(explained, AGAINST * against)
        worth = FORMLESS * self._held + (1 - FORMLESS) * self._formed
        return (1.0 - exp(-worth / HOLD_S)) * _share(self._held, AGAINST_HOLD * (self._seen - self._held))

    def explains_all(self, held: float) -> bool:
        """Whether two repetitions or more and their rests are nearly all that there is, but what no hold explains."""
        best = self._strongest
        if best is None or best.number < 4:
            return False
        unexplained = max(0.0, self._seen - held)  # getting into position, for one
        return self._seconds(best, held)[1] <= (1.0 - REST_SHARE) * self._seen + unexplained

    def _seconds(self, movement: Halves, held: float) -> tuple[float, float]:
        """Seconds for and against the template."""
        paused = movement.paused if held >= max(PAUSED_SHARE * movement.paused, HOLD_S) else 0.0
        elsewhere = max(0.0, self._seen - movement.watched)
        return movement.explained - paused, movement.against + paused + elsewhere

    @property
    def _strongest(self) -> Halves | None:
        return max(self._movements.values(), key=lambda m: m.told * m.explained, default=None)


def _share(explained: float, against: float) -> float:
    return explained / (explained + max(0.0, against)) if explained else 0.0
