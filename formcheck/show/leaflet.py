"""Exercises in the terminal: the list of all, and one explained."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from formcheck.judge.counting import quantity
from formcheck.judge.template import Dose, Fault, Measure, Template

_KIND = {"repetitions": "counted", "hold": "held"}
_VIEW = {"side": "from the side", "oblique": "at an angle", "front": "from the front", "any": "in any view"}
_SURE = {"A": "plain to see", "B": "against your own start", "C": "weak sign, a tip at most"}

_REFERENCES = re.compile(r" \[[A-Z][^]]*\]")
"""Where a number comes from, in the author's remarks: of no use in the gym."""


def print_exercises(console: Console, templates: Iterable[Template]) -> None:
    """Prints one line an exercise."""
    table = _table("Exercise", "Name", "", "What it is")
    for template in templates:
        table.add_row(Text(template.id, "bold"), template.name, _KIND[template.kind], template.summary)
    console.print(table)


def print_exercise(console: Console, template: Template) -> None:
    """Prints all that a person needs to know about one exercise before doing it in front of a camera."""
    console.print(Text.assemble((template.name, "bold"), f"  ({template.id}, {_KIND[template.kind]})"))
    console.print(template.summary)
    _list(console, "How to do it", (f"{n}. {text}" for n, text in enumerate(template.instructions, start=1)))
    _list(console, "Where to put the camera", _camera(template))
    _list(console, "How much", _dose(template))
    targets = [m for m in template.measures.values() if m.label and m.target]
    if targets:
        _section(console, "What to aim at", _targets(targets))
    if template.faults:
        _section(console, "What is corrected", _faults(template.faults))
    _list(console, "What the camera cannot see", (f"– {text}" for text in template.cannot_see))
    variants = (f"--variant {key}={value}" for key, values in template.variants.items() for value in values)
    _list(console, "Variants", variants)
    _list(console, "Safety", (f"– {text}" for text in template.safety))
    _list(console, "Sources", ["; ".join(template.sources)] if template.sources else [])


def _camera(template: Template) -> Iterable[str]:
    camera = template.camera
    yield camera.advice
    facts = [f"Best seen {_VIEW[camera.view]}"]
    if camera.height_m:
        facts.append(f"height {camera.height_m[0]:g}–{camera.height_m[1]:g} m")
    if camera.distance_m:
        facts.append(f"distance {camera.distance_m[0]:g}–{camera.distance_m[1]:g} m")
    if camera.orientation != "any":
        facts.append(f"{camera.orientation} format")
    yield "; ".join(facts) + "."


def _dose(template: Template) -> Iterable[str]:
    if text := _amount(template.dose):
        yield text
    if template.hold and template.hold.targets_s:
        yield "To aim at: " + ", ".join(f"{name} {seconds:g} s" for name, seconds in template.hold.targets_s.items())
    if template.easier:
        yield f"Easier: {template.easier}"
    if template.harder:
        yield f"Harder: {template.harder}"


def _amount(dose: Dose) -> str:
    parts = []
    if dose.repetitions:
        parts.append(f"{dose.repetitions[0]}–{dose.repetitions[1]} repetitions")
    if dose.hold_s:
        parts.append(f"hold {dose.hold_s[0]:g}–{dose.hold_s[1]:g} s")
    if not parts:
        return ""
    each = " on each side" if dose.per_side else ""
    return f"{', '.join(parts)}{each}, {dose.sets} {'set' if dose.sets == 1 else 'sets'}"


def _targets(measures: list[Measure]) -> Table:
    table = _table("Measure", "Target", "")
    for measure in measures:
        assert measure.target is not None
        low, high = measure.target
        band = f"{low:.0f} to {high:.0f}°" if measure.unit == "deg" else f"{low:g} to {quantity(high, measure.unit)}"
        table.add_row(measure.label or "", band, _REFERENCES.sub("", measure.about or ""))
    return table


def _faults(faults: Iterable[Fault]) -> Table:
    table = _table("Cue", "Why", "Seen", "How sure")
    table.columns[1].min_width = 30
    for fault in faults:
        table.add_row(fault.cue, fault.why, _VIEW[fault.view], _SURE[fault.measurable])
    return table


def _list(console: Console, title: str, lines: Iterable[str]) -> None:
    texts = [Text(line) for line in lines]
    if texts:
        _section(console, title, Group(*texts))


def _section(console: Console, title: str, content: Table | Group) -> None:
    console.print(Text(f"\n{title}", "bold"))
    console.print(Padding(content, (0, 0, 0, 2)))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
