"""From a demonstration to the data of a template: measures, thresholds with their margins, faults.

The margins are those of ``docs/templates.md``: counting is generous and asks for half of the demonstrated range, with 8
degrees of hysteresis; good form is what was demonstrated, give or take 10 degrees; a fault is more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any

from formcheck.judge.cycles import Movement
from formcheck.judge.demonstration import Demonstration, Held, Moving
from formcheck.judge.posture import POSTURES
from formcheck.judge.template import SCHEMA, ViewName
from formcheck.judge.yardsticks import YARDSTICKS

MARGIN_DEG = 10.0
MARGIN = 0.1
"""Good form: the demonstrated range and this much more on both sides, in degrees, or in lengths and ratios."""

ENTER_SHARE, ENTER_DEG = 0.5, 16.0
"""A repetition counts from this share of the demonstrated range, and from this many degrees ..."""

BUMP_SHARE, MOST_SHARE = 0.1, 0.75
"""... but this share beyond what the signal came out once more on the way, and never more than this."""

HYSTERESIS_SHARE, HYSTERESIS_DEG = 0.12, 8.0
FINISH_SHARE, FINISH_DEG = 0.15, 6.0
START_SHARE, START_DEG = 0.12, 6.0
LEAST_SHARE = 0.8
"""Least range of a repetition, as a share of what `peak_enter` asks for."""

REST_AWAY_SHARE, REST_AWAY_DEG = 0.6, 25.0
REST_TOWARDS_SHARE, REST_TOWARDS_DEG = 0.45, 25.0
"""Other people rest elsewhere: by these degrees away from the peak, and towards it by this share of the range, but by
no more than these degrees. Distances, which depend on the camera as well, have the first share in both directions."""

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
BODY = ("knee", "hip", "trunk")

_VIEWS: dict[ViewName, tuple[tuple[ViewName, ...], str]] = {
    "side": (("side", "oblique"), "to your side"),
    "oblique": (("side", "oblique", "front"), "halfway between your side and your front"),
    "front": (("oblique", "front"), "in front of you"),
}


@dataclass(slots=True)
class Draft:
    """A template being written.

    Attributes:
        data: as its TOML file will hold it.
        comments: by path of the key, such as ("repetition", "rest"): why it is as it is.
        repetitions: least and greatest number of repetitions that the demonstration can be said to show.
        held_s: seconds that it holds.
    """

    data: dict[str, Any]
    comments: dict[tuple[str, ...], str] = field(default_factory=dict)
    repetitions: tuple[int, int] = (0, 0)
    held_s: float = 0.0


def drafts(name: str, shown: Demonstration, source: str) -> Iterator[Draft]:
    """The templates that a demonstration gives, the most fitting first: several measures may tell the same movement.

    Args:
        name: id of the exercise.
        shown: what the demonstration shows.
        source: name of its recording, for the comments.
    """
    if shown.kind == "hold":
        result = _frame(name, shown, source)
        _add_hold(result, shown)
        yield result
    for signal in signals(shown.moving):
        companion = _companion(signal, shown.moving)
        for other in (companion, None) if companion else (None,):
            result = _frame(name, shown, source)
            _add_repetitions(result, shown, signal, other)
            yield result


def _frame(name: str, shown: Demonstration, source: str) -> Draft:
    """What does not depend on the kind of exercise."""
    counts_in, where = _VIEWS[shown.view]
    quadruped = shown.posture == "quadruped"
    return Draft(
        {
            "schema": SCHEMA,
            "id": name,
            "name": name.replace("_", " ").capitalize(),
            "kind": shown.kind,
            "summary": f"Learned from the demonstration {source}.",
            "instructions": [],
            "safety": ["Stop at any pain or discomfort and ask a health professional."],
            "cannot_see": ["anything but the joints measured here: this exercise was learned from one demonstration"],
            "posture": shown.posture,
            "required": [],
            "camera": {
                "view": shown.view,
                # On hands and knees the width of the shoulders says nothing about the view.
                "counts_in": ["side", "oblique", "front"] if quadruped else list(counts_in),
                **({"min_ratio": 0.0, "max_ratio": 9.0} if quadruped else {}),
                "advice": f"Put the camera where it stood in the demonstration: {where}, two to three metres away, so "
                "that your whole body is in the picture.",
            },
        },
        {
            ("summary",): "Write here what it is good for.",
            ("instructions",): "The first step is said to somebody who is not in the start position.",
            ("posture",): "Seen at rest." if shown.kind == "repetitions" else "Seen during the hold.",
            ("camera", "view"): "As in the demonstration.",
        },
    )


def counting(movement: Movement, unit: str) -> dict[str, Any]:
    """The numbers of ``[repetition]`` for a movement of the signal, with their margins."""
    span, sign, degrees = movement.range, movement.sign, unit == "deg"

    def at_least(limit: float, share: float) -> float:
        return max(limit, share * span) if degrees else share * span

    enter = at_least(ENTER_DEG, enter_share(movement))
    leave = enter - at_least(HYSTERESIS_DEG, HYSTERESIS_SHARE)
    finish = min(at_least(FINISH_DEG, FINISH_SHARE), 0.75 * leave)
    start = at_least(START_DEG, START_SHARE)
    away = REST_AWAY_DEG if degrees else REST_AWAY_SHARE * span
    towards = min(REST_TOWARDS_DEG, REST_TOWARDS_SHARE * span) if degrees else away
    low, high = movement.rests
    rest = (low - away, high + towards) if sign > 0 else (low - towards, high + away)
    shortest, longest = movement.seconds

    def beyond(distance: float) -> str:
        return f"base {'+' if sign > 0 else '-'} {rounded(distance, unit):g}"

    return {
        "direction": "up" if sign > 0 else "down",
        "rest": [rounded(rest[0], unit), rounded(rest[1], unit)],
        "start": beyond(start),
        "peak_enter": beyond(enter),
        "peak_exit": beyond(leave),
        "finish": beyond(finish),
        "min_range": rounded(LEAST_SHARE * enter, unit),
        "seconds": [round(min(max(0.4, 0.25 * shortest), 0.8 * shortest), 1), round(max(12.0, 3 * longest))],
    }


def enter_share(movement: Movement) -> float:
    """Share of the demonstrated range from which a repetition counts."""
    return min(max(ENTER_SHARE, movement.bump + BUMP_SHARE), MOST_SHARE)


def counting_comments(movement: Movement, unit: str) -> dict[str, str]:
    """What to write beside them."""
    (low_rest, high_rest), (low_peak, high_peak) = movement.rests, movement.peaks
    number, span = len(movement.cycles), number_text(movement.range, unit)
    times = "once" if number == 1 else f"{number} times"
    shortest, longest = movement.seconds
    return {
        "rest": f"Demonstrated: {span_text(low_rest, high_rest, unit)}; other people rest elsewhere.",
        "start": f"{START_SHARE * 100:.0f} % of the demonstrated range.",
        "peak_enter": f"Demonstrated {times}: {span_text(low_peak, high_peak, unit)}, a range of {span}. "
        f"{enter_share(movement) * 100:.0f} % of it counts; faults judge the rest.",
        "peak_exit": "8° of hysteresis, or 12 % of the range.",
        "finish": f"{FINISH_SHARE * 100:.0f} % of the demonstrated range.",
        "min_range": f"{LEAST_SHARE * 100:.0f} % of what peak_enter asks for.",
        "seconds": f"Demonstrated: {shortest:.1f} to {longest:.1f} s. Anything else is not counted.",
    }


def band(low: float, high: float, unit: str) -> list[float]:
    """Good form: what was demonstrated, with its margin."""
    margin = MARGIN_DEG if unit == "deg" else MARGIN
    return [rounded(low - margin, unit), rounded(high + margin, unit)]


def shallow(measure: str, movement: Movement, unit: str) -> dict[str, str]:
    """Rules of the fault that less than the demonstrated range was reached."""
    margin = MARGIN_DEG if unit == "deg" else MARGIN
    low, high = movement.peaks
    rest = number(movement.rest, unit)
    if movement.sign > 0:
        return {
            "rule": f"highest({measure}) < {number(low - margin, unit)}",
            "comfort": f"highest({measure}) < {rest} + 0.8 * (best(highest({measure})) - {rest})",
        }
    return {
        "rule": f"lowest({measure}) > {number(high + margin, unit)}",
        "comfort": f"lowest({measure}) > {rest} - 0.8 * ({rest} - best(lowest({measure})))",
    }


def rushed(movement: Movement) -> str:
    """Rule of the fault that it went much faster than demonstrated."""
    return f"seconds(repetition) < {0.6 * movement.seconds[0]:.1f}"


def rounded(value: float, unit: str) -> float:
    """As exact as it means something: whole degrees, hundredths of a length."""
    return float(round(value)) + 0.0 if unit == "deg" else round(value, 2) + 0.0


def number(value: float, unit: str) -> str:
    """A number inside an expression, in brackets if it is negative."""
    text = f"{rounded(value, unit):g}"
    return f"({text})" if text.startswith("-") else text


def number_text(value: float, unit: str) -> str:
    """A number in a comment."""
    return f"{value:.0f}°" if unit == "deg" else f"{value:.2f}"


def span_text(low: float, high: float, unit: str) -> str:
    """A range in a comment."""
    first, last = number_text(low, unit), number_text(high, unit)
    return first if first == last else f"{first} to {last}"


# Repetitions ---------------------------------------------------------------------------------------------------------


def _add_repetitions(result: Draft, shown: Demonstration, signal: Moving, companion: Moving | None) -> None:
    data, comments = result.data, result.comments
    name, movement, yardstick = signal.yardstick.name, signal.movement, signal.yardstick
    lying = shown.posture in ("supine", "prone", "side_lying", "quadruped")
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
        if kept.yardstick.name not in data["measures"]:
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
    """What to count by, the best first: what moves most, and joints before segments where they move nearly as much.

    Arms come last, unless hardly anything else moves: they swing along.
    """

    def most(some: Sequence[Moving]) -> float:
        return max((m.movement.weight for m in some), default=0.0)

    body = [m for m in moving if m.yardstick.name not in ARMS]
    telling = body if most(body) >= COMPANION_SHARE * most(moving) else moving
    names = [m.yardstick.name for m in telling]
    order = [y.name for y in YARDSTICKS]

    def rank(m: Moving) -> tuple[bool, bool, float]:
        name, weight = m.yardstick.name, m.movement.weight
        nearly = name in names and weight >= NEARLY * most(telling)
        return name not in names, not nearly, order.index(name) if nearly else -weight

    return sorted(moving, key=rank)


def repetitions(movement: Movement) -> tuple[int, int]:
    """Least and greatest number of repetitions that may be said to be there: those at the ends are anybody's guess."""
    number = len(movement.cycles)
    return number, number + movement.broken + movement.irregular


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


