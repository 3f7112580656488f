"""The history: every set in one small database on this machine.

SQLite with a write-ahead log, so that what was committed survives the program being killed, several programs may read
and write at the same time, and a write waits for its turn instead of failing.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from formcheck.errors import HistoryError
from formcheck.history import schema
from formcheck.history.curves import checked_curves
from formcheck.history.figures import SideFigures, figures
from formcheck.history.place import database_file, person_or_me
from formcheck.judge.report import Report
from formcheck.judge.template import Template
from formcheck.readable_path import readable_path
from formcheck.report_file import checked_report

Source = Literal["live", "video"]

_PATIENCE_S = 30.0
"""How long a write waits for the writes of other programs; each takes milliseconds."""

_LONGEST = 5000
"""Characters of a name, or of a recording's path."""

_GREATEST = 1e12
"""No figure is greater."""

_SIDE_COLUMNS = tuple(field.name for field in fields(SideFigures))


@dataclass(frozen=True, slots=True)
class SetEntry:
    """One set of the history.

    Attributes:
        id: its number in the history.
        began: local time where it was done, with the offset to UTC.
        person: whose set it is.
        exercise, name, kind, view: as in the report.
        source: "live" or "video".
        origin: the recording, or else the folder of results, for sets that were not kept live.
        sides: its figures, a side each; empty if nothing was tried.
    """

    id: int
    began: datetime
    person: str
    exercise: str
    name: str
    kind: str
    source: Source
    origin: str | None
    view: str
    sides: tuple[SideFigures, ...] = ()


