"""Whether memory, open files and threads stay flat for as long as the program runs.

    python -m tests.benchmarks.soak [live|batch ...] [--hours 8] [--fps 30] [--videos 2000] [--real 40] [--out curve.csv]

``live`` is eight hours of live sessions, twenty of 24 minutes in one process, as fast as they go: the real camera
thread, loop, overlay, journal, recording, voice queue and history, with a scripted camera, a stand-in for the pose
model (a stick figure that lunges), for the window and for the loudspeaker. ``batch`` is a folder of 2,000 videos given
to two real workers: the first twenty and then every fiftieth are real recordings, judged with the real pose model, the
rest are judged by a stand-in.

Each runs in a process of its own; memory (resident), open files and threads of it and all its children are read from
outside, twenty times a second (Linux only): some threads live for a quarter of a second. What work in progress takes comes and goes, what leaks stays: so the least that
is held in a tenth of the run, near its end, is compared with the least in the tenth after warming up, in which models are
loaded and caches fill. Ends with 1 if memory grew by more than 10 MB, or there are more open files or threads than before.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
CLIP = ROOT / "samples" / "clips" / "walking.mp4"

GOAL_MB = 10.0
WARM = 0.1
"""The share of a run that is not looked at. A twentieth is one set: its results are written for the first time then."""

WINDOW = 0.1
"""The share of a run over which readings are put together, at its beginning (warm) and at its end."""

ENDING = 0.02
"""The share that is left out at the end, where workers end and the last results are written."""

WARMING = 20
"""Real videos that a batch begins with."""

FAILING = 97
"""One video in so many cannot be judged."""

SESSION_S = 1440.0
"""How long a live session is, about; four sets with rests between them."""

SETS = 4
REPETITION_S = 4.0
REST_S = 45.0
"""Of a session of this length; shorter ones rest less."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a process and its children hold at one moment.

    Attributes:
        seconds: since the start.
        share: how far the run is, 0 to 1.
        memory_mb: resident.
        handles: open files, sockets and pipes.
        threads: of all of them.
        processes: how many.
    """

    seconds: float
    share: float
    memory_mb: float
    handles: int
    threads: int
    processes: int


@dataclass(frozen=True, slots=True)
class Growth:
    """How much more there is at the end than after warming up, and the most at any time after it (see `growth`)."""

    memory_mb: float
    handles: int
    threads: int
    most_mb: float

    @property
    def flat(self) -> bool:
        """Whether the goal is met."""
        return self.memory_mb <= GOAL_MB and self.handles <= 0 and self.threads <= 0


def growth(readings: Sequence[Reading]) -> Growth:
    """Compares what is held all the while near the end of a run with what is held all the while near its beginning.

    A worker that has been replaced holds little until it has a real video to judge. So files and threads are compared
    with the most that was held all through one of the windows of the first half: what leaks exceeds them all.

    Raises:
        ValueError: there are too few readings.
    """
    windows = [
        [one for one in readings if begin <= one.share < begin + WINDOW]
        for begin in np.arange(WARM, 0.5, WINDOW).tolist()
    ]
    last = [one for one in readings if 1 - ENDING - WINDOW <= one.share < 1 - ENDING]
    if not all(windows) or not last:
        raise ValueError("The run was too short to be judged.")

    def more(of: Callable[[Reading], int]) -> int:
        return min(map(of, last)) - max(min(map(of, window)) for window in windows)

    def memory(some: Sequence[Reading]) -> list[float]:
        return [one.memory_mb for one in some]

    return Growth(
        min(memory(last)) - min(memory(windows[0])),
        more(lambda one: one.handles),
        more(lambda one: one.threads),
        max(one.memory_mb for one in readings if one.share >= WARM) - max(memory(windows[0])),
    )


def read(process: int, seconds: float, share: float) -> Reading:
    """What a process and all below it hold now; those that end meanwhile are left out."""
    memory = handles = threads = processes = 0
    for number in [process, *below(process)]:
        folder = Path("/proc", str(number))
        try:
            pages = int((folder / "statm").read_text().split()[1])
            opened = len(os.listdir(folder / "fd"))
            running = len(os.listdir(folder / "task"))
        except (OSError, IndexError):
            continue
        memory += pages * resource.getpagesize()
        handles, threads, processes = handles + opened, threads + running, processes + 1
    return Reading(seconds, share, memory / 2**20, handles, threads, processes)


def below(process: int) -> list[int]:
    """The children of a process, and theirs."""
    found = []
    try:
        tasks = os.listdir(f"/proc/{process}/task")
    except OSError:
        return []
    for task in tasks:
        try:
            children = Path(f"/proc/{process}/task/{task}/children").read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            found += [child, *below(child)]
    return found


# --- a live session -----------------------------------------------------------------------------------------------------


class Quick:
    """A capture that gives the next picture as soon as the last one was taken; its clock is that of the pictures.

    Args:
        seconds: how long it lasts, on its own clock.
        fps: pictures a second of that clock.
        told: told how far it is, now and then.
    """

    name = "the scripted camera"
    ends = False

    def __init__(self, seconds: float, fps: float, told: Callable[[float], None]) -> None:
        self._count, self._fps, self._told = round(seconds * fps), fps, told
        self._given = 0
        self._turn = threading.Semaphore(1)
        height, width = 180, 320
        slope = np.linspace(60, 160, width).astype(np.uint8)
        self._pictures = [np.broadcast_to((slope + 4 * i)[:, None], (height, width, 3)).copy() for i in range(8)]

    def taken(self) -> None:
        """The last picture was taken."""
        if self._turn._value == 0:
            self._turn.release()

    def open(self) -> None:
        """Nothing is opened."""

    def close(self) -> None:
        """Nothing is closed."""

    def read(self) -> object:
        """The next picture; None at the end."""
        from formcheck.see.frame import Frame

        self._turn.acquire(timeout=0.5)
        if self._given >= self._count:
            self.ends = True
            return None
        self._given += 1
        if self._given % 100 == 0:
            self._told(self._given / self._count)
        return Frame(self._given / self._fps, self._pictures[self._given % len(self._pictures)])

    def now(self) -> float:
        """Seconds of pictures so far."""
        return self._given / self._fps


class Mouth:
    """A loudspeaker's stand-in: says every line at once."""

    name = "nobody"

    def __init__(self) -> None:
        self.lines = 0

    def say(self, text: str) -> bool:
        """Says it."""
        self.lines += 1
        return True

    def cut(self) -> None:
        """There is nothing to break off."""

    def close(self) -> None:
        """There is nothing to free."""


