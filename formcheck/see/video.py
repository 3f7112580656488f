"""Recorded videos, animated GIFs and still images, as upright frames with their true times."""

from __future__ import annotations

import math
import queue
import re
import threading
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType
from av.stream import Disposition
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from formcheck.errors import VideoError
from formcheck.see.frame import Frame
from formcheck.see.timeline import LONGEST_GAP, Timeline

LARGEST_SIDE = 8192
SMALLEST_SIDE = 32
"""Pixels. Outside of these no person can be judged, and a claimed size must not fill the memory."""

AHEAD = 2
"""Frames that are decoded ahead: enough to overlap with the estimator, little to keep in memory."""

_USUAL_FPS = 30.0
_LIMITS = {"max_pixels": str(LARGEST_SIDE**2)}
_PLAYLISTS = {"hls", "concat", "dash", "imf", "sdp", "rtsp", "tty", "webvtt"}
_MP4_BOXES = {b"ftyp", b"mdat", b"moov", b"wide", b"free", b"skip"}
_CONVERT = "Check that it plays in a video player, or convert it to an H.264 MP4 (ffmpeg and HandBrake can)."


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

    Raises:
        VideoError: the file cannot be read or holds no picture that a person can be judged in.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        _require_readable(self.path)
        self._container = _open(self.path)
        try:
            self._stream = _video_stream(self._container, self.path)
            self._describe(self._stream)
            self._pictures = self._decode()
            self._first = list(islice(self._pictures, 2))
            if not self._first:
                raise VideoError(
                    f"{self.path}: no picture in it can be decoded. It may be damaged, encrypted, an animated WebP, or "
                    f"larger than {LARGEST_SIDE} pixels a side. {_CONVERT}"
                )
        except BaseException:
            self._container.close()
            raise
        self.size = self._first[0].size
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
        self.duration = _claimed_duration(self._container, stream)
        self.frame_count_estimate: int | None = stream.frames or round((self.duration or 0) * self.fps) or None
        self.has_audio = bool(self._container.streams.audio)
        self.rotation = 0
        self.start = 0.0
        self._end = 0.0
        self._damage: str | None = None
        width, height = stream.codec_context.width, stream.codec_context.height
        if width and height:  # 0 where only decoding will tell
            _require_judgeable(width, height, self.path)
        # One thread costs a third less CPU than two; only large pictures need them to keep up with the estimator.
        stream.codec_context.thread_count = 0 if width * height > 1920 * 1088 else 1
        if stream.codec_context.thread_count == 0:
            stream.thread_type = "AUTO"
        stream.codec_context.options = dict(_LIMITS)

    def _decode(self) -> Iterator[Frame]:
        """Every picture to the end of the file. Damage is noted, not raised."""
        step = 1 / self.fps
        timeline = Timeline(step)
        shape: _Shape | None = None
        for picture in self._decoded():
            seconds = None if picture.pts is None else float(picture.pts * _time_base(picture))
            if shape is None:
                shape = _Shape(picture, self._stream)
                _require_judgeable(*shape.size, self.path)
                self.rotation = shape.rotation
                self.start = seconds or 0.0
            time = timeline.place(seconds)
            shown = float((picture.duration or 0) * _time_base(picture))
            self._end = time + (shown if 0 < shown <= LONGEST_GAP else step)
            yield Frame(time, shape.upright(picture))
        if _breaks_off(self._container, self.path, self._end, self.duration):
            of = f" of {self.duration:.1f} s" if self.duration else ""
            self._note(f"it breaks off at {self._end:.1f} s{of}")

    def _decoded(self) -> Iterator[VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.FFmpegError, OSError) as error:
                self._note(f"it cannot be read beyond {self._end:.1f} s ({_reason(error)})")
                packet = None
            if packet is not None and packet.is_corrupt:
                self._note(f"its data are incomplete at {self._end:.1f} s")
            try:
                yield from self._stream.decode(packet)
            except EOFError:
                return
            except (av.FFmpegError, OSError) as error:
                self._note(f"a picture after {self._end:.1f} s cannot be decoded ({_reason(error)})")
            if packet is None:
                return

    def _note(self, damage: str) -> None:
        if self._damage is None:
            self._damage = damage


class _Shape:
    """How the stored pictures of a stream become upright ones with square pixels."""

    def __init__(self, picture: VideoFrame, stream: VideoStream) -> None:
        aspect = float(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or 1)
        # 1280:1281 and the like are rounding, 1:1000 is nonsense; neither is worth resampling every picture for.
        stretch = aspect if 0.1 <= aspect <= 10 and abs(aspect - 1) > 0.005 else 1.0
        self._stored = (round(picture.width * stretch), picture.height)
        self._swap, self._flip_x, self._flip_y = _orientation(picture)
        self.size = self._stored[::-1] if self._swap else self._stored
        if self._swap:
            self.rotation = 90 if self._flip_x else 270
        else:
            self.rotation = 180 if self._flip_y else 0

    def upright(self, picture: VideoFrame) -> NDArray[np.uint8]:
        width, height = self._stored
        seen_through = _has_alpha(picture.format)
        # One thread: a second one costs more CPU than the conversion of a 720p picture is worth.
        converted = picture.reformat(width=width, height=height, format="rgba" if seen_through else "rgb24", threads=1)
        image: NDArray[np.uint8] = converted.to_ndarray().astype(np.uint8, copy=False)
        if seen_through:
            image = _onto_white(image)
        if self._swap:
            image = cv2.transpose(image)  # type: ignore[assignment]
        if self._flip_x or self._flip_y:
            image = cv2.flip(image, -1 if self._flip_x and self._flip_y else int(self._flip_x))  # type: ignore[assignment]
        return np.ascontiguousarray(image)


