"""The picture of the camera, kept while somebody exercises: H.264 in a fragmented MP4, which a crash cannot spoil.

Every second of it is complete in itself. After a `kill -9` or a power cut the file plays, and is analyzed, up to the
last second or two; nothing has to be repaired.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time as clock
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from formcheck.errors import OutputError
from formcheck.show.video import CLOCK, output_size
from formcheck.unfinished import output_error

FRAGMENT_S = 1.0
"""Seconds of video that are written as one piece; a crash loses the one being made."""

SYNC_S = 1.0

_BEHIND = 4
"""Pictures that may wait for the encoder; more are dropped, never waited for."""

_X264 = {"preset": "ultrafast", "crf": "23", "tune": "zerolatency", "sc_threshold": "0"}
"""The least CPU, and nothing kept back in the encoder: the pose model needs the machine, and a crash may come."""

_MP4 = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}


class Recording:
    """A recording being written. `write` never waits and never raises because of the disk.

    Use it in a `with` block, or call `close`. The file is there from the start and is kept whatever happens.

    Args:
        path: the file, ending in ``.mp4``; one of that name is replaced.
        size: (width, height) of the pictures to come.
        fps: nominal frames a second; the pictures keep their own times.

    Attributes:
        dropped: pictures that were left out because the encoder was behind.
        failure: why nothing is recorded any more (a full disk, for example), or None.

    Raises:
        OutputError: the file cannot be created.
    """

    def __init__(self, path: str | os.PathLike[str], size: tuple[int, int], *, fps: float = 30.0) -> None:
        self.path = Path(path)
        self.size = output_size(*size)
        self.dropped = 0
        self.failure: OutputError | None = None
        self._given = size
        self._latest: float | None = None
        self._queue: queue.Queue[tuple[NDArray[np.uint8], float] | None] = queue.Queue(maxsize=_BEHIND)
        self._closed = False
        try:
            self._file = self.path.open("wb")
        except OSError as error:
            raise output_error(self.path, error) from error
        try:
            self._output = av.open(self._file, "w", format="mp4", container_options=dict(_MP4))
            rate = Fraction(fps).limit_denominator(1001)
            stream = self._output.add_stream("libx264", rate=rate, options=dict(_X264))
            stream.width, stream.height = self.size
            stream.pix_fmt = "yuv420p"
            context = stream.codec_context
            context.time_base = Fraction(1, CLOCK)
            context.gop_size = max(1, round(fps * FRAGMENT_S))
            context.thread_count = 1
            context.colorspace, context.color_range = 6, 1  # as OpenCV converts: BT.601, limited
            context.color_primaries, context.color_trc = 1, 1
        except BaseException:
            self._file.close()
            raise
        self._stream = stream
        self._thread = threading.Thread(target=self._encode, name=f"record {self.path.name}", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """Adds a picture: (height, width, 3) uint8 RGB, seen at `time` (seconds, increasing).

        It is encoded later, in another thread: do not draw on it any more.

        Raises:
            ValueError: the picture or its time do not fit.
        """
        if image.shape != (self._given[1], self._given[0], 3) or image.dtype != np.uint8:
            raise ValueError(f"expected a uint8 picture of {self._given}, not {image.dtype} {image.shape}")
        if self._latest is not None and time <= self._latest:
            raise ValueError(f"times must increase: {time} after {self._latest}")
        self._latest = time
        if self._closed or self.failure is not None:
            return
        try:
            self._queue.put_nowait((image, time))
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Writes what is waiting and closes the file; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _encode(self) -> None:
        try:
            self._encode_all()
        except (av.FFmpegError, OSError) as error:
            self.failure = output_error(self.path, error)
            while self._queue.get() is not None:
                pass
        finally:
            with contextlib.suppress(av.FFmpegError, OSError):
                self._output.close()
            with contextlib.suppress(OSError):
                self._file.close()

    def _encode_all(self) -> None:
        began: float | None = None
        key_at = -FRAGMENT_S
        ticks = -1
        synced = clock.monotonic()
        while (picture := self._queue.get()) is not None:
            image, time = picture
            began = time if began is None else began
            frame = self._frame(image)
            ticks = max(round((time - began) * CLOCK), ticks + 1)
            frame.pts, frame.time_base = ticks, Fraction(1, CLOCK)
            if time - began - key_at >= FRAGMENT_S:  # by time: cameras slow down in the dark
                frame.pict_type = av.video.frame.PictureType.I
                key_at = time - began
            self._output.mux(self._stream.encode(frame))
            if clock.monotonic() - synced >= SYNC_S:
                self._file.flush()
                os.fsync(self._file.fileno())
                synced = clock.monotonic()
        if began is not None:
            self._output.mux(self._stream.encode(None))

    def _frame(self, image: NDArray[np.uint8]) -> VideoFrame:
        width, height = self.size
        if max(self._given) > max(width, height) + 1:
            image = cv2.resize(image, self.size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        converted = cv2.cvtColor(image[:height, :width], cv2.COLOR_RGB2YUV_I420).astype(np.uint8, copy=False)
        wrap = VideoFrame.from_numpy_buffer if height % 4 == 0 else VideoFrame.from_ndarray
        return wrap(converted, format="yuv420p")
