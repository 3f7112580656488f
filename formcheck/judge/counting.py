"""Counting: a set of repetitions, from the first rest to the report of each attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import NamedTuple

from formcheck.judge.body import Body
from formcheck.judge.exercise import Check, Counter, Exercise
from formcheck.judge.faults import Finding, Passage, judge_repetition
from formcheck.judge.lead import SIDES, LeadFinder
from formcheck.judge.moment import Counts, Phase
from formcheck.judge.other_side import OtherSide
from formcheck.judge.repetitions import Attempt, Reason, RepetitionMachine, State, Thresholds
from formcheck.judge.report import Repetition
from formcheck.judge.rest import Level, Rest
from formcheck.judge.view import View
from formcheck.pose import Side

MIN_REST_S = 0.1
"""A repetition may leave rest once rest was seen this long."""

LAG_S = 0.1
"""Smoothing, the pose model's and ours, delays what is measured; measured on real and rendered repetitions."""

LEAVE_S = 0.5
"""... and at most this long ago."""

AGAIN_SHARE = 0.1
"""Who has just come back goes out again once the signal has turned by this share of the least range, however short the
rest between: of squats at one second each it is seen in a single picture."""

FIRST_S = 0.4
"""A recording, or a scene of it, may begin on the way out: what is seen in this time need not start from rest."""

HELD_S = 6.0
"""Up to this long a peak is held (templates ask for up to 5 s); longer, and it is where the body rests."""

COMFORT_SHARE = 0.8
COMFORT_REPETITIONS = 3
"""Comfort mode asks for this share of the best range of the first repetitions, never less than the least range."""


PLAINLY = 0.8
"""A side that led for this share of a repetition worked, whatever was planned."""

BROKEN_OFF = (Reason.LEFT_POSITION, Reason.LOST, Reason.CUT)
"""Of attempts that ended so, nothing is judged."""


class Seen(NamedTuple):
    """A pose of an attempt: the side that led in it, and by how much the sides differed."""

    body: Body
    leading: Side | None
    clearness: float


@dataclass(frozen=True, slots=True)
class Told:
    """An attempt that ended, with its findings."""

    repetition: Repetition
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Back:
    """Where a repetition has just come back to: the limits that held for it, and how far back it was since."""

    limits: Thresholds
    since: float
    lowest: float


