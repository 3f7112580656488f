"""Timing and correcting holds, on filmed planks."""

from __future__ import annotations

import itertools
from functools import cache
from math import isnan, sin

import numpy as np
import pytest
from disturbances import during, emptied, hidden, jittered, joined, lossy, mirrored, moved, shifted, swapped
from judging import POSES, assert_alike, events, follow, judge, present, reasons, sample, spoken, template
from motions import Bridge, Motion, Plank, changing, dwell, getting_up, going_down, then, waiting, walking
from small_templates import HANG, changed
from stick_figure import Camera

from formcheck.judge.session import Session
from formcheck.judge.template import parse_template
from formcheck.judge.timing import Wobble
from formcheck.pose import Landmark, Pose

FLOOR = Camera(height=50, centre=-60)

GOOD = Plank()
SAG = Plank(hips=-12)
DEEP_SAG = Plank(hips=-22)
PIKE = Plank(hips=45)
SIDES = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP, Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]


@cache
def film(*parts: tuple[float, Plank], fps: float = 15.0, move_s: float = 0.6) -> tuple[Pose, ...]:
    return tuple(changing(parts, move_s).film(fps, FLOOR))


def test_who_comes_back_the_other_way_round_is_measured_on_the_side_that_is_nearer_now() -> None:
    plank = film((6.0, GOOD))
    away = emptied(film((6.0, GOOD)), -1.0, 99.0)
    report = judge("plank_forearm", joined(plank, away, mirrored(plank), gap=1 / 15))
    before, after = report.holds
    assert after.measures == pytest.approx(before.measures, abs=0.1)


def test_a_plank_is_timed_from_its_first_moment() -> None:
    for fps in (10, 30):
        report = judge("plank_forearm", GOOD.motion(20.0).film(fps, FLOOR))
        (hold,) = report.holds
        assert (hold.start_s, hold.end_s) == pytest.approx((0.0, 20.0), abs=0.1)
        assert report.in_form_s == report.held_s == pytest.approx(20.0, abs=0.2)
        assert (report.lost_s, hold.breaks, hold.faults) == (0.0, 0, ())


def test_the_whole_story_from_standing_to_standing() -> None:
    motion = then(waiting(1), going_down(), GOOD.motion(15.0), getting_up(), waiting(1), blend_s=0.1)
    report = judge("plank_forearm", motion.film(15.0, Camera(height=70)))
    (hold,) = report.holds
    begin = 1 + 0.1 + 3.6
    assert hold.start_s == pytest.approx(begin, abs=0.6)
    assert hold.in_form_s == pytest.approx(15.4, abs=1.0)
    assert "posture" in reasons(report)
    assert spoken(report) == []


def test_noise_losses_and_exchanged_sides_do_not_stop_the_clock() -> None:
    plain = judge("plank_forearm", film((20.0, GOOD)))
    for seed in range(3):
        track = lossy(swapped(jittered(film((20.0, GOOD)), 4.0, seed), 0.05, seed), 0.2, seed)
        report = judge("plank_forearm", track)
        assert report.held_s + report.lost_s == pytest.approx(plain.held_s, abs=1.0)
        assert report.held_s > 0.9 * plain.held_s
        assert spoken(report) == []


def test_missing_pictures_are_not_lost_time() -> None:
    track = lossy(film((20.0, GOOD)), 0.2, 1, "missing")
    report = judge("plank_forearm", track)
    assert report.in_form_s == pytest.approx(20.0, abs=0.3)
    assert report.lost_s == 0.0


def test_sagging_is_held_but_not_in_form() -> None:
    report = judge("plank_forearm", film((6.0, GOOD), (5.0, SAG), (6.0, GOOD)))
    (hold,) = report.holds
    assert hold.held_s == pytest.approx(18.2, abs=0.5)
    assert hold.in_form_s == pytest.approx(12.4, abs=1.0)
    assert hold.breaks == 1
    assert hold.longest_s == pytest.approx(6.3, abs=0.6)
    assert hold.faults == ("hips_sag",)


def test_a_short_slip_is_forgiven() -> None:
    report = judge("plank_forearm", film((6.0, GOOD), (0.3, SAG), (6.0, GOOD), move_s=0.2))
    (hold,) = report.holds
    assert hold.breaks == 0
    assert hold.in_form_s == pytest.approx(12.3, abs=0.8)
    assert present(report) == {}


def test_a_sag_is_corrected_once_and_confirmed() -> None:
    report = judge("plank_forearm", film((5.0, GOOD), (6.0, SAG), (6.0, GOOD)))
    assert [(c.text, c.kind) for c in report.cues] == [
        ("Lift hips, squeeze glutes", "correction"), ("Good, that's it", "fixed"),
    ]  # fmt: skip
    correction, confirmation = report.cues
    assert correction.time == pytest.approx(6.3, abs=0.8)  # a second after the hips have sunk
    assert 11.5 < confirmation.time < 15.0
    (fault,) = report.faults
    assert (fault.id, fault.severity, len(fault.times)) == ("hips_sag", "S2", 1)
    assert fault.first_s == pytest.approx(5.3, abs=0.6)


