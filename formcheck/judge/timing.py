"""Timing: a set of holds, with the faults that last in them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import nan

from formcheck.judge.body import Body
from formcheck.judge.conditions import Conditions
from formcheck.judge.exercise import Check, Exercise
from formcheck.judge.faults import Finding, clear
from formcheck.judge.hold_sides import HoldSides, Look
from formcheck.judge.holds import HoldTimer, HoldTimes
from formcheck.judge.lead import SIDES, LeadFinder
from formcheck.judge.moment import HoldClock, Phase
from formcheck.judge.other_side import OtherSide
from formcheck.judge.report import HoldReport
from formcheck.judge.settling import Settling
from formcheck.judge.view import AWAY_S, FRONT_ABOVE, View
from formcheck.pose import Side, opposite

CALIBRATE_S = 3.0
"""Good form of this long gives the personal baseline of a hold."""

BEFORE_S = 1.5
LEAST_BEFORE_S = 0.5
"""How long before a hold its base expressions are taken, and how much of it is needed: landmarks settle in the first
moments after somebody was found."""

SAMPLE_S = 0.1
"""Measures of a hold are kept ten times a second."""

CLEAR_WINDOW = 6
CLEAR_S = 0.5
"""Kept poses over which the visibility of a fault's joints is averaged, and how often."""

PAUSE_S = 0.25
"""A fault that is gone for less than this goes on."""

LOOK_S = 1.0
"""Good form of this long shows how a hold looks, to be compared with those before."""

PASSING_S = 2.0
"""Good form of less than this is passing through while the legs change, and no turn of either side."""

CHANGE_S = 2.0
"""Nobody changes sides in less."""

ELSEWHERE_S = 1.0
"""Who was out of the posture this long, between two holds, did something else: what was seen before is no rest to
compare with, and legs that were crossed before are not crossed still."""


