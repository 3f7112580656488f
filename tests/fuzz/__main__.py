"""Gives the program thousands of damaged and hostile inputs: ``python -m tests.fuzz --inputs 10000 --seed 1``.

Everything that the program reads is mutated, from bytes to meanings (see docs/hardening.md). A finding is an exception
that is none of the program's own errors, a process that dies, hangs or takes too much memory, a file outside of the
output folder, a program started or a connection made. Each is told with how to repeat it, and its input is kept.
Exit code: 0 nothing was found, 1 something was.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "see")]


def main() -> int:
    """Runs it and gives the exit code."""
    from fuzz.attempt import Limits, kind_named
    from fuzz.corpus import make_corpus
    from fuzz.kinds import KINDS
    from fuzz.run import Fuzzed, fuzz, planned, together

    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [kind.name for kind in KINDS]
    parser.add_argument("--inputs", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--seed", type=int, default=1, help="of the dice; the same seed gives the same inputs")
    parser.add_argument("--kind", action="append", choices=names, help="only of this kind; repeatable")
    parser.add_argument(
        "--only", type=int, metavar="NUMBER", help="only this one input of the kind, to repeat a finding"
    )
    parser.add_argument("--time-limit", type=float, default=20.0, metavar="SECONDS", help="for one input (default 20)")
    parser.add_argument("--memory", type=float, default=1024.0, metavar="MB", help="for one input (default 1024)")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), metavar="FOLDER", help="for what is found")
    asked = parser.parse_args()
    if asked.only is not None and len(asked.kind or ()) != 1:
        parser.error("--only needs one --kind")

    kinds = [kind_named(name) for name in asked.kind] if asked.kind else list(KINDS)
    plan = planned(asked.inputs, kinds) if asked.only is None else [(kinds[0], asked.only)]
    limits = Limits(asked.time_limit, asked.memory)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="formcheck-fuzz-") as home, _Bar(len(plan)) as bar:
        corpus = Path(home) / "corpus"
        make_corpus(corpus)
        keep = asked.keep.absolute()
        done: Fuzzed = fuzz(plan, Path(home) / "work", corpus, keep, seed=asked.seed, limits=limits, told=bar.told)

    print(f"{'kind':10} {'inputs':>7} {'accepted':>9} {'refused':>8} {'findings':>9} {'slowest':>9} {'memory':>8}")
    for name, tally in sorted(done.tallies.items()):
        refused = tally.inputs - tally.accepted - tally.findings
        print(
            f"{name:10} {tally.inputs:7} {tally.accepted:9} {max(0, refused):8} {tally.findings:9} "
            f"{tally.slowest_s:7.1f} s {tally.memory_mb:5.0f} MB"
        )
    tried = sum(tally.inputs for tally in done.tallies.values())
    print(f"{tried} inputs in {time.monotonic() - began:.0f} s, {len(done.findings)} findings.")
    for words, found in together(done.findings):
        first = found[0]
        again = f"python -m tests.fuzz --seed {asked.seed} --kind {first.kind} --only {first.number}"
        print(f"\n{len(found)} × {words}\n    first: {first.kept}\n    again: {again}")
    return 1 if done.findings else 0


class _Bar:
    """Progress on the terminal; silent where there is none."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        self._progress = Progress(console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("making the corpus", total=total)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def told(self, at: int, kind: object, number: int) -> None:
        """Which input comes next."""
        name = getattr(kind, "name", "")
        self._progress.update(self._task, completed=at, description=f"{name} {number}")


if __name__ == "__main__":
    sys.exit(main())
