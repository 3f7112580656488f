"""What was done of routines, in the history: runs, their turns, what was answered, and levels."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from formcheck.history.store import History, moment_of, text_of

Outcome = Literal["done", "skipped", "pain"]

_LEVELS = TypeAdapter(dict[int, tuple[str, int, float]])

RESUMABLE_S = 12 * 3600.0
"""A routine that was left can be resumed for so long; later, another day has begun."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a run that is over: how, and the number of its set in the history, if there is one."""

    number: int
    outcome: Outcome
    set_id: int | None


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One time of going through a routine.

    Attributes:
        plan: the turns as planned; each has at least "step" (from 0), "exercise" and "level".
        ended_s: seconds since 1970; None if it was left and may be resumed.
        pain, effort: 0 to 10; None if not answered.
    """

    id: int
    routine: str
    person: str
    began: datetime
    plan: tuple[dict[str, Any], ...]
    ended_s: float | None
    pain: int | None
    effort: int | None
    turns: tuple[Turn, ...]

    @property
    def hurt(self) -> bool | None:
        """Whether there was pain; None if nobody said."""
        if self.pain or any(turn.outcome == "pain" for turn in self.turns):
            return True
        return None if self.pain is None else False


def begin(history: History, routine: str, person: str, plan: Sequence[dict[str, Any]]) -> int:
    """A run begins; earlier ones of the same routine that were left open are closed. Gives its number."""
    began = datetime.now().astimezone()
    with history.writing() as connection:
        connection.execute(
            "UPDATE runs SET ended_s = ? WHERE routine = ? AND person = ? AND ended_s IS NULL",
            (began.timestamp(), routine, person),
        )
        number = connection.execute(
            "INSERT INTO runs (routine, person, began, began_s, plan) VALUES (?, ?, ?, ?, ?)",
            (routine, person, began.isoformat(timespec="seconds"), began.timestamp(), json.dumps(list(plan))),
        ).lastrowid
    assert number is not None
    return number


def note_turn(history: History, run: int, number: int, outcome: Outcome, set_id: int | None = None) -> None:
    """A turn is over; noting it again replaces what was noted before."""
    with history.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO turns (run_id, number, outcome, at_s, set_id) VALUES (?, ?, ?, ?, ?)",
            (run, number, outcome, time.time(), set_id),
        )


def answer(history: History, run: int, *, pain: int | None, effort: int | None) -> None:
    """Stores what was answered; None is no answer.

    Raises:
        ValueError: a number is not from 0 to 10.
    """
    for value in (pain, effort):
        if value is not None and not 0 <= value <= 10:
            raise ValueError(f"pain and effort are from 0 to 10, not {value}")
    with history.writing() as connection:
        connection.execute("UPDATE runs SET pain = ?, effort = ? WHERE id = ?", (pain, effort, run))


def end(history: History, run: int) -> None:
    """A run is over and cannot be resumed."""
    with history.writing() as connection:
        connection.execute("UPDATE runs SET ended_s = ? WHERE id = ?", (time.time(), run))


def runs(history: History, person: str, routine: str | None = None) -> list[RunEntry]:
    """What a person did of a routine, or of all, the latest last."""
    where, values = "person = ?", [person]
    if routine is not None:
        where, values = "person = ? AND routine = ?", [person, routine]
    with history.reading() as connection:
        rows = connection.execute(
            "SELECT id, routine, person, began, plan, ended_s, pain, effort FROM runs "
            f"WHERE {where} ORDER BY began_s, id",
            values,
        ).fetchall()
        turns: dict[int, list[Turn]] = {}
        for run_id, *turn in connection.execute(
            f"SELECT run_id, number, outcome, set_id FROM turns WHERE run_id IN (SELECT id FROM runs WHERE {where}) "
            "ORDER BY run_id, number",
            values,
        ):
            turns.setdefault(run_id, []).append(Turn(*turn))
        return [
            _sound(
                RunEntry(
                    number,
                    name,
                    whose,
                    moment_of(began),
                    tuple(json.loads(plan)),
                    ended,
                    pain,
                    effort,
                    tuple(turns.get(number, ())),
                )
            )
            for number, name, whose, began, plan, ended, pain, effort in rows
        ]


_RUN = TypeAdapter(RunEntry)


class _Planned(BaseModel):
    step: Annotated[int, Field(ge=0, le=1000)]
    exercise: str
    level: Annotated[int, Field(ge=-1000, le=1000)]


def _sound(entry: RunEntry) -> RunEntry:
    """The entry, if its values are of their kinds."""
    for turn in entry.plan:
        _Planned.model_validate(turn, strict=True)
    return _RUN.validate_python(asdict(entry))


def persons(history: History) -> list[str]:
    """Who has done a routine."""
    with history.reading() as connection:
        return [text_of(row[0]) for row in connection.execute("SELECT DISTINCT person FROM runs ORDER BY 1")]


def open_run(history: History, person: str, routine: str) -> RunEntry | None:
    """The run that was left and can be resumed."""
    found = runs(history, person, routine)
    if not found or found[-1].ended_s is not None:
        return None
    latest = found[-1]
    return latest if time.time() - latest.began.timestamp() <= RESUMABLE_S else None


def in_pain(found: Sequence[RunEntry]) -> bool:
    """Whether the last that is known about pain is that there was some; a question that was skipped says nothing."""
    known = [run.hurt for run in found if run.hurt is not None]
    return bool(known and known[-1])


def since_pain(found: Sequence[RunEntry]) -> Sequence[RunEntry]:
    """The runs after the last one with pain: what was before it does not count towards more."""
    return found[max((number for number, run in enumerate(found, start=1) if run.hurt), default=0) :]


def levels(history: History, person: str, routine: str) -> dict[int, tuple[str, int, float]]:
    """Level of each step (from 0) that has one: the step's exercise, the level, and since when."""
    with history.reading() as connection:
        rows = connection.execute(
            "SELECT step, exercise, level, since_s FROM levels WHERE person = ? AND routine = ?", (person, routine)
        )
        found = {step: (exercise, level, since) for step, exercise, level, since in rows}
        return _LEVELS.validate_python(found, strict=True)


def set_level(history: History, person: str, routine: str, step: int, exercise: str, level: int) -> None:
    """Sets the level of a step (from 0), from now on."""
    with history.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO levels (person, routine, step, exercise, level, since_s) VALUES (?, ?, ?, ?, ?, ?)",
            (person, routine, step, exercise, level, time.time()),
        )
