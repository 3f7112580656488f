"""The sides of several holds of one place, where the pose model cannot tell crossed legs apart."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest
from disturbances import joined
from judging import judge, sample, template
from small_templates import CURL, HANG, changed

from formcheck.errors import TemplateError
from formcheck.judge.exercise import Exercise
from formcheck.judge.hold_sides import HoldSides, Look
from formcheck.judge.template import parse_template
from formcheck.pose import Pose

FAR = Look("right", (0.2, 0.2, 1.2), 6.5)
"""The left leg is crossed, the camera is on the right."""

NEAR = Look("right", (0.4, 0.1, 0.4), 2.0)


def sides() -> HoldSides:
    lead = Exercise(template("figure4_supine")).lead
    assert lead
    return HoldSides(lead)


def test_a_hold_that_looks_unlike_the_one_before_is_of_the_other_side() -> None:
    known = sides()
    assert known.expected is None
    assert known.end(FAR, "left", False) == ("left", False, False)
    assert known.expected == "right"
    assert known.end(NEAR, "left", False) == ("right", False, False)
    assert known.end(FAR, "left", False) == ("left", False, False)


def test_a_hold_that_looks_alike_is_of_the_same_side() -> None:
    known = sides()
    known.end(FAR, "left", False)
    again = replace(FAR, values=(0.25, 0.1, 1.3))
    known.see(again, True)
    assert known.expected == "left"
    assert known.end(again, "left", True) == ("left", True, False)


def test_after_a_rest_it_must_look_much_more_alike() -> None:
    known = sides()
    known.end(FAR, "left", False)
    assert known.end(replace(FAR, values=(0.25, 0.1, 1.3)), "left", False) == ("right", False, False)
    assert known.end(replace(FAR, values=(0.27, 0.1, 1.31)), "left", False) == ("right", True, False)


def test_what_was_not_seen_says_nothing() -> None:
    known = sides()
    known.end(FAR, "left", False)
    assert known.end(replace(FAR, values=(nan, 0.2, nan)), "left", False) == ("left", True, False)


def test_who_turned_round_shows_the_other_side() -> None:
    known = sides()
    known.end(FAR, "left", False)
    assert known.end(replace(FAR, near="left"), "right", False) == ("right", False, False)


def test_the_far_side_leads_more_clearly_whichever_came_first() -> None:
    known = sides()
    known.end(NEAR, "left", False)  # taken for the far one, as the camera belongs there
    assert known.end(FAR, "left", False) == ("left", False, True)
    assert known.expected == "right"


def test_two_holds_in_which_neither_leads_clearly_are_left_in_their_order() -> None:
    known = sides()
    known.end(NEAR, "left", False)
    assert known.end(replace(FAR, far=3.0), "left", False) == ("right", False, False)


def parts() -> tuple[list[Pose], list[Pose]]:
    """The sample of both sides: the left leg crossed, then the right one, the nearer."""
    track = sample("figure4_supine_both_sides")
    return [p for p in track if p.time < 11.0], [p for p in track if p.time >= 11.0]


def exchanged(track: list[Pose]) -> list[Pose]:
    """Left and right leg named the wrong way round."""
    order = list(range(33))
    for left in (25, 27, 29, 31):
        order[left], order[left + 1] = left + 1, left
    return [Pose(p.time, p.points[order], p.visibility[order], p.size) for p in track]


@pytest.mark.parametrize("wrong", [False, True])
def test_both_sides_in_turn_with_the_legs_of_one_named_right_or_wrong(wrong: bool) -> None:
    left, right = parts()
    track = joined(left, exchanged(right) if wrong else right, left)
    assert [hold.side for hold in judge("figure4_supine", track).holds] == ["left", "right", "left"]


def test_the_side_at_the_camera_first() -> None:
    left, right = parts()
    assert [hold.side for hold in judge("figure4_supine", joined(right, left)).holds] == ["right", "left"]


def test_the_same_side_taken_up_again_is_one_hold_with_a_break() -> None:
    left, _ = parts()
    [once] = judge("figure4_supine", left).holds
    track = joined([p for p in left if p.time < 9.6], [p for p in left if p.time > 0.8])
    [twice] = judge("figure4_supine", track).holds
    assert (twice.side, twice.breaks) == ("left", 1)
    assert twice.in_form_s == pytest.approx(2 * once.in_form_s, abs=0.3)
    assert twice.longest_s == pytest.approx(once.longest_s, abs=0.3)


def test_the_same_side_after_a_rest_is_another_hold() -> None:
    left, _ = parts()
    rest = [p for p in left if p.time < 0.5]
    report = judge("figure4_supine", joined(left, *[rest] * 10, left))
    assert [hold.side for hold in report.holds] == ["left", "left"]


def test_passing_through_good_form_is_no_turn() -> None:
    left, right = parts()
    rest = [p for p in left if p.time < 0.5]
    [_, whole] = judge("figure4_supine", joined(left, right)).holds
    tried = []
    for pose in right:
        points = pose.points.copy()
        points[27] += 0.3 * (points[27] - points[25])  # the leg that is not crossed, stretched further
        tried += [Pose(pose.time, points, pose.visibility, pose.size)] if pose.time < whole.start_s + 1.6 else []
    report = judge("figure4_supine", joined(left, tried, *[rest] * 10, right))
    assert [hold.side for hold in report.holds if hold.in_form_s >= 2] == ["left", "right"]
    assert len(report.holds) == 3


def test_a_plan_is_not_corrected() -> None:
    left, right = parts()
    report = judge("figure4_supine", joined(left, right), side="left")
    assert {hold.side for hold in report.holds} == {"left"}


CROSSED = '[sides]\nlead = "front"\nother = "back"\ngreatest = "x(side.ankle)"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            changed(HANG, ("[measures.arm]", CROSSED + 'alike = ["no"]\n[measures.arm]')),
            "'no' is not one of the measures",
        ),
        (
            changed(HANG, ("[measures.arm]", CROSSED + "alike_within = 1\n[measures.arm]")),
            "'alike_within' needs 'alike'",
        ),
        (changed(CURL, ("[measures.elbow]", CROSSED + 'alike = ["elbow"]\n[measures.elbow]')), "belongs to a hold"),
    ],
)
def test_what_could_have_no_effect_is_refused(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        Exercise(parse_template(text))
