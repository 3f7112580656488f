"""Ctrl-C as an exception, where Python or what it loads would swallow one."""

from __future__ import annotations

import importlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from formcheck.stopping import Stopped, stopping_on_signals, unstoppable


class Closing:
    """Somebody presses Ctrl-C while it is being cleaned away."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def work(seconds: float = 2.0) -> None:
    """Something that goes on until it is stopped, but not for ever."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.001)


def stopped(doing: Callable[[], object], and_then: Callable[[], object] = work) -> Stopped:
    """What stops it."""

    def do() -> None:
        with stopping_on_signals():
            doing()
            and_then()

    with pytest.raises(Stopped) as told:
        do()
    return told.value


def test_ctrl_c_in_a_destructor_is_not_lost() -> None:
    assert stopped(Closing).code == 130


def test_ctrl_c_while_a_library_is_loaded_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = """
import signal
try:
    signal.raise_signal(signal.SIGINT)
    missing = False
except:
    missing = True
"""
    (tmp_path / "careless_library.py").write_text(library)
    monkeypatch.syspath_prepend(tmp_path)
    for and_then in (work, int):  # whether anything is left to do or not
        stopped(lambda: importlib.import_module("careless_library"), and_then)
        assert not sys.modules.pop("careless_library").missing


def test_ctrl_c_waits_for_the_end_of_something_unstoppable() -> None:
    done: list[str] = []

    @unstoppable
    def draw() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append("to its end")

    def doing() -> None:
        draw()
        done.append("and more")

    assert stopped(doing).code == 130
    assert done == ["to its end"]


WRITES = """
import itertools, sys
import numpy as np
from formcheck.show import lettering
from formcheck.stopping import Stopped, stopping_on_signals

mask = np.zeros((60, 400), np.uint8)
texts = map(str, itertools.count())
for _ in range(int(sys.argv[1])):
    try:
        with stopping_on_signals():
            print("ready", flush=True)
            for text in texts:
                lettering.text_width(text, 12)
                lettering.write(mask, text, 5, 40, 12)
    except Stopped:
        pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_ctrl_c_while_letters_are_drawn_does_not_crash_opencv() -> None:
    # With the exception raised within, it crashed at one of the first 15.
    signals = 60
    with subprocess.Popen([sys.executable, "-c", WRITES, str(signals)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        ready = 0
        for ready, _ in enumerate(child.stdout, start=1):
            time.sleep(0.001 + ready % 7 * 0.0005)
            child.send_signal(signal.SIGINT)
    assert (child.returncode, ready) == (0, signals)


def test_other_exceptions_in_a_destructor_are_told_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(lost.exc_type))

    class Failing:
        def __del__(self) -> None:
            raise KeyError

    hook = sys.unraisablehook
    with stopping_on_signals():
        Failing()
    assert told == [KeyError]
    assert sys.unraisablehook is hook


def test_a_second_ctrl_c_does_not_disturb_the_cleaning_up() -> None:
    cleaned = []

    def doing() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            work(0.1)
            cleaned.append(True)

    assert stopped(doing).code == 143
    assert cleaned == [True]
