"""``formcheck routine``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from formcheck.errors import RoutineError

if TYPE_CHECKING:
    from formcheck.history.store import History
    from formcheck.routine.form import Routine
    from formcheck.routine.run import Ending
    from formcheck.routine.runs import RunEntry
    from formcheck.routine.station import Station


class _Commands(TyperGroup):
    """``formcheck routine hip-and-core`` means ``formcheck routine run hip-and-core``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


Name = Annotated[str, typer.Argument(metavar="NAME", help="A known routine, or a .toml file.")]
Person = Annotated[str | None, typer.Option("--person", metavar="NAME", help="Who does it.")]
StepNumber = Annotated[int, typer.Argument(metavar="STEP", min=1, help="Number of the step, see 'show'.")]

app = typer.Typer(
    cls=_Commands,
    invoke_without_command=True,
    help="Do a whole routine: order, sides, sets, rest; and what comes next time.",
    epilog="[bold]Examples[/]\n\nformcheck routine\n\nformcheck routine show hip-and-core\n\n"
    "formcheck routine hip-and-core\n\nformcheck routine hip-and-core --videos monday\n\n"
    "formcheck routine plan hip-and-core --at 18:00 --out routine.ics",
)


@app.callback()
def routine(context: typer.Context, person: Person = None) -> None:
    """List the routines; `NAME` does one, `show` explains it, `plan` puts it into your calendar."""
    if context.invoked_subcommand is not None:
        return
    from formcheck.history.place import person_or_me
    from formcheck.history.store import History
    from formcheck.routine import runs
    from formcheck.routine.catalog import read_routine, routine_files
    from formcheck.routine.tables import print_routines
    from formcheck.show.terminal import note, out

    known = []
    with History() as history:
        for path in routine_files().values():
            try:
                found = read_routine(path)
            except RoutineError:
                note(f"{path} has mistakes and is left out. See them with: formcheck routine check {path}")
                continue
            before = runs.runs(history, person_or_me(person), found.id)
            known.append((found, before[-1] if before else None))
    print_routines(out(), known)


@app.command()
def show(name: Name, person: Person = None) -> None:
    """Explain a routine, with the doses of today and what has become easy."""
    from formcheck.catalog import load_template
    from formcheck.history.place import person_or_me
    from formcheck.history.store import History
    from formcheck.routine.catalog import load_routine
    from formcheck.routine.station import stations
    from formcheck.routine.tables import print_routine
    from formcheck.show.terminal import FOOTER, out

    found = load_routine(name)
    with History() as history:
        print_routine(out(), found, stations(found, history, person_or_me(person), load_template))
    out().print(f"\n{FOOTER}", style="dim")


@app.command()
def run(
    name: Name,
    camera: Annotated[
        str,
        typer.Option(
            "--camera", "-c", metavar="NUMBER|ADDRESS|FILE", help="A camera, a stream, or a video to play as one."
        ),
    ] = "0",
    videos: Annotated[
        Path | None,
        typer.Option("--videos", metavar="FOLDER", help="No camera: judge a recording of each step, named by it."),
    ] = None,
    person: Person = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="From the beginning, even if one was left and could be resumed.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="For the results. By default NAME-DATE-TIME-formcheck."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="lite|full|heavy|FILE", help="Pose model. By default full.")
    ] = None,
    no_window: Annotated[bool, typer.Option("--no-window", help="No window: lines in the terminal instead.")] = False,
    full_screen: Annotated[bool, typer.Option("--full-screen", "-f", help="Fill the screen.")] = False,
    silent: Annotated[bool, typer.Option("--silent", help="Say nothing aloud.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask whether pain is gone, or whether to resume.")
    ] = False,
) -> None:
    """Do a routine, step after step. What was left is resumed within twelve hours."""
    from formcheck.history.place import person_or_me
    from formcheck.history.store import History
    from formcheck.routine.catalog import load_routine

    found = load_routine(name)
    whose = person_or_me(person)
    if videos is not None and not videos.is_dir():
        raise RoutineError(f"There is no folder {videos}. Name the one with the recordings of the steps.")
    if videos is None:
        from formcheck.disclaimer import ensure_accepted

        if not no_window:
            from formcheck.show.window import require_display

            require_display()
        ensure_accepted(yes=yes)
    with History() as history:
        if not _painless(history, whose, yes):
            return
        begun = _begun(history, found, whose, restart=restart, yes=yes)
        steps, number, over = begun
        from formcheck.routine.questions import count_down
        from formcheck.routine.run import Performs, go
        from formcheck.show.terminal import note

        performs: Performs
        if videos is not None:
            from formcheck.routine.recordings import Recordings

            performs = Recordings(videos, history, whose, tell=_say)
        else:
            from formcheck.routine.camera import LiveSteps, Room

            folder = out or Path(f"{found.id}-{datetime.now():%Y-%m-%d-%H%M%S}-formcheck")
            room = Room(camera, folder, model, not no_window, full_screen, not silent)
            performs = LiveSteps(room, whose, count_down, _say)
        try:
            ending = go(
                history, number, steps, performs, rest_s=found.rest_s, over=over, announce=_announce(len(steps))
            )
        except BaseException:
            note(f"What was done is kept. Go on within twelve hours with: formcheck routine {name}")
            raise
        _afterwards(history, found, whose, number, steps, ending, name)


