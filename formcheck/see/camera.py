"""A camera in front of which somebody exercises: always the newest picture, whatever happens to the camera.

Reading runs in a thread of its own. It keeps one picture; whoever is slower than the camera gets the newest one and
misses the others, so nothing ever lags behind. A camera that fails is opened again until it is back.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from formcheck.errors import CameraError
from formcheck.see.capture import USUAL_FPS, USUAL_SIZE, Capture, DeviceCapture, StreamCapture
from formcheck.see.frame import Frame
from formcheck.see.picture import PictureWatch
from formcheck.see.playback import Playback
from formcheck.see.trouble import Blindness, Trouble

STALL_S = 1.5
RETRY_S = 1.0
TOLD_S = 4.0
"""How long it is told that the camera changed its picture's size."""

_HURRY_S = 2.0


def capture_for(camera: str, size: tuple[int, int] = USUAL_SIZE, fps: float = USUAL_FPS) -> Capture:
    """What a camera's name stands for: a number, a device file, the address of a stream, or a video file.

    Raises:
        CameraError: it is none of them.
    """
    if camera.isascii() and camera.isdigit():
        return DeviceCapture(int(camera), size, fps)
    if "://" in camera:
        return StreamCapture(camera)
    path = Path(camera)
    if path.is_file():
        return Playback(path)
    if path.exists() or camera.startswith("/dev/"):
        return DeviceCapture(camera, size, fps)
    raise CameraError(
        f"There is no camera or video file {camera!r}. Give a number (0 is the first camera), an address such as "
        "rtsp://… or http://…, or a file. See the cameras with: formcheck cameras"
    )


