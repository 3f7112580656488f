"""Has anything become worse than the baseline?

Only clips that are in both are compared, with the templates that are in both. So one baseline serves machines that
have all the recordings and machines that have a part of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isnan

from formcheck.evaluate.figures import Figures, Share, angle_figures, fault_figures, figures, grouped
from formcheck.evaluate.result import ClipResult

HOLD_S = 0.3
"""By how many seconds the hold of one clip may become worse."""


@dataclass(frozen=True, slots=True)
class Worse:
    """A figure that got worse: of which clip or exercise, what it was, what it is."""

    where: str
    figure: str
    before: str
    now: str

    def __str__(self) -> str:
        return f"{self.where}: {self.figure} {self.now}, was {self.before}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared, and what got worse.

    Attributes:
        worse: figures beyond their tolerance.
        compared: how many results are in both.
        new: results that the baseline does not have.
        absent: results of the baseline that were not evaluated now.
    """

    worse: tuple[Worse, ...]
    compared: int
    new: int
    absent: int


def compare_with(baseline: Iterable[ClipResult], results: Iterable[ClipResult]) -> Comparison:
    """Holds results against a baseline."""
    then = {result.key: result for result in baseline}
    now = {result.key: result for result in results}
    common = [key for key in now if key in then and then[key].kind == now[key].kind]
    worse = [found for key in common for found in _clip(then[key], now[key])]
    old, new = [then[key] for key in common], [now[key] for key in common]
    before, after = grouped(old, "exercise"), grouped(new, "exercise")
    for exercise in before:
        worse += _pooled(exercise, before[exercise], after[exercise])
    worse += _pooled_negatives(figures(old), figures(new))
    worse += _faults(old, new)
    worse += _angles(old, new)
    return Comparison(tuple(worse), len(common), len(now) - len(common), len(then) - len(common))


def _clip(then: ClipResult, now: ClipResult) -> list[Worse]:
    """What is exact is compared clip by clip, without tolerance."""
    where = f"{now.name} as {now.template}" if now.negative else now.name
    found: list[Worse] = []

    def exact(figure: str, before: float, after: float, show: Callable[[float], str] = "{:g}".format) -> None:
        if after > before:
            found.append(Worse(where, figure, show(before), show(after)))

    if then.recognition and now.recognition:
        before, after = then.recognition, now.recognition
        if _VERDICTS.index(after.verdict) > _VERDICTS.index(before.verdict):
            found.append(Worse(now.name, "recognised as", before.exercise or "nothing", after.exercise or "nothing"))
    if then.reps and now.reps:
        if abs(now.reps.error) > abs(then.reps.error):
            least, most = now.reps.accepted
            right = f"{least}" if least == most else f"{least} to {most}"
            found.append(Worse(where, "repetitions", str(then.reps.counted), f"{now.reps.counted} (right: {right})"))
        exact("wrong sides", _wrong(then.reps.sides), _wrong(now.reps.sides))
    if then.hold and now.hold:
        if abs(now.hold.error) > abs(then.hold.error) + HOLD_S:
            found.append(
                Worse(
                    where,
                    "seconds in form",
                    f"{then.hold.in_form:.1f}",
                    f"{now.hold.in_form:.1f} (right: {_right(now)})",
                )
            )
        exact("wrong sides", _wrong(then.hold.sides), _wrong(now.hold.sides))
    if then.negative and now.negative:
        exact("repetitions counted", then.negative.counted, now.negative.counted)
        exact("seconds held", then.negative.held, now.negative.held, "{:.1f}".format)
        exact("cues", then.negative.cues, now.negative.cues)
    return found


_VERDICTS = ("right", "not sure", "wrong")


def _wrong(sides: tuple[int, int]) -> int:
    return sides[1] - sides[0]


def _right(result: ClipResult) -> str:
    assert result.hold
    least, most = result.hold.accepted
    return f"{least:.1f}" if least == most else f"{least:.1f} to {most:.1f}"


# How much a figure of an exercise may move without being worse: what another machine or library version may change.
_PEAK_S, _EDGE_S = 0.05, 0.1
_USABLE = 0.03
_CUES = 0.05
_ANGLE_DEG = 1.0
_FOUND, _FALSE = 0.05, 0.02


def _pooled(exercise: str, before: Figures, after: Figures) -> list[Worse]:
    found: list[Worse] = []

    def larger(figure: str, then: float, now: float, tolerance: float, unit: str) -> None:
        if not isnan(then) and (now > then + tolerance or isnan(now)):
            found.append(Worse(exercise, figure, f"{then:.2f}{unit}", f"{now:.2f}{unit}"))

    def smaller(figure: str, then: Share, now: Share, tolerance: float) -> None:
        if then.n and now.n and now.value < then.value - tolerance:
            found.append(Worse(exercise, figure, f"{then.value:.0%}", f"{now.value:.0%}"))

    larger("peak time error", before.peak.mae, after.peak.mae, _PEAK_S, " s")
    larger("start time error", before.start.mae, after.start.mae, _EDGE_S, " s")
    larger("end time error", before.end.mae, after.end.mae, _EDGE_S, " s")
    larger("hold error", before.hold.mae, after.hold.mae, _EDGE_S, " s")
    smaller("frames with a person", before.person, after.person, _USABLE)
    smaller("frames usable", before.usable, after.usable, _USABLE)
    (cues_then, sets_then), (cues_now, sets_now) = before.false_cues, after.false_cues
    if sets_then and sets_now:
        larger("false cues a set", cues_then / sets_then, cues_now / sets_now, _CUES, "")
    return found


def _pooled_negatives(before: Figures, after: Figures) -> list[Worse]:
    """Partial repetitions in negatives may come and go; what is counted, held or said was compared clip by clip."""
    if after.silent.k < before.silent.k:
        text = "{0.k} of {0.n}".format
        return [Worse("negatives", "left alone", text(before.silent), text(after.silent))]
    return []


def _faults(old: list[ClipResult], new: list[ClipResult]) -> list[Worse]:
    before = {(f.template, f.id): f for f in fault_figures(old)}
    found: list[Worse] = []
    for fault in fault_figures(new):
        then = before.get((fault.template, fault.id))
        if then is None:
            continue
        where = f"{fault.template} {fault.id}"
        for level, share in fault.sensitivity.items():
            was = then.sensitivity.get(level)
            if was and was.n and (share.value < was.value - _FOUND or not share.n):
                found.append(Worse(where, f"found ({level})", _of(was), _of(share)))
        if then.specificity.n and fault.specificity.n and fault.specificity.value < then.specificity.value - _FALSE:
            false = [Share(s.n - s.k, s.n) for s in (then.specificity, fault.specificity)]
            found.append(Worse(where, "false alarms", _of(false[0]), _of(false[1])))
    return found


def _of(share: Share) -> str:
    return f"{share.k} of {share.n}"


def _angles(old: list[ClipResult], new: list[ClipResult]) -> list[Worse]:
    before = {(a.exercise, a.name, a.view): a for a in angle_figures(old, measures=False, each=True)}
    found: list[Worse] = []
    for angle in angle_figures(new, measures=False, each=True):
        then = before.get((angle.exercise, angle.name, angle.view))
        if then is not None and angle.mae > then.mae + _ANGLE_DEG:
            where = f"{angle.exercise} {angle.name} ({angle.view})"
            found.append(Worse(where, "angle error", f"{then.mae:.1f}°", f"{angle.mae:.1f}°"))
    return found
