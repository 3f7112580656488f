from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pytest
from judging import template
from kept import keep, lunges, plank

from formcheck.history.store import History
from formcheck.live.plan import Bout
from formcheck.routine import runs
from formcheck.routine.form import Routine, parse_routine
from formcheck.routine.run import Done, Ending, go
from formcheck.routine.station import Station, minutes, plan_document, resumed, stations, turns_of

ROUTINE = """
schema = 1
id = "mine"
name = "Mine"
summary = "Three things."
rest_s = 20
[[steps]]
exercise = "lunge"
repetitions = [10, 15]
sides = "each"
sets = 2
rest_s = 30
[[steps.easier]]
say = "Half the depth."
comfort = true
[[steps.harder]]
say = "Stay down."
[[steps.harder]]
say = "Another one."
exercise = "squat"
repetitions = [8, 12]
[[steps]]
exercise = "plank_high"
hold_s = [15, 60]
[[steps]]
exercise = "lunge"
repetitions = [5, 5]
sides = "alternate"
"""


End = Ending | Literal["skipped"] | type[BaseException]


class Actor:
    """Performs steps at once; what is in `ends` happens at the turn of that number."""

    def __init__(self, history: History, ends: Mapping[int, End] | None = None) -> None:
        self.history, self.ends = history, dict(ends or {})
        self.seen: list[tuple[str, int, str, float]] = []
        self.day = 0
        self.count = 99

    def perform(self, station: Station, bouts: Mapping[int, Bout], rest_s: float, done: Done) -> Ending:
        for turn, bout in bouts.items():
            self.seen.append((station.template.id, turn, f"{bout.number}{bout.side or ''}", rest_s))
            end = self.ends.get(turn)
            if isinstance(end, type):
                raise end
            if end == "left":
                return end
            if end == "skipped":
                done(turn, end, None)
                continue
            count = min(self.count, bout.repetitions or 0)
            report = plank(99, 99) if bout.hold_s else lunges(count, sides=(bout.side,))
            if bout.alternate:
                report = lunges(count)
            kept = keep(self.history, report, self.day)
            done(turn, "pain" if end == "pain" else "done", kept)
            if end == "pain":
                return end
        return "done"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.sqlite3")


@pytest.fixture
def routine() -> Routine:
    return parse_routine(ROUTINE, "mine.toml", template)


@pytest.fixture
def once(history: History, routine: Routine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., runs.RunEntry]:
    """Goes through the routine, or another one, on a further day or so many days later; answers are given at the end."""
    from datetime import datetime, timedelta

    day = 0.0

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now().astimezone() + timedelta(days=day)

    def go_through(
        pain: int | None = None,
        effort: int | None = None,
        count: int = 99,
        ends: Mapping[int, End] | None = None,
        routine: Routine = routine,
        days: float = 1,
    ) -> runs.RunEntry:
        nonlocal day
        day += days
        monkeypatch.setattr(runs, "datetime", Clock)
        monkeypatch.setattr("formcheck.routine.runs.time.time", lambda: Clock.now().timestamp())
        made = stations(routine, history, "me", template)
        run = runs.begin(history, routine.id, "me", plan_document(made))
        actor = Actor(history, ends)
        actor.day, actor.count = int(day), count
        go(history, run, made, actor, rest_s=routine.rest_s)
        runs.answer(history, run, pain=pain, effort=effort)
        return runs.runs(history, "me", routine.id)[-1]

    return go_through


def test_steps_sides_and_sets_come_in_their_order_with_rest_between_steps(history: History, routine: Routine) -> None:
    made = stations(routine, history, "me", template)
    assert [one.dose for one in made] == [
        "2 × 10 repetitions each side",
        "hold 15 seconds",
        "5 repetitions each side",
    ]
    run = runs.begin(history, "mine", "me", plan_document(made))
    actor = Actor(history)
    assert go(history, run, made, actor, rest_s=20) == "done"
    assert actor.seen == [
        ("lunge", 0, "1left", 0),
        ("lunge", 1, "1right", 0),
        ("lunge", 2, "2left", 0),
        ("lunge", 3, "2right", 0),
        ("plank_high", 4, "1", 20),
        ("lunge", 5, "1", 20),
    ]
    (entry,) = runs.runs(history, "me")
    assert entry.ended_s is not None
    assert [(t.number, t.outcome) for t in entry.turns] == [(n, "done") for n in range(6)]
    assert len(turns_of(made)) == len(entry.plan) == 6
    assert minutes(made, 20) == 6  # 375 s


