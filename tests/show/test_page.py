"""The report page, without a browser: its numbers, its size, and that nothing can be smuggled into it."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from clips import write_clip
from filmed import BRIDGES, CAMERA, LOW_CAMERA, LUNGES, PLANK, Nobody, Onlooker, film
from motions import DoubleLegLift, Lunge, Repeats, waiting
from numpy.typing import NDArray
from stick_figure import Camera

from formcheck import analyze, load_template
from formcheck.analysis import replay
from formcheck.judge.report import FaultReport, Repetition, Report
from formcheck.judge.session import Session
from formcheck.judge.symmetry import symmetry
from formcheck.judge.template import Template
from formcheck.pose import Pose, Side
from formcheck.report_page import overlay_track
from formcheck.report_page import thumbnails as small
from formcheck.report_page.corrections import corrections
from formcheck.report_page.overlay_track import OverlayTrack
from formcheck.report_page.page import page, write_page
from formcheck.report_page.player import Player, player_for, relative_address
from formcheck.report_page.plots import Stretch, plot, time_ticks
from formcheck.report_page.sides import left_against_right
from formcheck.see.track import Track, TrackMeta
from formcheck.show.label import steady

VOID = {"meta", "link", "img", "input", "br"}


class Elements(HTMLParser):
    """Every element of a page with its attributes and the text in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(text)
        assert not self._open, [tag for tag, *_ in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(self.all[-1])

    def handle_endtag(self, tag: str) -> None:
        opened, *_ = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs), []))

    def handle_data(self, data: str) -> None:
        for _, _, text in self._open:
            text.append(data)

    def named(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, " ".join("".join(text).split())) for name, attributes, text in self.all if name == tag]


def watched(exercise: str | Template, poses: list[Pose]) -> tuple[Report, Template, OverlayTrack]:
    template = exercise if isinstance(exercise, Template) else load_template(exercise)
    session, track = Session(template), OverlayTrack(template)
    for pose in poses:
        track.update(session.update(pose))
    return session.finish(), template, track


LUNGE_POSES = Lunge(sides=("left", "right"), lean=40.0).motion(Repeats(count=4)).film(15)[:-45]


@pytest.fixture(scope="module")
def lunges() -> tuple[Report, Template, OverlayTrack]:
    """Three lunges that lean, and one that is not finished."""
    return watched("lunge", LUNGE_POSES)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of an analysis of lunges, with everything."""
    folder = tmp_path_factory.mktemp("results")
    film(folder / "my lunges.mp4", LUNGES)
    analyze(folder / "my lunges.mp4", "lunge", estimator=Onlooker(LUNGES), out=folder / "out")
    return folder / "out"


def facts(text: str) -> dict[str, Any]:
    (data,) = re.findall(r'<script type="application/json" id="facts">(.*?)</script>', text)
    found = json.loads(data)
    assert isinstance(found, dict)
    return found


def unpacked(track: dict[str, Any]) -> dict[str, NDArray[np.float64]]:
    """The channels of a track, read as its documentation says."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(track["packed"])), np.uint8)
    planes = planes.reshape(len(track["channels"]), 4, track["count"]).astype(np.int64)
    zigzag = planes[:, 0] + (planes[:, 1] << 8) + (planes[:, 2] << 16) + (planes[:, 3] << 24)
    steps = (zigzag >> 1) ^ -(zigzag & 1)
    whole = np.cumsum(steps, axis=1)
    return {name: whole[i] * unit for i, (name, unit) in enumerate(track["channels"])}


# --- numbers ---------------------------------------------------------------------------------------------------------


def in_report(document: Any, key: str) -> Any:
    for part in key.split("/"):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def as_shown(value: float | None, text: str) -> bool:
    """Whether a text shows a number, as exactly as it shows it."""
    if value is None:
        return text == "not seen"
    minutes = re.fullmatch(r"(\d+):(\d\d\.\d)", text)
    if minutes:
        return abs(int(minutes[1]) * 60 + float(minutes[2]) - value) <= 0.0501
    number = re.match(r"-?\d+(\.\d+)?", text)
    assert number, text
    decimals = len(number[1]) - 1 if number[1] else 0
    return abs(float(number[0]) - value) <= 0.5 / 10.0**decimals + 1e-9


