"""The process's own memory: what is free in it goes back to the system between two bouts."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> bool:
    """Gives free memory back to the system where the C library would keep it, as glibc does.

    Loading the model, the large letters of a rest's board and writing the results of a set each take tens of
    megabytes for a moment. Kept in between, they would look like a session that grows; to give them back takes a few
    milliseconds, so it is done when nobody moves.

    Returns:
        Whether anything was given back; False, too, where the C library has no such function.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):  # another C library, such as musl
        return False
    trim.argtypes, trim.restype = (ctypes.c_size_t,), ctypes.c_int
    return bool(trim(0))
