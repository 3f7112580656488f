"""The command `formcheck doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from formcheck.doctor.finding import Finding, State

SCHEMA = "formcheck.doctor/1"
FAILED = 1

EPILOG = (
    "[bold]Examples[/]\n\n"
    "formcheck doctor\n\n"
    "formcheck doctor --plain > doctor.txt (to be pasted into a bug report; nothing private is in it)\n\n"
    "Exit code: 0 recorded videos can be judged here, 1 something needed for that is missing."
)


def doctor(
    quick: Annotated[
        bool, typer.Option("--quick", help="Only what takes no time: no speed, no cameras, no sound.")
    ] = False,
    aloud: Annotated[bool, typer.Option("--aloud", help="Say something and play a tone.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Plain text, to be pasted into a bug report.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else there.")] = False,
) -> None:
    """Examine this machine: packages, model, speed, cameras, display, speech, sound and folders."""
    from formcheck.doctor.checks import QUICK, SLOW, examine
    from formcheck.show.terminal import out

    checks = QUICK if quick else (*QUICK, *SLOW)
    findings = list(examine(checks, aloud=aloud))
    if as_json:
        typer.echo(to_json(findings))
    elif plain:
        typer.echo(to_text(findings))
    else:
        from formcheck.doctor.page import print_findings

        print_findings(out(), findings)
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(FAILED)


def to_json(findings: list[Finding]) -> str:
    """All findings as JSON: format in ``docs/doctor.md``."""
    import json

    from formcheck.doctor.finding import shareable

    document = {
        "schema": SCHEMA,
        "ok": all(finding.state != "problem" for finding in findings),
        "findings": [
            {"name": f.name, "state": f.state, "text": f.text, "advice": f.advice, "facts": f.facts} for f in findings
        ],
    }
    return shareable(json.dumps(document, indent=1, ensure_ascii=False, default=str))


def to_text(findings: list[Finding]) -> str:
    """All findings as lines of text."""
    from formcheck.doctor.finding import shareable

    words: dict[State, str] = {"ok": "ok", "limited": "limited", "problem": "PROBLEM"}
    lines = []
    for finding in findings:
        lines.append(f"{words[finding.state]:8} {finding.name:10} {finding.text}")
        if finding.advice:
            lines.append(f"{'':19} -> {finding.advice}")
    return shareable("\n".join(lines))