class RepetitionSet:
    """Counts the repetitions of one exercise and judges each.

    Args:
        exercise: the compiled template.
        plan: the side that the person said would work; None to find it from the motion.
        comfort: whether to go by the person's own range.
        variants: chosen variants of the exercise.
    """

    def __init__(
        self, exercise: Exercise, plan: Side | None = None, comfort: bool = False, variants: Mapping[str, str] = {}
    ) -> None:
        self._exercise = exercise
        self._plan = plan
        self._comfort = comfort
        self._checks = exercise.checks_for(variants)
        self._finder = LeadFinder(exercise.lead) if exercise.lead else None
        self.other_side = OtherSide(plan) if plan and exercise.lead else None
        self._machine = RepetitionMachine()
        self._counter: Counter = exercise.counter("")
        self._rest = Rest(self._counter.table.min_range)
        self._level = Level(self._counter.table.min_range)
        empty = [nan] * len(exercise.bases)
        self._bases: tuple[list[float], ...] = (empty, empty)
        self._based = not exercise.bases
        self._settled: float | None = None
        self._back: Back | None = None
        self._rested_at = -1e9
        self._rest_since = 0.0
        self._calm = False
        self._narrowed = False
        self._first: float | None = None
        self._seen: list[Seen] = []
        self._bests: list[list[float]] = []
        self._ranges: list[float] = []
        self.counts = Counts()
        self.side: Side | None = plan
        self.told: list[Told] = []
        self.in_start = False

    @property
    def phase(self) -> Phase:
        """Phase of the exercise."""
        phases: dict[State, Phase] = {
            State.SETUP: "setup",
            State.READY: "rest",
            State.MOVING: "moving",
            State.PEAK: "peak",
            State.RETURNING: "returning",
        }
        return phases[self._machine.state]

    @property
    def busy(self) -> bool:
        """Whether a repetition is under way."""
        return self._machine.busy

    @property
    def calm(self) -> bool:
        """Whether the start position has been held."""
        return self._rest.calm(self._rested_at)

    def update(self, body: Body, view: View, posture: bool) -> Told | None:
        """Follows the set by one pose; gives back the attempt that ended with it, if it is worth telling.

        Args:
            body: the pose; its measures are filled in.
            view: how the camera sees it.
            posture: whether the person is in the exercise's start posture.
        """
        exercise, machine = self._exercise, self._machine
        if posture and not self._based:
            # Nothing is known yet: what is seen first is taken for rest until rest itself is seen.
            self._bases = self._rows(body)
            self._based = True
        found = self._lead(body)
        body.base = self._base_of(body.lead_side)
        exercise.evaluate(body)
        turned = self._signal(body, found)
        self.in_start = False
        if machine.busy:
            self._seen.append(self._sighting(body, found))
            stays = exercise.stays is None or exercise.stays.evaluate(body)
            only_if = self._counter.only_if
            # A person's own range may never reach the template's condition.
            condition = only_if is None or self._narrowed or (turned == turned and only_if.evaluate(body))
            attempt = machine.follow(body.time, turned, stays, condition)
            level = self._level.update(body.time, turned, posture and self._counter.rests(turned))
            if level is not None and machine.busy and not 0 < machine.peak_s(body.time) < HELD_S:
                attempt = machine.settle(body.time, self._limits(level))
            if attempt is None and machine.state is State.READY:
                self._rested_at = body.time  # the signal only flickered: rest goes on
            return self._told(attempt)
        if turned != turned:
            return None
        base = self._rest.base
        limits = self._limits(base) if base is not None else None
        rested = body.time - self._rested_at <= LEAVE_S and self._rested_enough
        if limits and turned > limits.start and rested:
            self._begin(body, turned, limits, found)
            return None
        again = self._again(body.time, turned)
        if again:
            self._begin(body, turned, again, found)
            return None
        if self._first is None:
            self._first = body.time
        in_view = exercise.template.camera.counts(view.kind, view.ratio)
        if in_view and self._on_the_way(body, turned):
            limits = self._counter.limits(self._counter.resting_limit)
            self._begin(body, turned, limits, found)
            return None
        in_range = self._counter.rests(turned) or (self._settled is not None and turned <= self._settled)
        if posture and in_range and in_view:
            self._rest_on(body, view, turned)
        elif body.time - self._rested_at > LEAVE_S:
            self._rest.clear()
            machine.unready()
        return None

    def unseen(self, time: float, last: Body | None) -> Told | None:
        """Nobody was seen at this moment.

        Args:
            time: seconds.
            last: the last pose in which somebody was, as for `finish`.
        """
        if self._machine.busy:
            return self._told(self._machine.follow(time, nan, True, False, self._turned(last)))
        if time - self._rested_at > LEAVE_S:
            self._rest.clear()
            self._machine.unready()
        return None

    def cut(self, last: Body | None) -> Told | None:
        """The picture changed to another scene: whatever was under way is over.

        Args:
            last: the last pose of the scene before, as for `finish`.
        """
        told = self._told(self._machine.finish(self._turned(last), Reason.CUT))
        self._machine.unready()
        self._forget_rest()
        self._based = not self._exercise.bases
        self._first = None
        return told

    def finish(self, last: Body | None) -> Told | None:
        """The recording is over.

        Args:
            last: the last pose without smoothing, if there was one: it tells how far the way back really is.
        """
        return self._told(self._machine.finish(self._turned(last)))

    def _turned(self, last: Body | None) -> float:
        """The signal of the last pose of an attempt."""
        if last is None or not self._machine.busy:
            return nan
        last.set_lead(self.side or last.near_side)
        last.base = self._base_of(last.lead_side)
        self._exercise.evaluate(last)
        return self._counter.sign * last.values[self._counter.signal]

    def _lead(self, body: Body) -> Side | None:
        if self._finder is None:
            return None
        found = self._finder.update(body, self._bases)
        if self.other_side:
            self.other_side.update(body.time, found)
        self.side = self._plan or self._finder.side
        body.set_lead(self.side or body.near_side)
        return found

    def _base_of(self, side: Side) -> list[float]:
        return self._bases[SIDES.index(side)]

    def _signal(self, body: Body, found: Side | None) -> float:
        counter = self._counter
        value = counter.sign * body.values[counter.signal]
        if not counter.one_sided or found is not None or self._plan is not None:
            return value
        # Nobody leads yet: the side that has gone further may be about to.
        lead = body.lead_side
        measure = self._exercise.measures[counter.signal][1]
        values = []
        for side, base in zip(SIDES, self._bases, strict=True):
            body.set_lead(side)
            body.base = base
            values.append(counter.sign * measure.evaluate(body))
        body.set_lead(lead)
        body.base = self._base_of(lead)
        return max((v for v in values if v == v), default=nan)

    @property
    def _rested_enough(self) -> bool:
        """Whether rest was seen long enough, at last, for a repetition to leave it."""
        return self._rested_at - self._rest_since >= MIN_REST_S

    def _again(self, time: float, turned: float) -> Thresholds | None:
        """The limits of the repetition before, if the next one begins before rest was seen."""
        back = self._back
        if back is None or time - back.since > LEAVE_S:
            return None
        back.lowest = min(back.lowest, turned)
        risen = turned - back.lowest >= AGAIN_SHARE * back.limits.min_range
        return back.limits if risen and turned > max(back.limits.start, back.limits.finish) else None

    def _on_the_way(self, body: Body, turned: float) -> bool:
        """Whether the scene begins between rest and the peak. The pose just before is taken to have been rest."""
        counter = self._counter
        exercise = self._exercise
        rested = self._rest.base is not None and self._rested_enough
        if self._first is None or body.time - self._first > FIRST_S or rested or counter.based:
            return False
        limits = counter.limits(counter.resting_limit)
        in_position = exercise.stays is None or bool(exercise.stays.evaluate(body))
        return in_position and limits.start < turned < limits.peak_exit

    def _rest_on(self, body: Body, view: View, turned: float) -> None:
        counter = self._exercise.counter(view.kind)
        if counter is not self._counter:
            # Another view, another signal: its rest has to be seen first.
            self._counter = counter
            self._rest = Rest(counter.table.min_range)
            self._settled = None
            self._rested_at = -1e9
            self._machine.unready()
            return
        if body.time - self._rested_at > LEAVE_S:
            self._rest.clear()
            self._rest_since = body.time
        self._rested_at = body.time
        self.in_start = True
        self._rest.add(body.time, turned, self._rows(body))
        if self._rest.rows and self._rest.rows is not self._bases:
            self._bases = self._rest.rows
            if self._counter.based:
                # What is measured against the body at rest moves along with that.
                body.base = self._base_of(body.lead_side)
                self._exercise.evaluate(body)
                moved = self._counter.sign * body.values[self._counter.signal] - turned
                if moved == moved:
                    turned += moved
                    self._rest.shift(moved)
                    self._machine.shift(moved)
        self._machine.rest(body.time, turned)

    def _rows(self, body: Body) -> tuple[list[float], ...]:
        lead = body.lead_side
        rows = tuple(self._exercise.base_row(body, side) for side in SIDES)
        body.set_lead(lead)
        return rows

    def _begin(self, body: Body, turned: float, limits: Thresholds, found: Side | None) -> None:
        self._calm = self._rest.calm(self._rested_at)
        self._machine.begin(body.time, turned, limits)
        self._level = Level(self._counter.table.min_range)
        self._back = None
        self._narrowed = limits.peak_enter < self._counter.limits(limits.base).peak_enter
        self._seen = [self._sighting(body, found)]

    @property
    def _eased(self) -> bool:
        """Whether comfort mode knows the person's own range by now."""
        return self._comfort and len(self._ranges) >= COMFORT_REPETITIONS

    def _limits(self, base: float) -> Thresholds:
        limits = self._counter.limits(base)
        if not self._eased:
            return limits
        wanted = base + max(limits.min_range, COMFORT_SHARE * max(self._ranges[:COMFORT_REPETITIONS]))
        easier = min(limits.peak_enter, wanted)
        return replace(limits, peak_enter=easier, peak_exit=easier - (limits.peak_enter - limits.peak_exit))

    def _forget_rest(self) -> None:
        self._rest.clear()
        self._settled = None
        self._back = None
        self._rested_at = -1e9
        self._seen = []

    def _told(self, attempt: Attempt | None) -> Told | None:
        if attempt is None:
            if not self._machine.busy:
                self._seen = []
            return None
        counter = self._counter
        another = self._is_another(attempt)
        if another:
            attempt = replace(attempt, counted=False, reason=Reason.CONDITION)
        led = self._finder is None or any(seen.leading for seen in self._seen)
        # Where neither side leads, though both may move, rest has to have been held: a hidden joint is read restlessly.
        tried = led or (self._calm and not counter.needs_lead)
        worth_telling = attempt.counted or (tried and (self._calm or self.counts.total > 0))
        told = self._tell(attempt, counter, another) if worth_telling else None
        if self._machine.busy:
            self._seen = [seen for seen in self._seen if seen.body.time >= attempt.end]
        elif attempt.returned and attempt.reason in (Reason.RANGE, Reason.CONDITION):
            self._rested_at = attempt.end  # back at the rest that it left, which therefore goes on
            self._rest.stir()
            self._seen = []
        else:
            self._settle(attempt)
        return told

    def _is_another(self, attempt: Attempt) -> bool:
        """Whether it was another movement for most of its peak."""
        unless = self._counter.unless
        if unless is None or attempt.reason in BROKEN_OFF:
            return False
        peak = self._at_peak(attempt)
        return 2 * sum(bool(unless.evaluate(seen.body)) for seen in peak) > len(peak)

    def _settle(self, attempt: Attempt | None = None) -> None:
        limits = self._limits(attempt.base) if attempt else None
        self._forget_rest()
        if limits and attempt and attempt.returned:
            self._settled = limits.finish
            if attempt.counted:
                self._back = Back(limits, attempt.end, limits.finish)

    def _tell(self, attempt: Attempt, counter: Counter, another: bool = False) -> Told:
        exercise = self._exercise
        side = self._side_of(attempt)
        bodies = [seen.body for seen in self._seen]
        # Counted as planned, but measured at the leg that worked: the other one always looks wrong.
        worked = self._plainly_led(attempt) or side
        if worked is not None:
            base = self._base_of(worked)
            for body in bodies:
                if body.lead is not getattr(body, worked) or body.base is not base:
                    body.set_lead(worked)
                    body.base = base
                    exercise.evaluate(body)
        best = [nan] * len(exercise.bests)
        for i, (_, kind) in enumerate(exercise.bests):
            own = [row[i] for row in self._bests[:COMFORT_REPETITIONS] if row[i] == row[i]]
            if own:
                best[i] = (max if kind == "highest" else min)(own)
        passage = Passage(exercise, attempt, bodies, counter.signal, best)
        ratios = sorted(b.view_ratio for b in passage.bodies["repetition"] if b.view_ratio == b.view_ratio)
        ratio = ratios[len(ratios) // 2] if ratios else nan
        if 2 * sum(b.along for b in passage.bodies["repetition"]) > len(passage.bodies["repetition"]):
            ratio = nan  # in no view of the templates
        camera = exercise.template.camera

        def shows(check: Check) -> bool:
            return camera.shows(check.fault.view, ratio)

        judged = not another and attempt.reason not in BROKEN_OFF
        # The tempo of something that is no repetition says nothing.
        checks = [c for c in self._checks if judged and (attempt.counted or c.rule.uses)]
        findings = tuple(judge_repetition(check, passage, self._comfort, shows) for check in checks)
        repetition = self._repetition(attempt, side, passage, findings)
        self._bests.append(
            [
                (max if kind == "highest" else min)(passage.column(m, "repetition") or [nan])
                for m, kind in exercise.bests
            ]
        )
        self._ranges.append(attempt.furthest - attempt.base)
        self._count(repetition)
        told = Told(repetition, findings)
        self.told.append(told)
        return told

    def _side_of(self, attempt: Attempt) -> Side | None:
        if self._plan is not None or self._finder is None:
            return self._plan
        for poses in (self._at_peak(attempt), self._seen):
            side = _leader(poses, 0.5)
            if side is not None:
                return side
        # Legs that are lifted together have no side, whichever was lifted before.
        return self.side if self._counter.one_sided or self._counter.needs_lead else None

    def _plainly_led(self, attempt: Attempt) -> Side | None:
        """The side that led for most of the peak and of the whole attempt, or None.

        Both are asked, because where the legs overlap, at the peak or on the way, either seems to lead.
        """
        side = _leader(self._at_peak(attempt), PLAINLY)
        return side if side == _leader(self._seen, PLAINLY) else None

    def _at_peak(self, attempt: Attempt) -> list[Seen]:
        return [seen for seen in self._seen if attempt.peak_from <= seen.body.time <= attempt.peak_to]

    def _sighting(self, body: Body, found: Side | None) -> Seen:
        return Seen(body, found, self._finder.clearness if self._finder else 0.0)

    def _count(self, repetition: Repetition) -> None:
        c = self.counts
        if not repetition.counted:
            self.counts = replace(c, partial=c.partial + 1)
            return
        self.counts = replace(
            c,
            total=c.total + 1,
            left=c.left + (repetition.side == "left"),
            right=c.right + (repetition.side == "right"),
        )

    def _repetition(
        self, attempt: Attempt, side: Side | None, passage: Passage, findings: tuple[Finding, ...]
    ) -> Repetition:
        exercise = self._exercise
        names = [name for name, _ in exercise.measures]
        measures, extremes = {}, {}
        for i, name in enumerate(names):
            peak, whole = sorted(passage.column(i, "peak")), passage.column(i, "repetition")
            measures[name] = peak[len(peak) // 2] if peak else nan
            extremes[name] = (min(whole), max(whole)) if whole else (nan, nan)
        depth = self._depth(attempt, extremes, passage)
        return Repetition(
            side=side,
            start_s=self._earlier(attempt.start),
            peak_s=self._earlier(attempt.peak),
            end_s=self._earlier(attempt.end),
            counted=attempt.counted,
            reason=attempt.reason.value if attempt.reason else None,
            explanation=self._explain(attempt, depth),
            depth=depth,
            depth_measure=self._counter.table.depth_measure,
            measures=measures,
            extremes=extremes,
            seconds={phase: passage.seconds(phase) for phase in ("moving", "peak", "returning", "repetition")},
            faults=tuple(f.check.fault.id for f in findings if f.verdict == "present"),
            not_visible=tuple(f.check.fault.id for f in findings if f.verdict == "not_visible"),
        )

    def _earlier(self, time: float) -> float:
        """When it really was, before smoothing."""
        return time - LAG_S if self._first is None else max(self._first, time - LAG_S)

    def _depth(self, attempt: Attempt, extremes: dict[str, tuple[float, float]], passage: Passage) -> float:
        table = self._counter.table
        name = table.depth_measure
        if name == table.signal:
            return self._counter.sign * attempt.furthest
        low, high = extremes[name]
        start = next(iter(passage.column([n for n, _ in self._exercise.measures].index(name), "repetition")), nan)
        return low if abs(low - start) >= abs(high - start) else high

    def _explain(self, attempt: Attempt, depth: float) -> str | None:
        table, sign = self._counter.table, self._counter.sign
        if attempt.reason is None:
            return None
        measures = self._exercise.template.measures
        name = table.depth_measure
        label, unit = measures[name].label or name.replace("_", " "), measures[name].unit
        reached = f"{label.lower()} reached {quantity(depth, unit)}"
        signal = measures[table.signal]
        needed = quantity(sign * self._limits(attempt.base).peak_enter, signal.unit)
        got = quantity(sign * attempt.furthest, signal.unit)
        text = {
            Reason.RANGE: f"{(signal.label or table.signal).lower()} reached {got}; {needed} is needed",
            Reason.CONDITION: f"{table.only_if_reason or 'not the whole movement'} ({reached})",
            Reason.TOO_FAST: f"faster than {table.seconds[0]:g} s; {reached}",
            Reason.TOO_SLOW: f"longer than {table.seconds[1]:g} s; {reached}",
            Reason.LEFT_POSITION: f"left the position on the way; {reached}",
            Reason.LOST: f"not seen any more on the way; {reached}",
            Reason.CUT: f"the picture changed on the way; {reached}",
            Reason.UNFINISHED: f"not back yet when the recording ended; {reached}",
        }[attempt.reason]
        return text[0].upper() + text[1:]


def _leader(poses: Sequence[Seen], share: float) -> Side | None:
    """The side that led for more than this share of some poses, or None.

    Where the legs overlap, single poses lead with either; those that lead clearly decide.
    """
    led = {side: sum(seen.clearness for seen in poses if seen.leading == side) for side in SIDES}
    side = max(SIDES, key=lambda each: led[each])
    return side if led[side] > share * sum(led.values()) else None


def quantity(value: float, unit: str) -> str:
    """A measure in words: 93°, 0.35 thigh lengths."""
    if value != value:
        return "unseen"
    if unit == "deg":
        return f"{value:.0f}°"
    if unit in ("ratio", "px"):
        return f"{value:.2f}" if unit == "ratio" else f"{value:.0f} px"
    return f"{value:.2f} {unit.replace('_', ' ')} lengths"
