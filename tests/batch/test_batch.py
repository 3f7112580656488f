"""A batch: every video once, whatever interrupts it, and a table that does not depend on that."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import batch_stand_in
import pytest
from batch_stand_in import SETTINGS, run

from formcheck.batch import crew
from formcheck.batch.items import Item
from formcheck.batch.rows import ROW, kept_rows
from formcheck.batch.run import Batch, Told
from formcheck.batch.table import COLUMNS, TABLE, require_parquet, write_parquet
from formcheck.errors import ListError, OutputError, TemplateError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kills and looks at processes as on Linux")


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "judge", batch_stand_in.judge)


def videos(folder: Path, *contents: str) -> list[Item]:
    folder.mkdir(exist_ok=True)
    items = []
    for number, content in enumerate(contents):
        path = folder / f"{number:02d}.mp4"
        path.write_text(f"{content} #{number}" if "same" not in content else content)
        items.append(Item(path, path.name, "lunge"))
    return items


def table(out: Path) -> list[dict[str, str]]:
    with (out / TABLE).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def times_judged(item: Item) -> int:
    log = Path(f"{item.video}.log")
    return len(log.read_text().splitlines()) if log.exists() else 0


def everything(out: Path) -> dict[str, tuple[int, int]]:
    """Every result with its inode and its time: what was written again differs."""
    return {
        str(path.relative_to(out)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in (out / "videos").rglob("*")
        if path.is_file() and ".part" not in str(path)
    }


def test_every_video_gets_a_folder_and_a_line(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good", "fail", "good")
    ended = run(items, tmp_path / "out")
    assert (ended.new, ended.kept, len(ended.failed)) == (3, 0, 1)
    lines = table(tmp_path / "out")
    assert [line["video"] for line in lines] == ["00.mp4", "01.mp4", "02.mp4"]
    assert [line["status"] for line in lines] == ["done", "failed", "done"]
    assert lines[1]["error"] == "it cannot be judged"
    assert lines[0]["total"] == "0"
    assert list(lines[0]) == list(COLUMNS)
    assert (tmp_path / "out" / lines[0]["results"] / "report.json").is_file()
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "02.mp4" in page
    assert "it cannot be judged" in page
    assert not any((tmp_path / "out" / ".working").iterdir())


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good", "fail", "good")
    run(items, tmp_path / "out")
    before, first = everything(tmp_path / "out"), (tmp_path / "out" / TABLE).read_bytes()
    ended = run(items, tmp_path / "out")
    assert (ended.new, ended.kept) == (0, 2)
    assert everything(tmp_path / "out") == before
    assert (tmp_path / "out" / TABLE).read_bytes() == first


def test_a_file_that_was_only_touched_or_renamed_is_not_judged_again(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good", "good")
    run(items, tmp_path / "out")
    os.utime(items[0].video)
    moved = items[1].video.rename(tmp_path / "in" / "moved.mp4")
    ended = run([items[0], Item(moved, "moved.mp4", "lunge")], tmp_path / "out")
    assert (ended.new, ended.kept) == (0, 2)
    assert times_judged(items[0]) == 1


@pytest.mark.parametrize("renamed", ["a.mp4", "z.mp4"])
def test_a_renamed_file_keeps_its_results_when_another_one_gets_its_name(tmp_path: Path, renamed: str) -> None:
    (item,) = videos(tmp_path / "in", "anna's")
    run([item], tmp_path / "out")
    moved = item.video.rename(tmp_path / "in" / renamed)
    item.video.write_text("bert's, another day")
    items = sorted([Item(moved, renamed, "lunge"), item], key=lambda item: item.name)
    ended = run(items, tmp_path / "out")
    assert (ended.new, ended.kept) == (1, 1)
    assert {line["status"] for line in table(tmp_path / "out")} == {"done"}
    assert len(list(kept_rows(tmp_path / "out"))) == 2
    assert run(items, tmp_path / "out").new == 0


def test_a_touched_video_that_is_judged_as_one_more_exercise_keeps_its_results(tmp_path: Path) -> None:
    (item,) = videos(tmp_path / "in", "good")
    run([item], tmp_path / "out")
    os.utime(item.video)
    ended = run([item, Item(item.video, item.name, "bridge")], tmp_path / "out")
    assert (ended.new, ended.kept) == (1, 1)
    assert [(line["status"], line["exercise"]) for line in table(tmp_path / "out")] == [
        ("done", "lunge"),
        ("done", "bridge"),
    ]


def test_new_content_another_exercise_or_other_options_are_judged_and_replace_the_old(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good", "good")
    run(items, tmp_path / "out")
    items[0].video.write_text("another good one")
    ended = run(items, tmp_path / "out")
    assert (ended.new, ended.kept) == (1, 1)
    other = [Item(item.video, item.name, "bridge") for item in items]
    ended = run(other, tmp_path / "out")
    assert ended.new == 2
    assert {line["exercise"] for line in table(tmp_path / "out")} == {"bridge"}
    assert len(list(kept_rows(tmp_path / "out"))) == 2


def test_what_failed_is_tried_again_only_when_asked(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good", "fail")
    run(items, tmp_path / "out")
    assert run(items, tmp_path / "out").new == 0
    ended = run(items, tmp_path / "out", retry_failed=True)
    assert (ended.new, ended.kept) == (1, 1)
    assert [times_judged(item) for item in items] == [1, 2]
    assert len(list(kept_rows(tmp_path / "out"))) == 2


def test_the_same_video_under_two_names_is_judged_once_and_has_two_lines(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "same 20", "good", "same 20")
    ended = run(items, tmp_path / "out")
    assert len(ended.judged) == 3
    assert times_judged(items[0]) + times_judged(items[2]) == 1
    lines = table(tmp_path / "out")
    assert lines[0]["results"] == lines[2]["results"]
    assert [line["status"] for line in lines] == ["done"] * 3


def test_one_video_as_two_exercises_has_two_folders(tmp_path: Path) -> None:
    (item,) = videos(tmp_path / "in", "good")
    run([item, Item(item.video, item.name, "bridge")], tmp_path / "out")
    lines = table(tmp_path / "out")
    assert [line["exercise"] for line in lines] == ["lunge", "bridge"]
    assert lines[0]["results"] != lines[1]["results"]


def test_names_never_collide_nor_leave_the_folder(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", *["good"] * 6)
    names = ["a/x.mp4", "A/X.mp4", "../../x.mp4", "a", "a/x.mp4/y.mp4", "é" * 120 + "/" + "🏋" * 62 + ".mp4"]
    named = [Item(item.video, name, "lunge") for item, name in zip(items, names, strict=True)]
    run(named, tmp_path / "out")
    folders = [line["results"] for line in table(tmp_path / "out")]
    assert len({folder.casefold() for folder in folders}) == 6
    for folder in folders:
        inside = (tmp_path / "out" / folder).resolve()
        assert inside.is_relative_to(tmp_path / "out" / "videos")
        assert (inside / ROW).is_file()
    assert run(named, tmp_path / "out").new == 0


def test_a_missing_file_is_a_line_with_its_error(tmp_path: Path) -> None:
    items = [*videos(tmp_path / "in", "good"), Item(tmp_path / "in" / "none.mp4", "none.mp4", "lunge")]
    ended = run(items, tmp_path / "out")
    assert [line["status"] for line in table(tmp_path / "out")] == ["done", "failed"]
    assert "There is no file" in table(tmp_path / "out")[1]["error"]
    assert len(ended.failed) == 1


def test_columns_of_the_list_are_passed_on_but_never_as_formulas(tmp_path: Path) -> None:
    (item,) = videos(tmp_path / "in", "good")
    run([Item(item.video, "=cmd.mp4", "lunge", columns=(("clinic", "=1+1"), ("age", "-7")))], tmp_path / "out")
    (line,) = table(tmp_path / "out")
    assert (line["video"], line["clinic"], line["age"]) == ("'=cmd.mp4", "'=1+1", "-7")


def test_columns_of_the_list_that_are_called_like_one_of_the_table_are_kept(tmp_path: Path) -> None:
    (item,) = videos(tmp_path / "in", "good")
    own = (("notes", "left knee operated"), ("list_notes", "more"), ("clinic", "north"))
    run([Item(item.video, item.name, "lunge", columns=own)], tmp_path / "out")
    (line,) = table(tmp_path / "out")
    assert list(line) == [*COLUMNS, "list_list_notes", "list_notes", "clinic"]
    assert [line["list_list_notes"], line["list_notes"], line["clinic"]] == ["left knee operated", "more", "north"]
    assert line["notes"] == ""


def test_mistakes_are_told_before_anything_begins(tmp_path: Path) -> None:
    (item,) = videos(tmp_path / "in", "good")
    with pytest.raises(TemplateError, match="Unknown exercise"):
        Batch([Item(item.video, item.name, "lung")], tmp_path / "out", SETTINGS)
    wrong = [
        Item(item.video, "a.mp4", "bridge", side="left"),
        Item(item.video, "b.mp4", "lunge", target_s=30),
        Item(item.video, "c.mp4", "auto", side="left"),
    ]
    with pytest.raises(ListError) as raised:
        Batch(wrong, tmp_path / "out", SETTINGS)
    assert all(name in str(raised.value) for name in ("a.mp4", "b.mp4", "c.mp4"))
    assert not (tmp_path / "out").exists()


def test_progress_is_told_with_what_is_left(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good", "fail", "good")
    run(items[:1], tmp_path / "out")
    told: list[Told] = []
    with Batch(items, tmp_path / "out", SETTINGS) as batch:
        batch.run(jobs=1, told=told.append)
    assert [one.done for one in told] == [1, 2, 3]
    assert {one.of for one in told} == {3}
    assert told[-1].failed == 1
    assert told[-1].bytes_done == told[-1].bytes_of == sum(item.video.stat().st_size for item in items[1:])
    assert [one.error for one in told if one.name == "01.mp4"] == ["it cannot be judged"]


def test_two_batches_do_not_write_into_one_folder(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good")
    with (
        Batch(items, tmp_path / "out", SETTINGS),
        pytest.raises(OutputError, match="Another batch"),
        Batch(items, tmp_path / "out", SETTINGS),
    ):
        pass
    run(items, tmp_path / "out")


def test_a_full_disk_ends_the_run_and_keeps_what_is_done(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good", "full 300", "good 600")
    with pytest.raises(OutputError, match="the disk is full"):
        run(items, tmp_path / "out", jobs=1)
    assert [line["status"] for line in table(tmp_path / "out")][:2] == ["done", "open"]


# --- whatever dies ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_video_that_kills_its_worker_costs_only_itself(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good 50", "die", "good 50", "good 50", "die once 30", "good 50")
    ended = run(items, tmp_path / "out", jobs=2)
    lines = table(tmp_path / "out")
    assert [line["status"] for line in lines] == ["done", "failed", "done", "done", "done", "done"]
    assert "died, more than once" in lines[1]["error"]
    assert len(ended.failed) == 1
    assert all(times_judged(item) == 1 for n, item in enumerate(items) if n != 1)


@pytest.mark.slow
def test_a_worker_killed_from_outside_loses_nothing(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", *["good 150"] * 12)
    process = start(tmp_path)
    wait_for(tmp_path / "out", 2)
    workers = workers_of(process)
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    assert process.wait(60) == 0
    assert [line["status"] for line in table(tmp_path / "out")] == ["done"] * 12
    assert all(times_judged(item) <= 1 for item in items)  # 0: killed after publishing, before it was logged


def start(home: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, batch_stand_in.__file__, str(home / "in"), str(home / "out")], env=environment
    )


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    command = ["ps", "-o", "pid=,args=", "--ppid", str(process.pid)]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return [int(line.split()[0]) for line in lines if "popen_loky" in line]


def wait_for(out: Path, rows: int) -> None:
    end = time.monotonic() + 180
    while len(list(kept_rows(out))) < rows:
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("kills", [20])
def test_killed_at_any_moment_and_resumed_the_table_is_as_if_undisturbed(tmp_path: Path, kills: int) -> None:
    dice = random.Random(kills)
    contents = [f"{'fail' if n % 9 == 4 else 'good'} {dice.randint(20, 120)}" for n in range(3 * kills + 10)]
    items = videos(tmp_path / "in", *contents)
    undisturbed = tmp_path / "undisturbed"
    run(items, undisturbed)
    for item in items:
        Path(f"{item.video}.log").unlink()
    out, killed = tmp_path / "out", 0
    before: dict[str, tuple[int, int]] = {}
    for _ in range(kills):
        process = start(tmp_path)
        wait_for(out, min(len(items), len(before) // 2 + 1))
        time.sleep(dice.uniform(0.0, 0.25))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = everything(out)
        assert before.items() <= now.items()  # nothing that was done has been touched
        before = now
        for name in before:
            assert not name.endswith(".json") or json.loads((out / name).read_bytes())
    time.sleep(0.5)
    assert start(tmp_path).wait(120) == 0
    assert killed >= kills // 2
    assert (out / TABLE).read_bytes() == (undisturbed / TABLE).read_bytes()
    assert all(times_judged(item) <= 1 for item in items)
    assert not any((out / ".working").iterdir())
    assert not list((out / "videos").rglob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("working", [False, True], ids=["as they start", "at work"])
def test_workers_end_with_their_parent(tmp_path: Path, working: bool) -> None:
    videos(tmp_path / "in", *["good 60000"] * 4)
    process = start(tmp_path)
    end = time.monotonic() + 180
    while len(workers := workers_of(process)) < 2 or (working and not any((tmp_path / "out").glob(".working/*"))):
        assert time.monotonic() < end
        time.sleep(0.02)
    process.kill()
    process.wait()
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < end, "a worker lives on"
        time.sleep(0.05)


# --- Parquet ---------------------------------------------------------------------------------------------------------


def test_parquet_has_the_same_lines_with_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    items = videos(tmp_path / "in", "good", "fail")
    items[0] = Item(items[0].video, items[0].name, "lunge", columns=(("clinic", "north"),))
    ended = run(items, tmp_path / "out")
    content = parquet.read_table(write_parquet(tmp_path / "out", ended.judged))
    assert content.column_names == [*COLUMNS, "clinic"]
    assert content.column("total").to_pylist() == [0, None]
    assert content.column("clinic").to_pylist() == ["north", None]
    assert content.column("status").to_pylist() == ["done", "failed"]


def test_without_pyarrow_parquet_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(OutputError, match=r"formcheck\[parquet\]"):
        require_parquet()
