"""What very many videos cost on a cluster: workers, stragglers, losses and a shared disk, simulated from measured times.

    python -m tests.benchmarks.cluster                          # the tables of docs/scaling.md
    python -m tests.benchmarks.cluster measure VIDEO... -e NAME # what a video costs on this machine
    python -m tests.benchmarks.cluster check VIDEO... -e NAME   # a real batch, and what the simulation says of it

The simulation hands out one piece of work after the other to whoever is free, as `formcheck batch` does: a video on a dask
cluster, a list of videos where each machine has its own. Everything that is drawn by chance has a fixed seed.
"""

from __future__ import annotations

import argparse
import heapq
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from formcheck.batch.items import Item
    from formcheck.batch.work import Outcome, Settings

ROOT = Path(__file__).parents[2]

FIXED_S = 0.4
"""Seconds of a core that a video costs however short it is: opening it, the model, the report and its page."""

FRAME_S = {"480p": 0.0134, "720p": 0.0177, "1080p": 0.0240, "2160p": 0.0694}
"""Seconds of a core that a picture costs, decoding included (see docs/scaling.md for how it was measured)."""

DECODE_S = {"480p": 0.0008, "720p": 0.0047, "1080p": 0.0104, "2160p": 0.0530}
"""Of that, decoding and turning into RGB."""

MB_A_MINUTE = {"480p": 15.0, "720p": 60.0, "1080p": 127.0, "2160p": 345.0}
"""Megabytes of a minute as phones record it: 2, 8 and 17 Mbit/s of H.264, 46 Mbit/s of HEVC."""

RESULTS_MB = 2.1
"""Megabytes of results of a video of a minute, with its page and without pictures."""

CROWDED = 1.07
"""How much longer a video takes when all cores work: measured, 1.87 times the videos with two workers on two cores."""


@dataclass(frozen=True, slots=True)
class Work:
    """Pieces of work, in the order in which they are handed out.

    Attributes:
        seconds: of a core, for each.
        megabytes: that are read meanwhile, for each.
    """

    seconds: NDArray[np.float64]
    megabytes: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Workers and what slows them down.

    Attributes:
        workers: how many, one core each (or one machine each, if a piece of work is a list for a machine).
        start_s: until a worker can begin, and until one that was lost is replaced.
        hand_out_s: the scheduler's own time for each piece of work; it hands out one at a time.
        link_mb_s: that one worker can read.
        storage_mb_s: that all can read together.
        slow: share of the workers that are slow, such as on a machine with a noisy neighbour.
        slowness: how many times longer these take.
        lost_per_hour: how often a worker is lost, on average.
        redo_s: what must be done again after a loss, in seconds; None if the whole piece must.
    """

    workers: int
    start_s: float = 60.0
    hand_out_s: float = 0.001
    link_mb_s: float = 100.0
    storage_mb_s: float = 1e9
    slow: float = 0.0
    slowness: float = 2.0
    lost_per_hour: float = 0.0
    redo_s: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it.

    Attributes:
        wall_s: from the first worker's start to the last result.
        busy_s: of all workers together, work done twice included.
        again_s: of that, what was done again because a worker was lost.
        waited_s: of that, what was spent waiting for the disk.
        lost: workers.
        done: pieces of work.
    """

    wall_s: float
    busy_s: float
    again_s: float
    waited_s: float
    lost: int
    done: int

    def used(self, workers: int) -> float:
        """The share of the workers' time in which they worked."""
        return self.busy_s / (workers * self.wall_s)


def simulate(work: Work, cluster: Cluster, seed: int = 0) -> Run:
    """Goes through all of it.

    A worker reads while it judges, so a video takes as long as the slower of the two. The disk is shared evenly by all
    who are at work when a video is begun.
    """
    chance = np.random.default_rng(seed)
    slowness = np.where(chance.random(cluster.workers) < cluster.slow, cluster.slowness, 1.0)
    mean_life = 3600 / cluster.lost_per_hour if cluster.lost_per_hour else np.inf

    def life() -> float:
        return float(chance.exponential(mean_life)) if np.isfinite(mean_life) else np.inf

    free = [(cluster.start_s, number) for number in range(cluster.workers)]
    ends = [cluster.start_s + life() for _ in free]
    heapq.heapify(free)
    fresh = zip(work.seconds.tolist(), work.megabytes.tolist(), strict=True)
    again: list[tuple[float, float, float]] = []  # when it is known to be lost, seconds left, megabytes
    todo = len(work.seconds)
    handed = wall = busy = repeated = waited = 0.0
    lost = done = 0
    while done < todo:
        now, number = heapq.heappop(free)
        if again and again[0][0] <= now:
            _, seconds, megabytes = heapq.heappop(again)
        elif (piece := next(fresh, None)) is not None:
            seconds, megabytes = piece
        elif again:
            known, seconds, megabytes = heapq.heappop(again)
            now = max(now, known)
        else:
            continue  # nothing is left for this worker
        handed = now = max(now, handed) + cluster.hand_out_s
        takes = seconds * slowness[number]
        reading = megabytes / min(cluster.link_mb_s, cluster.storage_mb_s / min(cluster.workers, todo - done))
        end = now + max(takes, reading)
        if end <= ends[number]:
            busy += end - now
            waited += max(0.0, reading - takes)
            wall = max(wall, end)
            done += 1
            heapq.heappush(free, (end, number))
            continue
        lost += 1
        died = max(now, ends[number])
        spent = died - now
        busy += spent
        redo = spent if cluster.redo_s is None else min(spent, cluster.redo_s)
        repeated += redo
        left = max(0.0, 1 - (spent - redo) / (end - now))
        heapq.heappush(again, (died, seconds * left, megabytes * left))
        back = died + cluster.start_s
        ends[number] = back + life()
        heapq.heappush(free, (back, number))
    return Run(wall, busy, repeated, waited, lost, done)


