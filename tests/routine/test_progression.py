from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.history.figures import SideFigures
from formcheck.pose import Side
from formcheck.routine.form import Step
from formcheck.routine.progression import Advice, Attempt, advise, attempt_of, dose_of, version_of

STEP = Step.model_validate(
    {
        "exercise": "lunge",
        "repetitions": [10, 15],
        "easier": [{"say": "Half."}],
        "harder": [{"say": "Stay down."}, {"say": "Other.", "exercise": "squat", "repetitions": [8, 12]}],
    }
)
GOOD = Attempt(15, 0.8)
"""The full dose, with a fault in just 20 % of the repetitions."""


def advice(attempts: Sequence[Attempt], level: int = 0, *, pain: bool = False) -> Advice:
    return advise(STEP, level, (10, 15), attempts, pain=pain)


def test_the_first_session_has_the_first_dose() -> None:
    assert (advice([]).target, advice([]).proposal) == (10, None)


def test_the_dose_grows_after_each_clean_session_and_never_beyond_the_last() -> None:
    done: list[Attempt] = []
    targets = []
    for _ in range(5):
        targets.append(advice(done).target)
        done.append(Attempt(targets[-1], 1.0))
    assert targets == [10, 12, 14, 15, 15]


def test_a_session_that_was_not_clean_or_not_complete_does_not_make_it_more() -> None:
    assert advice([Attempt(10, 0.79)]).target == 10
    assert advice([Attempt(9, 1.0)]).target == 10
    assert advice([Attempt(10, None)]).target == 10
    assert advice([Attempt(10, 1.0), Attempt(8, 1.0)]).target == 12


def test_harder_is_due_after_two_clean_sessions_in_a_row_at_fifteen() -> None:
    assert advice([GOOD]).proposal is None
    assert advice([GOOD, GOOD]).proposal == "harder"
    assert advice([Attempt(10, 1.0), GOOD, GOOD]).proposal == "harder"
    assert advice([GOOD, Attempt(15, 0.79), GOOD]).proposal is None
    assert advice([GOOD, Attempt(14, 1.0)]).proposal is None
    assert advice([GOOD, Attempt(15, None)]).proposal is None


def test_somebody_at_the_end_of_the_strength_is_not_asked_for_more() -> None:
    assert advice([GOOD, Attempt(15, 1.0, effort=9)]).proposal is None
    assert advice([GOOD, Attempt(15, 1.0, effort=8)]).proposal == "harder"
    assert advice([Attempt(10, 1.0, effort=10)]).target == 10


def test_beyond_the_hardest_there_is_nothing() -> None:
    assert advice([GOOD, GOOD], level=1).proposal == "harder"
    assert advice([GOOD, GOOD], level=2).proposal is None


@given(st.lists(st.builds(Attempt, st.floats(0, 30), st.none() | st.floats(0, 1), st.none() | st.integers(0, 10))))
def test_nothing_is_ever_harder_or_more_in_pain(attempts: list[Attempt]) -> None:
    found = advice(attempts, pain=True)
    assert found.target == 10
    assert found.proposal == "easier"


@given(st.lists(st.builds(Attempt, st.floats(0, 30), st.none() | st.floats(0, 1), st.none() | st.integers(0, 10))))
def test_harder_only_ever_follows_two_clean_sessions_at_the_full_dose(attempts: list[Attempt]) -> None:
    found = advice(attempts)
    assert 10 <= found.target <= 15
    if found.proposal == "harder":
        assert len(attempts) >= 2
        assert all(a.reached >= 14.5 and (a.clean or 0) >= 0.8 - 1e-6 for a in attempts[-2:])


def test_two_sessions_far_below_the_first_dose_propose_the_easier_version() -> None:
    weak = Attempt(5, 1.0)
    assert advice([weak]).proposal is None
    assert advice([weak, weak]).proposal == "easier"
    assert advice([weak, weak], level=-1).proposal is None


def test_doses_and_versions_of_levels() -> None:
    assert version_of(STEP, 0) is None
    assert [getattr(version_of(STEP, level), "say", None) for level in (-1, 1, 2)] == ["Half.", "Stay down.", "Other."]
    assert dose_of(STEP, 0, (1, 2)) == (10, 15)
    assert dose_of(STEP, 1, (1, 2)) == (10, 15)
    assert dose_of(STEP, 2, (1, 2)) == (8, 12)
    assert dose_of(Step(exercise="lunge"), 0, (1, 2)) == (1, 2)


# --- from figures ----------------------------------------------------------------------------------------------------


def side(name: Side | None, counted: int, clean: int | None = None, judged: int | None = None) -> SideFigures:
    judged = counted if judged is None else judged
    return SideFigures(name, counted=counted, judged=judged, clean=judged if clean is None else clean)


@pytest.mark.parametrize(
    ("sets", "sides", "reached", "clean"),
    [
        ([(side("left", 15), side("right", 12))], 2, 12, 1.0),  # the weaker side
        ([(side("left", 15),), (side("right", 12),)], 2, 12, 1.0),  # a set a side
        ([(side("left", 15),)], 2, 0, 1.0),  # the other was left out
        ([(side("left", 15),)], 1, 15, 1.0),
        ([(side(None, 12),), (side(None, 10),)], 1, 12, 1.0),  # the best set
        ([(side(None, 10, clean=7),)], 1, 10, 0.7),
        ([(side(None, 10, clean=4, judged=4),)], 1, 10, None),  # too few could be judged
        ([(side(None, 10, clean=0, judged=0),)], 1, 10, None),
        ([], 1, 0, None),
    ],
)
def test_a_session_comes_to(
    sets: list[tuple[SideFigures, ...]], sides: int, reached: float, clean: float | None
) -> None:
    found = attempt_of([(1, figures) for figures in sets], sides, 5)
    assert (found.reached, found.clean, found.effort) == (reached, clean, 5)


def test_two_sets_in_one_recording_are_not_a_double_one() -> None:
    assert attempt_of([(2, (side("left", 20), side("right", 21)))], 2, None).reached == 10
    assert attempt_of([(3, (side(None, 28),))], 1, None).reached == 10  # one of them had ten
    assert attempt_of([(2, (SideFigures(None, in_form_s=50.0, held_s=60.0),))], 1, None).reached == 25


def test_of_a_hold_only_seconds_in_form_count() -> None:
    figures = (SideFigures("left", in_form_s=29.7, held_s=40), SideFigures("right", in_form_s=31, held_s=31))
    found = attempt_of([(1, figures)], 2, None)
    assert (found.reached, found.clean) == (29.7, 1.0)
    step = Step.model_validate({"exercise": "lizard", "hold_s": [30, 60]})
    assert advise(step, 0, (30, 60), [found], pain=False).target == 40
