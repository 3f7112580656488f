"""Rules of the judging core that rot first."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from judging import SHIPPED

ROOT = Path(__file__).parents[2] / "formcheck"
CORE = [*sorted((ROOT / "judge").glob("*.py")), ROOT / "pose.py"]
EVERYTHING = sorted(p for p in ROOT.rglob("*.py") if "poses" not in p.relative_to(ROOT).parts[:1])

BANNED = {
    "cv2", "mediapipe", "av", "time", "datetime", "random", "pathlib", "os", "io", "sys", "socket", "threading",
    "subprocess", "shutil", "tempfile", "starlette", "uvicorn", "websockets", "jinja2", "sqlite3", "typer", "rich",
    "secrets", "asyncio", "logging", "urllib", "json", "pickle",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    """Top names of what a file imports, and its own packages in full."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", CORE, ids=lambda p: p.name)
def test_the_core_has_no_world_and_no_clock(path: Path) -> None:
    names = imports(path)
    assert not {name.split(".")[0] for name in names} & BANNED
    assert not [
        n for n in names if n.startswith("formcheck.") and not re.match(r"formcheck\.(judge|pose|errors|version)\b", n)
    ]


@pytest.mark.parametrize("path", CORE, ids=lambda p: p.name)
def test_the_core_reads_and_runs_nothing(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("open", "eval", "exec", "compile", "__import__", "print", "input"), node.lineno
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
            assert node.attr not in ("random", "load", "save", "datetime64"), node.lineno


@pytest.mark.parametrize("path", CORE, ids=lambda p: p.name)
def test_the_core_knows_no_frame_rate(path: Path) -> None:
    """Durations are seconds; nothing in it counts frames to decide."""
    assert not re.search(r"\bfps\b|frame_rate|frames_per_second", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_exercise_is_named_in_code(path: Path) -> None:
    """Adding an exercise is adding one file. Documentation may name some as examples."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    documentation |= {
        id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)
    }
    words = re.compile(rf"\b({'|'.join(map(re.escape, SHIPPED))})\b")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            assert node.value not in SHIPPED, (node.lineno, node.value)
            if not node.value.count(" "):
                assert not words.fullmatch(node.value), (node.lineno, node.value)
        if isinstance(node, ast.Name | ast.Attribute | ast.arg):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else node.arg
            assert name.lower() not in SHIPPED, name
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            assert not words.search(node.name.lower().replace("_", " ")), (node.lineno, node.name)


@pytest.mark.parametrize("path", CORE, ids=lambda p: p.name)
def test_names_are_of_the_field(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            assert not re.search(r"(Manager|Handler|Processor|Helper|Util|Utils)$", node.name)
