"""A demonstration, taken apart: what moves, how far, how often, in which posture and view; or what is held still."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from formcheck.errors import DemonstrationError
from formcheck.judge.cycles import Movement, find_cycles, longest_still
from formcheck.judge.template import ViewName
from formcheck.judge.watched import Watched, watch
from formcheck.judge.yardsticks import YARDSTICKS, Yardstick, everything
from formcheck.pose import Pose, Side, opposite

Kind = Literal["repetitions", "hold"]

LEAST_RANGE = 25.0
"""Degrees: with 8 of hysteresis and the margins for rest, a smaller movement cannot be counted reliably."""

ONE_SIDED = 0.5
"""One side works alone if the other one moves by less than this share."""

STILL_DEG = 10.0
"""A hold keeps every measure within this in half a second."""

LEAST_HOLD_S = 2.0
HELD_SHARE = 0.5
"""A hold is still for at least this long, and for this share of the time in the posture."""

SLOW_S = 0.8
"""What goes out and back faster than this is the pose model's unrest."""

LONG_PAUSE_S = 6.0
"""A pause at the far end of a movement that is longer than this is a hold, even if the way there and back is longer."""

CLEAR = 0.5
"""Mean visibility of joints that can be relied on."""

COARSE = ("upright", "supine", "prone", "side_lying", "quadruped")
FINE = ("half_kneeling", "standing", "seated", "quadruped", "supine", "prone", "side_lying", "upright")
"""Posture classes: those by which the exercise is found in the recording; those that a template asks for, the most
specific first (but side-lying before all others where a lying body is seen from the front)."""

FINE_SHARE = 0.8
LYING = ("supine", "prone", "side_lying", "quadruped")

SEEN_SHARE = 0.8
KEPT = ("knee", "hip")
"""Joints whose keeping still belongs to a movement in which they do not move."""


@dataclass(frozen=True, slots=True)
class Moving:
    """A measure that goes out and comes back.

    Attributes:
        yardstick: the measure.
        movement: its cycles.
        side: "near", or "working" if one side works alone.
        moved: the side that this was in the demonstration; where sides take turns, the near one, seen better.
        alternate: whether the working side changes between repetitions.
    """

    yardstick: Yardstick
    movement: Movement
    side: Literal["near", "working"]
    moved: Side
    alternate: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A measure that is held.

    Attributes:
        yardstick: the measure.
        side: whose joints were measured.
        middle: what it read (median), degrees.
        stray: how far from that it strayed (95 % of the time), degrees.
    """

    yardstick: Yardstick
    side: Side
    middle: float
    stray: float


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What a recorded execution shows.

    Attributes:
        kind: whether something is repeated or held.
        start_s, end_s: the part of the recording in which the exercise is done.
        posture: posture class at rest, or of the hold.
        view: how the camera saw it.
        moving: what moves, the most first; empty for a hold.
        held: what the near side holds; for repetitions the joints of the leg that stay as they are, of every side that
            moved.
        held_s: seconds of the hold in which the person was seen; 0 for repetitions.
        trunk: lowest and highest elevation of the trunk while moving or holding, degrees.
    """

    kind: Kind
    start_s: float
    end_s: float
    posture: str
    view: ViewName
    moving: tuple[Moving, ...]
    held: tuple[Held, ...]
    held_s: float
    trunk: tuple[float, float]


def take_apart(poses: Iterable[Pose], kind: Kind | None = None) -> Demonstration:
    """Finds out what a demonstration shows.

    Args:
        poses: one person doing one exercise well; three repetitions or more, or a hold.
        kind: whether it is repetitions or a hold, if that is known.

    Raises:
        DemonstrationError: it shows neither clearly; the message says what to record instead.
    """
    whole = watch(poses, everything())
    coarse = _coarse(whole)
    part = whole.in_posture(coarse)
    moving = _moving(part, lying=coarse in LYING)
    still = _still(part, moving)
    if kind is None:
        kind = "hold" if _holds(part, moving, still) else "repetitions"
    if kind == "hold":
        return _hold(part, still)
    return _repetitions(part, moving)


def _coarse(whole: Watched) -> str:
    """The coarse posture in which most of the time is spent."""
    spent = {name: float(whole.seconds[whole.postures[name]].sum()) for name in COARSE}
    posture = max(COARSE, key=lambda name: spent[name])
    return posture if spent[posture] else "any"


def _holds(part: Watched, moving: tuple[Moving, ...], still: tuple[float, float]) -> bool:
    """Whether stillness is what it is about: most of the time, or for long at the far end of each movement."""
    cycles = moving[0].movement.cycles if moving else ()
    longest = part.between(*still).seen_s
    if len(cycles) <= 1 and longest >= LEAST_HOLD_S and longest >= HELD_SHARE * part.seen_s:
        return True
    return longest >= LONG_PAUSE_S and any(c.start < sum(still) / 2 < c.end for c in cycles)


def _moving(part: Watched, lying: bool) -> tuple[Moving, ...]:
    found = [moving for y in YARDSTICKS if (moving := _movement(part, y, lying))]
    found = [m for m in found if m.movement.range >= LEAST_RANGE]
    return tuple(sorted(found, key=lambda m: -m.movement.weight))


