"""Plots of accuracy as SVG that takes its colours and letters from the page around it."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from formcheck.evaluate.figures import AngleFigures, FaultFigures, Share, by_class
from formcheck.evaluate.result import ClipResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Stand-ins that the style sheet's colours replace in the finished SVG; nothing else may use these values.
_COLOURS = {
    "ink": "#010203",
    "muted": "#010204",
    "rule": "#010205",
    "good": "#010206",
    "off": "#010207",
    "third": "#010208",
}
INK, MUTED, RULE, GOOD, OFF, THIRD = _COLOURS.values()

_WIDTH = 8.0
_ROW = 0.24
"""Inches: width of every plot, height of one line of it."""


def time_errors(results: Sequence[ClipResult]) -> str:
    """Errors of the peak, start and end times of every matched repetition, by exercise; empty if there are none."""
    lines: list[tuple[str, list[list[float]]]] = []
    for template in dict.fromkeys(r.template for r in results if r.reps):
        own = [r.reps for r in results if r.template == template and r.reps]
        kinds = [[e for r in own for e in getattr(r, f"{kind}_errors")] for kind in ("start", "peak", "end")]
        if any(kinds):
            lines.append((template, kinds))
    if not lines:
        return ""
    figure, axes = _figure(len(lines) * 1.4)
    axes.axvline(0, color=RULE, lw=1)
    shapes = (("start", THIRD, "|", -0.24), ("peak", GOOD, "o", 0.0), ("end", OFF, "x", 0.24))
    for y, (_, kinds) in enumerate(lines):
        for (_, colour, shape, shift), errors in zip(shapes, kinds, strict=True):
            axes.plot(errors, [y + shift] * len(errors), shape, color=colour, ms=5, mew=1.2, alpha=0.75, ls="none")
    for name, colour, shape, _ in shapes:
        axes.plot([], [], shape, color=colour, ms=6, mew=1.4, ls="none", label=name)
    _names(axes, [name for name, _ in lines])
    axes.set_xlabel("seconds later than it really was")
    _legend(axes, 3)
    return _svg(figure, "times")


def holds(results: Sequence[ClipResult]) -> str:
    """Seconds held in good form by the program against the truth, one line a clip; empty if there are none."""
    held = [(r.name, r.hold) for r in results if r.hold]
    if not held:
        return ""
    figure, axes = _figure(len(held))
    for y, (_, hold) in enumerate(held):
        low, high = hold.accepted
        axes.plot([low, high], [y, y], color=MUTED, lw=6, alpha=0.35, solid_capstyle="round")
        axes.plot([hold.in_form, hold.held], [y, y], color=RULE, lw=1)
        axes.plot([hold.held], [y], "|", color=MUTED, ms=8, mew=1.4)
        axes.plot([hold.in_form], [y], "o", color=GOOD if hold.within else OFF, ms=6)
    axes.plot([], [], color=MUTED, lw=6, alpha=0.35, label="right")
    axes.plot([], [], "o", color=GOOD, ms=6, ls="none", label="in form")
    axes.plot([], [], "o", color=OFF, ms=6, ls="none", label="in form, not right")
    axes.plot([], [], "|", color=MUTED, ms=8, mew=1.4, ls="none", label="in position")
    axes.set_xlim(left=0)
    _names(axes, [name for name, _ in held])
    axes.set_xlabel("seconds")
    _legend(axes, 4)
    return _svg(figure, "holds")


def faults(found: Sequence[FaultFigures]) -> str:
    """Share of each fault that was found, with 95 % intervals, and false alarms; empty if no faults were made."""
    made = [fault for fault in found if any(share.n for share in fault.sensitivity.values())]
    if not made:
        return ""
    lines = [*made, *(f for f in by_class(found).values() if f.sensitivity)]
    figure, axes = _figure(len(lines) * 1.15)
    for y, fault in enumerate(lines):
        levels = {**fault.sensitivity}
        for (level, colour), shift in zip(_LEVELS.items(), (-0.22, 0.0, 0.0), strict=True):
            if level in levels:
                _interval(axes, levels[level], y + shift, colour)
        false = Share(fault.specificity.n - fault.specificity.k, fault.specificity.n)
        _interval(axes, false, y + 0.25, OFF, shape="x")
    for level, colour in _LEVELS.items():
        if any(level in fault.sensitivity for fault in lines):
            axes.plot([], [], "o", color=colour, ms=5, ls="none", label=f"found, {level}")
    axes.plot([], [], "x", color=OFF, ms=5, mew=1.4, ls="none", label="false alarms")
    axes.axhline(len(made) - 0.5, color=RULE, lw=1)
    names = [f"{fault.template}: {fault.id} ({fault.measurable})" for fault in made]
    _names(axes, names + [f"all of class {fault.measurable}" for fault in lines[len(made) :]])
    axes.set_xlim(-0.03, 1.03)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    _legend(axes, 4)
    return _svg(figure, "faults")


def angles(found: Sequence[AngleFigures], names: Sequence[str]) -> str:
    """Bias and 5th to 95th percentile of the errors of some angles, by exercise and view; empty if there are none."""
    shown = [a for a in found if a.name in names and a.spread90 is not None]
    if not shown:
        return ""
    views = list(dict.fromkeys(a.view for a in sorted(shown, key=lambda a: (a.view != "ideal", a.view))))
    colours = dict(zip(views, [GOOD, OFF, THIRD, MUTED] * len(views), strict=False))
    rows = list(dict.fromkeys((a.exercise, a.name) for a in shown))
    figure, axes = _figure(len(rows) * max(1.0, 0.45 * len(views)))
    axes.axvline(0, color=RULE, lw=1)
    for a in shown:
        y = rows.index((a.exercise, a.name)) + (views.index(a.view) - (len(views) - 1) / 2) * 0.6 / len(views)
        assert a.spread90
        axes.plot(a.spread90, [y, y], color=colours[a.view], lw=2, alpha=0.55, solid_capstyle="round")
        axes.plot([a.bias], [y], "o", color=colours[a.view], ms=5)
    for view in views:
        axes.plot([], [], "o-", color=colours[view], ms=5, lw=2, label=view)
    limit = min(60.0, 1.05 * max(abs(edge) for a in shown for edge in a.spread90 or ()))
    axes.set_xlim(-limit, limit)
    _names(axes, [f"{exercise}: {name}" for exercise, name in rows])
    axes.set_xlabel("degrees more than the exact joints give (dot: mean; line: 5th to 95th percentile)")
    _legend(axes, len(views))
    return _svg(figure, "angles" + "".join(names))


_LEVELS = {"mild": THIRD, "clear": GOOD, "labelled": GOOD}


def _interval(axes: Axes, share: Share, y: float, colour: str, shape: str = "o") -> None:
    if not share.n:
        return
    axes.plot(share.interval, [y, y], color=colour, lw=1.4, alpha=0.6, solid_capstyle="round")
    axes.plot([share.value], [y], shape, color=colour, ms=5, mew=1.4)


def _figure(rows: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    height = 0.95 + _ROW * max(2.0, rows)
    figure = Figure(figsize=(_WIDTH, height), facecolor="none", layout="constrained")
    axes = figure.add_subplot(facecolor="none")
    axes.spines[:].set_visible(False)
    axes.tick_params(colors=MUTED, labelcolor=INK, length=0, labelsize=8.5)
    axes.xaxis.label.set(color=MUTED, size=8.5)
    axes.grid(axis="x", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _names(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), list(names), parse_math=False)  # a file's name may have dollar signs
    axes.set_ylim(len(names) - 0.4, -0.6)


def _legend(axes: Axes, columns: int) -> None:
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, labelcolor=INK, fontsize=8.5, borderpad=0
    )


def _svg(figure: Figure, salt: str) -> str:
    import matplotlib as mpl

    text = io.StringIO()
    # A salt of its own: several plots share one page, and their ids must differ. Letters stay letters.
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": salt}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A file's name may be in any script: the letters are the browser's, the font here only measures them.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    for name, stand_in in _COLOURS.items():
        svg = svg.replace(stand_in, f"var(--{name})")
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font: \1px var(--letters)", svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: var(--letters)", svg)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)  # nothing refers to groups, and every plot has the same
    head = r'<svg class="plot" \1 role="img" xmlns:xlink="http://www.w3.org/1999/xlink">'
    return re.sub(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', head, svg)
