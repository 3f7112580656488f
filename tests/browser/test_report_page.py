"""The report page in headless Chromium, opened from disk as a person would."""

from __future__ import annotations

import base64
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from chromium import axe, chromium
from clips import FPS, write_clip
from filmed import LUNGES, Onlooker
from motions import Lunge, Plank, Repeats, still, waiting
from numpy.typing import NDArray
from stick_figure import Camera

from formcheck import analyze, load_template
from formcheck.judge.session import Session
from formcheck.pose import Pose
from formcheck.report_page.index import IndexRow, write_index
from formcheck.report_page.overlay_track import OverlayTrack
from formcheck.report_page.page import write_page
from formcheck.see.video import Video

pytestmark = pytest.mark.browser

SIZE = (640, 360)
CAMERA = Camera(limb=65.0, size=SIZE)
WIDE, PHONE = (1400, 1000), (390, 844)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lunges that lean, analyzed; the pictures say their number."""
    folder = tmp_path_factory.mktemp("browser")
    count = round(LUNGES.duration * FPS)
    video = write_clip(folder / "lunges.mp4", count=count, size=SIZE, sound="aac")
    analyze(video, "lunge", estimator=Onlooker(LUNGES, CAMERA), out=folder / "out")
    return folder / "out"


@dataclass
class Opened:
    """A page, with everything it said and asked for."""

    page: Any
    devtools: Any
    said: list[str]
    asked: list[str]

    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("formcheck.shown")
        return found

    def until(self, expression: str, seconds: float = 8.0) -> None:
        """Waits until a script says so; playwright's own way is against the page's security policy."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, expression
            self.page.wait_for_timeout(30)

    def settle(self) -> None:
        """Waits for a sought picture to be on the screen."""
        self.until("(v => !v || !v.seeking)(document.getElementById('video'))")
        self.page.wait_for_timeout(250)


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    contexts = []

    def opened(
        path: Path, size: tuple[int, int] = WIDE, scheme: str = "light", ready: bool = True, **more: Any
    ) -> Opened:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            bypass_csp=more.pop("bypass_csp", False),
        )
        contexts.append(context)
        page = context.new_page()
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", lambda request: asked.append(request.url))
        devtools = context.new_cdp_session(page)
        devtools.send("Performance.enable")
        page.goto(path.as_uri())
        if ready:
            page.wait_for_selector("html[data-ready=yes]", timeout=10_000)
        return Opened(page, devtools, said, asked)

    yield opened
    for context in contexts:
        context.close()


def test_it_opens_from_disk_silently_and_asks_no_network(open_page: Any, results: Path) -> None:
    opened = open_page(results / "report.html")
    opened.settle()
    assert opened.said == []
    page, video = (results / "report.html").as_uri(), (results.parent / "lunges.mp4").as_uri()
    assert set(opened.asked) == {page, video}


def number_on_screen(opened: Opened) -> int:
    """Which picture the video shows, read from the screen as `clips.number_of` reads it."""
    opened.page.locator("#draw").uncheck()
    box = opened.page.locator("#player").bounding_box()
    clip = {"x": box["x"] + box["width"] / 2 - 4, "y": box["y"] + box["height"] / 2 - 4, "width": 8, "height": 8}
    data = opened.page.screenshot(clip=clip)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    opened.page.locator("#draw").check()
    return round((float(image.mean()) - 40) / 6)


def test_a_click_on_a_fault_shows_its_picture(open_page: Any, results: Path) -> None:
    opened = open_page(results / "report.html")
    faults = opened.page.locator(".marks .fault")
    assert faults.count() >= 2
    for i in range(faults.count()):
        goal = float(faults.nth(i).get_attribute("data-seek"))
        faults.nth(i).click()
        opened.settle()
        assert abs(opened.shown()["time"] - goal) <= 1 / FPS
        picture = round(goal * FPS)
        assert abs(number_on_screen(opened) - picture % 33) <= 1, f"at {goal} s"
        assert opened.page.locator("#told").inner_text().startswith("Showing 0:")


def test_all_buttons_that_go_somewhere_go_there(open_page: Any, results: Path) -> None:
    opened = open_page(results / "report.html")
    for button in opened.page.locator(".card [data-seek], .corrections [data-seek], td [data-seek]").all():
        button.click()
        opened.settle()
        assert abs(opened.shown()["time"] - float(button.get_attribute("data-seek"))) <= 1 / FPS


