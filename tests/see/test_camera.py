"""A camera gives the newest picture, names what is wrong with it, and goes on when it is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import FPS, write_clip

from formcheck.errors import CameraError, VideoError
from formcheck.see import cameras as listing
from formcheck.see.camera import Camera, capture_for
from formcheck.see.capture import DeviceCapture, StreamCapture, _why_closed, without_password
from formcheck.see.frame import Frame
from formcheck.see.picture import PictureWatch
from formcheck.see.playback import Playback
from formcheck.see.scripted import Part, ScriptedCapture
from formcheck.see.trouble import Trouble

SPEED = 10.0


def camera(*parts: Part, speed: float = SPEED) -> Camera:
    return Camera(ScriptedCapture(parts, speed=speed), retry_s=0.5 / speed, stall_s=1.5 / speed)


def watch(opened: Camera, slow_s: float = 0.0) -> tuple[list[Frame], list[str]]:
    """All frames that are handed out, and the kinds of trouble in their order."""
    frames: list[Frame] = []
    kinds: list[str] = []
    with opened:
        while not opened.ended:
            frame = opened.next(0.02)
            trouble = opened.trouble
            if trouble is not None and kinds[-1:] != [trouble.kind]:
                assert trouble.say
                kinds.append(trouble.kind)
            if frame is not None:
                frames.append(frame)
                time.sleep(slow_s)
    return frames, kinds


def gaps(frames: list[Frame]) -> list[float]:
    times = [frame.time for frame in frames]
    return [b - a for a, b in pairwise(times)]


def test_every_picture_is_given_to_somebody_who_keeps_up() -> None:
    frames, kinds = watch(camera(Part("picture", 3.0)))
    assert len(frames) >= 80
    assert kinds == []
    assert min(gaps(frames)) > 0


def test_somebody_slow_gets_the_newest_picture_and_no_queue_builds_up() -> None:
    opened = camera(Part("picture", 6.0))
    ages: list[float] = []
    with opened:
        while not opened.ended:
            frame = opened.next(0.1)
            if frame is not None:
                ages.append(opened.now() - frame.time)
                time.sleep(0.04)  # twelve pictures pass meanwhile
    assert len(ages) < 20
    assert opened.missed > 100
    assert max(ages) < 0.3  # of the script: never older than a few pictures, also at the end


def test_an_unplugged_camera_is_named_and_used_again_when_it_is_back() -> None:
    opened = camera(Part("picture", 2), Part("gone", 3), Part("picture", 2))
    frames, kinds = watch(opened)
    assert kinds == ["unplugged", "unavailable"]
    assert max(gaps(frames)) == pytest.approx(3, abs=0.8)
    assert frames[-1].time > 6
    (spell,) = opened.spells
    assert spell.start == pytest.approx(2, abs=0.3)
    assert spell.end == pytest.approx(5, abs=0.8)
    assert spell.kind == "unplugged"


def test_how_long_it_has_been_away_is_known_while_it_is() -> None:
    opened = camera(Part("picture", 1), Part("gone", 60))
    with opened:
        while opened.now() < 5:
            opened.next(0.02)
        (spell,) = opened.spells
        assert spell.start == pytest.approx(1, abs=0.3)
        assert spell.end == pytest.approx(5, abs=0.8)
    assert [(again.start, again.kind) for again in opened.spells] == [(spell.start, spell.kind)]


def test_a_camera_that_is_missing_at_first_is_used_when_it_is_plugged_in() -> None:
    frames, kinds = watch(camera(Part("gone", 2), Part("picture", 1)))
    assert kinds == ["unavailable"]
    assert frames[0].time >= 2


def test_a_stall_of_four_seconds_is_named_and_over_when_pictures_come() -> None:
    opened = camera(Part("picture", 1), Part("silent", 4), Part("picture", 1))
    frames, kinds = watch(opened)
    assert kinds == ["stalled"]
    assert max(gaps(frames)) == pytest.approx(4, abs=0.3)
    assert [spell.kind for spell in opened.spells] == ["stalled"]


def test_a_black_picture_is_named_and_not_handed_out() -> None:
    frames, kinds = watch(camera(Part("picture", 1), Part("black", 3), Part("picture", 1)))
    assert kinds == ["black"]
    black = [frame for frame in frames if frame.image.max() == 0]
    assert all(frame.time < 2 for frame in black)  # only until it was sure


def test_a_frozen_picture_is_never_handed_out_again() -> None:
    frames, kinds = watch(camera(Part("picture", 1), Part("frozen", 4), Part("picture", 1)))
    assert kinds == ["frozen"]
    assert max(gaps(frames)) == pytest.approx(4, abs=0.3)


def test_five_pictures_a_second_are_named_but_used() -> None:
    frames, kinds = watch(camera(Part("picture", 1), Part("picture", 5, fps=5), Part("picture", 4)))
    assert kinds == ["slow"]
    assert 120 < len(frames) <= 180


def test_pictures_of_another_size_are_fitted_into_the_first_one() -> None:
    frames, kinds = watch(camera(Part("picture", 1), Part("picture", 1, size=(640, 480))))
    assert kinds == ["resized"]
    assert {frame.size for frame in frames} == {(320, 180)}
    image = frames[-1].image
    assert image[:, :30].max() == 0  # bars, instead of a distorted person
    assert image[90, 160].min() > 80


def test_a_file_is_played_at_its_own_pace_with_its_own_times(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", count=20, size=(64, 48))
    began = time.monotonic()
    opened = Camera(Playback(path))
    frames, kinds = watch(opened)
    assert time.monotonic() - began >= frames[-1].time - 0.01
    assert len(frames) >= 18
    assert frames[0].time == 0.0
    assert kinds == []
    assert {round(frame.time * FPS) for frame in frames} <= set(range(20))


def test_a_file_waits_until_somebody_looks(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", count=10, size=(64, 48))
    with Camera(Playback(path)) as opened:
        time.sleep(0.3)
        frame = opened.next(2.0)
    assert frame is not None
    assert frame.time == 0.0


def test_a_file_that_is_no_video_is_an_error_and_not_retried(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("no video")
    with Camera(capture_for(str(path))) as opened, pytest.raises(VideoError):
        opened.next(5.0)


def test_closing_ends_the_thread() -> None:
    opened = camera(Part("picture", 60))
    with opened:
        assert opened.next(1.0) is not None
    assert not any(thread.name == "camera" and thread.is_alive() for thread in threading.enumerate())


@pytest.mark.parametrize(
    ("name", "kind"),
    [("0", DeviceCapture), ("/dev/video7", DeviceCapture), ("rtsp://10.0.0.2/live", StreamCapture)],
)
def test_a_camera_is_named_by_number_device_or_address(name: str, kind: type) -> None:
    assert isinstance(capture_for(name), kind)


def test_what_is_no_camera_is_refused() -> None:
    with pytest.raises(CameraError, match="formcheck cameras"):
        capture_for("kitchen")


def test_a_camera_that_is_not_there_says_so() -> None:
    with pytest.raises(CameraError, match=r"(not there|cannot be opened).*formcheck cameras"):
        DeviceCapture(63).open()


def test_a_device_that_exists_but_does_not_open_is_taken_to_be_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    device = tmp_path / "video0"
    device.touch()
    assert "another program" in _why_closed(str(device))
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "group 'video'" in _why_closed(str(device))


def test_passwords_of_addresses_are_not_shown() -> None:
    assert without_password("rtsp://me:secret@10.0.0.2/live") == "rtsp://10.0.0.2/live"
    assert "secret" not in StreamCapture("rtsp://me:secret@10.0.0.2/live").name


def test_the_cameras_of_linux_are_listed_by_number_without_their_metadata(tmp_path: Path) -> None:
    for name, index, label in (("video2", "0", "Desk camera"), ("video0", "0", "Lid"), ("video1", "1", "Lid")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index").write_text(f"{index}\n")
        (tmp_path / name / "name").write_text(f"{label}\n")
    assert listing._listed(tmp_path) == [(0, "Lid"), (2, "Desk camera")]


def test_trouble_that_blinds_is_told_from_trouble_that_does_not() -> None:
    assert Trouble("stalled", "").blind
    assert not Trouble("slow", "").blind


def test_a_camera_near_the_limit_is_told_of_once() -> None:
    watched, told, time_s = PictureWatch(), [], 0.0
    for number in range(600):
        time_s += 1 / (11.7, 12.3)[number // 30 % 2]
        trouble = watched.update(Frame(time_s, np.full((60, 60, 3), 90 + number % 61, np.uint8)))
        told.append(trouble.say if trouble else "")
    changes = [now for before, now in pairwise(told) if now != before]
    assert changes == ["The camera gives only 12 pictures a second: more light helps"]
    for number in range(100):
        time_s += 1 / 20
        trouble = watched.update(Frame(time_s, np.full((60, 60, 3), 90 + number % 61, np.uint8)))
    assert trouble is None


# --- a stream of the network -------------------------------------------------------------------------------------------


class _Phone(BaseHTTPRequestHandler):
    """Sends pictures as a phone's camera app does: one JPEG after the other."""

    pictures = 15
    damaged: tuple[int, ...] = ()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        self.end_headers()
        for number in range(self.pictures):
            image = np.full((120, 160, 3), 60 + 8 * number, np.uint8)
            data = cv2.imencode(".jpg", image)[1].tobytes()
            if number in self.damaged:
                data = data[:2] + bytes(200)
            head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + data + b"\r\n")
            except OSError:
                return
            time.sleep(0.02)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def phone() -> object:
    server = HTTPServer(("127.0.0.1", 0), _Phone)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/video"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stream_of_the_network_is_shown_and_opened_again_when_it_breaks_off(phone: str) -> None:
    opened = Camera(capture_for(phone), retry_s=0.05)
    frames: list[Frame] = []
    kinds = set()
    with opened:
        until = time.monotonic() + 10
        while len(frames) < 20 and time.monotonic() < until:
            frame = opened.next(0.05)
            trouble = opened.trouble
            kinds |= {trouble.kind} if trouble else set()
            frames += [frame] if frame is not None else []
    assert len(frames) == 20  # more than one connection sends
    assert frames[0].size == (160, 120)
    assert "unplugged" in kinds


