"""`formcheck batch` as it is typed."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import batch_stand_in
import pytest
from typer.testing import CliRunner

from formcheck.analysis import analyze
from formcheck.batch import crew
from formcheck.batch.rows import kept_rows
from formcheck.cli import app
from formcheck.errors import FormcheckError
from formcheck.see import model
from formcheck.see.model import ModelFile
from formcheck.show.batch_progress import clock

ROOT = Path(__file__).parents[2]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "judge", batch_stand_in.judge)
    here = ModelFile(Path("model.task"), "full", "file", trimmed=True)
    monkeypatch.setattr(model, "locate", lambda name=None, progress=None: here)


def batch(*arguments: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["batch", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def fill(folder: Path, **contents: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.mp4").write_text(content)


@pytest.mark.usefixtures("stand_in")
def test_a_folder_becomes_a_table(tmp_path: Path) -> None:
    fill(tmp_path / "in", a="good", b="fail b")
    code, said, told = batch(tmp_path / "in", "--out", tmp_path / "out", "-e", "lunge", "--jobs", "1")
    assert code == 1
    assert "1 of 2 videos judged." in said
    assert "b.mp4: it cannot be judged" in told
    code, said, told = batch(tmp_path / "in", "--out", tmp_path / "out", "-e", "lunge")
    assert "1 of 2 videos judged (1 of them in earlier runs)." in said
    assert "--retry-failed" in said
    assert told == ""


@pytest.mark.usefixtures("stand_in")
def test_all_judged_is_success_and_quiet_says_nothing(tmp_path: Path) -> None:
    fill(tmp_path / "in", a="good")
    assert batch(tmp_path / "in", "--out", tmp_path / "in" / "out", "-q") == (0, "", "")


@pytest.mark.usefixtures("stand_in")
def test_a_list_with_mistakes_is_not_understood(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("video,side\na.mp4,both\n")
    code, _, told = batch(tmp_path / "list.csv", "--out", tmp_path / "out")
    assert code == 2
    assert "line 2: the side is left or right" in told


@pytest.mark.usefixtures("stand_in")
def test_the_table_never_replaces_the_list(tmp_path: Path) -> None:
    fill(tmp_path, a="good")
    (tmp_path / "videos.csv").write_text("video,exercise,hold\na.mp4,plank_high,45\n")
    code, _, told = batch(tmp_path / "videos.csv", "--out", tmp_path)
    assert code == 2
    assert "would replace the list" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "videos.csv"]
    assert (tmp_path / "videos.csv").read_text() == "video,exercise,hold\na.mp4,plank_high,45\n"
    assert batch(tmp_path / "videos.csv", "--out", tmp_path / "out")[0] == 0


@pytest.mark.usefixtures("stand_in")
def test_a_cluster_needs_an_address_that_answers(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    fill(tmp_path / "in", a="good")
    with pytest.raises(FormcheckError, match="--scheduler"):
        batch(tmp_path / "in", "--out", tmp_path / "out", "--engine", "dask")


@pytest.mark.usefixtures("stand_in")
def test_without_its_package_a_cluster_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joblib", None)
    fill(tmp_path / "in", a="good")
    with pytest.raises(FormcheckError, match=r"formcheck\[ray\]"):
        batch(tmp_path / "in", "--out", tmp_path / "out", "--engine", "ray")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (61.4, "1:01"), (3600, "1 h 00 min"), (90_061, "25 h 01 min")]
)
def test_time_left_is_told_as_finely_as_it_matters(seconds: float, said: str) -> None:
    assert clock(seconds) == said


def sample(folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        os.link(ROOT / "samples" / "clips" / f"{name}.mp4", folder / f"{name}.mp4")


@pytest.mark.model
@pytest.mark.slow
def test_a_batch_judges_as_analyze_does(tmp_path: Path) -> None:
    sample(tmp_path / "in", "lunge", "lunge_trunk_lean")
    code, _, told = batch(tmp_path / "in", "--out", tmp_path / "out", "-e", "lunge", "--jobs", "2")
    assert code == 0, told
    rows = {Path(row.stamp.path): row.report() for row in kept_rows(tmp_path / "out")}
    assert len(rows) == 2
    for video, report in rows.items():
        assert report == analyze(video, "lunge").to_dict()
    for row in kept_rows(tmp_path / "out"):
        page = (row.folder / "report.html").read_text(encoding="utf-8")
        addresses = re.findall(r'<video[^>]* src="([^"]+)"', page)
        assert [(row.folder / address).resolve() for address in addresses] == [Path(row.stamp.path).resolve()]
    with (tmp_path / "out" / "videos.csv").open(encoding="utf-8-sig", newline="") as file:
        assert all(int(line["total"]) > 0 for line in csv.DictReader(file))


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_leaves_all_that_is_finished(tmp_path: Path) -> None:
    sample(tmp_path / "in", "lunge", "lunge_trunk_lean", "lunge_reverse")
    command = [sys.executable, "-m", "formcheck", "batch", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        [*command, "-e", "lunge", "--jobs", "1"], cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True
    ) as run:
        end = time.monotonic() + 120
        while not list(kept_rows(tmp_path / "out")):
            assert time.monotonic() < end
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the workers, too
        _, told = run.communicate(timeout=30)
    assert run.returncode == 130
    assert b"Traceback" not in told
    text = (tmp_path / "out" / "videos.csv").read_text(encoding="utf-8-sig")
    done = len(re.findall(",done,", text))
    assert done == len(list(kept_rows(tmp_path / "out"))) >= 1
    assert text.count(",open,") == 3 - done