@app.command()
def plan(
    name: Name,
    at: Annotated[str, typer.Option("--at", metavar="HH:MM", help="Time of day.")] = "18:00",
    days: Annotated[
        str | None, typer.Option("--days", metavar="DAY,DAY,…", help="By default those of the routine.")
    ] = None,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=52, help="For so many weeks.")] = 6,
    start: Annotated[
        datetime | None, typer.Option("--start", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="By default today.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.ics", help="By default NAME.ics in the current folder.")
    ] = None,
    person: Person = None,
) -> None:
    """Write the week's plan as a file that every calendar opens, with a reminder."""
    from formcheck.catalog import load_template
    from formcheck.history.command import write_file
    from formcheck.history.place import person_or_me
    from formcheck.history.store import History
    from formcheck.routine.calendar import calendar, next_days
    from formcheck.routine.catalog import load_routine
    from formcheck.routine.station import minutes, stations
    from formcheck.show.terminal import note
    from formcheck.show.terminal import out as console

    found = load_routine(name)
    chosen = _days(days) if days else tuple(found.days)
    try:
        clock = datetime.strptime(at, "%H:%M").time()
    except ValueError:
        raise typer.BadParameter(f"A time of day is HH:MM, such as 18:00, not {at!r}.", param_hint="--at") from None
    with History() as history:
        steps = stations(found, history, person_or_me(person), load_template)
    lines = [f"{one.template.name}: {one.dose}" for one in steps]
    text = calendar(
        found.name,
        days=chosen,
        at=clock,
        weeks=weeks,
        start=(start or datetime.now()).date(),
        minutes=minutes(steps, found.rest_s),
        about="\n".join([found.summary, *lines, "Begin with: formcheck routine " + found.id]),
    )
    path = out or Path(f"{found.id}.ics")
    write_file(path, text)
    console().print(f"Written: {path}. Open it with your calendar.", soft_wrap=True)
    if any(one.template.kind == "repetitions" for one in steps):
        for first, second in next_days(chosen):
            note(f"{first.capitalize()} and {second.capitalize()} follow each other; strength needs a day of rest.")


@app.command()
def harder(name: Name, step: StepNumber, person: Person = None) -> None:
    """Take the next harder version of a step from now on."""
    _shift(name, step, person, +1)


@app.command()
def easier(name: Name, step: StepNumber, person: Person = None) -> None:
    """Take the next easier version of a step from now on."""
    _shift(name, step, person, -1)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Routine files.", show_default=False)],
) -> None:
    """Find all mistakes in routine files."""
    from formcheck.routine.catalog import read_routine
    from formcheck.show.terminal import error

    wrong = 0
    for path in files:
        try:
            found = read_routine(path)
        except RoutineError as failure:
            wrong += 1
            error(str(failure))
        else:
            typer.echo(f"{path}: no mistakes ({found.name}, {len(found.steps)} steps)")
    if wrong:
        raise typer.Exit(1)


# --- around a run ----------------------------------------------------------------------------------------------------


def _painless(history: History, person: str, yes: bool) -> bool:
    """After pain nothing begins before somebody says that it is gone."""
    from formcheck.routine import runs
    from formcheck.routine.questions import ADVICE, confirm, somebody_there
    from formcheck.show.terminal import note

    if yes or not runs.in_pain(runs.runs(history, person)):
        return True
    note(f"You noted pain the last time. {ADVICE}")
    if not somebody_there():
        raise RoutineError("Nobody is there to say that the pain is gone, so nothing was begun. Add --yes if it is.")
    if confirm("Is the pain gone?", default=False):
        return True
    note("Then not today. Well done for stopping.")
    return False


