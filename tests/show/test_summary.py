"""The report in the terminal."""

from __future__ import annotations

import io

import pytest
from judging import judge, template
from motions import Lunge, Repeats, waiting
from rich.console import Console
from stick_figure import Camera

from formcheck.judge.report import Report
from formcheck.pose import Pose
from formcheck.show.summary import hindrance, print_summary


def printed(report: Report) -> str:
    text = io.StringIO()
    print_summary(Console(file=text, width=160), report, template(report.exercise))
    return text.getvalue()


LUNGES = Lunge(("right", "left")).motion(Repeats(2))


def test_depth_is_told_as_it_was_measured_however_long_the_person_faced_the_camera() -> None:
    facing = waiting(40.0).film(15, Camera(yaw=90.0))
    report = judge("lunge", [*facing, *LUNGES.film(15, start=40.1)])
    assert report.view == "front"
    text = printed(report)
    assert "Bent knee" in text
    assert "88°" in text
    assert "Hip drop" not in text
    assert "thigh lengths" not in text


def test_who_turns_round_within_a_set_is_told_the_depths_of_both_views() -> None:
    from_the_front = LUNGES.film(15, Camera(yaw=90.0, distance=400))
    again = LUNGES.film(15, start=from_the_front[-1].time + 1 / 15)
    report = judge("lunge", [*from_the_front, *again])
    assert [r.depth_measure for r in report.repetitions] == ["hip_drop", "hip_drop", "bent_knee", "bent_knee"]
    text = printed(report)
    assert "Hip drop / Bent knee" in text
    assert text.count("thigh lengths") == 2
    assert text.count("88°") == 2


@pytest.mark.parametrize(("seconds", "told"), [(60, "for 60.0 of 60.1 s nobody"), (200, "for 3:20.0 of 3:20.1 nobody")])
def test_what_stood_in_the_way_is_told_in_the_same_unit_as_the_whole(seconds: int, told: str) -> None:
    nobody = [Pose.absent(i / 10, (640, 360)) for i in range(10 * seconds + 1)]
    assert told in str(hindrance(judge("lunge", nobody)))
