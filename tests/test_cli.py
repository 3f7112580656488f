from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from clips import write_clip
from filmed import BRIDGES, PLANK, Nobody, Onlooker, Trouble, film

from formcheck import __version__
from formcheck.analysis import PoseEstimator
from formcheck.cli import main
from formcheck.errors import ModelError
from formcheck.see import estimator, model
from formcheck.see.company import Company
from formcheck.see.model import ModelStatus, Record
from formcheck.show.terminal import FOOTER

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples" / "clips"
POSES = ROOT / "poses"


class Command:
    """Runs the command line in this process, in a folder of its own, with an estimator that needs no model."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._capsys, self._patch = capsys, monkeypatch
        self.folder = folder
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "160")
        monkeypatch.setenv("FORMCHECK_POSES", str(folder / "none"))
        monkeypatch.setattr(model, "locate", lambda *_, **__: SimpleNamespace(variant="full", path=Path("full.task")))
        self.sees(lambda: Onlooker(BRIDGES))

    def sees(self, make: Callable[[], PoseEstimator]) -> None:
        """From now on every video is looked at by a new one of these."""

        class Fake:
            def __init__(self, located: Any, upright: bool | None = None) -> None:
                self.company, self.estimate = Company(), make().estimate

            def close(self) -> None:
                pass

        self._patch.setattr(estimator, "Estimator", Fake)

    def __call__(self, *args: object) -> int:
        self._capsys.readouterr()
        code = main([str(arg) for arg in args])
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.out + self.err
        return code

    def files(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    folder = tmp_path / "here"
    folder.mkdir()
    return Command(capsys, monkeypatch, folder)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("recorded") / "monday.mp4")


# --- analyze ---------------------------------------------------------------------------------------------------------


def test_a_video_is_summarized_and_its_files_are_in_a_folder_of_its_name(run: Command, video: Path) -> None:
    assert run("analyze", video, "-e", "bridge") == 0
    assert "Bridge  monday.mp4" in run.out
    assert "3 repetitions" in run.out
    assert "seen from the side" in run.out
    assert " in monday-formcheck" in run.out
    assert run.out.rstrip().endswith(FOOTER)
    assert run.err == ""
    stills = {name for name in run.files() if "/stills/" in name}
    assert len(stills) == 3
    plain = {"report.html", "report.json", "repetitions.csv", "angles.csv", "annotated.mp4"}
    assert run.files() - stills == {f"monday-formcheck/{name}" for name in plain}
    for name in plain:
        assert name in run.out
    assert "stills/ (3)" in run.out


def test_options_reach_the_analysis(run: Command, video: Path) -> None:
    assert (
        run(
            "analyze",
            video,
            "-e",
            "bridge",
            "-o",
            "r",
            "--no-video",
            "--no-stills",
            "--no-page",
            "--save-track",
            "--comfort",
        )
        == 0
    )
    assert run.files() == {"r/report.json", "r/repetitions.csv", "r/angles.csv", "r/monday.track.npz"}
    assert json.loads((run.folder / "r" / "report.json").read_text())["comfort_mode"] is True
    assert "comfort mode" in run.out


def test_several_videos_get_a_folder_each_and_a_bad_one_does_not_stop_the_others(
    run: Command, video: Path, tmp_path: Path
) -> None:
    again = tmp_path / "monday.mov"
    again.write_bytes(video.read_bytes())
    assert run("analyze", video, "gone.mp4", again, "-e", "bridge", "--no-video", "--no-stills", "--out", "r") == 1
    assert {name for name in run.files() if name.endswith(".json")} == {
        "r/monday/report.json",
        "r/monday-2/report.json",
    }
    assert run.out.count("3 repetitions") == 2
    assert run.err == "Error: There is no file gone.mp4. Check the name and the folder.\n"
    assert run.out.count(FOOTER[:40]) == 1


def test_json_is_all_there_is_on_stdout(run: Command, video: Path) -> None:
    assert run("analyze", video, "-e", "bridge", "--no-video", "--no-stills", "--json") == 0
    report = json.loads(run.out)
    assert report["counts"]["total"] == 3
    assert report == json.loads((run.folder / "monday-formcheck" / "report.json").read_text(encoding="utf-8"))
    assert run.err == ""
    assert run("analyze", video, "gone.mp4", "-e", "bridge", "--no-video", "--no-stills", "--json") == 1
    first, second = json.loads(run.out)
    assert first == report
    assert second == {
        "video": {"path": "gone.mp4"},
        "error": "There is no file gone.mp4. Check the name and the folder.",
    }


def test_quiet_says_nothing_but_errors(run: Command, video: Path) -> None:
    assert run("analyze", video, "gone.mp4", "-e", "bridge", "--no-video", "--no-stills", "-q") == 1
    assert run.out == ""
    assert run.err.startswith("Error: There is no file gone.mp4")


def test_what_did_not_count_is_explained(run: Command, video: Path) -> None:
    from motions import Bridge, Repeats

    shallow = Bridge(top=145).motion(Repeats(count=3, seconds=2.0))
    run.sees(lambda: Onlooker(shallow))
    assert run("analyze", video, "-e", "bridge", "--no-video", "--no-stills") == 0
    assert "0 repetitions; 3 attempts did not count" in run.out
    assert "not counted: hip reached 1" in run.out
    assert "is needed" in run.out


def test_when_nothing_was_counted_it_says_what_stood_in_the_way(run: Command, video: Path) -> None:
    run.sees(lambda: Onlooker(PLANK))
    assert run("analyze", video, "-e", "bridge", "--no-video", "--no-stills") == 0
    assert "Nothing was counted: for " in run.out
    assert "the person was not placed as for this exercise. Lie on your back. Put the camera beside you" in run.out


def test_a_hold_is_summarized(run: Command, video: Path) -> None:
    from filmed import LOW_CAMERA

    run.sees(lambda: Onlooker(PLANK, LOW_CAMERA))
    assert run("analyze", video, "-e", "plank_forearm", "--no-video", "--no-stills", "--hold", "20") == 0
    assert " s in good form, " in run.out
    assert "holds.csv" in run.out


def test_faults_are_told_with_how_often_and_why(run: Command, video: Path) -> None:
    from motions import Bridge, Repeats

    low = Bridge(top=156).motion(Repeats(count=3, seconds=2.0))
    run.sees(lambda: Onlooker(low))
    assert run("analyze", video, "-e", "bridge", "--no-video", "--no-stills") == 0
    (row,) = (line for line in run.out.splitlines() if line.startswith("Lift your hips higher"))
    assert "correct" in row
    assert "3 of 3" in row
    assert "The hips stop short" in row


# --- bad input -------------------------------------------------------------------------------------------------------


def tiny_picture(path: Path) -> None:
    cv2.imwrite(str(path), np.zeros((1, 1, 3), np.uint8))


def sound_only(path: Path) -> None:
    import av

    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac", rate=48_000)
        for frame in _silence():
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _silence() -> list[Any]:
    from av.audio.frame import AudioFrame

    frame = AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    frame.sample_rate = 48_000
    return [frame]


def no_frames(path: Path) -> None:
    write_clip(path.with_suffix(".avi"), count=2, codec="mpeg4")
    data = path.with_suffix(".avi").read_bytes()
    path.write_bytes(data[: data.index(b"movi") + 4])  # the header and nothing else
    path.with_suffix(".avi").unlink()


def cut_off(path: Path) -> None:
    write_clip(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "Check the name and the folder"),
    "empty": (lambda path: path.write_bytes(b""), "copy it again"),
    "text": (lambda path: path.write_text("no video\n" * 100), "Check that it plays in a video player"),
    "cut off": (cut_off, "Copy it again"),
    "no frames": (no_frames, "Check that it plays"),
    "sound only": (sound_only, "Give a video"),
    "1x1 pixel": (tiny_picture, "at least 32 pixels"),
    "folder": (lambda path: path.mkdir(), "Give the video files in it"),
}


def test_a_video_that_may_not_be_read_keeps_no_other_from_being_analyzed(
    run: Command, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, opened, access = run.folder / "closed.mp4", Path.open, os.access
    closed.touch()

    def refuse(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == closed.name:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(os, "access", lambda path, *how: Path(path).name != closed.name and access(path, *how))
    assert run("analyze", closed, video, "-e", "bridge", "--no-video", "--out", "out") == 1
    assert run.err.startswith(f"Error: You may not read {closed}")
    assert "3 repetitions" in run.out


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_told_with_what_to_do_and_leaves_nothing(run: Command, kind: str) -> None:
    make, words = BAD[kind]
    path = run.folder / ("bad.png" if kind == "1x1 pixel" else "bad.m4a" if kind == "sound only" else "bad.mp4")
    make(path)
    before = run.files()
    assert run("analyze", path, "-e", "bridge", "--save-track") == 1
    assert run.err.startswith("Error: ")
    assert run.err.count("Error: ") == 1
    assert path.name in run.err
    assert words in run.err
    assert run.out == ""
    assert run.files() == before
    assert [p.name for p in run.folder.iterdir()] in ([], [path.name])


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this user may read everything")
def test_a_video_that_may_not_be_read_is_told(run: Command, video: Path) -> None:
    path = run.folder / "secret.mp4"
    path.write_bytes(video.read_bytes())
    path.chmod(0)
    assert run("analyze", path, "-e", "bridge") == 1
    assert "may not read" in run.err


def test_nobody_in_the_video_is_told_with_what_to_do(run: Command, video: Path) -> None:
    run.sees(Nobody)
    assert run("analyze", video, "-e", "bridge", "--no-stills") == 0
    assert "! No person was found in the video. Check that the whole body is in the picture" in run.out
    assert "nobody seen" in run.out
    assert "monday-formcheck/report.json" in run.files()


def test_a_folder_that_cannot_be_written_to_is_told(run: Command, video: Path) -> None:
    (run.folder / "taken").write_text("")
    assert run("analyze", video, "-e", "bridge", "--out", "taken") == 1
    assert run.err.startswith(f"Error: {video}: taken cannot be a folder: ")
    assert run.files() == {"taken"}


def test_a_full_disk_is_told(run: Command, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("formcheck.show.export.csv.writer", lambda *_, **__: SimpleNamespace(writerows=full))
        assert run("analyze", video, "-e", "bridge") == 1
    assert "the disk is full. Free some space" in run.err
    assert run.files() == set()


def test_a_mistake_of_the_program_is_reported_with_the_video_and_does_not_stop_the_others(
    run: Command, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eyes = iter([Trouble(BRIDGES, ZeroDivisionError("division by zero")), Onlooker(BRIDGES)])
    run.sees(lambda: next(eyes))
    assert run("analyze", video, video, "-e", "bridge", "--no-video", "--no-stills") == 1
    assert run.err.startswith(f"Error: {video} could not be analyzed because of a mistake in the program.")
    assert "Please report it with this line: ZeroDivisionError: division by zero (filmed.py, line " in run.err
    assert {name.partition("/")[0] for name in run.files()} == {"monday-2-formcheck"}
    run.sees(lambda: Trouble(BRIDGES, ZeroDivisionError()))
    monkeypatch.setenv("FORMCHECK_TRACEBACK", "1")
    with pytest.raises(AssertionError):  # which is what Command makes of a traceback
        run("analyze", video, "-e", "bridge")


def test_a_missing_system_library_is_told_with_what_to_install(run: Command, video: Path) -> None:
    missing = ImportError("libGL.so.1: cannot open shared object file: No such file or directory")
    run.sees(lambda: Trouble(BRIDGES, missing))
    assert run("analyze", video, "-e", "bridge") == 1
    assert run.err.startswith(f"Error: {video} could not be analyzed: libGL.so.1: cannot open shared object file")
    assert "apt-get install libgl1" in run.err


def test_a_model_that_cannot_be_had_is_told_once(run: Command, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise ModelError("The pose model “full” could not be fetched.\nCheck the internet connection.")

    monkeypatch.setattr(model, "locate", nowhere)
    assert run("analyze", video, video, "-e", "bridge") == 1
    assert run.err == "Error: The pose model “full” could not be fetched.\nCheck the internet connection.\n"
    # It is not fetched for nothing.
    assert run("analyze", "gone.mp4", "-e", "bridge") == 1
    assert "no file gone.mp4" in run.err


# --- usage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["analyze", "a.mp4", "--side", "left"], "say which one it is with -e NAME"),
        (["analyze", "a.mp4", "-e", "lunges"], "Did you mean lunge?"),
        (["analyze", "a.mp4", "-e", "gone.toml"], "There is no template file gone.toml"),
        (["analyze", "a.mp4", "-e", "broken.toml"], "broken.toml:1: schema"),
        (["analyze", "a.mp4", "-e", "bridge", "--side", "left"], "does not work one side at a time"),
        (["analyze", "a.mp4", "-e", "lunge", "--hold", "30"], "counted, not held"),
        (["analyze", "a.mp4", "-e", "lunge", "--variant", "foot"], "KEY=VALUE, not 'foot'"),
        (["analyze", "a.mp4", "-e", "lunge", "--variant", "foot=left"], "no variant foot=left"),
        (["analyze", "a.mp4", "-e", "lunge", "--side", "top"], "Invalid value for '--side'"),
        (["analyze", "a.mp4", "-e", "lunge", "--hold", "long"], "Invalid value for '--hold'"),
        (["analyze", "-e", "lunge"], "Missing argument"),
        (["analyze", "a.mp4", "-e", "lunge", "--fast"], "No such option: --fast"),
        (["replay", "a.npz", "--hold", "30"], "say which one it is with -e NAME"),
        (["show", "lunges"], "Did you mean lunge?"),
        (["model", "huge"], "There is no pose model 'huge'"),
        (["judge"], "No such command 'judge'"),
    ],
)
def test_what_is_not_understood_is_told_and_nothing_is_done(run: Command, args: list[str], words: str) -> None:
    (run.folder / "broken.toml").write_text("schema = 7\n")
    assert run(*args) == 2
    assert words in run.err
    assert run.out == ""
    assert run.files() == {"broken.toml"}


def test_without_an_exercise_it_is_recognised(run: Command, video: Path) -> None:
    assert run("analyze", video, "--no-video", "--no-stills") == 0
    assert "Recognised as Bridge" in run.out


def test_without_a_command_there_is_help(run: Command) -> None:
    assert run() == 2
    assert "Usage: formcheck" in run.out + run.err


def test_the_version_is_told(run: Command) -> None:
    assert run("--version") == 0
    assert run.out == f"formcheck {__version__}\n"


# --- the other commands ----------------------------------------------------------------------------------------------


def test_a_track_is_replayed(run: Command, video: Path) -> None:
    run("analyze", video, "-e", "bridge", "--no-video", "--no-stills", "--save-track", "--json")
    report = json.loads(run.out)
    track = "monday-formcheck/monday.track.npz"
    before = run.files()
    assert run("replay", track, "-e", "bridge", "--json") == 0
    assert json.loads(run.out) == report
    assert run("replay", track, "-e", "bridge") == 0
    assert "3 repetitions" in run.out
    assert run.files() == before
    assert run("replay", track, "-e", "bridge", "--out", "again", "-q") == 0
    assert run.out == ""
    assert "again/report.json" in run.files()
    assert run("replay", video, "-e", "bridge") == 1
    assert "is not a pose track" in run.err


def test_the_exercises_are_listed_with_the_persons_own(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    text = (POSES / "bridge.toml").read_text(encoding="utf-8")
    (own / "my_bridge.toml").write_text(text.replace('id = "bridge"', 'id = "my_bridge"'), encoding="utf-8")
    (own / "broken.toml").write_text("schema = 1")
    monkeypatch.setenv("FORMCHECK_POSES", str(own))
    assert run("exercises") == 0
    for path in [*POSES.glob("*.toml"), Path("my_bridge")]:
        assert f"\n{path.stem} " in f"\n{run.out}"
    assert "broken.toml has mistakes and is left out" in run.err


@pytest.mark.parametrize("path", sorted(POSES.glob("*.toml")), ids=lambda path: path.stem)
def test_an_exercise_is_explained(run: Command, path: Path) -> None:
    from formcheck.catalog import read_template

    assert run("show", path.stem) == 0
    text = " ".join(run.out.split())
    template = read_template(path)
    words = [template.summary, *template.instructions, *template.safety, *template.cannot_see, template.camera.advice]
    words += [measure.label for measure in template.measures.values() if measure.label and measure.target]
    words += [template.easier or "", template.harder or "", *template.sources]
    for part in words:
        assert part in text
    for fault in template.faults:
        assert fault.cue.split()[0] in text
    assert "[D" not in text.replace("[D]", "")
    assert run.out.rstrip().endswith(FOOTER)


def test_templates_are_checked_and_all_mistakes_told_with_their_lines(run: Command) -> None:
    text = (POSES / "bridge.toml").read_text(encoding="utf-8")
    broken = run.folder / "bridge.toml"
    broken.write_text(text.replace('kind = "rep', 'kidn = "rep').replace("finish =", "ende ="), encoding="utf-8")
    assert run("check-template", POSES / "lunge.toml", broken, "gone.toml") == 1
    assert "lunge.toml: no mistakes (Lunge, " in run.out
    for line, key in ((text[: text.index("kind =")], "kidn"), (text[: text.index("finish =")], "ende")):
        assert f"bridge.toml:{line.count(chr(10)) + 1}: " in run.err
        assert f"{key}: unknown key" in run.err
    assert "no template file gone.toml" in run.err
    assert run("check-template", POSES / "lunge.toml") == 0


def test_the_models_on_this_machine_are_shown(run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Record("package index", True, "trimmed: identical landmarks", "0" * 64, 9_642_192, "2026-01-31", "1.2.2")
    monkeypatch.setattr(
        model,
        "status",
        lambda: [
            ModelStatus("lite", tmp_path / "lite.task", None, intact=False),
            ModelStatus("full", tmp_path / "full.task", record, intact=True),
            ModelStatus("heavy", tmp_path / "heavy.task", record, intact=False),
        ],
    )
    monkeypatch.setenv("FORMCHECK_MODEL", "lite")
    assert run("model") == 0
    lite, full, path, heavy = run.out.splitlines()
    assert lite.endswith("formcheck model lite --fetch")
    assert "9.6 MB, from the package index on 2026-01-31, trimmed: identical landmarks" in full
    assert path.strip() == str(tmp_path / "full.task")
    assert "fetched again" in heavy
    assert "FORMCHECK_MODEL is set: lite" in run.err
    assert run("model", "lite") == 0
    assert len(run.out.splitlines()) == 1
    assert run("model", "--fetch") == 0
    assert run.out == "Ready: full.task\n"


# --- as a process ----------------------------------------------------------------------------------------------------


def process(*args: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        **options,
    )


def test_help_loads_nothing_heavy() -> None:
    heavy = ["numpy", "pydantic", "cv2", "mediapipe", "av", "matplotlib", "platformdirs", "formcheck.judge"]
    asks = "import sys; from formcheck.cli import main; main(['--help']); print('loaded', *sys.modules)"
    out, err = process("-c", asks).communicate()
    assert err == ""
    loaded = out.splitlines()[-1].split()
    assert loaded[0] == "loaded"
    assert [name for name in heavy if name in loaded] == []


BARE_HELP = """
import typer
app = typer.Typer()
@app.command()
def one() -> None:
    'Nothing.'