class History:
    """The history, open for reading and writing. Use it in a `with` block, or `close` it.

    Args:
        path: the database; by default the person's own (`place.database_file`). It is made where there is none.

    Raises:
        HistoryError: it cannot be opened, is no history, is damaged, or was written by a newer formcheck.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = Path(path) if path is not None else database_file()
        with self._in_words():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Nobody else's business; SQLite gives its further files the rights of this one.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            self.connection = sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None)
            try:
                with self.reading():
                    self._open()
            except BaseException:
                self.connection.close()
                raise

    def _open(self) -> None:
        self.connection.execute("PRAGMA trusted_schema = OFF")
        self._refuse_newer()
        if (strange := schema.strange(self.connection)) is not None:
            raise HistoryError(_spoilt(self.path, f"it holds {strange}"))
        for setting in (
            "journal_mode = WAL",
            "synchronous = FULL",  # a commit survives the power going out, too; sets are rare
            "foreign_keys = ON",
            "secure_delete = ON",  # what is deleted is overwritten
        ):
            _patiently(self.connection, f"PRAGMA {setting}")
        if schema.version(self.connection) < schema.SCHEMA:
            with self.writing():
                self._refuse_newer()  # another program may have been at it meanwhile
                schema.migrate(self.connection)
        if not schema.as_made(self.connection):
            raise HistoryError(_spoilt(self.path, "its tables are not those of formcheck"))

    def _refuse_newer(self) -> None:
        found = schema.version(self.connection)
        if found > schema.SCHEMA:
            raise HistoryError(
                f"{self.path} was written by a newer formcheck (its schema is {found}, this one knows up to "
                f"{schema.SCHEMA}). Nothing was changed. Update formcheck, or use another folder with FORMCHECK_DATA."
            )

    def close(self) -> None:
        """Ends the use; calling it again does nothing."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of the block's writes or, after any exception, none. Other programs wait until it ends.

        Raises:
            HistoryError: it cannot be written.
        """
        with self._in_words():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """SQLite's failures in words that say what to do."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(_explained(self.path, error)) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """For a block that reads and takes apart what it reads.

        Raises:
            HistoryError: it cannot be read, or holds something that formcheck never writes.
        """
        with self._in_words():
            try:
                yield self.connection
            except (TypeError, ValueError, LookupError, OverflowError, RecursionError) as error:
                what = str(error).partition("\n")[0]
                raise HistoryError(_spoilt(self.path, f"it holds something strange: {what}")) from error

    # --- sets ---------------------------------------------------------------------------------------------------------

    def add(
        self,
        report: Report | Mapping[str, Any],
        *,
        began: datetime,
        source: Source,
        person: str | None = None,
        origin: str | os.PathLike[str] | None = None,
        template: Template | None = None,
        curves: Mapping[str, Any] | None = None,
    ) -> int:
        """Keeps a set; when it returns, the set is on the disk.

        Args:
            report: the report, or its JSON form.
            began: when the set began; needs a time zone (``datetime.now().astimezone()``).
            source: "live" or "video".
            person: whose; by default ``FORMCHECK_PERSON`` or "me".
            origin: the recording, or another place that has this set alone. An earlier set of this person, exercise
                and place is replaced.
            template: the exercise, to know which faults could be seen (see `figures`).
            curves: mean course of the measures (`curves.set_curves`), for comparisons.

        Returns:
            The number of the set in the history.

        Raises:
            HistoryError: it cannot be written.
            ValueError: `began` has no time zone.
        """
        document = report.to_dict() if isinstance(report, Report) else dict(report)
        if began.tzinfo is None:
            raise ValueError("a set needs the time zone of its beginning")
        whose = person_or_me(person)
        place = None if origin is None else readable_path(origin)
        sides = figures(document, template)
        with self.writing() as connection:
            if place is not None:
                connection.execute(
                    "DELETE FROM sets WHERE person = ? AND exercise = ? AND origin = ?",
                    (whose, document["exercise"], place),
                )
            row = (
                began.isoformat(timespec="seconds"),
                began.timestamp(),
                whose,
                *(document[key] for key in ("exercise", "name", "kind")),
                source,
                place,
                document["view"],
                _json(document),
                _json(curves) if curves else None,
            )
            number = connection.execute(
                "INSERT INTO sets (began, began_s, person, exercise, name, kind, source, origin, view, report, curves) "
                f"VALUES ({_marks(row)})",
                row,
            ).lastrowid
            assert number is not None
            for side in sides:
                values = (number, side.side or "", *astuple(side)[1:])
                names = ", ".join(("set_id", *_SIDE_COLUMNS))
                connection.execute(f"INSERT INTO sides ({names}) VALUES ({_marks(values)})", values)
        return number

    def sets(
        self,
        *,
        exercise: str | None = None,
        person: str | None = None,
        since: date | None = None,
        until: date | None = None,
        ids: Sequence[int] | None = None,
        latest: int | None = None,
    ) -> list[SetEntry]:
        """Sets in the order of time; all of them, or those that fit.

        Args:
            exercise, person: only of this one.
            since, until: only of these local days, both included.
            ids: only these numbers.
            latest: only so many of the latest ones.

        Raises:
            HistoryError: it cannot be read.
        """
        where: list[str] = []
        values: list[Any] = []
        for condition, value in (
            ("exercise = ?", exercise),
            ("person = ?", person),
            # The first ten characters are the local day on which the set was done.
            ("substr(began, 1, 10) >= ?", since.isoformat() if since else None),
            ("substr(began, 1, 10) <= ?", until.isoformat() if until else None),
        ):
            if value is not None:
                where.append(condition)
                values.append(value)
        if ids is not None:
            where.append(f"id IN ({_marks(ids)})")
            values += ids
        condition = f"WHERE {' AND '.join(where)}" if where else ""
        limit = f"LIMIT {int(latest)}" if latest is not None else ""
        with self.reading():
            rows = self.connection.execute(
                "SELECT id, began, person, exercise, name, kind, source, origin, view FROM sets "
                f"{condition} ORDER BY began_s DESC, id DESC {limit}",
                values,
            ).fetchall()
            sides: dict[int, list[SideFigures]] = {}
            names = ", ".join(("set_id", *_SIDE_COLUMNS))
            for number, side, *rest in self.connection.execute(
                f"SELECT {names} FROM sides WHERE set_id IN (SELECT id FROM sets {condition}) ORDER BY set_id, side",
                values,
            ):
                sides.setdefault(number, []).append(SideFigures(side or None, *rest))
            return [
                _sound(
                    SetEntry(
                        number,
                        moment_of(began),
                        whose,
                        what,
                        name,
                        kind,
                        source,
                        origin,
                        view,
                        tuple(sides.get(number, ())),
                    )
                )
                for number, began, whose, what, name, kind, source, origin, view in reversed(rows)
            ]

    def report(self, number: int) -> dict[str, Any]:
        """The report of a set, as in ``report.json``.

        Raises:
            HistoryError: there is no set of this number, or it is damaged.
        """
        with self.reading():
            return checked_report(self._document(number, "report"))

    def curves(self, number: int) -> dict[str, Any] | None:
        """The mean course of a set's measures; None if none was kept.

        Raises:
            HistoryError: there is no set of this number, or it is damaged.
        """
        with self.reading():
            kept = self._document(number, "curves")
            return None if kept is None else checked_curves(kept)

    def _document(self, number: int, column: str) -> dict[str, Any] | None:
        with self._in_words():
            row = self.connection.execute(f"SELECT {column} FROM sets WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise HistoryError(f"There is no set number {number} in the history. See them with: formcheck history")
        return json.loads(row[0]) if row[0] is not None else None

    def names(self, column: Literal["exercise", "person"]) -> list[str]:
        """The exercises, or persons, of which there are sets."""
        with self.reading():
            return [
                text_of(row[0]) for row in self.connection.execute(f"SELECT DISTINCT {column} FROM sets ORDER BY 1")
            ]

    def delete(self, ids: Iterable[int]) -> int:
        """Removes sets for good; gives how many there were.

        Raises:
            HistoryError: it cannot be written.
        """
        numbers = list(ids)
        with self.writing() as connection:
            gone = connection.execute(f"DELETE FROM sets WHERE id IN ({_marks(numbers)})", numbers).rowcount
        self._forget()
        return gone

    def delete_all(self) -> None:
        """Removes everything for good: sets, routines that were done, what was answered, levels.

        Raises:
            HistoryError: it cannot be written.
        """
        with self.writing() as connection:
            for table in ("sets", "runs", "levels"):
                connection.execute(f"DELETE FROM {table}")
        self._forget()

    def _forget(self) -> None:
        """What was deleted leaves the disk, too, if no other program is reading just now."""
        with self._in_words():
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def moment_of(text: str) -> datetime:
    """A time as the history holds it.

    Raises:
        ValueError, TypeError: it is none, has no time zone, or lies where calendars end.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not 1970 <= found.year <= 9000:
        raise ValueError(f"{text!r} is no time of a set")
    return found


