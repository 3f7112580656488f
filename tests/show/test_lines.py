"""What is said during a set: numbers, the last three, the time left, requests; never the same thing over and over."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import Any

import pytest
from judging import follow, template
from motions import Lunge, Plank, Repeats
from stick_figure import Camera

from formcheck.judge.moment import Counts, Cue, HoldClock, Moment, Readiness
from formcheck.judge.report import FaultReport, Repetition
from formcheck.judge.session import Session
from formcheck.pose import Pose
from formcheck.show.lines import Line, Talk, summary

READY = Readiness(True, "", "")
LUNGE, PLANK = template("lunge"), template("plank_forearm")


def moment(time: float, **changes: Any) -> Moment:
    base = Moment(time, Pose.absent(time, (10, 10)), READY, None, None, "rest", "", Counts(), None, (nan,), None, None)
    return replace(base, **changes)


def heard(talk: Talk, moments: list[Moment]) -> list[str]:
    return [line.text for each in moments for line in talk.update(each).lines]


def counted(numbers: range, **fixed: int) -> list[Moment]:
    return [moment(n, counts=Counts(total=n, **fixed)) for n in numbers]


def attempt(reason: str) -> Repetition:
    return Repetition("left", 0.0, 1.0, 2.0, False, reason, "why", 60.0, "depth", {}, {}, {}, (), ())


def test_every_repetition_is_counted_and_sounded() -> None:
    said = [Talk(LUNGE).update(each) for each in counted(range(1, 2))]
    assert said[0].lines == (Line("1.", "count"),)
    assert said[0].tones == ("repetition",)


def test_the_last_three_and_the_end_are_announced() -> None:
    talk = Talk(LUNGE, reps=8)
    said = [talk.update(each) for each in counted(range(9))]
    assert [line.text for each in said for line in each.lines] == [
        *("1.", "2.", "3.", "4.", "5. Last three.", "6.", "7.", "8. Done.")
    ]
    assert said[-1].tones == ("end",)


def test_short_sets_have_no_last_three() -> None:
    assert heard(Talk(LUNGE, reps=5), counted(range(6))) == ["1.", "2.", "3.", "4.", "5. Done."]


def test_sides_are_counted_apart() -> None:
    talk = Talk(LUNGE, reps=6, each_side=True)
    both = [Counts(0), Counts(1, 1), Counts(2, 2), Counts(3, 2, 1), Counts(4, 3, 1)]
    assert heard(talk, [moment(i, counts=c) for i, c in enumerate(both)]) == ["1.", "2.", "1.", "3."]


def test_sides_in_turn_are_done_when_both_are() -> None:
    talk = Talk(LUNGE, reps=6, each_side=True)
    said = [talk.update(moment(n, counts=Counts(n, (n + 1) // 2, n // 2))) for n in range(15)]
    assert [line.text for each in said for line in each.lines] == [
        *("1.", "1.", "2.", "2.", "3.", "3. Last three.", "4.", "4.", "5.", "5.", "6.", "6. Done.", "7.", "7.")
    ]
    assert [n for n, each in enumerate(said) if "end" in each.tones] == [12]


def test_an_attempt_that_does_not_count_is_sounded_not_said() -> None:
    said = Talk(LUNGE).update(moment(1.0, counts=Counts(partial=1), attempt=1))
    assert said.lines == ()
    assert said.tones == ("fault",)


def test_a_correction_is_said_and_sounded_once_and_a_confirmation_only_said() -> None:
    talk = Talk(LUNGE)
    cue = Cue(1.0, "Step further forward", "short_step", "S2")
    said = talk.update(moment(1.0, spoken=cue, cue=cue, attempt=1, counts=Counts(partial=1)))
    assert said.lines == (Line("Step further forward.", "cue"),)
    assert said.tones == ("fault",)
    assert talk.update(moment(1.1, cue=cue, counts=Counts(partial=1))).lines == ()
    fixed = replace(cue, kind="fixed", text="Good, that's it")
    said = talk.update(moment(2.0, spoken=fixed, cue=fixed, counts=Counts(partial=1)))
    assert said.tones == ()
    assert said.lines[0].text == "Good, that's it."


def test_a_hold_is_timed_aloud() -> None:
    talk = Talk(PLANK, target_s=60)
    clock = [HoldClock(in_form=i / 10, held=i / 10, holding=True, good=True, target=30) for i in range(620)]
    assert heard(talk, [moment(i / 10, hold=c, phase="hold") for i, c in enumerate(clock)]) == [
        *("Hold. 60 seconds.", "Halfway.", "Ten more seconds.", "3.", "2.", "1.", "Done. Come out of it slowly.")
    ]


def test_a_hold_that_is_taken_up_again_says_what_is_left() -> None:
    talk = Talk(PLANK)
    clocks = [HoldClock(target=30), HoldClock(12.0, 12.0, holding=True, target=30)]
    clocks += [HoldClock(12.0, 12.0, target=30), HoldClock(12.1, 12.1, holding=True, target=30)]
    said = heard(talk, [moment(i, hold=c, phase="hold") for i, c in enumerate(clocks)])
    assert said == ["Hold. 18 more.", "Hold. 18 more."]


def test_the_last_moment_of_a_hold_is_not_none() -> None:
    clocks = [(29.6, True), (29.6, False), (29.6, True)]
    moments = [moment(n, hold=HoldClock(in_form, in_form, 0.0, on, on, 30.0)) for n, (in_form, on) in enumerate(clocks)]
    assert heard(Talk(PLANK), moments)[-1] == "Hold. 1 more."


def test_an_open_hold_tells_every_ten_seconds() -> None:
    talk = Talk(PLANK)
    clocks = [HoldClock(i / 2, i / 2, holding=True) for i in range(44)]
    assert heard(talk, [moment(i / 2, hold=c, phase="hold") for i, c in enumerate(clocks)]) == [
        *("Hold.", "10 seconds.", "20 seconds.")
    ]


def test_a_request_is_said_when_it_lasts_and_repeated_ever_more_seldom() -> None:
    talk = Talk(LUNGE)
    state = Readiness(False, "joints", "Show your feet")
    said = [
        (i / 10, line.text)
        for i in range(1000)
        for line in talk.update(moment(i / 10, readiness=state, phase="setup")).lines
    ]
    assert [text for _, text in said] == ["Show your feet."] * 4
    assert [time for time, _ in said] == pytest.approx([2.3, 10.3, 26.3, 58.3], abs=0.11)


def test_whoever_becomes_ready_is_told_to_begin_once() -> None:
    talk = Talk(LUNGE)
    state = Readiness(False, "view", "Turn sideways")
    first = [moment(i / 10, readiness=state, phase="setup") for i in range(40)]
    then = [moment(4 + i / 10) for i in range(40)]
    assert heard(talk, first + then) == ["Turn sideways.", "Good. Begin."]


def test_somebody_who_exercises_is_not_asked_for_anything() -> None:
    talk = Talk(LUNGE)
    state = Readiness(False, "joints", "Show your feet")
    assert heard(talk, [moment(i / 10, readiness=state, phase="moving") for i in range(100)]) == []


def test_a_real_set_is_counted_aloud_as_it_is_reported() -> None:
    report, moments = follow("lunge", Lunge().motion(Repeats(7)).film())
    said = heard(Talk(LUNGE, reps=7), moments)
    assert report.counts.total == 7
    assert [text for text in said if text[0].isdigit()] == [
        *("1.", "2.", "3.", "4. Last three.", "5.", "6.", "7. Done.")
    ]


def test_a_summary_names_count_sides_and_what_to_do_next_time() -> None:
    empty = Session(LUNGE).finish()
    assert summary([empty]) == "0 repetitions."
    fault, tip = (FaultReport(i, i, f"Step {i}", "why", "A", 1.0, (1.0,)) for i in ("S2", "S1"))
    report = replace(empty, counts=Counts(12, 6, 6, 1), repetitions=(attempt("short"),), faults=(tip, fault))
    assert summary([report]) == "12 repetitions, 6 left and 6 right. 1 attempt did not count. Next time: Step S2."
    assert summary([replace(empty, counts=Counts(1))]) == "1 repetition. Well done."


def test_a_summary_is_of_all_sets() -> None:
    empty = Session(LUNGE).finish()
    fault = FaultReport("a", "S2", "Step further", "why", "A", 1.0, (1.0,))
    left, right = replace(empty, counts=Counts(3, 3, 0), faults=(fault,)), replace(empty, counts=Counts(4, 0, 4))
    assert summary([left, right]) == "7 repetitions, 3 left and 4 right. Next time: Step further."


def test_an_attempt_that_was_under_way_at_the_end_is_not_told() -> None:
    empty = Session(LUNGE).finish()
    report = replace(empty, counts=Counts(2, partial=1), repetitions=(attempt("unfinished"),))
    assert summary([report]) == "2 repetitions. Well done."


def test_a_summary_of_a_hold_tells_both_times() -> None:
    report, _ = follow("plank_forearm", Plank().motion(12.0).film(camera=Camera(height=45)))
    assert report.in_form_s > 10
    assert summary([report]) == f"{int(report.in_form_s)} seconds in good form. Well done."
    slack = replace(report, holds=tuple(replace(hold, in_form_s=4.0, held_s=71.0) for hold in report.holds))
    assert summary([slack]) == "4 seconds in good form, and 1 minute 7 seconds more in position. Well done."
    assert summary([replace(report, holds=())]) == "No hold was seen."
