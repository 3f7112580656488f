"""Judging synthetic tracks in tests: run a session, look at its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from formcheck.evaluate.exact import read_exact
from formcheck.judge.body import Body
from formcheck.judge.moment import Moment
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.judge.template import Template, parse_template
from formcheck.pose import Pose, Side

POSES = Path(__file__).parent.parent / "poses"
CLIPS = Path(__file__).parent.parent / "samples" / "clips"
SHIPPED = sorted(path.stem for path in POSES.glob("*.toml"))
OTHER: dict[Side | None, Side | None] = {"left": "right", "right": "left", None: None}


@cache
def template(name: str) -> Template:
    """A shipped template, read without looking at the user's own folder."""
    path = POSES / f"{name}.toml"
    return parse_template(path.read_text(encoding="utf-8"), str(path))


def sample(name: str) -> list[Pose]:
    """The exact joints of a shipped sample, in pictures of 640 x 480 pixels."""
    return read_exact(CLIPS / f"{name}.frames.npz").poses((640, 480))


def judge(exercise: str | Template, track: Iterable[Pose], **choices: Any) -> Report:
    """The report on a track."""
    return follow(exercise, track, **choices)[0]


def follow(exercise: str | Template, track: Iterable[Pose], **choices: Any) -> tuple[Report, list[Moment]]:
    """The report on a track, and every moment on the way."""
    session = Session(template(exercise) if isinstance(exercise, str) else exercise, **choices)
    moments = [session.update(pose) for pose in track]
    return session.finish(), moments


@dataclass(frozen=True)
class Event:
    """What must not depend on frame rate, clock or mirror."""

    what: str
    side: Side | None
    faults: tuple[str, ...]
    time: float
    length: float

    def alike(self, other: Event, within: float) -> bool:
        """The same event, `within` seconds."""
        return (
            (self.what, self.side, self.faults) == (other.what, other.side, other.faults)
            and abs(self.time - other.time) <= within
            and abs(self.length - other.length) <= 2 * within
        )


def events(report: Report, since: float = 0.0, mirror: bool = False) -> list[Event]:
    """Repetitions, holds, cues and lasting faults of a report."""

    def seen(side: Side | None) -> Side | None:
        return OTHER[side] if mirror else side

    found = [
        Event("counted" if r.counted else f"partial: {r.reason}", seen(r.side), r.faults, r.peak_s, r.end_s - r.start_s)
        for r in report.repetitions
    ]
    found += [Event("hold", seen(h.side), h.faults, h.start_s, h.in_form_s) for h in report.holds]
    found += [Event("cue: " + c.text, None, (c.fault,), c.time, 0.0) for c in report.cues]
    return [Event(e.what, e.side, e.faults, e.time - since, e.length) for e in found]


def assert_alike(actual: list[Event], expected: list[Event], within: float) -> None:
    """Both lists tell the same story."""
    assert len(actual) == len(expected), (actual, expected)
    for a, b in zip(actual, expected, strict=True):
        assert a.alike(b, within), (a, b)


def present(report: Report) -> dict[str, int]:
    """How often each fault was found."""
    return {fault.id: len(fault.times) for fault in report.faults}


def spoken(report: Report) -> list[str]:
    """Corrections in order."""
    return [cue.text for cue in report.cues if cue.kind == "correction"]


def reasons(report: Report) -> list[str]:
    """Every reason for not being ready, in order, without repetition."""
    return list(dict.fromkeys(p.state.reason for p in report.readiness if not p.state.ready))


def body_at(
    joints: Mapping[str, tuple[float, float]], time: float = 0.0, clear: Mapping[str, float] | None = None
) -> Body:
    """A body from joints such as ``{"left.knee": (x, y)}``; the rest is unseen.

    Lengths are set to 100 pixels each so that rules in body lengths are easy to read.
    """
    import numpy as np

    from formcheck.judge.body import JOINTS, LEFT, RIGHT
    from formcheck.pose import LANDMARKS

    points = np.full((LANDMARKS, 2), np.nan)
    visibility = np.zeros(LANDMARKS)
    for name, point in joints.items():
        side, _, joint = name.partition(".")
        index = 0 if name == "nose" else (LEFT if side == "left" else RIGHT)[JOINTS.index(joint)]
        points[index] = point
        visibility[index] = 1.0 if clear is None else clear.get(name, 1.0)
    body = Body(time, points, visibility)
    body.torso = body.thigh = body.shank = body.upper_arm = 100.0
    return body
