"""A comparison in the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from formcheck.compare.difference import MIDDLE, Comparison, MeasureDifference, where
from formcheck.compare.subject import Subject
from formcheck.history.progress import quantity

PHASE_WORDS = {"moving": "way out", "peak": "peak", "returning": "way back", "repetition": "whole"}


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Both, what differs, and what is beyond noise."""
    a, b = comparison.a, comparison.b
    console.print(Text.assemble("\n", (a.name, "bold")))
    console.print(Text.assemble(("A: ", "bold"), about(a)))
    console.print(Text.assemble(("B: ", "bold"), about(b)))
    for note in comparison.notes:
        console.print(Text.assemble(("! ", "bold yellow"), note))
    middle = "Middle" if a.kind == "hold" else "Peak"
    table = _table("Measure", f"{middle}, A", "B", "Greatest difference", "At", "")
    for m in comparison.measures:
        table.add_row(
            title(m),
            value(float(m.a[MIDDLE]), m.unit),
            value(float(m.b[MIDDLE]), m.unit),
            signed(m.greatest, m.unit),
            where(m.at or 0.0, a.kind),
            verdict(m),
            style="bold" if m.beyond else None,
        )
    console.print(table)
    if comparison.times:
        times = _table("Seconds", "A", "B", "")
        for t in comparison.times:
            word = "beyond noise" if t.beyond else "within noise"
            times.add_row(PHASE_WORDS[t.phase], f"{t.a:.1f}", f"{t.b:.1f}", word, style="bold" if t.beyond else None)
        console.print(times)
    console.print(summary(comparison))


def about(s: Subject) -> str:
    """What a subject is, in words."""
    thing = "hold" if s.kind == "hold" else "repetition"
    text = f"{s.label}: {s.count} {thing}{'' if s.count == 1 else 's'}"
    if s.side:
        text += f", {s.side} side"
    if s.sessions > 1:
        text += f", {s.sessions} days"
    return f"{text}, seen from the {s.view}" if s.view != "unknown" else text


def title(m: MeasureDifference) -> str:
    """Name of a measure."""
    return m.label or m.name.replace("_", " ").capitalize()


def value(number: float, unit: str) -> str:
    """A value, or a dash."""
    return quantity(number, unit) if number == number else "–"


def signed(number: float, unit: str) -> str:
    """A difference with its sign."""
    return f"{'+' if number >= 0 else '−'}{quantity(abs(number), unit)}"


def verdict(m: MeasureDifference) -> str:
    """Whether a difference is one."""
    if m.noise is None:
        return "not judged"
    limit = quantity(m.limit, m.unit)
    if m.beyond:
        return f"beyond noise ({limit})"
    return f"only for a moment (noise {limit})" if abs(m.greatest) > m.limit else f"within noise ({limit})"


def summary(comparison: Comparison) -> str:
    """One sentence for all."""
    real = [m for m in comparison.measures if m.beyond]
    slow = [t for t in comparison.times if t.beyond]
    if comparison.occasion is None:
        return "No difference is called real."
    if not real and not slow:
        return "Nothing differs by more than the noise of measuring."
    parts = []
    for m in real:
        word = "more" if m.greatest > 0 else "less"
        at = where(m.at or 0.0, comparison.a.kind)
        parts.append(f"{title(m)}: about {quantity(abs(m.greatest), m.unit)} {word} in B ({at})")
    parts += [
        f"{PHASE_WORDS[t.phase]}: {abs(t.b - t.a):.1f} s {'longer' if t.b > t.a else 'shorter'} in B" for t in slow
    ]
    return "; ".join(parts) + "."


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
