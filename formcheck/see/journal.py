"""The journal of a live session: its pose track, on disk while the person exercises.

Whatever ends the program, a crash, `kill -9` or a power cut, at most the last second is missing, and `load_track`
reads what is there. A journal is one file, `NAME.journal`, that is only ever appended to:

- 4096 bytes of header: a line of magic, the CRC-32 of the JSON in hexadecimal, the JSON of `TrackMeta` as in a track,
  and spaces up to the end;
- one record of 808 bytes for each pose: its number (little-endian uint32, from 0), its row of 100 float64 as in a
  track (time, 66 coordinates, 33 visibilities), and the CRC-32 of all that; where the picture cuts to another scene,
  the highest bit of the number is set;
- at the end of a session that was not interrupted, one more record, with the number 0xFFFFFFFF, whose row holds the
  end in seconds (NaN if unknown) and zeros.

Records stand alone, so that a damaged one costs one pose and no more.
"""

from __future__ import annotations

import contextlib
import math
import os
import struct
import threading
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from formcheck.errors import OutputError, TrackError
from formcheck.pose import LANDMARKS, Pose
from formcheck.see import track as tracks
from formcheck.see.limits import FARTHEST_PX, LONGEST_S, SHORTEST_STEP_S
from formcheck.see.track import NewerTrackError, Track, TrackMeta
from formcheck.unfinished import output_error

ENDING = ".journal"
MAGIC = b"formcheck journal 1\n"
_FAMILY = b"formcheck journal "

_HEADER = 4096
_ROW = 1 + 3 * LANDMARKS
_SLOT = np.dtype([("number", "<u4"), ("row", "<f8", (_ROW,)), ("sum", "<u4")])
RECORD = _SLOT.itemsize
_END = 0xFFFF_FFFF
_CUT = 0x8000_0000
_LATEST_S = 1e10

WRITE_S = 0.1
"""Poses are handed to the system this often: after a `kill -9`, what came later is missing."""

SYNC_S = 0.5
"""What the system has is forced onto the disk this often: after a power cut, what came later is missing."""


