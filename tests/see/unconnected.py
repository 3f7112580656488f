"""Runs a Python module or script in a process in which Linux forbids every connection, and kills it if it tries one.

    python tests/see/unconnected.py -m formcheck analyze video.mp4 -e lunge
    python tests/see/unconnected.py script.py

The kernel ends the process (signal SIGSYS) at the first `connect`, `sendto`, `sendmsg` or `sendmmsg`, in whatever
thread and whatever language. A name look-up needs them as well, so none can go unnoticed. This needs no rights and no
tools.
"""

from __future__ import annotations

import ctypes
import platform
import runpy
import signal
import struct
import sys

KILLED = -signal.SIGSYS if hasattr(signal, "SIGSYS") else None
"""The return code, in `subprocess`, of a process that tried to connect."""

# The numbers of connect, sendto, sendmsg, sendmmsg, and the architecture's own (linux/audit.h).
_CALLS = {"x86_64": (0xC000003E, (42, 44, 46, 307)), "aarch64": (0xC00000B7, (203, 206, 211, 269))}

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER = 22, 38, 2
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000


def supported() -> bool:
    """Whether this system can do it (a container may forbid it)."""
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    return ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_SECCOMP, _FILTER, None, 0, 0) == -1 and (
        ctypes.get_errno() == 14  # EFAULT: there are such filters, and only this one, at address 0, is bad
    )


def forbid_connections() -> None:
    """From now on, and for good, this process and its children are killed when they try to connect or to send."""
    architecture, calls = _CALLS[platform.machine()]
    program = [(_LOAD, 0, 0, 4), (_JUMP_EQUAL, 0, len(calls) + 1, architecture), (_LOAD, 0, 0, 0)]
    program += [(_JUMP_EQUAL, len(calls) - i, 0, call) for i, call in enumerate(calls)]
    program += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _KILL_PROCESS)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    whole = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, _FILTER, whole, 0, 0):
        raise OSError(ctypes.get_errno(), "connections cannot be forbidden here")


if __name__ == "__main__":
    forbid_connections()
    if sys.argv[1] == "-m":
        sys.argv = sys.argv[2:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = sys.argv[1:]
        runpy.run_path(sys.argv[0], run_name="__main__")
