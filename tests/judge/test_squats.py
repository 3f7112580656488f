"""Squats that are not seen from the side: the knees bend less in the picture, from the front hardly at all."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from judging import CLIPS, judge
from motions import sitting, still, then, through
from stick_figure import Figure, at, standing

from formcheck.evaluate.exact import read_exact
from formcheck.pose import Landmark, Pose

SIZE = (720, 720)
SCALE = 300
"""Pixels a metre."""


def seen(yaw: float = 90.0, depth: float = 1.0, knees_in: bool = False) -> list[Pose]:
    """The rendered squat as a level camera far away sees it.

    Args:
        yaw: degrees from the side; 90 is the front.
        depth: share of the way down.
        knees_in: knees on the line from hip to ankle, so that no bend shows.
    """
    exact = read_exact(CLIPS / "squat.frames.npz")
    metres = exact.metres[:1] + depth * (exact.metres - exact.metres[:1])
    if knees_in:
        for side in ("LEFT", "RIGHT"):
            hip, knee, ankle = (Landmark[f"{side}_{joint}"] for joint in ("HIP", "KNEE", "ANKLE"))
            low = (metres[:, hip, 1] - metres[:, knee, 1]) / (metres[:, hip, 1] - metres[:, ankle, 1])
            metres[:, knee, 0] = metres[:, hip, 0] + low * (metres[:, ankle, 0] - metres[:, hip, 0])
    across = math.sin(math.radians(yaw)) * metres[..., 0] - math.cos(math.radians(yaw)) * metres[..., 2]
    pixels = np.stack([SIZE[0] / 2 + SCALE * across, SIZE[1] - 60 - SCALE * metres[..., 1]], axis=2)
    visibility = (~np.isnan(pixels[0, :, 0])).astype(float)
    return [Pose(time, points, visibility, SIZE) for time, points in zip(exact.times.tolist(), pixels, strict=True)]


@pytest.mark.parametrize("knees_in", [False, True])
def test_deep_squats_count_and_are_not_called_shallow(knees_in: bool) -> None:
    report = judge("squat", seen(knees_in=knees_in))
    assert report.view == "front"
    assert (report.counts.total, report.counts.partial) == (2, 0)
    assert "shallow" not in [fault.id for fault in report.faults]


@pytest.mark.parametrize("yaw", [0, 20, 35, 45, 50, 55, 65])
def test_deep_squats_are_not_called_shallow_from_anywhere(yaw: float) -> None:
    report = judge("squat", seen(yaw))
    assert report.counts.total == 2
    assert "shallow" not in [fault.id for fault in report.faults]


def test_shallow_squats_are_called_shallow() -> None:
    report = judge("squat", seen(depth=0.5))
    assert report.counts.total == 0
    assert [fault.id for fault in report.faults] == ["shallow"]


def test_stepping_forward_is_no_squat() -> None:
    steps = []
    for pose in seen(depth=0.0):
        nearer = 1 + 0.35 * np.clip(pose.time - 1, 0, 1) - 0.35 * np.clip(pose.time - 4, 0, 1)
        # A camera above the head: who comes nearer gets larger, and further down in the picture.
        steps.append(Pose(pose.time, (pose.points - (360, 0)) * nearer + (360, 0), pose.visibility, SIZE))
    report = judge("squat", steps)
    assert (report.counts.total, report.faults) == (0, ())


def shifted(figure: Figure, x: float) -> Figure:
    return replace(
        figure, hip=figure.hip + at(x, 0.0), ankles={side: a + at(x, 0.0) for side, a in figure.ankles.items()}
    )


def test_sitting_down_on_a_chair_and_standing_up_counts() -> None:
    """The easier way: the feet stay, the trunk leans forward on the way, and is upright on the chair."""
    on_chair = shifted(sitting(), -42.0)
    leaning = replace(on_chair, trunk=50.0)
    once = through([standing(), leaning, on_chair, on_chair, leaning, standing(), standing()], 0.8)
    report = judge("squat", then(still(standing(), 1.5), once, once, once, blend_s=0.1).film())
    assert report.counts.total == 3


def test_sliding_down_a_wall_does_not() -> None:
    """Who leans against a wall has the feet ahead already before."""
    leaning = Figure(at(0.0, 82.0), trunk=90.0, ankles={"left": at(38.0, 8.0), "right": at(38.0, 8.0)})
    once = through([leaning, sitting(), sitting(), leaning, leaning], 1.0)
    track = then(still(leaning, 1.5), once, once, blend_s=0.1).film()
    assert judge("squat", track).counts.total == 0
    assert judge("lunge", track).counts.total == 0