class Journal:
    """A journal being written.

    `write` only puts the pose into a queue; two threads of the journal's own write and force it onto the disk, so that
    a slow or a full disk never holds up the judging. Use it in a `with` block, or call `close`.

    Attributes:
        path: the file. It exists, with its header, from the start.
        failure: why poses are no longer kept (a full disk, for example), or None. The session need not end for it.

    Raises:
        OutputError: the file cannot be created, or exists already. After that, nothing is raised.
    """

    def __init__(self, path: str | os.PathLike[str], meta: TrackMeta) -> None:
        self.path = Path(path)
        self.meta = meta
        self.failure: OutputError | None = None
        self._waiting: deque[bytes] = deque()
        self._count = 0
        self._latest = -math.inf
        self._written = threading.Event()
        self._ending = threading.Event()
        header = _header(meta)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
            self._file = os.open(self.path, flags, 0o666)
        except FileExistsError as error:
            raise OutputError(
                f"{self.path} was not written: there is a journal of that name already. Choose another name."
            ) from error
        except OSError as error:
            raise output_error(self.path, error) from error
        try:
            _write_all(self._file, header)
            os.fsync(self._file)
            _sync_folder(self.path.parent)
        except OSError as error:
            os.close(self._file)
            self.path.unlink(missing_ok=True)
            raise output_error(self.path, error) from error
        self._threads = [
            threading.Thread(target=run, name=f"{name} {self.path.name}", daemon=True)
            for name, run in (("write", self._keep_writing), ("sync", self._keep_syncing))
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._stop()  # interrupted: without the record of the end, the journal says so

    def write(self, pose: Pose) -> None:
        """Adds the next pose; returns at once. Its size must be that of the journal, its time later than the last.

        Raises:
            ValueError: size or time are wrong. Failures of the disk are kept in `failure`.
        """
        if pose.size != self.meta.size:
            raise ValueError(f"the journal holds pictures of {self.meta.size}, not of {pose.size}")
        if not self._latest < pose.time < math.inf:
            raise ValueError(f"times must increase: {pose.time} after {self._latest}")
        if self._ending.is_set():
            raise ValueError("the journal is closed")
        self._latest = pose.time
        if self._count >= tracks.MOST_POSES and self.failure is None:
            self.failure = OutputError(f"{self.path} is full: a journal holds {tracks.MOST_POSES:,} poses.")
        if self.failure is None:
            row = np.concatenate(([pose.time], pose.points.ravel(), pose.visibility)).astype("<f8", copy=False)
            self._waiting.append(_record(self._count | (_CUT if pose.cut else 0), row))
            self._count += 1

    def close(self, end_s: float | None = None) -> None:
        """Marks the journal as complete and closes it; a second call does nothing.

        Args:
            end_s: when the session ended, in the time of its poses.
        """
        if self._ending.is_set():
            return
        row = np.zeros(_ROW, "<f8")
        row[0] = math.nan if end_s is None else end_s
        self._waiting.append(_record(_END, row))
        self._stop()

    def remove(self) -> None:
        """Closes and deletes the journal, once its contents are safe elsewhere."""
        self._stop()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def to_track(self, path: str | os.PathLike[str]) -> None:
        """Writes what the closed journal holds as a track file.

        Raises:
            OutputError: the track cannot be written.
            TrackError: the journal cannot be read back.
        """
        self._stop()
        with _Reader(self.path) as reader, tracks.TrackWriter(path, self.meta) as writer:
            written = 0
            for pose in reader:
                writer.write(pose)
                written += 1
            writer.meta = reader.meta_of(written)

    def _stop(self) -> None:
        if self._ending.is_set():
            return
        self._ending.set()
        for thread in self._threads:
            thread.join()
        try:
            os.fsync(self._file)
        except OSError as error:
            self._fail(error)
        finally:
            os.close(self._file)

    def _keep_writing(self) -> None:
        while not self._ending.wait(WRITE_S):
            self._write_waiting()
        self._write_waiting()

    def _write_waiting(self) -> None:
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not batch or self.failure is not None:
            return
        try:
            _write_all(self._file, b"".join(batch))
        except OSError as error:
            self._fail(error)
        self._written.set()

    def _keep_syncing(self) -> None:
        while not self._ending.wait(SYNC_S):
            if not self._written.is_set():
                continue
            self._written.clear()
            try:
                os.fsync(self._file)
            except OSError as error:
                self._fail(error)

    def _fail(self, error: OSError) -> None:
        if self.failure is None:
            self.failure = output_error(self.path, error)


def is_journal(start: bytes) -> bool:
    """Whether a file that starts with these bytes (32 will do) is a journal, of this version or a newer one."""
    return start.startswith(_FAMILY)


def load_journal(path: str | os.PathLike[str]) -> Track:
    """Reads a journal, complete or interrupted; `Track.losses` says what is missing.

    `formcheck.see.track.load_track` recognises journals and calls this.

    Raises:
        TrackError: the file is missing, is no journal, or its header is damaged.
    """
    with _Reader(path) as reader:
        poses = tuple(reader)
    return Track(poses, reader.meta_of(len(poses)), _losses(poses, reader))


class _Reader:
    """The poses of a journal, one after the other: a long one does not fit twice into a small memory.

    Attributes:
        damaged: records left out so far.
        torn: whether the last record is half-written.
        ended: whether the record of the end is there; known after the last pose.

    Raises:
        TrackError: see `load_journal`; on opening, or when reading fails.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.damaged = 0
        self.ended = False
        self._end: float | None = None
        try:
            self._file = self.path.open("rb")
        except FileNotFoundError as error:
            raise TrackError(f"There is no file {self.path}. Check the name and the folder.") from error
        except OSError as error:
            raise self._unreadable(error) from error
        try:
            size = os.fstat(self._file.fileno()).st_size
            self._records, self.torn = divmod(max(0, size - _HEADER), RECORD)
            header = self._file.read(_HEADER)
            if self._records + (self.torn > 0) > tracks.MOST_POSES + 1:
                raise TrackError(f"{self.path} is longer than any journal of this program.")
            self._meta = _read_header(self.path, header)
        except OSError as error:
            self._file.close()
            raise self._unreadable(error) from error
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Pose]:
        """The poses that are intact."""
        first, latest = math.inf, -math.inf
        for place, record in enumerate(self._read()):
            values = np.frombuffer(record, _SLOT)[0]
            number, row = int(values["number"]), values["row"]
            intact = zlib.crc32(record[:-4]) == values["sum"]
            if intact and number == _END and place == self._records - 1:
                self.ended = True
                self._end = float(row[0]) if 0 <= row[0] <= LONGEST_S else None
            elif intact and number & ~_CUT == place and _follows(row[0], latest, first) and _sound(row):
                latest = float(row[0])
                first = min(first, latest)
                points, visibility = row[1 : 1 + 2 * LANDMARKS], row[1 + 2 * LANDMARKS :]
                cut = bool(number & _CUT)
                yield Pose(latest, _frozen(points.reshape(LANDMARKS, 2)), _frozen(visibility), self._meta.size, cut)
            else:
                self.damaged += 1

    def meta_of(self, poses: int) -> TrackMeta:
        """What is known of the recording when all its poses, so many, have been read."""
        return replace(
            self._meta, duration=self._end if self._end is not None else self._meta.duration, frame_count=poses
        )

    def _read(self) -> Iterator[bytes]:
        try:
            for _ in range(self._records):
                record = self._file.read(RECORD)
                if len(record) < RECORD:  # cut off since it was opened
                    return
                yield record
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> TrackError:
        return TrackError(f"{self.path} cannot be read: {error.strerror}. Copy it to a folder of yours.")


def _losses(poses: Sequence[Pose], reader: _Reader) -> tuple[str, ...]:
    losses = []
    if not reader.ended:
        until = f"goes until {poses[-1].time:.1f} s" if poses else "holds no pose"
        losses.append(
            f"The session was interrupted: its journal {until}. At most a second after that is missing"
            + (", one pose of it half-written." if reader.torn else ".")
        )
    if damaged := reader.damaged:
        losses.append(
            f"{damaged} of {damaged + len(poses)} poses in the journal {'is' if damaged == 1 else 'are'} damaged and "
            "left out."
        )
    return tuple(losses)


def _follows(time: float, latest: float, first: float) -> bool:
    """Whether a time may come after the latest, of a session that began at `first` (infinity: not yet)."""
    return abs(time) < _LATEST_S and time >= latest + 0.99 * SHORTEST_STEP_S and not time - first > LONGEST_S


def _sound(row: NDArray[np.float64]) -> bool:
    """Whether a row holds what a pose may hold."""
    visibility = row[1 + 2 * LANDMARKS :]
    return not (np.abs(row[1:]) > FARTHEST_PX).any() and not ((visibility < 0).any() or (visibility > 1).any())


def _frozen(values: NDArray[np.float64]) -> NDArray[np.float64]:
    copied = values.astype(np.float64)
    copied.flags.writeable = False
    return copied


def _header(meta: TrackMeta) -> bytes:
    content = tracks.meta_to_json(meta).encode()
    header = MAGIC + b"%08x\n" % zlib.crc32(content) + content
    if len(header) >= _HEADER:
        raise ValueError("the source of a journal is too long a text")
    return header.ljust(_HEADER - 1) + b"\n"


def _read_header(path: Path, header: bytes) -> TrackMeta:
    if not is_journal(header):
        raise TrackError(f"{path} is not a journal of a live session.")
    if not header.startswith(MAGIC):
        raise TrackError(f"{path} was made by a newer formcheck. Update formcheck.")
    checksum, _, content = header[len(MAGIC) :].partition(b"\n")
    content = content.rstrip()
    try:
        if len(header) != _HEADER or int(checksum, 16) != zlib.crc32(content):
            raise ValueError("its checksum is wrong")
        return tracks.meta_from_json(content)
    except NewerTrackError as error:
        raise TrackError(f"{path} {error}. Update formcheck.") from error
    except ValueError as error:
        raise TrackError(f"The header of {path} is damaged ({error}), so its poses cannot be read.") from error


def _record(number: int, row: NDArray[np.float64]) -> bytes:
    content = struct.pack("<I", number) + row.tobytes()
    return content + struct.pack("<I", zlib.crc32(content))


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync_folder(folder: Path) -> None:
    """Makes the new file's name itself survive a power cut, where the system can do that."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError:
        pass  # some network file systems cannot
    finally:
        os.close(opened)
