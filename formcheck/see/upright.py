"""From a decoded picture, however it is stored, to upright RGB."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import cv2
import numpy as np
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray


class Upright:
    """How the stored pictures of a stream become upright RGB pictures with square pixels.

    Found out from the first one; pictures of another size are scaled to it.

    Attributes:
        size: (width, height) of the upright pictures, in pixels.
        rotation: degrees clockwise by which the stored ones are turned: 0, 90, 180 or 270.
    """

    def __init__(self, picture: VideoFrame, stream: VideoStream) -> None:
        aspect = float(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or 1)
        # 1280:1281 and the like are rounding, 1:1000 is nonsense; neither is worth resampling every picture for.
        stretch = aspect if 0.1 <= aspect <= 10 and abs(aspect - 1) > 0.005 else 1.0
        self._stored = (round(picture.width * stretch), picture.height)
        self._reformatter = VideoReformatter()  # one for all pictures: what it sets up is used again
        self._swap, self._flip_x, self._flip_y = _orientation(picture)
        self.size = self._stored[::-1] if self._swap else self._stored
        if self._swap:
            self.rotation = 90 if self._flip_x else 270
        else:
            self.rotation = 180 if self._flip_y else 0

    def image(self, picture: VideoFrame) -> NDArray[np.uint8]:
        """(height, width, 3) uint8 RGB; what is transparent is laid onto white."""
        width, height = self._stored
        seen_through = _has_alpha(picture.format)
        # One thread: a second one costs more CPU than the conversion of a 720p picture is worth.
        wanted = "rgba" if seen_through else "rgb24"
        converted = self._reformatter.reformat(picture, width=width, height=height, format=wanted, threads=1)
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
    if int(rgba[..., 3].min()) == 255:
        return cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB).astype(np.uint8, copy=False)
    alpha = rgba[..., 3:].astype(np.uint16)
    blended = (rgba[..., :3] * alpha + (255 - alpha) * 255 + 127) // 255
    return blended.astype(np.uint8)
