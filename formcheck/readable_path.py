"""Paths as texts."""

from __future__ import annotations

import os


def readable_path(path: str | os.PathLike[str]) -> str:
    """A path as a text that every file, database and program takes: names of files may hold bytes that are no UTF-8.

    Two names never become the same.
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")
