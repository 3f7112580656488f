"""A fault is found, missed, not visible, or a false alarm; nothing is counted twice."""

from __future__ import annotations

from outcomes import LUNGE, PLANK, attempt, hold, report, tally, truth

from formcheck.evaluate.faults import fault_tallies, unknown_faults
from formcheck.evaluate.result import FaultTally


def of(tallies: list[FaultTally], id: str) -> dict[str | None, FaultTally]:
    return {t.level: t for t in tallies if t.id == id}


def repetition(peak: float, *faults: str, complete: bool = True) -> dict[str, object]:
    named = [dict(zip(("id", "severity"), fault.split(":"), strict=True)) for fault in faults]
    return {"peak_s": peak, "complete": complete, "faults": named}


def test_found_and_missed_in_repetitions() -> None:
    true = truth(
        reps=3, repetitions=[repetition(2, "trunk_lean:clear"), repetition(6, "trunk_lean:clear"), repetition(10)]
    )
    said = report((attempt(2.1, faults=("trunk_lean",)), attempt(6.1), attempt(10.1, faults=("shallow",))))
    tallies = fault_tallies(true, said, LUNGE)
    assert of(tallies, "trunk_lean") == {
        "clear": tally("trunk_lean", "clear", 2, 1),
        None: tally("trunk_lean", None, 1, 0),
    }
    # What is found beside another fault is neither right nor wrong: false alarms are those where nothing is wrong.
    assert of(tallies, "shallow") == {None: tally("shallow", None, 1, 1)}


def test_not_visible_is_neither_found_nor_missed() -> None:
    true = truth(reps=2, repetitions=[repetition(2, "trunk_lean:mild"), repetition(6)])
    said = report((attempt(2, not_visible=("trunk_lean",)), attempt(6, not_visible=("trunk_lean",))))
    assert of(fault_tallies(true, said, LUNGE), "trunk_lean") == {
        "mild": tally("trunk_lean", "mild", 1, 0, not_visible=1),
        None: tally("trunk_lean", None, 1, 0, not_visible=1),
    }


def test_a_shallow_repetition_that_is_not_counted_for_its_range_is_found() -> None:
    true = truth(reps=0, partial_reps=1, repetitions=[repetition(2, "shallow:clear", complete=False)])
    assert of(fault_tallies(true, report((attempt(2, counted=False),)), LUNGE), "shallow")["clear"].found == 1
    # Losing sight of the person, or counting it in silence, is not finding it.
    lost = report((attempt(2, counted=False, reason="lost"),))
    assert of(fault_tallies(true, lost, LUNGE), "shallow")["clear"].found == 0
    assert of(fault_tallies(true, report((attempt(2),)), LUNGE), "shallow")["clear"].found == 0


def test_without_an_attempt_a_fault_is_missed() -> None:
    true = truth(reps=2, repetitions=[repetition(2, "shallow:clear"), repetition(20)])
    tallies = fault_tallies(true, report(), LUNGE)
    assert of(tallies, "shallow") == {"clear": tally("shallow", "clear", 1, 0, without_attempt=1)}
    assert of(tallies, "trunk_lean") == {}


def test_faults_of_holds_are_found_by_their_time() -> None:
    said = report(holds=(hold(1, 30, 25.0),), faults={"hips_sag": (12.0,)})
    early = truth(
        kind="hold", hold_s=[[1, 30]], faults=[{"id": "hips_sag", "severity": "mild", "start_s": 11, "end_s": 15}]
    )
    late = truth(kind="hold", hold_s=[[1, 30]], faults=[{"id": "hips_sag", "start_s": 20, "end_s": 25}])
    assert of(fault_tallies(early, said, PLANK), "hips_sag") == {"mild": tally("hips_sag", "mild", 1, 1)}
    assert of(fault_tallies(late, said, PLANK), "hips_sag") == {"labelled": tally("hips_sag", "labelled", 1, 0)}


def test_a_correct_hold_and_correct_sets_have_no_false_alarms() -> None:
    true = truth(kind="hold", hold_s=[[1, 30]], faults=[])
    tallies = fault_tallies(true, report(holds=(hold(1, 30, 29.0),), faults={"hips_sag": (5.0,)}), PLANK)
    assert of(tallies, "hips_sag")[None].found == 1
    assert of(tallies, "hips_pike")[None] == tally("hips_pike", None, 1, 0)
    # Without repetitions in the truth every attempt of a correct set is a unit.
    sets = fault_tallies(truth(reps=2, faults=[]), report((attempt(2), attempt(6, faults=("shallow",)))), LUNGE)
    assert of(sets, "shallow")[None] == tally("shallow", None, 2, 1)


def test_where_nobody_looked_nothing_is_said() -> None:
    assert fault_tallies(truth(reps=1), report((attempt(2, faults=("shallow",)),)), LUNGE) == []


def test_faults_of_a_clip_are_not_those_of_repetitions_that_say_nothing_about_them() -> None:
    sides = [{"peak_s": 2, "side": "left"}, {"peak_s": 6, "side": "right"}]
    said = report(
        (attempt(2, faults=("trunk_lean",)), attempt(6, faults=("trunk_lean",))), faults={"trunk_lean": (2.0, 6.0)}
    )
    made = truth(reps=2, repetitions=sides, faults=[{"id": "trunk_lean", "severity": "clear"}])
    assert fault_tallies(made, said, LUNGE) == [tally("trunk_lean", "clear", 1, 1)]
    none = truth(reps=2, repetitions=sides, faults=[])
    assert of(fault_tallies(none, said, LUNGE), "trunk_lean") == {None: tally("trunk_lean", None, 2, 2)}
    assert fault_tallies(truth(reps=2, repetitions=sides), said, LUNGE) == []


def test_a_repetition_in_which_nobody_looked_is_not_clean() -> None:
    said = report(tuple(attempt(peak, faults=("trunk_lean",)) for peak in (2, 6, 10)))
    true = truth(reps=3, repetitions=[repetition(2, "trunk_lean:clear"), {"peak_s": 6}, repetition(10)])
    assert of(fault_tallies(true, said, LUNGE), "trunk_lean") == {
        "clear": tally("trunk_lean", "clear", 1, 1),
        None: tally("trunk_lean", None, 1, 1),
    }


def test_faults_that_a_template_does_not_have_are_named() -> None:
    true = truth(reps=1, faults=[{"id": "wobble"}, {"id": "shallow"}])
    assert unknown_faults(true, LUNGE) == ("wobble",)
    assert of(fault_tallies(true, report(), LUNGE), "wobble") == {}
