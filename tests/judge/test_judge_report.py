"""The report's stable form."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from judging import judge
from motions import Bridge, Lunge, Plank, Repeats, changing
from stick_figure import Camera

from formcheck.judge.report import SCHEMA, Report, VideoFacts
from formcheck.version import __version__

LYING = Camera(height=45)


def lunges() -> Report:
    return judge("lunge", Lunge(("left", "right"), lean=35).motion(Repeats(4)).film())


def planks() -> Report:
    planked = changing([(5, Plank()), (4, Plank(hips=-18)), (4, Plank())])
    return judge("plank_forearm", planked.film(camera=Camera(height=45, centre=-60)))


def nan_free(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(isinstance(k, str) and nan_free(v) for k, v in value.items())
    if isinstance(value, list):
        return all(nan_free(v) for v in value)
    return value is None or isinstance(value, str | bool | int)


def test_every_report_is_plain_json() -> None:
    for report in (lunges(), planks(), judge("bridge", [])):
        document = report.to_dict()
        assert nan_free(document)
        assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_the_promised_keys_are_there() -> None:
    document = lunges().to_dict()
    assert document["schema"] == SCHEMA
    assert document["formcheck_version"] == __version__
    assert document["exercise"] == "lunge"
    assert set(document["video"]) == {"path", "duration_s", "width", "height", "frames", "frames_with_person"}
    assert document["counts"] == {"total": 4, "left": 2, "right": 2, "partial": 0}
    assert {"side", "start_s", "peak_s", "end_s", "counted", "reason", "measures", "faults"} <= set(
        document["repetitions"][0]
    )
    assert {"id", "severity", "cue", "first_s", "times"} <= set(document["faults"][0])
    assert {"time_s", "text"} <= set(document["cues"][0])
    assert {"from_s", "to_s", "ready", "reason"} <= set(document["readiness"][0])
    assert document["not_visible"] == ["knee_collapses_in"]
    hold = planks().to_dict()
    assert {"side", "start_s", "end_s", "in_form_s", "lost_s"} <= set(hold["holds"][0])
    assert set(hold["hold_s"]) == {"in_form", "held", "lost"}


def test_every_measure_has_a_unit() -> None:
    document = lunges().to_dict()
    assert set(document["repetitions"][0]["measures"]) == set(document["units"])


def test_unknown_numbers_are_null_and_others_rounded() -> None:
    report = lunges()
    first = replace(report.repetitions[0], depth=math.nan, measures={"knee": math.inf, "hip": 1.23456789, "x": -0.0001})
    document = replace(report, repetitions=(first,), view_ratio=math.nan).to_dict()
    told = document["repetitions"][0]
    assert told["depth"] is None
    assert told["measures"] == {"knee": None, "hip": 1.235, "x": 0.0}
    assert str(told["measures"]["x"]) == "0.0"  # not -0.0
    assert document["view_ratio"] is None


def test_corrections_and_confirmations_are_told_apart() -> None:
    document = planks().to_dict()
    assert [cue["text"] for cue in document["cues"]] == ["Lift hips, squeeze glutes"]
    assert [cue["fault"] for cue in document["confirmations"]] == ["hips_sag"]


def test_facts_of_the_video_can_be_added_later() -> None:
    report = lunges()
    video = VideoFacts("clip.mp4", 12.5, 1280, 720, 300, 290)
    told = report.about(video, ("lens distorted",)).about(video, ("dark",))
    assert told.to_dict()["video"]["path"] == "clip.mp4"
    assert told.to_dict()["notes"] == ["lens distorted", "dark"]
    assert report.notes == ()


def test_sums_of_holds() -> None:
    report = planks()
    assert report.held_s == sum(h.held_s for h in report.holds)
    assert report.in_form_s < report.held_s
    assert report.lost_s == 0.0


def test_facts_of_the_track() -> None:
    track = Bridge().motion(Repeats(1)).film(25.0, LYING)
    report = judge("bridge", track)
    assert report.video.frames == report.video.frames_with_person == len(track)
    assert (report.video.width, report.video.height) == (1280, 720)
    assert math.isclose(report.video.duration_s, len(track) / 25, abs_tol=1e-6)


def test_an_empty_track_has_a_report() -> None:
    report = judge("lunge", [])
    assert (report.counts.total, report.view, report.near_side) == (0, "unknown", None)
    assert report.readiness == ()
    assert report.not_visible == ()
