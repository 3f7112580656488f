"""Hand-made reports and results, of which the tests know every figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from judging import template

from formcheck.evaluate.result import ClipResult, FaultTally, HoldResult, NegativeResult, RepetitionsResult
from formcheck.evaluate.truth import Clip, ClipTruth
from formcheck.judge.moment import Counts, Cue
from formcheck.judge.report import FaultReport, HoldReport, Repetition, Report, VideoFacts
from formcheck.pose import Side

LUNGE = template("lunge")
PLANK = template("plank_forearm")


def attempt(peak: float, counted: bool = True, side: Side | None = "left", **more: Any) -> Repetition:
    """A repetition that begins a second before its peak and ends a second after it."""
    plain = Repetition(
        side=side,
        start_s=peak - 1,
        peak_s=peak,
        end_s=peak + 1,
        counted=counted,
        reason=None if counted else "range",
        explanation=None if counted else "Knees reached 130°; 122° is needed",
        depth=90.0,
        depth_measure="front_knee",
        measures={},
        extremes={},
        seconds={},
        faults=(),
        not_visible=(),
    )
    return replace(plain, **more)


def hold(start: float, end: float, in_form: float, **more: Any) -> HoldReport:
    plain = HoldReport(
        side=None,
        start_s=start,
        end_s=end,
        in_form_s=in_form,
        held_s=end - start,
        lost_s=0.0,
        longest_s=in_form,
        breaks=0,
        measures={},
        faults=(),
    )
    return replace(plain, **more)


def report(
    repetitions: tuple[Repetition, ...] = (),
    holds: tuple[HoldReport, ...] = (),
    faults: dict[str, tuple[float, ...]] | None = None,
    tips: dict[str, tuple[float, ...]] | None = None,
    cues: tuple[Cue, ...] = (),
    not_visible: tuple[str, ...] = (),
) -> Report:
    counted = sum(r.counted for r in repetitions)
    return Report(
        exercise="lunge",
        name="Lunge",
        kind="hold" if holds else "repetitions",
        video=VideoFacts(),
        view="side",
        view_ratio=0.2,
        near_side="left",
        counts=Counts(total=counted, partial=len(repetitions) - counted),
        repetitions=repetitions,
        holds=holds,
        faults=tuple(FaultReport(i, "S2", "cue", "why", "A", t[0], t) for i, t in (faults or {}).items()),
        tips=tuple(FaultReport(i, "S1", "cue", "why", "C", t[0], t) for i, t in (tips or {}).items()),
        cues=cues,
        readiness=(),
        not_visible=not_visible,
    )


def truth(**entry: Any) -> ClipTruth:
    """A truth from what a file would say."""
    import json

    plain: dict[str, Any] = {"file": "a.mp4", "exercise": "lunge", "kind": "reps"}
    return ClipTruth.model_validate_json(json.dumps({**plain, **entry}))


def clip(**entry: Any) -> Clip:
    return Clip("a.mp4", Path("a.mp4"), None, truth(**entry), Path("truth.json"))


def counted(
    name: str = "a.mp4", right: int = 5, found: int = 5, template: str = "lunge", view: str = "ideal", **more: Any
) -> ClipResult:
    """A result of a set in which nothing is wrong, 100 frames long."""
    reps = RepetitionsResult(
        accepted=(right, right),
        counted=found,
        error=found - right,
        partial=0,
        true_partial=0,
        with_exact_joints=right,
        sides=(found, found),
        peak_errors=(0.1, -0.1),
        start_errors=(0.3,),
        end_errors=(-0.5,),
    )
    plain = ClipResult(
        name=name,
        exercise=template,
        template=template,
        kind="reps",
        groups={"view": view, "rate": "over 20 fps"},
        frames=100,
        with_person=98,
        usable=90,
        correct=True,
        cues=0,
        false_cues=0,
        reps=reps,
        duration=20.0,
    )
    return replace(plain, **more)


def held(name: str = "p.mp4", right: float = 10.0, found: float = 10.0, **more: Any) -> ClipResult:
    error = round(found - right, 3)
    result = HoldResult(
        accepted=(right, right),
        in_form=found,
        held=found + 1,
        lost=0.0,
        error=error,
        each=(error,),
        held_error=error + 1,
        within=abs(error) <= 0.5,
        with_exact_joints=right,
    )
    plain = counted(name, template="plank_forearm", **more)
    return replace(plain, kind="hold", reps=None, hold=result)


def negative(name: str = "walk.mp4", template: str = "lunge", counted_: int = 0, cues: int = 0) -> ClipResult:
    found = NegativeResult(counted_, 0, 0.0, 0.0, cues)
    plain = counted(name, template=template)
    return replace(plain, kind="negative", reps=None, negative=found, correct=None, false_cues=None)


def tally(
    id: str = "shallow", level: Any = "clear", of: int = 10, found: int = 9, measurable: str = "A", **more: Any
) -> FaultTally:
    return FaultTally(id, measurable, level, of, found, **more)
