from __future__ import annotations

import numpy as np
import pytest

from formcheck.pose import LANDMARKS, Landmark, Pose
from formcheck.see.company import COMPANY_S, FIRST_LOOK_S, MISFIT_S, SOONEST_S, Company

SIZE = (640, 480)


def person(time: float, x: float, y: float = 300.0, *, length: float = 100.0, lying: bool = False) -> Pose:
    """Somebody whose hips are at (x, y), with a trunk of this length, seen from the front or lying."""
    points = np.zeros((LANDMARKS, 2))
    along = np.array([-1.0, 0.0]) if lying else np.array([0.0, -1.0])
    across = np.array([0.0, 0.15]) if lying else np.array([0.25, 0.0])
    for i in range(LANDMARKS):
        far = 1.4 if i < 11 else 1.0 if i < 13 else 0.5 if i < 23 else 0.0 if i < 25 else -0.8 if i < 27 else -1.6
        points[i] = np.array([x, y]) + length * (far * along + (1 if i % 2 else -1) * across)
    points[Landmark.NOSE] = np.array([x, y]) + length * 1.4 * along
    return Pose(time, points, np.ones(LANDMARKS), SIZE)


def nobody(time: float) -> Pose:
    return Pose.absent(time, SIZE)


def test_one_person_alone_is_looked_at_once() -> None:
    company = Company(upright=True)
    looks = 0
    for i in range(600):
        pose = person(i / 30, 320 + 10 * np.sin(i / 20))
        if company.wants_look(pose):
            looks += 1
            assert company.look([pose], pose).exerciser is pose
        assert company.is_exerciser(pose)
    assert looks == 1
    assert company.notes() == ()


def test_who_lies_is_followed_although_the_model_found_the_trainer_first() -> None:
    company = Company(upright=False)
    trainer, exerciser = person(0.6, 300, 200), person(0.6, 320, 380, lying=True)
    assert not company.wants_look(person(0.0, 300, 200))
    assert company.wants_look(trainer)
    seen = company.look([trainer, exerciser], trainer)
    assert seen.exerciser is exerciser
    assert seen.lost  # the model has to let go of the trainer
    assert [p is trainer for p in company.others] == [True]
    assert not company.is_exerciser(person(0.7, 302, 200))
    assert company.is_exerciser(person(0.7, 321, 381, lying=True))


def test_another_scene_has_other_people() -> None:
    company = Company(upright=False)
    trainer, exerciser = person(0.6, 300, 200), person(0.6, 320, 380, lying=True)
    company.look([trainer, exerciser], trainer)
    company.look([person(1.6, 300, 200)], person(1.6, 320, 380, lying=True))
    company.leave()
    assert company.others == ()
    assert company.is_exerciser(person(1.7, 302, 200))  # at the trainer's place
    assert company.together.total_s > 0


@pytest.mark.parametrize("upright", [True, None])
def test_the_nearer_more_central_one_is_chosen(upright: bool | None) -> None:
    company = Company(upright)
    far, near = person(1.0, 120, length=60), person(1.0, 330)
    assert company.look([far, near], far).exerciser is near


def test_whom_the_model_found_first_has_no_advantage_at_the_first_look() -> None:
    company = Company(upright=True)
    for i in range(10):
        assert company.is_exerciser(person(i / 30, 420, length=60))
    far, near = person(0.6, 420, length=60), person(0.6, 250)
    assert company.look([far, near], far).exerciser is near


def test_a_bystander_who_comes_near_does_not_take_over() -> None:
    company = Company(upright=True)
    company.look([person(0.6, 320)], person(0.6, 320))
    # Bigger, and as central: but somebody else is exercising already, and goes on doing so.
    for i in range(20):
        time = 1.2 + i * COMPANY_S
        exerciser, passing = person(time, 320), person(time, 100 + 25 * i, length=115)
        if abs(100 + 25 * i - 320) < 60:
            continue  # one before the other
        assert company.look([passing, exerciser], exerciser).exerciser is exerciser


def test_the_model_that_jumped_to_a_bystander_is_called_back() -> None:
    company = Company(upright=True)
    company.look([person(0.6, 320)], person(0.6, 320))
    jumped = person(1.0, 500)
    assert company.is_exerciser(person(0.97, 320))
    assert company.wants_look(jumped)
    seen = company.look([person(1.0, 321), jumped], jumped)
    assert seen.exerciser is not None
    assert seen.exerciser.points[Landmark.LEFT_HIP, 0] == pytest.approx(321 + 25, abs=5)
    assert seen.lost


@pytest.mark.parametrize("upright", [True, None])
def test_a_trainer_beside_does_not_take_over_while_the_exerciser_is_lost_for_a_moment(upright: bool | None) -> None:
    company = Company(upright)

    def trainer(time: float) -> Pose:
        return person(time, 500, length=75)

    company.look([person(0.6, 300), trainer(0.6)], person(0.6, 300))
    for time in (1.2, 1.8, 2.4, 3.0):
        seen = company.look([trainer(time)], trainer(time))
        assert seen.exerciser is None
        assert seen.lost
    back = person(3.6, 300)
    assert company.look([trainer(3.6), back], trainer(3.6)).exerciser is back


def test_who_stays_away_has_left_it_to_who_is_there() -> None:
    company = Company(upright=True)
    company.look([person(0.6, 300), person(0.6, 500, length=75)], person(0.6, 300))
    for i in range(1, 12):
        time = 0.6 + i * COMPANY_S
        other = person(time, 500, length=75)
        seen = company.look([other], other)
    assert seen.exerciser is other


