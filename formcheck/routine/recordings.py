"""A routine from recordings: each step from a file in a folder, judged as `analyze` and `replay` do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from formcheck.history.curves import TraceKeeper, set_curves
from formcheck.history.keep import recorded_at
from formcheck.history.store import History
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.live.plan import Bout
from formcheck.pose import Pose, Side
from formcheck.routine.run import Done, Ending
from formcheck.routine.station import Station

TRACKS = (".track.npz", ".npz")
VIDEOS = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".gif")


class Recordings:
    """Performs steps from files.

    A bout is looked for as ``2-clamshell-set-1-left``, ``2-clamshell-left``, ``clamshell-set-1-left`` and
    ``clamshell-left`` (2 is the number of the step); a step that has none of these for its bouts, as ``2-clamshell``
    and ``clamshell``: then one recording shows all of it. Endings are those of videos and of pose tracks.

    Args:
        folder: where the files are.
        history: gets the sets.
        person: whose they are.
        poses: gives the poses of a video; by default with the pose model.
        tell: told what is done with each file, and which bouts have none.
    """

    def __init__(
        self,
        folder: Path,
        history: History,
        person: str,
        *,
        poses: Callable[[Path], Iterable[Pose]] | None = None,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._folder, self._history, self._person, self._tell = folder, history, person, tell
        self._poses = poses or _estimated

    def perform(self, station: Station, bouts: Mapping[int, Bout], rest_s: float, done: Done) -> Ending:
        """Judges the recordings of a step; bouts without one are skipped."""
        own = {turn: self._file(station, bout) for turn, bout in bouts.items()}
        whole = None if any(own.values()) else self._file(station, None)
        if whole is not None:
            kept, sides = self._judge(whole, station, None)
            for turn, bout in bouts.items():
                shown = bout.side is None or bout.side in sides
                if not shown:
                    self._tell(
                        f"{station.template.name} ({bout.title.lower()}): nothing of it in {whole.name}; skipped"
                    )
                done(turn, "done" if shown else "skipped", kept if shown else None)
            return "done"
        for turn, bout in bouts.items():
            path = own[turn]
            if path is None:
                title = f" ({bout.title.lower()})" if bout.title else ""
                self._tell(f"{station.template.name}{title}: no recording in {self._folder}; skipped")
                done(turn, "skipped", None)
            else:
                done(turn, "done", self._judge(path, station, bout.side)[0])
        return "done"

    def _file(self, station: Station, bout: Bout | None) -> Path | None:
        exercise = station.template.id
        names = [exercise]
        if bout is not None:
            names = [f"{exercise}-{bout.name}", *([f"{exercise}-{bout.side}"] if bout.side and bout.sets == 1 else [])]
        for name in [f"{station.number + 1}-{name}" for name in names] + names:
            for ending in (*TRACKS, *VIDEOS):
                path = self._folder / (name + ending)
                if path.is_file():
                    return path
        return None

    def _judge(self, path: Path, station: Station, side: Side | None) -> tuple[int, set[Side | None]]:
        """Keeps the set of a recording; gives its number, and the sides of which something is in it."""
        from formcheck.analysis import watch

        session = Session(
            station.template,
            side=side,
            comfort=station.comfort,
            target_s=station.plan.bouts[0].hold_s,
            variants=station.step.variants,
        )
        keeper = TraceKeeper(session.measures)
        report = watch(((pose, None) for pose in self._read(path)), session, [keeper.update])
        document = report.to_dict()
        document["video"]["path"] = str(path)
        began = recorded_at(path) or datetime.now().astimezone()
        kept = self._history.add(
            document,
            began=began,
            source="video",
            person=self._person,
            template=station.template,
            curves=set_curves(document, keeper.traces) if len(keeper.traces.times) else None,
        )
        self._tell(f"{station.template.name}: {_came_to(report)} ({path.name})")
        return kept, {r.side for r in report.repetitions} | {h.side for h in report.holds}

    def _read(self, path: Path) -> Iterable[Pose]:
        if path.name.endswith(TRACKS):
            from formcheck.see.track import load_track

            return load_track(path).poses
        return self._poses(path)


def _estimated(path: Path) -> Iterable[Pose]:
    from formcheck.analysis import estimated_poses

    return estimated_poses(path)


def _came_to(report: Report) -> str:
    if report.kind == "hold":
        return f"{report.in_form_s:.0f} s in good form, {report.held_s:.0f} s held"
    counts: Any = report.counts
    if counts.left or counts.right:
        return f"{counts.total} repetitions (left {counts.left}, right {counts.right})"
    return f"{counts.total} repetition{'' if counts.total == 1 else 's'}"
