from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pytest
from kept import FIRST, keep, lunges, plank
from outcomes import LUNGE

from formcheck.errors import HistoryError
from formcheck.history import schema
from formcheck.history.place import database_file, person_or_me
from formcheck.history.store import History

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent

WRITER = """
import sys
from kept import FIRST, keep, lunges
from formcheck.history.store import History
with History(sys.argv[1]) as history:
    for i in range(int(sys.argv[2])):
        print(keep(history, lunges(3), i), flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite3"


def writer(path: Path, sets: int) -> subprocess.Popen[str]:
    """Another program that keeps sets, and tells the number of each once it is committed."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}"}
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(sets)], stdout=subprocess.PIPE, text=True, env=env
    )


def intact(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("PRAGMA integrity_check").fetchall()
        foreign = connection.execute("PRAGMA foreign_key_check").fetchall()
        halves = connection.execute(
            "SELECT count(*) FROM sets WHERE (SELECT count(*) FROM sides WHERE set_id = sets.id) != 2"
        ).fetchone()[0]
        return rows == [("ok",)] and not foreign and not halves
    finally:
        connection.close()


def test_a_set_comes_back_as_it_was_kept(path: Path) -> None:
    report = lunges(12, faulty=3, partial=2)
    with History(path) as history:
        number = keep(history, report, person="Ada", origin="/videos/monday.mp4")
    with History(path) as history:
        (entry,) = history.sets()
        assert history.report(number) == report.to_dict()
    assert (entry.id, entry.began, entry.person, entry.origin) == (number, FIRST, "Ada", "/videos/monday.mp4")
    assert entry.began.utcoffset() == FIRST.utcoffset()
    left, right = entry.sides
    assert (left.side, left.attempts, left.counted, left.judged, left.clean) == ("left", 14, 12, 12, 9)
    assert (right.side, right.measure, right.unit, right.range, right.depth) == ("right", "front_knee", "deg", 70, 90)
    assert (right.moving_s, right.repetition_s) == (1.0, 3.0)


def test_a_hold_has_its_seconds(path: Path) -> None:
    with History(path) as history:
        keep(history, plank(25.0, 30.0))
        (side,) = history.sets()[0].sides
    assert (side.side, side.in_form_s, side.held_s, side.longest_s, side.counted) == (None, 25.0, 30.0, 25.0, 0)


def test_a_set_without_an_attempt_is_kept_too(path: Path) -> None:
    with History(path) as history:
        keep(history, lunges(0))
        assert history.sets()[0].sides == ()


def test_the_same_recording_is_kept_once(path: Path) -> None:
    with History(path) as history:
        keep(history, lunges(3), origin="/a.mp4")
        keep(history, lunges(5), origin="/a.mp4")
        keep(history, lunges(5), origin="/a.mp4", person="Ada")
        keep(history, lunges(5), origin="/b.mp4")
        keep(history, lunges(5))
        keep(history, lunges(5))
        assert [(s.origin, s.person, s.sides[0].counted) for s in history.sets()] == [
            ("/a.mp4", "me", 5),
            ("/a.mp4", "Ada", 5),
            ("/b.mp4", "me", 5),
            (None, "me", 5),
            (None, "me", 5),
        ]


def test_sets_are_found_by_exercise_person_and_local_day(path: Path) -> None:
    with History(path) as history:
        for day in range(5):
            keep(history, lunges(3), day, person="Ada" if day == 2 else None)
        # Half past midnight in Berlin is still yesterday in London: the day is that of the person.
        keep(history, plank(), began=datetime.fromisoformat("2026-09-09T00:30:00+02:00"))

        def days(**only: object) -> list[int]:
            return [entry.began.day for entry in history.sets(**only)]  # type: ignore[arg-type]

        assert days() == [7, 8, 9, 9, 10, 11]
        assert days(exercise=LUNGE.id) == [7, 8, 9, 10, 11]
        assert days(person="Ada") == [9]
        assert days(since=date(2026, 9, 9)) == [9, 9, 10, 11]
        assert days(until=date(2026, 9, 8)) == [7, 8]
        assert days(latest=2) == [10, 11]
        assert days(exercise="nothing") == []


def test_a_time_without_a_zone_is_refused(path: Path) -> None:
    with History(path) as history, pytest.raises(ValueError, match="time zone"):
        keep(history, lunges(), began=datetime(2026, 9, 7))


def test_names_that_are_no_text_do_not_stop_a_set(path: Path) -> None:
    with History(path) as history:
        number = keep(history, lunges(1, sides=(None,)))
        document = history.report(number)
        document["video"]["path"] = b"caf\xe9.mp4".decode("utf-8", "surrogateescape")
        again = history.add(document, began=FIRST, source="live")
        assert history.report(again)["video"]["path"] == "caf?.mp4"


def test_what_is_deleted_leaves_the_disk(path: Path) -> None:
    with History(path) as history:
        first = keep(history, lunges(3), origin="/videos/very-private-name.mp4")
        second = keep(history, lunges(3))
        assert history.delete([first, 99]) == 1
        assert [entry.id for entry in history.sets()] == [second]
        with pytest.raises(HistoryError, match="no set number"):
            history.report(first)
        files = b"".join(p.read_bytes() for p in path.parent.iterdir())
        assert b"very-private-name" not in files
        history.delete_all()
        assert history.sets() == []
        assert history.connection.execute("SELECT count(*) FROM sides").fetchone() == (0,)


# --- crashes and company ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_killed_twenty_times_while_writing_nothing_committed_is_lost(path: Path) -> None:
    told: list[int] = []
    for round_ in range(20):
        program = writer(path, 100_000)
        assert program.stdout
        told.append(int(program.stdout.readline()))  # it is writing now
        time.sleep(0.003 * round_)
        program.send_signal(signal.SIGKILL)
        # A line that was cut off by the kill tells nothing.
        told += [int(line) for line in program.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        program.wait()
        program.stdout.close()
        assert intact(path)
        with History(path) as history:
            assert set(told) <= {entry.id for entry in history.sets()}
    assert len(told) > 40


def test_two_programs_write_at_once_into_a_new_history(path: Path) -> None:
    programs = [writer(path, 60) for _ in range(3)]
    numbers = []
    for program in programs:
        out, _ = program.communicate(timeout=60)
        assert program.returncode == 0
        numbers += out.split()
    assert len(numbers) == len(set(numbers)) == 180
    with History(path) as history:
        assert len(history.sets()) == 180
    assert intact(path)


def test_a_failed_write_leaves_nothing(path: Path) -> None:
    with History(path) as history:
        keep(history, lunges(3))

        def fail() -> None:
            with history.writing() as connection:
                connection.execute("DELETE FROM sets")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert len(history.sets()) == 1


# --- schemas ---------------------------------------------------------------------------------------------------------


def test_an_old_history_is_migrated_and_keeps_its_sets(path: Path) -> None:
    path.parent.mkdir()
    old = sqlite3.connect(path)
    for statement in schema.STEPS[0]:
        assert isinstance(statement, str)
        old.execute(statement)
    old.execute("PRAGMA user_version = 1")
    old.execute(
        "INSERT INTO sets VALUES (7, '2026-09-07T18:30:00+02:00', 1788798600, 'me', 'lunge', 'Lunge', 'repetitions', "
        "'live', NULL, 'side', ?, NULL)",
        (json.dumps(lunges(3).to_dict()),),
    )
    old.execute("INSERT INTO sides (set_id, side, attempts, counted, judged, clean) VALUES (7, 'left', 3, 3, 3, 2)")
    old.commit()
    old.close()
    with History(path) as history:
        assert schema.version(history.connection) == schema.SCHEMA > 1
        (entry,) = history.sets()
        assert (entry.id, entry.began, entry.sides[0].clean) == (7, FIRST, 2)
        assert keep(history, lunges(3)) == 8
        tables = {row[0] for row in history.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"runs", "turns", "levels"} <= tables


def test_the_measure_of_a_range_that_was_guessed_is_put_right(path: Path) -> None:
    """What the depth of a lunge is of was the front or the back knee, whichever was bent more that day."""
    report = lunges(3).to_dict()
    for r in report["repetitions"]:
        del r["depth_measure"]
        r["extremes"] |= {"bent_knee": [r["depth"], 158.0]}
    report["units"]["bent_knee"] = "deg"
    documents: list[dict[str, object]] = [{}, report, plank().to_dict()]  # the first one is damaged
    with History(path) as history:
        for _ in range(3):
            keep(history, lunges(3))
        before = history.sets()[0].sides
        for number, document in enumerate(documents, 1):
            history.connection.execute("UPDATE sets SET report = ? WHERE id = ?", (json.dumps(document), number))
        history.connection.execute("PRAGMA user_version = 2")
    with History(path) as history:
        first, second, third = history.sets()
    assert first.sides == before
    assert [(s.measure, s.unit, s.range, s.depth) for s in second.sides] == [("bent_knee", "deg", 68.0, 90.0)] * 2
    assert [(s.clean, s.counted) for s in second.sides] == [(3, 3)] * 2
    assert third.sides == before


def test_a_migration_happens_as_a_whole_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with History(path) as history:
        keep(history, lunges(3))
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, ("CREATE TABLE new (a)", "CREATE TABLE broken (")))
    monkeypatch.setattr(schema, "SCHEMA", schema.SCHEMA + 1)
    with pytest.raises(HistoryError, match="Nothing kept was lost"):
        History(path)
    monkeypatch.undo()
    with History(path) as history:
        assert schema.version(history.connection) == schema.SCHEMA
        assert len(history.sets()) == 1
        assert not history.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'new'").fetchall()


