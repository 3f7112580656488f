"""Processes of this machine that share the work: on the videos of a batch, or on the chunks of a long one."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

_LOOKS_S = 0.2

_ENVIRONMENT = {
    # Each worker has one core, and two pools of threads would only take it from each other.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # One heap for all threads: with one for each, what glibc keeps of every video's threads grows for hours.
    "MALLOC_ARENA_MAX": "1",
}


@contextlib.contextmanager
def workers(
    jobs: int, begin: Callable[..., None] | None = None, given: tuple[Any, ...] = (), context: Any = None
) -> Iterator[Any]:
    """Opens `jobs` processes as a loky executor, and ends them at once when the block is left.

    They end with their parent, and leave Ctrl-C to it.

    Args:
        jobs: how many.
        begin: called in each of them before its first task.
        given: what to call it with.
        context: of loky, where the caller has made a queue with it.
    """
    from loky import ProcessPoolExecutor

    with warnings.catch_warnings():
        # Workers that have grown are replaced without telling the person at the terminal: loky compares with what the
        # first task took, which may have been a small video, or one that cannot be read.
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs")
        warnings.filterwarnings("ignore", message="A worker was restarted while some jobs")
        pool = ProcessPoolExecutor(
            jobs, context=context, initializer=_begin, initargs=(os.getpid(), begin, given), env=_ENVIRONMENT
        )
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, kill_workers=True)


def _begin(parent: int, begin: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name != "nt":  # Windows never tells that a parent has ended
        threading.Thread(target=_end_with, args=(parent,), name="end with parent", daemon=True).start()
    if begin is not None:
        begin(*given)


def _end_with(parent: int) -> None:
    """Ends this process as soon as `parent`, which may be dead already, has ended."""
    while os.getppid() == parent:
        time.sleep(_LOOKS_S)
    os._exit(1)
