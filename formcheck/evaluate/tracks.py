"""The pose tracks of the clips: estimated once, kept, and judged as often as needed without the model."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import os
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from formcheck.errors import TrackError, VideoError
from formcheck.see.download import OFFICIAL, VARIANTS
from formcheck.see.landmarker import runtime
from formcheck.see.model import DEFAULT, ModelFile, cache_folder, locate
from formcheck.see.track import Track, TrackMeta, TrackWriter, load_track

TRACK_ENDING = ".track.npz"

_SEE = (
    *(
        "blazepose",
        "company",
        "container",
        "detector",
        "estimator",
        "landmarker",
        "landmarks",
        "legs",
        "network",
        "region",
    ),
    *("scene", "steadying", "straying", "timeline", "tracker", "upright", "video"),
)
_SEEING = ("pose", *(f"see.{name}" for name in _SEE), "chunks.relay", "chunks.seam")
_LIBRARIES = ("mediapipe", "av")


def tracks_folder() -> Path:
    """Where tracks are kept; it may be deleted at any time."""
    return cache_folder().parent / "tracks"


class Tracks:
    """The track of each clip, from the cache where it is there.

    A track is known by the content of the video and by everything that decides what is seen in it: the model, the
    code of the program that reads pictures and finds people in them, and the versions of the libraries below.

    Args:
        model: as for `formcheck.see.model.locate`.
    """

    def __init__(self, model: ModelFile | str | os.PathLike[str] | None = None) -> None:
        self.model = model
        self._seen_with = f"{_model_identity(model)} {seeing_version()}"

    def cached(self, clip: Path) -> bool:
        """Whether no model is needed for a clip.

        Raises:
            VideoError: the clip cannot be read.
        """
        return clip.name.endswith(TRACK_ENDING) or self._place(clip).exists()

    def get(self, clip: Path) -> Track:
        """The track of a video, or a track that was saved before.

        Raises:
            VideoError: the video cannot be read.
            ModelError: the pose model cannot be had.
            TrackError: the saved track is damaged.
            OutputError: the track cannot be kept.
        """
        if clip.name.endswith(TRACK_ENDING):
            return load_track(clip)
        place = self._place(clip)
        if place.exists():
            try:
                return load_track(place)
            except TrackError:
                pass  # damaged: it is made again
        self._estimate(clip, place)
        return load_track(place)

    def _place(self, clip: Path) -> Path:
        digest = hashlib.sha256(self._seen_with.encode())
        try:
            with clip.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except FileNotFoundError:
            raise VideoError(f"There is no file {clip}. Paths in a truth file start at its own folder.") from None
        except OSError as error:
            raise VideoError(f"{clip} cannot be read: {error.strerror}.") from None
        return tracks_folder() / f"{digest.hexdigest()[:32]}{TRACK_ENDING}"

    def _estimate(self, clip: Path, place: Path) -> None:
        from formcheck.chunks.relay import Relay
        from formcheck.see.estimator import Estimator
        from formcheck.see.video import Video

        place.parent.mkdir(parents=True, exist_ok=True)
        model = self.model if isinstance(self.model, ModelFile) else locate(self.model)
        with Video(clip) as video, Relay(partial(Estimator, model)) as estimator:
            meta = TrackMeta(video.size, clip.name, fps=video.fps, model=model.variant or model.path.name)
            with TrackWriter(place, meta) as writer:
                for frame in video:
                    writer.write(estimator.estimate(frame))
                writer.meta = replace(meta, duration=video.end)


@cache
def seeing_version() -> str:
    """A name that changes whenever the same video might give another track. Comments do not change it."""
    digest = hashlib.sha256(f"{runtime()}\n".encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {importlib.metadata.version(library)}\n".encode())
    for module in _SEEING:
        spec = importlib.util.find_spec(f"formcheck.{module}")
        assert spec is not None
        assert spec.origin is not None
        digest.update(ast.dump(ast.parse(Path(spec.origin).read_bytes())).encode())
    return digest.hexdigest()[:16]


def _model_identity(model: ModelFile | str | os.PathLike[str] | None) -> str:
    if isinstance(model, ModelFile):
        wanted = model.variant or os.fspath(model.path)
    else:
        wanted = os.fspath(model or os.environ.get("FORMCHECK_MODEL") or DEFAULT)
    for variant in VARIANTS:
        if wanted == variant:
            return OFFICIAL[variant][1]
    try:
        return hashlib.sha256(Path(os.path.expanduser(wanted)).read_bytes()).hexdigest()
    except OSError:
        return wanted  # the estimator will say what is wrong with it
