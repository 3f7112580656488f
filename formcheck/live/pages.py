"""What is written of each set when the session is over: the page and the table of angles.

They are made from the set's track, which is judged once more as it was: so nothing of it takes time or memory while
somebody exercises.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from formcheck.analysis import watch
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.live.record import BoutResult
from formcheck.live.workout import Choices
from formcheck.report_page.overlay_track import OverlayTrack
from formcheck.report_page.page import write_page
from formcheck.see.track import load_track
from formcheck.show.export import AngleTable
from formcheck.show.results import ANGLES, PAGE, TRACK_ENDING


def write_pages(folder: Path, template: Template, results: Iterable[BoutResult], choices: Choices) -> None:
    """Writes ``angles.csv`` and ``report.html`` for every set that was kept.

    Raises:
        TrackError: a set's track cannot be read.
        OutputError: a page cannot be written.
    """
    for result in results:
        if result.name is None:
            continue
        home, bout = folder / result.name, result.bout
        track = load_track(home / (result.name + TRACK_ENDING))
        session = Session(
            template, side=bout.side, comfort=choices.comfort, target_s=bout.hold_s, variants=choices.variants
        )
        page = OverlayTrack(template)
        with AngleTable(home / ANGLES, template) as angles:
            watch(((pose, None) for pose in track.poses), session, [page.update, angles.update])
        write_page(home / PAGE, result.report, template, page)
