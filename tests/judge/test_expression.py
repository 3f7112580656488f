"""The expression language: what it understands, what it refuses, and where it says the mistake is."""

from __future__ import annotations

import ast
import math
import operator
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.judge.expression import (
    MAX_DEPTH,
    MAX_LENGTH,
    ExpressionError,
    Function,
    Kind,
    Scope,
    both,
    compile_expression,
)

SCOPE = Scope(
    names={
        "knee": ("number", lambda s: s["knee"], (("near", "knee"),)),
        "hip": ("number", lambda s: s["hip"], (("near", "hip"), ("far", "hip"))),
        "nose": ("point", lambda s: (1.0, 2.0), (("nose", "nose"),)),
    },
    functions={
        "abs": Function(("number",), "number", abs, "size"),
        "x": Function(("point",), "number", lambda p: p[0], "first"),
        "sum2": Function(("number", "number"), "number", lambda a, b: a + b, "sum"),
        "sum3": Function(("number", "number", "number"), "number", lambda a, b, c: a + b + c, "sum"),
        "max": Function(("number", "number"), "number", max, "greatest", variadic=True),
    },
    macros={"twice": lambda compiler, node: ("number", _doubled(compiler.number(node.args[0])))},
    joint=lambda owner, joint: (owner, lambda s: (3.0, 4.0)) if (owner, joint) == ("near", "ankle") else None,
    owners=("near", "far"),
    joints=("ankle", "knee"),
)


def _doubled(inner: Any) -> Any:
    return lambda s: 2 * inner(s)


def value(text: str, knee: float = 90.0, hip: float = 10.0, kind: Kind = "number") -> Any:
    return compile_expression(text, SCOPE, kind).evaluate({"knee": knee, "hip": hip})


def error(text: str, kind: Kind = "number", scope: Scope = SCOPE) -> str:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, scope, kind)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3.0),
        ("2.5", 2.5),
        ("  knee  ", 90.0),
        ("-knee", -90.0),
        ("+knee", 90.0),
        ("knee + hip", 100.0),
        ("knee - hip", 80.0),
        ("knee * hip", 900.0),
        ("knee / hip", 9.0),
        ("1 + 2 * 3 - 4 / 2", 5.0),
        ("(1 + 2) * 3", 9.0),
        ("- -hip", 10.0),
        ("abs(-hip)", 10.0),
        ("sum2(1, 2)", 3.0),
        ("sum3(1, 2, 3)", 6.0),
        ("max(1, 2)", 2.0),
        ("max(1, 2, 9, 4)", 9.0),
        ("x(nose)", 1.0),
        ("x(near.ankle)", 3.0),
        ("twice(knee + 1)", 182.0),
    ],
)
def test_numbers(text: str, expected: float) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("knee < 91", True),
        ("knee <= 90", True),
        ("knee > 90", False),
        ("knee >= 90", True),
        ("80 < knee < 100", True),
        ("80 < knee < hip", False),
        ("knee > 80 and hip < 5", False),
        ("knee > 80 or hip < 5", True),
        ("not knee > 80", False),
        ("knee > 80 and hip > 5 and knee < 100", True),
        ("not (knee > 80 and hip < 5)", True),
        ("knee < 0 or hip < 0", False),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    assert value(text, kind="truth") is expected


def test_points() -> None:
    assert value("nose", kind="point") == (1.0, 2.0)
    assert value("near.ankle", kind="point") == (3.0, 4.0)


def test_an_expression_knows_what_it_rests_on() -> None:
    found = compile_expression(" hip + x(near.ankle) + knee + hip ", SCOPE, "number")
    assert found.text == "hip + x(near.ankle) + knee + hip"
    assert found.kind == "number"
    assert found.uses == ("hip", "knee")
    assert found.landmarks == (("near", "hip"), ("far", "hip"), ("near", "ankle"), ("near", "knee"))


def test_division_by_zero_is_unknown_instead_of_an_exception() -> None:
    assert math.isnan(value("knee / (hip - 10)"))


