"""The history and the progress in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from formcheck.history.figures import SideFigures
from formcheck.history.progress import ExerciseProgress, Series, quantity, said
from formcheck.history.store import SetEntry

_BARS = "▁▂▃▄▅▆▇█"


def print_sets(console: Console, sets: Sequence[SetEntry]) -> None:
    """A table of sets, the latest last."""
    persons = len({entry.person for entry in sets}) > 1
    table = _table("No.", "When", *(["Person"] if persons else []), "Exercise", "Done", "Range", "Took", "From")
    table.columns[0].justify = "right"
    for entry in sets:
        table.add_row(
            str(entry.id),
            entry.began.strftime("%Y-%m-%d %H:%M"),
            *([entry.person] if persons else []),
            entry.name,
            "\n".join(map(done, entry.sides)) or "nothing counted",
            "\n".join(quantity(s.range, s.unit or "") if s.range is not None else "" for s in entry.sides),
            "\n".join(quantity(s.repetition_s, "s") if s.repetition_s is not None else "" for s in entry.sides),
            Path(entry.origin).name if entry.origin else entry.source,
        )
    console.print(table)


def done(side: SideFigures) -> str:
    """What one side did, in words."""
    name = f"{side.side} " if side.side else ""
    if side.held_s is not None:
        return f"{name}{quantity(side.in_form_s or 0.0, 's')} in form of {quantity(side.held_s, 's')}"
    text = f"{name}{side.counted}"
    if side.attempts > side.counted:
        text += f" of {side.attempts}"
    return text + (f", {side.clean} clean" if side.judged == side.counted else f", {side.clean} of {side.judged} clean")


def print_progress(console: Console, found: Sequence[ExerciseProgress]) -> None:
    """Every exercise with what is followed of it."""
    for p in found:
        facts = f"{p.sets} set{'' if p.sets == 1 else 's'}, {p.since} to {p.until}"
        if p.left_out:
            facts += f"; {p.left_out} seen from elsewhere, range left out"
        console.print(Text.assemble("\n", (p.name, "bold"), "  ", (facts, "dim")))
        if not p.series:
            console.print("Nothing was counted or held yet.")
            continue
        table = _table("", "", "By week", "Last", "Since the beginning")
        title = None
        for s in p.series:
            table.add_row(
                s.metric.title if s.metric.title != title else "",
                s.side or "",
                _bars(s),
                quantity(s.weeks[-1].value, s.unit),
                Text(said(s), style="bold" if s.change.verdict in ("more", "less") else ""),
            )
            title = s.metric.title
        console.print(table)
        if p.apart:
            console.print(p.apart)


def _bars(series: Series, most: int = 12) -> str:
    """The latest weeks as small bars from the lowest to the highest; nothing where there is only one."""
    values = [week.value for week in series.weeks][-most:]
    low, high = min(values), max(values)
    if len(values) == 1:
        return ""
    if high == low:
        return _BARS[3] * len(values)
    return "".join(_BARS[round((value - low) / (high - low) * (len(_BARS) - 1))] for value in values)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