@app.command()
def two() -> None:
    'Nothing.'
app()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="CPU time of a child is not told there")
def test_help_takes_hardly_longer_than_that_of_an_empty_program() -> None:
    import resource

    def spent(*args: object) -> float:
        """Of the processor: it does nothing but compute, and other programs may keep the machine busy."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out, err = process(*args).communicate()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert "Usage" in out
        assert err == ""
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # In turns, as machines differ and have slow moments; 1.4 to 1.5 here, 2.4 with numpy and pydantic loaded.
    rounds = [(spent("-m", "formcheck", "--help"), spent("-c", BARE_HELP, "--help")) for _ in range(5)]
    ours, bare = (min(seconds) for seconds in zip(*rounds, strict=True))
    assert 0.01 < ours < 1.8 * bare


SLOW_EYES = """
import sys, time
from types import SimpleNamespace
from pathlib import Path
from filmed import BRIDGES, Onlooker
from formcheck.cli import main
from formcheck.see import estimator, model
from formcheck.see.company import Company

class Slow(Onlooker):
    company = Company()
    def __init__(self, located, upright): super().__init__(BRIDGES)
    def close(self): time.sleep(0.2)
    def estimate(self, frame):
        if self.frames == 10: print("ten", file=sys.stdout, flush=True)
        time.sleep(0.01 if self.frames < 10 else 0.05)
        return super().estimate(frame)

