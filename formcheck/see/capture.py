"""Where live pictures come from: a camera of this machine, or a stream of the network.

A capture only opens, reads and closes; `Camera` runs it in a thread of its own and knows what to do when it fails.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.errors import CameraError
from formcheck.see.frame import Frame

USUAL_SIZE = (1280, 720)
USUAL_FPS = 30.0

OPEN_TIMEOUT_S = 8.0
READ_TIMEOUT_S = 5.0
"""A stream that is silent for longer is opened again."""

_MOST_DAMAGED = 50
"""After so many damaged pictures in a row a stream is opened again."""

_UNCOMPRESSED = 640 * 480
"""More pixels than this do not fit through USB 2 at 30 frames a second unless they are compressed (MJPEG)."""


class Capture(Protocol):
    """A source of pictures in real time.

    Attributes:
        name: what to call it in messages, such as "camera 0".
        ends: whether running out of pictures is the end, as of a file, and no failure (may change).
    """

    name: str

    @property
    def ends(self) -> bool:
        """Whether running out of pictures is the end."""

    def open(self) -> None:
        """Opens it, again if need be.

        Raises:
            CameraError: it cannot be opened; the message says why and what to do.
        """

    def read(self) -> Frame | None:
        """Waits for the next picture and gives it with the time of its arrival; None if there is no more."""

    def close(self) -> None:
        """Lets go of it; a second call does nothing."""

    def now(self) -> float:
        """The time on the clock of its frames, in seconds."""


class _Clocked:
    """A capture whose frames are timed as they arrive, from the first one on; the clock goes on while it is closed.

    A recording of the frames begins with the first one, too, so its times are those of the session.
    """

    def __init__(self) -> None:
        self._origin: float | None = None

    def now(self) -> float:
        """The time on the clock of its frames, in seconds; 0 before the first one."""
        return 0.0 if self._origin is None else time.monotonic() - self._origin

    def _arrival(self) -> float:
        """The time of a picture that has just come."""
        if self._origin is None:
            self._origin = time.monotonic()
        return self.now()


class DeviceCapture(_Clocked):
    """A camera of this machine.

    Args:
        device: its number, or on Linux the path of its device file.
        size: (width, height) to ask for; the camera may give another one.
        fps: pictures a second to ask for.
    """

    ends = False

    def __init__(self, device: int | str, size: tuple[int, int] = USUAL_SIZE, fps: float = USUAL_FPS) -> None:
        super().__init__()
        self.name = f"camera {device}"
        self._device, self._size, self._fps = device, size, fps
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Opens it; see `Capture`."""
        self.close()
        with _silent():
            capture = cv2.VideoCapture(self._device, _backend())  # type: ignore[call-overload, unused-ignore]
            if not capture.isOpened():
                capture.release()
                raise CameraError(_why_closed(self._device))
            _negotiate(capture, self._size, self._fps)
            works, _ = capture.read()
        if not works:
            capture.release()
            raise CameraError(
                f"{self.name.capitalize()} gives no picture: another program may be using it. Close that program."
            )
        self._capture = capture

    def read(self) -> Frame | None:
        """Waits for the next picture; see `Capture`."""
        if self._capture is None:
            return None
        with _silent():
            works, image = self._capture.read()
        if not works or image is None:
            return None
        arrived = self._arrival()
        return Frame(arrived, _rgb(image))

    def close(self) -> None:
        """Lets go of it."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()

    @property
    def settled(self) -> tuple[tuple[int, int], float]:
        """Size and pictures a second that the open camera says it gives."""
        assert self._capture is not None
        width, height, fps = (
            self._capture.get(what) for what in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS)
        )
        return (int(width), int(height)), fps


class StreamCapture(_Clocked):
    """A stream of the network, such as a phone's camera app or a surveillance camera sends it.

    Args:
        address: ``rtsp://…`` or ``http://…``.
    """

    ends = False

    def __init__(self, address: str) -> None:
        super().__init__()
        self.name = f"the camera at {without_password(address)}"
        self._address = address
        self._container: av.container.InputContainer | None = None
        self._pictures: Iterator[av.VideoFrame] = iter(())

    def open(self) -> None:
        """Opens it; see `Capture`."""
        self.close()
        options = {"fflags": "nobuffer", "flags": "low_delay"}
        if self._address.lower().startswith("rtsp"):
            options["rtsp_transport"] = "tcp"  # over UDP the losses of a home network tear the picture
        try:
            self._container = av.open(self._address, options=options, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S))
            stream = self._container.streams.video[0]
            stream.thread_type = "SLICE"  # decoding frame by frame in threads would delay every picture
            self._pictures = self._container.decode(stream)
        except (av.FFmpegError, OSError, IndexError) as error:
            self.close()
            why = getattr(error, "strerror", None) or "it sends no video"
            raise CameraError(
                f"{self.name[0].upper()}{self.name[1:]} does not answer ({why}). "
                "Check the address, and that both devices are in the same network."
            ) from error

    def read(self) -> Frame | None:
        """Waits for the next picture; see `Capture`."""
        picture = self._next_whole()
        if picture is None:
            return None
        arrived = self._arrival()
        return Frame(arrived, np.ascontiguousarray(picture.to_ndarray(format="rgb24"), dtype=np.uint8))

    def _next_whole(self) -> av.VideoFrame | None:
        """The next picture that is not damaged, as single ones of some cameras are; None if the stream is over."""
        for _ in range(_MOST_DAMAGED):
            try:
                return next(self._pictures, None)
            except av.InvalidDataError:
                if self._container is None:
                    return None
                self._pictures = self._container.decode(self._container.streams.video[0])
            except (av.FFmpegError, OSError):
                return None
        return None

    def close(self) -> None:
        """Lets go of it."""
        container, self._container = self._container, None
        self._pictures = iter(())
        if container is not None:
            container.close()


def without_password(address: str) -> str:
    """An address as it may be shown and stored: without user name and password."""
    return re.sub(r"(?<=://)[^/@]*@", "", address)


def _negotiate(capture: cv2.VideoCapture, size: tuple[int, int], fps: float) -> None:
    """Asks for size and rate; what a camera does not have it replaces by the nearest thing."""
    if size[0] * size[1] > _UNCOMPRESSED:  # first: the other wishes are granted within a format
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    capture.set(cv2.CAP_PROP_FPS, fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)


def _backend() -> int:
    if sys.platform.startswith("linux"):
        return cv2.CAP_V4L2
    if sys.platform == "darwin":
        return cv2.CAP_AVFOUNDATION
    return cv2.CAP_ANY


def _why_closed(device: int | str) -> str:
    name = f"Camera {device}"
    path = Path(f"/dev/video{device}" if isinstance(device, int) else device)
    see = "See which there are with: formcheck cameras"
    if not sys.platform.startswith("linux"):
        return (
            f"{name} cannot be opened: it is not plugged in, another program uses it, or this program may not use "
            f"cameras (see the privacy settings of your system). {see}"
        )
    if not path.exists():
        return f"{name} is not there. Plug it in, or choose another with --camera. {see}"
    if not os.access(path, os.R_OK | os.W_OK):
        return f"You may not use {path}. Join the group 'video' (sudo usermod -aG video $USER) and log in again."
    return f"{name} is there but cannot be opened: another program may be using it. Close that program. {see}"


class _silent:  # noqa: N801 (reads as what it does: with _silent())
    """Keeps OpenCV from writing to stderr what is told in better words."""

    def __enter__(self) -> None:
        self._before = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

    def __exit__(self, *_: object) -> None:
        cv2.utils.logging.setLogLevel(self._before)


def _rgb(image: NDArray[np.uint8] | cv2.typing.MatLike) -> NDArray[np.uint8]:
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
