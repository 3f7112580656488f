from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from judging import SHIPPED, template

from formcheck.catalog import exercise_files, shipped_folder
from formcheck.errors import RoutineError, TemplateError
from formcheck.judge.template import Template
from formcheck.routine.catalog import FOLDER, load_routine, routine_files
from formcheck.routine.form import COMMANDS, Routine, parse_routine
from formcheck.routine.schema import routine_schema

POSES = Path(__file__).parents[2] / "poses"
ROUTINES = sorted((POSES / "routines").glob("*.toml"))

PLAIN = """
schema = 1
id = "mine"
name = "Mine"
summary = "Two things."
[[steps]]
exercise = "lunge"
repetitions = [10, 15]
[[steps]]
exercise = "plank_high"
hold_s = [15, 60]
"""


def load(name: str) -> Template:
    if name not in SHIPPED:
        raise TemplateError(f"Unknown exercise {name!r}.")
    return template(name)


def read(text: str) -> Routine:
    return parse_routine(text, "mine.toml", load)


def mistakes(text: str) -> list[str]:
    with pytest.raises(RoutineError) as failure:
        read(text)
    first, *rest = str(failure.value).splitlines()
    assert first == f"mine.toml has {len(rest)} mistake{'' if len(rest) == 1 else 's'}:"
    return [line.strip() for line in rest]


def test_a_plain_routine_is_read() -> None:
    routine = read(PLAIN)
    assert [step.exercise for step in routine.steps] == ["lunge", "plank_high"]
    assert (routine.rest_s, routine.steps[0].sets, routine.steps[0].rest_s) == (20, 1, 45)


def test_every_mistake_is_told_at_once_with_its_place() -> None:
    text = """
schema = 1
id = "Mine"
summary = ""
weekly = true
[[steps]]
exercise = "lunge"
repetitions = [15, 10]
[[steps]]
exercise = "lunge"
hold_s = [10, 20]
variants = { leg = "third" }
[[steps.harder]]
say = "Fly."
exercise = "flying"
[[steps]]
exercise = "plank_high"
sides = "each"
sets = 0
[[steps]]
exercise = "plank_high"
sides = "each"
[[steps.easier]]
say = "Counted."
repetitions = [1, 2]
"""
    found = mistakes(text)
    for wanted in (
        r"id: 'Mine' is no name",
        "name: is missing",
        "summary: .*at least 1 character",
        "weekly: unknown key",
        r"steps\[1\]: a dose is two numbers .* not \[15, 10\]",
        r"steps\[2\]: Lunge is counted: give repetitions, not hold_s",
        r"steps\[2\]\.variants\.leg: Lunge has no variant 'third'",
        r"steps\[2\]\.harder\[1\]\.exercise: Unknown exercise 'flying'",
        r"steps\[3\]\.sets: .*greater than or equal to 1",
        r"steps\[4\]\.sides: High plank does not work one side at a time",
        r"steps\[4\]\.easier\[1\]: High plank is held: give hold_s, not repetitions",
    ):
        assert any(re.match(wanted, mistake) for mistake in found), wanted
    assert len(found) == 11


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_no_name(name: str) -> None:
    assert mistakes(PLAIN.replace('"mine"', f'"{name}"')) == [f"id: '{name}' is a command; choose another name"]


def test_sides_must_fit() -> None:
    assert mistakes(PLAIN.replace('"lunge"', '"clamshell"\nsides = "alternate"')) == [
        "steps[1].sides: Clamshell is done one side after the other: each, left or right"
    ]
    assert read(PLAIN.replace('"lunge"', '"lunge"\nsides = "alternate"')).steps[0].sides == "alternate"


@pytest.mark.parametrize("text", ["schema = ", "a = " + "[" * 5000, "x" * 200_000], ids=["broken", "deep", "long"])
def test_what_is_no_toml_is_told(text: str) -> None:
    with pytest.raises(RoutineError, match=r"^mine\.toml"):
        read(text)


# --- the shipped ones ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ROUTINES, ids=lambda path: path.stem)
def test_shipped_routines_have_no_mistakes_and_know_their_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert parse_routine(text, str(path), load).id == path.stem
    first = re.match(r"#:schema \./(\S+)\n", text)
    assert first
    assert (path.parent / first[1]).is_file()


def test_the_committed_schema_is_current() -> None:
    committed = json.loads((POSES / "routines" / "routine.schema.json").read_text(encoding="utf-8"))
    assert committed == routine_schema(), "write it anew, see formcheck/routine/schema.py"


def test_the_routine_of_the_article_is_complete() -> None:
    """Five strengthening exercises of 10 to 15 repetitions, three stretches of 30 to 60 s a side, a plank."""
    routine = read((POSES / "routines" / "hip-and-core.toml").read_text(encoding="utf-8"))
    doses = {step.exercise: step.repetitions or step.hold_s for step in routine.steps}
    strength = ("bridge", "clamshell", "fire_hydrant", "leg_lift", "lunge")
    stretches = ("lizard", "figure4_supine", "figure4_seated")
    assert list(doses) == [*strength, *stretches, "plank_forearm"]
    assert {doses[name] for name in strength} == {(10, 15)}
    assert {doses[name] for name in stretches} == {(30, 60)}


def test_routines_are_no_exercises_and_own_ones_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_POSES", str(tmp_path))
    assert set(routine_files()) == {path.stem for path in ROUTINES}
    assert not set(exercise_files()) & set(routine_files())
    (tmp_path / "routines").mkdir()
    (tmp_path / "routines" / "mine.toml").write_text(PLAIN)
    own = PLAIN.replace('"mine"', '"plank-ladder"')
    (tmp_path / "routines" / "plank-ladder.toml").write_text(own)
    assert load_routine("mine").name == "Mine"
    assert load_routine("plank-ladder").name == "Mine"
    assert load_routine("Plank ladder").name == "Mine"
    assert load_routine(tmp_path / "routines" / "mine.toml").name == "Mine"


def test_unknown_routines_are_told_with_the_nearest_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_POSES", str(tmp_path))
    with pytest.raises(RoutineError, match="Did you mean hip-and-core"):
        load_routine("hip-and-cor")
    with pytest.raises(RoutineError, match="There is no file"):
        load_routine("nowhere.toml")
    (tmp_path / "other.toml").write_text(PLAIN)
    with pytest.raises(RoutineError, match="must be the file's name, 'other'"):
        load_routine(tmp_path / "other.toml")
    (tmp_path / "latin.toml").write_bytes(b"name = 'caf\xe9'")
    with pytest.raises(RoutineError, match="UTF-8"):
        load_routine(tmp_path / "latin.toml")


def test_the_shipped_folder_is_beside_the_templates() -> None:
    assert shipped_folder() / FOLDER == POSES / "routines"
