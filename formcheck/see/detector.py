"""Where people are in a picture: BlazePose's detector, and what MediaPipe's graph makes of its answer.

A transcription of MediaPipe's ``pose_detector_graph.cc`` with the calculators that it names (Apache-2.0).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.see.network import Network, sigmoid
from formcheck.see.region import Region

_GRIDS = ((28, 2), (14, 2), (7, 6))
"""Cells a side of each grid that the network lays over the picture, and how many guesses it makes for each cell."""

_GUESSES = sum(cells**2 * each for cells, each in _GRIDS)
_PLACES = 6
"""Of each guess: box centre, box size, and four points, the first two of which are the region's."""

_SAME = 0.5
"""Overlap of boxes from which on they are of the same person (MediaPipe's default)."""


class Detector:
    """Finds people.

    Args:
        model: the network.
        normalization: mean and deviation of its pixels.
        confidence: 0..1, how sure it must be that there is one.

    Raises:
        Unsupported: LiteRT cannot run the network.
    """

    def __init__(self, model: bytes, normalization: tuple[float, float], confidence: float) -> None:
        outputs = ((1, _GUESSES, 2 * _PLACES), (1, _GUESSES, 1))
        self._network = Network(model, *normalization, outputs)
        self._confidence = confidence
        self._cells = _cells()

    def regions(self, image: NDArray[np.uint8]) -> list[Region]:
        """The regions of the people in an RGB picture, the surest first."""
        height, width, _ = image.shape
        longest = max(height, width)
        all_of_it = Region(width / 2, height / 2, longest, 0.0)
        guesses, logits = self._network.look(image, all_of_it, cv2.BORDER_CONSTANT)
        scores = sigmoid(logits[:, 0])
        sure = np.flatnonzero(scores >= self._confidence)
        places = guesses[sure].reshape(-1, _PLACES, 2).astype(np.float64) / self._network.side
        sizes = places[:, 1].copy()
        places += self._cells[sure, None]
        real = (sizes >= 0).all(axis=1)
        people = _merged(places[real], sizes[real], scores[sure][real].astype(np.float64))
        middle = np.array([width / 2, height / 2])
        found = [Region.around(*(points[2:4] - 0.5) * longest + middle) for points in people]
        return [region for region in found if region.usable]


def _cells() -> NDArray[np.float64]:
    """(guesses, 2): the middle of the cell that each guess belongs to, in picture widths."""
    middles = []
    for cells, each in _GRIDS:
        along = (np.arange(cells) + 0.5) / cells
        middles.append(np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2).repeat(each, axis=0))
    return np.concatenate(middles)


def _merged(
    places: NDArray[np.float64], sizes: NDArray[np.float64], scores: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """One guess for each person: the mean of those that overlap the surest one, weighted by how sure they are.

    Args:
        places: (guesses, 6, 2); the first is the middle of its box.
        sizes: (guesses, 2), of the boxes.
        scores: (guesses,).
    """
    low, high = places[:, 0] - sizes / 2, places[:, 0] + sizes / 2
    areas = sizes.prod(axis=1)
    left = np.argsort(-scores, kind="stable")
    people = []
    while len(left):
        first = left[0]
        shared = np.clip(np.minimum(high[first], high[left]) - np.maximum(low[first], low[left]), 0, None).prod(axis=1)
        together = areas[first] + areas[left] - shared
        same = shared > _SAME * together
        same[0] = True
        people.append(np.average(places[left[same]], axis=0, weights=scores[left[same]]))
        left = left[~same]
    return people
