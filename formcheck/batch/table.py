"""The table of a batch: one line a video, in the order of the videos, for a spreadsheet or a statistics program.

Nothing in it depends on when, where and by how many workers a video was judged.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formcheck.batch.items import Item
from formcheck.batch.rows import Row
from formcheck.errors import OutputError
from formcheck.unfinished import UnfinishedFile

TABLE = "videos.csv"
PARQUET = "videos.parquet"

COLUMNS: dict[str, type] = {
    "video": str,
    "person": str,
    "status": str,
    "error": str,
    "exercise": str,
    "asked": str,
    "side": str,
    "kind": str,
    "total": int,
    "left": int,
    "right": int,
    "partial": int,
    "in_form_s": float,
    "held_s": float,
    "lost_s": float,
    "faults": str,
    "first_cue": str,
    "not_visible": str,
    "view": str,
    "near_side": str,
    "comfort": bool,
    "duration_s": float,
    "width": int,
    "height": int,
    "frames": int,
    "frames_with_person": int,
    "notes": str,
    "results": str,
    "sha256": str,
    "formcheck_version": str,
}
"""Columns of the table with their types, described in ``docs/batch.md``; those of the list follow."""

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Judged:
    """An item with what became of it.

    Attributes:
        item: what was asked for.
        row: its outcome; None if it was not done, or the file could not be read.
        problem: why there is no row.
    """

    item: Item
    row: Row | None
    problem: str = ""


def write_table(out: Path, judged: Sequence[Judged]) -> Path:
    """Writes ``videos.csv``, UTF-8 with a mark so that spreadsheets see it.

    Raises:
        OutputError: it cannot be written.
    """
    path = out / TABLE
    further = _further(judged)
    with UnfinishedFile(path) as unfinished, unfinished.path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, *further.values()])
        for each in judged:
            cells = table_line(each, out)
            own = dict(each.item.columns)
            writer.writerow([_text(cells[name]) for name in COLUMNS] + [_text(own.get(name, "")) for name in further])
    return path


def write_parquet(out: Path, judged: Sequence[Judged]) -> Path:
    """Writes ``videos.parquet``, with typed columns; needs the extra `parquet`.

    Raises:
        OutputError: it cannot be written, or pyarrow is not installed.
    """
    require_parquet()
    import pyarrow
    import pyarrow.parquet

    kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    lines = [table_line(each, out) for each in judged]
    columns = {
        name: pyarrow.array([_plain(line[name]) for line in lines], kinds[kind]) for name, kind in COLUMNS.items()
    }
    for name, shown in _further(judged).items():
        texts = [_plain(dict(each.item.columns).get(name)) for each in judged]
        columns[shown] = pyarrow.array(texts, pyarrow.string())
    path = out / PARQUET
    with UnfinishedFile(path) as unfinished:
        pyarrow.parquet.write_table(pyarrow.table(columns), os.fspath(unfinished.path))
    return path


def require_parquet() -> None:
    """Makes sure that Parquet can be written.

    Raises:
        OutputError: pyarrow is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise OutputError(
            "--parquet needs pyarrow. Install it with: python -m pip install 'formcheck[parquet]'"
        ) from error


def table_line(judged: Judged, out: Path) -> dict[str, Cell]:
    """The cells of one video by the names of `COLUMNS`; None where there is nothing to say."""
    item, row = judged.item, judged.row
    line: dict[str, Cell] = dict.fromkeys(COLUMNS)
    line |= {
        "video": item.name,
        "person": item.person,
        "asked": Path(item.exercise).name if item.exercise.endswith(".toml") else item.exercise,
        "side": item.side,
        "status": row.status if row else "failed" if judged.problem else "open",
        "error": row.error if row else judged.problem,
    }
    if row is None:
        return line
    line["results"] = row.folder.relative_to(out).as_posix()
    line["sha256"] = row.stamp.sha256
    report = row.report()
    if report is None:
        return line
    counts, held, video = report["counts"], report["hold_s"], report["video"]
    counted = report["kind"] == "repetitions"
    line |= {
        "exercise": report["exercise"],
        "kind": report["kind"],
        **({name: counts[name] for name in ("total", "left", "right", "partial")} if counted else {}),
        **({} if counted else {f"{name}_s": held[name] for name in ("in_form", "held", "lost")}),
        "faults": "; ".join(f"{fault['id']} {len(fault['times'])}" for fault in report["faults"]),
        "first_cue": report["cues"][0]["text"] if report["cues"] else "",
        "not_visible": "; ".join(report["not_visible"]),
        "view": report["view"],
        "near_side": report["near_side"],
        "comfort": report["comfort_mode"],
        **{name: video[name] for name in ("duration_s", "width", "height", "frames", "frames_with_person")},
        "notes": " ".join(report["notes"]),
        "formcheck_version": report["formcheck_version"],
    }
    return line


def _further(judged: Sequence[Judged]) -> dict[str, str]:
    """Names of the list's own columns, and what they are called in the table, which may have one of that name."""
    names = dict.fromkeys(name for each in judged for name, _ in each.item.columns)
    shown: dict[str, str] = {}
    for name in names:
        new = name
        while new in COLUMNS or (new != name and new in names):
            new = f"list_{new}"
        shown[name] = new
    return shown


def _text(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if not isinstance(cell, str):
        return cell
    text = cell.encode("utf-8", "replace").decode().replace("\r", " ")
    # What a spreadsheet would take for a formula is none of it: names of files and errors come from outside.
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t") or (text[:1] == "-" and not text[1:2].isdigit()) else text


def _plain(cell: Any) -> Any:
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell
