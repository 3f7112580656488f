"""``formcheck compare``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

EPILOG = (
    "[bold]Examples[/]\n\nformcheck compare monday-formcheck friday-formcheck\n\n"
    "formcheck compare monday-formcheck#2 monday-formcheck#7 --out compared.html\n\n"
    "formcheck compare monday-formcheck#left monday-formcheck#right\n\n"
    "formcheck compare 2026-W40 2026-W45 -e lunge\n\nformcheck compare monday.mp4 friday.mp4 -e lunge"
)

Thing = typer.Argument(
    help="A folder of results, a track, a video, a set (set:12) or a week (2026-W45) of the history; #3 behind it: its "
    "third repetition, #left: its left side."
)


def compare(
    a: Annotated[str, Thing],
    b: Annotated[str, Thing],
    exercise: Annotated[
        str | None,
        typer.Option("--exercise", "-e", metavar="NAME|FILE.toml", help="The exercise, where it is not known from A."),
    ] = None,
    person: Annotated[str | None, typer.Option("--person", metavar="NAME", help="Whose weeks.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.html", help="Write the comparison as a page here.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="lite|full|heavy|FILE", help="Pose model. By default full.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, and nothing else.")] = False,
) -> None:
    """Lay two repetitions, recordings or weeks over each other, and say what differs by more than noise."""
    from functools import partial

    from formcheck.analysis import estimated_poses
    from formcheck.catalog import load_template
    from formcheck.compare.difference import compare as compared
    from formcheck.compare.difference import document
    from formcheck.compare.subject import subject
    from formcheck.compare.tables import print_comparison
    from formcheck.show.terminal import FOOTER
    from formcheck.show.terminal import out as console

    poses = partial(estimated_poses, model=model)
    first = subject(a, exercise=exercise, person=person, load=load_template, poses=poses)
    second = subject(b, exercise=exercise or first.exercise, person=person, load=load_template, poses=poses)
    found = compared(first, second)
    if as_json:
        typer.echo(json.dumps(document(found), indent=1))
    else:
        terminal = console()
        if not terminal.is_terminal and "COLUMNS" not in os.environ:
            terminal.width = 160
        print_comparison(terminal, found)
    if out is not None:
        from formcheck.compare.page import page
        from formcheck.history.command import write_file

        write_file(out, page(found))
        if not as_json:
            console().print(f"\nWritten: {out}", soft_wrap=True)
    if not as_json:
        console().print(f"\n{FOOTER}", style="dim")
