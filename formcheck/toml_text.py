"""Writes the data of a template as the text of its TOML file, with comments; Python itself can only read TOML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]

_INLINE = ("worse", "variant", "targets_s")
"""Tables that are written in one line, as the templates of the program do."""

_LONG = 110


def toml_text(data: Mapping[str, Any], comments: Mapping[Path, str] | None = None, head: str = "") -> str:
    """The text of a TOML file.

    Args:
        data: tables, lists, texts, numbers and truths.
        comments: by the path of a key; written above it. A list of tables is named by the tables' ``id``.
        head: comment at the top of the file.

    Raises:
        TypeError: a value has no form in TOML.
    """
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    lines += _table((), data, comments or {})
    return "\n".join(lines) + "\n"


def _table(path: Path, table: Mapping[str, Any], comments: Mapping[Path, str]) -> Iterator[str]:
    inner: list[str] = []
    for key, value in table.items():
        if _is_table(key, value):
            inner.append(key)
            continue
        if (*path, key) in comments:
            yield from (f"# {line}" for line in comments[*path, key].splitlines())
        yield f"{_key(key)} = {_value(value)}"
    for key in inner:
        value, below = table[key], (*path, key)
        name = ".".join(_key(part) for part in below)
        for one in value if isinstance(value, list) else [value]:
            here = (*path, key, str(one["id"])) if isinstance(value, list) and "id" in one else below
            if isinstance(value, list) or not one or not all(_is_table(k, v) for k, v in one.items()):
                yield ""
                if here in comments:
                    yield from (f"# {line}" for line in comments[here].splitlines())
                yield f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            yield from _table(here, one, comments)


def _is_table(key: str, value: Any) -> bool:
    if isinstance(value, dict):
        return key not in _INLINE
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _key(key: str) -> str:
    return key if key and all(c.isascii() and (c.isalnum() or c in "-_") for c in key) else _text(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return f"{value:g}" if value == int(value) and abs(value) < 1e6 else repr(value)
        case str():
            return _text(value)
        case list() | tuple():
            items = [_value(item) for item in value]
            line = f"[{', '.join(items)}]"
            return line if len(line) <= _LONG else "[\n" + "".join(f"    {item},\n" for item in items) + "]"
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    raise TypeError(f"{value!r} has no form in TOML")


def _text(text: str) -> str:
    # TOML's basic strings are JSON's, but for the one control character that JSON lets pass.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
