"""What is shipped is complete, says one version, and names nothing of the machine it was made on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

import formcheck
from formcheck.catalog import exercise_files, shipped_folder
from formcheck.template_schema import schema_text, template_schema

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = ROOT / ".ci" / "run"

FOLDERS = (".ci", "docs", "formcheck", "poses", "samples", "tests")
NOT_OURS = {"__pycache__", "rendered"}
TEXT = {".py", ".toml", ".md", ".json", ".frag", ".vert", ".js", ".css", ".html", ".txt", ""}


def files() -> list[Path]:
    """The project's own files."""
    found = [path for path in ROOT.iterdir() if path.suffix in (".md", ".toml") or path.name in ("LICENSE", "NOTICE")]
    for folder in FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if not NOT_OURS & set(path.parts) and path.is_file()]
    return found


def texts() -> dict[Path, str]:
    """Those that hold text."""
    return {path: path.read_text(encoding="utf-8") for path in files() if path.suffix in TEXT}


# --- version ---------------------------------------------------------------------------------------------------------


def test_the_version_stands_in_one_place() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert "version" not in PROJECT["project"]
    source = PROJECT["tool"]["hatch"]["version"]["path"]
    assert f'__version__ = "{formcheck.__version__}"' in (ROOT / source).read_text(encoding="utf-8")
    elsewhere = [
        path.relative_to(ROOT).as_posix()
        for path, text in texts().items()
        if path.suffix == ".py" and re.search(r"^__version__ = ", text, re.MULTILINE)
    ]
    assert elsewhere == [source]


def test_the_changelog_begins_with_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## (?!Unreleased$)(\S+)", changelog, re.MULTILINE)
    assert latest
    assert latest[1] == formcheck.__version__


# --- templates and their schema --------------------------------------------------------------------------------------


def test_every_template_is_shipped_and_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FORMCHECK_POSES", str(tmp_path / "none"))
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]["poses"] == "formcheck/poses"
    in_repository = {path.stem for path in (ROOT / "poses").glob("*.toml")}
    assert set(exercise_files()) == in_repository
    assert shipped_folder() == ROOT / "poses"


def test_the_committed_schema_is_current() -> None:
    committed = (ROOT / "poses" / "template.schema.json").read_text(encoding="utf-8")
    assert json.loads(committed) == template_schema(), "write it anew, see formcheck/template_schema.py"
    assert json.loads(schema_text()) == template_schema()


