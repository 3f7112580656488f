"""Named conditions of a hold, which keep their answer while nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formcheck.judge.body import Body
from formcheck.judge.expression import Expression

PATIENCE_S = 0.2
"""A condition that was met must be unmet this long before it is believed: legs that are drawn onto each other part for
one or two pictures on the way (rendered people)."""


@dataclass(frozen=True, slots=True)
class NamedCondition:
    """One condition, compiled.

    Attributes:
        rule: what it means.
        unclear: where this is true and `rule` is not, it cannot be told, and the last answer stands.
    """

    rule: Expression
    unclear: Expression | None


class Conditions:
    """The answers of all conditions of a template, followed pose by pose."""

    def __init__(self, conditions: Sequence[NamedCondition]) -> None:
        self._conditions = conditions
        self.forget()

    def update(self, body: Body) -> None:
        """Writes the answers into `body.conditions`; conditions may mention those above them."""
        body.conditions = self._answers
        for i, condition in enumerate(self._conditions):
            if condition.rule.evaluate(body):
                self._answers[i] = True
                self._unmet_since[i] = None
            elif condition.unclear is not None and condition.unclear.evaluate(body):
                self._unmet_since[i] = None
            elif (since := self._unmet_since[i]) is None:
                self._unmet_since[i] = body.time
            elif body.time - since >= PATIENCE_S:
                self._answers[i] = False

    def forget(self) -> None:
        """Starts anew with no, as after a scene cut."""
        self._answers = [False] * len(self._conditions)
        self._unmet_since: list[float | None] = [None] * len(self._conditions)
