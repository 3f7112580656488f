"""Left against right: what one side did better, where that is more than noise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formcheck.judge.report import Repetition
    from formcheck.judge.template import Measure

NOISE_DEG = 7.0
"""Side-to-side differences up to here are noise of the pose model: 6.2 degrees at the 95th percentile [D3]."""

NOISE_SHARE = 0.12
"""The same for lengths: a segment turned by 7 degrees ends 0.12 of its length elsewhere."""

FEWEST = 3
"""Repetitions of a side below which nothing is compared."""


@dataclass(frozen=True, slots=True)
class Symmetry:
    """Depth of the repetitions of both sides.

    Attributes:
        left, right: medians of the depth, in `unit`.
        unit: unit of the measure.
        differs: whether the difference is more than noise.
    """

    left: float
    right: float
    unit: str
    differs: bool


def symmetry(repetitions: Sequence[Repetition], measures: Mapping[str, Measure]) -> Symmetry | None:
    """Compares the sides of one set; None where either has fewer than `FEWEST` counted repetitions.

    Depths of one measure are compared, the one of most repetitions (`usual_depth_measure`).

    Args:
        repetitions: the attempts of the set.
        measures: of the template.
    """
    counted = [r for r in repetitions if r.counted and r.side and isfinite(r.depth)]
    measure = usual_depth_measure(r.depth_measure for r in counted)
    if measure is None:
        return None
    unit = measures[measure].unit
    depths: Mapping[str | None, list[float]] = {"left": [], "right": []}
    for each in counted:
        if each.depth_measure == measure:
            depths[each.side].append(each.depth)
    if min(len(values) for values in depths.values()) < FEWEST:
        return None
    left, right = median(depths["left"]), median(depths["right"])
    return Symmetry(left, right, unit, beyond_noise(abs(left - right), unit))


def usual_depth_measure(names: Iterable[str]) -> str | None:
    """The depth measure of most repetitions, of which alone depths can be compared; None if there are no repetitions.

    Somebody who turns round within a set is counted by another measure from then on.
    """
    return next((name for name, _ in Counter(names).most_common(1)), None)


def beyond_noise(apart: float, unit: str) -> bool:
    """Whether a side-to-side difference in a unit of the templates is more than noise."""
    return apart > (NOISE_DEG if unit == "deg" else NOISE_SHARE)
