"""Sets from results that were written by an earlier analysis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formcheck.errors import CompareError, HistoryError, TemplateError, TrackError, VideoError
from formcheck.history.store import History
from formcheck.judge.template import Template
from formcheck.pose import Side
from formcheck.report_file import read_report_file
from formcheck.show.results import ANGLES, REPORT, TRACK_ENDING

if TYPE_CHECKING:
    from formcheck.live.record import BoutResult

_NO_CAMERA_BEFORE = 1990
"""Cameras whose clock was never set write the first year that they know."""


def keep_folder(
    history: History, folder: Path, *, person: str | None = None, began: datetime | None = None
) -> tuple[int, datetime]:
    """Keeps the set in a folder of results; gives its number and when it is taken to have begun.

    Args:
        began: when the set was done; by default as the recording says (`recorded_at`).

    Raises:
        HistoryError: there are no results in the folder, or the history cannot be written.
    """
    report = read_report(folder)
    video = Path(report["video"]["path"] or folder).absolute()
    when = began or recorded_at(video) or _written_at(folder / REPORT)
    number = history.add(
        report,
        began=when,
        source="video",
        person=person,
        origin=video,
        template=_template(report["exercise"]),
        curves=_curves_in(report, folder / ANGLES),
    )
    return number, when


def keep_live(
    folder: Path,
    template: Template,
    *,
    person: str | None = None,
    kept: Callable[[BoutResult, int | None], None] | None = None,
) -> Callable[[BoutResult], None]:
    """What a live session calls after each bout, so that the bout lands in the history at once.

    A set that the history cannot take is told and harms nothing: its results are in their folder.

    Args:
        folder: of the session; each bout's results are in a folder in it.
        template: the exercise.
        person: whose sets they are; by default ``FORMCHECK_PERSON`` or "me".
        kept: told each bout that is over, and its number in the history; None if nothing was tried or kept.
    """

    def after(result: BoutResult) -> None:
        report = result.report
        number = None
        if report.repetitions or report.holds:
            document = report.to_dict()
            curves = _judged_again(document, folder / result.name, template, result.bout.side) if result.name else None
            began = datetime.now().astimezone() - timedelta(seconds=report.video.duration_s)
            try:
                # Opened for each bout: bouts end in the judging thread, and SQLite's connections stay in theirs.
                with History() as history:
                    number = history.add(
                        document, began=began, source="live", person=person, template=template, curves=curves
                    )
            except HistoryError as failure:
                from formcheck.show.terminal import note

                note(str(failure))
        if kept is not None:
            kept(result, number)

    return after


def keep_analyzed(folder: Path, person: str | None, *, quiet: bool) -> bool:
    """Keeps a set that was just analyzed and says so; a failure is told, and does not harm the other videos."""
    from formcheck.show.terminal import error, out

    try:
        with History() as history:
            number, began = keep_folder(history, folder, person=person)
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


def _judged_again(report: dict[str, Any], home: Path, template: Template, side: Side | None) -> dict[str, Any] | None:
    """The same from the track of a live set, whose ``angles.csv`` may be written later."""
    from formcheck.analysis import watch
    from formcheck.history.curves import TraceKeeper, set_curves
    from formcheck.judge.session import Session
    from formcheck.see.track import load_track

    session = Session(template, side=side)
    keeper = TraceKeeper(session.measures)
    try:
        poses = load_track(home / (home.name + TRACK_ENDING)).poses
    except TrackError:  # the set itself is kept all the same
        return None
    watch(((pose, None) for pose in poses), session, [keeper.update])
    return set_curves(report, keeper.traces)
