"""Another exercise than the planned one is named: late, once, and never to somebody who does the planned one."""

from __future__ import annotations

import pytest
from filmed import CAMERA, LOW_CAMERA, Onlooker
from judging import template
from motions import Bridge, Lunge, Motion, Plank, Repeats, lying_down, still, then, waiting
from moves import squat
from rehearsal import Rehearsal, rehearse
from stick_figure import Camera

from formcheck.judge.session import Session
from formcheck.live.doubt import LONGEST_S, QUIET_S, Doubt
from formcheck.live.plan import plan_for
from formcheck.live.telling import SHOWN_S
from formcheck.recognize import known_templates

SQUATS = squat(Repeats(count=14))


def told(live: Rehearsal) -> list[str]:
    return [text for text in live.heard.texts if "looks like the" in text]


def perform(exercise: str, motion: Motion, camera: Camera = CAMERA) -> Rehearsal:
    known = template(exercise)
    plan = plan_for(known, hold_s=300) if known.kind == "hold" else plan_for(known, repetitions=300)
    return rehearse(exercise, plan, motion, estimator=Onlooker(motion, camera))


def test_another_exercise_is_named_once_by_voice_and_on_the_screen() -> None:
    assert SQUATS.duration > QUIET_S + 15
    live = perform("lunge", SQUATS)
    text = "This looks like the squat. The plan is the lunge"
    assert told(live) == [text]
    shown = [s.frame.time for s in live.stage.scenes if s.frame and s.warning == text]
    assert shown[0] > QUIET_S
    assert shown[-1] - shown[0] == pytest.approx(min(SHOWN_S, SQUATS.duration - shown[0]), abs=0.5)
    (result,) = live.results
    assert result.report.counts.total == 0


@pytest.mark.parametrize(
    ("exercise", "motion", "camera"),
    [
        ("squat", SQUATS, CAMERA),
        ("lunge", Lunge().motion(Repeats(count=10)), CAMERA),
        ("plank_forearm", still(Plank().figure(), 45.0), LOW_CAMERA),
        ("bridge", then(waiting(25.0), lying_down(8.0), Bridge().motion(Repeats(count=4))), CAMERA),
        ("plank_high", waiting(60.0), CAMERA),
        ("lunge", waiting(60.0), CAMERA),
        ("lunge", then(waiting(20.0), squat(Repeats(count=1)), Lunge().motion(Repeats(count=6))), CAMERA),
    ],
    ids=["squats", "lunges", "plank", "slowly into position", "not begun", "standing there", "one squat first"],
)
def test_nothing_is_said_to_somebody_who_does_what_is_planned_or_nothing(
    exercise: str, motion: Motion, camera: Camera
) -> None:
    assert not told(perform(exercise, motion, camera))


def test_the_right_exercise_after_the_wrong_one_ends_the_doubt() -> None:
    doubt, session = Doubt(template("lunge"), known_templates), Session(template("lunge"))
    motion = then(squat(Repeats(count=4)), Lunge().motion(Repeats(count=8)))
    assert not any(doubt.update(session.update(pose)) for pose in motion.film(camera=CAMERA))


def test_what_is_kept_does_not_grow() -> None:
    doubt, session = Doubt(template("bridge"), known_templates), Session(template("bridge"))
    for pose in waiting(3 * LONGEST_S).film(camera=CAMERA, fps=15):
        assert doubt.update(session.update(pose)) is None
        assert len(doubt._poses) <= LONGEST_S / 0.06
