"""Reports and angles as files for other programs: JSON and tidy CSV. Documented in ``docs/report.md``."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from formcheck.judge.body import JOINTS, LEFT, RIGHT
from formcheck.judge.exercise import Exercise
from formcheck.judge.moment import Moment
from formcheck.judge.report import Report
from formcheck.judge.template import Template
from formcheck.pose import Landmark
from formcheck.show.joint_angles import joint_angles
from formcheck.unfinished import UnfinishedFile, output_error

ANGLES_COLUMNS = ("time_s", "measure", "side", "value", "unit", "phase", "in_position", "confidence")

REPETITION_COLUMNS = (
    "number",
    "side",
    "start_s",
    "peak_s",
    "end_s",
    "counted",
    "reason",
    "depth",
    "depth_measure",
    "faults",
    "not_visible",
)
HOLD_COLUMNS = (
    "number",
    "side",
    "start_s",
    "end_s",
    "in_form_s",
    "held_s",
    "lost_s",
    "longest_s",
    "breaks",
    "faults",
)


class AngleRows:
    """The rows of ``angles.csv``: every measure of the template, and every joint angle of both sides."""

    def __init__(self, template: Template) -> None:
        exercise = Exercise(template)
        self._columns = [
            (name, template.measures[name].unit, _whose(compiled.landmarks), compiled.landmarks)
            for name, compiled in exercise.measures
        ]

    def of(self, moment: Moment) -> Iterator[tuple[Any, ...]]:
        """The rows of one moment, in the columns of `ANGLES_COLUMNS`; None is what was not seen."""
        near = moment.view.near if moment.view is not None else None
        lead = moment.side
        sides = {"near": near, "far": _opposite(near), "lead": lead, "other": _opposite(lead), None: None}
        time, phase, in_position = _number(moment.time), moment.phase, int(moment.readiness.ready)
        # Where it is not known which side leads, measures take the near one.
        owners = {**sides, "lead": lead or near, "other": _opposite(lead or near), "left": "left", "right": "right"}
        clear: list[float] = moment.pose.visibility.tolist()
        for (name, unit, whose, landmarks), value in zip(self._columns, moment.values, strict=True):
            sure = min((_visibility(clear, owners, *landmark) for landmark in landmarks), default=None)
            yield time, name, sides.get(whose, whose), _number(value), unit, phase, in_position, _number(sure)
        for angle, side, degrees, confidence in joint_angles(moment.pose):
            yield time, angle.name, side, _number(degrees), "deg", phase, in_position, _number(confidence)


class AngleTable:
    """``angles.csv``: every angle of every picture, one row each (tidy), written as they come.

    Use it in a `with` block: the file appears, complete, when the block ends well; otherwise nothing is left of it.

    Raises:
        OutputError: the file cannot be written (on opening, by `update` or by `close`).
    """

    def __init__(self, path: str | os.PathLike[str], template: Template) -> None:
        self.path = Path(path)
        self._angles = AngleRows(template)
        self._file = UnfinishedFile(self.path)
        try:
            self._text = self._file.path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            self._file.discard()
            raise output_error(self.path, error) from error
        self._rows = csv.writer(self._text, lineterminator="\n")
        try:
            self._write([ANGLES_COLUMNS])
        except BaseException:
            self.discard()
            raise

    def update(self, moment: Moment, frame: object = None) -> None:
        """Add the angles of a moment; an empty value is one that was not seen."""
        self._write(self._angles.of(moment))

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._text.closed:
            return
        try:
            self._text.close()
        except OSError as error:
            self.discard()
            raise output_error(self.path, error) from error
        self._file.finish()

    def discard(self) -> None:
        """Stop, and remove what has been written."""
        try:
            self._text.close()
        except OSError:  # what a full disk would not take goes away anyhow
            pass
        finally:
            self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.discard()

    def _write(self, rows: Iterable[Sequence[Any]]) -> None:
        try:
            self._rows.writerows(rows)
        except OSError as error:
            raise output_error(self.path, error) from error


def write_report(report: Report, path: str | os.PathLike[str]) -> None:
    """Write ``report.json``.

    Raises:
        OutputError: the file cannot be written.
    """
    text = json.dumps(report.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
    # A file's name may hold bytes that are no UTF-8; JSON has an escape for them.
    with UnfinishedFile(path) as file:
        file.path.write_bytes(text.encode("utf-8", "backslashreplace") + b"\n")


def write_repetitions(report: Report, path: str | os.PathLike[str]) -> None:
    """Write ``repetitions.csv``: one row an attempt, counted or not.

    Raises:
        OutputError: the file cannot be written.
    """
    phases = list(dict.fromkeys(phase for r in report.repetitions for phase in r.seconds))
    measures = list(report.measure_units)
    header = [
        *REPETITION_COLUMNS,
        *(f"duration_{phase}_s" for phase in phases),
        *(f"{name}_{kind}" for name in measures for kind in ("peak", "lowest", "highest")),
    ]
    rows: list[list[Any]] = []
    for number, r in enumerate(report.repetitions, start=1):
        row: list[Any] = [number, r.side, *map(_number, (r.start_s, r.peak_s, r.end_s)), int(r.counted)]
        row += [r.reason, _number(r.depth), r.depth_measure, " ".join(r.faults), " ".join(r.not_visible)]
        row += [_number(r.seconds.get(phase)) for phase in phases]
        for name in measures:
            row += map(_number, (r.measures.get(name), *r.extremes.get(name, (None, None))))
        rows.append(row)
    _write_table(path, header, rows)


def write_holds(report: Report, path: str | os.PathLike[str]) -> None:
    """Write ``holds.csv``: one row a hold.

    Raises:
        OutputError: the file cannot be written.
    """
    measures = list(report.measure_units)
    rows: list[list[Any]] = []
    for number, h in enumerate(report.holds, start=1):
        seconds = (h.start_s, h.end_s, h.in_form_s, h.held_s, h.lost_s, h.longest_s)
        row: list[Any] = [number, h.side, *map(_number, seconds), h.breaks, " ".join(h.faults)]
        rows.append([*row, *(_number(h.measures.get(name)) for name in measures)])
    _write_table(path, [*HOLD_COLUMNS, *(f"{name}_median" for name in measures)], rows)


def _write_table(path: str | os.PathLike[str], header: list[str], rows: list[list[Any]]) -> None:
    with UnfinishedFile(path) as file, file.path.open("w", encoding="utf-8", newline="") as text:
        table = csv.writer(text, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)


def _number(value: float | None) -> float | None:
    """Rounded as in ``report.json``; an empty cell for what was not seen."""
    return round(value, 3) + 0.0 if value is not None and isfinite(value) else None


def _whose(landmarks: tuple[tuple[str, str], ...]) -> str | None:
    """The side that all landmarks of a measure belong to; None if it takes from both or from the middle."""
    owners = {owner for owner, _ in landmarks if owner in ("near", "far", "left", "right", "lead", "other")}
    return owners.pop() if len(owners) == 1 else None


def _visibility(clear: list[float], owners: Mapping[str | None, str | None], owner: str, joint: str) -> float:
    """Visibility of a landmark as expressions name it; of the better one for a point halfway."""
    if owner == "nose":
        return clear[Landmark.NOSE]
    i = JOINTS.index(joint)
    left, right = clear[LEFT[i]], clear[RIGHT[i]]
    side = owners.get(owner)
    return left if side == "left" else right if side == "right" else max(left, right)


def _opposite(side: str | None) -> str | None:
    return {"left": "right", "right": "left"}.get(side or "")
