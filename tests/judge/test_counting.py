"""Counting on filmed stick figures: the bars of the judging core."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
import pytest
from disturbances import during, emptied, hidden, jittered, joined, lossy, mirrored, moved, shifted, swapped
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import POSES, SHIPPED, assert_alike, events, follow, judge, present, reasons, sample, spoken, template
from motions import (
    Bridge,
    Fidget,
    Lunge,
    Motion,
    Plank,
    Repeats,
    changing,
    dwell,
    getting_up,
    going_down,
    lazy_bridge,
    lazy_lunge,
    lying_down,
    standing_up,
    still,
    then,
    waiting,
    walking,
)
from moves import squat
from small_templates import changed
from stick_figure import Camera, Figure, knee_angle

from formcheck.judge.report import Repetition
from formcheck.judge.template import parse_template
from formcheck.pose import Landmark, Pose, Side

FLOOR = Camera(height=45)
BOTH: tuple[Side, ...] = ("left", "right")

SETS: dict[str, tuple[str, Callable[[Repeats], Motion], Camera]] = {
    "lunge, right leg": ("lunge", lambda r: Lunge().motion(r), Camera()),
    "lunge, alternating": ("lunge", lambda r: Lunge(BOTH).motion(r), Camera()),
    "lunge, reverse, alternating": ("lunge", lambda r: Lunge(BOTH, reverse=True).motion(r), Camera(yaw=180)),
    "lunge, oblique": ("lunge", lambda r: Lunge(BOTH).motion(r), Camera(yaw=40)),
    "lunge, front": ("lunge", lambda r: Lunge(BOTH).motion(r), Camera(yaw=85)),
    "lunge, not quite deep": ("lunge", lambda r: Lunge(("left",), knee=100, back_knee=105).motion(r), Camera()),
    "bridge": ("bridge", lambda r: Bridge().motion(r), FLOOR),
    "bridge, low": ("bridge", lambda r: Bridge(top=162).motion(r), FLOOR),
    "bridge, head to the right": ("bridge", lambda r: Bridge(rest_knee=95).motion(r), Camera(height=45, yaw=170)),
}

TEMPI = {"brisk": Repeats(12, 2.2, 0.1, 0.6), "plain": Repeats(12, 3.0, 0.3, 1.0), "slow": Repeats(12, 5.0, 1.0, 1.0)}


@cache
def film(name: str, tempo: str = "plain", fps: int = 20) -> tuple[Pose, ...]:
    _, motion, camera = SETS[name]
    return tuple(motion(TEMPI[tempo]).film(fps, camera))


@cache
def short_film(name: str, fps: int = 24) -> tuple[Pose, ...]:
    _, motion, camera = SETS[name]
    return tuple(motion(Repeats(3, 2.6, 0.3, 0.9)).film(fps, camera))


# Twelve repetitions, every time ---------------------------------------------------------------------------------------


MANY = [(name, "brisk") for name in SETS] + [("lunge, alternating", "slow"), ("bridge", "slow")]


@pytest.mark.parametrize(("name", "tempo"), MANY)
def test_twelve_clean_repetitions_are_twelve(name: str, tempo: str) -> None:
    report = judge(SETS[name][0], film(name, tempo))
    assert (report.counts.total, report.counts.partial) == (12, 0)
    _, motion, _ = SETS[name]
    for repetition, peak in zip(report.repetitions, motion(TEMPI[tempo]).peaks, strict=True):
        assert repetition.peak_s == pytest.approx(peak, abs=0.3)
    if "alternating" in name or name in ("lunge, oblique", "lunge, front"):
        assert [r.side for r in report.repetitions] == ["left", "right"] * 6
        assert (report.counts.left, report.counts.right) == (6, 6)


@pytest.mark.parametrize(("name", "tempo", "seed"), [(*made, i % 2) for i, made in enumerate(MANY)])
def test_twelve_repetitions_under_every_disturbance_at_once_are_twelve(name: str, tempo: str, seed: int) -> None:
    """8 px of white noise on limbs of 130 px, every fifth picture lost, left and right exchanged in 5 %."""
    what: Literal["body", "legs"] = "body" if seed % 2 else "legs"
    how: Literal["absent", "missing"] = "absent" if seed % 2 else "missing"
    track = lossy(swapped(jittered(film(name, tempo), 8.0, seed), 0.05, seed, what), 0.2, seed, how)
    assert judge(SETS[name][0], track).counts.total == 12


@pytest.mark.parametrize(("name", "pixels"), [("bridge", 2.0), ("lunge, alternating", 4.0), ("bridge", 6.0)])
def test_twelve_repetitions_at_any_noise_are_twelve(name: str, pixels: float) -> None:
    assert judge(SETS[name][0], jittered(film(name, "brisk"), pixels, 5)).counts.total == 12


@pytest.mark.parametrize("what", ["body", "legs"])
@pytest.mark.parametrize("run", [3])
def test_exchanged_sides_do_not_change_who_leads(what: Literal["body", "legs"], run: int) -> None:
    track = swapped(film("lunge, alternating", "brisk"), 0.05, 3, what, run)
    assert [r.side for r in judge("lunge", track).repetitions] == ["left", "right"] * 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("tempo", TEMPI)
@pytest.mark.parametrize("name", SETS)
def test_twelve_are_twelve_for_many_seeds(name: str, tempo: str, seed: int) -> None:
    test_twelve_repetitions_under_every_disturbance_at_once_are_twelve(name, tempo, seed)


@pytest.mark.parametrize(
    ("exercise", "track"),
    [
        ("lunge", lazy_lunge(Repeats(), 15.0)),
        ("lunge", lazy_lunge(Repeats(), 15.0, both_alike=True)),
        ("bridge", lazy_bridge(Repeats(), 15.0)),
    ],
    ids=["hips fixed", "both legs alike", "hips up through the bones"],
)
def test_figures_that_ignore_anatomy_count_too(exercise: str, track: list[Pose]) -> None:
    assert judge(exercise, track).counts.total == 12


def test_a_bridge_without_lifted_hips_is_told() -> None:
    report = judge("bridge", lazy_bridge(Repeats(3), about_hips=True))
    assert (report.counts.total, report.counts.partial) == (0, 3)
    assert all(r.explanation for r in report.repetitions)


@pytest.mark.parametrize(("name", "returns"), [("lunge", 0.72), ("bridge", 0.82)])
def test_repetitions_without_a_rest_between_are_counted(name: str, returns: float) -> None:
    made = Lunge(returns=returns) if name == "lunge" else Bridge(returns=returns)
    track = made.motion(Repeats(12, 2.5, 0.2, 0.0)).film(20.0, Camera() if name == "lunge" else FLOOR)
    assert judge(name, jittered(track, 4.0)).counts.total == 12


# The same events, however filmed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("fps", [10, 15, 30, 60])
@pytest.mark.parametrize(
    "name", ["lunge, alternating", "bridge", *(pytest.param(n, marks=pytest.mark.slow) for n in SETS)]
)
def test_the_frame_rate_does_not_change_the_events(name: str, fps: int) -> None:
    exercise = SETS[name][0]
    assert_alike(events(judge(exercise, short_film(name, fps))), events(judge(exercise, short_film(name))), within=0.1)


@pytest.mark.parametrize("name", SETS)
def test_the_clock_does_not_change_the_events(name: str) -> None:
    exercise = SETS[name][0]
    later = events(judge(exercise, shifted(short_film(name), 1000.0)), since=1000.0)
    assert_alike(later, events(judge(exercise, short_film(name))), within=1e-6)


@pytest.mark.parametrize("name", SETS)
def test_a_mirror_exchanges_the_sides_and_nothing_else(name: str) -> None:
    exercise = SETS[name][0]
    turned = events(judge(exercise, mirrored(short_film(name))), mirror=True)
    assert_alike(turned, events(judge(exercise, short_film(name))), within=0.02)


def test_a_mirror_changes_no_measure() -> None:
    straight, turned = (
        follow("lunge", t)[1] for t in (short_film("lunge, oblique"), mirrored(short_film("lunge, oblique")))
    )
    for a, b in zip(straight, turned, strict=True):
        assert a.phase == b.phase
        np.testing.assert_allclose(a.values, b.values, atol=1e-6)


@cache
def pieces() -> tuple[Pose, ...]:
    return tuple(Lunge(BOTH).motion(Repeats(4, 2.6, 0.3, 1.4, 2.0, 2.0)).film(20.0))


@given(st.data())
@settings(max_examples=5)
def test_pieces_of_a_set_add_up(data: st.DataObject) -> None:
    """Cut at rest, the repetitions of the pieces are those of the whole."""
    repeats = Repeats(4, 2.6, 0.3, 1.4, 2.0, 2.0)
    track = pieces()
    rests = [repeats.lead_in + i * (repeats.seconds + repeats.rest) - 0.7 for i in range(1, 4)]
    cut = data.draw(st.sets(st.sampled_from(rests), min_size=1))
    borders = [-1.0, *sorted(cut), 1e9]
    found: list[Repetition] = []
    for begin, end in itertools.pairwise(borders):
        found += judge("lunge", [p for p in track if begin <= p.time < end]).repetitions
    assert [(r.side, r.counted) for r in found] == [("left", True), ("right", True)] * 2
    for repetition, peak in zip(found, repeats.peaks, strict=True):
        assert repetition.peak_s == pytest.approx(peak, abs=0.15)


@given(st.floats(-500, 100_000), st.floats(0.5, 1.8), st.booleans(), st.sampled_from([15, 24]))
@settings(max_examples=6)
def test_clock_size_side_and_frame_rate_together(offset: float, size: float, mirror: bool, fps: int) -> None:
    track = shifted(moved(short_film("lunge, alternating", fps), 100.0, -40.0, size), offset)
    actual = judge("lunge", mirrored(track) if mirror else track)
    expected = events(judge("lunge", short_film("lunge, alternating")))
    assert_alike(events(actual, since=offset, mirror=mirror), expected, within=0.1)


# What is no repetition -----------------------------------------------------------------------------------------------

LYING = still(Bridge().figure(0.0), 8.0)

NOTHING: dict[str, Motion] = {
    "walking": walking(20.0),
    "walking slowly": walking(20.0, period=1.6, stride=22.0, lift=7.0),
    "marching": walking(20.0, period=1.2, stride=12.0, lift=28.0),
    "striding": walking(15.0, period=1.1, stride=42.0, lift=15.0),
    "standing": waiting(20.0),
    "fidgeting": Fidget(1).motion(30.0),
    "fidgeting more": Fidget(2, 1.6).motion(30.0),
    "lying down and getting up": then(waiting(2), lying_down(), LYING, standing_up(), waiting(2)),
    "lying": then(lying_down(), LYING),
    "going down": then(waiting(2), going_down(), Plank().motion(6.0), getting_up(), waiting(2)),
    "going down to the hands": then(waiting(2), going_down(Plank(high=True)), Plank(high=True).motion(6.0)),
}


@cache
def nothing(name: str, yaw: float = 0.0) -> tuple[Pose, ...]:
    return tuple(NOTHING[name].film(15.0, Camera(yaw=yaw, height=75)))


@pytest.mark.parametrize("yaw", [0, *(pytest.param(y, marks=pytest.mark.slow) for y in (35, 50, 90))])
@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_exercise_counts_nothing(name: str, yaw: float) -> None:
    track = nothing(name, yaw)
    for exercise in ("lunge", "bridge"):
        report = judge(exercise, track)
        assert report.counts.total == 0
        assert [c for c in report.cues if c.kind == "correction"] == []


@pytest.mark.parametrize("exercise", [e for e in SHIPPED if template(e).kind == "repetitions"])
@pytest.mark.parametrize("name", ["walking", "fidgeting", "lying"])
def test_no_shipped_exercise_counts_walking_or_waiting(exercise: str, name: str) -> None:
    report = judge(exercise, jittered(nothing(name), 2.0))
    assert report.counts.total == 0
    assert spoken(report) == []


@pytest.mark.parametrize("pixels", [4.0])
def test_noise_on_somebody_waiting_counts_nothing(pixels: float) -> None:
    for seed in range(2):
        report = judge("lunge", jittered(Fidget(seed).motion(20.0).film(), pixels, seed))
        assert (report.counts.total, spoken(report)) == (0, [])


def test_getting_into_position_is_no_repetition_and_the_set_counts_from_the_start() -> None:
    motion = then(waiting(2), lying_down(), Bridge().motion(Repeats(4)), standing_up(), waiting(2))
    for fps in (15, 30):
        report = judge("bridge", motion.film(fps, Camera(height=70)))
        assert (report.counts.total, report.counts.partial) == (4, 0)
        assert reasons(report)[0] == "posture"
        for repetition, peak in zip(report.repetitions, motion.peaks, strict=True):
            assert repetition.peak_s == pytest.approx(peak, abs=0.3)


def test_walking_up_to_the_place_and_then_lunging() -> None:
    motion = then(walking(4.0), waiting(1), Lunge(BOTH).motion(Repeats(4)), walking(3.0))
    report = judge("lunge", motion.film())
    assert report.counts.total == 4
    assert [r.side for r in report.repetitions if r.counted] == ["left", "right"] * 2


def test_feet_put_elsewhere_in_the_middle_of_a_set() -> None:
    near, far = Bridge(rest_knee=75), Bridge(rest_knee=95)
    motion = then(near.motion(Repeats(3)), far.motion(Repeats(3)), near.motion(Repeats(3)))
    assert judge("bridge", motion.film(camera=FLOOR)).counts.total == 9


# Hovering at the thresholds ------------------------------------------------------------------------------------------


def lunging(share: float) -> Figure:
    return Lunge().figure(share, "right")


HIGHEST = Bridge().raised_for(178.0)


def bridging(share: float) -> Figure:
    return Bridge().figure(share * HIGHEST)


def mean_knee(figure: Figure) -> float:
    points = figure.points()
    return (knee_angle(points, "left") + knee_angle(points, "right")) / 2


def share_where(
    figure: Callable[[float], Figure], measure: Callable[[Figure], float], value: float, low: float = 0.0
) -> float:
    """Share of the way at which a measure reaches a value; it changes in one direction from `low` on."""
    high, rising = 1.0, measure(figure(1.0)) > measure(figure(low))
    for _ in range(40):
        middle = (low + high) / 2
        if (measure(figure(middle)) < value) == rising:
            low = middle
        else:
            high = middle
    return low


def hip_angle(figure: Figure) -> float:
    return Bridge().hip_angle(figure.trunk - 180.0)


HOVERS = {
    "lunge at the peak": ("lunge", lunging, share_where(lunging, mean_knee, 122, 0.4)),
    "lunge at the end of the peak": ("lunge", lunging, share_where(lunging, mean_knee, 132, 0.4)),
    "lunge at the start": ("lunge", lunging, 0.09),
    "lunge at the finish": ("lunge", lunging, 0.17),
    "bridge at the peak": ("bridge", bridging, share_where(bridging, hip_angle, 152)),
    "bridge at the end of the peak": ("bridge", bridging, share_where(bridging, hip_angle, 144)),
    "bridge at the start": ("bridge", bridging, share_where(bridging, hip_angle, 138)),
    "bridge at the finish": ("bridge", bridging, share_where(bridging, hip_angle, 140)),
}  # fmt: skip


def hover(figure: Callable[[float], Figure], share: float, seconds: float, seed: int, size: float) -> Motion:
    """To a share of the way, hovering there, and back."""
    phases = np.random.default_rng(seed).uniform(0, 6.28, 3)
    path = [(0.0, 0.0), (1.5, 0.0), (3.0, share)]
    for i in range(1, int(seconds * 10)):
        waves = sum(np.sin(2 * np.pi * f * i / 10 + p) for f, p in zip((0.3, 0.7, 1.3), phases, strict=True))
        path.append((3.0 + i / 10, share + size * float(waves) / 1.5))
    end = path[-1][0]
    return dwell(figure, [*path, (end + 1.0, 0.0), (end + 2.5, 0.0)])


@pytest.mark.parametrize("size", [0.03, *(pytest.param(s, marks=pytest.mark.slow) for s in (0.0, 0.01, 0.05))])
@pytest.mark.parametrize("name", HOVERS)
def test_half_a_minute_at_a_threshold_is_at_most_one(name: str, size: float) -> None:
    exercise, figure, share = HOVERS[name]
    camera = Camera() if exercise == "lunge" else FLOOR
    track = hover(figure, share, 30.0, int(100 * size), size).film(15.0, camera)
    for pixels in (0.0, 8.0):
        assert judge(exercise, jittered(track, pixels)).counts.total <= 1, pixels


@pytest.mark.parametrize("name", ["lunge at the peak", "bridge at the peak"])
def test_a_few_seconds_at_the_threshold_are_one_attempt(name: str) -> None:
    exercise, figure, share = HOVERS[name]
    camera = Camera() if exercise == "lunge" else FLOOR
    report = judge(exercise, jittered(hover(figure, share, 6.0, 3, 0.04).film(camera=camera), 3.0))
    assert len(report.repetitions) == 1


# Partial attempts ----------------------------------------------------------------------------------------------------


def test_shallow_lunges_are_partial_with_depth_and_reason() -> None:
    report = judge("lunge", Lunge(knee=132, back_knee=132).motion(Repeats(12)).film(15.0))
    assert (report.counts.total, report.counts.partial) == (0, 12)
    for repetition in report.repetitions:
        assert repetition.reason == "range"
        assert repetition.depth == pytest.approx(130, abs=8)
        assert repetition.explanation
        assert "122° is needed" in repetition.explanation
    assert "Sink a little lower" in spoken(report)


def test_a_straight_back_leg_is_partial_with_its_reason() -> None:
    report = judge("lunge", Lunge(back_knee=150).motion(Repeats(4)).film())
    assert (report.counts.total, report.counts.partial) == (0, 4)
    assert {r.reason for r in report.repetitions} == {"condition"}
    assert all("oth knees have to bend" in (r.explanation or "") for r in report.repetitions)


def test_low_bridges_are_partial_with_depth_and_reason() -> None:
    report = judge("bridge", Bridge(top=146).motion(Repeats(4)).film(camera=FLOOR))
    assert (report.counts.total, report.counts.partial) == (0, 4)
    assert report.repetitions[0].depth == pytest.approx(146, abs=3)
    assert report.repetitions[0].explanation == "Hip reached 147°; 150° is needed"


def test_a_repetition_that_the_recording_cuts_off_is_partial() -> None:
    track = Bridge().motion(Repeats(3)).film(camera=FLOOR)
    peak = Repeats(3).peaks[-1]
    report = judge("bridge", [p for p in track if p.time < peak])
    assert (report.counts.total, report.counts.partial) == (2, 1)
    assert report.repetitions[-1].reason == "unfinished"


def test_a_repetition_that_is_nearly_back_at_the_end_counts() -> None:
    repeats = Repeats(3, 3.0, 0.3, 1.0)
    track = Bridge().motion(repeats).film(camera=FLOOR)
    end = repeats.lead_in + 2 * 4.0 + 2.75
    assert judge("bridge", [p for p in track if p.time < end]).counts.total == 3


@pytest.mark.parametrize("late", [0.0, 0.1, 0.17])
def test_a_recording_that_begins_on_the_way_out_counts_from_its_first_repetition(late: float) -> None:
    """Of the rest before it there are no more than two or three pictures, or none."""
    repeats = Repeats(3, 1.6, 0.3, 1.0)
    track = Lunge().motion(repeats).film(30.0)
    assert judge("lunge", [p for p in track if p.time >= repeats.lead_in + late]).counts.total == 3


def test_too_fast_and_too_slow_do_not_count() -> None:
    fast = judge("bridge", Bridge().motion(Repeats(3, 0.7, 0.1, 1.0)).film(60.0, FLOOR))
    assert fast.counts.total == 0
    slow = judge("bridge", Bridge().motion(Repeats(1, 22.0, 12.0)).film(15.0, FLOOR))
    assert slow.counts.total == 0
    assert [r.reason for r in slow.repetitions] == ["too_slow"]
    assert "Longer than 15 s" in (slow.repetitions[0].explanation or "")


@pytest.mark.parametrize("fps", [15.0, 30.0])
@pytest.mark.parametrize(
    ("exercise", "make", "camera"),
    [("bridge", Bridge().motion, FLOOR), ("lunge", Lunge().motion, Camera()), ("squat", squat, Camera())],
)
def test_one_second_each_without_a_rest_between_all_count(
    exercise: str, make: Callable[[Repeats], Motion], camera: Camera, fps: float
) -> None:
    """Rest is seen in a picture or two, and between the limits it is less than the least time."""
    report = judge(exercise, make(Repeats(6, 1.0, pause=0.0, rest=0.0)).film(fps, camera))
    assert (report.counts.total, report.counts.partial) == (6, 0)


def test_leaving_in_the_middle_of_a_repetition_is_partial() -> None:
    track = Bridge().motion(Repeats(3)).film(camera=FLOOR)
    peak = Repeats(3).peaks[1]
    report = judge("bridge", emptied(track, peak, 100.0))
    assert (report.counts.total, report.counts.partial) == (1, 1)
    assert report.repetitions[-1].reason == "lost"
    assert "Not seen any more" in (report.repetitions[-1].explanation or "")


@pytest.mark.parametrize(("share", "counted"), [(0.45, 2), (0.6, 3)])
def test_who_is_not_seen_any_more_was_as_far_back_as_where_a_recording_ends(share: float, counted: int) -> None:
    repeats = Repeats(3, 3.0, 0.3, 1.0)
    track = then(Bridge().motion(repeats), waiting(3.0)).film(camera=FLOOR)
    last = repeats.peaks[2] + repeats.pause / 2 + share * (repeats.seconds - repeats.pause) / 2
    ended = judge("bridge", [p for p in track if p.time < last])
    gone = judge("bridge", emptied(track, last, 100.0))
    assert (ended.counts.total, gone.counts.total) == (counted, counted)


def test_getting_up_out_of_a_repetition_is_partial() -> None:
    up = then(Bridge().motion(Repeats(1, 3.0, 0.3, 1.0, 1.5, -1.3)), standing_up(0.8), waiting(4), blend_s=0.3)
    report = judge("bridge", up.film(camera=Camera(height=70)))
    assert report.counts.total <= 1
    assert all(r.reason in (None, "left_position", "range") for r in report.repetitions)


def test_a_short_loss_of_sight_does_not_break_a_repetition() -> None:
    track = film("bridge")
    peak = TEMPI["plain"].peaks[2]
    assert judge("bridge", emptied(track, peak - 0.4, peak + 0.4)).counts.total == 12


def test_hidden_knees_freeze_the_count_without_resetting_it() -> None:
    track = film("bridge")
    first, last = TEMPI["plain"].peaks[3] - 1.5, TEMPI["plain"].peaks[4] + 1.5
    knees = hidden(track, [Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE], 0.1)
    report = judge("bridge", during(track, first, last, knees))
    assert report.counts.total == 10
    assert "joints" in reasons(report)


# Cuts, sides, comfort ------------------------------------------------------------------------------------------------


def test_a_scene_cut_ends_the_attempt_and_the_next_scene_starts_anew() -> None:
    track = Lunge().motion(Repeats(2)).film()
    peak = Repeats(2).peaks[1]
    begun = [p for p in track if p.time < peak]
    scene = Lunge(("left",)).motion(Repeats(2)).film(camera=Camera(limb=85, yaw=10))
    report = judge("lunge", joined(begun, moved(scene, -150, -60)))
    assert [(r.counted, r.reason) for r in report.repetitions] == [
        (True, None),
        (False, "cut"),
        (True, None),
        (True, None),
    ]
    assert "picture changed" in (report.repetitions[1].explanation or "")


@pytest.mark.parametrize("seen", [True, False])
def test_a_cut_that_the_picture_tells_ends_the_attempt_wherever_the_person_is(seen: bool) -> None:
    """From the bottom of one lunge to the bottom of another one, filmed alike: the poses alone go on."""
    track = list(Lunge().motion(Repeats(1)).film())
    bottom = next(i for i, pose in enumerate(track) if pose.time >= Repeats(1).peaks[0])
    assert judge("lunge", track).counts.total == 1
    first = track[bottom]
    track[bottom] = replace(first if seen else Pose.absent(first.time, first.size), cut=True)
    [attempt] = [r for r in judge("lunge", track).repetitions if r.reason]
    assert (attempt.counted, attempt.reason) == (False, "cut")


@pytest.mark.parametrize(("share", "counted"), [(0.4, 1), (0.75, 2)])
def test_a_scene_that_is_cut_when_somebody_is_nearly_back_counts(share: float, counted: int) -> None:
    repeats = Repeats(2, 3.0, 0.6, 1.0)
    way_back = (repeats.seconds - repeats.pause) / 2
    track = Lunge(("left",)).motion(repeats).film()
    begun = [p for p in track if p.time < repeats.peaks[1] + repeats.pause / 2 + share * way_back]
    after = walking(3.0).film(30.0, Camera(yaw=20))
    assert judge("lunge", joined(begun, moved(after, -200, 60, 1.4))).counts.total == counted


@pytest.mark.parametrize("late", [0.0, 0.2, 0.4])
def test_a_scene_that_begins_on_the_way_out_counts_from_its_first_repetition(late: float) -> None:
    repeats = Repeats(3, 2.4, 0.3, 1.0)
    scene = [p for p in Lunge().motion(repeats).film(30.0) if p.time >= repeats.lead_in + late]
    intro = walking(4.0).film(30.0, Camera(yaw=20))
    assert judge("lunge", joined(intro, moved(scene, -200, 60, 1.3))).counts.total == 3


@pytest.mark.parametrize("yaw", [40, 85])
@pytest.mark.parametrize("scale", [0.6, 1.3])
def test_the_legs_of_a_scene_are_not_compared_with_those_of_the_scene_before(yaw: float, scale: float) -> None:
    """Smaller ones were not believed, and the first repetition had no rest to be compared with."""
    repeats = Repeats(2, 2.6, 0.3, 0.9)
    before = Lunge().motion(repeats).film(30.0)
    whole = Lunge(("left",)).motion(repeats).film(30.0, Camera(yaw=yaw))
    scene = moved([p for p in whole if p.time >= repeats.lead_in], 200, 100, scale)
    start = before[-1].time + 1 / 30
    joined_up = [event for event in events(judge("lunge", joined(before, scene)), start) if event.time > 0]
    assert_alike(joined_up, events(judge("lunge", scene), scene[0].time), 0.05)


def test_the_plan_decides_the_side() -> None:
    track = short_film("lunge, right leg")
    assert judge("lunge", track).counts.right == 3
    planned = judge("lunge", track, side="left")
    assert (planned.counts.left, planned.counts.right) == (3, 0)


def test_a_side_means_nothing_for_an_exercise_of_both() -> None:
    report = judge("bridge", short_film("bridge"), side="left")
    assert [r.side for r in report.repetitions] == [None] * 3
    assert (report.counts.left, report.counts.right) == (0, 0)


def test_comfort_mode_counts_by_the_person_s_own_range() -> None:
    """With the heels close the hips rest at 122°: 150° is 28° away, this person makes 25°."""
    track = Bridge(rest_knee=64, top=147).motion(Repeats(8)).film(camera=FLOOR)
    assert judge("bridge", track).counts.total == 0
    comfortable = judge("bridge", track, comfort=True)
    assert (comfortable.counts.total, comfortable.counts.partial) == (5, 3)  # the first three show the range
    assert comfortable.comfort


def test_comfort_mode_never_counts_less_than_the_least_range() -> None:
    track = Bridge(rest_knee=64, top=136).motion(Repeats(6)).film(camera=FLOOR)
    assert judge("bridge", track, comfort=True).counts.total == 0


def test_comfort_mode_does_not_count_another_exercise_of_who_reaches_the_full_range() -> None:
    lunges = Lunge(BOTH, knee=95.0).motion(Repeats(4, seconds=3.0))
    track = then(lunges, squat(Repeats(3, seconds=3.0))).film()
    assert judge("lunge", track, comfort=True).counts.total == judge("lunge", track).counts.total == 4


@pytest.mark.parametrize("wait", [0.2, 0.6, 1.0])
def test_who_turns_and_begins_at_once_starts_from_what_is_seen_in_the_new_view(wait: float) -> None:
    """From the front another signal counts; its rest says nothing about the other one's."""
    squats = squat(Repeats(2, seconds=3.0, rest=1.0, lead_in=0.0))
    still_s, turning_s = 2.0, 0.7
    begins = still_s + turning_s + wait
    track = []
    for i in range(round(30 * (begins + squats.duration))):
        time = i / 30
        yaw = 90.0 * (1.0 - min(max(time - still_s, 0.0) / turning_s, 1.0))
        track.append(Camera(yaw=yaw).look(squats.look(max(0.0, time - begins)), time))
    first = judge("squat", track).repetitions[0]
    assert first.start_s == pytest.approx(begins, abs=0.4)
    assert first.peak_s == pytest.approx(begins + squats.peaks[0], abs=0.2)
    assert first.seconds["moving"] > 0.8


