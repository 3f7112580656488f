"""Recognition: which of the known exercises a track looks like, by the templates alone.

Every template watches the same poses with a session of its own. A movement speaks for a template where its signal
goes from rest to the peak, or back, in the posture and under the conditions that the template asks for; a hold speaks
for it where it is in the template's position. What a template cannot explain speaks against it: other postures, unrest
where it expects rest. Half a movement is enough to speak, so that a recording may begin and end anywhere.

No exercise is known here and no model is trained: a new template is recognised as soon as its file is there. The price
is that templates must tell exercises apart by themselves (see ``docs/recognition.md``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, inf
from typing import Literal

from formcheck.judge.body import Body
from formcheck.judge.cuts import CutFinder
from formcheck.judge.exercise import Counter
from formcheck.judge.lead import LeadFinder
from formcheck.judge.readiness import hidden
from formcheck.judge.session import Session
from formcheck.judge.template import Template, ViewName
from formcheck.pose import Pose, Side

SURE = 0.5
"""Confidence from which an exercise is named ..."""

AMBIGUOUS = 0.8
"""... unless another one reaches this share of it."""

STEP_S = 0.06
"""Poses closer together than this are left out: twelve a second tell enough."""

GAP_S = 0.5
"""A longer gap between two poses explains nothing and contradicts nothing."""

DWELL_S = 0.09
"""Rest and peak must last this long: a single wrong pose is neither."""

SLOWEST_S = 5.0
"""Half a movement takes no longer than this."""

OUT_S = 0.3
"""Out of posture this long ends a movement."""

DOUBT = 0.55
"""Doubt that each half of a movement leaves: one leaves 0.55, two leave 0.30, four 0.09, six 0.03."""

STAYED_S = 2.0
"""Still at the peak after this long, without having come back, is worth another half of a half."""

PAUSE_S = 2.0
"""A longer stay at the peak is a hold, if a hold fits as well ..."""

PAUSED_SHARE = 0.7
"""... that explains this share of it."""

REST_SHARE = 0.85
"""An exercise that is repeated and that explains this share of all, rests included, has no hold beside it."""

HOLD_S = 1.8
"""A hold in good form leaves a doubt of 1/e after this long."""

FORMLESS = 0.3
"""Worth of a second that is held in bad form."""

AGAINST = 0.6
"""Weight of a second that the template cannot explain."""

LEADERLESS = 0.3
LED_SHARE = 0.25
"""Worth of a movement that needs a leading side where none led during this share of its peaks."""

RESTLESS_SHARE = 0.15
RESTLESS_S = 0.3
"""A signal that changes by this share of the least range in this time is not at rest."""

BASE_S = 1.0
CALM_S = 0.5
"""Rest: the baseline is its median over the last second; an excursion that ends in it for half a second led nowhere."""

WORTH_TELLING = 0.05
"""Less confidence than this is not told."""

_RATIOS: dict[ViewName, tuple[float, float]] = {"side": (0.0, 0.45), "oblique": (0.25, 0.66), "front": (0.45, inf)}
"""Shoulder ratios at which a view is possible: wider than in a session, because the border must not decide."""

Zone = Literal["rest", "peak", ""]


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
    """

    best: str | None
    confidence: float
    ranking: tuple[Candidate, ...]


