"""What the program says about one clip, moment by moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.pose import Pose


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """The judgement of one clip with one template.

    Attributes:
        report: of the whole clip.
        times: (n,) seconds of every frame.
        ready: (n,) whether the person could be judged.
        seen: (n,) whether somebody was seen.
        points: (n, 33, 2) pixels, with exchanged sides put back.
        values: (n, measures) of the template; NaN where not seen.
    """

    report: Report
    times: NDArray[np.float64]
    ready: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    points: NDArray[np.float64]
    values: NDArray[np.float64]


def judge(poses: Iterable[Pose], template: Template, variants: Mapping[str, str] | None = None) -> Outcome:
    """Judges poses as `formcheck analyze` judges a video: one session, no side and no duration told beforehand."""
    session = Session(template, variants=variants)
    moments = [session.update(pose) for pose in poses]
    return Outcome(
        report=session.finish(),
        times=np.array([m.time for m in moments], dtype=np.float64),
        ready=np.array([m.readiness.ready for m in moments], dtype=np.bool_),
        seen=np.array([m.pose.seen for m in moments], dtype=np.bool_),
        points=np.array([m.pose.points for m in moments], dtype=np.float64).reshape(-1, 33, 2),
        values=np.array([m.values for m in moments], dtype=np.float64).reshape(len(moments), len(template.measures)),
    )
