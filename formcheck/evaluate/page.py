"""The results of the accuracy suite as one page that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from formcheck.evaluate import plots
from formcheck.evaluate.baseline import Comparison
from formcheck.evaluate.document import GROUPS
from formcheck.evaluate.figures import Figures, Share, angle_figures, by_class, fault_figures, figures, grouped
from formcheck.evaluate.result import ClipResult, Mark
from formcheck.evaluate.suite import Evaluation
from formcheck.evaluate.tables import GROUP_TITLES, NEAR, clip_cells, percent, recognised, seconds, share
from formcheck.version import __version__

_TEMPLATE = Path(__file__).with_name("page.html.j2")


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure at the top: what it is, its value, what it rests on."""

    name: str
    value: str
    about: str
    good: bool | None = None


def page(evaluation: Evaluation, comparison: Comparison | None = None) -> str:
    """The page as HTML text."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(share=share, false_of=_false_of, picture=_picture)
    results = evaluation.results
    judged = [r for r in results if not r.negative]
    faults = fault_figures(results)
    joints = angle_figures(results, measures=False, each=True)
    measures = angle_figures(results, measures=True, each=True)
    shown: dict[str, Any] = {
        "version": __version__,
        "clips": len({r.name for r in results}),
        "tiles": _tiles(results),
        "comparison": comparison,
        "evaluation": evaluation,
        "judged": _grid([(*clip_cells(r), recognised(r)) for r in judged], _CLIP_COLUMNS),
        "results": judged,
        "negatives": [(title, about, rows) for title, about, kind in _NEGATIVES if (rows := _negatives(results, kind))],
        "groups": [
            (GROUP_TITLES[group], list(parts), _grid([_group_cells(f) for f in parts.values()], _GROUP_COLUMNS))
            for group in GROUPS
            if (parts := _parts(judged, group))
        ],
        "faults": faults,
        "classes": by_class(faults),
        "joints": joints,
        "joints_all": angle_figures(results, measures=False, each=False),
        "measures": measures,
        "plots": {
            "times": Markup(plots.time_errors(judged)),
            "holds": Markup(plots.holds(judged)),
            "faults": Markup(plots.faults(faults)),
            "angles": Markup(plots.angles(joints, NEAR)),
        },
    }
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(shown)


def _tiles(results: tuple[ClipResult, ...]) -> list[Tile]:
    f = figures(results)
    tiles: list[Tile] = []

    def tile(name: str, value: Share) -> None:
        if value.n:
            low, high = value.interval
            tiles.append(Tile(name, share(value), f"95 %: {low:.0%} to {high:.0%}", value.k == value.n))

    tile("counts exactly right", f.exact)
    if f.count_error.n:
        tiles.append(Tile("mean count error", f"{f.count_error.mae:.2f}", f"{share(f.off_by_one)} at most one off"))
    tile("holds right", f.hold_within)
    tile("negatives left alone", f.silent)
    tile("sides right", f.sides)
    if f.recognised.n:
        about = f"{share(f.taken_for)} taken for another"
        tiles.append(Tile("recognised", share(f.recognised), about, f.taken_for.k == 0))
    if f.peak.n:
        tiles.append(Tile("peak time error", f"{f.peak.mae:.2f} s", f"bias {f.peak.bias:+.2f} s, {f.peak.n} peaks"))
    classes = by_class(fault_figures(results))
    for name in ("A", "B"):
        if name not in classes:
            continue
        for level, found in classes[name].sensitivity.items():
            if found.n:
                low, high = found.interval
                about = f"{share(found)}; 95 %: {low:.0%} to {high:.0%}"
                tiles.append(Tile(f"class {name} faults found, {level}", percent(found), about))
        silent = classes[name].specificity
        if silent.n:
            about = f"{silent.n - silent.k} false of {silent.n}"
            tiles.append(Tile(f"class {name} specificity", percent(silent), about))
    if f.false_cues[1]:
        cues, sets = f.false_cues
        tiles.append(Tile("false cues a correct set", f"{cues / sets:.2f}", f"{cues} in {sets} sets", cues == 0))
    if f.usable.n:
        tiles.append(Tile("frames usable", percent(f.usable), f"somebody seen in {percent(f.person)}"))
    return tiles


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of a table, without the columns in which nothing stands."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


_CLIP_COLUMNS = ("truth", "found", "with exact\njoints", "partial", "sides", "peak s\nerror (bias)", "recog-\nnised")
_GROUP_COLUMNS = (
    "clips",
    "exact",
    "within 1",
    "count\nerror",
    "with exact\njoints",
    "partial\nright",
    "sides",
    "recog-\nnised",
    "start s",
    "peak s",
    "end s",
    "holds\nright",
    "hold s\nin form",
    "hold s\nin position",
    "false cues\n/ sets",
    "person",
    "usable",
)


def _grid(rows: Sequence[tuple[str, ...]], columns: tuple[str, ...]) -> Grid:
    kept = [i for i in range(len(columns)) if any(row[i] != "–" for row in rows)]
    return Grid(tuple(columns[i] for i in kept), tuple(tuple(row[i] for i in kept) for row in rows))


def _parts(results: list[ClipResult], group: str) -> dict[str, Figures]:
    """The figures of each part, and of all; none if there is only one part."""
    parts = grouped(results, group)
    if len(parts) > 1:
        return {**parts, "all": figures(r for r in results if group == "exercise" or group in r.groups)}
    return parts if group == "exercise" else {}


def _group_cells(f: Figures) -> tuple[str, ...]:
    cues, sets = f.false_cues
    return (
        str(f.clips),
        share(f.exact),
        share(f.off_by_one),
        f"{f.count_error.mae:.2f}" if f.count_error.n else "–",
        share(f.exact_joints),
        share(f.partial),
        share(f.sides),
        share(f.recognised),
        seconds(f.start),
        seconds(f.peak),
        seconds(f.end),
        share(f.hold_within),
        seconds(f.hold),
        seconds(f.held),
        f"{cues}/{sets}" if sets else "–",
        percent(f.person),
        percent(f.usable),
    )


_NEGATIVES = (
    (
        "Negatives",
        "Clips in which nobody does the exercise. Judged with every template, nothing may be counted, held or said.",
        "negative",
    ),
    (
        "Judged as another exercise",
        "What happens when a clip is judged as an exercise that it does not show. Some exercises hold others.",
        "other",
    ),
)


def _negatives(results: tuple[ClipResult, ...], kind: str) -> list[tuple[str, list[ClipResult], list[ClipResult]]]:
    """Clip, its results, and those in which something happened that should not."""
    names = dict.fromkeys(r.name for r in results if r.kind == kind)
    own = {name: [r for r in results if r.name == name and r.kind == kind] for name in names}
    return [(name, every, [r for r in every if not r.ok]) for name, every in own.items()]


def _false_of(value: Share) -> str:
    return share(Share(value.n - value.k, value.n))


_LANE = {"true": 9, "true hold": 9, "counted": 25, "partial": 25, "hold": 25, "cue": 25, "ready": 38}
_WIDTH = 340.0


def _picture(result: ClipResult) -> Markup:
    """A clip's time as a strip: above what is true, in the middle what the program found, below when it was ready."""
    scale = _WIDTH / max(result.duration, 0.1)
    parts = [_drawn(mark, scale) for mark in sorted(result.marks, key=lambda m: m.kind == "cue")]
    lines = Markup('<path class="lane" d="M0 9H{0}M0 25H{0}"/>').format(_WIDTH)
    whole = Markup('<svg class="strip" viewBox="-6 0 {} 42" role="img" aria-label="{}">{}{}</svg>')
    return whole.format(_WIDTH + 12, f"timeline of {result.name}", lines, Markup("").join(parts))


def _drawn(mark: Mark, scale: float) -> Markup:
    y, left, right = _LANE[mark.kind], mark.start * scale, mark.end * scale
    kind = mark.kind.replace(" ", "-")
    title = f"{mark.kind} {mark.start:.1f}–{mark.end:.1f} s" + (f", peak {mark.peak:.1f} s" if mark.peak else "")
    title += f": {mark.text}" if mark.text else ""
    if mark.kind == "cue":
        shape = Markup('<path d="M{0} {1}l4 4-4 4-4-4z"/>').format(f"{left:.1f}", y - 4)
    elif mark.kind == "ready":
        shape = Markup('<path d="M{0} {2}H{1}"/>').format(f"{left:.1f}", f"{right:.1f}", y)
    else:
        shape = Markup('<rect x="{0}" y="{1}" width="{2}" height="10" rx="3"/>').format(
            f"{left:.1f}", y - 5, f"{max(right - left, 1.0):.1f}"
        )
    if mark.peak is not None:
        shape += Markup('<path class="peak" d="M{0} {1}v12"/>').format(f"{mark.peak * scale:.1f}", y - 6)
    return Markup('<g class="{}"><title>{}</title>{}</g>').format(kind, title, shape)
