"""A second side of a stretch that the camera could not see."""

from __future__ import annotations

import pytest
from disturbances import hidden, joined
from judging import judge, sample

from formcheck.judge.moment import Readiness
from formcheck.judge.readiness import Period
from formcheck.judge.report import HoldReport
from formcheck.judge.unseen_side import unseen_side
from formcheck.pose import Landmark, Side


def hold(side: Side | None, start: float, end: float) -> HoldReport:
    return HoldReport(side, start, end, end - start, end - start, 0.0, end - start, 0, {}, ())


def period(start: float, end: float, reason: str = "joints") -> Period:
    return Period(start, end, Readiness(False, reason, "I can't see your knees"))


def test_hidden_for_long_after_one_side_may_have_been_the_other() -> None:
    note = unseen_side([hold("left", 2, 30)], [period(40, 70)], "Put the camera there.")
    assert note == (
        "For 30 s, from 40 s on, parts of the body could not be seen, so nothing was timed. "
        "If that was the right side: Put the camera there."
    )


@pytest.mark.parametrize(
    ("holds", "periods"),
    [
        ([], [period(40, 70)]),
        ([hold("left", 2, 30), hold("right", 40, 50)], [period(60, 90)]),
        ([hold(None, 2, 30)], [period(40, 70)]),
        ([hold("left", 2, 30)], [period(40, 44)]),
        ([hold("left", 2, 30)], [period(10, 28)]),
        ([hold("left", 2, 30)], [period(40, 70, "start")]),
    ],
    ids=["no hold", "both sides", "no sides", "getting up", "within the hold", "seen"],
)
def test_nothing_is_said_otherwise(holds: list[HoldReport], periods: list[Period]) -> None:
    assert unseen_side(holds, periods, "") is None


@pytest.mark.parametrize("planned", [False, True])
def test_it_stands_in_the_report_unless_one_side_was_planned(planned: bool) -> None:
    track = sample("lizard")
    [seen] = judge("lizard", track).holds
    legs = [Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE, Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]
    report = judge("lizard", joined(track, hidden(track, legs)), side=seen.side if planned else None)
    assert len(report.holds) == 1
    assert any("If that was the" in note for note in report.notes) is not planned
