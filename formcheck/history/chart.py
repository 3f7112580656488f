"""Line charts as SVG that takes its colours and letters from the page around it (`page.css`).

Drawn by hand: the page of a thousand sets is there in less time than a plotting library takes to load. A line is told
apart by its marks and dashes, not by its colour alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 380.0, 210.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 50.0, 12.0, 12.0, 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, y) of one line; y is NaN where it is broken. `look` is a class of ``page.css``: both, left, right."""

    name: str
    look: str
    points: Sequence[tuple[float, float]]
    marks: bool = True


@dataclass(frozen=True, slots=True)
class Band:
    """A level range that is shaded over the whole width, or a stretch of x over the whole height."""

    low: float
    high: float
    look: str
    upright: bool = False


def line_chart(
    about: str,
    lines: Sequence[Line],
    *,
    ticks: Sequence[tuple[float, str]],
    write: Callable[[float], str],
    bands: Sequence[Band] = (),
    limits: tuple[float | None, float | None] = (None, None),
    least: float = 0.0,
) -> str:
    """An SVG of the lines.

    Args:
        about: what it shows, in words, for those who do not see it.
        lines: at least one, with at least one point that is known.
        ticks: where the x axis is marked, and how.
        write: a value of the y axis as text.
        bands: shaded behind the lines.
        limits: y never shown beyond these, such as 0 and 1 for shares.
        least: the y axis spans at least this, so that noise does not fill the picture.
    """
    xs = [x for line in lines for x, _ in line.points] + [x for x, _ in ticks]
    ys = [y for line in lines for _, y in line.points if isfinite(y)]
    ys += [edge for band in bands if not band.upright for edge in (band.low, band.high)]
    left, right = min(xs), max(xs)
    steps = _steps(min(ys), max(ys), limits, least)
    low, high = steps[0], steps[-1]

    def across(x: float) -> float:
        share = (x - left) / (right - left) if right > left else 0.5
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def up(y: float) -> float:
        return round(HEIGHT - _BOTTOM - (min(max(y, low), high) - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM), 1)

    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{_quoted(about)}">']
    for band in bands:
        x0, x1 = (across(band.low), across(band.high)) if band.upright else (_LEFT, WIDTH - _RIGHT)
        y0, y1 = (_TOP, HEIGHT - _BOTTOM) if band.upright else (up(band.high), up(band.low))
        parts.append(
            f'<rect class="{band.look}" x="{x0:g}" y="{y0:g}" width="{max(x1 - x0, 1.5):g}" height="{y1 - y0:g}"/>'
        )
    for y in steps:
        parts.append(f'<path class="grid" d="M{_LEFT:g} {up(y):g}H{WIDTH - _RIGHT:g}"/>')
        parts.append(f'<text x="{_LEFT - 7:g}" y="{up(y) + 4:g}" text-anchor="end">{escape(write(y))}</text>')
    for x, text in ticks:
        anchor = "start" if x == left and right > left else "end" if x == right and right > left else "middle"
        parts.append(f'<text x="{across(x):g}" y="{HEIGHT - 9:g}" text-anchor="{anchor}">{escape(text)}</text>')
    for line in lines:
        parts.append(f'<g class="line {line.look}"><path d="{_path(line, across, up)}"/>')
        if line.marks:
            for x, y in line.points:
                if isfinite(y):
                    title = f"<title>{escape(f'{line.name} {write(y)}'.strip())}</title>"
                    parts.append(_mark(line.look, across(x), up(y), title))
        parts.append("</g>")
    return "".join([*parts, "</svg>"])


def _steps(low: float, high: float, limits: tuple[float | None, float | None], least: float) -> list[float]:
    """Even, round values from at most the lowest to at least the highest."""
    if high - low < least:
        middle = (low + high) / 2
        low, high = min(low, middle - least / 2), max(high, middle + least / 2)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / 4
    size = 10 ** floor(log10(rough))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if size * n >= rough * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    steps = [round(n * step, 6) for n in range(first, last + 1)]
    bottom, top = limits
    kept = [y for y in steps if (bottom is None or y >= bottom - 1e-9) and (top is None or y <= top + 1e-9)]
    return kept if len(kept) > 1 else steps


def _path(line: Line, across: Callable[[float], float], up: Callable[[float], float]) -> str:
    text, drawing = "", False
    for x, y in line.points:
        if isfinite(y):
            text += f"{'L' if drawing else 'M'}{across(x):g} {up(y):g}"
        drawing = isfinite(y)
    return text


def _mark(look: str, x: float, y: float, title: str) -> str:
    if look == "right":
        return f'<rect class="mark" x="{x - 3.5:g}" y="{y - 3.5:g}" width="7" height="7">{title}</rect>'
    return f'<circle class="mark" cx="{x:g}" cy="{y:g}" r="4">{title}</circle>'


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})
