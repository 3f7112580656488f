"""Workers for a batch: the cores of this machine, or those of a dask or ray cluster."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import shutil
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import Any, Literal

from formcheck.batch.work import Outcome, Settings, Task, give_up, judge
from formcheck.errors import FormcheckError
from formcheck.workers import workers

Engine = Literal["local", "dask", "ray"]

ATTEMPTS = 2
"""A video on which the worker died is tried again, alone, until it was tried so often."""


def work(
    tasks: Iterable[Task], settings: Settings, *, jobs: int, engine: Engine = "local", address: str | None = None
) -> Iterator[Outcome]:
    """Has all tasks done and gives their outcomes as they come, in any order.

    A worker that dies takes nothing with it but its own video, which is tried again and at last given up. `tasks` is
    gone through only a little faster than they are done.

    Raises:
        FormcheckError: the cluster cannot be reached, or its library is not installed.
    """
    feed = iter(tasks)
    if engine == "local":
        yield from _locally(feed, settings, jobs)
    else:
        yield from _on_cluster(feed, settings, engine, address)


# --- this machine ----------------------------------------------------------------------------------------------------


def _locally(feed: Iterator[Task], settings: Settings, jobs: int) -> Iterator[Outcome]:
    again: list[Task] = []
    tried: dict[str, int] = {}
    in_vain = 0
    while True:
        suspects = yield from _round(again, feed, settings, jobs)
        if suspects is None:
            return
        nothing = not any(task.working.exists() for task in suspects) and all(task in suspects for task in again)
        in_vain = in_vain + 1 if nothing else 0
        if in_vain > ATTEMPTS:
            raise FormcheckError(
                "The workers end before they have begun, so nothing can be judged. Is there enough memory? Fewer "
                "workers need less: --jobs 1. Try a single video with: formcheck analyze VIDEO"
            )
        again = [task for task in suspects if not task.working.exists()]
        for task in suspects:
            if not task.working.exists():
                continue
            # It was being worked on when a worker died: perhaps innocent, so alone it may show.
            tried[task.key] = 1
            while tried[task.key] < ATTEMPTS:
                tried[task.key] += 1
                shutil.rmtree(task.working, ignore_errors=True)
                left = yield from _round([task], iter(()), settings, 1)
                if left is None:
                    break
            else:
                yield Outcome(task, give_up(task))


def _round(
    first: list[Task], feed: Iterator[Task], settings: Settings, jobs: int
) -> Generator[Outcome, None, list[Task] | None]:
    """Works until everything is done (None), or until a worker dies: then gives the tasks that are not done."""
    from loky.process_executor import TerminatedWorkerError

    waiting = list(first)
    with workers(jobs) as pool:
        running: dict[Future[Outcome], Task] = {}
        try:
            while True:
                # One more than there are workers, so that none has to wait for the next.
                while len(running) <= jobs:
                    if not waiting:
                        waiting.extend(islice(feed, 1))
                    if not waiting:
                        break
                    future = pool.submit(judge, waiting[-1], settings)
                    running[future] = waiting.pop()
                if not running:
                    return None
                done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome = future.result()
                    del running[future]
                    yield outcome
        except TerminatedWorkerError:
            lost = [task for future, task in running.items() if not _finished(future)]
            for future in running:
                if _finished(future):
                    yield future.result()
            return lost + waiting


def _finished(future: Future[Outcome]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


# --- a cluster -------------------------------------------------------------------------------------------------------


_DEATHS = ("KilledWorker", "WorkerCrashedError", "RayActorError", "ActorDiedError", "NodeDiedError", "RayTaskError")
"""What dask and ray raise when a worker died, on which a task was tried already on others."""


class _Open:
    """Tasks on their way to the threads of joblib, and those that are not done."""

    def __init__(self, feed: Iterator[Task]) -> None:
        self._feed, self._lock = feed, threading.Lock()
        self.tasks: dict[str, Task] = {}

    def hand_out(self, first: Iterable[Task]) -> Iterator[Task]:
        """The tasks to be done: some again, then the rest."""
        yield from first
        while True:
            with self._lock:
                task = next(self._feed, None)
                if task is None:
                    return
                self.tasks[task.key] = task
            yield task


def _on_cluster(feed: Iterator[Task], settings: Settings, engine: Engine, address: str | None) -> Iterator[Outcome]:
    try:
        import joblib
    except ImportError as error:
        raise FormcheckError(_missing(engine)) from error
    left = _Open(feed)
    with contextlib.ExitStack() as closing:
        backend = closing.enter_context(_dask(address) if engine == "dask" else _ray(address))
        closing.enter_context(joblib.parallel_config(backend=backend, n_jobs=-1))
        # ray's backend gives no outcomes before everything is done.
        returns = "generator_unordered" if engine == "dask" else "list"
        in_vain = 0
        while in_vain < ATTEMPTS:
            in_vain += 1
            again = list(left.tasks.values())
            parallel = joblib.Parallel(return_as=returns, batch_size=1, pre_dispatch="2*n_jobs")
            try:
                for outcome in parallel(joblib.delayed(judge)(task, settings) for task in left.hand_out(again)):
                    in_vain = 0
                    left.tasks.pop(outcome.task.key, None)
                    yield outcome
            except Exception as error:
                if type(error).__name__ not in _DEATHS:
                    raise
                for task in list(left.tasks.values()):
                    if (row := task.settled()) is not None:
                        in_vain = 0
                        del left.tasks[task.key]
                        yield Outcome(task, row)
            else:
                return
        # Nothing else is left: these have killed their workers, several times.
        for task in left.tasks.values():
            yield Outcome(task, give_up(task))


@contextlib.contextmanager
def _dask(address: str | None) -> Iterator[str]:
    if address is None:
        raise FormcheckError("A dask cluster needs the address of its scheduler: --scheduler tcp://HOST:8786")
    try:
        distributed: Any = importlib.import_module("dask.distributed")
    except ImportError as error:
        raise FormcheckError(_missing("dask")) from error
    try:
        client = distributed.Client(address, timeout=10, set_as_default=True)
    except (OSError, ValueError, TimeoutError) as error:
        raise FormcheckError(f"The dask scheduler {address} does not answer ({error}). Is it running?") from error
    with client:
        yield "dask"


@contextlib.contextmanager
def _ray(address: str | None) -> Iterator[str]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # ray would report to its makers: nothing is sent by this program
    try:
        ray: Any = importlib.import_module("ray")
        backend: Any = importlib.import_module("ray.util.joblib")
    except ImportError as error:
        raise FormcheckError(_missing("ray")) from error
    started: dict[str, Any] = {} if address else {"include_dashboard": False}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **started)
    except (ConnectionError, ValueError) as error:
        raise FormcheckError(f"The ray cluster {address} does not answer ({error}). Is it running?") from error
    backend.register_ray()
    try:
        yield "ray"
    finally:
        ray.shutdown()


def _missing(engine: Engine) -> str:
    return f"--engine {engine} needs more packages. Install them with: python -m pip install 'formcheck[{engine}]'"
