"""The command line. Everything heavy is imported by the command that needs it, so that ``--help`` answers at once."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from formcheck.batch import command as batch_command
from formcheck.compare import command as compare_command
from formcheck.doctor import command as doctor_command
from formcheck.errors import FormcheckError, TemplateError, TruthError
from formcheck.history.command import app as history_app
from formcheck.history.command import progress
from formcheck.live import command as live_command
from formcheck.routine.command import app as routine_app
from formcheck.stopping import Stopped, stopping_on_signals
from formcheck.version import __version__

if TYPE_CHECKING:
    from formcheck.judge.report import Report
    from formcheck.judge.template import Template
    from formcheck.see.model import ModelFile

FAILED, USAGE = 1, 2
"""Exit codes, besides 0: something could not be done; the command was not understood. Signals give 128 + number."""


class Side(StrEnum):
    """A side of the person's own body."""

    left = "left"
    right = "right"


class Kind(StrEnum):
    """What a demonstration shows."""

    repetitions = "repetitions"
    hold = "hold"


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Check exercise form in recorded videos: counts repetitions, times holds, shows what to correct. "
    "Everything happens on this machine; no video leaves it.",
    epilog="[bold]Examples[/]\n\n"
    "formcheck exercises\n\n"
    "formcheck show lunge\n\n"
    "formcheck analyze monday.mp4 -e lunge\n\n"
    "General exercise guidance, not a medical device.",
)

