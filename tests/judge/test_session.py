"""A session: poses in, moments and a report out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from disturbances import emptied, hidden, jittered, moved
from judging import follow, judge, reasons, template
from motions import Bridge, Lunge, Plank, Repeats, lying_down, still, then, waiting
from stick_figure import Camera, standing

from formcheck.judge.session import Session
from formcheck.pose import Landmark, Pose

FLOOR = Camera(height=45)
LUNGES = Lunge(("left", "right")).motion(Repeats(3)).film(20.0)


def test_times_must_increase() -> None:
    session = Session(template("lunge"))
    session.update(LUNGES[0])
    session.update(LUNGES[1])
    for pose in LUNGES[1::-1]:
        with pytest.raises(ValueError, match="in the order of time"):
            session.update(pose)


@pytest.mark.parametrize("time", [math.nan, math.inf, -math.inf])
def test_a_time_must_be_a_number(time: float) -> None:
    with pytest.raises(ValueError, match="time in seconds"):
        Session(template("lunge")).update(Pose.absent(time, (1280, 720)))


def test_a_finished_session_stays_finished() -> None:
    session = Session(template("lunge"))
    for pose in LUNGES:
        session.update(pose)
    report = session.finish()
    assert session.finish() is report
    with pytest.raises(ValueError, match="finished"):
        session.update(Pose.absent(1e6, (1280, 720)))


def test_every_pose_is_answered() -> None:
    _, moments = follow("lunge", LUNGES)
    assert [m.time for m in moments] == [p.time for p in LUNGES]
    assert all(len(m.values) == len(template("lunge").measures) for m in moments)
    assert Session(template("lunge")).measures == tuple(template("lunge").measures)


def test_moments_tell_the_story() -> None:
    report, moments = follow("lunge", LUNGES)
    phases = [m.phase for m in moments]
    story = [p for i, p in enumerate(phases) if i == 0 or phases[i - 1] != p]
    assert story[-13:] == ["rest", *["moving", "peak", "returning", "rest"] * 3]
    assert {m.phase: m.phase_word for m in moments}["peak"] == "bottom"
    assert [m.counts.total for m in moments if m.attempt] == [1, 2, 3]
    assert [m.attempt for m in moments if m.attempt] == [1, 2, 3]
    assert moments[-1].counts == report.counts
    assert moments[0].readiness.reason == "hold_still"
    assert moments[40].readiness.ready
    assert all(m.hold is None for m in moments)


def test_the_count_rises_with_the_pose_that_ends_the_repetition() -> None:
    report, moments = follow("lunge", LUNGES)
    for repetition, moment in zip(report.repetitions, [m for m in moments if m.attempt], strict=True):
        assert moment.time - 0.25 <= repetition.end_s <= moment.time


def test_readings_are_for_the_overlay() -> None:
    _, moments = follow("lunge", LUNGES)
    resting = {r.name: r for r in moments[30].readings}
    assert resting["front_knee"].quality == "untargeted"
    assert resting["front_knee"].label == "Front knee"
    assert resting["front_knee"].unit == "deg"
    bottom = next(m for m in moments if m.phase == "peak" and m.time > 2.95)
    readings = {r.name: r for r in bottom.readings}
    assert readings["front_knee"].quality == "good"
    assert readings["front_knee"].value == pytest.approx(90, abs=5)
    assert readings["front_knee"].at == (int(Landmark.LEFT_KNEE),)
    assert readings["front_knee"].arms == ((int(Landmark.LEFT_HIP),), (int(Landmark.LEFT_ANKLE),))
    assert readings["trunk"].at == (int(Landmark.LEFT_SHOULDER), int(Landmark.RIGHT_SHOULDER))
    assert readings["trunk"].arms is None
    assert all(r.label for r in bottom.readings)


def test_readings_out_of_the_band_are_off() -> None:
    _, moments = follow("lunge", Lunge(lean=40).motion(Repeats(1)).film(20.0))
    bottom = next(m for m in moments if m.phase == "peak" and m.time > 2.95)
    assert {r.name: r for r in bottom.readings}["trunk"].quality == "off"


def test_what_is_not_seen_is_nan_in_the_moment() -> None:
    track = hidden(LUNGES, [Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE], 0.1)
    _, moments = follow("lunge", track)
    readings = {r.name: r for r in moments[30].readings}
    assert readings["front_knee"].quality == "unseen"
    assert math.isnan(readings["front_knee"].value)
    assert math.isnan(moments[30].values[0])


def test_nobody_in_the_picture() -> None:
    track = [Pose.absent(i / 10, (640, 480)) for i in range(50)]
    report, moments = follow("lunge", track)
    assert reasons(report) == ["no_person"]
    assert report.readiness[0].state.say == "Step into the picture"
    assert report.video.frames_with_person == 0
    assert (report.video.width, report.video.height) == (640, 480)
    assert report.not_visible == ()
    assert moments[-1].view is None
    assert moments[-1].readings == ()
    assert all(math.isnan(v) for v in moments[-1].values)


def test_the_wrong_posture_asks_for_the_right_one() -> None:
    report = judge("bridge", waiting(4.0).film(10.0))
    assert reasons(report) == ["posture"]
    assert report.readiness[-1].state.say == "Lie on your back"
    report = judge("lunge", then(lying_down(), still(Bridge().figure(0.0), 4.0)).film(10.0, Camera(height=60)))
    assert reasons(report)[-1] == "posture"
    assert report.readiness[-1].state.say == "Stand up straight"


def test_hidden_feet_ask_to_step_back() -> None:
    feet = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]
    report = judge("lunge", hidden(waiting(4.0).film(10.0), feet, 0.1))
    assert reasons(report) == ["joints"]
    assert "ankles" in report.readiness[-1].state.say


def test_the_wrong_view_asks_to_turn() -> None:
    report = judge("plank_forearm", Plank().motion(4.0).film(10.0, Camera(height=60, yaw=75)))
    assert "view" in reasons(report)
    report = judge("bridge", Bridge().motion(Repeats(2)).film(15.0, Camera(height=60, yaw=80)))
    assert report.counts.total == 0
    assert "view" in reasons(report)


def test_a_start_position_must_be_held() -> None:
    _, moments = follow("lunge", LUNGES)
    first = next(m for m in moments if m.readiness.ready)
    assert first.time == pytest.approx(0.5, abs=0.5)


def test_bent_knees_are_no_start() -> None:
    report = judge("lunge", [p for p in Lunge().motion(Repeats(1, 8.0, 6.0)).film(15.0) if 3.5 < p.time < 7.0])
    assert not any(p.state.ready for p in report.readiness)
    assert report.counts.total == 0


def test_the_view_is_told() -> None:
    assert judge("lunge", LUNGES).view == "side"
    assert judge("lunge", LUNGES).near_side == "right"
    assert judge("lunge", [p.mirrored() for p in LUNGES]).near_side == "left"
    front = judge("lunge", Lunge().motion(Repeats(1)).film(15.0, Camera(yaw=90)))
    assert front.view == "front"
    assert front.view_ratio == pytest.approx(0.72, abs=0.1)


def test_rules_of_another_view_are_not_visible() -> None:
    assert judge("lunge", LUNGES).not_visible == ("knee_collapses_in",)
    front = judge("lunge", Lunge(lean=45).motion(Repeats(2)).film(15.0, Camera(yaw=90)))
    assert {"back_leg_straight", "knee_far_forward", "trunk_lean"} <= set(front.not_visible)
    assert not {"trunk_lean"} & {f.id for f in front.faults}
    assert set(front.repetitions[0].not_visible) == set(front.not_visible)


def test_without_a_repetition_the_view_alone_tells_what_cannot_be_seen() -> None:
    assert judge("lunge", waiting(2.0).film(10.0)).not_visible == ("knee_collapses_in",)


def test_beyond_the_angle_of_the_camera_faults_fall_silent_but_counting_goes_on() -> None:
    leaning = Lunge(lean=40).motion(Repeats(3))
    plain = judge("lunge", leaning.film(20.0, Camera(yaw=10)))
    turned = judge("lunge", leaning.film(20.0, Camera(yaw=42)))
    assert plain.counts.total == turned.counts.total == 3
    assert [f.id for f in plain.faults] == ["trunk_lean"]
    assert "trunk_lean" in turned.not_visible
    assert turned.cues == ()


def test_the_pose_in_a_moment_is_the_one_that_came() -> None:
    track = jittered(LUNGES, 3.0)
    _, moments = follow("lunge", track)
    assert sum(np.array_equal(m.pose.points, p.points) for m, p in zip(moments, track, strict=True)) > 0.95 * len(track)


def test_a_wild_pose_is_not_used() -> None:
    track = list(LUNGES)
    track[40] = moved([track[40]], 600, -200)[0]
    report, moments = follow("lunge", track)
    assert report.counts.total == 3
    assert all(math.isnan(v) for v in moments[40].values)


@pytest.mark.parametrize("beyond", [-8.0, 15.0])
def test_what_the_edge_cuts_off_is_counted_but_not_judged(beyond: float) -> None:
    """BlazePose guesses it, and is sure of it: legs were told to be bent that were not. Near the edge feet are cut off."""
    wrong = Lunge(shift=32).motion(Repeats(3)).film(20.0)
    assert [fault.id for fault in judge("lunge", wrong).faults] == ["knee_far_forward"]
    lowest = min(pose.points[[Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE], 1].max() for pose in wrong)
    report, moments = follow("lunge", moved(wrong, 0.0, wrong[0].size[1] + beyond - lowest))
    assert report.counts.total == 3
    assert report.faults == ()
    assert "knee_far_forward" in report.not_visible
    assert "ankles" in report.readiness[0].state.say
    bottom = next(m for m in moments if m.phase == "peak")
    assert {r.name: r for r in bottom.readings}["front_knee"].quality == "untargeted"


def test_joints_far_beyond_the_border_of_the_picture_are_counted_if_visible() -> None:
    """BlazePose guesses them."""
    assert judge("lunge", moved(LUNGES, 300.0, 500.0)).counts.total == 3


def test_a_person_who_comes_and_goes() -> None:
    track = emptied(LUNGES, 0.0, 1.0)
    report = judge("lunge", track)
    assert reasons(report)[0] == "no_person"
    assert report.counts.total >= 2


def test_one_pose_is_enough_for_a_report() -> None:
    report = judge("lunge", [LUNGES[0]])
    assert report.video.duration_s == 0.0
    assert report.counts.total == 0


@pytest.mark.parametrize("exercise", ["lunge", "bridge", "plank_forearm"])
def test_any_garbage_is_survived(exercise: str) -> None:
    rng = np.random.default_rng(7)
    track = []
    for i in range(300):
        points = rng.uniform(-3000, 5000, (33, 2))
        points[rng.random(33) < 0.3] = np.nan
        track.append(Pose(i / 20 + float(rng.uniform(0, 0.04)), points, rng.uniform(0, 1, 33), (1280, 720)))
    report = judge(exercise, track)
    report.to_dict()
    assert report.counts.total == 0


def test_points_that_all_coincide_are_survived() -> None:
    track = [Pose(i / 20, np.full((33, 2), 300.0), np.ones(33), (1280, 720)) for i in range(60)]
    for exercise in ("lunge", "bridge", "plank_forearm"):
        assert judge(exercise, track).counts.total == 0


def test_a_gap_of_minutes_is_survived() -> None:
    track = [*LUNGES, *[Pose(p.time + 600, p.points, p.visibility, p.size) for p in LUNGES]]
    assert judge("lunge", track).counts.total == 6


def test_the_docstring_s_use() -> None:
    session = Session(template("lunge"))
    for pose in LUNGES:
        moment = session.update(pose)
    assert moment.counts.total == session.finish().counts.total == 3


def test_standing_figures_are_ready() -> None:
    camera = Camera()
    _, moments = follow("lunge", [camera.look(standing().points(), i / 20) for i in range(40)])
    assert moments[-1].readiness.ready
    assert moments[-1].phase == "rest"