def test_comfort_mode_compares_depth_with_the_person_s_best() -> None:
    low = Bridge(top=155).motion(Repeats(6)).film(camera=FLOOR)
    assert present(judge("bridge", low))["low_hips"] == 6
    assert "low_hips" not in present(judge("bridge", low, comfort=True))
    fading = then(Bridge(top=178).motion(Repeats(3)), Bridge(top=158).motion(Repeats(3)), blend_s=0.2)
    assert present(judge("bridge", fading.film(camera=FLOOR), comfort=True)).get("low_hips", 0) == 3


def test_changing_planks_are_no_bridges() -> None:
    planks = changing([(3, Plank()), (3, Plank(hips=45)), (3, Plank(hips=-18)), (3, Plank())])
    for exercise in ("bridge", "lunge"):
        assert judge(exercise, planks.film(camera=Camera(height=45, centre=-60))).counts.total == 0


def test_another_movement_at_the_peak_is_not_counted_and_not_judged() -> None:
    """A lunge judged as a squat bends both knees as deep, but with one foot before the other."""
    report = judge("squat", film("lunge, alternating", "plain"))
    assert report.counts.total == 0
    assert {r.reason for r in report.repetitions} <= {"condition", "range"}
    assert any(r.reason == "condition" for r in report.repetitions)
    assert report.faults == ()
    assert report.cues == ()


