"""The accuracy suite: clips with truth in, results out."""

from __future__ import annotations

import difflib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from formcheck.catalog import exercise_files, load_template
from formcheck.errors import FormcheckError, TruthError
from formcheck.evaluate.compare import compare
from formcheck.evaluate.exact import read_exact
from formcheck.evaluate.names import template_for, variants_for
from formcheck.evaluate.outcome import judge
from formcheck.evaluate.result import ClipResult, RecognitionResult
from formcheck.evaluate.tracks import Tracks
from formcheck.evaluate.truth import Clip, read_clips
from formcheck.judge.template import Template
from formcheck.recognize import recognize

Told = Callable[[int, int, str], None]
"""Told after each clip: how many are done, of how many, and the name of the last."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a run of the suite found.

    Attributes:
        results: one a clip, and one a clip and template for negatives.
        skipped: clip and reason why it was not judged, such as an exercise without a template.
        failed: clip and what went wrong.
        notes: about the truth files.
    """

    results: tuple[ClipResult, ...]
    skipped: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    clip: Clip
    templates: tuple[tuple[Template, dict[str, str]], ...]
    others: tuple[Template, ...] = ()
    known: tuple[Template, ...] = ()


def evaluate(
    truths: Iterable[str | os.PathLike[str]],
    *,
    only: Iterable[str] = (),
    exercises: Iterable[str] = (),
    cross: bool = False,
    model: str | os.PathLike[str] | None = None,
    jobs: int = 1,
    told: Told | None = None,
) -> Evaluation:
    """Judges the clips of truth files and compares.

    Args:
        truths: truth files, or folders of them.
        only: patterns of clips' names, such as ``lunge*``; all clips if there are none.
        exercises: templates (ids or files) to judge with: clips of other exercises are left out, and negatives are
            judged with these. All known ones if none are given; only then is also asked which exercise each clip is.
        cross: judge every clip with every other template, too, as which nothing should count.
        model: pose model, as for `formcheck.analyze`.
        jobs: clips that are worked on at the same time, each in a process of its own.
        told: told after each clip.

    Raises:
        TruthError: a truth file is wrong, or nothing fits `only`.
        TemplateError: an exercise is unknown or its template has mistakes.
        ModelError: the pose model cannot be had.
    """
    clips, notes = read_clips(truths)
    chosen = list(only)
    if chosen:
        clips = [clip for clip in clips if any(_fits(clip.name, pattern) for pattern in chosen)]
        if not clips:
            raise TruthError(f"No clip's name fits {' or '.join(map(repr, chosen))}.")
    wanted = list(exercises)
    templates = {t.id: t for t in (load_template(name) for name in (wanted or exercise_files()))}
    tracks = Tracks(model)
    tasks: list[_Task] = []
    skipped: list[tuple[str, str]] = []
    failed: list[tuple[str, str]] = []
    for clip in clips:
        try:
            task = _task(clip, templates, restricted=bool(wanted))
        except TruthError as problem:
            skipped.append((clip.name, str(problem)))
            continue
        if task is not None:
            own = {template.id for template, _ in task.templates}
            others = tuple(t for t in templates.values() if t.id not in own) if cross else ()
            if clip.truth.kind == "negative":
                others = ()
            # Among a few exercises that were asked for, recognising the right one would mean little.
            tasks.append(replace(task, others=others, known=() if wanted else tuple(templates.values())))
    _fetch_model(tracks, tasks)
    results: dict[str, tuple[ClipResult, ...]] = {}
    for done, (name, found) in enumerate(_work(tasks, tracks, jobs), start=1):
        if isinstance(found, str):
            failed.append((name, found))
        else:
            results[name] = found
        if told:
            told(done, len(tasks), name)
    in_order = [result for task in tasks for result in results.get(task.clip.name, ())]
    notes += _unknown_faults(in_order, templates)
    return Evaluation(tuple(in_order), tuple(skipped), tuple(failed), tuple(notes))


