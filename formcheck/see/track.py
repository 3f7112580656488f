"""Pose tracks: what the estimator saw in a recording, saved, to be judged again without the video and the model.

A track is one file, `NAME.track.npz`: a zip archive that `numpy.load` opens as well, with these members:

- `track.json`: `{"format": "formcheck pose track", "schema": 1, "size": [width, height], "source", "duration", "fps",
  "frame_count", "model"}`, the fields of `TrackMeta`; unknown numbers are null; and `"cuts": true`, but not in tracks
  of earlier versions;
- `time.npy`: (n,) float64, seconds, strictly increasing;
- `points.npy`: (n, 33, 2) float64, pixels, NaN where a landmark was not seen;
- `visibility.npy`: (n, 33) float64, 0 to 1;
- `cut.npy`: (n,) float64, 1 where the recording cuts to another scene, else 0, if there are `cuts`.

Nothing is rounded, so a replayed track is judged exactly as the video was. Nothing in it is ever executed (no pickle).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from formcheck.errors import TrackError
from formcheck.pose import LANDMARKS, Pose
from formcheck.see.limits import FARTHEST_PX, LONGEST_S, MOST_PICTURES, SHORTEST_STEP_S
from formcheck.unfinished import UnfinishedFile, output_error

FORMAT = "formcheck pose track"
SCHEMA = 1

MOST_POSES = MOST_PICTURES
"""A file that claims more is refused before memory is taken for it."""

_MEMBERS: dict[str, tuple[slice, tuple[int, ...]]] = {
    "time": (slice(0, 1), ()),
    "points": (slice(1, 1 + 2 * LANDMARKS), (LANDMARKS, 2)),
    "visibility": (slice(1 + 2 * LANDMARKS, 1 + 3 * LANDMARKS), (LANDMARKS,)),
    "cut": (slice(1 + 3 * LANDMARKS, 2 + 3 * LANDMARKS), ()),
}
"""Where each array stands in a pose's row of 101 numbers, and the shape of one pose's part in it."""

_ROW = 2 + 3 * LANDMARKS
_ROWS_AT_ONCE = 4096
_LONGEST_META = 65_536
_MOST = {"duration": LONGEST_S, "fps": 1e6, "frame_count": 1e9}
_LATEST_S = 1e10
_STEP_S = 0.99 * SHORTEST_STEP_S  # differences of large times are rounded


@dataclass(frozen=True, slots=True)
class TrackMeta:
    """Where a track comes from.

    Attributes:
        size: (width, height) of every picture, in pixels.
        source: the video's path, as it was given.
        duration: seconds of video, None if unknown.
        fps: nominal frames a second, None if unknown.
        frame_count: pictures that the video claims to hold, None if unknown.
        model: variant of the pose model: lite, full or heavy.
    """

    size: tuple[int, int]
    source: str
    duration: float | None = None
    fps: float | None = None
    frame_count: int | None = None
    model: str = "full"


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The poses of one recording, in the order of their times, and where they come from.

    Attributes:
        poses, meta: see there.
        losses: what is missing, in sentences; only the journal of an interrupted session has any.
    """

    poses: tuple[Pose, ...]
    meta: TrackMeta
    losses: tuple[str, ...] = ()