def test_another_movement_that_falls_short_is_not_judged_either() -> None:
    """A lunge with a back leg that stays straight is no squat that wants to go lower."""
    report = judge("squat", Lunge(knee=90, back_knee=165).motion(Repeats(4)).film(20.0))
    assert (report.counts.total, report.counts.partial) == (0, 4)
    assert {r.reason for r in report.repetitions} == {"condition"}
    assert report.faults == ()
    assert report.cues == ()


@pytest.mark.parametrize("signal", ["opening", "knee_up"])
def test_a_signal_that_is_relative_to_rest_moves_with_it_also_through_another_measure(signal: str) -> None:
    """Who is first seen with the knee open has another rest a moment later: both signals are the same number."""
    text = changed(
        (POSES / "clamshell.toml").read_text(encoding="utf-8"),
        ('signal = "opened"', f'signal = "{signal}"'),
        ("rest = [-0.45, 0.06]", "rest = [-0.45, 0.2]"),
        ("[measures.feet_gap]", '[measures.knee_up]\nvalue = "opening"\nunit = "torso"\n\n[measures.feet_gap]'),
    )
    track = sample("clamshell")
    peak = next(pose for pose in track if pose.time >= judge("clamshell", track).repetitions[0].peak_s)
    waits = [Pose(i / 25, peak.points, peak.visibility, peak.size) for i in range(50)]
    report = judge(parse_template(text), joined(waits, [pose for pose in track if pose.time > peak.time]))
    assert report.counts.total == 2
