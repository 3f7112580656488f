from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from disturbances import during, hidden, joined
from judging import SHIPPED, template
from motions import (
    Bridge,
    Fidget,
    Lunge,
    Motion,
    Plank,
    Repeats,
    getting_up,
    going_down,
    lying_down,
    standing_up,
    still,
    then,
    waiting,
    walking,
)
from moves import arm_raise, leg_lift, squat
from stick_figure import Camera, standing

from formcheck.judge.recognition import SURE, Recognition, Recognizer
from formcheck.judge.template import Template, parse_template
from formcheck.pose import Landmark, Pose

ALL = [template(name) for name in SHIPPED]
FPS = 15.0
"""More is not looked at anyway."""

FLOOR = Camera(height=40.0)
THREE = Repeats(count=3, seconds=2.4)


def look_at(poses: Iterable[Pose], templates: Iterable[Template] = ALL) -> Recognition:
    recognizer = Recognizer(templates)
    for pose in poses:
        recognizer.update(pose)
    return recognizer.result()


DONE: dict[str, tuple[str, Motion, Camera]] = {
    "bridge": ("bridge", Bridge().motion(THREE), FLOOR),
    "one bridge": ("bridge", Bridge().motion(Repeats(count=1)), FLOOR),
    "low bridge": ("bridge", Bridge(top=156.0).motion(THREE), FLOOR),
    "lunge": ("lunge", Lunge(sides=("right", "left")).motion(THREE), Camera()),
    "reverse lunge": ("lunge", Lunge(reverse=True).motion(THREE), Camera()),
    "squat": ("squat", squat(THREE), Camera()),
    "leg lift": ("leg_lift", leg_lift(THREE), FLOOR),
    "forearm plank": ("plank_forearm", Plank().motion(6.0), FLOOR),
    "sagging plank": ("plank_forearm", Plank(hips=-14.0).motion(20.0), FLOOR),
    "high plank": ("plank_high", Plank(high=True).motion(6.0), FLOOR),
    "bridge, with lying down and getting up": (
        "bridge",
        then(lying_down(), Bridge().motion(Repeats(count=4)), standing_up()),
        FLOOR,
    ),
    "plank, with going down and getting up": (
        "plank_forearm",
        then(going_down(), Plank().motion(12.0), getting_up()),
        FLOOR,
    ),
}


@pytest.mark.parametrize("name", DONE)
def test_an_exercise_is_recognised(name: str) -> None:
    exercise, motion, camera = DONE[name]
    result = look_at(motion.film(FPS, camera))
    assert result.best == exercise
    assert SURE <= result.confidence <= 1.0
    assert result.ranking[0].exercise == exercise


