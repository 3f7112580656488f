"""The report page: one HTML file with everything in it, except the video if that is not to be embedded."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from formcheck.judge.counting import quantity
from formcheck.judge.report import Report
from formcheck.judge.symmetry import FEWEST, NOISE_DEG, NOISE_SHARE
from formcheck.judge.template import Template
from formcheck.report_page.corrections import corrections, how_often
from formcheck.report_page.overlay_track import OverlayTrack
from formcheck.report_page.player import Player
from formcheck.report_page.plots import Plot, Stretch, plot, time_ticks
from formcheck.report_page.sides import left_against_right
from formcheck.report_page.thumbnails import thumbnails
from formcheck.show.summary import VIEWS, clock, hindrance
from formcheck.show.terminal import FOOTER
from formcheck.unfinished import UnfinishedFile
from formcheck.version import __version__

FOLDER = Path(__file__).parent

_PIECE = 3 * 2**18
"""Bytes of an embedded video that are written at once; three make four letters of base64."""

_NO_VIDEO = "There is no video with this page. The skeleton is shown without it."

_VIDEO_PLACE = Markup("<<video>>")
"""No text that is put into the page can look like this: it would be escaped."""


@dataclass(frozen=True, slots=True)
class _Lane:
    """One line of the timeline: what it is called, and (place in the report, seconds) of its marks."""

    name: str
    kind: str
    times: tuple[float, ...]


def write_page(
    path: str | os.PathLike[str],
    report: Report,
    template: Template,
    track: OverlayTrack,
    player: Player | None = None,
    *,
    stills: Path | None = None,
    embed: bool = False,
) -> None:
    """Writes the page of one set.

    Args:
        path: the file, usually ``report.html``.
        report: what was judged.
        template: the exercise.
        track: has seen every moment of the set.
        player: the video to play; without one the skeleton moves alone.
        stills: folder with the stills of the set, if there are any.
        embed: put the video itself into the page.

    Raises:
        OutputError: the file cannot be written.
    """
    player = player or Player(note=_NO_VIDEO)
    inside = player.file if embed else None
    text = page(report, template, track, player, stills=stills, embedded=inside is not None)
    before, _, after = text.partition(_VIDEO_PLACE)
    with UnfinishedFile(path) as file, file.path.open("wb") as out:
        out.write(before.encode("utf-8", "replace"))
        if inside is not None:
            with inside.open("rb") as video:
                while piece := video.read(_PIECE):
                    out.write(base64.b64encode(piece))
        out.write(after.encode("utf-8", "replace"))


def page(
    report: Report,
    template: Template,
    track: OverlayTrack,
    player: Player,
    *,
    stills: Path | None = None,
    embedded: bool = False,
) -> str:
    """The page as HTML text; an embedded video is still to be put into its place."""
    document = report.to_dict()
    duration = max(report.video.duration_s, *track.times[-1:], 1e-3)
    plots = list(_plots(report, template, track, duration))
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    shown: dict[str, Any] = {
        "d": document,
        "number": lambda key, unit: _number(document, key, unit),
        "template": template,
        "title": f"{report.name}: {_video_name(report)}" if _video_name(report) else report.name,
        "video_name": _video_name(report),
        "duration": duration,
        "view": VIEWS.get(report.view, report.view),
        "corrections": corrections(report),
        "hindrance": hindrance(report),
        "cues": {fault.id: fault.cue for fault in template.faults},
        "often": {fault.id: how_often(fault, report) for fault in (*report.faults, *report.tips)},
        "unseen": [(fault, "" if template.camera.shows(fault.view, report.view_ratio) else VIEWS[fault.view])
                   for fault in template.faults if fault.id in report.not_visible],
        "words": _words(template),
        "numbers": _counted_numbers(report),
        "thumbnails": thumbnails(report, stills) if stills is not None and stills.is_dir() else {},
        "targets": _targets(report, template),
        "sides": left_against_right(report, template),
        "noise_deg": NOISE_DEG,
        "noise_share": NOISE_SHARE,
        "fewest": FEWEST,
        "lanes": _lanes(report),
        "ticks": time_ticks(duration),
        "plots": [drawn for drawn in plots if drawn[-1].lowest is not None],
        "never": [label for label, *_, drawn in plots if drawn.lowest is None],
        "player": player,
        "embedded": embedded,
        "video_place": _VIDEO_PLACE,
        "facts": _script_data({"offset": player.offset_s, "source": player.source, "spare": player.spare,
                               "spare_offset": player.spare_offset_s,
                               "duration": duration, "kind": report.kind, "track": track.to_dict()}),
        "script": Markup(script),
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        "style": Markup((FOLDER / "page.css").read_text(encoding="utf-8")),
        "disclaimer": FOOTER,
        "version": __version__,
    }  # fmt: skip
    return environment().get_template("page.html.j2").render(shown)


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Of the pages: everything that is put into them is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(clock=clock, quantity=_quantity, band=_band, words=_id_words)
    return made


def _number(document: dict[str, Any], key: str, unit: str) -> Markup:
    """A number of the report as it is shown, together with its own key and value in ``report.json``."""
    value: Any = document
    for part in key.split("/"):
        value = value[int(part)] if isinstance(value, list) else value[part]
    element = Markup('<data value="{}" data-key="{}">{}</data>')
    return element.format("" if value is None else repr(value), key, _quantity(value, unit))


def _quantity(value: float | None, unit: str) -> str:
    if value is None or not isfinite(value):
        return "not seen"
    if unit == "count":
        return str(value)
    if unit == "s":
        return f"{value:.1f} s" if value < 120 else clock(value)
    if unit == "deg":
        value = round(value) + 0.0  # no minus before a zero
    return clock(value) if unit == "clock" else quantity(value, unit)


def _band(band: tuple[float, float], unit: str) -> str:
    """A target in words: 75° to 105°, 0.28 to 0.65 torso lengths."""
    low, high = band
    return f"{_quantity(low, unit) if unit == 'deg' else f'{low:g}'} to {_quantity(high, unit)}"


def _id_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _video_name(report: Report) -> str:
    path = report.video.path
    return Path(path).name.encode("utf-8", "replace").decode("utf-8") if path else ""


def _words(template: Template) -> dict[str, str]:
    """What the phases of this exercise are called."""
    if template.repetition is None:
        return {}
    out, peak, back = template.repetition.words
    return {"moving": out, "peak": peak, "returning": back, "repetition": "altogether"}


def _counted_numbers(report: Report) -> dict[int, int]:
    """Of each counted repetition, by its place in the report, the how-manieth it is."""
    places = [i for i, r in enumerate(report.repetitions) if r.counted]
    return {place: number for number, place in enumerate(places, start=1)}


def _targets(report: Report, template: Template) -> dict[str, tuple[float, float]]:
    """Bands of good form by measure; none if they do not hold in the view that the set was seen in."""
    if not template.camera.shows(template.camera.view, report.view_ratio):
        return {}
    return {name: m.target for name, m in template.measures.items() if m.label and m.target}


def _lanes(report: Report) -> list[_Lane]:
    lanes = [_Lane(fault.cue, fault.severity, fault.times) for fault in report.faults]
    return lanes + [_Lane(f"Maybe: {tip.cue}", "tip", tip.times) for tip in report.tips]


def _plots(
    report: Report, template: Template, track: OverlayTrack, duration: float
) -> Iterator[tuple[str, str, tuple[float, float] | None, Plot]]:
    """Label, unit, target and drawing of every labelled measure."""
    stretches = tuple(Stretch(r.start_s, r.end_s, r.counted, r.peak_s) for r in report.repetitions)
    stretches += tuple(Stretch(h.start_s, h.end_s, True) for h in report.holds)
    targets = _targets(report, template)
    times, values = track.times, track.values
    for name, measure in template.measures.items():
        if measure.label and len(times):
            target = targets.get(name)
            drawn = plot(times, values[name], duration, target=target, stretches=stretches)
            yield measure.label, measure.unit, target, drawn


def _script_data(data: Any) -> Markup:
    """JSON that can stand in a script element: nothing in it can end the element."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
