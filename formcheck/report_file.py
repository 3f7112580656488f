"""Reads ``report.json`` again. It may have been damaged, or written by anybody: what is read has the right shape."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from formcheck.json_file import read_json
from formcheck.judge.report import SCHEMA

Number = Annotated[float, Field(ge=-1e12, le=1e12)]
"""Seconds, degrees, shares and counts are far smaller; sums and squares of these stay finite."""

Count = Annotated[int, Field(ge=0, le=10**9)]
Known = Number | None


def _without_odd_bytes(value: Any) -> Any:
    """Text as pydantic takes it: the name of a file may hold bytes that are no UTF-8."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_without_odd_bytes), Field(max_length=5000)]
Side = Literal["left", "right"] | None


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class _Repetition(_Table):
    side: Side
    start_s: Number
    peak_s: Number
    end_s: Number
    counted: bool
    depth: Known
    depth_measure: Text | None = None  # reports of version 0.2.0 and before do not name it
    measures: dict[str, Known]
    extremes: dict[str, Annotated[list[Known], Field(min_length=2, max_length=2)]]
    seconds: dict[str, Known]
    faults: list[Text]
    not_visible: list[Text]


class _Hold(_Table):
    side: Side
    start_s: Number
    end_s: Number
    in_form_s: Number
    held_s: Number
    longest_s: Number
    measures: dict[str, Known]
    faults: list[Text]


class _Fault(_Table):
    id: Text
    severity: Text
    cue: Text
    times: list[Number]


class _Cue(_Table):
    text: Text


class _Video(_Table):
    path: Text | None
    duration_s: Known
    frames: Count
    frames_with_person: Count


class _Counts(_Table):
    total: Count
    left: Count
    right: Count
    partial: Count


class _Held(_Table):
    in_form: Known
    held: Known


class _Report(_Table):
    formcheck_version: Text
    exercise: Text
    name: Text
    kind: Literal["repetitions", "hold"]
    video: _Video
    view: Text
    view_ratio: Known
    near_side: Side
    counts: _Counts
    repetitions: list[_Repetition]
    holds: list[_Hold]
    hold_s: _Held
    faults: list[_Fault]
    cues: list[_Cue]
    not_visible: list[Text]
    comfort_mode: bool
    units: dict[str, Text]
    notes: list[Text]


def read_report_file(path: Path) -> dict[str, Any]:
    """The contents of a ``report.json``.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no report of this version, or is damaged; says what is wrong in the end of a sentence.
    """
    return checked_report(read_json(path))


def checked_report(document: Any) -> dict[str, Any]:
    """The document, if it is a report in its JSON form (see ``docs/report.md``).

    Raises:
        ValueError: it is not; says what is wrong.
    """
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError(f'its schema is not "{SCHEMA}"')
    try:
        _Report.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return document
