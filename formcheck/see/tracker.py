"""BlazePose without MediaPipe's graph: the same networks and the same steps around them, run by LiteRT.

It takes less CPU time than MediaPipe's graph, which copies every picture, starts sooner, takes half the memory, and has
nothing in it that could report usage. A transcription of MediaPipe 1.2's ``pose_landmarker_graph.cc`` (Apache-2.0); the
tests hold both against each other.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from formcheck.see import trim
from formcheck.see.detector import Detector
from formcheck.see.landmarks import Landmarks, Person
from formcheck.see.network import Unsupported
from formcheck.see.region import Region
from formcheck.see.steadying import Steadying


class Tracker:
    """Does what `formcheck.see.blazepose.Landmarker` does, for the official models.

    Args:
        detector: finds people.
        landmarks: finds their landmarks.
        people: how many to look for in each picture afresh; None to follow one person from picture to picture.
        overlap: of two regions, above which they are taken for the same one (MediaPipe's ``min_tracking_confidence``).
    """

    def __init__(self, detector: Detector, landmarks: Landmarks, people: int | None, overlap: float) -> None:
        self._detector, self._landmarks = detector, landmarks
        self._people, self._overlap = people, overlap
        self._region: Region | None = None
        self._before: NDArray[np.float64] | None = None
        self._steadying = Steadying()

    @classmethod
    def open(cls, bundle: bytes, confidence: float = 0.5, parts_legs: bool = True) -> Self:
        """A tracker that follows one person.

        Args:
            bundle: the contents of a model bundle (a ``.task`` file), an official one or its trimmed copy.
            confidence: 0..1, how sure the model must be that there is a person.
            parts_legs: as of `Landmarks`; without it, it is MediaPipe to a tenth of a pixel.

        Raises:
            Unsupported: LiteRT is not there, or cannot run these networks.
        """
        try:
            networks = trim.networks(bundle)
        except trim.TrimError as error:
            raise Unsupported(str(error)) from error
        detector = Detector(networks[trim.DETECTOR], trim.NORMALIZATION[trim.DETECTOR], confidence)
        landmarks = Landmarks(networks[trim.LANDMARKS], trim.NORMALIZATION[trim.LANDMARKS], confidence, parts_legs)
        return cls(detector, landmarks, None, confidence)

    def for_everybody(self, people: int) -> Tracker:
        """Another one with the same networks, which looks for that many people in each picture afresh."""
        return Tracker(self._detector, self._landmarks, people, self._overlap)

    def poses(self, image: NDArray[np.uint8], milliseconds: int = 0) -> NDArray[np.float64]:
        """(people, 33, 3): x, y and visibility; without rows where nobody is seen.

        x and y are in picture widths and heights, visibility in 0..1.

        Args:
            image: (height, width, 3), RGB, upright.
            milliseconds: later than last time, where a person is followed.
        """
        if self._people is None:
            person = self._followed(image, milliseconds)
            return _numbers([] if person is None else [person], image)
        found = (self._landmarks.find(image, region) for region in self._detector.regions(image)[: self._people])
        return _numbers([person for person in found if person is not None], image)

    def _followed(self, image: NDArray[np.uint8], milliseconds: int) -> Person | None:
        region = self._region or self._first_region(image)
        person = None if region is None else self._landmarks.find(image, region, self._before)
        if person is None or not person.region.usable:
            self._region, self._before, self._steadying = None, None, Steadying()
            return None
        self._region, self._before = person.region, person.points
        points, visibility = self._steadying.steady(person.points, person.visibility, person.region.side, milliseconds)
        return Person(points, visibility, person.region)

    def _first_region(self, image: NDArray[np.uint8]) -> Region | None:
        """Of the surest person; of several regions that are nearly the same one, MediaPipe keeps the last."""
        kept: list[Region] = []
        for region in self._detector.regions(image):
            kept = [each for each in kept if region.overlap(each) <= self._overlap] + [region]
        return kept[0] if kept else None

    def close(self) -> None:
        """Nothing needs to be freed by hand; a `Landmarker` must be closed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _numbers(people: list[Person], image: NDArray[np.uint8]) -> NDArray[np.float64]:
    height, width, _ = image.shape
    numbers = np.empty((len(people), 33, 3))
    for row, person in zip(numbers, people, strict=True):
        row[:, :2] = person.points / (width, height)
        row[:, 2] = person.visibility
    return numbers
