"""The history as files for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from formcheck.history.figures import SideFigures
from formcheck.history.store import History, SetEntry
from formcheck.routine.runs import RunEntry

SCHEMA = "formcheck.history/1"

SET_COLUMNS = ("id", "began", "person", "exercise", "name", "kind", "source", "origin", "view")
SIDE_COLUMNS = tuple(SideFigures.__dataclass_fields__)


def as_json(history: History, sets: Iterable[SetEntry], routines: Iterable[RunEntry] = ()) -> str:
    """Everything that is kept of these sets, reports and courses included, and of these routines."""
    document = {
        "schema": SCHEMA,
        "sets": [
            {**set_document(entry), "report": history.report(entry.id), "curves": history.curves(entry.id)}
            for entry in sets
        ],
        "routines": [{**asdict(run), "began": run.began.isoformat()} for run in routines],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def set_document(entry: SetEntry) -> dict[str, Any]:
    """One set with its figures as plain data."""
    return {**asdict(entry), "began": entry.began.isoformat(), "sides": [asdict(side) for side in entry.sides]}


def as_csv(sets: Iterable[SetEntry]) -> str:
    """One row a set and side (tidy); a set in which nothing was tried has one row without figures."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*SET_COLUMNS, *SIDE_COLUMNS])
    for entry in sets:
        about = [entry.began.isoformat() if c == "began" else getattr(entry, c) for c in SET_COLUMNS]
        for side in entry.sides or (None,):
            table.writerow([*about, *(getattr(side, c) if side is not None else None for c in SIDE_COLUMNS)])
    return text.getvalue()
