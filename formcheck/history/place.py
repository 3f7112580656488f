"""Where the history lies, and whose it is."""

from __future__ import annotations

import os
from pathlib import Path

DATABASE = "history.sqlite3"
ME = "me"
"""The person of every set for which nobody was named."""


def data_folder() -> Path:
    """Folder of a person's own data: ``FORMCHECK_DATA``, or the user's data folder of this machine."""
    chosen = os.environ.get("FORMCHECK_DATA")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("formcheck", appauthor=False))


def database_file() -> Path:
    """The file of the history."""
    return data_folder() / DATABASE


def person_or_me(person: str | None) -> str:
    """Whose set it is: as named, else ``FORMCHECK_PERSON``, else "me"."""
    return (person or os.environ.get("FORMCHECK_PERSON") or ME).strip() or ME
