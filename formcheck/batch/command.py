"""The command `formcheck batch`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from formcheck.batch.run import Ended

FAILED, USAGE = 1, 2

EPILOG = (
    "[bold]Examples[/]\n\n"
    "formcheck batch videos --out results -e lunge\n\n"
    "formcheck batch list.csv --out results --parquet --jobs 8\n\n"
    "formcheck batch /shared/videos --out /shared/results --engine dask --scheduler tcp://head:8786\n\n"
    "Started again with the same arguments, a batch that was stopped goes on where it was.\n\n"
    "Exit code: 0 all judged, 1 some could not be, 2 the command or the list was not understood."
)


class EngineName(StrEnum):
    """Who does the work."""

    local = "local"
    dask = "dask"
    ray = "ray"


def batch(
    source: Annotated[
        Path, typer.Argument(metavar="FOLDER|LIST.csv", help="A folder of videos, or a list with a column “video”.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where results, table and index go.")],
    exercise: Annotated[
        str | None,
        typer.Option(
            "--exercise",
            "-e",
            metavar="NAME|FILE.toml|auto",
            help="The exercise, where a list does not name it. By default from the names of folders, else recognised.",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, max=256, help="Videos at the same time. By default all cores.")
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Judge again what could not be judged before.")
    ] = False,
    video: Annotated[bool, typer.Option("--video", help="Also write an annotated video of each.")] = False,
    stills: Annotated[bool, typer.Option("--stills", help="Also write a picture of each repetition.")] = False,
    save_track: Annotated[bool, typer.Option("--save-track", help="Also keep the pose tracks.")] = False,
    no_page: Annotated[bool, typer.Option("--no-page", help="Do not write a report page of each.")] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="Write the table as Parquet, too.")] = False,
    comfort: Annotated[
        bool, typer.Option("--comfort", help="Judge by each person's own range of motion instead of the template's.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="lite|full|heavy|FILE", help="Pose model. By default full."),
    ] = None,
    engine: Annotated[EngineName, typer.Option("--engine", help="This machine, or a cluster.")] = EngineName.local,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Address of the dask or ray cluster.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary; errors only.")] = False,
) -> None:
    """Judge many videos, on all cores or a cluster; each gets a folder, all get one table and an index page."""
    from formcheck.batch.items import find_items
    from formcheck.batch.run import Batch
    from formcheck.batch.table import TABLE, require_parquet
    from formcheck.batch.work import Settings
    from formcheck.errors import ListError
    from formcheck.see.model import locate
    from formcheck.see.speed import cores
    from formcheck.show.batch_progress import BatchProgress
    from formcheck.show.terminal import ProgressBar, error

    if parquet:
        require_parquet()
    try:
        items = find_items(source, exercise, without=out)
        if (out / TABLE).exists() and (out / TABLE).samefile(source):
            raise ListError(f"The table in {out} would replace the list {source}. Choose another folder with --out.")
        with ProgressBar("pose model", wanted=not quiet) as bar:
            located = locate(model, progress=bar.fetched)
        settings = Settings(located, comfort, video, stills, save_track, not no_page)
        with (
            Batch(items, out, settings, retry_failed=retry_failed, parquet=parquet) as run,
            BatchProgress(wanted=not quiet) as progress,
        ):
            ended = run.run(jobs=jobs or cores(), engine=engine.value, address=scheduler, told=progress.told)
    except ListError as mistake:
        error(str(mistake))
        raise typer.Exit(USAGE) from None
    if not quiet:
        _summarize(ended, out)
    if ended.failed:
        raise typer.Exit(FAILED)


def _summarize(ended: Ended, out: Path) -> None:
    from formcheck.batch.table import TABLE
    from formcheck.show.results import INDEX
    from formcheck.show.terminal import out as console

    total, failed = len(ended.judged), len(ended.failed)
    kept = f" ({ended.kept} of them in earlier runs)" if ended.kept else ""
    console().print(f"{total - failed} of {total} videos judged{kept}.", soft_wrap=True)
    if failed:
        again = " Try again with --retry-failed." if ended.new < failed else ""
        console().print(f"{failed} could not be judged: see the column “error”.{again}", soft_wrap=True)
    console().print(f"Table: {out / TABLE}   Index: {out / INDEX}", soft_wrap=True)