class HoldSet:
    """Times the holds of one exercise and watches its faults.

    Args:
        exercise: the compiled template.
        plan: the side that the person said would work; None to find it.
        target: seconds to aim at.
        variants: chosen variants of the exercise.
    """

    def __init__(
        self,
        exercise: Exercise,
        plan: Side | None = None,
        target: float | None = None,
        variants: Mapping[str, str] = {},
    ) -> None:
        table = exercise.template.hold
        assert table is not None
        assert exercise.position
        assert exercise.enter
        assert exercise.stay
        self._exercise, self._plan, self._target = exercise, plan, target
        self._position, self._enter, self._stay = exercise.position, exercise.enter, exercise.stay
        self._in_form_base = table.baseline == "in_form"
        self._finder = LeadFinder(exercise.lead) if exercise.lead else None
        self.other_side = OtherSide(plan) if plan and exercise.lead else None
        self._settling = (
            Settling(table.settled_points, table.settled_within, max(table.enter_s, table.end_s))
            if table.settled_within
            else None
        )
        self._hold_sides = self._new_hold_sides()
        self._end_s = table.end_s
        # Whether who left a hold goes on with it or changes sides is seen once they are back.
        end_s = min(CHANGE_S, table.end_s) if self._hold_sides else table.end_s
        self._timer = HoldTimer(table.enter_s, table.grace_s, end_s, self._settling)
        self._watches = [Watch(check) for check in exercise.checks_for(variants)]
        self._wobbles = [Wobble(seconds) for _, seconds in exercise.wobbles]
        self._conditions = Conditions(exercise.conditions)
        self._bases: tuple[list[float], ...]
        self._calibrated: bool
        self._rows: deque[tuple[float, tuple[list[float], ...]]] = deque()
        self._forget_bases()
        self._kept: list[tuple[float, list[float]]] = []
        self._cleared = -1e9
        self._recent: deque[Body] = deque(maxlen=CLEAR_WINDOW)
        self._sides: list[Side] = []
        self._near: Side = "left"
        self._far: list[float] = []
        self._looked = False
        self._first_here = 0
        self._side_in_form: Side | None = None
        self.side: Side | None = plan
        self.holds: list[HoldReport] = []
        self.in_position = False
        self.judged: frozenset[str] = frozenset()
        """Ids of the faults that could be judged in the last pose."""
        self._away_since: float | None = None
        self._elsewhere_since: float | None = None

    @property
    def busy(self) -> bool:
        """Whether a hold is under way."""
        return self._timer.holding

    @property
    def phase(self) -> Phase:
        """Phase of the exercise."""
        if not self._timer.holding:
            return "setup"
        return "paused" if self._timer.out else "hold"

    @property
    def clock(self) -> HoldClock:
        """Seconds so far, all holds of the set together."""
        timer = self._timer
        return HoldClock(
            in_form=timer.in_form + sum(h.in_form_s for h in self.holds),
            held=timer.held + sum(h.held_s for h in self.holds),
            lost=timer.lost + sum(h.lost_s for h in self.holds),
            holding=timer.holding and not timer.out,
            good=timer.good,
            target=self._target,
        )

    def update(self, body: Body, view: View, posture: bool, hidden: Sequence[bool]) -> list[Finding]:
        """Follows the set by one pose; gives back the faults that last right now.

        Args:
            body: the pose; its measures are filled in.
            view: how the camera sees it.
            posture: whether the person is in the exercise's posture.
            hidden: of every landmark, whether it has been unseen for a while.
        """
        if self._away_since is not None:
            if not self._timer.holding and body.time - self._away_since >= AWAY_S:
                self._forget()
            self._away_since = None
        self._note_posture(body.time, posture)
        self._lead(body)
        required_seen = all(
            any(not hidden[i] for i in body.landmark(owner, joint)) for owner, joint in self._exercise.required
        )
        body.base = self._bases[SIDES.index(body.lead_side)]
        self._exercise.evaluate(body)
        body.wobbles = [
            wobble.update(body.time, body.values[measure] if self._timer.holding and self.in_position else nan)
            for wobble, (measure, _) in zip(self._wobbles, self._exercise.wobbles, strict=True)
        ]
        self._conditions.update(body)
        in_view = self._exercise.template.camera.counts(view.kind, view.ratio)
        self.in_position = position = required_seen and posture and in_view and bool(self._position.evaluate(body))
        if self._settling:
            self._settling.update(body)
        self._change_sides()
        was_holding = self._timer.holding
        ended = self._timer.update(
            body.time,
            required_seen,
            position,
            position and bool(self._enter.evaluate(body)),
            position and bool(self._stay.evaluate(body)),
        )
        self._keep(body, posture)
        if self._hold_sides and not self._looked and self._timer.in_form >= LOOK_S:
            self._looked = True
            look = self._look(self._measures(self._timer.start, body.time))
            if look:
                self._hold_sides.see(look, self._resumed(self._timer.start))
        if ended:
            self._end(ended)
        if self._timer.holding and not was_holding:
            self._kept = [k for k in self._kept if k[0] >= self._timer.start]
        return self._watch(body, view, posture, position)

    def unseen(self, time: float) -> None:
        """Nobody was seen at this moment."""
        ended = self._timer.update(time, False, False, False, False)
        if ended:
            self._end(ended)
        for watch in self._watches:
            watch.pause(time)
        self.judged = frozenset()
        if self._away_since is None:
            self._away_since = time

    def cut(self) -> None:
        """The picture changed to another scene."""
        ended = self._timer.abort()
        if ended:
            self._end(ended)
        self._forget()

    def finish(self) -> None:
        """The recording is over."""
        ended = self._timer.finish()
        if ended:
            self._end(ended)

    def findings(self) -> list[Finding]:
        """Every lasting fault of the set, in the order of time."""
        return sorted((f for w in self._watches for f in w.found), key=lambda f: f.time)

    def not_visible(self) -> tuple[str, ...]:
        """Ids of the faults that could never be judged."""
        return tuple(w.check.fault.id for w in self._watches if w.hidden and not w.judged)

    def _note_posture(self, time: float, posture: bool) -> None:
        if posture or self._timer.holding:
            self._elsewhere_since = None
        elif self._elsewhere_since is None:
            self._elsewhere_since = time
        elif time - self._elsewhere_since >= ELSEWHERE_S:
            self._conditions.forget()
            self._forget_bases()

    def _lead(self, body: Body) -> None:
        if self._finder is None:
            return
        found = self._finder.update(body, self._bases)
        if self.other_side:
            self.other_side.update(body.time, found)
        from_side = body.view_ratio < FRONT_ABOVE
        known = self._hold_sides.expected if self._hold_sides and from_side else None
        self.side = self._plan or known or self._finder.side
        body.set_lead(self.side or body.near_side)
        if self._timer.holding and self.side:
            self._sides.append(self.side)
            if from_side and self._timer.good and self._finder.far == self._finder.far:
                self._near = body.near_side
                self._far.append(self._finder.far)

    def _change_sides(self) -> None:
        """A hold that was left and is taken up again on the other side is another hold."""
        if self._finder is None or self._plan:
            return
        if self._timer.out:
            return  # on the way out of it, or back, the legs are taken for each other for a moment
        if self._timer.good:
            self._side_in_form = self.side
        elif self._side_in_form and self.side != self._side_in_form:
            ended = self._timer.split()
            if ended:
                self._end(ended)
            self._side_in_form = None
            self._forget_bases()  # they were taken while the legs had changed roles

    def _keep(self, body: Body, posture: bool) -> None:
        timer = self._timer
        last = self._kept[-1][0] if self._kept else -1e9
        if posture and body.time - last >= SAMPLE_S:
            self._kept.append((body.time, body.values))
            self._recent.append(body)
            if body.time - self._cleared >= CLEAR_S:
                self._cleared = body.time
                for watch in self._watches:
                    watch.clear = clear(watch.check.rule, self._recent)
            if not timer.holding and len(self._kept) > 100:
                del self._kept[:50]
            self._calibrate(body)

    def _forget(self) -> None:
        """What was seen before says nothing about what is seen from now on: another place, another side."""
        self._conditions.forget()
        if self._settling:
            self._settling.forget()
        if self._exercise.lead:
            self._finder = LeadFinder(self._exercise.lead)
            self.side = self._plan
        self._hold_sides = self._new_hold_sides()
        self._first_here = len(self.holds)
        self._side_in_form = None
        self._forget_bases()

    def _calibrate(self, body: Body) -> None:
        """Collects the base expressions, before the hold or in its first seconds of good form."""
        if not self._exercise.bases:
            return
        timer = self._timer
        if self._in_form_base:
            if not timer.good or self._calibrated:
                if not timer.holding:
                    self._rows.clear()
                return
        elif timer.holding or self.in_position:
            return  # also while it is interrupted: what is compared is how it was before
        lead = body.lead_side
        self._rows.append((body.time, tuple(self._exercise.base_row(body, side) for side in SIDES)))
        body.set_lead(lead)
        if self._in_form_base:
            if timer.in_form < CALIBRATE_S:
                return
            self._calibrated = True
        else:
            while body.time - self._rows[0][0] > BEFORE_S:
                self._rows.popleft()
            if body.time - self._rows[0][0] < LEAST_BEFORE_S:
                return
        sets = zip(*(rows for _, rows in self._rows), strict=True)
        self._bases = tuple([_median(column) for column in zip(*rows, strict=True)] for rows in sets)

    def _watch(self, body: Body, view: View, posture: bool, position: bool) -> list[Finding]:
        camera = self._exercise.template.camera
        lasting = []
        judged = set()
        changing = bool(self.holds) and body.time - self.holds[-1].end_s <= self._end_s
        for watch in self._watches:
            fault = watch.check.fault
            active = ("hold" in fault.when and self._timer.holding and position) or (
                "setup" in fault.when and posture and not self._timer.holding and not changing
            )
            if not active:
                watch.pause(body.time)
                continue
            shows = watch.clear and camera.shows(fault.view, nan if view.along else view.ratio)
            if shows:
                judged.add(fault.id)
            finding = watch.update(body, shows, body.time)
            if finding:
                lasting.append(finding)
        self.judged = frozenset(judged)
        return lasting

    def _end(self, times: HoldTimes) -> None:
        measures = self._measures(times.start, times.end)
        found = [f for watch in self._watches for f in watch.within(times.start, times.end + 1e-9)]
        faults = {f.check.fault.id: None for f in sorted(found, key=lambda f: f.time)}
        side = self._plan or self._side_seen()
        look = self._look(measures)
        resumed = self._resumed(times.start)
        same = False
        if self._hold_sides and look and side and times.in_form >= PASSING_S:
            side, same, turned = self._hold_sides.end(look, side, resumed)
            if turned:
                before = self.holds[self._first_here :]
                self.holds[self._first_here :] = [
                    replace(hold, side=hold.side and opposite(hold.side)) for hold in before
                ]
        hold = HoldReport(
            side=side,
            start_s=times.start,
            end_s=times.end,
            in_form_s=times.in_form,
            held_s=times.held,
            lost_s=times.lost,
            longest_s=times.longest,
            breaks=times.breaks,
            measures=measures,
            faults=tuple(faults),
        )
        if same and resumed:
            hold = _joined(self.holds.pop(), hold)
        self.holds.append(hold)
        self._kept.clear()
        self._sides.clear()
        self._far.clear()
        self._looked = False
        self._rows.clear()
        if self._in_form_base:
            self._forget_bases()

    def _measures(self, start: float, end: float) -> dict[str, float]:
        """Medians between two times."""
        rows = [values for t, values in self._kept if start <= t <= end]
        names = [name for name, _ in self._exercise.measures]
        return {name: _median(tuple(row[i] for row in rows)) for i, name in enumerate(names)}

    def _look(self, measures: Mapping[str, float]) -> Look | None:
        """How the hold under way looks from the side; None if it was not seen from there."""
        if not self._hold_sides or not self._far or self._exercise.lead is None:
            return None
        return Look(self._near, tuple(measures[name] for name in self._exercise.lead.alike), _median(tuple(self._far)))

    def _resumed(self, start: float) -> bool:
        """Whether a hold that began then may be the one before, taken up again."""
        return len(self.holds) > self._first_here and start - self.holds[-1].end_s <= self._end_s

    def _new_hold_sides(self) -> HoldSides | None:
        lead = self._exercise.lead
        return HoldSides(lead) if lead and lead.alike and not self._plan else None

    def _forget_bases(self) -> None:
        empty = [nan] * len(self._exercise.bases)
        self._bases = (empty, empty)
        self._calibrated = False
        self._rows.clear()

    def _side_seen(self) -> Side | None:
        if not self._sides:
            return None
        return "left" if 2 * self._sides.count("left") >= len(self._sides) else "right"


