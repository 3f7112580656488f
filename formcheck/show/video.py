"""Annotated videos: H.264 in an MP4 that plays in every browser, timed like the recording, with its sound."""

from __future__ import annotations

import contextlib
import queue
import threading
from fractions import Fraction
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from formcheck.errors import OutputError
from formcheck.see.video import Video
from formcheck.show.sound import Sound
from formcheck.unfinished import UnfinishedFile, output_error

LARGEST_SIDE = 1920
"""Pixels. Larger pictures are scaled down to it: no more is needed to see an exercise, and phones must play it."""

CLOCK = 90_000
"""Ticks a second of the written timestamps: finer than any camera."""

_BEHIND = 2
"""Pictures that may wait for the encoder."""

_X264 = {"preset": "superfast", "crf": "21", "mbtree": "1", "rc-lookahead": "10", "bf": "0"}
"""Half the CPU of the plain `veryfast` preset at the same quality, for somewhat larger files. Without B-frames,
pictures are stored in the order they are shown in, so that every player keeps the duration of the last one.
"""


class AnnotatedVideo:
    """A video being written; each picture is shown from the time it is written with until the next one's.

    Use it in a `with` block: the file appears under its name, complete, when the block ends well; after an exception
    nothing is left of it. Encoding happens in a thread.

    Attributes:
        path: the file that will exist.
        size: (width, height) of the pictures in the file: even numbers, at most `LARGEST_SIDE`.

    Raises:
        OutputError: the file cannot be written (on opening, by `write` or by `close`).
    """

    def __init__(
        self,
        path: str | PathLike[str],
        size: tuple[int, int],
        *,
        fps: float = 30.0,
        source: Video | None = None,
    ) -> None:
        """`size` is that of the pictures to come.

        `source` is the recording that is annotated: its sound is kept and its timing completed. Without one, `fps` is
        the nominal rate, which only decides how long the last picture is shown.
        """
        self.path = Path(path)
        self.size = output_size(*size)
        self._source = source
        self._given = size
        self._fps = source.fps if source is not None else fps
        self._sound: Sound | None = None
        self._failure: BaseException | None = None
        self._discarded = threading.Event()
        self._queue: queue.Queue[tuple[NDArray[np.uint8], float] | None] = queue.Queue(maxsize=_BEHIND)
        self._latest: float | None = None
        self._end: float | None = None
        self._closed = False
        self._file = UnfinishedFile(self.path)
        try:
            self._output = av.open(
                f"file:{self._file.path}", "w", format="mp4", container_options={"movflags": "+faststart"}
            )
            self._stream = self._add_pictures(self._output)
            self._delay = self._add_sound(self._output)
            self._output.start_encoding()
        except (av.FFmpegError, OSError) as error:
            self._abandon()
            raise output_error(self.path, error) from error
        except BaseException:
            self._abandon()
            raise
        self._thread = threading.Thread(target=self._encode, name=f"encode {self.path.name}", daemon=True)
        self._thread.start()

    @property
    def warning(self) -> str | None:
        """What of the recording's sound could not be kept; None if nothing is missing. Complete after `close`."""
        return self._sound.loss if self._sound is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.discard()

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """Add a picture: (height, width, 3) uint8 RGB, shown from `time` on (seconds since the source's first frame).

        The picture is read later, in another thread: do not draw on it any more. Times must increase.
        """
        if image.shape != (self._given[1], self._given[0], 3) or image.dtype != np.uint8:
            raise ValueError(f"expected a uint8 picture of {self._given}, not {image.dtype} {image.shape}")
        if self._latest is not None and time <= self._latest:
            raise ValueError(f"times must increase: {time} after {self._latest}")
        self._latest = time
        self._hand_over((image, time))

    def close(self, end: float | None = None) -> None:
        """Finish the file and give it its name; a file without pictures is not written.

        `end` (seconds) is when the last picture ends. Without it the source tells, if it has been read to its end;
        if not, the last picture gets a nominal duration and the sound is cut there.
        """
        if self._closed:
            return
        self._end = end if end is not None or self._source is None else self._source.end
        try:
            self._hand_over(None)
            self._thread.join()
            self._raise_failure()
            if self._latest is None:
                raise OutputError(f"{self.path} was not written: there was no picture to write.")
            self._closed = True
            self._file.finish()
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Stop, and remove what has been written."""
        self._closed = True
        self._discarded.set()
        self._thread.join()
        self._abandon()

    def _add_pictures(self, output: OutputContainer) -> VideoStream:
        stream = output.add_stream("libx264", rate=Fraction(self._fps).limit_denominator(1001), options=dict(_X264))
        stream.width, stream.height = self.size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, CLOCK)
        context.thread_count = 1  # the least CPU; the pose model needs the other cores
        # What OpenCV's conversion to I420 produces, told to the player: BT.601 matrix, limited range, BT.709 colours.
        context.colorspace, context.color_range = 6, 1
        context.color_primaries, context.color_trc = 1, 1
        return stream

    def _add_sound(self, output: OutputContainer) -> float:
        """How many seconds the pictures begin after the file: sound that was recorded before them is kept."""
        if self._source is None or not self._source.has_audio:
            return 0.0
        self._sound = Sound(self._source.path, output)
        delay = max(0.0, self._source.start - self._sound.start)
        self._sound.delay(delay - self._source.start)
        return delay

    def _hand_over(self, picture: tuple[NDArray[np.uint8], float] | None) -> None:
        while True:
            self._raise_failure()
            try:
                self._queue.put(picture, timeout=0.05)
            except queue.Full:
                continue
            return

    def _raise_failure(self) -> None:
        if isinstance(self._failure, (av.FFmpegError, OSError)):
            raise output_error(self.path, self._failure) from self._failure
        if self._failure is not None:
            raise self._failure

    def _encode(self) -> None:
        try:
            self._encode_all()
        except BaseException as error:  # raised again where pictures are handed over
            self._failure = error

    def _encode_all(self) -> None:
        durations: dict[int, int] = {}
        waiting: VideoFrame | None = None
        while (picture := self._next()) is not None:
            image, time = picture
            ticks = round((time + self._delay) * CLOCK)
            if waiting is not None and waiting.pts is not None:
                ticks = max(ticks, waiting.pts + 1)
                durations[waiting.pts] = ticks - waiting.pts
                self._mux(self._stream.encode(waiting), durations)
            waiting = self._frame(image, ticks)
        if waiting is None or waiting.pts is None or self._discarded.is_set():
            return
        step = round(CLOCK / self._fps)
        ends = step if self._end is None else round((self._end + self._delay) * CLOCK) - waiting.pts
        durations[waiting.pts] = ends if ends > 0 else step
        finish = (waiting.pts + durations[waiting.pts]) / CLOCK
        self._mux([*self._stream.encode(waiting), *self._stream.encode(None)], durations)
        if self._sound is not None:
            self._output.mux(list(self._sound.until(finish if self._end is None else float("inf"))))
            self._sound.close()
        if not self._discarded.is_set():
            self._output.close()

    def _next(self) -> tuple[NDArray[np.uint8], float] | None:
        while not self._discarded.is_set():
            try:
                return self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
        return None

    def _frame(self, image: NDArray[np.uint8], ticks: int) -> VideoFrame:
        width, height = self.size
        if max(self._given) > LARGEST_SIDE:
            image = cv2.resize(image, self.size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        converted = cv2.cvtColor(image[:height, :width], cv2.COLOR_RGB2YUV_I420).astype(np.uint8, copy=False)
        # Without a copy where PyAV can: it loses rows of I420 arrays whose height is not a multiple of four.
        wrap = VideoFrame.from_numpy_buffer if height % 4 == 0 else VideoFrame.from_ndarray
        frame = wrap(converted, format="yuv420p")
        frame.pts = ticks
        frame.time_base = Fraction(1, CLOCK)
        return frame

    def _mux(self, packets: list[Packet[VideoStream]], durations: dict[int, int]) -> None:
        for packet in packets:
            if packet.pts is not None:
                packet.duration = durations.pop(packet.pts, 0)
                if self._sound is not None:
                    self._output.mux(list(self._sound.until(packet.pts / CLOCK)))
            self._output.mux(packet)

    def _abandon(self) -> None:
        """Close whatever is open and remove the file; failures to close a file that goes away do not matter."""
        if self._sound is not None:
            self._sound.close()
        output: OutputContainer | None = getattr(self, "_output", None)
        if output is not None:
            with contextlib.suppress(av.FFmpegError, OSError):
                output.close()
        self._file.discard()


def output_size(width: int, height: int) -> tuple[int, int]:
    """The size that pictures of width × height are written with.

    At most `LARGEST_SIDE`, in proportion, and even, as H.264 needs it: an odd last column or row is left out.
    """
    scale = min(1.0, LARGEST_SIDE / max(width, height))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)
