"""The index over the results of many videos: one page with a line a video, which leads to their report pages."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from formcheck.report_page.page import FOLDER, environment
from formcheck.report_page.player import relative_address
from formcheck.show.results import PAGE, REPORT
from formcheck.show.terminal import FOOTER
from formcheck.unfinished import UnfinishedFile
from formcheck.version import __version__


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One video.

    Attributes:
        video: its name, as it is to be shown.
        report: what ``report.json`` holds (`Report.to_dict`); None if it could not be analyzed.
        folder: where its results are; None if there are none.
        error: why it could not be analyzed.
    """

    video: str
    report: Mapping[str, Any] | None = None
    folder: Path | None = None
    error: str | None = None


def write_index(path: str | os.PathLike[str], rows: Sequence[IndexRow], *, title: str = "Analyzed videos") -> None:
    """Writes the index, usually ``index.html``; it links to the results relative to itself.

    Raises:
        OutputError: the file cannot be written.
    """
    path = Path(path)
    text = (
        environment()
        .get_template("index.html.j2")
        .render(
            title=title,
            rows=[_shown(row, path.parent) for row in rows],
            failed=sum(row.report is None for row in rows),
            style=Markup((FOLDER / "page.css").read_text(encoding="utf-8")),
            disclaimer=FOOTER,
            version=__version__,
        )
    )
    with UnfinishedFile(path) as file:
        file.path.write_bytes(text.encode("utf-8", "replace"))


def index_rows(videos: Sequence[Path], folders: Sequence[Path], reports: Sequence[Mapping[str, Any]]) -> list[IndexRow]:
    """The rows of videos that were analyzed one after the other.

    Args:
        videos: as they were given.
        folders: where the results of each are.
        reports: `Report.to_dict` of each, or ``{"error": "…"}``.
    """
    rows = []
    for video, folder, report in zip(videos, folders, reports, strict=True):
        error = report.get("error")
        rows.append(IndexRow(video.name, None if error else report, None if error else folder, error))
    return rows


def _shown(row: IndexRow, home: Path) -> dict[str, Any]:
    pages = [row.folder / name for name in (PAGE, REPORT)] if row.folder else []
    link = next((page for page in pages if page.is_file()), None)
    shown: dict[str, Any] = {
        "video": row.video.encode("utf-8", "replace").decode("utf-8"),
        "href": relative_address(link, home) if link else None,
        "error": row.error,
        "report": row.report,
        "correct": [],
    }
    if row.report is not None:
        shown["correct"] = [fault["cue"] for fault in row.report["faults"][:2]]
    return shown
