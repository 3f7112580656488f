from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from formcheck.live import memory

HOARD = """
import numpy as np
from formcheck.live.memory import give_back

def resident_mb():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

blocks = [np.ones(60_000, np.uint8) for _ in range(2000)]
last = np.ones(60_000, np.uint8)  # above all others, so that they cannot simply be cut off
del blocks
before = resident_mb()
given = give_back()
print(given, before - resident_mb())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_memory_that_is_free_goes_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", HOARD], capture_output=True, text=True, check=True)
    given, megabytes = done.stdout.split()
    assert given == "True"
    assert float(megabytes) > 80


def test_other_c_libraries_and_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Musl:
        def __getattr__(self, name: str) -> object:
            raise AttributeError(name)

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Musl())
    assert memory.give_back() is False
    monkeypatch.setattr(sys, "platform", "darwin")
    assert memory.give_back() is False
