"""Mutations of a history: of the file's bytes, and of what its tables hold."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

from fuzz.octets import mutated
from fuzz.texts import mutated_data, odd_value

_SCHEMES = (
    "DROP TABLE sets",
    "DROP TABLE sides",
    "DROP TABLE turns",
    "PRAGMA user_version = 0",
    "PRAGMA user_version = 1",
    "PRAGMA user_version = -1",
    "PRAGMA user_version = 2147483647",
    "ALTER TABLE sets RENAME COLUMN report TO rapport",
    "ALTER TABLE sets RENAME TO sests",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE sets (id)' WHERE name = 'sets'",
    "CREATE TRIGGER more AFTER DELETE ON sets BEGIN INSERT INTO sets SELECT * FROM sets; END",
    "CREATE TRIGGER no BEFORE INSERT ON sets BEGIN SELECT RAISE(ABORT, 'no'); END",
    "ALTER TABLE sets RENAME TO old; CREATE VIEW sets AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT i AS id, o.began, o.began_s, o.person, o.exercise, o.name, o.kind, o.source, o.origin, o.view, o.report,"
    " o.curves FROM n, old o",
    "ALTER TABLE sets RENAME TO old; CREATE VIEW sets AS SELECT * FROM sets",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA page_size = 512; VACUUM",
)


def mutate_history(path: Path, dice: Random) -> None:
    """Mutates a database where it is."""
    if dice.random() < 0.3:
        path.write_bytes(mutated(path.read_bytes(), dice))
        return
    with suppress(sqlite3.Error, OverflowError, UnicodeError), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        for _ in range(dice.choice((1, 1, 2, 4))):
            with suppress(sqlite3.Error, OverflowError, UnicodeError):
                _once(connection, dice)
        connection.commit()


def _once(connection: sqlite3.Connection, dice: Random) -> None:
    if dice.random() < 0.25:
        connection.executescript(dice.choice(_SCHEMES))
        return
    table = dice.choice(("sets", "sets", "sets", "sides", "runs", "turns", "levels"))
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    column = dice.choice(columns)
    value: Any
    if column in ("report", "curves", "plan"):
        kept = connection.execute(f"SELECT {column} FROM {table} WHERE {column} NOT NULL LIMIT 1").fetchone()
        document = json.loads(kept[0]) if kept else {}
        value = json.dumps(mutated_data(document, dice)) if dice.random() < 0.8 else odd_value(dice)
    else:
        value = dice.choice((odd_value(dice), b"\xff\0\x80", "x" * 10**6, "2026-11-22", "9999-12-31T23:59:59+00:00"))
    if isinstance(value, dict | list):
        value = json.dumps(value)
    where = "" if dice.random() < 0.5 else f"WHERE rowid = (SELECT min(rowid) FROM {table})"
    connection.execute(f"UPDATE {table} SET {column} = ? {where}", (value,))
