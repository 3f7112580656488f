"""The landmarks of a person: BlazePose's second network, and what MediaPipe's graph makes of its answer.

A transcription of MediaPipe's ``pose_landmarks_detector_graph.cc`` with the calculators that it names (Apache-2.0).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formcheck.see.legs import ANKLES, FEET, KNEES, find_legs
from formcheck.see.network import Network, sigmoid
from formcheck.see.region import Region

_GIVEN, _VALUES = 39, 5
_BODY = 33
_USED = _BODY + 2
"""The two after those of the body tell the region to look at in the next picture."""

_CELLS = 64
"""Cells a side of the maps that tell, for every landmark, how much each place looks like it."""

_REACH = 3
"""Cells on each side of a landmark's that its place is refined from."""

_DOWN, _RIGHT = (each.ravel() for each in np.mgrid[-_REACH : _REACH + 1, -_REACH : _REACH + 1])
_NEARBY = (_DOWN * _CELLS + _RIGHT) * _GIVEN + np.arange(_USED)[:, None]
"""(35, 49): how far each landmark's values nearby lie in memory from the first value of its own cell."""

_MOMENTS = np.stack([np.ones_like(_DOWN), _RIGHT, _DOWN], axis=1).astype(np.float32)


class Person(NamedTuple):
    """A person as seen in one picture.

    Attributes:
        points: (33, 2), in pixels.
        visibility: (33,), 0..1.
        region: where to look for the person in the next picture.
    """

    points: NDArray[np.float64]
    visibility: NDArray[np.float64]
    region: Region


class Landmarks:
    """Places landmarks.

    Args:
        model: the network.
        normalization: mean and deviation of its pixels.
        confidence: 0..1, how sure it must be that there is a person.
        parts_legs: whether knees and ankles are looked for in the maps (`formcheck.see.legs`); MediaPipe does not.

    Raises:
        Unsupported: LiteRT cannot run the network.
    """

    def __init__(
        self, model: bytes, normalization: tuple[float, float], confidence: float, parts_legs: bool = True
    ) -> None:
        self._parts_legs = parts_legs
        outputs = ((1, 1), (1, _GIVEN * _VALUES), (1, _CELLS, _CELLS, _GIVEN))
        self._network = Network(model, *normalization, outputs)
        self._confidence = confidence

    def find(
        self, image: NDArray[np.uint8], region: Region, before: NDArray[np.float64] | None = None
    ) -> Person | None:
        """The person in a region of an RGB picture; None if there is nobody.

        Args:
            image: (height, width, 3).
            region: of it.
            before: (33, 2), the points of the same person in the picture before, if they are known.
        """
        presence, values, likeness = self._network.look(image, region)
        if presence[0] <= self._confidence:
            return None
        marks = values.reshape(_GIVEN, _VALUES)[:_USED]
        given = (marks[:, :2] / self._network.side).astype(np.float64)
        places = _refined(given, likeness)
        matrix = region.matrix(1)
        visibility = sigmoid(marks[:_BODY, 3]).astype(np.float64)
        if self._parts_legs:
            self._part_legs(given, places, likeness, visibility, _backwards(matrix, before))
        points = places @ matrix[:, :2].T + matrix[:, 2]
        return Person(points[:_BODY], visibility, Region.around(points[_BODY], points[_BODY + 1]))

    @staticmethod
    def _part_legs(
        given: NDArray[np.float64],
        places: NDArray[np.float64],
        likeness: NDArray[np.float32],
        visibility: NDArray[np.float64],
        before: NDArray[np.float64] | None,
    ) -> None:
        """Moves knees and ankles, with their feet, to where the maps show them."""
        joints = [*KNEES, *ANKLES]
        earlier = None if before is None else before[joints] * _CELLS
        legs = find_legs(given[:_BODY] * _CELLS, places[:_BODY] * _CELLS, likeness, earlier)
        if legs is None:
            return
        moved = legs.places / _CELLS
        for side, ankle in enumerate(ANKLES):
            places[list(FEET[side])] += moved[2 + side] - places[ankle]
        places[joints] = moved
        visibility[joints] = np.maximum(visibility[joints], legs.likeness)


def _backwards(matrix: NDArray[np.float64], points: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Points of a picture as places in a crop, in widths of it."""
    if points is None:
        return None
    places: NDArray[np.float64] = (points - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    return places


def _refined(places: NDArray[np.floating], likeness: NDArray[np.float32]) -> NDArray[np.float64]:
    """Landmarks moved to the middle of what looks like them nearby, where anything does with more than 50 %.

    Args:
        places: (35, 2), in widths of the crop.
        likeness: (64, 64, 39), before the sigmoid.
    """
    cells = (places * _CELLS).astype(np.intp)  # cut off, not rounded down: -0.5 is in the first cell
    within = ((cells >= 0) & (cells < _CELLS)).all(axis=1)
    if cells.min() >= _REACH and cells.max() < _CELLS - _REACH:
        around = likeness.reshape(-1).take(_NEARBY + (cells @ (1, _CELLS) * _GIVEN)[:, None])
    else:
        columns, rows = cells[:, 0, None] + _RIGHT, cells[:, 1, None] + _DOWN
        last = _CELLS - 1
        around = likeness[rows.clip(0, last), columns.clip(0, last), np.arange(_USED)[:, None]]
        around[(columns < 0) | (columns > last) | (rows < 0) | (rows > last)] = -np.inf  # none of it looks like one
    total, right, down = (sigmoid(around) @ _MOMENTS).T
    refined = (cells + np.stack([right, down], axis=1) / total[:, None]) / _CELLS
    return np.where((within & (around.max(axis=1) >= 0))[:, None], refined, places)
