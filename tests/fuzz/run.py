"""Many inputs, tried by a worker process that is watched: if it dies or hangs, that is a finding, and another goes on."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fuzz.attempt import REAL_EVERY, Limits, Outcome
from fuzz.kinds import KINDS, Kind

TESTS = Path(__file__).parents[1]
_GRACE_S = 3.0
_START_S = 120.0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an input made the program do, and where the input was put."""

    kind: str
    number: int
    words: str
    detail: str
    kept: Path


@dataclass(slots=True)
class Tally:
    """What came of the inputs of one kind."""

    inputs: int = 0
    accepted: int = 0
    findings: int = 0
    slowest_s: float = 0.0
    memory_mb: float = 0.0


@dataclass(slots=True)
class Fuzzed:
    """What came of all inputs."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def planned(inputs: int, kinds: Sequence[Kind] = KINDS) -> list[tuple[Kind, int]]:
    """Which inputs to try: of every kind its share, at least one, in turns."""
    total = sum(kind.share for kind in kinds)
    counts = {kind.name: max(1, round(inputs * kind.share / total)) for kind in kinds}
    plan = [(number / counts[kind.name], kind, number) for kind in kinds for number in range(counts[kind.name])]
    return [(kind, number) for _, kind, number in sorted(plan, key=lambda each: (each[0], each[1].name))]


class Worker:
    """A process of `fuzz.worker`, started again whenever it has died."""

    def __init__(self, scratch: Path, corpus: Path, seed: int, limits: Limits) -> None:
        self._scratch, self._limits = scratch, limits
        numbers = (str(seed), str(limits.seconds), str(limits.memory_mb))
        self._command = [sys.executable, "-B", "-m", "fuzz.worker", str(scratch), str(corpus), *numbers]
        self._process: subprocess.Popen[bytes] | None = None
        self._selector = selectors.DefaultSelector()
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        self._selector.close()

    def attempt(self, kind: Kind, number: int) -> Outcome:
        """What comes of an input; a worker that dies or hangs is a finding as well."""
        if self._process is None:
            self._start()
        process, log = self._process, self._scratch / "log"
        assert process is not None
        assert process.stdin is not None
        with suppress(OSError):
            os.truncate(log, 0)
        process.stdin.write(f"{kind.name} {number}\n".encode())
        process.stdin.flush()
        real = number % REAL_EVERY == REAL_EVERY - 1
        answer = self._answer(self._limits.seconds * (12 if real else 1) + _GRACE_S)
        if answer is not None:
            return Outcome(**answer)
        died = process.poll()
        said = log.read_text(errors="replace")[-6000:]
        self.end()
        if died is None:
            return Outcome(False, f"hangs for more than {self._limits.seconds:g} s", said)
        cause = signal.Signals(-died).name if died < 0 else f"exit code {died}"
        return Outcome(False, f"the process died: {cause}", said)

    def end(self) -> None:
        """Ends the process, whatever it does."""
        if self._process is None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(KeyError, ValueError):
                self._selector.unregister(pipe)
            with suppress(OSError):
                pipe.close()
        self._process.kill()
        self._process.wait()
        self._process = None

    def _start(self) -> None:
        self._scratch.mkdir(parents=True, exist_ok=True)
        known = os.environ.get("PYTHONPATH")
        paths = [*([known] if known else []), str(TESTS.parent), str(TESTS), str(TESTS / "see")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
        )
        assert self._process.stdout is not None
        self._selector.register(self._process.stdout, selectors.EVENT_READ)
        self._rest = b""
        if self._answer(_START_S) != "ready":
            said = (self._scratch / "log").read_text(errors="replace")
            self.end()
            raise RuntimeError(f"the worker does not start:\n{said}")

    def _answer(self, seconds: float) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        while b"\n" not in self._rest:
            if not self._selector.select(seconds):
                return None
            data = os.read(self._process.stdout.fileno(), 65_536)
            if not data:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_GRACE_S)
                return None
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)


def fuzz(
    plan: Sequence[tuple[Kind, int]],
    scratch: Path,
    corpus: Path,
    keep: Path,
    *,
    seed: int,
    limits: Limits,
    told: Callable[[int, Kind, int], None] | None = None,
) -> Fuzzed:
    """Tries the inputs of a plan.

    Ctrl-C ends it before its time, with what was found so far.

    Args:
        plan: what to try.
        scratch: a folder to work in.
        corpus: see `fuzz.corpus`.
        keep: a folder; every input that is a finding is put into a folder in it.
        seed: of all dice.
        limits: what an input may take.
        told: told before every input which one it is.
    """
    done = Fuzzed()
    with Worker(scratch, corpus, seed, limits) as worker:
        for at, (kind, number) in enumerate(plan):
            if told is not None:
                told(at, kind, number)
            try:
                outcome = worker.attempt(kind, number)
            except KeyboardInterrupt:
                break  # what was found so far is told
            tally = done.tallies.setdefault(kind.name, Tally())
            tally.inputs += 1
            tally.accepted += outcome.accepted
            tally.slowest_s = max(tally.slowest_s, outcome.seconds)
            tally.memory_mb = max(tally.memory_mb, outcome.memory_mb)
            if outcome.finding:
                tally.findings += 1
                kept = keep / f"{kind.name}-{seed}-{number}"
                shutil.rmtree(kept, ignore_errors=True)
                for name in ("inputs", "data"):
                    if any((scratch / "box" / name).iterdir()):
                        shutil.copytree(scratch / "box" / name, kept / name, symlinks=True, dirs_exist_ok=True)
                kept.mkdir(parents=True, exist_ok=True)
                (kept / "finding.txt").write_text(f"{outcome.finding}\n\n{outcome.detail}\n", errors="replace")
                done.findings.append(Finding(kind.name, number, outcome.finding, outcome.detail, kept))
    return done


def together(findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Findings of the same words, the most frequent first."""
    by_words: dict[str, list[Finding]] = {}
    for finding in findings:
        by_words.setdefault(finding.words, []).append(finding)
    yield from sorted(by_words.items(), key=lambda each: -len(each[1]))
