"""A track comes back bit for bit, and no file, however damaged or hostile, does more than raise a clear error."""

import contextlib
import io
import json
import math
import subprocess
import sys
import textwrap
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from formcheck.errors import OutputError, TrackError
from formcheck.pose import Pose
from formcheck.see import track
from formcheck.see.limits import FARTHEST_PX, LONGEST_S
from formcheck.see.track import Track, TrackMeta, TrackWriter, load_track, save_track

META = TrackMeta((1280, 720), "clips/squat 🏋.mp4", 12.5, 29.97, 375, "full")


def poses(count: int = 5) -> list[Pose]:
    dice = np.random.default_rng(7)
    seen = [Pose(i / 30, dice.random((33, 2)) * 700, dice.random(33), META.size) for i in range(count)]
    seen[1:2] = [Pose.absent(1 / 30, META.size)]
    seen[2:3] = [replace(pose, cut=True) for pose in seen[2:3]]
    return seen


def same(one: Pose, other: Pose) -> bool:
    return (
        (one.time, one.size, one.cut) == (other.time, other.size, other.cut)
        and one.points.tobytes() == other.points.tobytes()
        and one.visibility.tobytes() == other.visibility.tobytes()
    )


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_track(tmp_path / "clip.track.npz", poses(), META)
    return tmp_path / "clip.track.npz"


def test_a_track_comes_back_exactly(saved: Path) -> None:
    loaded = load_track(saved)
    assert isinstance(loaded, Track)
    assert loaded.meta == META
    assert all(same(one, other) for one, other in zip(loaded.poses, poses(), strict=True))
    assert not loaded.poses[1].seen
    assert isinstance(loaded.poses[0].time, float)
    with pytest.raises(ValueError, match="read-only"):
        loaded.poses[0].points[0, 0] = 1.0


