"""Which attempt of the program is which true repetition."""

from __future__ import annotations

from collections.abc import Sequence

FARTHEST_S = 5.0
"""A peak may be held for some seconds, and truth and program may mean different moments of it; not more than this."""


def match(true: Sequence[float], found: Sequence[float], farthest: float = FARTHEST_S) -> list[tuple[int, int]]:
    """Pairs of times that belong together, by their index: the nearest first, every time at most once.

    Pairs do not cross: what comes later in truth comes later among what was found.

    Args:
        true, found: seconds.
        farthest: times further apart do not belong together.

    Returns:
        (index in `true`, index in `found`), in the order of time.
    """
    near = [(abs(a - b), i, j) for i, a in enumerate(true) for j, b in enumerate(found) if abs(a - b) <= farthest]
    pairs: list[tuple[int, int]] = []
    for _, i, j in sorted(near):
        if all((i - k) * (j - m) > 0 for k, m in pairs):
            pairs.append((i, j))
    return sorted(pairs)


def overlap(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Seconds that two spans have in common."""
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