def test_a_click_into_a_plot_goes_there(open_page: Any, results: Path) -> None:
    opened = open_page(results / "report.html")
    plot = opened.page.locator(".plot .canvas").first
    width = plot.bounding_box()["width"]
    plot.click(position={"x": width / 2, "y": 40})
    opened.settle()
    assert opened.shown()["time"] == pytest.approx(LUNGES.duration / 2, abs=0.2)


def test_it_can_be_used_with_the_keyboard_alone(open_page: Any, results: Path) -> None:
    opened = open_page(results / "report.html")
    first = opened.page.locator(".marks .fault").first
    reached = False
    for _ in range(60):
        opened.page.keyboard.press("Tab")
        if opened.page.evaluate("document.activeElement.matches('.marks .fault')"):
            reached = True
            break
    assert reached
    opened.page.keyboard.press("Enter")
    opened.settle()
    assert abs(opened.shown()["time"] - float(first.get_attribute("data-seek"))) <= 1 / FPS
    before = opened.shown()["index"]
    opened.page.locator("#on").focus()
    opened.page.keyboard.press("Space")
    opened.settle()
    assert opened.shown()["index"] == before + 1
    opened.page.locator("#position").focus()
    opened.page.keyboard.press("Home")
    opened.settle()
    assert opened.shown()["index"] == 0


def test_playing_moves_the_skeleton_with_the_video(open_page: Any, results: Path) -> None:
    opened = open_page(results / "report.html")
    opened.page.locator("#play").click()
    opened.until("formcheck.shown.time > 0.8")
    assert opened.page.locator("#play").inner_text() == "Pause"
    opened.page.locator("#play").click()
    opened.settle()
    now = opened.page.evaluate("document.getElementById('video').currentTime")
    assert abs(opened.shown()["time"] - now) <= 2 / FPS


def test_full_screen_is_played_with_keys(open_page: Any, results: Path) -> None:
    opened = open_page(results / "report.html")
    opened.page.evaluate("formcheck.seek(2)")
    opened.settle()
    opened.page.locator("#full").click()
    opened.until("document.fullscreenElement !== null")
    before = opened.shown()["index"]
    opened.page.keyboard.press("ArrowRight")
    opened.settle()
    assert opened.shown()["index"] == before + 1
    video, canvas = (opened.page.locator(name).bounding_box() for name in ("#video", "#overlay"))
    assert video == canvas
    assert video["height"] == pytest.approx(min(WIDE[1], WIDE[0] * SIZE[1] / SIZE[0]), abs=1)
    opened.page.keyboard.press("Space")
    opened.until("!document.getElementById('video').paused")
    assert opened.page.evaluate("document.fullscreenElement !== null")


# --- the overlay against the annotated video -------------------------------------------------------------------------


def canvas_image(opened: Opened) -> NDArray[np.uint8]:
    """(360, 640, 4): what the page draws over the video, in the video's pixels."""
    data = opened.page.evaluate("document.getElementById('overlay').toDataURL('image/png')")
    image = cv2.imdecode(np.frombuffer(base64.b64decode(data.split(",")[1]), np.uint8), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8)


def shift(drawn: NDArray[np.uint8], annotated: NDArray[np.uint8], x: float, y: float) -> float:
    """Pixels by which the surroundings of a joint are displaced between two pictures."""
    half, reach = 14, 7
    column, row = round(x), round(y)
    piece = drawn[row - half : row + half + 1, column - half : column + half + 1]
    around = annotated[row - half - reach : row + half + reach + 1, column - half - reach : column + half + reach + 1]
    match = cv2.matchTemplate(around, piece, cv2.TM_CCOEFF_NORMED)
    dy, dx = np.unravel_index(int(match.argmax()), match.shape)
    assert match.max() > 0.4, "the two pictures have nothing in common here"
    return float(np.hypot(dx - reach, dy - reach))


