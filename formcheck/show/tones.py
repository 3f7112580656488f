"""Short tones for a repetition, a fault, the end and a tick, made here and played in a process of their own.

Audio libraries print, hang and crash as they like; in their own process they disturb nobody. That process reads the
names of tones from its input, one a line, and ends with it. It plays through PortAudio (the `sounddevice` that
MediaPipe brings) or else through a player of the system.

    echo repetition | python -m formcheck.show.tones
"""

from __future__ import annotations

import contextlib
import io
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import wave
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from formcheck.show.lines import Tone

RATE = 44_100
"""Samples a second."""

NOTES: dict[Tone, tuple[tuple[float, float], ...]] = {
    "repetition": ((880.0, 0.10),),
    "fault": ((311.1, 0.12), (233.1, 0.16)),
    "end": ((523.3, 0.12), (659.3, 0.12), (784.0, 0.30)),
    "tick": ((660.0, 0.06),),
}
"""Each tone's notes: hertz and seconds. Higher means well, falling means not."""

NO_SOUND = "No way to play sounds was found, so there are no tones."
SILENT = "none"
"""What the playing process answers where it cannot play."""

_LOUDNESS = 0.35
_FADE_S = 0.008
_STARTS_S = 10.0
_WAITING = 4

Player = Callable[[Tone], bool]
"""Plays a tone and returns when it is over; False if it could not."""


@cache
def samples(tone: Tone) -> NDArray[np.int16]:
    """(n,) the sound of a tone, mono at `RATE`; without clicks at its ends."""
    parts = []
    for hertz, seconds in NOTES[tone]:
        time = np.arange(round(seconds * RATE)) / RATE
        note = np.sin(2 * np.pi * hertz * time) + 0.25 * np.sin(4 * np.pi * hertz * time)
        fade = np.minimum(1.0, np.minimum(time, time[-1] - time) / _FADE_S)
        parts.append(note * fade * np.exp(-2.0 * time / seconds))
    sound = np.concatenate(parts)
    quiet: NDArray[np.int16] = (sound / np.abs(sound).max() * _LOUDNESS * 32767).astype(np.int16)
    return quiet


def wav(tone: Tone) -> bytes:
    """The tone as a WAV file."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples(tone).astype("<i2").tobytes())
    return content.getvalue()


class Tones:
    """Plays tones without ever keeping its caller waiting.

    Attributes:
        player: what plays, once that is known; None where nothing can, or not yet.
        note: why there is no sound, or None.
    """

    def __init__(self, command: list[str] | None = None) -> None:
        self.player: str | None = None
        self.note: str | None = None
        self._command = command or [sys.executable, "-m", "formcheck.show.tones"]
        self._wanted: queue.Queue[Tone | None] = queue.Queue(maxsize=_WAITING)
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tones", daemon=True)
        self._thread.start()

    def play(self, tone: Tone) -> None:
        """Plays a tone soon; drops it if too many are waiting."""
        with contextlib.suppress(queue.Full):
            self._wanted.put_nowait(tone)

    def close(self) -> None:
        """Ends the playing process."""
        self._closed.set()
        with contextlib.suppress(queue.Full):
            self._wanted.put_nowait(None)
        process = self._process
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
            process.kill()
        self._thread.join(2.0)

    def _run(self) -> None:
        try:
            self._process = process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                env=_with_this_package(),
            )
        except OSError:
            self.note = NO_SOUND
            return
        patience = threading.Timer(_STARTS_S, process.kill)
        patience.start()
        assert process.stdin is not None
        assert process.stdout is not None
        with process, contextlib.suppress(OSError, ValueError):
            answer = process.stdout.readline().decode().strip()
            patience.cancel()
            if answer in ("", SILENT):
                self.note = NO_SOUND
                return
            self.player = answer
            while not self._closed.is_set() and (tone := self._wanted.get()) is not None:
                process.stdin.write(tone.encode() + b"\n")
                process.stdin.flush()
                # One at a time: what is asked for meanwhile waits, or is dropped, on this side.
                if process.stdout.readline().strip() != b"played":
                    break


def _with_this_package() -> dict[str, str]:
    """The environment of a Python that finds this package, also where it is not installed."""
    root, others = str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": os.pathsep.join([root, others] if others else [root])}


def main() -> None:
    """The playing process: says what it plays with, then plays what it reads, and says when that is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that started this one
    with tempfile.TemporaryDirectory(prefix="formcheck-") as folder:
        name, play = _player(Path(folder))
        print(name, flush=True)
        if name == SILENT:
            return
        for line in sys.stdin:
            tone = next((known for known in get_args(Tone) if known == line.strip()), None)
            if tone is not None:
                play(tone)
                print("played", flush=True)


def player_name() -> str | None:
    """What tones are played with on this machine; None if nothing can."""
    with tempfile.TemporaryDirectory(prefix="formcheck-") as folder:
        name, _ = _player(Path(folder))
    return None if name == SILENT else name


def _player(folder: Path) -> tuple[str, Player]:
    try:
        import sounddevice

        device = sounddevice.query_devices(kind="output")
        sounddevice.check_output_settings(samplerate=RATE, channels=1, dtype="int16")
    except Exception:  # no PortAudio library (OSError), no device (its own error), or one that takes no such sound
        return _system_player(folder)

    def play(tone: Tone) -> bool:
        try:
            sounddevice.play(samples(tone), RATE, blocking=True)
        except sounddevice.PortAudioError:
            return False
        return True

    return str(device["name"]), play


def _system_player(folder: Path) -> tuple[str, Player]:
    for tone in NOTES:
        (folder / f"{tone}.wav").write_bytes(wav(tone))
    if os.name == "nt":
        return "Windows", lambda tone: _play_on_windows(folder / f"{tone}.wav")
    for name, options in (("pw-play", []), ("paplay", []), ("aplay", ["-q"]), ("afplay", [])):
        command = shutil.which(name)
        if command is None:
            continue

        def play(tone: Tone, start: tuple[str, ...] = (command, *options)) -> bool:
            try:
                done = subprocess.run(
                    [*start, str(folder / f"{tone}.wav")], stdin=subprocess.DEVNULL, capture_output=True, timeout=5
                )
            except (OSError, subprocess.TimeoutExpired):
                return False
            return done.returncode == 0

        if play("tick"):  # heard once at the start, where it works
            return name, play
    return SILENT, lambda tone: False


def _play_on_windows(path: Path) -> bool:
    import winsound

    try:
        winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_NODEFAULT)  # type: ignore[attr-defined]
    except RuntimeError:
        return False
    return True


if __name__ == "__main__":
    main()
