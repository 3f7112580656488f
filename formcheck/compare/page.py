"""A comparison as one page that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from markupsafe import Markup

from formcheck.compare.difference import Comparison, MeasureDifference, where
from formcheck.compare.subject import Subject
from formcheck.compare.tables import PHASE_WORDS, about, signed, summary, title, verdict
from formcheck.history.chart import Band, Line, line_chart
from formcheck.history.curves import POINTS
from formcheck.history.page import environment, style
from formcheck.history.progress import on_axis
from formcheck.version import __version__


def page(comparison: Comparison) -> str:
    """The page as HTML text."""
    made = environment()
    made.filters.update(about=about, title=title, signed=signed, verdict=verdict, where=where, picture=_picture)
    template = Path(__file__).with_name("compare.html.j2").read_text(encoding="utf-8")
    pair = [("A", comparison.a, _still(comparison.a)), ("B", comparison.b, _still(comparison.b))]
    return made.from_string(template).render(
        c=comparison,
        pair=pair,
        phases=PHASE_WORDS,
        style=style(),
        summary=summary(comparison),
        version=__version__,
    )


def _still(s: Subject) -> str:
    """The picture of the peak inside of an address; empty if there is none."""
    if s.still is None:
        return ""
    return "data:image/jpeg;base64," + b64encode(s.still.read_bytes()).decode("ascii")


def _picture(m: MeasureDifference, kind: str) -> Markup:
    scale = [i / (POINTS - 1) for i in range(POINTS)]
    lines = [
        Line("A", "left", list(zip(scale, m.a.tolist(), strict=True)), marks=False),
        Line("B", "right", list(zip(scale, m.b.tolist(), strict=True)), marks=False),
    ]
    ticks = [(0.0, "start"), (0.5, "half" if kind == "hold" else "peak"), (1.0, "end")]
    return Markup(
        line_chart(
            f"{title(m)}: {signed(m.greatest, m.unit)} in B, {where(m.at or 0.0, kind)}, {verdict(m)}",
            lines,
            ticks=ticks,
            write=lambda y: on_axis(y, m.unit),
            bands=[Band(low, high, "beyond", upright=True) for low, high in m.spans],
            least={"deg": 20.0}.get(m.unit, 0.2),
        )
    )
