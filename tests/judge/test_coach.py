"""What is said and when: two of three, one cue at a time, quiet between, repeated rarely, confirmed once."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from formcheck.judge.coach import FIXED_TEXT, QUIET_S, REPEAT_AFTER_S, SHOW_S, Coach
from formcheck.judge.exercise import Check
from formcheck.judge.expression import Expression
from formcheck.judge.faults import Finding, Verdict
from formcheck.judge.moment import Cue
from formcheck.judge.template import Fault


def check(fault: str, severity: str = "S2", measurable: str = "A", worse: str | None = None) -> Check:
    described: dict[str, Any] = {
        "id": fault, "measurable": measurable, "severity": severity, "view": "any", "when": ["peak"],
        "rule": "knee > 1", "cue": f"Mind the {fault}", "why": "Because.",
    }  # fmt: skip
    if worse:
        described["worse"] = {"rule": "knee > 2", "severity": worse}
    rule = Expression("knee > 1", "truth", lambda _: True)
    return Check(Fault.model_validate(described), rule, None, None, None, None)


CHECKS = {name: check(name) for name in ("knee", "back", "feet")}


def finding(fault: str, verdict: Verdict = "present", severity: str = "S2", measurable: str = "A") -> Finding:
    checked = CHECKS.get(fault) if (severity, measurable) == ("S2", "A") else None
    return Finding(checked or check(fault, severity, measurable), verdict, severity, 0.0)


def cues(*repetitions: str, every: float = 4.0, coach: Coach | None = None) -> list[tuple[int, str]]:
    """(number of the repetition, what is said) for repetitions given as words: names of the faults present.

    A name with a question mark could not be seen; the other known faults are absent.
    """
    coach = coach or Coach()
    told = []
    for i, words in enumerate(repetitions, 1):
        found = []
        for name in CHECKS:
            verdict: Verdict = "absent"
            if name in words.split():
                verdict = "present"
            elif f"{name}?" in words.split():
                verdict = "not_visible"
            found.append(finding(name, verdict))
        cue = coach.repetition(i * every, found)
        if cue:
            told.append((i, cue.text))
    return told


def test_one_slip_is_not_spoken_of() -> None:
    assert cues("knee", "", "", "", "knee") == []


def test_two_of_the_last_three_are() -> None:
    assert cues("knee", "knee") == [(2, "Mind the knee")]
    assert cues("knee", "", "knee") == [(3, "Mind the knee")]
    assert cues("knee", "", "", "knee") == []


def test_what_was_just_done_right_is_not_criticised() -> None:
    assert cues("knee", "knee", every=1.0)[:1] == [(2, "Mind the knee")]
    coach = Coach()
    assert cues("knee", "", coach=coach) == []
    assert cues("", coach=coach) == []


def test_repetitions_in_which_it_could_not_be_seen_do_not_count() -> None:
    assert cues("knee", "knee?", "knee?", "knee") == [(4, "Mind the knee")]


def test_the_same_cue_waits_three_repetitions() -> None:
    assert cues(*["knee"] * 9) == [(2, "Mind the knee"), (5, "Mind the knee"), (8, "Mind the knee")]


def test_one_cue_in_five_seconds() -> None:
    told = cues(*["knee back feet"] * 12, every=2.0)
    assert len(told) >= 3
    for (a, _), (b, _) in itertools.pairwise(told):
        assert (b - a) * 2.0 >= QUIET_S
    assert {text for _, text in told} == {"Mind the knee", "Mind the back", "Mind the feet"}


def test_one_cue_a_repetition() -> None:
    coach = Coach()
    for i in range(20):
        coach.repetition(i * 6.0, [finding(name) for name in CHECKS])
    assert isinstance(coach.shown, Cue)


def test_the_stronger_fault_comes_first() -> None:
    coach = Coach()
    both = [finding("knee"), finding("spine", severity="S3")]
    assert coach.repetition(0.0, both) is None
    cue = coach.repetition(6.0, both)
    assert cue
    assert (cue.fault, cue.severity) == ("spine", "S3")


def test_what_is_plain_comes_before_what_is_relative() -> None:
    coach = Coach()
    both = [finding("hip", measurable="B"), finding("knee")]
    coach.repetition(0.0, both)
    cue = coach.repetition(6.0, both)
    assert cue
    assert cue.fault == "knee"


@pytest.mark.parametrize(("severity", "measurable"), [("S1", "A"), ("S2", "C"), ("S3", "C")])
def test_tips_and_weak_signals_are_never_spoken(severity: str, measurable: str) -> None:
    coach = Coach()
    for i in range(10):
        assert coach.repetition(i * 6.0, [finding("tip", severity=severity, measurable=measurable)]) is None
    coach = Coach()
    for i in range(100):
        assert coach.hold(float(i), [finding("tip", severity=severity, measurable=measurable)], ["tip"]) is None


def test_a_correction_is_confirmed_once() -> None:
    told = cues("knee", "knee", "", "", "", "", "")
    assert told == [(2, "Mind the knee"), (4, FIXED_TEXT)]


def test_a_confirmation_waits_for_quiet_too() -> None:
    told = cues("knee", "knee", "", "", "", "", "", every=2.0)
    assert told == [(2, "Mind the knee"), (5, FIXED_TEXT)]


def test_nothing_is_praised_while_another_fault_is_there() -> None:
    told = cues("knee back", "knee back", "knee back", "back", "back", "back", "", "", "", every=6.0)
    assert told == [(2, "Mind the knee"), (3, "Mind the back"), (6, "Mind the back"), (8, FIXED_TEXT)]
    told = cues("knee", "knee", "feet", "feet?", "feet", "feet", every=6.0)
    assert told == [(2, "Mind the knee"), (4, FIXED_TEXT), (5, "Mind the feet")]


def test_what_is_corrected_together_is_confirmed_once() -> None:
    assert cues("knee back", "knee back", "knee back", "", "", "", "", every=6.0)[2:] == [(5, FIXED_TEXT)]


def test_nothing_is_confirmed_that_was_never_corrected() -> None:
    assert cues("knee", "", "", "", "") == []


def test_a_fault_that_comes_back_is_spoken_of_again() -> None:
    told = cues("knee", "knee", "", "", "", "knee", "knee")
    assert told == [(2, "Mind the knee"), (4, FIXED_TEXT), (7, "Mind the knee")]


def test_a_cue_is_shown_for_a_few_seconds() -> None:
    coach = Coach()
    assert coach.showing(0.0) is None
    coach.repetition(0.0, [finding("knee")])
    coach.repetition(4.0, [finding("knee")])
    shown = coach.showing(4.0)
    assert shown
    assert shown.kind == "correction"
    assert coach.showing(4.0 + SHOW_S - 0.1) is shown
    assert coach.showing(4.0 + SHOW_S + 0.1) is None
    assert coach.showing(3.0) is None


def hold(seconds: float, plan: list[tuple[float, list[Finding]]], fps: float = 10.0) -> list[tuple[float, str]]:
    coach = Coach()
    told = []
    for i in range(int(seconds * fps)):
        time = i / fps
        lasting = next(found for until, found in plan if time < until)
        cue = coach.hold(time, lasting, CHECKS)
        if cue:
            told.append((time, cue.text))
    return told


def test_a_lasting_fault_of_a_hold_is_spoken_of_at_once_and_then_rarely() -> None:
    told = hold(40, [(3, []), (40, [finding("back")])])
    assert [time for time, _ in told] == pytest.approx([3, 3 + REPEAT_AFTER_S, 3 + 2 * REPEAT_AFTER_S], abs=0.11)


def test_in_a_hold_too_there_is_quiet_between_cues() -> None:
    told = hold(12, [(2, [finding("back")]), (12, [finding("back"), finding("knee")])])
    assert told == [(0.0, "Mind the back"), (QUIET_S, "Mind the knee")]


def test_in_a_hold_a_correction_is_confirmed_once() -> None:
    told = hold(30, [(4, [finding("back")]), (30, [])])
    assert [text for _, text in told] == ["Mind the back", FIXED_TEXT]
    assert 4.9 < told[1][0] < 7.0


def test_in_a_hold_nothing_is_praised_while_another_fault_lasts() -> None:
    """The hips are up again while the knees are still bent, or are too high now."""
    back, knee = finding("back"), finding("knee")
    told = hold(20, [(7, [back, knee]), (20, [knee])])
    assert told == [(0.0, "Mind the back"), (QUIET_S, "Mind the knee")]
    told = hold(20, [(2, [back]), (4, [back, knee]), (20, [])])
    assert [text for _, text in told] == ["Mind the back", FIXED_TEXT]
    assert told[1][0] == pytest.approx(6.0, abs=0.11)


def test_in_a_hold_what_is_corrected_together_is_confirmed_once() -> None:
    told = hold(20, [(7, [finding("back"), finding("knee")]), (20, [])])
    assert [text for _, text in told] == ["Mind the back", "Mind the knee", FIXED_TEXT]


def test_a_flicker_of_the_rule_is_no_correction() -> None:
    """Hips exactly at the limit, breathing: the fault comes and goes within a second."""
    coach = Coach()
    told = [coach.hold(i / 10, [finding("back")] if i % 16 < 8 else [], CHECKS) for i in range(300)]
    assert FIXED_TEXT not in [cue.text for cue in told if cue]


def test_in_a_hold_what_cannot_be_judged_is_not_corrected() -> None:
    coach = Coach()
    told = [coach.hold(i / 10, [finding("back")], CHECKS) for i in range(30)]
    told += [coach.hold(3 + i / 10, [], ["knee"]) for i in range(60)]
    assert [cue.text for cue in told if cue] == ["Mind the back"]
    told = [coach.hold(9 + i / 10, [], CHECKS) for i in range(30)]
    assert [cue.text for cue in told if cue] == [FIXED_TEXT]


def test_stop_and_reset_goes_first_in_a_hold() -> None:
    told = hold(3, [(3, [finding("knee"), finding("spine", severity="S3")])])
    assert told == [(0.0, "Mind the spine")]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ("S2 . . . . S2", []),
        ("S2 S2 . .", ["Mind the shin", FIXED_TEXT]),
        ("S2 S2 S1 S1 S1", ["Mind the shin"]),
        ("S1 S1 S1", []),
    ],
)
def test_a_fault_that_is_worth_a_cue_only_where_it_is_strong(verdicts: str, expected: list[str]) -> None:
    """Its absence is remembered, and a slight one is neither spoken of nor gone."""
    slight = check("shin", severity="S1", worse="S2")
    coach = Coach()
    told = []
    for i, verdict in enumerate(verdicts.split(), 1):
        found = Finding(slight, "absent" if verdict == "." else "present", "S1" if verdict == "." else verdict, 0.0)
        cue = coach.repetition(i * 8.0, [found])
        if cue:
            told.append(cue.text)
    assert told == expected