def limbs_only(image: NDArray[np.uint8], points: NDArray[np.float64], reach: int) -> NDArray[np.uint8]:
    """Grey, blank beyond `reach` pixels of the judged leg and trunk: numbers and their thin lines may stand elsewhere."""
    mask = np.zeros(image.shape[:2], np.uint8)
    near = np.rint(points[[12, 24, 26, 28]]).astype(np.int32)
    cv2.polylines(mask, [near], False, 255, 2 * reach)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    return np.where(mask > 0, grey, np.uint8(np.median(grey))).astype(np.uint8)


def test_joints_are_where_the_annotated_video_has_them(open_page: Any, results: Path) -> None:
    opened = open_page(results / "report.html")
    with Video(results / "annotated.mp4") as annotated:
        frames = [frame.image.copy() for frame in annotated]
    measured = []
    for seconds in [*LUNGES.peaks, 1.0, 2.5]:
        opened.page.evaluate(f"formcheck.seek({seconds})")
        opened.settle()
        index = opened.shown()["index"]
        overlay = canvas_image(opened)
        cover = overlay[..., 3:].astype(np.float64) / 255
        plain = np.full_like(overlay[..., :3], 40 + 6 * (index % 33))
        drawn = (cover * overlay[..., :3] + (1 - cover) * plain).astype(np.uint8)
        pose = Onlooker(LUNGES, CAMERA).estimate(FrameAt(index / FPS))  # type: ignore[arg-type]
        page_picture = limbs_only(drawn[..., ::-1], pose.points, 5)
        video_picture = limbs_only(frames[index], pose.points, 12)
        near = (24, 26, 28, 12)  # hip, knee, ankle and shoulder
        measured += [shift(page_picture, video_picture, *pose.points[joint]) for joint in near]
    assert len(measured) >= 20
    assert max(measured) <= 3.0, measured
    assert float(np.median(measured)) <= 1.0


@dataclass
class FrameAt:
    """A frame whose picture nobody looks at."""

    time: float
    size: tuple[int, int] = SIZE


def test_the_measured_shift_would_tell_a_skeleton_that_is_off() -> None:
    picture = np.full((360, 640), 90, np.uint8)
    cv2.line(picture, (200, 100), (240, 200), 250, 5)
    cv2.circle(picture, (240, 200), 7, 200, -1)
    moved = np.roll(picture, 5, axis=1)
    assert shift(picture, picture, 240, 200) == 0
    assert shift(picture, moved, 240, 200) == pytest.approx(5)


# --- where there is no video -----------------------------------------------------------------------------------------


def test_a_video_that_was_moved_is_replaced_by_the_annotated_one_and_then_by_the_skeleton(
    open_page: Any, results: Path, tmp_path: Path
) -> None:
    shutil.copy(results / "report.html", tmp_path / "report.html")
    shutil.copy(results / "annotated.mp4", tmp_path / "annotated.mp4")
    opened = open_page(tmp_path / "report.html")
    opened.until("document.getElementById('video').videoWidth > 0")
    assert "annotated video" in opened.page.locator("#video-note").inner_text()
    opened.page.evaluate("formcheck.seek(3)")
    opened.settle()
    assert not canvas_image(opened)[..., 3].any()  # its skeleton is in the pictures already
    (tmp_path / "annotated.mp4").unlink()
    opened = open_page(tmp_path / "report.html")
    opened.until("document.getElementById('video').hidden")
    assert "shown without it" in opened.page.locator("#video-note").inner_text()
    opened.page.evaluate("formcheck.seek(3)")
    opened.page.wait_for_timeout(100)
    assert opened.shown()["time"] == pytest.approx(3.0, abs=0.06)
    assert canvas_image(opened)[..., 3].any()
    opened.page.locator("#play").click()
    opened.until("formcheck.shown.time > 3.4")


def test_an_embedded_video_plays_without_any_other_file(open_page: Any, tmp_path: Path) -> None:
    count = round(LUNGES.duration * FPS)
    video = write_clip(tmp_path / "lunges.mp4", count=count, size=SIZE)
    analyze(
        video, "lunge", estimator=Onlooker(LUNGES, CAMERA), out=tmp_path / "out", save_video=False, embed_video=True
    )
    alone = tmp_path / "elsewhere" / "page.html"
    alone.parent.mkdir()
    shutil.move(tmp_path / "out" / "report.html", alone)
    video.unlink()
    opened = open_page(alone)
    opened.until("document.getElementById('video').videoWidth > 0")
    opened.page.evaluate("formcheck.seek(2)")
    opened.settle()
    assert abs(number_on_screen(opened) - 20) <= 1
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("blob:")] == [alone.as_uri()]


