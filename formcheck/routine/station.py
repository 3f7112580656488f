"""A routine made ready for a person: each step with its level, its dose of today, and its bouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from formcheck.history.figures import SideFigures
from formcheck.history.store import History
from formcheck.judge.template import Template
from formcheck.live.plan import Bout, Plan, Sides, plan_for
from formcheck.routine import runs
from formcheck.routine.form import Routine, Step
from formcheck.routine.progression import Advice, Attempt, advise, attempt_of, dose_of, version_of
from formcheck.routine.runs import RunEntry

SECONDS_A_REPETITION = 4.0
"""For the length of a routine: 2 s out, 2 s back, as doses are meant [specification 2.10]."""

GETTING_READY_S = 20.0
"""... and for getting into position."""


@dataclass(frozen=True, slots=True)
class Station:
    """One step of a routine as it is to be done today.

    Attributes:
        number: of the step, from 0.
        step: as the routine has it.
        template: the exercise; at some levels another one than the step's.
        level: 0 for the step as it is, above for harder, below for easier versions.
        say: what is different at this level; "" if nothing.
        plan: its bouts.
        advice: why this dose, and whether another version is due.
    """

    number: int
    step: Step
    template: Template
    level: int
    say: str
    plan: Plan
    advice: Advice

    @property
    def comfort(self) -> bool:
        """Whether it is judged by the person's own range."""
        version = version_of(self.step, self.level)
        return self.step.comfort or (version is not None and version.comfort)

    @property
    def dose(self) -> str:
        """What is to be done: "2 × 12 repetitions each side"."""
        bout = self.plan.bouts[0]
        text = bout.dose
        if any(b.side for b in self.plan.bouts):
            chosen = {b.side for b in self.plan.bouts}
            text += " each side" if len(chosen) == 2 else f", {bout.side} side"
        return f"{bout.sets} × {text}" if bout.sets > 1 else text

    @property
    def seconds(self) -> float:
        """About how long it takes, rests between its sets included."""
        total = GETTING_READY_S
        for index, bout in enumerate(self.plan.bouts):
            work = bout.hold_s if bout.hold_s is not None else SECONDS_A_REPETITION * (bout.repetitions or 0)
            total += work * (2 if bout.alternate else 1) + self.plan.rest_before(index)
            total += GETTING_READY_S / 2 if index else 0.0
        return total


Load = Callable[[str], Template]


def stations(routine: Routine, history: History, person: str, load: Load) -> tuple[Station, ...]:
    """The steps of a routine as they are to be done next.

    Raises:
        TemplateError: an exercise is unknown.
        HistoryError: the history cannot be read.
    """
    every = runs.runs(history, person)  # pain in another routine counts as well
    before = [run for run in runs.since_pain(every) if run.routine == routine.id]
    sides = _sides_of(history, before)
    chosen = runs.levels(history, person, routine.id)
    pain = runs.in_pain(every)
    made = []
    for number, step in enumerate(routine.steps):
        exercise, level, since = chosen.get(number, (step.exercise, 0, 0.0))
        if exercise != step.exercise:  # the routine was changed: what was chosen was another step
            level, since = 0, 0.0
        level = max(-len(step.easier), min(len(step.harder), level))
        template = load(_exercise(step, level))
        attempts = _attempts(before, sides, number, template, level, since, _sides_to_do(step, template))
        dose = dose_of(step, level, _usual(template))
        advice = advise(step, level, dose, attempts, pain=pain)
        made.append(station(number, step, template, level, advice))
    return tuple(made)


def station(number: int, step: Step, template: Template, level: int, advice: Advice) -> Station:
    """A step with a dose."""
    version = version_of(step, level)
    timed = template.kind == "hold"
    plan = plan_for(
        template,
        repetitions=None if timed else int(advice.target),
        hold_s=advice.target if timed else None,
        sides=_sides(step, template),
        sets=step.sets,
        rest_s=step.rest_s,
    )
    return Station(number, step, template, level, version.say if version else "", plan, advice)


