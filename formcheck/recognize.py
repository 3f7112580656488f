"""Which exercise is it? Recognition over all exercises that this machine knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from formcheck.catalog import exercise_files, read_template
from formcheck.errors import NotRecognizedError, TemplateError
from formcheck.judge.moment import Moment
from formcheck.judge.recognition import STEP_S, Recognition, Recognizer
from formcheck.judge.report import Report
from formcheck.judge.template import Template
from formcheck.pose import Pose

if TYPE_CHECKING:
    from formcheck.see.frame import Frame

AUTO = "auto"
"""Given instead of the name of an exercise: find out."""

MOST_POSES = 20_000
"""Poses that are kept in case nothing is counted in them: 20 minutes."""


def known_templates() -> list[Template]:
    """The template of every known exercise; those with mistakes are left out."""
    templates = []
    for path in exercise_files().values():
        try:
            templates.append(read_template(path))
        except TemplateError:
            continue
    return templates


def recognize(poses: Iterable[Pose], templates: Iterable[Template] | None = None) -> Recognition:
    """Which exercise a track shows, of all known ones or of those given."""
    recognizer = Recognizer(known_templates() if templates is None else templates)
    for pose in poses:
        recognizer.update(pose)
    return recognizer.result()


def recognized(poses: Iterable[Pose], source: str) -> tuple[Template, str]:
    """The template of the exercise that a track shows, and a note that says how sure that is.

    Args:
        poses: the track.
        source: what to call it in messages.

    Raises:
        NotRecognizedError: it is not clear; the message names what comes closest.
    """
    templates = known_templates()
    recognition = recognize(poses, templates)
    for template in templates:
        if template.id == recognition.best:
            return template, f"Recognised as {template.name}, {recognition.confidence:.0%} sure. If it is not: give -e."
    spoken = [f"{c.exercise} {c.confidence:.0%}" for c in recognition.ranking]
    named = {c.exercise for c in recognition.ranking}
    spoken += [f"{name} ({number} attempts, none full)" for name, number in recognition.tried if name not in named]
    closest = ", ".join(spoken[:3])
    raise NotRecognizedError(
        f"It is not clear which exercise {source} shows; "
        + (f"closest: {closest}. " if closest else "nothing in it looks like a known one. ")
        + "Say which one it is with -e NAME. The known ones: formcheck exercises"
    )


class SecondOpinion:
    """Follows a set that is judged as one exercise, in case it is another one; it is asked only if nothing counted.

    Args:
        template: the exercise as which it is judged.
        most: poses to keep at most; a set in which nothing is counted for longer is not told about.
    """

    def __init__(self, template: Template, most: int = MOST_POSES) -> None:
        self._template, self._most = template, most
        self._poses: list[Pose] | None = []

    def update(self, moment: Moment, frame: Frame | None = None) -> None:
        """Keeps the pose of the next moment, as long as nothing was counted or held."""
        if self._poses is None:
            return
        if moment.counts.total or (moment.hold and moment.hold.held) or len(self._poses) >= self._most:
            self._poses = None
        elif not self._poses or moment.time - self._poses[-1].time >= STEP_S:
            self._poses.append(moment.pose)

    def notes(self, report: Report) -> tuple[str, ...]:
        """What it looks like instead, if nothing was counted or held and that is sure."""
        if not self._poses or report.counts.total or report.held_s:
            return ()
        templates = known_templates()
        recognition = recognize(self._poses, templates)
        if recognition.best is None or recognition.best == self._template.id:
            return ()
        name = next(t.name for t in templates if t.id == recognition.best)
        return (
            f"This does not look like {self._template.name} but like {name} ({recognition.confidence:.0%} sure): "
            f"try -e {recognition.best}.",
        )
