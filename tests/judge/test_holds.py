"""The hold timer on plain series: position, good form, sight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.judge.holds import HoldTimer, HoldTimes
from formcheck.judge.session import TICKS

Plan = list[tuple[float, str]]
"""(until, state): "out", "good", "fair" (within the wider limits only), "bad" (in position, bad form), "gone", "skip"."""


class Driver:
    """Feeds a timer with enter 1 s, grace 1 s, end 3 s."""

    def __init__(self, fps: float = 30.0) -> None:
        self.timer = HoldTimer(enter_s=1.0, grace_s=1.0, end_s=3.0)
        self.fps = fps
        self.ended: list[HoldTimes] = []
        self.last = 0.0

    def run(self, plan: Plan, finish: bool = True, offset: float = 0.0) -> list[HoldTimes]:
        count = int(plan[-1][0] * self.fps + 1e-7) + 1
        for i in range(count):
            time = round(i / self.fps * TICKS) / TICKS
            state = next(s for until, s in plan if time <= until + 1e-6)
            if state == "skip":
                continue
            ended = self.timer.update(
                time + offset,
                state != "gone",
                state not in ("out", "gone"),
                state == "good",
                state in ("good", "fair"),
            )
            if ended:
                self.ended.append(ended)
        if finish and (ended := self.timer.finish()):
            self.ended.append(ended)
        return self.ended


def run(*plan: tuple[float, str], fps: float = 30.0) -> list[HoldTimes]:
    return Driver(fps).run(list(plan))


def test_a_hold_is_back_dated() -> None:
    (hold,) = run((2, "out"), (12, "good"), (14, "out"))
    assert hold.start == pytest.approx(2.0, abs=0.05)
    assert hold.end == pytest.approx(12.0, abs=0.05)
    assert hold.in_form == hold.held == hold.longest == pytest.approx(10.0, abs=0.05)
    assert (hold.lost, hold.breaks) == (0.0, 0)


@pytest.mark.parametrize(
    ("on_the_way", "until", "in_form"),
    [
        ("fair", 2.4, 10.0),  # straight into good form: since then
        ("fair", 2.8, 9.2),  # it took longer: from when form was good
        ("bad", 2.4, 9.6),  # in position, but not within the wider limits
    ],
)
def test_the_way_straight_into_good_form_counts(on_the_way: str, until: float, in_form: float) -> None:
    (hold,) = run((2, "out"), (until, on_the_way), (12, "good"), (14, "out"))
    assert hold.in_form == pytest.approx(in_form, abs=0.05)
    assert hold.held == pytest.approx(10.0, abs=0.05)


def test_less_than_the_time_to_enter_is_no_hold() -> None:
    assert run((2, "out"), (2.9, "good"), (6, "out")) == []
    assert run((0.8, "good")) == []


def test_nothing_is_held_before_it_is_entered() -> None:
    driver = Driver()
    driver.run([(0.9, "good")], finish=False)
    assert not driver.timer.holding
    assert driver.timer.held == 0.0


def test_bad_form_is_held_but_not_in_form() -> None:
    (hold,) = run((1, "out"), (6, "bad"), (11, "good"), (12, "out"))
    assert hold.held == pytest.approx(10, abs=0.05)
    assert hold.in_form == pytest.approx(5, abs=0.05)


def test_a_slip_within_the_grace_stops_the_clock_but_is_no_break() -> None:
    (hold,) = run((5, "good"), (5.8, "bad"), (10, "good"))
    assert hold.in_form == pytest.approx(9.2, abs=0.1)
    assert hold.held == pytest.approx(10, abs=0.05)
    assert hold.breaks == 0
    assert hold.longest == pytest.approx(9.2, abs=0.1)


def test_a_longer_slip_is_a_break() -> None:
    (hold,) = run((5, "good"), (8, "bad"), (10, "good"))
    assert hold.in_form == pytest.approx(7, abs=0.1)
    assert hold.breaks == 1
    assert hold.longest == pytest.approx(5, abs=0.1)


def test_good_form_has_hysteresis() -> None:
    """Entered by the stricter limits, kept by the wider ones."""
    (hold,) = run((5, "good"), (10, "fair"))
    assert hold.in_form == pytest.approx(10, abs=0.05)
    (hold,) = run((10, "fair"))
    assert hold.in_form == 0.0
    assert hold.held == pytest.approx(10, abs=0.05)


def test_after_a_break_good_form_counts_again_when_it_lasts() -> None:
    (hold,) = run((5, "good"), (7, "bad"), (7.2, "good"), (9, "bad"), (12, "good"))
    assert hold.in_form == pytest.approx(8, abs=0.1)  # the 0.2 s in between are a flicker


@pytest.mark.parametrize(("back", "in_form"), [(5.9, 5.0), (6.3, 5.7)])
def test_who_passes_through_good_form_on_the_way_out_is_not_back_in_it(back: float, in_form: float) -> None:
    """Within the grace, too: what counts is that it lasts."""
    (hold,) = run((5, "good"), (5.6, "bad"), (back, "good"), (7, "bad"), (9, "out"))
    assert hold.in_form == pytest.approx(in_form, abs=0.1)


def test_a_pause_is_resumed() -> None:
    (hold,) = run((5, "good"), (7, "out"), (10, "good"))
    assert hold.held == pytest.approx(8, abs=0.1)
    assert hold.in_form == pytest.approx(8, abs=0.1)
    assert hold.breaks == 1


def test_a_blink_out_of_position_is_noise() -> None:
    (hold,) = run((5, "good"), (5.2, "out"), (10, "good"))
    assert hold.held == pytest.approx(10, abs=0.1)
    assert hold.in_form == pytest.approx(10, abs=0.1)
    assert hold.breaks == 0


@pytest.mark.parametrize("fps", [10.0, 30.0])
def test_blinks_out_of_sight_are_noise(fps: float) -> None:
    """One picture in ten without the person: both steps beside it were lost, a fifth of the time."""
    plan: Plan = []
    for i in range(1, 20):
        plan += [(i - 0.05, "good"), (i - 0.05 + 1 / fps, "gone")]
    (hold,) = run(*plan, (20, "good"), fps=fps)
    assert (hold.held, hold.in_form, hold.lost) == pytest.approx((20, 20, 0), abs=1e-5)
    assert hold.breaks == 0


def test_a_blink_while_somebody_is_out_of_position_is_not_held() -> None:
    (hold,) = run((5, "good"), (6, "out"), (6.1, "gone"), (7, "out"), (7.2, "gone"), (10, "good"))
    assert hold.held == pytest.approx(8 - 0.2, abs=0.1)


def test_out_of_position_for_long_is_the_end() -> None:
    first, second = run((5, "good"), (9, "out"), (13, "good"))
    assert first.held == pytest.approx(5, abs=0.1)
    assert first.end == pytest.approx(5, abs=0.1)
    assert second.start == pytest.approx(9, abs=0.1)
    assert second.held == pytest.approx(4, abs=0.1)


def test_out_of_sight_is_lost_time() -> None:
    (hold,) = run((5, "good"), (7, "gone"), (10, "good"))
    assert hold.lost == pytest.approx(2, abs=0.1)
    assert hold.held == pytest.approx(8, abs=0.1)
    assert hold.in_form == pytest.approx(8, abs=0.1)


def test_pictures_that_are_missing_are_lost_time() -> None:
    (hold,) = run((5, "good"), (6.5, "skip"), (10, "good"))
    assert hold.lost == pytest.approx(1.5, abs=0.1)
    assert hold.held == pytest.approx(8.5, abs=0.1)


def test_out_of_sight_for_long_is_the_end() -> None:
    first, second = run((5, "good"), (9, "gone"), (12, "good"))
    assert first.end == pytest.approx(5, abs=0.1)
    assert first.lost == pytest.approx(0, abs=0.05)  # nobody knows whether it was still held
    assert second.start == pytest.approx(9, abs=0.1)


def test_missing_pictures_for_long_are_the_end() -> None:
    first, second = run((5, "good"), (9, "skip"), (12, "good"))
    assert first.end == pytest.approx(5, abs=0.1)
    assert first.lost == pytest.approx(0, abs=0.05)
    assert second.held == pytest.approx(3, abs=0.15)


def test_out_of_sight_at_the_end_is_not_lost() -> None:
    (hold,) = run((5, "good"), (7, "gone"))
    assert hold.end == pytest.approx(5, abs=0.1)
    assert hold.lost == pytest.approx(0, abs=0.05)


def test_entering_survives_a_blink_only() -> None:
    (hold,) = run((0.5, "good"), (0.6, "out"), (6, "good"))
    assert hold.start == pytest.approx(0, abs=0.05)
    (hold,) = run((0.5, "good"), (1.2, "out"), (6, "good"))
    assert hold.start == pytest.approx(1.2, abs=0.05)
    (hold,) = run((0.5, "good"), (0.7, "gone"), (6, "good"))
    assert hold.start == pytest.approx(0, abs=0.05)
    (hold,) = run((0.5, "good"), (1.5, "gone"), (6, "good"))
    assert hold.start == pytest.approx(1.5, abs=0.05)
    (hold,) = run((0.5, "good"), (2.5, "skip"), (6, "good"))
    assert hold.start == pytest.approx(2.5, abs=0.1)


def test_a_cut_ends_it_at_once() -> None:
    driver = Driver()
    driver.run([(5, "good")], finish=False)
    ended = driver.timer.abort()
    assert ended
    assert ended.held == pytest.approx(5, abs=0.05)
    assert driver.timer.abort() is None
    assert driver.timer.finish() is None


def test_the_clock_can_be_read_on_the_way() -> None:
    driver = Driver()
    driver.run([(5, "good"), (6, "bad")], finish=False)
    timer = driver.timer
    assert timer.holding
    assert not timer.out
    assert timer.in_form == pytest.approx(5, abs=0.05)
    assert timer.held == pytest.approx(6, abs=0.05)
    driver = Driver()
    driver.run([(5, "good"), (6, "out")], finish=False)
    assert driver.timer.out
    driver = Driver()
    driver.run([(5, "good"), (6, "gone")], finish=False)
    assert driver.timer.out


plans: Callable[[], st.SearchStrategy[Plan]] = lambda: st.lists(  # noqa: E731
    st.tuples(st.floats(0.3, 6), st.sampled_from(["out", "good", "fair", "bad", "gone"])), min_size=1, max_size=10
).map(_cumulated)


def _cumulated(parts: list[tuple[float, str]]) -> Plan:
    plan: Plan = []
    for seconds, state in parts:  # see `TICKS` for why times lie on a grid
        plan.append(((plan[-1][0] if plan else 0.0) + seconds, state))
    return plan


@given(plans())
def test_seconds_add_up(plan: Plan) -> None:
    for hold in run(*plan):
        assert 0 <= hold.longest <= hold.in_form + 1e-9 <= hold.held + 2e-9
        assert hold.held + hold.lost <= hold.end - hold.start + 0.3 + 1e-9
        assert hold.breaks >= 0
        assert 0 <= hold.start <= hold.end <= plan[-1][0] + 0.05


@given(plans())
def test_in_form_never_exceeds_the_time_in_good_form(plan: Plan) -> None:
    good, before = 0.0, 0.0
    for until, state in plan:
        good += until - before if state in ("good", "fair") else 0.0
        before = until
    assert sum(h.in_form for h in run(*plan)) <= good + 0.3 * len(plan) + 0.05


def test_form_is_not_gained_out_of_sight() -> None:
    (hold,) = run((1, "fair"), (1.5, "good"), (4, "gone"), (8, "good"))
    assert hold.in_form == pytest.approx(4.5, abs=0.1)
    assert hold.lost == pytest.approx(2.5, abs=0.1)


def test_what_came_before_leaving_is_not_lost() -> None:
    """Time out of sight is lost only if the position was held before and after."""
    (hold,) = run((4, "good"), (5, "gone"), (6, "out"))
    assert hold.lost == 0.0


@given(plans(), st.sampled_from([1000.0, -3.0, 86_400.0]))
def test_another_clock_gives_the_same_seconds(plan: Plan, offset: float) -> None:
    plain, later = Driver().run(plan), Driver().run(plan, offset=offset)
    assert [h.breaks for h in plain] == [h.breaks for h in later]
    for name in ("in_form", "held", "lost", "longest"):
        assert [getattr(h, name) for h in plain] == pytest.approx([getattr(h, name) for h in later], abs=1e-6)
    assert [h.start + offset for h in plain] == pytest.approx([h.start for h in later], abs=1e-6)


@pytest.mark.parametrize("fps", [10, 15, 24, 60])
def test_the_frame_rate_does_not_matter(fps: float) -> None:
    plan: Plan = [
        (2, "out"),
        (6, "good"),
        (6.7, "bad"),
        (10, "good"),
        (12, "out"),
        (14, "good"),
        (16, "bad"),
        (20, "good"),
    ]
    (slow,), (fast,) = Driver(fps).run(plan), Driver(120).run(plan)
    assert slow.breaks == fast.breaks
    for name in ("start", "end", "in_form", "held", "longest"):
        assert getattr(slow, name) == pytest.approx(getattr(fast, name), abs=3.0 / fps + 0.05), name


def split_at(driver: Driver, *plan: tuple[float, str]) -> HoldTimes | None:
    driver.run(list(plan), finish=False)
    return driver.timer.split()


def test_a_hold_that_is_taken_up_again_can_be_split_where_it_was_left() -> None:
    driver = Driver()
    ended = split_at(driver, (2, "out"), (7, "good"), (9, "out"), (9.3, "good"))
    assert ended
    assert ended.start == pytest.approx(2.0, abs=0.05)
    assert ended.end == pytest.approx(7.0, abs=0.05)
    assert ended.in_form == ended.held == ended.longest == pytest.approx(5.0, abs=0.05)
    assert ended.breaks == 0
    assert not driver.timer.holding
    later = Driver()
    later.timer, later.ended = driver.timer, []
    (second,) = later.run([(5, "good"), (6, "out")], offset=9.3 + 1 / 30)
    assert second.start == pytest.approx(9.0, abs=0.05)
    assert second.in_form == second.held == pytest.approx(5.3, abs=0.1)


def test_a_hold_that_was_left_in_bad_form_keeps_its_break_when_it_is_split() -> None:
    ended = split_at(Driver(), (2, "out"), (5, "good"), (7, "bad"), (8, "out"), (8.3, "good"))
    assert ended
    assert ended.breaks == 1
    assert ended.in_form == pytest.approx(3.0, abs=0.05)
    assert ended.held == pytest.approx(5.0, abs=0.05)


@pytest.mark.parametrize(
    "plan",
    [
        [(2, "out"), (7, "good")],  # never left
        [(2, "out"), (7, "good"), (8, "out"), (9, "good")],  # in good form again: whoever changes sides is not, so soon
        [(2, "out")],
    ],
)
def test_a_hold_that_goes_on_is_not_split(plan: Plan) -> None:
    assert split_at(Driver(), *plan) is None
