"""Stills show the peak of each repetition that counted, and the best moment of each hold."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from disturbances import joined, moved
from motions import Bridge, Lunge, Motion, Plank, Repeats, changing, then, walking
from stick_figure import Camera

from formcheck.catalog import load_template
from formcheck.errors import OutputError
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.pose import Pose, Side
from formcheck.see.frame import Frame
from formcheck.show.overlay import Overlay
from formcheck.show.still import Stills

SIZE = (1280, 720)
STRIPE = slice(700, 720)
"""Rows at the lower edge in which every frame carries its time, where no panel stands."""


def stamped(time: float) -> Frame:
    """A grey frame that carries its time as the brightness of a stripe, 1/8 s a step, and a block for its fraction."""
    image = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    image[STRIPE] = 8 * (round(time * 10) // 30) % 248
    image[STRIPE, 640:] = 8 * (round(time * 10) % 30)
    return Frame(time, image)


def time_of(path: Path) -> float:
    """The time of the frame behind a still, to 0.1 s."""
    image = cv2.imread(str(path))
    assert image is not None
    rows = image[706:716].astype(float)
    return round(float(rows[:, 700:1200].mean()) / 8) / 10 + 3.0 * round(float(rows[:, 100:600].mean()) / 8)


def stills(
    exercise: str,
    motion: Motion | list[Pose],
    folder: Path,
    camera: Camera | None = None,
    until: float = 1e9,
    side: Side | None = None,
) -> tuple[list[str], Report]:
    template = load_template(exercise)
    session, sink = Session(template, side=side), Stills(template, folder)
    for pose in motion if isinstance(motion, list) else motion.film(camera=camera):
        if pose.time > until:
            break
        frame = stamped(pose.time)
        before = frame.image.copy()
        sink.update(session.update(pose), frame)
        assert np.array_equal(frame.image, before)
    report = session.finish()
    sink.finish(report)
    names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    assert names == sorted(path.name for path in sink.paths)
    return names, report


LYING = Camera(limb=110, height=120)


def test_every_counted_repetition_has_a_still_of_its_peak(tmp_path: Path) -> None:
    names, report = stills("bridge", Bridge().motion(Repeats(count=4)), tmp_path / "stills", LYING)
    assert names == [f"repetition-0{i}.jpg" for i in (1, 2, 3, 4)]
    for name, repetition in zip(names, report.repetitions, strict=True):
        assert time_of(tmp_path / "stills" / name) == pytest.approx(repetition.peak_s, abs=0.3)


def test_sides_are_in_the_names(tmp_path: Path) -> None:
    motion = Lunge().motion(Repeats(count=2))
    names, report = stills("lunge", motion, tmp_path, Camera(limb=110, height=130))
    assert names == [f"repetition-0{i}-{r.side}.jpg" for i, r in enumerate(report.repetitions, start=1)]
    assert all(r.side for r in report.repetitions)


def test_a_repetition_that_a_cut_ends_has_its_still_and_the_next_one_its_side(tmp_path: Path) -> None:
    repeats = Repeats(count=1)
    nearly_back = repeats.lead_in + 0.87 * repeats.seconds
    before = [p for p in Lunge(("right",)).motion(repeats).film(30.0) if p.time < nearly_back]
    after = moved(Lunge(("left",)).motion(repeats).film(30.0, Camera(yaw=20)), -200, 60, 1.4)
    names, report = stills("lunge", joined(before, after), tmp_path)
    assert [(r.counted, r.side) for r in report.repetitions] == [(True, "right"), (True, "left")]
    assert names == ["repetition-01-right.jpg", "repetition-02-left.jpg"]


def test_what_did_not_count_has_no_still(tmp_path: Path) -> None:
    names, report = stills("bridge", Bridge(top=140).motion(Repeats(count=3)), tmp_path / "new", LYING)
    assert report.counts.total == 0
    assert names == []
    names, report = stills("lunge", walking(6.0), tmp_path / "new", Camera(limb=110))
    assert names == []
    assert not (tmp_path / "new").exists()


def test_a_repetition_that_ends_with_the_recording_has_its_still(tmp_path: Path) -> None:
    repeats = Repeats(count=2)
    almost = repeats.peaks[1] + 0.38 * repeats.seconds
    names, report = stills("bridge", Bridge().motion(repeats), tmp_path, LYING, until=almost)
    assert report.counts.total == 2
    assert names == ["repetition-01.jpg", "repetition-02.jpg"]
    assert time_of(tmp_path / names[1]) == pytest.approx(report.repetitions[1].peak_s, abs=0.3)


def test_one_that_is_broken_off_has_none(tmp_path: Path) -> None:
    repeats = Repeats(count=2)
    names, _ = stills("bridge", Bridge().motion(repeats), tmp_path, LYING, until=repeats.peaks[1])
    assert names == ["repetition-01.jpg"]


def test_a_hold_has_one_still_from_when_the_form_was_good(tmp_path: Path) -> None:
    sagging, good = Plank(hips=-14), Plank(hips=11)
    motion = changing([(4.0, good), (4.0, sagging)])
    names, report = stills("plank_forearm", motion, tmp_path, LYING)
    assert len(report.holds) == 1
    assert names == ["hold-01.jpg"]
    assert 0.9 <= time_of(tmp_path / names[0]) <= 4.5


def test_every_hold_has_its_own(tmp_path: Path) -> None:
    motion = then(Plank().motion(4.0), walking(5.0), Plank().motion(4.0))
    names, report = stills("plank_forearm", motion, tmp_path, LYING)
    assert len(report.holds) == 2
    assert names == ["hold-01.jpg", "hold-02.jpg"]
    first, second = (time_of(tmp_path / name) for name in names)
    assert report.holds[0].start_s <= first <= report.holds[0].end_s + 0.1
    assert report.holds[1].start_s - 0.1 <= second <= report.holds[1].end_s + 0.1


def test_the_overlay_on_the_still_says_what_was_counted(tmp_path: Path) -> None:
    """The number of this repetition, the peak's verdicts: as the overlay draws them at the peak."""
    template = load_template("bridge")
    session, sink = Session(template), Stills(template, tmp_path)
    moments = []
    for pose in Bridge().motion(Repeats(count=1)).film(camera=LYING):
        moments.append(session.update(pose))
        sink.update(moments[-1], stamped(pose.time))
    sink.finish(session.finish())
    picture = cv2.imread(str(sink.paths[0]))
    assert picture is not None
    peak = [m for m in moments if m.phase == "peak"][-1]
    expected = stamped(0.0).image
    Overlay(template, SIZE).draw(expected, replace(peak, counts=moments[-1].counts))
    card = np.s_[20:150, 20:260]
    assert np.abs(picture[..., ::-1][card].astype(int) - expected[card].astype(int)).mean() < 4


def test_memory_holds_one_picture(tmp_path: Path) -> None:
    template = load_template("bridge")
    session, sink = Session(template), Stills(template, tmp_path)
    images: set[int] = set()
    for pose in Bridge().motion(Repeats(count=3)).film(camera=LYING):
        sink.update(session.update(pose), stamped(pose.time))
        images |= {id(value) for value in vars(sink).values() if isinstance(value, np.ndarray)}
    assert len(images) == 1


def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="disk is full"):
        stills("bridge", Bridge().motion(Repeats(count=1)), tmp_path, LYING)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="was not written"):
        stills("bridge", Bridge().motion(Repeats(count=1)), tmp_path / "file" / "stills", LYING)
