from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import time
from pathlib import Path

import pytest
from command_line import Run, command_line
from kept import FIRST, keep, keep_weeks, lunges, plank
from motions import Lunge, Repeats, then
from outcomes import LUNGE
from stick_figure import Camera

from formcheck.analysis import replay
from formcheck.catalog import load_template
from formcheck.history.command import EMPTY
from formcheck.history.curves import POINTS
from formcheck.history.keep import keep_folder
from formcheck.history.store import History
from formcheck.routine import runs
from formcheck.see.track import Track, TrackMeta, load_track


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return command_line(capsys, monkeypatch, tmp_path)


def results(folder: Path) -> Path:
    """Results of an analysis: four lunges of the stick figure."""
    poses = Lunge(sides=("right", "left")).motion(Repeats(count=4)).film()
    track = Track(tuple(poses), TrackMeta(Camera().size, "lunges.mp4"))
    replay(track, "lunge", out=folder)
    return folder


def test_an_empty_history_says_how_to_fill_it(run: Run) -> None:
    for command in ("history", "progress"):
        code, out, err = run(command)
        assert (code, out) == (0, "")
        assert EMPTY.split(".")[0] in err


def test_results_are_added_with_their_courses(run: Run, tmp_path: Path) -> None:
    folder = results(tmp_path / "monday")
    code, out, _ = run("history", "add", folder, "--person", "Ada", "--date", "2026-03-02T18:15")
    assert (code, out) == (0, f"Kept {folder} as set 1, of 2026-03-02 18:15.\n")
    code, out, _ = run("history")
    assert code == 0
    assert re.search(r"1 +2026-03-02 18:15 +Lunge +left 2, 2 clean", out)
    with History() as history:
        curves = history.curves(1)
    assert curves
    assert set(curves) == {"left", "right"}
    knee = curves["left"]["measures"]["front_knee"]
    assert len(knee) == POINTS
    assert min(knee) == min(knee[POINTS // 2 - 3 : POINTS // 2 + 4]) < 110 < 125 < min(knee[0], knee[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="file names are UTF-8 there")
def test_names_that_are_no_utf8_can_be_added_and_compared(run: Run, tmp_path: Path) -> None:
    odd = b"caf\xe9".decode("utf-8", "surrogateescape")
    folder, page = tmp_path / odd, tmp_path / "compared.html"
    poses = Lunge(sides=("right", "left")).motion(Repeats(count=2)).film()
    replay(Track(tuple(poses), TrackMeta(Camera().size, str(tmp_path / f"{odd}.mp4"))), "lunge", out=folder)
    for _ in range(2):
        code, _, err = run("history", "add", folder)
        assert code == 0, err
    with History() as history:
        assert [entry.origin for entry in history.sets()] == [str(tmp_path / "caf\\xe9.mp4")]
    code, _, err = run("compare", f"{folder}#1", f"{folder}#2", "--out", page)
    assert code == 0, err
    assert "caf?#1: 1 repetition, right side" in page.read_text(encoding="utf-8")


def test_the_time_of_results_is_that_of_the_report_if_the_video_is_gone(run: Run, tmp_path: Path) -> None:
    folder = results(tmp_path / "monday")
    os.utime(folder / "report.json", (FIRST.timestamp(), FIRST.timestamp()))
    run("history", "add", folder)
    with History() as history:
        assert history.sets()[0].began == FIRST


def test_each_set_of_a_live_session_is_kept_once(run: Run, tmp_path: Path) -> None:
    from rehearsal import rehearse

    from formcheck.live.plan import plan_for

    motion = then(*(Lunge(sides=(side,)).motion(Repeats(count=3)) for side in ("left", "right")))
    plan = plan_for(LUNGE, repetitions=2, sides="each")
    session = tmp_path / "monday"
    rehearse("lunge", plan, motion, folder=session)
    sets = [session / "set-1-left", session / "set-1-right"]
    for _ in range(2):
        assert run("history", "add", *sets)[0] == 0
        with History() as history:
            assert [entry.sides[0].side for entry in history.sets()] == ["left", "right"]
            assert [entry.origin for entry in history.sets()] == [str(folder) for folder in sets]


def test_recordings_of_the_same_name_in_different_folders_are_different_ones(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [results(tmp_path / day / "lunges-formcheck") for day in ("monday", "tuesday", "gone")]
    for folder in folders[:2]:
        (folder.parent / "lunges.mp4").write_bytes(b"")
    for where, named in ((tmp_path, folders), (folders[1].parent, [Path("lunges-formcheck")])):
        monkeypatch.chdir(where)
        assert run("history", "add", *named)[0] == 0
        with History() as history:
            assert {entry.origin for entry in history.sets()} == {
                str(tmp_path / "monday" / "lunges.mp4"),
                str(tmp_path / "tuesday" / "lunges.mp4"),
                str(folders[2]),  # by its results, as the recording is not there any more
            }


def test_a_recording_is_found_from_the_current_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lunges.mp4").write_bytes(b"")
    os.utime(tmp_path / "lunges.mp4", (FIRST.timestamp(), FIRST.timestamp()))
    monkeypatch.chdir(tmp_path)
    results(tmp_path / "results" / "today" / "lunges")
    assert run("history", "add", "results/../results/today/lunges")[0] == 0
    with History() as history:
        [entry] = history.sets()
    assert (entry.origin, entry.began) == (str(tmp_path / "lunges.mp4"), FIRST)


def test_a_folder_without_results_is_told(run: Run, tmp_path: Path) -> None:
    code, _, err = run("history", "add", tmp_path)
    assert code == 1
    assert "has no report.json" in err
    (tmp_path / "report.json").write_text('{"schema": "something else"}')
    code, _, err = run("history", "add", tmp_path)
    assert code == 1
    assert "damaged or no report" in err


def test_the_table_can_be_narrowed(run: Run) -> None:
    with History() as history:
        keep(history, lunges(10), 0)
        keep(history, plank(), 1, person="Ada")
        keep(history, lunges(8, faulty=3, partial=1), 9)

    def shown(*args: str) -> list[str]:
        return re.findall(r"^ +(\d) +20", run("history", *args)[1], re.MULTILINE)

    assert shown() == ["1", "2", "3"]
    assert shown("-e", "lunge") == ["1", "3"]
    assert shown("--person", "Ada") == ["2"]
    assert shown("--since", "2026-09-08") == ["2", "3"]
    assert shown("--until", "2026-09-08") == ["1", "2"]
    assert shown("--latest", "1") == ["3"]
    assert "left 8 of 9, 5 clean" in run("history")[1]
    assert "25.0 s in form of 30.0 s" in run("history")[1]
    assert [entry["id"] for entry in json.loads(run("history", "--json")[1])] == [1, 2, 3]


def test_everything_can_be_exported(run: Run, tmp_path: Path) -> None:
    with History() as history:
        keep(history, lunges(10, faulty=2))
        keep(history, plank(), person="Ada")
    document = json.loads(run("history", "export")[1])
    assert document["schema"] == "formcheck.history/1"
    assert [entry["report"] for entry in document["sets"]] == [lunges(10, faulty=2).to_dict(), plank().to_dict()]
    code, out, _ = run("history", "export", "--out", tmp_path / "all.csv")
    assert (code, out) == (0, f"2 sets written to {tmp_path / 'all.csv'}\n")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text())))
    assert [(r["id"], r["side"], r["counted"], r["clean"], r["in_form_s"]) for r in rows] == [
        ("1", "left", "10", "8", ""),
        ("1", "right", "10", "8", ""),
        ("2", "", "0", "0", "25.0"),
    ]
    assert len(json.loads(run("history", "export", "--person", "Ada")[1])["sets"]) == 1
    with History() as history:
        number = runs.begin(history, "mine", "Ada", [{"step": 0, "exercise": "lunge", "level": 0}])
        runs.note_turn(history, number, 0, "done", 1)
        runs.answer(history, number, pain=0, effort=6)
    (routine,) = json.loads(run("history", "export")[1])["routines"]
    assert (routine["routine"], routine["pain"], routine["effort"]) == ("mine", 0, 6)
    assert routine["turns"] == [{"number": 0, "outcome": "done", "set_id": 1}]
    assert json.loads(run("history", "export", "--person", "me")[1])["routines"] == []
    assert json.loads(run("history", "export", "--until", "2020-01-01")[1])["routines"] == []


