"""What is compared: a repetition, a set, or a week of the history, as the mean course of its measures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import nan
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from formcheck.errors import CompareError, TemplateError
from formcheck.history.curves import POINTS, Array, TraceKeeper, Traces, mean_course, parts_of, read_traces
from formcheck.history.keep import read_report
from formcheck.history.store import History, SetEntry
from formcheck.judge.template import Template
from formcheck.pose import Side
from formcheck.show.results import ANGLES, STILLS

PHASES = ("moving", "peak", "returning", "repetition")

_WEEK = re.compile(r"^(\d{4})-?W(\d{1,2})$", re.IGNORECASE)
_SET = re.compile(r"^set:(\d+)$")
_TRACKS = (".npz", ".journal")


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One of the two that are compared.

    Attributes:
        label: what to call it.
        exercise, name, kind, view: as in the report.
        posture: of the exercise at its start; "" if its template is gone.
        units, labels: of the measures, by name.
        unseen: measures that only weak faults use, or faults that this view cannot show.
        course: (POINTS, measures) mean, in the order of `units`; NaN where not seen.
        spread: the same, standard deviation between its samples; None if it has fewer than three.
        samples: how many there are: the repetitions or holds of one recording. Of the history it is the days, since
            the repetitions of a day are alike.
        count: repetitions or holds that are in it.
        sessions: days on which they were done.
        side: of all of them; None if both, or no matter.
        recording: which recording they are from; None if from several.
        seconds: mean duration of each phase.
        faults: how many of its parts have each fault.
        still: picture of the peak, if there is one.
    """

    label: str
    exercise: str
    name: str
    kind: str
    view: str
    posture: str
    units: dict[str, str]
    labels: dict[str, str]
    unseen: frozenset[str]
    course: Array
    spread: Array | None
    samples: int
    count: int
    sessions: int
    side: Side | None
    recording: str | None
    seconds: dict[str, float]
    faults: dict[str, int]
    still: Path | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What a word of the command line stands for: a place, and a part of it ("3", "left" or nothing)."""

    place: str
    part: str

    @property
    def number(self) -> int | None:
        """Number of the repetition, or hold."""
        return int(self.part) if self.part.isdigit() else None

    @property
    def side(self) -> Side | None:
        """The side."""
        return "left" if self.part == "left" else "right" if self.part == "right" else None


def choice(text: str) -> Choice:
    """Splits ``monday-formcheck#3``.

    Raises:
        CompareError: what stands after # is no number and no side.
    """
    place, _, part = text.rpartition("#") if "#" in text else (text, "", "")
    part = part.lower()
    if part and part not in ("left", "right") and not (part.isascii() and part.isdigit() and int(part) > 0):
        raise CompareError(f"{text}: after # comes the number of a repetition, or left or right, not {part!r}.")
    return Choice(place, part)


Poses = Callable[[Path], Iterable[Any]]


def subject(
    text: str, *, exercise: str | None, person: str | None, load: Callable[[str], Template], poses: Poses | None = None
) -> Subject:
    """Finds what a word of the command line stands for.

    Args:
        text: a folder of results, a track, a video, ``set:12`` or a week such as ``2026-W45``; with ``#3`` one
            repetition of it, with ``#left`` one side.
        exercise: needed for tracks and videos, and for weeks with several exercises.
        person: whose weeks; by default of the only person there is.
        load: finds templates.
        poses: gives the poses of a video; by default with the pose model.

    Raises:
        CompareError: there is nothing of that kind.
        HistoryError, TemplateError, TrackError, VideoError, ModelError: it cannot be read.
    """
    wanted = choice(text)
    if week := _WEEK.match(wanted.place):
        return _week(text, wanted, (int(week[1]), int(week[2])), exercise, person, load)
    if found := _SET.match(wanted.place):
        return _set(text, wanted, int(found[1]), load)
    path = Path(wanted.place)
    if path.is_dir():
        report = read_report(path)
        made = _part(text, wanted, report, read_traces(path / ANGLES, report["units"]), load, str(path.absolute()))
        return _with_still(made, path, wanted, report)
    if path.is_file():
        return _recording(text, wanted, path, exercise, load, poses)
    raise CompareError(
        f"There is no {wanted.place}. Compare folders of results, tracks, videos, sets of the history (set:12) or "
        "weeks of it (2026-W45); #3 behind one of them means its third repetition, #left its left side."
    )


# --- from recordings -------------------------------------------------------------------------------------------------


def _recording(
    text: str, wanted: Choice, path: Path, exercise: str | None, load: Callable[[str], Template], poses: Poses | None
) -> Subject:
    from formcheck.analysis import estimated_poses, watch
    from formcheck.judge.session import Session

    if exercise is None:
        raise CompareError(f"Say which exercise {path} shows, with -e NAME.")
    seen: Iterable[Any]
    if path.name.endswith(_TRACKS):
        from formcheck.see.track import load_track

        seen = load_track(path).poses
    else:
        seen = (poses or estimated_poses)(path)
    session = Session(load(exercise))
    keeper = TraceKeeper(session.measures)
    report = watch(((pose, None) for pose in seen), session, [keeper.update]).to_dict()
    return _part(text, wanted, report, keeper.traces, load, str(path.absolute()))


def _part(
    text: str,
    wanted: Choice,
    report: Mapping[str, Any],
    traces: Traces,
    load: Callable[[str], Template],
    recording: str,
) -> Subject:
    """The chosen parts of a set: one, those of one side, or all."""
    every = parts_of(report)
    kind = "hold" if report["kind"] == "hold" else "counted repetition"
    if not every:
        raise CompareError(f"{text}: there is no {kind} in it, so there is nothing to compare.")
    parts = [part for part in every if wanted.side in (None, part["side"])]
    if wanted.number is not None:
        parts = every[wanted.number - 1 : wanted.number]
    if not parts:
        known = ", ".join(sorted({part["side"] or "both sides together" for part in every}))
        raise CompareError(f"{text}: there is no such {kind}. There are {len(every)}: {known}.")
    order = list(report["units"])
    at = {name: i for i, name in enumerate(traces.names)}
    courses = []
    for part in parts:
        course = traces.course(part["start_s"], part.get("peak_s"), part["end_s"])
        courses.append(np.column_stack([course[:, at[n]] if n in at else np.full(POINTS, nan) for n in order]))
    middle, spread = mean_course(courses)
    sides = {part["side"] for part in parts}
    return Subject(
        label=text,
        course=middle,
        spread=spread if len(courses) >= 3 else None,
        samples=len(courses),
        count=len(parts),
        sessions=1,
        side=next(iter(sides)) if len(sides) == 1 else None,
        recording=recording,
        seconds=_seconds([part["seconds"] for part in parts if "seconds" in part]),
        faults=_faults(parts),
        **_about(report, load),
    )


def _with_still(made: Subject, folder: Path, wanted: Choice, report: Mapping[str, Any]) -> Subject:
    """The picture of the chosen repetition, or of the first one that was chosen."""
    from dataclasses import replace

    every = parts_of(report)
    number = wanted.number or next(n for n, p in enumerate(every, 1) if wanted.side in (None, p["side"]))
    kind = "hold" if report["kind"] == "hold" else "repetition"
    stills = sorted((folder / STILLS).glob(f"{kind}-{number:02d}*.jpg"))
    return replace(made, still=stills[0] if stills else None)


# --- from the history ------------------------------------------------------------------------------------------------


def _set(text: str, wanted: Choice, number: int, load: Callable[[str], Template]) -> Subject:
    with History() as history:
        history.report(number)
        entries = history.sets(ids=[number])
        return _kept(text, wanted, entries, history, load)


def _week(
    text: str,
    wanted: Choice,
    week: tuple[int, int],
    exercise: str | None,
    person: str | None,
    load: Callable[[str], Template],
) -> Subject:
    from formcheck.history.place import person_or_me

    try:
        monday = date.fromisocalendar(*week, 1)
    except ValueError:
        raise CompareError(f"{text}: the year {week[0]} has no week {week[1]}.") from None
    with History() as history:
        names = history.names("person")
        whose = names[0] if person is None and len(names) == 1 else person_or_me(person)
        entries = history.sets(person=whose, exercise=exercise, since=monday, until=monday + timedelta(days=6))
        done = {entry.exercise for entry in entries}
        if not entries:
            what = f" of {exercise}" if exercise else ""
            raise CompareError(f"{text}: there is no set{what} in the week of {monday}. See: formcheck history")
        if len(done) > 1:
            raise CompareError(
                f"{text}: that week has several exercises; say which with -e: {', '.join(sorted(done))}."
            )
        return _kept(text, wanted, entries, history, load)


def _kept(
    text: str, wanted: Choice, entries: Sequence[SetEntry], history: History, load: Callable[[str], Template]
) -> Subject:
    """Sets of the history together, each weighing as much as it has parts."""
    if wanted.number is not None:
        raise CompareError(f"{text}: the history keeps the mean of a set, no single repetitions. Compare its folder.")
    reports = [history.report(entry.id) for entry in entries]
    views = [report["view"] for report in reports]
    usual = max(dict.fromkeys(views), key=views.count)
    chosen = [(e, r) for e, r in zip(entries, reports, strict=True) if r["view"] == usual]
    order = list(chosen[-1][1]["units"])
    by_day: dict[date, list[Array]] = {}
    parts: list[Mapping[str, Any]] = []
    sides: set[str] = set()
    for entry, report in chosen:
        for side, kept in (history.curves(entry.id) or {}).items():
            if wanted.side not in (None, side or None):
                continue
            measures = kept["measures"]
            course = np.column_stack([np.array(measures.get(n) or [None] * POINTS, dtype=np.float64) for n in order])
            by_day.setdefault(entry.began.date(), []).extend([course] * kept["n"])
            sides.add(side)
            parts += [part for part in parts_of(report) if (part["side"] or "") == side]
    if not by_day:
        raise CompareError(
            f"{text}: no course of the measures was kept of it{' for that side' if wanted.side else ''}. "
            "Add its folder again with: formcheck history add FOLDER"
        )
    courses = [course for day in by_day.values() for course in day]
    middle, _ = mean_course(courses)
    _, spread = mean_course([mean_course(day)[0] for day in by_day.values()])
    only = next(iter(sides)) if len(sides) == 1 else ""
    return Subject(
        label=text,
        course=middle,
        spread=spread if len(by_day) >= 3 else None,
        samples=len(by_day),
        count=len(courses),
        sessions=len(by_day),
        side="left" if only == "left" else "right" if only == "right" else None,
        recording=f"set {entries[0].id}" if len(entries) == 1 else None,
        seconds=_seconds([part["seconds"] for part in parts if "seconds" in part]),
        faults=_faults(parts),
        **_about(chosen[-1][1], load),
    )


# --- both ------------------------------------------------------------------------------------------------------------


def _about(report: Mapping[str, Any], load: Callable[[str], Template]) -> dict[str, Any]:
    try:
        template = load(report["exercise"])
    except TemplateError:  # an own one that was deleted since
        template = None
    measures = template.measures if template is not None else {}
    return {
        **{key: report[key] for key in ("exercise", "name", "kind", "view")},
        "posture": template.posture if template is not None else "",
        "units": dict(report["units"]),
        "labels": {name: measures[name].label or "" for name in report["units"] if name in measures},
        "unseen": _unseen(template, report["view_ratio"]) if template is not None else frozenset(),
    }


def _unseen(template: Template, ratio: float | None) -> frozenset[str]:
    """Measures that mean nothing here: a knee's way inwards seen from the side, what only weak signs use."""
    found = set()
    for name, measure in template.measures.items():
        uses = [f for f in template.faults if re.search(rf"\b{name}\b", f"{f.rule} {f.only_while or ''}")]
        sure = [f for f in uses if f.measurable != "C" and ratio is not None and template.camera.shows(f.view, ratio)]
        if uses and not sure and measure.label is None:
            found.add(name)
    return frozenset(found)


def _seconds(parts: Sequence[Mapping[str, float | None]]) -> dict[str, float]:
    known = {phase: [s for part in parts if (s := part.get(phase)) is not None] for phase in PHASES}
    return {phase: mean(values) for phase, values in known.items() if values}


def _faults(parts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    names = dict.fromkeys(name for part in parts for name in part["faults"])
    return {name: sum(name in part["faults"] for part in parts) for name in names}
