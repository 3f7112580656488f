"""A stand-in for the judging of a video, for tests of everything around it; workers import it by its name.

What a "video" holds says what happens: ``fail`` cannot be judged, ``die`` kills the worker, ``die once`` only the first
time, ``segv`` and ``abort`` crash it as a decoder in C would, ``hang`` never ends, ``early`` kills it before it notes
what it works on, ``full`` fills the disk, anything else is judged; a number in it is how many milliseconds that takes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import signal
import sys
import time
import uuid
from pathlib import Path

from formcheck.batch import crew
from formcheck.batch.items import Item
from formcheck.batch.rows import Row, part_beside, publish
from formcheck.batch.run import Batch, Ended
from formcheck.batch.work import Outcome, Settings, Task, giving_up_stalled
from formcheck.catalog import load_template
from formcheck.judge.session import Session
from formcheck.see.model import ModelFile
from formcheck.show.results import REPORT

SETTINGS = Settings(ModelFile(Path("model.task"), "full", "file", trimmed=True))


def judge(task: Task, settings: Settings) -> Outcome:
    """As `formcheck.batch.work.judge`, without pictures."""
    if (settled := task.settled()) is not None:
        return Outcome(task, settled)
    started = time.monotonic()
    said = Path(task.stamp.path).read_text()
    if "early" in said:
        os._exit(1)
    begun = task.working / uuid.uuid4().hex
    begun.mkdir(parents=True)
    results = part_beside(task.folder)
    results.mkdir(parents=True)
    if number := re.search(r"\d+", said):
        time.sleep(int(number[0]) / 1000)
    once = Path(task.stamp.path + ".died")
    if "die" in said and not ("once" in said and once.exists()):
        once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if "segv" in said or "abort" in said or "hang" in said:
        with open(task.stamp.path + ".log", "a") as log:
            log.write(f"{os.getpid()}\n")
    if "segv" in said:
        ctypes.string_at(0)
    if "abort" in said:
        os.abort()
    if "hang" in said:
        with giving_up_stalled(task, 0.5):
            time.sleep(60)
    if "full" in said:
        return Outcome(task, None, "the disk is full")
    error = "it cannot be judged" if "fail" in said else ""
    if not error:
        exercise = task.exercise if not isinstance(task.exercise, str) else load_template("lunge")
        (results / REPORT).write_text(json.dumps(Session(exercise).finish().to_dict()))
    row = publish(Row(task.key, "failed" if error else "done", error, task.stamp, task.folder), results)
    with contextlib.suppress(OSError):
        begun.rmdir()
        task.working.rmdir()
    with open(task.stamp.path + ".log", "a") as log:
        log.write(f"{os.getpid()}\n")
    return Outcome(task, row, "", time.monotonic() - started)


def run(items: list[Item], out: Path, *, jobs: int = 1, retry_failed: bool = False) -> Ended:
    """A batch with this stand-in; `crew.judge` must have been replaced."""
    with Batch(items, out, SETTINGS, retry_failed=retry_failed) as batch:
        return batch.run(jobs=jobs)


def main() -> None:
    """``python batch_stand_in.py FOLDER OUT``: a batch over the files of a folder."""
    vars(crew)["judge"] = judge
    folder, out = map(Path, sys.argv[1:3])
    run([Item(path, path.name, "lunge") for path in sorted(folder.glob("*.mp4"))], out, jobs=2)


if __name__ == "__main__":
    import batch_stand_in  # workers know the functions of this module by its name

    batch_stand_in.main()
