"""Estimating a long recording: at fixed times a fresh estimator takes over from the one before."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from formcheck.chunks.seam import Chunks, agree
from formcheck.pose import Pose
from formcheck.see.company import Company, Together
from formcheck.see.frame import Frame


class Follower(Protocol):
    """An estimator that follows a person from frame to frame, such as `formcheck.see.estimator.Estimator`."""

    company: Company

    def estimate(self, frame: Frame) -> Pose:
        """The pose in the next frame."""

    def close(self) -> None:
        """Frees it; a second call does nothing."""


Fresh = Callable[[], Follower]
"""Opens an estimator that has seen nothing yet."""


class Relay:
    """Estimates the poses of a recording of any length as its chunks are estimated by several processes.

    Before each seam a fresh estimator runs beside the one in charge. If both see the same, it takes over; if not, the
    one in charge goes on to the next seam. Frames are to be given in their order.

    Args:
        fresh: opens an estimator.
        chunks: where the seams are.
        first: the chunk that the recording is given from: its first frame is that of the warm-up of this chunk.

    Attributes:
        began: the chunk with which the estimator in charge began.
        handed_over: how long others were in the picture, in the time of the estimators before it.
    """

    def __init__(self, fresh: Fresh, chunks: Chunks | None = None, first: int = 0) -> None:
        self.began = first
        self._fresh = fresh
        self._chunks = chunks or Chunks()
        self._number = first
        self._first: int | None = first
        self._estimator = fresh()
        self._next: Follower | None = None
        self._before: list[Pose] = []
        self._after: list[Pose] = []
        self.handed_over = Together()

    def estimate(self, frame: Frame) -> Pose:
        """The pose of the person in a frame; `Pose.absent` where nobody is seen."""
        self._cross_seams(frame.time)
        pose = self._estimator.estimate(frame)
        if self._next is not None:
            self._before.append(pose)
            self._after.append(self._next.estimate(frame))
        return pose

    @property
    def together(self) -> Together:
        """How long others were in the picture."""
        return self.handed_over + self._estimator.company.together

    def notes(self) -> tuple[str, ...]:
        """What is to be known about whom it followed, after the last frame."""
        return self.together.notes()

    def close(self) -> None:
        """Frees the estimators; a second call does nothing."""
        self._estimator.close()
        if self._next is not None:
            self._next.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _cross_seams(self, time: float) -> None:
        if self._first is not None and time >= self._chunks.begin(self._first):
            self._estimator.company.together = Together()  # the warm-up is the time of the chunk before
            self._first = None
        while time >= self._chunks.begin(self._number + 1):
            self._number += 1
            if self._next is not None:
                self._hand_over(self._next)
        if self._next is None and time >= self._chunks.warm_up(self._number + 1):
            self._next = self._fresh()

    def _hand_over(self, fresh: Follower) -> None:
        """Gives the frames to come to the fresh estimator if it agrees with the one in charge."""
        if agree(self._before, self._after):
            self.handed_over += self._estimator.company.together
            self._estimator, fresh = fresh, self._estimator
            self._estimator.company.together = Together()
            self.began = self._number
        fresh.close()
        self._next = None
        self._before, self._after = [], []