def live(hours: float, fps: float, told: Callable[[float], None]) -> None:
    """Sessions over so many hours of their own time, one after the other."""
    sys.path.insert(0, str(TESTS))
    from filmed import SIZE
    from motions import Lunge, Repeats
    from stick_figure import Camera as Viewpoint

    from formcheck.catalog import load_template
    from formcheck.history.live import LiveKeeper
    from formcheck.history.store import History
    from formcheck.live import run
    from formcheck.live.plan import plan_for
    from formcheck.live.record import SessionRecord
    from formcheck.pose import Pose
    from formcheck.see.camera import Camera
    from formcheck.see.frame import Frame
    from formcheck.show import window
    from formcheck.show.tones import Tones
    from formcheck.show.voice import Voice

    # By name, as these files belong to no package for the type checker.
    unseen = import_module("tests.benchmarks.live_cost").Unseen

    class Patient(Camera):
        """A camera of which every picture is taken; nobody calls it stalled while a set is written."""

        def __init__(self, capture: Quick) -> None:
            super().__init__(capture, stall_s=600.0)  # type: ignore[arg-type]

        def next(self, timeout_s: float = 0.1) -> Frame | None:
            frame = super().next(timeout_s)
            capture.taken()
            return frame

    class Lunging:
        """Somebody who lunges all the time, first with one leg in front, then with the other."""

        def __init__(self) -> None:
            motion = Lunge(sides=("left", "right"), lean=35.0).motion(Repeats(count=2, rest=REPETITION_S - 3.0))
            viewpoint = Viewpoint(limb=32.0, size=SIZE)
            self._period = round(2 * REPETITION_S * fps)
            self._poses = [viewpoint.look(motion.look(1.5 + i / fps), 0.0) for i in range(self._period)]
            self._chance = np.random.default_rng(0)

        def estimate(self, frame: Frame) -> Pose:
            pose = self._poses[round(frame.time * fps) % self._period]
            shift = self._chance.normal(0, 0.2, pose.points.shape)
            return Pose(frame.time, pose.points + shift, pose.visibility, pose.size)

    class Whistle(Tones):
        """Tones that nobody hears."""

        def __init__(self) -> None:
            self.note = None

        def play(self, tone: object) -> None: ...

        def close(self) -> None: ...

    vars(run)["Camera"] = Patient
    run.LINGER_S = 0.0
    vars(window)["Window"] = unseen
    sessions = max(2, round(hours * 3600 / SESSION_S))
    length = hours * 3600 / sessions
    rest = REST_S * min(1.0, length / SESSION_S)
    repetitions = max(1, int((length - (SETS - 1) * rest) / SETS / (2 * REPETITION_S) - 1))
    template = load_template("lunge")
    plan = plan_for(template, repetitions=repetitions, sides="alternate", sets=SETS, rest_s=rest)
    mouth, counted, recorded = Mouth(), 0, 0
    with tempfile.TemporaryDirectory() as place:
        os.environ["FORMCHECK_DATA"] = str(Path(place, "data"))
        for number in range(sessions):
            folder = Path(place, f"session-{number}")
            capture = Quick(length, fps, lambda share, n=number: told((n + share) / sessions))  # type: ignore[misc]
            with Voice(template, engines=lambda: [mouth], tones=Whistle()) as voice:
                done = run.exercise(
                    template,
                    plan,
                    capture,  # type: ignore[arg-type]
                    lambda closing: Lunging(),
                    record=SessionRecord(folder, template, capture.name, "full", "2026-11-22T08:00:00+0000"),
                    voice=voice,
                    film=folder / "video.mp4",
                    keeper=LiveKeeper(template, person="somebody"),
                )
            counted += sum(result.report.counts.total for result in done.results)
            recorded += (folder / "video.mp4").stat().st_size
            if len(done.results) < SETS:
                raise SystemExit(f"The session was not what it should have been: {done.ended}, {done.notes}")
            shutil.rmtree(folder)
        with History() as history:
            (kept,) = history.connection.execute("SELECT COUNT(*) FROM sets").fetchone()
        print(
            f"{sessions} sessions of {SETS} sets, {counted} repetitions, {mouth.lines} lines said, {kept} sets in the "
            f"history, {recorded / 1e6:.0f} MB of recording",
            file=sys.stderr,
        )
        if kept < sessions * SETS or not mouth.lines:
            raise SystemExit("Not all sets reached the history, or nothing was said.")


