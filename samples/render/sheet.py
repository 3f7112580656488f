"""Contact sheets: frames of a clip with its true joints drawn on them, to be looked at."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

BONES = tuple(
    (f"{side}_{a}", f"{side}_{b}")
    for side in ("left", "right")
    for a, b in (
        ("shoulder", "elbow"), ("elbow", "wrist"), ("shoulder", "hip"), ("hip", "knee"), ("knee", "ankle"),
        ("ankle", "heel"), ("heel", "foot_index"),
    )
)  # fmt: skip
COLOURS = {"left": (255, 150, 0), "right": (0, 190, 255)}


def contact_sheet(clip: Path, columns: int = 4, rows: int = 2) -> Picture:
    """Frames spread over the clip with the true joints: left orange, right blue."""
    with np.load(clip.with_suffix(".frames.npz")) as truth:
        names, pixels = truth["joints"].tolist(), truth["joints_px"]
    wanted = np.linspace(0, len(pixels) - 1, columns * rows).round().astype(int)
    frames: list[Picture] = []
    with av.open(str(clip)) as container:
        for i, frame in enumerate(container.decode(video=0)):
            if i in wanted:
                picture = draw_joints(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), names, pixels[i])
                frames += [picture] * int((wanted == i).sum())
    lines = [np.concatenate(frames[row * columns : (row + 1) * columns], axis=1) for row in range(rows)]
    return np.concatenate(lines)


def draw_joints(picture: Picture, names: list[str], pixels: NDArray[np.float64]) -> Picture:
    """A copy of a picture with bones and joints drawn at (joints, 2) pixels."""
    drawn = picture.copy()
    at = dict(zip(names, pixels, strict=True))
    for a, b in BONES:
        for share in np.linspace(0, 1, 60):
            _dot(drawn, at[a] + (at[b] - at[a]) * share, COLOURS[a.partition("_")[0]], 0)
    for name, place in at.items():
        _dot(drawn, place, COLOURS.get(name.partition("_")[0], (255, 255, 255)), 1)
    return drawn


def save_png(picture: Picture, path: Path) -> None:
    """Write (height, width, 3) RGB as PNG."""
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "rgb24"
    path.write_bytes(b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None))))


def _dot(picture: Picture, place: NDArray[np.float64], colour: tuple[int, int, int], radius: int) -> None:
    x, y = (round(float(value)) for value in place)
    height, width = picture.shape[:2]
    if radius <= x < width - radius and radius <= y < height - radius:
        picture[y - radius : y + radius + 1, x - radius : x + radius + 1] = colour
