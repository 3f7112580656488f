"""Times strictly increase, and the recording's own are kept wherever they do."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.see.timeline import LONGEST_GAP, STUCK, Timeline

STEP = 0.04


def place(*seconds: float | None) -> list[float]:
    timeline = Timeline(STEP)
    return [round(timeline.place(each), 9) for each in seconds]


def test_irregular_times_are_kept_and_start_at_zero() -> None:
    assert place(100.0, 100.01, 100.5, 107.25) == [0.0, 0.01, 0.5, 7.25]


def test_a_missing_timestamp_follows_one_frame_later() -> None:
    assert place(5.0, None, 5.08, None) == [0.0, 0.04, 0.08, 0.12]


def test_a_recording_without_timestamps_plays_at_its_nominal_rate() -> None:
    assert place(*[None] * 4) == [0.0, 0.04, 0.08, 0.12]


def test_timestamps_that_begin_late_continue_from_the_pictures_before() -> None:
    assert place(None, None, 70.0, 70.04) == [0.0, 0.04, 0.08, 0.12]


def test_repeated_and_slightly_earlier_times_are_moved_half_a_frame_and_caught_up_with() -> None:
    assert place(0.0, 0.04, 0.04, 0.12, 0.11, 0.16) == [0.0, 0.04, 0.06, 0.12, 0.14, 0.16]


def test_after_a_restart_of_the_clock_time_goes_on() -> None:
    assert place(50.0, 50.04, 0.0, 0.04, 0.12) == [0.0, 0.04, 0.08, 0.12, 0.2]


def test_a_wild_timestamp_does_not_stretch_the_recording() -> None:
    assert place(0.0, 0.04, 1e9, 0.12, 0.16) == [0.0, 0.04, 0.08, 0.12, 0.16]


def test_a_clock_that_stands_still_runs_at_the_nominal_rate() -> None:
    times = place(*[3.0] * 100)
    assert times[-1] - times[STUCK + 1] == pytest.approx(STEP * (99 - STUCK - 1))


TIMES = st.none() | st.floats(-1e6, 1e12)


@given(st.lists(TIMES, max_size=60))
def test_times_always_increase_and_never_jump_further_than_the_longest_gap(seconds: list[float | None]) -> None:
    timeline = Timeline(STEP)
    times = [timeline.place(each) for each in seconds]
    assert times[:1] in ([], [0.0])
    assert all(0 < later - earlier <= LONGEST_GAP + 1e-6 for earlier, later in pairwise(times))


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=60, unique=True), st.integers(-(10**9), 10**9))
def test_times_that_increase_are_kept_wherever_they_start(milliseconds: list[int], start: int) -> None:
    milliseconds = sorted(each for each in milliseconds if each < LONGEST_GAP * 1000)
    timeline = Timeline(STEP)
    for each in milliseconds:
        assert abs(timeline.place((start + each) / 1000) - (each - milliseconds[0]) / 1000) < 1e-6
