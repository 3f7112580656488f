"""The annotated video plays everywhere, runs like the recording, keeps its sound, and is never half there."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import av
import clips
import numpy as np
import pytest
from clips import beep_times, number_of, write_clip

from formcheck.errors import OutputError
from formcheck.see.video import Video
from formcheck.show.video import AnnotatedVideo, output_size


def annotate(source: Path, result: Path) -> str | None:
    """Copy every frame; the sink's warning."""
    with Video(source) as video, AnnotatedVideo(result, video.size, source=video) as sink:
        for frame in video:
            sink.write(frame.image, frame.time)
    assert threading.active_count() == 1
    return sink.warning


def shown(path: Path) -> list[tuple[float, float]]:
    """(from, to) of every picture in the file, seconds of the file's own clock."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    clock = [(frame, float(frame.time_base or 0)) for frame in frames]
    return [((frame.pts or 0) * tick, ((frame.pts or 0) + frame.duration) * tick) for frame, tick in clock]


def leftovers(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_it_is_an_mp4_that_plays_in_browsers(tmp_path: Path) -> None:
    annotate(write_clip(tmp_path / "clip.mkv", codec="ffv1", pixels="yuv444p"), tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert container.format.name.startswith("mov")
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == clips.SIZE
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # playing begins before all is loaded


@pytest.mark.parametrize(
    "times", [[i / 10 for i in range(12)], [0, 0.011, 0.05, 0.4, 1.9, 1.95], [0, 1 / 3, 2 / 3, 5.0], [0.0, 0.5]]
)
def test_pictures_and_their_times_are_the_recordings(tmp_path: Path, times: list[float]) -> None:
    source = write_clip(tmp_path / "clip.mp4", times=times)
    annotate(source, tmp_path / "out.mp4")
    expected, got = shown(source), shown(tmp_path / "out.mp4")
    assert np.array(got) == pytest.approx(np.array(expected), abs=2e-5)
    with Video(tmp_path / "out.mp4") as video:
        assert [number_of(frame.image) for frame in video] == list(range(len(times)))


def test_the_last_picture_of_a_gif_stays_as_long_as_in_the_gif(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.gif", codec="gif", pixels="rgb8", times=[0, 0.3, 0.4])
    data = bytearray(source.read_bytes())
    delay = data.rindex(b"\x21\xf9\x04") + 4  # of the last graphic control block
    data[delay : delay + 2] = (250).to_bytes(2, "little")
    source.write_bytes(data)
    annotate(source, tmp_path / "out.mp4")
    assert shown(tmp_path / "out.mp4")[-1] == pytest.approx((0.4, 2.9))


def test_without_a_source_the_last_picture_stays_for_a_nominal_duration_or_until_the_given_end(tmp_path: Path) -> None:
    for name, end, expected in (("nominal", None, 0.6), ("given", 0.9, 0.9)):
        sink = AnnotatedVideo(tmp_path / f"{name}.mp4", clips.SIZE, fps=10)
        for number, when in enumerate((0.0, 0.2, 0.5)):
            sink.write(clips.picture(number), when)
        sink.close(end)
        assert shown(tmp_path / f"{name}.mp4")[-1] == pytest.approx((0.5, expected))


def test_colours_are_kept(tmp_path: Path) -> None:
    painted = np.zeros((64, 96, 3), np.uint8)
    colours = [(230, 30, 30), (30, 200, 40), (40, 60, 220), (250, 250, 250)]
    for index, colour in enumerate(colours):
        painted[:, 24 * index : 24 * (index + 1)] = colour
    with AnnotatedVideo(tmp_path / "out.mp4", (96, 64)) as sink:
        for number in range(3):
            sink.write(painted, number / 10)
    with Video(tmp_path / "out.mp4") as video:
        last = list(video)[-1].image
    for index, colour in enumerate(colours):
        assert last[32, 24 * index + 12].tolist() == pytest.approx(colour, abs=8)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((97, 63), (96, 62)), ((1921, 33), (1920, 32)), ((3840, 2160), (1920, 1080)), ((1080, 1920), (1080, 1920))],
)
def test_sizes_are_even_and_at_most_full_hd(tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert output_size(*size) == expected
    with AnnotatedVideo(tmp_path / "out.mp4", size) as sink:
        assert sink.size == expected
        for number in (3, 8):
            sink.write(clips.picture(number, size), number / 10)
    with Video(tmp_path / "out.mp4") as video:
        frames = list(video)
        assert video.size == expected
        assert [number_of(frame.image) for frame in frames] == [3, 8]
        assert clips.is_upright(frames[0].image)


# Sound


@pytest.mark.parametrize(
    ("sound", "suffix", "kept_as"),
    [
        ("aac", ".mp4", "aac"),
        ("aac", ".ts", "aac"),
        ("libmp3lame", ".avi", "mp3"),
        ("pcm_s16le", ".mov", "aac"),
        ("flac", ".mkv", "aac"),
        ("libopus", ".webm", "aac"),
        ("ac3", ".mkv", "aac"),
        ("mp2", ".mpg", "aac"),
    ],
)
def test_sound_is_kept_and_in_sync(tmp_path: Path, sound: str, suffix: str, kept_as: str) -> None:
    codec = {".webm": "libvpx", ".avi": "mpeg4", ".mpg": "mpeg2video"}.get(suffix, "libx264")
    times = [i / 25 for i in range(80)]
    source = write_clip(tmp_path / f"clip{suffix}", codec=codec, times=times, sound=sound)
    assert annotate(source, tmp_path / "out.mp4") is None
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.audio[0].codec_context.name.startswith(kept_as)
    heard = beep_times(tmp_path / "out.mp4")
    assert heard == pytest.approx(beep_times(source), abs=0.01)
    assert len(heard) == 4


def test_sound_that_can_be_copied_is_copied_bit_for_bit(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", count=30, sound="aac")
    annotate(source, tmp_path / "out.mp4")
    packets = []
    for path in (source, tmp_path / "out.mp4"):
        with av.open(str(path)) as container:
            packets.append([(p.pts, bytes(p)) for p in container.demux(audio=0) if p.size])
    assert packets[0] == packets[1]


@pytest.mark.parametrize("sound", ["aac", "pcm_s16le"])
@pytest.mark.parametrize(("first_picture", "sound_from"), [(0.0, 1.5), (1.5, 0.0)])
def test_sound_that_begins_before_or_after_the_pictures_stays_where_it_was(
    tmp_path: Path, sound: str, first_picture: float, sound_from: float
) -> None:
    times = [first_picture + i / 10 for i in range(30)]
    source = write_clip(tmp_path / "clip.mkv", times=times, sound=sound, sound_from=sound_from, sound_seconds=3.2)
    assert annotate(source, tmp_path / "out.mp4") is None
    heard = beep_times(tmp_path / "out.mp4")
    assert heard == pytest.approx(beep_times(source), abs=0.01)
    assert len(heard) >= 3


def test_sound_longer_than_the_pictures_is_kept_to_its_end(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", count=5, sound="aac", sound_seconds=3.3)
    annotate(source, tmp_path / "out.mp4")
    assert beep_times(tmp_path / "out.mp4") == pytest.approx([0, 1, 2, 3], abs=0.01)


def test_when_reading_stops_early_the_sound_ends_with_the_pictures(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", count=30, sound="aac")
    with Video(source) as video, AnnotatedVideo(tmp_path / "out.mp4", video.size, source=video) as sink:
        for _ in range(15):
            frame = next(video)
            sink.write(frame.image, frame.time)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.duration == pytest.approx(1.5 * av.time_base, abs=0.06 * av.time_base)
    assert beep_times(tmp_path / "out.mp4") == pytest.approx([0, 1], abs=0.01)


def test_sound_that_is_left_out_is_never_left_out_silently(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mkv", count=30, sound="aac")
    with av.open(str(source)) as whole, av.open(str(tmp_path / "two.mkv"), "w") as output:
        copies = {
            stream.index: [
                output.add_stream_from_template(stream, opaque=True) for _ in range(1 + (stream.type == "audio"))
            ]
            for stream in whole.streams
        }
        for packet in whole.demux():
            for copy in copies[packet.stream_index] if packet.dts is not None else []:
                packet.stream = copy
                output.mux(packet)
    assert "several sound tracks" in (annotate(tmp_path / "two.mkv", tmp_path / "out.mp4") or "")
    assert beep_times(tmp_path / "out.mp4") == pytest.approx([0, 1, 2], abs=0.01)

    damaged = write_clip(tmp_path / "damaged.mkv", count=30, sound="flac")
    with av.open(str(damaged)) as container:
        packets = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    data = damaged.read_bytes()
    place = data.index(packets[5])
    damaged.write_bytes(data[:place] + bytes(len(packets[5])) + data[place + len(packets[5]) :])
    assert "damaged" in (annotate(damaged, tmp_path / "out2.mp4") or "")
    assert beep_times(tmp_path / "out2.mp4") == pytest.approx([0, 1, 2], abs=0.01)


# All or nothing


def test_nothing_has_the_final_name_before_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    with AnnotatedVideo(folder / "out.mp4", clips.SIZE) as sink:
        for number in range(30):
            sink.write(clips.picture(number), number / 10)
        assert not (folder / "out.mp4").exists()
    assert leftovers(folder) == ["out.mp4"]
    sink.close()
    sink.discard()
    assert leftovers(folder) == ["out.mp4"]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_after_an_exception_the_folder_is_as_before(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "out.mp4").write_text("an earlier result")

    def fail() -> None:
        with AnnotatedVideo(tmp_path / "out.mp4", clips.SIZE) as sink:
            for number in range(20):
                sink.write(clips.picture(number), number / 10)
            raise error

    with pytest.raises(error):
        fail()
    assert leftovers(tmp_path) == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_text() == "an earlier result"
    assert threading.active_count() == 1


def test_a_video_without_pictures_is_not_written(tmp_path: Path) -> None:
    sink = AnnotatedVideo(tmp_path / "out.mp4", clips.SIZE)
    with pytest.raises(OutputError, match="no picture"):
        sink.close()
    assert leftovers(tmp_path) == []


def test_places_where_nothing_can_be_written_are_named_before_any_work_is_done(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Create it first"):
        AnnotatedVideo(tmp_path / "nowhere" / "out.mp4", clips.SIZE)
    with pytest.raises(OutputError, match="is a folder"):
        AnnotatedVideo(tmp_path, clips.SIZE)
    with pytest.raises(OutputError, match="too long"):
        AnnotatedVideo(tmp_path / ("x" * 300 + ".mp4"), clips.SIZE)
    assert threading.active_count() == 1
    assert leftovers(tmp_path) == []


def test_a_wrong_picture_or_time_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    with AnnotatedVideo(tmp_path / "out.mp4", clips.SIZE) as sink:
        sink.write(clips.picture(0), 0.5)
        with pytest.raises(ValueError, match="times must increase"):
            sink.write(clips.picture(1), 0.5)
        with pytest.raises(ValueError, match="expected a uint8 picture"):
            sink.write(clips.picture(1, (64, 96)), 0.6)
        with pytest.raises(ValueError, match="expected a uint8 picture"):
            sink.write(clips.picture(1).astype(np.float32), 0.6)


@pytest.mark.skipif(sys.platform == "win32", reason="limits the file size as POSIX does")
@pytest.mark.parametrize("kilobytes", [0, 10, 40])
def test_a_full_disk_is_reported_and_nothing_is_left(tmp_path: Path, kilobytes: int) -> None:
    program = f"""
        import os, resource, threading
        import numpy as np
        from formcheck.errors import OutputError
        from formcheck.show.video import AnnotatedVideo
        resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024}, {kilobytes * 1024}))
        noise = np.random.default_rng(0)
        try:
            with AnnotatedVideo({str(tmp_path / "out.mp4")!r}, (320, 240)) as sink:
                for number in range(60):
                    sink.write(noise.integers(0, 255, (240, 320, 3), np.uint8), number / 30)
        except OutputError as error:
            print(threading.active_count(), error)
    """
    out = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert out.stdout.startswith("1 ")
    assert "was not written" in out.stdout
    assert out.stderr == ""
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_leaves_nothing_within_a_second(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", size=(640, 360), times=[i / 100 for i in range(400)], sound="aac")
    program = f"""
        import signal, threading
        from formcheck.see.video import Video
        from formcheck.show.video import AnnotatedVideo
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
        try:
            with Video({str(source)!r}) as video:
                with AnnotatedVideo({str(tmp_path / "out.mp4")!r}, video.size, source=video) as sink:
                    for frame in video:
                        sink.write(frame.image, frame.time)
                        print(frame.time, flush=True)
                    print("too late")
        except KeyboardInterrupt:
            print("stopped", threading.active_count())
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(20):
        process.stdout.readline()
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    last = process.communicate(timeout=10)[0].splitlines()[-1]
    assert time.monotonic() - pressed < 1
    assert (last, process.returncode) == ("stopped 1", 0)
    assert leftovers(tmp_path) == ["clip.mp4"]
    assert os.path.getsize(source) > 0
