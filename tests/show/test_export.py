from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from disturbances import emptied
from motions import Bridge, Lunge, Plank, Repeats, still
from stick_figure import Camera

from formcheck.catalog import load_template
from formcheck.judge.moment import Moment
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.pose import Pose
from formcheck.show.export import AngleTable, write_holds, write_repetitions, write_report

PAGE = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")

# The third lunge is fast and leaning, the last one not finished.
LUNGES = Lunge(sides=("left", "right"), lean=40.0).motion(Repeats(count=4)).film(15)[:-45]
SIDE_PLANK = still(Plank().figure(), 6.0).film(15, Camera(height=30.0))


def judge(exercise: str, poses: list[Pose]) -> tuple[Report, list[Moment]]:
    session = Session(load_template(exercise))
    moments = [session.update(pose) for pose in poses]
    return session.finish(), moments


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def number(cell: str) -> float | None:
    return float(cell) if cell else None


def documented(heading: str) -> list[str]:
    """What the first cells of a section's table name."""
    text = PAGE.partition(f"# {heading}\n")[2]
    return re.findall(r"^\| `([^`]+)` \|", re.split(r"^#+ ", text, flags=re.MULTILINE)[0], re.MULTILINE)


# --- report.json -----------------------------------------------------------------------------------------------------