def test_every_template_names_its_schema_for_editors() -> None:
    for path in (ROOT / "poses").glob("*.toml"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        schema = re.fullmatch(r"#:schema (\S+)", first)
        assert schema, path.name
        assert (path.parent / schema[1]).is_file()


def test_the_schema_knows_every_key_of_the_shipped_templates() -> None:
    schema = template_schema()

    def unknown(data: Any, rule: dict[str, Any], where: str) -> list[str]:
        if "$ref" in rule:
            rule = schema["$defs"][rule["$ref"].rpartition("/")[2]]
        if isinstance(data, list):
            items = rule.get("items", {})
            return [u for i, item in enumerate(data) for u in unknown(item, items, f"{where}[{i}]")]
        if not isinstance(data, dict):
            return [where] if "enum" in rule and data not in rule["enum"] else []
        known = rule.get("properties", {})
        others = next(iter(rule.get("patternProperties", {}).values()), rule.get("additionalProperties", {}))
        if others is False:
            missing = [f"{where}.{key}" for key in data if key not in known]
            missing += [f"{where}.{key} is missing" for key in rule.get("required", []) if key not in data]
            return missing + [u for k, v in data.items() if k in known for u in unknown(v, known[k], f"{where}.{k}")]
        return [u for key, value in data.items() for u in unknown(value, others, f"{where}.{key}")]

    for path in (ROOT / "poses").glob("*.toml"):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        assert unknown(data, schema, path.stem) == []
    assert unknown({**data, "nonsense": 1}, schema, "t") == ["t.nonsense"]
    assert unknown({**data, "posture": "flying"}, schema, "t") == ["t.posture"]
    assert "t.camera is missing" in unknown({k: v for k, v in data.items() if k != "camera"}, schema, "t")


# --- commands --------------------------------------------------------------------------------------------------------


def command(name: str) -> str:
    found = re.search(rf"^<!-- command: {name} -->\n```\n([^\n]+)\n```$", README, re.MULTILINE)
    assert found, f"the README has no single line after <!-- command: {name} -->"
    return found[1]


def test_the_readme_sets_up_and_analyzes_a_shipped_clip_in_one_line() -> None:
    line = command("try")
    assert line.startswith("python3 -m venv .venv && .venv/bin/python -m pip install")
    clip = re.search(r"formcheck analyze (\S+) -e (\S+)$", line)
    assert clip
    assert (ROOT / clip[1]).is_file()
    assert clip[2] in exercise_files()


def test_the_readme_sets_up_and_runs_the_tests_in_one_line() -> None:
    line = command("test")
    assert line.startswith("python3 -m venv .venv && ")
    wanted = re.search(r'-m pip install -q -e "\.\[(\w+)\]" --group (\w+) && ', line)
    assert wanted
    assert wanted[1] in PROJECT["project"]["optional-dependencies"]
    assert wanted[2] in PROJECT["dependency-groups"]
    excluded = re.search(r'pytest -n auto --dist loadfile -m "not \((.*)\)"$', line)
    assert excluded
    markers = {marker.partition(":")[0] for marker in PROJECT["tool"]["pytest"]["markers"]}
    assert set(excluded[1].split(" or ")) <= markers


def test_the_commands_for_windows_are_the_same() -> None:
    for name in ("try", "test"):
        line = command(name)
        line = (
            line.replace("python3 -m venv", "py -m venv")
            .replace(" && ", "; ")
            .replace(".venv/bin/", ".venv\\Scripts\\")
        )
        line = line.replace("samples/clips/", "samples\\clips\\")
        assert f"\n{line}\n" in README


@pytest.mark.skipif(os.name == "nt", reason="a script for bash")
def test_continuous_integration_runs_the_commands_of_the_readme() -> None:
    script = CI.read_text(encoding="utf-8")
    assert os.access(CI, os.X_OK)
    reader = re.search(r"^readme\(\) \{\n.*?^\}$", script, re.MULTILINE | re.DOTALL)
    assert reader
    for name in ("try", "test"):
        assert f"$(readme {name})" in script
        read = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{reader[0]}\nreadme {name}"], cwd=ROOT, capture_output=True, text=True
        )
        assert read.stdout == command(name) + "\n"


def test_the_readme_has_the_short_disclaimer_in_full() -> None:
    quoted = " ".join(line.removeprefix("> ") for line in README.splitlines() if line.startswith("> "))
    assert quoted.startswith("This app gives general exercise guidance for healthy adults. It is not a medical device")
    assert quoted.endswith("back or leg pain with numbness or weakness, or any doubt.")


# --- files -----------------------------------------------------------------------------------------------------------


def test_licence_and_notice_are_there() -> None:
    assert PROJECT["project"]["license"] == "Apache-2.0"
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    for name in PROJECT["project"]["license-files"]:
        assert (ROOT / name).is_file()


def test_no_file_names_the_machine_it_was_made_on_or_a_package_registry() -> None:
    # Put together here, so that this file does not hold what it looks for.
    folders = [f"/{name}/" for name in ("work", "opt", "root", "home", "Users", "tmp/w")]
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb" + "ian.org", "local" + "host:"]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path, text in texts().items()
        for word in (*folders, *hosts)
        if re.search(rf"(?<![\w.]){re.escape(word)}", text)
    ]
    assert found == []


def test_no_file_is_large() -> None:
    large = {path.relative_to(ROOT).as_posix(): size for path in files() if (size := path.stat().st_size) > 1_500_000}
    assert large == {}
    images = [path for path in files() if path.suffix == ".png" and path.stat().st_size > 150_000]
    assert images == []