def _orientation(picture: VideoFrame) -> tuple[bool, bool, bool]:
    """(swap x and y, then flip x, then flip y): what the display matrix asks for, to the nearest quarter turn."""
    try:
        side_data = cast(Iterable[SideData], picture.side_data)  # PyAV types it as a mapping; it iterates over values
        matrix = next((data for data in side_data if data.type == SideDataType.DISPLAYMATRIX), None)
    except ValueError:  # PyAV does not know every kind of side data (photos carry EXIF); it still tells the angle
        turns = round(picture.rotation / 90) % 4
        return turns in (1, 3), turns in (2, 3), turns in (1, 2)
    if matrix is None:
        return False, False, False
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].tolist()
    if abs(b) + abs(c) > abs(a) + abs(d):
        return True, c < 0, b < 0
    return False, a < 0, d < 0


def _has_alpha(format: VideoFormat) -> bool:
    return format.has_palette or any(component.is_alpha for component in format.components)


def _onto_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = rgba[..., 3:].astype(np.uint16)
    if int(alpha.min()) == 255:
        return rgba[..., :3]
    blended = (rgba[..., :3] * alpha + (255 - alpha) * 255 + 127) // 255
    return blended.astype(np.uint8)


def _open(path: Path) -> InputContainer:
    try:
        container = av.open(
            f"file:{path}",
            metadata_errors="replace",
            options=_LIMITS,
            # A file may name other files; none of them is opened from elsewhere, and "%d" in a name is just a name.
            container_options={"protocol_whitelist": "file", "pattern_type": "none"},
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"{path}: {_unreadable(path, error)}") from error
    if container.format.name.split(",")[0] in _PLAYLISTS:
        container.close()
        raise VideoError(f"{path} is a playlist or a text, not a video. Give the video file itself.")
    return container


def _unreadable(path: Path, error: Exception) -> str:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] in _MP4_BOXES:
        return (
            "the recording is incomplete (its index is missing): it was not finished or not copied completely. "
            "Copy it again from the camera, or record it again."
        )
    return f"this is not a video or image that can be read ({_reason(error)}). {_CONVERT}"


def _require_readable(path: Path) -> None:
    try:
        if path.is_dir():
            raise VideoError(f"{path} is a folder. Give the video files in it.")
        if path.exists() and not path.is_file():
            raise VideoError(f"{path} is not a file. Give a video file.")
        with path.open("rb") as file:
            if not file.read(1):
                raise VideoError(f"{path} is empty. The recording or the copy did not finish; copy it again.")
    except FileNotFoundError as error:
        raise VideoError(f"There is no file {path}. Check the name and the folder.") from error
    except PermissionError as error:
        raise VideoError(f"You may not read {path}. Change its permissions or copy it to a folder of yours.") from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise VideoError(f"{path} cannot be read ({_reason(error)}). Check the name and the disk.") from error


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The stream that shows the person: not the cover picture of a song."""
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams:
        if container.streams.audio:
            raise VideoError(f"{path} holds sound but no pictures. Give a video.")
        raise VideoError(f"{path} holds no video. {_CONVERT}")
    if len(streams) > 1 and container.metadata.get("major_brand", "")[:3] in ("hei", "mif", "hev"):
        raise VideoError(f"{path} is an HEIC photo stored in tiles, which cannot be read. Save it as JPEG.")
    best = container.streams.best("video")
    stream = best if isinstance(best, VideoStream) and best in streams else streams[0]
    if stream.codec_context is None:
        raise VideoError(f"{path}: its kind of video compression is not known here. {_CONVERT}")
    return stream


def _require_judgeable(width: int, height: int, path: Path) -> None:
    if min(width, height) < SMALLEST_SIDE:
        raise VideoError(
            f"{path}: its pictures have {width}×{height} pixels, too few to see a person in. "
            f"Give a video of at least {SMALLEST_SIDE} pixels a side; 480 and more work well."
        )
    if max(width, height) > LARGEST_SIDE:
        raise VideoError(
            f"{path}: its pictures have {width}×{height} pixels; at most {LARGEST_SIDE} a side can be read. "
            "Scale it down first; 1280×720 is plenty."
        )


def _claimed_duration(container: InputContainer, stream: VideoStream) -> float | None:
    """Seconds of the picture, from the stream or, failing that, from the container."""
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif matroska := re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", "")):
        seconds = float(matroska[1]) * 3600 + float(matroska[2]) * 60 + float(matroska[3])
    elif container.duration is not None:
        seconds = container.duration / av.time_base
    else:
        return None
    return seconds if seconds > 0 and math.isfinite(seconds) else None


def _breaks_off(container: InputContainer, path: Path, end: float, duration: float | None) -> bool:
    """Whether the pictures that could be read end well before the end that the file itself claims."""
    name = container.format.name
    if name == "gif":
        with path.open("rb") as file:
            file.seek(-min(16, path.stat().st_size), 2)
            return b"\x3b" not in file.read()
    # Elsewhere a duration is not written in the file but guessed from its size.
    written = name.startswith(("mov", "avi", "matroska"))
    return written and duration is not None and end < duration - max(1.0, 0.05 * duration)


def _time_base(picture: VideoFrame) -> Fraction:
    return picture.time_base or Fraction(1, av.time_base)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
