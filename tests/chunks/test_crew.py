"""Several processes estimate what one would, to the last bit; whatever happens to them or to the recording."""

from __future__ import annotations

import os
import queue
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from chunk_stand_in import Follower, begun
from clips import FPS, write_clip
from filmed import SIZE

from formcheck import analysis, analyze
from formcheck.chunks import crew as crew_module
from formcheck.chunks import work
from formcheck.chunks.crew import Crew
from formcheck.chunks.relay import Fresh, Relay
from formcheck.chunks.seam import Chunks
from formcheck.chunks.work import FARTHEST, Begun, Message
from formcheck.errors import ModelError, VideoError
from formcheck.pose import Pose
from formcheck.see import video as video_module
from formcheck.see.track import load_track
from formcheck.see.video import Video

CHUNKS = Chunks(length_s=3.0, warm_up_s=1.0)
SECONDS = 14.0
JOBS = 2

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes as on Linux")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recorded") / "two sets.mp4"
    return write_clip(path, count=round(SECONDS * FPS), size=SIZE, key_every=7)


class Threads(ThreadPoolExecutor):
    """Workers that begin at once, for tests that are not about processes."""

    def shutdown(self, wait: bool = True, *, kill_workers: bool = False, cancel_futures: bool = True) -> None:
        super().shutdown(wait, cancel_futures=cancel_futures)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_threads(crew: Crew) -> None:
        crew._sent = queue.Queue()
        monkeypatch.setattr(work, "_sent", crew._sent)
        crew._pool = Threads(crew._jobs)
        crew._closing.callback(crew._pool.shutdown, wait=True)

    monkeypatch.setattr(Crew, "_open", open_threads)


def alone(video: Path, fresh: Fresh) -> tuple[list[Pose], Relay, Video]:
    with Video(video) as recording, Relay(fresh, CHUNKS) as relay:
        return [relay.estimate(frame) for frame in recording], relay, recording


def together(video: Path, fresh: Fresh, jobs: int = JOBS) -> tuple[list[Pose], Crew]:
    with Video(video) as recording, Crew(recording, fresh, jobs, CHUNKS) as crew:
        return list(crew), crew


def assert_same(video: Path, fresh: Fresh, fresh_together: Fresh | None = None) -> Crew:
    """Several processes give what one gives."""
    poses, relay, recording = alone(video, fresh)
    sent, crew = together(video, fresh_together or fresh)
    assert [pose.time for pose in sent] == [pose.time for pose in poses]
    assert all(np.array_equal(a.points, b.points) for a, b in zip(sent, poses, strict=True))
    assert all(np.array_equal(a.visibility, b.visibility) for a, b in zip(sent, poses, strict=True))
    assert (crew.end, crew.damage) == (recording.end, recording.damage)
    assert crew.notes()[:1] == relay.notes()
    return crew


# --- the same --------------------------------------------------------------------------------------------------------


