"""Which videos a batch judges, and as what: from a folder, or from a list."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from formcheck.catalog import exercise_files, load_template, unknown_exercise
from formcheck.errors import ListError
from formcheck.pose import Side
from formcheck.recognize import AUTO
from formcheck.show.results import REPORT, results_in

VIDEO_ENDINGS = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".wmv", ".flv", ".mpg", ".mpeg"),
        *(".m2ts", ".mts", ".ts", ".3gp", ".3g2", ".ogv", ".gif"),
    )
)
"""Files that are taken for videos in a folder; a list may name any."""

COLUMNS = ("video", "person", "exercise", "side", "hold")
"""Columns of a list that mean something; all others are passed on to the table."""

MOST_LINES = 1_000_000
"""A year of a large clinic; each line takes a kilobyte of memory while the batch runs."""

_LONGEST_LIST = 64 * 2**20
_SIDES: dict[str, Side] = {"left": "left", "l": "left", "right": "right", "r": "right"}


@dataclass(frozen=True, slots=True)
class Item:
    """One video to judge.

    Attributes:
        video: the file, absolute.
        name: what it is called in the table: its path in the folder, or as in the list.
        exercise: name or template file of the exercise, or "auto".
        side: the side that works, if it was said.
        person: who it is, as in the list or the names of folders; "" if not said.
        target_s: seconds to hold, if they were said.
        columns: further columns of the list, with their names.
    """

    video: Path
    name: str
    exercise: str = AUTO
    side: Side | None = None
    person: str = ""
    target_s: float | None = None
    columns: tuple[tuple[str, str], ...] = ()


def find_items(source: Path, exercise: str | None, *, without: Path | None = None) -> list[Item]:
    """The videos of a folder, with all folders in it, or of a list.

    Args:
        source: a folder, or a list as a CSV file.
        exercise: for every video of a folder, or for the lines of a list that name none. Without it, exercise, side
            and person are taken from the names of folders, and what is not found there is recognised.
        without: a folder to leave out, because the results go there.

    Raises:
        ListError: there is no such folder or list, it has no videos, or the list has mistakes (all are told).
        TemplateError: `exercise` is given for a folder, and unknown.
    """
    if source.is_dir():
        items = _in_folder(source, exercise, without)
        if not items:
            raise ListError(f"There is no video in {source}. Known endings: {' '.join(sorted(VIDEO_ENDINGS))}")
        return items
    if not source.exists():
        raise ListError(f"There is no folder or list {source}. Check the name.")
    if source.suffix.lower() in VIDEO_ENDINGS:
        raise ListError(f"{source} is a video. Give a folder or a list, or use: formcheck analyze VIDEO")
    return _in_list(source, exercise)


def _in_folder(folder: Path, exercise: str | None, without: Path | None) -> list[Item]:
    known = exercise_files()
    left_out = without.resolve() if without is not None else None
    sided = exercise not in (None, AUTO) and bool(load_template(str(exercise)).sides)
    items: list[Item] = []

    def closed(error: OSError) -> None:  # nobody knows which videos are in it: a line of its own says so
        path = Path(error.filename)
        if path == folder:
            raise ListError(f"{folder} cannot be read: {error.strerror}.") from error
        items.append(Item(path.absolute(), path.relative_to(folder).as_posix(), exercise or AUTO))

    for place, folders, files in os.walk(folder, onerror=closed):
        here = Path(place)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and (here / name).resolve() != left_out
        )
        own = {path.name for path in results_in(here)} if REPORT in files else set()  # annotated videos are results
        for name in sorted(files):
            if name in own or Path(name).suffix.lower() not in VIDEO_ENDINGS or name.startswith("."):
                continue
            path = here / name
            inside = path.relative_to(folder)
            found, side, person = from_folders(inside.parent.parts, known)
            if not (sided if exercise else found):
                side = None
            items.append(Item(path.absolute(), inside.as_posix(), exercise or found or AUTO, side, person))
    return items


def from_folders(parts: Iterable[str], known: Iterable[str]) -> tuple[str | None, Side | None, str]:
    """Exercise, side and person, from names of folders such as ``anna/lunge/left``; None and "" if they do not say."""
    names = set(known)
    exercise: str | None = None
    side: Side | None = None
    rest = []
    for part in parts:
        word = part.casefold().replace("-", "_").replace(" ", "_")
        if exercise is None and word in names:
            exercise = word
        elif side is None and word in ("left", "right"):
            side = _SIDES[word]
        else:
            rest.append(part)
    return exercise, side, "/".join(rest)


def _in_list(path: Path, exercise: str | None) -> list[Item]:
    header, lines = _read(path)
    names = {name.strip().casefold(): place for place, name in enumerate(header) if name.strip()}
    if "video" not in names:
        raise ListError(
            f'{path}: its first line must name the columns, and one of them must be "video". '
            f"The others may be {', '.join(COLUMNS[1:])}; more are passed on to the table."
        )
    further = [(name.strip(), place) for place, name in enumerate(header) if name.strip().casefold() not in COLUMNS]
    further = [(name, place) for name, place in further if name]
    known = exercise_files()
    items: list[Item] = []
    mistakes: list[str] = []
    for number, line in lines:

        def cell(name: str, line: list[str] = line) -> str:
            place = names.get(name, len(line))
            return line[place].strip() if place < len(line) else ""

        if not any(text.strip() for text in line):
            continue
        try:
            items.append(_item(path.parent, cell, exercise, known, _further(line, further)))
        except ValueError as mistake:
            mistakes.append(f"line {number}: {mistake}")
    if mistakes:
        shown = mistakes[:20] + ([f"and {len(mistakes) - 20} more"] if len(mistakes) > 20 else [])
        raise ListError("\n".join([f"{path} has mistakes:", *shown]))
    if not items:
        raise ListError(f"{path} names no video: there is nothing below its first line.")
    return items


def _item(
    home: Path,
    cell: Callable[[str], str],
    exercise: str | None,
    known: Collection[str],
    columns: tuple[tuple[str, str], ...],
) -> Item:
    video = cell("video")
    if not video:
        raise ValueError("no video is named")
    if "\0" in video:
        raise ValueError("the name of the video holds a zero byte")
    wanted = cell("exercise")
    if wanted and wanted != AUTO and not wanted.endswith(".toml") and wanted not in known:
        raise ValueError(unknown_exercise(wanted, list(known)))
    if wanted.endswith(".toml"):
        wanted = str((home / wanted).absolute())
    side = cell("side").casefold()
    if side and side not in _SIDES:
        raise ValueError(f"the side is left or right, not {side!r}")
    hold = cell("hold")
    try:
        target = float(hold) if hold else None
    except ValueError:
        raise ValueError(f"the seconds to hold are a number, not {hold!r}") from None
    if target is not None and not 0 < target <= 3600:
        raise ValueError(f"the seconds to hold must be more than 0 and at most 3600, not {hold}")
    return Item(
        (home / os.path.expanduser(video)).absolute(),
        PurePath(video).as_posix(),
        wanted or exercise or AUTO,
        _SIDES[side] if side else None,
        cell("person"),
        target,
        columns,
    )


def _further(line: list[str], columns: list[tuple[str, int]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, line[place].strip() if place < len(line) else "") for name, place in columns)


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The first line, and the others with their numbers; commas, semicolons or tabs, whatever the first line has."""
    try:
        if path.stat().st_size > _LONGEST_LIST:
            raise ListError(f"{path} is too long for a list.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            delimiter = max(",;\t", key=first.count)
            reader = csv.reader(file, delimiter=delimiter)
            header = next(reader, [])
            lines = []
            for line in reader:
                lines.append((reader.line_num, line))
                if len(lines) > MOST_LINES:
                    raise ListError(f"{path} has more than {MOST_LINES:,} lines. Split it.")
    except UnicodeDecodeError as error:
        raise ListError(f"{path} is not a text file in UTF-8. Save it as “CSV UTF-8”.") from error
    except csv.Error as error:
        raise ListError(f"{path} cannot be read as a list: {error}.") from error
    except OSError as error:
        raise ListError(f"{path} cannot be read: {error.strerror}.") from error
    return header, lines