def test_a_damaged_picture_is_left_out_and_the_stream_goes_on(phone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Phone, "damaged", (4, 5, 9))
    stream = StreamCapture(phone)
    stream.open()
    numbers = []
    while (frame := stream.read()) is not None:
        numbers.append(round((frame.image.mean() - 60) / 8))
    stream.close()
    assert numbers[-9:] == [3, 6, 7, 8, 10, 11, 12, 13, 14]


def test_a_phone_that_is_switched_off_and_on_again_is_found_again() -> None:
    server = HTTPServer(("127.0.0.1", 0), _Phone)
    port = server.server_port
    kinds: list[str] = []
    times: list[float] = []
    on = threading.Thread(target=server.handle_request)
    on.start()
    with Camera(capture_for(f"http://127.0.0.1:{port}/video"), retry_s=0.05) as opened:

        def look(enough: Callable[[], bool]) -> None:
            until = time.monotonic() + 15
            while not enough() and time.monotonic() < until:
                frame, trouble = opened.next(0.05), opened.trouble
                if trouble is not None and trouble.kind not in kinds[-1:]:
                    kinds.append(trouble.kind)
                    assert "plug" not in trouble.say
                if frame is not None:
                    times.append(frame.time)

        look(lambda: len(times) >= 5)
        server.server_close()  # the stream that is sent goes on to its end, nobody answers afterwards
        look(lambda: "unavailable" in kinds)
        before = len(times)
        on.join()
        server = HTTPServer(("127.0.0.1", port), _Phone)
        on = threading.Thread(target=server.handle_request)
        on.start()
        look(lambda: len(times) >= before + 5)
    on.join()
    server.server_close()
    assert before >= 5
    assert len(times) >= before + 5
    assert "unavailable" in kinds
    assert times == sorted(times)


