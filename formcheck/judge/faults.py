"""Faults of one repetition, judged afterwards from every pose of it.

A verdict has three values: present, absent, and *not visible* where view or hidden joints do not let anybody tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal

from formcheck.judge.body import Body
from formcheck.judge.exercise import Check, Exercise
from formcheck.judge.expression import Expression
from formcheck.judge.repetitions import Attempt

Verdict = Literal["present", "absent", "not_visible"]

NEAR_CLEAR = 0.5
FAR_CLEAR = 0.3
"""Mean visibility that the joints of a rule need, on the near side and elsewhere."""

SEEN_SHARE = 0.5
"""A rule needs this share of its poses with everything seen."""

STANDS_FOR_S = 0.25
"""A pose says how it was for this long before and after it at most: down to two pictures a second."""

PERSIST_SHARE = 0.6
"""In a phase shorter than the persistence asked for, the rule must hold for this share of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Verdict on one fault in one repetition or hold.

    Attributes:
        check: the fault with its rules.
        verdict: see the module.
        severity: of the rule or of its stronger form.
        time: when it was first seen, seconds.
    """

    check: Check
    verdict: Verdict
    severity: str
    time: float


class Passage:
    """The poses of one attempt with its phases; what range rules summarise (see `language.Summaries`)."""

    def __init__(
        self, exercise: Exercise, attempt: Attempt, bodies: Sequence[Body], signal: int, best: Sequence[float]
    ) -> None:
        self.attempt = attempt
        self.best = best
        self.base: Sequence[float] = bodies[0].base if bodies else ()
        self._signal = signal
        self._names = [name for name, _ in exercise.measures]
        a = attempt
        self.bodies = {
            "moving": [b for b in bodies if a.start <= b.time < a.peak_from],
            "peak": [b for b in bodies if a.peak_from <= b.time <= a.peak_to],
            "returning": [b for b in bodies if a.peak_to < b.time <= a.end],
            "repetition": [b for b in bodies if a.start <= b.time <= a.end],
        }
        if not self.bodies["peak"] and bodies:
            self.bodies["peak"] = [min(bodies, key=lambda b: abs(b.time - a.peak))]
        # Tempo goes from leaving rest to being back at rest; poses end where the repetition was counted.
        self._bounds = {
            "moving": (a.start, a.top_from),
            "peak": (a.top_from, a.top_to),
            "returning": (a.top_to, a.settled),
            "repetition": (a.start, a.settled),
        }

    def column(self, measure: int, phase: str) -> list[float]:
        """Values of a measure during a phase, without NaN."""
        return [v for b in self.bodies[phase] if (v := b.values[measure]) == v]

    def seconds(self, phase: str) -> float:
        """Duration of a phase."""
        begin, end = self._bounds[phase]
        if phase in ("returning", "repetition") and not self.attempt.returned:
            return nan
        return end - begin

    def speed(self, phase: str) -> float:
        """Mean change of the signal per second during a phase, without sign."""
        values, seconds = self.column(self._signal, phase), self.seconds(phase)
        return abs(values[-1] - values[0]) / seconds if len(values) > 1 and seconds > 0 else nan


def judge_repetition(check: Check, passage: Passage, comfort: bool, shows: Callable[[Check], bool]) -> Finding:
    """Verdict on one fault in one attempt.

    Args:
        check: the fault.
        passage: the attempt.
        comfort: whether the person asked for comfort mode.
        shows: whether the view lets the fault be seen.
    """
    fault, attempt = check.fault, passage.attempt
    rule = check.comfort if comfort and check.comfort else check.rule
    phases = [p for p in fault.when if p != "setup"]
    bodies = sorted((b for p in phases for b in passage.bodies[p]), key=lambda b: b.time)
    if check.only_while:
        bodies = [b for b in bodies if check.only_while.evaluate(b)]
    if not phases or not bodies or not shows(check) or not clear(rule, bodies):
        return Finding(check, "not_visible" if phases and bodies else "absent", fault.severity, attempt.peak)
    if "repetition" in fault.when:
        severity = fault.severity if rule.evaluate(passage) else None
        if check.worse and fault.worse and check.worse.evaluate(passage):
            severity = fault.worse.severity
        return Finding(check, "present" if severity else "absent", severity or fault.severity, attempt.peak)
    since = lasting(rule, bodies, fault.persist_s)
    severity = fault.severity
    if check.worse and fault.worse:
        persist = fault.persist_s if fault.worse.persist_s is None else fault.worse.persist_s
        stronger = lasting(check.worse, bodies, persist)
        if stronger is not None:
            since, severity = (stronger if since is None else since), fault.worse.severity
    return Finding(check, "absent" if since is None else "present", severity, attempt.peak if since is None else since)


def clear(rule: Expression, bodies: Sequence[Body]) -> bool:
    """Whether the joints of a rule were visible enough in these poses, but for those of which it asks that itself."""
    for owner, joint in rule.landmarks:
        if (owner, joint) in rule.asked:
            continue
        mean = sum(b.clearness(owner, joint) for b in bodies) / len(bodies)
        near = owner == "near" or (owner in ("lead", "other") and getattr(bodies[0], owner) is bodies[0].near)
        if mean < (NEAR_CLEAR if near else FAR_CLEAR):
            return False
    return True


def lasting(rule: Expression, bodies: Sequence[Body], persist_s: float) -> float | None:
    """Time since which a rule held for at least `persist_s`; None if it never held so long.

    Every pose stands for the time halfway to its neighbours, so that the answer does not depend on the frame rate, but
    for no more than `STANDS_FOR_S` to either side: what was not seen is not known.
    """
    if not bodies:
        return None
    times = [b.time for b in bodies]
    total = times[-1] - times[0]
    needed = min(persist_s, PERSIST_SHARE * total)
    held, since = 0.0, None
    for i, body in enumerate(bodies):
        if not rule.evaluate(body):
            held, since = 0.0, None
            continue
        before = min((times[i] - times[i - 1]) / 2, STANDS_FOR_S) if i else 0.0
        after = min((times[i + 1] - times[i]) / 2, STANDS_FOR_S) if i + 1 < len(times) else 0.0
        since = times[i] if since is None else since
        held += before + after
        if held >= needed:
            return since
    return None
