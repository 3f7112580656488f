"""Files for other programs, on request."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Self

from formcheck.judge.moment import Moment
from formcheck.judge.template import Template
from formcheck.show.mot import Mot
from formcheck.show.results import MOT, PARQUET, TRC
from formcheck.show.trc import Trc

ALWAYS = ("csv", "json")
"""Written in any case: ``angles.csv``, ``repetitions.csv``, ``report.json``."""

ON_REQUEST = ("trc", "mot", "parquet")


def chosen_exports(text: str | None) -> tuple[str, ...]:
    """The kinds of files in a list such as ``trc,mot``.

    Raises:
        ValueError: one of them is not known; the message names those that are.
    """
    names = [name.strip().lower().lstrip(".") for name in (text or "").split(",") if name.strip()]
    check_exports(names)
    return tuple(dict.fromkeys(names))


def check_exports(names: Collection[str]) -> None:
    """Finds kinds of files that cannot be written.

    Raises:
        ValueError: one of them is not known; the message names those that are.
    """
    unknown = [name for name in names if name not in (*ALWAYS, *ON_REQUEST)]
    if unknown:
        known = ", ".join((*ON_REQUEST, *ALWAYS))
        raise ValueError(f"There is no export {', '.join(unknown)}. There are: {known}.")


class Exports:
    """Writes the files that were asked for into a folder.

    Use it in a `with` block: the files appear, complete, when the block ends well.

    Args:
        names: some of `ON_REQUEST` and `ALWAYS`.
        height_m: height of the person in metres, which gives the markers their scale.

    Raises:
        OutputError: a library is missing, or a file cannot be written.
        ValueError: a name is not known.
    """

    def __init__(
        self, names: Collection[str], template: Template, folder: Path, *, height_m: float | None = None
    ) -> None:
        check_exports(names)
        self._trc = Trc(height_m) if "trc" in names else None
        self._mot = Mot() if "mot" in names else None
        self._folder = folder
        self._parquet = None
        if "parquet" in names:
            from formcheck.show.parquet import AngleParquet

            self._parquet = AngleParquet(folder / PARQUET, template)

    def update(self, moment: Moment, frame: object = None) -> None:
        """Adds a moment to each file."""
        for file in (self._trc, self._mot, self._parquet):
            if file is not None:
                file.update(moment)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._parquet is not None:
            self._parquet.__exit__(kind, error, trace)
        if error is None and self._trc is not None:
            self._trc.write(self._folder / TRC)
        if error is None and self._mot is not None:
            self._mot.write(self._folder / MOT)