class Recognizer:
    """Tells which exercise a track looks like; it may be asked at any time.

    Args:
        templates: the exercises to choose from.

    Example:
        >>> recognizer = Recognizer(templates)
        >>> for pose in poses:
        ...     recognizer.update(pose)
        >>> recognizer.result().best
        'lunge'
    """

    def __init__(self, templates: Iterable[Template]) -> None:
        self._witnesses = [_Witness(template) for template in templates]
        self._cuts = CutFinder()
        self._last = -inf

    def update(self, pose: Pose) -> None:
        """Takes the next pose into account; times must increase."""
        if pose.time - self._last < STEP_S:
            return
        self._last = pose.time
        cut = pose.seen and self._cuts.update(pose.time, pose.points.tolist()) == "cut"
        for witness in self._witnesses:
            witness.update(pose, cut)

    def result(self) -> Recognition:
        """What the poses so far look like."""
        held = max((w.held for w in self._witnesses), default=0.0)
        spoken = sorted(((w.confidence(held), w) for w in self._witnesses), key=lambda s: -s[0])
        spoken = [(c, w) for c, w in spoken if c >= WORTH_TELLING]
        if not spoken:
            return Recognition(None, 0.0, ())
        close = [s for s in spoken if s[1].template.recognise and s[0] >= AMBIGUOUS * spoken[0][0]]
        # Rests between repetitions may look like a hold: straight arms between push-ups are a plank.
        if full := [s for s in close if s[1].explains_all(held)]:
            close = [s for s in close if s in full or s[1].template.repetition]
        # Where one side was seen to lead, an exercise that asks for it says more than one that does not ask.
        led = [s for s in close if s[1].led]
        if len(led) == 1 and all(s in led or not s[1].template.sides for s in close):
            close = led
        winner = close[0][1] if len(close) == 1 and close[0][0] >= SURE else None
        spoken.sort(key=lambda s: (s[1] is not winner, -s[0]))
        ranking = tuple(Candidate(w.template.id, round(c, 3)) for c, w in spoken)
        return Recognition(winner.template.id if winner else None, ranking[0].confidence, ranking)


