"""A batch from its list of videos to its table: what is done already is found, the rest is given to workers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock

from formcheck.analysis import check_options
from formcheck.batch.crew import Engine, work
from formcheck.batch.items import Item
from formcheck.batch.places import Places
from formcheck.batch.rows import VIDEOS, Row, clear_working, kept_rows, make_key, stamp_of
from formcheck.batch.table import Judged, write_parquet, write_table
from formcheck.batch.work import Settings, Task
from formcheck.catalog import load_template
from formcheck.errors import ListError, OutputError
from formcheck.judge.template import Template
from formcheck.recognize import AUTO, known_templates
from formcheck.report_page.index import IndexRow, write_index
from formcheck.show.results import INDEX
from formcheck.unfinished import output_error
from formcheck.version import __version__

TABLE_EVERY_S = 30.0
"""The table is brought up to date this often while the batch runs."""

LOCK = ".formcheck-batch.lock"


@dataclass(frozen=True, slots=True)
class Told:
    """How far a batch is.

    Attributes:
        done: items that are settled, failed ones included.
        of: all items.
        failed: items that could not be judged.
        bytes_done, bytes_of: the same in bytes of video; of what was kept from earlier runs neither counts.
        name: what was settled last.
        error: why it failed; "" if it did not.
    """

    done: int
    of: int
    failed: int
    bytes_done: int
    bytes_of: int
    name: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """A batch that is over.

    Attributes:
        judged: every item with its outcome, in the given order.
        new: how many were judged now, those that failed included.
        kept: how many were judged, well, in earlier runs.
    """

    judged: tuple[Judged, ...]
    new: int
    kept: int

    @property
    def failed(self) -> tuple[Judged, ...]:
        """Those that could not be judged."""
        return tuple(each for each in self.judged if each.row is None or each.row.status == "failed")


class Batch:
    """Many videos judged into one folder. Use it in a `with` block: nobody else may write into the folder meanwhile.

    Args:
        items: the videos.
        out: the folder; made if need be. Videos that earlier runs have done there are not done again.
        settings: what is the same for all.
        retry_failed: judge again what could not be judged before.
        parquet: write ``videos.parquet``, too.

    Raises:
        OutputError: another batch writes into the folder, or nobody can.
        TemplateError, ListError: an exercise is unknown, or an option does not fit it (all are told).
    """

    def __init__(
        self,
        items: Sequence[Item],
        out: Path,
        settings: Settings,
        *,
        retry_failed: bool = False,
        parquet: bool = False,
    ) -> None:
        self._items, self._settings, self._retry, self._parquet = items, settings, retry_failed, parquet
        self.out = out.absolute()
        self._exercises = {name: _exercise(name) for name in dict.fromkeys(item.exercise for item in items)}
        self._check()
        all_known = [template.model_dump_json() for template in known_templates()]
        self._hashes = {
            name: make_key(all_known if isinstance(one, str) else one.model_dump_json())
            for name, one in self._exercises.items()
        }
        self._keys: list[str | None] = [None] * len(items)
        self._problems: list[str] = [""] * len(items)
        self._rows: dict[str, Row] = {}
        self._outdated: dict[str, list[Row]] = {}
        self._fresh: set[str] = set()
        self._open: dict[str, Task] = {}
        self._places = Places(self.out / VIDEOS)
        self._told: Callable[[Told], None] = lambda told: None
        self._settled = self._failed = self._bytes_done = self._bytes_of = self._new = self._kept = 0
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(self.out, error) from error
        self._lock = filelock.FileLock(self.out / LOCK)

    def __enter__(self) -> Batch:
        try:
            self._lock.acquire(timeout=2.0)  # a killed run's workers may need a moment to end
        except filelock.Timeout as error:
            raise OutputError(
                f"Another batch is writing into {self.out}. Wait for it, or choose another folder with --out."
            ) from error
        except (OSError, NotImplementedError) as error:
            raise output_error(self.out / LOCK, error if isinstance(error, OSError) else OSError(str(error))) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def run(
        self,
        *,
        jobs: int,
        engine: Engine = "local",
        address: str | None = None,
        told: Callable[[Told], None] | None = None,
    ) -> Ended:
        """Judges what is not done yet, and writes table and index; these are written whatever ends the run.

        Raises:
            FormcheckError: the run cannot go on (a full disk, a cluster that is not there). What is done stays done.
        """
        self._told = told or self._told
        working = clear_working(self.out)
        for row in kept_rows(self.out):
            self._rows.setdefault(row.key, row)
            self._places.take(row.folder)
        known = {(r.stamp.path, r.stamp.size, r.stamp.mtime_ns): r.stamp.sha256 for r in self._rows.values()}
        self._find_outdated(known)
        self._bytes_of = sum(_size(item.video) for item in self._items)
        written = time.monotonic()
        try:
            for outcome in work(self._tasks(working, known), self._settings, jobs=jobs, engine=engine, address=address):
                if outcome.row is None:
                    raise OutputError(outcome.fatal)
                self._rows[outcome.row.key] = outcome.row
                self._fresh.add(outcome.row.key)
                self._open.pop(outcome.row.key, None)
                for place, key in enumerate(self._keys):
                    if key == outcome.row.key:
                        self._settle(place, new=True)
                if time.monotonic() - written > TABLE_EVERY_S:
                    write_table(self.out, self._judged())
                    written = time.monotonic()
        finally:
            for key, task in list(self._open.items()):  # done at the last moment, when nobody was listening any more
                if (settled := task.settled()) is not None:
                    self._rows[key] = settled
            self._write()
        return Ended(tuple(self._judged()), self._new, self._kept)

    def _tasks(self, working: Path, known: dict[tuple[str, int, int], str]) -> Iterator[Task]:
        """What is to be judged, one after the other; content is read when a worker is about to need it anyway."""
        given: set[str] = set()
        for place, item in enumerate(self._items):
            try:
                stamp = stamp_of(item.video, known)
            except OSError as error:
                self._problems[place] = _unreadable(item.video, error)
                self._settle(place)
                continue
            key = self._key(item, stamp.sha256)
            self._keys[place] = key
            row = self._rows.get(key)
            if key in given:  # the same video twice: judged once
                if key in self._fresh:
                    self._settle(place)
                continue
            if row is not None and not (self._retry and row.status == "failed"):
                self._settle(place)
                continue
            given.add(key)
            folder, retry = (row.folder, True) if row is not None else (self._folder(item), False)
            exercise = self._exercises[item.exercise]
            task = Task(key, stamp, folder, exercise, item.side, item.target_s, working / key, retry)
            self._open[key] = task
            yield task

    def _folder(self, item: Item) -> Path:
        """Where the results of a video go; outdated ones of the same video are replaced."""
        outdated = self._outdated.get(str(item.video))
        if outdated:
            row = outdated.pop(0)
            self._rows.pop(row.key, None)
            return row.folder
        return self._places.new(item.name)

    def _key(self, item: Item, sha256: str) -> str:
        """What the results of an item depend on."""
        matters = _what_matters(self._settings)
        return make_key(sha256, self._hashes[item.exercise], item.side, item.target_s, matters, __version__)

    def _find_outdated(self, known: dict[tuple[str, int, int], str]) -> None:
        """Rows of these videos that no item needs as they are: of other settings, or of what the file was before.

        A file of another name or time that is as large as one that was judged may be the same one: it is read now, and
        `known` gets its content.
        """
        used = set()
        sizes = {row.stamp.size for row in self._rows.values()}
        for item in self._items:
            with contextlib.suppress(OSError, ValueError):
                facts = item.video.stat()
                where = (str(item.video), facts.st_size, facts.st_mtime_ns)
                if where not in known and facts.st_size in sizes:
                    known[where] = stamp_of(item.video, known).sha256
                if where in known:
                    used.add(self._key(item, known[where]))
        for row in self._rows.values():
            if row.key not in used:
                self._outdated.setdefault(row.stamp.path, []).append(row)

    def _settle(self, place: int, *, new: bool = False) -> None:
        item, key = self._items[place], self._keys[place]
        row = self._rows.get(key) if key else None
        error = row.error if row else self._problems[place]
        size = _size(item.video)
        self._settled += 1
        self._failed += bool(error)
        if new:
            self._new += 1
            self._bytes_done += size
        else:
            self._kept += not error
            self._bytes_of -= size
        self._told(
            Told(
                self._settled,
                len(self._items),
                self._failed,
                self._bytes_done,
                self._bytes_of,
                item.name,
                error if new or self._problems[place] else "",
            )
        )

    def _judged(self) -> list[Judged]:
        return [
            Judged(item, self._rows.get(key) if key else None, problem)
            for item, key, problem in zip(self._items, self._keys, self._problems, strict=True)
        ]

    def _write(self) -> None:
        judged = self._judged()
        write_table(self.out, judged)
        if self._parquet:
            write_parquet(self.out, judged)
        rows = []
        for each in judged:
            report = each.row.report() if each.row else None
            error = each.row.error if each.row else each.problem or "not judged yet"
            rows.append(IndexRow(each.item.name, report, each.row.folder if report and each.row else None, error))
        write_index(self.out / INDEX, rows)

    def _check(self) -> None:
        mistakes = []
        for item in self._items:
            template = self._exercises[item.exercise]
            try:
                if isinstance(template, Template):
                    check_options(template, side=item.side, target_s=item.target_s)
                elif item.side or item.target_s:
                    raise ValueError("side and seconds to hold depend on the exercise, so it must be named, too.")
            except ValueError as mistake:
                mistakes.append(f"{item.name}: {mistake}")
        if mistakes:
            shown = mistakes[:20] + ([f"and {len(mistakes) - 20} more"] if len(mistakes) > 20 else [])
            raise ListError("\n".join(["These videos cannot be judged as wanted:", *shown]))


def _exercise(name: str) -> Template | str:
    return AUTO if name == AUTO else load_template(name)


def _what_matters(settings: Settings) -> dict[str, object]:
    """The settings on which results depend, the model by its kind and not by its place."""
    model = settings.model
    return {
        "model": model.variant or str(model.path),
        "comfort": settings.comfort,
        "files": [settings.save_video, settings.save_stills, settings.save_track, settings.save_page],
    }


def _unreadable(video: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no file {video}. Check the name and the folder."
    return f"{video} cannot be read: {error.strerror or error}."


def _size(video: Path) -> int:
    try:
        return video.stat().st_size
    except (OSError, ValueError):
        return 0
