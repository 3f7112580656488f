from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import POSES, SHIPPED

from formcheck.judge.template import parse_template
from formcheck.toml_text import toml_text

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
plain = st.booleans() | numbers | texts
values = st.recursive(
    plain | st.lists(plain, max_size=4),
    lambda inner: st.dictionaries(keys, inner, max_size=3) | st.lists(st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(keys, values, max_size=4))
def test_what_is_written_is_read_again(data: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(data)) == data


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_template_stays_what_it_is(name: str) -> None:
    text = (POSES / f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    again = toml_text(data)
    assert tomllib.loads(again) == data
    assert parse_template(again) == parse_template(text)


def test_comments_stand_above_what_they_explain() -> None:
    data = {"id": "x", "hold": {"enter": "a < 1"}, "faults": [{"id": "one", "rule": "b"}, {"id": "two", "rule": "c"}]}
    comments = {
        ("id",): "name",
        ("hold", "enter"): "first\nsecond",
        ("faults", "two", "rule"): "why c",
        ("faults", "one"): "all of it",
    }
    assert toml_text(data, comments, head="by hand") == (
        "# by hand\n"
        "# name\n"
        'id = "x"\n'
        "\n"
        "[hold]\n"
        "# first\n"
        "# second\n"
        'enter = "a < 1"\n'
        "\n"
        "# all of it\n"
        "[[faults]]\n"
        'id = "one"\n'
        'rule = "b"\n'
        "\n"
        "[[faults]]\n"
        'id = "two"\n'
        "# why c\n"
        'rule = "c"\n'
    )


def test_what_toml_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="None has no form in TOML"):
        toml_text({"id": None})