class _Witness:
    """What one template has to say about a track."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._session = Session(template)
        self._movements: dict[int, _Movement] = {}
        self._time: float | None = None
        self._seen = self._held = self._formed = 0.0

    def update(self, pose: Pose, cut: bool) -> None:
        """Takes the next pose into account; `cut`: it belongs to another scene than the last one."""
        moment = self._session.update(pose)
        step = 0.0 if self._time is None else pose.time - self._time
        self._time = pose.time
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
                self._movements[key] = _Movement(self._session, counter)
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
            return best.told * _share(*self._seconds(best, held)) if best else 0.0
        worth = FORMLESS * self._held + (1 - FORMLESS) * self._formed
        return (1.0 - exp(-worth / HOLD_S)) * _share(self._held, self._seen - self._held)

    def explains_all(self, held: float) -> bool:
        """Whether two repetitions or more and the rests between them are nearly all that there is."""
        best = self._strongest
        return best is not None and best.halves >= 4 and self._seconds(best, held)[1] <= (1.0 - REST_SHARE) * self._seen

    def _seconds(self, movement: _Movement, held: float) -> tuple[float, float]:
        """Seconds for and against the template."""
        paused = movement.paused if held >= max(PAUSED_SHARE * movement.paused, HOLD_S) else 0.0
        elsewhere = max(0.0, self._seen - movement.watched)
        return movement.explained - paused, movement.against + paused + elsewhere

    @property
    def _strongest(self) -> _Movement | None:
        return max(self._movements.values(), key=lambda m: m.told * m.explained, default=None)


def _share(explained: float, against: float) -> float:
    return explained / (explained + AGAINST * max(0.0, against)) if explained else 0.0


class _Movement:
    """Follows one signal of a template between its two zones, rest and peak.

    Attributes:
        halves: ways from rest to the peak or back.
        explained: seconds of them, with the peaks.
        against: seconds that are neither part of a movement nor rest.
        paused: seconds at peaks that lasted longer than a pause.
        watched: seconds in all.
    """

    def __init__(self, session: Session, counter: Counter) -> None:
        self._exercise = session.exercise
        self._counter = counter
        self._finder = LeadFinder(self._exercise.lead) if self._exercise.lead else None
        self._recent: deque[tuple[float, float]] = deque()
        self._base: deque[tuple[float, float]] = deque()
        self._zone: Zone = ""
        self._seen_zone: Zone = ""
        self._seen_since = 0.0
        self._out_since: float | None = None
        self._on_the_way = self._stayed = 0.0
        self._settling = False
        self._at_peak = self._led = 0.0
        self.halves = 0
        self.explained = self.against = self.paused = self.watched = 0.0

    @property
    def led(self) -> bool:
        """Whether one side led at the peaks."""
        return self._finder is not None and self._led > LED_SHARE * self._at_peak

    @property
    def told(self) -> float:
        """How much the halves tell, however much else there was."""
        if not self.halves:
            return 0.0
        needs_leader = self._finder is not None and not self._counter.one_sided
        stayed = 0.5 if self._zone == "peak" and self._stayed >= STAYED_S else 0.0
        worth = LEADERLESS if needs_leader and not self.led else 1.0
        return worth * float(1.0 - DOUBT ** (self.halves + stayed))

    def gap(self, step: float) -> None:
        """Nothing was seen for a while, or nothing that this signal can be read from."""
        if step > OUT_S or self._zone == "":
            self._leave()
        else:
            self._on_the_way += step

    def update(self, body: Body, step: float) -> None:
        """Follows the signal by one pose, `step` seconds after the last one."""
        time, counter, exercise = body.time, self._counter, self._exercise
        signal = counter.sign * body.values[counter.signal]
        self.watched += step
        if signal != signal or hidden(exercise, body):
            self.gap(step)
            return
        posture = bool(exercise.posture.evaluate(body))
        stays = exercise.stays is None or bool(exercise.stays.evaluate(body))
        zone = self._zone_of(body, signal, posture, stays)
        restless = self._restless(time, signal)
        if zone != self._seen_zone:
            self._seen_zone, self._seen_since = zone, time
        if self._is_out(time, posture or stays):
            self._leave()
            self.against += step
            return
        if zone and zone != self._zone and time - self._seen_since >= DWELL_S:
            self._arrive(zone)
        if zone == "peak" and self._zone == "peak":
            self._be_at_peak(body, step)
        elif zone == "rest" and self._zone == "rest" and not restless:
            self._be_at_rest(time, signal)
        elif zone == "rest" and self._settling:
            self.explained += step
        elif self._zone:
            self._on_the_way += step
            if self._on_the_way > SLOWEST_S:
                self._leave()
        else:
            self.against += step

    def _zone_of(self, body: Body, signal: float, posture: bool, stays: bool) -> Zone:
        counter = self._counter
        limits = counter.limits(self._baseline())
        if posture and counter.rests(signal) and signal < limits.peak_exit:
            return "rest"
        if stays and signal >= limits.peak_enter and (counter.only_if is None or counter.only_if.evaluate(body)):
            return "peak"
        return ""

    def _baseline(self) -> float:
        """The turned signal at rest; before rest was seen, the middle of where it may be."""
        if self._base:
            return sorted(signal for _, signal in self._base)[len(self._base) // 2]
        low, high = self._counter.table.rest
        return self._counter.sign * (low + high) / 2

    def _restless(self, time: float, signal: float) -> bool:
        recent = self._recent
        recent.append((time, signal))
        while time - recent[0][0] > RESTLESS_S + DWELL_S:
            recent.popleft()
        return abs(signal - recent[0][1]) > RESTLESS_SHARE * self._counter.table.min_range

    def _is_out(self, time: float, inside: bool) -> bool:
        if inside:
            self._out_since = None
            return False
        if self._out_since is None:
            self._out_since = time
        return time - self._out_since > OUT_S

    def _arrive(self, zone: Zone) -> None:
        if self._zone:
            self.halves += 1
            self.explained += self._on_the_way
        else:
            self.against += self._on_the_way
        self._settling = zone == "rest" and self._zone == "peak"
        self._zone, self._on_the_way, self._stayed = zone, 0.0, 0.0

    def _be_at_peak(self, body: Body, step: float) -> None:
        self._stayed += step
        self._at_peak += step
        if self._stayed > PAUSE_S:
            self.paused += step
        self.explained += step + self._on_the_way
        self._on_the_way = 0.0
        if self._finder and self._leads(body, self._finder):
            self._led += step
        if self._stayed > self._counter.table.seconds[1]:
            self.explained -= self._stayed
            self.against += self._stayed
            self.paused -= max(0.0, self._stayed - PAUSE_S)
            self._leave()

    def _be_at_rest(self, time: float, signal: float) -> None:
        self._settling = False
        self._base.append((time, signal))
        while time - self._base[0][0] > BASE_S:
            self._base.popleft()
        if time - self._seen_since > CALM_S:
            self.against += self._on_the_way
            self._on_the_way = 0.0

    def _leave(self) -> None:
        self.against += self._on_the_way
        self._zone, self._on_the_way, self._stayed = "", 0.0, 0.0

    @staticmethod
    def _leads(body: Body, finder: LeadFinder) -> bool:
        lead: Side = "left" if body.lead is body.left else "right"
        base = body.base
        found = finder.update(body, (base, base))
        body.set_lead(lead)
        body.base = base
        return found is not None
