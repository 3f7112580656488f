"""Left and right: the planned side checked against the motion, and one side compared with the other."""

from __future__ import annotations

import pytest
from judging import follow, judge, present, spoken
from motions import DoubleLegLift, Lunge, Repeats, then
from moves import leg_lift
from stick_figure import Camera

from formcheck.judge.other_side import LONG_S, SIGNS, STRETCH_S, OtherSide
from formcheck.judge.symmetry import FEWEST, NOISE_DEG
from formcheck.pose import Side

LEFT: Side = "left"
RIGHT: Side = "right"


def led(check: OtherSide, *stretches: tuple[Side | None, float], start: float = 0.0) -> float:
    time = start
    for side, seconds in stretches:
        for _ in range(round(seconds / 0.05)):
            time += 0.05
            check.update(time, side)
    return time


def test_two_repetitions_with_the_other_side_are_noticed_and_one_is_not() -> None:
    check = OtherSide("left")
    end = led(check, (None, 1.0), ("right", STRETCH_S + 0.2), (None, 1.0))
    assert not check.noticed
    led(check, *[(RIGHT, STRETCH_S + 0.2)] * (SIGNS - 1), start=end)
    assert check.noticed
    assert check.note() is not None


def test_the_planned_side_clears_it() -> None:
    check = OtherSide("left")
    pause: list[tuple[Side | None, float]] = [(None, 0.5)]
    end = led(check, *[(RIGHT, 1.0), *pause] * SIGNS)
    assert check.noticed
    led(check, ("left", 4.0), start=end)
    assert not check.noticed
    assert check.note() is None  # the planned side led for longer


def test_flickers_of_the_other_side_are_nothing() -> None:
    check = OtherSide("right")
    led(check, *[(LEFT, 0.2), (RIGHT, 0.2)] * 30)
    assert not check.noticed
    assert check.note() is None


def test_the_other_side_that_always_leads_is_noticed_without_a_break() -> None:
    check = OtherSide("right")
    end = led(check, ("left", LONG_S - 1.0))
    assert not check.noticed
    led(check, ("left", 2.0), start=end)
    assert check.noticed


@pytest.mark.parametrize("plan", ["left", "right"])
def test_a_set_done_with_the_other_leg_is_told(plan: Side) -> None:
    worked: Side = "right" if plan == "left" else "left"
    track = Lunge((worked,)).motion(Repeats(4, 2.6, 0.3, 0.9)).film(20, Camera())
    report, moments = follow("lunge", track, side=plan)
    assert moments[-1].wrong_side
    assert not any(m.wrong_side for m in moments if m.time < 3)
    assert any(f"the {worked} side worked most of the time" in note for note in report.notes)
    planned, right = follow("lunge", track, side=worked)
    assert planned.counts.total == 4
    assert not any(m.wrong_side for m in right)
    assert planned.notes == ()


@pytest.mark.parametrize("exercise", ["lunge", "leg_lift"])
def test_a_set_done_with_the_other_leg_is_judged_by_the_leg_that_worked(exercise: str) -> None:
    """Counted for the planned side, but the planned leg is the back or the resting one: measured there, all is wrong."""
    repeats = Repeats(3, 2.8, 0.5, 1.0)
    motion = Lunge(("left",)).motion(repeats) if exercise == "lunge" else leg_lift(repeats, top=65.0, side="left")
    track = motion.film(20, Camera() if exercise == "lunge" else Camera(height=45))
    right, wrong = judge(exercise, track, side="left"), judge(exercise, track, side="right")
    assert (right.counts.left, wrong.counts.right) == (3, 3)
    assert (present(wrong), spoken(wrong)) == (present(right), spoken(right)) == ({}, [])
    for planned, other in zip(right.repetitions, wrong.repetitions, strict=True):
        assert other.measures == pytest.approx(planned.measures, abs=2, nan_ok=True)


def test_alternating_lunges_for_which_one_side_was_planned_are_right_on_both() -> None:
    report = judge("lunge", Lunge(("left", "right")).motion(Repeats(4, 2.6, 0.3, 0.9)).film(20, Camera()), side="left")
    assert report.counts.total == 4
    assert (present(report), spoken(report)) == ({}, [])


def test_without_a_plan_no_side_is_wrong() -> None:
    track = Lunge(("left",)).motion(Repeats(3, 2.6, 0.3, 0.9)).film(20, Camera())
    assert not any(m.wrong_side for m in follow("lunge", track)[1])


@pytest.mark.parametrize(("left", "right", "differs"), [(80.0, 62.0, True), (68.0, 65.0, False)])
def test_sides_differ_only_beyond_the_noise(left: float, right: float, differs: bool) -> None:
    """Floor noise is 7 degrees: 18 apart is told, 3 apart is not."""
    lifts = Repeats(FEWEST, 3.0, 0.5, 1.0)
    first, second = leg_lift(lifts, top=left, side="left"), leg_lift(lifts, top=right, side="right")
    report = judge("leg_lift", then(first, second).film(20, Camera(height=45)))
    assert (report.counts.left, report.counts.right) == (FEWEST, FEWEST)
    assert report.symmetry is not None
    assert report.symmetry.differs is differs
    assert abs(report.symmetry.left - report.symmetry.right) == pytest.approx(left - right, abs=NOISE_DEG / 2)
    assert any("Left and right differ" in note for note in report.notes) is differs
    assert report.to_dict()["symmetry"]["differs"] is differs


@pytest.mark.parametrize(("yaw", "unit"), [(0.0, "deg"), (90.0, "thigh")])
def test_sides_are_compared_in_the_unit_of_the_view(yaw: float, unit: str) -> None:
    """From the front a lunge is measured by how far the hips come down, in thighs."""
    parts = [
        Lunge((side,), knee=knee, back_knee=95.0).motion(Repeats(1, 3.0, lead_in=1.0, lead_out=0.7))
        for _ in range(4)
        for side, knee in ((RIGHT, 80.0), (LEFT, 104.0))
    ]
    report = judge("lunge", then(*parts, blend_s=0.3).film(30, Camera(yaw=yaw, distance=400)))
    assert report.counts.total == 8
    assert report.symmetry is not None
    assert (report.symmetry.unit, report.symmetry.differs) == (unit, True)


def test_two_repetitions_of_a_side_are_not_compared() -> None:
    track = Lunge(("left", "right")).motion(Repeats(2 * FEWEST - 2, 2.6, 0.3, 0.9)).film(20, Camera())
    report = judge("lunge", track)
    assert report.counts.left == FEWEST - 1
    assert report.symmetry is None
    assert report.to_dict()["symmetry"] is None


@pytest.mark.parametrize("yaw", [0.0, 180.0])
def test_legs_that_are_lifted_together_are_of_no_side_whichever_was_lifted_before(yaw: float) -> None:
    two = Repeats(2)
    motion = then(leg_lift(two, side="left"), DoubleLegLift().motion(two), leg_lift(two, side="right"))
    report = judge("leg_lift", motion.film(30.0, Camera(height=45, yaw=yaw)))
    assert [r.side for r in report.repetitions] == ["left", "left", None, None, "right", "right"]
    assert (report.counts.total, report.counts.left, report.counts.right) == (6, 2, 2)
