"""Live sets, kept in the history as soon as each is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from formcheck.errors import HistoryError
from formcheck.history.curves import TraceKeeper, set_curves
from formcheck.history.store import History
from formcheck.judge.template import Template

if TYPE_CHECKING:
    from formcheck.analysis import Show
    from formcheck.judge.session import Session
    from formcheck.live.record import BoutResult


class LiveKeeper:
    """Lets the bouts of a live session land in the history (`formcheck.live.senses.Keeper`).

    A set that the history cannot take is told and harms nothing: its results are in their folder.

    Args:
        template: the exercise.
        person: whose sets they are; by default ``FORMCHECK_PERSON`` or "me".
        kept: told each bout that is over, and its number in the history; None if nothing was tried or kept.
    """

    def __init__(
        self,
        template: Template,
        *,
        person: str | None = None,
        kept: Callable[[BoutResult, int | None], None] | None = None,
    ) -> None:
        self._template, self._person, self._kept = template, person, kept
        self._traces = TraceKeeper(())

    def begin(self, session: Session) -> Show:
        """Takes the courses of the measures as they are judged: to judge a long set twice would take its time again."""
        self._traces = TraceKeeper(session.measures)
        return self._traces.update

    def finish(self, result: BoutResult) -> None:
        """Keeps a bout, if anything was tried in it."""
        report = result.report
        number = None
        if report.repetitions or report.holds:
            document = report.to_dict()
            began = datetime.now().astimezone() - timedelta(seconds=report.video.duration_s)
            try:
                # Opened for each bout: bouts end in the judging thread, and SQLite's connections stay in theirs.
                with History() as history:
                    number = history.add(
                        document,
                        began=began,
                        source="live",
                        person=self._person,
                        template=self._template,
                        curves=set_curves(document, self._traces.traces),
                    )
            except HistoryError as failure:
                from formcheck.show.terminal import note

                note(str(failure))
        if self._kept is not None:
            self._kept(result, number)
