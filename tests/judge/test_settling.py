"""When somebody arrived where they hold, and when they left: by where the trunk is, whatever the measures read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from judging import body_at

from formcheck.judge.holds import HoldTimer
from formcheck.judge.settling import DIFFER_S, KNOWN_S, Settling

TRUNK = ("mid.shoulder", "mid.hip")


def trunk_at(sunk: float) -> dict[str, tuple[float, float]]:
    """A trunk of 100 pixels that has sunk so many torso lengths."""
    y = 100 * sunk
    return {"left.shoulder": (0, y), "right.shoulder": (10, y), "left.hip": (0, 100 + y), "right.hip": (10, 100 + y)}


def down_and_up(time: float) -> float:
    """Torso lengths: sinks by one from 2 s to 3 s, stays for 5 s, rises from 8 s to 9 s."""
    return min(1.0, max(0.0, time - 2), 1.0) if time < 5 else min(1.0, max(0.0, 9 - time))


def followed(where: Callable[[float], float], within: float = 0.2, fps: int = 30, until: float = 11) -> Settling:
    settling = Settling(TRUNK, within, keep_s=8.0)
    for i in range(int(until * fps)):
        body = body_at(trunk_at(where(i / fps)), i / fps)
        body.torso = 100.0
        settling.update(body)
    return settling


@pytest.mark.parametrize("fps", [15, 30])
@pytest.mark.parametrize("about", [2.6, 2.8, 3.1])
def test_the_beginning_moves_halfway_to_when_the_trunk_arrived(about: float, fps: int) -> None:
    # 0.2 from where it is held: at 2.8 s.
    assert followed(down_and_up, fps=fps, until=8).arrived(about) == pytest.approx((2.8 - about) / 2, abs=0.01)


@pytest.mark.parametrize("fps", [15, 30])
@pytest.mark.parametrize("about", [8.0, 8.2, 8.5])
def test_the_end_moves_halfway_to_when_the_trunk_left(about: float, fps: int) -> None:
    assert followed(down_and_up, fps=fps).left(about) == pytest.approx((8.2 - about) / 2, abs=0.01)


def test_what_differs_much_is_another_movement() -> None:
    settling = followed(down_and_up)
    assert settling.arrived(2.8 + DIFFER_S + 0.05) == 0
    assert settling.arrived(2.8 + DIFFER_S - 0.05) == pytest.approx(-(DIFFER_S - 0.05) / 2, abs=0.01)


def test_who_was_there_from_the_first_picture_on_arrived_at_no_time() -> None:
    settling = followed(lambda _: 1.0, until=5)
    assert settling.arrived(0.5) == settling.left(4.5) == 0


def test_a_recording_that_begins_and_ends_in_a_hold_shows_sway_only() -> None:
    def swaying(time: float) -> float:
        return 0.3 if time < 0.4 or time > 4.6 else 0.0

    settling = followed(swaying, until=5)
    assert settling.arrived(0.0) == settling.left(4.9) == 0
    assert settling.arrived(0.3) == pytest.approx(0.05, abs=0.02)


def test_too_short_a_hold_says_nothing() -> None:
    assert followed(down_and_up, until=3.2).arrived(2.8) == 0


def test_a_gap_while_the_trunk_moved_says_nothing() -> None:
    settling = Settling(TRUNK, 0.2, keep_s=8.0)
    for i in range(240):
        if not 2.6 < i / 30 < 2.95:
            body = body_at(trunk_at(down_and_up(i / 30)), i / 30)
            body.torso = 100.0
            settling.update(body)
    assert settling.arrived(2.9) == 0


def test_a_scene_cut_forgets() -> None:
    settling = followed(down_and_up)
    settling.forget()
    assert settling.arrived(2.6) == 0


def timed(limits: tuple[float, float], within: float | None) -> tuple[float, float, float, float, float]:
    """Start, end, seconds in form, held and longest of a hold that the limits see from the one time to the other."""
    settling = Settling(TRUNK, within, keep_s=4.0) if within else None
    timer = HoldTimer(1.0, 1.0, 2.0, settling)
    for i in range(30 * 13):
        time = i / 30
        if settling:
            body = body_at(trunk_at(down_and_up(time)), time)
            body.torso = 100.0
            settling.update(body)
        inside = limits[0] <= time < limits[1]
        times = timer.update(time, True, inside, inside, inside)
        if times:
            return times.start, times.end, times.in_form, times.held, times.longest
    raise AssertionError("the hold never ended")


def test_limits_that_are_passed_late_and_left_early_lose_half_of_it_only() -> None:
    # The trunk is within 0.2 from 2.8 s to 8.2 s.
    assert timed((3.0, 8.0), None)[2] == pytest.approx(5.0, abs=0.05)
    start, end, in_form, held, longest = timed((3.0, 8.0), 0.2)
    assert start == pytest.approx(2.9, abs=0.05)
    assert end == pytest.approx(8.1, abs=0.05)
    assert in_form == pytest.approx(5.2, abs=0.05)
    assert held == longest == pytest.approx(in_form, abs=0.001)


def test_limits_that_are_passed_early_and_left_late_gain_half_of_it_only() -> None:
    start, end, in_form, held, longest = timed((2.4, 8.6), 0.2)
    assert start == pytest.approx(2.6, abs=0.05)
    assert end == pytest.approx(8.4, abs=0.05)
    assert in_form == held == pytest.approx(5.8, abs=0.05)
    assert longest == pytest.approx(in_form, abs=0.001)


def test_the_beginning_is_set_right_while_the_hold_goes_on() -> None:
    settling = Settling(TRUNK, 0.2, keep_s=4.0)
    timer = HoldTimer(1.0, 1.0, 2.0, settling)
    clock = {}
    for i in range(30 * 7):
        time = i / 30
        body = body_at(trunk_at(down_and_up(time)), time)
        body.torso = 100.0
        settling.update(body)
        inside = time >= 3.0
        timer.update(time, True, inside, inside, inside)
        clock[i] = timer.in_form
    before, after = round((3.0 + KNOWN_S - 0.1) * 30), round((3.0 + KNOWN_S + 0.1) * 30)
    assert clock[before] == pytest.approx(before / 30 - 3.0, abs=0.05)
    assert clock[after] == pytest.approx(after / 30 - 2.9, abs=0.05)
