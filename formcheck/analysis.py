"""From a recorded video, or a saved track, to a report.

The program has ONE loop, `watch`: for each pose, ask the session, hand the moment to everything that shows it. Live,
recorded and replayed sessions differ only in where the poses come from and in what is open to show them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from os import PathLike, fspath
from typing import TYPE_CHECKING, Protocol

from formcheck.catalog import load_template
from formcheck.chunks.seam import Chunks
from formcheck.judge.moment import Moment
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.pose import Pose, Side
from formcheck.readable_path import readable_path
from formcheck.recognize import AUTO, SecondOpinion, recognized
from formcheck.show.export import AngleTable, write_holds, write_repetitions, write_report
from formcheck.show.exports import Exports, check_exports
from formcheck.show.results import (
    ANGLES,
    ANNOTATED,
    HOLDS,
    PAGE,
    REPETITIONS,
    REPORT,
    STILLS,
    TRACK_ENDING,
    ResultsFolder,
    short_stem,
)

if TYPE_CHECKING:  # they bring OpenCV and PyAV, which replaying a track does not need
    from formcheck.chunks.crew import Crew
    from formcheck.chunks.relay import Fresh, Relay
    from formcheck.report_page.overlay_track import OverlayTrack
    from formcheck.see.frame import Frame
    from formcheck.see.model import ModelFile
    from formcheck.see.track import Track, TrackMeta, TrackWriter
    from formcheck.see.video import Video

NOBODY = (
    "No person was found in the video. Check that the whole body is in the picture, in good light and not smaller than "
    "a third of its height."
)


CHUNKS = Chunks()
"""Where long recordings are cut, by however many processes they are estimated."""


class PoseEstimator(Protocol):
    """Anything that finds the person in a picture: the program's own estimator, or somebody else's."""

    def estimate(self, frame: Frame) -> Pose:
        """The pose in this frame, at the frame's time and in its pixels; `Pose.absent` where nobody is seen."""


class Progress(Protocol):
    """Told after every frame how far the analysis is."""

    def __call__(self, frames: int, time_s: float, duration_s: float | None) -> None:
        """`time_s` of `duration_s` are analyzed; the duration is None where the file does not claim one."""


Seen = tuple[Pose, "Frame | None"]
"""A pose, and the frame that it was seen in, where there is one."""

Show = Callable[[Moment, "Frame | None"], None]
"""Shows or writes one moment; the frame, where there is one, may be drawn on."""


