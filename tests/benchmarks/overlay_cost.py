"""What drawing the overlay costs for one frame, in pictures of several sizes.

    python -m tests.benchmarks.overlay_cost [-e EXERCISE] [--size 1280x720] [--rounds N]

Six repetitions (or half a minute) of the stick figure are drawn, with a correction on the picture all the time, onto
pictures that are not in the processor's caches. CPU time of the thread; the goal is a mean of at most 2.5 ms at
1280 × 720.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from formcheck.catalog import load_template
from formcheck.judge.moment import Cue, Moment
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.pose import Pose
from formcheck.show.overlay import Overlay

GOAL_MS = 2.5
SIZES = ("480x270", "640x480", "1280x720", "1920x1080", "360x640", "1080x1920")
_PICTURES = 24
"""Pictures in turn: more than any cache holds."""


def moments(template: Template) -> list[Moment]:
    """A set of the stick figure, with a correction to read."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from motions import Bridge, Lunge, Plank, Repeats
    from stick_figure import Camera

    if template.kind == "hold":
        motion, camera = Plank().motion(30), Camera(limb=150, height=40)
    elif template.posture == "standing":
        motion, camera = Lunge().motion(Repeats(count=6)), Camera(limb=120)
    else:
        motion, camera = Bridge().motion(Repeats(count=6)), Camera(limb=150, height=40)
    cue = Cue(0.0, "Lift your chest tall", "fault", "S2")
    session = Session(template)
    return [replace(session.update(pose), cue=cue) for pose in motion.film(camera=camera)]


def draw(template: Template, size: tuple[int, int], shown: Sequence[Moment]) -> list[float]:
    """CPU milliseconds of each frame."""
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 256, (size[1], size[0], 3), np.uint8) for _ in range(_PICTURES)]
    scale = min(size[0] / 1280, size[1] / 720)
    overlay = Overlay(template, size)
    spent = []
    for i, moment in enumerate(shown):
        pose = moment.pose
        centred = (pose.points - np.array(pose.size) / 2) * scale + np.array(size) / 2
        fitted = replace(moment, pose=Pose(pose.time, centred, pose.visibility, size))
        began = time.thread_time()
        overlay.draw(pictures[i % _PICTURES], fitted)
        spent.append(1000 * (time.thread_time() - began))
    return spent


def main(arguments: list[str] | None = None) -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-e", "--exercise", default="lunge")
    parser.add_argument("--size", action="append")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(arguments)
    template = load_template(asked.exercise)
    shown = moments(template)
    print(f"{template.name}, {len(shown)} frames, best of {asked.rounds} rounds; ms of CPU per frame")
    print("size          mean   median      p95    first")
    for name in asked.size or SIZES:
        width, height = (int(part) for part in name.split("x"))
        best = min((draw(template, (width, height), shown) for _ in range(asked.rounds)), key=sum)
        p95 = statistics.quantiles(best, n=20)[-1]
        print(f"{name:<10} {statistics.mean(best):7.2f}  {statistics.median(best):7.2f}  {p95:7.2f}  {best[0]:7.2f}")
    print(f"goal: {GOAL_MS} ms at 1280x720")


if __name__ == "__main__":
    main()
