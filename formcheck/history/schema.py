"""The tables of the history, and how an older file gets the newer ones, and what is to be worked out anew in it.

``PRAGMA user_version`` holds the number of steps that a file has been through. A step is never changed once it was
released; what is new is a further step. All missing steps run in one transaction: a file is old or new, never between.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache

from formcheck.catalog import load_template
from formcheck.errors import TemplateError
from formcheck.history.figures import figures
from formcheck.judge.template import Template
from formcheck.report_file import checked_report


def _measures_anew(connection: sqlite3.Connection) -> None:
    """Takes the range and depth of every set from the measure that its depth is of, as sets that are added now have it.

    Up to version 0.2.0 it was any measure of the same extremes: the front or the back knee of a lunge, by chance.
    """

    @cache
    def template(exercise: str) -> Template | None:
        try:
            return load_template(exercise)
        except TemplateError:  # an own one that was deleted since
            return None

    for number, exercise, text in connection.execute("SELECT id, exercise, report FROM sets"):
        try:
            sides = figures(checked_report(json.loads(text)), template(exercise))
        except (TypeError, ValueError, RecursionError):
            continue  # damaged; it is told when it is read
        connection.executemany(
            "UPDATE sides SET measure = ?, unit = ?, range = ?, depth = ? WHERE set_id = ? AND side = ?",
            [(s.measure, s.unit, s.range, s.depth, number, s.side or "") for s in sides],
        )


STEPS: tuple[tuple[str | Callable[[sqlite3.Connection], None], ...], ...] = (
    (
        """
        CREATE TABLE sets (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            began TEXT NOT NULL,     -- local time with its offset to UTC, ISO 8601
            began_s REAL NOT NULL,   -- the same in seconds since 1970, to sort and filter by
            person TEXT NOT NULL,
            exercise TEXT NOT NULL,
            name TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('repetitions', 'hold')),
            source TEXT NOT NULL CHECK (source IN ('live', 'video')),
            origin TEXT,             -- the recording, for sets from videos
            view TEXT NOT NULL,
            report TEXT NOT NULL,    -- report.json
            curves TEXT              -- mean course of every measure, see curves.py
        )
        """,
        "CREATE INDEX sets_by_time ON sets (began_s)",
        "CREATE INDEX sets_by_exercise ON sets (person, exercise, began_s)",
        """
        CREATE TABLE sides (
            set_id INTEGER NOT NULL REFERENCES sets (id) ON DELETE CASCADE,
            side TEXT NOT NULL CHECK (side IN ('', 'left', 'right')),
            measure TEXT,
            unit TEXT,
            attempts INTEGER NOT NULL,
            counted INTEGER NOT NULL,
            judged INTEGER NOT NULL,
            clean INTEGER NOT NULL,
            range REAL,
            depth REAL,
            moving_s REAL,
            peak_s REAL,
            returning_s REAL,
            repetition_s REAL,
            in_form_s REAL,
            held_s REAL,
            longest_s REAL,
            PRIMARY KEY (set_id, side)
        ) WITHOUT ROWID
        """,
    ),
    (
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            routine TEXT NOT NULL,
            person TEXT NOT NULL,
            began TEXT NOT NULL,
            began_s REAL NOT NULL,
            ended_s REAL,            -- NULL while it can be resumed
            plan TEXT NOT NULL,      -- the turns as they were planned
            pain INTEGER CHECK (pain BETWEEN 0 AND 10),
            effort INTEGER CHECK (effort BETWEEN 0 AND 10)
        )
        """,
        """
        CREATE TABLE turns (
            run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('done', 'skipped', 'pain')),
            at_s REAL NOT NULL,
            set_id INTEGER REFERENCES sets (id) ON DELETE SET NULL,
            PRIMARY KEY (run_id, number)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX turns_by_set ON turns (set_id)",
        """
        CREATE TABLE levels (
            person TEXT NOT NULL,
            routine TEXT NOT NULL,
            step INTEGER NOT NULL,
            exercise TEXT NOT NULL,
            level INTEGER NOT NULL,
            since_s REAL NOT NULL,
            PRIMARY KEY (person, routine, step)
        ) WITHOUT ROWID
        """,
    ),
    (_measures_anew,),
)

SCHEMA = len(STEPS)
"""The schema that this program writes."""


def version(connection: sqlite3.Connection) -> int:
    """The schema of a file; 0 if it is empty."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def strange(connection: sqlite3.Connection) -> str | None:
    """What is in a file that this program never makes: views and triggers would run when it is read or written."""
    for kind, name in connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('view', 'trigger')"):
        return f"a {kind} {name!r}"
    return None


def as_made(connection: sqlite3.Connection) -> bool:
    """Whether the tables and indexes of a file are those that `migrate` makes, and no others."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        migrate(fresh)
        return _shape(connection) == _shape(fresh)


def _shape(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in rows}


def migrate(connection: sqlite3.Connection) -> None:
    """Runs the steps that a file has not been through; the caller has begun a transaction that excludes others."""
    for step in STEPS[version(connection) :]:
        for part in step:
            if isinstance(part, str):
                connection.execute(part)
            else:
                part(connection)
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