def turns_of(made: Sequence[Station]) -> list[tuple[Station, Bout]]:
    """Every bout of a routine in its order: their places in this list are the numbers of the turns."""
    return [(one, bout) for one in made for bout in one.plan.bouts]


def plan_document(made: Sequence[Station]) -> list[dict[str, Any]]:
    """The turns as the history keeps them."""
    return [
        {
            "step": one.number,
            "exercise": one.template.id,
            "level": one.level,
            "target": one.advice.target,
            "set": bout.number,
            "side": bout.side,
        }
        for one, bout in turns_of(made)
    ]


def resumed(routine: Routine, run: RunEntry, load: Load) -> tuple[Station, ...] | None:
    """The stations of a run that was left, with the doses that it began with; None if the routine was changed since."""
    made = []
    seen: dict[int, dict[str, Any]] = {}
    for turn in run.plan:
        seen.setdefault(turn["step"], turn)
    for number, turn in seen.items():
        if number >= len(routine.steps) or _exercise(routine.steps[number], turn["level"]) != turn["exercise"]:
            return None
        advice = Advice(turn["target"], None, "As it was begun.")
        step = routine.steps[number]
        made.append(station(number, step, load(turn["exercise"]), turn["level"], advice))
    return tuple(made) if plan_document(made) == list(run.plan) else None


def minutes(made: Sequence[Station], rest_s: float) -> int:
    """About how long a routine takes."""
    return max(1, round((sum(one.seconds for one in made) + rest_s * (len(made) - 1)) / 60))


def _exercise(step: Step, level: int) -> str:
    version = version_of(step, level)
    return version.exercise if version is not None and version.exercise is not None else step.exercise


def _usual(template: Template) -> tuple[float, float]:
    dose = template.dose.hold_s if template.kind == "hold" else template.dose.repetitions
    return (float(dose[0]), float(dose[1])) if dose else ((30.0, 60.0) if template.kind == "hold" else (10.0, 15.0))


def _sides(step: Step, template: Template) -> Sides | None:
    """The sides of a step, as far as its exercise can: an easier or harder one may work both at once."""
    if template.sides is None or (step.sides == "alternate" and not template.sides.alternate):
        return None
    return step.sides


def _sides_to_do(step: Step, template: Template) -> int:
    return 2 if template.sides is not None and step.sides not in ("left", "right") else 1


def _sides_of(history: History, before: Sequence[RunEntry]) -> dict[int, tuple[SideFigures, ...]]:
    wanted = [turn.set_id for run in before for turn in run.turns if turn.set_id is not None]
    return {entry.id: entry.sides for entry in history.sets(ids=wanted)} if wanted else {}


def _attempts(
    before: Sequence[RunEntry],
    sides: Mapping[int, tuple[SideFigures, ...]],
    number: int,
    template: Template,
    level: int,
    since: float,
    sides_to_do: int,
) -> list[Attempt]:
    """The sessions of a step at its level, one a day, the latest last.

    One that left out the step, or a side of it, says nothing about how hard it is.
    """
    by_day: dict[date, Attempt] = {}
    for run in before:
        if run.began.timestamp() < since:
            continue
        same = {
            i
            for i, turn in enumerate(run.plan)
            if (turn["step"], turn["exercise"], turn["level"]) == (number, template.id, level)
        }
        done = [turn for turn in run.turns if turn.number in same and turn.outcome == "done"]
        if not done or {run.plan[turn.number].get("side") for turn in done} < {run.plan[i].get("side") for i in same}:
            continue
        shown: dict[int, set[int | None]] = {}
        for turn in done:
            if turn.set_id is not None:
                shown.setdefault(turn.set_id, set()).add(run.plan[turn.number].get("set"))
        by_day[run.began.date()] = attempt_of(
            [(len(numbers), sides.get(i, ())) for i, numbers in shown.items()], sides_to_do, run.effort
        )
    return list(by_day.values())
