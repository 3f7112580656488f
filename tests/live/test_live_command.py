"""`formcheck live` and `formcheck cameras` on the command line."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from filmed import BRIDGES, LUNGES, Onlooker, film

from formcheck import cli, disclaimer
from formcheck.analysis import replay
from formcheck.see import cameras
from formcheck.see.cameras import WORKS, CameraInfo


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FORMCHECK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FORMCHECK_POSES", str(tmp_path / "poses"))
    monkeypatch.delenv("FORMCHECK_MODEL", raising=False)
    disclaimer.accept()


class _Eyes(Onlooker):
    model = type("Model", (), {"variant": None})()

    def warm_up(self, size: tuple[int, int]) -> None: ...

    def notes(self) -> tuple[str, ...]:
        return ()

    def __enter__(self) -> _Eyes:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def eyes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The pose model is replaced by somebody who knows what moves."""

    def use(motion: Any) -> None:
        monkeypatch.setattr("formcheck.see.estimator.Estimator", lambda model, upright: _Eyes(motion))

    return use


def live(*args: str) -> int:
    return cli.main(["live", *args, "--mute"])


def test_a_video_played_as_a_camera_without_a_window(
    tmp_path: Path, eyes: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    eyes(BRIDGES)
    video = film(tmp_path / "bridges.mp4", BRIDGES)
    out = tmp_path / "out"
    code = live("bridge", "--camera", str(video), "--no-window", "--reps", "2", "-o", str(out), "--record")
    printed = capsys.readouterr().out
    assert code == 0
    assert "2 of 2 repetitions" in printed
    assert "not a medical device" in " ".join(printed.split())
    assert (out / "video.mp4").stat().st_size > 0
    session = json.loads((out / "session.json").read_text())
    assert session["schema"] == "formcheck.session/1"
    assert session["sets"][0]["ended"] == "done"
    assert session["camera"] == str(video)
    report = json.loads((out / "set-1" / "report.json").read_text())
    assert (out / "set-1" / "report.html").stat().st_size > 1000
    assert replay(out / "set-1" / "set-1.track.npz", "bridge").to_dict() == report


def test_a_second_session_in_the_same_folder_leaves_the_first_as_it_was(
    tmp_path: Path, eyes: Callable[..., None]
) -> None:
    eyes(BRIDGES)
    video = film(tmp_path / "bridges.mp4", BRIDGES)
    out = tmp_path / "out"
    args = ("bridge", "--camera", str(video), "--no-window", "--reps", "1", "-o", str(out), "--record")
    assert live(*args) == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    eyes(BRIDGES)
    assert live(*args) == 0
    assert {path: path.read_bytes() for path in before} == before
    assert json.loads((out / "session-2.json").read_text())["sets"][0]["folder"] == "set-1-2"
    assert (out / "video-2.mp4").stat().st_size > 0


def test_the_sets_are_kept_in_the_history_unless_told_otherwise(tmp_path: Path, eyes: Callable[..., None]) -> None:
    from formcheck.history.store import History

    eyes(BRIDGES)
    video = film(tmp_path / "bridges.mp4", BRIDGES)
    args = ("bridge", "--camera", str(video), "--no-window", "--reps", "1", "-o", str(tmp_path / "out"))
    assert live(*args, "--no-history") == 0
    with History() as history:
        assert history.sets() == []
    eyes(BRIDGES)
    assert live(*args[:-1], str(tmp_path / "again"), "--person", "ann") == 0
    with History() as history:
        kept = history.sets(person="ann")
    assert [one.exercise for one in kept] == ["bridge"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("lunge", "--hold", "30"), "--reps"),
        (("bridge", "--sides", "left"), "--sides"),
        (("lunge", "--size", "big"), "1280x720"),
        (("lunge", "--variant", "hands=up"), "variant"),
        (("lung",), "lunge"),
    ],
)
def test_what_is_not_understood(args: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert live(*args, "--no-window") == cli.USAGE
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_a_camera_that_is_no_camera(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert live("lunge", "--camera", "kitchen", "--no-window", "-o", str(tmp_path / "out")) == cli.FAILED
    assert "formcheck cameras" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_a_display(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert live("lunge") == cli.FAILED
    assert "--no-window" in capsys.readouterr().err


def test_the_disclaimer_must_be_accepted_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORMCHECK_CONFIG", str(tmp_path / "new"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert live("lunge", "--no-window") == cli.FAILED
    assert "--yes" in capsys.readouterr().err


def test_a_camera_that_never_comes_is_given_up_where_there_is_no_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eyes: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    eyes(LUNGES)
    monkeypatch.setattr("formcheck.live.run.GIVE_UP_S", 0.5)
    assert live("lunge", "--camera", "63", "--no-window", "-o", str(tmp_path / "out")) == cli.FAILED
    error = capsys.readouterr().err
    assert "amera 63" in error
    assert "Traceback" not in error


def test_what_goes_wrong_in_the_judging_thread_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from formcheck.errors import ModelError

    def broken(model: str, upright: bool | None) -> None:
        raise ModelError("The pose model is not there.")

    monkeypatch.setattr("formcheck.see.estimator.Estimator", broken)
    video = film(tmp_path / "bridges.mp4", BRIDGES)
    assert live("bridge", "--camera", str(video), "--no-window", "-o", str(tmp_path / "out")) == cli.FAILED
    assert "pose model is not there" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_cameras_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = [
        CameraInfo(0, "Lid", (1280, 720), 30.0, WORKS),
        CameraInfo(2, "Desk", None, None, "Camera 2 is there but cannot be opened"),
    ]
    monkeypatch.setattr(cameras, "cameras", lambda: found)
    assert cli.main(["cameras"]) == 0
    printed = capsys.readouterr().out
    assert "0  Lid: works, 1280×720 at 30 frames a second" in printed
    assert "2  Desk: Camera 2 is there" in printed
    monkeypatch.setattr(cameras, "cameras", list)
    assert cli.main(["cameras"]) == cli.FAILED
    assert "phone" in capsys.readouterr().err


def test_the_estimator_is_closed_in_the_end() -> None:
    from formcheck.live.run import Worker

    closed = []

    class Quick:
        def run(self, estimator: object) -> None:
            closed.append("ran")

    def make(closing: ExitStack) -> Any:
        closing.callback(closed.append, "closed")
        return object()

    Worker(Quick(), make).finish()  # type: ignore[arg-type]
    assert closed == ["ran", "closed"]


def test_a_machine_that_cannot_keep_up_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import time

    class Slow(_Eyes):
        def estimate(self, frame: Any) -> Any:
            time.sleep(0.3)
            return super().estimate(frame)

    monkeypatch.setattr("formcheck.see.estimator.Estimator", lambda model, upright: Slow(BRIDGES))
    monkeypatch.setattr("formcheck.live.run._ENOUGH", 50)
    video = film(tmp_path / "bridges.mp4", BRIDGES)
    assert live("bridge", "--camera", str(video), "--no-window", "-o", str(tmp_path / "out")) == 0
    assert "--model lite" in " ".join(capsys.readouterr().out.split())
    assert "--model lite" in json.loads((tmp_path / "out" / "session.json").read_text())["notes"][0]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_ctrl_c_ends_it_as_quitting_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Impatient(_Eyes):
        pressed = False

        def estimate(self, frame: Any) -> Any:
            if frame.time > 4.0 and not self.pressed:
                self.pressed = True
                os.kill(os.getpid(), signal.SIGINT)
            return super().estimate(frame)

    monkeypatch.setattr("formcheck.see.estimator.Estimator", lambda model, upright: Impatient(BRIDGES))
    video = film(tmp_path / "bridges.mp4", BRIDGES)
    out = tmp_path / "out"
    code = live("bridge", "--camera", str(video), "--no-window", "--reps", "3", "-o", str(out))
    printed = capsys.readouterr()
    assert code == 128 + signal.SIGINT
    assert "Stopped." in printed.err
    assert "1 of 3 repetitions" in printed.out
    assert f"Files: {out}" in printed.out
    assert json.loads((out / "session.json").read_text())["sets"][0]["ended"] == "quit"
    assert (out / "set-1" / "report.html").stat().st_size > 1000
    assert (out / "set-1" / "angles.csv").stat().st_size > 1000