_Exercise = Annotated[
    str | None,
    typer.Option(
        "--exercise",
        "-e",
        metavar="NAME|FILE.toml|auto",
        help="Which exercise it is: a known one, or your own template. Without it, or with auto, it is recognised.",
    ),
]
_SideOption = Annotated[
    Side | None, typer.Option("--side", help="The side that works, if it is only one. Otherwise it is found.")
]
_Comfort = Annotated[
    bool, typer.Option("--comfort", help="Judge by the person's own range of motion instead of the template's.")
]
_Hold = Annotated[float | None, typer.Option("--hold", metavar="SECONDS", help="How long to hold, for the clock.")]
_Variant = Annotated[
    list[str] | None,
    typer.Option("--variant", metavar="KEY=VALUE", help="Variant of the exercise, see 'formcheck show'. Repeatable."),
]
_NoPage = Annotated[bool, typer.Option("--no-page", help="Do not write the page report.html.")]
_Export = Annotated[
    str | None,
    typer.Option("--export", metavar="trc,mot,parquet", help="Also write files for OpenSim, Pose2Sim, pandas …"),
]
_Height = Annotated[
    float | None,
    typer.Option("--height", metavar="METRES", min=0.5, max=2.6, help="The person's height, for the scale of trc."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout, and nothing else there.")]
_Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No summary and no progress; errors only.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"formcheck {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(
    epilog="[bold]Examples[/]\n\n"
    "formcheck analyze monday.mp4 -e bridge\n\n"
    "formcheck analyze monday.mp4 (which exercise it is, is recognised)\n\n"
    "formcheck analyze *.mp4 -e lunge --out results --no-video\n\n"
    "formcheck analyze hold.mov -e plank_forearm --hold 60 --json > hold.json\n\n"
    "Exit code: 0 all analyzed, 1 some failed, 2 the command was not understood."
)
def analyze(
    videos: Annotated[
        list[Path],
        # One that may not be read must not keep the others from being analyzed: it is told when its turn comes.
        typer.Argument(metavar="VIDEO...", help="Recorded videos.", show_default=False, readable=False),
    ],
    exercise: _Exercise = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FOLDER",
            help="Where the results go; several videos get a folder each in it. Results of an earlier analysis there "
            "are replaced. By default VIDEO-formcheck in the current folder.",
        ),
    ] = None,
    no_video: Annotated[bool, typer.Option("--no-video", help="Do not write the annotated video.")] = False,
    no_stills: Annotated[bool, typer.Option("--no-stills", help="Do not write a picture of each repetition.")] = False,
    save_track: Annotated[
        bool, typer.Option("--save-track", help="Also keep the pose track, for 'formcheck replay'.")
    ] = False,
    no_page: _NoPage = False,
    embed_video: Annotated[
        bool, typer.Option("--embed-video", help="Put the video into report.html, to give the page away alone.")
    ] = False,
    export: _Export = None,
    height: _Height = None,
    side: _SideOption = None,
    comfort: _Comfort = False,
    hold: _Hold = None,
    variant: _Variant = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="lite|full|heavy|FILE", help="Pose model. By default full."),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            max=64,
            help="Processes that work on one video of more than a minute; the results are the same. By default 1: each "
            "takes up to 700 MB and a core, and many short videos are faster with 'formcheck batch'.",
        ),
    ] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the set in the history, see 'formcheck history'.")] = False,
    person: Annotated[
        str | None, typer.Option("--person", metavar="NAME", help="Whose set it is, in the history.")
    ] = None,
    as_json: _Json = False,
    quiet: _Quiet = False,
) -> None:
    """Judge recorded videos: count or time, say what to correct, and write an annotated video and a report.

    Without -e the exercise is recognised; if that is not sure, the closest ones are told and nothing is judged.
    """
    template, options = _judging(exercise, side, comfort, hold, variant)
    exports = _exports(export)
    from formcheck.analysis import analyze as analyze_video
    from formcheck.show.results import INDEX, folders_for
    from formcheck.show.terminal import ProgressBar

    talks = not (quiet or as_json)
    located = _locate(model, videos, quiet)
    reports: list[dict[str, Any]] = []
    done: list[Path] = []
    kept = True
    for number, (video, folder) in enumerate(zip(videos, folders_for(videos, out), strict=True), start=1):
        label = video.name if len(videos) == 1 else f"{number}/{len(videos)} {video.name}"
        try:
            with ProgressBar(label, wanted=not quiet) as bar:
                report = analyze_video(
                    video,
                    template,
                    **options,
                    model=located,
                    out=folder,
                    save_video=not no_video,
                    save_stills=not no_stills,
                    save_track=save_track,
                    save_page=not no_page,
                    embed_video=embed_video,
                    exports=exports,
                    height_m=height,
                    jobs=jobs,
                    progress=bar.analyzed,
                )
        except (Stopped, KeyboardInterrupt) as stop:
            _tell_stopped(video, done)
            raise typer.Exit(stop.code if isinstance(stop, Stopped) else 128 + signal.SIGINT) from None
        except Exception as failure:
            message = _failed(video, failure)
            reports.append({"video": {"path": os.fspath(video)}, "error": message})
            continue
        done.append(folder)
        reports.append(report.to_dict())
        if talks:
            _summarize(report, template, folder)
        if keep:
            from formcheck.history.keep import keep_analyzed

            kept &= keep_analyzed(folder, person, video=video, quiet=not talks)
    if len(videos) > 1 and out is not None and not no_page and done:
        from formcheck.report_page.index import index_rows, write_index

        write_index(out / INDEX, index_rows(videos, folders_for(videos, out), reports))
    if as_json:
        _print_json(reports[0] if len(videos) == 1 else reports)
    elif talks and done:
        _footer()
    if len(done) < len(videos) or not kept:
        raise typer.Exit(FAILED)


@app.command(epilog="[bold]Example[/]\n\nformcheck replay monday-formcheck/monday.track.npz -e lunge --comfort")
def replay(
    track: Annotated[Path, typer.Argument(metavar="TRACK", help="A track written by 'analyze --save-track'.")],
    exercise: _Exercise = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Where results go. By default: nowhere.")
    ] = None,
    no_page: _NoPage = False,
    export: _Export = None,
    height: _Height = None,
    side: _SideOption = None,
    comfort: _Comfort = False,
    hold: _Hold = None,
    variant: _Variant = None,
    as_json: _Json = False,
    quiet: _Quiet = False,
) -> None:
    """Judge a saved pose track again, without the video and the pose model, in no time."""
    template, options = _judging(exercise, side, comfort, hold, variant)
    exports = _exports(export)
    from formcheck.analysis import replay as replay_track

    report = replay_track(track, template, **options, out=out, save_page=not no_page, exports=exports, height_m=height)
    if as_json:
        _print_json(report.to_dict())
    elif not quiet:
        _summarize(report, template, out)
        _footer()


