"""The poses of a long recording, estimated by several processes; the same as by one."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from formcheck.chunks.channel import Channel
from formcheck.chunks.relay import Fresh, Relay
from formcheck.chunks.seam import Chunks
from formcheck.chunks.work import MIDDLE, Begun, Block, Ended, Message, Task, WarmUp, estimate_chunk, send_to
from formcheck.errors import CONVERT_IT, VideoError
from formcheck.pose import Pose
from formcheck.see.company import Together
from formcheck.see.video import Part, Video
from formcheck.workers import workers

ATTEMPTS = 2
"""How often workers may die, one time after the other, before anything is finished."""

_LOOKS_S = 0.2
_LOST_S = 5.0
"""A worker that has finished has sent everything within this time, if it still lives."""


class CannotCut(Exception):  # noqa: N818 - it is no error: then one process does all
    """A recording cannot be read in chunks, or not any more; says why."""


class _Arriving:
    """The messages of a chunk on their way; a chunk that is done again sends the same ones."""

    def __init__(self, future: Future[None]) -> None:
        self.future = future
        self.messages: deque[Message] = deque()
        self.complete = False
        self._come = self._taken = 0

    def add(self, message: Message) -> None:
        self._come += 1
        self.complete = isinstance(message, Ended)
        if self._come > self._taken:
            self.messages.append(message)

    def take(self) -> Message:
        self._taken += 1
        return self.messages.popleft()

    def again(self, future: Future[None]) -> None:
        self.future = future
        self.messages.clear()
        self._come = 0


class Crew:
    """Iterates over the poses of a recording, which several processes estimate; use it once, in a `with` block.

    They are to the last bit those that a `Relay` gives. Each worker begins at a seam, and goes on until another
    estimator would take over; usually that is at the next seam, where another worker has begun. If that does not happen
    for long, this process goes on until it does. A recording that cannot be read in chunks is read by this process from
    the beginning. A worker that dies is replaced, and its work done again. Workers are only some chunks ahead, so
    memory does not grow with the recording.

    Args:
        recording: opened; its frames are left to the caller.
        fresh: opens an estimator; sent to the workers.
        jobs: how many processes.
        chunks: where the recording is cut.

    Attributes:
        frames, done_s: how many frames and seconds are estimated so far, in all chunks.
        end, damage: of the recording, after the last pose (see `Video`).

    Raises:
        VideoError: while iterating: the recording cannot be read, or workers die again and again.
        ModelError: the pose model cannot be loaded.
    """

    def __init__(self, recording: Video, fresh: Fresh, jobs: int, chunks: Chunks | None = None) -> None:
        self.frames = 0
        self.done_s = 0.0
        self.end: float | None = None
        self.damage: str | None = None
        self._recording, self._fresh = recording, fresh
        self._chunks = chunks or Chunks()
        self._count = self._chunks.covering(recording.duration or 0.0)
        self._jobs = min(jobs, self._count)
        self._arriving: dict[int, _Arriving] = {}
        self._closing = ExitStack()
        self._pool: Any = None
        self._sent: Any = None
        self._deaths = 0
        self._began = 0  # the chunk with which the estimator in charge began
        self._latest = -1.0  # time of the last pose given
        self._together = Together()
        self._why_not = ""

    def __iter__(self) -> Iterator[Pose]:
        try:
            for pose in self._cut():
                self._latest = pose.time
                yield pose
        except CannotCut as why:
            self.close()
            self._why_not = str(why)
            ended = yield from self._go_on(whole=True)
            self.end = ended.end_s
            self._together += ended.together

    def notes(self) -> tuple[str, ...]:
        """What is to be known about whom the estimators followed and how, after the last pose."""
        notes = self._together.notes()
        if self._why_not and (self.end or 0.0) > self._chunks.length_s:
            notes += (f"One core did all the work from some point on, since {self._why_not}.",)
        return notes

    def close(self) -> None:
        """Ends the workers; a second call does nothing."""
        self._closing.close()
        self._pool = self._sent = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- giving ------------------------------------------------------------------------------------------------------

    def _cut(self) -> Iterator[Pose]:
        """The poses of one chunk after the other."""
        if not self._recording.duration:
            raise CannotCut("the recording does not say how long it is")
        number = 0
        ended = Ended(-1)
        while True:
            begun = self._next(number)
            if isinstance(begun, Ended):
                raise CannotCut(begun.trouble)
            assert isinstance(begun, Begun)
            if number and ended.pictures != begun.pictures:
                raise CannotCut(MIDDLE)
            self._together += ended.together
            self._began = number
            while isinstance(message := self._next(number), Block):
                yield from message.poses
            assert isinstance(message, Ended)
            ended = message
            if ended.trouble:
                raise CannotCut(ended.trouble)
            self._deaths = 0
            if ended.stuck:
                ended = yield from self._go_on()
            if ended.next is None:
                self.end = ended.end_s
                self._together += ended.together
                return
            self._forget(range(number, ended.next))
            number = ended.next

    def _go_on(self, *, whole: bool = False) -> Generator[Pose, None, Ended]:
        """Estimates here, with an estimator that is brought to where the one in charge was.

        Gives the poses that were not given yet, until another estimator takes over; or, with `whole`, reads the
        recording from its beginning and goes on to its end.
        """
        chunks, since = self._chunks, self._chunks.warm_up(self._began)
        part = Part(since, self._recording.start) if self._began and not whole else None
        warm_up = WarmUp(chunks)
        with Video(self._recording.path, part) as video, Relay(self._fresh, chunks, self._began) as relay:
            for frame in video:
                if frame.time < since:
                    continue
                pose = relay.estimate(frame)
                if not whole:
                    if not video.regular:
                        raise CannotCut(video.damage or MIDDLE)
                    if relay.began != self._began:
                        return Ended(self._began, relay.began, warm_up.pictures, together=relay.handed_over)
                    warm_up.update(frame)
                if frame.time > self._latest:
                    yield pose
            self.damage = video.damage
            return Ended(self._began, end_s=video.end, together=relay.together)

    # --- receiving ---------------------------------------------------------------------------------------------------

    def _next(self, number: int) -> Message:
        """The next message of a chunk."""
        waited = 0.0
        while True:
            try:
                self._hand_out(number)
                arriving = self._arriving[number]
                if arriving.messages:
                    return arriving.take()
                if arriving.future.done():
                    arriving.future.result()
            except BrokenProcessPool:
                self._replace_workers()
                continue
            try:
                message: Message = self._sent.get(timeout=_LOOKS_S)
            except queue.Empty:
                waited = waited + _LOOKS_S if arriving.future.done() else 0.0
                if waited > _LOST_S:
                    self._replace_workers()
                continue
            if message.number in self._arriving:  # else it is not wanted any more
                self._arriving[message.number].add(message)
            if isinstance(message, Block):
                self.frames += len(message.poses)
                self.done_s = min(self.done_s + len(message.poses) / self._recording.fps, self._recording.duration or 0)

    def _hand_out(self, number: int) -> None:
        """Keeps the workers busy with the chunks that are wanted soon."""
        if self._pool is None:
            self._open()
        here = max(number, self._chunks.holding(self._latest) if self._latest > 0 else 0)
        self._forget(range(number + 1, here + 1))  # they were passed by
        for soon in [number, *range(here + 1, min(here + self._jobs + 1, self._count))]:
            if soon not in self._arriving:
                self._arriving[soon] = _Arriving(self._submit(soon))

    def _submit(self, number: int) -> Future[None]:
        video = self._recording
        task = Task(video.path, video.start, video.size, video.rotation, self._chunks, number, self._fresh)
        future: Future[None] = self._pool.submit(estimate_chunk, task)
        return future

    def _forget(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if (arriving := self._arriving.pop(number, None)) is not None:
                arriving.future.cancel()

    def _open(self) -> None:
        from loky.backend.context import get_context

        context = get_context("loky")
        self._sent = Channel(context)
        self._closing.callback(self._sent.close)
        self._pool = self._closing.enter_context(workers(self._jobs, send_to, (self._sent.sender,), context))

    def _replace_workers(self) -> None:
        """After a worker has died, everything that is not complete is done again."""
        self._deaths += 1
        if self._deaths > ATTEMPTS:
            raise VideoError(
                f"{self._recording.path}: a process that read it died, {self._deaths} times: reading it crashed the "
                f"decoder, or memory ran out. Try fewer --jobs, or convert it, {CONVERT_IT}"
            )
        self.close()
        self._open()
        for number, arriving in sorted(self._arriving.items()):
            if not arriving.complete:
                arriving.again(self._submit(number))
