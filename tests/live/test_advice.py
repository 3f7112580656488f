"""Before the first repetition people are told how to get into the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from filmed import CAMERA
from judging import template
from motions import waiting

from formcheck.judge.moment import Moment, Readiness
from formcheck.judge.session import Session
from formcheck.live.advice import DARK, Advice
from formcheck.pose import Pose

BRIGHT = 120.0
SIZE = (640, 480)


def moment(points: np.ndarray | None = None, reason: str = "posture", phase: str = "setup") -> Moment:
    """Somebody whose landmarks lie evenly between two corners, in shares of the picture."""
    pose = Pose.absent(1.0, SIZE)
    if points is not None:
        pose = Pose(1.0, points * SIZE, np.ones(33), SIZE)
    judged = Session(template("lunge")).update(replace(pose))
    return replace(judged, pose=pose, phase=phase, readiness=Readiness(False, reason, "as the judge says"))  # type: ignore[arg-type]


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.linspace((left, top), (right, bottom), 33)


@pytest.mark.parametrize(
    ("corners", "reason", "words"),
    [
        ((0.45, 0.4, 0.55, 0.6), "posture", "Step closer"),
        ((0.3, -0.1, 0.7, 1.2), "joints", "Step back"),
        ((0.3, 0.4, 0.7, 1.2), "joints", "feet: lower the camera"),
        ((0.3, -0.2, 0.7, 0.6), "joints", "head: raise the camera"),
        ((-0.3, 0.2, 0.4, 0.9), "joints", "half out of the picture"),
    ],
)
def test_where_to_go_and_what_to_do_with_the_camera(
    corners: tuple[float, float, float, float], reason: str, words: str
) -> None:
    assert words in Advice().update(moment(box(*corners), reason), BRIGHT).readiness.say


def test_more_light_if_it_is_too_dark_to_see_anybody() -> None:
    assert "More light" in Advice().update(moment(None, "no_person"), DARK - 5).readiness.say
    assert Advice().update(moment(None, "no_person"), BRIGHT).readiness.say == "as the judge says"


def test_otherwise_the_judge_says_what_to_do() -> None:
    well_placed = moment(box(0.3, 0.1, 0.7, 0.9), "view")
    assert Advice().update(well_placed, BRIGHT) is well_placed


def test_whoever_exercises_is_left_alone() -> None:
    busy = moment(box(0.45, 0.4, 0.55, 0.6), phase="moving")
    assert Advice().update(busy, BRIGHT) is busy


def test_somebody_small_in_the_picture_of_the_stick_figures_camera_is_asked_to_come_closer() -> None:
    far = replace(CAMERA, limb=8.0)
    session, advice = Session(template("lunge")), Advice()
    said = set()
    for pose in waiting(2.0).film(camera=far):
        shown = advice.update(session.update(pose), BRIGHT)
        said.add(shown.readiness.say)
    assert "Step closer to the camera" in said
