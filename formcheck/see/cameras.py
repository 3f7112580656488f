"""Which cameras this machine has."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from formcheck.errors import CameraError
from formcheck.see.capture import USUAL_FPS, USUAL_SIZE, DeviceCapture

WORKS = "works"

_MOST = 6
"""Numbers that are tried where the system does not tell which cameras there are."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine.

    Attributes:
        number: for ``--camera``.
        name: as the system calls it.
        size: (width, height) that it gives when asked for 1280×720; None if it does not work or was not tried.
        fps: pictures a second that it says it gives; None likewise.
        state: "works", or why it does not, or "not tried".
    """

    number: int
    name: str
    size: tuple[int, int] | None
    fps: float | None
    state: str


def cameras(*, probe: bool = True) -> list[CameraInfo]:
    """The cameras of this machine; none of them is kept open.

    Args:
        probe: open each one to see whether it works. Where the system does not tell its cameras (everywhere but on
            Linux) they are found in no other way.
    """
    if sys.platform.startswith("linux"):
        return [
            _tried(number, name) if probe else CameraInfo(number, name, None, None, "not tried")
            for number, name in _listed(Path("/sys/class/video4linux"))
        ]
    found = [_tried(number, f"camera {number}") for number in range(_MOST)] if probe else []
    return [camera for camera in found if camera.state == WORKS]


def _listed(folder: Path) -> list[tuple[int, str]]:
    """Numbers and names of the capture devices that Linux knows."""
    found = []
    for device in folder.glob("video*"):
        number = device.name.removeprefix("video")
        # A camera has further devices, for metadata; the pictures come from the first one.
        if number.isdigit() and _text(device / "index", "0") == "0":
            found.append((int(number), _text(device / "name", f"camera {number}")))
    return sorted(found)


def _text(path: Path, otherwise: str) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or otherwise
    except OSError:
        return otherwise


def _tried(number: int, name: str) -> CameraInfo:
    capture = DeviceCapture(number, USUAL_SIZE, USUAL_FPS)
    try:
        capture.open()
    except CameraError as error:
        return CameraInfo(number, name, None, None, str(error))
    try:
        size, fps = capture.settled
    finally:
        capture.close()
    return CameraInfo(number, name, size, fps or None, WORKS)
