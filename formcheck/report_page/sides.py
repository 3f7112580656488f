"""Left against right: the same numbers of both sides, and which differences one camera can tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median

from formcheck.judge.counting import quantity
from formcheck.judge.report import Report
from formcheck.judge.symmetry import FEWEST, beyond_noise, usual_depth_measure
from formcheck.judge.template import Template


@dataclass(frozen=True, slots=True)
class Row:
    """One number of both sides, as it is shown; `plain` if the difference is beyond what one camera gets wrong."""

    name: str
    left: str
    right: str
    difference: str = ""
    plain: bool = False


def left_against_right(report: Report, template: Template) -> list[Row]:
    """The rows of the table; none unless both sides were trained."""
    if not template.sides:
        return []
    if report.kind == "hold":
        return _of_holds(report)
    return _of_repetitions(report, template)


def _of_repetitions(report: Report, template: Template) -> list[Row]:
    left, right = ([r for r in report.repetitions if r.side == side] for side in ("left", "right"))
    if not left or not right:
        return []
    full_left, full_right = ([r for r in attempts if r.counted] for attempts in (left, right))
    rows = [
        Row("Counted", str(len(full_left)), str(len(full_right))),
        Row("Did not count", str(len(left) - len(full_left)), str(len(right) - len(full_right))),
    ]
    depth = usual_depth_measure(r.depth_measure for r in (*full_left, *full_right) if isfinite(r.depth))
    for name, measure in template.measures.items():
        if measure.label or name == depth:
            label = measure.label or name.replace("_", " ").capitalize()
            values = [
                _seen(r.depth for r in full if r.depth_measure == depth)
                if name == depth
                else _seen(r.measures.get(name) for r in full)
                for full in (full_left, full_right)
            ]
            enough = min(map(len, values)) >= FEWEST
            rows += _compared(label, [median(v) if v else None for v in values], measure.unit, enough)
    times = [median(r.end_s - r.start_s for r in full) if full else None for full in (full_left, full_right)]
    rows += _compared("Time of a repetition", times, "s")
    for fault in report.faults:
        shares = [sum(fault.id in r.faults for r in attempts) for attempts in (left, right)]
        rows.append(Row(fault.cue, f"{shares[0]} of {len(left)}", f"{shares[1]} of {len(right)}"))
    return rows


def _of_holds(report: Report) -> list[Row]:
    left, right = ([h for h in report.holds if h.side == side] for side in ("left", "right"))
    if not left or not right:
        return []
    in_form, longest = (
        [of([getattr(h, name) for h in holds]) for holds in (left, right)]
        for of, name in ((sum, "in_form_s"), (max, "longest_s"))
    )
    return [
        Row("Holds", str(len(left)), str(len(right))),
        *_compared("In good form", in_form, "s"),
        *_compared("Longest in good form", longest, "s"),
    ]


def _seen(values: Iterable[float | None]) -> list[float]:
    return [v for v in values if v is not None and isfinite(v)]


def _compared(name: str, values: Sequence[float | None], unit: str, enough: bool = False) -> list[Row]:
    left, right = values
    if left is None and right is None:
        return []
    if left is None or right is None:
        return [Row(name, _words(left, unit), _words(right, unit))]
    apart = abs(left - right)
    difference = _words(apart, unit)
    if unit == "s" or not enough:
        return [Row(name, _words(left, unit), _words(right, unit), difference)]
    plain = beyond_noise(apart, unit)
    difference += "" if plain else ", within the noise"
    return [Row(name, _words(left, unit), _words(right, unit), difference, plain)]


def _words(value: float | None, unit: str) -> str:
    if value is None:
        return "not seen"
    return f"{value:.1f} s" if unit == "s" else quantity(value, unit)
