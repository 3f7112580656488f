"""Both benchmarks, one after the other: ``python -m tests.benchmarks [VIDEO] [-e EXERCISE]``."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "samples" / "clips" / "lunge.mp4"


def main() -> None:
    """Measures and prints both tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("video", nargs="?", default=str(SAMPLE))
    parser.add_argument("-e", "--exercise", default="lunge")
    asked = parser.parse_args()
    # By name, as these files belong to no package for the type checker.
    import_module("tests.benchmarks.judging_cost").main([])
    print()
    import_module("tests.benchmarks.analyze_cost").main([asked.video, "-e", asked.exercise])


if __name__ == "__main__":
    main()
