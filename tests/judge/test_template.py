"""Templates: what is accepted, and that every mistake of a file is told at once, with its place."""

from __future__ import annotations

import math
import re

import pytest
from small_templates import CURL, HANG, changed

from formcheck.errors import TemplateError
from formcheck.judge.template import MAX_FILE_CHARACTERS, Camera, Template, parse_template, template_from


def mistakes(text: str, source: str = "curl.toml") -> list[str]:
    """Lines of the message below its heading."""
    with pytest.raises(TemplateError) as caught:
        parse_template(text, source)
    heading, *lines = str(caught.value).splitlines()
    if lines:
        count = int(re.match(r"(\d+) mistakes? in ", heading)[1])  # type: ignore[index]
        assert count == len(lines), str(caught.value)
    return [line.strip() for line in lines] or [heading]


def line_of(text: str, start: str) -> int:
    return next(i for i, line in enumerate(text.splitlines(), 1) if line.startswith(start))


@pytest.mark.parametrize("text", [CURL, HANG])
def test_a_small_template_is_enough(text: str) -> None:
    template = parse_template(text)
    assert isinstance(template, Template)
    assert template.camera.counts_in == ("side", "oblique")


def test_a_template_cannot_be_changed() -> None:
    template = parse_template(CURL)
    with pytest.raises(ValueError, match="frozen"):
        template.id = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "key", "at", "message"),
    [
        (("schema = 1", "schema = 2"), "schema", "schema", "Input should be 1"),
        (('id = "curl"', 'id = "Curl 2"'), "id", "id", "'Curl 2' must match"),
        (('name = "Curl"', 'name = ""'), "name", "name", "at least 1 character"),
        (('kind = "repetitions"', 'kind = "reps"'), "kind", "kind", "'repetitions' or 'hold'"),
        (('summary = "Bend the elbow."\n', ""), "summary", None, "is missing"),
        (('summary = "Bend', 'sumary = "x"\nsummary = "Bend'), "sumary", "sumary", "unknown key"),
        (('instructions = ["Stand tall."]', "instructions = []"), "instructions", "instructions", "at least 1 item"),
        (('safety = ["Stop at pain."]', "safety = []"), "safety", "safety", "at least 1 item"),
        (('view = "side"\nadvice', 'view = "above"\nadvice'), "camera.view", "view", "'side', 'oblique' or 'front'"),
        (('advice = "Beside you."', 'height_m = "low"\nadvice = "x"'), "camera.height_m", "height_m", "must be a list"),
        (('advice = "Beside you."', 'height_m = [0.7, 0.3]\nadvice = "x"'), "camera.height_m", "height_m", "smaller"),
        (("rest = [150, 190]", "rest = [190, 150]"), "repetition.rest", "rest", "the smaller one first, not [190"),
        (("rest = [150, 190]", "rest = [150, inf]"), "repetition.rest", "rest", "must be two numbers"),
        (("rest = [150, 190]", "rest = [nan, 190]"), "repetition.rest", "rest", "must be two numbers"),
        (("min_range = 60", "min_range = 0"), "repetition.min_range", "min_range", "greater than 0"),
        (("min_range = 60", "min_range = nan"), "repetition.min_range", "min_range", "finite number"),
        (("min_range = 60", "min_range = inf"), "repetition.min_range", "min_range", "finite number"),
        (
            ("seconds = [0.5, 12]", "seconds = [-5, -1]"),
            "repetition.seconds",
            "seconds",
            "the shorter one first, not [-5",
        ),
        (("seconds = [0.5, 12]", "seconds = [2, 2]"), "repetition.seconds", "seconds", "the shorter one first, not [2"),
        (('direction = "down"', 'direction = "away"'), "repetition.direction", "direction", "'up' or 'down'"),
        (('severity = "S2"', 'severity = "S4"'), "faults[1].severity", "severity", "'S1', 'S2' or 'S3'"),
        (('when = ["peak"]', 'when = ["dawn"]'), "faults[1].when[1]", "when", "'setup', 'moving'"),
        (('when = ["peak"]', "when = []"), "faults[1].when", "when", "at least 1 item"),
        (('cue = "Slow down"', 'cue = ""'), "faults[2].cue", "cue", "at least 1 character"),
    ],
)
def test_a_wrong_value_is_told_with_key_and_line(
    change: tuple[str, str], key: str, at: str | None, message: str
) -> None:
    text = changed(CURL, change)
    told = mistakes(text)[0]
    assert message in told
    assert f"{key}: " in told
    if at is not None:
        section = text[: text.index(change[1])].count("\n")  # lines before the change
        line = next(i for i, row in enumerate(text.splitlines(), 1) if i > section and row.startswith(at))
        assert told.startswith(f"curl.toml:{line}: "), told


