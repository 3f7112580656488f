"""The pose model of a live session, opened in the thread that estimates with it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from formcheck.judge.template import Template

if TYPE_CHECKING:
    from formcheck.analysis import PoseEstimator
    from formcheck.see.estimator import Estimator

USUAL_SIZE = (1280, 720)


class Opening:
    """Opens the estimator for one exercise; call it with what closes it in the end.

    Args:
        model: "lite", "full", "heavy" or the path of a bundle.
        template: the exercise.
        size: (width, height) of the pictures to expect.

    Attributes:
        opened: the estimator; None before.
    """

    def __init__(self, model: str, template: Template, size: tuple[int, int] = USUAL_SIZE) -> None:
        self.opened: Estimator | None = None
        self._model, self._template, self._size = model, template, size

    def __call__(self, closing: ExitStack) -> PoseEstimator:
        """The estimator, with all done beforehand that takes long the first time.

        Raises:
            ModelError: the model cannot be loaded.
        """
        from formcheck.see.estimator import Estimator

        self.opened = closing.enter_context(Estimator(self._model, upright=self._template.upright))
        self.opened.warm_up(self._size)
        return self.opened
