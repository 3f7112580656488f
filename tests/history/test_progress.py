from __future__ import annotations

from datetime import timedelta
from math import radians, sin
from pathlib import Path

import pytest
from kept import FIRST, keep, lunges, plank
from outcomes import LUNGE

from formcheck.history import noise
from formcheck.history.progress import METRICS, Change, ExerciseProgress, Session, change_of, progress, quantity, said
from formcheck.history.store import History, week_of


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.sqlite3")


def only(history: History) -> ExerciseProgress:
    (found,) = progress(history.sets())
    return found


def change(found: ExerciseProgress, metric: str, side: str | None = "left") -> Change:
    return next(s.change for s in found.series if s.metric.name == metric and s.side == side)


def sessions(*values: float) -> list[Session]:
    return [Session(FIRST.date() + timedelta(days=i), value, 1) for i, value in enumerate(values)]


def range_change(*values: float, unit: str = "deg") -> Change:
    return change_of(METRICS["range"], unit, sessions(*values))


# --- what may be called a change -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((60, 60, 60, 70, 70, 70), "same"),  # exactly the noise is still noise
        ((60, 60, 60, 70.5, 70.5, 70.5), "more"),
        ((70.5, 70.5, 70.5, 60, 60, 60), "less"),
        ((60, 60, 60, 99, 10, 61, 61, 61), "same"),  # what was between does not count
        ((60, 60, 60, 80, 80), "early"),
        ((60,), "early"),
    ],
)
def test_a_range_changes_beyond_ten_degrees_between_means_of_three_sessions(
    values: tuple[float, ...], verdict: str
) -> None:
    found = range_change(*values)
    assert found.verdict == verdict
    assert found.sessions == len(values)
    if verdict != "early":
        assert found.noise == 10
        assert found.because == "specification 6: means of three sessions"


def test_ups_and_downs_from_session_to_session_are_noise_too() -> None:
    found = range_change(50, 62, 74, 64, 76, 88)
    assert found.difference == pytest.approx(14)
    assert found.noise == pytest.approx(2.776 * 12 * (2 / 3) ** 0.5, rel=1e-3)
    assert (found.verdict, found.because) == ("same", "your own ups and downs from session to session (95 %)")


def test_a_length_has_the_noise_of_the_angle_that_makes_it() -> None:
    assert range_change(0.2, 0.2, 0.2, 0.37, 0.37, 0.37, unit="torso").verdict == "same"
    found = range_change(0.2, 0.2, 0.2, 0.38, 0.38, 0.38, unit="torso")
    assert found.verdict == "more"
    assert found.noise == pytest.approx(sin(radians(10)))


def test_where_no_noise_is_known_nothing_is_called_a_change() -> None:
    found = range_change(1, 1, 1, 9, 9, 9, unit="ratio")
    assert (found.verdict, found.noise) == ("unknown", None)


@pytest.mark.parametrize(("last", "verdict"), [(3.3, "same"), (3.5, "more"), (2.5, "less")])
def test_tempo(last: float, verdict: str) -> None:
    assert change_of(METRICS["tempo"], "s", sessions(3, 3, 3, last, last, last)).verdict == verdict


@pytest.mark.parametrize(("last", "verdict"), [(22, "same"), (22.5, "more"), (17.5, "less")])
def test_a_short_hold(last: float, verdict: str) -> None:
    assert change_of(METRICS["hold"], "s", sessions(20, 20, 20, last, last, last)).verdict == verdict


def test_a_long_hold_needs_six_percent() -> None:
    assert change_of(METRICS["hold"], "s", sessions(100, 100, 100, 106, 106, 106)).verdict == "same"
    assert change_of(METRICS["hold"], "s", sessions(100, 100, 100, 107, 107, 107)).verdict == "more"


def shares(*counts: tuple[int, int]) -> list[Session]:
    return [Session(FIRST.date() + timedelta(days=i), k / n, 1, (k, n)) for i, (k, n) in enumerate(counts)]


def test_clean_repetitions_need_enough_of_them() -> None:
    few = change_of(METRICS["clean"], "share", shares((2, 3), (2, 3), (2, 3), (3, 3), (3, 3), (3, 3)))
    assert few.difference == pytest.approx(1 / 3)
    assert few.verdict == "same"
    assert few.because == "few repetitions (95 %)"
    many = change_of(METRICS["clean"], "share", shares((6, 12), (6, 12), (6, 12), (12, 12), (12, 12), (12, 12)))
    assert many.verdict == "more"


