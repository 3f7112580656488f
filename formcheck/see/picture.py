"""Facts about live pictures that need no pose: how bright they are, whether they stand still, how often they come."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.see.frame import Frame
from formcheck.see.trouble import Trouble

BLACK = 12.0
"""Pictures whose brightest places (99 of 100 pixels) stay below this are black: a covered lens, 0 to 255."""

BLACK_S = 0.8
FROZEN_S = 2.0
"""The noise of a camera never repeats itself; one that gives equal pictures for this long hangs."""

SLOW_FPS = 12.0
"""With fewer pictures a second quick repetitions cannot be judged …"""

ENOUGH_FPS = 15.0
"""… and 15 and more are wanted: only then it is over, or a camera near the limit would be told of again and again."""

SLOW_S = 3.0

_EVERY = 24
"""One pixel of so many in each direction is looked at: 1600 of a picture of 1280×720."""


class PictureWatch:
    """Follows the pictures of one camera.

    Args:
        may_freeze: equal pictures are a failure; in a recording they are not.

    Attributes:
        brightness: mean of the last picture, 0 to 255.
        repeated: the last picture was the same as the one before, which a live camera's never is.
    """

    def __init__(self, *, may_freeze: bool = True) -> None:
        self.brightness = 128.0
        self.repeated = False
        self._may_freeze = may_freeze
        self._last: NDArray[np.uint8] | None = None
        self._black_since: float | None = None
        self._same_since: float | None = None
        self._slow: int | None = None
        self._times: deque[float] = deque()

    def update(self, frame: Frame) -> Trouble | None:
        """What is wrong with the pictures as of this one."""
        sample = frame.image[::_EVERY, ::_EVERY].copy()
        self.brightness = sum(cv2.mean(sample)[:3]) / 3  # a tenth of what numpy takes for bytes
        dark = self.brightness < BLACK and float(np.percentile(sample, 99)) < BLACK
        self._black_since = _since(dark, self._black_since, frame.time)
        same = self._may_freeze and not dark and self._last is not None and np.array_equal(sample, self._last)
        self.repeated = same
        self._same_since = _since(same, self._same_since, frame.time)
        self._last = sample
        self._take_rate(frame.time)
        if self._black_since is not None and frame.time - self._black_since >= BLACK_S:
            return Trouble("black", "The picture is black: uncover the camera's lens and put on a light")
        if self._same_since is not None and frame.time - self._same_since >= FROZEN_S:
            return Trouble("frozen", "The camera hangs: it shows the same picture again and again. Plug it in again")
        if self._slow is not None:
            return Trouble("slow", f"The camera gives only {self._slow} pictures a second: more light helps")
        return None

    def reset(self) -> None:
        """The camera was away: what was seen before says nothing."""
        self._last = self._black_since = self._same_since = self._slow = None
        self._times.clear()

    def _take_rate(self, time: float) -> None:
        """Keeps how many pictures a second there are while they are too few; words that flicker cannot be read."""
        times = self._times
        times.append(time)
        while time - times[0] > SLOW_S:
            times.popleft()
        spell = time - times[0]
        if spell < SLOW_S - 1 or len(times) < 3:
            self._slow = None
            return
        rate = (len(times) - 1) / spell
        if rate >= (SLOW_FPS if self._slow is None else ENOUGH_FPS):
            self._slow = None
        elif self._slow is None or abs(rate - self._slow) >= 1:
            self._slow = round(rate)


def _since(now: bool, since: float | None, time: float) -> float | None:
    if not now:
        return None
    return time if since is None else since
