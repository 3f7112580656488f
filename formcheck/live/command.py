"""The commands `formcheck live` and `formcheck cameras`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from formcheck.live.workout import Workout
    from formcheck.see.estimator import Estimator

USAGE = 2

_ENOUGH = 200
"""Frames after which it is known how fast the model is."""

EPILOG = (
    "[bold]Examples[/]\n\n"
    "formcheck live lunge --reps 12 --sides each --sets 2 --rest 45\n\n"
    "formcheck live lizard --hold 30 --full-screen\n\n"
    "formcheck live bridge --camera rtsp://192.168.1.20:8554/live\n\n"
    "formcheck live lunge --camera monday.mp4 (plays a recording as if it were a camera)\n\n"
    "Keys: space pause, r restart, n next, s other side, m mute, f full screen, d stop for discomfort, q quit."
)


class Sides(StrEnum):
    """Which sides work, in an exercise that works one side at a time."""

    each = "each"
    alternate = "alternate"
    left = "left"
    right = "right"


def live(
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="A known exercise, or a .toml file.")],
    camera: Annotated[
        str,
        typer.Option(
            "--camera", "-c", metavar="NUMBER|ADDRESS|FILE", help="A camera, a stream, or a video to play as one."
        ),
    ] = "0",
    reps: Annotated[int | None, typer.Option("--reps", metavar="N", help="Repetitions of each set and side.")] = None,
    hold: Annotated[float | None, typer.Option("--hold", metavar="SECONDS", help="How long to hold.")] = None,
    sides: Annotated[
        Sides | None, typer.Option("--sides", help="One side after the other, in turn, or only one.")
    ] = None,
    sets: Annotated[int | None, typer.Option("--sets", metavar="N", help="How many sets.")] = None,
    rest: Annotated[float | None, typer.Option("--rest", metavar="SECONDS", help="Rest between two sets.")] = None,
    comfort: Annotated[
        bool, typer.Option("--comfort", help="Judge by your own range of motion instead of the template's.")
    ] = False,
    variant: Annotated[
        list[str] | None,
        typer.Option("--variant", metavar="KEY=VALUE", help="Variant of the exercise, see 'formcheck show'."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FOLDER", help="Where the results go. By default EXERCISE-DATE-TIME-formcheck here."
        ),
    ] = None,
    size: Annotated[
        str, typer.Option("--size", metavar="WIDTHxHEIGHT", help="Size of the picture to ask the camera for.")
    ] = "1280x720",
    fps: Annotated[
        float, typer.Option("--fps", metavar="N", min=5, max=120, help="Pictures a second to ask the camera for.")
    ] = 30.0,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="lite|full|heavy|FILE", help="Pose model. By default full."),
    ] = None,
    no_window: Annotated[
        bool, typer.Option("--no-window", help="No window: lines in the terminal instead; end with Ctrl-C.")
    ] = False,
    full_screen: Annotated[bool, typer.Option("--full-screen", "-f", help="Fill the screen.")] = False,
    mute: Annotated[bool, typer.Option("--mute", help="Begin without a sound; m turns it on.")] = False,
    record: Annotated[bool, typer.Option("--record", help="Also keep the camera's pictures, as video.mp4.")] = False,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Do not keep the sets in the history, see 'formcheck history'.")
    ] = False,
    person: Annotated[
        str | None, typer.Option("--person", metavar="NAME", help="Whose sets they are, in the history.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Accept the disclaimer without being asked.")] = False,
    no_mirror: Annotated[bool, typer.Option("--no-mirror", help="Do not show the picture as in a mirror.")] = False,
) -> None:
    """Exercise in front of the camera: counts, times, says and shows what to correct, set after set.

    What is not said comes from the exercise's own dose. While you get into position nothing is counted.
    """
    from formcheck.analysis import check_options
    from formcheck.catalog import load_template
    from formcheck.live.plan import plan_for
    from formcheck.variants import given_variants

    template = load_template(exercise)
    try:
        chosen = given_variants(variant, exercise)
        check_options(template, variants=chosen)
        plan = plan_for(
            template,
            repetitions=reps,
            hold_s=hold,
            sides=sides.value if sides else None,
            sets=sets,
            rest_s=rest,
        )
        wanted = _size(size)
    except ValueError as mistake:
        _usage(str(mistake))
    if not no_window:
        from formcheck.show.window import require_display

        require_display()
    from formcheck import disclaimer

    disclaimer.ensure_accepted(yes=yes)
    import time

    from formcheck.live.opening import Opening
    from formcheck.live.pages import write_pages
    from formcheck.live.record import SessionRecord
    from formcheck.live.run import exercise as run
    from formcheck.live.workout import Choices
    from formcheck.see.camera import capture_for
    from formcheck.see.speed import wanted_model
    from formcheck.show.voice import Voice

    capture = capture_for(camera, wanted, fps)
    model = wanted_model(model)
    folder = out or Path(f"{template.id}-{time.strftime('%Y-%m-%d-%H%M%S')}-formcheck")
    kept = SessionRecord(folder, template, capture.name, model)
    keeper = None
    if not no_history:
        from formcheck.history.live import LiveKeeper

        keeper = LiveKeeper(template, person=person)
    estimator = Opening(model, template, wanted)
    choices = Choices(comfort, chosen)
    with Voice(template, muted=mute) as voice:
        done = run(
            template,
            plan,
            capture,
            estimator,
            record=kept,
            voice=voice,
            choices=choices,
            window=not no_window,
            full_screen=full_screen,
            mirrored=not no_mirror,
            film=kept.film if record else None,
            keeper=keeper,
        )
        done.notes += voice.notes + (estimator.opened.notes() if estimator.opened else ())
        _tell(done, folder)
        write_pages(folder, template, done.results, choices)  # while the voice still speaks
        _remember(done, estimator.opened)
        if done.interrupted is not None:
            raise done.interrupted


def _remember(done: Workout, estimator: Estimator | None) -> None:
    """Keeps how fast the model was, for the choice of the next session's."""
    usual = done.pace.estimates.quantile(0.5)
    if estimator is not None and usual is not None and done.pace.estimates.number >= _ENOUGH:
        from formcheck.see.speed import remember

        remember(estimator.model, 1 / usual)