def _begun(
    history: History, routine: Routine, person: str, *, restart: bool, yes: bool
) -> tuple[tuple[Station, ...], int, frozenset[int]]:
    """The steps, the number of the run and the turns that are over: of the run that was left, or of a new one."""
    from formcheck.catalog import load_template
    from formcheck.routine import runs
    from formcheck.routine.questions import confirm
    from formcheck.routine.station import plan_document, resumed, stations
    from formcheck.show.terminal import note

    left = None if restart else runs.open_run(history, person, routine.id)
    if left is not None and left.turns:
        steps = resumed(routine, left, load_template)
        over = frozenset(turn.number for turn in left.turns)
        if steps is None:
            note("The routine was changed since it was left, so it begins anew.")
        elif yes or confirm(
            f"{len(over)} of {len(left.plan)} parts were done at {left.began:%H:%M}. Go on from there?", default=True
        ):
            note(f"Going on after {len(over)} of {len(left.plan)} parts; --restart begins anew.")
            return steps, left.id, over
    steps = stations(routine, history, person, load_template)
    return steps, runs.begin(history, routine.id, person, plan_document(steps)), frozenset()


def _announce(count: int) -> Any:
    from formcheck.show.terminal import err

    def announce(station: Station, left: int) -> None:
        console = err()
        console.print(f"\n{station.number + 1} of {count}: {station.template.name}, {station.dose}", style="bold")
        for text in (station.step.say, station.say, station.template.camera.advice):
            if text:
                console.print(text)

    return announce


def _afterwards(
    history: History, routine: Routine, person: str, number: int, steps: tuple[Station, ...], ending: Ending, name: str
) -> None:
    """Asks for pain and effort, and says what comes next."""
    from formcheck.catalog import load_template
    from formcheck.disclaimer import DISCOMFORT
    from formcheck.routine import runs
    from formcheck.routine.questions import ADVICE, EFFORT, PAIN, ask_number, confirm, somebody_there
    from formcheck.routine.station import stations
    from formcheck.routine.tables import print_outcome, proposed
    from formcheck.show.terminal import FOOTER, note, out

    entry: RunEntry = next(one for one in runs.runs(history, person, routine.id) if one.id == number)
    print_outcome(out(), steps, {turn.number: turn.outcome for turn in entry.turns})
    if ending == "left":
        note(f"Left here. Go on within twelve hours with: formcheck routine {name}")
        return
    if ending == "pain":
        note(DISCOMFORT)
    if somebody_there():
        pain, effort = ask_number(PAIN), ask_number(EFFORT)
        runs.answer(history, number, pain=pain, effort=effort)
    if runs.in_pain(runs.runs(history, person)):
        note(ADVICE)
        return
    for one in stations(routine, history, person, load_template):
        if one.advice.proposal is None:
            continue
        out().print(proposed(one))
        step = 1 if one.advice.proposal == "harder" else -1
        if somebody_there() and confirm(f"{one.advice.why} Do it so from next time on?", default=False):
            runs.set_level(history, person, routine.id, one.number, one.step.exercise, one.level + step)
    out().print(f"\n{FOOTER}", style="dim")


def _shift(name: str, number: int, person: str | None, by: int) -> None:
    from formcheck.catalog import load_template
    from formcheck.history.place import person_or_me
    from formcheck.history.store import History
    from formcheck.routine import runs
    from formcheck.routine.catalog import load_routine
    from formcheck.routine.progression import version_of
    from formcheck.routine.station import stations
    from formcheck.show.terminal import out

    found = load_routine(name)
    if number > len(found.steps):
        raise RoutineError(f"{found.name} has {len(found.steps)} steps. See them with: formcheck routine show {name}")
    whose = person_or_me(person)
    with History() as history:
        one = stations(found, history, whose, load_template)[number - 1]
        level = one.level + by
        if not -len(one.step.easier) <= level <= len(one.step.harder):
            word = "harder" if by > 0 else "easier"
            raise RoutineError(f"Step {number} of {found.name}, {one.template.name}, has no {word} version.")
        if by > 0 and runs.in_pain(runs.runs(history, whose)):
            raise RoutineError("You noted pain the last time, so nothing gets harder before it is gone.")
        runs.set_level(history, whose, found.id, number - 1, one.step.exercise, level)
    version = version_of(one.step, level)
    out().print(f"{one.template.name}, from now on: {version.say if version else 'as the routine has it.'}")


def _days(text: str) -> tuple[str, ...]:
    from formcheck.routine.calendar import DAYS

    found = []
    for word in text.lower().replace(" ", "").split(","):
        day = next((day for day in DAYS if len(word) >= 2 and day.startswith(word)), None)
        if day is None:
            raise typer.BadParameter(f"{word!r} is no day. Days are: {', '.join(DAYS)}.", param_hint="--days")
        found.append(day)
    return tuple(found)


def _say(text: str) -> None:
    from formcheck.show.terminal import out

    out().print(text, soft_wrap=True)
