from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from formcheck.show import terminal
from formcheck.show.terminal import ProgressBar


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What appears on a terminal; its clock goes on by 0.3 s whenever it is read."""
    text, clock = io.StringIO(), iter(range(10_000))
    monkeypatch.setattr(terminal, "err", lambda: Console(file=text, force_terminal=True, width=100))
    monkeypatch.setattr("formcheck.show.terminal.time.monotonic", lambda: 0.3 * next(clock))
    return text


def shown(screen: io.StringIO) -> list[str]:
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", screen.getvalue()).replace("\r", "\n").split("\n")


def test_progress_shows_share_speed_and_time_left(screen: io.StringIO) -> None:
    with ProgressBar("squat.mp4") as bar:
        for frame in range(1, 101):
            bar.analyzed(frame, frame / 25, 8.0)
    half = [line for line in shown(screen) if " 50% " in line]
    assert half
    assert all(line.startswith("squat.mp4") for line in half)
    assert all("  3 fps" in line and re.search(r"0:\d\d left", line) for line in half)


def test_progress_without_a_known_duration_shows_the_time_so_far(screen: io.StringIO) -> None:
    with ProgressBar("cam.webm") as bar:
        for frame in range(1, 101):
            bar.analyzed(frame, frame, None)
    assert [line for line in shown(screen) if "1:40 analyzed" in line]


def test_a_download_shows_how_far_it_is_to_the_end(screen: io.StringIO) -> None:
    with ProgressBar("pose model") as bar:
        for done in (0, 5_000_000, 9_400_000):
            bar.fetched("pose model full", done, 9_400_000)
    assert [line for line in shown(screen) if "5.0 of 9.4 MB" in line]
    assert [line for line in shown(screen) if "9.4 of 9.4 MB" in line]


@pytest.mark.parametrize("how", ["not wanted", "no terminal"])
def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    text = io.StringIO()
    monkeypatch.setattr(terminal, "err", lambda: Console(file=text, force_terminal=how == "not wanted"))
    with ProgressBar("a.mp4", wanted=how != "not wanted") as bar:
        bar.analyzed(1, 1.0, 2.0)
        bar.fetched("model", 1, 2)
    assert text.getvalue() == ""


def test_messages_are_not_broken_into_lines_and_not_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    message = "There is no file [bold]x[/].mp4 :warning: " + "in a long folder " * 20
    terminal.error(message)
    terminal.note(message)
    assert capsys.readouterr().err == f"Error: {message}\nNote: {message}\n"
