"""Whatever a decoder in C does, it costs one video: a crash, a hang, again and again."""

import threading
import time
from pathlib import Path

import batch_stand_in
import pytest
from batch_stand_in import run

from formcheck.batch import crew
from formcheck.batch.items import Item
from formcheck.batch.rows import Stamp, read_row
from formcheck.batch.work import STALL_S, Task, giving_up_stalled
from formcheck.errors import FormcheckError


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "judge", batch_stand_in.judge)


def videos(folder: Path, *said: str) -> list[Item]:
    folder.mkdir(parents=True)
    items = []
    for number, content in enumerate(said):
        path = folder / f"{number:02}.mp4"
        path.write_text(f"{content} #{'x' * number}")
        items.append(Item(path, path.name, "lunge"))
    return items


def times_judged(item: Item) -> int:
    log = Path(f"{item.video}.log")
    return len(log.read_text().split()) if log.exists() else 0


@pytest.mark.slow
@pytest.mark.parametrize(("crash", "jobs"), [("segv", 2), ("abort", 1)])
def test_a_crash_in_a_codec_costs_its_video_and_nothing_else(tmp_path: Path, crash: str, jobs: int) -> None:
    items = videos(tmp_path / "in", "good 50", crash, "good 50", f"{crash} 30", "good 50", "good")
    ended = run(items, tmp_path / "out", jobs=jobs)
    assert [each.row is not None and each.row.status for each in ended.judged] == [
        *("done", "failed", "done", "failed", "done", "done"),
    ]
    assert all("died, more than once" in each.row.error for each in ended.failed if each.row)
    # Tried a second time, alone, and then never again (one may be stopped with another before it crashes itself).
    tries = [times_judged(item) for item in items]
    assert [tries[n] for n in (0, 2, 4, 5)] == [1, 1, 1, 1]
    assert all(1 <= tries[n] <= crew.ATTEMPTS for n in (1, 3))
    again = run(items, tmp_path / "out", jobs=jobs)
    assert (again.new, len(again.failed)) == (0, 2)
    assert times_judged(items[1]) == tries[1]
    assert len(run(items, tmp_path / "out", jobs=jobs, retry_failed=True).failed) == 2
    assert tries[1] < times_judged(items[1]) <= tries[1] + crew.ATTEMPTS
    assert not any((tmp_path / "out" / ".working").iterdir())


@pytest.mark.slow
def test_a_decoder_that_hangs_is_given_up_and_not_tried_again(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "good", "hang", "good 20", "good")
    began = time.monotonic()
    ended = run(items, tmp_path / "out", jobs=2)
    assert time.monotonic() - began < 30
    (failed,) = ended.failed
    assert failed.row is not None
    assert "nothing moved" in failed.row.error
    assert [times_judged(item) for item in items] == [1, 1, 1, 1]


@pytest.mark.slow
def test_workers_that_end_before_they_begin_are_not_started_forever(tmp_path: Path) -> None:
    items = videos(tmp_path / "in", "early", "early", "early")
    with pytest.raises(FormcheckError, match="end before they have begun"):
        run(items, tmp_path / "out", jobs=2)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    stamp = Stamp(str(tmp_path / "a.mp4"), 1, 1, "0")
    return Task("0" * 32, stamp, tmp_path / "videos" / "a", "auto", None, None, tmp_path / "working")


def test_as_long_as_something_moves_nothing_is_given_up(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr("formcheck.batch.work.os._exit", lambda code: ended.set())
    with giving_up_stalled(task, 0.2) as moves:
        for _ in range(10):
            time.sleep(0.05)
            moves()
    assert not ended.is_set()
    assert threading.active_count() == 1


def test_what_stalls_gets_a_row_that_says_so_before_the_process_ends(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    monkeypatch.setattr("formcheck.batch.work.os._exit", lambda code: ended.set())
    with giving_up_stalled(task, 0.1):
        assert ended.wait(5)
    row = read_row(task.folder)
    assert row is not None
    assert (row.status, row.key) == ("failed", task.key)
    assert "hangs" in row.error


def test_waiting_for_the_model_is_no_hang() -> None:
    assert STALL_S > 900  # the patience of `formcheck.see.model` with another process that fetches it