def test_a_deep_sag_is_to_stop_and_reset() -> None:
    report = judge("plank_forearm", film((5.0, GOOD), (4.0, DEEP_SAG)))
    assert [(f.id, f.severity) for f in report.faults] == [("hips_sag", "S3")]
    assert report.cues[0].severity in ("S2", "S3")


def test_a_pike_is_told_from_a_sag() -> None:
    report = judge("plank_forearm", film((5.0, GOOD), (5.0, PIKE)))
    assert spoken(report) == ["Lower hips in line"]
    assert present(report) == {"hips_pike": 1}


def test_a_lasting_fault_is_spoken_of_again_after_a_while_only() -> None:
    report = judge("plank_forearm", film((40.0, SAG), fps=10.0))
    times = [c.time for c in report.cues]
    assert len(times) == 3
    assert all(b - a >= 14.9 for a, b in itertools.pairwise(times))
    assert report.in_form_s == 0.0
    assert report.held_s == pytest.approx(40.0, abs=0.3)


def test_bent_knees_are_corrected() -> None:
    report = judge("plank_forearm", film((5.0, GOOD), (5.0, Plank(knee=140))))
    assert spoken(report) == ["Straighten your legs"]


def test_tips_are_reported_and_never_spoken() -> None:
    report = judge("plank_forearm", film((6.0, GOOD), (5.0, Plank(head=55))))
    assert [(t.id, t.measurable) for t in report.tips] == [("head_drops", "C")]
    assert report.faults == ()
    assert report.cues == ()


def test_a_pause_is_resumed_and_the_clock_shows_it() -> None:
    down = Plank(hips=0).figure()
    floor = Plank(knee=100)  # on the knees: no plank at all
    report, moments = follow("plank_forearm", film((6.0, GOOD), (1.2, floor), (6.0, GOOD)))
    assert down.trunk > 0
    (hold,) = report.holds
    assert hold.held_s == pytest.approx(13.0, abs=1.2)
    assert hold.breaks == 1
    assert "paused" in {m.phase for m in moments}
    clocks = [m.hold for m in moments if m.hold]
    assert len(clocks) == len(moments)
    assert clocks[-1].held == pytest.approx(hold.held_s)
    assert all(b.held >= a.held - 1e-9 for a, b in itertools.pairwise(clocks))


def test_lying_down_ends_the_hold_and_another_one_begins() -> None:
    report = judge("plank_forearm", film((5.0, GOOD), (6.0, Plank(knee=90)), (5.0, GOOD)))
    assert len(report.holds) == 2
    assert report.in_form_s == sum(h.in_form_s for h in report.holds) == pytest.approx(10.5, abs=1.5)


def test_out_of_sight_is_lost_time() -> None:
    track = emptied(film((20.0, GOOD)), 8.0, 10.0)
    report = judge("plank_forearm", track)
    (hold,) = report.holds
    assert hold.lost_s == pytest.approx(2.0, abs=0.3)
    assert hold.held_s == pytest.approx(18.0, abs=0.3)


def test_hidden_joints_are_lost_time_too() -> None:
    track = film((16.0, GOOD))
    report = judge("plank_forearm", during(track, 6.0, 8.0, hidden(track, SIDES, 0.1)))
    assert report.lost_s == pytest.approx(2.0, abs=0.4)
    assert report.held_s == pytest.approx(14.0, abs=0.4)


def test_when_the_person_has_left_the_clock_stops() -> None:
    report, moments = follow("plank_forearm", emptied(film((20.0, GOOD)), 8.0, 100.0))
    (hold,) = report.holds
    assert (hold.end_s, hold.held_s, hold.lost_s) == pytest.approx((8.0, 8.0, 0.0), abs=0.2)
    assert moments[-1].phase == "setup"


def test_a_scene_cut_ends_the_hold() -> None:
    first = film((5.0, GOOD))
    second = moved(film((5.0, GOOD)), 250, -120, 0.6)
    report = judge("plank_forearm", joined(first, second, gap=1 / 15))
    assert len(report.holds) == 2
    assert report.held_s == pytest.approx(10.0, abs=0.5)


@pytest.mark.parametrize("fps", [10, 24, 60])
def test_the_frame_rate_does_not_change_the_hold(fps: int) -> None:
    parts = ((5.0, GOOD), (3.0, SAG), (4.0, GOOD))
    expected = events(judge("plank_forearm", film(*parts)))
    assert_alike(events(judge("plank_forearm", film(*parts, fps=fps))), expected, within=0.25)