def _joined(first: HoldReport, second: HoldReport) -> HoldReport:
    """A hold that was interrupted and taken up again."""
    longer = first if first.held_s >= second.held_s else second
    return HoldReport(
        side=second.side,
        start_s=first.start_s,
        end_s=second.end_s,
        in_form_s=first.in_form_s + second.in_form_s,
        held_s=first.held_s + second.held_s,
        lost_s=first.lost_s + second.lost_s,
        longest_s=max(first.longest_s, second.longest_s),
        breaks=first.breaks + 1 + second.breaks,
        measures=longer.measures,
        faults=tuple(dict.fromkeys((*first.faults, *second.faults))),
    )


class Watch:
    """Follows one fault through a hold: when it lasts, when it is gone.

    Attributes:
        check: the fault.
        found: every time that it lasted.
        until: until when each of them did.
        judged, hidden: whether it could be judged at some time, and could not at some time.
        clear: whether its joints are visible enough now.
    """

    def __init__(self, check: Check) -> None:
        self.check = check
        self.clear = True
        self.found: list[Finding] = []
        self.until: list[float] = []
        self.judged = False
        self.hidden = False
        self._since: float | None = None
        self._worse_since: float | None = None
        self._last_true = self._last_worse = 0.0
        self._open: Finding | None = None

    def update(self, body: Body, shows: bool, time: float) -> Finding | None:
        """The finding that lasts right now, if any."""
        check, fault = self.check, self.check.fault
        if not shows:
            self.hidden = True
            self.pause(time)
            return None
        self.judged = True
        watched = check.only_while is None or bool(check.only_while.evaluate(body))
        now = watched and bool(check.rule.evaluate(body))
        self._since = self._follow(now, self._since, self._last_true, time)
        if now:
            self._last_true = time
        severity = None
        if self._since is not None and self._last_true - self._since >= fault.persist_s:
            severity = fault.severity
        if check.worse and fault.worse:
            worse = watched and bool(check.worse.evaluate(body))
            self._worse_since = self._follow(worse, self._worse_since, self._last_worse, time)
            if worse:
                self._last_worse = time
            persist = fault.persist_s if fault.worse.persist_s is None else fault.worse.persist_s
            if self._worse_since is not None and self._last_worse - self._worse_since >= persist:
                severity = fault.worse.severity
        if severity is None:
            if self._since is None:
                self._open = None
            elif self._open:
                self.until[-1] = time
            return self._open
        since = self._since if self._since is not None else time
        if self._open is None:
            self._open = Finding(check, "present", severity, since)
            self.found.append(self._open)
            self.until.append(time)
        elif severity > self._open.severity:
            self._open = Finding(check, "present", severity, self._open.time)
            self.found[-1] = self._open
        self.until[-1] = time
        return self._open

    def within(self, start: float, end: float) -> Iterator[Finding]:
        """What began between two times, or went on into them for as long as it has to last."""
        for finding, until in zip(self.found, self.until, strict=True):
            if start <= finding.time <= end or (finding.time < start and until - start >= self.check.fault.persist_s):
                yield finding

    def pause(self, time: float) -> None:
        """The rule cannot be watched at this moment."""
        if time - max(self._last_true, self._last_worse) > PAUSE_S:
            self._since = self._worse_since = self._open = None

    @staticmethod
    def _follow(now: bool, since: float | None, last_true: float, time: float) -> float | None:
        if now:
            return time if since is None else since
        return since if since is not None and time - last_true <= PAUSE_S else None


