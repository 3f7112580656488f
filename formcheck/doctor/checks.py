"""What `formcheck doctor` looks at. Every check answers with findings, whatever the machine is like."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from formcheck.doctor.finding import Finding
from formcheck.errors import FormcheckError
from formcheck.version import __version__

OLDEST_PYTHON = (3, 11)

REINSTALL = "Install it again: python -m pip install --force-reinstall formcheck"

_LISTENS_S = 12.0
_NEEDED = ("mediapipe", "opencv-contrib-python", "numpy", "av", "pydantic", "typer", "rich", "jinja2", "platformdirs")


def python() -> Iterator[Finding]:
    """The program, Python and the system."""
    yield Finding("formcheck", "ok", __version__, facts={"version": __version__})
    version = platform.python_version()
    fits = sys.version_info[:2] >= OLDEST_PYTHON
    yield Finding(
        "Python",
        "ok" if fits else "problem",
        f"{version} ({platform.python_implementation()}, {platform.machine()})",
        "" if fits else f"formcheck needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer.",
        {"version": version, "implementation": platform.python_implementation()},
    )
    from formcheck.see.speed import cores, processor

    yield Finding(
        "System",
        "ok",
        f"{platform.system()} {platform.release()}, {processor()}, {cores()} cores",
        facts={"system": platform.platform(), "processor": processor(), "cores": cores()},
    )


def packages() -> Iterator[Finding]:
    """What formcheck needs from the package index, and whether it can be loaded."""
    needed = requirements()
    versions: dict[str, str | None] = {name: _version(name) for name in needed}
    wrong = [
        f"{name} {have or 'is missing'}" + (f" (needs {needed[name]} or newer)" if have else "")
        for name, have in versions.items()
        if have is None or _numbers(have) < _numbers(needed[name])
    ]
    text = (
        ", ".join(f"{name} {have}" for name, have in versions.items() if have) or "unknown: not installed as a package"
    )
    facts: dict[str, object] = dict(versions)
    if wrong:
        yield Finding("Packages", "problem", "; ".join(wrong), REINSTALL, facts)
    else:
        yield Finding("Packages", "ok", text, facts=facts)
    rivals = [name for name in ("opencv-python", "opencv-python-headless") if _version(name)]
    if rivals:
        yield Finding(
            "OpenCV",
            "limited",
            f"{' and '.join(rivals)} beside opencv-contrib-python: they overwrite each other's files",
            f"python -m pip uninstall {' '.join(rivals)} opencv-contrib-python, then install opencv-contrib-python.",
        )
    yield _loading()


def requirements() -> dict[str, str]:
    """Names of the packages that formcheck needs, and the oldest version of each that will do."""
    try:
        lines = metadata.requires("formcheck") or []
    except metadata.PackageNotFoundError:  # run from a clone: whatever is there
        return dict.fromkeys(_NEEDED, "0")
    # Those with a condition are extras, or LiteRT, which some machines do without.
    found = (re.match(r"([\w.-]+)\s*>=\s*([\d.]+)", line) for line in lines if ";" not in line)
    return {match[1]: match[2] for match in found if match}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _loading() -> Finding:
    from formcheck.see.blazepose import mediapipe, missing_library
    from formcheck.see.landmarker import runtime

    try:
        import av  # noqa: F401
        import cv2  # noqa: F401

        mediapipe()
    except (ImportError, OSError) as error:
        return Finding("Loading", "problem", str(error).splitlines()[0], missing_library(error) or REINSTALL)
    except FormcheckError as error:
        return Finding("Loading", "problem", str(error))
    return Finding("Loading", "ok", f"MediaPipe, OpenCV and PyAV load; {runtime()} runs the pose model")


def model() -> Iterator[Finding]:
    """Which pose models are here."""
    from formcheck.see.download import VARIANTS
    from formcheck.see.model import DEFAULT, cache_folder, read_bundle, status

    here = [each for each in status() if each.intact]
    facts: dict[str, object] = {
        each.variant: {"source": each.record.source, "fetched": each.record.fetched, "verdict": each.record.verdict}
        for each in here
        if each.record
    }
    chosen = os.environ.get("FORMCHECK_MODEL")
    if chosen:
        facts["FORMCHECK_MODEL"] = chosen
    names = ", ".join(f"{each.variant} ({each.record.verdict})" for each in here if each.record)
    wanted = chosen or DEFAULT
    if wanted not in VARIANTS:  # the path of a bundle
        try:
            read_bundle(Path(os.path.expanduser(wanted)))
        except FormcheckError as error:
            text, _, advice = f"FORMCHECK_MODEL is set: {error}".partition(". ")
            yield Finding("Model", "problem", text, advice, facts)
            return
    if wanted not in VARIANTS or any(each.variant == wanted for each in here):
        text = f"{names} in {cache_folder()}" if here else "none in the cache"
        yield Finding("Model", "ok", text + (f"; FORMCHECK_MODEL={chosen}" if chosen else ""), facts=facts)
        return
    missing = f"“{wanted}” is not on this machine yet" + (f"; here: {names}" if names else "")
    yield Finding(
        "Model", "limited", missing, "It is fetched when it is first needed, or by: formcheck model --fetch", facts
    )


def speed() -> Iterator[Finding]:
    """Pictures a second of every model that is here, measured now."""
    from formcheck.see.model import locate, status
    from formcheck.see.speed import ENOUGH_FPS, choose, measure, remember

    measured: dict[str, object] = {}
    for each in status():
        if not each.intact:
            continue
        try:
            found = locate(each.variant)
            fps = measure(found)
        except (FormcheckError, ValueError) as error:
            yield Finding("Speed", "problem", f"“{each.variant}” cannot be used: {error}")
            continue
        remember(found, fps)
        measured[each.variant] = round(fps, 1)
    if not measured:
        yield Finding("Speed", "limited", "not measured: no model is here yet")
        return
    choice = choose()
    numbers = ", ".join(f"{variant} {fps:.0f}" for variant, fps in measured.items() if isinstance(fps, float))
    slow = choice.fps is not None and choice.fps < ENOUGH_FPS
    yield Finding(
        "Speed",
        "limited" if slow else "ok",
        f"{numbers} pictures of 1280×720 a second; live uses “{choice.variant}”. {choice.why}",
        "Live coaching may lag; recorded videos are judged all the same." if slow else "",
        {"fps": measured, "live": choice.variant},
    )


def folders() -> Iterator[Finding]:
    """Where the program writes."""
    from formcheck.catalog import own_folder
    from formcheck.disclaimer import config_folder
    from formcheck.history.place import data_folder
    from formcheck.see.model import cache_folder

    places = {
        "current folder": Path.cwd(),
        "cache": cache_folder(),
        "own exercises": own_folder(),
        "history": data_folder(),
        "settings": config_folder(),
        "temporary files": Path(tempfile.gettempdir()),
    }
    closed = {name: path for name, path in places.items() if not writable(path)}
    facts: dict[str, object] = {
        name: {"path": str(path), "writable": name not in closed} for name, path in places.items()
    }
    if not closed:
        yield Finding("Folders", "ok", "all can be written: " + ", ".join(map(str, places.values())), facts=facts)
        return
    named = ", ".join(f"{name} ({path})" for name, path in closed.items())
    yield Finding(
        "Folders",
        "problem" if "temporary files" in closed or "cache" in closed else "limited",
        f"cannot be written: {named}",
        "Change the permissions, free some space, name another folder with --out, or set FORMCHECK_CACHE, "
        "FORMCHECK_POSES, FORMCHECK_DATA or FORMCHECK_CONFIG to one.",
        facts,
    )


def writable(folder: Path) -> bool:
    """Whether files can be written there, or the folder could be made; nothing is left behind."""
    try:
        place = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(bytes(4096))
    except (OSError, StopIteration):
        return False
    return True


def camera() -> Iterator[Finding]:
    """The cameras; each is opened for a moment."""
    from formcheck.see.cameras import WORKS, cameras

    found = cameras()
    facts: dict[str, object] = {
        "cameras": [{"number": c.number, "name": c.name, "size": c.size, "fps": c.fps, "state": c.state} for c in found]
    }
    if not found:
        advice = "Connect one for live coaching. Recorded videos need none."
        yield Finding("Camera", "limited", "none was found", advice, facts)
        return
    said = [
        f"{c.number}: {c.name}"
        + (f" {c.size[0]}×{c.size[1]}" if c.size else "")
        + (f", {c.fps:.0f} fps" if c.fps else "")
        for c in found
        if c.state == WORKS
    ]
    broken = [f"{c.number}: {c.name}: {c.state}" for c in found if c.state != WORKS]
    yield Finding("Camera", "ok" if said else "limited", "; ".join(said + broken), facts=facts)


def display() -> Iterator[Finding]:
    """Whether a window can be opened."""
    from formcheck.show.window import require_display

    try:
        require_display()
    except FormcheckError as error:
        text, _, advice = str(error).partition(". ")
        yield Finding("Display", "limited", text, advice)
        return
    yield Finding("Display", "ok", "a window can be opened")


def speech(*, aloud: bool = False) -> Iterator[Finding]:
    """What can speak; `aloud` lets it say something."""
    from formcheck.show.speech import engines, no_engine

    found = engines()
    if not found:
        text, _, advice = no_engine().partition("; ")
        yield Finding("Speech", "limited", text, advice)
        return
    names = ", ".join(engine.name for engine in found)
    facts: dict[str, object] = {"engines": [engine.name for engine in found]}
    if not aloud:
        yield Finding("Speech", "ok", f"{names}; try it with: formcheck doctor --aloud", facts=facts)
        return
    worked = next((engine.name for engine in found if engine.say("formcheck can speak.")), None)
    for engine in found:
        engine.close()
    if worked is None:
        yield Finding("Speech", "limited", f"{names} failed to speak", "Is there a loudspeaker, and is it on?", facts)
    else:
        yield Finding("Speech", "ok", f"{worked} said something", facts=facts)


def sound(*, aloud: bool = False) -> Iterator[Finding]:
    """What plays the tones; `aloud` lets it play one."""
    import time

    from formcheck.show.tones import Tones

    tones = Tones()
    try:
        until = time.monotonic() + _LISTENS_S
        while tones.player is None and tones.note is None and time.monotonic() < until:
            time.sleep(0.02)
        player = tones.player
        if player is not None and aloud:
            tones.play("end")
            time.sleep(1.0)
    finally:
        tones.close()
    if player is None:
        text = "no sound card, or no way to play to it, was found"
        yield Finding("Sound", "limited", text, "Sessions are silent. On Linux: sudo apt install libportaudio2")
        return
    yield Finding("Sound", "ok", f"tones are played by {player}", facts={"player": player})


Check = Callable[..., Iterator[Finding]]

QUICK: tuple[Check, ...] = (python, packages, model, folders, display, speech)
"""Checks that take no time."""

SLOW: tuple[Check, ...] = (speed, camera, sound)
"""Checks that take some seconds, and open the camera."""


def examine(checks: tuple[Check, ...], *, aloud: bool = False) -> Iterator[Finding]:
    """Does the checks, one after the other; a mistake in one of them is a finding, too."""
    for check in checks:
        try:
            yield from check(aloud=True) if aloud and check in (speech, sound) else check()
        except Exception as error:  # the doctor must not die of what it finds
            name = check.__name__.capitalize()
            yield Finding(name, "problem", f"{type(error).__name__}: {error}", "Please report this.")
