"""What a set comes to, side by side: the few figures that are followed over weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from formcheck.judge.symmetry import usual_depth_measure
from formcheck.judge.template import Template
from formcheck.pose import Side


@dataclass(frozen=True, slots=True)
class SideFigures:
    """One side of one set; of both together where an exercise does not tell them apart.

    Attributes:
        side: the side of the person's own body.
        measure, unit: the measure of which `range` and `depth` are; of somebody who turned round within the set, that
            of most repetitions.
        attempts: tried, counted or not.
        counted: full repetitions.
        judged: of these, those in which at least one fault to correct (severity S2 or S3, not class C) could be seen
            at all, had it been there.
        clean: of the judged ones, those without such a fault.
        range: distance between the lowest and the highest value in a repetition; median of the counted ones that were
            measured by `measure`.
        depth: furthest value; median.
        moving_s, peak_s, returning_s, repetition_s: seconds of the phases and of a whole repetition; medians.
        in_form_s, held_s: seconds of all holds together, in good form, and in position.
        longest_s: longest stretch in good form.
    """

    side: Side | None
    measure: str | None = None
    unit: str | None = None
    attempts: int = 0
    counted: int = 0
    judged: int = 0
    clean: int = 0
    range: float | None = None
    depth: float | None = None
    moving_s: float | None = None
    peak_s: float | None = None
    returning_s: float | None = None
    repetition_s: float | None = None
    in_form_s: float | None = None
    held_s: float | None = None
    longest_s: float | None = None


def figures(report: Mapping[str, Any], template: Template | None = None) -> tuple[SideFigures, ...]:
    """The figures of a report in its JSON form, a side each: both together first, then left, then right.

    Args:
        report: what `Report.to_dict` gives.
        template: the exercise; without it every counted repetition passes as judged, and what the depth of an old
            report is of is guessed.
    """
    if report["kind"] == "hold":
        return tuple(_held(side, own) for side, own in _by_side(report["holds"]))
    measure = _depth_measure(report, template)
    grave = {fault["id"] for fault in report["faults"] if fault["severity"] in ("S2", "S3")}
    seen_for = _to_correct(template) if template is not None else frozenset()
    unit = report["units"].get(measure)
    return tuple(_repeated(side, own, measure, unit, grave, seen_for) for side, own in _by_side(report["repetitions"]))


def _depth_measure(report: Mapping[str, Any], template: Template | None) -> str | None:
    """The measure of which most depths of the counted repetitions are; None without such a depth."""
    counted = [r for r in report["repetitions"] if r["counted"] and r["depth"] is not None]
    if not counted:
        return None
    named = usual_depth_measure(name for r in counted if (name := r.get("depth_measure")) is not None)
    return named or _guessed_measure(counted, _depth_measures(template, report["view"]) if template else ())


def _depth_measures(template: Template, view: str) -> list[str]:
    """The measures by which a template shows depth, in this view first."""
    tables = (template.repetition_seen_from(name) for name in (view, None, *template.repetition_in))
    return [table.depth_measure for table in tables if table]


def _guessed_measure(repetitions: Sequence[Mapping[str, Any]], likely: Sequence[str]) -> str | None:
    """The first measure whose lowest or highest value is the depth in every repetition, likely ones first.

    Reports of version 0.2.0 and before do not name it. Several measures may share their extremes: the more bent knee
    of a lunge is either the front or the back one.
    """
    names = dict.fromkeys((*likely, *(name for r in repetitions for name in r["extremes"])))
    fitting = (name for name in names if all(r["depth"] in r["extremes"].get(name, ()) for r in repetitions))
    return next(fitting, None)


def _by_side(parts: Iterable[Mapping[str, Any]]) -> list[tuple[Side | None, list[Mapping[str, Any]]]]:
    found: dict[Side | None, list[Mapping[str, Any]]] = {}
    for part in parts:
        found.setdefault(part["side"], []).append(part)
    return [(side, found[side]) for side in (None, "left", "right") if side in found]


def _to_correct(template: Template) -> frozenset[str]:
    return frozenset(
        fault.id
        for fault in template.faults
        if fault.measurable != "C" and max(fault.severity, fault.worse.severity if fault.worse else "S1") != "S1"
    )


def _repeated(
    side: Side | None,
    attempts: list[Mapping[str, Any]],
    measure: str | None,
    unit: str | None,
    grave: set[str],
    seen_for: frozenset[str],
) -> SideFigures:
    counted = [r for r in attempts if r["counted"]]
    judged = [r for r in counted if not seen_for or seen_for - set(r["not_visible"])]
    measured = [r for r in counted if r.get("depth_measure", measure) == measure]
    ends = [r["extremes"][measure] for r in measured if measure in r["extremes"]] if measure else []

    def seconds(phase: str) -> float | None:
        return _median(r["seconds"].get(phase) for r in counted)

    return SideFigures(
        side=side,
        measure=measure,
        unit=unit,
        attempts=len(attempts),
        counted=len(counted),
        judged=len(judged),
        clean=sum(not grave & set(r["faults"]) for r in judged),
        range=_median(high - low for low, high in ends if low is not None and high is not None),
        depth=_median(r["depth"] for r in measured),
        moving_s=seconds("moving"),
        peak_s=seconds("peak"),
        returning_s=seconds("returning"),
        repetition_s=seconds("repetition"),
    )


def _held(side: Side | None, holds: list[Mapping[str, Any]]) -> SideFigures:
    return SideFigures(
        side=side,
        in_form_s=sum(h["in_form_s"] for h in holds),
        held_s=sum(h["held_s"] for h in holds),
        longest_s=max(h["longest_s"] for h in holds),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 4) if known else None
