"""The progress of a person as one page that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import jinja2
from markupsafe import Markup

from formcheck.history.chart import Band, Line, line_chart
from formcheck.history.progress import ExerciseProgress, Series, on_axis, quantity, said
from formcheck.version import __version__

_HERE = Path(__file__).parent


def environment() -> jinja2.Environment:
    """The settings of the pages of history and comparison."""
    made = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(day=written_day, said=said, picture=_picture, weeks=_weeks, by_metric=_by_metric)
    return made


def style() -> Markup:
    """Their style sheet."""
    return Markup((_HERE / "page.css").read_text(encoding="utf-8"))


def page(found: Sequence[ExerciseProgress], person: str) -> str:
    """The page as HTML text; there must be some progress to show."""
    return (
        environment()
        .from_string((_HERE / "progress.html.j2").read_text(encoding="utf-8"))
        .render(
            style=style(),
            person=person,
            version=__version__,
            exercises=found,
            sets=sum(p.sets for p in found),
            since=min(p.since for p in found),
            until=max(p.until for p in found),
        )
    )


def written_day(day: date) -> str:
    """A day as in "2 Nov 2026"; the same in every language setting of the machine."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _picture(series: Sequence[Series]) -> Markup:
    """The chart of one metric: a line a side."""
    mondays = sorted({week.monday for s in series for week in s.weeks})
    lines = [
        Line(s.side or "", s.side or "both", [(w.monday.toordinal(), w.value) for w in s.weeks], marks=True)
        for s in series
    ]
    bands = [
        Band(s.change.first - s.change.noise, s.change.first + s.change.noise, f"noise {s.side or 'both'}")
        for s in series
        if s.change.first is not None and s.change.noise is not None
    ]
    first, last = mondays[0], mondays[-1]
    ticks = [(first.toordinal(), _short(first))]
    if last != first:
        ticks.append((last.toordinal(), _short(last)))
        middle = min(mondays, key=lambda m: abs(m.toordinal() - (first.toordinal() + last.toordinal()) / 2))
        if middle not in (first, last) and len(mondays) > 4:
            ticks.append((middle.toordinal(), _short(middle)))
    unit = series[0].unit
    limits = (0.0, 1.0) if unit == "share" else (0.0, None)
    least = {"deg": 30.0, "share": 0.5, "s": 3.0}.get(unit, 0.4)
    name = series[0].metric.title
    told = "; ".join(f"{s.side or 'both'}: {said(s)}" for s in series)
    return Markup(
        line_chart(
            f"{name} by week. {told}",
            lines,
            ticks=ticks,
            write=lambda y: on_axis(y, unit),
            bands=bands,
            limits=limits,
            least=least,
        )
    )


def _by_metric(p: ExerciseProgress) -> list[tuple[str, list[Series]]]:
    """The series that share a chart."""
    titles = dict.fromkeys(s.metric.title for s in p.series)
    return [(title, [s for s in p.series if s.metric.title == title]) for title in titles]


def _short(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _weeks(p: ExerciseProgress) -> list[tuple[date, list[str]]]:
    """A row a week: its Monday and the value of every series."""
    values = [{w.monday: quantity(w.value, s.unit) for w in s.weeks} for s in p.series]
    mondays = sorted({monday for own in values for monday in own}, reverse=True)
    return [(monday, [own.get(monday, "–") for own in values]) for monday in mondays]
