"""Names that are hard on programs, disks that are full or read-only, and two runs into one folder at once."""

import csv
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from clips import write_clip
from command_line import Run, command_line
from fuzz.standin import BridgesEverywhere

from formcheck.batch import run as batch_run
from formcheck.batch import work
from formcheck.report_file import read_report_file
from formcheck.see import estimator, model
from formcheck.show.results import ANGLES, PAGE, REPETITIONS, REPORT, ResultsFolder

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="disks and names as on Linux")

NAMES = [
    "two  words",
    "kneeling 🧎🏽 lunge",
    "膝の曲げ伸ばし",
    "ركبة",
    "e\u0301 is not é",
    "-e",
    "--out=x",
    ".hidden",
    "a\nb",
    "50%d $HOME `id` 'q' \"r\" [bold] {{x}}",
    "<script>alert(1)<∕script>",
    "x" * 251,
    "🏋" * 62 + "abc",
    os.fsdecode(b"caf\xe9 no UTF-8"),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", count=40)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The command line, with bridges in every video, and batches in this process."""

    def one_after_the_other(tasks: Iterator[work.Task], settings: work.Settings, **_: object) -> Iterator[work.Outcome]:
        for task in tasks:
            yield work.judge(task, settings)

    located = model.ModelFile(Path(__file__), "full", "file", trimmed=True)
    monkeypatch.setattr(estimator, "open_landmarker", BridgesEverywhere)
    monkeypatch.setattr(estimator, "locate", lambda *_, **__: located)
    monkeypatch.setattr(model, "locate", lambda *_, **__: located)
    monkeypatch.setattr(batch_run, "work", one_after_the_other)
    here = tmp_path / "here"
    here.mkdir()
    return command_line(capsys, monkeypatch, here)


def complete(folder: Path) -> bool:
    report = json.loads((folder / REPORT).read_text())
    return report["video"]["frames"] == 40 and all((folder / name).is_file() for name in (ANGLES, REPETITIONS, PAGE))


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "videos.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_video_of_any_name_is_analyzed(run: Run, clip: Path, tmp_path: Path, name: str) -> None:
    video = tmp_path / f"{name}.mp4"
    shutil.copyfile(clip, video)
    pictures = () if name in NAMES[:3] else ("--no-video", "--no-stills")  # drawing takes most of the time
    code, _, err = run("analyze", video, "-e", "bridge", "--save-track", "--keep", *pictures)
    assert code == 0, err
    (folder,) = (place for place in (tmp_path / "here").iterdir() if place.name != "data")
    assert read_report_file(folder / REPORT)["video"]["frames"] == 40
    assert complete(folder)
    (track,) = folder.glob("*.track.npz")
    assert run("replay", track, "-e", "bridge", "--out", tmp_path / "again")[0] == 0
    # A name is never a part of the page's markup.
    assert "<script>alert" not in (folder / PAGE).read_text(errors="replace")


def test_a_batch_judges_videos_of_any_name(run: Run, clip: Path, tmp_path: Path) -> None:
    films = tmp_path / "films" / "膝 🧎" / ("é" * 120)
    films.mkdir(parents=True)
    for number, name in enumerate(name for name in NAMES if name != ".hidden"):
        (films / f"{name}.mp4").write_bytes(clip.read_bytes() + bytes(number))
    code, _, err = run("batch", tmp_path / "films", "--out", tmp_path / "out 🧎", "-e", "bridge", "--jobs", 1)
    assert code == 0, err
    found = rows(tmp_path / "out 🧎")
    assert [(row["status"], row["frames"]) for row in found] == [("done", "40")] * (len(NAMES) - 1)
    assert len({row["results"] for row in found}) == len(found)
    pages = list((tmp_path / "out 🧎" / "videos").rglob(PAGE))
    assert len(pages) == len(found)
    assert all(complete(page.parent) for page in pages)


# --- disks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    try:
        if subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("this user may not mount a disk")
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_costs_the_analysis_and_nothing_that_was_there(run: Run, clip: Path, disk: Path) -> None:
    (disk / "own").write_bytes(bytes(380 * 1024))
    code, _, err = run("analyze", clip, "-e", "bridge", "--out", disk / "out", "--save-track")
    assert code == 1
    assert "disk is full" in err
    assert [path.name for path in disk.iterdir()] == ["own"]
    (disk / "own").unlink()
    assert run("analyze", clip, "-e", "bridge", "--out", disk / "out", "--no-video", "--no-stills")[0] == 0
    before = {path: path.read_bytes() for path in (disk / "out").rglob("*") if path.is_file()}
    (disk / "own").write_bytes(bytes(400 * 1024 - sum(4096 * -(-len(c) // 4096) for c in before.values()) - 8192))
    code, _, err = run("analyze", clip, "-e", "bridge", "--out", disk / "out", "--no-video", "--no-stills")
    assert code == 1
    assert "disk is full" in err
    assert {path: path.read_bytes() for path in (disk / "out").rglob("*") if path.is_file()} == before


def test_a_batch_on_a_full_disk_goes_on_when_there_is_room(run: Run, clip: Path, tmp_path: Path, disk: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    for number in range(4):
        (films / f"{number}.mp4").write_bytes(clip.read_bytes() + bytes(number))
    ballast = disk / "own"
    ballast.write_bytes(bytes(280 * 1024))
    asked = ("batch", films, "--out", disk / "out", "-e", "bridge", "--jobs", 1)
    code, _, err = run(*asked)
    assert code == 1
    assert "disk is full" in err
    done = {path: path.stat().st_mtime_ns for path in (disk / "out").rglob(REPORT)}
    assert len(done) < 4
    ballast.unlink()
    code, _, err = run(*asked)
    assert code == 0, err
    assert [row["status"] for row in rows(disk / "out")] == ["done"] * 4
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())
    assert not list((disk / "out").rglob("*.part"))


def test_a_read_only_disk_is_read_from_and_named_when_it_should_be_written_to(
    run: Run, clip: Path, tmp_path: Path, disk: Path
) -> None:
    shutil.copyfile(clip, disk / "monday.mp4")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for command in ("analyze", disk / "monday.mp4"), ("batch", disk):
        code, _, err = run(*command, "-e", "bridge", "--out", disk / "out")
        assert code == 1
        assert "may not write" in err
        assert str(disk) in err
        assert run(*command, "-e", "bridge", "--out", tmp_path / f"{command[0]} out")[0] == 0


# --- two at once -----------------------------------------------------------------------------------------------------


def write(folder: Path, which: str, together: threading.Barrier, names: list[str]) -> None:
    with ResultsFolder(folder) as results:
        for name in names:
            (results.path / name).write_text(json.dumps({"schema": "formcheck.report/1", "which": which}))
        together.wait()


@pytest.mark.parametrize("there", [False, True], ids=["new", "there already"])
def test_of_two_runs_into_one_folder_the_results_are_of_one(tmp_path: Path, there: bool) -> None:
    names = [REPORT, *(f"{n:02}.csv" for n in range(30))]
    for turn in range(20):
        folder = tmp_path / f"{turn}"
        if there:
            folder.mkdir()
            (folder / "own.txt").write_text("mine")
        together = threading.Barrier(3)
        threads = [threading.Thread(target=write, args=(folder, which, together, names)) for which in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = {path.name: path.read_text() for path in folder.iterdir() if path.name != "own.txt"}
        assert set(found) == set(names)
        assert len(set(found.values())) == 1
        assert (folder / "own.txt").exists() == there
        assert not list(tmp_path.glob(".formcheck-*"))


def test_two_analyses_into_one_folder_at_once_both_succeed(clip: Path, tmp_path: Path) -> None:
    from formcheck.analysis import analyze
    from formcheck.see.frame import Frame

    class Somebody:
        def __init__(self) -> None:
            self.landmarker = BridgesEverywhere(None)

        def estimate(self, frame: Frame) -> object:
            return estimator._pose(self.landmarker.poses(frame.image)[0], frame)

    failures: list[BaseException] = []

    def one() -> None:
        try:
            analyze(clip, "bridge", estimator=Somebody(), out=tmp_path / "out", save_video=False)  # type: ignore[arg-type]
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert complete(tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"out"}
