"""Stretches whose joints are not all seen, from the exact joints of rendered people."""

from __future__ import annotations

import math

import numpy as np
import pytest
from disturbances import during, hidden, joined, mirrored, moved
from filmed import LOW_CAMERA
from judging import follow, judge, sample, template
from motions import half_kneeling, then, waiting
from motions import still as still_figure

from formcheck.judge.session import Session
from formcheck.pose import MIRRORED, Landmark, Pose

WRISTS = [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]
ABOVE_HIPS = [mark for mark in Landmark if mark < Landmark.LEFT_HIP]


def still(pose: Pose, seconds: float) -> list[Pose]:
    return [Pose(time, pose.points, pose.visibility, pose.size) for time in np.arange(0, seconds, 1 / 30)]


def leaning(pose: Pose, degrees: float) -> Pose:
    """Turned about the hips until the trunk leans this far, positive to where the feet point."""
    points = pose.points.copy()
    hip = points[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    x, y = points[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=0) - hip
    facing = np.sign(points[Landmark.RIGHT_FOOT_INDEX, 0] - points[Landmark.RIGHT_HEEL, 0])
    turn = math.radians(facing * degrees) - math.atan2(x, -y)
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    points[ABOVE_HIPS] = (points[ABOVE_HIPS] - hip) @ matrix.T + hip
    return Pose(pose.time, points, pose.visibility, pose.size)


def test_a_lizard_pose_whose_hands_are_hidden_is_timed_all_the_same() -> None:
    track = sample("lizard")
    [seen], [unseen] = judge("lizard", track).holds, judge("lizard", hidden(track, WRISTS)).holds
    assert seen.in_form_s > 5
    assert unseen.side == seen.side
    assert unseen.in_form_s == pytest.approx(seen.in_form_s, abs=0.1)


def front_and_back(pose: Pose) -> tuple[str, str]:
    """Sides of the front and the back leg of a lizard pose: the front foot is nearer to the head."""
    head = pose.points[Landmark.NOSE, 0]
    away = {side: abs(pose.points[Landmark[f"{side}_ANKLE"], 0] - head) for side in ("LEFT", "RIGHT")}
    front = min(away, key=lambda side: away[side])
    return front, "RIGHT" if front == "LEFT" else "LEFT"


def hanging(pose: Pose) -> Pose:
    """With a front leg of 0.4 of its length that hangs in the air, as where it is taken for the arm beside it."""
    points = pose.points.copy()
    front, back = front_and_back(pose)
    hip, knee = points[Landmark[f"{back}_HIP"]], points[Landmark[f"{back}_KNEE"]]
    thigh = np.linalg.norm(knee - hip)
    backward = np.sign(knee[0] - hip[0])
    points[Landmark[f"{front}_KNEE"]] = points[Landmark[f"{front}_HIP"]] + thigh * np.array([0.1 * backward, 0.4])
    for joint, down in (("ANKLE", 0.3), ("HEEL", 0.35), ("FOOT_INDEX", 0.4)):
        points[Landmark[f"{front}_{joint}"]] = points[Landmark[f"{front}_KNEE"]] + thigh * np.array(
            [0.2 * backward, down]
        )
    return Pose(pose.time, points, pose.visibility, pose.size)


def both_back(pose: Pose) -> Pose:
    """With the front leg beside the back one, as in a plank."""
    points = pose.points.copy()
    front, back = front_and_back(pose)
    for joint in ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX"):
        points[Landmark[f"{front}_{joint}"]] = points[Landmark[f"{back}_{joint}"]] + 2
    return Pose(pose.time, points, pose.visibility, pose.size)


def test_a_front_leg_that_was_never_seen_forward_begins_no_lizard_pose() -> None:
    assert judge("lizard", [hanging(pose) for pose in sample("lizard")]).holds == ()


def test_a_foot_that_steps_back_ends_a_lizard_pose() -> None:
    track = sample("lizard")
    [seen] = judge("lizard", track).holds
    middle = (seen.start_s + seen.end_s) / 2
    [hold] = judge("lizard", [both_back(pose) if pose.time > middle else pose for pose in track]).holds
    assert hold.end_s == pytest.approx(middle, abs=0.3)


def test_hands_may_hide_the_crossed_ankle_in_a_seated_figure_four() -> None:
    track = sample("figure4_seated")
    crossed = next(pose for pose in track if pose.time > 5).points
    ankle = min(Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE, key=lambda mark: crossed[mark, 1])
    [seen] = judge("figure4_seated", track).holds
    [unseen] = judge("figure4_seated", hidden(track, [ankle])).holds
    assert unseen.in_form_s == pytest.approx(seen.in_form_s, abs=0.2)
    both = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]  # cut off by the picture's edge: nobody knows what the legs do
    assert judge("figure4_seated", hidden(track, both)).holds == ()


