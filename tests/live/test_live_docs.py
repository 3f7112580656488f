"""The page about live sessions names every option, every key and every reason to end."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from formcheck.cli import app
from formcheck.live.wish import LEGEND

PAGE = (Path(__file__).parents[2] / "docs" / "live.md").read_text(encoding="utf-8")


def test_every_option_is_documented_and_no_other() -> None:
    command = typer.main.get_command(app).commands["live"]  # type: ignore[attr-defined]
    options = {option for p in command.params for option in p.opts if option.startswith("--")} - {"--help"}
    assert set(re.findall(r"^\| `(--[a-z-]+)`", PAGE, re.MULTILINE)) == options


def test_every_key_is_documented() -> None:
    keys = section = PAGE.split("## Keys")[1].split("##")[0]
    assert section
    assert set(re.findall(r"^\| `(\w+)` \|", keys, re.MULTILINE)) == {key for key, _ in LEGEND}
