"""The format of a routine: one TOML file, documented in ``docs/routine.md``.

`parse_routine` checks a whole file and reports every mistake at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from formcheck.errors import RoutineError, TemplateError
from formcheck.judge.template import MOST_TOLD, Interval, Name, Seconds, Template, Text, Words, too_much

MAX_FILE_CHARACTERS = 100_000

COMMANDS = ("check", "easier", "harder", "plan", "run", "show")
"""Words that mean something to ``formcheck routine``, so no routine can have them as its name."""

RoutineName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Count = Annotated[int, Field(ge=1, le=500)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Dose(_Table):
    repetitions: tuple[Count, Count] | None = Field(
        None, description="of each side: begin with the first number, grow to the second"
    )
    hold_s: Interval | None = Field(None, description="seconds of each side: begin with the first, grow to the second")

    @model_validator(mode="after")
    def _grows(self) -> Self:
        for low, high in filter(None, (self.repetitions, self.hold_s)):
            if not 1 <= low <= high <= 3600:
                raise ValueError(f"a dose is two numbers from 1 to 3600, the smaller one first, not [{low}, {high}]")
        return self


class Level(_Dose):
    """A version of a step: easier or harder by one thing."""

    say: Text = Field(description="what is different, in one sentence")
    exercise: Name | None = Field(None, description="another exercise takes its place")
    comfort: bool = Field(False, description="judge by the person's own range")


class Step(_Dose):
    """One exercise of a routine."""

    exercise: Name
    sets: Annotated[int, Field(ge=1, le=20)] = 1
    sides: Literal["each", "alternate", "left", "right"] | None = Field(
        None, description="for exercises that work one side at a time; by default each, or in turn where that is usual"
    )
    rest_s: Seconds = Field(45.0, description="between its sets")
    variants: dict[Name, Name] = Field(default_factory=dict)
    comfort: bool = False
    say: Words | None = Field(None, description="said before it begins")
    easier: tuple[Level, ...] = Field((), description="easier versions, the first one is the next easier")
    harder: tuple[Level, ...] = Field((), description="harder versions, the first one is the next harder")


class Routine(_Table):
    """Steps in their order."""

    schema_version: Literal[1] = Field(alias="schema", description="version of this format")
    id: RoutineName = Field(description="the file's name")
    name: Text
    summary: Text
    days: tuple[Day, ...] = Field(
        ("monday", "wednesday", "friday"), min_length=1, description="days of the week's plan"
    )
    rest_s: Seconds = Field(20.0, description="between the steps")
    sources: tuple[Text, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1, max_length=40)


Load = Callable[[str], Template]
"""Finds the template of an exercise; raises TemplateError."""


def parse_routine(text: str, source: str, load: Load) -> Routine:
    """Checks and reads one routine.

    Args:
        text: the TOML text.
        source: what to call it in messages, usually its path.
        load: finds templates (`formcheck.catalog.load_template`).

    Raises:
        RoutineError: with every mistake found, each with its place.
    """
    if len(text) > MAX_FILE_CHARACTERS:
        raise RoutineError(f"{source}: a routine may have at most {MAX_FILE_CHARACTERS:,} characters.")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also of numbers with thousands of digits
        raise RoutineError(f"{source}: not valid TOML: {error}") from None
    if (reason := too_much(data)) is not None:
        raise RoutineError(f"{source}: {reason}; no routine needs that.")
    mistakes: list[str] = []
    routine = None
    try:
        routine = Routine.model_validate(data)
    except ValidationError as error:
        mistakes += [f"{_place(e['loc'])}{_explain(e)}" for e in error.errors(include_url=False)]
    if data.get("id") in COMMANDS:
        mistakes.append(f"id: {data['id']!r} is a command; choose another name")
    steps = data.get("steps")
    for number, raw in enumerate(steps if isinstance(steps, list) else (), start=1):
        try:
            step = Step.model_validate(raw)
        except ValidationError:  # told above; what refers to exercises is checked where the rest is right
            continue
        mistakes += [f"steps[{number}]{where}: {what}" for where, what in _misfits(step, load)]
    if mistakes or routine is None:
        told = mistakes[:MOST_TOLD] + ([f"and {len(mistakes) - MOST_TOLD} more"] if len(mistakes) > MOST_TOLD else [])
        listed = "".join(f"\n  {mistake}" for mistake in told)
        raise RoutineError(f"{source} has {len(mistakes)} mistake{'' if len(mistakes) == 1 else 's'}:{listed}")
    return routine


def _misfits(step: Step, load: Load) -> Iterator[tuple[str, str]]:
    """What does not fit the exercises that a step names."""
    template = None
    try:
        template = load(step.exercise)
    except TemplateError as error:
        yield ".exercise", str(error)
    if template is not None:
        yield from (("", what) for what in _misfit(step, template))
        if step.sides is not None and template.sides is None:
            yield ".sides", f"{template.name} does not work one side at a time"
        elif step.sides == "alternate" and template.sides is not None and not template.sides.alternate:
            yield ".sides", f"{template.name} is done one side after the other: each, left or right"
        for key, value in step.variants.items():
            if value not in template.variants.get(key, ()):
                known = ", ".join(f"{k} = {v}" for k, values in template.variants.items() for v in values)
                yield f".variants.{key}", f"{template.name} has no variant {value!r}; it has: {known or 'none'}"
    for name in ("easier", "harder"):
        for number, level in enumerate(getattr(step, name), start=1):
            other = template
            if level.exercise is not None:
                try:
                    other = load(level.exercise)
                except TemplateError as error:
                    yield f".{name}[{number}].exercise", str(error)
                    continue
            if other is not None:
                yield from ((f".{name}[{number}]", what) for what in _misfit(level, other))


def _misfit(dose: Step | Level, template: Template) -> Iterator[str]:
    if template.kind == "hold" and dose.repetitions is not None:
        yield f"{template.name} is held: give hold_s, not repetitions"
    if template.kind == "repetitions" and dose.hold_s is not None:
        yield f"{template.name} is counted: give repetitions, not hold_s"


def _place(path: tuple[int | str, ...]) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return f"{text.lstrip('.')}: " if text else ""


def _explain(error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "unknown key"
        case "missing":
            return "is missing"
        case "string_pattern_mismatch":
            return f"{error['input']!r} is no name: small letters, digits and - or _ between them"
    return str(error["msg"]).removeprefix("Value error, ")