@pytest.mark.parametrize("how", ["left", KeyboardInterrupt, RuntimeError])
def test_what_was_left_is_resumed_where_it_was_left(
    history: History, routine: Routine, how: Ending | type[BaseException]
) -> None:
    made = stations(routine, history, "me", template)
    run = runs.begin(history, "mine", "me", plan_document(made))
    if how == "left":
        assert go(history, run, made, Actor(history, {3: "left"}), rest_s=20) == "left"
    else:
        assert isinstance(how, type)
        with pytest.raises(how):
            go(history, run, made, Actor(history, {3: how}), rest_s=20)
    left = runs.open_run(history, "me", "mine")
    assert left is not None
    assert [turn.number for turn in left.turns] == [0, 1, 2]
    again = resumed(routine, left, template)
    assert again is not None
    assert plan_document(again) == plan_document(made)
    actor = Actor(history)
    over = frozenset(turn.number for turn in left.turns)
    assert go(history, left.id, again, actor, rest_s=20, over=over) == "done"
    assert [(turn, rest) for _, turn, _, rest in actor.seen] == [(3, 0), (4, 20), (5, 20)]
    assert runs.open_run(history, "me", "mine") is None
    assert len(history.sets()) == 6


def test_a_routine_that_was_changed_is_not_resumed(history: History, routine: Routine) -> None:
    made = stations(routine, history, "me", template)
    runs.begin(history, "mine", "me", plan_document(made))
    left = runs.open_run(history, "me", "mine")
    assert left is not None
    for old, new in (("sets = 2", "sets = 1"), ('"plank_high"', '"plank_forearm"')):
        assert resumed(parse_routine(ROUTINE.replace(old, new), "mine.toml", template), left, template) is None
    shorter = ROUTINE[: ROUTINE.rindex("[[steps]]")]
    assert resumed(parse_routine(shorter, "mine.toml", template), left, template) is None


