"""The folder of results of one video: complete or not there at all."""

from __future__ import annotations

import os
import shutil
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from formcheck.errors import OutputError
from formcheck.json_file import read_json
from formcheck.unfinished import output_error

REPORT = "report.json"
REPETITIONS = "repetitions.csv"
HOLDS = "holds.csv"
ANGLES = "angles.csv"
PAGE = "report.html"
INDEX = "index.html"
TRC = "markers.trc"
MOT = "angles.mot"
PARQUET = "angles.parquet"
ANNOTATED = "annotated.mp4"
STILLS = "stills"
TRACK_ENDING = ".track.npz"

_NAME_BYTES = 200
"""Longest name of a folder or file made from a video's: most file systems take 255 bytes, endings included."""


class ResultsFolder:
    """Results being written, in a hidden folder that becomes the final one when everything is complete.

    Use it in a `with` block. When the block ends well, the results appear; results of an earlier analysis at the same
    place are replaced, other files there are left alone. After any exception nothing has changed and nothing is left.

    Args:
        final: where the results will be.
        source: the recording that they are of, which they must not replace.

    Attributes:
        final: where the results will be.
        path: where to write meanwhile.

    Raises:
        OutputError: nothing can be written there (on opening or at the end); the message names the final place.
    """

    def __init__(self, final: str | os.PathLike[str], source: Path | None = None) -> None:
        self.final = Path(final)
        try:
            if source is not None and _would_replace(self.final, source):
                raise OutputError(
                    f"The results in {self.final} would replace {source} itself. Choose another folder with --out."
                )
            # On the same disk as the final folder, so that renaming is enough in the end; nothing else is created yet.
            home = next((p for p in (self.final, *self.final.absolute().parents) if p.exists()), Path.cwd())
            if not home.is_dir():
                raise OutputError(
                    f"{self.final} cannot be a folder: {home} is a file. Choose another folder with --out."
                )
            self.path = home / f".formcheck-{uuid.uuid4().hex[:12]}.part"
            # Also where the program is stopped before anybody could enter.
            self._remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
            self.path.mkdir()
        except OSError as error:
            raise output_error(self.final / REPORT, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._publish()
        finally:
            self._remove()
        if isinstance(error, OutputError):
            # The person knows nothing of the hidden folder.
            raise OutputError(str(error).replace(str(self.path), str(self.final))) from error

    def _publish(self) -> None:
        try:
            if not self.final.exists():
                self.final.parent.mkdir(parents=True, exist_ok=True)
                with suppress(OSError):  # of another run into the same folder, which was faster just now
                    self.path.rename(self.final)
                    return
                if not self.final.is_dir():
                    self.path.rename(self.final)
                    return
            with _alone_in(self.final):
                self._replace()
        except OSError as error:
            raise output_error(self.final / REPORT, error) from error

    def _replace(self) -> None:
        """Moves the results into the folder that is there."""
        outdated = results_in(self.final)
        new = [p.relative_to(self.path) for p in sorted(self.path.rglob("*")) if p.is_file()]
        # The report goes last: where it is new, everything is.
        for name in sorted(new, key=lambda name: name == Path(REPORT)):
            (self.final / name).parent.mkdir(exist_ok=True)
            os.replace(self.path / name, self.final / name)
        for file in outdated:
            if file.relative_to(self.final) not in new and not file.name.endswith(TRACK_ENDING):
                file.unlink(missing_ok=True)
        if (self.final / STILLS).is_dir() and not any((self.final / STILLS).iterdir()):
            (self.final / STILLS).rmdir()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Of several runs into one folder, one publishes at a time, so that results are never mixed (not on Windows)."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems cannot
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _would_replace(folder: Path, source: Path) -> bool:
    """Whether results in a folder would take the place of a file that is there."""
    return any(path.exists() and path.samefile(source) for path in (folder / ANNOTATED, *results_in(folder)))


def results_in(folder: Path) -> list[Path]:
    """The results of an analysis that are in a folder; none if there is no report of this program."""
    try:
        report = read_json(folder / REPORT)
        ours = str(report["schema"]).startswith("formcheck.")
    except (OSError, ValueError, LookupError, TypeError):
        return []
    if not ours:
        return []
    names = [folder / name for name in (PAGE, REPORT, REPETITIONS, HOLDS, ANGLES, TRC, MOT, PARQUET, ANNOTATED)]
    stills = (path for kind in ("repetition", "hold") for path in sorted((folder / STILLS).glob(f"{kind}-*.jpg")))
    found = [*names, *sorted(folder.glob(f"*{TRACK_ENDING}")), *stills]
    return [path for path in found if path.is_file()]


def short_stem(video: Path) -> str:
    """The name of a video without its ending, fit to be a part of a new name."""
    stem = video.stem if video.stem.strip(". ") else "video"
    return stem.encode("utf-8", "surrogateescape")[:_NAME_BYTES].decode("utf-8", "ignore")


def folders_for(videos: list[Path], out: Path | None) -> list[Path]:
    """Where the results of each video go: different folders, also on disks that do not tell capitals apart.

    One video's results go into `out` itself, those of several into folders in it named like the videos; without
    `out`, into ``<video>-formcheck`` in the current folder.
    """
    if out is not None and len(videos) == 1:
        return [out]
    folders: list[Path] = []
    taken: set[str] = set()
    for video in videos:
        stem = short_stem(video)
        names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(videos) + 1))
        name = next(name for name in names if name.casefold() not in taken)
        taken.add(name.casefold())
        folders.append(out / name if out is not None else Path(f"{name}-formcheck"))
    return folders
