"""What the camera saw is kept, whenever the program is killed, and recording never holds anybody up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from formcheck.errors import OutputError
from formcheck.see.video import Video
from formcheck.show.recording import Recording

SIZE = (320, 240)


def picture(number: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """A picture whose grey tells its number."""
    image = np.full((size[1], size[0], 3), 30 + number % 8 * 25, np.uint8)
    image[:40, :, 0] = 200
    return image


def test_pictures_come_back_with_their_times(tmp_path: Path) -> None:
    times = [100.0 + t for t in (0.0, 0.033, 0.07, 0.5, 2.0, 2.04)]
    with Recording(tmp_path / "a.mp4", SIZE) as recording:
        for number, when in enumerate(times):
            recording.write(picture(number), when)
            time.sleep(0.03)
    assert recording.failure is None
    assert recording.dropped == 0
    with Video(tmp_path / "a.mp4") as video:
        frames = list(video)
    assert [frame.time for frame in frames] == pytest.approx([when - 100.0 for when in times], abs=0.002)
    assert [int(frame.image[120:, :, 1].mean()) for frame in frames] == pytest.approx(
        [30 + number * 25 for number in range(6)], abs=4
    )
    assert video.damage is None


@pytest.mark.parametrize("size", [(322, 242), (101, 75), (2560, 1440)])
def test_odd_and_large_pictures_can_be_recorded(tmp_path: Path, size: tuple[int, int]) -> None:
    with Recording(tmp_path / "a.mp4", size) as recording:
        for number in range(3):
            recording.write(picture(number, size), number / 30)
            time.sleep(0.05)
    with Video(tmp_path / "a.mp4") as video:
        assert video.size == recording.size
        assert len(list(video)) == 3 - recording.dropped


def test_a_slow_encoder_drops_pictures_instead_of_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = Recording(tmp_path / "a.mp4", SIZE)
    frame = recording._frame

    def slowly(image: NDArray[np.uint8]) -> object:
        time.sleep(0.1)
        return frame(image)

    monkeypatch.setattr(recording, "_frame", slowly)
    began = time.perf_counter()
    for number in range(60):
        recording.write(picture(number), number / 30)
    assert time.perf_counter() - began < 0.2
    recording.close()
    assert recording.dropped > 40


def test_nothing_is_recorded_of_nothing(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "a.mp4", SIZE)
    recording.close()
    recording.close()
    assert recording.failure is None


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no folder"):
        Recording(tmp_path / "none" / "a.mp4", SIZE)


def test_pictures_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with Recording(tmp_path / "a.mp4", SIZE) as recording:
        recording.write(picture(0), 1.0)
        with pytest.raises(ValueError, match="increase"):
            recording.write(picture(0), 1.0)
        with pytest.raises(ValueError, match="expected"):
            recording.write(picture(0, (10, 10)), 2.0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_failure_that_is_told_not_raised(tmp_path: Path) -> None:
    full = tmp_path / "full.mp4"
    full.symlink_to("/dev/full")
    with Recording(full, SIZE) as recording:
        for number in range(100):
            recording.write(picture(number), number / 30)
            time.sleep(0.002)
    assert "disk is full" in str(recording.failure)


SESSION = """
import sys, time
import numpy as np
from formcheck.show.recording import Recording
recording = Recording(sys.argv[1], (320, 240))
began = time.monotonic()
while True:
    now = time.monotonic() - began
    recording.write(np.full((240, 320, 3), 90, np.uint8), now)
    sys.stdout.write(f"{now!r}\\n")
    sys.stdout.flush()
    time.sleep(1 / 30)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_at_any_moment_it_can_be_read(tmp_path: Path, times: int) -> None:
    dice = random.Random(times)
    losses = []
    for number in range(times):
        path = tmp_path / f"{number}.mp4"
        with subprocess.Popen([sys.executable, "-c", SESSION, str(path)], stdout=subprocess.PIPE, text=True) as session:
            assert session.stdout is not None
            session.stdout.readline()
            time.sleep(dice.uniform(2.0, 4.5))
            session.send_signal(signal.SIGKILL)
            last = [line for line in session.stdout.read().splitlines(keepends=True) if line.endswith("\n")][-1]
        assert os.path.getsize(path)
        with Video(path) as video:
            losses.append(float(last) - [frame.time for frame in video][-1])
    print("seconds lost:", [round(loss, 2) for loss in losses])
    assert max(losses) < 2.2