def test_an_address_at_which_nobody_answers_is_named() -> None:
    with pytest.raises(CameraError, match="does not answer"):
        StreamCapture("http://127.0.0.1:9/video").open()


def test_negotiation_asks_for_compressed_pictures_only_when_they_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    wishes: list[tuple[int, float]] = []

    class _Device:
        def __init__(self, *_: object) -> None: ...

        def isOpened(self) -> bool:  # noqa: N802 (OpenCV's name)
            return True

        def set(self, what: int, value: float) -> bool:
            wishes.append((what, value))
            return True

        def read(self) -> tuple[bool, np.ndarray]:
            return True, np.full((4, 4, 3), (1, 2, 3), np.uint8)

        def release(self) -> None: ...

    monkeypatch.setattr("cv2.VideoCapture", _Device)
    device = DeviceCapture(0, (1280, 720), 30)
    device.open()
    assert wishes[0] == (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    assert (cv2.CAP_PROP_FRAME_WIDTH, 1280) in wishes
    frame = device.read()
    assert frame is not None
    assert frame.image[0, 0].tolist() == [3, 2, 1]  # RGB
    wishes.clear()
    DeviceCapture(0, (640, 480)).open()
    assert cv2.CAP_PROP_FOURCC not in [what for what, _ in wishes]


def test_a_device_that_opens_but_gives_nothing_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    class _Mute:
        def __init__(self, *_: object) -> None: ...

        isOpened: Callable[..., bool] = lambda self: True  # noqa: N815
        set: Callable[..., bool] = lambda self, *_: True
        read: Callable[..., tuple[bool, None]] = lambda self: (False, None)
        release: Callable[..., None] = lambda self: None

    monkeypatch.setattr("cv2.VideoCapture", _Mute)
    with pytest.raises(CameraError, match="another program"):
        DeviceCapture(0).open()
