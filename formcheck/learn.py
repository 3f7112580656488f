"""Learns an exercise from a recorded demonstration, and writes its template."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from formcheck.catalog import own_folder, read_template, template_file
from formcheck.errors import DemonstrationError, OutputError
from formcheck.judge.demonstration import Kind, take_apart
from formcheck.judge.draft import Draft
from formcheck.judge.learning import drafts
from formcheck.judge.likeness import draft_like, without_condition, without_shown_faults
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.judge.template import Template, parse_template, template_from
from formcheck.pose import Pose
from formcheck.recognize import known_templates, recognize
from formcheck.toml_text import toml_text
from formcheck.unfinished import UnfinishedFile, output_error

if TYPE_CHECKING:
    from formcheck.analysis import PoseEstimator, Progress
    from formcheck.see.model import ModelFile

TRACKS = (".npz", ".journal")
"""Endings of demonstrations for which no pose model is needed."""

HELD_AGAIN = 0.9
"""A hold is found again if this share of its seconds is held."""

SCRATCH = "none"
"""Given as the exercise to learn after: none, whatever the demonstration looks like."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Learned:
    """A learned exercise.

    Attributes:
        template: the exercise.
        path: its file.
        report: the demonstration, judged with it.
        left_out: ids of the faults of the template that it was made after which the demonstration itself shows.
        after: the known exercise that it was made after because the demonstration surely is one; None if that was told,
            or it was learned from scratch.
    """

    template: Template
    path: Path
    report: Report
    left_out: tuple[str, ...] = ()
    after: Template | None = None


