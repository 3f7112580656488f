"""What a live session costs beside MediaPipe's own model alone, on the same frames in the same run.

    python -m tests.benchmarks.live_cost VIDEO [-e EXERCISE] [--rounds N] [--window]

The video is played in real time, as a camera, for both: a model that works 30 times a second finds its caches cold and
takes more than in a loop without a break. Each run is a process of its own, and the kinds take turns, so that a busy
machine is unjust to all alike. The goals: CPU time of the whole (capture, estimation, judging, journal, overlay, and
with ``--window`` the window) at most 0.85 × that of the bare stock model for each frame judged; a picture is ready with
its overlay 25 ms (median) and 45 ms (95 %) after it was captured; 25 frames a second are judged; the first overlay
stands 2.5 s after the start.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

GOALS = {"cpu_ratio": 0.85, "median_ms": 25.0, "p95_ms": 45.0, "fps": 25.0, "start_s": 2.5}


def stock_model() -> Path:
    """The full model as its maker made it, fetched if it is not there yet."""
    # By name, as these files belong to no package for the type checker.
    path: Path = import_module("tests.benchmarks.analyze_cost").stock_model()
    return path


def bare(video: str, bundle: str) -> tuple[int, float]:
    """Frames, and the CPU seconds of giving each to the stock model when it is due, and nothing else."""
    import av
    import mediapipe as mp

    vision = mp.tasks.vision
    options = vision.PoseLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_buffer=Path(bundle).read_bytes()),
        running_mode=vision.RunningMode.VIDEO,
    )
    landmarker = vision.PoseLandmarker.create_from_options(options)
    frames, started, began = 0, time.monotonic(), time.process_time()
    with av.open(video) as container:
        for picture in container.decode(video=0):
            image = np.ascontiguousarray(picture.to_ndarray(format="rgb24"), np.uint8)
            seconds = picture.time or 0.0
            time.sleep(max(0.0, started + seconds - time.monotonic()))
            landmarker.detect_for_video(mp.Image(mp.ImageFormat.SRGB, image), round(seconds * 1000))
            frames += 1
    spent = time.process_time() - began
    landmarker.close()
    return frames, spent


_SETTLED = 150
"""Pictures after which memory is read, again and again: what loading took has been given back by then."""


class Unseen:
    """Stands in for the window where there is none: everything is drawn, nothing is shown."""

    def __init__(self, title: str, *, full_screen: bool = False) -> None:
        self.title = title

    def show(self, picture: object, frame: object) -> None:
        """Shows nothing."""

    def key(self) -> None:
        """Nobody is at the keys."""

    def __enter__(self) -> Unseen:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def live(video: str, exercise: str, window: bool) -> dict[str, Any]:
    """One session, from the command on; gives its figures."""
    from formcheck import cli, disclaimer
    from formcheck.live import run
    from formcheck.show import preview
    from formcheck.show import window as windows

    disclaimer.accept()
    run.LINGER_S = 0.0
    if not window:
        windows.Window = Unseen  # type: ignore[assignment, misc]
        windows.require_display = lambda: None
    first: list[tuple[float, float]] = []
    memory: list[int] = []
    painted = count()
    plain = preview.Preview.paint

    def paint(self: preview.Preview, scene: Any) -> Any:
        picture = plain(self, scene)
        if scene.moment is not None:
            if not first:
                first.append((time.time(), time.process_time()))
            if next(painted) % _SETTLED == _SETTLED - 1:
                memory.append(_memory_kb())
        return picture

    preview.Preview.paint = paint  # type: ignore[method-assign]
    ended: list[float] = []
    plain_run = run.exercise

    def exercise_(*args: Any, **options: Any) -> Any:
        done = plain_run(*args, **options)
        ended.append(time.process_time())
        return done

    run.exercise = exercise_
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["live", exercise, "--camera", video, "--out", f"{folder}/out", "--mute"]
        if cli.main(arguments):
            raise SystemExit(1)
        spent = ended[0] - first[0][1]
        session = json.loads(Path(folder, "out", "session.json").read_text())
        report = json.loads(Path(folder, "out", session["sets"][0]["folder"], "report.json").read_text())
    return {
        "first_overlay": first[0][0],
        "loop_s": spent,
        "process_s": time.process_time(),
        "frames": report["video"]["frames"],
        "fps": session["pace"]["judged_fps"],
        "median_ms": session["pace"]["picture_age_ms"]["median"],
        "p95_ms": session["pace"]["picture_age_ms"]["p95"],
        "growth_mb": (memory[-1] - memory[0]) / 1024 if memory else 0.0,
    }


def _memory_kb() -> int:
    """Resident memory now; the largest so far where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() // 1024


def child(kind: str, video: str, exercise: str) -> dict[str, Any]:
    """Runs one kind in a process of its own."""
    with tempfile.TemporaryDirectory() as config:
        began = time.time()
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.live_cost", video, "-e", exercise, "--child", kind],
            env=dict(os.environ) | {"FORMCHECK_CONFIG": config},
            check=True,
            stdout=subprocess.PIPE,
        )
        figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if "first_overlay" in figures:
        figures["start_s"] = figures["first_overlay"] - began
    return figures


def main(given: list[str] | None = None) -> None:
    """Measures and prints the figures beside their goals."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.live_cost")
    parser.add_argument("video")
    parser.add_argument("-e", "--exercise", default="lunge")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--window", action="store_true", help="show a window, too (needs a display)")
    parser.add_argument("--child", choices=["bare", "unseen", "window"], help=argparse.SUPPRESS)
    asked = parser.parse_args(given)
    if asked.child == "bare":
        frames, spent = bare(asked.video, str(stock_model()))
        print(json.dumps({"frames": frames, "loop_s": spent}))
        return
    if asked.child:
        print(json.dumps(live(asked.video, asked.exercise, asked.child == "window")))
        return
    stock_model()
    kinds = ["bare", "window" if asked.window else "unseen"]
    runs: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for _ in range(asked.rounds):
        for kind in kinds:
            runs[kind].append(child(kind, os.path.abspath(asked.video), asked.exercise))
    each = {kind: statistics.median(1000 * run["loop_s"] / run["frames"] for run in runs[kind]) for kind in kinds}
    shown = runs[kinds[1]]
    print(f"CPU a frame: bare stock model {each['bare']:.1f} ms, live {each[kinds[1]]:.1f} ms")
    figures = {
        name: statistics.median(run[name] for run in shown)
        for name in ("median_ms", "p95_ms", "fps", "start_s", "growth_mb")
    }
    figures["cpu_ratio"] = each[kinds[1]] / each["bare"]
    for name, value in figures.items():
        goal = GOALS.get(name)
        print(f"{name:10} {value:7.2f}" + (f"   goal {goal:g}" if goal is not None else ""))


if __name__ == "__main__":
    main()
