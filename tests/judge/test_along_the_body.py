"""A camera at the feet or the head of somebody who lies: told from geometry, answered with where to put the camera."""

from __future__ import annotations

import pytest
from judging import follow, template
from motions import Bridge, Plank, Repeats, still
from moves import leg_lift
from stick_figure import Camera

from formcheck.judge.template import Template
from formcheck.judge.view import ALONG_ABOVE

SETS = Repeats(3, 2.6, 0.5, 1.0)


@pytest.mark.parametrize("yaw", [65, 70, 80, 100, 110])
def test_from_the_feet_the_camera_is_sent_to_the_side(yaw: float) -> None:
    report, moments = follow("bridge", Bridge().motion(SETS).film(20, Camera(height=45, yaw=yaw)))
    told = {m.readiness.say for m in moments if m.time > 1.5 and m.readiness.reason == "view"}
    assert told == {"Put the camera at your side, or two metres high"}
    assert all(m.view is None or m.view.along for m in moments if m.time > 1.5)
    assert report.faults == ()
    assert report.cues == ()


@pytest.mark.parametrize("yaw", [0, 30, -30, 150, 45])
def test_from_the_side_and_obliquely_it_is_not(yaw: float) -> None:
    for exercise, motion in (
        ("bridge", Bridge().motion(SETS)),
        ("leg_lift", leg_lift(SETS)),
        ("plank_forearm", still(Plank().figure(), 4.0)),
    ):
        _, moments = follow(exercise, motion.film(20, Camera(height=45, yaw=yaw)))
        assert not any(m.view and m.view.along for m in moments), exercise


def test_faults_are_not_judged_from_there_even_where_counting_goes_on() -> None:
    """64 degrees off: the lifts are still seen, their form is not."""
    report, _ = follow("leg_lift", leg_lift(SETS, top=40.0).film(20, Camera(height=45, yaw=64)))
    assert report.faults == ()
    assert set(report.not_visible) >= {"knee_bends", "low_lift"}


def test_who_stands_is_never_seen_along() -> None:
    upright: Template = template("lunge")
    assert not upright.lies
    assert template("bridge").lies
    assert template("bridge").upright is False
    assert ALONG_ABOVE > 1.3  # what the recordings show obliquely


def test_nobody_seen_is_asked_to_lie_across_the_picture() -> None:
    from formcheck.pose import Pose

    say = {}
    for exercise in ("bridge", "lunge"):
        _, moments = follow(exercise, [Pose.absent(i / 20, (640, 480)) for i in range(40)])
        say[exercise] = moments[-1].readiness.say
    assert say == {"bridge": "Lie across the picture, camera at your side", "lunge": "Step into the picture"}
