from __future__ import annotations

import numpy as np
import pytest
from judging import sample
from motions import (
    Bridge,
    Lunge,
    Plank,
    Repeats,
    getting_up,
    going_down,
    lying_down,
    standing_up,
    then,
    waiting,
)
from moves import arm_raise, leg_lift, squat
from stick_figure import SIDES, Camera

from formcheck.errors import DemonstrationError
from formcheck.judge.cycles import find_cycles
from formcheck.judge.demonstration import Moving, take_apart
from formcheck.judge.learning import drafts, signals
from formcheck.judge.template import template_from
from formcheck.judge.yardsticks import YARDSTICKS
from formcheck.pose import Landmark, Pose, Side

FPS = 15.0
FLOOR = Camera(height=40.0)
THREE = Repeats(count=3)


def test_a_squat_is_knees_and_hips_bending_in_a_standing_person() -> None:
    shown = take_apart(squat(THREE).film(FPS))
    assert (shown.kind, shown.posture, shown.view) == ("repetitions", "standing", "side")
    best = signals(shown.moving)[0]
    assert best.yardstick.name in ("knee", "hip")
    assert (best.side, best.movement.sign, len(best.movement.cycles)) == ("near", -1.0, 3)
    by_name = {m.yardstick.name: m.movement for m in shown.moving}
    assert by_name["knee"].peaks == pytest.approx((90.0, 90.0), abs=4.0)
    assert {"knee", "hip"} <= set(by_name)


def test_a_bridge_is_the_hip_opening_with_the_knee_kept() -> None:
    shown = take_apart(Bridge().motion(THREE).film(FPS, FLOOR))
    assert (shown.kind, shown.posture) == ("repetitions", "supine")
    best = signals(shown.moving)[0]
    assert (best.yardstick.name, best.movement.sign) == ("hip", 1.0)
    assert [h.yardstick.name for h in shown.held] == ["knee"]


def test_a_leg_lift_is_one_side_working() -> None:
    shown = take_apart(leg_lift(THREE).film(FPS, FLOOR))
    best = signals(shown.moving)[0]
    assert best.side == "working"
    assert not best.alternate
    assert best.movement.range == pytest.approx(65.0, abs=5.0)


@pytest.mark.parametrize("side", SIDES)
def test_what_the_working_leg_keeps_is_not_what_the_other_one_does(side: Side) -> None:
    shown = take_apart(leg_lift(THREE, side=side, other_knee=80.0).film(FPS, FLOOR))
    best = signals(shown.moving)[0]
    assert (best.side, best.moved) == ("working", side)
    assert [h.middle for h in shown.held if h.side == best.moved] == pytest.approx([175.0], abs=6.0)


def test_legs_that_take_turns_alternate() -> None:
    first, second = (leg_lift(Repeats(count=1), side=side).film(FPS, FLOOR) for side in ("right", "left"))
    track = list(first)
    for poses in (second, first, second):
        begin = track[-1].time + 1 / FPS
        track += [Pose(begin + p.time, p.points, p.visibility, p.size) for p in poses]
    best = signals(take_apart(track).moving)[0]
    assert (best.side, best.alternate, len(best.movement.cycles)) == ("working", True, 4)


def test_arms_count_only_where_hardly_anything_else_moves() -> None:
    raised = take_apart(arm_raise(THREE).film(FPS))
    assert signals(raised.moving)[0].yardstick.name == "arm"
    names = [m.yardstick.name for m in signals(take_apart(squat(THREE).film(FPS)).moving)]
    assert names[-1] == "arm"


@pytest.mark.parametrize("seconds", [3.0, 15.0])
def test_a_plank_is_held(seconds: float) -> None:
    shown = take_apart(Plank().motion(seconds).film(FPS, FLOOR))
    assert (shown.kind, shown.posture, shown.view, shown.moving) == ("hold", "prone", "side", ())
    assert shown.held_s == pytest.approx(seconds, abs=0.3)
    held = {h.yardstick.name: h.middle for h in shown.held}
    assert held["knee"] == pytest.approx(172.0, abs=3.0)
    assert held["hip"] == pytest.approx(186.0, abs=6.0)


