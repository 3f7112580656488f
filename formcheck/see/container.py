"""The file behind a video: opened, looked into, and refused in words that help."""

from __future__ import annotations

import math
import re
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from formcheck.errors import VideoError
from formcheck.see.limits import LARGEST_SIDE, LONGEST_S, MOST_PICTURES, MOST_PIXELS, SMALLEST_SIDE

LIMITS = {"max_pixels": str(MOST_PIXELS)}
"""What libav's decoders are told."""

CONVERT = "Check that it plays in a video player, or convert it to an H.264 MP4 (ffmpeg and HandBrake can)."

OPENING_S = 60.0
"""Seconds until the head of a file must have been read; a disk that has to wake up takes ten."""

_PLAYLISTS = {"hls", "concat", "dash", "imf", "sdp", "rtsp", "webm_dash_manifest", "avisynth", "vapoursynth", "lavfi"}
"""Formats that name other files, addresses or programs."""

_NO_RECORDINGS = _PLAYLISTS | {"tty", "webvtt", "ffmetadata"}
"""Formats that are not even opened; the others are all kinds of pictures, films and sound."""

_TEXTS = (b"#EXTM3U", b"ffconcat", b"<?xml", b"<MPD", b"v=0", b"WEBVTT", b";FFMETADATA")
_MP4_BOXES = {b"ftyp", b"mdat", b"moov", b"wide", b"free", b"skip"}


def open_container(path: Path) -> InputContainer:
    """Open a local file for reading.

    Raises:
        VideoError: it is missing, unreadable, empty, or no recording.
    """
    _require_readable(path)
    try:
        container = av.open(
            f"file:{path}",
            metadata_errors="replace",
            options=LIMITS,
            # A file may name other files; none of them is opened from elsewhere, and "%d" in a name is just a name.
            container_options={
                "protocol_whitelist": "file",
                "pattern_type": "none",
                "format_whitelist": ",".join(sorted(av.formats_available - _NO_RECORDINGS)),
            },
            # Some readers can be sent round in circles; reading itself has no limit, as a machine may sleep meanwhile.
            timeout=(OPENING_S, None),
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"{path}: {_unreadable(path, error)}") from error
    return container


def _unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, av.ExitError):
        return (
            f"it cannot be opened within {OPENING_S:.0f} seconds: it is damaged, or its disk does not answer. {CONVERT}"
        )
    with path.open("rb") as file:
        head = file.read(64)
    if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(_TEXTS):
        return "this is a playlist or a text, not a video. Give the video file itself."
    if head[4:8] in _MP4_BOXES:
        return (
            "the recording is incomplete (its index is missing): it was not finished or not copied completely. "
            "Copy it again from the camera, or record it again."
        )
    return f"this is not a video or image that can be read ({reason(error)}). {CONVERT}"


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
        raise VideoError(f"{path} cannot be read ({reason(error)}). Check the name and the disk.") from error


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The stream that shows the person: not the cover picture of a song.

    Raises:
        VideoError: there is none, or none that can be decoded.
    """
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams:
        if container.streams.audio:
            raise VideoError(f"{path} holds sound but no pictures. Give a video.")
        raise VideoError(f"{path} holds no video. {CONVERT}")
    if len(streams) > 1 and container.metadata.get("major_brand", "")[:3] in ("hei", "mif", "hev"):
        raise VideoError(f"{path} is an HEIC photo stored in tiles, which cannot be read. Save it as JPEG.")
    try:
        best = container.streams.best("video")
    except IndexError:  # a stream that showed up only while the file was looked into, which PyAV does not know
        best = None
    stream = best if isinstance(best, VideoStream) and best in streams else streams[0]
    if stream.codec_context is None:
        raise VideoError(f"{path}: its kind of video compression is not known here. {CONVERT}")
    return stream


def require_judgeable(width: int, height: int, path: Path) -> None:
    """Refuse pictures in which nobody can be seen, or which only claim to be huge.

    Raises:
        VideoError: fewer pixels a side than `SMALLEST_SIDE`, more than `LARGEST_SIDE`, or more than `MOST_PIXELS`.
    """
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
    if width * height > MOST_PIXELS:
        raise VideoError(
            f"{path}: its pictures have {width}×{height} pixels; at most {MOST_PIXELS // 10**6} million can be read. "
            "Scale it down first; 1280×720 is plenty."
        )


def require_bounded(pictures: int, seconds: float, path: Path) -> None:
    """Refuse what has no end, as far as a person is concerned.

    Args:
        pictures: how many there were so far.
        seconds: the time of the latest.
        path: the file.

    Raises:
        VideoError: more than `MOST_PICTURES`, or later than `LONGEST_S`.
    """
    if pictures > MOST_PICTURES:
        raise VideoError(f"{path} holds more than {MOST_PICTURES:,} pictures. Cut it into parts and give those.")
    if seconds > LONGEST_S:
        raise VideoError(
            f"{path}: its pictures are spread over more than {LONGEST_S / 3600:.0f} hours, or their times are damaged. "
            "Cut out the part with the exercise, or convert the file to a constant frame rate."
        )


def claimed_duration(container: InputContainer, stream: VideoStream) -> float | None:
    """Seconds that the pictures last, as the file says; None if it does not."""
    base = float(stream.time_base or 0)
    if stream.duration is not None and base:
        return _positive(stream.duration * base)
    if matroska := re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", "")):
        seconds = float(matroska[1]) * 3600 + float(matroska[2]) * 60 + float(matroska[3])
    elif container.duration is not None:
        seconds = container.duration / av.time_base
    else:
        return None
    if container.format.name.startswith("matroska"):
        # Matroska counts from zero to the end, wherever the pictures begin (ffmpeg keeps late timestamps with -copyts).
        seconds -= max(0.0, (stream.start_time or 0) * base)
    return _positive(seconds)


def _positive(seconds: float) -> float | None:
    return seconds if seconds > 0 and math.isfinite(seconds) else None


def breaks_off(container: InputContainer, path: Path, end: float, duration: float | None) -> bool:
    """Whether the pictures that could be read end well before the end that the file itself claims."""
    name = container.format.name
    if name == "gif":
        with path.open("rb") as file:
            file.seek(-min(16, path.stat().st_size), 2)
            return b"\x3b" not in file.read()
    # Elsewhere a duration is not written in the file but guessed from its size.
    written = name.startswith(("mov", "avi", "matroska"))
    return written and duration is not None and end < duration - max(1.0, 0.05 * duration)


def reason(error: Exception) -> str:
    """What went wrong, without error numbers."""
    return str(getattr(error, "strerror", None) or error)