@app.command(
    epilog="[bold]Examples[/]\n\n"
    "formcheck evaluate mine/truth.json\n\n"
    "formcheck evaluate samples/clips --out accuracy --baseline tests/accuracy/baseline.json\n\n"
    "Exit code: 0 evaluated and nothing worse than the baseline, 1 something is worse or a clip could not be read, "
    "2 a truth file or the command was not understood."
)
def evaluate(
    truths: Annotated[
        list[Path],
        typer.Argument(metavar="TRUTH...", help="Truth files, or folders with some.", show_default=False),
    ],
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="PATTERN", help="Only clips of this name, such as 'lunge*'.")
    ] = None,
    exercise: Annotated[
        list[str] | None,
        typer.Option("--exercise", "-e", metavar="NAME|FILE.toml", help="Judge only as this exercise. Repeatable."),
    ] = None,
    cross: Annotated[
        bool, typer.Option("--cross", help="Judge every clip as every other exercise, too: nothing should count.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Write evaluation.json and the page evaluation.html here."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Fail if a figure is worse than in this file.")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write the results into the baseline instead of failing.")
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Clips to work on at the same time.")] = 1,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="lite|full|heavy|FILE", help="Pose model. By default full."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the evaluation as JSON, and nothing else.")] = False,
    quiet: _Quiet = False,
) -> None:
    """Measure how accurate the judging is, on clips whose truth is known."""
    if update_baseline and baseline is None:
        _usage("--update-baseline needs --baseline FILE, the file to write.")
    from formcheck.evaluate.command import run

    well = run(
        truths,
        only=only or [],
        exercises=exercise or [],
        cross=cross,
        folder=out,
        baseline=baseline,
        update=update_baseline,
        jobs=jobs,
        model=model,
        as_json=as_json,
        quiet=quiet,
    )
    if not well:
        raise typer.Exit(FAILED)


@app.command(
    epilog="[bold]Examples[/]\n\n"
    "formcheck learn my_lunge demo.mp4 --like lunge\n\n"
    "formcheck learn deep_squat monday-formcheck/monday.track.npz"
)
def learn(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new exercise: small letters, digits and _.")],
    demonstration: Annotated[
        Path,
        typer.Argument(metavar="DEMO", help="A video, or a pose track, of three good repetitions or more, or a hold."),
    ],
    like: Annotated[
        str | None,
        typer.Option(
            "--like",
            metavar="EXERCISE",
            help="Take over its texts, camera and faults; only the numbers are fitted. By default so where the "
            "demonstration surely is a known exercise of one side; never with none.",
        ),
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option("--kind", help="What is shown, if it cannot be told from the demonstration.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="By default your own folder of templates."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a template of that name.")] = False,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="lite|full|heavy|FILE", help="Pose model. By default full."),
    ] = None,
    quiet: _Quiet = False,
) -> None:
    """Learn an exercise from a recorded demonstration: writes a template that you can edit."""
    from formcheck.learn import TRACKS
    from formcheck.learn import learn as learn_exercise
    from formcheck.show.lesson import print_learned
    from formcheck.show.terminal import ProgressBar
    from formcheck.show.terminal import out as console

    located = model if demonstration.suffix in TRACKS else _locate(model, [demonstration], quiet)
    shown: Literal["repetitions", "hold"] | None = None
    if kind is not None:
        shown = "hold" if kind is Kind.hold else "repetitions"
    try:
        with ProgressBar(demonstration.name, wanted=not quiet) as bar:
            learned = learn_exercise(
                name,
                demonstration,
                like=like,
                kind=shown,
                out=out,
                force=force,
                model=located,
                progress=bar.analyzed,
            )
    except ValueError as mistake:
        _usage(str(mistake))
    if not quiet:
        print_learned(console(), learned, named=out is None)


@app.command()
def exercises() -> None:
    """List the exercises that can be judged: those that come with the program, and your own."""
    _list_exercises(to_stderr=False)


