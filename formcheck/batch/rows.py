"""What is kept of each judged video: a folder with its results, and in it `row.json`, which makes it count as done.

The folder appears in one step when everything in it is complete. So whatever kills a run, a video is either done, or
as if it had never been begun.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from formcheck.errors import OutputError
from formcheck.json_file import read_json
from formcheck.report_file import read_report_file
from formcheck.show.results import REPORT
from formcheck.unfinished import output_error

ROW = "row.json"
SCHEMA = "formcheck.batch/1"
VIDEOS = "videos"
WORKING = ".working"

Status = Literal["done", "failed"]
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a video file was like when it was judged: a file with the same stamp need not be read to be known.

    Attributes:
        path: absolute.
        size: in bytes.
        mtime_ns: when it was changed last.
        sha256: of its content.
    """

    path: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Row:
    """The outcome of one video.

    Attributes:
        key: of content, template, options and version: what has the same key has the same results.
        status: whether it could be judged.
        error: why not; "" if it could.
        stamp: the file.
        folder: where its results are.
    """

    key: str
    status: Status
    error: str
    stamp: Stamp
    folder: Path

    def report(self) -> dict[str, Any] | None:
        """The contents of ``report.json``; None if there is none."""
        try:
            return read_report_file(self.folder / REPORT)
        except (OSError, ValueError):
            return None


def stamp_of(path: Path, known: dict[tuple[str, int, int], str]) -> Stamp:
    """The stamp of a file; it is only read if `known` has no content for its path, size and time of change.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        facts = os.fstat(file.fileno())
        where = (str(path), facts.st_size, facts.st_mtime_ns)
        sha256 = known.get(where)
        if sha256 is None:
            content = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                content.update(chunk)
            sha256 = content.hexdigest()
    return Stamp(*where, sha256)


def make_key(*parts: object) -> str:
    """One key for everything that a result depends on."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]


def kept_rows(out: Path) -> Iterator[Row]:
    """The rows of earlier runs into a folder; what is no row of this program is passed over."""
    for place, folders, files in os.walk(out / VIDEOS):
        folders[:] = sorted(name for name in folders if not _is_part(name))
        if ROW not in files:
            continue
        folders.clear()
        row = read_row(Path(place))
        if row is not None:
            yield row


def read_row(folder: Path) -> Row | None:
    """The row in a folder of results; None if there is none, or its results are not there."""
    try:
        content = read_json(folder / ROW)
        if content["schema"] != SCHEMA or content["status"] not in ("done", "failed"):
            return None
        stamp = Stamp(**content["stamp"])
        row = Row(content["key"], content["status"], content["error"], stamp, folder)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    texts = (row.key, row.error, stamp.path, stamp.sha256)
    if not all(type(text) is str for text in texts) or type(stamp.size) is not int or type(stamp.mtime_ns) is not int:
        return None
    return row if row.status == "failed" or (folder / REPORT).is_file() else None


def part_beside(folder: Path) -> Path:
    """A hidden folder to prepare results in, beside their final one: so links in them lead to the same places."""
    return folder.with_name(f".formcheck-{uuid.uuid4().hex[:12]}.part")


def _is_part(name: str) -> bool:
    return name.startswith(".formcheck-") and name.endswith(".part")


def publish(row: Row, results: Path) -> Row:
    """Writes the row into a folder of complete results, and moves that to ``row.folder`` in one step.

    What was there before is replaced, unless it is the same.

    Args:
        row: what to publish.
        results: a folder as made by `part_beside`.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        results.mkdir(parents=True, exist_ok=True)
        content = {
            "schema": SCHEMA,
            "key": row.key,
            "status": row.status,
            "error": row.error,
            "stamp": asdict(row.stamp),
        }
        (results / ROW).write_text(json.dumps(content, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
        before = read_row(row.folder)
        if before is not None and (before.key, before.status) == (row.key, "done"):
            return before  # by a worker that was thought to be dead
        old = part_beside(row.folder)
        with contextlib.suppress(FileNotFoundError):
            os.rename(row.folder, old)
        os.rename(results, row.folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise output_error(row.folder / ROW, error) from error
    return row


def clear_working(out: Path) -> Path:
    """The folder in which begun tasks are noted, emptied; what else a killed run has left half-made is removed, too.

    Raises:
        OutputError: nothing can be written there.
    """
    working = out / WORKING
    try:
        for place, folders, _ in os.walk(out / VIDEOS):
            for name in filter(_is_part, folders):
                shutil.rmtree(Path(place) / name, ignore_errors=True)
            folders[:] = [name for name in folders if not _is_part(name)]
        shutil.rmtree(working, ignore_errors=True)
        working.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(working, error) from error
    if any(working.iterdir()):
        raise OutputError(f"{working} cannot be emptied. Delete it, or choose another folder with --out.")
    return working
