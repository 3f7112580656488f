"""Once the pose model is here, everything works in a network namespace without a single interface."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from formcheck.see.model import locate

ROOT = Path(__file__).parents[1]
CLIPS = ROOT / "samples" / "clips"
SQUAT, WALKING = CLIPS / "squat.mp4", CLIPS / "walking.mp4"

REACH = """
import socket
assert [name for _, name in socket.if_nameindex()] in (["lo"], [])
for address in ("127.0.0.1", "192.0.2.1"):
    try:
        socket.create_connection((address, 80), timeout=5)
    except OSError:
        continue
    raise SystemExit(address + " was reached")
"""
"""Ends well where nothing can be reached, this machine itself included: the loopback of a new namespace is down."""

ROUTINE = """
schema = 1
id = "short"
name = "Short"
summary = "One thing."
[[steps]]
exercise = "squat"
repetitions = [2, 15]
"""

pytestmark = [pytest.mark.model, pytest.mark.slow]


@cache
def cut_off() -> tuple[str, ...]:
    """What to put before a command so that it runs without a network; empty where that is not permitted."""
    for options in ("-rn", "-n"):
        command = ("unshare", options)
        if shutil.which("unshare") and not subprocess.run([*command, "true"], capture_output=True).returncode:
            return command
    return ()


@dataclass(frozen=True, slots=True)
class Offline:
    """The command line without a network, in a folder of its own, with a cache that holds the model and nothing else."""

    folder: Path
    cache: str = "cache"

    def python(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        own = {f"FORMCHECK_{name.upper()}": str(self.folder / name) for name in ("data", "poses", "config")}
        environment = dict(os.environ) | own | {"COLUMNS": "200", "FORMCHECK_CACHE": str(self.folder / self.cache)}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH", "")]))
        environment.pop("FORMCHECK_MODEL", None)
        environment.pop("FORMCHECK_PERSON", None)
        return subprocess.run(
            [*cut_off(), sys.executable, *map(str, arguments)],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def __call__(self, *arguments: str | Path) -> str:
        """What a command says that must end well."""
        done = self.python("-m", "formcheck", *arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Offline:
    if not cut_off():
        pytest.skip("this system does not permit a network namespace: it needs Linux, unshare, and the right to use it")
    folder = tmp_path_factory.mktemp("offline")
    model = locate("full").path
    for path in (model, model.with_suffix(".json")):
        kept = folder / "cache" / "models" / path.name
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, kept)
    return Offline(folder)


@pytest.fixture(scope="module")
def analyzed(offline: Offline) -> Path:
    """The results of a video with all that can be written, kept in the history."""
    offline(
        *("analyze", SQUAT, "-e", "squat", "--out", "monday", "--save-track", "--embed-video"),
        *("--export", "trc,mot,parquet", "--height", "1.7", "--keep", "--person", "anna"),
    )
    return offline.folder / "monday"


def test_the_namespace_reaches_nothing(offline: Offline) -> None:
    done = offline.python("-c", REACH)
    assert done.returncode == 0, done.stderr


def test_a_video_is_analyzed_with_picture_page_and_exports(analyzed: Path) -> None:
    assert json.loads((analyzed / "report.json").read_text(encoding="utf-8"))["counts"]["total"] >= 2
    written = {path.suffix for path in analyzed.rglob("*") if path.is_file() and path.stat().st_size}
    assert {".html", ".mp4", ".json", ".csv", ".npz", ".trc", ".mot", ".parquet"} <= written


def test_a_track_is_recognised_replayed_and_learned_from(offline: Offline, analyzed: Path) -> None:
    track = next(analyzed.glob("*.track.npz"))
    before = json.loads((analyzed / "report.json").read_text(encoding="utf-8"))["counts"]
    assert json.loads(offline("replay", track, "-e", "squat", "--out", "again", "--json"))["counts"] == before
    assert "squat" in offline("replay", track).lower()
    offline("learn", "mine", track, "--like", "squat")
    assert "mine" in offline("exercises")
    offline("check-template", offline.folder / "poses" / "mine.toml")


def test_a_live_session_without_a_window(offline: Offline) -> None:
    said = offline(
        *("live", "squat", "--camera", SQUAT, "--no-window", "--yes", "--out", "live", "--record"),
        *("--reps", "2", "--sets", "1", "--mute"),
    )
    assert "Files: live" in said
    session = json.loads((offline.folder / "live" / "session.json").read_text(encoding="utf-8"))
    assert (offline.folder / "live" / session["sets"][0]["folder"] / "report.html").is_file()


def test_clips_are_evaluated(offline: Offline) -> None:
    offline("evaluate", CLIPS, "--only", "squat", "--out", "accuracy")
    assert (offline.folder / "accuracy" / "evaluation.html").is_file()


def test_two_workers_do_a_batch(offline: Offline) -> None:
    videos = offline.folder / "videos"
    videos.mkdir()
    for clip in (SQUAT, WALKING):
        shutil.copy(clip, videos)
    said = offline("batch", videos, "--out", "results", "-e", "squat", "--jobs", "2", "--parquet")
    assert "2 of 2 videos judged." in said
    assert (offline.folder / "results" / "videos.parquet").is_file()


def test_what_was_kept_is_compared_and_followed(offline: Offline, analyzed: Path) -> None:
    offline("compare", f"{analyzed}#1", f"{analyzed}#2", "--out", "compared.html")
    assert "squat" in offline("history", "--person", "anna").lower()
    offline("history", "export", "--out", "history.csv")
    offline("progress", "--person", "anna", "--out", "progress.html")
    offline("history", "delete", "--all", "--yes")


def test_a_routine_is_done_from_recordings(offline: Offline, analyzed: Path) -> None:
    routines, recordings = offline.folder / "poses" / "routines", offline.folder / "recordings"
    for folder in (routines, recordings):
        folder.mkdir(parents=True)
    (routines / "short.toml").write_text(ROUTINE, encoding="utf-8")
    shutil.copy(next(analyzed.glob("*.track.npz")), recordings / "squat.track.npz")
    assert "1 of 1 parts done" in offline("routine", "short", "--videos", recordings)


@pytest.mark.parametrize(
    "command",
    [
        "exercises",
        "show squat",
        "model",
        "doctor",
        "doctor --quick --json",
        "routine",
        "routine show hip-and-core",
        "routine plan hip-and-core --out routine.ics",
        "--help",
    ],
)
def test_what_only_tells_something(offline: Offline, command: str) -> None:
    assert offline(*command.split())


@pytest.mark.parametrize("command", ["model --fetch", "analyze {clip} -e squat", "batch {clips} -e squat --out none"])
def test_without_the_model_the_error_says_what_to_do(
    offline: Offline, command: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bare = Offline(tmp_path_factory.mktemp("bare"))
    done = bare.python("-m", "formcheck", *command.format(clip=SQUAT, clips=CLIPS).split())
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    said = " ".join(done.stderr.split())
    for words in ("could not be fetched", "Check the internet connection", "on another machine", "--model"):
        assert words in said
    assert not [path for path in bare.folder.rglob("*") if path.is_file() and path.suffix in (".task", ".whl", ".json")]