def learn(
    name: str,
    demonstration: str | PathLike[str],
    *,
    like: str | PathLike[str] | None = None,
    kind: Kind | None = None,
    out: str | PathLike[str] | None = None,
    force: bool = False,
    model: ModelFile | str | PathLike[str] | None = None,
    estimator: PoseEstimator | None = None,
    progress: Progress | None = None,
) -> Learned:
    """Writes the template of an exercise that somebody demonstrates well.

    Args:
        name: id of the new exercise: small letters, digits and ``_``.
        demonstration: a video, or a track that `analyze` saved (``.npz``), or a journal.
        like: a known exercise, or a template file: its texts, camera and faults are taken over, its numbers fitted.
            "none": nothing is. By default nothing is, except where the demonstration surely is a known exercise of
            one side: which leg works, and how the other side looks, is not told well by one recording.
        kind: "repetitions" or "hold", if it cannot be told from the demonstration.
        out: folder for the template; by default the person's own folder of templates, where it is found by its name.
        force: replace a template of that name.
        model, estimator, progress: as in `formcheck.analyze`.

    Raises:
        DemonstrationError: nothing can be learned from the demonstration.
        TemplateError: `like` is unknown or has mistakes.
        VideoError, TrackError, ModelError: the demonstration cannot be read.
        OutputError: the template cannot be written, or there is one of that name.
        ValueError: the name cannot be used.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a name: use small letters, digits and _, beginning with a letter.")
    path = (Path(out) if out is not None else own_folder()) / f"{name}.toml"
    if path.exists() and not force:
        raise OutputError(f"There is already a template {path}. Choose another name, or replace it with --force.")
    told = (
        None if like is None or like == SCRATCH else template_file(Path(like) if isinstance(like, PathLike) else like)
    )
    base = None if told is None else read_template(told)
    poses = tuple(_poses(demonstration, model, estimator, progress))
    source = Path(demonstration).name
    after = None
    if base is not None and told is not None:
        made, left_out = _after(name, told, base, poses, source)
    else:
        after = _surely(poses, name, kind) if like is None else None
        made, left_out, after = _after_or_from_scratch(name, after, poses, source, kind)
    head = (
        f"{made.data['name']}, learned by formcheck from the demonstration {source}.\n"
        "Edit it as you like and check it with: formcheck check-template. The format is explained in docs/templates.md."
    )
    if after is not None:
        head += f"\nMade after {after.id}, as the demonstration surely is one."
    if left_out:
        head += f"\nLeft out, because the demonstration itself does otherwise: {', '.join(left_out)}."
    text = toml_text(made.data, made.comments, head)
    template = parse_template(text, str(path))
    report = judged(template, poses)
    _write(path, text)
    return Learned(template, path, report, tuple(left_out), after)


def judged(template: Template, poses: tuple[Pose, ...]) -> Report:
    """The demonstration, judged with a template."""
    session = Session(template)
    for pose in poses:
        session.update(pose)
    return session.finish()


def _from_scratch(name: str, poses: tuple[Pose, ...], source: str, kind: Kind | None) -> Draft:
    """The first template that finds again what the demonstration shows."""
    shown = take_apart(poses, kind)
    failures = []
    for made in drafts(name, shown, source):
        report = judged(template_from(made.data, name), poses)
        if _agrees(made, report):
            return made
        failures.append(_disagreement(made, report))
    raise DemonstrationError(failures[0])


def _surely(poses: tuple[Pose, ...], name: str, kind: Kind | None) -> Template | None:
    """The known exercise of one side that a demonstration shows, if it surely is one."""
    known = [template for template in known_templates() if template.id != name]
    best = recognize(poses, known).best
    return next((t for t in known if t.id == best and t.sides and kind in (None, t.kind)), None)


def _after_or_from_scratch(
    name: str, after: Template | None, poses: tuple[Pose, ...], source: str, kind: Kind | None
) -> tuple[Draft, list[str], Template | None]:
    """What is learned after a known exercise if that finds the demonstration again, else from scratch."""
    if after is not None:
        with suppress(DemonstrationError):
            return *_after(name, template_file(after.id), after, poses, source), after
    return _from_scratch(name, poses, source, kind), [], None


def _after(name: str, file: Path, base: Template, poses: tuple[Pose, ...], source: str) -> tuple[Draft, list[str]]:
    """The template made after another one, and what of that the demonstration does otherwise."""
    made = draft_like(name, tomllib.loads(file.read_text(encoding="utf-8")), base, poses, source)
    return made, _adapt(made, poses)


def _adapt(made: Draft, poses: tuple[Pose, ...]) -> list[str]:
    """Takes out of a template made after another one what the demonstration does otherwise; gives its names."""
    report = judged(template_from(made.data, made.data["id"]), poses)
    left_out = []
    if not _agrees(made, report):
        left_out += without_condition(made, report)
        report = judged(template_from(made.data, made.data["id"]), poses)
    if not _agrees(made, report):
        raise DemonstrationError(_disagreement(made, report))
    return left_out + without_shown_faults(made, report)


def _agrees(made: Draft, report: Report) -> bool:
    least, greatest = made.repetitions
    if made.held_s:
        return report.held_s >= HELD_AGAIN * made.held_s and report.in_form_s > 0
    return least <= report.counts.total <= greatest


def _disagreement(made: Draft, report: Report) -> str:
    if made.held_s:
        return (
            f"The hold of {made.held_s:.0f} s in the demonstration is not found again with what was learned from it "
            f"({report.in_form_s:.0f} s). Record it again from the side, the whole body in the picture."
        )
    reasons = {r.explanation for r in report.repetitions if r.explanation}
    why = f" ({'; '.join(sorted(reasons))})" if reasons else ""
    return (
        f"Of {made.repetitions[0]} repetitions in the demonstration {report.counts.total} are counted with what was "
        f"learned from it{why}. Record it again: three repetitions or more, with a short rest between them."
    )


def _poses(
    demonstration: str | PathLike[str],
    model: ModelFile | str | PathLike[str] | None,
    estimator: PoseEstimator | None,
    progress: Progress | None,
) -> Iterator[Pose]:
    if Path(demonstration).suffix in TRACKS:
        from formcheck.see.track import load_track

        yield from load_track(demonstration).poses
        return
    from formcheck.analysis import estimated_poses

    yield from estimated_poses(demonstration, model=model, estimator=estimator, progress=progress)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(path, error) from error
    with UnfinishedFile(path) as file:
        file.path.write_text(text, encoding="utf-8")