def test_share_noise_is_that_of_newcombe() -> None:
    # Newcombe 1998, table II: 56/70 against 48/80, method 10: 0.0524 to 0.3339 around 0.2.
    assert noise.share_noise((48, 80), (56, 70)) == pytest.approx(0.2 - 0.0524, abs=0.0002)
    assert noise.share_noise((56, 70), (48, 80)) == pytest.approx(0.2 - 0.0524, abs=0.0002)


# --- from sets to weeks ----------------------------------------------------------------------------------------------


def test_weeks_begin_on_monday_and_hold_the_means_of_their_days(history: History) -> None:
    keep(history, lunges(12, reach=60), 0)
    keep(history, lunges(4, reach=80), 0)  # the same day: weighted by repetitions
    keep(history, lunges(12, reach=75), 6)  # Sunday
    keep(history, lunges(12, reach=90), 7)
    (series,) = [s for s in only(history).series if (s.metric.name, s.side) == ("range", "left")]
    assert [(w.monday, w.value, w.sessions) for w in series.weeks] == [
        (FIRST.date(), 70.0, 2),
        (FIRST.date() + timedelta(days=7), 90.0, 1),
    ]
    assert week_of(FIRST.date() + timedelta(days=6)) == FIRST.date()


def test_sides_are_followed_apart(history: History) -> None:
    for day in range(6):
        keep(history, lunges(10, reach=60 + 20 * (day > 2), right_less=20 * (day > 2)), day)
    found = only(history)
    assert change(found, "range", "left").verdict == "more"
    assert change(found, "range", "right").verdict == "same"
    assert found.apart is not None
    assert "left side looked about 20° wider" in found.apart


def test_sides_less_than_fifteen_degrees_apart_are_not_told_apart(history: History) -> None:
    for day in range(6):
        keep(history, lunges(10, right_less=15.0), day)
    assert only(history).apart is None


def test_another_measure_because_of_another_view_is_left_out(history: History) -> None:
    for day in range(3):
        keep(history, lunges(10), day)
    front = lunges(10).to_dict()
    for r in front["repetitions"]:
        r["extremes"], r["depth"], r["depth_measure"] = {"hip_drop": [0.1, 1.1]}, 1.1, "hip_drop"
    history.add(front, began=FIRST + timedelta(days=3), source="live")
    found = only(history)
    assert (found.sets, found.left_out) == (4, 1)
    assert {s.measure for s in found.series if s.metric.name == "range"} == {"front_knee"}
    assert change(found, "range").sessions == 3
    assert change(found, "tempo").sessions == 4


def test_repetitions_in_which_nothing_could_be_judged_are_not_clean(history: History) -> None:
    blind = lunges(10).to_dict()
    for r in blind["repetitions"]:
        r["not_visible"] = [fault.id for fault in LUNGE.faults]
    history.add(blind, began=FIRST, source="live", template=LUNGE)
    (entry,) = history.sets()
    assert [(s.counted, s.judged, s.clean) for s in entry.sides] == [(10, 0, 0), (10, 0, 0)]
    assert "clean" not in {s.metric.name for s in only(history).series}


def test_exercises_done_last_come_first_and_holds_are_followed(history: History) -> None:
    for day in range(6):
        keep(history, plank(20 + day), day)
    keep(history, lunges(10), 10)
    assert [p.kind for p in progress(history.sets())] == ["repetitions", "hold"]
    assert change(progress(history.sets())[1], "hold", None).difference == 3


def test_nothing_counted_has_no_series(history: History) -> None:
    keep(history, lunges(0))
    assert only(history).series == ()


def test_words(history: History) -> None:
    for day in range(6):
        keep(history, lunges(10, reach=60 + 20 * (day > 2)), day)
    texts = {(s.metric.name, s.side): said(s) for s in only(history).series}
    assert texts["range", "left"] == "about 20° larger (more than 10° of noise)"
    assert texts["tempo", "left"] == "no change beyond noise (0.0 s apart; up to 0.4 s is noise)"
    assert quantity(0.123, "upper_arm") == "0.12 upper arm"
