"""The documentation says what the program does: names, keys, options and examples are compared with the code."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main
from motions import Lunge, Motion, Repeats
from pydantic import BaseModel
from stick_figure import ANKLE, SHANK, SIDES, STANDING, THIGH, Figure, at, direction

from formcheck.catalog import read_template
from formcheck.cli import app
from formcheck.judge import template as format_
from formcheck.judge.body import JOINTS
from formcheck.judge.language import FIXED_OWNERS, LENGTHS, NUMBERS, POINTS, Language
from formcheck.judge.language import PHASES as RANGE_PHASES
from formcheck.judge.posture import POSTURES
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.pose import Pose

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEMPLATES = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
EXERCISES = (ROOT / "docs" / "exercises.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
SHIPPED = [read_template(path) for path in sorted((ROOT / "poses").glob("*.toml"))]


def block(page: str, mark: str) -> str:
    """The code block after a marker such as ``<!-- example: analyze -->``."""
    found = re.search(rf"^<!-- {re.escape(mark)} -->\n```\w*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found, f"no code block after <!-- {mark} -->"
    return found[1]


def section(page: str, heading: str) -> str:
    """A heading's part of a page, up to the next heading of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}(?: <a [^\n]*)?$", page, re.MULTILINE)
    assert found, f"no heading {heading!r}"
    rest = page[found.end() :]
    following = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def rows(text: str) -> dict[str, str]:
    """Rows of the tables in a text, by what their first cell names in backticks."""
    return {name: row for row in text.splitlines() if row.startswith("| `") for name in [row.split("`")[1]]}


# --- templates.md ----------------------------------------------------------------------------------------------------

HEADINGS: dict[type[BaseModel], str] = {
    format_.Template: "The exercise (top of the file)",
    format_.Camera: "`[camera]`",
    format_.Dose: "`[dose]`",
    format_.Sides: "`[sides]`",
    format_.Measure: "`[measures.<name>]`",
    format_.Condition: "`[conditions.<name>]`",
    format_.Repetition: "`[repetition]`",
    format_.RepetitionInView: "`[repetition_in.<view>]`",
    format_.Hold: "`[hold]`",
    format_.Setup: "`[[setup]]`",
    format_.Fault: "`[[faults]]`",
    format_.Worse: "`worse = { … }`",
}


