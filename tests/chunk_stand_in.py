"""An estimator for tests of chunks, without a model; workers import it by this module's name.

What it sees depends on every picture that it was given, as with the pose model: an estimator that begins somewhere else
never sees quite the same.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
from filmed import BRIDGES, CAMERA

from formcheck.errors import ModelError
from formcheck.pose import Pose
from formcheck.see.company import Company, Together
from formcheck.see.frame import Frame


class Follower:
    """Sees somebody who does bridges again and again, moved by tenths of a pixel by what it has seen so far.

    Args:
        settle_s: within this time after its first frame it sees the figure far away from where it is.
        stubborn: if its first frame is between these seconds, it follows somebody else.
        log: a file; it writes into it when it has begun, and in which process.
        dies_at: at this second it ends its process.
        times: as often as this, if it is begun again.
        fails: it cannot be opened.
    """

    def __init__(
        self,
        *,
        settle_s: float = 0.3,
        stubborn: tuple[float, float] = (-1.0, -1.0),
        log: Path | None = None,
        dies_at: float = np.inf,
        times: int = 1,
        fails: bool = False,
    ) -> None:
        if fails:
            raise ModelError("there is no model")
        self.company = Company()
        self._settle_s, self._stubborn = settle_s, stubborn
        self._log, self._dies_at, self._times = log, dies_at, times
        self._began: float | None = None
        self._memory = 0.0

    def estimate(self, frame: Frame) -> Pose:
        if self._began is None:
            self._began = frame.time
            if self._log is not None:
                with self._log.open("a") as log:
                    log.write(f"{self._began:.2f} {os.getpid()}\n")
        if frame.time >= self._dies_at:
            self._die()
        self.company.together += Together(0.125, 0.0625)
        seen = np.sin(977.0 * frame.time + 13.0 * self._began + float(frame.image.mean()))
        self._memory = 0.9 * self._memory + float(seen)
        pose = CAMERA.look(BRIDGES.look(frame.time % BRIDGES.duration), frame.time)
        away = 0.02 * self._memory
        if self._began and frame.time < self._began + self._settle_s:
            away += 30.0
        if self._stubborn[0] <= self._began < self._stubborn[1]:
            away += 200.0
        return Pose(pose.time, pose.points + away, pose.visibility, pose.size)

    def close(self) -> None:
        pass

    def _die(self) -> None:
        assert self._log is not None
        for number in range(self._times):
            died = self._log.with_suffix(f".died{number}")
            if not died.exists():
                died.touch()
                os.kill(os.getpid(), signal.SIGKILL)


def begun(log: Path) -> list[tuple[float, int]]:
    """When the estimators with this log have begun, and in which processes."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(float(begin), int(process)) for begin, process in map(str.split, lines)]