estimator.Estimator = Slow
model.locate = lambda *_, **__: SimpleNamespace(variant="full", path=Path())
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize(
    ("signals", "code"), [([signal.SIGINT], 130), ([signal.SIGTERM], 143), ([signal.SIGINT] * 3, 130)]
)
def test_a_stopped_analysis_ends_at_once_and_leaves_nothing(
    video: Path, tmp_path: Path, signals: list[signal.Signals], code: int
) -> None:
    done = tmp_path / "out" / "done"
    done.mkdir(parents=True)
    (tmp_path / "out" / "monday").mkdir()
    (tmp_path / "out" / "monday" / "report.json").write_text("of yesterday")
    child = process("-c", SLOW_EYES, "analyze", video, video, "-e", "bridge", "--out", tmp_path / "out", "--save-track")
    assert child.stdout is not None
    assert child.stdout.readline() == "ten\n"
    began = time.perf_counter()
    for each in signals:
        child.send_signal(each)
        time.sleep(0.05)
    out, err = child.communicate(timeout=10)
    assert time.perf_counter() - began < 1.0
    assert child.returncode == code
    assert out == ""
    assert err == f"Note: Stopped. {video} was not finished, and nothing of it was written.\n"
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()] == [
        "out/monday/report.json"
    ]
    assert [p.name for p in (tmp_path / "out").rglob(".*")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_what_was_finished_before_it_was_stopped_is_kept_and_named(video: Path, tmp_path: Path) -> None:
    child = process("-c", SLOW_EYES, "analyze", video, video, "-e", "bridge", "--no-video", "-o", "out", cwd=tmp_path)
    assert child.stdout is not None
    assert child.stdout.readline() == "ten\n"
    while child.stdout.readline() != "ten\n":
        pass
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=10)
    assert child.returncode == 130
    assert err.endswith(f"nothing of it was written. Finished before: {Path('out') / 'monday'}.\n")
    assert (tmp_path / "out" / "monday" / "report.json").is_file()
    assert not (tmp_path / "out" / "monday-2").exists()