NOTHING: dict[str, Motion] = {
    "walking": walking(18.0, travel=20.0),
    "waiting": waiting(10.0),
    "fidgeting": Fidget(seed=3).motion(20.0),
    "lying down and getting up": then(lying_down(), still(Bridge().figure(0.0), 4.0), standing_up()),
    "an exercise that nobody knows": arm_raise(THREE),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_exercise_is_not_sure(name: str) -> None:
    assert look_at(NOTHING[name].film(FPS)).best is None


def test_without_anybody_nothing_is_known() -> None:
    assert look_at(Pose.absent(i / 30, (640, 480)) for i in range(90)) == Recognition(None, 0.0, ())
    assert look_at([]) == Recognition(None, 0.0, ())


def test_rest_that_was_not_seen_says_nothing() -> None:
    lunges = Lunge().motion(Repeats(count=2, lead_in=2.0, lead_out=2.0)).film(FPS)
    away = [Pose.absent(i / FPS, lunges[0].size) for i in range(round(20 * FPS))]
    with_a_break, without = look_at(joined(lunges, away, lunges)), look_at(joined(lunges, lunges))
    assert with_a_break.best == without.best == "lunge"
    assert with_a_break.confidence == pytest.approx(without.confidence, abs=0.02)


def test_a_way_that_was_long_not_seen_is_no_movement() -> None:
    """Elbows that nobody sees for ten seconds did not go down to a push-up meanwhile."""
    motion = squat(Repeats(count=1, pause=3.0, seconds=5.0, lead_in=14.0))
    poses = motion.film(FPS)
    knees = [Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE]
    bottom = motion.peaks[0]
    unseen = during(poses, 2.0, bottom - 0.5, hidden(poses, knees))
    ends_at_the_bottom = [pose for pose in unseen if pose.time < bottom + 1.0]
    assert look_at(ends_at_the_bottom, [template("squat")]).ranking == ()
    briefly = [
        pose for pose in during(poses, bottom - 4.0, bottom - 0.5, hidden(poses, knees)) if pose.time < bottom + 1.0
    ]
    assert look_at(briefly, [template("squat")]).ranking[0].exercise == "squat"


def test_attempts_that_are_not_full_are_told_but_name_nothing() -> None:
    result = look_at(squat(THREE, knee=125.0).film(FPS))
    assert result.best is None
    assert ("squat", 3) in result.tried
    assert look_at(squat(THREE).film(FPS)).tried == ()
    assert look_at(squat(Repeats(count=1), knee=125.0).film(FPS)).tried == ()


def test_it_can_be_asked_at_any_time_and_grows_surer() -> None:
    recognizer = Recognizer(ALL)
    motion = Bridge().motion(Repeats(count=4))
    asked = []
    for number, pose in enumerate(motion.film(FPS, FLOOR)):
        recognizer.update(pose)
        if number % 30 == 0:
            asked.append(recognizer.result())
    sure = [result.best for result in asked]
    first = sure.index("bridge")
    assert sure == [None] * first + ["bridge"] * (len(sure) - first)
    assert 1 <= first <= 4
    assert asked[-1].confidence > asked[first].confidence
    assert recognizer.result() == recognizer.result()


def test_a_recording_may_begin_and_end_anywhere() -> None:
    """From peak to peak there is not one repetition to count, but half of two."""
    motion = Lunge().motion(THREE)
    begin, end = motion.peaks[0] + 0.2, motion.peaks[1] + 0.3
    poses = [p for p in motion.film(FPS) if begin <= p.time <= end]
    assert look_at(poses).best == "lunge"


@pytest.mark.parametrize("fps", [10.0, 24.0, 30.0, 60.0])
@pytest.mark.parametrize("name", ["bridge", "lunge", "forearm plank"])
def test_the_frame_rate_makes_no_difference(name: str, fps: float) -> None:
    exercise, motion, camera = DONE[name]
    usual = look_at(motion.film(FPS, camera))
    result = look_at(motion.film(fps, camera))
    assert result.best == exercise
    assert result.confidence == pytest.approx(usual.confidence, abs=0.1)


@pytest.mark.parametrize("name", ["bridge", "lunge", "leg lift", "high plank"])
def test_neither_clock_nor_mirror_make_a_difference(name: str) -> None:
    _, motion, camera = DONE[name]
    poses = motion.film(FPS, camera)
    usual = look_at(poses)
    later = look_at(Pose(p.time + 1000.0, p.points, p.visibility, p.size) for p in poses)
    mirrored = look_at(p.mirrored() for p in poses)
    for other in (later, mirrored):
        assert other.best == usual.best
        assert other.confidence == pytest.approx(usual.confidence, abs=0.05)


def test_a_cut_from_rest_to_the_peak_is_no_movement() -> None:
    motion = squat(Repeats(count=1, pause=3.0, seconds=5.0))
    rest, bottom = motion.look(0.0), motion.look(motion.peaks[0])
    far_away = Camera(limb=60.0)
    poses = [Camera().look(rest, i / 30) for i in range(90)]
    poses += [far_away.look(bottom, 3.0 + i / 30) for i in range(90)]
    assert look_at(poses).ranking == ()


@pytest.mark.parametrize("late", [0, 1, 2])
def test_a_cut_that_the_picture_tells_is_noticed_with_any_picture(late: int) -> None:
    """Not every pose is looked at."""
    motion = squat(Repeats(count=1, pause=3.0, seconds=5.0))
    rest, bottom = motion.look(0.0), motion.look(motion.peaks[0])
    poses = [Camera().look(rest, i / 60) for i in range(180 + late)]
    for step in range(10):  # too slowly for a cut that only the poses tell
        between = rest + (bottom - rest) * (step + 1) / 10
        poses.append(replace(Camera().look(between, poses[-1].time + 1 / 60), cut=True))
    poses += [Camera().look(bottom, poses[-1].time + (i + 1) / 60) for i in range(180)]
    assert look_at(poses).ranking == ()


def test_two_exercises_in_one_recording_are_not_sure() -> None:
    motion = then(Bridge().motion(Repeats(count=4)), standing_up(), going_down(), Plank().motion(14.0))
    result = look_at(motion.film(FPS, FLOOR))
    assert result.best is None
    assert {c.exercise for c in result.ranking[:2]} == {"bridge", "plank_forearm"}


def test_exercises_that_cannot_be_told_apart_are_not_sure() -> None:
    twin = template("bridge").model_copy(update={"id": "twin"})
    result = look_at(Bridge().motion(THREE).film(FPS, FLOOR), [template("bridge"), twin])
    assert result.best is None
    assert [c.exercise for c in result.ranking] == ["bridge", "twin"]


def test_one_leg_in_front_says_more_than_two_bent_knees() -> None:
    """Both templates count these lunges; the one that asks for a leading leg has found it."""
    knees = """
        schema = 1
        id = "knees"
        name = "Knees"
        kind = "repetitions"
        summary = "Any bending of the near knee."
        instructions = ["Stand."]
        safety = ["Stop at pain."]
        posture = "standing"
        required = ["near.hip", "near.knee", "near.ankle"]
        camera = { view = "side", advice = "Anywhere." }
        measures.knee.value = "angle(near.hip, near.knee, near.ankle)"
        [repetition]
        signal = "knee"
        direction = "down"
        rest = [150, 185]
        start = "base - 10"
        peak_enter = "base - 50"
        peak_exit = "base - 40"
        finish = "base - 15"
        min_range = 40
        seconds = [0.5, 12]
    """
    simple = parse_template(knees)
    assert look_at(Lunge().motion(THREE).film(FPS), [simple, template("lunge")]).best == "lunge"
    assert look_at(Lunge().motion(THREE).film(FPS), [simple]).best == "knees"
    assert look_at(squat(THREE).film(FPS), [simple, template("lunge")]).best == "knees"


def test_jitter_changes_nothing() -> None:
    rng = np.random.default_rng(5)
    for exercise, motion, camera in (DONE["bridge"], DONE["squat"], DONE["leg lift"]):
        poses = [
            Pose(p.time, p.points + rng.normal(0, 3.0, p.points.shape), p.visibility, p.size)
            for p in motion.film(FPS, camera)
        ]
        assert look_at(poses).best == exercise
    standing_still = [
        Pose(i / 30, p.points + rng.normal(0, 3.0, p.points.shape), p.visibility, p.size)
        for i, p in ((i, Camera().look(standing().points(), i / 30)) for i in range(300))
    ]
    assert look_at(standing_still).best is None


def test_what_may_not_be_named_is_told_but_stands_in_nobodys_way() -> None:
    twin = template("bridge").model_copy(update={"id": "twin", "recognise": False})
    poses = Bridge().motion(THREE).film(FPS, FLOOR)
    result = look_at(poses, [twin, template("bridge")])
    assert result.best == "bridge"
    assert [c.exercise for c in result.ranking] == ["bridge", "twin"]
    assert look_at(poses, [twin]).best is None
    assert look_at(poses, [twin]).confidence >= SURE


HOLD = """
    schema = 1
    id = "{id}"
    name = "Held"
    kind = "hold"
    summary = "A position."
    instructions = ["Get into it."]
    safety = ["Stop at pain."]
    posture = "supine"
    required = ["near.shoulder", "near.hip", "near.knee"]
    camera = {{ view = "side", advice = "Anywhere." }}
    measures.hip.value = "180 + deviation(near.shoulder, near.hip, near.knee)"
    hold = {{ position = "{rule}", enter = "{rule}", stay = "{rule}" }}
"""


def test_rest_between_repetitions_is_no_hold() -> None:
    lying = parse_template(HOLD.format(id="lying", rule="hip < 150"))
    slow = Bridge().motion(Repeats(count=3, rest=4.0)).film(FPS, FLOOR)
    assert look_at(slow, [lying, template("bridge")]).best == "bridge"
    assert look_at(still(Bridge().figure(0.0), 6.0).film(FPS, FLOOR), [lying, template("bridge")]).best == "lying"


@pytest.mark.parametrize(("share", "best"), [(0.65, "raised"), (0.25, "bridge")])
def test_a_stay_at_the_peak_is_a_hold_if_most_of_it_is(share: float, best: str) -> None:
    """Who sits down on a chair stays at the bottom of a squat, but some seconds pass until they lean."""
    text = HOLD.format(id="raised", rule="hip > 160").replace('"supine"', '"any"')
    raised = parse_template(text.replace('"near.knee"]', '"near.knee", "near.wrist"]'))
    motion = Bridge().motion(Repeats(count=1, seconds=13.0, pause=11.0))
    poses = motion.film(FPS, FLOOR)
    wrists = hidden(poses, [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST])
    begin = motion.peaks[0] - 5.5
    result = look_at(during(poses, 0.0, begin + (1 - share) * 11.0, wrists), [raised, template("bridge")])
    assert result.best == best


def test_a_long_stay_at_the_peak_is_a_hold_where_there_is_one() -> None:
    raised = parse_template(HOLD.format(id="raised", rule="hip > 160").replace('"supine"', '"any"'))
    long = Bridge().motion(Repeats(count=1, seconds=13.0, pause=11.0)).film(FPS, FLOOR)
    assert look_at(long, [raised, template("bridge")]).best == "raised"
    assert look_at(long, [template("bridge")]).best == "bridge"
    # What only the one that is repeated needs is seen once a second.
    feet = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]
    blinking = [
        pose if i % 15 == 0 else unseen for i, (pose, unseen) in enumerate(zip(long, hidden(long, feet), strict=True))
    ]
    assert look_at(blinking, [raised, template("bridge")]).best == "raised"
    short = Bridge().motion(Repeats(count=4, seconds=4.0, pause=1.5)).film(FPS, FLOOR)
    assert look_at(short, [raised, template("bridge")]).best == "bridge"
