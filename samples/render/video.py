"""Draws clips: the video, and its truth beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from samples.render.clip import Clip
from samples.render.errors import RenderError
from samples.render.shot import Shot
from samples.render.truth import write_truth

Progress = Callable[[int, int], None]
"""Called with (frames done, frames in all)."""


def render_clip(clip: Clip, out: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Draw a clip: `out` (an mp4), beside it `<name>.truth.json` and `<name>.frames.npz`.

    Files appear only when they are complete. Returns the clip's truth.

    Raises:
        RenderError: the clip cannot be made; the message says why.
    """
    if out.suffix != ".mp4":
        raise RenderError(f"{out.name}: clips are H.264 in mp4, give a name that ends in .mp4")
    out.parent.mkdir(parents=True, exist_ok=True)
    shot = Shot(clip)
    frames_path, truth_path = out.with_suffix(".frames.npz"), out.with_suffix(".truth.json")
    truth = shot.truth(out.name, frames_path.name)
    truth["key"] = clip.key()
    partial = out.with_name(f".{out.stem}.partial.mp4")
    write_video(partial, shot.pictures(), clip, len(shot.times), progress)
    shot.frames.save(frames_path)
    partial.replace(out)
    write_truth(truth_path, [truth])
    return truth


def write_video(
    path: Path, pictures: Iterator[NDArray[np.uint8]], clip: Clip, count: int, progress: Progress | None = None
) -> None:
    """Encode H.264 for every player: yuv420p, index in front."""
    rate = Fraction(clip.fps).limit_denominator(1001)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        options = {"crf": str(clip.quality), "preset": "medium", "threads": "1"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height = clip.size
        stream.pix_fmt = "yuv420p"
        for i, picture in enumerate(pictures):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            if progress:
                progress(i + 1, count)
        container.mux(stream.encode(None))
