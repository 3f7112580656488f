"""Why somebody cannot be judged yet, in words that help."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from judging import body_at, template
from motions import Bridge, Plank, half_kneeling, sitting, walking
from small_templates import CURL, changed
from stick_figure import Array, Camera, Figure, at, standing

from formcheck.judge.body import Body
from formcheck.judge.exercise import Exercise
from formcheck.judge.moment import Readiness
from formcheck.judge.posture import POSTURES
from formcheck.judge.readiness import (
    PATIENCE_S,
    READY,
    ReadinessLog,
    along_the_trunk,
    from_the_head,
    hidden,
    hold_still,
    no_person,
    not_at_start,
    too_frontal,
    wrong_posture,
    wrong_view,
)
from formcheck.judge.template import parse_template
from formcheck.judge.view import View, ViewMeter

EXERCISE = Exercise(parse_template(CURL))


def states(*parts: tuple[float, Readiness], fps: float = 30.0) -> tuple[list[str], list[tuple[float, float, str]]]:
    log = ReadinessLog()
    told = []
    time = 0.0
    for until, state in parts:
        while time < until - 1e-9:
            told.append(log.update(time, state).reason)
            time += 1 / fps
    return told, [(round(p.start, 1), round(p.end, 1), p.state.reason) for p in log.periods()]


def test_the_first_state_is_told_at_once() -> None:
    assert states((0.1, READY))[0][0] == ""
    assert states((0.1, hold_still()))[0][0] == "hold_still"


def test_a_change_must_last() -> None:
    told, periods = states((2, READY), (2.3, no_person()), (4, READY))
    assert set(told) == {""}
    assert periods == [(0.0, 4.0, "")]


def test_a_lasting_change_is_back_dated() -> None:
    told, periods = states((2, no_person()), (4, READY))
    assert periods == [(0.0, 2.0, "no_person"), (2.0, 4.0, "")]
    assert told.index("") / 30 == pytest.approx(2.0 + PATIENCE_S, abs=0.05)


def test_periods_have_no_gaps() -> None:
    _, periods = states((1, no_person()), (2, hold_still()), (2.1, no_person()), (5, READY), (6, no_person()))
    assert periods[0][0] == 0.0
    for (_, end, _), (start, _, _) in itertools.pairwise(periods):
        assert start == end


def test_before_the_first_pose_there_are_no_periods() -> None:
    assert ReadinessLog().periods() == []
    log = ReadinessLog()
    log.update(3.0, READY)
    assert [(p.start, p.end) for p in log.periods()] == [(3.0, 3.0)]


def test_hidden_joints_are_named_in_plain_words() -> None:
    body = body_at({"left.shoulder": (0, 0), "left.elbow": (0, 0), "left.wrist": (0, 0)})
    body.set_near("left")
    assert hidden(EXERCISE, body) is None
    body = body_at({"left.shoulder": (0, 0), "left.elbow": (0, 0)})
    body.set_near("left")
    state = hidden(EXERCISE, body)
    assert state
    assert (state.ready, state.reason, state.say) == (
        False, "joints", "I can't see your wrists: step back or move the camera",
    )  # fmt: skip
    state = hidden(EXERCISE, body_at({}))
    assert state
    assert "elbows and wrists" in state.say


@pytest.mark.parametrize(
    ("exercise", "view", "told"),
    [
        ("fire_hydrant", View("front", 1.1, "left"), True),
        ("fire_hydrant", View("front", 0.7, "left"), False),  # knees are seen from there
        ("fire_hydrant", View("oblique", 0.5, "left"), False),
        ("bridge", View("front", 1.1, "left"), False),
    ],
)
def test_who_kneels_straight_in_front_of_the_camera_is_asked_to_turn_half(
    exercise: str, view: View, told: bool
) -> None:
    state = too_frontal(Exercise(template(exercise)), view)
    assert (state is not None and state.say.startswith("Turn half to the side")) == told


@pytest.mark.parametrize(
    ("exercise", "shoulders", "view", "told"),
    [
        ("figure4_supine", (-40, 30), View("front", 0.8, "left"), True),
        ("figure4_supine", (-40, 20), View("front", 0.8, "left"), False),  # still level enough to be judged
        ("figure4_supine", (-40, -60), View("front", 0.8, "left"), False),  # sits up
        ("figure4_supine", (-40, 60), View("side", 0.1, "left"), False),  # bends down to the mat
        ("fire_hydrant", (-40, 60), View("front", 0.8, "left"), False),
    ],
)
def test_who_lies_with_the_head_to_the_camera_is_told_where_it_belongs(
    exercise: str, shoulders: tuple[float, float], view: View, told: bool
) -> None:
    body = body_at({"left.hip": (0, 0), "right.hip": (0, 0), "left.shoulder": shoulders, "right.shoulder": shoulders})
    state = from_the_head(Exercise(template(exercise)), body, view)
    assert (state is not None and state.reason == "view") == told


@pytest.mark.parametrize(
    ("exercise", "shoulders", "told"),
    [
        ("fire_hydrant", (20, -60), True),  # from behind: the trunk of 64 is short for a thigh of 100
        ("fire_hydrant", (20, -110), False),  # sits or stands
        ("bridge", (20, -60), False),
        ("squat", (20, -60), False),  # bends forwards
    ],
)
def test_who_kneels_with_the_back_to_the_camera_is_asked_to_turn(
    exercise: str, shoulders: tuple[float, float], told: bool
) -> None:
    body = body_at({"left.hip": (0, 0), "right.hip": (0, 0), "left.shoulder": shoulders, "right.shoulder": shoulders})
    body.thigh = 100
    state = along_the_trunk(Exercise(template(exercise)), body)
    assert (state is not None and state.say == "Turn half towards the camera") == told


def test_feet_and_head_have_their_own_words() -> None:
    text = changed(CURL, ('"near.wrist"]', '"near.toe", "near.heel", "nose"]'))
    state = hidden(Exercise(parse_template(text)), body_at({"left.shoulder": (0, 0), "left.elbow": (0, 0)}))
    assert state
    assert "feet and head" in state.say


@pytest.mark.parametrize(("owner", "clear", "seen"), [("near", 0.6, True), ("near", 0.4, False), ("far", 0.4, True), ("far", 0.2, False)])  # fmt: skip
def test_the_near_side_must_be_clearer(owner: str, clear: float, seen: bool) -> None:
    text = changed(CURL, ('required = ["near.shoulder", "near.elbow", "near.wrist"]', f'required = ["{owner}.wrist"]'))
    name = "left.wrist" if owner == "near" else "right.wrist"
    body = body_at({name: (0, 0)}, clear={name: clear})
    body.set_near("left")
    assert (hidden(Exercise(parse_template(text)), body) is None) == seen


def test_the_wrong_view_says_where_to_turn() -> None:
    assert wrong_view(EXERCISE, View("side", 0.1, "left")) is None
    assert wrong_view(EXERCISE, View("oblique", 0.4, "left")) is None
    assert wrong_view(EXERCISE, View("unknown", math.nan, "left")) is None
    state = wrong_view(EXERCISE, View("front", 0.7, "left"))
    assert state
    assert (state.reason, state.say) == ("view", "Turn so that the camera sees you from the side")


def test_every_reason_asks_for_something() -> None:
    for state in (no_person(), wrong_posture(EXERCISE), not_at_start(EXERCISE), hold_still()):
        assert not state.ready
        assert state.reason
        assert state.say
    assert (READY.ready, READY.reason, READY.say) == (True, "", "")


# Posture classes ----------------------------------------------------------------------------------------------------


def on_all_fours() -> Figure:
    feet = at(-40.0, 8.0)
    return Figure(
        at(0.0, 50.0), trunk=5.0, ankles={"left": feet, "right": feet},
        wrists={"left": at(50.0, 4.0), "right": at(50.0, 4.0)}, knees=at(1.0, -1.0), face=-70.0,
    )  # fmt: skip


PLACED: dict[str, Array] = {
    "standing": standing().points(),
    "seated": sitting().points(),
    "half_kneeling": half_kneeling().points(),
    "supine": Bridge().figure(0.0).points(),
    "prone": Plank().points(),
    "quadruped": on_all_fours().points(),
}


def postures(points: Array, yaw: float = 0.0, limb: float = 130.0) -> set[str]:
    """Names of the posture classes that hold."""
    meter = ViewMeter()
    for i in range(40):
        pose = Camera(yaw=yaw, height=60, limb=limb).look(points, i / 30)
        body = Body(i / 30, pose.points, pose.visibility)
        view = meter.update(body, 0.9, 0.9, frozen=False)
        body.torso, body.thigh, body.shank, body.upper_arm = 50 * limb / 42, limb, limb, 30 * limb / 42
        body.view_ratio = view.ratio
    found = set()
    for name in POSTURES:
        exercise = Exercise(parse_template(changed(CURL, ('posture = "standing"', f'posture = "{name}"'))))
        if exercise.posture.evaluate(body):
            found.add(name)
    return found


@pytest.mark.parametrize("yaw", [0, 20, 160, 180])
@pytest.mark.parametrize("name", PLACED)
def test_every_posture_is_itself_and_nothing_else(name: str, yaw: float) -> None:
    found = postures(PLACED[name], yaw)
    assert name in found
    related = {
        "standing": {"upright"},
        "seated": {"upright"},
        "half_kneeling": {"upright", "seated"},  # the front thigh is as level as on a chair
        "quadruped": {"prone"},
        "prone": {"quadruped"},
        "supine": {"side_lying"},  # from 20 degrees off the side view; which it is the face tells
    }
    assert found <= {name, "any"} | related.get(name, set())


def test_a_plank_is_not_on_all_fours() -> None:
    assert "quadruped" not in postures(Plank().points())


@pytest.mark.parametrize("limb", [40.0, 300.0])
def test_posture_does_not_depend_on_the_size_of_the_person(limb: float) -> None:
    for name, points in PLACED.items():
        assert name in postures(points, limb=limb)


def test_walking_is_standing() -> None:
    motion = walking(2.0)
    assert all("standing" in postures(motion.look(t / 4)) for t in range(8))


def test_lying_on_the_side_shows_its_shoulders() -> None:
    """Seen from the belly, the shoulders lie above one another."""
    points = Bridge().figure(0.0).points()
    turned = points.copy()
    turned[:, 1], turned[:, 2] = 25 - points[:, 2], points[:, 1]  # rolled towards the camera
    assert "side_lying" in postures(turned)
    assert "side_lying" not in postures(points)
    assert "supine" not in postures(turned)


@pytest.mark.parametrize("yaw", [-110, -90, -75, 75, 90])
def test_on_all_fours_the_trunk_may_point_away_from_the_camera_or_to_it(yaw: float) -> None:
    assert "quadruped" in postures(PLACED["quadruped"], yaw)
    for other in ("standing", "seated"):
        assert "quadruped" not in postures(PLACED[other], yaw)


@pytest.mark.parametrize(("rolled", "prone"), [(0, True), (20, True), (90, False), (-90, False)])
def test_a_side_plank_is_not_prone(rolled: float, prone: bool) -> None:
    """The head looks down in both."""
    points = Plank(high=True, head=30).points()
    turned = points.copy()
    c, s = np.cos(np.radians(rolled)), np.sin(np.radians(rolled))
    turned[11:, 1], turned[11:, 2] = c * points[11:, 1] - s * points[11:, 2], s * points[11:, 1] + c * points[11:, 2]
    assert ("prone" in postures(turned)) == prone


@pytest.mark.parametrize(
    ("shoulders", "face_up", "lying"),
    [((-40, 32), True, True), ((-40, 55), True, False), ((-40, 32), False, False), ((-40, -32), True, False)],
)
def test_seen_from_the_head_end_the_head_may_be_low_in_the_picture(
    shoulders: tuple[float, float], face_up: bool, lying: bool
) -> None:
    ear = (shoulders[0] - 10, shoulders[1] + 8)
    joints = {
        f"{side}.{joint}": at for side in ("left", "right") for joint, at in (("shoulder", shoulders), ("ear", ear))
    }
    body = body_at(
        {**joints, "left.hip": (0, 0), "right.hip": (0, 0), "nose": (ear[0], ear[1] + (-8 if face_up else 8))}
    )
    text = changed(CURL, ('posture = "standing"', 'posture = "supine"'))
    assert bool(Exercise(parse_template(text)).posture.evaluate(body)) == lying


def test_nobody_is_in_any_posture_unseen() -> None:
    blind = body_at({})
    for name in POSTURES:
        exercise = Exercise(parse_template(changed(CURL, ('posture = "standing"', f'posture = "{name}"'))))
        assert bool(exercise.posture.evaluate(blind)) == (name == "any")