def test_deleting_asks_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with History() as history:
        for day in range(3):
            keep(history, lunges(10), day)

    def left() -> list[int]:
        with History() as history:
            return [entry.id for entry in history.sets()]

    code, _, err = run("history", "delete", 2)
    assert code == 1
    assert "--yes" in err
    for answer, code, after in (("n", 1, [1, 2, 3]), ("y", 0, [1, 3])):
        answers = io.StringIO(f"{answer}\n")
        monkeypatch.setattr(answers, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdin", answers)
        assert run("history", "delete", 2)[0] == code
        assert left() == after
    assert run("history", "delete", 1, 2, "--yes")[0] == 1
    assert left() == [1, 3]
    assert run("history", "delete", 1, "--yes")[0] == 0
    assert left() == [3]
    assert run("history", "delete", "--all", "--yes")[0] == 0
    assert left() == []
    assert run("history", "delete")[0] == 2
    assert run("history", "delete", 1, "--all")[0] == 2


def test_progress_of_a_thousand_sets_takes_a_second(run: Run, tmp_path: Path) -> None:
    with History() as history:
        keep_weeks(history, 1000)
    began = time.process_time()
    code, out, _ = run("progress", "--out", tmp_path / "progress.html")
    assert time.process_time() - began <= 1.0
    assert code == 0
    assert re.search(r"Range of a repetition +left .* about 2\d° larger", out)
    page = (tmp_path / "progress.html").read_text(encoding="utf-8")
    assert page.count('<svg class="chart"') == 4
    assert not re.search(r"https?://(?!www\.w3\.org)|<script|src=|url\(", page)


def test_progress_as_json_says_what_the_table_says(run: Run) -> None:
    with History() as history:
        keep_weeks(history, 80)
        keep(history, lunges(10), person="Ada")
    document = json.loads(run("progress", "-e", "lunge", "--json")[1])
    assert document["person"] == "me"
    (lunge,) = document["exercises"]
    left = next(s for s in lunge["series"] if (s["metric"], s["side"]) == ("range", "left"))
    assert left["change"]["verdict"] == "more"
    assert left["change"]["difference"] > left["change"]["noise"] == 10
    assert len(left["weeks"]) == 7


def test_the_progress_of_the_only_person_needs_no_name(run: Run, tmp_path: Path) -> None:
    with History() as history:
        keep(history, lunges(10), person="A <b>da")
    assert run("progress", "--out", tmp_path / "page.html")[0] == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Progress of A &lt;b&gt;da" in page
    assert "too early to say: 1 session, 5 more needed" in page


def test_an_analyzed_video_is_kept_if_it_is_asked_for(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    from filmed import BRIDGES, Onlooker, film

    from formcheck.see import estimator, model
    from formcheck.see.company import Company

    class Eyes(Onlooker):
        def __init__(self, located: object, **_: object) -> None:
            super().__init__(BRIDGES)
            self.company = Company()

        def close(self) -> None:
            pass

    monkeypatch.setattr(estimator, "Estimator", Eyes)
    monkeypatch.setattr(model, "locate", lambda *_, **__: SimpleNamespace(variant="full", path=Path("full.task")))
    video = film(tmp_path / "monday.mp4", BRIDGES)
    os.utime(video, (FIRST.timestamp(), FIRST.timestamp()))
    quick = ("--no-video", "--no-stills", "--no-page")
    first = run("analyze", video, "-e", "bridge", *quick)
    assert first[0] == 0, first[2]
    assert not (tmp_path / "data").exists()
    for _ in range(2):
        code, out, _ = run("analyze", video, "-e", "bridge", "--keep", "--person", "Ada", *quick)
        assert code == 0
        assert "of the history, of 2026-09-07" in out
    with History() as history:
        (entry,) = history.sets()
        assert (entry.person, entry.exercise, entry.origin, entry.began) == ("Ada", "bridge", str(video), FIRST)
        assert entry.sides[0].counted == 3
        assert history.curves(entry.id)
    # A history that cannot be used takes nothing from the results, but it is told.
    (tmp_path / "data" / "history.sqlite3").write_bytes(b"x" * 5000)
    code, out, err = run("analyze", video, "-e", "bridge", "--keep", *quick)
    assert code == 1
    assert "damaged or no history" in err
    assert "formcheck history add monday-formcheck" in err
    assert (tmp_path / "monday-formcheck" / "report.json").is_file()


def test_a_live_set_is_kept_as_soon_as_it_is_over(run: Run, tmp_path: Path) -> None:
    from formcheck.history.live import LiveKeeper
    from formcheck.live.plan import Bout
    from formcheck.live.record import BoutResult

    told: list[int | None] = []
    keeper = LiveKeeper(LUNGE, person="Ada", kept=lambda result, number: told.append(number))
    bout = Bout(1, 1, None, 12, None)
    keeper.finish(BoutResult(bout, "done", lunges(12)))
    keeper.finish(BoutResult(bout, "quit", lunges(0)))  # nothing was tried
    with History() as history:
        (entry,) = history.sets()
        assert (entry.source, entry.person, entry.origin) == ("live", "Ada", None)
    assert told == [1, None]
    (tmp_path / "data" / "history.sqlite3").write_bytes(b"x" * 5000)
    keeper.finish(BoutResult(bout, "done", lunges(12)))
    assert told == [1, None, None]


def test_a_live_set_is_kept_with_its_courses(run: Run, tmp_path: Path) -> None:
    from rehearsal import rehearse

    from formcheck.history.live import LiveKeeper
    from formcheck.live.plan import plan_for

    motion = Lunge(sides=("right", "left")).motion(Repeats(count=4))
    plan = plan_for(load_template("lunge"), repetitions=4, sides="alternate")
    keeper = LiveKeeper(load_template("lunge"), person="Ada")
    done = rehearse("lunge", plan, motion, folder=tmp_path / "live", keeper=keeper)
    (result,) = done.results
    assert result.name
    with History() as history:
        live = history.curves(1)
        replay(
            load_track(tmp_path / "live" / result.name / f"{result.name}.track.npz"),
            "lunge",
            out=tmp_path / "again",
        )
        keep_folder(history, tmp_path / "again")
        again = history.curves(2)
    assert live
    assert again
    assert set(live) == set(again) == {"left", "right"}
    for side, course in again.items():
        assert live[side]["n"] == course["n"]
        for name, values in course["measures"].items():
            # What was shown is what is kept; angles.csv is rounded, and so is the track.
            assert live[side]["measures"][name] == pytest.approx(values, abs=0.2, nan_ok=True), (side, name)
