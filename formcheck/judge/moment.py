"""What the judge says after one pose: all that a window, a video or a voice needs to show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from formcheck.judge.view import View
from formcheck.pose import Pose, Side

Phase = Literal["setup", "rest", "moving", "peak", "returning", "hold", "paused"]
Quality = Literal["good", "off", "unseen", "untargeted"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the person can be judged.

    Attributes:
        ready: in position, in view, in frame.
        reason: why not, as a short name: "no_person", "joints", "posture", "view", "start", "hold_still"; "" if ready.
        say: the same as a request to the person; "" if ready.
    """

    ready: bool
    reason: str
    say: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One labelled measure, for the overlay.

    Attributes:
        name, label, unit: as in the template.
        value: NaN if not seen.
        target: band of good form; None if there is none, or none that holds in this view.
        quality: the value against the target; only judged where the target applies (at the peak or in a hold).
        at: BlazePose landmarks (one, or two for a point halfway) at which to draw it.
        arms: the same for the two ends of the angle.
    """

    name: str
    label: str
    unit: str
    value: float
    target: tuple[float, float] | None
    quality: Quality
    at: tuple[int, ...]
    arms: tuple[tuple[int, ...], tuple[int, ...]] | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Repetitions so far. `total` counts full repetitions only; `left` and `right` those of one-sided exercises."""

    total: int = 0
    left: int = 0
    right: int = 0
    partial: int = 0


@dataclass(frozen=True, slots=True)
class HoldClock:
    """Seconds of a hold so far.

    Attributes:
        in_form: in good form.
        held: in position, in good form or not.
        lost: in position before and after, but not seen.
        holding: whether the person is in position now.
        good: whether the form is good now.
        target: seconds to aim at, or None.
    """

    in_form: float = 0.0
    held: float = 0.0
    lost: float = 0.0
    holding: bool = False
    good: bool = False
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """A correction, or the confirmation that it helped.

    Attributes:
        time: seconds.
        text: at most six words.
        fault: id of the fault.
        severity: "S1", "S2" or "S3".
        kind: "correction" or "fixed".
    """

    time: float
    text: str
    fault: str
    severity: str
    kind: Literal["correction", "fixed"] = "correction"


@dataclass(frozen=True, slots=True)
class Moment:
    """Judgement of one moment.

    Attributes:
        time: seconds.
        pose: the pose with exchanged sides put back; unsmoothed, so that a skeleton sits on the picture.
        readiness, view: see there. `view` is None before anybody was seen.
        side: the side that works now, None if both or not known.
        phase: phase of the exercise, with its word in `phase_word`.
        counts, hold: what was counted and timed so far; `hold` is None for exercises that are counted.
        values: every measure of the template, in its order; NaN if not seen.
        cue: the correction to show now, for a few seconds after it was given; None most of the time.
        spoken: the cue that is new at this moment.
        attempt: 1-based number of the attempt (counted or not) that ended at this moment, or 0.
        wrong_side: whether it looks as if the person works with the other side than planned.
    """

    time: float
    pose: Pose
    readiness: Readiness
    view: View | None
    side: Side | None
    phase: Phase
    phase_word: str
    counts: Counts
    hold: HoldClock | None
    values: tuple[float, ...]
    cue: Cue | None
    spoken: Cue | None
    attempt: int = 0
    wrong_side: bool = False
    read: Callable[[], tuple[Reading, ...]] = tuple

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The labelled measures; computed when asked for, because only pictures need them."""
        return self.read()
