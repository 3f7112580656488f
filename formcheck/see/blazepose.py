"""MediaPipe's pose landmarker, opened, used and closed without noise and without sending anything.

MediaPipe reports usage to its maker: a `PoseLandmarker` of 1.2.2 looks up ``play.googleapis.com``, to post to it, when
it is closed, and **already during a run**, from the first statistics it writes after 60 s. Its logger is made without a
condition, so no option turns that off, and not closing it would not help. Its HTTP client is libcurl, which honours
``https_proxy``: while a landmarker is open, that variable of the C environment (not `os.environ`, so Python code sees
no difference) names a kind of proxy that does not exist, and the client gives up before it looks up a name or opens a
connection. The tests run estimators, one for longer than 60 s, in processes in which Linux forbids every connection.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formcheck.errors import ModelError

REPORTS_TO = "play.googleapis.com"
_NOWHERE = "blocked://formcheck-sends-nothing"

_CHATTER = re.compile(rb"(INFO|WARNING): |[IW]\d{4} [\d:.]+ +\d+ \S+\.cc:\d+\] ")
"""Lines that the C++ side writes to stderr about itself; its errors (``E0000 …``) are let through."""

_ON_FIRST_USE = ("matplotlib.pyplot", "sounddevice")
"""What `import mediapipe` loads beside the pose model, for drawing and sound: more than half of its start-up time."""


def mediapipe() -> ModuleType:
    """The `mediapipe` package.

    Raises:
        ModelError: it cannot be imported.
    """
    with _loading_on_first_use():
        package = _imported("mediapipe")
    # Where there is no PortAudio, `sounddevice` fails when it is first looked at, by whoever goes through the modules.
    sound = sys.modules.get("sounddevice")
    if sound is not None and "_LazyModule" in type(sound).__name__:
        del sys.modules["sounddevice"]
    return package


def flatbuffer_schemas() -> tuple[Any, Any]:
    """MediaPipe's own schema modules: of a TFLite model, and of the metadata inside one.

    Raises:
        ModelError: they cannot be imported.
    """
    mediapipe()
    return (
        _imported("mediapipe.tasks.metadata.schema_py_generated"),
        _imported("mediapipe.tasks.metadata.metadata_schema_py_generated"),
    )


class Landmarker:
    """One MediaPipe `PoseLandmarker`.

    Args:
        bundle: the contents of a model bundle (a ``.task`` file).
        mode: "video" follows a person from frame to frame, "image" looks at each picture afresh.
        confidence: 0..1, how sure the model must be that there is a person (MediaPipe's default 0.5).
        people: how many to find at most.

    Raises:
        ModelError: MediaPipe cannot be loaded.
        ValueError: it cannot use the bundle.
    """

    # MediaPipe warns once a process, when it places the landmarks of the first person it sees; from 1.2.3 on it also
    # says something about every picture, as a trimmed model answers with a constant where the mask was.
    _chatty = True

    def __init__(
        self, bundle: bytes, mode: Literal["video", "image"], confidence: float = 0.5, people: int = 1
    ) -> None:
        self._mp = mediapipe()
        tasks = self._mp.tasks
        self._bundle, self._video, self._confidence = bundle, mode == "video", confidence
        options = tasks.vision.PoseLandmarkerOptions(
            # Not a path: on Windows MediaPipe cannot open those with non-ASCII characters.
            base_options=tasks.BaseOptions(model_asset_buffer=bundle),
            running_mode=tasks.vision.RunningMode.VIDEO if self._video else tasks.vision.RunningMode.IMAGE,
            num_poses=people,
            min_pose_detection_confidence=confidence,
            min_pose_presence_confidence=confidence,
            min_tracking_confidence=confidence,
        )
        self._landmarker: Any = None
        self._first = True
        _hold_reports()
        try:
            with quiet():
                self._landmarker = tasks.vision.PoseLandmarker.create_from_options(options)
        except OSError as error:  # the shared library, or something that it needs, is not there
            _release_reports()
            raise ModelError(_cannot_load(error)) from error
        except (RuntimeError, ValueError) as error:
            _release_reports()
            raise ValueError(_first_line(error)) from error
        except BaseException:
            _release_reports()
            raise

    def detect(self, image: NDArray[np.uint8], milliseconds: int = 0) -> Any:
        """MediaPipe's result for one upright RGB picture; in video mode the time must increase from call to call."""
        picture = self._mp.Image(self._mp.ImageFormat.SRGB, np.ascontiguousarray(image))
        if not (self._first or Landmarker._chatty):
            return self._detect(picture, milliseconds)
        with quiet() as chatter:
            result = self._detect(picture, milliseconds)
        self._first = False
        if result.pose_landmarks:
            Landmarker._chatty = chatter.heard
        return result

    def poses(self, image: NDArray[np.uint8], milliseconds: int = 0) -> NDArray[np.float64]:
        """What `detect` finds, as numbers: (people, 33, 3) of x, y and visibility; without rows where nobody is seen.

        x and y are in picture widths and heights, visibility in 0..1.
        """
        found = self.detect(image, milliseconds).pose_landmarks
        return np.array([[(p.x, p.y, p.visibility) for p in marks] for marks in found], np.float64).reshape(-1, 33, 3)

    def _detect(self, picture: Any, milliseconds: int) -> Any:
        if self._video:
            return self._landmarker.detect_for_video(picture, milliseconds)
        return self._landmarker.detect(picture)

    def for_everybody(self, people: int) -> Landmarker:
        """Another one of the same model, which looks for that many people in each picture afresh."""
        return Landmarker(self._bundle, "image", self._confidence, people)

    def close(self) -> None:
        """Frees the model; a second call does nothing."""
        if self._landmarker is None:
            return
        landmarker, self._landmarker = self._landmarker, None
        try:
            with quiet():
                landmarker.close()
        finally:
            _release_reports()

    def __enter__(self) -> Landmarker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# --- nothing is sent -------------------------------------------------------------------------------------------------

_reports = threading.Lock()
_held_by = 0


def _hold_reports() -> None:
    global _held_by
    with _reports:
        if not _held_by:
            os.putenv("https_proxy", _NOWHERE)
            os.putenv("no_proxy", without_exception(os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""))
        _held_by += 1


def _release_reports() -> None:
    global _held_by
    with _reports:
        _held_by -= 1
        if not _held_by:
            for name in ("https_proxy", "no_proxy"):
                if name in os.environ:
                    os.putenv(name, os.environ[name])
                else:
                    os.unsetenv(name)


def without_exception(no_proxy: str) -> str:
    """A ``no_proxy`` list without the entries that would let MediaPipe's reports pass by the proxy.

    Never empty: curl would look at ``NO_PROXY`` instead.
    """
    entries = [entry.strip() for entry in no_proxy.split(",")]
    kept = [e for e in entries if e and e != "*" and not f".{REPORTS_TO}".endswith(f".{e.lower().lstrip('*.')}")]
    return ",".join(kept) or "localhost"


# --- nothing is printed ----------------------------------------------------------------------------------------------

_stderr = threading.RLock()


class Chatter:
    """What was dropped.

    Attributes:
        heard: whether anything was.
    """

    heard = False


@contextlib.contextmanager
def quiet() -> Iterator[Chatter]:
    """Drops the chatter that C++ writes to file descriptor 2; everything else written there is passed on afterwards."""
    chatter = Chatter()
    with _stderr, contextlib.ExitStack() as at_the_end:
        try:
            _flush()
            terminal = os.dup(2)
            at_the_end.callback(os.close, terminal)
            said = at_the_end.enter_context(tempfile.TemporaryFile())
            os.dup2(said.fileno(), 2)
        except OSError:  # no stderr, or no temporary folder: let it chatter
            yield chatter
            return
        try:
            yield chatter
        finally:
            _flush()
            os.dup2(terminal, 2)
            said.seek(0)
            lines = list(said)
            rest = b"".join(line for line in lines if not _CHATTER.match(line))
            chatter.heard = len(rest) < sum(map(len, lines))
            if rest:
                os.write(2, rest)


def _flush() -> None:
    if sys.stderr is not None:
        with contextlib.suppress(ValueError):  # closed
            sys.stderr.flush()


# --- nothing is imported in vain -------------------------------------------------------------------------------------


class _OnFirstUse(importlib.abc.MetaPathFinder):
    """Finds `_ON_FIRST_USE`, to be executed when they are first used (the standard library's lazy loader)."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _ON_FIRST_USE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


@contextlib.contextmanager
def _loading_on_first_use() -> Iterator[None]:
    if "mediapipe" in sys.modules:
        yield
        return
    finder = _OnFirstUse()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@cache
def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        raise ModelError(_cannot_load(error)) from error


def _cannot_load(error: Exception) -> str:
    message = f"MediaPipe, which estimates the pose, cannot be loaded: {_first_line(error)}."
    again = "Install it again: `python -m pip install --force-reinstall mediapipe`."
    return f"{message} {missing_library(error) or again}"


def missing_library(error: Exception) -> str | None:
    """What to do about a system library that OpenCV or MediaPipe miss, as on a server; None if it is not that."""
    if "cannot open shared object file" not in str(error):
        return None
    return (
        "A machine without a desktop lacks some system libraries (no screen and no graphics card is needed): "
        "`apt-get install libgl1 libglib2.0-0 libegl1 libgles2` on Debian and Ubuntu."
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
