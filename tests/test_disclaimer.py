"""The disclaimer is shown once, stored, and nothing begins without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from formcheck import disclaimer
from formcheck.errors import DisclaimerError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FORMCHECK_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)


def refuse_to_ask(question: str) -> str:
    raise AssertionError("nobody may be asked")


@pytest.mark.usefixtures("terminal")
def test_it_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert not disclaimer.accepted()
    disclaimer.ensure_accepted(ask=lambda question: " Yes ")
    shown = " ".join(capsys.readouterr().err.split())
    for part in ("not a medical device", "saddle area", "Pregnant, after 12 weeks", "cannot see your spine"):
        assert part in shown
    assert disclaimer.accepted()
    disclaimer.ensure_accepted(ask=refuse_to_ask)
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("answers", [["no"], ["", "what", "maybe"], []])
def test_whoever_does_not_accept_does_not_begin(answers: list[str], folder: Path) -> None:
    left = list(answers)

    def ask(question: str) -> str:
        if not left:
            raise EOFError
        return left.pop(0)

    with pytest.raises(DisclaimerError, match="no session was started"):
        disclaimer.ensure_accepted(ask=ask)
    assert not folder.exists()


def test_where_nobody_can_be_asked_yes_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(DisclaimerError, match="--yes"):
        disclaimer.ensure_accepted(ask=refuse_to_ask)
    disclaimer.ensure_accepted(yes=True, ask=refuse_to_ask)
    assert "not a medical device" in " ".join(capsys.readouterr().err.split())
    disclaimer.ensure_accepted(ask=refuse_to_ask)


def test_another_wording_is_shown_again(monkeypatch: pytest.MonkeyPatch) -> None:
    disclaimer.accept()
    assert disclaimer.accepted()
    monkeypatch.setattr(disclaimer, "SHORT", "Something new.")
    assert not disclaimer.accepted()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff{", b'{"wording": 1}'])
def test_a_damaged_file_means_not_accepted(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "disclaimer.json").write_bytes(content)
    assert not disclaimer.accepted()


def test_a_folder_that_cannot_be_written_does_not_keep_anybody_from_exercising(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.write_text("a file is in the way")
    disclaimer.ensure_accepted(yes=True)
    assert "asked again next time" in " ".join(capsys.readouterr().err.split())