def videos(count: int, *, kind: str = "1080p", minutes: float = 1.0, seed: int = 0) -> Work:
    """So many recordings of sets: log-normal lengths with this mean, a third of them beyond it."""
    lengths = np.random.default_rng(seed).lognormal(np.log(minutes) - 0.5 * 0.8**2, 0.8, count)
    seconds = CROWDED * (FIXED_S + lengths * 60 * 30 * FRAME_S[kind])
    return Work(seconds, lengths * MB_A_MINUTE[kind])


def lists(work: Work, length: int, cores: int) -> Work:
    """The same videos in lists of this length, each for a machine with so many cores that shares it among them."""
    seconds = []
    megabytes = []
    for begin in range(0, len(work.seconds), length):
        part = Work(work.seconds[begin : begin + length], work.megabytes[begin : begin + length])
        seconds.append(simulate(part, Cluster(cores, start_s=0.0, hand_out_s=0.0)).wall_s)
        megabytes.append(float(part.megabytes.sum()))
    return Work(np.array(seconds), np.array(megabytes))


# --- the tables of docs/scaling.md ---------------------------------------------------------------------------------------


def cost_table(count: int = 1_000_000) -> list[str]:
    """What so many videos of a minute cost, by the size of their pictures."""
    lines = [
        "| recorded as | core ms a picture | of that decoding | core hours an hour of video | core hours | TB to read |",
        "|---|---|---|---|---|---|",
    ]
    for kind, frame_s in FRAME_S.items():
        hours = float(videos(count, kind=kind).seconds.sum()) / 3600
        lines.append(
            f"| {kind} | {1000 * frame_s:.1f} | {DECODE_S[kind] / frame_s:.0%} | {hours / (count / 60):.2f} "
            f"| {hours:,.0f} | {count * MB_A_MINUTE[kind] / 1e6:,.0f} |"
        )
    return lines


SCENES: dict[str, Cluster] = {
    "nothing goes wrong": Cluster(1000),
    "one worker in twenty takes twice as long": Cluster(1000, slow=0.05),
    "every worker is lost once in four hours": Cluster(1000, lost_per_hour=0.25),
    "both": Cluster(1000, slow=0.05, lost_per_hour=0.25),
    "both, and the disk gives 5 GB/s": Cluster(1000, slow=0.05, lost_per_hour=0.25, storage_mb_s=5_000),
    "both, and the disk gives 2 GB/s": Cluster(1000, slow=0.05, lost_per_hour=0.25, storage_mb_s=2_000),
    "both, and the scheduler needs 50 ms a video": Cluster(1000, slow=0.05, lost_per_hour=0.25, hand_out_s=0.05),
}


def scene_table(count: int = 1_000_000) -> list[str]:
    """How long so many videos take, and what is wasted."""
    lines = ["| 1,000 workers, 1080p | hours | core hours | cores at work | done again | waiting for the disk | lost |"]
    lines.append("|---|---|---|---|---|---|---|")
    work = videos(count)
    for name, cluster in SCENES.items():
        lines.append(_line(name, simulate(work, cluster), cluster.workers))
    pods = replace(SCENES["both"], workers=250, redo_s=2 * float(work.seconds.mean()))
    for length in (1000, 250):
        run = simulate(lists(work, length, 4), pods)
        lines.append(_line(f"both, lists of {length:,} for 250 machines of 4 cores", run, 250, cores=4))
    run = simulate(lists(work, 1000, 4), replace(pods, redo_s=None))
    lines.append(_line("lists of 1,000, if nothing could be resumed", run, 250, cores=4))
    return lines


def _line(name: str, run: Run, workers: int, cores: int = 1) -> str:
    return (
        f"| {name} | {run.wall_s / 3600:.1f} | {run.busy_s * cores / 3600:,.0f} | {run.used(workers):.0%} "
        f"| {run.again_s / run.busy_s:.1%} | {run.waited_s / run.busy_s:.0%} | {run.lost:,} |"
    )


# --- this machine --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cost:
    """What a video cost here.

    Attributes:
        name, size, frames, seconds: of the video.
        core_s: seconds of a core, of all threads.
        wall_s: until it was done, with nothing else to do.
        megabytes: of the file.
        results_mb: of what was written.
    """

    name: str
    size: tuple[int, int]
    frames: int
    seconds: float
    core_s: float
    wall_s: float
    megabytes: float
    results_mb: float


