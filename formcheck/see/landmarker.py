"""What finds landmarks in pictures here: LiteRT where it is there, else MediaPipe."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata

from formcheck.see.blazepose import Landmarker
from formcheck.see.model import ModelFile
from formcheck.see.network import Unsupported
from formcheck.see.tracker import Tracker


def open_landmarker(model: ModelFile, *, confidence: float = 0.5) -> Tracker | Landmarker:
    """Opens a pose model, to follow one person from frame to frame; it is to be closed at the end.

    The official models are run by LiteRT. A bundle of somebody's own is given to MediaPipe, which reads in it how
    pictures are to be prepared; so are all where LiteRT does not run.

    Args:
        model: which.
        confidence: 0..1, how sure the model must be that there is a person.

    Raises:
        ModelError: neither can be loaded.
        OSError: the bundle cannot be read.
        ValueError: MediaPipe cannot use it.
    """
    bundle = model.path.read_bytes()
    if model.variant is not None:
        with contextlib.suppress(Unsupported):
            return Tracker.open(bundle, confidence)
    return Landmarker(bundle, "video", confidence)


def runtime() -> str:
    """What runs the official models on this machine, with its version."""
    name, package = "LiteRT", "ai-edge-litert"
    try:
        importlib.import_module("ai_edge_litert.interpreter")
    except (ImportError, OSError):
        name, package = "MediaPipe", "mediapipe"
    try:
        return f"{name} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{name} of no known version"
