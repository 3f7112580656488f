"""Recorded videos, animated GIFs and still images, as upright frames with their true times."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from formcheck.errors import VideoError
from formcheck.see.container import (
    CONVERT,
    LIMITS,
    breaks_off,
    claimed_duration,
    open_container,
    reason,
    require_bounded,
    require_judgeable,
    video_stream,
)
from formcheck.see.frame import Frame
from formcheck.see.limits import LARGEST_SIDE
from formcheck.see.timeline import LONGEST_GAP, Timeline
from formcheck.see.upright import Upright

AHEAD = 2
"""Frames that are decoded ahead: enough to overlap with the estimator, little to keep in memory."""

_USUAL_FPS = 30.0

_EARLIER = (0.0, 2.0, 10.0, 60.0)
"""Seconds to look for a key picture before the first one wanted: containers find the place only roughly."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rest of a recording from somewhere in it.

    Attributes:
        begin_s: time of the first frame to give, at the earliest; in seconds since the recording's first frame.
        origin_s: timestamp of the recording's first frame in the file (`Video.start`).
    """

    begin_s: float
    origin_s: float


class Video:
    """The frames of a recorded video, an animated GIF or a still image.

    Iterate over it once, inside a `with` block; decoding runs ahead in a thread that ends with the block. Frames come
    in the order in which they are shown, upright (rotation metadata applied), with square pixels, transparent areas
    white. Their times are the container's own, counted from the first frame (see `Timeline`).

    Attributes:
        path: the file.
        size: (width, height) of the upright frames, in pixels. Should a video change its size, later frames are scaled.
        fps: nominal frames a second. Frames need not come evenly: use their times.
        duration: seconds as the file claims them, None if it does not say.
        frame_count_estimate: frames as the file claims them, None if it does not say.
        rotation: degrees clockwise by which the stored picture is turned to stand upright: 0, 90, 180 or 270.
        start: timestamp of the first frame in the file, in seconds (the sound is placed by it).
        still: whether the file holds a single picture.
        has_audio: whether there is sound.

    With a `part`, reading begins at the key picture before it. As long as the recording is `regular`, its frames are
    then the same, to the last bit of picture and time, as those of the whole recording. There may be none.

    Raises:
        VideoError: the file cannot be read or holds no picture that a person can be judged in, or the part cannot be
            found in it.
    """

    def __init__(self, path: str | PathLike[str], part: Part | None = None) -> None:
        self.path = Path(path)
        self._part = part
        self._container = open_container(self.path)
        try:
            self._stream = video_stream(self._container, self.path)
            self._describe(self._stream)
            self._pictures = self._decode()
            self._first = list(islice(self._pictures, 2))
            if not self._first and part is None:
                raise VideoError(
                    f"{self.path}: no picture in it can be decoded. It may be damaged, encrypted, an animated WebP, or "
                    f"larger than {LARGEST_SIDE} pixels a side. {CONVERT}"
                )
        except BaseException:
            self._container.close()
            raise
        self.size = self._first[0].size if self._first else (0, 0)
        self.still = len(self._first) == 1
        self._queue: queue.Queue[Frame | None] = queue.Queue(maxsize=AHEAD)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._finished = False

    @property
    def damage(self) -> str | None:
        """What is wrong with the file and where, as far as it has been read; None if nothing is.

        Damaged places are left out and reading goes on; a file that breaks off ends there.
        """
        return self._damage

    @property
    def regular(self) -> bool:
        """Whether, as far as it has been read, nothing is damaged and every timestamp was taken as it is."""
        return self._damage is None and not self._timeline.repaired

    @property
    def end(self) -> float | None:
        """Seconds at which the last frame ends; known when all frames have been read, None before."""
        return self._end if self._finished else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        if self._finished or self._stop.is_set():
            raise StopIteration
        if self._first:
            return self._first.pop(0)
        if self._thread is None:
            self._thread = threading.Thread(target=self._read_ahead, name=f"decode {self.path.name}", daemon=True)
            self._thread.start()
        frame = self._queue.get()
        if frame is not None:
            return frame
        if self._failure is not None:
            raise self._failure
        self._finished = True
        raise StopIteration

    def close(self) -> None:
        """Stop decoding and let go of the file. Frames that were handed out stay valid."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._container.close()

    def _read_ahead(self) -> None:
        try:
            for frame in self._pictures:
                if not self._hand_over(frame):
                    return
        except BaseException as error:  # raised again where the frames are consumed
            self._failure = error
        self._hand_over(None)

    def _hand_over(self, frame: Frame | None) -> bool:
        """Whether somebody still wants the frame; waits for room in the queue."""
        while not self._stop.is_set():
            try:
                self._queue.put(frame, timeout=0.05)
            except queue.Full:
                continue
            return True
        return False

    def _describe(self, stream: VideoStream) -> None:
        """Read what the file says about itself, without decoding."""
        rates = (stream.average_rate, stream.guessed_rate, stream.base_rate)
        self.fps = next((float(rate) for rate in rates if rate and 0.1 <= rate <= 1000), _USUAL_FPS)
        self.duration = claimed_duration(self._container, stream)
        self.frame_count_estimate: int | None = stream.frames or round((self.duration or 0) * self.fps) or None
        self.has_audio = bool(self._container.streams.audio)
        self.rotation = 0
        self.start = 0.0
        self._end = 0.0
        self._timeline = Timeline(1 / self.fps, self._part.origin_s if self._part is not None else None)
        self._damage: str | None = None
        width, height = stream.codec_context.width, stream.codec_context.height
        if width and height:  # 0 where only decoding will tell
            require_judgeable(width, height, self.path)
        # One thread costs a third less CPU than two; only large pictures need them to keep up with the estimator.
        # Parts are read by several processes at once, which keep all cores busy anyway.
        stream.codec_context.thread_count = 0 if width * height > 1920 * 1088 and self._part is None else 1
        if stream.codec_context.thread_count == 0:
            stream.thread_type = "AUTO"
        stream.codec_context.options = dict(LIMITS)

    def _decode(self) -> Iterator[Frame]:
        """Every picture to the end of the file. Damage is noted, not raised."""
        step, part = 1 / self.fps, self._part
        timeline = self._timeline
        upright: Upright | None = None
        for number, picture in enumerate(self._decoded(), start=1):
            seconds = None if picture.pts is None else float(picture.pts * _time_base(picture))
            if part is not None and seconds is not None and seconds - part.origin_s < part.begin_s:
                continue
            if upright is None:
                upright = Upright(picture, self._stream)
                require_judgeable(*upright.size, self.path)
                self.rotation = upright.rotation
                self.start = (seconds or 0.0) if part is None else part.origin_s
            time = timeline.place(seconds)
            require_bounded(number, time, self.path)
            shown = float((picture.duration or 0) * _time_base(picture))
            self._end = time + (shown if 0 < shown <= LONGEST_GAP else step)
            yield Frame(time, upright.image(picture))
        if breaks_off(self._container, self.path, self._end, self.duration):
            of = f" of {self.duration:.1f} s" if self.duration else ""
            self._note(f"it breaks off at {self._end:.1f} s{of}")

    def _decoded(self) -> Iterator[VideoFrame]:
        packets = self._container.demux(self._stream) if self._part is None else self._packets(self._part)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            # IndexError: of a packet of a stream that showed up late, of which PyAV does not know.
            except (av.FFmpegError, OSError, IndexError) as error:
                self._note(f"it cannot be read beyond {self._end:.1f} s ({reason(error)})")
                packet = None
            if packet is not None and packet.is_corrupt:
                self._note(f"its data are incomplete at {self._end:.1f} s")
            try:
                yield from self._stream.decode(packet)
            except EOFError:
                return
            except (av.FFmpegError, OSError) as error:
                self._note(f"a picture after {self._end:.1f} s cannot be decoded ({reason(error)})")
            if packet is None:
                return

    def _packets(self, part: Part) -> Iterator[Packet[VideoStream]]:
        """The stored pictures from the last key picture before a part on."""
        for earlier in _EARLIER:
            seconds = part.origin_s + max(0.0, part.begin_s - earlier)
            try:
                self._container.seek(int(seconds / (self._stream.time_base or 1)), stream=self._stream)
                packets = self._container.demux(self._stream)
                key = next((packet for packet in packets if packet.is_keyframe and packet.pts is not None), None)
            except (av.FFmpegError, OSError) as error:
                raise VideoError(f"{self.path} cannot be read from the middle ({reason(error)}).") from error
            if key is not None and (key.pts or 0) * _time_base(key) <= part.origin_s + part.begin_s:
                return chain([key], packets)
        raise VideoError(f"{self.path} cannot be read from the middle: there is no key picture in time.")

    def _note(self, damage: str) -> None:
        if self._damage is None:
            self._damage = damage


def _time_base(picture: VideoFrame | Packet[VideoStream]) -> Fraction:
    return picture.time_base or Fraction(1, av.time_base)