@pytest.mark.parametrize("args", [["exercises"], ["show", "lunge"], ["--help"], ["--version"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_trouble(args: list[str]) -> None:
    with process("-m", "formcheck", *args) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == ""
    assert child.returncode in (0, 1)


def test_a_terminal_without_letters_shows_question_marks(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-m", "formcheck", "show", "bridge"],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert child.returncode == 0
    assert child.stderr == b""
    assert b"168 to 191?" in child.stdout


# --- with the model --------------------------------------------------------------------------------------------------

SAMPLE = next(iter(sorted(SAMPLES.glob("bridge*.mp4"))), None)
needs_sample = pytest.mark.skipif(SAMPLE is None, reason="samples/clips has no bridge yet: render it first")


@needs_sample
@pytest.mark.model
def test_a_whole_analysis_connects_to_nothing(tmp_path: Path) -> None:
    alone = ROOT / "tests" / "see" / "unconnected.py"
    if not runpy.run_path(str(alone))["supported"]():
        pytest.skip("this system cannot forbid connections")
    model.locate()  # so that there is nothing to be fetched
    child = process(
        ROOT / "tests/see/unconnected.py", "-m", "formcheck", "analyze", SAMPLE, "-e", "bridge", cwd=tmp_path
    )
    out, err = child.communicate(timeout=300)
    assert (child.returncode, err) == (0, "")
    assert "repetitions" in out


@needs_sample
@pytest.mark.model
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("after_s", [0.5, 1.5, 2.5])
def test_ctrl_c_ends_a_real_analysis_at_once(tmp_path: Path, after_s: float) -> None:
    model.locate()
    child = process("-m", "formcheck", "analyze", SAMPLE, "-e", "bridge", cwd=tmp_path)
    time.sleep(after_s)
    began = time.perf_counter()
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=10)
    assert time.perf_counter() - began < 1.0
    assert child.returncode == 130
    assert list(tmp_path.iterdir()) == []


@needs_sample
@pytest.mark.model
def test_a_replayed_track_of_a_sample_is_judged_as_the_sample(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(run.folder)
    assert run("analyze", SAMPLE, "-e", "bridge", "--no-video", "--no-stills", "--save-track", "--json", "-o", "r") == 0
    report = json.loads(run.out)
    assert report["counts"]["total"] > 0
    assert run("replay", next((run.folder / "r").glob("*.npz")), "-e", "bridge", "--json") == 0
    assert json.loads(run.out) == report
