"""The exercises that this machine knows: those of the program and those of the person."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import platformdirs

from formcheck.errors import TemplateError
from formcheck.judge.template import MAX_FILE_CHARACTERS, Template, parse_template


def own_folder() -> Path:
    """Folder for a person's own templates: ``FORMCHECK_POSES``, or ``poses`` in the user's data folder."""
    chosen = os.environ.get("FORMCHECK_POSES")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("formcheck", appauthor=False)) / "poses"


def shipped_folder() -> Path:
    """Folder of the templates that come with the program."""
    here = Path(__file__).parent
    installed = here / "poses"
    return installed if installed.is_dir() else here.parent / "poses"


def exercise_files() -> dict[str, Path]:
    """Template file of every known exercise by its id (the file's name), own ones first."""
    files: dict[str, Path] = {}
    for folder in (own_folder(), shipped_folder()):
        if folder.is_dir():
            for path in sorted(folder.glob("*.toml")):
                files.setdefault(path.stem, path)
    return dict(sorted(files.items()))


def load_template(name_or_path: str | Path) -> Template:
    """Reads the template of an exercise by its id, or from a TOML file.

    Raises:
        TemplateError: if there is no such exercise or file, or the template has mistakes (all are listed).
    """
    return read_template(template_file(name_or_path))


def template_file(name_or_path: str | Path) -> Path:
    """The file of an exercise by its id; what is a path already stays as it is.

    Raises:
        TemplateError: if there is no such exercise.
    """
    text = str(name_or_path)
    if Path(text).suffix == ".toml" or os.sep in text or (os.altsep and os.altsep in text):
        return Path(text)
    files = exercise_files()
    if text not in files:
        raise TemplateError(unknown_exercise(text, list(files)))
    return files[text]


def read_template(path: Path) -> Template:
    """Reads one template file.

    Raises:
        TemplateError: if it cannot be read or has mistakes.
    """
    try:
        if path.stat().st_size > 4 * MAX_FILE_CHARACTERS:
            raise TemplateError(f"{path}: too large for a template")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TemplateError(
            f"There is no template file {path}. See the known exercises with: formcheck exercises"
        ) from None
    except UnicodeDecodeError:
        raise TemplateError(f"{path}: not a text file in UTF-8") from None
    except OSError as error:
        raise TemplateError(f"{path}: cannot be read: {error.strerror}") from None
    template = parse_template(text, str(path))
    if template.id != path.stem:
        raise TemplateError(f"{path}: id = {template.id!r} must be the file's name, {path.stem!r}")
    return template


def unknown_exercise(name: str, known: list[str]) -> str:
    """Message for a name that is no exercise, with the nearest names."""
    near = difflib.get_close_matches(name.lower().replace("-", "_").replace(" ", "_"), known, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"Unknown exercise {name!r}.{hint} Known: {', '.join(known)}. Details: formcheck exercises"