@app.command()
def show(
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="A known exercise, or a .toml file.")],
) -> None:
    """Explain one exercise: how to do it, where the camera goes, what is corrected, what cannot be seen."""
    from formcheck.catalog import load_template
    from formcheck.show.leaflet import print_exercise
    from formcheck.show.terminal import out

    print_exercise(out(), load_template(exercise))
    _footer()


@app.command()
def check_template(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Template files.", show_default=False)],
) -> None:
    """Find all mistakes in exercise templates, with their lines."""
    from formcheck.catalog import read_template
    from formcheck.show.terminal import error

    wrong = 0
    for path in files:
        try:
            template = read_template(path)
        except TemplateError as failure:
            wrong += 1
            error(str(failure))
        else:
            faults = f"{len(template.faults)} fault{'' if len(template.faults) == 1 else 's'}"
            typer.echo(f"{path}: no mistakes ({template.name}, {len(template.measures)} measures, {faults})")
    if wrong:
        raise typer.Exit(FAILED)


@app.command()
def model(
    variant: Annotated[
        str | None, typer.Argument(metavar="lite|full|heavy", help="Which one. By default full.", show_default=False)
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch it if it is not there yet.")] = False,
) -> None:
    """Show which pose models are on this machine, or fetch one; afterwards no network is needed."""
    from formcheck.see.download import VARIANTS
    from formcheck.see.model import locate, status
    from formcheck.show.terminal import ProgressBar, note, out

    if variant is not None and variant not in VARIANTS:
        _usage(f"There is no pose model {variant!r}. There are: {', '.join(VARIANTS)}.")
    if fetch:
        with ProgressBar("pose model") as bar:
            found = locate(variant, progress=bar.fetched)
        out().print(f"Ready: {found.path}", soft_wrap=True)
        return
    for one in status():
        if variant not in (None, one.variant):
            continue
        if one.record is None:
            state = f"not on this machine; fetch it with: formcheck model {one.variant} --fetch"
        elif not one.intact:
            state = "damaged or outdated; it is fetched again when it is needed"
        else:
            record = one.record
            state = f"{record.size / 1e6:.1f} MB, from the {record.source} on {record.fetched}, {record.verdict}"
        out().print(f"{one.variant:6} {state}", soft_wrap=True)
        if one.intact:
            out().print(f"       {one.path}", soft_wrap=True)
    if os.environ.get("FORMCHECK_MODEL"):
        note(f"FORMCHECK_MODEL is set: {os.environ['FORMCHECK_MODEL']} is used where no --model is named.")


app.command(epilog=live_command.EPILOG)(live_command.live)
app.command()(live_command.cameras)
app.command(epilog=batch_command.EPILOG)(batch_command.batch)
app.command(epilog=doctor_command.EPILOG)(doctor_command.doctor)
app.command(epilog=compare_command.EPILOG)(compare_command.compare)
app.add_typer(history_app, name="history")
app.add_typer(routine_app, name="routine")
app.command(
    epilog="[bold]Examples[/]\n\nformcheck progress\n\nformcheck progress --exercise lunge --out progress.html"
)(progress)


def main(args: list[str] | None = None) -> int:
    """Runs the command line and gives the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a ° must not end an analysis
    try:
        with stopping_on_signals():
            app(args, prog_name="formcheck")
    except SystemExit as end:
        return _flushed(end.code if isinstance(end.code, int) else int(end.code is not None))
    except Stopped as stop:
        _say("Stopped.")
        return stop.code
    except FormcheckError as failure:
        _say_error(str(failure))
        return USAGE if isinstance(failure, TemplateError | TruthError) else FAILED
    except BrokenPipeError:
        return _flushed(FAILED)
    return _flushed(0)


# --- judging ---------------------------------------------------------------------------------------------------------


def _judging(
    exercise: str | None, side: Side | None, comfort: bool, hold: float | None, variant: list[str] | None
) -> tuple[Template | str, dict[str, Any]]:
    """The template, or "auto", and the options of a session; ends the program if they do not fit."""
    from formcheck.analysis import check_options
    from formcheck.catalog import load_template
    from formcheck.recognize import AUTO
    from formcheck.variants import given_variants

    if exercise is None or exercise == AUTO:
        if side is not None or hold is not None or variant:
            _usage("--side, --hold and --variant depend on the exercise: say which one it is with -e NAME.")
        return AUTO, {"comfort": comfort}
    template = load_template(exercise)
    chosen: Literal["left", "right"] | None = None if side is None else "left" if side is Side.left else "right"
    try:
        variants = given_variants(variant, exercise)
        check_options(template, side=chosen, target_s=hold, variants=variants)
    except ValueError as mistake:
        _usage(str(mistake))
    return template, {"side": chosen, "comfort": comfort, "target_s": hold, "variants": variants}


def _exports(text: str | None) -> tuple[str, ...]:
    """The kinds of files to write besides; ends the program if one is not known."""
    if text is None:
        return ()
    from formcheck.show.exports import chosen_exports

    try:
        return chosen_exports(text)
    except ValueError as mistake:
        _usage(str(mistake))


def _locate(model: str | None, videos: list[Path], quiet: bool) -> ModelFile | str | None:
    """The model, fetched once for all videos; not if there is no video to use it for."""
    if not any(video.is_file() for video in videos):
        return model
    from formcheck.see.model import locate
    from formcheck.show.terminal import ProgressBar

    with ProgressBar("pose model", wanted=not quiet) as bar:
        return locate(model, progress=bar.fetched)


def _failed(video: Path, failure: Exception) -> str:
    """Tells why a video could not be analyzed, and gives the message."""
    if isinstance(failure, FormcheckError):
        message = str(failure)
        if video.name not in message:
            message = f"{video}: {message}"
    elif isinstance(failure, ImportError) and (advice := _missing_library(failure)):
        message = f"{video} could not be analyzed: {failure}. {advice}"
    else:
        last = traceback.extract_tb(failure.__traceback__)[-1]
        message = (
            f"{video} could not be analyzed because of a mistake in the program. Please report it with this line: "
            f"{type(failure).__name__}: {failure} ({Path(last.filename).name}, line {last.lineno}, "
            f"formcheck {__version__}). Set FORMCHECK_TRACEBACK=1 to see more."
        )
        if os.environ.get("FORMCHECK_TRACEBACK"):
            traceback.print_exception(failure)
    _say_error(message)
    return message


def _missing_library(failure: ImportError) -> str | None:
    from formcheck.see.blazepose import missing_library

    return missing_library(failure)


def _tell_stopped(video: Path, done: list[Path]) -> None:
    finished = f" Finished before: {', '.join(map(str, done))}." if done else ""
    _say(f"Stopped. {video} was not finished, and nothing of it was written.{finished}")


def _summarize(report: Report, template: Template | str, folder: Path | None) -> None:
    from formcheck.catalog import load_template
    from formcheck.show.summary import print_summary
    from formcheck.show.terminal import out

    print_summary(out(), report, load_template(report.exercise) if isinstance(template, str) else template, folder)


def _footer() -> None:
    from formcheck.show.terminal import FOOTER, out

    out().print(f"\n{FOOTER}", style="dim")


def _print_json(document: Any) -> None:
    import json

    typer.echo(json.dumps(document, indent=1))


def _list_exercises(to_stderr: bool) -> None:
    from formcheck.catalog import exercise_files, read_template
    from formcheck.show.leaflet import print_exercises
    from formcheck.show.terminal import err, note, out

    templates, broken = [], []
    for path in exercise_files().values():
        try:
            templates.append(read_template(path))
        except TemplateError:
            broken.append(path)
    print_exercises(err() if to_stderr else out(), templates)
    for path in broken:
        note(f"{path} has mistakes and is left out. See them with: formcheck check-template {path}")


# --- messages, signals, pipes ----------------------------------------------------------------------------------------


def _usage(message: str) -> NoReturn:
    _say_error(message)
    raise typer.Exit(USAGE)


def _say_error(message: str) -> None:
    from formcheck.show.terminal import error

    error(message)


def _say(message: str) -> None:
    from formcheck.show.terminal import note

    note(message)


def _flushed(code: int) -> int:
    """The exit code, after what was printed has really left; a reader that went away is no reason for a traceback."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or FAILED
    return code
