"""Measures against time, as SVG without letters: words and numbers around it belong to the page, which knows its width.

The drawing is `WIDTH` × `HEIGHT`, stretched by the page; lines keep their thickness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, floor, inf, log10

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

WIDTH, HEIGHT = 1000.0, 100.0

COLUMNS = 700
"""Most columns into which the moments are gathered, each with its lowest and highest value: so no peak is lost."""

COLUMNS_EACH = 16
"""The same for every repetition, where there are many of them."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A repetition or hold on the time axis: seconds, and whether it counts."""

    start: float
    end: float
    counted: bool
    peak: float | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawn measure.

    Attributes:
        svg: the drawing.
        ticks: (share from the bottom, number) of the vertical axis.
        lowest, highest: values seen; None if the measure was never seen.
    """

    svg: Markup
    ticks: tuple[tuple[float, str], ...]
    lowest: float | None
    highest: float | None


def plot(
    times: NDArray[np.float64],
    values: NDArray[np.float64],
    duration: float,
    *,
    target: tuple[float, float] | None,
    stretches: tuple[Stretch, ...],
) -> Plot:
    """A measure against time.

    Args:
        times: (n,) seconds.
        values: (n,) of the measure; NaN where it was not seen, which leaves a gap.
        duration: seconds that the width stands for.
        target: band of good form, if there is one.
        stretches: repetitions or holds, marked behind the line.
    """
    seen = values[np.isfinite(values)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (inf, -inf)
    bounds: list[float] = [v for v in (low, high, *(target or ())) if abs(v) < inf] or [0.0, 1.0]
    least, most = min(bounds), max(bounds)
    room = 0.06 * (most - least) or 1.0
    least, most = least - room, most + room

    def x(seconds: float) -> float:
        return min(max(WIDTH * seconds / max(duration, 1e-9), 0.0), WIDTH)

    def y(value: float) -> float:
        return HEIGHT * (1 - (value - least) / (most - least))

    parts = []
    for s in stretches:
        kind = "counted" if s.counted else "partial"
        parts.append(
            f'<rect class="{kind}" x="{x(s.start):.1f}" width="{max(x(s.end) - x(s.start), 0.5):.1f}" height="100"/>'
        )
    if target:
        parts.append(
            f'<rect class="band" y="{y(target[1]):.1f}" width="1000" height="{y(target[0]) - y(target[1]):.1f}"/>'
            f'<path class="edge" d="M0 {y(target[1]):.1f}H1000M0 {y(target[0]):.1f}H1000"/>'
        )
    parts += [f'<path class="peak" d="M{x(s.peak):.1f} 0V100"/>' for s in stretches if s.peak is not None]
    line = "".join(_pieces(times, values, max(COLUMNS, COLUMNS_EACH * len(stretches)), x, y))
    parts.append(f'<path class="line" d="{line}"/>')
    svg = Markup(
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )
    ticks = tuple(((v - least) / (most - least), f"{v:g}") for v in _round_numbers(least, most))
    return Plot(svg, ticks, low if len(seen) else None, high if len(seen) else None)


def time_ticks(duration: float) -> tuple[tuple[float, str], ...]:
    """(share of the width, clock) for a time axis, at most ten."""
    steps = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
    step = next((s for s in steps if duration / s <= 9), 7200)
    ticks = []
    for i in range(floor(duration / step) + 1):
        seconds = i * step
        minutes, rest = divmod(seconds, 60)
        clock = f"{minutes:.0f}:{rest:04.1f}" if step < 1 else f"{minutes:.0f}:{rest:02.0f}"
        ticks.append((seconds / duration if duration else 0.0, clock))
    return tuple(ticks)


def _pieces(
    times: NDArray[np.float64],
    values: NDArray[np.float64],
    columns: int,
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> Iterator[str]:
    """The line, in commands of an SVG path; a new piece begins after every gap."""
    share = max(1, ceil(len(times) / columns))
    begun = False
    for start in range(0, len(times), share):
        part = values[start : start + share]
        known = np.flatnonzero(np.isfinite(part))
        if not len(known):
            begun = False
            continue
        ends = {int(known[np.argmin(part[known])]), int(known[np.argmax(part[known])])}
        for i in sorted(ends):
            yield f"{'L' if begun else 'M'}{x(float(times[start + i])):.1f} {y(float(part[i])):.1f}"
            begun = True


def _round_numbers(least: float, most: float) -> list[float]:
    """Three to six round numbers between two."""
    rough = (most - least) / 4
    power = 10.0 ** floor(log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    return [round(i * step, 9) + 0.0 for i in range(ceil(least / step), floor(most / step) + 1)]
