"""The pictures of an analysis: the annotated video, and stills of the repetitions or holds."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from formcheck.judge.moment import Moment
from formcheck.judge.report import Report
from formcheck.judge.template import Template
from formcheck.see.frame import Frame
from formcheck.see.video import Video
from formcheck.show.overlay import Overlay
from formcheck.show.results import ANNOTATED, STILLS
from formcheck.show.still import Stills
from formcheck.show.video import AnnotatedVideo


class Pictures:
    """Draws the moments onto the frames of a recording, in place, and writes them into a folder.

    Use it in a `with` block; after an exception the video is not there.

    Raises:
        OutputError: a file cannot be written (on opening, by `update` or by `finish`).
    """

    def __init__(self, template: Template, recording: Video, folder: Path, save_video: bool, save_stills: bool) -> None:
        self._stills = Stills(template, folder / STILLS) if save_stills else None
        self._video: AnnotatedVideo | None = None
        if save_video:
            self._overlay = Overlay(template, recording.size)
            self._video = AnnotatedVideo(folder / ANNOTATED, recording.size, source=recording)

    def update(self, moment: Moment, frame: Frame | None) -> None:
        """Takes the next moment and its frame, which is drawn on and belongs to the encoder afterwards."""
        if frame is None:
            return
        if self._stills is not None:  # before it is drawn on
            self._stills.update(moment, frame)
        if self._video is not None:
            self._overlay.draw(frame.image, moment)
            self._video.write(frame.image, frame.time)

    def finish(self, report: Report) -> tuple[str, ...]:
        """Completes the files and gives notes on what could not be kept."""
        if self._stills is not None:
            self._stills.finish(report)
        if self._video is None:
            return ()
        self._video.close()
        return (f"About the sound of the annotated video: {self._video.warning}.",) if self._video.warning else ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._video is not None:
            self._video.__exit__(kind, error, trace)