@pytest.mark.parametrize("set_", ["lunges", "plank"])
def test_every_number_on_the_page_is_that_of_the_report(
    set_: str, lunges: tuple[Report, Template, OverlayTrack]
) -> None:
    report, template, track = lunges if set_ == "lunges" else watched("plank_forearm", PLANK.film(15, LOW_CAMERA))
    document = report.to_dict()
    numbers = Elements(page(report, template, track, Player())).named("data")
    keys = [attributes["data-key"] or "" for attributes, _ in numbers]
    for (attributes, text), key in zip(numbers, keys, strict=True):
        value = in_report(document, key)
        assert attributes["value"] == ("" if value is None else repr(value)), key
        assert as_shown(value, text), (key, value, text)
    assert "video/duration_s" in keys
    if report.kind == "hold":
        assert {"hold_s/in_form", "hold_s/held", "holds/0/in_form_s", "holds/0/longest_s"} <= set(keys)
        return
    assert {f"counts/{side}" for side in ("total", "left", "right", "partial")} <= set(keys)
    assert [r.counted for r in report.repetitions] == [True, True, True, False]
    for i, r in enumerate(report.repetitions):
        assert f"repetitions/{i}/depth" in keys
        if r.counted:
            assert {f"repetitions/{i}/seconds/{phase}" for phase in r.seconds} <= set(keys)


def test_a_changed_report_shows_other_numbers(lunges: tuple[Report, Template, OverlayTrack]) -> None:
    report, template, track = lunges
    first = replace(report.repetitions[0], depth=77.0)
    other = replace(report, repetitions=(first, *report.repetitions[1:]))
    shown = {a["data-key"]: text for a, text in Elements(page(other, template, track, Player())).named("data")}
    assert shown["repetitions/0/depth"] == "77°"


def test_every_fault_of_the_report_can_be_gone_to(lunges: tuple[Report, Template, OverlayTrack]) -> None:
    report, template, track = lunges
    buttons = Elements(page(report, template, track, Player())).named("button")
    marks = [float(a["data-seek"] or "") for a, _ in buttons if "fault" in (a.get("class") or "").split()]
    assert report.faults
    assert marks == pytest.approx([t for fault in (*report.faults, *report.tips) for t in fault.times], abs=1e-4)


def test_what_did_not_count_is_told_with_its_reason(lunges: tuple[Report, Template, OverlayTrack]) -> None:
    report, template, track = lunges
    (reason,) = [r.explanation for r in report.repetitions if not r.counted]
    assert reason
    assert any(reason in text for _, text in Elements(page(report, template, track, Player())).named("li"))


def test_a_page_of_nothing_says_what_stood_in_the_way(tmp_path: Path) -> None:
    video = film(tmp_path / "empty.mp4")
    analyze(video, "bridge", estimator=Nobody(), out=tmp_path / "out", save_video=False)
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    notes = [text for a, text in Elements(text).named("p") if a.get("class") == "note"]
    assert any("Nothing was counted" in note and "nobody was in the picture" in note for note in notes)


# --- what the overlay is drawn from ----------------------------------------------------------------------------------


def test_the_track_gives_back_what_the_overlay_draws(lunges: tuple[Report, Template, OverlayTrack]) -> None:
    report, template, track = lunges
    packed = facts(page(report, template, track, Player()))["track"]
    channels = unpacked(packed)
    assert channels["time"] == pytest.approx([pose.time for pose in LUNGE_POSES], abs=1e-4)
    for landmark in packed["landmarks"]:
        seen = channels[f"state{landmark}"] > 0
        assert seen.any()
        for k, axis in enumerate("xy"):
            truth = np.array([pose.points[landmark, k] for pose in LUNGE_POSES])
            assert np.abs(channels[f"{axis}{landmark}"] - truth)[seen].max() < 0.3
    assert packed["size"] == [1280, 720]
    labels = [measure["label"] for measure in packed["measures"]]
    drawn = channels[f"drawn{labels.index('Front knee')}"].astype(int) & 3
    assert {2, 3} & set(drawn.tolist()), "at the bottom the knee is judged"