def test_clock_and_mirror_do_not_change_the_hold() -> None:
    track = film((5.0, GOOD), (4.0, SAG), (4.0, GOOD))
    expected = events(judge("plank_forearm", track))
    assert_alike(events(judge("plank_forearm", shifted(track, 1000.0)), since=1000.0), expected, within=1e-3)
    assert_alike(events(judge("plank_forearm", mirrored(track)), mirror=True), expected, within=0.05)


@pytest.mark.parametrize("motion", [walking(15.0), waiting(10.0)], ids=["walking", "standing"])
@pytest.mark.parametrize("exercise", ["plank_forearm", "plank_high"])
def test_what_is_no_plank_is_not_timed(exercise: str, motion: Motion) -> None:
    report = judge(exercise, motion.film(10.0))
    assert (report.held_s, report.cues) == (0.0, ())


def test_high_and_forearm_planks_are_told_apart() -> None:
    high, low = Plank(high=True), Plank()
    for exercise, right, wrong in (("plank_high", high, low), ("plank_forearm", low, high)):
        assert judge(exercise, film((6.0, right))).in_form_s == pytest.approx(6.0, abs=0.3)
        assert judge(exercise, film((6.0, wrong))).held_s == 0.0


def test_a_high_plank_is_corrected_like_a_low_one() -> None:
    report = judge("plank_high", film((5.0, Plank(high=True)), (5.0, Plank(high=True, hips=-13))))
    assert spoken(report) == ["Lift hips, squeeze glutes"]


def test_from_the_front_nothing_is_timed() -> None:
    report = judge("plank_forearm", GOOD.motion(5.0).film(15.0, Camera(height=50, yaw=80)))
    assert report.held_s == 0.0
    assert "view" in reasons(report)


def test_faults_are_not_visible_from_an_oblique_camera() -> None:
    track = changing([(4.0, GOOD), (5.0, SAG)]).film(15.0, Camera(height=50, yaw=40))
    report = judge("plank_forearm", track)
    assert report.held_s > 5.0
    assert "hips_sag" in report.not_visible
    assert spoken(report) == []


def test_the_target_can_be_chosen() -> None:
    first = next(iter(template("plank_forearm").hold.targets_s.values()))  # type: ignore[union-attr]
    for target, expected in ((None, first), (42.0, 42.0)):
        moment = Session(template("plank_forearm"), target_s=target).update(film((1.0, GOOD))[0])
        assert moment.hold
        assert moment.hold.target == expected


def test_measures_of_a_hold_are_medians() -> None:
    (hold,) = judge("plank_forearm", film((8.0, GOOD))).holds
    assert hold.measures["hip"] == pytest.approx(6, abs=3)
    assert hold.measures["knee"] == pytest.approx(172, abs=3)


# Restlessness --------------------------------------------------------------------------------------------------------


def wobble(values: list[float], fps: float = 10.0, seconds: float = 5.0) -> float:
    meter = Wobble(seconds)
    result = float("nan")
    for i, value in enumerate(values):
        result = meter.update(i / fps, value)
    return result


def test_wobble_is_the_deviation_about_the_trend() -> None:
    assert wobble([50.0] * 60) == 0.0
    assert wobble([50.0 + 0.5 * i for i in range(60)]) == pytest.approx(0.0, abs=1e-6)  # settling, not bouncing
    bouncing = [50.0 + (4.0 if i % 4 < 2 else -4.0) for i in range(60)]
    assert wobble(bouncing) == pytest.approx(4.0, abs=0.3)


def test_wobble_needs_a_full_window() -> None:
    assert isnan(wobble([50.0] * 20))
    assert wobble([50.0] * 45) == 0.0


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_wobble_does_not_depend_on_the_frame_rate(fps: int) -> None:
    values = [50.0 + 3 * sin(6.28 * 0.5 * i / fps) for i in range(8 * fps)]
    assert wobble(values, fps) == pytest.approx(3 / 2**0.5, abs=0.4)


def test_wobble_starts_anew_after_what_does_not_count() -> None:
    """Getting into position is no bouncing."""
    assert isnan(wobble([10.0, 90.0] * 30 + [float("nan")]))
    assert isnan(wobble([10.0, 90.0] * 30 + [float("nan")] + [50.0] * 20))
    assert wobble([10.0, 90.0] * 30 + [float("nan")] + [50.0] * 60) == 0.0


HELD_UP = changed(
    HANG,
    ('posture = "any"', 'posture = "supine"'),
    ('required = ["left.wrist"]', 'required = ["near.hip"]'),
    ('view = "front"', 'view = "side"'),
    ('value = "angle(left.shoulder, left.elbow, left.wrist)"', 'value = "height(mid.hip) / torso"\nunit = "torso"'),
    ('position = "arm > 100"', 'position = "arm > base(arm) + 0.2"'),
    ('enter = "arm > 150"', 'enter = "arm > base(arm) + 0.25"'),
    ('stay = "arm > 140"', 'stay = "arm > base(arm) + 0.2"'),
)


