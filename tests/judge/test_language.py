"""The words of the template language: what each of them means on a body, a rule, a repetition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from judging import body_at

from formcheck.judge.body import JOINTS, Body
from formcheck.judge.expression import ExpressionError, Kind, Scope, compile_expression
from formcheck.judge.language import LENGTHS, NUMBERS, PHASES, POINTS, Language

STANDING = {
    "nose": (12.0, -40.0),
    "left.ear": (0.0, -40.0),
    "right.ear": (2.0, -40.0),
    "left.shoulder": (-10.0, 0.0),
    "right.shoulder": (10.0, 0.0),
    "left.hip": (-5.0, 100.0),
    "right.hip": (5.0, 100.0),
    "left.knee": (-5.0, 200.0),
    "right.knee": (105.0, 100.0),
    "left.ankle": (-5.0, 300.0),
    "right.ankle": (105.0, 200.0),
}


def body(**changes: tuple[float, float]) -> Body:
    found = body_at({**STANDING, **{k.replace("_", "."): v for k, v in changes.items()}})
    found.set_near("right")
    found.set_lead("left")
    return found


def number(text: str, at: Body | None = None, scope: Scope | None = None) -> float:
    compiled = compile_expression(text, scope or Language().of_body(), "number")
    value = compiled.evaluate(at or body())
    assert isinstance(value, float | int)
    return float(value)


def refusal(text: str, scope: Scope, kind: Kind = "number") -> str:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, scope, kind)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("angle(near.hip, near.knee, near.ankle)", 90),
        ("angle(left.hip, left.knee, left.ankle)", 180),
        ("angle(far.hip, far.knee, far.ankle)", 180),
        ("deviation(right.hip, right.knee, right.ankle)", 90),
        ("elevation(mid.hip, mid.shoulder)", 90),
        ("lean(mid.hip, mid.shoulder, facing)", 0),
        ("distance(left.hip, left.knee)", 100),
        ("beside(near.knee, mid.hip, mid.shoulder, near.knee)", 105),
        ("x(near.knee)", 105),
        ("height(near.knee)", -100),
        ("x(midpoint(left.knee, right.knee))", 50),
        ("x(nose)", 12),
        ("torso + thigh + shank + upper_arm", 400),
        ("facing", 1),
        ("headward", 1),
        ("ahead(near.knee)", 105),
        ("sign(-3)", -1),
        ("sign(3)", 1),
        ("sign(0)", 0),
        ("min(3, 1, 2)", 1),
        ("max(3, 1, 2)", 3),
        ("arcsin(0.5)", 30),
        ("arcsin(7)", 90),
        ("arcsin(-7)", -90),
        ("abs(-2)", 2),
    ],
)
def test_words_on_a_body(text: str, expected: float) -> None:
    assert number(text) == pytest.approx(expected, abs=1e-9)


def test_every_joint_and_every_owner_can_be_named() -> None:
    scope = Language(("front", "back")).of_body()
    for owner in ("near", "far", "left", "right", "mid", "front", "back"):
        for joint in JOINTS:
            assert compile_expression(f"{owner}.{joint}", scope, "point").landmarks == (
                ({"front": "lead", "back": "other"}.get(owner, owner), joint),
            )


def test_every_function_has_one_line_of_documentation() -> None:
    for functions in (NUMBERS, POINTS):
        assert all(f.about and "\n" not in f.about for f in functions.values())
    assert all(LENGTHS.values())


@pytest.mark.parametrize(
    "text",
    [
        "angle(near.hip, near.knee, near.toe)",
        "x(mid.toe)",
        "min(1, x(near.toe))",
        "max(x(near.toe), 1)",
        "sign(x(near.toe))",
        "arcsin(x(near.toe))",
        "abs(x(near.toe))",
        "ahead(near.toe)",
    ],
)
def test_what_is_not_seen_stays_unknown(text: str) -> None:
    assert math.isnan(number(text))


def test_least_and_greatest_take_what_is_seen() -> None:
    assert number("least(x(near.toe), 3, 2)") == 2
    assert number("greatest(x(near.toe), 3, 2)") == 3
    assert math.isnan(number("least(x(near.toe), x(far.toe))"))


def test_ahead_follows_the_direction_in_which_the_person_looks() -> None:
    figure = body()
    figure.ahead_x, figure.ahead_y = 0.0, 1.0  # towards the camera
    assert number("ahead(near.knee)", figure) == 100
    figure.ahead_x, figure.ahead_y = -1.0, 0.0
    assert number("ahead(near.knee)", figure) == -105


def test_how_surely_a_landmark_is_seen_is_a_number_even_where_it_is_not_seen() -> None:
    figure = body()
    figure.left_clear[JOINTS.index("toe")] = 0.1
    assert math.isnan(number("x(left.toe)", figure))
    assert number("visibility(left.toe)", figure) == 0.1
    figure.left_clear[JOINTS.index("ankle")], figure.right_clear[JOINTS.index("ankle")] = 0.3, 0.6
    assert number("least(visibility(left.ankle), visibility(right.ankle))", figure) == 0.3
    assert number("visibility(mid.ankle)", figure) == 0.6
    scope = Language(("front", "back")).of_body()
    figure.set_lead("right")
    assert number("visibility(front.ankle)", figure, scope) == 0.6


def test_a_rule_knows_of_which_landmarks_it_asks_how_surely_they_are_seen() -> None:
    language = Language()
    text = "least(visibility(left.ankle), visibility(right.ankle))"
    language.measures["hidden"] = compile_expression(text, language.of_measure(), "number")
    rule = compile_expression("height(left.ankle) > height(left.hip) or hidden < 0.5", language.of_rule(), "truth")
    assert set(rule.asked) == {("left", "ankle"), ("right", "ankle")}
    assert set(rule.landmarks) == {("left", "ankle"), ("left", "hip")}


def test_roles_follow_the_side_that_leads() -> None:
    scope = Language(("front", "back")).of_body()
    figure = body()
    assert number("x(front.knee)", figure, scope) == -5
    assert number("x(back.knee)", figure, scope) == 105
    figure.set_lead("right")
    assert number("x(front.knee)", figure, scope) == 105


def test_a_criterion_speaks_of_side_and_opposite() -> None:
    scope = Language(("front", "back")).of_criterion()
    assert number("x(side.knee) - x(opposite.knee)", body(), scope) == -110
    assert "known: side, opposite, near" in refusal("x(front.knee)", scope)


def measured() -> Language:
    """A language with two measures, the second made of the first."""
    language = Language()
    language.measures["knee"] = compile_expression(
        "angle(near.hip, near.knee, near.ankle)", language.of_body(), "number"
    )
    language.measures["bend"] = compile_expression("180 - knee", language.of_body(), "number")
    return language


def test_measures_build_on_measures() -> None:
    language = measured()
    assert language.measures["bend"].evaluate(body()) == pytest.approx(90)
    assert language.measures["bend"].landmarks == (("near", "hip"), ("near", "knee"), ("near", "ankle"))
    assert language.measures["bend"].uses == ("knee",)


def test_rules_take_measures_as_they_were_computed() -> None:
    rule = compile_expression("bend > 80 and knee < 200", measured().of_rule(), "truth")
    figure = body()
    figure.values = [10.0, 85.0]
    assert rule.evaluate(figure) is True
    figure.values = [10.0, 75.0]
    assert rule.evaluate(figure) is False
    assert rule.landmarks == (("near", "hip"), ("near", "knee"), ("near", "ankle"))


def test_base_stands_for_the_value_at_rest() -> None:
    language = measured()
    rule = compile_expression("height(near.hip) - base(height(near.hip))", language.of_rule(), "number")
    figure = body()
    assert math.isnan(rule.evaluate(figure))  # nothing known yet
    figure.base = [-130.0]
    assert rule.evaluate(figure) == 30.0
    assert [e.text for e in language.bases] == ["height(near.hip)"]


def test_the_same_base_is_measured_once() -> None:
    language = measured()
    compile_expression("base(knee) + base( knee ) + base(bend)", language.of_rule(), "number")
    assert [e.text for e in language.bases] == ["knee", "bend"]
    assert language.bases[0].evaluate(body()) == pytest.approx(90)  # taken from the body, not from its values


def test_base_of_something_relative_to_base_is_refused() -> None:
    language = measured()
    language.measures["lift"] = compile_expression("knee - base(knee)", language.of_body(), "number")
    assert "always 0" in refusal("base(lift)", language.of_rule())
    assert "unknown function 'base'" in refusal("base(base(knee))", language.of_rule())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("base()", "write base(expression)"),
        ("base(knee, 1)", "write base(expression)"),
        ("ahead()", "write ahead(landmark)"),
        ("ahead(knee)", "takes a landmark"),
        ("visibility()", "write visibility(landmark)"),
        ("visibility(knee)", "takes a landmark"),
        ("visibility(midpoint(near.knee, far.knee))", "takes a landmark"),
        ("visibility(2)", "takes a landmark"),
        ("wobble(knee)", "write wobble(measure, seconds)"),
        ("wobble(knee, 0.5)", "between 1 and 30 seconds"),
        ("wobble(knee, 31)", "between 1 and 30 seconds"),
        ("wobble(knee, bend)", "between 1 and 30 seconds"),
        ("wobble(knee + 1, 5)", "'knee + 1' must be the name of a measure: knee, bend"),
        ("highest(knee)", "unknown function 'highest'"),
    ],
)
def test_mistakes_in_rules_are_explained(text: str, message: str) -> None:
    assert message in refusal(text, measured().of_rule())


def test_wobble_reads_the_restlessness_of_a_measure() -> None:
    language = measured()
    rule = compile_expression("wobble(bend, 10) + wobble(bend, 10)", language.of_rule(), "number")
    assert language.wobbles == [(1, 10.0)]
    figure = body()
    assert math.isnan(rule.evaluate(figure))
    figure.wobbles = [2.5]
    assert rule.evaluate(figure) == 5.0


def test_thresholds_know_only_the_baseline() -> None:
    scope = Language().of_threshold()
    assert compile_expression("max(150, base + 20)", scope, "number").evaluate(140.0) == 160.0
    assert "unknown name 'knee'; known here: base" in refusal("knee", scope)
    assert "none here" in refusal("x(near.knee)", scope) or "unknown" in refusal("x(near.knee)", scope)


@dataclass
class Repetition:
    """What a range rule may look at."""

    base: Sequence[float] = ()
    best: Sequence[float] = ()
    columns: dict[tuple[int, str], Sequence[float]] = field(default_factory=dict)

    def column(self, measure: int, phase: str) -> Sequence[float]:
        return self.columns.get((measure, phase), ())

    def seconds(self, phase: str) -> float:
        return float(len(phase))

    def speed(self, phase: str) -> float:
        return 10.0 * len(phase)


def over(text: str, repetition: Repetition, language: Language | None = None) -> float:
    value = compile_expression(text, (language or measured()).of_range(), "number").evaluate(repetition)
    return float(value)


def test_summaries_of_a_repetition() -> None:
    repetition = Repetition(
        columns={(0, "repetition"): [5.0, 1.0, 3.0], (0, "peak"): [4.0, 4.0], (1, "peak"): [1.0, 3.0]}
    )
    assert over("highest(knee)", repetition) == 5
    assert over("lowest(knee)", repetition) == 1
    assert over("median(knee)", repetition) == 3
    assert over("highest(knee, peak)", repetition) == 4
    assert over("spread(bend, peak)", repetition) == 1
    assert over("spread(knee, peak)", repetition) == 0
    assert over("seconds(peak)", repetition) == len("peak")
    assert over("speed(returning)", repetition) == 10 * len("returning")
    assert math.isnan(over("highest(bend)", repetition))
    assert set(PHASES) == {"moving", "peak", "returning", "repetition"}


def test_best_is_the_person_s_own_best() -> None:
    language = measured()
    text = "0.8 * best(highest(bend)) + best(lowest(knee)) + best(highest(bend))"
    assert over(text, Repetition(best=[10.0, 1.0]), language) == 19.0
    assert language.bests == [(1, "highest"), (0, "lowest")]


def test_range_rules_know_their_landmarks() -> None:
    rule = compile_expression("highest(bend) < 3", measured().of_range(), "truth")
    assert rule.landmarks == (("near", "hip"), ("near", "knee"), ("near", "ankle"))
    assert rule.uses == ("bend",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("highest()", "write highest(measure) or highest(measure, phase)"),
        ("highest(knee, peak, 1)", "write highest(measure)"),
        ("lowest(knee, dawn)", "'dawn' must be a phase: moving, peak, returning, repetition"),
        ("lowest(knee, 1)", "must be a phase"),
        ("spread(toe)", "'toe' must be the name of a measure"),
        ("seconds()", "write seconds(phase)"),
        ("seconds(knee)", "must be a phase"),
        ("speed(noon)", "must be a phase"),
        ("best(knee)", "write best(highest(measure)) or best(lowest(measure))"),
        ("best(median(knee))", "write best(highest(measure))"),
        ("best(highest(knee, peak))", "no phase"),
        ("best()", "write best(highest(measure))"),
        ("knee > 3", "unknown name 'knee'"),
        ("highest", "'highest' is a function"),
    ],
)
def test_mistakes_in_range_rules_are_explained(text: str, message: str) -> None:
    assert message in refusal(text, measured().of_range())