class Wobble:
    """Restlessness of a measure: standard deviation about the straight trend of the last seconds.

    The trend is taken out so that settling slowly into a stretch is not taken for bouncing.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._samples: deque[tuple[float, float]] = deque()
        self._value = nan

    def update(self, time: float, value: float) -> float:
        """The restlessness now; NaN until the window is full. NaN starts anew: getting into position is no bouncing."""
        samples = self._samples
        if value != value:
            samples.clear()
            self._value = nan
        elif not samples or time - samples[-1][0] >= SAMPLE_S:
            samples.append((time, value))
            while time - samples[0][0] > self._seconds:
                samples.popleft()
            full = samples[-1][0] - samples[0][0] >= 0.8 * self._seconds and len(samples) >= 5
            self._value = _detrended_deviation(samples) if full else nan
        return self._value


def _detrended_deviation(samples: deque[tuple[float, float]]) -> float:
    n = len(samples)
    mean_t = sum(t for t, _ in samples) / n
    mean_v = sum(v for _, v in samples) / n
    tt = sum((t - mean_t) ** 2 for t, _ in samples)
    slope = sum((t - mean_t) * (v - mean_v) for t, v in samples) / tt if tt else 0.0
    return float((sum((v - mean_v - slope * (t - mean_t)) ** 2 for t, v in samples) / n) ** 0.5)


def _median(values: tuple[float, ...]) -> float:
    seen = sorted(v for v in values if v == v)
    return seen[len(seen) // 2] if seen else nan
