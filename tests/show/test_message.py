"""One message at a time, none without need, none that flickers."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from formcheck.judge.moment import Counts, Cue, Moment, Phase, Readiness
from formcheck.pose import Pose
from formcheck.show.message import PATIENCE_S, STEADY_S, Prompter

READY = Readiness(True, "", "")
NOBODY = Readiness(False, "no_person", "Step into the picture")
TURN = Readiness(False, "view", "Turn to face the camera")
STILL = Readiness(False, "hold_still", "Hold still for a moment")


def moment(time: float, state: Readiness = READY, cue: Cue | None = None, phase: Phase = "setup") -> Moment:
    pose = Pose.absent(time, (640, 480))
    return Moment(time, pose, state, None, None, phase, "", Counts(), None, (), cue, None)


def shown(prompter: Prompter, *moments: Moment) -> list[str]:
    messages = [prompter.update(each) for each in moments]
    return [message.text if message else "" for message in messages]


def test_whoever_is_not_ready_is_told_what_to_do_after_a_moment() -> None:
    prompter = Prompter()
    times = np.arange(0.0, 2.0, 0.1)
    texts = shown(prompter, *(moment(t, NOBODY) for t in times))
    first = texts.index(NOBODY.say)
    assert times[first] >= PATIENCE_S > times[first - 1] - 1e-9
    assert set(texts[first:]) == {NOBODY.say}


def test_short_lapses_between_repetitions_are_not_mentioned() -> None:
    prompter = Prompter()
    lapses = [moment(0.1 * i, READY if i % 8 == 0 else TURN, phase="rest") for i in range(100)]
    assert set(shown(prompter, *lapses)) == {""}


def test_a_request_stays_long_enough_to_be_read() -> None:
    prompter = Prompter()
    texts = shown(prompter, *(moment(0.1 * i, TURN if i // 3 % 2 else NOBODY) for i in range(60)))
    changes = [i for i in range(1, 60) if texts[i] != texts[i - 1] and texts[i - 1]]
    assert len(changes) >= 2
    assert min(b - a for a, b in pairwise(changes)) >= STEADY_S / 0.1 - 1e-6


def test_it_goes_as_soon_as_the_person_is_ready() -> None:
    assert shown(Prompter(), moment(0.0, TURN), moment(1.0, TURN), moment(1.1)) == ["", TURN.say, ""]


def test_nobody_is_interrupted_in_the_middle_of_a_repetition() -> None:
    texts = shown(Prompter(), *(moment(0.1 * i, TURN, phase="moving") for i in range(40)))
    assert set(texts) == {""}


def test_in_the_middle_of_a_set_nobody_is_asked_to_hold_still() -> None:
    counted = [replace(moment(0.1 * i, STILL, phase="rest"), counts=Counts(total=3)) for i in range(40)]
    assert set(shown(Prompter(), *counted)) == {""}
    fresh = [moment(0.1 * i, STILL, phase="rest") for i in range(40)]
    assert STILL.say in shown(Prompter(), *fresh)


def test_a_cue_goes_before_a_request_and_its_kind_follows_its_severity() -> None:
    prompter = Prompter()
    cue = Cue(2.0, "Lift your hips higher", "low_hips", "S2")
    prompter.update(moment(0.0, TURN))
    for severity, kind in (("S2", "correction"), ("S3", "stop")):
        message = prompter.update(moment(2.0, TURN, replace(cue, severity=severity)))
        assert message is not None
        assert (message.text, message.kind) == (cue.text, kind)
    message = prompter.update(moment(3.0, TURN, replace(cue, kind="fixed", text="Good, that's it")))
    assert message is not None
    assert (message.text, message.kind) == ("Good, that's it", "confirmation")


def test_a_message_knows_since_when_it_has_been_there() -> None:
    prompter = Prompter()
    cue = Cue(5.0, "Slow and steady", "rushed", "S2")
    first, later = (prompter.update(moment(t, cue=cue)) for t in (5.0, 7.0))
    assert first is not None
    assert later is not None
    assert first.since == later.since == 5.0
