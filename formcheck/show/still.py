"""Stills: a picture of the peak of every counted repetition, and of the best moment of every hold.

Where the peak was is known only when the repetition is over, so the best picture so far is kept: one, whatever the
length of the recording.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf
from os import PathLike
from pathlib import Path

import cv2
import numpy as np

from formcheck.judge.moment import Counts, HoldClock, Moment, Readiness, Reading
from formcheck.judge.report import Report
from formcheck.judge.template import Template
from formcheck.pose import Side
from formcheck.see.frame import Frame
from formcheck.show.overlay import Overlay
from formcheck.show.stamp import Image
from formcheck.unfinished import UnfinishedFile, output_error

_QUALITY = (int(cv2.IMWRITE_JPEG_QUALITY), 90)
_SPACING_S = 0.06
"""On the way out pictures are kept this far apart: each costs a copy, and the peak is still to come."""

_SETTLED_S = 1.0
_BETTER = 0.1


class Stills:
    """Writes a still of the peak of each counted repetition, or of the best moment of each hold.

    Give it every moment with its frame *before* the overlay is drawn on the frame, and `finish` at the end. Nothing
    is kept of a repetition that did not count.

    Args:
        template: the exercise.
        folder: where to write; created when there is something to write. Files are named
            ``repetition-01-left.jpg``, ``repetition-02.jpg``, ``hold-01.jpg``, numbered as counted.

    Attributes:
        paths: the files written.

    Raises:
        OutputError: a file cannot be written.
    """

    def __init__(self, template: Template, folder: str | PathLike[str]) -> None:
        self.paths: list[Path] = []
        self._template = template
        self._folder = Path(folder)
        self._columns = {name: i for i, name in enumerate(template.measures)}
        self._counts = Counts()
        self._clock = HoldClock()
        self._holds = 0
        self._image: Image | None = None
        self._moment: Moment | None = None
        self._merit = -inf

    def update(self, moment: Moment, frame: Frame) -> None:
        """Takes the next moment and its frame; the frame is not changed and not kept."""
        if moment.hold is not None:
            self._update_hold(moment, moment.hold, frame)
        else:
            self._update_repetition(moment, frame)

    def finish(self, report: Report) -> None:
        """Writes the still of what was under way when the recording ended, if it counts."""
        if self._template.kind == "hold":
            if self._moment is not None:
                self._write_hold(self._clock)
        elif report.counts.total > self._counts.total:
            last = [repetition for repetition in report.repetitions if repetition.counted][-1]
            self._write_repetition(report.counts, last.side, None)

    def _update_repetition(self, moment: Moment, frame: Frame) -> None:
        busy = moment.phase in ("moving", "peak", "returning")
        if moment.attempt:
            counts, before = moment.counts, self._counts
            if counts.total > before.total:
                side: Side | None = "left" if counts.left > before.left else None
                self._write_repetition(counts, "right" if counts.right > before.right else side, moment)
            self._counts = counts
            self._forget()
        elif not busy:
            self._forget()
        if busy:
            merit = self._depth(moment)
            waits = moment.phase == "moving" and self._moment and moment.time - self._moment.time < _SPACING_S
            if merit > self._merit and not waits:
                self._keep(moment, frame, merit)

    def _depth(self, moment: Moment) -> float:
        """How far the movement has gone; NaN if not seen."""
        table = self._template.repetition
        assert table is not None
        kind = moment.view.kind if moment.view else "unknown"
        other = self._template.repetition_in.get(kind) if kind != "unknown" else None
        signal = (other and other.signal) or table.signal
        direction = (other and other.direction) or table.direction
        value = moment.values[self._columns[signal]]
        return value if direction == "up" else -value

    def _update_hold(self, moment: Moment, clock: HoldClock, frame: Frame) -> None:
        if moment.phase in ("hold", "paused"):
            self._clock = clock
            merit = _form(moment, clock) if moment.phase == "hold" else -inf
            if merit > self._merit + _BETTER or self._moment is None:
                self._keep(moment, frame, merit)
        elif self._moment is not None:
            self._write_hold(self._clock)
            self._forget()

    def _keep(self, moment: Moment, frame: Frame, merit: float) -> None:
        if self._image is None or self._image.shape != frame.image.shape:
            self._image = np.empty_like(frame.image)
        np.copyto(self._image, frame.image)
        readings = moment.readings  # now: the session goes on
        self._moment, self._merit = replace(moment, read=lambda: readings), merit

    def _forget(self) -> None:
        self._moment, self._merit = None, -inf

    def _write_repetition(self, counts: Counts, side: Side | None, end: Moment | None) -> None:
        if self._moment is None or self._template.repetition is None:
            return
        cue = end.spoken if end and end.spoken and end.spoken.kind == "correction" else None
        word = self._template.repetition.words[1]
        readings = tuple(_against_target(reading) for reading in self._moment.readings)
        shown = replace(
            self._moment, counts=counts, side=side, phase="peak", phase_word=word, cue=cue, read=lambda: readings
        )
        self._write(f"repetition-{counts.total:02}", side, shown)

    def _write_hold(self, clock: HoldClock) -> None:
        assert self._moment is not None
        now = self._moment.hold or clock
        self._holds += 1
        shown = replace(self._moment, hold=replace(clock, holding=now.holding, good=now.good), cue=None)
        self._write(f"hold-{self._holds:02}", shown.side, shown)

    def _write(self, name: str, side: Side | None, moment: Moment) -> None:
        assert self._image is not None
        image = self._image
        ready = replace(moment, readiness=Readiness(True, "", ""))
        Overlay(self._template, (image.shape[1], image.shape[0])).draw(image, ready)
        done, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), _QUALITY)
        path = self._folder / (f"{name}-{side}.jpg" if side else f"{name}.jpg")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(path, error) from error
        with UnfinishedFile(path) as file:
            file.path.write_bytes(data.tobytes() if done else b"")
        self.paths.append(path)


def _against_target(reading: Reading) -> Reading:
    """The reading as at the peak: a quick repetition reaches its peak before the phase is sure."""
    if reading.target is None or reading.value != reading.value:
        return reading
    inside = reading.target[0] <= reading.value <= reading.target[1]
    return replace(reading, quality="good" if inside else "off")


def _form(moment: Moment, clock: HoldClock) -> float:
    """How well the body is placed, 0 or less: the nearer all measures are to the middle of their bands, the better."""
    off = sum(_distance(moment.readings))
    return -off - (0 if clock.good else 10) - (0 if clock.held >= _SETTLED_S else 5)


def _distance(readings: Iterable[Reading]) -> Iterable[float]:
    for reading in readings:
        if reading.target is not None and reading.value == reading.value:
            low, high = reading.target
            yield (2 * reading.value - low - high) ** 2 / max(high - low, 1e-9) ** 2
