"""From a recorded video, or a saved track, to a report.

The program has ONE loop, `watch`: for each pose, ask the session, hand the moment to everything that shows it. Live,
recorded and replayed sessions differ only in where the poses come from and in what is open to show them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from formcheck.catalog import load_template
from formcheck.judge.moment import Moment
from formcheck.judge.report import Report, VideoFacts
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.pose import Pose, Side
from formcheck.show.export import AngleTable, write_holds, write_repetitions, write_report
from formcheck.show.results import (
    ANGLES,
    ANNOTATED,
    HOLDS,
    REPETITIONS,
    REPORT,
    STILLS,
    TRACK_ENDING,
    ResultsFolder,
    short_stem,
)

if TYPE_CHECKING:  # they bring OpenCV and PyAV, which replaying a track does not need
    from formcheck.see.frame import Frame
    from formcheck.see.model import ModelFile
    from formcheck.see.track import Track
    from formcheck.see.video import Video

NOBODY = (
    "No person was found in the video. Check that the whole body is in the picture, in good light and not smaller than "
    "a third of its height."
)


class PoseEstimator(Protocol):
    """Anything that finds the person in a picture: the program's own estimator, or somebody else's."""

    def estimate(self, frame: Frame) -> Pose:
        """The pose in this frame, at the frame's time and in its pixels; `Pose.absent` where nobody is seen."""


class Progress(Protocol):
    """Told after every frame how far the analysis is."""

    def __call__(self, frames: int, time_s: float, duration_s: float | None) -> None:
        """`time_s` of `duration_s` are analyzed; the duration is None where the file does not claim one."""


Show = Callable[[Moment, "Frame | None"], None]
"""Shows or writes one moment; the frame, where there is one, may be drawn on."""


def watch(seen: Iterable[tuple[Pose, Frame | None]], session: Session, shows: Iterable[Show] = ()) -> Report:
    """The loop of the program: judges each pose as it comes and shows the moment; gives the report in the end."""
    shows = tuple(shows)
    for pose, frame in seen:
        moment = session.update(pose)
        for show in shows:
            show(moment, frame)
    return session.finish()


def analyze(
    video: str | PathLike[str],
    exercise: str | PathLike[str] | Template,
    *,
    side: Side | None = None,
    comfort: bool = False,
    target_s: float | None = None,
    variants: Mapping[str, str] | None = None,
    model: ModelFile | str | PathLike[str] | None = None,
    estimator: PoseEstimator | None = None,
    out: str | PathLike[str] | None = None,
    save_video: bool = True,
    save_stills: bool = True,
    save_track: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Judges a recorded video.

    Args:
        video: any video, animated GIF or image that FFmpeg reads.
        exercise: id of a known exercise, path of a template file (``.toml``), or a template.
        side: the side that the person works with, if it is known; otherwise it is found from the motion.
        comfort: count and judge by the person's own range instead of the template's.
        target_s: seconds to hold, for the clock in the annotated video.
        variants: variants of the exercise, such as ``{"other_leg": "bent"}``.
        model: "lite", "full" or "heavy", the path of a bundle, or a located model. By default "full".
        estimator: used instead of MediaPipe with `model`.
        out: folder for the results: ``report.json``, ``repetitions.csv``, ``angles.csv`` and more. It appears, or its
            earlier results are replaced, when everything is complete; after any exception nothing has changed.
            Without it nothing is written.
        save_video, save_stills, save_track: whether `out` gets ``annotated.mp4``, a picture of each counted
            repetition's peak, and the pose track for `replay`.
        progress: told after every frame.

    Raises:
        TemplateError: the exercise is unknown or its template has mistakes.
        VideoError: the video cannot be read.
        ModelError: the pose model cannot be fetched or loaded.
        OutputError: the results cannot be written.
        ValueError: an option does not fit the exercise.
    """
    from formcheck.see.video import Video

    template = _template(exercise)
    check_options(template, side=side, target_s=target_s, variants=variants)
    session = Session(template, side=side, comfort=comfort, target_s=target_s, variants=variants)
    with ExitStack() as closing:
        recording = closing.enter_context(Video(video))
        results = closing.enter_context(ResultsFolder(out)) if out is not None else None
        if estimator is None:
            from formcheck.see.estimator import Estimator

            estimator = closing.enter_context(Estimator(model))
        ...
    raise NotImplementedError


def replay(
    track: str | PathLike[str] | Track,
    exercise: str | PathLike[str] | Template,
    *,
    side: Side | None = None,
    comfort: bool = False,
    target_s: float | None = None,
    variants: Mapping[str, str] | None = None,
    out: str | PathLike[str] | None = None,
) -> Report:
    """Judges a saved track as `analyze` judged its video, without the video and the model."""
