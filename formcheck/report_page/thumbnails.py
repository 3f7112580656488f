"""Stills made small, so that a page can hold all of them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from formcheck.judge.report import Report

_SIDES = ((24, 360), (80, 240), (10_000, 160))
"""At most so many stills: pixels of the longer side."""

_QUALITIES = (74, 60, 45, 30)
"""Of JPEG, tried in this order."""

_BYTES = 750_000
"""All stills of a page together; as base64 they take a third more."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture, as an address that holds the picture itself."""

    address: str
    width: int
    height: int


def thumbnails(report: Report, stills: Path) -> dict[int, Thumbnail]:
    """The stills of a report's counted repetitions, or of its holds, by their 0-based place in the report."""
    if report.kind == "hold":
        kind, places = "hold", list(range(len(report.holds)))
    else:
        kind, places = "repetition", [i for i, r in enumerate(report.repetitions) if r.counted]
    side = next((side for most, side in _SIDES if len(places) <= most), _SIDES[-1][1])
    found = {}
    for number, place in enumerate(places, start=1):
        path = next(iter(sorted(stills.glob(f"{kind}-{number:02}[-.]*"))), None)
        small = _small(path, side, _BYTES // len(places)) if path else None
        if small:
            found[place] = small
    return found


def _small(path: Path, side: int, most: int) -> Thumbnail | None:
    """A still of at most `most` bytes; None if it cannot be made so small, or not be read."""
    image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return None
    height, width = image.shape[:2]
    scale = min(1.0, side / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    for quality in _QUALITIES:
        done, data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))
        if done and data.nbytes <= most:
            text = base64.b64encode(data.tobytes()).decode("ascii")
            return Thumbnail(f"data:image/jpeg;base64,{text}", *size)
    return None
