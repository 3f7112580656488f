"""What differs between two subjects, and where it is more than the noise of measuring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import numpy as np

from formcheck.compare.subject import PHASES, Subject
from formcheck.errors import CompareError
from formcheck.history.curves import POINTS, Array
from formcheck.history.noise import SESSIONS, SIDES_APART_DEG, TEMPO, Noise, Occasion, measure_noise, student_t

MIDDLE = POINTS // 2
_LEAST_POINTS = 3
"""A difference must last for so many points of the scale (5 % of the movement): a single one is a slip of the model."""


@dataclass(frozen=True, slots=True, eq=False)
class MeasureDifference:
    """One measure of both.

    Attributes:
        name, unit, label: as in the template.
        a, b: (POINTS,) their courses.
        noise: (POINTS,) how far apart they may be by measuring alone; None where no noise is known.
        section: where the noise is from.
        spans: where they are further apart, as parts of the movement from 0 to 1.
        at: where they are furthest apart; None if they never are both seen.
    """

    name: str
    unit: str
    label: str
    a: Array
    b: Array
    noise: Array | None
    section: str
    spans: tuple[tuple[float, float], ...]
    at: float | None

    @property
    def greatest(self) -> float:
        """B less A where they are furthest apart; NaN if they never are both seen."""
        return nan if self.at is None else float((self.b - self.a)[_point(self.at)])

    @property
    def limit(self) -> float:
        """The noise where they are furthest apart; NaN where none is known."""
        return nan if self.at is None or self.noise is None else float(self.noise[_point(self.at)])

    @property
    def beyond(self) -> bool:
        """Whether they differ by more than noise anywhere."""
        return bool(self.spans)


@dataclass(frozen=True, slots=True)
class TimeDifference:
    """Mean duration of one phase of both, in seconds."""

    phase: str
    a: float
    b: float
    beyond: bool


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two subjects, and what differs between them; the measures with the greatest differences first."""

    a: Subject
    b: Subject
    occasion: Occasion | None
    measures: tuple[MeasureDifference, ...]
    times: tuple[TimeDifference, ...]
    notes: tuple[str, ...]


def compare(a: Subject, b: Subject) -> Comparison:
    """Compares B with A.

    Raises:
        CompareError: they are different exercises, or have no measure in common.
    """
    if a.exercise != b.exercise:
        raise CompareError(f"{a.label} is {a.name}, {b.label} is {b.name}: only the same exercise can be compared.")
    unseen = a.unseen | b.unseen
    shared = [name for name in a.units if b.units.get(name) == a.units[name] and name not in unseen]
    if not shared:
        raise CompareError(f"{a.label} and {b.label} have no measure in common. Analyze both again.")
    occasion, notes = _occasion(a, b)
    measures = [_measure(a, b, name, occasion) for name in shared]
    seen = [m for m in measures if m.at is not None]
    if not seen:
        notes.append("No measure was seen in both.")
    times = tuple(
        TimeDifference(phase, first, second, abs(second - first) > TEMPO.amount)
        for phase in PHASES
        if (first := a.seconds.get(phase)) is not None and (second := b.seconds.get(phase)) is not None
    )
    return Comparison(a, b, occasion, tuple(sorted(seen, key=_weight, reverse=True)), times, tuple(notes))


def _occasion(a: Subject, b: Subject) -> tuple[Occasion | None, list[str]]:
    """What kind of comparison it is; None if angles of the two must not be compared."""
    if a.view != b.view:
        return None, [
            f"{a.label} was seen from the {a.view}, {b.label} from the {b.view}: angles from different places cannot "
            "be compared, so no difference is called real."
        ]
    notes = []
    if {a.side, b.side} == {"left", "right"}:
        notes.append(
            f"Left against right: the camera sees the two sides differently, so only more than {SIDES_APART_DEG:.0f}° "
            "is told [specification 6]."
        )
        return "sides", notes
    if (a.side is None) != (b.side is None):
        notes.append("One is of one side, the other of both together.")
    if a.recording is not None and a.recording == b.recording:
        return "same recording", notes
    if min(a.sessions, b.sessions) >= SESSIONS:
        return "sessions", notes
    return "recordings", notes


