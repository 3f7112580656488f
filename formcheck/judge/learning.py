"""From a demonstrated movement to the data of a template: what to count by, what belongs to it, what is a fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil, floor

from formcheck.judge.demonstration import LYING, Demonstration, Held, Moving
from formcheck.judge.draft import Draft, frame
from formcheck.judge.learning_hold import add_hold
from formcheck.judge.margins import band, counting, counting_comments, repetitions, rushed, shallow, span_text
from formcheck.judge.posture import POSTURES
from formcheck.judge.yardsticks import YARDSTICKS

TRUNK_DEG = 25.0
"""The trunk may tilt this much more than demonstrated."""

LEAD_SHARE = 0.35
"""One side leads when it is ahead by this share of the range."""

KEPT_DEG = 40.0
"""A joint that stays as it is may be this far from where it was demonstrated."""

COMPANION_SHARE = 0.5
COMPANION_ASKED = 0.4
"""A second joint that moves this much compared to the first has to go this share of its way for a repetition."""

NEARLY = 0.8
"""Measures that move at least this share as much as the one that moves most tell a movement as well as it does."""

ARMS = ("arm", "elbow")
"""They swing along with many movements that are not about them."""


def drafts(name: str, shown: Demonstration, source: str) -> Iterator[Draft]:
    """The templates that a demonstration gives, the most fitting first: several measures may tell the same movement.

    Args:
        name: id of the exercise.
        shown: what the demonstration shows.
        source: name of its recording, for the comments.
    """
    if shown.kind == "hold":
        result = frame(name, shown, source)
        add_hold(result, shown)
        yield result
    for signal in signals(shown.moving):
        companion = _companion(signal, shown.moving)
        for other in (companion, None) if companion else (None,):
            result = frame(name, shown, source)
            _add_repetitions(result, shown, signal, other)
            yield result


def _add_repetitions(result: Draft, shown: Demonstration, signal: Moving, companion: Moving | None) -> None:
    data, comments = result.data, result.comments
    name, movement, yardstick = signal.yardstick.name, signal.movement, signal.yardstick
    lying = shown.posture in LYING
    result.repetitions = repetitions(movement)
    measured = [m for m in (signal, companion) if m]
    low, high = movement.peaks
    going = yardstick.more if movement.sign > 0 else yardstick.less
    data["instructions"] = [
        f"{POSTURES[shown.posture].ask}; {yardstick.label.lower()} at about {movement.rest:.0f}°.",
        f"{going.replace(' more', '').replace(' further', '')} to about {(low + high) / 2:.0f}°.",
        "Go back slowly.",
    ]
    data["required"] = list(
        dict.fromkeys(mark for m in measured for mark in m.yardstick.landmarks(m.side) if not mark.startswith("mid"))
    ) or ["near.shoulder", "near.hip"]
    data["dose"] = {"repetitions": [10, 15], **({"per_side": True} if signal.side == "working" else {})}
    if signal.side == "working":
        data["sides"] = {
            "lead": "working",
            "other": "resting",
            "greatest" if movement.sign > 0 else "least": yardstick.expression("side", lying),
            "margin": f"{LEAD_SHARE * movement.range:.0f}",
            **({"alternate": True} if signal.alternate else {}),
        }
        comments["sides", "margin"] = f"{LEAD_SHARE * 100:.0f} % of the demonstrated range."
    data["measures"] = {}
    for moving in measured:
        y = moving.yardstick
        data["measures"][y.name] = {
            "value": y.expression(moving.side, lying),
            "unit": "deg",
            "label": y.label,
            "at": y.at.format(side=moving.side),
            **({"arms": [arm.format(side=moving.side) for arm in y.arms]} if y.arms else {}),
            "target": band(*moving.movement.peaks, "deg"),
        }
        comments["measures", y.name, "target"] = (
            f"Demonstrated at the peak: {span_text(*moving.movement.peaks, 'deg')}; 10° more on both sides."
        )
    repetition = {"signal": name, **counting(movement, "deg")}
    comments |= {("repetition", key): text for key, text in counting_comments(movement, "deg").items()}
    comments["repetition", "signal"] = "Of the standard measures, the one that tells this movement best."
    asked, why, words = [], [], []
    if companion:
        y, other = companion.yardstick, companion.movement
        at_least = other.rest + other.sign * COMPANION_ASKED * other.range
        asked.append(f"{y.name} {'>=' if other.sign > 0 else '<='} {at_least:.0f}")
        why.append(
            f"The {y.label.lower()} moves as well, from {other.rest:.0f}° to {span_text(*other.peaks, 'deg')}; "
            f"{COMPANION_ASKED * 100:.0f} % of it is asked for."
        )
        words.append(f"the {y.label.lower()} has to move as well")
    for kept in shown.held:
        if kept.side == signal.moved and kept.yardstick.name not in data["measures"]:
            y = kept.yardstick
            data["measures"][y.name] = {
                "value": y.expression(signal.side, lying),
                "unit": "deg",
                "label": y.label,
                "at": y.at.format(side=signal.side),
                "arms": [arm.format(side=signal.side) for arm in y.arms or ()],
            }
            asked.append(_around(kept, KEPT_DEG))
            why.append(f"The {y.label.lower()} stays at {kept.middle:.0f}°; {KEPT_DEG:.0f}° more or less are allowed.")
            words.append(f"the {y.label.lower()} has to stay")
    if asked:
        repetition["only_if"] = " and ".join(asked)
        repetition["only_if_reason"] = words[0]
        comments["repetition", "only_if"] = "\n".join(why)
    stays = _trunk_rule(shown.trunk)
    if stays:
        repetition["stays"] = stays
        comments["repetition", "stays"] = (
            f"The trunk rose {span_text(*shown.trunk, 'deg')} over level; {TRUNK_DEG:.0f}° more are allowed."
        )
    data["repetition"] = repetition
    data["faults"] = [
        {
            "id": "shallow",
            "measurable": "A",
            "severity": "S2",
            "view": shown.view,
            "when": ["repetition"],
            **shallow(name, movement, "deg"),
            "persist_s": 0,
            "cue": going,
            "why": "Less of the movement than was demonstrated.",
        },
        {
            "id": "rushed",
            "measurable": "A",
            "severity": "S2",
            "view": "any",
            "when": ["repetition"],
            "rule": rushed(movement),
            "persist_s": 0,
            "cue": "Slow and steady",
            "why": "Much faster than was demonstrated.",
        },
    ]
    comments["faults", "shallow", "rule"] = "10° less than the least that was demonstrated."
    comments["faults", "rushed", "rule"] = "60 % of the fastest that was demonstrated."


def signals(moving: Sequence[Moving]) -> list[Moving]:
    """What to count by, the best first: what moves most. Of what moves nearly as much, what goes as often as most of it
    does (a joint may go out and back twice in each repetition), and joints before segments.

    Arms come last, unless hardly anything else moves: they swing along.
    """

    def most(some: Sequence[Moving]) -> float:
        return max((m.movement.weight for m in some), default=0.0)

    body = [m for m in moving if m.yardstick.name not in ARMS]
    telling = body if most(body) >= COMPANION_SHARE * most(moving) else moving
    nearly = [m for m in telling if m.movement.weight >= NEARLY * most(telling)]
    as_often = Counter(len(m.movement.cycles) for m in nearly)
    order = [y.name for y in YARDSTICKS]

    def rank(m: Moving) -> tuple[bool, bool, int, float]:
        if m in nearly:
            return False, False, -as_often[len(m.movement.cycles)], order.index(m.yardstick.name)
        return m not in telling, True, 0, -m.movement.weight

    return sorted(moving, key=rank)


def _around(held: Held, margin: float) -> str:
    """Condition that a joint is about where it was held; angles end at 180 degrees."""
    name, low, high = held.yardstick.name, held.middle - margin, held.middle + margin
    if held.yardstick.lying is None and high >= 180:
        return f"{name} >= {low:.0f}"
    return f"{low:.0f} <= {name} <= {high:.0f}"


def _companion(signal: Moving, moving: Sequence[Moving]) -> Moving | None:
    """A second joint without which it would be another movement."""
    joints = [
        m
        for m in moving
        if m is not signal
        and m.yardstick.name in ("knee", "hip")
        and m.side == signal.side
        and len(m.movement.cycles) == len(signal.movement.cycles)
        and m.movement.range >= COMPANION_SHARE * signal.movement.range
    ]
    return max(joints, key=lambda m: m.movement.weight, default=None)


def _trunk_rule(trunk: tuple[float, float]) -> str | None:
    low, high = floor(trunk[0] - TRUNK_DEG), ceil(trunk[1] + TRUNK_DEG)
    rise = "elevation(mid.hip, mid.shoulder)"
    if low > -90 and high < 90:
        return f"{low} < {rise} < {high}"
    return f"{rise} > {low}" if low > -90 else f"{rise} < {high}" if high < 90 else None