def test_a_newer_history_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    new = sqlite3.connect(path)
    new.execute(f"PRAGMA user_version = {schema.SCHEMA + 1}")
    new.close()
    before = path.read_bytes()
    with pytest.raises(HistoryError, match=r"newer formcheck .*Update formcheck"):
        History(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be taken for one " * 40, b"SQLite format 3\0xx"]
)
def test_a_file_that_is_no_history_is_told(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(HistoryError, match="damaged or no history"):
        History(path)
    assert path.read_bytes() == content


@pytest.mark.skipif(os.name == "nt", reason="rights are others there")
def test_nobody_else_may_read_it(path: Path) -> None:
    with History(path) as history:
        keep(history, lunges(3))
        files = list(path.parent.iterdir())
        assert len(files) == 3  # with its log and its index
        assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="FORMCHECK_DATA"):
        History(tmp_path / "file" / "history.sqlite3")


# --- whose and where -------------------------------------------------------------------------------------------------


def test_the_place_and_the_person_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_DATA", str(tmp_path))
    assert database_file() == tmp_path / "history.sqlite3"
    monkeypatch.delenv("FORMCHECK_DATA")
    assert database_file().name == "history.sqlite3"
    assert "formcheck" in str(database_file().parent)
    monkeypatch.delenv("FORMCHECK_PERSON", raising=False)
    assert person_or_me(None) == "me"
    monkeypatch.setenv("FORMCHECK_PERSON", "Ada")
    assert person_or_me(None) == "Ada"
    assert person_or_me("Grace") == "Grace"