@pytest.mark.parametrize("name", ["figure4_seated", "figure4_supine"])
def test_legs_that_the_model_exchanges_in_a_figure_four_change_neither_time_nor_side(name: str) -> None:
    track = sample(name)
    [right] = judge(name, track).holds
    order = np.arange(len(MIRRORED))
    order[25:] = np.array(MIRRORED)[25:]
    exchanged = [
        Pose(pose.time, pose.points[order], pose.visibility[order], pose.size)
        if right.start_s + 2 < pose.time < right.end_s
        else pose
        for pose in track
    ]
    report = judge(name, exchanged)
    [hold] = report.holds
    assert hold.side == right.side
    assert hold.in_form_s == pytest.approx(right.in_form_s, abs=0.2)
    assert report.faults == ()


def sideways(pose: Pose) -> Pose:
    """With one shoulder behind the other, as from the side."""
    points = pose.points.copy()
    both = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
    points[both] = points[both].mean(axis=0) + 0.1 * (points[both] - points[both].mean(axis=0))
    return Pose(pose.time, points, pose.visibility, pose.size)


def onto_each_other(pose: Pose) -> Pose:
    """With both legs drawn where the lower one is, as the pose model does with a leg that is hidden."""
    points = pose.points.copy()
    lower = max((Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE), key=lambda mark: points[mark, 1])
    for joint in ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX"):
        pair = [Landmark[f"LEFT_{joint}"], Landmark[f"RIGHT_{joint}"]]
        points[pair] = points[pair[lower == Landmark.RIGHT_ANKLE]] + np.array([[0.0, 0.0], [4.0, 0.0]])
    return Pose(pose.time, points, pose.visibility, pose.size)


@pytest.mark.parametrize("name", ["figure4_seated", "figure4_supine"])
def test_legs_that_were_crossed_stay_so_while_they_are_drawn_onto_each_other(name: str) -> None:
    track = [sideways(pose) for pose in sample(name)]
    [seen] = judge(name, track).holds
    hiding = [onto_each_other(pose) if seen.start_s + 0.5 < pose.time < seen.end_s - 0.5 else pose for pose in track]
    [hold] = judge(name, hiding).holds
    assert hold.side == seen.side
    assert hold.in_form_s == pytest.approx(seen.in_form_s, abs=0.2)
    never_crossed = [onto_each_other(pose) for pose in track]
    assert sum(hold.in_form_s for hold in judge(name, never_crossed).holds) == 0


def test_legs_that_are_seen_apart_again_are_crossed_no_more() -> None:
    crossed = sideways(next(pose for pose in sample("figure4_seated") if pose.time > 5))
    apart = onto_each_other(crossed).points
    lower = max((Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE), key=lambda mark: crossed.points[mark, 1])
    apart[[lower - 2, lower]] += np.array([[120.0, 0.0], [120.0, 0.0]])
    track = [
        *still(crossed, 5),
        *(Pose(5 + p.time, onto_each_other(p).points, p.visibility, p.size) for p in still(crossed, 3)),
        *(Pose(8 + p.time, apart, p.visibility, p.size) for p in still(crossed, 6)),
    ]
    [hold] = judge("figure4_seated", track).holds
    assert hold.end_s == pytest.approx(8, abs=0.3)


def test_a_lizard_pose_on_the_forearms_may_sink_as_far_as_it_goes() -> None:
    """The front knee is bent to 45 degrees then, over a shin that stays upright."""
    track = sample("lizard")
    [seen] = judge("lizard", track).holds
    middle = (seen.start_s + seen.end_s) / 2
    stay = {*range(15, 23), *range(25, 33)}  # hands and legs
    sunk = []
    for pose in track:
        points = pose.points.copy()
        if pose.time > middle:
            thigh = np.hypot(*(points[Landmark.LEFT_KNEE] - points[Landmark.LEFT_HIP]))
            points[[i for i in range(33) if i not in stay], 1] += 0.5 * thigh
        sunk.append(Pose(pose.time, points, pose.visibility, pose.size))
    session = Session(template("lizard"))
    angles = [dict(zip(session.measures, session.update(p).values, strict=True))["front_knee"] for p in sunk]
    settled = [a for a, p in zip(angles, sunk, strict=True) if middle + 0.5 < p.time < seen.end_s - 1]
    assert 40 < np.median(settled) < 50
    [hold] = session.finish().holds
    assert hold.in_form_s > seen.in_form_s - 0.2
    assert hold.breaks == 0