@pytest.mark.parametrize(
    ("change", "key", "message"),
    [
        (('value = "angle(', 'value = "angel('), "measures.elbow.value", "unknown function 'angel'"),
        (('at = "near.elbow"', 'at = "near.elbo"'), "measures.elbow.at", "unknown joint 'elbo'"),
        (('at = "near.elbow"', 'at = "midpoint(left.hip, right.hip)"'), "measures.elbow.at", "must be a landmark"),
        (('at = "near.elbow"', 'at = "elbow"'), "measures.elbow.at", "must be a landmark such as near.knee, not 'elbow'"),
        (('arms = ["near.shoulder", ', 'arms = ["top.shoulder", '), "measures.elbow.arms", "unknown 'top' before the dot"),
        (('signal = "elbow"', 'signal = "elbo"'), "repetition.signal", "unknown measure 'elbo'; known: elbow"),
        (('signal = "elbow"', 'signal = "elbow"\ndepth = "knee"'), "repetition.depth", "unknown measure 'knee'"),
        (('start = "base - 10"', 'start = "elbow - 10"'), "repetition.start", "unknown name 'elbow'; known here: base"),
        (('peak_enter = "80"', 'peak_enter = "100"'), "repetition", "'peak_enter' must lie beyond 'peak_exit'"),
        (('peak_exit = "95"', 'peak_exit = "165"'), "repetition", "'peak_exit' must lie beyond 'finish'"),
        (('start = "base - 10"', 'start = "base + 10"'), "repetition", "'start' must lie beyond the baseline"),
        (('finish = "base - 15"', 'finish = "base + 15"'), "repetition", "'finish' must lie beyond the baseline"),
        (('start = "base - 10"', 'start = "90"'), "repetition", "'peak_exit' must lie beyond 'start'"),
        (('rule = "elbow < 20"', 'rule = "wobble(elbow, 3) > 20"'), "faults[1].rule", "unknown function 'wobble'"),
        (('rule = "seconds', 'comfort = "best(highest(elbow, phase=peak)) < 1"\nrule = "seconds'), "faults[2].comfort", "no phase"),
        (('signal = "elbow"', 'signal = "elbow"\nonly_if = "elbow"'), "repetition.only_if", "must be a condition"),
        (('signal = "elbow"', 'signal = "elbow"\nstays = "elbow > 3 and x"'), "repetition.stays", "'x' is a function"),
        (('rule = "elbow < 20"', 'rule = "highest(elbow) < 20"'), "faults[1].rule", "unknown function 'highest'"),
        (('rule = "elbow < 20"', 'rule = "elbow < 20"\nonly_while = "3"'), "faults[1].only_while", "must be a condition"),
        (('rule = "seconds', 'comfort = "base"\nrule = "seconds'), "faults[2].comfort", "'base' is a function"),
        (('rule = "elbow < 20"', 'rule = "elbow < 20"\nworse = { rule = "toe", severity = "S3" }'), "faults[1].worse.rule", "unknown name 'toe'"),
        (('required = ["near.shoulder"', 'required = ["near.toes"'), "required[1]", "unknown joint 'toes'"),
        (("[repetition]", '[[setup]]\nrule = "elbow"\nsay = "x"\n[repetition]'), "setup[1].rule", "must be a condition"),
        (("[measures.elbow]", '[measures.angle]\nvalue = "1"\n[measures.elbow]'), "measures.angle", "is a word of the language"),
        (("[measures.elbow]", '[measures.torso]\nvalue = "1"\n[measures.elbow]'), "measures.torso", "is a word of the language"),
        (("[measures.elbow]", '[measures.base]\nvalue = "1"\n[measures.elbow]'), "measures.base", "is a word of the language"),
        (("[measures.elbow]", '[sides]\nlead = "near"\nother = "b"\ngreatest = "x(side.hip)"\n[measures.elbow]'), "sides", "'near' is a word of the language"),
        (("[measures.elbow]", '[sides]\nlead = "a"\nother = "b"\ngreatest = "x(a.hip)"\n[measures.elbow]'), "sides.greatest", "unknown 'a' before the dot; known: side, opposite"),
        (("[measures.elbow]", '[sides]\nlead = "a"\nother = "b"\nleast = "x(side.hip)"\nmargin = "y"\nlimit = "z"\n[measures.elbow]'), "sides.margin", "unknown name 'y'"),
        (("[measures.elbow]", '[sides]\nlead = "a"\nother = "b"\nleast = "x(left.hip)"\n[measures.elbow]'), "sides.least", "the same for both sides"),
        (("[repetition]", '[measures.bend]\nvalue = "elbow - base (elbow)"\n[measures.twice]\nvalue = "2 * bend"\n[measures.more]\nvalue = "base(twice)"\n[repetition]'), "measures.more.value", "is always 0"),
    ],
)  # fmt: skip
def test_an_expression_s_mistake_is_told_with_its_key(change: tuple[str, str], key: str, message: str) -> None:
    told = mistakes(changed(CURL, change))
    assert any(f" {key}: " in line and message in line for line in told), told


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('kind = "repetitions"', 'kind = "hold"'), "kind = 'hold' needs the table [hold] only"),
        (('posture = "standing"', 'posture = "floating"'), "unknown posture 'floating'; known: standing"),
        (('id = "hasty"', 'id = "high_elbow"'), "fault id 'high_elbow' is used twice"),
        (('when = ["peak"]', 'when = ["hold"]'), "phase 'hold' does not exist in an exercise of this kind"),
        (('when = ["peak"]', 'when = ["setup"]'), "phase 'setup' does not exist in an exercise of this kind"),
        (('when = ["peak"]', 'when = ["repetition", "peak"]'), "cannot be combined with other phases"),
        (('rule = "seconds', 'only_while = "elbow < 90"\nrule = "seconds'), "'only_while' narrows phases"),
        (('why = "They rise."', 'why = "x"\nworse = { rule = "elbow < 9", severity = "S1" }'), "'worse' must be more severe than S2, not S1"),
        (('advice = "Beside you."', 'advice = "x"\nmin_ratio = 0.5\nmax_ratio = 0.3'), "no view has a shoulder ratio from 0.5 to 0.3"),
        (("[measures.elbow]", "[dose]\nrepetitions = [15, 10]\n[measures.elbow]"), "'repetitions' must be two numbers above 0"),
        (("[measures.elbow]", "[dose]\nhold_s = [0, 10]\n[measures.elbow]"), "'hold_s' must be two numbers above 0"),
        (('advice = "Beside you."', 'advice = "x"\ncounts_in = ["side"]\n[repetition_in.front]\nmin_range = 3'), "[repetition_in.front]: nothing is counted"),
        (('cue = "Slow down"', 'cue = "now slow down a little bit please"'), "more than six words"),
        (('why = "They rise."', 'why = "x"\nvariant = { arm = "one" }'), "unknown variant arm = 'one'"),
        (('why = "They rise."', 'why = "x"\nunchosen = "1 > 0"'), "'unchosen' needs a 'variant'"),
        (("[measures.elbow]", '[sides]\nlead = "a"\nother = "b"\n[measures.elbow]'), "exactly one of 'greatest' and 'least'"),
        (("[measures.elbow]", '[sides]\nlead = "a"\nother = "a"\nleast = "x(side.hip)"\n[measures.elbow]'), "need different names"),
    ],
)  # fmt: skip
def test_contradictions_are_told(change: tuple[str, str], message: str) -> None:
    assert any(message in line for line in mistakes(changed(CURL, change)))


