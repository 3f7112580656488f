"""Figures of accuracy, summed up over clips.

The definitions follow section 8 of the exercise specification; ``docs/accuracy.md`` explains each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from statistics import median

import numpy as np

from formcheck.evaluate.result import ClipResult, Level

Z95 = 1.959964
"""Standard normal quantile of a two-sided 95 % interval."""

IDEAL = "ideal"


@dataclass(frozen=True, slots=True)
class Share:
    """`k` of `n`, with the interval in which the true share lies with 95 % confidence (Wilson's)."""

    k: int
    n: int

    @property
    def value(self) -> float:
        """k / n; NaN of nothing."""
        return self.k / self.n if self.n else nan

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end of the Wilson score interval, 0 to 1; (0, 1) of nothing."""
        if not self.n:
            return 0.0, 1.0
        p, z, n = self.k / self.n, Z95, self.n
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        # Exactly 0 and 1 where nothing or everything is: rounding leaves a trace there otherwise.
        return (0.0 if self.k == 0 else centre - half), (1.0 if self.k == n else centre + half)

    def __add__(self, other: Share) -> Share:
        return Share(self.k + other.k, self.n + other.n)


@dataclass(frozen=True, slots=True)
class Spread:
    """Errors, summed up.

    Attributes:
        n: how many.
        mae: mean without sign. bias: mean. worst: the one furthest from 0, with its sign. All NaN of nothing.
    """

    n: int
    mae: float
    bias: float
    worst: float

    @classmethod
    def of(cls, errors: Sequence[float]) -> Spread:
        """The spread of some errors."""
        if not errors:
            return cls(0, nan, nan, nan)
        n = len(errors)
        return cls(n, sum(map(abs, errors)) / n, sum(errors) / n, max(errors, key=abs))


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of some clips.

    Attributes:
        clips: how many results.
        right: clips that are judged right: count, hold or silence. What was judged as another exercise is left out.
        exact, off_by_one: clips whose count is exactly right; at most one off.
        count_error: repetitions too many (or too few, negative).
        exact_joints: clips whose count, or hold, would be right with exact joints.
        sides: sides of repetitions and holds.
        partial: clips whose number of partial repetitions is right.
        peak, start, end: errors of times, seconds.
        hold: error of each hold's seconds in good form. held: of a clip's seconds in position.
        hold_within: clips whose holds are right within the tolerance.
        silent: negatives in which nothing was counted, held or spoken. negative_counts: what was counted there.
        negative_held: seconds held there.
        negative_cues: spoken there.
        recognised: clips of which the exercise was recognised; taken_for: of all clips (negatives too), those that
            were taken for a wrong one.
        false_cues: (cues, sets) on sets in which nothing is wrong.
        person, usable: frames with a person; frames ready to judge.
    """

    clips: int
    right: Share
    exact: Share
    off_by_one: Share
    count_error: Spread
    exact_joints: Share
    sides: Share
    partial: Share
    peak: Spread
    start: Spread
    end: Spread
    hold: Spread
    held: Spread
    hold_within: Share
    silent: Share
    negative_counts: int
    negative_held: float
    negative_cues: int
    recognised: Share
    taken_for: Share
    false_cues: tuple[int, int]
    person: Share
    usable: Share


def figures(results: Iterable[ClipResult]) -> Figures:
    """Sums up some clips."""
    results = list(results)
    reps = [r.reps for r in results if r.reps]
    holds = [r.hold for r in results if r.hold]
    negatives = [(r, r.negative) for r in results if r.negative and r.kind == "negative"]
    partial = [r for r in reps if r.true_partial is not None and r.accepted[0] == r.accepted[1]]
    correct = [r for r in results if r.correct]
    exercising = [r for r in results if not r.negative]
    sides = [r.sides for r in reps] + [h.sides for h in holds]
    perfect = [r.accepted[0] <= r.with_exact_joints <= r.accepted[1] for r in reps if r.with_exact_joints is not None]
    perfect += [
        h.accepted[0] - _slack(h.accepted[0]) <= h.with_exact_joints <= h.accepted[1] + _slack(h.accepted[1])
        for h in holds
        if h.with_exact_joints is not None
    ]
    return Figures(
        clips=len(results),
        right=_share(r.ok for r in results if r.kind != "other"),
        exact=_share(r.error == 0 for r in reps),
        off_by_one=_share(abs(r.error) <= 1 for r in reps),
        count_error=Spread.of([float(r.error) for r in reps]),
        exact_joints=_share(perfect),
        sides=Share(sum(right for right, _ in sides), sum(of for _, of in sides)),
        partial=_share(r.partial == r.true_partial for r in partial),
        peak=Spread.of([e for r in reps for e in r.peak_errors]),
        start=Spread.of([e for r in reps for e in r.start_errors]),
        end=Spread.of([e for r in reps for e in r.end_errors]),
        hold=Spread.of([e for h in holds for e in h.each]),
        held=Spread.of([h.held_error for h in holds]),
        hold_within=_share(h.within for h in holds),
        silent=_share(r.ok for r, _ in negatives),
        negative_counts=sum(n.counted for _, n in negatives),
        negative_held=sum(max(n.held, n.in_form) for _, n in negatives),
        negative_cues=sum(n.cues for _, n in negatives),
        recognised=_share(r.recognition.verdict == "right" for r in exercising if r.recognition),
        taken_for=_share(r.recognition.verdict == "wrong" for r in results if r.recognition),
        false_cues=(sum(r.cues for r in correct), len(correct)),
        person=Share(sum(r.with_person for r in exercising), sum(r.frames for r in exercising)),
        usable=Share(sum(r.usable for r in exercising), sum(r.frames for r in exercising)),
    )


def grouped(results: Iterable[ClipResult], by: str) -> dict[str, Figures]:
    """Figures by exercise (`by="exercise"`: the template) or by one of the results' group labels."""
    sorted_in: dict[str, list[ClipResult]] = {}
    for result in results:
        label = result.template if by == "exercise" else result.groups.get(by)
        if label is not None:
            sorted_in.setdefault(label, []).append(result)
    return {label: figures(part) for label, part in sorted(sorted_in.items(), key=lambda item: _natural(item[0]))}


@dataclass(frozen=True, slots=True)
class FaultFigures:
    """How well one fault is found.

    Attributes:
        template, id, measurable: which fault.
        sensitivity: by level, found of those made that could be seen. specificity: silent of those without any fault.
        not_visible: how often it could not be seen where it was made, and of how many.
        not_visible_clean: the same where nothing is wrong.
    """

    template: str
    id: str
    measurable: str
    sensitivity: dict[Level, Share]
    specificity: Share
    not_visible: Share
    not_visible_clean: Share


def fault_figures(results: Iterable[ClipResult]) -> list[FaultFigures]:
    """Figures of every fault that was made somewhere, or looked for where nothing is wrong."""
    made: dict[tuple[str, str, str], dict[Level, Share]] = {}
    clean: dict[tuple[str, str, str], Share] = {}
    hidden: dict[tuple[str, str, str], list[Share]] = {}
    for result in results:
        for tally in result.faults:
            key = (result.template, tally.id, tally.measurable)
            made.setdefault(key, {})
            clean.setdefault(key, Share(0, 0))
            unseen = hidden.setdefault(key, [Share(0, 0), Share(0, 0)])
            visible = tally.of - tally.not_visible
            if tally.level is None:
                clean[key] += Share(visible - tally.found, visible)
                unseen[1] += Share(tally.not_visible, tally.of)
            else:
                made[key][tally.level] = made[key].get(tally.level, Share(0, 0)) + Share(tally.found, visible)
                unseen[0] += Share(tally.not_visible, tally.of)
    return [FaultFigures(*key, made[key], clean[key], hidden[key][0], hidden[key][1]) for key in sorted(made)]


def by_class(faults: Iterable[FaultFigures]) -> dict[str, FaultFigures]:
    """The faults of each class (A, B, C) together."""
    together: dict[str, FaultFigures] = {}
    for fault in faults:
        so_far = together.get(fault.measurable)
        if so_far is None:
            together[fault.measurable] = FaultFigures("all", "all", *_rest(fault))
            continue
        levels = dict(so_far.sensitivity)
        for level, share in fault.sensitivity.items():
            levels[level] = levels.get(level, Share(0, 0)) + share
        together[fault.measurable] = FaultFigures(
            "all",
            "all",
            fault.measurable,
            levels,
            so_far.specificity + fault.specificity,
            so_far.not_visible + fault.not_visible,
            so_far.not_visible_clean + fault.not_visible_clean,
        )
    return dict(sorted(together.items()))


def _rest(fault: FaultFigures) -> tuple[str, dict[Level, Share], Share, Share, Share]:
    return fault.measurable, fault.sensitivity, fault.specificity, fault.not_visible, fault.not_visible_clean


@dataclass(frozen=True, slots=True)
class AngleFigures:
    """How well one angle is read.

    Attributes:
        exercise: template, or "all".
        name, unit, view: which angle, in which view.
        frames: how many frames it rests on.
        mae, bias: in its unit, as it is read.
        offset: the constant by which it is off in the ideal view (median), None where that is not known.
        mae_without_offset: mean error without sign once this constant is taken off, None where it is not known.
        spread90: from the 5th to the 95th percentile of the errors.
    """

    exercise: str
    name: str
    unit: str
    view: str
    frames: int
    mae: float
    bias: float
    offset: float | None
    mae_without_offset: float | None
    spread90: tuple[float, float] | None


def angle_figures(results: Iterable[ClipResult], *, measures: bool, each: bool) -> list[AngleFigures]:
    """Figures of joint angles, or of the templates' measures, by view.

    The constant offset is that of a joint in an exercise: the rigs of bodies have their joints elsewhere than the pose
    model has its landmarks, and what that does to an angle depends on the pose.

    Args:
        results: the clips.
        measures: the templates' measures instead of joint angles.
        each: every exercise for itself; otherwise all together (the offsets stay those of each exercise).
    """
    clips = [(r, a) for r in results for a in r.angles if a.measure == measures]
    offsets: dict[tuple[str, str], float] = {}
    ideal: dict[tuple[str, str], list[float]] = {}
    for r, a in clips:
        if r.groups.get("view") == IDEAL:
            ideal.setdefault((r.template, a.name), []).extend(a.errors)
    offsets = {key: median(errors) for key, errors in ideal.items() if errors}
    gathered: dict[tuple[str, str, str, str], list[tuple[ClipResult, int]]] = {}
    for r, a in clips:
        key = (r.template if each else "all", a.name, a.unit, r.groups.get("view", "unknown"))
        gathered.setdefault(key, []).append((r, r.angles.index(a)))
    found = []
    for (exercise, name, unit, view), parts in sorted(gathered.items(), key=lambda item: _angle_order(item[0])):
        angles = [(r.template, r.angles[i]) for r, i in parts]
        frames = sum(a.frames for _, a in angles)
        errors = np.array([e for _, a in angles for e in a.errors])
        own = [offsets.get((template, name)) for template, _ in angles]
        known = [value for value in own if value is not None]
        rest = [
            abs(e - value) for (_, a), value in zip(angles, own, strict=True) if value is not None for e in a.errors
        ]
        found.append(
            AngleFigures(
                exercise,
                name,
                unit,
                view,
                frames,
                sum(a.mae * a.frames for _, a in angles) / frames,
                sum(a.bias * a.frames for _, a in angles) / frames,
                known[0] if each and known else None,
                sum(rest) / len(rest) if rest else None,
                (float(np.percentile(errors, 5)), float(np.percentile(errors, 95))) if errors.size else None,
            )
        )
    return found


def _angle_order(key: tuple[str, str, str, str]) -> tuple[str, int, str, tuple[int, str]]:
    exercise, name, _, view = key
    joints = ("knee", "hip", "trunk", "leg")
    return exercise, joints.index(name) if name in joints else len(joints), name, _natural(view)


def _natural(label: str) -> tuple[int, str]:
    """The ideal view first, then 15° off before 30° off."""
    number = re.match("[0-9]+", label)
    return (-1 if label == IDEAL else int(number[0]) if number else 0), label


def _share(true: Iterable[bool]) -> Share:
    answers = list(true)
    return Share(sum(answers), len(answers))


def _slack(seconds: float) -> float:
    from formcheck.evaluate.compare import HOLD_TOLERANCE_S, HOLD_TOLERANCE_SHARE

    return max(HOLD_TOLERANCE_S, HOLD_TOLERANCE_SHARE * seconds)
