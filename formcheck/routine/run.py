"""Going through a routine, step after step. What performs a step, a camera or recordings, is behind `Performs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from formcheck.history.store import History
from formcheck.live.plan import Bout
from formcheck.routine import runs
from formcheck.routine.runs import Outcome
from formcheck.routine.station import Station, turns_of

Ending = Literal["done", "left", "pain"]
"""How a step, or a routine, ended: to its end, left by the person, stopped because of discomfort."""

Done = Callable[[int, Outcome, int | None], None]
"""Told the number of a turn that is over, how it ended, and its set in the history."""


class Performs(Protocol):
    """Has a step done, bout after bout, and keeps each set in the history."""

    def perform(self, station: Station, bouts: Mapping[int, Bout], rest_s: float, done: Done) -> Ending:
        """Goes through the bouts of a step that are still to be done.

        Args:
            station: the step.
            bouts: by the number of their turn.
            rest_s: seconds of rest before the step; 0 before the first.
            done: to be called, from any thread, as soon as a turn is over: so nothing is lost whatever comes after.
        """


def go(
    history: History,
    run: int,
    made: Sequence[Station],
    performs: Performs,
    *,
    rest_s: float,
    over: frozenset[int] = frozenset(),
    announce: Callable[[Station, int], None] = lambda station, left: None,
) -> Ending:
    """Goes through a routine from where it was left.

    Args:
        run: number of the run (`runs.begin`); each turn is noted in it at once.
        made: the steps.
        rest_s: between two steps.
        over: turns that were done before.
        announce: told each step before it begins, with the number of bouts that are left in it.

    Raises:
        HistoryError: what was done cannot be written.
    """

    open_turns = set(range(len(turns_of(made)))) - over

    def done(turn: int, outcome: Outcome, kept: int | None) -> None:
        open_turns.discard(turn)
        # Opened for each turn: it may end in the judging thread, and SQLite's connections stay in theirs.
        with History(history.path) as own:
            runs.note_turn(own, run, turn, outcome, kept)

    number = 0
    first = True
    for station in made:
        bouts = dict(enumerate(station.plan.bouts, start=number))
        number += len(bouts)
        left = {turn: bout for turn, bout in bouts.items() if turn not in over}
        if not left:
            continue
        announce(station, len(left))
        ending = performs.perform(station, left, 0.0 if first else rest_s, done)
        first = False
        if ending == "pain":
            runs.end(history, run)
            return "pain"
        if ending == "left" and open_turns:  # after the last turn there is nothing to leave
            return "left"
    assert number == len(turns_of(made))
    runs.end(history, run)
    return "done"