def test_unseen_passes_through_arithmetic_and_makes_comparisons_false() -> None:
    assert math.isnan(value("knee + hip * 2", hip=math.nan))
    for text in ("knee < 1000", "knee > -1000", "0 < knee < 1000"):
        assert value(text, knee=math.nan, kind="truth") is False
    assert value("not knee > 112", knee=math.nan, kind="truth") is True


def test_both_is_unseen_if_either_is() -> None:
    assert both(1.0, 2.0, min) == 1.0
    assert math.isnan(both(math.nan, 2.0, min))
    assert math.isnan(both(1.0, math.nan, max))


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "knee.__class__",
        "near.ankle.__class__",
        "().__class__",
        "(1).real",
        "'text'",
        "b'bytes'",
        "f'{knee}'",
        "...",
        "None",
        "1j",
        "lambda: 1",
        "lambda s: s",
        "[knee for knee in hip]",
        "[1, 2]",
        "(1, 2)",
        "{1, 2}",
        "{1: 2}",
        "{k: 1 for k in hip}",
        "(k for k in hip)",
        "(knee := 3)",
        "knee[0]",
        "knee[0:1]",
        "knee if hip else 3",
        "knee ** 2",
        "knee % 2",
        "knee // 2",
        "knee @ hip",
        "knee | hip",
        "knee & hip",
        "knee ^ hip",
        "knee << 1",
        "~knee",
        "await knee",
        "yield knee",
        "abs(*knee)",
        "abs(**knee)",
        "abs(knee=1)",
        "max(1, key=2)",
        "abs(knee)(hip)",
        "near.ankle(1)",
        "open('/etc/passwd')",
        "eval('1')",
        "exec('1')",
        "getattr(knee, 'a')",
        "vars()",
        "print(1)",
        "__builtins__",
        "_",
        "near.__dict__",
        "import os",
        "knee; hip",
        "knee = 3",
        "del knee",
        "",
        "   ",
        "knee +",
        "(knee",
        "knee)",
        "knee hip",
        "1 2",
        "knee\x00",
        "# nothing",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    assert error(text)


@pytest.mark.parametrize(
    "text", ["knee == 3", "knee != 3", "knee is hip", "knee in hip", "knee not in hip", "1 < knee == 3"]
)
def test_only_four_comparisons_exist(text: str) -> None:
    assert "only <, <=, > and >= compare here" in error(text, "truth")


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("True", "truth", "true and false have no meaning here (column 1 of 'True')"),
        ("knee and hip > 3", "truth", "'knee' must be a condition such as 'knee > 112' (column 1 of"),
        ("knee > 3 and hip", "truth", "'hip' must be a condition such as 'knee > 112' (column 14 of"),
        ("not knee", "truth", "'knee' must be a condition"),
        ("1 + (knee > 3)", "number", "'knee > 3' must be a number (column 6 of"),
        ("-(knee > 3)", "number", "'knee > 3' must be a number"),
        ("nose + 1", "number", "'nose' must be a number (column 1 of"),
        ("nose > 1", "truth", "'nose' must be a number"),
        ("+nose", "number", "'nose' must be a number"),
        ("knee + toe", "number", "unknown name 'toe'; known here: hip, knee, nose (column 8 of 'knee + toe')"),
        ("abs", "number", "'abs' is a function; write abs(...) (column 1 of"),
        ("twice + 1", "number", "'twice' is a function; write twice(...)"),
        ("sin(knee)", "number", "unknown function 'sin'; known here: abs, max, sum2, sum3, twice, x (column 1 of"),
        ("near.toe", "point", "unknown joint 'toe'; known: ankle, knee (column 1 of"),
        ("back.ankle", "point", "unknown 'back' before the dot; known: near, far (column 1 of"),
        ("abs()", "number", "abs takes 1 arguments (number), not 0"),
        ("abs(1, 2)", "number", "abs takes 1 arguments (number), not 2"),
        ("max(1)", "number", "max takes 2 arguments (number, number), not 1"),
        ("x(knee)", "number", "'knee' must be a landmark such as near.knee (column 3 of"),
        ("abs(nose)", "number", "'nose' must be a number (column 5 of"),
        ("abs(knee > 1)", "number", "'knee > 1' must be a number"),
        ("knee ** 2", "number", "'knee ** 2' is not part of the language (column 1 of"),
        ("1 + knee[0]", "number", "'knee[0]' is not part of the language (column 5 of"),
        ("knee > 3", "number", "must be a number, but 'knee > 3' is a condition"),
        ("knee", "truth", "must be a condition such as 'knee > 112', but 'knee' is a number"),
        ("knee", "point", "must be a landmark, but 'knee' is a number"),
        ("knee +", "number", "cannot be read: 'knee +'"),
        ("hip + 0777", "number", "cannot be read at column"),
        ("hip + " + "9" * 400, "number", "a number must be smaller than a billion (column 7 of"),
        ("1e400", "number", "a number must be smaller than a billion"),
    ],
)
def test_messages_say_what_is_wrong_and_where(text: str, kind: Kind, message: str) -> None:
    assert message in error(text, kind)


