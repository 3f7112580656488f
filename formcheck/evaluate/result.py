"""How one clip was judged against its truth: everything that figures are made of, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from formcheck.evaluate.angles import AngleErrors

Level = Literal["mild", "clear", "labelled"]
MarkKind = Literal["true", "true hold", "counted", "partial", "hold", "cue", "ready"]


@dataclass(frozen=True, slots=True)
class RepetitionsResult:
    """Counted repetitions.

    Attributes:
        accepted: least and greatest count that is right.
        counted: full repetitions by the program.
        error: distance of `counted` from what is right; negative: too few.
        partial: attempts that the program did not count.
        true_partial: the truth about them, None if it does not say.
        with_exact_joints: the count from exact joints, None where they are not known.
        sides: (right, of) sides of matched repetitions.
        peak_errors, start_errors, end_errors: seconds, of matched repetitions; positive: too late.
    """

    accepted: tuple[int, int]
    counted: int
    error: int
    partial: int
    true_partial: int | None = None
    with_exact_joints: int | None = None
    sides: tuple[int, int] = (0, 0)
    peak_errors: tuple[float, ...] = ()
    start_errors: tuple[float, ...] = ()
    end_errors: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldResult:
    """Timed holds, in seconds.

    Attributes:
        accepted: least and most seconds in good form that are right.
        in_form: by the program, in good form.
        held: by the program, in position, in good form or not.
        lost: by the program, not seen.
        error: distance of `in_form` from what is right; negative: too short.
        each: error of every hold for itself.
        held_error: `held` less the truth.
        within: whether the error is within the tolerance.
        with_exact_joints: `in_form` from exact joints, None where they are not known.
        sides: (right, of) sides of matched holds.
    """

    accepted: tuple[float, float]
    in_form: float
    held: float
    lost: float
    error: float
    each: tuple[float, ...]
    held_error: float
    within: bool
    with_exact_joints: float | None = None
    sides: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class NegativeResult:
    """What was counted where nothing should be; `in_form` and `held` in seconds."""

    counted: int
    partial: int
    in_form: float
    held: float
    cues: int


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """What a clip was taken for when nobody said which exercise it is.

    Attributes:
        exercise: id of the template; None if the program was not sure.
        verdict: "right", "not sure", or "wrong". "Not sure" is right of a negative, and of an exercise that is never
            named (`Template.recognise`).
    """

    exercise: str | None
    verdict: Literal["right", "not sure", "wrong"]

    @classmethod
    def of(cls, found: str | None, true: str | None) -> RecognitionResult:
        """`true` is the template's id, None for what is not to be named."""
        return cls(found, "right" if found == true else "not sure" if found is None else "wrong")


@dataclass(frozen=True, slots=True)
class FaultTally:
    """How often one fault was found, of how many.

    The units are repetitions, or whole clips in holds and where the truth does not tell repetitions apart.

    Attributes:
        id: of the fault.
        measurable: its class in the template: A, B or C.
        level: how strongly it was made; None for the tally of false alarms.
        of: how often the fault was made at this level; with `level` None: units in which nothing is wrong.
        found: how often it was found; with `level` None: false alarms.
        not_visible: how often the program said that it cannot see it (counted neither as found nor as missed).
        without_attempt: how often there was no attempt to judge at all (missed).
    """

    id: str
    measurable: str
    level: Level | None
    of: int
    found: int
    not_visible: int = 0
    without_attempt: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a time or over a time, for the picture of a clip: `kind` says what."""

    kind: MarkKind
    start: float
    end: float
    peak: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ClipResult:
    """One clip, judged with one template.

    Attributes:
        name: the recording's file.
        exercise: as the truth calls it.
        template: id of the template.
        kind: reps, hold, negative, or "other": a clip of one exercise, judged as another.
        groups: labels by which results are summed up: view, body, rate, company.
        frames, with_person, usable: frames in which somebody exercises; of them with a person; of them ready to judge.
        correct: whether the truth says that nothing is wrong in it; None if it does not say.
        cues: spoken corrections.
        false_cues: of them those of faults that the truth knows were not made; None where faults are not known.
        recognition: what it was taken for, if that was asked; of a negative in its first result only.
        unknown_faults: faults of the truth that the template does not have.
        seen_view: how the program saw the person: side, oblique, front.
        marks: for the picture.
    """

    name: str
    exercise: str
    template: str
    kind: Literal["reps", "hold", "negative", "other"]
    groups: dict[str, str]
    frames: int
    with_person: int
    usable: int
    correct: bool | None
    cues: int
    false_cues: int | None
    reps: RepetitionsResult | None = None
    hold: HoldResult | None = None
    negative: NegativeResult | None = None
    recognition: RecognitionResult | None = None
    faults: tuple[FaultTally, ...] = ()
    angles: tuple[AngleErrors, ...] = ()
    unknown_faults: tuple[str, ...] = ()
    seen_view: str = "unknown"
    duration: float = 0.0
    marks: tuple[Mark, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the count, or the time held, is right; for a negative: whether nothing happened."""
        if self.reps:
            return self.reps.error == 0
        if self.hold:
            return self.hold.within
        n = self.negative
        return n is not None and not (n.counted or n.held or n.in_form or n.cues)

    @property
    def key(self) -> tuple[str, str]:
        """What tells results apart."""
        return self.name, self.template