def test_a_hold_that_sinks_for_a_moment_is_still_compared_with_how_it_was_before() -> None:
    """Had the baseline been taken anew while the hips are halfway down, rising again would not be a hold."""
    path = [
        (0, 0.0),
        (3, 0.0),
        (4, 24.0),
        (9, 24.0),
        (9.5, 10.0),
        (11.5, 10.0),
        (12, 24.0),
        (17, 24.0),
        (18, 0.0),
        (20, 0.0),
    ]
    report = judge(parse_template(HELD_UP), dwell(Bridge().figure, path).film(15.0, Camera(height=60)))
    (hold,) = report.holds
    assert hold.start_s == pytest.approx(3.7, abs=0.4)
    assert hold.end_s == pytest.approx(17.5, abs=0.4)
    assert hold.held_s == pytest.approx(12.0, abs=0.5)


@pytest.mark.parametrize("fps", [5.0, 10.0, 12.0, 23.976, 30.0])
@pytest.mark.parametrize("offset", [0.0, 0.031, 0.064])
def test_sinking_is_compared_with_the_first_seconds_at_any_rate(fps: float, offset: float) -> None:
    """Hips that sink by 18 degrees, but not below what every plank may read."""
    motion = then(going_down(), Plank(hips=12.0).motion(6.0), Plank(hips=-6.0).motion(5.0), blend_s=0.8)
    track = [FLOOR.look(motion.look(t), t) for t in np.arange(offset, motion.duration, 1 / fps)]
    assert "hips_sag" in present(judge("plank_forearm", track))


def test_a_hand_that_is_lifted_to_the_face_is_no_push_up() -> None:
    """Between two push-ups the near hand scratches the nose for two seconds: its elbow bends as far."""
    track = sample("push_up")
    resting = track[20]  # high plank, before the first push-up

    def scratching(time: float) -> Pose:
        points = resting.points.copy()
        lifted = sin(np.pi * time / 2) ** 0.5
        to_nose = points[Landmark.NOSE] + (3, 8) - points[Landmark.RIGHT_WRIST]
        for mark in (Landmark.RIGHT_WRIST, Landmark.RIGHT_PINKY, Landmark.RIGHT_INDEX, Landmark.RIGHT_THUMB):
            points[mark] += lifted * to_nose
        halfway = (points[Landmark.RIGHT_SHOULDER] + points[Landmark.RIGHT_WRIST]) / 2
        points[Landmark.RIGHT_ELBOW] += lifted * (halfway - points[Landmark.RIGHT_ELBOW])
        return Pose(time, points, resting.visibility, resting.size)

    lifts = [scratching(i / 25) for i in range(50)]
    report = judge("push_up", joined(track[:101], lifts, track[101:]))
    assert report.near_side == "right"
    assert report.counts.total == judge("push_up", track).counts.total
    assert [r.reason for r in report.repetitions if not r.counted] == ["condition"]
    assert report.faults == ()


PLANK = (POSES / "plank_forearm.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("only_while", "told"), [("knee > 90", True), ("knee < 90", False)])
def test_the_stronger_form_of_a_fault_is_watched_only_while_the_fault_is(only_while: str, told: bool) -> None:
    text = changed(PLANK, ('rule = "hip < -8', f'only_while = "{only_while}"\nrule = "hip < -8'))
    report = judge(parse_template(text), changing([(3, Plank()), (6, Plank(hips=-20))]).film(15.0, FLOOR))
    assert ("hips_sag" in present(report)) == told


def test_a_stronger_form_that_was_not_seen_for_a_while_did_not_last_meanwhile() -> None:
    worse = 'worse = { rule = "knee < 155", severity = "S3", persist_s = 3.0 }'
    text = changed(PLANK, ('worse = { rule = "hip < -15", severity = "S3", persist_s = 1.0 }', worse))
    track = changing([(4, Plank()), (4, Plank(knee=140)), (4, Plank())]).film(15.0, FLOOR)
    assert "hips_sag" in present(judge(parse_template(text), track))
    assert "hips_sag" not in present(judge(parse_template(text), emptied(track, 5.8, 8.0)))


def test_who_gives_up_is_not_praised() -> None:
    motion = then(
        Plank().motion(3.0), Plank(hips=-12.0).motion(6.0), getting_up(Plank(hips=-12.0)), waiting(6.0), blend_s=0.8
    )
    report = judge("plank_forearm", motion.film(30.0, FLOOR))
    assert [cue.kind for cue in report.cues] == ["correction"]
