"""The course of the measures through a repetition or a hold, on a scale of its own phases.

A repetition of three seconds and one of five are laid over each other: from the start to the peak is the first half of
the scale, from the peak to the end the second. A hold goes from its beginning to its end. Both have `POINTS` points.
"""

from __future__ import annotations

import csv
import os
import warnings
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from formcheck.errors import CompareError
from formcheck.judge.counting import LAG_S
from formcheck.judge.moment import Moment
from formcheck.report_file import Number

POINTS = 41
"""Points of a course: the peak of a repetition is the one in the middle."""

_GAP_S = 0.25
"""Further than this from a moment in which a measure was seen, its course is unknown."""

_MOST_CELLS = 20_000_000
"""Lines of an ``angles.csv``: the longest recording with twenty measures."""

_EDGE_S = 0.5
"""Left out at both ends of a hold: getting into position, and out of it."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """Every measure of a recording over time.

    Attributes:
        names: the measures.
        times: (n,) seconds, increasing.
        values: (n, measures); NaN where a measure was not seen.
    """

    names: tuple[str, ...]
    times: Array
    values: Array

    def course(self, start: float, peak: float | None, end: float) -> Array:
        """(POINTS, measures): every measure from `start` by `peak` to `end`; NaN where it was not seen."""
        half = POINTS // 2
        if peak is None:
            edge = min(_EDGE_S, (end - start) / 4)
            at = np.linspace(start + edge, end - edge, POINTS)
        else:
            # Reports tell when it really was; the measures are smoothed, and so later.
            at = np.concatenate([np.linspace(start, peak, half + 1), np.linspace(peak, end, half + 1)[1:]]) + LAG_S
        course = np.full((POINTS, len(self.names)), nan)
        for i in range(len(self.names)):
            seen = np.isfinite(self.values[:, i])
            times = self.times[seen]
            if not len(times):
                continue
            after = np.searchsorted(times, at)
            before, later = times[np.maximum(after - 1, 0)], times[np.minimum(after, len(times) - 1)]
            near = np.minimum(np.abs(before - at), np.abs(later - at))
            column = np.interp(at, times, self.values[seen, i])
            column[near > _GAP_S] = nan
            course[:, i] = column
        return course


class TraceKeeper:
    """Keeps every measure of every moment: open it beside the other sinks of a session.

    Args:
        names: the measures (`Session.measures`).
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._times, self._values = array("d"), array("d")

    def update(self, moment: Moment, frame: object = None) -> None:
        """Keeps the measures of a moment."""
        self._times.append(moment.time)
        self._values.extend(moment.values)

    @property
    def traces(self) -> Traces:
        """What was kept so far."""
        values = np.array(self._values).reshape(len(self._times), len(self._names))
        return Traces(self._names, np.array(self._times), values)


def read_traces(path: str | os.PathLike[str], measures: Collection[str]) -> Traces:
    """The measures of an exercise from an ``angles.csv`` of formcheck; joint angles that are in it, too, are left out.

    Raises:
        CompareError: the file cannot be read, or is none.
    """
    times: dict[float, int] = {}
    names: dict[str, int] = {}
    cells: list[tuple[int, int, float]] = []
    try:
        with open(path, encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                if row["measure"] not in measures:
                    continue
                moment = times.setdefault(_number(row["time_s"]), len(times))
                name = names.setdefault(row["measure"], len(names))
                cells.append((moment, name, _number(row["value"]) if row["value"] else nan))
                if len(cells) > _MOST_CELLS:
                    raise ValueError(f"it has more than {_MOST_CELLS:,} lines")
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise CompareError(
            f"{path} cannot be read ({error}). Analyze the video again; its folder then has a new one."
        ) from None
    values = np.full((len(times), len(names)), nan)
    for moment, name, value in cells:
        values[moment, name] = value
    return Traces(tuple(names), np.array(list(times)), values)


def _number(cell: str) -> float:
    number = float(cell)
    if not abs(number) < 1e12:
        raise ValueError(f"{cell[:40]!r} is no number of a measure")
    return number


def mean_course(courses: Sequence[Array]) -> tuple[Array, Array]:
    """Mean and standard deviation of several courses; NaN where fewer than half of them know a value."""
    stack = np.stack(courses)
    known = np.isfinite(stack).sum(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a measure that was never seen has no mean
        mean, spread = np.nanmean(stack, axis=0), np.nanstd(stack, axis=0, ddof=1)
    rare = known * 2 < len(courses)
    mean[rare] = spread[rare] = nan
    return mean, spread


def parts_of(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The counted repetitions of a report, or its holds."""
    if report["kind"] == "hold":
        return list(report["holds"])
    return [r for r in report["repetitions"] if r["counted"]]


def set_curves(report: Mapping[str, Any], traces: Traces) -> dict[str, Any]:
    """The mean courses of a set in the form in which the history keeps them: by side ("" for both together)."""
    by_side: dict[str, list[Mapping[str, Any]]] = {}
    for part in parts_of(report):
        by_side.setdefault(part["side"] or "", []).append(part)
    kept: dict[str, Any] = {}
    for side, parts in by_side.items():
        mean, _ = mean_course([traces.course(p["start_s"], p.get("peak_s"), p["end_s"]) for p in parts])
        kept[side] = {
            "n": len(parts),
            "measures": {name: _numbers(mean[:, i]) for i, name in enumerate(traces.names)},
        }
    return kept


def checked_curves(kept: Any) -> dict[str, Any]:
    """The mean courses of a set as the history keeps them, if that is what they are.

    Raises:
        ValueError: they are something else.
    """
    _KEPT.validate_python(kept, strict=True)
    assert isinstance(kept, dict)
    return kept


class _KeptSide(TypedDict):
    n: Annotated[int, Field(ge=1, le=10_000)]
    measures: dict[str, Annotated[list[Number | None], Field(min_length=POINTS, max_length=POINTS)]]


_KEPT = TypeAdapter(dict[str, _KeptSide])


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [round(float(value), 3) if isfinite(value) else None for value in values]
