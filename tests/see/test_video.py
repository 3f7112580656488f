"""Whatever is recorded comes in upright, square and with its true times; whatever cannot be read says why."""

import os
import signal
import struct
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from fractions import Fraction
from pathlib import Path

import av
import clips
import cv2
import numpy as np
import pytest
from clips import is_upright, number_of, write_clip

from formcheck.errors import VideoError
from formcheck.see.frame import Frame
from formcheck.see.limits import LARGEST_SIDE
from formcheck.see.video import Video


def read(path: Path) -> list[Frame]:
    with Video(path) as video:
        return list(video)


def message(path: Path) -> str:
    with pytest.raises(VideoError) as caught:
        Video(path)
    assert threading.active_count() == 1
    return str(caught.value)


# What comes out of a good file


def test_every_frame_comes_once_in_order_with_its_time(tmp_path: Path) -> None:
    with Video(write_clip(tmp_path / "clip.mp4")) as video:
        frames = list(video)
        assert [number_of(frame.image) for frame in frames] == list(range(12))
        assert [frame.time for frame in frames] == pytest.approx([i / 10 for i in range(12)])
        assert all(frame.image.dtype == np.uint8 and frame.image.flags.c_contiguous for frame in frames)
        assert all(frame.size == video.size == clips.SIZE for frame in frames)
        assert video.duration == pytest.approx(1.2)
        assert video.end == pytest.approx(1.2)
        assert (video.fps, video.frame_count_estimate) == (10, 12)
        assert (video.damage, video.still, video.has_audio, video.rotation) == (None, False, False, 0)


def test_variable_frame_rate_keeps_the_containers_times_and_starts_at_zero(tmp_path: Path) -> None:
    times = [2.0, 2.011, 2.05, 2.4, 3.9, 3.95]
    with Video(write_clip(tmp_path / "clip.mkv", times=times)) as video:
        assert [frame.time for frame in video] == pytest.approx([each - 2 for each in times], abs=0.0011)
        assert video.start == pytest.approx(2.0)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_recording_whose_timestamps_begin_late_is_whole(suffix: str, tmp_path: Path) -> None:
    with Video(write_clip(tmp_path / f"late{suffix}", times=[30 + 0.1 * i for i in range(12)])) as video:
        assert len(list(video)) == 12
        assert video.duration == pytest.approx(1.2, abs=0.2)
        assert video.damage is None


def test_repeated_timestamps_of_a_container_are_repaired_without_losing_frames(tmp_path: Path) -> None:
    frames = read(write_clip(tmp_path / "clip.mkv", codec="ffv1", times=[0, 0.1, 0.1, 0.3, 0.4]))
    assert [number_of(frame.image) for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.1, 0.15, 0.3, 0.4])


def test_a_stream_without_timestamps_plays_at_its_nominal_rate(tmp_path: Path) -> None:
    times = [frame.time for frame in read(write_clip(tmp_path / "clip.h264"))]
    assert times == pytest.approx([i * times[1] for i in range(12)])


@pytest.mark.parametrize(("rotation", "mirrored"), [(0, False), (90, False), (180, False), (270, False), (0, True)])
def test_frames_are_upright_whatever_the_rotation_metadata(tmp_path: Path, rotation: int, mirrored: bool) -> None:
    path = write_clip(tmp_path / "clip.mov", count=3, rotation=rotation, mirrored=mirrored)
    with Video(path) as video:
        frames = list(video)
        assert video.size == clips.SIZE
        assert video.rotation == rotation
        assert all(is_upright(frame.image) for frame in frames)


def test_a_photo_is_turned_upright_by_its_exif_orientation(tmp_path: Path) -> None:
    stored = np.ascontiguousarray(np.rot90(clips.picture(3)))
    jpeg = cv2.imencode(".jpg", stored)[1].tobytes()
    tag = struct.pack(">HHIHHI", 0x112, 3, 1, 6, 0, 0)  # orientation 6: to be turned clockwise
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 1) + tag
    (tmp_path / "photo.jpg").write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    (frame,) = read(tmp_path / "photo.jpg")
    assert frame.size == clips.SIZE
    assert is_upright(frame.image)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp"])
