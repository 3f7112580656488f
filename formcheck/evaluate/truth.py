"""Truth files: what really happens in recordings, counted by eye or known exactly because they were rendered.

The format is documented in ``docs/accuracy.md``.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from formcheck.errors import TruthError
from formcheck.json_file import read_json
from formcheck.judge.template import MOST_TOLD, too_much
from formcheck.pose import Side

SCHEMA = 1

Seconds = Annotated[float, Field(ge=0, le=86_400)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Metres = Annotated[float, Field(ge=-10_000, le=10_000)]
Level = Literal["mild", "clear"]


MOST_CLIPS = 10_000
MOST_VALUES = 50_000
"""Keys and items of one clip: a thousand repetitions, each with its faults."""


class _Entry(BaseModel):
    # Unknown keys are looked for by `_unknown_keys`, which tells a slip of the pen from somebody's own notes.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


def _ordered(span: tuple[float, float], what: str) -> None:
    if span[0] >= span[1]:
        raise ValueError(f"{what} must end after it begins, not {span[0]:g} to {span[1]:g}")


class FaultTruth(_Entry):
    """A fault that is really made, and where it can be said, when and how strongly."""

    id: str
    severity: Level | None = None
    start_s: Seconds | None = None
    end_s: Seconds | None = None


class RepetitionTruth(_Entry):
    """One repetition. `complete` is whether it reaches what the exercise counts."""

    peak_s: Seconds
    start_s: Seconds | None = None
    end_s: Seconds | None = None
    side: Side | None = None
    complete: bool = True
    faults: tuple[FaultTruth, ...] = ()

    @property
    def knows_faults(self) -> bool:
        """Whether somebody looked for faults in this repetition, and found these or none."""
        return "faults" in self.model_fields_set


class HoldTruth(_Entry):
    """One hold in good form."""

    start_s: Seconds
    end_s: Seconds
    side: Side | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        _ordered((self.start_s, self.end_s), "a hold")
        return self


class CameraTruth(_Entry):
    """Where the lens of a rendered clip is, in metres (y up)."""

    eye_m: tuple[Metres, Metres, Metres] | None = None


class ClipTruth(_Entry):
    """What is true of one clip; see ``docs/accuracy.md`` for every key."""

    file: Annotated[str, Field(min_length=1)]
    exercise: Annotated[str, Field(min_length=1)]
    kind: Literal["reps", "hold", "negative"]
    template: str | None = None
    templates: tuple[str, ...] | None = None
    variant: str | dict[str, str] | None = None
    view: str = ""
    notes: str = ""

    reps: Count | None = None
    partial_reps: Count | None = None
    accept_reps: Annotated[tuple[Count, ...], Field(min_length=1)] | None = None
    rep_peak_s: tuple[Seconds, ...] = ()
    hold_s: tuple[tuple[Seconds, Seconds], ...] | None = None
    accept_hold_s: tuple[Seconds, Seconds] | None = None
    window_s: tuple[Seconds, Seconds] | None = None
    faults: tuple[FaultTruth, ...] | None = None

    fps: Annotated[float, Field(gt=0)] | None = None
    size: str | None = None
    duration_s: Seconds | None = None

    repetitions: tuple[RepetitionTruth, ...] | None = None
    holds: tuple[HoldTruth, ...] | None = None
    ready_s: Seconds = 0.0
    frames: str | None = None
    camera: CameraTruth | None = None
    yaw: float | None = None
    body: str | None = None
    room: str | None = None
    side: Literal["left", "right", "alternate"] | None = None
    seed: int | None = None
    bystander: str | None = None
    conditions: dict[str, Any] | None = None
    key: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kind == "reps" and self.reps is None:
            raise ValueError("a clip of kind 'reps' needs 'reps', how many full repetitions it shows")
        if self.kind == "hold" and self.hold_s is None:
            raise ValueError("a clip of kind 'hold' needs 'hold_s', the spans [from, to] held in good form (or [])")
        if self.templates is not None and self.kind != "negative":
            raise ValueError("'templates' is for negatives; name the exercise of this clip with 'template'")
        if self.rep_peak_s and len(self.rep_peak_s) != self.reps:
            raise ValueError(f"{len(self.rep_peak_s)} times in 'rep_peak_s', but 'reps' is {self.reps}")
        if list(self.rep_peak_s) != sorted(set(self.rep_peak_s)):
            raise ValueError("the times in 'rep_peak_s' must increase")
        if self.accept_reps is not None and self.reps not in self.accept_reps:
            raise ValueError(f"'accept_reps' must hold 'reps' ({self.reps}), too")
        latest = 0.0
        for span in self.hold_s or ():
            _ordered(span, "a span in 'hold_s'")
            if span[0] < latest:
                raise ValueError("the spans in 'hold_s' must follow each other")
            latest = span[1]
        if self.window_s:
            _ordered(self.window_s, "'window_s'")
        if self.accept_hold_s and self.accept_hold_s[0] > self.accept_hold_s[1]:
            raise ValueError("'accept_hold_s' is [least, most]")
        return self

    @property
    def accepted_reps(self) -> tuple[int, int]:
        """Least and greatest count that is right."""
        accepted = self.accept_reps or (self.reps or 0,)
        return min(accepted), max(accepted)

    @property
    def held(self) -> float:
        """Seconds held in good form, all spans together."""
        return sum(end - start for start, end in self.hold_s or ())

    @property
    def accepted_hold(self) -> tuple[float, float]:
        """Least and greatest seconds that are right."""
        return self.accept_hold_s or (self.held, self.held)

    @property
    def peaks(self) -> tuple[float, ...]:
        """Peak times of all repetitions that are known one by one, complete or not."""
        if self.repetitions is not None:
            return tuple(repetition.peak_s for repetition in self.repetitions)
        return self.rep_peak_s

    @property
    def knows_faults(self) -> bool:
        """Whether somebody looked for faults in the whole clip or in each repetition, and found these or none."""
        repetitions = self.repetitions or ()
        return self.faults is not None or (bool(repetitions) and all(r.knows_faults for r in repetitions))

    @property
    def is_correct(self) -> bool:
        """Whether it is known that nothing is wrong."""
        return self.knows_faults and not self.faults and not any(r.faults for r in self.repetitions or ())


class _TruthFile(_Entry):
    schema_version: int = Field(SCHEMA, alias="schema", ge=1)
    about: str = ""
    clips: tuple[ClipTruth, ...]


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip of a truth file.

    Attributes:
        name: name of the recording's file; no two clips share one.
        path: the recording, or a pose track (``.track.npz``) of it.
        frames: exact joints of every frame, for rendered clips that have them.
        truth: what is true.
        source: the truth file.
    """

    name: str
    path: Path
    frames: Path | None
    truth: ClipTruth
    source: Path