def text_of(value: object) -> str:
    """The value, if it is a text.

    Raises:
        TypeError: it is not; SQLite's columns hold anything.
    """
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} is no text")
    return value


@cache
def _set_entries() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(SetEntry)


def _sound(entry: SetEntry) -> SetEntry:
    """The entry, if its values are of their kinds and not absurd: SQLite's columns hold anything."""
    numbers = (value for side in entry.sides for value in astuple(side) if isinstance(value, int | float))
    if not all(abs(value) <= _GREATEST for value in numbers):
        raise ValueError(f"set {entry.id} has a number beyond {_GREATEST:g}")
    values = (*astuple(replace(entry, sides=())), *(value for side in entry.sides for value in astuple(side)))
    if any(len(value) > _LONGEST for value in values if isinstance(value, str | bytes)):
        raise ValueError(f"set {entry.id} has a text of more than {_LONGEST:,} characters")
    checked = _set_entries().validate_python(asdict(entry))
    assert isinstance(checked, SetEntry)
    return checked


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Runs a statement for which SQLite itself does not wait its turn: two programs that make the file at once."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _spoilt(path: Path, what: str) -> str:
    return (
        f"{path} is damaged or no history of formcheck: {what}. Move it away, with the files of the same name beside "
        "it, or restore a copy; a new one is then begun."
    )


def _explained(path: Path, error: Exception) -> str:
    text = str(error)
    if isinstance(error, sqlite3.OperationalError) and "locked" in text:
        return f"{path} is in use by another program for too long. Close it and try again."
    if "full" in text:
        return f"{path} was not written: the disk is full. Free some space and try again; nothing kept was lost."
    if "readonly" in text or "unable to open" in text or isinstance(error, OSError):
        return (
            f"{path} cannot be opened for writing. Change its permissions, or choose another folder with the "
            f"environment variable FORMCHECK_DATA."
        )
    if "not a database" in text or "malformed" in text:
        return (
            f"{path} is damaged or no history of formcheck ({text}). Move it away, with the files of the same name "
            "beside it, or restore a copy; a new one is then begun."
        )
    return f"{path}: the history could not be used: {text}. Nothing kept was lost."


def _json(document: Mapping[str, Any]) -> str:
    # A file's name may hold bytes that are no UTF-8; the database takes text only.
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode("utf-8")


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