def test_a_lizard_pose_needs_no_front_knee() -> None:
    track = sample("lizard")
    [seen] = judge("lizard", track).holds
    knee, hip = (
        (Landmark.LEFT_KNEE, Landmark.LEFT_HIP) if seen.side == "left" else (Landmark.RIGHT_KNEE, Landmark.RIGHT_HIP)
    )
    wrong = []
    for pose in track:
        points = pose.points.copy()
        points[knee, 1] += 0.45 * np.hypot(*(points[knee] - points[hip]))
        wrong.append(Pose(pose.time, points, pose.visibility, pose.size))
    [hold] = judge("lizard", wrong).holds
    assert hold.in_form_s == pytest.approx(seen.in_form_s, abs=0.8)


def with_back_knee_bent(track: list[Pose], since: float) -> list[Pose]:
    """The lizard pose's back knee, that of the foot further from the hands, lowered from some time on."""
    bent = []
    for pose in track:
        points = pose.points.copy()
        if pose.time >= since:
            left, right = points[[Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]]
            wrists = points[WRISTS].mean(axis=0)
            is_left = abs(left[0] - wrists[0]) > abs(right[0] - wrists[0])
            hip, knee = (
                (Landmark.LEFT_HIP, Landmark.LEFT_KNEE) if is_left else (Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE)
            )
            points[knee, 1] += 0.45 * np.hypot(*(points[knee] - points[hip]))
        bent.append(Pose(pose.time, points, pose.visibility, pose.size))
    return bent


@pytest.mark.parametrize(
    ("variant", "since", "told"),
    [
        ({}, 4.0, True),  # it was long before: this person does not rest the knee
        ({}, 0.0, False),  # may rest on the floor: nobody said that it must not
        ({"back_leg": "knee_up"}, 0.0, True),
        ({"back_leg": "knee_down"}, 4.0, False),
    ],
)
def test_a_bent_back_knee_is_told_to_who_keeps_it_off_the_floor(
    variant: dict[str, str], since: float, told: bool
) -> None:
    track = sample("lizard")
    [hold] = judge("lizard", track).holds
    report = judge("lizard", with_back_knee_bent(track, hold.start_s + since), variants=variant)
    assert ("back_knee_bends" in {fault.id for fault in report.faults}) == told


def test_leaning_back_with_crossed_legs_is_no_stretch() -> None:
    track = sample("figure4_seated")
    crossed = next(pose for pose in track if pose.time > 5)
    [forwards] = judge("figure4_seated", still(leaning(crossed, 18), 6)).holds
    assert forwards.in_form_s == pytest.approx(6, abs=0.1)
    back = judge("figure4_seated", still(leaning(crossed, -18), 6))
    assert back.holds == ()
    assert [fault.id for fault in back.faults] == ["no_hinge"]


def test_a_hold_has_the_fault_that_lasted_before_it_and_goes_on_in_it() -> None:
    """Seated with crossed legs for 6 s and then leaning too little: the same fault all along. Corrected, it is past."""
    track = sample("figure4_seated")
    seated = still(track[13], 6)  # half a second into the recording: crossed, upright

    def held_at(time: float) -> tuple[str, ...]:
        there = next(pose for pose in track if pose.time >= time)
        on_the_way = [pose for pose in track if track[13].time < pose.time < there.time]
        report = judge("figure4_seated", joined(seated, on_the_way, still(there, 14)))
        assert [fault.id for fault in report.faults] == ["no_hinge"]
        [hold] = report.holds
        assert hold.held_s > 12
        assert (hold.in_form_s > 12) == (not hold.faults)
        return hold.faults

    assert held_at(1.67) == ("no_hinge",)
    assert held_at(5.0) == ()


def test_no_lean_is_told_although_a_hand_hides_the_crossed_ankle() -> None:
    crossed = next(pose for pose in sample("figure4_seated") if pose.time > 5)
    ankle = min(Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE, key=lambda mark: crossed.points[mark, 1])
    upright = still(leaning(crossed, 0), 6)
    assert [fault.id for fault in judge("figure4_seated", hidden(upright, [ankle])).faults] == ["no_hinge"]


def test_who_sits_with_one_leg_behind_the_other_is_asked_to_turn() -> None:
    crossed = next(pose for pose in sample("figure4_seated") if pose.time > 5)
    _, moments = follow("figure4_seated", still(onto_each_other(crossed), 3))
    assert moments[-1].readiness.say.startswith("Turn towards the camera")


@pytest.mark.parametrize("waits", [2.0, 6.0])
def test_who_kneels_down_first_is_timed_from_the_shift_forward(waits: float) -> None:
    """Standing, the thigh leans back: the baseline is how it was kneeling."""
    forward = still_figure(half_kneeling(shift=8.0), 10.0)
    motion = then(waiting(3.0), still_figure(half_kneeling(), waits), forward)
    [hold] = judge("half_kneeling_stretch", motion.film(camera=LOW_CAMERA)).holds
    assert hold.side == "right"
    assert hold.start_s == pytest.approx(3.0 + 1.0 + waits + 0.5, abs=0.5)
    assert hold.in_form_s == pytest.approx(10.0, abs=0.5)


