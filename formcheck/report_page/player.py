"""Which video a page plays: the recording itself where browsers can show it, otherwise the annotated one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import av

from formcheck.errors import VideoError
from formcheck.see.container import open_container, video_stream

_PIXELS = {"h264": {"yuv420p", "yuvj420p"}, "vp8": {"yuv420p"}, "vp9": {"yuv420p"}, "av1": {"yuv420p", "yuv420p10le"}}
"""Codecs that every browser of today plays, and how their pixels must be stored."""

_CONTAINERS = {"mov": "video/mp4", "mp4": "video/mp4", "webm": "video/webm"}


@dataclass(frozen=True, slots=True)
class Player:
    """What a page plays.

    Attributes:
        source: "original", "annotated" (the overlay is in its pictures), or "none".
        href: relative address of the video, or None.
        file: the video, to be embedded.
        kind: MIME type of the video.
        offset_s: where the first picture stands on the video's own clock.
        note: why it is not the original; None if it is.
        spare: relative address of an annotated video, in case a browser cannot play the original after all.
        spare_offset_s: where its first picture stands on its own clock.
    """

    source: str = "none"
    href: str | None = None
    file: Path | None = None
    kind: str = "video/mp4"
    offset_s: float = 0.0
    note: str | None = None
    spare: str | None = None
    spare_offset_s: float = 0.0


def player_for(video: Path, folder: Path, *, annotated: Path | None, annotated_name: str = "") -> Player:
    """What the page in `folder` plays.

    Args:
        video: the recording that was analyzed.
        folder: where the page will be in the end.
        annotated: the annotated video, wherever it is now; None if there is none.
        annotated_name: what it will be called beside the page.
    """
    hindrance, kind, offset = _look_into(video)
    original = relative_address(video, folder)
    if annotated is None:
        if hindrance is None:
            return Player("original", original, video, kind, offset)
        return Player(note=f"The recording cannot be played here: {hindrance}. The skeleton is shown without it.")
    spare = quote(annotated_name)
    _, spare_kind, spare_offset = _look_into(annotated)
    if hindrance is None:
        return Player("original", original, video, kind, offset, spare=spare, spare_offset_s=spare_offset)
    note = f"The recording cannot be played here: {hindrance}. This is the annotated video instead."
    return Player("annotated", spare, annotated, spare_kind, spare_offset, note)


def relative_address(file: Path, folder: Path) -> str:
    """The address of a file for a page in a folder: relative, except across the drives of a Windows machine."""
    try:
        path = Path(os.path.relpath(file.absolute(), folder.absolute()))
    except ValueError:
        return file.absolute().as_uri()
    return "/".join(quote(os.fsencode(part)) for part in path.parts)


def _look_into(video: Path) -> tuple[str | None, str, float]:
    """Why browsers cannot play a video (None if they can), its MIME type, and when its first picture is shown."""
    try:
        container = open_container(video)
    except VideoError:
        return "it cannot be read any more", "video/mp4", 0.0
    with container:
        try:
            stream = video_stream(container, video)
            codec, pixels = stream.codec_context.name, stream.codec_context.pix_fmt
            offset = float((stream.start_time or 0) * (stream.time_base or 0))
        except (VideoError, av.FFmpegError):
            return "it cannot be read any more", "video/mp4", 0.0
        kinds = (_CONTAINERS[name] for name in container.format.name.split(",") if name in _CONTAINERS)
        kind = next(kinds, None)
        if "matroska" in container.format.name:  # WebM is what browsers play of it
            kind = "video/webm" if video.suffix.lower() == ".webm" else None
        codec = "av1" if "av1" in codec else codec.removeprefix("lib")
        if kind is None or video.suffix.lower() == ".gif":
            return f"browsers do not play this kind of file ({container.format.name.split(',')[0]})", "video/mp4", 0.0
        if pixels not in _PIXELS.get(codec, ()):
            return f"browsers do not play this compression ({codec}, {pixels})", kind, 0.0
        return None, kind, max(0.0, offset)