def test_a_hold_needs_its_own_phases() -> None:
    fault = '[[faults]]\nid = "x"\nmeasurable = "A"\nseverity = "S2"\nview = "any"\nwhen = ["peak"]\nrule = "arm < 1"\ncue = "x"\nwhy = "x"\n'
    (told,) = mistakes(HANG + fault)
    assert "phase 'peak' does not exist" in told
    assert (
        "kind = 'repetitions' needs the table [repetition] only"
        in mistakes(changed(HANG, ('kind = "hold"', 'kind = "repetitions"')))[0]
    )


def test_what_belongs_to_repetitions_has_no_place_in_a_hold() -> None:
    fault = (
        '[[faults]]\nid = "x"\nmeasurable = "A"\nseverity = "S2"\nview = "any"\nwhen = ["hold"]\nrule = "arm < 1"\n'
        'comfort = "arm < 0"\ncue = "x"\nwhy = "x"\n'
    )
    (told,) = mistakes(HANG + "[repetition_in.front]\nmin_range = 3\n" + fault)
    assert "[repetition_in] belongs to repetitions" in told
    assert "fault 'x': 'comfort' belongs to repetitions" in told


def test_an_unknown_key_inside_of_a_wrong_fault_is_told_with_what_else_is_wrong() -> None:
    """The fault was replaced by a harmless one, which has no 'worse' in which to look for the key."""
    worse = 'rule = "elbow < 20"\nworse = { rule = "elbow < 9", severity = "S9", hint = 3 }'
    told = mistakes(changed(CURL, ('rule = "elbow < 20"', worse), ('signal = "elbow"', 'signal = "knee"')))
    assert [line.split(": ")[1] for line in told] == [
        "faults[1].worse.severity", "faults[1].worse.hint", "repetition.signal",
    ]  # fmt: skip


