"""Named conditions: what they answer, and when they keep their answer."""

from __future__ import annotations

import pytest
from judging import body_at
from small_templates import CURL, HANG, changed

from formcheck.errors import TemplateError
from formcheck.judge.conditions import PATIENCE_S, Conditions
from formcheck.judge.exercise import Exercise
from formcheck.judge.template import parse_template

HIGH = changed(
    HANG,
    ("[hold]", '[conditions.high]\nrule = "height(left.wrist) > 50"\nunclear = "height(left.wrist) > 20"\n\n[hold]'),
    ('position = "arm > 100"', 'position = "high and arm > 100"'),
)


def answers(*steps: tuple[float, float]) -> list[bool]:
    """What the condition says of wrists at (time, height)."""
    exercise = Exercise(parse_template(HIGH))
    conditions = Conditions(exercise.conditions)
    found = []
    for time, height in steps:
        body = body_at({"left.wrist": (0, -height)}, time)
        conditions.update(body)
        found.append(body.conditions[0])
    return found


def test_what_cannot_be_told_keeps_its_answer() -> None:
    assert answers((0, 30), (1, 60), (1.6, 60), (2, 30), (9, 30), (10, 10), (10.1, 10), (10.3, 10), (11, 30)) == [
        False, True, True, True, True, True, True, False, False,
    ]  # fmt: skip


def test_what_was_true_for_a_moment_only_is_not_kept() -> None:
    assert answers((0, 60), (0.3, 60), (0.4, 30), (0.5, 30), (0.7, 30)) == [True, True, True, True, False]


def test_a_moment_changes_nothing() -> None:
    assert answers((0, 60), (0.9, 60), (1, 10), (1 + PATIENCE_S / 2, 30), (1.2, 10), (1.25, 60)) == [True] * 6


def test_a_condition_that_is_always_clear_answers_at_once() -> None:
    clear = changed(HIGH, ('unclear = "height(left.wrist) > 20"\n', ""))
    conditions = Conditions(Exercise(parse_template(clear)).conditions)
    found = []
    for time, height in ((0, 60), (1, 60), (1.03, 30), (1.07, 60)):
        body = body_at({"left.wrist": (0, -height)}, time)
        conditions.update(body)
        found.append(body.conditions[0])
    assert found == [True, True, False, True]


def test_a_scene_cut_forgets() -> None:
    conditions = Conditions(Exercise(parse_template(HIGH)).conditions)
    body = body_at({"left.wrist": (0, -60)})
    conditions.update(body)
    conditions.forget()
    later = body_at({"left.wrist": (0, -30)}, 0.1)
    conditions.update(later)
    assert (body.conditions, later.conditions) == ([True], [False])


def test_rules_may_mention_a_condition() -> None:
    exercise = Exercise(parse_template(HIGH))
    assert exercise.position
    assert ("left", "wrist") in exercise.position.landmarks
    body = body_at({"left.wrist": (0, -60), "left.elbow": (0, -30), "left.shoulder": (0, 0)})
    exercise.evaluate(body)
    assert not exercise.position.evaluate(body)
    Conditions(exercise.conditions).update(body)
    assert exercise.position.evaluate(body)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed(HIGH, ("[conditions.high]", "[conditions.arm]")), "'arm' has a meaning already"),
        (changed(HIGH, ('rule = "height(left.wrist) > 50"', 'rule = "height(left.wrist)"')), "conditions.high.rule"),
        (changed(HIGH, ("high and arm", "hihg and arm")), "hihg"),
        (
            changed(CURL, ("[measures.elbow]", '[conditions.high]\nrule = "1 > 0"\n[measures.elbow]')),
            "belong to a hold",
        ),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        parse_template(text)
