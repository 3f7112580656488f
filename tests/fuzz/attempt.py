"""One input: made, given to the program, and what came of it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import threading
import time
import traceback
import warnings
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from fuzz.guard import Guard, forget_peak, left_open, memory_mb, peak_mb, settled
from fuzz.kinds import KINDS, Kind, Places

REAL_EVERY = 100
"""One input of so many goes to a process of its own, as a person would start it, with the real pose model if it is
on this machine."""

_THROWS = 20
_MISTAKE = "mistake in the program"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an input may take.

    Attributes:
        seconds: for all of its commands.
        memory_mb: more than before.
    """

    seconds: float = 20.0
    memory_mb: float = 1024.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an input.

    Attributes:
        accepted: some command ended well.
        finding: what was wrong, in a few words; "" if nothing was.
        detail: more about it, such as the traceback.
        seconds, memory_mb: what it took.
    """

    accepted: bool
    finding: str = ""
    detail: str = ""
    seconds: float = 0.0
    memory_mb: float = 0.0


class Bench:
    """Where inputs are tried, one after the other, in this process.

    Args:
        scratch: a folder that may be filled; `box` in it is emptied before every input.
        corpus: see `fuzz.corpus`.
        seed: of all dice.
        limits: what an input may take.
    """

    def __init__(self, scratch: Path, corpus: Path, seed: int, limits: Limits) -> None:
        self._seed, self._limits = seed, limits
        box = scratch / "box"
        self._box, self._here, self._home = box, box / "here", box / "home"
        self._places = Places(corpus, box / "inputs", box / "results" / "out", box / "data")
        self._may_write = (box / "results", box / "data", box / "tmp")
        self._cache = os.environ.get("FORMCHECK_CACHE")
        self._empty()
        os.chdir(self._here)
        self._own = {
            **{f"FORMCHECK_{name}": str(box / "data") for name in ("DATA", "CONFIG", "CACHE")},
            "FORMCHECK_POSES": str(box / "data" / "poses"),
            "HOME": str(self._home),
            "COLUMNS": "100",
            "TMPDIR": str(box / "tmp"),
            "MPLCONFIGDIR": str(scratch / "fonts"),
        }
        os.environ.update(self._own)
        for name in ("FORMCHECK_MODEL", "FORMCHECK_PERSON", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            os.environ.pop(name, None)
        import tempfile

        tempfile.tempdir = str(box / "tmp")
        import matplotlib.font_manager  # looks for fonts, once  # noqa: F401

        self._guard = Guard(self._may_write, (box, corpus, scratch / "fonts"))
        self._died: list[str] = []
        threading.excepthook = lambda args: self._died.append("".join(traceback.format_exception(args.exc_value)))

    @property
    def box(self) -> Path:
        """Everything of the last input: what it was, and what was written."""
        return self._box

    def make(self, kind: Kind, number: int) -> list[list[str]]:
        """Makes an input, always the same of a seed, kind and number; gives the commands that read it."""
        for throw in range(_THROWS):
            self._empty()
            # What was mutated before cannot always be mutated again: then the dice are thrown anew.
            with suppress(Exception):
                return kind.make(self._places, Random(f"{self._seed} {kind.name} {number} {throw}"), number)
        raise RuntimeError(f"no input {number} of kind {kind.name} can be made")

    def attempt(self, kind: Kind, number: int) -> Outcome:
        """Makes an input and has it read."""
        commands = self.make(kind, number)
        if number % REAL_EVERY == REAL_EVERY - 1:
            return self._as_a_person_would(commands)
        before, inputs, memory = left_open(), self._listed(), memory_mb()
        forget_peak()
        began = time.monotonic()
        accepted, finding, detail = self._run(commands, reads_anything=kind.names_files)
        seconds, took = time.monotonic() - began, max(0.0, peak_mb() - memory)
        if not finding and seconds > self._limits.seconds:
            finding, detail = f"took more than {self._limits.seconds:g} s", f"{seconds:.1f} s"
        if not finding and took > self._limits.memory_mb:
            finding, detail = f"took more than {self._limits.memory_mb:g} MB", f"{took:.0f} MB"
        if not finding and self._died:
            finding, detail = "an exception in a thread", "\n".join(self._died)
        if not finding and (strays := self._strays(inputs)):
            finding, detail = "files outside of the output folder, or left behind", ", ".join(strays)
        if not finding and (after := settled(before)) != before:
            # The first time, libraries may open what they keep for good; what is forgotten is so every time.
            self.make(kind, number)
            self._run(commands)
            again = settled(after)
            if again[0] > after[0] or again[1] > after[1]:
                finding, detail = "a thread or a file is left open", f"(threads, files): {before}, {after}, {again}"
        self._died.clear()
        return Outcome(accepted, finding, detail, seconds, took)

    def _run(self, commands: list[list[str]], *, reads_anything: bool = False) -> tuple[bool, str, str]:
        from formcheck.cli import main

        accepted = False
        for command in commands:
            out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
            err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
            with (
                self._guard.watching() as seen,
                warnings.catch_warnings(record=True) as warned,
                redirect_stdout(out),
                redirect_stderr(err),
            ):
                warnings.simplefilter("always")
                try:
                    accepted |= main(command) == 0
                except BaseException as error:
                    last = traceback.extract_tb(error.__traceback__)[-1]
                    where = f"{Path(last.filename).name}, line {last.lineno}"
                    words = f"{type(error).__name__} in `{command[0]}` ({where})"
                    return accepted, words, f"{command}\n{''.join(traceback.format_exception(error))[-6000:]}"
            err.flush()
            said = err.buffer.getvalue().decode("utf-8", "replace")
            if _MISTAKE in said or "Traceback" in said:
                return accepted, f"a mistake of the program in `{command[0]}`: {_brief(said)}", f"{command}\n{said}"
            if reads_anything:
                seen = [what for what in seen if not what.startswith("reads")]
            if seen:
                return accepted, f"forbidden: {seen[0][:120]}", "\n".join((str(command), *seen[:20]))
            if warned:
                first = warned[0]
                where = f"{Path(first.filename).name}, line {first.lineno}"
                return accepted, f"a warning: {first.category.__name__} ({where})", f"{command}\n{first.message}"
        return accepted, "", ""

    def _as_a_person_would(self, commands: list[list[str]]) -> Outcome:
        """The same in processes of their own, with nothing stood in."""
        inputs, began, accepted = self._listed(), time.monotonic(), False
        environment = dict(os.environ) | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        environment |= {"FORMCHECK_TRACEBACK": "1", "PYTHONWARNINGS": "default::RuntimeWarning"}
        if self._cache and not (self._box / "data" / "models").exists():
            environment["FORMCHECK_CACHE"] = self._cache
        for command in commands:
            if (
                command[0] in ("analyze", "batch", "live", "learn", "compare")
                and environment.get("FORMCHECK_CACHE") != self._cache
            ):
                continue  # nothing is fetched for this
            try:
                done = subprocess.run(
                    [sys.executable, "-X", "faulthandler", "-m", "formcheck", *command],
                    capture_output=True,
                    env=environment,
                    timeout=3 * self._limits.seconds,
                )
            except subprocess.TimeoutExpired:
                return Outcome(False, f"`{command[0]}` hangs", str(command), time.monotonic() - began)
            accepted |= done.returncode == 0
            said = done.stderr.decode("utf-8", "replace")
            if done.returncode not in (0, 1, 2) or _MISTAKE in said or "Traceback" in said or "Warning:" in said:
                words = f"`{command[0]}` in a process of its own: exit code {done.returncode} {_brief(said)}"
                return Outcome(accepted, words, f"{command}\n{said[-6000:]}", time.monotonic() - began)
        strays = self._strays(inputs)
        finding = "files outside of the output folder, or left behind" if strays else ""
        return Outcome(accepted, finding, ", ".join(strays), time.monotonic() - began)

    def _empty(self) -> None:
        for folder in (self._places.inputs, *self._may_write):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self._here, self._home):
            folder.mkdir(exist_ok=True)
            for path in folder.iterdir():
                with suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _listed(self) -> set[tuple[str, int]]:
        found = set()
        for place, _, files in os.walk(self._places.inputs):
            for name in files:
                path = os.path.join(place, name)
                found.add((path, os.lstat(path).st_size))
        return found

    def _strays(self, inputs: set[tuple[str, int]]) -> list[str]:
        """What is where it should not be: beside the results, in the inputs, at home, or half-made."""
        strays = [str(path) for folder in (self._here, self._home) for path in folder.rglob("*")]
        strays += [path for path, _ in self._listed() ^ inputs]
        strays += [str(path) for path in self._box.glob("results/.formcheck-*")]
        known = {"inputs", "results", "data", "tmp", "here", "home"}
        return strays + [str(path) for path in self._box.iterdir() if path.name not in known]


def kind_named(name: str) -> Kind:
    """A kind by its name."""
    return next(kind for kind in KINDS if kind.name == name)


def _brief(said: str) -> str:
    lines = [line for line in said.splitlines() if _MISTAKE in line or "Error" in line or "Warning" in line]
    line = lines[-1] if lines else said
    return line[line.find("this line:") + 10 :][:200].strip() if "this line:" in line else line[-200:].strip()
