"""Named conditions of a hold, which keep their answer while nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formcheck.judge.body import Body
from formcheck.judge.expression import Expression

PATIENCE_S = 0.2
"""A condition that may be unclear and was met must be unmet this long before it is believed: legs that are drawn onto
each other part for one or two pictures on the way (rendered people)."""

SURE_S = 0.35
"""Only what was met this long is kept while it cannot be told: a leg that is hidden is guessed crossed for a moment,
too (0.2 to 0.3 s, rendered people who slide down a wall; who crosses the legs is seen to for 0.4 s and more)."""


@dataclass(frozen=True, slots=True)
class NamedCondition:
    """One condition, compiled.

    Attributes:
        rule: what it means.
        unclear: where this is true and `rule` is not, it cannot be told, and the last answer stands if it was sure.
    """

    rule: Expression
    unclear: Expression | None


class Conditions:
    """The answers of all conditions of a template, followed pose by pose."""

    def __init__(self, conditions: Sequence[NamedCondition]) -> None:
        self._conditions = conditions
        self._answers: list[bool]
        self._since: list[float]
        self._last: list[float]
        self._unmet_since: list[float | None]
        self.forget()

    def update(self, body: Body) -> None:
        """Writes the answers into `body.conditions`; conditions may mention those above them."""
        self._answers = body.conditions = list(self._answers)
        for i, condition in enumerate(self._conditions):
            if condition.rule.evaluate(body):
                if not self._answers[i]:
                    self._answers[i], self._since[i] = True, body.time
                self._last[i] = body.time
                self._unmet_since[i] = None
            elif self._is_sure(i) and condition.unclear is not None and condition.unclear.evaluate(body):
                self._unmet_since[i] = None
            elif condition.unclear is None:
                self._answers[i] = False
            elif (since := self._unmet_since[i]) is None:
                self._unmet_since[i] = body.time
            elif body.time - since >= PATIENCE_S:
                self._answers[i] = False

    def forget(self) -> None:
        """Starts anew with no, as after a scene cut."""
        self._answers = [False] * len(self._conditions)
        self._since = [0.0] * len(self._conditions)
        self._last = [0.0] * len(self._conditions)
        self._unmet_since = [None] * len(self._conditions)

    def _is_sure(self, i: int) -> bool:
        return self._answers[i] and self._last[i] - self._since[i] >= SURE_S
