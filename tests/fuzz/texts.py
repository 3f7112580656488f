"""Mutations of TOML, JSON and CSV: of the text, and of what it says."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from copy import deepcopy
from math import inf, isfinite, nan
from random import Random
from typing import Any

ODD_WORDS = (
    *(
        "",
        " ",
        "\0",
        "\n",
        "a" * 5000,
        "é",
        "👋🏽",
        "名前",
        "\u202e",
        "ａ",
        "[/]",
        "[bold]",
        "[link=file:///etc/passwd]x",
    ),
    *("</script><script>alert(1)</script>", "{{ 7*7 }}", "{% include '/etc/passwd' %}", "%s%n%d", "${HOME}", "`id`"),
    *("../../outside", "/etc/passwd", "~/outside", "C:\\outside", "file:///etc/passwd", "-e", "--out=/outside", "."),
    *("..", "con", "x/y", "=1+1", "@SUM(1)", "a.toml", "/dev/zero", "/dev/stdin", "/proc/self/mem", "NaN", "\ud800"),
)
"""Texts that mean something to somebody: shells, terminals, pages, spreadsheets, folders."""

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, -(2**63), 10**30, 1e308, -1e308, 5e-324, nan, inf, -inf, 0.5),
    *([], {}, [[]], [[[[]]]], {"": {}}, [0], ["x"], [nan, nan], [1, 0], [0, 1e9], "x"),
)

_LONGEST = 1_000_000

RULES = (
    *("__import__('os').system('touch outside')", "open('/etc/passwd')", "().__class__.__bases__[0]", "eval('1')"),
    *(
        "near.__class__",
        "near.knee.__init__",
        "9**9**9**9",
        "1e999",
        "10**10",
        "(" * 200 + "1" + ")" * 200,
        "not " * 140,
    ),
    *(
        "-" * 599 + "1",
        "1<2<3<4<5",
        "lambda: 0",
        "[x for x in y]",
        "x := 1",
        "f'{1}'",
        "'a' * 10**9",
        "True",
        "...",
        "_",
    ),
    *("base(base(hip))", "highest(hip)", "best(highest(hip))", "angle(near.knee)", "near.knee > 1", "1/0", "hip/0 > 1"),
    *("0 * 1e9 / 0 > 0", "max()", "min(1)", "abs(1, 2)", "and", "1 and 2", "１ > 0", "\u212a", "a.b.c", "base", "hip"),
    *("999999999 * 999999999 * 999999999", "hip > 0 or hip < 0", "1 > 0", "0 > 1", "base(hip) + 10", "hip - base(hip)"),
)
"""Expressions that try something, or lie at the edge of the language."""


def odd_text(dice: Random) -> str:
    """A text at which something may fail."""
    word = dice.choice((*ODD_WORDS, *RULES))
    return word * dice.choice((1, 1, 1, 2, 50))


def odd_value(dice: Random) -> Any:
    """A value of any kind at which something may fail."""
    return odd_text(dice) if dice.random() < 0.4 else deepcopy(dice.choice(ODD_VALUES))


Place = tuple[Any, Any]
"""What holds a value, and the key or number under which it does."""


def places(data: Any) -> list[Place]:
    """Every place of a value inside of tables and lists."""
    found: list[Place] = []
    waiting = [data]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            found.append((holder, key))
            waiting.append(holder[key])
    return found


def _holds(value: Any, wanted: Any) -> bool:
    return value is wanted or any(holder[key] is wanted for holder, key in places(value))


def _weight(value: Any) -> int:
    """About how many short values it is as large as."""
    return 1 + sum(1 + len(str(each)[:10_000]) // 50 for each in _leaves([value]))


def _leaves(value: Any) -> list[Any]:
    return [holder[key] for holder, key in places(value) if not isinstance(holder[key], dict | list)]


def mutated_data(data: Any, dice: Random) -> Any:
    """Tables, lists and values after one to five mutations; what was given stays as it is."""
    data = deepcopy(data)
    deep = False
    for _ in range(dice.choice((1, 1, 1, 2, 5))):
        known = places(data)
        if not known:
            return odd_value(dice)
        holder, key = dice.choice(known)
        value = holder[key]
        match dice.randrange(9):
            case 0:
                del holder[key]
            case 1 | 2:
                holder[key] = odd_value(dice)
            case 3 | 4 if isinstance(value, int | float):
                factor = dice.choice((-1, 0, 0.001, 0.5, 1.01, 2, 1000, 1e300))
                changed = value * factor
                holder[key] = int(changed) if isinstance(value, int) and isfinite(changed) else changed
            case 3 | 4 if isinstance(value, str):
                place = dice.randrange(len(value) + 1)
                holder[key] = dice.choice((value[:place], value[:place] + odd_text(dice) + value[place:], value * 30))
            case 5:
                other_holder, other_key = dice.choice(known)
                if not _holds(other_holder[other_key], holder):
                    holder[key] = other_holder[other_key]
            case 6 if isinstance(holder, list):
                holder[key:key] = [value] * min(dice.choice((1, 3, 2000)), 1 + 20_000 // _weight(value))
            case 7 if isinstance(holder, dict):
                holder[odd_text(dice)] = holder.pop(key)
            case 8 if isinstance(holder, dict):
                for number in range(min(dice.choice((1, 20, 3000)), 1 + 20_000 // _weight(value))):
                    holder[f"extra_{number}"] = value
            case _ if not deep:
                deep = True
                for _ in range(dice.choice((1, 30, 800))):
                    value = dice.choice(([value], {"a": value}))
                holder[key] = value
    return data


def mutated_text(text: str, dice: Random, dump: Callable[[Any], str], data: Any) -> str:
    """A text of which what it says, or the text itself, was mutated.

    Args:
        text: as it is.
        dice: decides.
        dump: makes a text of data.
        data: what the text says.
    """
    if dice.random() < 0.7:
        try:
            return dump(mutated_data(data, dice))
        except (ValueError, TypeError, AttributeError, RecursionError, UnicodeError):
            pass
    for _ in range(dice.choice((1, 2, 5))):
        text = text[:_LONGEST]
        place = dice.randrange(len(text) + 1)
        length = dice.choice((1, 5, 80, 500))
        match dice.randrange(8):
            case 0:
                text = text[:place] + text[place + length :]
            case 1:
                text = text[:place] + text[place : place + length] * dice.choice((2, 10, 200)) + text[place + length :]
            case 2:
                text = text[:place] + odd_text(dice) + text[place:]
            case 3:
                lines = text.splitlines(keepends=True)
                dice.shuffle(lines)
                text = "".join(lines)
            case 4:
                text = text[:place] + dice.choice("[{(\"'") * dice.choice((1, 100, 20_000)) + text[place:]
            case 5:  # more digits than Python reads at once
                text = text[:place] + "9" * dice.choice((20, 400, 5000)) + text[place:]
            case 6:
                text = text.replace(dice.choice(text or "x"), dice.choice(("", "\0", "=", "[", "\r", "\ufeff")), length)
            case _:
                lines = text.splitlines(keepends=True) or [""]
                text = text[:place] + dice.choice(lines) * dice.choice((1, 3, 2000)) + text[place:]
    return text


def toml_of(data: dict[str, Any]) -> str:
    """A TOML text, each key in one line; whatever TOML cannot say raises."""
    return "".join(f"{_key(key)} = {_toml(value)}\n" for key, value in data.items() if value is not None)


def _key(key: str) -> str:
    return json.dumps(key, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)
        case str():
            return _key(value)
        case list() | tuple():
            return "[" + ", ".join(_toml(item) for item in value if item is not None) + "]"
        case dict():
            inner = (f"{_key(key)} = {_toml(item)}" for key, item in value.items() if item is not None)
            return "{" + ", ".join(inner) + "}"
    raise TypeError(value)


def mutated_csv(text: str, dice: Random) -> str:
    """A table of which cells, lines or the text were mutated."""
    lines = list(csv.reader(io.StringIO(text)))
    for _ in range(dice.choice((1, 2, 5))):
        line = dice.choice(lines)
        match dice.randrange(6):
            case 0 | 1 | 2 if line:
                line[dice.randrange(len(line))] = dice.choice((odd_text(dice), str(dice.choice(ODD_VALUES))))
            case 3:
                line[dice.randrange(len(line) + 1) :] = [odd_text(dice)] * dice.choice((1, 3, 2000))
            case 4:
                lines[1:1] = [list(line) for _ in range(dice.choice((1, 30)))]
            case _:
                lines.remove(line)
                lines = lines or [[""]]
    out = io.StringIO()
    csv.writer(out, delimiter=dice.choice(",,,;\t")).writerows(lines)
    return out.getvalue() if dice.random() < 0.8 else mutated_text(out.getvalue(), dice, str, text)
