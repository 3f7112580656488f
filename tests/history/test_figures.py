"""What a set comes to: of which measure its range and depth are."""

from __future__ import annotations

from typing import Any

import pytest
from judging import judge
from kept import lunges
from motions import Lunge, Repeats
from outcomes import LUNGE

from formcheck.history.figures import SideFigures, figures
from formcheck.judge.template import Template


def of_an_old_version(report: dict[str, Any]) -> dict[str, Any]:
    """A report that does not name the measure of its depths."""
    return report | {
        "repetitions": [{k: v for k, v in r.items() if k != "depth_measure"} for r in report["repetitions"]]
    }


def only(report: dict[str, Any], template: Template | None = LUNGE) -> SideFigures:
    (side,) = figures(report, template)
    return side


@pytest.fixture(scope="module", params=[(95, 98), (94, 91)], ids=["front knee", "back knee"])
def bent_more(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Lunges in which one knee is the more bent one, of which the depth is."""
    front, back = request.param
    return judge("lunge", Lunge(("right",), knee=front, back_knee=back).motion(Repeats(3)).film(15)).to_dict()


def test_depth_is_of_its_own_measure_whichever_other_one_has_the_same_values(bent_more: dict[str, Any]) -> None:
    assert only(bent_more, template=None).measure == "bent_knee"


def test_of_an_old_report_the_template_knows_the_measure(bent_more: dict[str, Any]) -> None:
    found = only(of_an_old_version(bent_more))
    assert (found.measure, found.unit) == ("bent_knee", "deg")
    # The view is that of most of the recording, the repetitions may have been seen from elsewhere.
    assert only(of_an_old_version(bent_more) | {"view": "front"}) == found


def test_of_an_old_report_whose_template_is_gone_the_measure_is_guessed() -> None:
    assert only(of_an_old_version(lunges(3, sides=("left",)).to_dict()), template=None).measure == "front_knee"


def test_range_and_depth_of_who_turned_round_are_of_the_measure_of_most_repetitions() -> None:
    report = lunges(5, sides=("left",)).to_dict()
    for r in report["repetitions"][:2]:
        r |= {"depth": 0.8, "depth_measure": "hip_drop", "extremes": {"hip_drop": [0.0, 0.8], "front_knee": [150, 160]}}
    found = only(report)
    assert (found.measure, found.range, found.depth, found.counted) == ("front_knee", 70.0, 90.0, 5)


def test_a_set_in_which_nothing_counted_has_no_depth() -> None:
    found = only(lunges(0, sides=("left",), partial=2).to_dict())
    assert (found.attempts, found.measure, found.range, found.depth) == (2, None, None, None)
