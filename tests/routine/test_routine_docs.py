"""docs/routine.md and docs/history.md say what the program does."""

from __future__ import annotations

import re
from math import radians, sin
from pathlib import Path

import pytest
from judging import SHIPPED, template
from pydantic import BaseModel

from formcheck.errors import TemplateError
from formcheck.history import noise
from formcheck.judge.template import Template
from formcheck.routine.form import Level, Routine, Step, parse_routine

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "routine.md").read_text(encoding="utf-8")
HISTORY = (ROOT / "docs" / "history.md").read_text(encoding="utf-8")

TABLES: dict[str, type[BaseModel]] = {
    "### The routine (top of the file)": Routine,
    "### `[[steps]]`": Step,
    "### `[[steps.easier]]`, `[[steps.harder]]`": Level,
}


def load(name: str) -> Template:
    if name not in SHIPPED:
        raise TemplateError(name)
    return template(name)


@pytest.mark.parametrize("heading", TABLES)
def test_every_key_is_documented_and_no_other(heading: str) -> None:
    after = PAGE[PAGE.index(heading + "\n") + len(heading) :]
    part = after.partition("\n#")[0]
    rows = {row.split("`")[1]: row for row in part.splitlines() if row.startswith("| `")}
    fields = {field.alias or name: field for name, field in TABLES[heading].model_fields.items()}
    assert set(rows) == set(fields)
    assert {key for key, row in rows.items() if "needed" in row} == {k for k, f in fields.items() if f.is_required()}
    for key, field in fields.items():
        if isinstance(field.default, int | float) and not isinstance(field.default, bool):
            assert f"default {field.default:g}" in rows[key]


def test_the_example_is_a_routine() -> None:
    found = re.search(r"<!-- example: mine.toml -->\n```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    assert len(parse_routine(found[1], "mine.toml", load).steps) == 2


def test_the_shipped_routines_are_listed() -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE[: PAGE.index("## A run")], re.MULTILINE))
    assert listed == {path.stem for path in (ROOT / "poses" / "routines").glob("*.toml")}


def test_the_noise_that_is_documented_is_the_noise_that_is_used() -> None:
    progress, compare = HISTORY.split("## Compare")
    row = {line.split(" | ")[0].strip("| "): line for line in progress.splitlines() if line.startswith("| ")}

    def of(unit: str, occasion: noise.Occasion, posture: str = "standing") -> float:
        found = noise.measure_noise(unit, occasion, posture)
        assert found
        return found.amount

    assert f"{of('deg', 'sessions'):g}°" in row["range, in degrees"]
    assert f"{sin(radians(of('deg', 'sessions'))):.2f}" in row["range, in lengths of the body"]
    assert f"{of('torso', 'sessions'):.2f}" in row["range, in lengths of the body"]
    assert f"{noise.TEMPO.amount:g} s" in row["time of a repetition"] or "0.4 s" in progress
    assert noise.TEMPO.amount == 0.4
    assert f"{100 * noise.CLEAN.amount:g} percentage points" in progress
    assert (noise.hold_noise(10).amount, noise.hold_noise(100).amount) == (2, 6)
    assert f"beyond {noise.SIDES_APART_DEG:g}°" in progress
    for words, value in (
        ("parts of one recording", of("deg", "same recording")),
        ("weeks of at least three days each", of("deg", "sessions")),
        ("left against right", of("deg", "sides")),
        ("two recordings", of("deg", "recordings")),
        ("two recordings of somebody who lies or is on hands and knees", of("deg", "recordings", "prone")),
    ):
        assert f"| {words} | {value:g}° |" in compare
