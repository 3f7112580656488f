"""What is left of a live session: a folder with one folder for each set, written as soon as the set is over.

While a set is done its poses are in a journal, ``set-1-left.journal``, which `formcheck replay` reads should the
program be killed. Afterwards its place is taken by ``set-1-left/`` with what `analyze` writes and the pose track.
``session.json`` tells what was planned and what was done (format in ``docs/live.md``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from formcheck.judge.report import Report
from formcheck.judge.template import Template
from formcheck.live.pace import Pace
from formcheck.live.plan import Bout
from formcheck.pose import Pose
from formcheck.see.journal import ENDING, Journal
from formcheck.see.track import TrackMeta
from formcheck.show.export import write_holds, write_repetitions, write_report
from formcheck.show.results import HOLDS, REPETITIONS, REPORT, TRACK_ENDING, ResultsFolder
from formcheck.unfinished import UnfinishedFile, output_error

SESSION = "session.json"
VIDEO = "video.mp4"
"""The camera's pictures."""

SCHEMA = "formcheck.session/1"


@dataclass(frozen=True, slots=True)
class BoutResult:
    """A bout that was done, or begun.

    Attributes:
        bout: what was planned.
        end: why it ended: "done", "next", "restart", "side", "camera" (a recording was over), "quit" or "discomfort".
        report: its judgement.
        name: of its folder; None if nothing was written.
    """

    bout: Bout
    end: str
    report: Report
    name: str | None = None


class BoutRecord:
    """The files of one bout while it goes on.

    Attributes:
        name: of its folder.
        finished: whether its results are written; if not, nothing of it is kept.
    """

    def __init__(self, journal: Journal, results: ResultsFolder, name: str) -> None:
        self.name = name
        self.finished = False
        self._journal, self._results = journal, results

    def write(self, pose: Pose) -> None:
        """Takes a pose as the model saw it, before it is judged."""
        self._journal.write(pose)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be kept."""
        failure = self._journal.failure
        return (f"Not all of the set's poses were kept. {failure}",) if failure else ()

    def finish(self, report: Report) -> None:
        """Writes the results.

        Raises:
            OutputError: they cannot be written; the journal stays.
        """
        folder = self._results.path
        self._journal.close()
        self._journal.to_track(folder / (self.name + TRACK_ENDING))
        write_repetitions(report, folder / REPETITIONS)
        if report.kind == "hold":
            write_holds(report, folder / HOLDS)
        write_report(report, folder / REPORT)
        self.finished = True


class SessionRecord:
    """The folder of one live session. What an earlier session left in it stays: names that are taken get a number.

    Args:
        folder: where to write; created if it is not there.
        template: the exercise.
        camera: its name.
        model: name of the pose model.
        started: date and time, ISO 8601; by default now.

    Attributes:
        folder: see above.
        film: where the camera's pictures belong.

    Raises:
        OutputError: the folder cannot be written to.
    """

    def __init__(self, folder: Path, template: Template, camera: str, model: str, started: str | None = None) -> None:
        self.folder = folder
        self._template, self._camera, self._model = template, camera, model
        self._started = time.strftime("%Y-%m-%dT%H:%M:%S%z") if started is None else started
        self._bouts: list[dict[str, Any]] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(folder / SESSION, error) from error
        names = ((SESSION, VIDEO) if n == 1 else (f"session-{n}.json", f"video-{n}.mp4") for n in count(1))
        self._path, self.film = next(
            (folder / session, folder / video)
            for session, video in names
            if not (folder / session).exists() and not (folder / video).exists()
        )

    @contextmanager
    def bout(self, bout: Bout, size: tuple[int, int]) -> Iterator[BoutRecord]:
        """Opens the files of one bout; the results appear when the block ends well and they are finished.

        Args:
            bout: which.
            size: (width, height) of the pictures.
        """
        name = self._free(bout.name)
        meta = TrackMeta(size, self._camera, model=self._model)
        with Journal(self.folder / (name + ENDING), meta) as journal:
            try:
                with ResultsFolder(self.folder / name) as results:
                    record = BoutRecord(journal, results, name)
                    yield record
                    if not record.finished:
                        raise _NothingToKeepError
            except _NothingToKeepError:
                pass
        journal.remove()

    def add(self, result: BoutResult) -> None:
        """Notes a bout that is over."""
        bout, report = result.bout, result.report
        done: dict[str, Any] = {"repetitions": report.counts.total, "partial": report.counts.partial}
        if report.kind == "hold":
            done = {"in_form_s": round(report.in_form_s, 3), "held_s": round(report.held_s, 3)}
        elif bout.alternate:
            done |= {"left": report.counts.left, "right": report.counts.right}
        self._bouts.append(
            {
                "folder": result.name,
                "set": bout.number,
                "side": bout.side,
                "goal": {"repetitions": bout.repetitions, "hold_s": bout.hold_s, "each_side": bout.alternate},
                "done": done,
                "ended": result.end,
            }
        )

    def write(self, pace: Pace, notes: tuple[str, ...] = ()) -> None:
        """Writes ``session.json`` as of now.

        Raises:
            OutputError: it cannot be written.
        """
        document = {
            "schema": SCHEMA,
            "exercise": self._template.id,
            "name": self._template.name,
            "started": self._started,
            "camera": self._camera,
            "model": self._model,
            "sets": self._bouts,
            "pace": {
                "judged_fps": None if pace.fps is None else round(pace.fps, 1),
                "picture_age_ms": {"median": _ms(pace.ages.quantile(0.5)), "p95": _ms(pace.ages.quantile(0.95))},
            },
            "notes": list(notes),
        }
        with UnfinishedFile(self._path) as file:
            file.path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def tidy(self) -> None:
        """Removes the folder if nothing was written into it."""
        with suppress(OSError):
            self.folder.rmdir()

    def _free(self, name: str) -> str:
        """The name, or with a number if a bout of that name was begun before."""
        n, free = 1, name
        while (self.folder / free).exists() or (self.folder / (free + ENDING)).exists():
            n += 1
            free = f"{name}-{n}"
        return free


class _NothingToKeepError(Exception):
    """Nothing of this bout is to be kept."""


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)
