"""What a person must have read before the first session: what this is not, when not to begin, and when to stop.

It is shown once. That it was accepted, and which wording, is stored in a small file in the user's configuration folder
(``FORMCHECK_CONFIG`` names another folder); a changed wording is shown again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs

from formcheck.errors import DisclaimerError, FormcheckError
from formcheck.json_file import read_json
from formcheck.unfinished import UnfinishedFile, output_error

SHORT = (
    "This app gives general exercise guidance for healthy adults. It is not a medical device and does not diagnose, "
    "treat, cure or prevent any disease, injury or pain. Camera-based feedback can be wrong. Stop at once if you feel "
    "pain, dizziness, numbness or any discomfort, and ask a qualified health professional. Talk to one before you "
    "start if you are pregnant, have had recent surgery or injury, a heart condition, osteoporosis, back or leg pain "
    "with numbness or weakness, or any doubt."
)

LONG = (
    "The app estimates body positions from video and compares them with general exercise descriptions. Estimates may "
    "be off by 10 degrees or more, and by much more with loose clothing, poor light, hidden body parts or a camera at "
    "an angle. It cannot see your spine, pelvis tilt, muscles, breathing, effort or pain. A “good” result does not "
    "mean that a movement is safe for you; a “fix” message does not mean that something is wrong with your body. "
    "Instructions come from general wellness material and have not been adapted to you. Exercise at your own pace, "
    "within your comfort, on a safe surface. In an emergency call your local emergency number. Video is processed on "
    "your device."
)

RED_FLAGS = (
    "chest pain, fainting or dizziness",
    "new weakness or numbness in a leg, or numbness around the saddle area (urgent)",
    "loss of bladder or bowel control (urgent)",
    "a recent fracture or surgery",
    "back pain together with fever or unexplained weight loss",
)
"""With one of these, do not start; see a clinician."""

CARE = (
    "Pregnant, after 12 weeks: avoid exercises flat on the back.",
    "Hip replacement: ask first which movements of the hip you should avoid.",
    "Osteoporosis or a vertebral fracture: no loaded or forced bending forward.",
    "Pain, tingling or numbness that shoots into the leg: stop that exercise.",
    "Space: a mat, a floor that is not slippery, a stable chair without wheels, the camera out of your way.",
)

DISCOMFORT = (
    "Well done for stopping. Rest. If it does not settle, or you notice numbness, weakness, or loss of bladder or "
    "bowel control, get medical help."
)
"""Shown and said when somebody stops because of discomfort."""

STOP_RULE = "Stop at pain, dizziness, numbness or any discomfort."

_FILE = "disclaimer.json"


def full_text() -> str:
    """All of it, as shown before the first session."""
    flags = "\n".join(f"  - {flag}" for flag in RED_FLAGS)
    care = "\n".join(f"  - {line}" for line in CARE)
    return f"{SHORT}\n\nDo not start, and see a clinician, with:\n{flags}\n\nTake care:\n{care}\n\n{LONG}"


def config_folder() -> Path:
    """Folder for what is remembered about the user: ``FORMCHECK_CONFIG``, or the system's place for it."""
    chosen = os.environ.get("FORMCHECK_CONFIG")
    return Path(chosen) if chosen else platformdirs.user_config_path("formcheck", appauthor=False)


def accepted() -> bool:
    """Whether the present wording was accepted on this machine."""
    try:
        kept = read_json(config_folder() / _FILE)
    except (OSError, ValueError):
        return False
    return isinstance(kept, dict) and kept.get("wording") == _wording()


def accept() -> None:
    """Remembers that it was accepted.

    Raises:
        OutputError: it cannot be stored.
    """
    folder = config_folder()
    content = {"wording": _wording(), "accepted": time.strftime("%Y-%m-%d")}
    path = folder / _FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(path, error) from error
    with UnfinishedFile(path) as unfinished:
        unfinished.path.write_text(json.dumps(content) + "\n", encoding="utf-8")


def ensure_accepted(*, yes: bool = False, ask: Callable[[str], str] = input) -> None:
    """Shows the disclaimer if it was not accepted yet, and asks; returns when it is accepted.

    Args:
        yes: it is accepted without asking, for scripts; the short text is still printed.
        ask: asks the person a question in the terminal.

    Raises:
        DisclaimerError: it was not accepted, or nobody can be asked.
    """
    if accepted():
        return
    from formcheck.show.terminal import err, note

    console = err()
    if yes:
        console.print(SHORT)
    elif not sys.stdin.isatty():
        raise DisclaimerError(
            f"Before the first session, read and accept this:\n\n{SHORT}\n\n"
            "Run the command in a terminal to be asked, or add --yes to accept it."
        )
    else:
        console.print("Before your first session", style="bold")
        console.print(full_text())
        console.print()
        if not _agrees(ask):
            raise DisclaimerError("Not accepted, so no session was started. Nothing was stored.")
    try:
        accept()
    except FormcheckError as error:  # the person did accept; being asked again next time is no reason not to begin
        note(f"{error} You will be asked again next time.")


def _agrees(ask: Callable[[str], str]) -> bool:
    for _ in range(3):
        try:
            answer = ask("Do you accept this, and does none of it keep you from exercising? [yes/no] ")
        except EOFError:
            return False
        match answer.strip().casefold():
            case "y" | "yes":
                return True
            case "n" | "no":
                return False
    return False


def _wording() -> str:
    return hashlib.sha256(full_text().encode()).hexdigest()[:16]