def test_an_empty_scope_says_that_nothing_is_known() -> None:
    assert "known here: none" in error("knee", scope=Scope())
    assert "known here: none" in error("abs(1)", scope=Scope())
    assert "known: none here" in error("near.knee", "point", scope=Scope())


def test_length_is_limited() -> None:
    assert f"longer than {MAX_LENGTH}" in error("1" + " + 1" * MAX_LENGTH)
    assert value("1" + "+1" * 30) == 31


@pytest.mark.parametrize(
    "nested",
    [
        "(" * 150 + "1" + ")" * 150,
        "-" * 300 + "1",
        "not " * 140 + "knee > 1",
        "abs(" * 100 + "1" + ")" * 100,
        "1" + "+1" * 200,
    ],
)
def test_depth_is_limited_without_a_crash(nested: str) -> None:
    if nested.startswith("("):  # parentheses leave no trace in the syntax tree, so they may nest as Python allows
        compile_expression(nested, SCOPE, "number")
        return
    assert f"nested more than {MAX_DEPTH} levels deep" in error(nested)


@given(st.text(alphabet=string.printable, max_size=60))
def test_any_text_gives_a_value_or_an_explained_error(text: str) -> None:
    try:
        found = compile_expression(text, SCOPE, "number")
    except ExpressionError as problem:
        assert str(problem)  # noqa: PT017 - most texts are errors, some are values
    else:
        found.evaluate({"knee": 90.0, "hip": 10.0})


_OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
numbers = st.one_of(st.integers(0, 50).map(str), st.sampled_from(["knee", "hip"]))
expressions = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(sorted(_OPERATORS)), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"(-{t})"),
        inner.map(lambda t: f"abs({t})"),
    ),
    max_leaves=12,
)


@given(expressions, st.floats(-180, 180), st.floats(-10, 10))
def test_arithmetic_is_python_arithmetic(text: str, knee: float, hip: float) -> None:
    names = {"knee": knee, "hip": hip, "abs": abs, "__builtins__": {}}
    expected = eval(compile(ast.parse(text, mode="eval"), "test", "eval"), names)
    assert value(text, knee, hip) == pytest.approx(expected)


def parser_that_loses_count(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """As Python's does where another thread parses in between."""
    parse, left = ast.parse, [times]

    def losing(*args: Any, **options: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise SystemError("AST constructor recursion depth mismatch (before=42, after=43)")
        return parse(*args, **options)

    monkeypatch.setattr(ast, "parse", losing)


def test_other_threads_that_parse_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    parser_that_loses_count(monkeypatch, 3)
    assert compile_expression("knee + 1 > 3", SCOPE, "truth").evaluate({"knee": 3.0})


def test_a_parser_that_never_works_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    parser_that_loses_count(monkeypatch, 1000)
    with pytest.raises(SystemError):
        compile_expression("knee > 3", SCOPE, "truth")