def _measure(a: Subject, b: Subject, name: str, occasion: Occasion | None) -> MeasureDifference:
    i, j, unit = list(a.units).index(name), list(b.units).index(name), a.units[name]
    first, second = a.course[:, i], b.course[:, j]
    floor = measure_noise(unit, occasion, a.posture) if occasion is not None else None
    noise = None if floor is None else _noise(floor, a, b, i, j)
    difference = np.abs(second - first)
    known = np.isfinite(difference)
    spans: tuple[tuple[float, float], ...] = ()
    at = None
    if known.any():
        size = np.where(known, difference, -1.0)
        if noise is not None:
            spans = _spans(size > noise)
        real = [point for low, high in spans for point in range(_point(low), _point(high) + 1)]
        at = max(real or range(POINTS), key=lambda point: float(size[point])) / (POINTS - 1)
    section = floor.section if floor is not None else ""
    return MeasureDifference(name, unit, a.labels.get(name, ""), first, second, noise, section, spans, at)


def _noise(floor: Noise, a: Subject, b: Subject, i: int, j: int) -> Array:
    """The noise of measuring or, where it is greater, what their own ups and downs explain (95 %)."""
    noise = np.full(POINTS, floor.amount)
    if a.spread is not None and b.spread is not None:
        error = np.sqrt(a.spread[:, i] ** 2 / a.samples + b.spread[:, j] ** 2 / b.samples)
        noise = np.fmax(noise, student_t(a.samples + b.samples - 2) * error)
    return noise


def _spans(beyond: Any) -> tuple[tuple[float, float], ...]:
    """Stretches that last, as parts of the movement."""
    found = []
    start = None
    for point, is_beyond in enumerate([*beyond.tolist(), False]):
        if is_beyond and start is None:
            start = point
        elif not is_beyond and start is not None:
            if point - start >= _LEAST_POINTS:
                found.append((start / (POINTS - 1), (point - 1) / (POINTS - 1)))
            start = None
    return tuple(found)


def _point(share: float) -> int:
    return round(share * (POINTS - 1))


def _weight(m: MeasureDifference) -> tuple[bool, bool, float]:
    size = abs(m.greatest)
    if m.noise is not None and m.at is not None:
        size /= m.limit
    return (m.beyond, m.noise is not None, size)


def where(share: float, kind: str) -> str:
    """A point of the movement in words: start 0, peak 0.5, end 1; a hold goes from its start to its end."""
    if kind == "hold":
        return f"{100 * share:.0f} % of the hold"
    if share < 0.05:
        return "start"
    if abs(share - 0.5) < 0.05:
        return "peak"
    if share > 0.95:
        return "end"
    return f"{200 * share:.0f} % of the way out" if share < 0.5 else f"{200 * (share - 0.5):.0f} % of the way back"


def document(comparison: Comparison) -> dict[str, Any]:
    """Everything as plain data, for ``--json``."""
    return {
        "schema": "formcheck.comparison/1",
        "exercise": comparison.a.exercise,
        "occasion": comparison.occasion,
        "a": _subject(comparison.a),
        "b": _subject(comparison.b),
        "measures": [
            {
                "measure": m.name,
                "unit": m.unit,
                "a": _numbers(m.a),
                "b": _numbers(m.b),
                "noise": None if m.noise is None else _numbers(m.noise),
                "section": m.section or None,
                "greatest": _number(m.greatest),
                "at": m.at,
                "beyond_noise": m.beyond,
                "spans": [list(span) for span in m.spans],
            }
            for m in comparison.measures
        ],
        "times": [
            {"phase": t.phase, "a_s": _number(t.a), "b_s": _number(t.b), "beyond_noise": t.beyond}
            for t in comparison.times
        ],
        "notes": list(comparison.notes),
    }


def _subject(s: Subject) -> dict[str, Any]:
    return {
        "label": s.label,
        "view": s.view,
        "side": s.side,
        "count": s.count,
        "sessions": s.sessions,
        "faults": s.faults,
    }


def _numbers(values: Sequence[float] | Array) -> list[float | None]:
    return [_number(float(value)) for value in values]


def _number(value: float) -> float | None:
    return round(value, 3) if isfinite(value) else None
