"""A track as a template's session measures it, kept as columns to be looked at as a whole."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from formcheck.errors import DemonstrationError
from formcheck.judge.body import ANKLE, HIP
from formcheck.judge.cycles import Array
from formcheck.judge.expression import compile_expression
from formcheck.judge.holds import MAX_STEP_S
from formcheck.judge.language import Language
from formcheck.judge.posture import POSTURES
from formcheck.judge.session import Session
from formcheck.judge.template import Template, ViewName
from formcheck.pose import Pose, Side

FEWEST_POSES = 10

GAP_S = 15.0
"""Out of the posture longer than this, what follows no longer belongs to the exercise."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A track as a template's session measured it: one row a pose in which somebody was seen.

    Attributes:
        times: seconds.
        seconds: since the pose before, whether or not somebody was seen in it; 0 where that is a gap in the track.
        values: by measure; NaN where not seen.
        clear: mean visibility of hip, knee and ankle by side.
        views: kind of view.
        near: the side nearer to the camera.
        postures: whether the person is in a posture, by class.
    """

    times: Array
    seconds: Array
    values: dict[str, Array]
    clear: dict[Side, float]
    views: tuple[str, ...]
    near: Side
    postures: dict[str, NDArray[np.bool_]]

    @property
    def view(self) -> ViewName:
        """The view most of the time."""
        tally = Tally(view for view in self.views if view != "unknown")
        most = tally.most_common(1)[0][0] if tally else "side"
        return "front" if most == "front" else "oblique" if most == "oblique" else "side"

    @property
    def seen_s(self) -> float:
        """Seconds between the first row and the last one, without those in which nobody was seen."""
        return float(self.seconds[1:].sum())

    def between(self, start: float, end: float) -> Watched:
        """The part between two times."""
        part = (self.times >= start) & (self.times <= end)
        views = tuple(view for view, inside in zip(self.views, part.tolist(), strict=True) if inside)
        return Watched(
            self.times[part],
            self.seconds[part],
            {name: values[part] for name, values in self.values.items()},
            self.clear,
            views,
            self.near,
            {name: there[part] for name, there in self.postures.items()},
        )

    def in_posture(self, posture: str) -> Watched:
        """The longest part from taking a posture to leaving it, without getting into it and out of it.

        Within it the posture may be left for up to `GAP_S`, as repetitions do. Where nobody takes it: everything.

        Args:
            posture: class, one of `POSTURES`.
        """
        there = self.times[self.postures[posture]]
        if not there.size:
            return self
        pieces = np.split(there, np.flatnonzero(np.diff(there) > GAP_S) + 1)
        longest = max(pieces, key=lambda piece: float(piece[-1] - piece[0]))
        return self.between(float(longest[0]), float(longest[-1]))


def watch(poses: Iterable[Pose], template: Template) -> Watched:
    """Measures a track by a template, whether or not it is that exercise."""
    session = Session(template)
    rules = {name: compile_expression(POSTURES[name].rule, Language().of_body(), "truth") for name in POSTURES}
    times: list[float] = []
    seconds: list[float] = []
    last = inf
    rows: list[tuple[float, ...]] = []
    views: list[str] = []
    near: list[Side] = []
    postures: list[list[bool]] = []
    clear: list[tuple[float, float]] = []
    for pose in poses:
        moment = session.update(pose)
        step, last = max(0.0, pose.time - last), pose.time
        body = session.body
        if body is None or moment.view is None:
            continue
        times.append(pose.time)
        seconds.append(step if step <= MAX_STEP_S else 0.0)
        rows.append(moment.values)
        views.append(moment.view.kind)
        near.append(moment.view.near)
        postures.append([bool(rule.evaluate(body)) for rule in rules.values()])
        clear.append((_mean(body.left_clear), _mean(body.right_clear)))
    if len(times) < FEWEST_POSES:
        raise DemonstrationError(
            "Nobody was seen in the demonstration, or hardly. Record it with the whole body in the picture."
        )
    left, right = np.mean(clear, axis=0).tolist()
    return Watched(
        np.array(times),
        np.array(seconds),
        dict(zip(session.measures, np.array(rows).T, strict=True)),
        {"left": left, "right": right},
        tuple(views),
        "left" if near.count("left") * 2 >= len(near) else "right",
        dict(zip(rules, np.array(postures).T, strict=True)),
    )


def _mean(clear: list[float]) -> float:
    legs = clear[HIP : ANKLE + 1]
    return sum(legs) / len(legs)
