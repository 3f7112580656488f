"""Sets from results that were written by an earlier analysis."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from formcheck.errors import CompareError, HistoryError, TemplateError, VideoError
from formcheck.history.store import History
from formcheck.judge.template import Template
from formcheck.report_file import read_report_file
from formcheck.show.results import ANGLES, REPORT

_NO_CAMERA_BEFORE = 1990
"""Cameras whose clock was never set write the first year that they know."""


def keep_folder(
    history: History,
    folder: Path,
    *,
    person: str | None = None,
    began: datetime | None = None,
    video: Path | None = None,
) -> tuple[int, datetime]:
    """Keeps the set in a folder of results; gives its number and when it is taken to have begun.

    An earlier set of the same recording is replaced; without a recording, an earlier one from the same folder.

    Args:
        began: when the set was done; by default as the recording says (`recorded_at`).
        video: the recording; by default looked for where the report names it.

    Raises:
        HistoryError: there are no results in the folder, or the history cannot be written.
    """
    report = read_report(folder)
    origin = _absolute(video or _recording(report, folder) or folder)
    when = began or recorded_at(origin) or _written_at(folder / REPORT)
    number = history.add(
        report,
        began=when,
        source="video",
        person=person,
        origin=origin,
        template=_template(report["exercise"]),
        curves=_curves_in(report, folder / ANGLES),
    )
    return number, when


def _recording(report: dict[str, Any], folder: Path) -> Path | None:
    """The recording that is the whole of one set, as the report names it; None if it is not found.

    A relative path is from where the analysis ran: often the folder that the results are in, at times the current one.
    The sets of a live session name their camera, which may be a recording of all of them.
    """
    from formcheck.live.record import SESSION

    name = report["video"]["path"]
    if not name or (_absolute(folder).parent / SESSION).is_file():
        return None
    if os.path.isabs(name):
        return Path(name)  # also where it was deleted since: it names one recording
    places = (_absolute(folder).parent, folder, Path())
    return next((place / name for place in places if os.path.isfile(place / name)), None)


def _absolute(path: Path) -> Path:
    """The one path of a place, however it was written."""
    return Path(os.path.abspath(path))


def keep_analyzed(folder: Path, person: str | None, *, video: Path, quiet: bool) -> bool:
    """Keeps a set that was just analyzed and says so; a failure is told, and does not harm the other videos."""
    from formcheck.show.terminal import error, out

    try:
        with History() as history:
            number, began = keep_folder(history, folder, person=person, video=video)
    except HistoryError as failure:
        error(f"{failure} The results are in {folder}; keep them later with: formcheck history add {folder}")
        return False
    if not quiet:
        out().print(f"Kept as set {number} of the history, of {began:%Y-%m-%d %H:%M}.", soft_wrap=True)
    return True


def read_report(folder: Path) -> dict[str, Any]:
    """The ``report.json`` of a folder of results.

    Raises:
        HistoryError: there is none, or it is damaged or of another program.
    """
    path = folder / REPORT
    try:
        return read_report_file(path)
    except OSError:
        raise HistoryError(
            f"{folder} has no {REPORT}. Name a folder of results, as 'formcheck analyze' writes it."
        ) from None
    except ValueError as error:
        raise HistoryError(
            f"{path} is damaged or no report of this version of formcheck ({error}). Analyze the video again."
        ) from None


def recorded_at(video: Path) -> datetime | None:
    """When a recording was made: as its camera wrote into it, else when the file was last changed; None without one."""
    if not video.is_file():
        return None
    try:
        from formcheck.see.container import open_container

        with open_container(video) as container:
            text = container.metadata.get("creation_time", "")
        made = datetime.fromisoformat(text)
        if made.tzinfo is None:
            made = made.replace(tzinfo=UTC)
        if made.year >= _NO_CAMERA_BEFORE:
            return made.astimezone()
    except (ImportError, VideoError, OSError, ValueError, OverflowError):
        pass
    return _written_at(video)


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime).astimezone()


def _template(exercise: str) -> Template | None:
    from formcheck.catalog import load_template

    try:
        return load_template(exercise)
    except TemplateError:  # an own one that was deleted since
        return None


def _curves_in(report: dict[str, Any], angles: Path) -> dict[str, Any] | None:
    """The mean courses of a set from its ``angles.csv``; None if that cannot be read."""
    from formcheck.history.curves import parts_of, read_traces, set_curves

    if not angles.is_file() or not parts_of(report):
        return None
    try:
        return set_curves(report, read_traces(angles, report["units"]))
    except CompareError:  # the set itself is kept all the same
        return None
