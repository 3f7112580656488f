"""The command line in tests of whole commands: in a folder of its own, with data, templates and person of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from formcheck.cli import main

Run = Callable[..., tuple[int, str, str]]
"""Runs a command and gives its exit code and what it wrote to stdout and stderr."""


def command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path, poses: str = "none"
) -> Run:
    """Commands that are given in `folder`; `poses` in it has the person's own templates."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("FORMCHECK_DATA", str(folder / "data"))
    monkeypatch.setenv("FORMCHECK_POSES", str(folder / poses))
    monkeypatch.delenv("FORMCHECK_PERSON", raising=False)

    def call(*args: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return call