def test_pictures_that_begin_after_the_sound_stay_with_their_skeleton(open_page: Any, tmp_path: Path) -> None:
    times = [0.5 + i / FPS for i in range(round(LUNGES.duration * FPS))]
    video = write_clip(tmp_path / "late.mp4", times=times, size=SIZE, sound="aac", sound_seconds=LUNGES.duration + 0.5)
    analyze(video, "lunge", estimator=Onlooker(LUNGES, CAMERA), out=tmp_path / "out", save_stills=False)
    opened = open_page(tmp_path / "out" / "report.html")
    for seconds in (1.0, 2.4):
        opened.page.evaluate(f"formcheck.seek({seconds})")
        opened.settle()
        assert opened.shown()["time"] == pytest.approx(seconds, abs=0.01)
        assert abs(number_on_screen(opened) - round(seconds * FPS)) <= 1


def test_the_annotated_video_in_place_of_one_that_begins_with_sound_shows_the_right_pictures(
    open_page: Any, tmp_path: Path
) -> None:
    times = [0.5 + i / FPS for i in range(round(LUNGES.duration * FPS))]
    video = write_clip(tmp_path / "late.mp4", times=times, size=SIZE, sound="aac", sound_seconds=LUNGES.duration + 0.5)
    analyze(video, "lunge", estimator=Onlooker(LUNGES, CAMERA), out=tmp_path / "out", save_stills=False)
    video.unlink()
    opened = open_page(tmp_path / "out" / "report.html")
    opened.until("!document.getElementById('video-note').hidden")
    opened.until("document.getElementById('video').videoWidth > 0")
    for seconds in (1.0, 2.4):
        opened.page.evaluate(f"formcheck.seek({seconds})")
        opened.settle()
        assert opened.shown()["time"] == pytest.approx(seconds, abs=0.01)
        assert opened.page.evaluate("document.getElementById('video').currentTime") == pytest.approx(
            seconds + 0.5, abs=0.05
        )


def test_of_what_is_held_nothing_is_counted_even_if_nobody_held_it(open_page: Any, tmp_path: Path) -> None:
    template = load_template("plank_forearm")
    session, track = Session(template), OverlayTrack(template)
    for pose in waiting(4.0).film(15):
        track.update(session.update(pose))
    report = session.finish()
    assert not report.holds
    write_page(tmp_path / "report.html", report, template, track)
    opened = open_page(tmp_path / "report.html")
    opened.page.evaluate("formcheck.seek(3)")
    assert opened.page.locator("#now").inner_text().startswith("0.0 s in good form, 0.0 s held")


# --- everybody -------------------------------------------------------------------------------------------------------


