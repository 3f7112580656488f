"""The plan of a session comes from the options, and where they are silent from the exercise's dose."""

from __future__ import annotations

import pytest
from judging import SHIPPED, template

from formcheck.live.plan import REST_S, plan_for


def test_repetitions_sides_sets_and_rest_as_asked_for() -> None:
    plan = plan_for(template("lunge"), repetitions=12, sides="each", sets=2, rest_s=45)
    assert [(b.number, b.side, b.repetitions) for b in plan.bouts] == [
        (1, "left", 12), (1, "right", 12), (2, "left", 12), (2, "right", 12),
    ]  # fmt: skip
    assert [plan.rest_before(i) for i in range(4)] == [0, 0, 45, 0]
    assert [b.name for b in plan.bouts][:2] == ["set-1-left", "set-1-right"]


def test_a_hold_of_both_sides() -> None:
    plan = plan_for(template("lizard"), hold_s=30)
    assert [(b.side, b.hold_s, b.repetitions) for b in plan.bouts] == [("left", 30, None), ("right", 30, None)]
    assert plan.bouts[0].title == "Left side"
    assert plan.bouts[0].dose == "hold 30 seconds"


def test_without_options_the_dose_of_the_exercise_counts() -> None:
    assert [(b.side, b.repetitions) for b in plan_for(template("bridge")).bouts] == [(None, 10)]
    assert [(b.side, b.hold_s) for b in plan_for(template("plank_forearm")).bouts] == [(None, 15)]


def test_sides_may_alternate_where_the_exercise_allows_it() -> None:
    (bout,) = plan_for(template("lunge")).bouts
    assert bout.alternate
    assert bout.dose == "10 repetitions each side"
    with pytest.raises(ValueError, match="each, left or right"):
        plan_for(template("clamshell"), sides="alternate")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_exercise_has_a_plan(name: str) -> None:
    plan = plan_for(template(name), sets=2)
    assert {bout.number for bout in plan.bouts} == {1, 2}
    assert all((bout.repetitions is None) != (bout.hold_s is None) for bout in plan.bouts)
    assert plan.rest_s == REST_S


@pytest.mark.parametrize(
    ("exercise", "options", "words"),
    [
        ("lunge", {"hold_s": 30.0}, "--reps"),
        ("lizard", {"repetitions": 5}, "--hold"),
        ("bridge", {"sides": "left"}, "--sides"),
        ("bridge", {"repetitions": 0}, "--reps"),
        ("bridge", {"sets": 0}, "--sets"),
        ("bridge", {"rest_s": -1.0}, "--rest"),
        ("lizard", {"hold_s": 0.0}, "--hold"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(exercise: str, options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        plan_for(template(exercise), **options)  # type: ignore[arg-type]


def test_exchanging_sides_begins_with_the_other_one_from_there_on() -> None:
    plan = plan_for(template("lizard"), sets=2).sides_exchanged(2)
    assert [b.side for b in plan.bouts] == ["left", "right", "right", "left"]
