"""What was learned from a demonstration, in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from formcheck.judge.counting import quantity
from formcheck.learn import Learned


def print_learned(console: Console, learned: Learned, named: bool) -> None:
    """Prints what was learned; `named`: the template is where it is found by its name."""
    template, report = learned.template, learned.report
    console.print(Text.assemble("\n", (template.name, "bold"), f"  learned, {template.kind}, {template.posture}"))
    if repetition := template.repetition:
        measure = template.measures[repetition.signal]
        peaks = [r.measures[repetition.signal] for r in report.repetitions if r.counted]
        reached = quantity(sum(peaks) / len(peaks), measure.unit) if peaks else "unseen"
        label = (measure.label or repetition.signal.replace("_", " ")).lower()
        console.print(f"Counts by the {label}, to about {reached}; from {repetition.peak_enter} on it counts.")
        console.print(f"Counted again in the demonstration: {report.counts.total}.")
    else:
        console.print(f"Held again in the demonstration: {report.held_s:.1f} s, {report.in_form_s:.1f} s in good form.")
    if learned.after is not None:
        console.print(
            f"Made after the {learned.after.name.lower()}, as the demonstration surely is one: texts, camera and "
            "faults are taken over. To learn from scratch: --like none"
        )
    if learned.left_out:
        console.print(
            Text.assemble(
                ("! ", "bold yellow"),
                f"Left out, because the demonstration does otherwise: {', '.join(learned.left_out)}.",
            )
        )
    console.print(Text.assemble(("Template: ", "bold"), str(learned.path)), soft_wrap=True)
    name = template.id if named else str(learned.path)
    console.print(f"Read it, edit it, and judge with it: formcheck analyze VIDEO -e {name}", soft_wrap=True)
