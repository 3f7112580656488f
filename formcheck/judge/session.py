"""A session: one person, one exercise, one set. Poses in, judgement out.

The same session judges live pictures, recorded videos and replayed tracks; it knows no clock and no frame rate. It
answers every pose with a `Moment` and at the end gives the `Report`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import hypot, isfinite, nan

import numpy as np
from numpy.typing import NDArray

from formcheck.judge import readiness as ready
from formcheck.judge.body import JOINTS, Body, Proportions
from formcheck.judge.coach import Coach
from formcheck.judge.counting import RepetitionSet, Told, quantity
from formcheck.judge.cuts import CutFinder
from formcheck.judge.exercise import Exercise
from formcheck.judge.faults import Finding
from formcheck.judge.labels import LabelGuard
from formcheck.judge.limbs import LimbGuard
from formcheck.judge.moment import Counts, Cue, Moment, Phase, Quality, Readiness, Reading
from formcheck.judge.other_side import OtherSide
from formcheck.judge.posture import PostureWatch
from formcheck.judge.readiness import HIDDEN_CLEAR, UNSEEN_CLEAR, ReadinessLog
from formcheck.judge.report import FaultReport, Report, VideoFacts
from formcheck.judge.smoothing import LandmarkSmoother
from formcheck.judge.symmetry import Symmetry, symmetry
from formcheck.judge.template import Template
from formcheck.judge.timing import HoldSet
from formcheck.judge.unseen_side import unseen_side
from formcheck.judge.view import View, ViewMeter
from formcheck.pose import LANDMARKS, Pose, Side

TICKS = 2.0**20
"""Times are taken to a millionth of a second, by a power of two: so their differences are exact on every clock."""


class Session:
    """Judges one set of one exercise.

    Args:
        template: the exercise (`formcheck.load_template`).
        side: the side that the person will work with, if it was said; otherwise it is found from the motion.
        comfort: count and judge by the person's own range instead of the template's.
        target_s: seconds to hold, for the clock; the template's first target if not given.
        variants: variants of the exercise, such as ``{"other_leg": "bent"}``.

    Example:
        >>> session = Session(load_template("lunge"))
        >>> for pose in poses:
        ...     moment = session.update(pose)
        >>> report = session.finish()
        >>> report.counts.total
        12
    """

    def __init__(
        self,
        template: Template,
        *,
        side: Side | None = None,
        comfort: bool = False,
        target_s: float | None = None,
        variants: Mapping[str, str] | None = None,
    ) -> None:
        self.template = template
        self._exercise = exercise = Exercise(template)
        self._comfort = comfort
        self._counting: RepetitionSet | None = None
        self._timing: HoldSet | None = None
        plan = side if template.sides else None
        if template.repetition:
            self._counting = RepetitionSet(exercise, plan, comfort, variants or {})
        else:
            targets = template.hold.targets_s if template.hold else {}
            target = target_s if target_s is not None else next(iter(targets.values()), None)
            self._timing = HoldSet(exercise, plan, target, variants or {})
        self._guard = LabelGuard()
        self._limbs = LimbGuard()
        self._hidden = np.ones(LANDMARKS, dtype=bool)
        self._cuts = CutFinder()
        self._smoother = LandmarkSmoother()
        self._proportions = Proportions()
        self._view_meter = ViewMeter(template.lies)
        self._readiness = ReadinessLog()
        self._coach = Coach()
        self._cues: list[Cue] = []
        self._views: dict[tuple[str, str], float] = {}
        self._ratios: list[float] = []
        self._posture = PostureWatch()
        self._labelled = [(i, m) for i, m in enumerate(template.measures.values()) if m.label and m.at]
        self._marks = [
            tuple(_landmark_name(text, template) for text in (m.at or "", *(m.arms or ()))) for _, m in self._labelled
        ]
        near = {joint for owner, joint in exercise.required if owner == "near"} or {"shoulder", "hip", "knee"}
        self._near_required = sorted(JOINTS.index(joint) for joint in near)
        self._frames = self._frames_with_person = 0
        self._first: float | None = None
        self._last = 0.0
        self._step = 0.0
        self._size = (0, 0)
        self._report: Report | None = None
        self._latest: tuple[Body, NDArray[np.float64], NDArray[np.float64]] | None = None
        self._unseen_values = (nan,) * len(exercise.measures)
        words = template.repetition.words if template.repetition else ("", "", "")
        hold_word = template.hold.words if template.hold else ""
        self._words: dict[Phase, str] = {
            "setup": "get ready",
            "rest": "ready",
            "moving": words[0],
            "peak": words[1],
            "returning": words[2],
            "hold": hold_word,
            "paused": "paused",
        }

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures, in the order of `Moment.values`."""
        return tuple(self.template.measures)

    @property
    def exercise(self) -> Exercise:
        """The compiled template."""
        return self._exercise

    @property
    def body(self) -> Body | None:
        """The last pose, smoothed and measured, the session's own; None where nobody was seen."""
        return self._latest[0] if self._latest is not None and self._latest[0].time == self._last else None

    def update(self, pose: Pose) -> Moment:
        """Judges the next pose.

        Args:
            pose: times must increase from pose to pose.

        Raises:
            ValueError: if the pose is not later than the one before, or the session is finished.
        """
        if self._report is not None:
            raise ValueError("the session is finished; start a new one")
        if not isfinite(pose.time):
            raise ValueError(f"a pose needs a time in seconds, not {pose.time}")
        time = round(pose.time * TICKS) / TICKS
        if self._first is None:
            self._first = time
        elif not time > self._last:
            raise ValueError(f"poses must come in the order of time: {pose.time} s after {self._last} s")
        else:
            self._step = time - self._last
        self._last, self._size = time, pose.size
        self._frames += 1
        told = None
        if pose.cut:
            told = self._cut()
            self._cuts.reset()
        if not pose.seen:
            return self._unseen(pose, told)
        self._frames_with_person += 1
        points, visibility = pose.points, pose.visibility
        rows: list[list[float]] = points.tolist()
        # First of all: the guards compare a pose with those before, and of another scene they would spoil what is
        # seen first, which is taken for rest.
        change = self._cuts.update(time, rows)
        if change == "wild":
            return self._unseen(pose)
        if change == "cut":
            told = self._cut()
        limb = self._proportions.lengths[1]
        thigh = limb if limb == limb else _limb(pose)
        order = self._guard.update(time, rows, thigh)
        if self._guard.revised is not None:
            self._smoother.relabel(self._guard.revised)
        if order is not None:
            points, visibility = points[order], visibility[order]
            pose = Pose(time, points, visibility, pose.size, pose.cut)
            rows = points.tolist()
        self._hidden = hidden = visibility < np.where(self._hidden, UNSEEN_CLEAR, HIDDEN_CLEAR)
        if hidden.any():
            points = points.copy()
            points[hidden] = np.nan
        # A hold goes on over wrong pictures: its clock would stand for a leg that the model takes for an arm.
        in_plane = self.template.kind == "repetitions" and self.template.camera.in_plane
        from_side = in_plane and self._view_meter.kind == "side"
        wrong = self._limbs.update(time, rows, thigh, from_side)
        if wrong:
            points = points.copy()
            points[wrong] = np.nan
        body, view = self._body(time, points, visibility)
        posture = self._posture.update(time, bool(self._exercise.posture.evaluate(body)), self._busy)
        if self._counting:
            told = self._counting.update(body, view, posture and self._posture.taken) or told
            spoken = self._tell(time, told) if told else None
        else:
            assert self._timing
            spoken = self._hold(body, view, posture)
        state = self._readiness.update(time, self._judge_readiness(body, view, posture))
        self._note_view(view)
        return self._moment(pose, state, view, spoken, told is not None, body)

    def finish(self) -> Report:
        """Ends the set and gives its report; calling it again gives the same report."""
        if self._report is None:
            if self._counting:
                told = self._counting.finish(self._latest_body())
                if told:
                    self._tell(self._last, told)
            if self._timing:
                self._timing.finish()
            self._report = self._build_report()
        return self._report

    def _latest_body(self) -> Body | None:
        """The latest pose as it came: smoothing lags a tenth of a second, which matters when nothing comes after it."""
        if self._latest is None:
            return None
        body, points, visibility = self._latest
        raw = Body(body.time, points, visibility)
        raw.set_near(body.near_side)
        for name in ("torso", "thigh", "shank", "upper_arm", "facing", "headward", "ahead_x", "ahead_y", "view_ratio"):
            setattr(raw, name, getattr(body, name))
        return raw

    # One pose -------------------------------------------------------------------------------------------------------

    def _body(self, time: float, points: NDArray[np.float64], visibility: NDArray[np.float64]) -> tuple[Body, View]:
        busy = self._busy
        limb = self._proportions.lengths[1]
        body = Body(time, self._smoother.update(time, points, limb if limb == limb else 0.0), visibility)
        self._proportions.update(body, frozen=busy)
        body.note_edges(points, self._size)
        left, right, needed = body.left_clear, body.right_clear, self._near_required
        view = self._view_meter.update(
            body, min([left[i] for i in needed]), min([right[i] for i in needed]), frozen=busy
        )
        body.view_ratio = view.ratio
        self._latest = (body, points, visibility)
        return body, view

    @property
    def _other_side(self) -> OtherSide | None:
        return (self._counting or self._timing).other_side  # type: ignore[union-attr]

    @property
    def _busy(self) -> bool:
        return (self._counting or self._timing).busy  # type: ignore[union-attr]

    def _unseen(self, pose: Pose, told: Told | None = None) -> Moment:
        time = self._last
        if self._counting:
            told = self._counting.unseen(time, self._latest_body()) or told
        spoken = self._tell(time, told) if told else None
        if self._timing:
            self._timing.unseen(time)
        state = self._readiness.update(time, ready.no_person(self._exercise))
        return self._moment(pose, state, None, spoken, told is not None, None)

    def _cut(self) -> Told | None:
        told = self._counting.cut(self._latest_body()) if self._counting else None
        for part in (self._guard, self._limbs, self._smoother, self._proportions, self._view_meter, self._posture):
            part.reset()
        if self._timing:
            self._timing.cut()
        return told

    def _hold(self, body: Body, view: View, posture: bool) -> Cue | None:
        assert self._timing
        lasting = self._timing.update(body, view, posture, self._hidden.tolist())
        return self._say(self._coach.hold(body.time, lasting, self._timing.judged))

    def _tell(self, time: float, told: Told) -> Cue | None:
        return self._say(self._coach.repetition(time, told.findings))

    def _say(self, cue: Cue | None) -> Cue | None:
        if cue:
            self._cues.append(cue)
        return cue

    def _judge_readiness(self, body: Body, view: View, posture: bool) -> Readiness:
        exercise = self._exercise
        if self._counting:
            if self._counting.busy:
                return ready.READY
        elif self._timing and self._timing.in_position:
            return ready.READY
        view_wrong = ready.wrong_view(exercise, view)
        hidden = None if view.along else ready.hidden(exercise, body)
        if hidden:
            return ready.too_frontal(exercise, view) or hidden
        if view_wrong and view.along:
            return view_wrong  # the posture cannot be told from there
        if not posture:
            return (
                ready.from_the_head(exercise, body, view)
                or ready.along_the_trunk(exercise, body)
                or ready.wrong_posture(exercise)
            )
        if view_wrong:
            return view_wrong
        for rule, say in exercise.setup:
            if rule.evaluate(body):
                return Readiness(False, "setup", say)
        if self._counting and self._counting.in_start:
            return ready.READY if self._counting.calm else ready.hold_still()
        return ready.not_at_start(exercise)

    def _note_view(self, view: View) -> None:
        if view.kind != "unknown":
            key = (view.kind, view.near)
            self._views[key] = self._views.get(key, 0.0) + self._step
            if view.ratio == view.ratio and self._frames % 8 == 0:
                self._ratios.append(view.ratio)

    def _moment(
        self, pose: Pose, state: Readiness, view: View | None, spoken: Cue | None, ended: bool, body: Body | None
    ) -> Moment:
        counting, timing = self._counting, self._timing
        if counting:
            phase, counts, clock, side = counting.phase, counting.counts, None, counting.side
            attempt = len(counting.told) if ended else 0
        else:
            assert timing
            phase, counts, clock, side = timing.phase, _NO_COUNTS, timing.clock, timing.side
            attempt = 0
        return Moment(
            time=pose.time,
            pose=pose,
            readiness=state,
            view=view,
            side=side,
            phase=phase,
            phase_word=self._words[phase],
            counts=counts,
            hold=clock,
            values=tuple(body.values) if body else self._unseen_values,
            cue=self._coach.showing(self._last),
            spoken=spoken,
            attempt=attempt,
            wrong_side=bool(self._other_side and self._other_side.noticed),
            read=partial(self._readings, body, phase) if body else tuple,
        )

    def _readings(self, body: Body, phase: Phase) -> tuple[Reading, ...]:
        judged = phase in ("peak", "hold")
        camera = self.template.camera
        shown = not body.along and camera.shows(
            camera.view, body.view_ratio
        )  # from elsewhere the bands of good form do not hold
        readings = []
        for (i, m), marks in zip(self._labelled, self._marks, strict=True):
            value = body.values[i]
            target = m.target if shown and not any(body.is_cropped(*mark) for mark in marks) else None
            quality: Quality = "untargeted"
            if value != value:
                quality = "unseen"
            elif target and judged:
                quality = "good" if target[0] <= value <= target[1] else "off"
            at, *arms = (body.landmark(*mark) for mark in marks)
            readings.append(
                Reading(
                    name=self.measures[i],
                    label=m.label or "",
                    unit=m.unit,
                    value=value,
                    target=target,
                    quality=quality,
                    at=at,
                    arms=(arms[0], arms[1]) if arms else None,
                )
            )
        return tuple(readings)

    # The whole set --------------------------------------------------------------------------------------------------

    def _build_report(self) -> Report:
        template = self.template
        counting, timing = self._counting, self._timing
        kind, near, ratio = "unknown", None, nan
        if self._views:
            by_kind: dict[str, float] = {}
            for (name, _), seconds in self._views.items():
                by_kind[name] = by_kind.get(name, 0.0) + seconds
            kind = max(by_kind, key=lambda k: by_kind[k])
            near = max(self._views, key=lambda k: self._views[k])[1]
            ordered = sorted(self._ratios)
            ratio = ordered[len(ordered) // 2] if ordered else nan
        findings = (
            timing.findings() if timing else [f for told in counting.told for f in told.findings] if counting else []
        )
        repetitions = tuple(told.repetition for told in counting.told) if counting else ()
        faults, tips = self._fault_reports([f for f in findings if f.verdict == "present"])
        compared = symmetry(repetitions, template.measures)
        video = VideoFacts(
            duration_s=self._last - self._first + self._step if self._first is not None else 0.0,
            width=self._size[0],
            height=self._size[1],
            frames=self._frames,
            frames_with_person=self._frames_with_person,
        )
        return Report(
            exercise=template.id,
            name=template.name,
            kind=template.kind,
            video=video,
            view=kind,
            view_ratio=ratio,
            near_side="left" if near == "left" else "right" if near == "right" else None,
            counts=counting.counts if counting else Counts(),
            repetitions=repetitions,
            holds=tuple(timing.holds) if timing else (),
            faults=faults,
            tips=tips,
            cues=tuple(self._cues),
            readiness=tuple(self._readiness.periods()),
            not_visible=self._not_visible(findings, ratio),
            comfort=self._comfort,
            measure_units={name: measure.unit for name, measure in template.measures.items()},
            notes=self._notes(compared),
            symmetry=compared,
        )

    def _notes(self, compared: Symmetry | None) -> tuple[str, ...]:
        notes = [self._other_side.note() if self._other_side else None]
        if compared and compared.differs:
            left, right = (quantity(value, compared.unit) for value in (compared.left, compared.right))
            notes.append(
                f"Left and right differ by more than the measuring noise: {left} left, {right} right (medians)."
            )
        if self._timing and self._other_side is None:
            periods = self._readiness.periods()
            notes.append(unseen_side(self._timing.holds, periods, self.template.camera.advice))
        return tuple(note for note in notes if note)

    def _fault_reports(self, present: list[Finding]) -> tuple[tuple[FaultReport, ...], tuple[FaultReport, ...]]:
        by_id: dict[str, list[Finding]] = {}
        for finding in present:
            by_id.setdefault(finding.check.fault.id, []).append(finding)
        reports = [
            FaultReport(
                id=fault_id,
                severity=max(f.severity for f in found),
                cue=found[0].check.fault.cue,
                why=found[0].check.fault.why,
                measurable=found[0].check.fault.measurable,
                first_s=min(f.time for f in found),
                times=tuple(sorted(f.time for f in found)),
            )
            for fault_id, found in by_id.items()
        ]
        reports.sort(key=lambda r: (-int(r.severity[1]), -len(r.times), r.first_s))
        return (
            tuple(r for r in reports if r.measurable != "C"),
            tuple(r for r in reports if r.measurable == "C"),
        )

    def _not_visible(self, findings: list[Finding], ratio: float) -> tuple[str, ...]:
        """Ids of the faults that nobody could judge in this set."""
        if not self._frames_with_person:
            return ()
        if self._timing and self._timing.holds:
            return self._timing.not_visible()
        if findings:
            judged = {f.check.fault.id for f in findings if f.verdict != "not_visible"}
            return tuple(dict.fromkeys(f.check.fault.id for f in findings if f.check.fault.id not in judged))
        camera = self.template.camera
        return tuple(f.id for f in self.template.faults if not camera.shows(f.view, ratio))


_NO_COUNTS = Counts()


def _landmark_name(text: str, template: Template) -> tuple[str, str]:
    owner, _, joint = text.partition(".")
    if template.sides:
        owner = {template.sides.lead: "lead", template.sides.other: "other"}.get(owner, owner)
    return (owner, joint) if joint else (owner, owner)


def _limb(pose: Pose) -> float:
    """Length in pixels of the longer thigh of a raw pose; 0 if not seen."""
    lengths = [hypot(*(pose.points[a] - pose.points[b])) for a, b in ((23, 25), (24, 26))]
    return max((length for length in lengths if length == length), default=0.0)
