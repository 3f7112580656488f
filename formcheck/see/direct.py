"""MediaPipe's pose landmarker without the detours of its Python layer.

For every picture that layer sends three calls through a thread of its own, declares two dozen C functions anew, and
makes 66 Python objects, of which half are never looked at. All of it together takes longer than judging and drawing the
pose. Here the same C functions are called with the same arguments, and the landmarks are read where they lie.

The layer's inner names may change with any version of MediaPipe: what is not as expected is told by `Unsupported`, and
the usual way is taken instead.
"""

from __future__ import annotations

import ctypes
import importlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_TASK = "mediapipe.tasks.python.vision.pose_landmarker"
_ERRORS = "mediapipe.tasks.python.core.mediapipe_c_utils"


class Unsupported(Exception):  # noqa: N818 (a finding, not a failure)
    """MediaPipe is not built as expected here."""


_FLOAT = 4
"""Bytes of a 32-bit float."""


class _Layout(NamedTuple):
    """A landmark in C: its size in bytes, and which of its 32-bit places hold x, y and visibility."""

    size: int
    wanted: NDArray[np.intp]


class Direct:
    """The C functions of one open `PoseLandmarker`, for use in one thread at a time.

    Args:
        landmarker: MediaPipe's, opened; it stays the owner, and none of this may be used once it is closed.
        image_format: `mediapipe.ImageFormat.SRGB`.
        video: whether it follows a person from picture to picture.

    Raises:
        Unsupported: this version of MediaPipe works in another way.
    """

    def __init__(self, landmarker: Any, image_format: int, video: bool) -> None:
        try:
            library = landmarker._lib._lib
            self._handle = landmarker._handle
            self._result_type = importlib.import_module(_TASK).MpPoseLandmarkerResultC
            self._complain = importlib.import_module(_ERRORS).handle_status
            self._landmark = _layout(self._result_type)
            self._make = _function(library, "MpImageCreateFromUint8Data", 7)
            self._drop = _function(library, "MpImageFree", 1)
            detect = "MpPoseLandmarkerDetectForVideo" if video else "MpPoseLandmarkerDetectImage"
            self._detect = _function(library, detect, 6 if video else 5)
            self._forget = _function(library, "MpPoseLandmarkerCloseResult", 1)
            self._free_words = library.MpErrorFree
        except (AttributeError, ImportError, KeyError, TypeError) as error:
            raise Unsupported(str(error)) from error
        self._pixels = self._make.argtypes[3]
        self._format, self._video = int(image_format), video

    def poses(self, image: NDArray[np.uint8], milliseconds: int) -> NDArray[np.float64]:
        """The landmarks found in an upright RGB picture, as `formcheck.see.blazepose.Landmarker.poses` gives them."""
        height, width, _ = image.shape
        picture, words = ctypes.c_void_p(), ctypes.c_char_p()
        pixels = image.ctypes.data_as(self._pixels)
        made = self._make(self._format, width, height, pixels, image.size, ctypes.byref(picture), ctypes.byref(words))
        self._check(made, words)
        result = self._result_type()
        when = (milliseconds,) if self._video else ()
        try:
            found = self._detect(self._handle, picture, None, *when, ctypes.byref(result), ctypes.byref(words))
            self._check(found, words)
            try:
                return self._read(result)
            finally:
                self._forget(ctypes.byref(result))
        finally:
            self._drop(picture)

    def _read(self, result: Any) -> NDArray[np.float64]:
        people = []
        for i in range(result.pose_landmarks_count):
            marks = result.pose_landmarks[i]
            lying = ctypes.string_at(marks.landmarks, marks.landmarks_count * self._landmark.size)
            read = np.frombuffer(lying, np.float32).reshape(marks.landmarks_count, -1)
            people.append(read[:, self._landmark.wanted])
        return np.array(people, np.float64).reshape(-1, 33, 3)

    def _check(self, status: int, words: ctypes.c_char_p) -> None:
        if status == 0:
            return
        try:
            self._complain(status, words)
        finally:
            if words.value is not None:
                self._free_words(words)


def _function(library: Any, name: str, arguments: int) -> Any:
    """A C function that MediaPipe has declared."""
    function = getattr(library, name)
    if function.argtypes is None or len(function.argtypes) != arguments:
        raise Unsupported(f"{name} takes other arguments")
    return function


def _layout(result_type: Any) -> _Layout:
    """How x, y and visibility lie in the C structure of a landmark."""
    landmarks = dict(result_type._fields_)["pose_landmarks"]._type_
    landmark = dict(landmarks._fields_)["landmarks"]._type_
    kinds = dict(landmark._fields_)
    wanted = ("x", "y", "visibility")
    offsets, size = [getattr(landmark, name).offset for name in wanted], ctypes.sizeof(landmark)
    if any(kinds[name] is not ctypes.c_float for name in wanted) or any(each % _FLOAT for each in (*offsets, size)):
        raise Unsupported("landmarks are not of 32-bit floats")
    return _Layout(size, np.array(offsets) // _FLOAT)
