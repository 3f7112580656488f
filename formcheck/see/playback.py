"""A recorded video played in real time, as if it were a camera: for trying things out, and for tests."""

from __future__ import annotations

import time
from os import PathLike, fspath

from formcheck.see.frame import Frame
from formcheck.see.video import Video

AHEAD_S = 0.012
"""A frame is taken so long before it is due. The decoder then works on the one after in the spare time before a frame,
not beside the pose model: on two cores that share their units both would take longer.
"""


class Playback:
    """Plays a recording at its own pace, once. Frames carry the times of the recording.

    The clock starts with the first read, and frames are given when they are due: whoever is late gets them late, and
    `Camera` then leaves out those that are overtaken.

    Args:
        path: the video.

    Raises:
        VideoError: by `open`, if it cannot be read.
    """

    ends = True

    def __init__(self, path: str | PathLike[str]) -> None:
        self.name = fspath(path)
        self._path = path
        self._video: Video | None = None
        self._origin: float | None = None
        self._next = 0.0

    def open(self) -> None:
        """Opens the file; it is read only when the first frame is asked for."""
        self._video = Video(self._path)

    def read(self) -> Frame | None:
        """The next frame, when it is due; None at the end."""
        video = self._video
        if video is None:
            return None
        self._wait_until(self._next - AHEAD_S)
        frame = next(video, None)
        if frame is None:
            return None
        if self._origin is None:
            self._origin = time.monotonic() - frame.time
        self._wait_until(frame.time)
        self._next = frame.time + 1 / video.fps
        return frame

    def close(self) -> None:
        """Lets go of the file."""
        video, self._video = self._video, None
        if video is not None:
            video.close()

    def _wait_until(self, due: float) -> None:
        early = due - self.now()
        if self._origin is not None and early > 0:
            time.sleep(early)

    def now(self) -> float:
        """Seconds of the recording that have been played; 0 before it starts."""
        return 0.0 if self._origin is None else time.monotonic() - self._origin
