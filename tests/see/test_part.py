"""Reading from the middle of a recording gives the frames of the whole recording, to the last bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clips import FPS, write_clip

from formcheck.errors import VideoError
from formcheck.see.frame import Frame
from formcheck.see.timeline import Timeline
from formcheck.see.video import Part, Video

COUNT = 60


def frames(path: Path, part: Part | None = None) -> list[Frame]:
    with Video(path, part) as video:
        read = list(video)
        assert video.regular
        return read


@pytest.mark.parametrize("begin", [0.0, 0.05, 1.0, 3.14, 5.9])
@pytest.mark.parametrize(
    ("name", "codec", "key_every", "rotation"),
    [
        ("a.mp4", "libx264", 8, 0),
        ("one key picture.mp4", "libx264", 250, 0),
        ("turned.mp4", "libx264", 8, 90),
        ("a.mkv", "libx264", 8, 0),
        ("a.webm", "libvpx-vp9", 8, 0),
        ("open.mp4", "libx265", 8, 0),
        ("a.gif", "gif", None, 0),
    ],
)
def test_a_part_is_the_end_of_the_whole(
    tmp_path: Path, begin: float, name: str, codec: str, key_every: int | None, rotation: int
) -> None:
    pixels = "rgb8" if codec == "gif" else "yuv420p"
    path = write_clip(tmp_path / name, count=COUNT, codec=codec, pixels=pixels, key_every=key_every, rotation=rotation)
    with Video(path) as video:
        whole, origin = list(video), video.start
    expected = [frame for frame in whole if frame.time >= begin]
    part = frames(path, Part(begin, origin))
    assert [frame.time for frame in part] == [frame.time for frame in expected]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(part, expected, strict=True))


def test_times_count_from_the_first_picture_of_the_recording(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "late.ts", times=[7.03 + i / FPS for i in range(COUNT)], key_every=5)
    whole = frames(path)
    with Video(path) as video:
        origin = video.start
    assert origin == pytest.approx(7.03, abs=1e-3)
    part = frames(path, Part(2.0, origin))
    assert [frame.time for frame in part] == [frame.time for frame in whole[-len(part) :]]


def test_beyond_the_end_there_is_nothing(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", count=20)
    with Video(path, Part(9.0, 0.0)) as video:
        assert list(video) == []


def test_what_cannot_be_read_from_the_middle_is_said(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.h264", count=40)
    with pytest.raises(VideoError, match="from the middle"):
        Video(path, Part(2.0, 0.0))


def test_a_recording_is_regular_until_a_timestamp_is_repaired() -> None:
    timeline = Timeline(0.1)
    for seconds in (5.0, 5.1, 5.3):
        timeline.place(seconds)
        assert not timeline.repaired
    timeline.place(5.2)
    assert timeline.repaired


@pytest.mark.parametrize("seconds", [None, 4.0])
def test_missing_and_reset_timestamps_are_repaired(seconds: float | None) -> None:
    timeline = Timeline(0.1)
    timeline.place(5.0)
    timeline.place(seconds)
    assert timeline.repaired


def test_a_later_part_keeps_the_times_of_the_whole() -> None:
    whole, part = Timeline(0.1), Timeline(0.1, origin=5.1)
    times = [whole.place(seconds) for seconds in (5.1, 5.3, 7.7, 8.05)]
    assert [part.place(seconds) for seconds in (7.7, 8.05)] == times[2:]