def test_poses_are_those_of_one_process(video: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    crew = assert_same(video, Follower, partial(Follower, log=log))
    assert {begin for begin, _ in begun(log)} == {0.0, 2.0, 5.0, 8.0, 11.0}
    assert os.getpid() not in {process for _, process in begun(log)}
    assert crew.notes()[1:] == ()
    assert crew.frames == 140
    assert crew.done_s == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize(
    "stubborn",
    [(1.5, 2.5), (4.5, 5.5), (1.5, 5.5), (4.5, 8.5), (10.5, 99.0)],
    ids=["first seam", "second seam", "first two", "two", "last seam"],
)
def test_where_the_next_one_follows_somebody_else_the_one_before_goes_on(
    video: Path, monkeypatch: pytest.MonkeyPatch, stubborn: tuple[float, float]
) -> None:
    monkeypatch.setattr(Crew, "_go_on", None)  # workers do
    assert_same(video, partial(Follower, stubborn=stubborn))


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("seconds", [14.0, 23.0])
def test_who_has_gone_on_for_long_is_replaced_by_this_process(tmp_path: Path, seconds: float) -> None:
    video = write_clip(tmp_path / "long.mp4", count=round(seconds * FPS), size=SIZE, key_every=7)
    fresh = partial(Follower, stubborn=(1.5, CHUNKS.begin(FARTHEST + 1)))
    assert_same(video, fresh)


@pytest.mark.usefixtures("threads")
def test_if_no_estimator_agrees_the_first_one_does_all(video: Path) -> None:
    assert_same(video, partial(Follower, stubborn=(1.5, 99.0)))


@pytest.mark.usefixtures("threads")
def test_the_number_of_processes_changes_nothing(video: Path) -> None:
    assert [p.points.tolist() for p in together(video, Follower, 3)[0]] == [
        p.points.tolist() for p in alone(video, Follower)[0]
    ]


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mkv", "libx264", "yuv420p"),
        ("a.webm", "libvpx-vp9", "yuv420p"),
        ("a.avi", "mpeg4", "yuv420p"),
        ("a.ts", "libx264", "yuv420p"),
        ("a.gif", "gif", "pal8"),
    ],
)
def test_any_container_gives_the_same(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    if codec == "gif":
        pixels = "rgb8"
    assert_same(write_clip(tmp_path / name, count=80, size=SIZE, codec=codec, pixels=pixels, key_every=9), Follower)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("rotation", [90, 180])
def test_turned_recordings_and_irregular_times_are_read_alike(tmp_path: Path, rotation: int) -> None:
    rng = np.random.default_rng(4)
    times = np.cumsum(rng.uniform(0.02, 0.2, 110)).round(3).tolist()
    assert_same(write_clip(tmp_path / "a.mp4", times=times, size=SIZE, rotation=rotation, key_every=11), Follower)


# --- recordings that cannot be cut -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("threads")
def test_a_recording_that_breaks_off_is_read_as_by_one(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mkv", count=140, size=SIZE, key_every=7)
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    crew = assert_same(broken, Follower)
    assert "breaks off" in str(crew.damage)
    assert "One core" in crew.notes()[1]


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.9])
def test_a_recording_with_a_hole_is_read_as_by_one(tmp_path: Path, share: float) -> None:
    path = write_clip(tmp_path / "hole.mkv", count=140, size=SIZE, key_every=7)
    data = bytearray(path.read_bytes())
    at = round(share * len(data))
    data[at : at + 600] = bytes(600)
    path.write_bytes(data)
    crew = assert_same(path, Follower)
    assert crew.damage


@pytest.mark.usefixtures("threads")
def test_a_recording_that_does_not_say_how_long_it_is_is_read_by_one(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.h264", count=80, size=SIZE, key_every=7)
    with Video(path) as recording:
        assert recording.duration is None
    assert "does not say how long" in assert_same(path, Follower).notes()[1]


@pytest.mark.usefixtures("threads")
def test_a_recording_without_key_pictures_is_read_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_module, "_EARLIER", (0.0, 1.0))
    crew = assert_same(write_clip(tmp_path / "a.ts", count=140, size=SIZE, key_every=999), Follower)
    assert "since it cannot be read from the middle: there is no key picture" in crew.notes()[1]


