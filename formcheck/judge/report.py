"""The report: what a set was like, once it is over.

`Report.to_dict` gives the stable, versioned form that is written to ``report.json`` (documented in ``docs/report.md``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from formcheck.judge.moment import Counts, Cue
from formcheck.judge.readiness import Period
from formcheck.judge.symmetry import Symmetry
from formcheck.pose import Side
from formcheck.version import __version__

SCHEMA = "formcheck.report/1"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What was looked at. `frames_with_person` are those in which somebody was found."""

    path: str | None = None
    duration_s: float = 0.0
    width: int = 0
    height: int = 0
    frames: int = 0
    frames_with_person: int = 0


@dataclass(frozen=True, slots=True)
class Repetition:
    """One attempt, counted or not.

    Attributes:
        side: the side that worked; None if both together.
        start_s, peak_s, end_s: seconds.
        counted: whether it is a full repetition.
        reason: short name of why it did not count ("range", "condition", "too_fast", "too_slow", "left_position",
            "lost", "cut", "unfinished"); None if it counted.
        explanation: the same in words, with what was reached; None if it counted.
        depth: furthest value of the measure by which depth is shown, in its unit.
        depth_measure: name of that measure; in another view of the camera it may be another one.
        measures: value of each measure at the peak (median).
        extremes: lowest and highest value of each measure.
        seconds: duration of each phase.
        faults: ids of the faults present.
        not_visible: ids of the faults that could not be judged.
    """

    side: Side | None
    start_s: float
    peak_s: float
    end_s: float
    counted: bool
    reason: str | None
    explanation: str | None
    depth: float
    depth_measure: str
    measures: dict[str, float]
    extremes: dict[str, tuple[float, float]]
    seconds: dict[str, float]
    faults: tuple[str, ...]
    not_visible: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoldReport:
    """One hold: `in_form_s` in good form, `held_s` in position, `lost_s` not seen."""

    side: Side | None
    start_s: float
    end_s: float
    in_form_s: float
    held_s: float
    lost_s: float
    longest_s: float
    breaks: int
    measures: dict[str, float]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaultReport:
    """One fault, with every time at which it was seen. `tip` marks weak signals that may only be worded "may"."""

    id: str
    severity: str
    cue: str
    why: str
    measurable: str
    first_s: float
    times: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Judgement of one set."""

    exercise: str
    name: str
    kind: str
    video: VideoFacts
    view: str
    view_ratio: float
    near_side: Side | None
    counts: Counts
    repetitions: tuple[Repetition, ...]
    holds: tuple[HoldReport, ...]
    faults: tuple[FaultReport, ...]
    tips: tuple[FaultReport, ...]
    cues: tuple[Cue, ...]
    readiness: tuple[Period, ...]
    not_visible: tuple[str, ...]
    notes: tuple[str, ...] = ()
    comfort: bool = False
    measure_units: dict[str, str] = field(default_factory=dict)
    symmetry: Symmetry | None = None

    @property
    def in_form_s(self) -> float:
        """Seconds held in good form, all holds together."""
        return sum(h.in_form_s for h in self.holds)

    @property
    def held_s(self) -> float:
        """Seconds held, in good form or not."""
        return sum(h.held_s for h in self.holds)

    @property
    def lost_s(self) -> float:
        """Seconds of holds in which the person was not seen."""
        return sum(h.lost_s for h in self.holds)

    def about(self, video: VideoFacts, notes: tuple[str, ...] = ()) -> Report:
        """The same report with facts about the video, and further notes."""
        return replace(self, video=video, notes=self.notes + notes)

    def to_dict(self) -> dict[str, Any]:
        """The stable form for ``report.json``; NaN becomes null, seconds and measures are rounded to 0.001."""
        counts = self.counts
        document = {
            "schema": SCHEMA,
            "formcheck_version": __version__,
            "exercise": self.exercise,
            "name": self.name,
            "kind": self.kind,
            "video": {
                "path": self.video.path,
                "duration_s": self.video.duration_s,
                "width": self.video.width,
                "height": self.video.height,
                "frames": self.video.frames,
                "frames_with_person": self.video.frames_with_person,
            },
            "view": self.view,
            "view_ratio": self.view_ratio,
            "near_side": self.near_side,
            "counts": {
                "total": counts.total,
                "left": counts.left,
                "right": counts.right,
                "partial": counts.partial,
            },
            "repetitions": [
                {
                    "side": r.side,
                    "start_s": r.start_s,
                    "peak_s": r.peak_s,
                    "end_s": r.end_s,
                    "counted": r.counted,
                    "reason": r.reason,
                    "explanation": r.explanation,
                    "depth": r.depth,
                    "depth_measure": r.depth_measure,
                    "measures": r.measures,
                    "extremes": {k: list(v) for k, v in r.extremes.items()},
                    "seconds": r.seconds,
                    "faults": list(r.faults),
                    "not_visible": list(r.not_visible),
                }
                for r in self.repetitions
            ],
            "holds": [
                {
                    "side": h.side,
                    "start_s": h.start_s,
                    "end_s": h.end_s,
                    "in_form_s": h.in_form_s,
                    "held_s": h.held_s,
                    "lost_s": h.lost_s,
                    "longest_s": h.longest_s,
                    "breaks": h.breaks,
                    "measures": h.measures,
                    "faults": list(h.faults),
                }
                for h in self.holds
            ],
            "hold_s": {"in_form": self.in_form_s, "held": self.held_s, "lost": self.lost_s},
            "faults": [_fault(f) for f in self.faults],
            "tips": [_fault(f) for f in self.tips],
            "cues": [
                {"time_s": c.time, "text": c.text, "fault": c.fault, "severity": c.severity}
                for c in self.cues
                if c.kind == "correction"
            ],
            "confirmations": [
                {"time_s": c.time, "text": c.text, "fault": c.fault} for c in self.cues if c.kind == "fixed"
            ],
            "readiness": [
                {"from_s": p.start, "to_s": p.end, "ready": p.state.ready, "reason": p.state.reason, "say": p.state.say}
                for p in self.readiness
            ],
            "not_visible": list(self.not_visible),
            "symmetry": None
            if self.symmetry is None
            else {
                "left": self.symmetry.left,
                "right": self.symmetry.right,
                "unit": self.symmetry.unit,
                "differs": self.symmetry.differs,
            },
            "comfort_mode": self.comfort,
            "units": self.measure_units,
            "notes": list(self.notes),
        }
        rounded = _rounded(document)
        assert isinstance(rounded, dict)
        return rounded


def _fault(f: FaultReport) -> dict[str, Any]:
    return {
        "id": f.id,
        "severity": f.severity,
        "cue": f.cue,
        "why": f.why,
        "class": f.measurable,
        "first_s": f.first_s,
        "times": list(f.times),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3) + 0.0 if isfinite(value) else None
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return value
