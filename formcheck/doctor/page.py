"""The findings in the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from formcheck.doctor.finding import Finding, State, shareable

_LOOKS: dict[State, tuple[str, str]] = {
    "ok": ("✓", "bold green"),
    "limited": ("–", "bold yellow"),
    "problem": ("✗", "bold red"),
}


def print_findings(console: Console, findings: list[Finding]) -> None:
    """Prints one row a finding, and what it comes down to."""
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        sign, style = _LOOKS[finding.state]
        text = Text(shareable(finding.text))
        if finding.advice:
            text.append(f"\n{shareable(finding.advice)}", style="dim")
        table.add_row(Text(sign, style=style), finding.name, text)
    console.print(table)
    console.print(verdict(findings))


def verdict(findings: list[Finding]) -> str:
    """What the findings come down to."""
    problems = [finding.name for finding in findings if finding.state == "problem"]
    limits = [finding.name for finding in findings if finding.state == "limited"]
    if problems:
        return f"Something needs to be put right first: {', '.join(problems)}."
    if limits:
        return f"Recorded videos can be judged here. Limited: {', '.join(limits)}."
    return "Everything works here."
