"""The doctor names what is missing, never dies of it, and tells nothing private."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from formcheck.cli import app
from formcheck.doctor import checks
from formcheck.doctor.command import to_json, to_text
from formcheck.doctor.finding import Finding, shareable
from formcheck.doctor.page import verdict
from formcheck.errors import DisplayError
from formcheck.see import cameras, model, trim
from formcheck.see.cameras import CameraInfo

OK = Finding("A", "ok", "fine")
LIMITED = Finding("B", "limited", "no camera", "Connect one.")
PROBLEM = Finding("C", "problem", "no disk", "Buy one.")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("FORMCHECK_CACHE", "FORMCHECK_POSES", "FORMCHECK_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("FORMCHECK_MODEL", raising=False)
    return tmp_path


def doctor(*options: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["doctor", *options])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout


def found(*findings: Finding) -> tuple[checks.Check, ...]:
    def check() -> Iterator[Finding]:
        yield from findings

    return (check,)


def test_a_quick_examination_of_this_machine_finds_no_problem() -> None:
    code, said = doctor("--quick")
    assert code == 0, said
    for name in ("formcheck", "Python", "System", "Packages", "Loading", "Model", "Folders", "Display", "Speech"):
        assert name in said
    assert "mediapipe" in said


def test_json_is_json_and_nothing_else() -> None:
    _, said = doctor("--quick", "--json")
    document = json.loads(said)
    assert document["schema"] == "formcheck.doctor/1"
    assert document["ok"] is True
    assert {"name", "state", "text", "advice", "facts"} == set(document["findings"][0])


@pytest.mark.parametrize("options", [(), ("--plain",), ("--json",)])
@pytest.mark.parametrize(("finding", "code"), [(OK, 0), (LIMITED, 0), (PROBLEM, 1)])
def test_only_a_problem_fails(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], finding: Finding, code: int
) -> None:
    monkeypatch.setattr(checks, "QUICK", found(finding))
    monkeypatch.setattr(checks, "SLOW", ())
    exit_code, said = doctor(*options)
    assert exit_code == code
    assert finding.text in said
    assert finding.advice in said


def test_the_verdict_names_what_is_wrong() -> None:
    assert verdict([OK]) == "Everything works here."
    assert verdict([OK, LIMITED]) == "Recorded videos can be judged here. Limited: B."
    assert verdict([OK, LIMITED, PROBLEM]) == "Something needs to be put right first: C."


def test_plain_text_has_a_line_a_finding() -> None:
    assert to_text([OK, PROBLEM]).splitlines() == [
        "ok       A          fine",
        "PROBLEM  C          no disk",
        "                    -> Buy one.",
    ]


def test_a_check_that_fails_is_a_finding() -> None:
    def camera() -> Iterator[Finding]:
        yield OK
        raise RuntimeError("boom")

    findings = list(checks.examine((camera, *found(LIMITED))))
    assert [f.state for f in findings] == ["ok", "problem", "limited"]
    assert "RuntimeError: boom" in findings[1].text


def test_the_home_folder_is_not_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "ada"
    home.mkdir()
    monkeypatch.setattr(Path, "home", lambda: home)
    assert shareable(f"in {home}/x and {home} but {home}.bak") == f"in ~/x and ~ but {home}.bak"
    finding = Finding("F", "ok", f"{home}/x", facts={"path": f"{home}/x"})
    assert str(home) not in to_json([finding])
    assert str(home) not in to_text([finding])


def test_no_home_folder_is_told_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert str(tmp_path) not in doctor("--quick", "--json")[1]


def test_a_home_folder_at_the_root_does_not_turn_every_path_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert shareable("/usr/bin") == "/usr/bin"


def test_a_missing_and_an_old_package_are_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "requirements", lambda: {"numpy": "999.0", "no-such-package": "1.0", "av": "1.0"})
    finding = next(f for f in checks.packages() if f.name == "Packages")
    assert finding.state == "problem"
    assert "needs 999.0 or newer" in finding.text
    assert "no-such-package is missing" in finding.text
    assert "av" not in finding.text


def test_a_second_opencv_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    version = checks._version
    monkeypatch.setattr(checks, "_version", lambda name: "5.0" if name == "opencv-python" else version(name))
    finding = next(f for f in checks.packages() if f.name == "OpenCV")
    assert finding.state == "limited"
    assert "pip uninstall" in finding.advice


def test_a_library_that_does_not_load_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    finding = next(f for f in checks.packages() if f.name == "Loading")
    assert finding.state == "problem"


def test_without_a_model_it_says_how_to_fetch_one() -> None:
    (finding,) = checks.model()
    assert finding.state == "limited"
    assert "formcheck model --fetch" in finding.advice
    (speed,) = checks.speed()
    assert speed.state == "limited"


@pytest.mark.parametrize(
    ("chosen", "state", "said"),
    [
        ("nowhere.task", "problem", "FORMCHECK_MODEL is set: There is no pose model nowhere.task"),
        ("text.task", "problem", "text.task is no pose model"),
        ("own.task", "ok", "FORMCHECK_MODEL=own.task"),
        ("lite", "limited", "“lite” is not on this machine yet"),
    ],
)
def test_the_model_that_the_environment_names_is_looked_at(
    home: Path, monkeypatch: pytest.MonkeyPatch, chosen: str, state: str, said: str
) -> None:
    monkeypatch.chdir(home)
    (home / "text.task").write_text("no model")
    (home / "own.task").write_bytes(trim.bundle({trim.DETECTOR: b"one", trim.LANDMARKS: b"other"}))
    monkeypatch.setenv("FORMCHECK_MODEL", chosen)
    (finding,) = checks.model()
    assert finding.state == state
    assert said in finding.text


def test_a_folder_that_cannot_be_written_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("FORMCHECK_CACHE", str(home / "file" / "cache"))
    (finding,) = checks.folders()
    assert finding.state == "problem"
    assert "cache" in finding.text
    assert not list(home.glob("FORMCHECK*"))  # looking changes nothing


def test_a_history_that_cannot_be_written_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("FORMCHECK_DATA", str(home / "file" / "data"))
    (finding,) = checks.folders()
    assert (finding.state, finding.text) == ("limited", f"cannot be written: history ({home / 'file' / 'data'})")
    assert "FORMCHECK_DATA" in finding.advice


@pytest.mark.parametrize(
    ("listed", "state", "text"),
    [
        ([], "limited", "none was found"),
        ([CameraInfo(0, "Front", (1280, 720), 30.0, "works")], "ok", "0: Front 1280×720, 30 fps"),
        ([CameraInfo(0, "Front", None, None, "it is busy")], "limited", "0: Front: it is busy"),
    ],
)
def test_cameras_are_listed(monkeypatch: pytest.MonkeyPatch, listed: list[CameraInfo], state: str, text: str) -> None:
    monkeypatch.setattr(cameras, "cameras", lambda: listed)
    (finding,) = checks.camera()
    assert (finding.state, finding.text) == (state, text)


def test_without_a_display_the_alternatives_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from formcheck.show import window

    def refuse() -> None:
        raise DisplayError("There is no display. Use something else.")

    monkeypatch.setattr(window, "require_display", refuse)
    (finding,) = checks.display()
    assert (finding.state, finding.text, finding.advice) == ("limited", "There is no display", "Use something else.")


def test_without_speech_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from formcheck.show import speech

    monkeypatch.setattr(speech, "engines", list)
    (finding,) = checks.speech()
    assert finding.state == "limited"
    assert finding.advice


@pytest.mark.slow
@pytest.mark.model
def test_the_whole_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORMCHECK_CACHE")
    assert model.status()
    code, said = doctor()
    assert code == 0, said
    assert "pictures of 1280×720 a second" in said
