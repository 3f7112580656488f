"""What `analyze` costs beside a bare loop of decoding and MediaPipe's own model, on the same video in the same run.

    python -m tests.benchmarks.analyze_cost VIDEO [-e EXERCISE] [--rounds N]

Each kind of run is a process of its own, and the kinds take turns, so that a busy machine is unjust to all alike. Two
figures are given: the CPU time of the whole process, and that of its loop over the frames.
The goals (of the whole process): without video at most 0.80 × the bare loop, with video at most 1.35 ×.

The bare loop is what one would write first: OpenCV reads, MediaPipe's stock model estimates in video mode. A second
one reads with PyAV, which takes less time. The stock model is fetched once, into the cache folder.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from formcheck.analysis import Seen, Show
    from formcheck.judge.report import Report
    from formcheck.judge.session import Session

KINDS = {
    "opencv": "bare loop, OpenCV, stock model",
    "pyav": "bare loop, PyAV, stock model",
    "no-video": "analyze --no-video",
    "video": "analyze",
}
GOALS = {"no-video": 0.80, "video": 1.35}


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of one run (whole process, loop alone), its wall seconds, frames and megabytes of memory."""

    process_s: float
    loop_s: float
    wall_s: float
    frames: int
    memory_mb: float


def stock_model() -> Path:
    """The full model as its maker made it, fetched if it is not there yet."""
    from formcheck.see import model, trim

    path = model.cache_folder() / "stock_full.task"
    if not path.is_file():
        networks, _ = model._stock("full", lambda *_: None, None)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(trim.bundle(networks))
    return path


def bare(video: str, bundle: str, reader: str) -> tuple[int, float]:
    """Frames, and the CPU seconds of the loop."""
    import mediapipe as mp

    vision = mp.tasks.vision
    options = vision.PoseLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_buffer=Path(bundle).read_bytes()),
        running_mode=vision.RunningMode.VIDEO,
    )
    landmarker = vision.PoseLandmarker.create_from_options(options)
    frames = 0

    def look(image: NDArray[np.uint8], seconds: float) -> None:
        nonlocal frames
        landmarker.detect_for_video(mp.Image(mp.ImageFormat.SRGB, image), round(seconds * 1000))
        frames += 1

    began = time.process_time()

    if reader == "opencv":
        import cv2

        capture = cv2.VideoCapture(video)
        fps = capture.get(cv2.CAP_PROP_FPS) or 30
        while (read := capture.read())[0]:
            look(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False), frames / fps)
    else:
        import av

        with av.open(video) as container:
            for frame in container.decode(video=0):
                look(frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False), frame.time or 0.0)
    spent = time.process_time() - began
    landmarker.close()
    return frames, spent


def whole(video: str, exercise: str, kind: str) -> tuple[int, float]:
    """The same of the command itself."""
    from formcheck import analysis, cli

    plain, spent, frames = analysis.watch, 0.0, 0

    def watch(seen: Iterable[Seen], session: Session, shows: Iterable[Show] = ()) -> Report:
        nonlocal spent, frames
        began = time.process_time()
        report = plain(seen, session, shows)
        spent, frames = time.process_time() - began, report.video.frames
        return report

    analysis.watch = watch
    with tempfile.TemporaryDirectory() as folder:
        flags = ["--no-video"] if kind == "no-video" else []
        code = cli.main(["analyze", video, "-e", exercise, "--out", f"{folder}/out", "--quiet", *flags])
    if code:
        raise SystemExit(code)
    return frames, spent


def measure(kind: str, video: str, exercise: str) -> Cost:
    """Runs one kind in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.analyze_cost",
        os.path.abspath(video),
        "-e",
        exercise,
        "--child",
        kind,
    ]
    # MediaPipe's usage reports are kept from leaving the machine here, as formcheck keeps them.
    environment = {**os.environ, "https_proxy": "blocked://formcheck-sends-nothing"}
    began = time.perf_counter()
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=root, text=True
    )
    assert child.stdout is not None
    told = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode:
        raise SystemExit(f"{KINDS[kind]} failed (exit code {child.returncode})")
    frames, loop = json.loads(told)
    return Cost(usage.ru_utime + usage.ru_stime, loop, wall, frames, usage.ru_maxrss / 1024)


def main(arguments: list[str] | None = None) -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("video")
    parser.add_argument("-e", "--exercise", default="lunge")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", choices=KINDS, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.child:
        if asked.child in GOALS:
            result = whole(asked.video, asked.exercise, asked.child)
        else:
            result = bare(asked.video, str(stock_model()), asked.child)
        print(json.dumps(result))
        return
    stock_model()
    costs: dict[str, list[Cost]] = {kind: [] for kind in KINDS}
    for _ in range(asked.rounds):
        for kind in KINDS:
            costs[kind].append(measure(kind, asked.video, asked.exercise))
    print(f"{asked.video}: {costs['opencv'][0].frames} frames, medians of {asked.rounds} rounds\n")
    print(f"{'':32} {'CPU s':>7} {'ratio':>6} {'of loop, ms/frame':>18} {'ratio':>6} {'wall s':>7} {'MB':>5}  goal")
    for kind, name in KINDS.items():
        runs, bares = costs[kind], costs["opencv"]
        ratio = statistics.median(a.process_s / b.process_s for a, b in zip(runs, bares, strict=True))
        loop_ratio = statistics.median(a.loop_s / b.loop_s for a, b in zip(runs, bares, strict=True))
        process = statistics.median(run.process_s for run in runs)
        loop = statistics.median(1000 * run.loop_s / run.frames for run in runs)
        wall = statistics.median(run.wall_s for run in runs)
        memory = statistics.median(run.memory_mb for run in runs)
        goal = ""
        if kind in GOALS:
            goal = f"≤ {GOALS[kind]:.2f} {'met' if ratio <= GOALS[kind] else 'MISSED'}"
        print(f"{name:32} {process:7.2f} {ratio:6.2f} {loop:18.1f} {loop_ratio:6.2f} {wall:7.1f} {memory:5.0f}  {goal}")


if __name__ == "__main__":
    main()