class TrackWriter:
    """A track being written, pose by pose, with flat memory.

    Use it in a `with` block: the file appears, complete, when the block ends well; otherwise nothing is left of it.

    Attributes:
        meta: written last, so it may be replaced until the end (the true duration is known only then).

    Raises:
        OutputError: the file cannot be written (on opening, by `write` or by `close`).
    """

    def __init__(self, path: str | os.PathLike[str], meta: TrackMeta) -> None:
        self.meta = meta
        self._count = 0
        self._latest = -math.inf
        self._file = UnfinishedFile(path)
        try:
            self._rows: IO[bytes] = tempfile.TemporaryFile(dir=self._file.path.parent)  # noqa: SIM115 (closed by close)
        except OSError as error:
            self._file.discard()
            raise output_error(self._file.final, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.discard()

    def write(self, pose: Pose) -> None:
        """Add the next pose. Its size must be that of the track, its time later than the one before."""
        if pose.size != self.meta.size:
            raise ValueError(f"the track holds pictures of {self.meta.size}, not of {pose.size}")
        if not self._latest < pose.time < math.inf:
            raise ValueError(f"times must increase: {pose.time} after {self._latest}")
        if self._count >= MOST_POSES:
            raise TrackError(f"{self._file.final}: a track holds at most {MOST_POSES:,} poses. Split the recording.")
        row = np.concatenate(([pose.time], pose.points.ravel(), pose.visibility, [pose.cut])).astype("<f8", copy=False)
        try:
            self._rows.write(row.tobytes())
        except OSError as error:
            raise output_error(self._file.final, error) from error
        self._latest = pose.time
        self._count += 1

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._rows.closed:
            return
        try:
            with self._rows, zipfile.ZipFile(self._file.path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(zipfile.ZipInfo("track.json"), meta_to_json(self.meta, cuts=True))
                for name, (columns, shape) in _MEMBERS.items():
                    self._write_array(archive, name, columns, shape)
            self._file.finish()
        except OSError as error:
            self.discard()
            raise output_error(self._file.final, error) from error
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Stop, and remove what has been written."""
        with contextlib.suppress(OSError):  # rows that a full disk would not take any more
            self._rows.close()
        self._file.discard()

    def _write_array(self, archive: zipfile.ZipFile, name: str, columns: slice, shape: tuple[int, ...]) -> None:
        member = zipfile.ZipInfo(f"{name}.npy")  # without a date, so that equal tracks are equal files
        member.compress_type = zipfile.ZIP_DEFLATED
        header = {"descr": "<f8", "fortran_order": False, "shape": (self._count, *shape)}
        self._rows.seek(0)
        with archive.open(member, "w", force_zip64=True) as out:
            np.lib.format.write_array_header_1_0(out, header)
            while rows := self._rows.read(_ROWS_AT_ONCE * _ROW * 8):
                out.write(np.frombuffer(rows, "<f8").reshape(-1, _ROW)[:, columns].tobytes())


def save_track(path: str | os.PathLike[str], poses: Iterable[Pose], meta: TrackMeta) -> None:
    """Write all poses to the track `path`, replacing a file of that name.

    Raises:
        OutputError: the file cannot be written.
    """
    with TrackWriter(path, meta) as writer:
        for pose in poses:
            writer.write(pose)


def load_track(path: str | os.PathLike[str]) -> Track:
    """Read a track, or the journal of a live session; poses, times and NaN come back bit for bit.

    The arrays are read-only.

    Raises:
        TrackError: the file is missing, is no track, is damaged, or was made by a newer version.
    """
    from formcheck.see.journal import is_journal, load_journal

    path = Path(path)
    try:
        with path.open("rb") as file:
            journal = is_journal(file.read(32))
        if journal:
            return load_journal(path)
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            content = _read(archive, "track.json", _LONGEST_META)
            meta = meta_from_json(content)
            time = _read_array(archive, "time")
            _check_times(time)
            points = _read_array(archive, "points", len(time))
            visibility = _read_array(archive, "visibility", len(time))
            cut = _read_array(archive, "cut", len(time)) if json.loads(content).get("cuts") else np.zeros(len(time))
        _check_poses(points, visibility, cut)
    except FileNotFoundError as error:
        raise TrackError(f"There is no file {path}. Check the name and the folder.") from error
    except IsADirectoryError as error:
        raise TrackError(f"{path} is a folder. Give a track file in it.") from error
    except PermissionError as error:
        raise TrackError(f"You may not read {path}. Change its permissions or copy it to a folder of yours.") from error
    except zipfile.BadZipFile as error:
        raise TrackError(f"{path} is not a pose track, or was not copied completely ({error}). {_REMAKE}") from error
    except NewerTrackError as error:
        raise TrackError(f"{path} {error}. Update formcheck, or {_REMAKE[0].lower()}{_REMAKE[1:]}") from error
    # What zipfile and json raise on damaged or hostile files; RuntimeError is an encrypted member or a deep nesting.
    except (OSError, ValueError, LookupError, EOFError, RuntimeError, zlib.error) as error:
        raise TrackError(f"{path} is not a pose track, or is damaged: {_plain(error)}. {_REMAKE}") from error
    poses = zip(time.tolist(), points, visibility, cut.astype(bool).tolist(), strict=True)
    return Track(tuple(Pose(when, where, seen, meta.size, new) for when, where, seen, new in poses), meta)


_REMAKE = "Make the track again from the video with --save-track."


class NewerTrackError(Exception):
    """The file is a track of a schema that this version does not know."""


def meta_to_json(meta: TrackMeta, **more: bool) -> str:
    """What a file says about its poses, as it is written."""
    return json.dumps({"format": FORMAT, "schema": SCHEMA, **asdict(meta), **more}, indent=1)


def meta_from_json(data: bytes) -> TrackMeta:
    """What a file says about its poses; a `ValueError` says what is wrong with it."""
    content = json.loads(data)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f'its track.json does not say "{FORMAT}"')
    schema = content.get("schema")
    if not isinstance(schema, int) or schema < 1:
        raise ValueError("its schema is not a version number")
    if schema > SCHEMA:
        raise NewerTrackError(f"was made by a newer formcheck (schema {schema}, known here: {SCHEMA})")
    size = content.get("size")
    if not isinstance(size, list) or len(size) != 2 or not all(type(side) is int and 0 < side < 2**16 for side in size):
        raise ValueError("its picture size is not two numbers of pixels")
    if not isinstance(content.get("source"), str) or not isinstance(content.get("model"), str):
        raise ValueError("its source or model is not a text")
    numbers = {name: content.get(name) for name in ("duration", "fps", "frame_count")}
    for name, number in numbers.items():
        if number is not None and (type(number) not in (int, float) or not 0 <= number <= _MOST[name]):
            raise ValueError(f"its {name} is not a number from 0 to {_MOST[name]:,.0f}")
    return TrackMeta((size[0], size[1]), content["source"], model=content["model"], **_typed(numbers))


def _typed(numbers: dict[str, Any]) -> dict[str, Any]:
    kinds = {"duration": float, "fps": float, "frame_count": int}
    return {name: None if number is None else kinds[name](number) for name, number in numbers.items()}


def _read(archive: zipfile.ZipFile, name: str, longest: int) -> bytes:
    with archive.open(name) as member:
        data = member.read(longest + 1)
    if len(data) > longest:
        raise ValueError(f"its {name} is too long")
    return data


def _read_array(archive: zipfile.ZipFile, name: str, count: int | None = None) -> NDArray[np.float64]:
    """An array of `count` poses, or of as many as it claims; memory is taken only for what fits the claim."""
    _, shape = _MEMBERS[name]
    with archive.open(f"{name}.npy") as member:
        start = member.read(10)
        # Compared as text: numpy's own reader evaluates the header, and fails in many ways on hostile ones.
        header = member.read(int.from_bytes(start[8:], "little")).decode("latin-1")
        sides = "".join(f", {side}" for side in shape) or ","
        form = rf"\{{'descr': '<f8', 'fortran_order': False, 'shape': \(([0-9]{{1,15}}){sides}\), \}} *\n"
        found = re.fullmatch(form, header)
        if start[:8] != b"\x93NUMPY\x01\x00" or found is None:
            raise ValueError(f"its {name} is not an array of {' × '.join(map(str, ('n', *shape)))} numbers")
        claimed = int(found[1])
        if claimed > MOST_POSES:
            raise ValueError(f"it claims {claimed:,} poses; at most {MOST_POSES:,} can be read")
        if count is not None and claimed != count:
            raise ValueError(f"it has {count} times but {claimed} {name}")
        expected = 8 * claimed * math.prod(shape)
        data = member.read(expected + 1)  # to the end, where the archive's checksum is compared
    if len(data) != expected:
        raise ValueError(f"its {name} holds {len(data)} bytes, not {expected}")
    return np.frombuffer(data, "<f8").astype(np.float64, copy=False).reshape(claimed, *shape)


def _check_times(time: NDArray[np.float64]) -> None:
    if not np.isfinite(time).all() or not (np.diff(time) >= _STEP_S).all():
        raise ValueError("its times do not increase")
    if len(time) and (time[-1] - time[0] > LONGEST_S or np.abs(time[[0, -1]]).max() > _LATEST_S):
        raise ValueError(f"its times are spread over more than {LONGEST_S / 3600:.0f} hours")


def _check_poses(points: NDArray[np.float64], visibility: NDArray[np.float64], cut: NDArray[np.float64]) -> None:
    if np.isinf(points).any():
        raise ValueError("it has points at infinity")
    if (np.abs(points) > FARTHEST_PX).any():
        raise ValueError(f"it has points more than {FARTHEST_PX:,.0f} pixels away")
    if (visibility < 0).any() or (visibility > 1).any():
        raise ValueError("it has a visibility outside of 0 to 1")
    if not np.isin(cut, (0.0, 1.0)).all():
        raise ValueError("it has cuts that are neither 0 nor 1")


def _plain(error: Exception) -> str:
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error) or type(error).__name__