def truth_files(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """The truth files that are meant: files as they are, folders as the truth files in them.

    Raises:
        TruthError: a folder holds none.
    """
    files: list[Path] = []
    for given in map(Path, paths):
        if not given.is_dir():
            files.append(given)
            continue
        found = sorted({*given.glob("truth.json"), *given.glob("*.truth.json")})
        if not found:
            raise TruthError(f"There is no truth.json and no *.truth.json in {given}. Name the truth file itself.")
        files += found
    return list(dict.fromkeys(files))


def read_clips(paths: Iterable[str | os.PathLike[str]]) -> tuple[list[Clip], list[str]]:
    """All clips of truth files (or of the truth files in folders), and notes about keys that nobody knows.

    Raises:
        TruthError: a file cannot be read or is wrong (all its mistakes are listed), or two clips share a name.
    """
    clips: dict[str, Clip] = {}
    notes: list[str] = []
    for path in truth_files(paths):
        found, unknown = _read(path)
        notes += unknown
        for clip in found:
            if clip.name in clips:
                raise TruthError(
                    f"{clip.name} is in {clips[clip.name].source} and again in {path}. Results are told apart by the "
                    "file's name: rename one, or evaluate the files one by one."
                )
            clips[clip.name] = clip
    return list(clips.values()), notes


def _read(path: Path) -> tuple[list[Clip], list[str]]:
    try:
        data = read_json(path)
    except FileNotFoundError:
        raise TruthError(f"There is no truth file {path}. Its format is explained in docs/accuracy.md.") from None
    except OSError as error:
        raise TruthError(f"{path} cannot be read: {error.strerror}.") from None
    except json.JSONDecodeError as error:
        raise TruthError(f"{path}:{error.lineno}: not valid JSON: {error.msg}.") from None
    except ValueError as error:
        raise TruthError(f"{path} is not a truth file: {error}.") from None
    if not isinstance(data, dict) or not isinstance(data.get("clips"), list) or not data["clips"]:
        raise TruthError(f'{path} is not a truth file: it needs {{"clips": [...]}}. See docs/accuracy.md.')
    if len(data["clips"]) > MOST_CLIPS:
        raise TruthError(f"{path} has more than {MOST_CLIPS:,} clips. Split it.")
    crowded = [number for number, clip in enumerate(data["clips"], start=1) if _crowded(clip)]
    if crowded:
        raise TruthError(f"{path}: clips[{crowded[0]}] has more than {MOST_VALUES:,} values, or is nested too deeply.")
    schema = data.get("schema", SCHEMA)
    if isinstance(schema, int) and schema > SCHEMA:
        raise TruthError(f"{path} was made for a newer formcheck (schema {schema}, known here: {SCHEMA}). Update it.")
    mistakes, notes = _unknown_keys(data, path)
    truth: _TruthFile | None = None
    try:
        # As JSON once more: only there may tuples be written as lists.
        truth = _TruthFile.model_validate_json(json.dumps(data))
    except ValidationError as error:
        mistakes += [f"{_place(e['loc'], data)}{_explain(e)}" for e in error.errors(include_url=False)]
    if truth is None or mistakes:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        if len(mistakes) > MOST_TOLD:
            mistakes[MOST_TOLD:] = [f"and {len(mistakes) - MOST_TOLD} more"]
        raise TruthError(f"{count} in {path}:\n  " + "\n  ".join(mistakes))
    folder = path.parent
    return [
        Clip(Path(c.file).name, folder / c.file, folder / c.frames if c.frames else None, c, path) for c in truth.clips
    ], notes


def _crowded(clip: Any) -> bool:
    keys = len(clip) if isinstance(clip, dict) else 0
    return keys > 200 or too_much(clip, MOST_VALUES) is not None


_TABLES: dict[str, type[_Entry]] = {"repetitions": RepetitionTruth, "holds": HoldTruth, "faults": FaultTruth}
# What rendered samples say about a fault besides.
_MORE: dict[type[_Entry], set[str]] = {FaultTruth: {"measure", "value"}}


def _unknown_keys(data: dict[str, Any], path: Path) -> tuple[list[str], list[str]]:
    """Mistakes (keys that nearly have a known name) and notes (other keys, which are left alone)."""
    mistakes: list[str] = []
    strange: set[str] = set()

    def look(entry: Any, model: type[_Entry], where: tuple[str | int, ...]) -> None:
        if not isinstance(entry, dict):
            return
        known = {field.alias or name for name, field in model.model_fields.items()} | _MORE.get(model, set())
        for key in entry:
            if key in known:
                continue
            near = difflib.get_close_matches(key, sorted(known - set(entry)), n=1, cutoff=0.8)
            if near:
                mistakes.append(f"{_place((*where, key), data)}unknown key; is {near[0]!r} meant?")
            else:
                strange.add(key)
        for key, inner in _TABLES.items():
            if isinstance(entry.get(key), list):
                for i, part in enumerate(entry[key]):
                    look(part, inner, (*where, key, i))

    for i, clip in enumerate(data["clips"]):
        look(clip, ClipTruth, ("clips", i))
    return mistakes, [f"{path}: the key {key!r} is not known and is not used." for key in sorted(strange)]


def _place(loc: tuple[str | int, ...], data: dict[str, Any]) -> str:
    """Where a mistake is, with the clip's name: ``clips[3] (bridge.mp4) reps:``."""
    parts: list[str] = []
    for i, part in enumerate(loc):
        if isinstance(part, str):
            parts.append(part)
            continue
        parts[-1] += f"[{part + 1}]"
        if i == 1 and loc[0] == "clips":
            clip = data["clips"][part]
            if isinstance(clip, dict) and isinstance(clip.get("file"), str):
                parts[-1] += f" ({clip['file']})"
    return ": ".join(parts) + ": " if parts else ""


def _explain(error: Any) -> str:
    if error["type"] == "missing":
        return "is missing"
    return (
        str(error["msg"])
        .removeprefix("Value error, ")
        .replace("Input should be", "must be")
        .replace("a valid integer", "a whole number")
    )