def test_a_still_image_is_one_frame(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"still{suffix}"
    cv2.imwrite(str(path), clips.picture(5))
    with Video(path) as video:
        assert video.still
        (frame,) = video
        assert (frame.time, number_of(frame.image)) == (0.0, 5)
        assert video.end is not None


def test_an_animated_gif_keeps_its_uneven_times(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.gif", codec="gif", pixels="rgb8", times=[0, 0.1, 0.5, 0.6])
    frames = read(path)
    assert [frame.time for frame in frames] == pytest.approx([0, 0.1, 0.5, 0.6])
    assert all(is_upright(frame.image) for frame in frames)


def test_transparent_areas_are_white(tmp_path: Path) -> None:
    rgba = np.zeros((64, 96, 4), np.uint8)
    rgba[:, 48:] = (0, 0, 255, 255)  # BGRA: opaque red
    rgba[32:, :48] = (0, 0, 0, 128)
    cv2.imwrite(str(tmp_path / "cut-out.png"), rgba)
    (frame,) = read(tmp_path / "cut-out.png")
    assert frame.image[10, 10].tolist() == [255, 255, 255]
    assert frame.image[50, 10].tolist() == [127, 127, 127]
    assert frame.image[10, 80].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    ("codec", "pixels", "size"),
    [
        ("ffv1", "yuv420p10le", (96, 64)),
        ("ffv1", "gray", (96, 64)),
        ("ffv1", "yuv444p", (97, 63)),
        ("ffv1", "bgra", (96, 64)),
        ("ffv1", "gray16le", (96, 64)),
        ("mjpeg", "yuvj422p", (90, 70)),
        ("mpeg2video", "yuv420p", (96, 64)),
    ],
)
def test_every_pixel_format_becomes_the_same_rgb(
    tmp_path: Path, codec: str, pixels: str, size: tuple[int, int]
) -> None:
    times = [i / 25 for i in range(8)]
    frames = read(write_clip(tmp_path / "clip.mkv", codec=codec, pixels=pixels, size=size, times=times))
    assert [number_of(frame.image) for frame in frames] == list(range(8))
    assert all(frame.size == size and is_upright(frame.image) for frame in frames)


def test_pixels_that_are_not_square_are_made_square_before_the_picture_is_turned(tmp_path: Path) -> None:
    wide = Video(write_clip(tmp_path / "wide.mkv", aspect=Fraction(4, 3)))
    turned = Video(write_clip(tmp_path / "turned.mov", aspect=Fraction(4, 3), rotation=90))
    rounding = Video(write_clip(tmp_path / "rounding.mkv", aspect=Fraction(1280, 1281)))
    with wide, turned, rounding:
        assert wide.size == (128, 64)
        assert turned.size == (96, 85)
        assert rounding.size == (96, 64)
        assert all(is_upright(next(video).image) for video in (wide, turned, rounding))


def test_a_picture_that_changes_its_size_is_scaled_to_the_first(tmp_path: Path) -> None:
    parts = [write_clip(tmp_path / f"{side}.mpg", codec="mpeg1video", size=(side, 64), times=[0, 0.04, 0.08])
             for side in (96, 128)]  # fmt: skip
    streams = []
    for part in parts:
        with av.open(str(part)) as container:
            streams.append(b"".join(bytes(packet) for packet in container.demux(video=0)))
    (tmp_path / "both.m1v").write_bytes(b"".join(streams))
    frames = read(tmp_path / "both.m1v")
    assert len(frames) >= 5  # the decoder itself may lose the one that waits at the change
    assert [number_of(frame.image) for frame in frames][-2:] == [1, 2]
    assert all(frame.size == (96, 64) and is_upright(frame.image) for frame in frames)


@pytest.mark.parametrize(
    "name", ["two words", "kneeling 🧎 lunge", "膝の曲げ伸ばし", "Übung №1", "50%d off", "a'b\"c", "-e"]
)
def test_any_file_name_can_be_read(tmp_path: Path, name: str) -> None:
    path = write_clip(tmp_path / "clip.mp4", count=3).rename(tmp_path / f"{name}.mp4")
    assert len(read(path)) == 3
    still = tmp_path / f"{name}.png"
    still.write_bytes(cv2.imencode(".png", clips.picture(1))[1].tobytes())
    assert len(read(still)) == 1


def test_large_pictures_decoded_by_several_threads_come_in_order_and_complete(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", size=(2304, 1296), count=9)
    with Video(path) as video:
        assert [number_of(frame.image) for frame in video] == list(range(9))
    assert threading.active_count() == 1


def test_sound_is_noticed(tmp_path: Path) -> None:
    with Video(write_clip(tmp_path / "clip.mp4", sound="aac")) as video:
        assert video.has_audio
        assert len(list(video)) == 12


# What comes out of a bad one


def test_files_that_are_no_files_say_so(tmp_path: Path) -> None:
    assert "no file" in message(tmp_path / "missing.mp4")
    assert "folder" in message(tmp_path)
    (tmp_path / "empty.mp4").touch()
    assert "empty" in message(tmp_path / "empty.mp4")
    assert "cannot be read" in message(tmp_path / "null\0.mp4")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.mp4")
        assert "not a file" in message(tmp_path / "pipe.mp4")


def test_a_file_without_permission_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write_clip(tmp_path / "clip.mp4", count=2)
    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, whom no mode bits stop
    assert "may not read" in message(path)


def test_files_that_hold_no_video_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("Do three sets of ten lunges.\n" * 50)
    assert "convert it" in message(tmp_path / "text.mp4")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nclip.ts\n#EXT-X-ENDLIST\n")
    assert "not a video" in message(tmp_path / "list.m3u8")
    with av.open(str(tmp_path / "song.mp4"), "w") as output:
        tone = output.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 48000
        output.mux(tone.encode(frame))
        output.mux(tone.encode(None))
    assert "sound but no pictures" in message(tmp_path / "song.mp4")


def test_the_cover_of_a_song_is_no_video(tmp_path: Path) -> None:
    cover = cv2.imencode(".png", clips.picture(0))[1].tobytes()
    picture = b"\0image/png\0\x03\0" + cover
    frame = b"APIC" + len(picture).to_bytes(4, "big") + b"\0\0" + picture
    size = bytes((len(frame) >> shift) & 127 for shift in (21, 14, 7, 0))
    silence = (b"\xff\xfb\x90\x00" + b"\0" * 413) * 20
    (tmp_path / "song.mp3").write_bytes(b"ID3\x03\0\0" + size + frame + silence)
    assert "sound but no pictures" in message(tmp_path / "song.mp3")


def test_an_unfinished_recording_is_recognised_by_its_missing_index(tmp_path: Path) -> None:
    data = write_clip(tmp_path / "clip.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) // 2])  # the index (moov) stands at the end
    assert "incomplete" in message(tmp_path / "cut.mp4")


def test_a_video_without_any_frame_says_so(tmp_path: Path) -> None:
    data = write_clip(tmp_path / "clip.mp4").read_bytes()
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    (tmp_path / "hollow.mp4").write_bytes(data[:start] + b"\0" * (end - start) + data[end:])
    assert "no picture" in message(tmp_path / "hollow.mp4")


def test_pictures_too_small_or_too_large_are_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((1, 1, 3), np.uint8))
    assert "1×1 pixels" in message(tmp_path / "dot.png")
    cv2.imwrite(str(tmp_path / "strip.png"), np.zeros((64, LARGEST_SIDE + 8, 3), np.uint8))
    assert f"{LARGEST_SIDE + 8}×64 pixels" in message(tmp_path / "strip.png")


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
def test_a_claimed_size_does_not_fill_the_memory(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = 16000
    squeeze = zlib.compressobj(1)
    row = bytes(1 + 3 * side)
    pixels = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
    program = f"""
        from formcheck.errors import VideoError
        from formcheck.see.video import Video
        try:
            Video({str(tmp_path / "bomb.png")!r})
        except VideoError as error:
            # Not getrusage: after a fork its peak is that of the process that started this one.
            status = dict(line.split(":", 1) for line in open("/proc/self/status"))
            print(int(status["VmHWM"].split()[0]) // 1024, error)
    """
    out = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    megabytes, explanation = out.stdout.split(maxsplit=1)
    assert int(megabytes) < 400  # decoded it would be 768
    assert f"larger than {LARGEST_SIDE}" in explanation
    assert out.stderr == ""


@pytest.mark.parametrize("suffix", [".mkv", ".gif", ".mp4"])
def test_a_file_that_breaks_off_gives_what_it_holds_and_says_where(tmp_path: Path, suffix: str) -> None:
    codec, pixels = ("gif", "rgb8") if suffix == ".gif" else ("libx264", "yuv420p")
    path = write_clip(tmp_path / f"clip{suffix}", codec=codec, pixels=pixels, times=[i / 5 for i in range(30)])
    data = path.read_bytes()
    if suffix == ".mp4":  # move the index to the front, as cameras that survive a crash do
        with (
            av.open(str(path)) as whole,
            av.open(str(tmp_path / "front.mp4"), "w", options={"movflags": "faststart"}) as out,
        ):
            copy = out.add_stream_from_template(whole.streams.video[0], opaque=True)
            for packet in whole.demux(video=0):
                if packet.dts is not None:
                    packet.stream = copy
                    out.mux(packet)
        data = (tmp_path / "front.mp4").read_bytes()
    pictures = max(0, data.find(b"mdat"))
    (tmp_path / f"cut{suffix}").write_bytes(data[: pictures + int((len(data) - pictures) * 0.6)])
    with Video(tmp_path / f"cut{suffix}") as video:
        frames = list(video)
        assert 3 <= len(frames) < 29
        assert [number_of(frame.image) for frame in frames][:3] == [0, 1, 2]
        assert video.damage is not None
        assert video.end is not None
        assert video.end < 5.9


def test_a_damaged_place_is_left_out_and_reported(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write_clip(tmp_path / "clip.mov", codec="png", pixels="rgb24", count=20)
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    data = path.read_bytes()
    place = data.index(packets[7])
    path.write_bytes(data[: place + 8] + b"\x55" * (len(packets[7]) - 16) + data[place + len(packets[7]) - 8 :])
    with Video(path) as video:
        numbers = [number_of(frame.image) for frame in video]
        assert numbers[:6] == [0, 1, 2, 3, 4, 5]
        assert numbers[-10:] == list(range(10, 20))
        assert 7 not in numbers
        assert video.damage is not None
        assert "0.7 s" in video.damage
    assert capfd.readouterr() == ("", "")  # libav's own complaints stay out of the terminal


def test_a_claimed_duration_is_not_believed(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", count=4)
    data = bytearray(path.read_bytes())
    for box in (b"mvhd", b"mdhd"):  # version 0: flags, created, changed, timescale, duration
        data[data.index(box) + 20 : data.index(box) + 24] = b"\x7f\xff\xff\xff"
    path.write_bytes(data)
    with Video(path) as video:
        assert len(list(video)) == 4
        assert video.end == pytest.approx(0.4)


# Threads


def test_leaving_early_stops_the_decoding_and_frames_stay_valid(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", count=30)
    with Video(path) as video:
        kept = [next(video) for _ in range(5)]
        assert threading.active_count() == 2
    assert threading.active_count() == 1
    assert [number_of(frame.image) for frame in kept] == [0, 1, 2, 3, 4]
    assert list(video) == []
    assert video.end is None
    video.close()


def test_an_exception_of_the_consumer_stops_the_decoding(tmp_path: Path) -> None:
    def consume() -> None:
        with Video(write_clip(tmp_path / "clip.mp4", count=30)) as video:
            for frame in video:
                if frame.time > 0.4:
                    raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        consume()
    assert threading.active_count() == 1


def test_a_program_error_while_decoding_reaches_the_consumer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    with Video(write_clip(tmp_path / "clip.mp4", count=30)) as video:
        monkeypatch.setattr("formcheck.see.timeline.Timeline.place", fail)
        with pytest.raises(MemoryError):
            list(video)
        assert video.end is None


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_ends_reading_within_a_second(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", size=(640, 360), times=[i / 100 for i in range(400)])
    program = f"""
        import signal, threading, time
        from formcheck.see.video import Video
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
        try:
            with Video({str(path)!r}) as video:
                for frame in video:
                    print(frame.time, flush=True)
                    time.sleep(0.02)
        except KeyboardInterrupt:
            print("stopped", threading.active_count())
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    last = process.communicate(timeout=10)[0].splitlines()[-1]
    assert time.monotonic() - pressed < 1
    assert (last, process.returncode) == ("stopped 1", 0)
