"""What is mutated, and what the program is asked to do with it.

A kind makes an input in a folder and gives the commands that read it. The commands are those of the command line, run
in this process; they may end with any exit code but must neither raise nor tell of a mistake in the program.
"""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import av
from fuzz.archives import mutated_archive
from fuzz.containers import mutated_container
from fuzz.databases import mutate_history
from fuzz.octets import mutated
from fuzz.packets import changing_size, mutated_packets
from fuzz.texts import RULES, mutated_csv, mutated_text, toml_of

from formcheck.toml_text import toml_text

Commands = list[list[str]]


@dataclass(frozen=True, slots=True)
class Places:
    """Where an input is made and used.

    Attributes:
        corpus: what it is made from (`fuzz.corpus`); never changed.
        inputs: the folder to make it in, empty before.
        out: for results; not there before.
        data: the person's own folders (history, templates, configuration, cache), empty before.
    """

    corpus: Path
    inputs: Path
    out: Path
    data: Path

    def known(self, kind: str) -> list[Path]:
        """The corpus of a kind."""
        return sorted(path for path in (self.corpus / kind).iterdir() if path.is_file())


Make = Callable[[Places, Random, int], Commands]


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that the program reads.

    Attributes:
        name: what it is called.
        share: how many of 10,000 inputs are of it.
        make: makes the input of a number in the folder and gives the commands to run.
        names_files: it may name other files, which are then read.
    """

    name: str
    share: int
    make: Make
    names_files: bool = False


def _picked(places: Places, kind: str, dice: Random, number: int) -> tuple[Path, bool]:
    """A file of the corpus, and whether to take it as it is: every one is, once."""
    known = places.known(kind)
    return (known[number], True) if number < len(known) else (dice.choice(known), False)


# --- videos and images -----------------------------------------------------------------------------------------------


def _video(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "video", dice, number)
    data = path.read_bytes()
    other = dice.choice(places.known("video")).read_bytes()
    if not whole:
        how = dice.random()
        if how < 0.35 and not path.name.startswith("awkward"):  # FFmpeg itself hangs on some of these
            with suppress(av.FFmpegError, OSError, ValueError, OverflowError):
                data = mutated_packets(path, dice)
            if dice.random() < 0.2:
                data = mutated(data, dice, other)
        elif how < 0.4:
            data = changing_size(dice)
        else:
            data = mutated_container(data, dice, other)
    return _analyze(places, f"monday{path.suffix}", data, dice)


def _image(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "image", dice, number)
    data = path.read_bytes()
    if not whole:
        data = mutated_container(data, dice, dice.choice(places.known("image")).read_bytes())
    return _analyze(places, f"still{path.suffix}", data, dice)


def _analyze(places: Places, name: str, data: bytes, dice: Random) -> Commands:
    (places.inputs / name).write_bytes(data)
    exercise = dice.choice(("bridge", "bridge", "bridge", "plank_forearm", "lunge", "auto"))
    command = ["analyze", str(places.inputs / name), "-e", exercise, "--out", str(places.out)]
    if dice.random() < 0.85:
        command += ["--no-video", "--no-stills"]
    if dice.random() < 0.5:
        command.append("--no-page")
    if dice.random() < 0.2:
        command += ["--save-track", "--export", "trc,mot"]
    if dice.random() < 0.1:
        command += ["--embed-video"]
    if dice.random() < 0.1:
        command += ["--keep"]
    return [command]


# --- what a person writes --------------------------------------------------------------------------------------------


def _template(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "template", dice, number)
    text = path.read_text(encoding="utf-8")
    name = path.stem
    if not whole and path.name.startswith("awkward"):
        whole = dice.random() < 0.3
    if not whole:
        with suppress(tomllib.TOMLDecodeError):
            data = tomllib.loads(text)
            if dice.random() < 0.4:  # only its expressions
                text = toml_of(_other_rules(data, dice))
            else:
                text = mutated_text(text, dice, dice.choice((toml_of, toml_text)), data)
            with suppress(tomllib.TOMLDecodeError, RecursionError, ValueError):
                found = tomllib.loads(text).get("id")
                if isinstance(found, str) and found.isidentifier() and len(found) <= 40:
                    name = found
    file = places.inputs / f"{name}.toml"
    file.write_bytes(text.encode("utf-8", dice.choice(("replace", "surrogatepass"))))
    track = str(dice.choice([path for path in places.known("track") if not path.name.startswith("awkward")]))
    judge = ["replay", track, "-e", str(file), "--out", str(places.out), "--export", "trc,mot"]
    own = places.data / "poses"
    if dice.random() < 0.15:  # as the person's own, beside those of the program
        own.mkdir(parents=True)
        shutil.copyfile(file, own / file.name)
        return [["exercises"], ["replay", track, "--out", str(places.out)]]
    return [["check-template", str(file)], dice.choice((["show", str(file)], judge)), judge]


def _other_rules(data: Any, dice: Random) -> Any:
    """The same with other expressions: of the list, or parts of two put together."""
    rules: list[tuple[Any, Any]] = []

    def look(value: Any, holder: Any, key: Any) -> None:
        if isinstance(value, dict):
            for inner, each in value.items():
                look(each, value, inner)
        elif isinstance(value, list):
            for at, each in enumerate(value):
                look(each, value, at)
        elif isinstance(value, str) and any(sign in value for sign in "<>(") and " " in value:
            rules.append((holder, key))

    look(data, {}, "")
    for _ in range(dice.choice((1, 1, 2, 4))):
        if not rules:
            break
        holder, key = dice.choice(rules)
        rule, another = holder[key], (lambda place: place[0][place[1]])(dice.choice(rules))
        words = rule.split(" ")
        at = dice.randrange(len(words))
        holder[key] = dice.choice(
            (
                dice.choice(RULES),
                " ".join((*words[:at], dice.choice(RULES), *words[at + 1 :])),
                f"({rule}) {dice.choice(('and', 'or', '<', '+', '/', '*', 'if', '**', '%'))} ({another})",
                " ".join((*words[:at], str(dice.choice((0, -1, 1e-9, 1e9, 10**12, 0.5))), *words[at + 1 :])),
                another,
            )
        )
    return data


def _routine(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "routine", dice, number)
    text, name = path.read_text(encoding="utf-8"), path.stem
    if not whole:
        with suppress(tomllib.TOMLDecodeError):
            text = mutated_text(text, dice, toml_of, tomllib.loads(text))
    file = places.inputs / f"{name}.toml"
    file.write_bytes(text.encode("utf-8", "replace"))
    if dice.random() < 0.2:
        own = places.data / "poses" / "routines"
        own.mkdir(parents=True)
        shutil.copyfile(file, own / file.name)
        return [["routine"], ["routine", "show", name]]
    plan = ["routine", "plan", str(file), "--out", str(places.out.with_suffix(".ics"))]
    return [["routine", "check", str(file)], ["routine", "show", str(file)], plan]


def _list(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "list", dice, number)
    data = path.read_bytes()
    if not whole:
        if dice.random() < 0.8:
            with suppress(UnicodeDecodeError, csv.Error, ValueError):
                data = mutated_csv(data.decode(), dice).encode("utf-8", "replace")
        else:
            data = mutated(data, dice)
    (places.inputs / "list.csv").write_bytes(data)
    video = places.corpus / "video" / "libx264.mp4"
    (places.inputs / "sub").mkdir()
    for name in ("a.mp4", "b.mp4", "sub/c.mp4"):
        shutil.copyfile(video, places.inputs / name)
    command = ["batch", str(places.inputs / "list.csv"), "--out", str(places.out), "--jobs", "1"]
    return [command + dice.choice(([], ["-e", "bridge"], ["--no-page"]))]


# --- what the program itself has written -----------------------------------------------------------------------------


def _track(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "track", dice, number)
    file = places.inputs / "monday.track.npz"
    if path.name.startswith("awkward"):
        file.write_bytes(path.read_bytes() if whole else mutated(path.read_bytes(), dice))
    else:
        file.write_bytes(path.read_bytes() if whole else mutated_archive(path, dice))
    return _judged(places, file, dice)


def _journal(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "journal", dice, number)
    file = places.inputs / "monday.journal"
    file.write_bytes(path.read_bytes() if whole else mutated(path.read_bytes(), dice))
    return _judged(places, file, dice)


def _judged(places: Places, file: Path, dice: Random) -> Commands:
    exercise = dice.choice(("bridge", "bridge", "plank_forearm", "auto"))
    exports = dice.choice(([], ["--export", "trc,mot"], ["--export", "trc,mot,parquet"]))
    commands = [["replay", str(file), "-e", exercise, "--out", str(places.out), *exports]]
    if dice.random() < 0.1:
        known = str(places.corpus / "track" / "bridges.npz")
        commands.append(["compare", str(file), known, "-e", "bridge"])
    if dice.random() < 0.1:
        commands.append(["learn", "own_bridge", str(file), "--out", str(places.out / "learned")])
    return commands


def _mutated_json(text: str, dice: Random) -> str:
    return mutated_text(text, dice, json.dumps, json.loads(text))


def _truth(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "truth", dice, number)
    text = path.read_text(encoding="utf-8")
    if not whole:
        text = _mutated_json(text, dice)
    file = places.inputs / "clip.truth.json"
    file.write_bytes(text.encode("utf-8", "replace"))
    shutil.copyfile(places.corpus / "track" / "bridges.npz", places.inputs / "clip.track.npz")
    exact = places.corpus / "exact" / "bridge.npz"
    shutil.copyfile(exact, places.inputs / "clip.frames.npz")
    return [["evaluate", str(file), "--out", str(places.out)]]


def _exact(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "exact", dice, number)
    (places.inputs / "clip.frames.npz").write_bytes(path.read_bytes() if whole else mutated_archive(path, dice))
    shutil.copyfile(places.corpus / "track" / "bridges.npz", places.inputs / "clip.track.npz")
    shutil.copyfile(places.corpus / "truth" / "bridge.json", places.inputs / "clip.truth.json")
    return [["evaluate", str(places.inputs), "--out", str(places.out)]]


def _baseline(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "baseline", dice, number)
    text = path.read_text(encoding="utf-8")
    if not whole:
        text = _mutated_json(text, dice)
    file = places.inputs / "baseline.json"
    file.write_bytes(text.encode("utf-8", "replace"))
    shutil.copyfile(places.corpus / "track" / "bridges.npz", places.inputs / "clip.track.npz")
    shutil.copyfile(places.corpus / "truth" / "bridge.json", places.inputs / "clip.truth.json")
    truth = str(places.inputs / "clip.truth.json")
    return [["evaluate", truth, "--baseline", str(file)]]


def _history(places: Places, dice: Random, number: int) -> Commands:
    path, whole = _picked(places, "history", dice, number)
    file = places.data / "history.sqlite3"
    shutil.copyfile(path, file)
    if not whole:
        mutate_history(file, dice)
    asked: Commands = [
        ["history"],
        ["history", "--json"],
        ["progress"],
        ["progress", "--out", str(places.out.with_suffix(".html"))],
        ["history", "export", "--out", str(places.out.with_suffix(".csv"))],
        ["history", "delete", "1", "--yes"],
        ["history", "delete", "--all", "--yes"],
        ["history", "add", str(places.corpus / "results" / "bridge")],
        ["compare", "set:1", "set:3"],
        ["compare", "2026-W37", "2026-W37", "-e", "lunge"],
        ["routine"],
        ["routine", "show", "hip-and-core"],
        ["routine", "harder", "hip-and-core", "1"],
        ["routine", "plan", "hip-and-core", "--out", str(places.out.with_suffix(".ics"))],
    ]
    return [["history"], *dice.sample(asked, 3)]


def _results(places: Places, dice: Random, number: int) -> Commands:
    whole = places.corpus / "results" / "bridge"
    shutil.copytree(whole, places.inputs / "bridge")
    folder = places.inputs / "bridge"
    if number:
        report, angles = folder / "report.json", folder / "angles.csv"
        if dice.random() < 0.7:
            text = report.read_text()
            report.write_bytes(_mutated_json(text, dice).encode("utf-8", "replace"))
        else:
            angles.write_bytes(mutated_csv(angles.read_text()[:8000], dice).encode("utf-8", "replace"))
    compared = ["compare", str(folder), str(whole), "--out", str(places.out.with_suffix(".html"))]
    return [["history", "add", str(folder)], ["history"], dice.choice((compared, ["progress"]))]


def _rows(places: Places, dice: Random, number: int) -> Commands:
    """A batch goes on in a folder that somebody has touched."""
    shutil.copyfile(places.corpus / "video" / "libx264.mp4", places.inputs / "a.mp4")
    command = ["batch", str(places.inputs), "--out", str(places.out), "-e", "bridge", "--no-page", "--quiet"]
    folder = places.out / "videos" / dice.choice(("a", "a", "b", "a/b"))
    shutil.copytree(places.corpus / "results" / "bridge", folder)
    row: dict[str, Any] = {
        "schema": "formcheck.batch/1",
        "key": "0" * 32,
        "status": dice.choice(("done", "failed")),
        "error": "",
        "stamp": {"path": str(places.inputs / "a.mp4"), "size": 1, "mtime_ns": 1, "sha256": "0"},
    }
    text = json.dumps(row)
    (folder / "row.json").write_text(mutated_text(text, dice, json.dumps, row), encoding="utf-8", errors="replace")
    if dice.random() < 0.5:
        report = folder / "report.json"
        text = report.read_text()
        report.write_bytes(_mutated_json(text, dice).encode("utf-8", "replace"))
    return [command, command]


def _settings(places: Places, dice: Random, number: int) -> Commands:
    """What the program remembers: the disclaimer, the models and their speed."""
    (places.data / "models").mkdir(parents=True)
    record = {
        "source": "package index",
        "trimmed": True,
        "verdict": "x",
        "sha256": "0",
        "size": 9,
        "fetched": "2026-01-01",
        "mediapipe": "1.2.2",
        "format": 1,
    }
    kept = {
        "disclaimer.json": {"wording": "0123456789abcdef", "accepted": "2026-01-01"},
        "models/speed.json": {"format": 1, "machine": "x", "fps": {"full": 20.0, "lite": 50.0}},
        "models/pose_landmarker_full.json": record,
    }
    (places.data / "models" / "pose_landmarker_full.task").write_bytes(bytes(100))
    for name, content in kept.items():
        text = json.dumps(content)
        changed = mutated_text(text, dice, json.dumps, content) if number else text
        (places.data / name).write_bytes(changed.encode("utf-8", "replace"))
    video = str(places.corpus / "video" / "libx264.mp4")
    live = ["live", "bridge", "--camera", "99", "--out", str(places.out)]
    return [["model"], live if dice.random() < 0.3 else ["analyze", video, "-e", "bridge", "--out", str(places.out)]]


KINDS: Sequence[Kind] = (
    Kind("video", 2900, _video),
    Kind("image", 900, _image),
    Kind("template", 1700, _template),
    Kind("routine", 500, _routine),
    Kind("track", 1000, _track),
    Kind("journal", 400, _journal),
    Kind("truth", 700, _truth, names_files=True),
    Kind("exact", 250, _exact),
    Kind("baseline", 200, _baseline),
    Kind("history", 600, _history),
    Kind("results", 400, _results),
    Kind("rows", 150, _rows),
    Kind("list", 200, _list, names_files=True),
    Kind("settings", 100, _settings),
)