class Camera:
    """The newest picture of a capture. Use it in a `with` block; the thread ends with it.

    All frames have the size of the first one; should the camera change it, later ones are fitted into it.

    Args:
        capture: where the pictures come from.
        retry_s: seconds between two attempts to open it.
        stall_s: without a picture for this long, it has stopped.

    Attributes:
        name: what to call it in messages.
        seen, missed: pictures that came, and those of them that nobody took before the next one came.
    """

    def __init__(self, capture: Capture, *, retry_s: float = RETRY_S, stall_s: float = STALL_S) -> None:
        self.name = capture.name
        self.seen = self.missed = 0
        self._spells: list[Blindness] = []
        self._capture, self._retry_s, self._stall_s = capture, retry_s, stall_s
        self._watch = PictureWatch(may_freeze=not capture.ends)
        self._size: tuple[int, int] | None = None
        self._changed = threading.Condition()
        self._newest: Frame | None = None
        self._trouble: Trouble | None = None
        self._resized: tuple[float, Trouble] | None = None
        self._arrived: float | None = None
        self._latest = 0.0
        self._blind: Blindness | None = None
        self._ended = False
        self._failure: Exception | None = None
        self._stop = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether there will be no more pictures, as at the end of a file, and the last one was taken."""
        with self._changed:
            return self._ended and self._newest is None

    @property
    def size(self) -> tuple[int, int] | None:
        """(width, height) of the frames; None before the first one."""
        return self._size

    @property
    def brightness(self) -> float:
        """Of the last picture, 0 to 255."""
        return self._watch.brightness

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong now, if anything."""
        with self._changed:
            return self._now_wrong()

    @property
    def spells(self) -> list[Blindness]:
        """Stretches of time in which nothing could be seen; one that still lasts ends now."""
        with self._changed:
            lasting = [] if self._blind is None else [self._until(self._blind, self.now())]
            return [*self._spells, *lasting]

    def now(self) -> float:
        """The time on the clock of the frames."""
        return self._capture.now()

    def next(self, timeout_s: float = 0.1) -> Frame | None:
        """The newest picture that was not taken yet; None if none comes in this time, or it shows nothing.

        Raises:
            VideoError: a file that is played cannot be read.
        """
        self._wanted.set()
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._ended, timeout_s)
            if self._failure is not None:
                raise self._failure
            frame, self._newest = self._newest, None
            trouble = self._now_wrong()
            self._note(trouble, frame)
            return None if trouble is not None and trouble.blind else frame

    def close(self) -> None:
        """Stops reading. A camera that hangs is left to itself after two seconds."""
        self._stop.set()
        self._wanted.set()
        self._thread.join(_HURRY_S)
        with self._changed:
            self._note(None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Telling what is wrong -------------------------------------------------------------------------------------------

    def _now_wrong(self) -> Trouble | None:
        if self._trouble is not None and self._trouble.blind:
            return self._trouble
        if self._arrived is not None and not self._ended:
            silent = time.monotonic() - self._arrived
            if silent > self._stall_s:
                return Trouble("stalled", "No picture comes from the camera: check its cable or its network")
        if self._resized is not None and time.monotonic() - self._resized[0] < TOLD_S:
            return self._resized[1]
        return self._trouble

    def _note(self, trouble: Trouble | None, frame: Frame | None) -> None:
        """Keeps when nothing could be seen."""
        if trouble is not None and trouble.blind and self.seen:
            if self._blind is None:
                self._blind = Blindness(self._latest, self._latest, trouble.kind)
        elif self._blind is not None:
            self._spells.append(self._until(self._blind, frame.time if frame is not None else self.now()))
            self._blind = None
        if frame is not None and self._blind is None:
            self._latest = frame.time

    @staticmethod
    def _until(blind: Blindness, end: float) -> Blindness:
        return replace(blind, end=max(end, blind.start))

    # The thread ------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._open_and_read()
        except Exception as error:  # raised again where the frames are taken
            self._end(error)

    def _open_and_read(self) -> None:
        while not self._stop.is_set():
            try:
                self._capture.open()
            except CameraError as error:
                self._tell(Trouble("unavailable", str(error)))
                self._stop.wait(self._retry_s)
                continue
            try:
                self._read_on()
            finally:
                self._capture.close()
            if self._ended:
                return
            self._stop.wait(self._retry_s)

    def _read_on(self) -> None:
        """Reads until there is no more."""
        self._watch.reset()
        self._wanted.wait()
        while not self._stop.is_set():
            frame = self._capture.read()
            if self._stop.is_set():
                return
            if frame is None:
                if self._capture.ends:
                    self._end()
                else:
                    remedy = "check that it is on, and its network" if "://" in self.name else "plug it in again"
                    self._tell(Trouble("unplugged", f"{_capital(self.name)} is gone: {remedy}"))
                return
            trouble = self._watch.update(frame)
            frame = self._fitted(frame)
            with self._changed:
                self._trouble, self._arrived = trouble, time.monotonic()
                if self._watch.repeated:
                    continue  # nothing new is seen in it
                self.seen += 1
                self.missed += self._newest is not None
                self._newest = frame
                self._changed.notify_all()

    def _tell(self, trouble: Trouble) -> None:
        with self._changed:
            self._trouble, self._arrived = trouble, None

    def _end(self, failure: Exception | None = None) -> None:
        with self._changed:
            self._ended, self._failure = True, failure
            self._changed.notify_all()

    def _fitted(self, frame: Frame) -> Frame:
        """The frame in the size of the first one, with black bars where the proportions differ."""
        if self._size is None:
            self._size = frame.size
            self._came = frame.size
        if frame.size != self._came:
            width, height = self._came = frame.size
            say = f"The camera's picture is {width}×{height} now: check that you are in it from head to feet"
            self._resized = (time.monotonic(), Trouble("resized", say))
        if frame.size == self._size:
            return frame
        (width, height), (w, h) = self._size, frame.size
        scale = min(width / w, height / h)
        inner = round(w * scale), round(h * scale)
        image = np.zeros((height, width, 3), np.uint8)
        x, y = (width - inner[0]) // 2, (height - inner[1]) // 2
        image[y : y + inner[1], x : x + inner[0]] = cv2.resize(frame.image, inner, interpolation=cv2.INTER_AREA)
        return Frame(frame.time, image)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
