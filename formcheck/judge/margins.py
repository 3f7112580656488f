"""Thresholds from a demonstrated movement, with the margins of ``docs/templates.md`` and what to write beside them.

Counting is generous and asks for half of the demonstrated range, with 8 degrees of hysteresis; good form is what was
demonstrated, give or take 10 degrees; a fault is more than that.
"""

from __future__ import annotations

from typing import Any

from formcheck.judge.cycles import Movement

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


def repetitions(movement: Movement) -> tuple[int, int]:
    """Least and greatest number of repetitions that may be said to be there: those at the ends are anybody's guess."""
    number = len(movement.cycles)
    return number, number + movement.broken + movement.irregular
