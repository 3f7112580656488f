"""Weeks against weeks: what has changed, and by how much it would have to for that to mean anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean
from typing import Any, Literal

from formcheck.history import noise
from formcheck.history.figures import SideFigures
from formcheck.history.noise import SIDES_APART_DEG
from formcheck.history.store import SetEntry, week_of
from formcheck.pose import Side

Verdict = Literal["more", "less", "same", "early", "unknown"]
MetricName = Literal["range", "tempo", "clean", "hold"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is followed: its name, title and what more of it is called."""

    name: MetricName
    title: str
    unit: str
    more: str
    less: str


METRICS = {
    "range": Metric("range", "Range of a repetition", "", "larger", "smaller"),
    "tempo": Metric("tempo", "Time of a repetition", "s", "slower", "faster"),
    "clean": Metric("clean", "Clean repetitions", "share", "more", "fewer"),
    "hold": Metric("hold", "Held in good form", "s", "longer", "shorter"),
}


@dataclass(frozen=True, slots=True)
class Session:
    """All sets of one side of an exercise on one local day: the value, and for a share its k of n."""

    day: date
    value: float
    sets: int
    share: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """The sessions of one week together; `monday` is its first day."""

    monday: date
    value: float
    sessions: int


@dataclass(frozen=True, slots=True)
class Change:
    """From the mean of the first three sessions to the mean of the last three.

    Attributes:
        verdict: "more" or "less" only where the difference is beyond `noise`; "early" where there are not six sessions
            yet; "unknown" where no noise is known for the unit.
        first, last, difference: None if it is too early.
        noise: the larger of what measuring and the person's own ups and downs explain.
        because: which of them, with the section of the specification.
        sessions: how many there are.
    """

    verdict: Verdict
    sessions: int
    first: float | None = None
    last: float | None = None
    difference: float | None = None
    noise: float | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one side of an exercise over the weeks."""

    metric: Metric
    side: Side | None
    unit: str
    measure: str | None
    weeks: tuple[Week, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class ExerciseProgress:
    """Everything that is followed of one exercise.

    Attributes:
        left_out: sets whose range is of another measure, because they were seen from elsewhere.
        apart: left against right, in words; None below what may be told.
    """

    exercise: str
    name: str
    kind: str
    sets: int
    since: date
    until: date
    series: tuple[Series, ...]
    left_out: int = 0
    apart: str | None = None


def progress(sets: Iterable[SetEntry]) -> list[ExerciseProgress]:
    """The progress of one person, by exercise, those done most recently first."""
    by_exercise: dict[str, list[SetEntry]] = {}
    for entry in sorted(sets, key=lambda entry: entry.began):
        by_exercise.setdefault(entry.exercise, []).append(entry)
    found = [_of_exercise(entries) for entries in by_exercise.values()]
    return sorted(found, key=lambda p: (p.until, p.sets), reverse=True)


def _of_exercise(entries: list[SetEntry]) -> ExerciseProgress:
    latest = entries[-1]
    tried = [(entry, side) for entry in entries for side in entry.sides]
    usual = Counter(side.measure for _, side in tried if side.counted and side.measure).most_common(1)
    measure = usual[0][0] if usual else None
    other = {entry.id for entry, side in tried if side.counted and side.measure != measure}
    names: tuple[MetricName, ...] = ("hold",) if latest.kind == "hold" else ("range", "tempo", "clean")
    series = []
    for name in names:
        for which in (None, "left", "right"):
            own = [(entry.began.date(), side) for entry, side in tried if side.side == which]
            sessions = _sessions(name, own, measure)
            if sessions:
                unit = next((s.unit for _, s in own if s.measure == measure and s.unit), "") if name == "range" else ""
                series.append(_series(METRICS[name], which, unit, measure if name == "range" else None, sessions))
    return ExerciseProgress(
        exercise=latest.exercise,
        name=latest.name,
        kind=latest.kind,
        sets=len(entries),
        since=entries[0].began.date(),
        until=latest.began.date(),
        series=tuple(series),
        left_out=len(other),
        apart=_apart(series),
    )


def _sessions(name: MetricName, own: Sequence[tuple[date, SideFigures]], measure: str | None) -> list[Session]:
    by_day: dict[date, list[SideFigures]] = {}
    for day, side in own:
        if name != "range" or side.measure == measure:
            by_day.setdefault(day, []).append(side)
    days = []
    for day in sorted(by_day):
        sets = by_day[day]
        if name == "clean":
            judged, clean = sum(s.judged for s in sets), sum(s.clean for s in sets)
            if judged:
                days.append(Session(day, clean / judged, len(sets), (clean, judged)))
            continue
        take = _TAKES[name]
        known = [(value, s.counted or 1) for s in sets if (value := take(s)) is not None]
        if known:
            value = sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
            days.append(Session(day, value, len(known)))
    return days


_TAKES: dict[str, Callable[[SideFigures], float | None]] = {
    "range": lambda s: s.range,
    "tempo": lambda s: s.repetition_s,
    "hold": lambda s: s.in_form_s,
}


def _series(metric: Metric, side: Side | None, unit: str, measure: str | None, sessions: list[Session]) -> Series:
    by_week: dict[date, list[float]] = {}
    for session in sessions:
        by_week.setdefault(week_of(session.day), []).append(session.value)
    weeks = tuple(Week(monday, mean(values), len(values)) for monday, values in by_week.items())
    unit = unit if metric.name == "range" else metric.unit
    return Series(metric, side, unit, measure, weeks, change_of(metric, unit, sessions))


def change_of(metric: Metric, unit: str, sessions: Sequence[Session]) -> Change:
    """From the first three sessions to the last three, if there are six; and whether that is beyond the noise."""
    count = noise.SESSIONS
    if len(sessions) < 2 * count:
        return Change("early", len(sessions))
    before, after = sessions[:count], sessions[-count:]
    first, last = [s.value for s in before], [s.value for s in after]
    difference = noise.differ(first, last)
    figures: dict[str, Any] = {"first": mean(first), "last": mean(last), "difference": difference}
    floor = _floor(metric, unit, max(mean(first), mean(last)))
    if floor is None:
        return Change("unknown", len(sessions), **figures, because="no noise is known for this unit")
    grounds = [
        (floor.amount, f"specification {floor.section}"),
        (noise.spread_between(first, last), "your own ups and downs from session to session (95 %)"),
    ]
    if metric.name == "clean":
        grounds.append((noise.share_noise(_together(before), _together(after)), "few repetitions (95 %)"))
    amount, because = max(grounds)
    verdict: Verdict = "same" if abs(difference) <= amount else "more" if difference > 0 else "less"
    return Change(verdict, len(sessions), **figures, noise=amount, because=because)


def _floor(metric: Metric, unit: str, size: float) -> noise.Noise | None:
    match metric.name:
        case "range":
            return noise.measure_noise(unit, "sessions")
        case "tempo":
            return noise.TEMPO
        case "clean":
            return noise.CLEAN
        case _:
            return noise.hold_noise(size)


def _together(sessions: Sequence[Session]) -> tuple[int, int]:
    shares = [s.share or (0, 0) for s in sessions]
    return sum(k for k, _ in shares), sum(n for _, n in shares)


def _apart(series: Sequence[Series]) -> str | None:
    by_side = {s.side: s for s in series if s.metric.name == "range" and s.unit == "deg" and s.change.last is not None}
    if "left" not in by_side or "right" not in by_side:
        return None
    left, right = by_side["left"].change.last, by_side["right"].change.last
    assert left is not None
    assert right is not None
    if abs(left - right) <= SIDES_APART_DEG:
        return None
    wider, by = ("left", left - right) if left > right else ("right", right - left)
    return (
        f"In the last three sessions the {wider} side looked about {by:.0f}° wider than the other. The camera sees the "
        f"two sides differently, so only more than {SIDES_APART_DEG:.0f}° is told [specification 6]."
    )


def said(series: Series) -> str:
    """The change of a series in words."""
    c, metric = series.change, series.metric
    if c.verdict == "early":
        more = 2 * noise.SESSIONS - c.sessions
        return f"too early to say: {c.sessions} session{'s' if c.sessions > 1 else ''}, {more} more needed"
    assert c.difference is not None
    if c.verdict == "unknown":
        return f"not judged: {c.because}"
    assert c.noise is not None
    amount = quantity(abs(c.difference), series.unit)
    limit = quantity(c.noise, series.unit)
    if c.verdict == "same":
        return f"no change beyond noise ({amount} apart; up to {limit} is noise)"
    word = metric.more if c.verdict == "more" else metric.less
    return f"about {amount} {word} (more than {limit} of noise)"


def quantity(value: float, unit: str) -> str:
    """A value as it may be told: whole degrees, tenths of seconds, whole percent, hundredths of lengths."""
    if unit == "deg":
        return f"{value:.0f}°"
    if unit == "s":
        return f"{value:.1f} s"
    if unit == "share":
        return f"{100 * value:.0f} %"
    return f"{value:.2f} {unit.replace('_', ' ')}".rstrip()


def on_axis(value: float, unit: str) -> str:
    """The same beside an axis, where there is no room for the name of a length."""
    return quantity(value, unit) if unit in ("deg", "s", "share") else f"{value:.2f}"


def progress_document(found: Sequence[ExerciseProgress], person: str) -> dict[str, Any]:
    """Everything as plain data, for ``--json``."""
    return {
        "schema": "formcheck.progress/1",
        "person": person,
        "exercises": [
            {
                "exercise": p.exercise,
                "name": p.name,
                "sets": p.sets,
                "since": p.since.isoformat(),
                "until": p.until.isoformat(),
                "left_out": p.left_out,
                "sides_apart": p.apart,
                "series": [
                    {
                        "metric": s.metric.name,
                        "side": s.side,
                        "unit": s.unit,
                        "measure": s.measure,
                        "weeks": [
                            {"monday": w.monday.isoformat(), "value": round(w.value, 4), "sessions": w.sessions}
                            for w in s.weeks
                        ],
                        "change": {
                            "verdict": s.change.verdict,
                            "sessions": s.change.sessions,
                            "first": _rounded(s.change.first),
                            "last": _rounded(s.change.last),
                            "difference": _rounded(s.change.difference),
                            "noise": _rounded(s.change.noise),
                            "because": s.change.because,
                        },
                    }
                    for s in p.series
                ],
            }
            for p in found
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