def _unknown_faults(results: Iterable[ClipResult], templates: Mapping[str, Template]) -> Iterator[str]:
    """Notes on faults of the truth that no template has: not compared, and probably slips of the pen."""
    clips: dict[tuple[str, str], list[str]] = {}
    for result in results:
        for fault in result.unknown_faults if result.kind != "other" else ():
            clips.setdefault((result.template, fault), []).append(result.name)
    for (name, fault), where in clips.items():
        known = sorted(f.id for f in (templates.get(name) or load_template(name)).faults)
        near = difflib.get_close_matches(fault, known, n=1)
        more = f" and {len(where) - 1} more" if len(where) > 1 else ""
        yield (
            f"{where[0]}{more}: {name} has no fault {fault!r}, so it is not compared. "
            + (f"Is {near[0]!r} meant?" if near else f"Its faults: {', '.join(known)}.")
        )


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name.lower(), pattern.lower()) or fnmatchcase(Path(name).stem.lower(), pattern.lower())


def _task(clip: Clip, templates: dict[str, Template], *, restricted: bool) -> _Task | None:
    """What to judge a clip with; None if it was not asked for.

    Raises:
        TruthError: it cannot be judged; the message says why.
    """
    truth = clip.truth
    if truth.kind == "negative":
        wanted = truth.templates if truth.templates is not None else tuple(templates)
        _require_known(wanted)
        chosen = tuple((templates[name], dict[str, str]()) for name in wanted if name in templates)
        return _Task(clip, chosen) if chosen else None
    if truth.template == "none":
        raise TruthError('the truth says: template "none"')
    name = truth.template
    if name is not None:
        _require_known((name,))
    else:
        name = template_for(truth.exercise, list(exercise_files()))
    if name is None:
        raise TruthError(f"there is no template for {truth.exercise!r}")
    template = templates.get(name)
    if template is None and restricted:
        return None
    template = template or load_template(name)
    if (template.kind == "hold") != (truth.kind == "hold"):
        does = "times holds" if template.kind == "hold" else "counts repetitions"
        raise TruthError(f"the truth is about {truth.kind}, but {template.id} {does}")
    try:
        variants = variants_for(truth.exercise, truth.variant, template.variants)
    except ValueError as problem:
        raise TruthError(f"{template.id}: {problem}") from None
    return _Task(clip, ((template, variants),))


def _require_known(names: Iterable[str]) -> None:
    known = exercise_files()
    for name in names:
        if name not in known:
            raise TruthError(f"there is no template {name!r}")


def _fetch_model(tracks: Tracks, tasks: list[_Task]) -> None:
    """Fetches the model before any process needs it, if one will."""
    for task in tasks:
        try:
            if tracks.cached(task.clip.path):
                continue
        except FormcheckError:
            continue  # told when its turn comes
        from formcheck.see.model import ModelFile, locate

        if not isinstance(tracks.model, ModelFile):
            tracks.model = locate(None if tracks.model is None else os.fspath(tracks.model))
        return


def _work(tasks: list[_Task], tracks: Tracks, jobs: int) -> Iterator[tuple[str, tuple[ClipResult, ...] | str]]:
    if jobs <= 1 or len(tasks) <= 1:
        for task in tasks:
            yield task.clip.name, _judged(task, tracks)
        return
    with _pool(min(jobs, len(tasks))) as pool:
        running = {pool.submit(_judged, task, tracks): task.clip.name for task in tasks}
        for future in as_completed(running):
            yield running[future], future.result()


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end at once if this one is stopped."""
    before = set(multiprocessing.active_children())
    # Spawned, not forked: the pose model's threads do not survive a fork.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_stop_when_told)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    pool.shutdown()


def _stop_when_told() -> None:
    """Ctrl-C reaches every process of a terminal: here the parent says when to stop, and unfinished files go."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


def _judged(task: _Task, tracks: Tracks) -> tuple[ClipResult, ...] | str:
    """The results of one clip, or what went wrong with it."""
    clip = task.clip
    try:
        track = tracks.get(clip.path)
        exact = read_exact(clip.frames) if clip.frames is not None else None
        results = []
        for template, variants in task.templates:
            outcome = judge(track.poses, template, variants)
            perfect = None
            if exact is not None and clip.truth.kind != "negative":
                perfect = judge(exact.poses(track.meta.size), template, variants)
            results.append(compare(clip, template, outcome, perfect, exact))
        if task.known:
            template = task.templates[0][0]
            true = template.id if clip.truth.kind != "negative" and template.recognise else None
            found = recognize(track.poses, task.known).best
            results[0] = replace(results[0], recognition=RecognitionResult.of(found, true))
        results += [compare(clip, other, judge(track.poses, other), other=True) for other in task.others]
    except FormcheckError as failure:
        return str(failure)
    return tuple(results)
