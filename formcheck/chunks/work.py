"""What a worker does: it estimates the poses of a recording from one seam on, and sends them as they come."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formcheck.chunks.relay import Fresh, Relay
from formcheck.chunks.seam import Chunks
from formcheck.errors import VideoError
from formcheck.pose import Pose
from formcheck.see.company import Together
from formcheck.see.frame import Frame
from formcheck.see.video import Part, Video

BLOCK = 30
"""Poses that are sent together."""

FARTHEST = 3
"""Chunks that a worker goes on through at most, itself included, before somebody takes over from it: it does not know
whether it is needed beyond its own."""

MIDDLE = "its pictures are not stored so that reading can begin in the middle"


@dataclass(frozen=True, slots=True)
class Task:
    """A recording to estimate from a chunk on, until the estimator of a later chunk takes over.

    Attributes:
        path: the recording.
        origin_s, size, rotation: of the recording as `Video` tells them; what the worker reads must be the same.
        chunks: where the recording is cut.
        number: the chunk to begin with.
        fresh: opens an estimator.
    """

    path: Path
    origin_s: float
    size: tuple[int, int]
    rotation: int
    chunks: Chunks
    number: int
    fresh: Fresh


Pictures = tuple[tuple[float, int], ...]
"""Times and checksums of the pictures of a warm-up: whoever reads them must have decoded the same."""


class WarmUp:
    """The pictures of the last warm-up before a seam."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._seam = 0
        self._pictures: list[tuple[float, int]] = []

    @property
    def pictures(self) -> Pictures:
        """Those so far."""
        return tuple(self._pictures)

    def update(self, frame: Frame) -> None:
        """Takes note of the next picture."""
        seam = self._chunks.holding(frame.time) + 1
        if seam != self._seam:
            self._seam, self._pictures = seam, []
        if frame.time >= self._chunks.warm_up(seam):
            self._pictures.append((frame.time, zlib.crc32(frame.image.data)))


@dataclass(frozen=True, slots=True)
class Begun:
    """The first message: the pictures of the warm-up."""

    number: int
    pictures: Pictures


@dataclass(frozen=True, slots=True)
class Block:
    """Some poses."""

    number: int
    poses: tuple[Pose, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The last message.

    Attributes:
        number: the chunk that was begun with.
        next: the chunk whose estimator takes over; None at the end of the recording.
        pictures: those of the warm-up of that chunk.
        stuck: nobody has taken over yet, and this worker goes no farther.
        end_s: where the recording ends, if this is its end.
        together: how long others were in the picture.
        trouble: why the rest can be estimated only by somebody who has read the recording from its beginning; "" if
            nothing is wrong. All poses that were sent are right.
    """

    number: int
    next: int | None = None
    pictures: Pictures = ()
    stuck: bool = False
    end_s: float | None = None
    together: Together = field(default_factory=Together)
    trouble: str = ""


Message = Begun | Block | Ended

_sent: Any = None
"""The way of this worker's messages to its parent, a `Sender`."""


def send_to(sent: Any) -> None:
    """Prepares a worker: `sent` takes its messages."""
    global _sent
    _sent = sent


def estimate_chunk(task: Task) -> None:
    """Estimates, and sends a `Begun`, `Block`s and an `Ended`, in this order.

    Raises:
        ModelError: the pose model cannot be loaded.
    """
    try:
        _estimate(task)
    except VideoError as error:  # whoever reads it from the beginning may be able to, or tells better
        _sent.put(Ended(task.number, trouble=str(error).replace(f"{task.path} ", "it ", 1).rstrip(".")))


class _Messages:
    """What one worker sends about one task."""

    def __init__(self, number: int) -> None:
        self.begun = False
        self._number = number
        self._poses: list[Pose] = []

    def begin(self, pictures: Pictures) -> None:
        _sent.put(Begun(self._number, pictures))
        self.begun = True

    def add(self, pose: Pose) -> None:
        self._poses.append(pose)
        if len(self._poses) == BLOCK:
            self._flush()

    def end(self, ended: Ended) -> None:
        self._flush()
        _sent.put(ended)

    def _flush(self) -> None:
        if self._poses:
            _sent.put(Block(self._number, tuple(self._poses)))
            self._poses = []


def _estimate(task: Task) -> None:
    chunks, number = task.chunks, task.number
    part = Part(chunks.warm_up(number), task.origin_s) if number else None
    messages, warm_up = _Messages(number), WarmUp(chunks)
    with Video(task.path, part) as video, Relay(task.fresh, chunks, number) as relay:
        for frame in video:
            if not video.regular or (video.size, video.rotation) != (task.size, task.rotation):
                messages.end(Ended(number, trouble=video.damage or MIDDLE))
                return
            pose = relay.estimate(frame)
            if relay.began != number:
                messages.end(Ended(number, relay.began, warm_up.pictures, together=relay.handed_over))
                return
            if frame.time >= chunks.begin(number + FARTHEST):
                messages.end(Ended(number, stuck=True))
                return
            if frame.time >= chunks.begin(number):
                if not messages.begun:
                    messages.begin(warm_up.pictures)
                messages.add(pose)
            warm_up.update(frame)
        if not messages.begun:
            messages.begin(warm_up.pictures)
        trouble = "" if video.regular else video.damage or MIDDLE
        messages.end(Ended(number, end_s=video.end, together=relay.together, trouble=trouble))
