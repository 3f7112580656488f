"""`python -m samples.render`: render a clip, or the clips of a manifest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from samples.render.clip import Clip
from samples.render.errors import RenderError
from samples.render.manifest import MANIFEST, read_manifest, render_manifest
from samples.render.motion import motion_names, read_motion
from samples.render.people import read_people
from samples.render.room import read_rooms
from samples.render.sheet import contact_sheet, save_png
from samples.render.video import render_clip

app = typer.Typer(add_completion=False, help="Render people who exercise, with exact ground truth.")
console = Console(stderr=True)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) % 2 == 0 == int(height) % 2):
        raise typer.BadParameter(f"{text!r} is not a size; write width x height in even numbers, as in 640x480")
    return int(width), int(height)


def _list() -> None:
    table = Table("exercise", "kind", "variants", "faults", title="python -m samples.render --exercise …")
    for name in motion_names():
        motion = read_motion(name)
        table.add_row(name, motion.kind, ", ".join(motion.variants), ", ".join(motion.faults))
    console.print(table)
    for title, entries in (("body", read_people()), ("room", read_rooms())):
        for name, entry in entries.items():
            console.print(f"--{title} {name}: {entry.about}", highlight=False)


@app.command()
def main(
    exercise: Annotated[str | None, typer.Option(help="What is done; --list shows all.")] = None,
    variant: Annotated[str | None, typer.Option(help="A variant of the exercise, as in lunge: reverse.")] = None,
    reps: Annotated[int, typer.Option(help="Repetitions, holds or walking cycles.")] = 3,
    side: Annotated[str, typer.Option(help="Working side: left, right or alternate.")] = "left",
    fault: Annotated[list[str] | None, typer.Option(help="name:mild or name:clear; @1,3 for some repetitions.")] = None,
    hold: Annotated[float, typer.Option(help="Seconds of a hold.")] = 10.0,
    tempo: Annotated[float, typer.Option(help="How long moving takes; 2 is twice as slow.")] = 1.0,
    enter: Annotated[bool, typer.Option(help="Get into position first.")] = False,
    leave: Annotated[bool, typer.Option(help="Get up afterwards.")] = False,
    pause_after: Annotated[int | None, typer.Option(help="Rest four seconds after this repetition.")] = None,
    body: Annotated[str, typer.Option(help="Who, by the name in bodies.toml.")] = "a",
    room: Annotated[str, typer.Option(help="Where, by the name in rooms.toml.")] = "1",
    bystander: Annotated[str | None, typer.Option(help="A second person: stands or walks.")] = None,
    dog: Annotated[bool, typer.Option(help="A dog-sized thing beside the mat.")] = False,
    yaw: Annotated[float, typer.Option(help="Degrees off the ideal view.")] = 0.0,
    height: Annotated[float | None, typer.Option(help="Height of the camera, metres.")] = None,
    distance: Annotated[float, typer.Option(help="Multiple of the nearest distance that shows all.")] = 1.0,
    fov: Annotated[float | None, typer.Option(help="Vertical field of view, degrees.")] = None,
    size: Annotated[str, typer.Option(help="Width x height; 480x854 is portrait.")] = "640x480",
    fps: Annotated[float, typer.Option(help="Frames a second.")] = 30.0,
    gain: Annotated[float, typer.Option(help="Exposure; 0.25 is a dark room.")] = 1.0,
    blur: Annotated[float, typer.Option(help="Blur, pixels.")] = 0.0,
    motion_blur: Annotated[float, typer.Option(help="Shutter: share of a frame's time that it is open.")] = 0.0,
    noise: Annotated[float, typer.Option(help="Sensor noise, of 255.")] = 2.0,
    seed: Annotated[int, typer.Option(help="Of idle movements, tempo and noise.")] = 1,
    out: Annotated[Path, typer.Option(help="The mp4; truth is written beside it.")] = Path("clip.mp4"),
    manifest: Annotated[Path | None, typer.Option(help="Render the clips of a manifest instead.")] = None,
    only: Annotated[str | None, typer.Option(help="Only clips whose name contains this.")] = None,
    shipped: Annotated[bool, typer.Option(help="Only the clips that are part of the repository.")] = False,
    jobs: Annotated[int, typer.Option(help="Processes.")] = max(1, (os.cpu_count() or 2) // 2),
    sheet: Annotated[Path | None, typer.Option(help="Also write a PNG of frames with the true joints.")] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List exercises, faults, bodies and rooms.")] = False,
) -> None:
    """Render one clip with its truth, or the clips of a manifest."""
    try:
        if show_list:
            _list()
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as bar:
            if manifest or shipped or not exercise:
                clips = read_manifest(manifest or MANIFEST)
                chosen = [c for c in clips if (not only or only in c.name) and (c.shipped or not shipped)]
                task = bar.add_task("clips", total=len(chosen))
                render_manifest(chosen, jobs, lambda done: bar.update(task, completed=done))
                return
            clip = Clip.model_validate(
                {
                    "exercise": exercise, "variant": variant, "reps": reps, "side": side, "faults": tuple(fault or ()),
                    "hold_s": hold, "tempo": tempo, "enter": enter, "leave": leave, "pause_after": pause_after,
                    "body": body, "room": room, "bystander": bystander, "dog": dog, "yaw": yaw, "height": height,
                    "distance": distance, "fov": fov, "size": _size(size), "fps": fps, "gain": gain, "blur": blur,
                    "motion_blur": motion_blur, "noise": noise, "seed": seed,
                }
            )  # fmt: skip
            task = bar.add_task(out.name, total=None)
            render_clip(clip, out, lambda done, all_: bar.update(task, completed=done, total=all_))
            if sheet:
                save_png(contact_sheet(out), sheet)
    except (RenderError, ValueError) as error:
        console.print(f"[bold red]error:[/] {error}", highlight=False)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app(prog_name="python -m samples.render")
