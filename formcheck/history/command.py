"""``formcheck history`` and ``formcheck progress``."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from formcheck.errors import HistoryError

if TYPE_CHECKING:
    from formcheck.history.store import History

EMPTY = (
    "There are no such sets in the history. Sets get into it with 'formcheck analyze VIDEO -e NAME --keep', and with "
    "'formcheck history add FOLDER' from results that are there already."
)


class Format(StrEnum):
    """Files that the history can be written to."""

    json = "json"
    csv = "csv"


Exercise = Annotated[str | None, typer.Option("--exercise", "-e", metavar="NAME", help="Only this exercise.")]
Person = Annotated[str | None, typer.Option("--person", metavar="NAME", help="Only this person.")]
Since = Annotated[
    datetime | None, typer.Option("--since", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="From this day on.")
]
Until = Annotated[
    datetime | None, typer.Option("--until", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="To this day.")
]

app = typer.Typer(
    invoke_without_command=True,
    help="Show the sets that were kept; add, export or delete some.",
    epilog="[bold]Examples[/]\n\nformcheck history --exercise lunge --since 2026-01-01\n\n"
    "formcheck history add monday-formcheck\n\nformcheck history export --format csv --out history.csv\n\n"
    "formcheck history delete 12",
)


@app.callback()
def history(
    context: typer.Context,
    exercise: Exercise = None,
    person: Person = None,
    since: Since = None,
    until: Until = None,
    latest: Annotated[int, typer.Option("--latest", min=1, metavar="N", help="The latest N sets.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """Show the sets that were kept, the latest last; `add`, `export` and `delete` do the rest."""
    if context.invoked_subcommand is not None:
        return
    from formcheck.history.export import set_document
    from formcheck.history.store import History
    from formcheck.history.tables import print_sets
    from formcheck.show.terminal import note, out

    with History() as kept:
        sets = kept.sets(**_filters(exercise, person, since, until), latest=latest)
    if as_json:
        typer.echo(json.dumps([set_document(entry) for entry in sets], indent=1))
    elif sets:
        print_sets(_wide(out()), sets)
    else:
        note(EMPTY)


@app.command()
def add(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Folders of results.", show_default=False)],
    person: Annotated[str | None, typer.Option("--person", metavar="NAME", help="Whose sets they are.")] = None,
    when: Annotated[
        datetime | None,
        typer.Option(
            "--date",
            metavar="YYYY-MM-DD[THH:MM]",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            help="When they were done. By default as the recording says.",
        ),
    ] = None,
) -> None:
    """Keep sets that were analyzed earlier. The same recording is kept once: a newer analysis replaces the older."""
    from formcheck.history.keep import keep_folder
    from formcheck.history.store import History
    from formcheck.show.terminal import out

    with History() as kept:
        for folder in folders:
            number, began = keep_folder(kept, folder, person=person, began=when.astimezone() if when else None)
            out().print(f"Kept {folder} as set {number}, of {began:%Y-%m-%d %H:%M}.", soft_wrap=True)


@app.command()
def export(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write here instead of the terminal.")
    ] = None,
    kind: Annotated[
        Format | None,
        typer.Option(
            "--format", "-f", help="json: everything. csv: a row a set and side. By default by FILE's ending."
        ),
    ] = None,
    exercise: Exercise = None,
    person: Person = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write the history for other programs."""
    from formcheck.history.export import as_csv, as_json
    from formcheck.history.store import History
    from formcheck.routine import runs

    wanted = kind or (Format.csv if out is not None and out.suffix.lower() == ".csv" else Format.json)
    with History() as kept:
        sets = kept.sets(**_filters(exercise, person, since, until))
        if wanted is Format.csv:
            text = as_csv(sets)
        else:
            persons = [person] if person is not None else runs.persons(kept)
            done = [run for one in persons for run in runs.runs(kept, one)] if exercise is None else []
            days = (since.date() if since else date.min, until.date() if until else date.max)
            text = as_json(kept, sets, [run for run in done if days[0] <= run.began.date() <= days[1]])
    if out is None:
        sys.stdout.write(text)
        return
    write_file(out, text)
    from formcheck.show.terminal import out as console

    console().print(f"{len(sets)} set{'' if len(sets) == 1 else 's'} written to {out}", soft_wrap=True)