def test_company_is_told_for_as_long_as_it_was_there() -> None:
    company = Company(upright=True)
    for i in range(90):
        time = i / 30
        exerciser, other = person(time, 300), person(time, 500, length=75)
        if company.wants_look(exerciser):
            company.look([exerciser, other], exerciser)
    assert company.together.total_s == pytest.approx(3.0, abs=COMPANY_S)


def test_while_only_bystanders_are_seen_nobody_is_the_exerciser() -> None:
    company = Company(upright=False)
    lying, standing = person(0.6, 320, 380, lying=True), person(0.6, 100, 200)
    company.look([lying, standing], lying)
    later = person(1.2, 110, 200)
    seen = company.look([later], later)
    assert seen.exerciser is None
    assert seen.lost


def test_a_person_who_is_not_in_position_is_looked_past_now_and_then() -> None:
    company = Company(upright=False)
    standing = person(0.6, 320)
    company.look([standing], standing)
    wanted = [t for t in np.arange(0.7, 40, 0.1) if company.wants_look(p := person(t, 320)) and company.look([p], p)]
    first = [t for t in wanted if t < 4]
    later = [t for t in wanted if t > 20]
    assert len(first) >= 4  # whoever lies behind may begin at once
    assert len(later) <= 20 / MISFIT_S + 1


def test_of_an_unknown_exercise_who_stands_may_be_looking_on_and_who_lies_is_not() -> None:
    for lying, most in ((False, 10 / COMPANY_S / 2), (True, 1)):
        company = Company(upright=None)
        looks = [
            t
            for t in np.arange(0.0, 10, 0.1)
            if company.wants_look(p := person(t, 320, lying=lying)) and company.look([p], p).exerciser is p
        ]
        assert 1 <= len(looks) <= most
        assert (len(looks) > 1) is not lying


def test_two_sightings_of_somebody_whose_trunk_points_at_the_camera_are_one_person() -> None:
    def on_all_fours(time: float, x: float) -> Pose:
        pose = person(time, x)
        points = pose.points.copy()
        for side, joints in ((1, (11, 23)), (-1, (12, 24))):
            points[list(joints)] = [(x + 32 * side, 300), (x + 25 * side, 315)]
        return Pose(time, points, pose.visibility, SIZE)

    company = Company(upright=False)
    followed = on_all_fours(0.6, 320)
    seen = company.look([on_all_fours(0.6, 334)], followed)
    assert seen.exerciser is followed
    assert company.others == ()
    company.look([on_all_fours(1.2, 460)], on_all_fours(1.2, 320))
    assert len(company.others) == 1  # beside each other they are two


def test_whoever_moves_between_the_same_two_places_is_looked_at_in_both_and_then_no_more() -> None:
    company = Company(upright=True)
    looks = []
    for i in range(1200):
        pose = person(i / 30, 320 + 120 * np.sin(i / 40), 300)
        if company.wants_look(pose):
            looks.append(pose.time)
            company.look([pose], pose)
        assert company.is_exerciser(pose)
    assert 2 <= len(looks) <= 4
    assert company.wants_look(person(41.0, 560, 300))  # jumped to where nobody has been


def test_the_first_look_waits_until_the_model_has_settled() -> None:
    company = Company()
    assert not company.wants_look(nobody(0.0))
    assert not company.wants_look(person(5.0, 320))
    assert company.wants_look(person(5.0 + FIRST_LOOK_S, 320))


def test_who_does_not_fit_is_looked_past_at_once_for_whoever_begins_at_once() -> None:
    company = Company(upright=False)
    assert not company.wants_look(person(5.0, 320))
    assert company.wants_look(person(5.0 + SOONEST_S, 320))
    fitting = Company(upright=False)
    assert not fitting.wants_look(person(5.0, 320, lying=True))
    assert not fitting.wants_look(person(5.0 + SOONEST_S, 320, lying=True))


def test_who_fits_better_is_confirmed_soon() -> None:
    company = Company(upright=False)
    trainer = person(1.0, 300, 200)
    company.look([trainer], trainer)
    trainer = person(2.0, 300, 200)
    company.look([trainer, person(2.0, 320, 380, lying=True)], trainer)
    soon = 2.0 + SOONEST_S + 0.01
    trainer, exerciser = person(soon, 300, 200), person(soon, 320, 380, lying=True)
    assert company.wants_look(trainer)
    assert company.look([trainer, exerciser], trainer).exerciser is exerciser


def test_it_is_told_that_others_were_there_and_when_that_was_unclear() -> None:
    sure, unsure = Company(upright=False), Company(upright=True)
    for i in range(10):
        time = 0.6 + i * COMPANY_S
        sure.look([person(time, 320, 380, lying=True), person(time, 100)], person(time, 320, 380, lying=True))
        unsure.look([person(time, 250), person(time, 390)], person(time, 250))
    assert "Somebody else was in the picture for about" in sure.notes()[0]
    assert "it was not clear who exercises" in unsure.notes()[0]


def test_others_are_painted_over_and_the_exerciser_is_not() -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 255, (480, 640, 3), dtype=np.uint8)
    company = Company(upright=False)
    lying, standing = person(0.6, 320, 400, lying=True), person(0.6, 320, 220)
    company.look([lying, standing], lying)
    painted = company.hide_others(image)
    changed = (painted != image).any(axis=2)
    assert changed[100:200, 310:330].mean() > 0.95
    for x, y in lying.points.astype(int):
        if 0 <= x < 640 and 0 <= y < 480:
            assert not changed[y, x]
    alone = Company()
    alone.look([lying], lying)
    assert alone.hide_others(image) is image
