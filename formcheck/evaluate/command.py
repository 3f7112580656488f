"""What `formcheck evaluate` does, once its arguments are understood."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from formcheck.evaluate.baseline import Comparison, compare_with
from formcheck.evaluate.document import evaluation_document, read_results, write_baseline, write_text
from formcheck.evaluate.suite import Evaluation, Told, evaluate
from formcheck.evaluate.tables import print_comparison, print_evaluation
from formcheck.show.terminal import err, note, out

JSON = "evaluation.json"
PAGE = "evaluation.html"


def run(
    truths: list[Path],
    *,
    only: list[str],
    exercises: list[str],
    cross: bool,
    folder: Path | None,
    baseline: Path | None,
    update: bool,
    jobs: int,
    model: str | None,
    as_json: bool,
    quiet: bool,
) -> bool:
    """Evaluates, prints and writes; gives whether all went well: nothing failed, and nothing is worse than before.

    Raises:
        FormcheckError: truth, templates, model or baseline cannot be used, or results cannot be written.
    """
    known = read_results(baseline) if baseline is not None and (baseline.exists() or not update) else None
    with _progress(wanted=not quiet) as told:
        evaluation = evaluate(truths, only=only, exercises=exercises, cross=cross, model=model, jobs=jobs, told=told)
    comparison = None if known is None else compare_with(known, evaluation.results)
    document = _document(evaluation, comparison)
    if as_json:
        out().print(json.dumps(document, indent=1), soft_wrap=True)
    elif not quiet:
        for text in evaluation.notes:
            note(text)
        print_evaluation(_wide(), evaluation)
    if comparison is not None and not as_json and (comparison.worse or not quiet):
        print_comparison(out(), comparison)
    if folder is not None:
        from formcheck.evaluate.page import page

        write_text(folder / JSON, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        write_text(folder / PAGE, page(evaluation, comparison))
        if not (quiet or as_json):
            out().print(f"Written: {folder / JSON}, {folder / PAGE}", soft_wrap=True)
    if baseline is not None and update:
        write_baseline(baseline, evaluation.results)
        if not quiet:
            note(f"{baseline} holds these results now.")
    worse = comparison is not None and bool(comparison.worse) and not update
    return not (worse or evaluation.failed)


def _wide() -> Console:
    """The console for tables: what goes into a file or a pipe has room for every column."""
    console = out()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = 200
    return console


def _document(evaluation: Evaluation, comparison: Comparison | None) -> dict[str, Any]:
    document = evaluation_document(evaluation)
    if comparison is not None:
        document["baseline"] = {
            "compared": comparison.compared,
            "new": comparison.new,
            "absent": comparison.absent,
            "worse": [
                {"where": w.where, "figure": w.figure, "before": w.before, "now": w.now} for w in comparison.worse
            ],
        }
    return document


@contextmanager
def _progress(*, wanted: bool) -> Iterator[Told | None]:
    """A line on stderr, where that is a terminal."""
    console = err()
    if not (wanted and console.is_terminal):
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), MofNCompleteColumn())
    with Progress(*columns, console=console, auto_refresh=False, transient=True) as bar:
        task = bar.add_task("clips", total=None)

        def told(done: int, of: int, name: str) -> None:
            bar.update(task, completed=done, total=of, description=name)
            bar.refresh()

        yield told