def tables_of(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every table that a type can hold, itself included."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from tables_of(field.annotation)
    for argument in get_args(annotation):
        yield from tables_of(argument)


def test_every_table_of_the_format_has_its_heading() -> None:
    assert set(HEADINGS) == set(tables_of(format_.Template))


@pytest.mark.parametrize("table", HEADINGS, ids=lambda table: table.__name__)
def test_every_key_of_a_table_is_documented_and_no_other(table: type[BaseModel]) -> None:
    documented = rows(section(TEMPLATES, HEADINGS[table]))
    keys = {field.alias or name: field for name, field in table.model_fields.items()}
    assert set(documented) == set(keys)
    needed = {key for key, row in documented.items() if ", needed |" in row}
    assert needed == {key for key, field in keys.items() if field.is_required()}


@pytest.mark.parametrize("table", HEADINGS, ids=lambda table: table.__name__)
def test_every_default_of_a_table_is_the_one_documented(table: type[BaseModel]) -> None:
    documented = rows(section(TEMPLATES, HEADINGS[table]))
    for name, field in table.model_fields.items():
        default = field.default
        if field.is_required() or field.default_factory or isinstance(default, BaseModel) or default in (None, ()):
            continue
        row = documented[field.alias or name]
        if isinstance(default, bool):
            assert f"`{str(default).lower()}` (default)" in row
        elif isinstance(default, tuple):
            assert "default `[" + ", ".join(f'"{word}"' for word in default) + "]`" in row
        elif isinstance(default, str):
            assert f'`"{default}"` (default)' in row or f'default `"{default}"`' in row
        else:
            assert re.search(rf"default {default:g}\b", row)


@pytest.mark.parametrize(
    ("table", "key", "heading"),
    [
        (format_.Camera, "view", "Views"),
        (format_.Measure, "unit", "Units"),
        (format_.Fault, "when", "Phases"),
        (format_.Fault, "view", "Views"),
    ],
)
def test_every_fixed_word_is_documented(table: type[BaseModel], key: str, heading: str) -> None:
    words = set(literals(typing.get_type_hints(table)[key]))
    documented = set(rows(section(TEMPLATES, heading)))
    assert words <= documented
    if key in ("unit", "when"):
        assert documented <= words


@pytest.mark.parametrize("table", HEADINGS, ids=lambda table: table.__name__)
def test_every_other_choice_is_in_the_row_of_its_key(table: type[BaseModel]) -> None:
    documented = rows(section(TEMPLATES, HEADINGS[table]))
    for name, annotation in typing.get_type_hints(table).items():
        if name in ("view", "counts_in", "unit", "when", "schema_version", "repetition_in"):
            continue
        for word in literals(annotation):
            assert f'`"{word}"`' in documented[name]


def literals(annotation: Any) -> list[str]:
    """The words that a type allows."""
    if typing.get_origin(annotation) is typing.Literal:
        return [str(word) for word in get_args(annotation)]
    return [word for argument in get_args(annotation) for word in literals(argument)]


def test_literals_looks_into_unions_and_tuples() -> None:
    kind = types.GenericAlias(tuple, (format_.ViewName, ...))
    assert literals(kind | None) == ["side", "oblique", "front"]


def test_every_posture_is_documented() -> None:
    assert set(rows(section(TEMPLATES, "Postures"))) == set(POSTURES)


def test_every_landmark_and_length_is_documented() -> None:
    landmarks = set(rows(section(TEMPLATES, "Landmarks")))
    assert landmarks == {*FIXED_OWNERS, "side", "opposite", *JOINTS}
    assert set(rows(section(TEMPLATES, "Lengths and directions"))) == set(LENGTHS)
    assert "and `nose`" in section(TEMPLATES, "Landmarks")


def test_every_function_is_documented_with_as_many_arguments_as_it_takes() -> None:
    for heading, functions in (("Functions of landmarks", POINTS), ("Functions of numbers", NUMBERS)):
        documented = {form.partition("(")[0]: form for form in rows(section(TEMPLATES, heading))}
        macros = {"ahead", "visibility"} if functions is POINTS else set()
        assert set(documented) == {*functions, *macros}
        for name, function in functions.items():
            arguments = documented[name].partition("(")[2].rstrip(")").split(", ")
            assert ("…" in arguments) == function.variadic
            assert len(arguments) == len(function.takes)


def test_every_other_form_is_documented() -> None:
    language = Language()
    forms = {*language.of_rule().macros, *language.of_range().macros} - {"ahead", "visibility"}
    documented = rows(section(TEMPLATES, "Against rest, and over time"))
    assert {form.partition("(")[0] for form in documented} == forms
    for name in ("highest", "lowest", "median", "spread"):
        assert f"`{name}(measure, phase)`" in documented[f"{name}(measure)"]


def test_the_phases_of_range_rules_are_marked() -> None:
    documented = rows(section(TEMPLATES, "Phases"))
    assert {phase for phase, row in documented.items() if row.endswith("| yes |")} == set(RANGE_PHASES)


@pytest.fixture
def march(tmp_path: Path) -> format_.Template:
    """The example of the page, written into a folder as it tells the reader to."""
    path = tmp_path / "march.toml"
    path.write_text(block(TEMPLATES, "example: march.toml"), encoding="utf-8")
    return read_template(path)


def marching(lift: float, lean: float = 0.0) -> list[Pose]:
    """Six steps of a stick figure seen from the side, right leg first; the thigh comes up to `lift` degrees."""
    repeats = Repeats(count=6, seconds=2.4)

    def look(time: float) -> Any:
        i, share = repeats.share(time)
        thigh = -85.0 + share * (lift + 85.0)
        hip = at(0.0, STANDING)
        foot = hip + THIGH * direction(thigh) - at(0.0, SHANK * 0.99)
        ankles = {SIDES[(i + 1) % 2]: foot if share > 0 else at(0.0, ANKLE), SIDES[i % 2]: at(0.0, ANKLE)}
        return Figure(hip, trunk=90.0 - lean * share, ankles=ankles).points()

    return Motion(repeats.duration, look).film()


def judged(template: format_.Template, poses: list[Pose]) -> Report:
    session = Session(template)
    for pose in poses:
        session.update(pose)
    return session.finish()


def test_the_example_of_the_page_counts_by_side(march: format_.Template) -> None:
    report = judged(march, marching(lift=-5.0))
    assert (report.counts.total, report.counts.left, report.counts.right) == (6, 3, 3)
    assert not report.faults
    assert not report.cues


def test_the_example_of_the_page_names_faults(march: format_.Template) -> None:
    assert [f.id for f in judged(march, marching(lift=-32.0)).faults] == ["low_knee"]
    leaning = judged(march, marching(lift=-5.0, lean=-25.0))
    assert [f.id for f in leaning.faults] == ["leans_back"]
    assert leaning.cues[0].text == "Stay tall"


def test_the_example_of_the_page_reports_half_lifts_without_counting_them(march: format_.Template) -> None:
    counts = judged(march, marching(lift=-55.0)).counts
    assert (counts.total, counts.partial) == (0, 6)


# --- exercises.md ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", SHIPPED, ids=lambda template: template.id)
def test_every_exercise_has_its_section(template: format_.Template) -> None:
    assert section(EXERCISES, template.name).lstrip().startswith(f"`{template.id}`: ")


@pytest.mark.parametrize("template", SHIPPED, ids=lambda template: template.id)
def test_every_bold_number_stands_in_the_template(template: format_.Template) -> None:
    rules = (ROOT / "poses" / f"{template.id}.toml").read_text(encoding="utf-8")
    numbers = {float(number) for number in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", rules)}
    stated = re.findall(r"\*\*(-?[\d.]+)\*\*", section(EXERCISES, template.name))
    assert stated
    assert [number for number in stated if float(number) not in numbers] == []


def test_every_source_that_a_template_names_is_listed() -> None:
    listed = set(re.findall(r"^\| \[([A-Z]\d*)\] \|", EXERCISES, re.MULTILINE))
    text = EXERCISES + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "poses").glob("*.toml"))
    named = {code for group in re.findall(r"\[([A-Z]\d*(?:, [A-Z]\d*)*)\]", text) for code in group.split(", ")}
    named |= {source for template in SHIPPED for source in template.sources if re.fullmatch(r"[A-Z]\d+", source)}
    assert named <= listed


