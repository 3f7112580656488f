"""A journal loses at most a second, whenever the program is killed, and no damage makes it unreadable."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from formcheck.analysis import replay
from formcheck.cli import app
from formcheck.errors import OutputError, TrackError
from formcheck.pose import Pose
from formcheck.see import journal as journals
from formcheck.see.journal import RECORD, Journal, load_journal
from formcheck.see.track import TrackMeta, load_track, save_track

META = TrackMeta((640, 480), "camera 0 🏋", None, 30.0, None, "full")


def poses(count: int = 40) -> list[Pose]:
    dice = np.random.default_rng(3)
    seen = [Pose(i / 30, dice.random((33, 2)) * 400, dice.random(33), META.size) for i in range(count)]
    seen[1:2] = [Pose.absent(1 / 30, META.size)] if count > 1 else seen[1:2]
    seen[2:3] = [replace(pose, cut=True) for pose in seen[2:3]]
    return seen


def same(one: Pose, other: Pose) -> bool:
    return (
        (one.time, one.size, one.cut) == (other.time, other.size, other.cut)
        and one.points.tobytes() == other.points.tobytes()
        and one.visibility.tobytes() == other.visibility.tobytes()
    )


def written(path: Path, count: int = 40, end: float | None = 1.5, *, close: bool = True) -> Path:
    journal = Journal(path, META)
    for pose in poses(count):
        journal.write(pose)
    if close:
        journal.close(end)
    else:
        journal._stop()
    return path


def test_a_complete_journal_comes_back_exactly_through_the_loader_of_tracks(tmp_path: Path) -> None:
    track = load_track(written(tmp_path / "a.journal"))
    assert track.losses == ()
    assert track.meta == replace(META, duration=1.5, frame_count=40)
    assert all(same(one, other) for one, other in zip(track.poses, poses(), strict=True))
    with pytest.raises(ValueError, match="read-only"):
        track.poses[0].points[0, 0] = 1.0


@pytest.mark.parametrize("count", [0, 1])
def test_a_journal_of_hardly_anything_can_be_read(tmp_path: Path, count: int) -> None:
    assert len(load_track(written(tmp_path / "a.journal", count)).poses) == count
    track = load_track(written(tmp_path / "b.journal", count, close=False))
    assert len(track.poses) == count
    assert "interrupted" in track.losses[0]


def test_an_interrupted_journal_says_until_when_it_goes(tmp_path: Path) -> None:
    with contextlib.suppress(KeyboardInterrupt), Journal(tmp_path / "a.journal", META) as journal:
        for pose in poses(31):
            journal.write(pose)
        raise KeyboardInterrupt
    track = load_track(tmp_path / "a.journal")
    assert len(track.poses) == 31
    assert track.losses == (
        "The session was interrupted: its journal goes until 1.0 s. At most a second after that is missing.",
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.integers(0, 40 * RECORD + RECORD))
def test_cut_anywhere_it_keeps_every_whole_pose(tmp_path: Path, length: int) -> None:
    path = tmp_path / "whole.journal"
    if not path.exists():
        written(path)
    cut = tmp_path / "cut.journal"
    cut.write_bytes(path.read_bytes()[: 4096 + length])
    track = load_track(cut)
    whole = min(40, length // RECORD)
    assert len(track.poses) == whole
    assert all(same(one, other) for one, other in zip(track.poses, poses()[:whole], strict=True))
    assert bool(track.losses) == (length < 41 * RECORD)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.integers(4096, 4096 + 41 * RECORD - 1), st.integers(1, 255))
def test_a_flipped_byte_costs_the_pose_it_is_in_and_no_other(tmp_path: Path, place: int, flip: int) -> None:
    path = tmp_path / "whole.journal"
    if not path.exists():
        written(path)
    data = bytearray(path.read_bytes())
    data[place] ^= flip
    bad = tmp_path / "bad.journal"
    bad.write_bytes(data)
    track = load_track(bad)
    hit = (place - 4096) // RECORD
    assert [pose.time for pose in track.poses] == [pose.time for i, pose in enumerate(poses()) if i != hit]
    assert track.losses


def test_zeros_after_a_power_cut_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.journal", close=False)
    with path.open("ab") as file:
        file.write(bytes(3 * RECORD + 100))
    track = load_track(path)
    assert len(track.poses) == 40
    assert "3 of 43 poses" in track.losses[1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.binary(max_size=5000))
def test_anything_after_the_magic_is_a_track_or_a_clear_error(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "hostile.journal"
    path.write_bytes(journals.MAGIC + rest)
    with pytest.raises(TrackError, match="header"):
        load_track(path)


def test_a_journal_of_a_newer_program_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    path.write_bytes(b"formcheck journal 2\nwhatever")
    with pytest.raises(TrackError, match="newer formcheck"):
        load_track(path)


def test_other_files_are_no_journals(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    path.write_bytes(b"hello")
    with pytest.raises(TrackError, match="not a journal"):
        load_journal(path)
    with pytest.raises(TrackError, match="no file"):
        load_journal(tmp_path / "none.journal")


def test_a_journal_never_replaces_another(tmp_path: Path) -> None:
    path = written(tmp_path / "a.journal")
    before = path.read_bytes()
    with pytest.raises(OutputError, match="already"):
        Journal(path, META)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no folder"):
        Journal(tmp_path / "none" / "a.journal", META)


def test_poses_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.journal", META)
    journal.write(poses()[3])
    with pytest.raises(ValueError, match="increase"):
        journal.write(poses()[3])
    with pytest.raises(ValueError, match="pictures of"):
        journal.write(Pose.absent(9.0, (10, 10)))
    journal.close()
    with pytest.raises(ValueError, match="closed"):
        journal.write(Pose.absent(9.0, META.size))


def test_it_becomes_a_track_file(tmp_path: Path) -> None:
    with Journal(tmp_path / "a.journal", META) as journal:
        for pose in poses():
            journal.write(pose)
        journal.close(2.0)
        journal.to_track(tmp_path / "a.track.npz")
        journal.remove()
    track = load_track(tmp_path / "a.track.npz")
    assert len(track.poses) == 40
    assert track.meta.duration == 2.0
    assert not (tmp_path / "a.journal").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_kept_as_a_failure_and_nothing_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "a.journal", META)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._file)
    os.close(full)
    monkeypatch.setattr(os, "fsync", lambda file: None)
    for pose in poses():
        journal.write(pose)
    time.sleep(3 * journals.WRITE_S)
    assert "disk is full" in str(journal.failure)
    journal.write(Pose.absent(99.0, META.size))
    journal.close()


def test_a_disk_that_hangs_does_not_hold_up_the_judging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = threading.Event()
    sync = os.fsync
    journal = Journal(tmp_path / "a.journal", META)
    monkeypatch.setattr(os, "fsync", lambda file: hangs.wait(5) and sync(file))
    slowest = 0.0
    for pose in poses(80):
        began = time.perf_counter()
        journal.write(pose)
        slowest = max(slowest, time.perf_counter() - began)
        time.sleep(0.01)
    assert slowest < 0.2  # the disk takes 5 s
    # What is only in the system's hands would survive a kill already.
    assert len(load_track(journal.path).poses) >= 60
    hangs.set()
    journal.close()
    assert len(load_track(journal.path).poses) == 80


def test_what_was_forced_onto_the_disk_is_never_older_than_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut the file is at least as long as at the last fsync."""
    safe: list[tuple[float, int]] = []
    sync = os.fsync

    def noting(file: int) -> None:
        length = os.fstat(file).st_size
        sync(file)
        safe.append((time.monotonic(), (length - 4096) // RECORD))

    journal = Journal(tmp_path / "a.journal", META)
    monkeypatch.setattr(os, "fsync", noting)
    wrote: list[float] = []
    for pose in poses(90):
        journal.write(pose)
        wrote.append(time.monotonic())
        time.sleep(1 / 60)
    ended = time.monotonic()
    journal.close()
    for when in np.arange(wrote[0] + 1.0, ended, 0.05):
        on_disk = max((count for done, count in safe if done <= when), default=0)
        assert on_disk >= sum(each < when - 1.0 for each in wrote)


SESSION = """
import sys, time
import numpy as np
from formcheck.pose import Pose
from formcheck.see.journal import Journal
from formcheck.see.track import TrackMeta
journal = Journal(sys.argv[1], TrackMeta((640, 480), "camera", model="full"))
began = time.monotonic()
while True:
    now = time.monotonic() - began
    journal.write(Pose(now, np.full((33, 2), now), np.ones(33), (640, 480)))
    sys.stdout.write(f"{now!r}\\n")
    sys.stdout.flush()
    time.sleep(1 / 30)
"""


def kill_one(path: Path, after: float) -> tuple[float, float]:
    """Kills a session that has run for so many seconds; gives the last time written and the last one in the journal."""
    with subprocess.Popen([sys.executable, "-c", SESSION, str(path)], stdout=subprocess.PIPE, text=True) as session:
        assert session.stdout is not None
        session.stdout.readline()
        time.sleep(after)
        session.send_signal(signal.SIGKILL)
        last = [line for line in session.stdout.read().splitlines(keepends=True) if line.endswith("\n")][-1]
    track = load_track(path)
    assert all(pose.points[0, 0] == pose.time for pose in track.poses)
    assert "interrupted" in track.losses[0]
    assert replay(track, "lunge").video.frames == len(track.poses)
    return float(last), track.poses[-1].time


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_any_moment_it_loses_less_than_a_second(tmp_path: Path, times: int) -> None:
    dice = random.Random(times)
    losses = []
    for number in range(times):
        told, kept = kill_one(tmp_path / f"{number}.journal", dice.uniform(0.3, 2.0))
        losses.append(told - kept)
    print("seconds lost:", [round(loss, 3) for loss in losses])
    assert max(losses) < 1.0


def test_replay_reads_an_interrupted_journal_and_tells_what_is_missing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.journal", close=False)
    done = CliRunner().invoke(app, ["replay", str(path), "-e", "lunge"])
    assert done.exit_code == 0, done.output
    assert "interrupted" in done.output
    save_track(tmp_path / "a.track.npz", poses(), META)
    assert replay(path, "lunge").repetitions == replay(tmp_path / "a.track.npz", "lunge").repetitions
