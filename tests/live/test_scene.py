"""Whoever draws gets the newest scene, and whoever judges never waits for the drawing."""

from __future__ import annotations

import threading
import time

from formcheck.live.scene import Newest, Scene


def test_the_newest_scene_is_given_and_older_ones_are_forgotten() -> None:
    newest = Newest()
    for number in range(5):
        newest.show(Scene(None, bout=number))
    taken = newest.take(0.1)
    assert taken is not None
    assert taken.bout == 4
    assert newest.passed_over == 4
    assert newest.take(0.01) is None


def test_showing_does_not_wait_for_somebody_who_draws_slowly() -> None:
    newest, done = Newest(), threading.Event()

    def draw() -> None:
        while not done.is_set():
            if newest.take(0.05) is not None:
                time.sleep(0.2)

    drawing = threading.Thread(target=draw)
    drawing.start()
    began = time.monotonic()
    for number in range(1000):
        newest.show(Scene(None, bout=number))
    spent = time.monotonic() - began
    done.set()
    drawing.join()
    assert spent < 0.5
    assert newest.passed_over > 900
