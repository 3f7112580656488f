"""Which side leads."""

from __future__ import annotations

import pytest
from judging import body_at
from small_templates import CURL, changed

from formcheck.judge.body import Body
from formcheck.judge.exercise import Exercise
from formcheck.judge.lead import LeadFinder
from formcheck.judge.template import parse_template
from formcheck.pose import Side


def finder(sides: str = 'greatest = "height(side.wrist)"\nmargin = "20"') -> LeadFinder:
    text = changed(CURL, ("[measures.elbow]", f'[sides]\nlead = "arm"\nother = "rest"\n{sides}\n[measures.elbow]'))
    exercise = Exercise(parse_template(text))
    assert exercise.lead
    return LeadFinder(exercise.lead)


def wrists(left: float, right: float, time: float = 0.0) -> Body:
    """Both wrists at these heights."""
    return body_at({"left.wrist": (0, -left), "right.wrist": (0, -right)}, time)


NONE: tuple[list[float], list[float]] = ([], [])


@pytest.mark.parametrize(
    ("sides", "left", "right", "expected"),
    [
        ('greatest = "height(side.wrist)"\nmargin = "20"', 50, 10, "left"),
        ('greatest = "height(side.wrist)"\nmargin = "20"', 10, 50, "right"),
        ('greatest = "height(side.wrist)"\nmargin = "20"', 50, 35, None),
        ('least = "height(side.wrist)"\nmargin = "20"', 50, 10, "right"),
        ('least = "height(side.wrist)"\nmargin = "20"\nlimit = "20"', 50, 10, "right"),
        ('least = "height(side.wrist)"\nmargin = "20"\nlimit = "5"', 50, 10, None),
        ('greatest = "height(side.wrist)"\nlimit = "40"', 50, 10, "left"),
        ('greatest = "height(side.wrist)"\nlimit = "60"', 50, 10, None),
        ('greatest = "height(side.wrist)"\nmargin = "0.2 * thigh"', 50, 10, "left"),
        ('greatest = "height(side.wrist) - height(opposite.wrist)"\nmargin = "70"', 50, 10, "left"),
        ('greatest = "height(side.wrist) - height(opposite.wrist)"\nmargin = "90"', 50, 10, None),
    ],
)
def test_the_criterion_decides(sides: str, left: float, right: float, expected: str | None) -> None:
    assert finder(sides).update(wrists(left, right), NONE) == expected


def test_the_first_leader_is_believed_at_once_and_another_after_a_moment() -> None:
    find = finder()
    find.update(wrists(50, 0, 0.0), NONE)
    assert find.side == "left"
    for time in (0.5, 0.53, 0.56):
        assert find.update(wrists(0, 50, time), NONE) == "right"
        assert find.side == "left"
    find.update(wrists(0, 50, 0.61), NONE)
    changed: Side | None = find.side
    assert changed == "right"


def test_one_wrong_picture_changes_nothing() -> None:
    find = finder()
    for i in range(20):
        find.update(wrists(0, 50, i / 30) if i == 10 else wrists(50, 0, i / 30), NONE)
        assert find.side == "left"


def test_when_nobody_leads_the_last_leader_is_remembered() -> None:
    find = finder()
    find.update(wrists(50, 0, 0.0), NONE)
    assert find.update(wrists(50, 49, 1.0), NONE) is None
    assert find.side == "left"


@pytest.mark.parametrize(("height", "expected"), [(65, "left"), (55, None)])
def test_a_side_seen_alone_leads_by_the_margin_over_the_limit(height: float, expected: str | None) -> None:
    find = finder('greatest = "height(side.wrist)"\nmargin = "20"\nlimit = "40"')
    assert find.update(body_at({"left.wrist": (0, -height)}), NONE) == expected


def test_unseen_joints_lead_nothing() -> None:
    find = finder()
    assert find.update(body_at({"left.wrist": (0, 0)}), NONE) is None
    assert find.side is None


def test_a_criterion_may_look_at_the_baseline_of_its_own_side() -> None:
    find = finder('greatest = "height(side.wrist) - base(height(side.wrist))"\nmargin = "20"')
    # Both wrists are at 50; the right one started from 10.
    assert find.update(wrists(50, 50), ([40.0], [10.0])) == "right"


def test_a_side_keeps_the_lead_until_it_lets_go() -> None:
    find = finder('greatest = "height(side.wrist)"\nmargin = "20"\nrelease_s = 1.5')
    time = 0.0

    def move(left: float, right: float, seconds: float) -> Side | None:
        nonlocal time
        found: Side | None = None
        for _ in range(round(seconds * 10)):
            found = find.update(wrists(left, right, time), NONE)
            time += 0.1
        return found

    assert move(0, 50, 0.3) == "right"
    move(50, 0, 0.3)
    assert find.side == "left", "a side that led for a moment only is not kept"
    move(50, 0, 1.0)
    assert move(0, 50, 5.0) is None, "exchanged labels do not lead"
    assert find.side == "left"
    move(0, 0, 1.0)
    move(0, 50, 1.0)
    assert find.side == "left", "let go too shortly"
    move(0, 0, 1.7)
    move(0, 50, 0.3)
    last: Side | None = find.side
    assert last == "right"


ALREADY = 'greatest = "height(side.wrist)"\nmargin = "20"\nrelease_s = 1.5\nalready = "far"'


def seen(left: float, right: float, time: float, near: Side, ratio: float = 0.1) -> Body:
    """Both wrists at these heights, seen from one side."""
    body = wrists(left, right, time)
    body.set_near(near)
    body.view_ratio = ratio
    return body


@pytest.mark.parametrize(
    ("near", "ratio", "expected"), [("left", 0.1, "right"), ("right", 0.1, "left"), ("left", 0.4, "left")]
)
def test_who_is_in_position_when_first_seen_from_the_side_leads_with_the_far_side(
    near: Side, ratio: float, expected: str
) -> None:
    find = finder(ALREADY)
    assert find.update(seen(130, 0, 0.0, near, ratio), NONE) == expected
    assert find.update(seen(130, 0, 2.0, near, ratio), NONE) == expected


@pytest.mark.parametrize(("before", "expected"), [(1.2, "left"), (0.6, "right")])
def test_who_was_seen_getting_into_position_leads_as_seen(before: float, expected: str) -> None:
    find = finder(ALREADY)
    for i in range(round(before * 10) + 1):
        assert find.update(seen(5, 0, i / 10, "left"), NONE) is None
    assert find.update(seen(130, 0, before + 0.1, "left"), NONE) == expected
    find.update(seen(130, 0, before + 0.3, "left"), NONE)
    assert find.side == expected


@pytest.mark.parametrize(("ratio", "expected"), [(0.1, "right"), (0.45, "right"), (0.7, "left")])
def test_where_a_leg_hides_the_other_the_near_side_leads_only_clearly(ratio: float, expected: str) -> None:
    find = finder(ALREADY)
    for i in range(15):
        find.update(seen(0, 0, i / 10, "left", ratio), NONE)
    for i in range(15, 30):
        find.update(seen(50, 0, i / 10, "left", ratio), NONE)
    assert find.side == expected


def test_from_the_front_no_side_is_kept() -> None:
    find = finder(ALREADY)
    for i in range(10):
        find.update(seen(0, 50, i / 10, "left", 0.7), NONE)
    assert find.side == "right"
    for i in range(10, 13):
        find.update(seen(50, 0, i / 10, "left", 0.7), NONE)
    last: Side | None = find.side
    assert last == "left"
