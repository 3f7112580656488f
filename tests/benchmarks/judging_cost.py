"""What judging one pose costs: `Session.update`, hot in a loop, and cold as it is right after the estimator.

    python -m tests.benchmarks.judging_cost [TRACK] [-e EXERCISE] [--rounds N]

Without a track, twelve lunges of the stick figure are judged. The goal is at most 0.1 ms a pose. A hot loop flatters:
in the program each pose comes after an inference that has filled the caches with weights and pictures. Here that is
imitated by reading and multiplying arrays of the same size in between, whose time is not counted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from formcheck.catalog import load_template
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.pose import Pose

GOAL_MS = 0.1

_PICTURE_BYTES = 1280 * 720 * 3
_WEIGHTS = 2_400_000
"""Numbers in the full model's networks."""


class Pollution:
    """Fills the processor's caches as an inference does."""

    def __init__(self) -> None:
        self._picture = np.ones(_PICTURE_BYTES, np.uint8)
        self._weights = np.ones((_WEIGHTS // 1200, 1200), np.float32)

    def __call__(self) -> float:
        picture = self._picture.copy()
        return float((self._weights @ self._weights[0]).sum()) + float(picture[::64].sum())


def nothing() -> float:
    """No pollution."""
    return 0.0


def judge(template: Template, poses: Sequence[Pose], between: Callable[[], float]) -> list[float]:
    """Milliseconds of each `update`."""
    session = Session(template)
    spent = []
    for pose in poses:
        between()
        began = time.perf_counter()
        session.update(pose)
        spent.append(1000 * (time.perf_counter() - began))
    return spent


def lunges() -> list[Pose]:
    """Twelve lunges of the stick figure at 30 frames a second."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from motions import Lunge, Repeats

    return Lunge(sides=("left", "right")).motion(Repeats(count=12)).film(30)


def main(arguments: list[str] | None = None) -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("track", nargs="?")
    parser.add_argument("-e", "--exercise", default="lunge")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(arguments)
    if asked.track:
        from formcheck.see.track import load_track

        poses: Sequence[Pose] = load_track(asked.track).poses
    else:
        poses = lunges()
    template = load_template(asked.exercise)
    kinds: dict[str, Callable[[], float]] = {"hot, in a loop": nothing, "cold, after an inference": Pollution()}
    medians: dict[str, list[float]] = {kind: [] for kind in kinds}
    slowest: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(asked.rounds):
        for kind, between in kinds.items():
            spent = judge(template, poses, between)
            medians[kind].append(statistics.median(spent))
            slowest[kind].append(statistics.quantiles(spent, n=20)[-1])
    print(f"{template.id}, {len(poses)} poses, best of {asked.rounds} rounds, ms a pose\n")
    print(f"{'':26} {'median':>7} {'p95':>7}")
    for kind in kinds:
        median, p95 = min(medians[kind]), min(slowest[kind])
        verdict = "met" if median <= GOAL_MS else "MISSED"
        print(f"{kind:26} {median:7.3f} {p95:7.3f}  goal ≤ {GOAL_MS} {verdict}")


if __name__ == "__main__":
    main()