def test_numbers_at_the_joints_are_those_that_were_judged(lunges: tuple[Report, Template, OverlayTrack]) -> None:
    report, template, track = lunges
    packed = facts(page(report, template, track, Player()))["track"]
    channels = unpacked(packed)
    names = [name for name, measure in template.measures.items() if measure.label and measure.at]
    for j, name in enumerate(names):
        shown = channels[f"drawn{j}"] > 0
        off = np.abs(channels[f"value{j}"] - track.values[name])[shown]
        assert off.max() <= 1.5, name  # shown numbers stand still within 1°, and are whole


def test_shown_numbers_stand_still_as_long_as_they_are_about_right() -> None:
    assert [steady(90.0, value, "deg") for value in (90.9, 89.1, 91.5)] == [90.0, 90.0, 91.5]
    assert [steady(0.37, value, "torso") for value in (0.375, 0.39)] == [0.37, 0.39]
    assert steady(float("nan"), 12.0, "deg") == 12.0


def test_a_person_who_comes_and_goes_is_not_drawn_meanwhile() -> None:
    poses = list(LUNGE_POSES[:90])
    poses[30:60] = [Pose.absent(pose.time, pose.size) for pose in poses[30:60]]
    _, _, track = watched("lunge", poses)
    channels = unpacked(track.to_dict())
    states = np.array([values for name, values in channels.items() if name.startswith("state")])
    assert (states[:, 30:60] == 0).all()
    assert (states[:, :30].max(0) > 0).all()
    assert (states[:, 60:].max(0) > 0).all()


def test_of_very_long_recordings_every_other_moment_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlay_track, "MOST_MOMENTS", 50)
    _, _, track = watched("lunge", LUNGE_POSES)
    assert 25 <= len(track.times) <= 50
    steps = np.diff(track.times)
    assert steps == pytest.approx([steps[0]] * len(steps))
    assert track.times[-1] > 0.9 * LUNGE_POSES[-1].time