def test_kneeling_upright_is_no_stretch() -> None:
    assert judge("half_kneeling_stretch", still_figure(half_kneeling(), 12.0).film(camera=LOW_CAMERA)).holds == ()


@pytest.mark.parametrize("name", ["half_kneeling_stretch", "lizard"])
def test_the_other_side_in_the_same_recording_is_another_hold(name: str) -> None:
    """The person turns round: the same picture, mirrored. Out of position for less than a pause that ends a hold."""
    track = sample(name)
    [seen] = judge(name, track).holds
    first, second = judge(name, joined(track, mirrored(track))).holds
    assert {first.side, second.side} == {"left", "right"}
    assert first.side == seen.side
    for hold in (first, second):
        assert hold.in_form_s == pytest.approx(seen.in_form_s, abs=0.2)
        assert hold.breaks == 0
    assert second.start_s - first.end_s == pytest.approx(track[-1].time + seen.start_s - seen.end_s, abs=0.5)


@pytest.mark.parametrize("wanders", [True, False])
def test_a_crossed_leg_that_is_drawn_onto_the_other_one_gives_itself_away(wanders: bool) -> None:
    """As on rendered people: for half a second its ankle is found halfway up the other shin, which no foot on the floor is."""
    track = sample("figure4_seated")
    [seen] = judge("figure4_seated", track).holds
    assert seen.side == "left"
    drawn = []
    for pose in track:
        points, visibility = pose.points.copy(), pose.visibility.copy()
        for left, right in ((23, 24), (25, 26), (27, 28), (29, 30), (31, 32)):
            if left > 24:
                points[left] = points[right] + 2.0
        if wanders and 0.4 <= pose.time <= 1.0:
            points[Landmark.LEFT_ANKLE] = (points[Landmark.RIGHT_ANKLE] + points[Landmark.RIGHT_KNEE]) / 2
        visibility[Landmark.LEFT_ANKLE] = 0.75
        drawn.append(Pose(pose.time, points, visibility, pose.size))
    report = judge("figure4_seated", drawn)
    assert [hold.side for hold in report.holds] == (["left"] if wanders else [])
    if wanders:
        assert report.holds[0].in_form_s == pytest.approx(seen.in_form_s, abs=0.3)


@pytest.mark.parametrize("name", ["figure4_seated", "figure4_supine"])
@pytest.mark.parametrize("away_s", [0.0, 8.0])
def test_after_a_cut_or_an_absence_the_side_is_found_anew(name: str, away_s: float) -> None:
    """The legs are crossed already when they are seen again, nearer to the edge of the picture and smaller."""
    track = sample(name)
    [seen] = judge(name, track).holds
    first = [p for p in track if p.time <= seen.end_s - 1]
    nobody = [Pose.absent(i / 10, track[0].size) for i in range(round(10 * away_s))]
    second = moved([p for p in mirrored(track) if p.time > seen.start_s + 0.5], 200.0, 150.0, scale=0.6)
    [alone] = judge(name, second).holds
    holds = judge(name, joined(first, *([nobody] if nobody else []), second)).holds
    assert [hold.side for hold in holds] == [seen.side, alone.side]
    assert holds[1].in_form_s == pytest.approx(alone.in_form_s, abs=0.15)


def test_who_lay_on_the_floor_before_is_compared_with_how_they_sit_now() -> None:
    """Nearer to the camera they knelt upright, and the trunk looked longer: sitting upright now is no lean."""
    kneeling = moved(still(sample("half_kneeling_stretch")[0], 2.0), 0.0, 0.0, scale=1.3)
    lying = still(sample("plank_high")[0], 3.0)
    sitting = still(leaning(sample("figure4_seated")[0], 4.0), 6.0)
    away = [Pose.absent(i / 10, sitting[0].size) for i in range(15)]
    assert judge("figure4_seated", joined(kneeling, away, lying, away, sitting)).holds == ()


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_hidden_front_ankle_loses_time_in_a_lizard_pose_whichever_leg_is_in_front(side: str) -> None:
    track = sample("lizard")
    [seen] = judge("lizard", track).holds
    turned = track if seen.side == side else mirrored(track)
    ankle = Landmark.LEFT_ANKLE if side == "left" else Landmark.RIGHT_ANKLE
    start = seen.start_s + 3.5
    [hold] = judge("lizard", during(turned, start, start + 2.0, hidden(turned, [ankle]))).holds
    assert (hold.side, hold.breaks) == (side, 0)
    assert hold.lost_s == pytest.approx(2.0, abs=0.2)