# --- a batch ------------------------------------------------------------------------------------------------------------


def judge(task: object, settings: object) -> object:
    """As a worker does: real recordings with the real model, texts by the stand-in."""
    import batch_stand_in

    from formcheck.batch import work
    from formcheck.batch.work import Settings, Task

    assert isinstance(task, Task)
    assert isinstance(settings, Settings)
    real = Path(task.stamp.path).stem.endswith("-real")
    return work.judge(task, settings) if real else batch_stand_in.judge(task, settings)


def folder_of(place: Path, videos: int, real: int) -> Path:
    """A folder with so many videos, of which some are real; no two are the same."""
    folder = place / "videos"
    folder.mkdir()
    every = max(1, videos // real) if real else videos + 1
    # The first ones are all real: a worker's heap needs some of them until it is as large as it will be.
    chosen = {*range(min(WARMING, real)), *range(0, videos, every)} if real else set()
    for number in range(videos):
        if number in chosen:
            video = folder / f"{number:06}-real.mp4"
            shutil.copy(CLIP, video)
            with video.open("ab") as file:  # an empty box at the end makes it another file with the same pictures
                file.write(b"\0\0\0\x0cfree" + number.to_bytes(4, "big"))
        else:
            # The stand-in would take digits for a duration, and some words for an order: letters without a vowel.
            name = f"{number:06}".translate(str.maketrans("0123456789", "bcghjkmnpq"))
            (folder / f"{number:06}.mp4").write_text(f"{'fail' if number % FAILING == 5 else 'fine'} {name}")
    return folder


def batch(videos: int, real: int, told: Callable[[float], None]) -> None:
    """A batch over a folder with so many videos, on two workers."""
    import batch_stand_in

    from formcheck.batch import crew
    from formcheck.batch.items import Item
    from formcheck.batch.run import Batch, Told
    from formcheck.batch.work import Settings
    from formcheck.see.model import locate

    vars(crew)["judge"] = import_module("tests.benchmarks.soak").judge  # by the name that workers know it by
    settings = Settings(locate("full")) if real else batch_stand_in.SETTINGS
    with tempfile.TemporaryDirectory() as place:
        folder = folder_of(Path(place), videos, real)
        items = [Item(path, path.name, "lunge") for path in sorted(folder.glob("*.mp4"))]

        def tell(now: Told) -> None:
            if now.done % 10 == 0:
                told(now.done / now.of)

        with Batch(items, Path(place, "out"), settings) as run:
            ended = run.run(jobs=2, told=tell)
        wanted = {item.name for item in items if item.video.read_bytes().startswith(b"fail")}
        print(f"{len(ended.judged)} videos, {len(wanted)} of them made to fail", file=sys.stderr)
        unexpected = [each for each in ended.failed if each.item.name not in wanted]
        if ended.new != videos or unexpected or len(ended.failed) != len(wanted):
            said = [each.row.error if each.row else each.problem for each in unexpected[:3]]
            raise SystemExit(f"The batch was not what it should have been: {ended.new} new, {said}")


# --- watching ------------------------------------------------------------------------------------------------------------


def watch(command: Sequence[str], every_s: float = 0.05) -> Iterator[Reading]:
    """Runs a command that prints how far it is (0 to 1), and reads what it holds all the while.

    Raises:
        SystemExit: it fails.
    """
    path = os.pathsep.join([str(ROOT), str(TESTS), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path}
    latest = deque([0.0], maxlen=1)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:

        def listen() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                latest.append(float(line))

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        began = time.monotonic()
        try:
            while process.poll() is None:
                yield read(process.pid, time.monotonic() - began, latest[0])
                time.sleep(every_s)
            listener.join(2)
        finally:
            process.kill()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")


def table(readings: Sequence[Reading]) -> list[str]:
    """The curve in ten lines."""
    lines = ["  share    time   memory MB: least, most  handles  threads  processes"]
    for tenth in range(10):
        some = [one for one in readings if min(9, int(10 * one.share)) == tenth]
        if some:
            memory = [one.memory_mb for one in some]
            counts = [min(of(one) for one in some) for of in (_handles, _threads, _processes)]
            lines.append(
                f"{10 * tenth:4}–{10 * tenth + 10:3}% {some[-1].seconds:6.0f} s {min(memory):15.1f} {max(memory):7.1f}"
                + "".join(f" {count:8}" for count in counts)
            )
    return lines


_handles: Callable[[Reading], int] = attrgetter("handles")
_threads: Callable[[Reading], int] = attrgetter("threads")
_processes: Callable[[Reading], int] = attrgetter("processes")


def write_curve(path: Path, kind: str, readings: Sequence[Reading]) -> None:
    """Adds the readings to a CSV file."""
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["run", *Reading.__slots__])
        for one in readings:
            writer.writerow([kind, *(round(getattr(one, name), 4) for name in Reading.__slots__)])


def main(given: list[str] | None = None) -> int:
    """Runs what is asked for and gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="live|batch", help="by default both")
    parser.add_argument("--hours", type=float, default=8.0, help="of session time")
    parser.add_argument("--fps", type=float, default=30.0, help="pictures a second of session time")
    parser.add_argument("--videos", type=int, default=2000)
    parser.add_argument("--real", type=int, default=40, help="of them, judged with the real pose model")
    parser.add_argument("--out", type=Path, help="write the curves here, as CSV")
    parser.add_argument("--child", choices=["live", "batch"], help=argparse.SUPPRESS)
    asked = parser.parse_args(given)
    if unknown := set(asked.kinds) - {"live", "batch"}:
        parser.error(f"there is no {' and no '.join(unknown)}")

    def told(share: float) -> None:
        print(f"{share:.5f}", flush=True)

    if asked.child == "live":
        live(asked.hours, asked.fps, told)
        return 0
    if asked.child == "batch":
        batch(asked.videos, asked.real, told)
        return 0
    options = f"--hours {asked.hours} --fps {asked.fps} --videos {asked.videos} --real {asked.real}".split()
    flat = True
    for kind in asked.kinds or ["live", "batch"]:
        command = [sys.executable, "-m", "tests.benchmarks.soak", "--child", kind, *options]
        readings = list(watch(command))
        whole = readings[-1].share or 1.0  # the last session ends with its last repetition, before the pictures do
        readings = [replace(one, share=one.share / whole) for one in readings]
        if asked.out:
            write_curve(asked.out, kind, readings)
        found = growth(readings)
        flat &= found.flat
        print(f"\n{kind}\n" + "\n".join(table(readings)))
        print(
            f"growth {found.memory_mb:+.1f} MB (goal ≤ {GOAL_MB:g}), {found.handles:+} handles, {found.threads:+} threads; "
            f"most {found.most_mb:+.1f} MB: {'met' if found.flat else 'MISSED'}"
        )
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
