"""How much to do next time, and when a harder or an easier version is due.

The rule [specification 2.10]: harder only after two sessions in a row at the full dose that were clean (a fault to
correct in at most 20 % of the repetitions) and without pain; one thing is changed at a time; never at pain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from formcheck.history.figures import SideFigures
from formcheck.routine.form import Level, Step

Proposal = Literal["harder", "easier"]

MOST_FAULTY = 0.20
"""Share of repetitions with a fault to correct in a session that still passes as clean [specification 2.10]."""

SESSIONS = 2
"""So many sessions in a row [specification 2.10]."""

_NOT_TIRED_BELOW = 9
"""An effort of 9 or 10 of 10 is no reason to do more next time."""

_ALMOST_S = 0.5
"""A hold may fall short of its seconds by this: the clock stops when the person does."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one session came to in one step, at the level it has now.

    Attributes:
        reached: repetitions, or seconds in good form, of the weaker side in the best set; 0 if a side did nothing.
        clean: share of repetitions without a fault to correct, all sides; 1 in a hold, of which only seconds in good
            form count anyway; None if too few repetitions could be judged.
        effort: what was answered, 0 to 10; None if nothing.
    """

    reached: float
    clean: float | None = None
    effort: int | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """The next dose of a step, and whether another version is due.

    Attributes:
        target: repetitions or seconds of each side.
        proposal: "harder" or "easier", where there is such a version.
        why: in one sentence.
    """

    target: float
    proposal: Proposal | None
    why: str


def dose_of(step: Step, level: int, usual: tuple[float, float]) -> tuple[float, float]:
    """First and last dose of a step at a level; `usual` is that of the exercise, if the routine has none."""
    version = version_of(step, level)
    for table in (version, step if version is None or version.exercise is None else None):
        if table is not None:
            own = table.repetitions or table.hold_s
            if own is not None:
                return (float(own[0]), float(own[1]))
    return usual


def version_of(step: Step, level: int) -> Level | None:
    """The version at a level: 0 is the step as it is (None), above are the harder ones, below the easier ones."""
    if level > 0:
        return step.harder[min(level, len(step.harder)) - 1] if step.harder else None
    if level < 0:
        return step.easier[min(-level, len(step.easier)) - 1] if step.easier else None
    return None


def advise(step: Step, level: int, dose: tuple[float, float], attempts: Sequence[Attempt], *, pain: bool) -> Advice:
    """What to do next.

    Args:
        step, level: the step and the person's level in it.
        dose: first and last dose at this level (`dose_of`).
        attempts: the sessions at this level since the last pain, the latest last.
        pain: the last that is known about pain is that there was some.
    """
    low, high = dose
    easier: Proposal | None = "easier" if level > -len(step.easier) else None
    if pain:
        return Advice(low, easier, "There was pain last time: no more than the first dose, and nothing harder.")
    if not attempts:
        return Advice(low, None, "The first session, or the first since pain: begin with the first dose.")
    target, why = low, "Once more: the last session was not clean, or not complete."
    for attempt in attempts:
        if _clean(attempt) and _reached(attempt, target, high) and not _tired(attempt):
            if target < high:
                target = min(high, float(ceil(target + (high - low) / 3)))
            why = f"The last session was clean at its dose: {'more' if target < high else 'the full dose'} now."
        else:
            why = "Once more: the last session was not clean, or not complete."
    last = attempts[-SESSIONS:]
    if len(last) == SESSIONS and all(_clean(a) and _reached(a, high, high) and not _tired(a) for a in last):
        harder: Proposal | None = "harder" if level < len(step.harder) else None
        return Advice(high, harder, f"{SESSIONS} clean sessions in a row at the full dose, without pain.")
    if len(last) == SESSIONS and all(_far_below(a, low) for a in last):
        return Advice(low, easier, f"{SESSIONS} sessions in a row well below the first dose.")
    return Advice(target, None, why)


def attempt_of(sets: Sequence[tuple[int, Sequence[SideFigures]]], sides: int, effort: int | None) -> Attempt:
    """One session's sets of a step as an attempt.

    Args:
        sets: how many of the planned sets each recorded one shows, and its figures; the sides of one set may be in
            several of them. Of more than one in a recording only the mean is known: the best one had at least as much.
        sides: 2 if both sides have to be done each for itself, else 1.
    """
    best: dict[str | None, float] = {}
    judged = clean = counted = 0
    timed = False
    for shown, figures in sets:
        for f in figures:
            if f.side is None and sides == 2:
                continue
            own = float(ceil(f.counted / shown)) if f.in_form_s is None else f.in_form_s / shown
            timed |= f.in_form_s is not None
            best[f.side] = max(best.get(f.side, 0.0), own)
            judged, clean, counted = judged + f.judged, clean + f.clean, counted + f.counted
    reached = min(best.values()) if len(best) >= sides else 0.0
    # Where fewer than half of the repetitions could be judged, nothing is known of the rest.
    share = clean / judged if judged and 2 * judged >= counted else None
    return Attempt(reached, 1.0 if timed else share, effort)


def _clean(attempt: Attempt) -> bool:
    return attempt.clean is not None and attempt.clean >= 1 - MOST_FAULTY - 1e-9


def _reached(attempt: Attempt, target: float, high: float) -> bool:
    return attempt.reached >= min(target, high) - _ALMOST_S


def _tired(attempt: Attempt) -> bool:
    return attempt.effort is not None and attempt.effort >= _NOT_TIRED_BELOW


def _far_below(attempt: Attempt, low: float) -> bool:
    return attempt.reached < 0.6 * low