points = arrays(np.float64, (33, 2), elements=st.floats(-FARTHEST_PX, FARTHEST_PX) | st.just(math.nan))
visibility = arrays(np.float64, 33, elements=st.floats(0, 1))
times = (
    st.lists(st.floats(1e-6, LONGEST_S / 4), max_size=4)
    .map(lambda steps: np.cumsum([0.0, *steps]))
    .flatmap(lambda when: st.floats(-1e6, 1e6).map(lambda start: [float(start + each) for each in when]))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(times, st.data())
def test_any_numbers_come_back_exactly(tmp_path: Path, when: list[float], data: st.DataObject) -> None:
    given_poses = [Pose(each, data.draw(points), data.draw(visibility), META.size) for each in when]
    save_track(tmp_path / "any.npz", given_poses, META)
    assert all(same(one, other) for one, other in zip(load_track(tmp_path / "any.npz").poses, given_poses, strict=True))


@pytest.mark.parametrize("count", [0, 1, track._ROWS_AT_ONCE + 3])
def test_any_number_of_poses_can_be_saved(tmp_path: Path, count: int) -> None:
    save_track(tmp_path / "t.npz", poses(count), META)
    assert [pose.time for pose in load_track(tmp_path / "t.npz").poses] == [pose.time for pose in poses(count)]


def test_a_track_of_an_earlier_version_has_no_cuts(saved: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved) as new, zipfile.ZipFile(tmp_path / "old.npz", "w") as old:
        old.writestr("track.json", new.read("track.json").replace(b'"cuts": true', b'"other": 0'))
        for name in ("time.npy", "points.npy", "visibility.npy"):
            old.writestr(name, new.read(name))
    loaded = load_track(tmp_path / "old.npz").poses
    assert all(same(one, replace(other, cut=False)) for one, other in zip(loaded, poses(), strict=True))


def test_unknown_metadata_stay_unknown(tmp_path: Path) -> None:
    meta = TrackMeta((640, 480), "\udcff not utf-8.mp4")
    save_track(tmp_path / "t.npz", [], meta)
    assert load_track(tmp_path / "t.npz").meta == meta


def test_what_is_known_only_at_the_end_can_be_added_before_closing(tmp_path: Path) -> None:
    with TrackWriter(tmp_path / "t.npz", META) as writer:
        writer.write(poses()[0])
        writer.meta = replace(META, duration=3.25)
    assert load_track(tmp_path / "t.npz").meta.duration == 3.25


def test_numpy_reads_the_file_too_without_pickle(saved: Path) -> None:
    with np.load(saved, allow_pickle=False) as archive:
        assert archive["points"].shape == (5, 33, 2)
        assert archive["time"].tolist() == [pose.time for pose in poses()]
        assert json.loads(archive["track.json"])["schema"] == track.SCHEMA


def test_equal_tracks_are_equal_files(saved: Path, tmp_path: Path) -> None:
    save_track(tmp_path / "again.npz", poses(), META)
    assert (tmp_path / "again.npz").read_bytes() == saved.read_bytes()


def test_writing_takes_flat_memory(tmp_path: Path) -> None:
    pose = poses(1)[0]
    with TrackWriter(tmp_path / "t.npz", META) as writer:
        tracemalloc.start()
        for number in range(3000):
            writer.write(Pose(float(number), pose.points, pose.visibility, META.size))
        grown = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert grown < 500_000  # the poses are 2.4 MB


# Writing: all or nothing


def test_after_an_exception_the_folder_is_as_before(tmp_path: Path) -> None:
    def fail() -> None:
        with TrackWriter(tmp_path / "t.npz", META) as writer:
            writer.write(poses()[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_nothing_has_the_final_name_before_the_end(tmp_path: Path) -> None:
    with TrackWriter(tmp_path / "t.npz", META) as writer:
        writer.write(poses()[0])
        assert not (tmp_path / "t.npz").exists()
    writer.close()
    writer.discard()
    assert [each.name for each in tmp_path.iterdir()] == ["t.npz"]


def test_poses_out_of_order_or_of_another_size_are_a_mistake_of_the_program(tmp_path: Path) -> None:
    first, second = poses(2)
    with TrackWriter(tmp_path / "t.npz", META) as writer:
        writer.write(second)
        for wrong in (first, second, replace(second, time=math.nan), replace(second, time=math.inf)):
            with pytest.raises(ValueError, match="times must increase"):
                writer.write(wrong)
        with pytest.raises(ValueError, match="pictures of"):
            writer.write(replace(second, time=9.0, size=(720, 1280)))
    assert len(load_track(tmp_path / "t.npz").poses) == 1


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Create it first"):
        save_track(tmp_path / "nowhere" / "t.npz", poses(), META)


@pytest.mark.skipif(sys.platform == "win32", reason="limits the file size as POSIX does")
@pytest.mark.parametrize("kilobytes", [0, 20, 300])  # the rows take 800 kB, the track about 400 kB
def test_a_full_disk_is_reported_and_nothing_is_left(tmp_path: Path, kilobytes: int) -> None:
    program = f"""
        import resource
        import numpy as np
        from formcheck.errors import OutputError
        from formcheck.pose import Pose
        from formcheck.see.track import TrackMeta, save_track
        resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024}, {kilobytes * 1024}))
        dice = np.random.default_rng(0)
        poses = (Pose(i / 30, dice.random((33, 2)), dice.random(33), (640, 480)) for i in range(1000))
        try:
            save_track({str(tmp_path / "t.npz")!r}, poses, TrackMeta((640, 480), "x"))
        except OutputError as error:
            print(error)
    """
    out = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert "was not written" in out.stdout
    assert out.stderr == ""
    assert list(tmp_path.iterdir()) == []


# Reading what others made


def test_files_that_are_no_tracks_say_so(tmp_path: Path, saved: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("time,x,y\n0,1,2\n")
    np.savez(tmp_path / "other.npz", angles=np.zeros(3))
    np.savez(tmp_path / "pickled.npz", time=np.array([{"a": 1}], dtype=object))
    with pytest.raises(TrackError, match="no file"):
        load_track(tmp_path / "missing.npz")
    with pytest.raises(TrackError, match="folder"):
        load_track(tmp_path)
    for name in ("empty", "text", "other.npz", "pickled.npz"):
        with pytest.raises(TrackError, match="not a pose track"):
            load_track(tmp_path / name)


def test_a_truncated_track_says_so(saved: Path, tmp_path: Path) -> None:
    data = saved.read_bytes()
    for length in range(0, len(data), 97):
        (tmp_path / "cut").write_bytes(data[:length])
        with pytest.raises(TrackError):
            load_track(tmp_path / "cut")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), new=st.binary(min_size=1, max_size=4))
def test_damage_is_noticed_or_harmless(saved: Path, place: float, new: bytes) -> None:
    data = bytearray(saved.read_bytes())
    start = int(place * len(data))
    data[start : start + len(new)] = new
    (saved.parent / "damaged").write_bytes(data)
    with contextlib.suppress(TrackError):
        loaded = load_track(saved.parent / "damaged")
        assert all(same(one, other) for one, other in zip(loaded.poses, poses(), strict=True))
        assert loaded.meta == META


def forged(path: Path, **changed: bytes) -> Path:
    """A well-formed archive with some members exchanged."""
    save_track(path, poses(), META)
    with zipfile.ZipFile(path) as archive:
        members = {name.split(".")[0]: (name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, (name, data) in members.items():
            archive.writestr(name, changed.get(key, data))
    return path


def npy(array: object, **options: bool) -> bytes:
    out = io.BytesIO()
    np.save(out, np.asarray(array), **options)
    return out.getvalue()


def header(text: str) -> bytes:
    padded = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded


def meta_with(**changed: object) -> bytes:
    content: dict[str, object] = {"format": track.FORMAT, "schema": 1, "size": [1280, 720], "source": "x"}
    return json.dumps(content | {"model": "full"} | changed).encode()


GOOD = np.arange(5.0)


@pytest.mark.parametrize(
    ("member", "data", "says"),
    [
        ("track", b"not json", "Expecting value"),
        ("track", b"[]", "does not say"),
        ("track", b"[" * 100_000, "too long"),
        ("track", b"[" * 60_000, "recursion"),
        ("track", b'{"\xff": 1}', "decode"),
        ("track", meta_with(format="something else"), "does not say"),
        ("track", meta_with(schema="1"), "version number"),
        ("track", meta_with(schema=2), "newer formcheck"),
        ("track", meta_with(size=[1280]), "picture size"),
        ("track", meta_with(size=[1280, 0]), "picture size"),
        ("track", meta_with(size=[1280, 10**9]), "picture size"),
        ("track", meta_with(size=[True, 5]), "picture size"),
        ("track", meta_with(source=None), "not a text"),
        ("track", meta_with(fps=math.inf), "fps"),
        ("track", meta_with(duration="long"), "duration"),
        ("track", meta_with(frame_count=-1), "frame_count"),
        ("time", npy(GOOD.astype(np.float32)), "not an array of n numbers"),
        ("time", npy(GOOD.reshape(5, 1)), "not an array of n numbers"),
        ("time", npy(5.0), "not an array"),
        ("time", npy(np.array([{"a": 1}] * 5, dtype=object), allow_pickle=True), "not an array"),
        ("time", npy(GOOD[::-1]), "increase"),
        ("time", npy(GOOD * 0), "increase"),
        ("time", npy([0, 1, math.nan, 3, 4]), "increase"),
        ("time", npy([0, 1, 2, 3, math.inf]), "increase"),
        ("time", npy(GOOD[:4]), "4 times but 5 points"),
        ("time", npy(GOOD)[:-1], "bytes"),
        ("time", npy(GOOD) + b"x", "bytes"),
        ("time", b"", "not an array"),
        ("time", b"\x93NUMPY\x03\x00" + npy(GOOD)[8:], "not an array"),
        ("time", header("{'descr': '<f8', 'fortran_order': False, 'shape': (10**12,), }"), "not an array"),
        ("time", header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"), "claims"),
        ("time", header("{'descr': '<f8', 'fortran_order': False, 'shape': (-5,), }"), "not an array"),
        ("time", header("{[]: 1}"), "not an array"),
        ("time", header("(" * 100), "not an array"),
        ("points", npy(np.zeros((5, 33, 3))), "not an array of n × 33 × 2 numbers"),
        ("points", npy(np.asfortranarray(np.ones((5, 33, 2)))), "not an array"),
        ("points", npy(np.full((5, 33, 2), np.inf)), "infinity"),
        ("points", npy(np.full((5, 33, 2), 1e300)), "pixels away"),
        ("time", npy(GOOD * 1e-9), "increase"),
        ("time", npy(GOOD * 1e6), "24 hours"),
        ("time", npy(GOOD + 1e300), "increase"),
        ("track", meta_with(duration=1e300), "duration"),
        ("track", meta_with(frame_count=10**400), "frame_count"),
        ("points", header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 33, 2), }"), "5 times"),
        ("visibility", npy(np.full((5, 33), 1.5)), "visibility"),
        ("visibility", npy(np.full((5, 33), -0.1)), "visibility"),
        ("cut", npy(np.full(5, 0.5)), "cuts that are neither 0 nor 1"),
        ("cut", npy(np.full(5, math.nan)), "cuts that are neither 0 nor 1"),
        ("cut", npy(np.zeros(4)), "5 times but 4 cut"),
    ],
)
def test_a_forged_member_is_refused_with_a_reason(tmp_path: Path, member: str, data: bytes, says: str) -> None:
    with pytest.raises(TrackError, match=says) as caught:
        load_track(forged(tmp_path / "forged.npz", **{member: data}))
    assert "--save-track" in str(caught.value)


def test_a_bomb_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    claim = header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({track.MOST_POSES},), }}")
    bomb = forged(tmp_path / "bomb.npz", time=npy(GOOD), points=claim + bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(TrackError):
        load_track(bomb)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_member_that_is_missing_or_encrypted_is_refused(saved: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved) as whole, zipfile.ZipFile(tmp_path / "less.npz", "w") as less:
        for name in ("track.json", "time.npy", "points.npy"):
            less.writestr(name, whole.read(name))
    with pytest.raises(TrackError, match="visibility"):
        load_track(tmp_path / "less.npz")
    data = bytearray(saved.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    (tmp_path / "locked.npz").write_bytes(data)
    with pytest.raises(TrackError, match="encrypted"):
        load_track(tmp_path / "locked.npz")


@pytest.mark.parametrize("limit", [3])
def test_a_track_ends_where_it_could_no_longer_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(track, "MOST_POSES", limit)
    writing: Callable[[], None] = lambda: save_track(tmp_path / "t.npz", poses(4), META)  # noqa: E731
    with pytest.raises(TrackError, match="Split the recording"):
        writing()
    assert list(tmp_path.iterdir()) == []