@pytest.mark.parametrize(("pause", "kind"), [(3.0, "repetitions"), (8.0, "hold")])
def test_a_movement_done_once_is_a_hold_if_its_far_end_lasts(pause: float, kind: str) -> None:
    """Although most of the time passes before and after it."""
    once = Repeats(count=1, seconds=pause + 4.0, pause=pause, lead_in=7.0, lead_out=5.0)
    assert take_apart(Bridge().motion(once).film(FPS, FLOOR)).kind == kind


def test_a_joint_that_goes_twice_in_each_repetition_is_not_counted_by() -> None:
    """As the knees in a recording of clamshells: 9 ways out and back in 5 repetitions."""
    times = np.arange(0.0, 20.0, 1 / FPS)

    def moving(name: str, period: float, degrees: float) -> Moving:
        (yardstick,) = (y for y in YARDSTICKS if y.name == name)
        movement = find_cycles(times, 100.0 - degrees * np.cos(2 * np.pi * times / period) / 2, 1.0)
        assert movement
        return Moving(yardstick, movement, "near", "right")

    shown = [moving("knee", 2.0, 34.0), moving("hip", 4.0, 30.0), moving("thigh_rise", 4.0, 31.0)]
    assert [m.yardstick.name for m in signals(shown)] == ["hip", "thigh_rise", "knee"]
    assert signals([shown[0]]) == [shown[0]]


def test_a_hold_is_still_although_a_leg_that_is_hidden_is_read_restlessly() -> None:
    rng = np.random.default_rng(3)
    track = []
    for pose in sample("figure4_supine"):
        points = pose.points.copy()
        points[Landmark.LEFT_ANKLE] += rng.normal(0.0, 25.0, 2)  # of the far leg, which is crossed
        track.append(Pose(pose.time, points, pose.visibility, pose.size))
    assert take_apart(track).kind == "hold"


def test_getting_into_position_and_out_of_it_is_left_away() -> None:
    track = then(lying_down(), Bridge().motion(Repeats(count=4)), standing_up()).film(FPS, FLOOR)
    shown = take_apart(track)
    assert (shown.kind, shown.posture) == ("repetitions", "supine")
    best = signals(shown.moving)[0]
    assert (best.yardstick.name, len(best.movement.cycles)) == ("hip", 4)
    held = take_apart(then(going_down(), Plank().motion(15.0), getting_up()).film(FPS, FLOOR))
    assert held.kind == "hold"
    assert 15.0 <= held.held_s <= 18.0  # going into it and out of it begins and ends slowly


def test_what_it_is_can_be_said() -> None:
    track = Bridge().motion(Repeats(count=1, seconds=9.0, pause=7.0)).film(FPS, FLOOR)
    assert take_apart(track, "repetitions").kind == "repetitions"
    held = take_apart(track, "hold")
    assert held.kind == "hold"
    assert held.held_s == pytest.approx(7.0, abs=1.5)


@pytest.mark.parametrize(
    ("track", "kind", "words"),
    [
        ([Pose.absent(i / 30, (640, 480)) for i in range(60)], None, "Nobody was seen"),
        (waiting(6.0).film(15.0), "repetitions", "No repetition was found"),
        (Lunge().motion(Repeats(count=1, lead_in=0.0, lead_out=0.0, pause=0.1)).film(15.0), "hold", "held still for 2"),
    ],
    ids=["nobody", "no movement", "no hold"],
)
def test_what_shows_nothing_is_told(track: list[Pose], kind: str | None, words: str) -> None:
    with pytest.raises(DemonstrationError, match=words):
        take_apart(track, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "track",
    [
        squat(THREE).film(15.0),
        Bridge().motion(THREE).film(15.0, FLOOR),
        leg_lift(THREE).film(15.0, FLOOR),
        arm_raise(THREE).film(15.0),
        Plank().motion(6.0).film(15.0, FLOOR),
    ],
    ids=["squat", "bridge", "leg lift", "arm raise", "plank"],
)
def test_every_draft_is_a_template_that_explains_its_numbers(track: list[Pose]) -> None:
    for made in drafts("learned", take_apart(track), "demo.mp4"):
        template = template_from(made.data)
        assert template.id == "learned"
        explained = {path[-1] for path in made.comments}
        if template.repetition:
            assert {"rest", "start", "peak_enter", "peak_exit", "finish", "min_range", "seconds"} <= explained
            low, high = template.repetition.rest
            assert high - low >= 25
        else:
            assert {"position", "enter", "stay"} <= explained