def _movement(part: Watched, yardstick: Yardstick, lying: bool) -> Moving | None:
    if not yardstick.one_of_two:
        movement = find_cycles(part.times, part.values[yardstick.name])
        return Moving(yardstick, movement, "near", part.near) if movement else None
    ending = "_lying" if lying and yardstick.lying else ""
    far = opposite(part.near)
    near_values, far_values = (part.values[f"{side}_{yardstick.name}{ending}"] for side in (part.near, far))
    near = find_cycles(part.times, near_values)
    if part.clear[far] < CLEAR:
        return Moving(yardstick, near, "near", part.near) if near else None
    other = find_cycles(part.times, far_values)
    known = [m for m in (near, other) if m]
    if not known:
        return None
    more = max(known, key=lambda m: m.weight)
    less = min((m.range if m else 0.0) for m in (near, other))
    # Sides that take turns: together they have more cycles than each alone.
    pick = np.fmax if more.sign > 0 else np.fmin
    both = find_cycles(part.times, pick(near_values, far_values), more.sign)
    if both and len(both.cycles) >= 1.5 * len(more.cycles) and both.irregular <= more.irregular:
        return Moving(yardstick, both, "working", part.near, alternate=True)
    if less < ONE_SIDED * more.range:
        return Moving(yardstick, more, "working", part.near if more is near else far)
    return Moving(yardstick, near or more, "near", part.near)


def _still(part: Watched, moving: tuple[Moving, ...]) -> tuple[float, float]:
    """The longest stretch of stillness: of the near side's leg, of the trunk, and of what moves most.

    What moves most may only be read restlessly, as joints that others hide are: a single way out and back that takes
    all of the near side's stillness with it is still at its far end.
    """
    names = [f"{part.near}_knee", f"{part.near}_hip", "trunk"]
    cycles = moving[0].movement.cycles if moving else ()
    if len(cycles) == 1:
        start, end = longest_still(part.times, part.seconds, [part.values[name] for name in names], STILL_DEG)
        if cycles[0].start <= start and end <= cycles[0].end:
            return start, end
    for name in (m.yardstick.name for m in moving[:1] if m.movement.seconds[0] >= SLOW_S):
        names += [known for known in part.values if known in (name, f"left_{name}", f"right_{name}")]
    return longest_still(part.times, part.seconds, [part.values[name] for name in names], STILL_DEG)


def _posture(part: Watched, when: NDArray[np.bool_]) -> str:
    """The most specific posture class that holds nearly all of the time."""
    if not when.any():
        when = np.ones(len(part.times), dtype=np.bool_)
    classes = ("side_lying", *FINE) if part.view == "front" and not part.postures["upright"][when].any() else FINE
    return next((name for name in classes if part.postures[name][when].mean() >= FINE_SHARE), "any")


def _held(part: Watched, posture: str, side: Side) -> tuple[Held, ...]:
    """What every measure of one side reads, where it is seen nearly all of the time."""
    held = []
    for yardstick in YARDSTICKS:
        ending = "_lying" if posture in LYING and yardstick.lying else ""
        values = part.values[f"{side}_{yardstick.name}{ending}" if yardstick.one_of_two else yardstick.name]
        values = values[~np.isnan(values)]
        if values.size >= SEEN_SHARE * len(part.times):
            middle = float(np.median(values))
            held.append(Held(yardstick, side, middle, float(np.percentile(np.abs(values - middle), 95))))
    return tuple(held)


def _trunk(part: Watched) -> tuple[float, float]:
    low, high = np.nanpercentile(part.values["trunk"], (2, 98)).tolist()
    return low, high


def _repetitions(part: Watched, moving: tuple[Moving, ...]) -> Demonstration:
    if not moving:
        raise DemonstrationError(
            f"No repetition was found in the demonstration: no joint goes out by {LEAST_RANGE:.0f} degrees and comes "
            "back. Record three repetitions or more, from the side, beginning and ending at rest. If it is a hold, "
            "say so with --kind hold."
        )
    cycles = moving[0].movement.cycles
    resting = np.zeros(len(part.times), dtype=np.bool_)
    for cycle in cycles:
        resting |= (part.times >= cycle.start - 0.5) & (part.times <= cycle.start)
    during = part.between(cycles[0].start, cycles[-1].end)
    posture = _posture(part, resting)
    moves = {m.yardstick.name for m in moving}
    held = [h for side in sorted({m.moved for m in moving}) for h in _held(during, posture, side)]
    return Demonstration(
        kind="repetitions",
        start_s=float(part.times[0]),
        end_s=float(part.times[-1]),
        posture=posture,
        view=part.view,
        moving=moving,
        held=tuple(h for h in held if h.yardstick.name in KEPT and h.yardstick.name not in moves),
        held_s=0.0,
        trunk=_trunk(during),
    )


def _hold(part: Watched, still: tuple[float, float]) -> Demonstration:
    during = part.between(*still)
    held_s = during.seen_s
    if held_s < LEAST_HOLD_S:
        raise DemonstrationError(
            f"Nothing is held still for {LEAST_HOLD_S:.0f} seconds in the demonstration. Record a hold of ten seconds "
            "or more. If it is a movement, say so with --kind repetitions."
        )
    posture = _posture(during, np.ones(len(during.times), dtype=np.bool_))
    return Demonstration(
        kind="hold",
        start_s=still[0],
        end_s=still[1],
        posture=posture,
        view=during.view,
        moving=(),
        held=_held(during, posture, during.near),
        held_s=held_s,
        trunk=_trunk(during),
    )
