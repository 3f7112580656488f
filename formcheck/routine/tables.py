"""Routines in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from formcheck.routine.form import Routine
from formcheck.routine.progression import version_of
from formcheck.routine.runs import RunEntry
from formcheck.routine.station import Station, minutes


def print_routines(console: Console, known: Sequence[tuple[Routine, RunEntry | None]]) -> None:
    """All routines, with when each was done last."""
    table = _table("Routine", "", "Steps", "Days", "Last done")
    for routine, last in known:
        days = ", ".join(day[:3].capitalize() for day in routine.days)
        done = last.began.strftime("%Y-%m-%d") if last else "never"
        table.add_row(routine.id, routine.summary, str(len(routine.steps)), days, done)
    console.print(table)
    console.print("\nBegin one with: formcheck routine NAME. More about it: formcheck routine show NAME")


def print_routine(console: Console, routine: Routine, made: Sequence[Station]) -> None:
    """A routine as it is to be done next."""
    console.print(Text.assemble("\n", (routine.name, "bold"), f"  about {minutes(made, routine.rest_s)} minutes"))
    console.print(routine.summary)
    reasons = list(dict.fromkeys(one.advice.why for one in made))
    table = _table("", "Exercise", "Today", "How", *(["Why"] if len(reasons) > 1 else []))
    for one in made:
        how = ". ".join(text.rstrip(".") for text in (one.step.say, one.say) if text)
        why = [one.advice.why] if len(reasons) > 1 else []
        table.add_row(str(one.number + 1), one.template.name, one.dose, how, *why)
    console.print(table)
    if len(reasons) == 1:
        console.print(reasons[0])
    for one in made:
        if one.advice.proposal is not None:
            console.print(proposed(one))
    console.print(f"Rest between the steps: {routine.rest_s:.0f} s. Days: {', '.join(routine.days)}.")


def proposed(station: Station) -> Text:
    """A proposal in words."""
    word = station.advice.proposal or ""
    version = version_of(station.step, station.level + (1 if word == "harder" else -1))
    what = version.say if version else "as it was at first."
    return Text.assemble((f"{station.template.name}, {word}: ", "bold"), what)


def print_outcome(console: Console, made: Sequence[Station], outcomes: Mapping[int, str]) -> None:
    """How many turns of each step were done."""
    number = 0
    skipped = []
    for one in made:
        own = [outcomes.get(number + i) for i in range(len(one.plan.bouts))]
        number += len(own)
        if "done" not in own:
            skipped.append(one.template.name)
    done = sum(outcome == "done" for outcome in outcomes.values())
    console.print(Text.assemble("\n", (f"{done} of {number} parts done", "bold")))
    if skipped:
        console.print(f"Left out: {', '.join(skipped)}")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