def watch(seen: Iterable[Seen], session: Session, shows: Iterable[Show] = ()) -> Report:
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
    save_page: bool = True,
    embed_video: bool = False,
    exports: Collection[str] = (),
    height_m: float | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Judges a recorded video.

    Args:
        video: any video, animated GIF or image that FFmpeg reads.
        exercise: id of a known exercise, path of a template file (``.toml``), or a template; "auto" to find out which
            of the known ones it is. Then the poses are estimated first, and the video is decoded again for pictures.
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
            repetition's peak or of each hold, and the pose track for `replay`.
        save_page: whether `out` gets ``report.html``, which plays the video where it is.
        embed_video: put the video into that page, so that the page alone can be given away.
        exports: more files for other programs: some of "trc", "mot", "parquet".
        height_m: height of the person in metres, for the scale of "trc".
        jobs: how many processes estimate the poses of a video of more than a minute; the results are the same.
        progress: told after every frame.

    Raises:
        TemplateError: the exercise is unknown or its template has mistakes.
        NotRecognizedError: with "auto", it is not clear which exercise it is.
        VideoError: the video cannot be read.
        ModelError: the pose model cannot be fetched or loaded.
        OutputError: the results cannot be written.
        ValueError: an option does not fit the exercise.
    """
    from formcheck.chunks.crew import Crew
    from formcheck.see.track import TrackWriter
    from formcheck.see.video import Video

    check_exports(exports)
    if jobs < 1 or (jobs > 1 and estimator is not None):
        raise ValueError("jobs must be at least 1; an estimator of your own works alone, so it needs jobs=1.")
    template = None if exercise == AUTO else _template(exercise)
    if template is not None:
        check_options(template, side=side, target_s=target_s, variants=variants)
    with ExitStack() as closing:
        recording = closing.enter_context(Video(video))
        results = closing.enter_context(ResultsFolder(out, source=recording.path)) if out is not None else None
        pictured = results is not None and (save_video or save_stills)
        model_name, own = "other", None
        filmed = recording
        reading: Video | Crew = recording
        seen: Iterable[Seen]
        if estimator is not None:
            seen = _estimated(recording, estimator, progress)
        else:
            own, model_name = _own(recording, model, template.upright if template else None, jobs)
            closing.enter_context(own)
            if not isinstance(own, Crew):
                seen = _estimated(recording, own, progress)
            else:
                reading = own
                again = pictured and template is not None
                seen = _seen_again(own, recording, progress) if again else _sent(own, recording.duration, progress)
        notes: tuple[str, ...] = ()
        if template is None:
            kept = [pose for pose, _ in seen]
            template, note = recognized(kept, recording.path.name)
            notes = (note,)
            if pictured:
                filmed = closing.enter_context(Video(video))
                seen = _seen_again(kept, filmed, progress)
            else:
                seen = ((pose, None) for pose in kept)
        session = _session(template, side, comfort, target_s, variants)
        opinion = SecondOpinion(template)
        shows: list[Show] = [opinion.update]
        track = pictures = page = None
        if results is not None:
            shows.append(closing.enter_context(AngleTable(results.path / ANGLES, template)).update)
            if exports:
                files = Exports(exports, template, results.path, height_m=height_m)
                shows.append(closing.enter_context(files).update)
            if save_page:
                page = _page(template, shows)
            if save_track:
                path = results.path / (short_stem(recording.path) + TRACK_ENDING)
                track = closing.enter_context(TrackWriter(path, _track_meta(recording, model_name)))
                seen = _written(seen, track)
            if save_video or save_stills:
                from formcheck.show.pictures import Pictures

                pictures = closing.enter_context(Pictures(template, filmed, results.path, save_video, save_stills))
                shows.append(pictures.update)
        report = watch(seen, session, shows)
        notes += _notes(reading.damage, recording.still, report) + opinion.notes(report)
        if own is not None:
            notes += own.notes()
        if pictures is not None:
            notes += pictures.finish(report)
        if track is not None:
            track.meta = replace(track.meta, duration=reading.end, frame_count=report.video.frames)
        report = report.about(replace(report.video, path=readable_path(video), duration_s=reading.end or 0.0), notes)
        if results is not None:
            _write(report, results)
            if page is not None:
                from formcheck.report_page.page import write_page
                from formcheck.report_page.player import player_for

                annotated = results.path / ANNOTATED if save_video else None
                player = player_for(recording.path, results.final, annotated=annotated, annotated_name=ANNOTATED)
                stills = results.path / STILLS
                write_page(results.path / PAGE, report, template, page, player, stills=stills, embed=embed_video)
        return report


def replay(
    track: str | PathLike[str] | Track,
    exercise: str | PathLike[str] | Template,
    *,
    side: Side | None = None,
    comfort: bool = False,
    target_s: float | None = None,
    variants: Mapping[str, str] | None = None,
    out: str | PathLike[str] | None = None,
    save_page: bool = True,
    exports: Collection[str] = (),
    height_m: float | None = None,
) -> Report:
    """Judges a saved track as `analyze` judges its video, without the video and the model.

    The arguments are those of `analyze`; `out` gets the same files, without pictures.

    Raises:
        TemplateError: the exercise is unknown or its template has mistakes.
        TrackError: the track cannot be read.
        OutputError: the results cannot be written.
        ValueError: an option does not fit the exercise.
    """
    from formcheck.see.track import Track, load_track

    check_exports(exports)
    template = None if exercise == AUTO else _template(exercise)
    if template is not None:
        check_options(template, side=side, target_s=target_s, variants=variants)
    recorded = track if isinstance(track, Track) else load_track(track)
    notes: tuple[str, ...] = ()
    if template is None:
        template, note = recognized(recorded.poses, recorded.meta.source or "the track")
        notes = (note,)
    session = _session(template, side, comfort, target_s, variants)
    opinion = SecondOpinion(template)
    with ExitStack() as closing:
        results = closing.enter_context(ResultsFolder(out)) if out is not None else None
        shows: list[Show] = [opinion.update]
        page = None
        if results is not None:
            shows.append(closing.enter_context(AngleTable(results.path / ANGLES, template)).update)
            if exports:
                files = Exports(exports, template, results.path, height_m=height_m)
                shows.append(closing.enter_context(files).update)
            if save_page:
                page = _page(template, shows)
        report = watch(((pose, None) for pose in recorded.poses), session, shows)
        width, height = recorded.meta.size
        facts = replace(report.video, path=readable_path(recorded.meta.source), width=width, height=height)
        if recorded.meta.duration is not None:
            facts = replace(facts, duration_s=recorded.meta.duration)
        notes += recorded.losses + (() if facts.frames_with_person else (NOBODY,))
        report = report.about(facts, notes + opinion.notes(report))
        if results is not None:
            _write(report, results)
            if page is not None:
                from formcheck.report_page.page import write_page

                write_page(results.path / PAGE, report, template, page)
        return report


def check_options(
    template: Template,
    *,
    side: Side | None = None,
    target_s: float | None = None,
    variants: Mapping[str, str] | None = None,
) -> None:
    """Finds options that do not fit an exercise.

    Raises:
        ValueError: the message names the option and what would fit.
    """
    if side is not None and not template.sides:
        raise ValueError(f"{template.name} does not work one side at a time, so no side can be chosen for it.")
    if target_s is not None and template.kind != "hold":
        raise ValueError(f"{template.name} is counted, not held, so there are no seconds to hold.")
    if target_s is not None and not 0 < target_s <= 3600:
        raise ValueError(f"The seconds to hold must be more than 0 and at most 3600, not {target_s:g}.")
    for key, value in (variants or {}).items():
        if value not in template.variants.get(key, ()):
            known = ", ".join(f"{k}={v}" for k, values in template.variants.items() for v in values)
            raise ValueError(f"{template.name} has no variant {key}={value}. Its variants: {known or 'none'}.")


def _template(exercise: str | PathLike[str] | Template) -> Template:
    return exercise if isinstance(exercise, Template) else load_template(fspath(exercise))


def _session(
    template: Template, side: Side | None, comfort: bool, target_s: float | None, variants: Mapping[str, str] | None
) -> Session:
    check_options(template, side=side, target_s=target_s, variants=variants)
    return Session(template, side=side, comfort=comfort, target_s=target_s, variants=variants)


def estimated_poses(
    video: str | PathLike[str],
    *,
    model: ModelFile | str | PathLike[str] | None = None,
    estimator: PoseEstimator | None = None,
    progress: Progress | None = None,
) -> Iterator[Pose]:
    """The poses of a recorded video, without judging them; arguments and errors are those of `analyze`."""
    from formcheck.see.video import Video

    with ExitStack() as closing:
        recording = closing.enter_context(Video(video))
        if estimator is None:
            estimator = closing.enter_context(_relay(model, None)[0])
        for pose, _ in _estimated(recording, estimator, progress):
            yield pose


def _own(
    recording: Video, model: ModelFile | str | PathLike[str] | None, upright: bool | None, jobs: int
) -> tuple[Relay | Crew, str]:
    """What estimates the poses of a recording, and the name of its model."""
    from formcheck.chunks.crew import Crew

    if jobs == 1 or (recording.duration is not None and CHUNKS.covering(recording.duration) == 1):
        return _relay(model, upright)
    fresh, name = _fresh(model, upright)
    return Crew(recording, fresh, jobs, CHUNKS), name


def _relay(model: ModelFile | str | PathLike[str] | None, upright: bool | None) -> tuple[Relay, str]:
    from formcheck.chunks.relay import Relay

    fresh, name = _fresh(model, upright)
    return Relay(fresh, CHUNKS), name


def _fresh(model: ModelFile | str | PathLike[str] | None, upright: bool | None) -> tuple[Fresh, str]:
    from formcheck.see.estimator import Estimator
    from formcheck.see.model import ModelFile, locate

    located = model if isinstance(model, ModelFile) else locate(model)
    return partial(Estimator, located, upright=upright), located.variant or located.path.name


def _estimated(recording: Video, estimator: PoseEstimator, progress: Progress | None) -> Iterator[Seen]:
    """The frames of a recording with their poses."""
    for number, frame in enumerate(recording, start=1):
        pose = estimator.estimate(frame)
        yield pose, frame
        if progress is not None:
            progress(number, frame.time, recording.duration)


def _sent(crew: Crew, duration: float | None, progress: Progress | None) -> Iterator[Seen]:
    """The poses of a recording whose frames others read."""
    for number, pose in enumerate(crew, start=1):
        yield pose, None
        if progress is not None:
            progress(max(number, crew.frames), max(pose.time, crew.done_s), duration)


def _seen_again(poses: Iterable[Pose], recording: Video, progress: Progress | None) -> Iterator[Seen]:
    """Poses that are known already with their frames, decoded once more to be drawn on."""
    for number, (pose, frame) in enumerate(zip(poses, recording, strict=True), start=1):
        yield pose, frame
        if progress is not None:
            progress(number, frame.time, recording.duration)


def _written(seen: Iterable[Seen], track: TrackWriter) -> Iterator[Seen]:
    """The track gets the poses as the model saw them, before any judging."""
    for pose, frame in seen:
        track.write(pose)
        yield pose, frame


def _track_meta(recording: Video, model: str) -> TrackMeta:
    from formcheck.see.track import TrackMeta

    return TrackMeta(recording.size, fspath(recording.path), fps=recording.fps, model=model)


def _notes(damage: str | None, still: bool, report: Report) -> tuple[str, ...]:
    notes = []
    if damage:
        notes.append(f"The recording is damaged: {damage}. What could be read was analyzed.")
    if still:
        notes.append("This is a single picture: nothing can be counted or timed in it. Give a video.")
    if not report.video.frames_with_person:
        notes.append(NOBODY)
    return tuple(notes)


def _page(template: Template, shows: list[Show]) -> OverlayTrack:
    """What the page will draw; it sees every moment."""
    from formcheck.report_page.overlay_track import OverlayTrack

    page = OverlayTrack(template)
    shows.append(page.update)
    return page


def _write(report: Report, results: ResultsFolder) -> None:
    write_report(report, results.path / REPORT)
    write_repetitions(report, results.path / REPETITIONS)
    if report.kind == "hold":
        write_holds(report, results.path / HOLDS)
