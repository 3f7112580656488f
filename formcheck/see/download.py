"""The places that a pose model comes from. Everything that is downloaded is checked against a known sha256."""

from __future__ import annotations

import hashlib
import http.client
import os
import queue
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Literal, Protocol

from formcheck.see.trim import DETECTOR, LANDMARKS

Variant = Literal["lite", "full", "heavy"]
"""How large the landmark network is: the larger, the steadier and the slower. The detector is the same."""

VARIANTS: tuple[Variant, ...] = ("lite", "full", "heavy")

OFFICIAL: Mapping[Variant, tuple[int, str]] = {
    "lite": (5_777_746, "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a"),
    "full": (9_398_198, "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad"),
    "heavy": (30_664_242, "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b"),
}
"""(bytes, sha256) of the bundle at each variant's official address."""

ADDRESS = (
    "https://storage.googleapis.com/mediapipe-models/pose_landmarker/"
    "pose_landmarker_{variant}/float16/1/pose_landmarker_{variant}.task"
)

OLD_PACKAGE = "mediapipe==0.10.21"
"""The last mediapipe whose wheel carries the networks of the `full` variant; newer wheels carry none."""

OLD_NETWORKS: Mapping[str, tuple[str, str]] = {
    DETECTOR: (
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    ),
    LANDMARKS: (
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    ),
}
"""(path inside that wheel, sha256) of each network."""

_OLD_WHEEL_BYTES = 35_622_638

ANSWER_SECONDS = 6.0
"""How long to wait for the official address to answer, name look-up included, before the next place is tried."""
STALL_SECONDS = 15.0
"""How long a download may stand still."""


class Progress(Protocol):
    """Told what is being done, and how far it is."""

    def __call__(self, label: str, done_bytes: int, total_bytes: int | None) -> None:
        """Called several times a second; `total_bytes` is None where it is not known."""


class SourceError(Exception):
    """One place did not deliver the model; the message is the reason, without a full stop."""


def official_address(variant: Variant) -> str:
    """Where the maker of the model publishes it."""
    return ADDRESS.format(variant=variant)


def from_official_address(variant: Variant, progress: Progress) -> bytes:
    """The official bundle.

    Raises:
        SourceError: it could not be fetched, or something else was delivered in its place.
    """
    size, sha256 = OFFICIAL[variant]
    label = f"pose model {variant}: official address"
    progress(label, 0, size)
    bundle = bytearray()
    try:
        with _answer(official_address(variant)) as response:
            while chunk := response.read(1 << 16):
                bundle += chunk
                progress(label, len(bundle), size)
                if len(bundle) > size:
                    break
    except (OSError, http.client.HTTPException) as error:
        raise SourceError(
            f"the download broke off after {len(bundle):,} of {size:,} bytes ({_reason(error)})"
        ) from error
    if hashlib.sha256(bundle).hexdigest() != sha256:
        raise SourceError(
            f"what came is not the model ({len(bundle):,} bytes instead of {size:,}, or changed); "
            "a proxy or a log-in page may have answered in its place"
        )
    return bytes(bundle)


def from_package_index(progress: Progress) -> dict[str, bytes]:
    """The two networks of the `full` variant, out of an old mediapipe wheel.

    The wheel is downloaded by pip, so that the index, mirror, proxy and certificates of this machine are used.

    Raises:
        SourceError: pip could not fetch it, or its networks are not the known ones.
    """
    with tempfile.TemporaryDirectory(prefix="formcheck-", ignore_cleanup_errors=True) as folder:
        _run_pip(Path(folder), progress)
        wheels = list(Path(folder).glob("*.whl"))
        if not wheels:
            raise SourceError(f"pip fetched no wheel of {OLD_PACKAGE}")
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                networks = {name: wheel.read(path) for name, (path, _) in OLD_NETWORKS.items()}
        except (zipfile.BadZipFile, KeyError) as error:
            raise SourceError(f"the wheel of {OLD_PACKAGE} does not hold the networks ({error})") from error
    for name, (_, sha256) in OLD_NETWORKS.items():
        if hashlib.sha256(networks[name]).hexdigest() != sha256:
            raise SourceError(f"the wheel of {OLD_PACKAGE} holds another {name} than expected")
    return networks


def _answer(address: str) -> IO[bytes]:
    """Opens an address; gives up after `ANSWER_SECONDS` in all, because a name look-up alone may take a minute."""
    answers: queue.SimpleQueue[IO[bytes] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        request = urllib.request.Request(address, headers={"User-Agent": "formcheck"})
        try:
            answers.put(urllib.request.urlopen(request, timeout=STALL_SECONDS, context=_certificates()))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="formcheck-download").start()
    try:
        answer = answers.get(timeout=ANSWER_SECONDS)
    except queue.Empty:
        raise SourceError(f"no answer within {ANSWER_SECONDS:.0f} s") from None
    if isinstance(answer, Exception):
        if isinstance(answer, urllib.error.HTTPError):
            answer.close()
        raise SourceError(f"cannot be reached ({_reason(answer)})") from answer
    return answer


def _certificates() -> ssl.SSLContext:
    """The machine's certificates and, where Python finds none (python.org's macOS build), certifi's."""
    context = ssl.create_default_context()
    with suppress(ImportError, OSError):
        import certifi  # comes with mediapipe

        context.load_verify_locations(certifi.where())
    return context


def _run_pip(folder: Path, progress: Progress) -> None:
    options = (
        "--no-deps --only-binary :all: --platform manylinux_2_28_x86_64 --python-version 3.11 --implementation cp "
        "--abi cp311 --disable-pip-version-check --no-input --progress-bar off --timeout 15 --retries 2"
    )
    command = [*_pip(), "download", OLD_PACKAGE, *options.split(), "--dest", str(folder)]
    meanwhile = folder / "unpacking"  # where pip writes while it downloads, so that the progress can be seen
    meanwhile.mkdir()
    environment: dict[str, str] = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(meanwhile))}
    label = "pose model full: package index"
    with (folder / "pip.txt").open("w+b") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, env=environment
        )
        try:
            while process.poll() is None:
                progress(label, min(_bytes_in(folder), _OLD_WHEEL_BYTES), _OLD_WHEEL_BYTES)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
        except BaseException:  # Ctrl-C above all
            process.kill()
            process.wait()
            raise
        said.seek(0)
        if process.returncode:
            raise SourceError(_pip_reason(said.read().decode(errors="replace")))
    progress(label, _OLD_WHEEL_BYTES, _OLD_WHEEL_BYTES)


def _pip() -> list[str]:
    """This Python's pip, or else the one on the path (environments made by uv or pipx have none of their own)."""
    own = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
    if own.returncode == 0:
        return [sys.executable, "-m", "pip"]
    other = shutil.which("pip") or shutil.which("pip3")
    if other is None:
        raise SourceError("there is no pip; `python -m ensurepip` installs it")
    return [other]


def _pip_reason(said: str) -> str:
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    last = (errors or said.splitlines() or ["no message"])[-1]
    return f"pip could not fetch {OLD_PACKAGE}: {last.rstrip('. ')}"


def _bytes_in(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # pip moved it meanwhile
            size += path.stat().st_size
    return size


def _reason(error: Any) -> str:
    """The cause inside urllib's wrapping."""
    cause = getattr(error, "reason", None) or error
    return str(cause).rstrip(".") or type(cause).__name__
