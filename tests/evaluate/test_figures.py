"""Figures are sums of what single clips gave; intervals are Wilson's."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pytest
from outcomes import counted, held, negative, tally

from formcheck.evaluate.angles import AngleErrors
from formcheck.evaluate.figures import (
    Share,
    Spread,
    angle_figures,
    by_class,
    fault_figures,
    figures,
    grouped,
)
from formcheck.evaluate.result import RecognitionResult


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [  # Brown, Cai, DasGupta 2001 and the exercise specification, section 8
        (27, 30, 0.744, 0.965),
        (45, 50, 0.786, 0.957),
        (8, 10, 0.490, 0.943),
        (0, 10, 0.0, 0.278),
        (10, 10, 0.722, 1.0),
    ],
)
def test_intervals_are_wilsons(k: int, n: int, low: float, high: float) -> None:
    assert Share(k, n).interval == pytest.approx((low, high), abs=0.0006)


def test_the_interval_of_nothing_is_everything() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)
    assert isnan(Share(0, 0).value)


def test_the_interval_narrows_with_more_of_the_same() -> None:
    widths = [high - low for low, high in (Share(9 * i, 10 * i).interval for i in (1, 3, 10, 100))]
    assert widths == sorted(widths, reverse=True)


def test_a_spread_has_error_bias_and_worst() -> None:
    spread = Spread.of([0.1, -0.3, 0.2])
    assert spread.mae == pytest.approx(0.2)
    assert spread.bias == pytest.approx(0.0)
    assert spread.worst == -0.3
    assert isnan(Spread.of([]).mae)


def test_counts_are_summed_up() -> None:
    f = figures([counted("a"), counted("b", found=6), counted("c", found=3)])
    assert (f.exact.k, f.exact.n) == (1, 3)
    assert (f.off_by_one.k, f.off_by_one.n) == (2, 3)
    assert f.count_error.mae == 1.0
    assert f.count_error.worst == -2.0
    assert (f.sides.k, f.sides.n) == (14, 14)
    assert f.peak.mae == pytest.approx(0.1)
    assert f.end.bias == -0.5
    assert f.usable.value == 0.9


def test_a_count_off_by_more_is_not_off_by_one_and_sides_may_be_wrong() -> None:
    result = counted("a")
    assert result.reps
    f = figures([replace(result, reps=replace(result.reps, sides=(3, 5), error=-2, partial=1))])
    assert (f.off_by_one.k, f.sides.k, f.sides.n, f.partial.k, f.partial.n) == (0, 3, 5, 0, 1)


def test_holds_and_negatives_are_summed_up() -> None:
    f = figures([held("p"), held("q", found=8.0), negative(), negative(template="squat", counted_=2, cues=1)])
    assert (f.hold_within.k, f.hold_within.n) == (1, 2)
    assert f.hold.bias == pytest.approx(-1.0)
    assert f.held.bias == pytest.approx(0.0)
    assert (f.silent.k, f.silent.n, f.negative_counts, f.negative_cues) == (1, 2, 2, 1)
    assert (f.right.k, f.right.n) == (2, 4)
    # Negatives have no frames in which anybody exercises.
    assert f.usable.n == 200


def test_what_is_judged_as_another_exercise_is_neither_right_nor_wrong() -> None:
    f = figures([counted(), replace(negative(counted_=3), kind="other")])
    assert (f.right.k, f.right.n, f.silent.n) == (1, 1, 0)


def test_false_cues_are_those_of_correct_sets() -> None:
    f = figures([counted("a", cues=2), counted("b"), counted("c", cues=5, correct=False), counted("d", correct=None)])
    assert f.false_cues == (2, 2)


def test_recognition_is_right_unsure_or_wrong() -> None:
    assert RecognitionResult.of("lunge", "lunge").verdict == "right"
    assert RecognitionResult.of(None, "lunge").verdict == "not sure"
    assert RecognitionResult.of("squat", "lunge").verdict == "wrong"
    assert RecognitionResult.of(None, None).verdict == "right"
    assert RecognitionResult.of("squat", None).verdict == "wrong"
    f = figures(
        [
            counted("a", recognition=RecognitionResult.of("lunge", "lunge")),
            counted("b", recognition=RecognitionResult.of(None, "lunge")),
            counted("c"),
            replace(negative("d"), recognition=RecognitionResult.of("squat", None)),
            replace(negative("e"), recognition=RecognitionResult.of(None, None)),
        ]
    )
    assert f.recognised == Share(1, 2)
    assert f.taken_for == Share(1, 4)


def test_parts_are_sorted_as_people_expect() -> None:
    views = ["30° off", "ideal", "15° off"]
    assert list(grouped([counted(v, view=v) for v in views], "view")) == ["ideal", "15° off", "30° off"]
    assert list(grouped([counted("a", template="squat"), held("b")], "exercise")) == ["plank_forearm", "squat"]
    assert grouped([counted()], "body") == {}


def test_faults_have_sensitivity_by_level_and_specificity() -> None:
    results = [
        counted("a", faults=(tally(found=9), tally(level=None, of=20, found=1, not_visible=2))),
        counted("b", faults=(tally(of=10, found=6, not_visible=3), tally(level="mild", of=5, found=2))),
        counted("c", faults=(tally("lean", level=None, of=4, found=0, measurable="B"),)),
    ]
    lean, shallow = fault_figures(results)
    assert (lean.id, lean.sensitivity, lean.specificity) == ("lean", {}, Share(4, 4))
    assert shallow.sensitivity == {"clear": Share(15, 17), "mild": Share(2, 5)}
    assert shallow.specificity == Share(17, 18)
    assert shallow.not_visible == Share(3, 25)
    assert shallow.not_visible_clean == Share(2, 20)
    together = by_class([lean, shallow, shallow])
    assert list(together) == ["A", "B"]
    assert together["A"].sensitivity["clear"] == Share(30, 34)
    assert together["A"].specificity == Share(34, 36)


def angle(errors: tuple[float, ...], name: str = "knee", measure: bool = False) -> AngleErrors:
    mae = sum(map(abs, errors)) / len(errors)
    return AngleErrors(name, "deg", measure, len(errors), mae, sum(errors) / len(errors), errors)


def test_the_constant_offset_is_that_of_the_ideal_view() -> None:
    results = [
        counted("a", angles=(angle((5.0, 6.0, 7.0)),)),
        counted("b", view="15° off", angles=(angle((8.0, 10.0)),)),
        counted("c", template="squat", view="15° off", angles=(angle((1.0,)),)),
    ]
    ideal, turned, unknown = angle_figures(results, measures=False, each=True)
    assert (ideal.view, ideal.mae, ideal.offset) == ("ideal", 6.0, 6.0)
    assert ideal.mae_without_offset == pytest.approx(2 / 3)
    assert (turned.view, turned.bias, turned.offset) == ("15° off", 9.0, 6.0)
    assert turned.mae_without_offset == pytest.approx(3.0)
    assert (unknown.exercise, unknown.offset, unknown.mae_without_offset) == ("squat", None, None)


def test_exercises_together_keep_their_own_offsets() -> None:
    results = [
        counted("a", angles=(angle((5.0, 5.0)),)),
        counted("b", template="squat", angles=(angle((-3.0, -3.0)),)),
    ]
    [everything] = angle_figures(results, measures=False, each=False)
    assert (everything.exercise, everything.mae, everything.bias) == ("all", 4.0, 1.0)
    assert everything.mae_without_offset == 0.0


def test_measures_and_joints_are_told_apart() -> None:
    results = [counted(angles=(angle((1.0,)), angle((2.0,), "front_knee", measure=True)))]
    assert [a.name for a in angle_figures(results, measures=True, each=True)] == ["front_knee"]
    assert [a.name for a in angle_figures(results, measures=False, each=True)] == ["knee"]