@app.command()
def delete(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="[NUMBER]...", help="Sets, by their numbers.", show_default=False)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of it: sets, routines, what was answered.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete sets for good; nothing of them stays in the database."""
    from formcheck.history.store import History
    from formcheck.history.tables import print_sets
    from formcheck.show.terminal import out

    if bool(numbers) == everything:
        raise typer.BadParameter("Name the numbers of the sets to delete, or --all.")
    with History() as kept:
        if everything:
            count = len(kept.sets())
            _ask(f"Delete the whole history ({count} set{'' if count == 1 else 's'}) for good?", yes)
            kept.delete_all()
            out().print("The history is empty now.")
            return
        assert numbers
        sets = kept.sets(ids=numbers)
        if absent := sorted(set(numbers) - {entry.id for entry in sets}):
            raise HistoryError(
                f"There is no set number {', '.join(map(str, absent))}. Nothing was deleted. "
                "See the numbers with: formcheck history"
            )
        print_sets(_wide(out()), sets)
        _ask(f"Delete {'this set' if len(sets) == 1 else f'these {len(sets)} sets'} for good?", yes)
        gone = kept.delete(numbers)
    out().print(f"{gone} set{'' if gone == 1 else 's'} deleted.")


def progress(
    exercise: Exercise = None,
    person: Person = None,
    since: Since = None,
    until: Until = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.html", help="Write the progress as a page here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, and nothing else.")] = False,
) -> None:
    """Show what has changed over the weeks, as far as it is more than the noise of measuring."""
    from formcheck.history.place import person_or_me
    from formcheck.history.progress import progress as progress_of
    from formcheck.history.progress import progress_document
    from formcheck.history.store import History
    from formcheck.history.tables import print_progress
    from formcheck.show.terminal import FOOTER, note
    from formcheck.show.terminal import out as console

    with History() as kept:
        whose = _whose(kept, person)
        found = progress_of(kept.sets(**_filters(exercise, whose, since, until)))
    if as_json:
        typer.echo(json.dumps(progress_document(found, whose), indent=1))
    elif found:
        print_progress(_wide(console()), found)
    else:
        note(EMPTY)
    if found and out is not None:
        from formcheck.history.page import page

        write_file(out, page(found, person_or_me(whose)))
        if not as_json:
            console().print(f"\nWritten: {out}", soft_wrap=True)
    if found and not as_json:
        console().print(f"\n{FOOTER}", style="dim")


def _whose(kept: History, person: str | None) -> str:
    """Whose progress: as named, else that of the only person there is, else one's own."""
    from formcheck.history.place import person_or_me

    if person is None and len(names := kept.names("person")) == 1:
        return names[0]
    return person_or_me(person)


def write_file(path: Path, text: str) -> None:
    """Writes a text, complete or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    from formcheck.unfinished import UnfinishedFile

    with UnfinishedFile(path) as file:
        file.path.write_bytes(text.encode("utf-8", "replace"))


def _filters(
    exercise: str | None, person: str | None, since: datetime | None, until: datetime | None
) -> dict[str, Any]:
    days: dict[str, date | None] = {
        "since": since.date() if since else None,
        "until": until.date() if until else None,
    }
    return {"exercise": exercise, "person": person, **days}


def _ask(question: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise HistoryError(f"{question} Nothing was deleted: nobody is there to answer. Add --yes if it is meant.")
    typer.confirm(question, abort=True)


def _wide(console: Any) -> Any:
    """What goes into a file or a pipe has room for every column."""
    import os

    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = 160
    return console
