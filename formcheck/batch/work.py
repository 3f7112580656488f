"""What a worker does: it judges one video and publishes the result."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from formcheck.batch.rows import Row, Stamp, part_beside, publish, read_row
from formcheck.errors import CONVERT_IT, FormcheckError, ModelError, OutputError
from formcheck.judge.template import Template
from formcheck.pose import Side
from formcheck.see.model import ModelFile
from formcheck.version import __version__

STALL_S = 1200.0
"""Seconds without a new picture after which a video is given up, because its decoder hangs: more than the longest
step that is none, waiting for the pose model on a cluster."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is the same for all videos.

    Attributes:
        model: the pose model.
        comfort: judge by the person's own range.
        save_video, save_stills, save_track, save_page: which files the results hold.
        stall_s: seconds without a new picture after which a video is given up.
    """

    model: ModelFile
    comfort: bool = False
    save_video: bool = False
    save_stills: bool = False
    save_track: bool = False
    save_page: bool = True
    stall_s: float = STALL_S


@dataclass(frozen=True, slots=True)
class Task:
    """One video to judge.

    Attributes:
        key, stamp, folder: of its row.
        exercise: the template, or "auto".
        side, target_s: as for `analyze`.
        working: a folder that is there while it is being judged; so it shows on what a worker has died.
        retry: it could not be judged before, and is to be tried again.
    """

    key: str
    stamp: Stamp
    folder: Path
    exercise: Template | str
    side: Side | None
    target_s: float | None
    working: Path
    retry: bool = False

    def settled(self) -> Row | None:
        """The row, if another worker has published it, which died or was thought to be dead before it could tell."""
        row = read_row(self.folder)
        return row if row is not None and row.key == self.key and not (self.retry and row.status == "failed") else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task.

    Attributes:
        row: its row, published; None if the run cannot go on.
        fatal: why the run cannot go on (a full disk, an unusable model); "" if it can.
        seconds: how long it took.
    """

    task: Task
    row: Row | None
    fatal: str = ""
    seconds: float = 0.0


def judge(task: Task, settings: Settings) -> Outcome:
    """Judges a video and publishes its results, or why there are none. Nothing that a video can do is raised."""
    began = time.monotonic()
    begun = task.working / uuid.uuid4().hex[:12]  # a cluster may have a video judged twice at once
    results = part_beside(task.folder)
    try:
        if (settled := task.settled()) is not None:
            return Outcome(task, settled)
        begun.mkdir(parents=True)
        results.parent.mkdir(parents=True, exist_ok=True)
        with giving_up_stalled(task, settings.stall_s) as moves:
            error = _judged(task, settings, results, moves)
        row = Row(task.key, "failed" if error else "done", error, task.stamp, task.folder)
        if error:
            shutil.rmtree(results, ignore_errors=True)
        row = publish(row, results)
    except (OutputError, ModelError) as failure:
        return Outcome(task, None, str(failure), time.monotonic() - began)
    except OSError as failure:
        return Outcome(task, None, f"{task.folder}: {failure}", time.monotonic() - began)
    finally:
        shutil.rmtree(results, ignore_errors=True)
        with contextlib.suppress(OSError):
            begun.rmdir()
            task.working.rmdir()  # unless another attempt goes on
    return Outcome(task, row, "", time.monotonic() - began)


def give_up(task: Task) -> Row:
    """The row of a video on which its worker died, more than once.

    Raises:
        OutputError: it cannot be written.
    """
    error = (
        f"{task.stamp.path}: the process that judged it died, more than once: reading it crashed the decoder or took "
        f"all memory. Convert it, {CONVERT_IT}"
    )
    row = publish(Row(task.key, "failed", error, task.stamp, task.folder), part_beside(task.folder))
    shutil.rmtree(task.working, ignore_errors=True)
    return row


@contextlib.contextmanager
def giving_up_stalled(task: Task, stall_s: float) -> Iterator[Callable[[], None]]:
    """Gives what is to be called whenever something moves. If nothing does for `stall_s`, the row says so, and this
    process ends: a decoder that hangs cannot be stopped in any other way."""
    idle = 0.0
    over = threading.Event()

    def moves() -> None:
        nonlocal idle
        idle = 0.0

    def watch() -> None:
        nonlocal idle
        step = min(1.0, stall_s / 4)
        while not over.wait(step):  # counted in steps, so that a machine that sleeps loses no video
            idle += step
            if idle >= stall_s:
                error = (
                    f"{task.stamp.path}: nothing moved for {stall_s / 60:.0f} minutes, so reading it hangs. Convert "
                    f"it, {CONVERT_IT}"
                )
                with contextlib.suppress(OutputError):
                    publish(Row(task.key, "failed", error, task.stamp, task.folder), part_beside(task.folder))
                os._exit(1)

    watching = threading.Thread(target=watch, name=f"watch {Path(task.stamp.path).name}", daemon=True)
    watching.start()
    try:
        yield moves
    finally:
        over.set()
        watching.join()


def _judged(task: Task, settings: Settings, results: Path, moves: Callable[[], None]) -> str:
    """Judges; gives why that was not possible, or ""."""
    from formcheck.analysis import analyze

    model: ModelFile | str = settings.model
    if settings.model.variant is not None and not settings.model.path.is_file():  # on another machine of a cluster
        model = settings.model.variant
    try:
        analyze(
            task.stamp.path,
            task.exercise,
            side=task.side,
            comfort=settings.comfort,
            target_s=task.target_s,
            model=model,
            out=results,
            save_video=settings.save_video,
            save_stills=settings.save_stills,
            save_track=settings.save_track,
            save_page=settings.save_page,
            progress=lambda *_: moves(),
        )
    except (OutputError, ModelError):
        raise
    except FormcheckError as failure:
        return str(failure)
    except ValueError as failure:  # an option that does not fit the exercise that was recognised, for example
        return f"{task.stamp.path}: {failure}"
    except Exception as failure:
        last = traceback.extract_tb(failure.__traceback__)[-1]
        return (
            f"{task.stamp.path} could not be analyzed because of a mistake in the program. Please report it with this "
            f"line: {type(failure).__name__}: {failure} ({Path(last.filename).name}, line {last.lineno}, "
            f"formcheck {__version__})."
        )
    return ""