def tables(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with fixed keys in a report, with the heading that it is documented under."""
    yield "The report", document
    for key in ("video", "counts", "hold_s"):
        yield key, document[key]
    for key in ("repetitions", "holds", "faults", "cues", "readiness"):
        for entry in document[key]:
            yield key, entry
    for tip in document["tips"]:
        yield "faults", tip


def test_every_key_of_the_report_is_documented_and_no_other() -> None:
    looked_at = set()
    for exercise, poses in (("lunge", LUNGES), ("plank_forearm", SIDE_PLANK)):
        report, _ = judge(exercise, poses)
        for heading, table in tables(report.to_dict()):
            looked_at.add(heading)
            assert documented(heading) == list(table), heading
    assert looked_at == {
        "The report", "video", "counts", "hold_s", "repetitions", "holds", "faults", "cues", "readiness",
    }  # fmt: skip


def test_the_report_is_written_as_it_is(tmp_path: Path) -> None:
    report, _ = judge("lunge", LUNGES)
    write_report(report, tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == report.to_dict()


def test_a_path_that_is_no_utf8_survives(tmp_path: Path) -> None:
    report, _ = judge("lunge", LUNGES[:20])
    odd = b"caf\xe9 \xf0\x9f\x8f\x8b.mp4".decode("utf-8", "surrogateescape")
    report = report.about(type(report.video)(path=odd))
    write_report(report, tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_bytes())["video"]["path"] == odd


# --- repetitions.csv, holds.csv --------------------------------------------------------------------------------------


def test_repetitions_are_written_one_a_row(tmp_path: Path) -> None:
    report, _ = judge("lunge", LUNGES)
    write_repetitions(report, tmp_path / "r.csv")
    written = rows(tmp_path / "r.csv")
    assert [row["counted"] for row in written] == ["1", "1", "1", "0"]
    assert [row["number"] for row in written] == ["1", "2", "3", "4"]
    for row, r in zip(written, report.to_dict()["repetitions"], strict=True):
        assert row["side"] == (r["side"] or "")
        assert row["reason"] == (r["reason"] or "")
        assert row["depth_measure"] == r["depth_measure"]
        assert row["faults"].split() == r["faults"]
        assert row["not_visible"].split() == r["not_visible"]
        for key in ("start_s", "peak_s", "end_s", "depth"):
            assert number(row[key]) == r[key]
        for phase, seconds in r["seconds"].items():
            assert number(row[f"duration_{phase}_s"]) == seconds
        for name in report.measure_units:
            cells = (row[f"{name}_peak"], row[f"{name}_lowest"], row[f"{name}_highest"])
            assert [number(cell) for cell in cells] == [r["measures"][name], *r["extremes"][name]]
    assert "trunk_lean" in written[0]["faults"]


def test_holds_are_written_one_a_row(tmp_path: Path) -> None:
    report, _ = judge("plank_forearm", SIDE_PLANK)
    write_holds(report, tmp_path / "h.csv")
    (row,) = rows(tmp_path / "h.csv")
    (hold,) = report.to_dict()["holds"]
    assert float(row["in_form_s"]) == hold["in_form_s"] == pytest.approx(6.0, abs=0.5)
    assert float(row["hip_median"]) == hold["measures"]["hip"]


@pytest.mark.parametrize(("exercise", "poses"), [("bridge", []), ("plank_high", [])])
def test_tables_of_nothing_have_their_header(tmp_path: Path, exercise: str, poses: list[Pose]) -> None:
    report, _ = judge(exercise, poses)
    write_repetitions(report, tmp_path / "r.csv")
    write_holds(report, tmp_path / "h.csv")
    for name in ("r.csv", "h.csv"):
        (header,) = (tmp_path / name).read_text().splitlines()
        assert header.startswith("number,side,start_s,")


def test_no_column_name_is_used_twice_and_every_column_is_documented(tmp_path: Path) -> None:
    for exercise, poses in (("lunge", LUNGES), ("plank_forearm", SIDE_PLANK)):
        report, moments = judge(exercise, poses)
        template = load_template(exercise)
        write_repetitions(report, tmp_path / "repetitions.csv")
        write_holds(report, tmp_path / "holds.csv")
        with AngleTable(tmp_path / "angles.csv", template) as table:
            table.update(moments[0])
        for name in ("repetitions.csv", "holds.csv", "angles.csv"):
            columns = (tmp_path / name).read_text().splitlines()[0].split(",")
            assert len(set(columns)) == len(columns)
            general = [re.sub(f"^({'|'.join(template.measures)})_(?=peak$|lowest$|highest$|median$)", "<measure>_", c)
                       for c in columns]  # fmt: skip
            general = [re.sub("^duration_.*_s$", "duration_<phase>_s", c) for c in general]
            expected = [c for c in documented(name) if "<phase>" not in c or report.repetitions]
            assert list(dict.fromkeys(general)) == expected


# --- angles.csv ------------------------------------------------------------------------------------------------------


def angles(path: Path, exercise: str, moments: list[Moment]) -> list[dict[str, str]]:
    with AngleTable(path, load_template(exercise)) as table:
        for moment in moments:
            table.update(moment)
    return rows(path)


def measured(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of the template's measures; joint angles have names with a space."""
    return [row for row in rows if " " not in row["measure"]]


def test_every_measure_of_every_picture_has_a_row(tmp_path: Path) -> None:
    poses = emptied(Bridge().motion(Repeats(count=2)).film(10), 2.0, 3.0)
    report, moments = judge("bridge", poses)
    written = measured(angles(tmp_path / "angles.csv", "bridge", moments))
    names = list(report.measure_units)
    assert len(written) == len(poses) * len(names)
    for i, moment in enumerate(moments):
        for row, name, value in zip(written[i * len(names) :], names, moment.values, strict=False):
            assert (row["measure"], row["unit"], row["phase"]) == (name, report.measure_units[name], moment.phase)
            assert float(row["time_s"]) == pytest.approx(moment.time, abs=0.0005)
            assert row["in_position"] == str(int(moment.readiness.ready))
            if isnan(value):
                assert row["value"] == ""
            else:
                assert float(row["value"]) == pytest.approx(value, abs=0.0005)
    assert {row["value"] for row in written if 2.1 < float(row["time_s"]) < 2.9} == {""}
    assert {row["in_position"] for row in written} == {"0", "1"}


def test_the_side_is_that_of_the_body_part(tmp_path: Path) -> None:
    _, moments = judge("lunge", Lunge(sides=("left",)).motion(Repeats(count=1)).film(15))
    written = angles(tmp_path / "angles.csv", "lunge", moments)
    at_peak = {row["measure"]: row["side"] for row in written if row["phase"] == "peak"}
    assert (at_peak["front_knee"], at_peak["back_knee"]) == ("left", "right")
    assert (at_peak["bent_knee"], at_peak["trunk"], at_peak["knee_in"]) == ("", "", "")  # of both, of the middle
    _, moments = judge("bridge", Bridge().motion(Repeats(count=1)).film(15))
    near = moments[-1].view and moments[-1].view.near
    written = angles(tmp_path / "angles.csv", "bridge", moments)
    assert {row["side"] for row in written if row["measure"] == "hip"} == {near}
    assert {row["side"] for row in written if row["measure"] == "head_lift"} == {""}


def test_a_table_that_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), AngleTable(tmp_path / "angles.csv", load_template("bridge")):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
