"""The list of clips that belong to the project, and rendering them: in parallel, and only what is not there yet."""

from __future__ import annotations

import json
import multiprocessing
import tomllib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from samples.render.assets import body_asset
from samples.render.clip import Clip
from samples.render.errors import RenderError
from samples.render.video import render_clip

MANIFEST = Path(__file__).parents[1] / "manifest.toml"
CLIPS = Path(__file__).parents[1] / "clips"
RENDERED = Path(__file__).parents[1] / "rendered"


@dataclass(frozen=True, slots=True)
class Entry:
    """A clip of the manifest: its name, what it shows, whether it is part of the repository."""

    name: str
    clip: Clip
    shipped: bool

    @property
    def path(self) -> Path:
        """Where the clip is, or will be."""
        return (CLIPS if self.shipped else RENDERED) / f"{self.name}.mp4"

    def is_done(self) -> bool:
        """Whether the clip was rendered from these parameters by this code."""
        truth = self.path.with_suffix(".truth.json")
        if not (self.path.exists() and truth.exists() and self.path.with_suffix(".frames.npz").exists()):
            return False
        return bool(json.loads(truth.read_text(encoding="utf-8"))["clips"][0].get("key") == self.clip.key())


def read_manifest(path: Path = MANIFEST) -> list[Entry]:
    """All clips of a manifest.

    `[clip.<name>]` is one clip. `[suite.<name>]` is a grid: its `grid` table holds lists of values, and there is one
    clip for every combination; exercises may bring their own settings in the table `[exercise.<id>]`.

    Raises:
        RenderError: an entry is wrong; the message names it.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    common: dict[str, Any] = data.get("common", {})
    own: dict[str, dict[str, Any]] = data.get("exercise", {})
    entries: list[Entry] = []

    def add(name: str, settings: dict[str, Any], shipped: bool) -> None:
        try:
            everything = {**common, **own.get(settings.get("exercise", ""), {}), **settings}
            entries.append(Entry(name, Clip.model_validate(everything), shipped))
        except ValidationError as error:
            raise RenderError(f"{path.name}, clip {name}: {error}") from error

    for name, settings in data.get("clip", {}).items():
        add(name, {key: value for key, value in settings.items() if key != "shipped"}, settings.get("shipped", False))
    for suite, table in data.get("suite", {}).items():
        fixed = {key: value for key, value in table.items() if key != "grid"}
        grid: dict[str, list[Any]] = table["grid"]
        for values in product(*grid.values()):
            chosen = dict(zip(grid, values, strict=True))
            name = "_".join([suite, *(_short(value) for value in values)])
            add(name, {**fixed, **chosen}, False)
    return entries


def render_manifest(entries: list[Entry], jobs: int, progress: Callable[[int], None]) -> None:
    """Render what is not there yet, in `jobs` processes.

    Raises:
        RenderError: some clips could not be rendered; the others are done. The message lists them.
    """
    waiting = [entry for entry in entries if not entry.is_done()]
    done = len(entries) - len(waiting)
    progress(done)
    if not waiting:
        return
    body_asset()  # once, before the processes start
    failed: list[str] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, jobs), mp_context=context) as pool:
        running = {pool.submit(render_clip, entry.clip, entry.path): entry for entry in waiting}
        for future in as_completed(running):
            try:
                future.result()
            except RenderError as error:
                failed.append(f"{running[future].name}: {error}")
            done += 1
            progress(done)
    if failed:
        raise RenderError("not rendered:\n" + "\n".join(failed))


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "-".join(_short(inner) for inner in value) or "correct"
    return str(value).replace(":", "-").replace("@", "-").replace(",", "-").replace(" ", "").replace("/", "-")
