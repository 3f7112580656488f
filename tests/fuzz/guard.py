"""Watches what an input makes the program do: what it opens, starts, writes, leaves behind, and how much it takes."""

from __future__ import annotations

import gc
import os
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.mkdir": (0,),
    "os.rmdir": (0,),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.utime": (0,),
    "shutil.rmtree": (0,),
}
"""Events of Python's audit hooks that change files, and which of their arguments are paths."""

_IN_FOLDERS = ("os.remove", "os.rmdir")
"""Those whose last argument may be an open folder in which the path is."""

_FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "subprocess.Popen", "os.fork", "socket.connect")
_DEVICES = ("/dev/null", "/dev/urandom", "/proc/self")


class Guard:
    """Notes whatever happens outside of the folders in which an input may be read and written.

    Python itself reports each file that is opened, moved or removed, each program that is started and each connection;
    so nothing needs to be looked for. What a C library writes is found by comparing the folder around.

    Args:
        writable: folders in which the program may write.
        readable: folders in which it may read, besides these, Python's own and the program's.
    """

    def __init__(self, writable: tuple[Path, ...], readable: tuple[Path, ...]) -> None:
        self._writable = tuple(map(os.path.realpath, writable))
        own = [*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, "/usr", "/etc/localtime", *_DEVICES]
        known = [*map(str, (*writable, *readable)), *own, *filter(None, sys.path)]
        self._readable = tuple(os.path.realpath(each) for each in known)
        self._seen: list[str] | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self) -> Iterator[list[str]]:
        """Gives what is noted while the block runs."""
        seen: list[str] = []
        self._seen = seen
        try:
            yield seen
        finally:
            self._seen = None

    def _hear(self, event: str, args: tuple[object, ...]) -> None:
        seen = self._seen
        if seen is None:
            return
        if event == "open":
            path, mode, flags = args
            if not isinstance(path, str | bytes | os.PathLike):
                return  # a number: a file that is open already
            writes = bool(isinstance(flags, int) and flags & _WRITES) or bool(set(str(mode or "")) & set("wax+"))
            self._note(event, path, writes=writes)
        elif event == "sqlite3.connect":
            if isinstance(args[0], str | bytes) and args[0] != ":memory:":
                self._note(event, args[0], writes=True)
        elif event in _CHANGES:
            for number in _CHANGES[event]:
                path, folder = args[number], args[-1]
                if isinstance(path, str | bytes):
                    inside = isinstance(folder, int) and folder >= 0 and len(args) > 1 and event in _IN_FOLDERS
                    self._note(event, f"/proc/self/fd/{folder}/{os.fsdecode(path)}" if inside else path, writes=True)
        elif event.startswith(_FORBIDDEN):
            seen.append(f"{event} {args[:2]!r}")

    def _note(self, event: str, path: str | bytes | os.PathLike[str] | os.PathLike[bytes], *, writes: bool) -> None:
        seen, self._seen = self._seen, None  # finding out about a path must not be heard itself
        try:
            place = os.path.realpath(os.fsdecode(path))
            allowed = self._writable if writes else self._readable
            inside = any(place == each or place.startswith(each + os.sep) for each in allowed)
            if seen is not None and not inside and not (writes and place == os.devnull):
                seen.append(f"{'writes' if writes else 'reads'} {place} ({event})")
        except ValueError:  # a name with a zero byte opens nothing
            pass
        finally:
            self._seen = seen


def forget_peak() -> None:
    """From now on, `peak_mb` counts anew (Linux; elsewhere it never falls)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _status(name: str) -> float:
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def peak_mb() -> float:
    """The most memory that this process had since `forget_peak`, in megabytes; 0 where that is not known."""
    return _status("VmHWM:")


def memory_mb() -> float:
    """The memory that it has now."""
    return _status("VmRSS:")


def left_open() -> tuple[int, int]:
    """Threads and open files, after everything that nobody needs is gone."""
    try:
        files = len(os.listdir("/proc/self/fd"))
    except OSError:
        files = 0
    return threading.active_count(), files


def settled(before: tuple[int, int]) -> tuple[int, int]:
    """The same, looked at again after a collection if it has grown."""
    now = left_open()
    if now[0] > before[0] or now[1] > before[1]:
        gc.collect()
        now = left_open()
    return now
