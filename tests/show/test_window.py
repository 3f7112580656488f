"""The window: where there is no display it says what to do instead; with one (Xvfb) it is driven by keys."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from filmed import LUNGES, film

from formcheck.errors import DisplayError
from formcheck.live.wish import LEGEND, Wish, wish_for
from formcheck.show.window import _answers, require_display

LINUX = sys.platform.startswith("linux")


@pytest.mark.parametrize(
    ("key", "wish"),
    [
        (ord(" "), Wish.PAUSE), (ord("R"), Wish.RESTART), (ord("n"), Wish.NEXT), (ord("s"), Wish.SIDE),
        (ord("m"), Wish.MUTE), (ord("d"), Wish.DISCOMFORT), (ord("f"), Wish.FULL_SCREEN), (ord("q"), Wish.QUIT),
        (27, Wish.QUIT), (-1, None), (ord("x"), None), (0x100000 | ord("q"), Wish.QUIT),
    ],
)  # fmt: skip
def test_keys(key: int, wish: Wish | None) -> None:
    assert wish_for(key) is wish


def test_every_wish_is_in_the_legend() -> None:
    assert {key if key != "space" else " " for key, _ in LEGEND} == {wish.value for wish in Wish}


@pytest.mark.skipif(not LINUX, reason="other systems always have a display")
def test_without_a_display_the_alternatives_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(DisplayError, match=r"--no-window.*formcheck analyze"):
        require_display()
    monkeypatch.setenv("DISPLAY", ":7654")
    with pytest.raises(DisplayError, match="does not answer"):
        require_display()
    monkeypatch.delenv("DISPLAY")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with pytest.raises(DisplayError, match="Xwayland"):
        require_display()


def test_displays_of_other_machines_are_asked_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert _answers(f"127.0.0.1:{server.getsockname()[1] - 6000}.0")
    assert not _answers("127.0.0.1:-6000")
    assert not _answers("nonsense")


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual screen of 1280×900."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        if os.environ.get("CI"):
            pytest.fail("Xvfb and xdotool are needed")
        pytest.skip("needs Xvfb and xdotool")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert server.stdout is not None
    yield f":{int(server.stdout.readline())}"
    server.terminate()
    server.wait()
    server.stdout.close()


class Player:
    """`formcheck live` in a process of its own, with a stick figure's eyes instead of the pose model."""

    PROGRAM = """
import sys
from pathlib import Path
import formcheck.see.estimator as estimator
from filmed import CAMERA, LUNGES, Onlooker
class Eyes(Onlooker):
    model = type("Model", (), {"variant": None})()
    def __init__(self, model=None, upright=None): super().__init__(LUNGES, CAMERA)
    def warm_up(self, size): pass
    def notes(self): return ()
    def __enter__(self): return self
    def __exit__(self, *_): pass
estimator.Estimator = Eyes
from formcheck.cli import main
sys.exit(main(sys.argv[1:]))
"""

    def __init__(self, display: str, folder: Path, *options: str) -> None:
        tests = Path(__file__).parents[1]
        self.env = dict(os.environ) | {
            "DISPLAY": display,
            "PYTHONPATH": os.pathsep.join(map(str, (tests.parent, tests, tests / "see"))),
            "FORMCHECK_CONFIG": str(folder / "config"),
            "FORMCHECK_CACHE": str(folder / "cache"),
            "QT_QPA_PLATFORM": "xcb",
        }
        video = film(folder / "lunges.mp4", LUNGES)
        command = [sys.executable, "-c", self.PROGRAM, "live", "lunge", "--camera", str(video), "--yes", "--mute"]
        self.out = folder / "out"
        self.process = subprocess.Popen(
            [*command, "--out", str(self.out), *options], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def press(self, key: str) -> None:
        subprocess.run(["xdotool", "mousemove", "100", "100", "key", key], env=self.env, check=True)

    def windows(self) -> list[int]:
        search = ["xdotool", "search", "--name", "formcheck"]
        found = subprocess.run(search, env=self.env, capture_output=True, check=False)
        return [int(number) for number in found.stdout.split()]

    def wait_for_window(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if self.windows():
                return
            time.sleep(0.1)
        raise AssertionError("no window appeared")

    def close_window(self) -> None:
        """As the cross in a window's corner does: asks the program to close it."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(self.env["DISPLAY"].encode()))
        protocols, delete = (x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
        for window in self.windows():
            # An XClientMessageEvent: type 33, serial, sent, display, window, what, bits of a datum, data.
            message = (ctypes.c_long * 24)(33, 0, 0, 0, window, protocols, 32, delete)
            x11.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), message)
        x11.XCloseDisplay(display)

    def end(self) -> str:
        output, _ = self.process.communicate(timeout=30)
        return output.decode()


@pytest.mark.window
def test_a_session_is_driven_by_keys_and_ends_with_the_safety_text(display: str, tmp_path: Path) -> None:
    player = Player(display, tmp_path, "--sets", "2", "--rest", "30")
    try:
        player.wait_for_window()
        time.sleep(1.5)
        for key in ("space", "space", "f", "f", "m"):
            player.press(key)
            time.sleep(0.3)
        time.sleep(3.0)
        player.press("n")  # to the rest
        time.sleep(0.7)
        player.press("n")  # to the second set
        time.sleep(1.5)
        player.press("d")
        time.sleep(0.7)
        assert player.process.poll() is None  # the advice to rest stays on the screen
        player.press("q")
        said = player.end()
    finally:
        player.process.kill()
    assert player.process.returncode == 0
    assert "Traceback" not in said
    assert "Well done for stopping" in said
    session = (player.out / "session.json").read_text()
    assert '"ended": "next"' in session
    assert '"ended": "discomfort"' in session


@pytest.mark.window
def test_a_window_that_somebody_enlarged_stays_so_whatever_stands_below_the_picture(display: str) -> None:
    program = """
import subprocess
import numpy as np
from formcheck.show.window import Window

def sized(*command):
    for _ in range(10):
        window.key()
    number = subprocess.run(["xdotool", "search", "--name", "^set$"], capture_output=True, text=True).stdout.split()[-1]
    if command:
        subprocess.run(["xdotool", "windowsize", number, *command])
        return sized()
    said = subprocess.run(["xdotool", "getwindowgeometry", "--shell", number], capture_output=True, text=True).stdout
    return said.split("WIDTH=")[1].split()[0] + "x" + said.split("HEIGHT=")[1].split()[0]

with Window("set") as window:
    for height, frame in ((600, (320, 540)), (400, (320, 180)), (246, (320, 180))):
        window.show(np.zeros((height, 320, 3), np.uint8), frame)
        print(sized())
    print(sized("1000", "800"))
    window.show(np.zeros((280, 320, 3), np.uint8), (320, 180))  # one more line below
    print(sized())
"""
    env = dict(os.environ) | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["320x600", "320x400", "320x400", "1000x800", "1000x800"]


@pytest.mark.window
def test_control_c_loses_nothing(display: str, tmp_path: Path) -> None:
    player = Player(display, tmp_path)
    try:
        player.wait_for_window()
        time.sleep(5)
        player.process.send_signal(2)
        said = player.end()
    finally:
        player.process.kill()
    assert player.process.returncode == 130
    assert "Traceback" not in said
    assert (player.out / "set-1" / "report.json").is_file()
    assert not list(player.out.glob("*.journal"))


@pytest.mark.window
@pytest.mark.parametrize(("seconds", "reps"), [(3.0, "10"), (16.0, "1")], ids=["exercising", "at the end"])
def test_closing_the_window_ends_it_as_quitting_does(display: str, tmp_path: Path, seconds: float, reps: str) -> None:
    player = Player(display, tmp_path, "--sides", "right", "--reps", reps)
    try:
        player.wait_for_window()
        time.sleep(seconds)
        player.close_window()
        player.process.wait(timeout=8)  # before the summary would have gone by itself
        said = player.end()
    finally:
        player.process.kill()
    assert player.process.returncode == 0
    assert "Traceback" not in said
    assert (player.out / "set-1-right" / "report.html").is_file()
