"""The trial of a trimmed pose model against the stock one it was made from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.see.blazepose import Landmarker

TOLERANCE = 1e-4
"""In MediaPipe's units (picture widths; metres): 0.1 pixel. They are bit-identical on every machine tried so far."""


def difference(stock: bytes, trimmed: bytes) -> float:
    """The largest difference between what two bundles make of some test pictures, over all values of all landmarks.

    No person is needed: with a confidence of 0 the model says where it would place one in any picture.

    Raises:
        ValueError: MediaPipe cannot use one of the bundles, or places no landmarks.
        ModelError: MediaPipe cannot be loaded.
    """
    return float(np.abs(_landmarks(stock) - _landmarks(trimmed)).max())


def pictures() -> list[NDArray[np.uint8]]:
    """Three pictures that excite the networks differently: noise, a ramp of colours, stripes."""
    noise = np.random.default_rng(7).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    y, x = np.mgrid[0:240, 0:320]
    ramp = np.stack([x * 255 // 319, y * 255 // 239, 255 - x * 255 // 319], axis=-1).astype(np.uint8)
    stripes = np.where((x // 16 + y // 24) % 2, 230, 20)[..., None].repeat(3, axis=-1).astype(np.uint8)
    return [noise, ramp, stripes]


def _landmarks(bundle: bytes) -> NDArray[np.float64]:
    """(pictures, 2, 33, 5): x, y, z, visibility, presence of the landmarks in the picture and in metres."""
    with Landmarker(bundle, "image", confidence=0.0) as landmarker:
        results = [landmarker.detect(picture) for picture in pictures()]
    if not all(result.pose_landmarks for result in results):
        raise ValueError("the model placed no landmarks")
    return np.array([[_values(r.pose_landmarks[0]), _values(r.pose_world_landmarks[0])] for r in results])


def _values(landmarks: Any) -> list[tuple[float, ...]]:
    return [(p.x, p.y, p.z, p.visibility, p.presence) for p in landmarks]
