"""The way of messages from workers to the process that began them."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import Any

_END_S = 5.0
"""The last message is read within this time after the workers have ended."""


class Sender:
    """The workers' end of a `Channel`; they share it."""

    def __init__(self, writer: Any, one_at_a_time: Any) -> None:
        self._writer, self._one_at_a_time = writer, one_at_a_time

    def put(self, message: object) -> None:
        """Sends a message."""
        with self._one_at_a_time:
            self._writer.send(message)


class Channel:
    """Takes the messages of workers.

    A thread reads them: a worker that is killed while it sends leaves half a message, and whoever reads that waits for
    the rest until every writer is gone.

    Args:
        context: of the workers, as of `multiprocessing`.

    Attributes:
        sender: to be given to the workers when they begin.
    """

    def __init__(self, context: Any) -> None:
        self._reader, self._writer = context.Pipe(duplex=False)
        self.sender = Sender(self._writer, context.Lock())
        self._arrived: queue.Queue[Any] = queue.Queue()
        self._thread = threading.Thread(target=self._receive, name="messages of workers", daemon=True)
        self._thread.start()

    def get(self, timeout: float) -> Any:
        """The next message.

        Raises:
            queue.Empty: none came for so many seconds.
        """
        return self._arrived.get(timeout=timeout)

    def close(self) -> None:
        """Ends it; the workers must have ended before."""
        self._writer.close()
        self._thread.join(_END_S)

    def _receive(self) -> None:
        with self._reader, contextlib.suppress(EOFError, OSError):
            while True:
                self._arrived.put(self._reader.recv())