def _tell(done: Workout, folder: Path) -> None:
    from formcheck.live.summary import closing_lines
    from formcheck.show.terminal import FOOTER, out

    console = out()
    for line in closing_lines(done.results, done.ended):
        console.print(line, soft_wrap=True)
    for note in done.notes:
        console.print(note, soft_wrap=True)
    if done.results:
        console.print(f"Files: {folder}", soft_wrap=True)
    console.print(f"\n{FOOTER}", style="dim")


def cameras() -> None:
    """List the cameras of this machine, and whether they work."""
    from formcheck.see.cameras import cameras as find
    from formcheck.show.terminal import note, out

    found = find()
    for camera in found:
        what = camera.state
        if camera.size is not None:
            rate = f" at {camera.fps:.0f} frames a second" if camera.fps else ""
            what = f"works, {camera.size[0]}×{camera.size[1]}{rate}"
        out().print(f"{camera.number}  {camera.name}: {what}", soft_wrap=True)
    if not found:
        note(
            "No camera was found. Plug one in, or use a phone: its camera app gives an address for --camera, "
            "such as http://192.168.1.20:8080/video."
        )
        raise typer.Exit(1)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().replace("×", "x").partition("x")
    if not (width.isdigit() and height.isdigit() and 64 <= int(width) <= 8192 and 64 <= int(height) <= 8192):
        raise ValueError(f"--size is WIDTHxHEIGHT in pixels, such as 1280x720, not {text!r}.")
    return int(width), int(height)


def _usage(message: str) -> NoReturn:
    from formcheck.show.terminal import error

    error(message)
    raise typer.Exit(USAGE)
