from __future__ import annotations

import pickle
import queue
import struct
import sys
import time
from multiprocessing import get_context

import pytest

from formcheck.chunks.channel import Channel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows are written to as a whole")


def test_messages_arrive_in_their_order() -> None:
    channel = Channel(get_context("spawn"))
    for number in range(100):
        channel.sender.put(("block", number, "x" * 10_000))
    assert [channel.get(5.0)[1] for _ in range(100)] == list(range(100))
    with pytest.raises(queue.Empty):
        channel.get(0.01)
    channel.close()


def test_half_a_message_of_a_worker_that_was_killed_holds_nobody_up() -> None:
    channel = Channel(get_context("spawn"))
    channel.sender.put("whole")
    message = pickle.dumps("x" * 1000)
    with open(channel._writer.fileno(), "wb", buffering=0, closefd=False) as pipe:
        pipe.write(struct.pack("!i", len(message)) + message[:500])
    assert channel.get(5.0) == "whole"
    since = time.monotonic()
    with pytest.raises(queue.Empty):
        channel.get(0.1)
    channel.close()
    assert time.monotonic() - since < 2.0
    assert not channel._thread.is_alive()
