"""Verdicts on one repetition: present, absent, not visible."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest
from judging import body_at
from small_templates import CURL, changed

from formcheck.judge.body import Body
from formcheck.judge.exercise import Exercise
from formcheck.judge.faults import Finding, Passage, clear, judge_repetition, lasting
from formcheck.judge.repetitions import Attempt, Reason
from formcheck.judge.template import parse_template

EXERCISE = Exercise(parse_template(CURL))
HIGH_ELBOW, HASTY = EXERCISE.checks


def curled(time: float, elbow: float, clear: float = 1.0) -> Body:
    """A body whose elbow reads this angle."""
    wrist = (100 * math.sin(math.radians(elbow)), 100 - 100 * math.cos(math.radians(elbow)))
    joints = {"left.shoulder": (0.0, 0.0), "left.elbow": (0.0, 100.0), "left.wrist": wrist}
    body = body_at(joints, time, dict.fromkeys(joints, clear))
    body.set_near("left")
    EXERCISE.evaluate(body)
    return body


def attempt(returned: bool = True) -> Attempt:
    """From 1 s over the top at 2.0 to 3.0 s to the end at 4 s."""
    return Attempt(
        start=1.0, peak=2.5, end=4.0, peak_from=2.0, peak_to=3.0, top_from=2.2, top_to=2.8, settled=4.3,
        base=-170.0, furthest=-15.0, counted=returned, reason=None if returned else Reason.UNFINISHED, returned=returned,
    )  # fmt: skip


def bodies(elbow: Callable[[float], float], fps: float = 20.0, visible: float = 1.0) -> list[Body]:
    return [curled(i / fps, elbow(i / fps), visible) for i in range(int(5 * fps))]


def passage(found: Sequence[Body], returned: bool = True) -> Passage:
    return Passage(EXERCISE, attempt(returned), found, 0, [])


def verdict(found: Sequence[Body], shows: bool = True, comfort: bool = False) -> Finding:
    return judge_repetition(HIGH_ELBOW, passage(found), comfort, lambda _: shows)


def test_a_rule_that_holds_long_enough_is_present_since_it_began() -> None:
    finding = verdict(bodies(lambda t: 15.0 if 2.3 <= t <= 2.8 else 30.0))
    assert finding.verdict == "present"
    assert finding.severity == "S2"
    assert finding.time == pytest.approx(2.3, abs=0.06)


def test_a_rule_that_holds_too_briefly_is_absent() -> None:
    assert verdict(bodies(lambda t: 15.0 if 2.3 <= t <= 2.45 else 30.0)).verdict == "absent"


def test_a_rule_outside_of_its_phase_is_absent() -> None:
    assert verdict(bodies(lambda t: 15.0 if t < 1.9 or t > 3.1 else 30.0)).verdict == "absent"


def test_the_wrong_view_is_not_visible() -> None:
    assert verdict(bodies(lambda t: 15.0), shows=False).verdict == "not_visible"


def test_hidden_joints_are_not_visible() -> None:
    assert verdict(bodies(lambda t: 15.0, visible=0.4)).verdict == "not_visible"
    assert verdict(bodies(lambda t: 15.0, visible=0.6)).verdict == "present"


def test_without_any_pose_there_is_nothing_to_find() -> None:
    assert verdict([]).verdict == "absent"


@pytest.mark.parametrize("fps", [8, 10, 15, 30, 60])
def test_persistence_does_not_depend_on_the_frame_rate(fps: float) -> None:
    assert verdict(bodies(lambda t: 15.0 if 2.2 <= t <= 2.75 else 30.0, fps)).verdict == "present"
    assert verdict(bodies(lambda t: 15.0 if 2.2 <= t <= 2.3 else 30.0, fps)).verdict == "absent"


def test_a_fast_peak_needs_most_of_itself() -> None:
    """In a phase shorter than the persistence the rule must hold for 60 % of it."""
    rule = HIGH_ELBOW.rule
    short = [curled(i / 30, 15.0 if i < 5 else 30.0) for i in range(7)]  # 0.2 s, 0.15 of it bad
    assert lasting(rule, short, 0.3) == 0.0
    shorter = [curled(i / 30, 15.0 if i < 3 else 30.0) for i in range(7)]
    assert lasting(rule, shorter, 0.3) is None
    assert lasting(rule, [curled(0.0, 15.0)], 0.3) == 0.0
    assert lasting(rule, [], 0.3) is None


def test_a_pose_says_nothing_of_what_was_not_seen_before_it() -> None:
    poses = [*bodies(lambda _: 60.0), curled(9.0, 15.0), curled(9.05, 60.0)]
    assert lasting(HIGH_ELBOW.rule, poses, 0.5) is None
    assert lasting(HIGH_ELBOW.rule, poses, 0.25) == 9.0


def test_an_unseen_joint_in_between_breaks_the_stretch() -> None:
    poses = [curled(i / 30, 15.0) for i in range(20)]
    poses[8].values = [math.nan]
    assert lasting(HIGH_ELBOW.rule, poses, 0.5) is None
    assert lasting(HIGH_ELBOW.rule, poses, 0.3) == pytest.approx(9 / 30)


def worse(text: str = 'worse = { rule = "elbow < 10", severity = "S3", persist_s = 0.5 }') -> Exercise:
    return Exercise(parse_template(changed(CURL, ('rule = "elbow < 20"', f'rule = "elbow < 20"\n{text}'))))


def test_the_stronger_form_raises_the_severity() -> None:
    (check, _) = worse().checks
    found = bodies(lambda t: 5.0 if 2.1 <= t <= 2.8 else 30.0)
    finding = judge_repetition(check, passage(found), False, lambda _: True)
    assert (finding.verdict, finding.severity) == ("present", "S3")
    found = bodies(lambda t: 5.0 if 2.1 <= t <= 2.5 else 15.0)  # the stronger form too briefly
    finding = judge_repetition(check, passage(found), False, lambda _: True)
    assert (finding.verdict, finding.severity) == ("present", "S2")


def test_the_stronger_form_alone_is_enough() -> None:
    (check, _) = worse('worse = { rule = "elbow < 40", severity = "S3" }').checks
    finding = judge_repetition(check, passage(bodies(lambda t: 30.0)), False, lambda _: True)
    assert (finding.verdict, finding.severity) == ("present", "S3")


def test_only_while_narrows_the_phase() -> None:
    exercise = worse('only_while = "elbow > 12"')
    finding = judge_repetition(exercise.checks[0], passage(bodies(lambda t: 5.0)), False, lambda _: True)
    assert finding.verdict == "absent"
    finding = judge_repetition(exercise.checks[0], passage(bodies(lambda t: 15.0)), False, lambda _: True)
    assert finding.verdict == "present"


def test_comfort_mode_has_its_own_rule() -> None:
    exercise = worse('comfort = "elbow < 5"')
    found = passage(bodies(lambda t: 15.0))
    assert judge_repetition(exercise.checks[0], found, False, lambda _: True).verdict == "present"
    assert judge_repetition(exercise.checks[0], found, True, lambda _: True).verdict == "absent"


def test_a_range_rule_looks_at_the_whole_repetition() -> None:
    found = passage(bodies(lambda t: 30.0))
    assert judge_repetition(HASTY, found, False, lambda _: True).verdict == "absent"  # 1.0 to 4.3 s
    quick = Passage(EXERCISE, attempt(), bodies(lambda t: 30.0), 0, [])
    quick._bounds["repetition"] = (1.0, 2.2)
    finding = judge_repetition(HASTY, quick, False, lambda _: True)
    assert (finding.verdict, finding.time) == ("present", 2.5)


def test_a_range_rule_can_have_a_stronger_form() -> None:
    text = changed(
        CURL,
        ('rule = "seconds(repetition) < 1.5"', 'rule = "seconds(repetition) < 9"\nworse = { rule = "seconds(repetition) < 8", severity = "S3" }'),
    )  # fmt: skip
    check = Exercise(parse_template(text)).checks[1]
    assert judge_repetition(check, passage(bodies(lambda t: 30.0)), False, lambda _: True).severity == "S3"


def test_phases_and_tempo_of_a_repetition() -> None:
    found = passage(bodies(lambda t: 10 * t))
    assert [round(b.time, 2) for b in found.bodies["moving"]][:1] == [1.0]
    assert max(b.time for b in found.bodies["peak"]) == 3.0
    assert min(b.time for b in found.bodies["returning"]) > 3.0
    assert found.seconds("moving") == pytest.approx(1.2)
    assert found.seconds("peak") == pytest.approx(0.6)
    assert found.seconds("returning") == pytest.approx(1.5)
    assert found.seconds("repetition") == pytest.approx(3.3)
    assert found.speed("moving") == pytest.approx(9.5 / 1.2, rel=0.01)
    assert found.column(0, "peak")[0] == pytest.approx(20)


def test_an_unfinished_repetition_has_no_tempo_of_the_way_back() -> None:
    found = passage(bodies(lambda t: 30.0), returned=False)
    assert math.isnan(found.seconds("returning"))
    assert math.isnan(found.seconds("repetition"))
    assert math.isnan(found.speed("returning"))
    assert found.seconds("moving") > 0


def test_a_peak_between_two_pictures_is_judged_by_the_nearest() -> None:
    sparse = [curled(t, 15.0) for t in (1.0, 1.9, 3.2, 4.0)]
    assert [b.time for b in passage(sparse).bodies["peak"]] == [1.9]


def test_clearness_is_a_mean_and_asks_less_of_the_far_side() -> None:
    text = changed(CURL, ('rule = "elbow < 20"', 'rule = "x(far.wrist) > -1000"'))
    rule = Exercise(parse_template(text)).checks[0].rule
    far = body_at({"right.wrist": (0.0, 0.0)}, clear={"right.wrist": 0.35})
    far.set_near("left")
    assert clear(rule, [far])
    assert not clear(HIGH_ELBOW.rule, [curled(0.0, 15.0, clear=0.35)])
    assert clear(HIGH_ELBOW.rule, [curled(0.0, 15.0, clear=0.35), curled(0.1, 15.0, clear=0.7)])


def test_clearness_of_a_role_depends_on_its_side() -> None:
    sides = '[sides]\nlead = "arm"\nother = "rest"\ngreatest = "height(side.wrist)"\n[measures.elbow]'
    text = changed(CURL, ("[measures.elbow]", sides), ('rule = "elbow < 20"', 'rule = "x(arm.wrist) > -1000"'))
    rule = Exercise(parse_template(text)).checks[0].rule
    body = body_at({"right.wrist": (0.0, 0.0)}, clear={"right.wrist": 0.4})
    body.set_lead("right")
    body.set_near("left")
    assert clear(rule, [body])
    body.set_near("right")
    assert not clear(rule, [body])
