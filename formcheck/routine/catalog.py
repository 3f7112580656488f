"""The routines that this machine knows: those of the program and those of the person."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from formcheck.catalog import load_template, own_folder, shipped_folder
from formcheck.errors import RoutineError
from formcheck.routine.form import MAX_FILE_CHARACTERS, Routine, parse_routine

FOLDER = "routines"
"""Beside the templates, in a folder of their own: a routine is no exercise."""


def routine_files() -> dict[str, Path]:
    """File of every known routine by its id, own ones first."""
    files: dict[str, Path] = {}
    for folder in (own_folder() / FOLDER, shipped_folder() / FOLDER):
        if folder.is_dir():
            for path in sorted(folder.glob("*.toml")):
                files.setdefault(path.stem, path)
    return dict(sorted(files.items()))


def load_routine(name_or_path: str | Path) -> Routine:
    """Reads a routine by its id, or from a TOML file.

    Raises:
        RoutineError: if there is no such routine or file, or it has mistakes (all are listed).
    """
    text = str(name_or_path)
    if Path(text).suffix == ".toml" or os.sep in text or (os.altsep and os.altsep in text):
        return read_routine(Path(text))
    files = routine_files()
    name = text.lower().replace("_", "-").replace(" ", "-")
    if name not in files:
        near = difflib.get_close_matches(name, files, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise RoutineError(f"There is no routine {text!r}.{hint} Known: {', '.join(files)}. See: formcheck routine")
    return read_routine(files[name])


def read_routine(path: Path) -> Routine:
    """Reads one file.

    Raises:
        RoutineError: if it cannot be read or has mistakes.
    """
    try:
        if path.stat().st_size > 4 * MAX_FILE_CHARACTERS:
            raise RoutineError(f"{path}: too large for a routine.")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RoutineError(f"There is no file {path}. See the known routines with: formcheck routine") from None
    except UnicodeDecodeError:
        raise RoutineError(f"{path}: not a text file in UTF-8.") from None
    except OSError as error:
        raise RoutineError(f"{path}: cannot be read: {error.strerror}.") from None
    routine = parse_routine(text, str(path), load_template)
    if routine.id != path.stem:
        raise RoutineError(f"{path}: id = {routine.id!r} must be the file's name, {path.stem!r}.")
    return routine
