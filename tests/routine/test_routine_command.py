from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import icalendar
import pytest
from command_line import Run, command_line
from motions import Bridge, Lunge, Motion, Plank, Repeats, still
from rich.console import Console
from stick_figure import Camera

from formcheck.history.store import History
from formcheck.routine import questions, runs
from formcheck.routine.questions import ask_number, count_down
from formcheck.see.track import TrackMeta, TrackWriter

MINE = """
schema = 1
id = "mine"
name = "Mine"
summary = "Two things."
rest_s = 5
[[steps]]
exercise = "bridge"
repetitions = [3, 15]
[[steps.easier]]
say = "A pillow under the head."
[[steps]]
exercise = "lunge"
sides = "each"
repetitions = [2, 15]
[[steps]]
exercise = "plank_high"
hold_s = [4, 60]
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    (tmp_path / "own" / "routines").mkdir(parents=True)
    (tmp_path / "own" / "routines" / "mine.toml").write_text(MINE)
    return command_line(capsys, monkeypatch, tmp_path, "own")


def track(path: Path, motion: Motion) -> None:
    poses = motion.film()
    with TrackWriter(path, TrackMeta(Camera().size, path.name)) as writer:
        for pose in poses:
            writer.write(pose)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "monday"
    folder.mkdir()
    track(folder / "bridge.track.npz", Bridge().motion(Repeats(count=3)))
    track(folder / "2-lunge-left.track.npz", Lunge(sides=("left",)).motion(Repeats(count=2)))
    track(folder / "lunge-right.track.npz", Lunge(sides=("right",)).motion(Repeats(count=2)))
    return folder


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the person will type."""

    def give(*lines: str) -> None:
        text = io.StringIO("".join(f"{line}\n" for line in lines))
        monkeypatch.setattr(text, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdin", text)

    return give


def test_the_routines_are_listed_with_when_they_were_done(run: Run, recordings: Path) -> None:
    code, out, _ = run("routine")
    assert code == 0
    for name in ("hip-and-core", "plank-ladder", "ten-minute-start", "mine"):
        assert f"\n{name}" in out
    assert "20" not in out.split("\nmine")[1].splitlines()[0]
    run("routine", "mine", "--videos", recordings)
    assert "20" in run("routine")[1].split("\nmine")[1].splitlines()[0]


def test_a_routine_is_explained(run: Run) -> None:
    code, out, _ = run("routine", "show", "hip-and-core")
    assert code == 0
    assert "10 repetitions each side" in out
    assert "hold 30 seconds each side" in out
    assert run("routine", "show", "nothing-such")[0] == 1


def test_a_routine_runs_from_recordings(run: Run, recordings: Path) -> None:
    code, out, err = run("routine", "mine", "--videos", recordings)
    assert code == 0
    assert "Bridge: 3 repetitions (bridge.track.npz)" in out
    assert "Lunge: 2 repetitions (left 2, right 0) (2-lunge-left.track.npz)" in out
    assert "Lunge: 2 repetitions (left 0, right 2) (lunge-right.track.npz)" in out
    assert "High plank: no recording in" in out
    assert "3 of 4 parts done" in out
    assert "Left out: High plank" in out
    assert "2 of 3: Lunge, 2 repetitions each side" in err
    with History() as history:
        assert [(s.exercise, s.source) for s in history.sets()] == [
            ("bridge", "video"),
            ("lunge", "video"),
            ("lunge", "video"),
        ]
        assert all(history.curves(s.id) for s in history.sets())
        (entry,) = runs.runs(history, "me")
    assert [turn.outcome for turn in entry.turns] == ["done", "done", "done", "skipped"]
    assert (entry.pain, entry.effort) == (None, None)
    # The plan of next time knows what was done.
    assert "The last session was clean at its dose" in run("routine", "show", "mine")[1]


def test_one_recording_may_show_a_whole_step(run: Run, recordings: Path) -> None:
    for path in recordings.glob("*lunge*"):
        path.unlink()
    track(recordings / "lunge.track.npz", Lunge(sides=("right",)).motion(Repeats(count=2)))
    track(recordings / "3-plank_high.track.npz", still(Plank(high=True).figure(), 6.0))
    code, out, _ = run("routine", "mine", "--videos", recordings)
    assert code == 0
    assert "Lunge (left side): nothing of it in lunge.track.npz; skipped" in out
    assert "3 of 4 parts done" in out


def test_pain_and_effort_are_asked_for_and_after_pain_nothing_begins_by_itself(
    run: Run, recordings: Path, answers: Callable[..., None]
) -> None:
    answers("4", "7")
    code, out, err = run("routine", "mine", "--videos", recordings)
    assert code == 0
    assert "Stop at pain" in err
    with History() as history:
        (entry,) = runs.runs(history, "me")
        assert (entry.pain, entry.effort, entry.hurt) == (4, 7, True)
    answers("n")
    code, out, err = run("routine", "mine", "--videos", recordings)
    assert code == 0
    assert "You noted pain the last time" in err
    assert "parts done" not in out
    code, _, err = run("routine", "harder", "mine", 1)
    assert code == 1
    answers("y", "0", "")
    assert "parts done" in run("routine", "mine", "--videos", recordings)[1]
    with History() as history:
        assert [(e.pain, e.effort) for e in runs.runs(history, "me")] == [(4, 7), (0, None)]
        assert not runs.in_pain(runs.runs(history, "me"))


def test_after_pain_a_script_needs_to_say_that_it_is_gone(run: Run, recordings: Path) -> None:
    with History() as history:
        number = runs.begin(history, "mine", "me", [])
        runs.answer(history, number, pain=2, effort=None)
        runs.end(history, number)
    code, _, err = run("routine", "mine", "--videos", recordings)
    assert code == 1
    assert "Add --yes" in err
    assert run("routine", "mine", "--videos", recordings, "--yes")[0] == 0


def test_a_routine_that_was_interrupted_is_resumed(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch, answers: Callable[..., None]
) -> None:
    from formcheck.routine.recordings import Recordings

    judge = Recordings._judge

    def interrupted(self: Recordings, path: Path, *more: object) -> object:
        if "right" in path.name:
            raise KeyboardInterrupt
        return judge(self, path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Recordings, "_judge", interrupted)
    code, _, err = run("routine", "mine", "--videos", recordings)
    assert code == 130
    assert "What was done is kept. Go on within twelve hours with: formcheck routine mine" in err
    monkeypatch.setattr(Recordings, "_judge", judge)
    code, out, err = run("routine", "mine", "--videos", recordings)
    assert code == 0
    assert "Going on after 2 of 4 parts" in err
    assert "Bridge:" not in out
    assert "3 of 4 parts done" in out
    with History() as history:
        assert len(runs.runs(history, "me")) == 1
        assert len(history.sets()) == 3


def test_levels_can_be_chosen(run: Run) -> None:
    assert run("routine", "easier", "mine", 1) == (0, "Bridge, from now on: A pillow under the head.\n", "")
    assert "A pillow under the head" in run("routine", "show", "mine")[1]
    code, _, err = run("routine", "easier", "mine", 1)
    assert code == 1
    assert "has no easier version" in err
    assert run("routine", "harder", "mine", 1)[1] == "Bridge, from now on: as the routine has it.\n"
    assert run("routine", "harder", "mine", 1)[0] == 1
    assert run("routine", "harder", "mine", 9)[0] == 1


def test_the_plan_of_the_week_is_a_calendar(run: Run, tmp_path: Path) -> None:
    code, out, err = run(
        "routine", "plan", "mine", "--days", "mon,tue", "--at", "07:05", "--start", "2026-03-02", "--weeks", 2
    )
    assert code == 0
    assert "Written: mine.ics" in out
    assert "Monday and Tuesday follow each other" in err
    event: Any = icalendar.Calendar.from_ical((tmp_path / "mine.ics").read_bytes()).events[0]
    assert event["RRULE"] == {"FREQ": ["WEEKLY"], "BYDAY": ["MO", "TU"], "COUNT": [4]}
    assert event["DTSTART"].dt.isoformat() == "2026-03-02T07:05:00"
    assert "Lunge: 2 repetitions each side" in event["DESCRIPTION"]
    assert run("routine", "plan", "mine", "--days", "someday")[0] == 2
    assert run("routine", "plan", "mine", "--at", "25:00")[0] == 2


def test_own_routines_are_checked(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "own" / "routines" / "mine.toml"
    assert run("routine", "check", path)[:2] == (0, f"{path}: no mistakes (Mine, 3 steps)\n")
    path.write_text(MINE.replace("bridge", "brige").replace("rest_s", "rests"))
    code, _, err = run("routine", "check", path)
    assert code == 1
    assert "rests: unknown key" in err
    assert "Did you mean bridge" in err
    code, out, err = run("routine")
    assert code == 0
    assert "left out" in err
    assert "hip-and-core" in out


def test_a_folder_that_is_not_there_is_told(run: Run) -> None:
    code, _, err = run("routine", "mine", "--videos", "nowhere")
    assert code == 1
    assert "There is no folder nowhere" in err


def test_questions_take_a_number_from_0_to_10_or_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def typed(*lines: str) -> Callable[[str], str]:
        left = list(lines)
        return lambda question: left.pop(0)

    assert ask_number(questions.PAIN, typed("0")) == 0
    assert ask_number(questions.PAIN, typed("eleven", "11", "-1", "10")) == 10
    assert capsys.readouterr().err.count("from 0 to 10") == 3
    assert ask_number(questions.PAIN, typed("")) is None

    def gone(question: str) -> str:
        raise EOFError

    assert ask_number(questions.PAIN, gone) is None


def test_a_rest_lasts_as_long_as_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    slept: list[float] = []
    count_down("Lunge", 20, slept.append)
    assert sum(slept) == 20
    assert "Next: Lunge" in capsys.readouterr().err


def test_the_seconds_of_a_rest_are_written_over_each_other_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(questions, "err", lambda: Console(file=screen, force_terminal=True))
    count_down("Lunge", 2, lambda seconds: None)
    _, first, second, *_ = screen.getvalue().split("\r")
    assert (first.strip(), second.strip()) == ("Rest   2 s. Next: Lunge", "Rest   1 s. Next: Lunge")