def test_expressions_of_a_hold_are_checked() -> None:
    told = mistakes(
        changed(HANG, ("arm > 100", "leg > 100"), ("arm > 150", "arm"), ("arm > 140", "highest(arm) > 1")), "hang.toml"
    )
    assert [line.split(": ")[1] for line in told] == ["hold.position", "hold.enter", "hold.stay"]
    assert [line.split(": ")[0] for line in told] == [
        f"hang.toml:{line_of(HANG, k)}" for k in ("posit", "enter", "stay")
    ]


def test_every_mistake_is_told_at_once() -> None:
    text = changed(
        CURL,
        ('id = "curl"', 'id = "CURL"'),
        ("min_range = 60", "min_range = -1"),
        ('severity = "S2"', 'severity = "high"'),
        ('advice = "Beside you."', 'advise = "Beside you."'),
    )
    told = mistakes(text)
    assert {line.split(": ")[1] for line in told} == {
        "id", "repetition.min_range", "faults[1].severity", "camera.advise", "camera.advice",
    }  # fmt: skip


def test_every_mistake_in_expressions_is_told_at_once() -> None:
    text = changed(
        CURL,
        ('at = "near.elbow"', 'at = "near.tail"'),
        ('start = "base - 10"', 'start = "bass - 10"'),
        ('finish = "base - 15"', 'finish = "base -"'),
        ('rule = "elbow < 20"', 'rule = "elbow = 20"'),
        ('rule = "seconds(repetition) < 1.5"', 'rule = "seconds(rep) < 1.5"'),
    )
    told = mistakes(text)
    assert [line.split(": ")[1] for line in told] == [
        "measures.elbow.at", "repetition.start", "repetition.finish", "faults[1].rule", "faults[2].rule",
    ]  # fmt: skip
    lines = [i for i, row in enumerate(text.splitlines(), 1) if re.match(r"at|start|finish|rule", row)]
    assert [int(line.split(":")[1]) for line in told] == lines


