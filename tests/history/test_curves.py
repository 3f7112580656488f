from __future__ import annotations

from math import nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.errors import CompareError
from formcheck.history.curves import POINTS, Traces, mean_course, read_traces, set_curves
from formcheck.judge.counting import LAG_S

MIDDLE = POINTS // 2


def bump(start: float, peak: float, end: float, high: float = 90.0, step: float = 1 / 30) -> Traces:
    """A measure that goes from 0 to `high` at the peak and back, as smoothing delays it."""
    times = np.arange(0.0, end + 2.0, step)
    values = np.interp(times - LAG_S, [start, peak, end], [0.0, high, 0.0])
    return Traces(("knee",), times, values[:, None])


@given(st.floats(0.5, 3.0), st.floats(0.4, 4.0), st.floats(0.4, 4.0))
def test_repetitions_of_any_tempo_lie_on_the_same_course(start: float, out: float, back: float) -> None:
    course = bump(start, start + out, start + out + back).course(start, start + out, start + out + back)[:, 0]
    even = np.concatenate([np.linspace(0, 90, MIDDLE + 1), np.linspace(90, 0, MIDDLE + 1)[1:]])
    # Between two pictures the tip of the bump is cut off.
    assert np.abs(course - even).max() <= 90 / min(out, back) / 30


def test_a_hold_goes_from_its_beginning_to_its_end_without_getting_in_and_out() -> None:
    times = np.arange(0.0, 20.0, 0.1)
    traces = Traces(("hips",), times, times[:, None])
    course = traces.course(2.0, None, 12.0)[:, 0]
    assert (course[0], course[MIDDLE], course[-1]) == pytest.approx((2.5, 7.0, 11.5))
    assert traces.course(2.0, None, 3.0)[:, 0][[0, -1]] == pytest.approx([2.25, 2.75])


def test_what_was_not_seen_stays_unknown() -> None:
    traces = bump(1.0, 2.0, 3.0)
    traces.values[(traces.times > 1.4) & (traces.times < 2.4)] = nan
    course = traces.course(1.0, 2.0, 3.0)[:, 0]
    gap = np.isnan(course)
    assert not gap[: MIDDLE // 2 - 2].any()
    assert gap[MIDDLE - 4 : MIDDLE + 1].all()
    assert not gap[-MIDDLE // 2 :].any()
    traces.values[:] = nan
    assert np.isnan(traces.course(1.0, 2.0, 3.0)).all()


def test_one_single_value_is_no_course() -> None:
    traces = Traces(("knee",), np.array([1.5]), np.array([[7.0]]))
    course = traces.course(1.0, 1.5, 3.0)[:, 0]
    assert np.isfinite(course).sum() < POINTS / 2


def test_the_mean_of_courses_needs_half_of_them() -> None:
    known, unknown = np.full((POINTS, 1), 4.0), np.full((POINTS, 1), nan)
    mean, spread = mean_course([known, known + 2, unknown])
    assert mean[0, 0] == 5
    assert spread[0, 0] == pytest.approx(2**0.5)
    assert np.isnan(mean_course([known, unknown, unknown])[0]).all()


def test_only_counted_repetitions_are_kept_by_side() -> None:
    traces = bump(1.0, 2.0, 3.0)
    part = {"start_s": 1.0, "peak_s": 2.0, "end_s": 3.0, "counted": True, "side": "left"}
    report = {"kind": "repetitions", "repetitions": [part, part, {**part, "side": "right", "counted": False}]}
    kept = set_curves(report, traces)
    assert set(kept) == {"left"}
    assert kept["left"]["n"] == 2
    assert kept["left"]["measures"]["knee"][MIDDLE] == pytest.approx(90, abs=3)


def test_angles_are_read_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "angles.csv"
    path.write_text(
        "time_s,measure,side,value,unit,phase,in_position\n"
        "0.0,knee,,170.5,deg,rest,1\n0.0,knee flexion,left,9.5,deg,rest,1\n0.0,hip,,,deg,rest,1\n"
        "0.1,knee,,171.5,deg,rest,1\n0.1,hip,,3.0,deg,rest,1\n"
    )
    traces = read_traces(path, ("knee", "hip"))
    assert traces.names == ("knee", "hip")
    assert traces.times.tolist() == [0.0, 0.1]
    assert traces.values[:, 0].tolist() == [170.5, 171.5]
    assert np.isnan(traces.values[0, 1])
    for content in ("nothing\n1\n", "time_s,measure,value\nx,knee,1\n"):
        path.write_text(content)
        with pytest.raises(CompareError, match="Analyze the video again"):
            read_traces(path, ("knee",))
    with pytest.raises(CompareError):
        read_traces(tmp_path / "absent.csv", ("knee",))
