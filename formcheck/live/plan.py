"""What is to be done: sets, sides, repetitions or seconds, and the rest between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from formcheck.judge.template import Template
from formcheck.pose import Side

Sides = Literal["each", "alternate", "left", "right"]

REST_S = 45.0
"""Rest between two sets, if nothing else was asked for."""

HOLD_S = 30.0
REPETITIONS = 10

MOST_REPETITIONS = 500
MOST_SETS = 20


@dataclass(frozen=True, slots=True)
class Bout:
    """One part of a plan that is done without a break: a set, or one side of it.

    Attributes:
        number: number of the set, from 1.
        sets: sets altogether.
        side: the side that works; None if both do, or in turn.
        repetitions: how many to do, of each side if they alternate; None for a hold.
        hold_s: seconds to hold in good form; None for repetitions.
        alternate: both sides are to reach the repetitions, in any order.
    """

    number: int
    sets: int
    side: Side | None
    repetitions: int | None
    hold_s: float | None
    alternate: bool = False

    @property
    def name(self) -> str:
        """For files: ``set-1`` or ``set-1-left``."""
        return f"set-{self.number}" + (f"-{self.side}" if self.side else "")

    @property
    def title(self) -> str:
        """For people: "Set 1 of 2, left side"."""
        parts = [f"Set {self.number} of {self.sets}"] if self.sets > 1 else []
        parts += [f"{self.side} side"] if self.side else []
        text = ", ".join(parts)
        return text[:1].upper() + text[1:]

    @property
    def dose(self) -> str:
        """What is to be done: "12 repetitions", "12 repetitions each side", "hold 30 seconds"."""
        if self.hold_s is not None:
            return f"hold {self.hold_s:g} seconds"
        some = f"{self.repetitions} repetition{'' if self.repetitions == 1 else 's'}"
        return f"{some} each side" if self.alternate else some


@dataclass(frozen=True, slots=True)
class Plan:
    """Bouts in their order, with a rest of so many seconds between two sets."""

    bouts: tuple[Bout, ...]
    rest_s: float

    def rest_before(self, index: int) -> float:
        """Seconds of rest before a bout; the sides of a set follow each other without one."""
        if index == 0 or self.bouts[index].number == self.bouts[index - 1].number:
            return 0.0
        return self.rest_s

    def sides_exchanged(self, index: int) -> Plan:
        """The same plan, from this bout on with the other side first."""
        bouts = list(self.bouts)
        for i in range(index, len(bouts)):
            bouts[i] = _with_side(bouts[i], _OTHER.get(bouts[i].side or ""))
        return Plan(tuple(bouts), self.rest_s)


_OTHER: dict[str, Side] = {"left": "right", "right": "left"}


def _with_side(bout: Bout, side: Side | None) -> Bout:
    return Bout(bout.number, bout.sets, side, bout.repetitions, bout.hold_s, bout.alternate)


def plan_for(
    template: Template,
    *,
    repetitions: int | None = None,
    hold_s: float | None = None,
    sides: Sides | None = None,
    sets: int | None = None,
    rest_s: float | None = None,
) -> Plan:
    """The plan for an exercise; what is not given comes from its template.

    Raises:
        ValueError: an option does not fit the exercise; the message says which would.
    """
    timed = template.kind == "hold"
    if timed and repetitions is not None:
        raise ValueError(f"{template.name} is held, not counted: give the seconds with --hold, not --reps.")
    if not timed and hold_s is not None:
        raise ValueError(f"{template.name} is counted, not held: give the repetitions with --reps, not --hold.")
    if repetitions is not None and not 1 <= repetitions <= MOST_REPETITIONS:
        raise ValueError(f"--reps must be from 1 to {MOST_REPETITIONS}, not {repetitions}.")
    if hold_s is not None and not 1 <= hold_s <= 3600:
        raise ValueError(f"--hold must be from 1 to 3600 seconds, not {hold_s:g}.")
    if sets is not None and not 1 <= sets <= MOST_SETS:
        raise ValueError(f"--sets must be from 1 to {MOST_SETS}, not {sets}.")
    if rest_s is not None and not 0 <= rest_s <= 3600:
        raise ValueError(f"--rest must be from 0 to 3600 seconds, not {rest_s:g}.")
    if sides is not None and not template.sides:
        raise ValueError(f"{template.name} does not work one side at a time, so --sides has no meaning for it.")
    dose = template.dose
    if timed:
        usual = next(iter(template.hold.targets_s.values()), HOLD_S) if template.hold else HOLD_S
        seconds = hold_s if hold_s is not None else dose.hold_s[0] if dose.hold_s else usual
        count = None
    else:
        count = repetitions if repetitions is not None else dose.repetitions[0] if dose.repetitions else REPETITIONS
        seconds = None
    order = _order(template, sides)
    total = sets if sets is not None else dose.sets
    alternate = order == (None,) and template.sides is not None
    bouts = tuple(
        Bout(number, total, side, count, seconds, alternate and not timed)
        for number in range(1, total + 1)
        for side in order
    )
    return Plan(bouts, REST_S if rest_s is None else rest_s)


def _order(template: Template, sides: Sides | None) -> tuple[Side | None, ...]:
    """The sides of a set, one after the other; None stands for both, or in turn."""
    if template.sides is None:
        return (None,)
    if sides == "left" or sides == "right":
        return (sides,)
    if sides is None:
        sides = "alternate" if template.sides.alternate or not template.dose.per_side else "each"
    if sides == "alternate":
        if not template.sides.alternate:
            raise ValueError(
                f"{template.name} is done one side after the other: give --sides each, left or right, not alternate."
            )
        return (None,)
    return ("left", "right")