def test_a_view_s_own_numbers_are_checked() -> None:
    text = CURL + '\n[repetition_in.front]\nsignal = "knee"\ndepth = "knee"\nstart = "base"\nfinish = "1 +"\n'
    told = mistakes(text)
    assert [line.split(": ")[1] for line in told] == [f"repetition_in.front.{k}" for k in ("signal", "depth", "finish")]
    fine = CURL + '\n[repetition_in.front]\nstart = "base - 12"\n'
    assert parse_template(fine).repetition_in["front"].start == "base - 12"
    assert "unknown key" in mistakes(CURL + "\n[repetition_in.front]\nseconds = [1, 2]\n")[0]


def test_broken_toml_is_told_with_its_line() -> None:
    (told,) = mistakes(changed(CURL, ('name = "Curl"', "name = Curl")))
    assert told.startswith("curl.toml: not valid TOML: ")
    assert "line 3" in told


def test_absurd_files_are_refused_politely() -> None:
    assert "at most" in mistakes("#" * (MAX_FILE_CHARACTERS + 1))[0]
    assert "not valid TOML" in mistakes("a = " + "[" * 20_000)[0]
    assert "is missing" in mistakes("")[0]
    assert "unknown key" in " ".join(mistakes("x = 1"))


def test_plain_data_can_be_checked_without_a_file() -> None:
    import tomllib

    data = tomllib.loads(CURL)
    assert template_from(data).id == "curl"
    data["repetition"]["start"] = "bass"
    with pytest.raises(
        TemplateError, match=r"1 mistake in template:\n  template: repetition.start: unknown name 'bass'"
    ):
        template_from(data)


@pytest.mark.parametrize(
    ("view", "camera", "ratios", "shown"),
    [
        ("any", "", (0.0, 0.8, float("nan")), (True, True, True)),
        ("side", "", (0.0, 0.36, 0.38, float("nan")), (True, True, False, False)),
        ("oblique", "", (0.2, 0.3, 0.7), (False, True, False)),
        ("front", "", (0.5, 0.7), (False, True)),
        ("side", "max_ratio = 0.5", (0.45, 0.55), (True, False)),
        ("side", "min_ratio = 0.2", (0.1, 0.3, 5.0), (False, True, True)),
        ("front", "max_ratio = 0.5", (0.45, 0.7), (False, True)),  # the camera's own view is the side
    ],
)
def test_the_camera_knows_which_views_show_a_rule(
    view: str, camera: str, ratios: tuple[float, ...], shown: tuple[bool, ...]
) -> None:
    template = parse_template(changed(CURL, ('advice = "Beside you."', f'advice = "x"\n{camera}')))
    assert tuple(template.camera.shows(view, ratio) for ratio in ratios) == shown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counts_in", "kind", "ratio", "counted"),
    [
        (["side", "oblique"], "side", 0.1, True),
        (["side", "oblique"], "oblique", 0.5, True),
        (["side", "oblique"], "front", 0.62, True),  # broad shoulders, 45 degrees off
        (["side", "oblique"], "front", 0.70, False),
        (["side"], "front", 0.62, False),
        (["front"], "front", 0.70, True),
        (["side", "oblique"], "unknown", math.nan, False),
    ],
)
def test_broad_shoulders_still_count_half_from_the_front(
    counts_in: list[str], kind: str, ratio: float, counted: bool
) -> None:
    camera = Camera(view="side", counts_in=counts_in, advice="Anywhere.")
    assert camera.counts(kind, ratio) == counted
