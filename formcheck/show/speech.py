"""The speech engines that systems bring: found, used by way of a child process, given up when they do not answer.

Nothing is passed through a shell. Where an engine can read, the text goes in by its standard input.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import threading
from typing import IO, Protocol

INSTALL = {
    "linux": "install one with, for example: sudo apt install espeak-ng",
    "darwin": "macOS brings one, `say`; it was not found in the PATH",
    "win32": "Windows brings one with PowerShell; it was not found in the PATH",
}
"""What to do where there is no speech engine, by `sys.platform`."""

FAILURES = 2
"""After so many failures in a row, an engine is given up."""

_WORDS_A_MINUTE = "165"
"""Somewhat slower than usual: it is heard from two metres by somebody who moves."""

_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


def longest_s(text: str) -> float:
    """Seconds in which an engine has said a text, or hangs: engines say 12 to 15 characters a second."""
    return 3.0 + 0.15 * len(text)


class Engine(Protocol):
    """Something that speaks."""

    name: str

    def say(self, text: str) -> bool:
        """Says a text and waits until it is said; False if that failed or took too long."""

    def cut(self) -> None:
        """Breaks off what is being said, from another thread."""

    def close(self) -> None:
        """Frees everything."""


class CommandEngine:
    """An engine that is a command, started anew for each line.

    Args:
        name: what to call it.
        command: with its arguments; the text is the last one if `spoken_as_argument`, else it goes to its input.
        cancel: another command, needed to silence it where ending it does not.
    """

    def __init__(
        self, name: str, command: list[str], *, spoken_as_argument: bool = False, cancel: list[str] | None = None
    ) -> None:
        self.name = name
        self._command, self._as_argument, self._cancel = command, spoken_as_argument, cancel
        self._running: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def say(self, text: str) -> bool:
        """Says a text and waits until it is said; False if that failed or took too long."""
        command = [*self._command, text] if self._as_argument else self._command
        try:
            with self._lock:
                self._running = process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    creationflags=_NO_WINDOW,
                )
        except OSError:
            return False
        try:
            _, complaints = process.communicate(b"" if self._as_argument else text.encode(), longest_s(text))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self._silence()
            return False
        finally:
            with self._lock:
                self._running = None
        if process.returncode < 0:  # cut off
            self._silence()
            return True
        # espeak-ng ends with 0 where there is no sound card, too.
        return process.returncode == 0 and b"error:" not in complaints

    def cut(self) -> None:
        """Breaks off what is being said."""
        with self._lock:
            if self._running is not None:
                self._running.kill()

    def close(self) -> None:
        """Breaks off what is being said."""
        self.cut()

    def _silence(self) -> None:
        """Stops what goes on speaking after its command has ended."""
        if self._cancel:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(self._cancel, stdin=subprocess.DEVNULL, capture_output=True, timeout=1, check=False)


_POWERSHELL = """
[Console]::InputEncoding = [System.Text.Encoding]::UTF8
Add-Type -AssemblyName System.Speech
$voice = New-Object System.Speech.Synthesis.SpeechSynthesizer
try { $voice.SelectVoiceByHints('NotSet', 'NotSet', 0, [Globalization.CultureInfo]'en-US') } catch { }
while ($null -ne ($line = [Console]::In.ReadLine())) { $voice.Speak($line); [Console]::Out.WriteLine('said') }
"""


class PowerShellEngine:
    """The speech of Windows, in a PowerShell that stays open: starting one takes a second.

    Args:
        command: the PowerShell, up to where the script follows as one argument.
    """

    name = "Windows speech"

    def __init__(self, command: list[str]) -> None:
        self._command = [*command, _POWERSHELL]
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._lock = threading.Lock()
        self._cut = False

    def say(self, text: str) -> bool:
        """Says a text and waits until it is said; False if that failed or took too long."""
        try:
            process = self._started()
            assert process.stdin is not None
            process.stdin.write(" ".join(text.split()).encode() + b"\n")
            process.stdin.flush()
            answer = self._answers.get(timeout=longest_s(text) + 5.0)
        except (OSError, queue.Empty):
            answer = b""
        with self._lock:
            was_cut, self._cut = self._cut, False
        if answer.strip() == b"said":
            return True
        self.close()
        return was_cut

    def cut(self) -> None:
        """Breaks off what is being said."""
        with self._lock:
            self._cut = True
        self.close()

    def close(self) -> None:
        """Ends the PowerShell."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1.0)
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return self._process
            self._answers = queue.Queue()
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=_NO_WINDOW,
            )
            assert self._process.stdout is not None
            threading.Thread(
                target=_pass_on, args=(self._process.stdout, self._answers), name="speech answers", daemon=True
            ).start()
            return self._process


def _pass_on(source: IO[bytes], to: queue.Queue[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in source:
            to.put(line)
    to.put(b"")


def engines() -> list[Engine]:
    """The speech engines on this machine, the best first."""
    found: list[Engine] = []
    if os.name == "nt":
        if shell := shutil.which("powershell"):
            found.append(PowerShellEngine([shell, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command"]))
        return found
    if sys.platform == "darwin" and (say := shutil.which("say")):
        found.append(CommandEngine("say", [say, "-r", _WORDS_A_MINUTE, "-f", "-"]))
    # These first: they begin to speak at once, and fall silent when they are ended.
    found.extend(
        CommandEngine(name, [command, "-v", "en", "-s", _WORDS_A_MINUTE, "--stdin"])
        for name in ("espeak-ng", "espeak")
        if (command := shutil.which(name))
    )
    if command := shutil.which("spd-say"):
        said = [command, "--wait", "--application-name", "formcheck", "--language", "en", "--"]
        found.append(CommandEngine("spd-say", said, spoken_as_argument=True, cancel=[command, "--cancel"]))
    return found


def no_engine() -> str:
    """What to tell where nothing speaks."""
    advice = INSTALL.get(sys.platform, INSTALL["linux"])
    return f"No speech engine was found, so nothing is said aloud; {advice}."