def measure(paths: Sequence[Path], exercise: str) -> list[Cost]:
    """Judges one video after the other, as a worker of a batch does; the first one twice, to warm up."""
    from formcheck.analysis import analyze
    from formcheck.see.model import locate

    model = locate()
    costs = []
    for path in [paths[0], *paths]:
        with tempfile.TemporaryDirectory() as place:
            began, spent = time.perf_counter(), time.process_time()
            out = Path(place, "out")
            report = analyze(path, exercise, model=model, out=out, save_video=False, save_stills=False)
            wall, core = time.perf_counter() - began, time.process_time() - spent
            written = sum(each.stat().st_size for each in out.rglob("*") if each.is_file())
        video = report.video
        size = (video.width, video.height)
        costs.append(
            Cost(path.name, size, video.frames, video.duration_s, core, wall, path.stat().st_size / 1e6, written / 1e6)
        )
    return costs[1:]


def cost_of_a_frame(costs: Sequence[Cost]) -> tuple[float, float]:
    """(seconds of a core that a video costs whatever its length, and for each picture), by least squares.

    With videos of one length alone the first cannot be told from the second; it is `FIXED_S` then.
    """
    frames = np.array([one.frames for one in costs], float)
    spent = np.array([one.core_s for one in costs])
    if np.ptp(frames) < 0.2 * frames.max():
        return FIXED_S, float(np.mean((spent - FIXED_S) / frames))
    slope, fixed = np.polyfit(frames, spent, 1)
    return float(fixed), float(slope)


@dataclass(frozen=True, slots=True)
class Check:
    """A real batch, and what the simulation says of it.

    Attributes:
        took_s: from its start to its end.
        predicted_s: the same, simulated from `seconds`.
        seconds: what each video took, in the order in which they were begun.
    """

    took_s: float
    predicted_s: float
    seconds: tuple[float, ...]


def check(items: Sequence[Item], settings: Settings, jobs: int) -> Check:
    """Runs a batch on this machine, and predicts how long it takes from what each video took in it, and from when the first
    worker was ready.

    A machine that is busy with other things slows both down alike.
    """
    from formcheck.batch import run as running
    from formcheck.batch.run import Batch

    seconds: dict[str, float] = {}
    ready: list[float] = []  # when the first worker was
    plain = vars(running)["work"]

    def recorded(*args: Any, **options: Any) -> Iterator[Outcome]:
        for outcome in plain(*args, **options):
            seconds[outcome.task.stamp.path] = outcome.seconds
            ready.append(time.perf_counter() - outcome.seconds)
            yield outcome

    vars(running)["work"] = recorded
    try:
        with tempfile.TemporaryDirectory() as place, Batch(items, Path(place, "out"), settings) as batch:
            began = time.perf_counter()
            batch.run(jobs=jobs)
            took_s = time.perf_counter() - began
    finally:
        vars(running)["work"] = plain
    spent = [seconds[str(item.video)] for item in items]
    work = Work(np.array(spent), np.zeros(len(spent)))
    cluster = Cluster(jobs, start_s=min(ready) - began, hand_out_s=0.002)
    return Check(took_s, simulate(work, cluster).wall_s, tuple(spent))


def main(given: list[str] | None = None) -> None:
    """Prints what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cluster")
    parser.add_argument("what", nargs="?", choices=["tables", "measure", "check"], default="tables")
    parser.add_argument("videos", nargs="*", type=Path)
    parser.add_argument("-e", "--exercise", default="lunge")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--count", type=int, default=1_000_000, help="videos of the tables")
    asked = parser.parse_args(given)
    if asked.what == "tables":
        print("\n".join([*cost_table(asked.count), "", *scene_table(asked.count)]))
        return
    if not asked.videos:
        parser.error("which videos?")
    if asked.what == "check":
        from formcheck.batch.items import Item
        from formcheck.batch.work import Settings
        from formcheck.see.model import locate

        items = [Item(path.resolve(), path.name, asked.exercise) for path in asked.videos]
        done = check(items, Settings(locate()), asked.jobs)
        print(
            f"{len(items)} videos, --jobs {asked.jobs}: each took {min(done.seconds):.1f} to {max(done.seconds):.1f} s"
        )
        print(
            f"predicted {done.predicted_s:.1f} s, took {done.took_s:.1f} s: {done.predicted_s / done.took_s - 1:+.0%}"
        )
        return
    costs = measure(asked.videos, asked.exercise)
    print("video                           size    frames  core s  wall s  core ms a picture  results MB")
    for one in costs:
        print(
            f"{one.name[:28]:28} {one.size[0]:5}×{one.size[1]:<4} {one.frames:7} {one.core_s:7.2f} {one.wall_s:7.2f} "
            f"{1000 * one.core_s / one.frames:18.1f} {one.results_mb:11.2f}"
        )
    fixed, frame = cost_of_a_frame(costs)
    print(f"a video {fixed:.2f} s and a picture {1000 * frame:.1f} ms of a core")
    print(f"median {1000 * statistics.median(one.core_s / one.frames for one in costs):.1f} ms a picture")


if __name__ == "__main__":
    main()