# --- README.md -------------------------------------------------------------------------------------------------------


def test_the_readme_lists_the_exercises_and_no_other() -> None:
    table = README[README.index("| exercise | | camera |") : README.index("**Camera.**")]
    listed = {name for row in table.splitlines() for name in row.split(" | ")[0].split("`")[1::2]}
    assert listed == {template.id for template in SHIPPED}


def test_the_readme_lists_every_option_of_analyze_and_no_other() -> None:
    options = {text for parameter in commands()["analyze"].params for text in parameter.opts if text[0] == "-"}
    table = README[README.index("**Options** of `formcheck analyze`") : README.index("Exit code: 0")]
    codes = " ".join(code for row in table.splitlines()[1:] for code in row.split("`")[1::2])
    documented = {word for word in codes.split() if word.startswith("-")}
    assert {word.rstrip(",") for word in documented} == options - {"--help", "-h"}


def commands() -> dict[str, Any]:
    """The commands of the program by name, as click objects."""
    program: Any = typer.main.get_command(app)
    return dict(program.commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_mentioned_exists_with_its_options(page: Path) -> None:
    known = commands()
    text = page.read_text(encoding="utf-8")
    mentioned = re.findall(r"(?<!from )formcheck ([a-z][a-z-]*(?: [^\n`|#]*)?)", "\n".join(code_of(text)))
    for line in mentioned:
        name, *words = line.split()
        assert name in known, f"formcheck {line}"
        command = known[name]
        inner = getattr(command, "commands", {})
        if inner and words and not words[0].startswith("-"):  # a group: its command, or the one that it stands for
            command = inner.get(words[0]) or inner["run"]
        options = {text for parameter in command.params for text in parameter.opts}
        assert [word for word in words if word.startswith("-") and word not in options] == []


def code_of(text: str) -> list[str]:
    """Lines of code blocks without a language, and inline code."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    blocks = [block for language, block in fenced if not language]
    inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
    return [line for block in blocks for line in block.splitlines()] + inline


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        goal = page.parent / file if file else page
        assert goal.is_file(), target
        if anchor:
            assert anchor in anchors(goal.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """The anchors that a page offers: those of its headings as GitHub makes them, and its own."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings]
    return {*plain, *re.findall(r'<a id="([^"]+)">', text)}


def test_the_example_with_own_landmarks_runs(capsys: pytest.CaptureFixture[str]) -> None:
    poses = Lunge(sides=("right",), lean=35.0).motion(Repeats(count=4)).film()
    landmarks = [(pose.time, pose.points, pose.visibility) for pose in poses]
    exec(block(README, "example: session"), {"my_landmarks": landmarks})
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "4 ['trunk_lean']"
    assert any(line.endswith(" s: Lift your chest tall") for line in said)


@pytest.mark.model
def test_the_example_with_a_video_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = block(README, "example: analyze").replace("samples/clips", (ROOT / "samples" / "clips").as_posix())
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    first, *others = capsys.readouterr().out.splitlines()
    count = int(re.match(r"(\d+) lunges", first)[1])  # type: ignore[index]
    assert count == len(others) > 0
    assert (tmp_path / "results" / "report.json").is_file()