def test_after_half_a_day_or_for_somebody_else_there_is_nothing_to_resume(
    history: History, routine: Routine, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.begin(history, "mine", "me", plan_document(stations(routine, history, "me", template)))
    assert runs.open_run(history, "Ada", "mine") is None
    now = time.time()
    monkeypatch.setattr("formcheck.routine.runs.time.time", lambda: now + runs.RESUMABLE_S + 60)
    assert runs.open_run(history, "me", "mine") is None


def test_two_clean_sessions_at_the_full_dose_propose_the_harder_version(
    history: History, routine: Routine, once: Callable[..., runs.RunEntry]
) -> None:
    doses = []
    for _ in range(6):
        made = stations(routine, history, "me", template)
        doses.append((made[0].advice.target, made[0].advice.proposal))
        once(pain=0, effort=5)
    assert doses == [(10, None), (12, None), (14, None), (15, None), (15, None), (15, "harder")]
    runs.set_level(history, "me", "mine", 0, "lunge", 1)
    harder = stations(routine, history, "me", template)[0]
    assert (harder.level, harder.say, harder.advice.target, harder.advice.proposal) == (1, "Stay down.", 10, None)
    runs.set_level(history, "me", "mine", 0, "lunge", 2)
    other = stations(routine, history, "me", template)[0]
    assert (other.template.id, other.advice.target) == ("squat", 8)
    runs.set_level(history, "me", "mine", 0, "lunge", -1)
    easier = stations(routine, history, "me", template)[0]
    assert (easier.say, easier.comfort) == ("Half the depth.", True)


def test_after_pain_nothing_is_recommended_until_it_is_gone(
    history: History, routine: Routine, once: Callable[..., runs.RunEntry]
) -> None:
    for _ in range(5):
        once(pain=0)
    once(pain=3)
    assert runs.in_pain(runs.runs(history, "me"))
    first = stations(routine, history, "me", template)[0]
    assert (first.advice.target, first.advice.proposal) == (10, "easier")
    once(pain=None)  # a skipped question says nothing
    assert runs.in_pain(runs.runs(history, "me"))
    once(pain=0)
    assert not runs.in_pain(runs.runs(history, "me"))
    assert stations(routine, history, "me", template)[0].advice.proposal is None


def at_the_full_dose(once: Callable[..., runs.RunEntry]) -> None:
    for _ in range(4):
        once(pain=0)


def test_pain_is_not_forgotten_for_a_second_session_that_day(
    history: History, routine: Routine, once: Callable[..., runs.RunEntry]
) -> None:
    at_the_full_dose(once)
    once(pain=5)
    once(pain=0, days=0.001)
    first = stations(routine, history, "me", template)[0]
    assert (first.advice.target, first.advice.proposal) == (12, None)


def test_pain_in_another_routine_counts_as_well(
    history: History, routine: Routine, once: Callable[..., runs.RunEntry]
) -> None:
    other = parse_routine(ROUTINE.replace('id = "mine"', 'id = "other"'), "other.toml", template)
    at_the_full_dose(once)
    once(pain=7, routine=other)
    once(pain=0, routine=other)
    assert stations(routine, history, "me", template)[0].advice.target == 10
    once(pain=0)
    first = stations(routine, history, "me", template)[0]
    assert (first.advice.target, first.advice.proposal) == (12, None)


def test_a_stop_for_discomfort_is_pain_and_ends_the_routine(
    history: History, routine: Routine, once: Callable[..., runs.RunEntry]
) -> None:
    entry = once(ends={2: "pain"})
    assert [turn.outcome for turn in entry.turns] == ["done", "done", "pain"]
    assert entry.hurt is True
    assert entry.ended_s is not None
    assert runs.in_pain([entry])
    assert runs.open_run(history, "me", "mine") is None


def test_answers_are_from_0_to_10_or_none(history: History, once: Callable[..., runs.RunEntry]) -> None:
    entry = once(pain=None, effort=10)
    assert (entry.pain, entry.effort, entry.hurt) == (None, 10, None)
    with pytest.raises(ValueError, match="0 to 10"):
        runs.answer(history, entry.id, pain=11, effort=None)


def test_too_few_repetitions_twice_propose_the_easier_version(
    history: History, routine: Routine, once: Callable[..., runs.RunEntry]
) -> None:
    once(pain=0, count=5)
    assert stations(routine, history, "me", template)[0].advice.proposal is None
    once(pain=0, count=5)
    assert stations(routine, history, "me", template)[0].advice.proposal == "easier"


@pytest.mark.parametrize("turns", [(0, 1, 2, 3), (1, 3)], ids=["the step", "a side of it"])
def test_what_was_left_out_is_no_failed_session(
    history: History, routine: Routine, once: Callable[..., runs.RunEntry], turns: tuple[int, ...]
) -> None:
    left_out: Mapping[int, End] = dict.fromkeys(turns, "skipped")
    once(pain=0)
    once(pain=0, ends=left_out)
    once(pain=0, ends=left_out)
    first = stations(routine, history, "me", template)[0]
    assert (first.advice.target, first.advice.proposal) == (12, None)
    for _ in range(3):
        once(pain=0)
    once(pain=0, ends=left_out)
    once(pain=0)
    assert stations(routine, history, "me", template)[0].advice.proposal == "harder"


def test_two_sets_in_one_recording_count_as_two(
    history: History, routine: Routine, once: Callable[..., runs.RunEntry]
) -> None:
    for day in (1, 2):
        entry = once(pain=0)
        both = keep(history, lunges(20), day)  # of two sets, ten each
        for turn in range(4):
            runs.note_turn(history, entry.id, turn, "done", both)
    first = stations(routine, history, "me", template)[0]
    assert (first.advice.target, first.advice.proposal) == (12, None)


def test_deleted_sets_do_not_break_what_is_advised(
    history: History, routine: Routine, once: Callable[..., runs.RunEntry]
) -> None:
    once(pain=0)
    history.delete([entry.id for entry in history.sets()])
    assert stations(routine, history, "me", template)[0].advice.target == 10
    history.delete_all()
    assert runs.runs(history, "me") == []


def test_an_easier_version_that_cannot_take_sides_in_turn_is_done_as_it_is_done_alone(history: History) -> None:
    routine = parse_routine(
        """
schema = 1
id = "in-turn"
name = "In turn"
summary = "Lunges."
[[steps]]
exercise = "lunge"
sides = "alternate"
[[steps.easier]]
say = "On one leg, lying."
exercise = "single_leg_bridge"
""",
        "in-turn.toml",
        template,
    )
    assert [bout.side for bout in stations(routine, history, "me", template)[0].plan.bouts] == [None]
    runs.set_level(history, "me", "in-turn", 0, "lunge", -1)
    easier = stations(routine, history, "me", template)[0]
    assert easier.template.id == "single_leg_bridge"
    assert {bout.side for bout in easier.plan.bouts} == {"left", "right"}