# Holds ---------------------------------------------------------------------------------------------------------------

_POSITION, _ENTER, _STAY = 30.0, 15.0, 20.0
_ARMS_POSITION = 45.0
"""Degrees about what was held: the exercise at all, good form, good form goes on. Arms on the floor are read badly."""


def _add_hold(result: Draft, shown: Demonstration) -> None:
    data, comments = result.data, result.comments
    lying = shown.posture in ("supine", "prone", "side_lying", "quadruped")
    body = [h for h in shown.held if h.yardstick.name in BODY]
    arms = [h for h in shown.held if h.yardstick.name == "elbow"]
    position = [_within(h, _POSITION) for h in body] + [_within(h, _ARMS_POSITION) for h in arms]
    data["instructions"] = [
        f"{POSTURES[shown.posture].ask}: "
        + ", ".join(f"{h.yardstick.label.lower()} at about {h.middle:.0f}°" for h in body)
        + ".",
        "Keep still and breathe.",
    ]
    data["required"] = list(
        dict.fromkeys(m for h in body for m in h.yardstick.landmarks("near") if not m.startswith("mid"))
    ) or ["near.shoulder", "near.hip"]
    data["dose"] = {"hold_s": [15, 60]}
    data["measures"] = {}
    for h in (*body, *arms):
        y = h.yardstick
        data["measures"][y.name] = {
            "value": y.expression("near", lying),
            "unit": "deg",
            "label": y.label,
            "at": y.at.format(side="near"),
            **({"arms": [arm.format(side="near") for arm in y.arms]} if y.arms else {}),
        }
        if h in body:
            data["measures"][y.name]["target"] = band(h.middle - h.stray, h.middle + h.stray, "deg")
            comments["measures", y.name, "target"] = (
                f"Held at {h.middle:.0f}° give or take {h.stray:.0f}°; 10° more on both sides."
            )
    result.held_s = shown.held_s
    data["hold"] = {
        "position": " and ".join(position),
        "enter": " and ".join(_within(h, _ENTER + h.stray) for h in body),
        "stay": " and ".join(_within(h, _STAY + h.stray) for h in body),
        "enter_s": 1.0,
        "grace_s": 2.0,
        "end_s": 3.0,
        "targets_s": {"standard": 30, "beginner": 15},
    }
    comments["hold", "position"] = (
        f"The exercise at all, in good form or bad: {_POSITION:.0f}° about what was held for {shown.held_s:.0f} s."
    )
    comments["hold", "enter"] = f"Good form: {_ENTER:.0f}° about it, and as much as the demonstration strayed."
    comments["hold", "stay"] = f"{_STAY:.0f}° about it."
    data["faults"] = []
    for h in body:
        for side, rule, cue in (
            ("small", f"{h.yardstick.name} < {h.middle - _STAY - h.stray:.0f}", h.yardstick.more),
            ("large", f"{h.yardstick.name} > {h.middle + _STAY + h.stray:.0f}", h.yardstick.less),
        ):
            if side == "large" and not lying and h.middle + _STAY > 180:
                continue
            data["faults"].append(
                {
                    "id": f"{h.yardstick.name}_too_{side}",
                    "measurable": "A",
                    "severity": "S1" if h.yardstick.name == "trunk" else "S2",
                    "view": shown.view,
                    "when": ["hold"],
                    "rule": rule,
                    "persist_s": 1.0,
                    "cue": cue,
                    "why": "Not the position that was demonstrated.",
                }
            )


def _within(held: Held, margin: float) -> str:
    return f"{held.middle - margin:.0f} <= {held.yardstick.name} <= {held.middle + margin:.0f}"