@pytest.mark.slow
def test_ten_minutes_stay_below_three_megabytes(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    poses = []
    for pose in Lunge(sides=("left", "right"), lean=30.0).motion(Repeats(count=149)).film(30):
        points = pose.points + random.normal(0, 1.5, pose.points.shape)
        poses.append(Pose(pose.time, points, pose.visibility, pose.size))
    assert poses[-1].time == pytest.approx(598, abs=2)
    report, template, track = watched("lunge", poses)
    assert report.counts.total > 140
    stills = tmp_path / "stills"
    stills.mkdir()
    noise = random.integers(0, 255, (72, 128, 3)).astype(np.uint8)
    done, data = cv2.imencode(".jpg", cv2.resize(noise, (1280, 720), interpolation=cv2.INTER_LINEAR))
    assert done
    for number in range(1, report.counts.total + 1):
        (stills / f"repetition-{number:02}.jpg").write_bytes(data.tobytes())
    write_page(tmp_path / "report.html", report, template, track, stills=stills)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert text.count("data:image/jpeg") == report.counts.total
    assert len(text.encode()) <= 3_000_000, len(text.encode())


def test_stills_are_made_small_and_together_never_too_large(
    tmp_path: Path, lunges: tuple[Report, Template, OverlayTrack], monkeypatch: pytest.MonkeyPatch
) -> None:
    report, _, _ = lunges
    noise = np.random.default_rng(3).integers(0, 255, (180, 320, 3)).astype(np.uint8)
    for number, side in ((1, "-left"), (2, "-right"), (3, "")):
        picture = cv2.resize(noise, (1280, 720)) if number < 3 else np.full((720, 1280, 3), 90, np.uint8)
        assert cv2.imwrite(str(tmp_path / f"repetition-{number:02}{side}.jpg"), picture)
    found = small.thumbnails(report, tmp_path)
    assert list(found) == [0, 1, 2]
    assert {(each.width, each.height) for each in found.values()} == {(360, 202)}
    monkeypatch.setattr(small, "_BYTES", 3 * 4000)
    assert list(small.thumbnails(report, tmp_path)) == [2]  # noise cannot be made so small: the skeleton is drawn


# --- nothing can be smuggled in --------------------------------------------------------------------------------------

NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`<!--{{ 7*7 }}<<video>>"


def test_names_and_texts_stay_texts(tmp_path: Path, lunges: tuple[Report, Template, OverlayTrack]) -> None:
    harmless, template, track = lunges
    fault = template.faults[0]
    faults = tuple(replace_fault(f, cue=NASTY, why=NASTY) for f in harmless.faults)
    repetitions = tuple(replace(r, explanation=NASTY if r.explanation else None) for r in harmless.repetitions)
    report = replace(harmless, name=NASTY, faults=faults, repetitions=repetitions, notes=(NASTY,))
    report = report.about(replace(report.video, path=f"/videos/{NASTY.replace('/', '_')}.mp4"), ())
    measures = {**template.measures, "trunk": template.measures["trunk"].model_copy(update={"label": NASTY})}
    evil = template.model_copy(
        update={
            "name": NASTY, "safety": (NASTY,), "cannot_see": (NASTY,), "measures": measures,
            "faults": (fault.model_copy(update={"cue": NASTY}), *template.faults[1:]),
        }
    )  # fmt: skip
    _, _, drawn = watched(evil, LUNGE_POSES)
    player = Player("original", relative_address(tmp_path / 'a"><b onmouseover=x>.mp4', tmp_path), note=NASTY)
    before, after = (page(*parts) for parts in ((harmless, template, track, Player()), (report, evil, drawn, player)))
    assert kinds(after) - kinds(before) <= {"video"}
    allowed = {"application/json", None}
    assert {a.get("type") for a, _ in Elements(after).named("script")} == allowed
    for tag, attributes, _ in Elements(after).all:
        assert not [name for name in attributes if name.startswith("on")], tag
    assert "alert(1)" not in re.sub(r"&lt;script&gt;alert\(1\)|u003cscript\\u003ealert\(1\)", "", after)


def kinds(text: str) -> set[str]:
    return {tag for tag, *_ in Elements(text).all}


def replace_fault(fault: FaultReport, **changes: Any) -> FaultReport:
    return replace(fault, **changes)


def test_the_page_asks_nothing_of_any_network(results: Path) -> None:
    text = (results / "report.html").read_text(encoding="utf-8")
    elements = Elements(text)
    addresses = [v or "" for _, a, _ in elements.all for k, v in a.items() if k in ("src", "href", "srcset", "poster")]
    assert any(address.startswith("data:image/jpeg;base64,") for address in addresses)
    outside = [a for a in addresses if not a.startswith(("data:", "#")) and a not in ("../my%20lunges.mp4",)]
    assert outside == []
    assert not re.search(r"https?://|@import|url\(", text)
    (policy,) = [a["content"] or "" for a, _ in elements.named("meta") if a.get("http-equiv")]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_a_name_that_is_no_utf8_does_not_stop_the_page(
    tmp_path: Path, lunges: tuple[Report, Template, OverlayTrack]
) -> None:
    report, template, track = lunges
    odd = b"caf\xe9.mp4".decode("utf-8", "surrogateescape")
    report = report.about(replace(report.video, path=odd))
    player = Player("original", relative_address(tmp_path / odd, tmp_path))
    assert player.href == "caf%E9.mp4"
    write_page(tmp_path / "report.html", report, template, track, player)
    assert "caf?.mp4" in (tmp_path / "report.html").read_text(encoding="utf-8")


# --- the video -------------------------------------------------------------------------------------------------------


def test_the_recording_is_played_from_where_it_is(results: Path) -> None:
    ((video, _),) = Elements((results / "report.html").read_text(encoding="utf-8")).named("video")
    assert video["src"] == "../my%20lunges.mp4"
    assert facts((results / "report.html").read_text(encoding="utf-8"))["spare"] == "annotated.mp4"


def test_an_embedded_video_is_the_video_byte_for_byte(
    tmp_path: Path, lunges: tuple[Report, Template, OverlayTrack]
) -> None:
    report, template, track = lunges
    video = tmp_path / "video.mp4"
    video.write_bytes(np.random.default_rng(2).bytes(1_000_001))
    write_page(tmp_path / "report.html", report, template, track, Player("original", "video.mp4", video), embed=True)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    (inside,) = re.findall(r'<script type="text/plain" id="video-data">(.*?)</script>', text)
    assert base64.b64decode(inside) == video.read_bytes()
    ((element, _),) = Elements(text).named("video")
    assert "src" not in element


@pytest.mark.parametrize(
    ("name", "options", "source"),
    [
        ("plain.mp4", {}, "original"),
        ("phone.mov", {}, "original"),
        ("web.webm", {"codec": "libvpx-vp9"}, "original"),
        ("moving.gif", {"codec": "gif", "pixels": "rgb8"}, "annotated"),
        ("old.avi", {"codec": "mpeg4"}, "annotated"),
        ("old.mp4", {"codec": "mpeg4"}, "annotated"),
        ("studio.mp4", {"pixels": "yuv422p"}, "annotated"),
    ],
)
def test_what_browsers_do_not_play_is_replaced_by_the_annotated_video(
    tmp_path: Path, name: str, options: dict[str, Any], source: str
) -> None:
    video = write_clip(tmp_path / name, **options)
    annotated = write_clip(tmp_path / "annotated.mp4")
    player = player_for(video, tmp_path / "out", annotated=annotated, annotated_name="annotated.mp4")
    assert player.source == source
    assert (player.note is None) == (source == "original")
    assert player.href == (f"../{name}" if source == "original" else "annotated.mp4")
    without = player_for(video, tmp_path / "out", annotated=None)
    assert without.source == ("original" if source == "original" else "none")


def test_a_video_that_is_gone_is_told() -> None:
    player = player_for(Path("gone.mp4"), Path("out"), annotated=None)
    assert player.source == "none"
    assert player.note
    assert "cannot be read any more" in player.note


def test_a_replayed_track_has_a_page_with_the_skeleton_alone(tmp_path: Path) -> None:
    poses = tuple(BRIDGES.film(10, CAMERA))
    replay(Track(poses, TrackMeta((320, 180), "bridge.mp4")), "bridge", out=tmp_path / "out")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert not Elements(text).named("video")
    assert facts(text)["source"] == "none"
    assert any("The skeleton is shown without it." in words for _, words in Elements(text).named("p"))
    replay(Track(poses, TrackMeta((320, 180), "bridge.mp4")), "bridge", out=tmp_path / "plain", save_page=False)
    assert not (tmp_path / "plain" / "report.html").exists()


# --- corrections, sides, plots ---------------------------------------------------------------------------------------


def fault_report(name: str, severity: str, count: int = 1) -> FaultReport:
    return FaultReport(name, severity, f"Mend {name}", "Because.", "A", 1.0, tuple(float(i) for i in range(count)))


def test_three_corrections_the_gravest_first(lunges: tuple[Report, Template, OverlayTrack]) -> None:
    report, _, _ = lunges
    short = replace(report.repetitions[3], reason="range", explanation="Only 130°.")
    report = replace(
        report,
        repetitions=(*report.repetitions[:3], short),
        faults=(fault_report("danger", "S3"), fault_report("wrong", "S2"), fault_report("small", "S1")),
        tips=(fault_report("hint", "S1"),),
    )
    found = corrections(report)
    assert [c.text for c in found] == ["Mend danger", "Mend wrong", "Go through the whole range"]
    assert found[0].grave
    assert found[2].why == "Only 130°."
    assert found[2].often == "1 of 4 attempts did not count because of it"
    fewer = corrections(replace(report, faults=(), repetitions=()))
    assert [(c.text, c.sure) for c in fewer] == [("Mend hint", False)]


def test_how_often_something_was_seen_is_a_sentence(lunges: tuple[Report, Template, OverlayTrack]) -> None:
    report, template, track = lunges
    short = replace(report.repetitions[3], reason="range", explanation="Only 130°.", faults=())
    for repetitions, told in (
        ((*report.repetitions[:3], short), "1 of 4 attempts did not count because of it."),
        ((short,), "1 of 1 attempt did not count because of it."),
    ):
        one = replace(report, repetitions=repetitions)
        lines = [
            text
            for tag, text in Elements(page(one, template, track, Player())).named("p")
            if tag.get("class") == "often"
        ]
        assert any(line.startswith("Seen in ") for line in lines)
        assert any(line.startswith(told) for line in lines), lines


def test_left_and_right_are_compared_and_small_differences_say_nothing(
    lunges: tuple[Report, Template, OverlayTrack],
) -> None:
    report, template, _ = lunges

    def attempt(r: Repetition, side: Side) -> Repetition:
        left = side == "left"
        measures = {**r.measures, "front_knee": 90.0 if left else 104.0, "trunk": 20.0 if left else 24.0}
        return replace(r, side=side, depth=90.0 if left else 98.0, measures=measures)

    full = report.repetitions[0]
    both = tuple(attempt(full, side) for side in ("left", "right", "left", "right", "left", "right"))
    rows = {row.name: row for row in left_against_right(replace(report, repetitions=both), template)}
    assert (rows["Counted"].left, rows["Counted"].right) == ("3", "3")
    knee, trunk, depth = rows["Front knee"], rows["Trunk"], rows["Bent knee"]
    assert (knee.left, knee.right, knee.difference, knee.plain) == ("90°", "104°", "14°", True)
    assert (trunk.difference, trunk.plain) == ("4°, within the noise", False)
    told = symmetry(both, template.measures)
    assert told is not None
    assert (depth.left, depth.right, depth.plain) == (f"{told.left:.0f}°", f"{told.right:.0f}°", told.differs)
    few = {row.name: row for row in left_against_right(replace(report, repetitions=both[:4]), template)}
    assert (few["Front knee"].difference, few["Front knee"].plain) == ("14°", False)
    assert left_against_right(replace(report, repetitions=both[::2]), template) == []


def test_what_was_hidden_from_the_right_view_is_not_told_to_be_seen_only_from_there(
    lunges: tuple[Report, Template, OverlayTrack],
) -> None:
    report, template, track = lunges
    assert report.view == "side"
    hidden = replace(report, not_visible=("back_leg_straight", "knee_collapses_in"))
    lines = [text for _, text in Elements(page(hidden, template, track, Player())).named("li")]
    assert "Bend both knees (back leg straight)" in lines
    assert "Knee over middle toes (knee collapses in), only seen from the front or behind" in lines


def test_nothing_is_told_of_sides_where_both_legs_were_lifted_together() -> None:
    report, template, track = watched("leg_lift", DoubleLegLift().motion(Repeats(count=3)).film(15, LOW_CAMERA))
    assert (report.counts.total, report.counts.left, report.counts.right) == (3, 0, 0)
    text = page(report, template, track, Player())
    keys = [tag["data-key"] for tag, _ in Elements(text).named("data")]
    assert "counts/total" in keys
    assert "counts/left" not in keys
    assert "Only one side was trained" not in text
    assert "Both sides worked together, or it could not be told which one did" in text


def test_depth_has_the_unit_of_its_own_measure_however_long_the_person_faced_the_camera() -> None:
    facing = waiting(30.0).film(15, Camera(yaw=90.0))
    six = Lunge(sides=("left", "right")).motion(Repeats(count=6)).film(15, start=30.1)
    report, template, track = watched("lunge", [*facing, *six])
    assert (report.view, report.counts.total) == ("front", 6)
    rows = {row.name: row for row in left_against_right(report, template)}
    assert (rows["Bent knee"].left, rows["Bent knee"].right) == ("88°", "88°")
    assert rows["Hip drop"].left.startswith("0.")
    cards = [text for _, text in Elements(page(report, template, track, Player())).named("dl")]
    assert len(cards) == 6
    assert all("Bent knee88°" in card for card in cards)


def test_sides_are_compared_in_the_depth_of_most_repetitions(lunges: tuple[Report, Template, OverlayTrack]) -> None:
    report, template, _ = lunges
    full = report.repetitions[0]
    sides: tuple[Side, ...] = ("left", "right")
    seen_from_the_side = [replace(full, side=side) for side in 3 * sides]
    facing = [replace(full, side=side, depth=0.7, depth_measure="hip_drop") for side in 2 * sides]
    both = replace(report, repetitions=(*seen_from_the_side, *facing))
    [depth] = [row for row in left_against_right(both, template) if row.name == "Bent knee"]
    assert depth.left == f"{full.depth:.0f}°"


def drawn_at(svg: str, kind: str) -> list[tuple[float, float]]:
    (path,) = re.findall(rf'<path class="{kind}" d="([^"]*)"/>', svg)
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", path)]


def test_no_peak_of_a_long_plot_is_lost_and_gaps_stay_gaps() -> None:
    times = np.arange(0, 600, 1 / 30)
    values = np.full(len(times), 90.0)
    values[12_345] = 150.0
    values[5_000:6_000] = np.nan
    drawn = plot(times, values, 600.0, target=(80.0, 100.0), stretches=(Stretch(1, 3, True, 2.0),))
    points = drawn_at(drawn.svg, "line")
    assert len(points) < 1500
    highest = min(points, key=lambda p: p[1])
    assert highest[0] == pytest.approx(1000 * times[12_345] / 600, abs=1)
    assert (drawn.lowest, drawn.highest) == (90.0, 150.0)
    assert not [x for x, _ in points if 1000 * 5_050 / 18_000 < x < 1000 * 5_950 / 18_000]
    assert drawn.svg.count("M") >= 3
    assert 'class="band"' in drawn.svg
    assert 'class="counted"' in drawn.svg


def test_a_measure_that_was_never_seen_is_named_instead_of_drawn(
    lunges: tuple[Report, Template, OverlayTrack],
) -> None:
    report, template, _ = lunges
    assert plot(np.arange(3.0), np.full(3, np.nan), 3.0, target=None, stretches=()).lowest is None
    _, _, track = watched("lunge", [Pose.absent(i / 10, (640, 480)) for i in range(20)])
    empty = replace(report, repetitions=(), faults=(), tips=())
    assert "Never seen in this video" in page(empty, template, track, Player())


@pytest.mark.parametrize(("duration", "last"), [(3.9, "0:03.5"), (17.0, "0:16"), (600.0, "10:00"), (0.0, "0:00.0")])
def test_the_time_axis_has_round_times(duration: float, last: str) -> None:
    ticks = time_ticks(duration)
    assert 1 <= len(ticks) <= 11
    assert ticks[-1][1] == last
    assert all(0 <= at <= 1 for at, _ in ticks)


def test_the_view_decides_whether_targets_are_shown() -> None:
    motion = Lunge(sides=("right",)).motion(Repeats(count=1))

    def shown_from(yaw: float) -> str:
        return page(*watched("lunge", motion.film(15, Camera(yaw=yaw))), Player())

    assert 'class="band"' in shown_from(0.0)
    assert 'class="band"' not in shown_from(90.0)
