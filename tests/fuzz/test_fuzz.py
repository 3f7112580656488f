"""A slice of the fuzzing that fits into every run of the tests, and that what it looks for is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from fuzz import attempt
from fuzz.attempt import Limits, kind_named
from fuzz.containers import boxes, chunks, mutated_container
from fuzz.kinds import KINDS, Commands, Kind, Places
from fuzz.octets import mutated
from fuzz.run import Worker, fuzz, planned
from fuzz.texts import mutated_data, mutated_text, toml_of

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes as on Linux")

SLICE = 80
LIMITS = Limits(seconds=20.0)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    command = [sys.executable, "-c", f"from fuzz.corpus import *; make_corpus(Path({str(folder)!r}))"]
    subprocess.run(command, check=True, capture_output=True, env={"PYTHONPATH": ":".join(sys.path)})
    return folder


def test_a_few_hundred_mutated_inputs_of_all_kinds_do_no_harm(tmp_path: Path, corpus: Path) -> None:
    plan = [each for each in planned(SLICE) if each[1] % attempt.REAL_EVERY != attempt.REAL_EVERY - 1]
    done = fuzz(plan, tmp_path / "work", corpus, tmp_path / "keep", seed=2026, limits=LIMITS)
    told = [f"{finding.kind} {finding.number}: {finding.words}\n{finding.detail}" for finding in done.findings]
    assert not told, "\n\n".join(told)
    assert set(done.tallies) == {kind.name for kind in KINDS}
    # Inputs of which nothing is ever accepted would test the first check alone.
    assert sum(tally.accepted for tally in done.tallies.values()) > SLICE / 5


# --- the same seed gives the same input ------------------------------------------------------------------------------


def test_an_input_can_be_made_again(tmp_path: Path, corpus: Path) -> None:
    places = [Places(corpus, tmp_path / n / "inputs", tmp_path / n / "out", tmp_path / n / "data") for n in "ab"]
    for number in (0, 30, 31):
        made = []
        for each in places:
            for folder in (each.inputs, each.data):
                folder.mkdir(parents=True, exist_ok=True)
            kind_named("template").make(each, Random(f"1 template {number}"), number)
            made.append({path.name: path.read_bytes() for path in each.inputs.iterdir()})
            for path in each.inputs.iterdir():
                path.unlink()
        assert made[0] == made[1]


def test_every_kind_has_its_share_and_at_least_one() -> None:
    plan = planned(1000)
    assert 950 < len(plan) < 1050
    assert {kind.name for kind, _ in planned(1)} == {kind.name for kind in KINDS}
    assert len(planned(50, [kind_named("track")])) == 50


def test_mutations_change_what_they_are_given_and_never_fail() -> None:
    dice = Random(7)
    png = b"\x89PNG\r\n\x1a\n"
    data = bytes(range(256)) * 4
    assert sum(mutated(data, dice) != data for _ in range(200)) > 150
    assert all(isinstance(mutated_container(data, dice), bytes) for data in (b"", b"x", png, data) for _ in range(50))
    table = {"a": [1, {"b": "text"}], "c": {"d": 1.5}}
    assert sum(repr(mutated_data(table, dice)) != repr(table) for _ in range(100)) > 80
    assert table == {"a": [1, {"b": "text"}], "c": {"d": 1.5}}
    assert all(isinstance(mutated_text("a = 1\n", dice, toml_of, {"a": 1}), str) for _ in range(50))


def test_the_boxes_of_a_recording_are_found(corpus: Path) -> None:
    data = (corpus / "video" / "libx264.mp4").read_bytes()
    names = [box.name for box in boxes(data)]
    assert {b"ftyp", b"moov", b"mdat", b"trak", b"stbl", b"stts", b"tkhd"} <= set(names)
    assert chunks((corpus / "image" / "still.png").read_bytes())[0][0] == b"IHDR"


# --- what it looks for is found --------------------------------------------------------------------------------------

_WRONG = {
    "raise": "raise ZeroDivisionError('oh')",
    "die": "import ctypes; ctypes.string_at(0)",
    "hang": "import time; time.sleep(60)",
    "outside": "open('/tmp/formcheck-fuzz-outside', 'w').close()",
    "beside": "open('../inputs/new', 'w').close()",
    "read": "open('/etc/hostname').close()",
    "start": "import subprocess; subprocess.run(['true'])",
    "connect": "import socket; socket.socket().connect_ex(('127.0.0.1', 9))",
    "memory": "x = bytearray(300_000_000); x[::4096] = b'1' * len(x[::4096])",
    "thread": "import threading, time; threading.Thread(target=lambda: 1 / 0).start(); time.sleep(0.1)",
    "leak": "import builtins; builtins.kept = getattr(builtins, 'kept', []) + [open('/dev/null')]",
    "warn": "import numpy; numpy.float64(1e308) * numpy.float64(10)",
    "clean": "pass",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("raise", "ZeroDivisionError"),
        ("die", "SIGSEGV"),
        ("hang", "hangs"),
        ("outside", "forbidden: writes /tmp/formcheck-fuzz-outside"),
        ("beside", "forbidden: writes"),
        ("read", "forbidden: reads"),
        ("start", "forbidden: subprocess.Popen"),
        ("connect", "forbidden: socket.connect"),
        ("memory", "took more than"),
        ("thread", "exception in a thread"),
        ("leak", "left open"),
        ("warn", "RuntimeWarning"),
        ("clean", ""),
    ],
)
def test_what_a_program_must_not_do_is_found(tmp_path: Path, corpus: Path, what: str, words: str) -> None:
    program = tmp_path / "site"
    program.mkdir()
    # The worker's interpreter loads this at its start: from then on the command line does something wrong.
    (program / "sitecustomize.py").write_text(
        "import builtins, sys\n"
        "import formcheck.cli as cli\n"
        f"def main(args):\n    {_WRONG[what]}\n    return 0\n"
        "vars(cli)['main'] = main\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", _ONE, str(tmp_path), str(corpus)],
        env={"PYTHONPATH": ":".join([str(program), *sys.path]), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert words in found.stdout if words else found.stdout.strip() == "none"
    Path("/tmp/formcheck-fuzz-outside").unlink(missing_ok=True)


_ONE = """
import os, sys
from pathlib import Path
from fuzz import run
from fuzz.attempt import Limits, kind_named
paths = os.environ["PYTHONPATH"]
home, corpus = map(Path, sys.argv[1:3])
with run.Worker(home / "work", corpus, 1, Limits(2.0, 200.0)) as worker:
    print(worker.attempt(kind_named("journal"), 5).finding or "none")
"""


def test_a_worker_goes_on_after_a_death(tmp_path: Path, corpus: Path) -> None:
    def kills(places: Places, dice: Random, number: int) -> Commands:
        raise AssertionError

    unknown = Kind("nonsense", 1, kills)
    with Worker(tmp_path / "work", corpus, 1, LIMITS) as worker:
        outcome = worker.attempt(unknown, 0)  # the worker does not know it, and ends
        assert "died" in outcome.finding
        assert not worker.attempt(kind_named("journal"), 0).finding