def findings(opened: Opened) -> list[str]:
    opened.page.add_script_tag(content=axe())
    result = opened.page.evaluate("axe.run(document)")
    assert len(result["passes"]) > 10
    return [
        f"{found['impact']}: {found['id']}: {found['nodes'][0]['html'][:120]}"
        for found in result["violations"]
        if found["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_serious(open_page: Any, results: Path, size: tuple[int, int], scheme: str) -> None:
    opened = open_page(results / "report.html", size, scheme, bypass_csp=True)
    assert findings(opened) == []


def test_axe_finds_nothing_serious_in_a_hold_and_in_the_index(open_page: Any, tmp_path: Path) -> None:
    sagging = still(Plank(hips=-25.0).figure(), 6.0)
    template = load_template("plank_forearm")
    session, track = Session(template), OverlayTrack(template)
    for pose in sagging.film(15, Camera(height=30.0)):
        track.update(session.update(pose))
    report = session.finish()
    (tmp_path / "a").mkdir()
    write_page(tmp_path / "a" / "report.html", report, template, track)
    rows = [IndexRow("<b>a</b>.mp4", report.to_dict(), tmp_path / "a"), IndexRow("b.mp4", error="It is empty.")]
    write_index(tmp_path / "index.html", rows)
    assert findings(open_page(tmp_path / "a" / "report.html", bypass_csp=True)) == []
    opened = open_page(tmp_path / "index.html", ready=False, bypass_csp=True)
    assert findings(opened) == []
    opened.page.get_by_role("link", name="<b>a</b>.mp4").click()
    opened.page.wait_for_selector("html[data-ready=yes]")
    assert opened.page.locator("h1").inner_text() == template.name


@pytest.mark.parametrize("size", [WIDE, PHONE, (320, 640)], ids=["wide", "phone", "small phone"])
def test_nothing_sticks_out_sideways(open_page: Any, results: Path, size: tuple[int, int]) -> None:
    opened = open_page(results / "report.html", size)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("size", [WIDE, PHONE, (320, 640)], ids=["wide", "phone", "small phone"])
def test_no_word_sticks_out_of_its_tile(open_page: Any, results: Path, size: tuple[int, int]) -> None:
    opened = open_page(results / "report.html", size)
    right = "const right = e => e.getBoundingClientRect().right"
    wider = "[...document.querySelectorAll('.tile *')].filter(e => right(e) > right(e.closest('.tile')))"
    assert opened.page.evaluate(f"() => {{ {right}; return {wider}.map(e => e.textContent) }}") == []


def test_sixty_repetitions_are_printed_where_they_are_and_half_numbers_are_left_out(
    open_page: Any, tmp_path: Path
) -> None:
    template = load_template("lunge")
    session, track = Session(template), OverlayTrack(template)
    for pose in Lunge().motion(Repeats(count=60)).film(10):
        track.update(session.update(pose))
    report = session.finish()
    assert report.counts.total == 60
    write_page(tmp_path / "report.html", report, template, track)
    opened = open_page(tmp_path / "report.html", (690, 900))
    boxes = "[...document.querySelectorAll('.marks .stretch')].map(e => e.getBoundingClientRect()).map(r => [r.left, r.right])"
    numbers = (
        "[...document.querySelectorAll('.marks .stretch span[aria-hidden]')].filter(e => e.checkVisibility()).length"
    )
    assert opened.page.evaluate(numbers) == 60
    opened.page.emulate_media(media="print")
    places = opened.page.evaluate(boxes)
    assert all(right <= left + 0.5 for (_, right), (left, _) in pairwise(places))
    assert opened.page.evaluate(numbers) == 0


def test_it_prints_with_pictures_and_numbers_and_without_a_player(
    open_page: Any, results: Path, tmp_path: Path
) -> None:
    opened = open_page(results / "report.html")
    opened.page.emulate_media(media="print")
    assert not opened.page.locator("#player").is_visible()
    assert not opened.page.locator("#controls").is_visible()
    for part in (".tiles", ".corrections", ".plot svg >> nth=0", ".card img >> nth=0", "footer"):
        assert opened.page.locator(part).is_visible(), part
    data = opened.page.pdf(format="A4")
    assert data[:5] == b"%PDF-"
    assert 1 <= data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") <= 8


# --- size and time ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_ten_minutes_are_ready_in_one_and_a_half_seconds(open_page: Any, tmp_path: Path) -> None:
    """On a busy machine the clock tells nothing; then the time that the page itself computes has to do."""
    template = load_template("lunge")
    session, track = Session(template), OverlayTrack(template)
    random = np.random.default_rng(1)
    for pose in Lunge(sides=("left", "right"), lean=30.0).motion(Repeats(count=149)).film(30):
        points = pose.points + random.normal(0, 1.5, pose.points.shape)
        track.update(session.update(Pose(pose.time, points, pose.visibility, pose.size)))
    write_page(tmp_path / "report.html", session.finish(), template, track)
    took, computed = [], []
    for _ in range(3):
        began = time.perf_counter()
        opened = open_page(tmp_path / "report.html")
        took.append(time.perf_counter() - began)
        metrics = {each["name"]: each["value"] for each in opened.devtools.send("Performance.getMetrics")["metrics"]}
        computed.append(metrics["ThreadTime"])
        opened.page.evaluate("formcheck.seek(300)")
        opened.page.wait_for_timeout(100)
        assert opened.shown()["time"] == pytest.approx(300, abs=0.05)
    assert 0.02 < min(computed) <= 1.0, computed
    if os.getloadavg()[0] < (os.cpu_count() or 1):
        assert min(took) <= 1.5, took