@pytest.mark.usefixtures("threads")
def test_chunks_that_decode_to_something_else_are_not_used(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Crew._next

    def next_message(self: Crew, number: int) -> Message:
        message = original(self, number)
        if number == 2 and isinstance(message, Begun):
            return Begun(number, tuple((time, 0) for time, _ in message.pictures))
        return message

    monkeypatch.setattr(Crew, "_next", next_message)
    assert "begin in the middle" in assert_same(video, Follower).notes()[1]


# --- processes that fail ---------------------------------------------------------------------------------------------


@linux
def test_a_chunk_whose_process_was_killed_is_done_again(video: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert_same(video, Follower, partial(Follower, log=log, dies_at=4.0, times=1))
    assert (tmp_path / "log.died0").exists()
    assert len(begun(log)) > 5


@linux
def test_a_recording_on_which_processes_die_again_and_again_is_an_error(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew_module, "ATTEMPTS", 1)
    with pytest.raises(VideoError, match=r"died, 2 times.*--jobs"):
        together(video, partial(Follower, log=tmp_path / "log", dies_at=4.0, times=99))


@pytest.mark.usefixtures("threads")
def test_a_model_that_cannot_be_opened_is_told_as_by_one_process(video: Path) -> None:
    with pytest.raises(ModelError, match="there is no model"):
        together(video, partial(Follower, fails=True))


@linux
def test_processes_end_with_the_analysis(video: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Video(video) as recording, Crew(recording, partial(Follower, log=log), JOBS, CHUNKS) as crew:
        next(iter(crew))
        running = {process for _, process in begun(log)}
        assert running
        assert all(Path(f"/proc/{process}").exists() for process in running)
    wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in running))


@pytest.mark.usefixtures("threads")
def test_processes_are_not_far_ahead_of_who_takes_the_poses(tmp_path: Path) -> None:
    video = write_clip(tmp_path / "long.mp4", count=400, size=SIZE, key_every=7)
    log = tmp_path / "log"
    with Video(video) as recording, Crew(recording, partial(Follower, log=log), JOBS, CHUNKS) as crew:
        poses: Iterator[Pose] = iter(crew)
        next(poses)
        farthest = CHUNKS.warm_up(JOBS + 1)  # the last one looks whether the next would agree
        wait_until(lambda: max(begin for begin, _ in begun(log)) == farthest)
        time.sleep(0.5)
        assert max(begin for begin, _ in begun(log)) == farthest


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


# --- a whole analysis ------------------------------------------------------------------------------------------------


@pytest.fixture
def chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "CHUNKS", CHUNKS)
    monkeypatch.setattr(analysis, "_fresh", lambda model, upright: (Follower, "other"))


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("pictures", [True, False])
def test_results_are_those_of_one_process(video: Path, tmp_path: Path, pictures: bool) -> None:
    told: list[tuple[int, float, float | None]] = []
    reports = [
        analyze(
            video,
            "bridge",
            out=tmp_path / f"{jobs}",
            save_video=pictures,
            save_stills=pictures,
            save_track=True,
            jobs=jobs,
            progress=(lambda *told_: told.append(told_)) if jobs > 1 else None,
        )
        for jobs in (1, JOBS)
    ]
    assert reports[0].counts.total == 3
    one, several = tmp_path / "1", tmp_path / f"{JOBS}"
    files = {path.relative_to(one) for path in one.rglob("*") if path.is_file()}
    assert files == {path.relative_to(several) for path in several.rglob("*") if path.is_file()}
    for file in files:
        if file.suffix in (".json", ".csv", ".jpg", ".png"):
            assert (one / file).read_bytes() == (several / file).read_bytes(), file
    tracks = [load_track(next(folder.glob("*.npz"))) for folder in (one, several)]
    assert tracks[0].meta == tracks[1].meta
    assert np.array_equal([p.points for p in tracks[0].poses], [p.points for p in tracks[1].poses])
    assert [frames for frames, _, _ in told] == sorted(frames for frames, _, _ in told)
    assert told[-1][0] == 140
    if pictures:
        with Video(one / "annotated.mp4") as a, Video(several / "annotated.mp4") as b:
            assert [frame.time for frame in a] == [frame.time for frame in b]


@pytest.mark.usefixtures("chunks", "threads")
def test_the_exercise_is_recognized_from_several_processes_alike(video: Path, tmp_path: Path) -> None:
    one, several = (analyze(video, "auto", out=tmp_path / f"{jobs}", save_stills=False, jobs=jobs) for jobs in (1, 2))
    assert one.exercise == "bridge"
    assert one.to_dict() == several.to_dict()


@pytest.mark.usefixtures("chunks")
def test_nothing_is_written_when_the_processes_fail(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew_module, "ATTEMPTS", 0)
    fresh = partial(Follower, log=tmp_path / "log", dies_at=4.0, times=99)
    monkeypatch.setattr(analysis, "_fresh", lambda model, upright: (fresh, "other"))
    with pytest.raises(VideoError, match="died"):
        analyze(video, "bridge", out=tmp_path / "out", jobs=2)
    assert not [path for path in tmp_path.iterdir() if "log" not in path.name]


@pytest.mark.parametrize("jobs", [0, -1, 2])
def test_jobs_must_fit(video: Path, jobs: int) -> None:
    with pytest.raises(ValueError, match="jobs"):
        analyze(video, "bridge", estimator=Follower(), jobs=jobs)


def test_a_short_recording_needs_no_processes(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "_fresh", lambda model, upright: (Follower, "other"))
    monkeypatch.setattr(crew_module, "estimate_chunk", None)
    assert analyze(video, "bridge", jobs=4).to_dict() == analyze(video, "bridge").to_dict()


@pytest.mark.model
def test_a_real_video_gives_the_same_and_nearly_what_is_seen_without_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    clip = Path(__file__).parents[2] / "samples" / "clips" / "squat.mp4"
    uncut = analyze(clip, "squat")
    monkeypatch.setattr(analysis, "CHUNKS", Chunks(length_s=3.0))
    one, several = (analyze(clip, "squat", jobs=jobs) for jobs in (1, JOBS))
    assert one.to_dict() == several.to_dict()
    assert one.counts == uncut.counts
    for ours, theirs in zip(one.repetitions, uncut.repetitions, strict=True):
        assert ours.peak_s == pytest.approx(theirs.peak_s, abs=0.1)
