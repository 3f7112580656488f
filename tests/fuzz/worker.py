"""A process that tries inputs one after the other: ``python -m fuzz.worker SCRATCH CORPUS SEED SECONDS MEMORY_MB``.

It reads lines of "kind number" and answers each with a line of JSON. Should it die or not answer, the input that it was
given last has done that.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path

_ADDRESSES = 12 * 2**30
"""Bytes of address space: what would fill the machine's memory fails here instead."""


def main() -> None:
    """Works until there are no more lines."""
    scratch, corpus, seed, seconds, memory_mb = sys.argv[1:6]
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    # What C libraries say goes to the log, as does the place at which a process hangs or dies.
    log = os.open(Path(scratch) / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    faulthandler.enable(2)
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from fuzz.attempt import Bench, Limits, kind_named
    from fuzz.standin import without_model

    limits = Limits(float(seconds), float(memory_mb))
    bench = Bench(Path(scratch), Path(corpus), int(seed), limits)
    without_model()
    print(json.dumps("ready"), file=answers)
    for line in sys.stdin:
        kind, number = line.split()
        faulthandler.dump_traceback_later(limits.seconds, exit=False)
        outcome = bench.attempt(kind_named(kind), int(number))
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps(asdict(outcome)), file=answers)


if __name__ == "__main__":
    main()
