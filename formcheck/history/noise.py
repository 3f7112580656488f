"""What may be called a change: nothing that is within the noise of measuring with one camera.

The numbers are those of the specification (`docs/history.md` lists them with their sections).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, sin, sqrt
from statistics import mean, variance
from typing import Literal

Occasion = Literal["same recording", "sides", "sessions", "recordings"]
"""What is compared: parts of one recording, left with right, means of several sessions each, or single recordings."""

LYING = frozenset({"supine", "prone", "side_lying", "quadruped"})
"""Postures in which the pose model is trusted less [specification 4.1]."""

_BODY_LENGTHS = frozenset({"torso", "thigh", "shank", "upper_arm"})

SESSIONS = 3
"""Change is told from the mean of so many sessions to the mean of as many others [specification 6]."""

SIDES_APART_DEG = 15.0
"""Left and right are only told apart beyond this [specification 6]."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Differences up to `amount` (in the unit of what is compared) are noise; `section` is where the number is from."""

    amount: float
    section: str


def measure_noise(unit: str, occasion: Occasion, posture: str = "standing") -> Noise | None:
    """The noise of a measure; None where the specification has no number, so that nothing may be called a change.

    A length in body segments gets the noise of the angle that turns the segment's end by it.
    """
    match occasion:
        case "same recording":
            degrees, section = 10.0, "4.1: change within one session and view"
        case "sides":
            degrees, section = SIDES_APART_DEG, "6: left against right"
        case "sessions":
            degrees, section = 10.0, "6: means of three sessions"
        case "recordings" if posture in LYING:
            degrees, section = 20.0, "4.1: hip angle, lying or on hands and knees"
        case _:
            degrees, section = 15.0, "4.1: knee and hip angle from the side"
    if unit == "deg":
        return Noise(degrees, section)
    if unit in _BODY_LENGTHS:
        return Noise(sin(radians(degrees)), section)
    return None


TEMPO = Noise(0.4, "2.6: smoothing delays each end of a slow movement by up to 0.2 s")
CLEAN = Noise(0.10, "8: one repetition in twenty is taken for faulty, or for clean, wrongly")


def hold_noise(seconds: float) -> Noise:
    """Noise of the difference of two holds of about this length: either clock may be off."""
    return Noise(2 * max(1.0, 0.03 * seconds), "8: a hold's clock is right within 1 s or 3 %")


def student_t(freedom: int) -> float:
    """Half the width of the 95 % interval of Student's t in standard errors; `freedom` is at least 2.

    Expanded about the normal distribution (Abramowitz and Stegun, 26.7.5); right within 1 %.
    """
    z = 1.959964
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return sum(term / float(freedom) ** power for power, term in enumerate(terms))


def spread_between(first: list[float], last: list[float]) -> float:
    """What the difference of two means of sessions may come to by the person's own ups and downs alone (95 %)."""
    pooled = sqrt((variance(first) + variance(last)) / 2)
    return student_t(len(first) + len(last) - 2) * pooled * sqrt(1 / len(first) + 1 / len(last))


def share_noise(first: tuple[int, int], last: tuple[int, int]) -> float:
    """The same for two shares (k of n) by the small numbers alone: half the width of Newcombe's 95 % interval."""
    (a, m), (b, n) = first, last
    low_a, high_a = _wilson(a, m)
    low_b, high_b = _wilson(b, n)
    p, q = a / m, b / n
    if q >= p:
        return sqrt((q - low_b) ** 2 + (high_a - p) ** 2)
    return sqrt((high_b - q) ** 2 + (p - low_a) ** 2)


def _wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    share = k / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return centre - half, centre + half


def differ(first: list[float], last: list[float]) -> float:
    """Difference of the means."""
    return mean(last) - mean(first)
