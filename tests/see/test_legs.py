"""Knees and ankles where the network's maps show them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from formcheck.see.landmarks import Landmarks
from formcheck.see.legs import ANKLES, KNEES, LEAST, NEW, Legs, find_legs

Array = NDArray[np.float64]
Hills = dict[int, list[tuple[float, float, float]]]

LEFT_KNEE, RIGHT_KNEE = KNEES
LEFT_ANKLE, RIGHT_ANKLE = ANKLES
UP, DOWN = (44.0, 22.0), (46.0, 34.0)
"""Knees of somebody who lies on the back with one leg raised, the head to the left, in cells."""

RAISED, RESTING = (54.0, 14.0), (58.0, 36.0)
"""Their ankles."""

BETWEEN = ((UP[0] + DOWN[0]) / 2, (UP[1] + DOWN[1]) / 2), ((RAISED[0] + RESTING[0]) / 2, (RAISED[1] + RESTING[1]) / 2)


def marks(**moved: tuple[float, float]) -> Array:
    """Places of all landmarks: the left leg raised, unless said otherwise."""
    places = np.full((33, 2), 10.0)
    places[[23, 24]] = 33.0, 33.0
    places[[LEFT_KNEE, RIGHT_KNEE, LEFT_ANKLE, RIGHT_ANKLE]] = UP, DOWN, RAISED, RESTING
    for name, place in moved.items():
        places[{"lk": LEFT_KNEE, "rk": RIGHT_KNEE, "la": LEFT_ANKLE, "ra": RIGHT_ANKLE, "elbow": 13}[name]] = place
    return places


def maps(hills: Hills) -> NDArray[np.float32]:
    """Maps with hills at (x, y), so high."""
    y, x = np.mgrid[0:64, 0:64]
    heights = np.full((64, 64, 39), 1e-4)
    for landmark, each in hills.items():
        for column, row, height in each:
            hill = height * np.exp(-((x - column) ** 2 + (y - row) ** 2) / 4)
            heights[:, :, landmark] = np.maximum(heights[:, :, landmark], hill)
    logits: NDArray[np.float32] = np.log(heights / (1 - heights)).astype(np.float32)
    return logits


def hills(height: float = 0.8) -> Hills:
    """Every joint shown where `marks` has it."""
    return {
        LEFT_KNEE: [(*UP, height)],
        RIGHT_KNEE: [(*DOWN, height)],
        LEFT_ANKLE: [(*RAISED, height)],
        RIGHT_ANKLE: [(*RESTING, height)],
    }


def found(places: Array, shown: Hills, before: Array | None = None) -> Legs | None:
    return find_legs(places, places, maps(shown), before)


def joints(*places: tuple[float, float]) -> Array:
    return np.array(places)


def test_joints_that_the_maps_show_where_they_are_stay_as_they_are() -> None:
    assert found(marks(), hills()) is None
    assert found(marks(lk=(45.5, 23.5)), hills()) is None


def test_legs_placed_between_both_are_parted() -> None:
    knee, ankle = BETWEEN
    legs = found(marks(lk=knee, rk=knee, la=ankle, ra=ankle), hills(0.6))
    assert legs is not None
    np.testing.assert_allclose(legs.places, joints(UP, DOWN, RAISED, RESTING), atol=0.05)
    np.testing.assert_allclose(legs.likeness, 0.6, atol=0.01)


@pytest.mark.parametrize("exchanged", [False, True])
def test_legs_that_could_be_either_stay_what_they_were(exchanged: bool) -> None:
    both_knees, both_ankles = [(*UP, 0.55), (*DOWN, 0.55)], [(*RAISED, 0.55), (*RESTING, 0.55)]
    shown: Hills = {**dict.fromkeys(KNEES, both_knees), **dict.fromkeys(ANKLES, both_ankles)}
    knee, ankle = BETWEEN
    before = joints(DOWN, UP, RESTING, RAISED) if exchanged else joints(UP, DOWN, RAISED, RESTING)
    legs = found(marks(lk=knee, rk=knee, la=ankle, ra=ankle), shown, before + 1)
    assert legs is not None
    np.testing.assert_allclose(legs.places, before, atol=0.05)


def test_one_that_is_placed_in_the_air_is_found_and_the_other_stays() -> None:
    shown = hills()
    shown[RIGHT_ANKLE] = [(*RAISED, 0.5), (*RESTING, 0.55)]  # it looks a bit like the other one
    legs = found(marks(ra=BETWEEN[1]), shown)
    assert legs is not None
    np.testing.assert_allclose(legs.places, joints(UP, DOWN, RAISED, RESTING), atol=0.05)
    assert legs.likeness.nonzero()[0].tolist() == [3]


def test_of_two_at_one_place_the_one_that_is_shown_elsewhere_too_goes_there() -> None:
    shown = hills()
    shown[RIGHT_ANKLE] = [(*RAISED, 0.7), (*RESTING, 0.5)]
    legs = found(marks(ra=RAISED), shown)
    assert legs is not None
    np.testing.assert_allclose(legs.places[3], RESTING, atol=0.05)
    shown[LEFT_ANKLE] = [(*RAISED, 0.7), (*RESTING, 0.4)]
    assert found(marks(ra=RAISED), shown) is None, "it could be either"


def test_two_at_one_place_that_are_shown_nowhere_else_hide_each_other() -> None:
    shown = hills()
    shown[RIGHT_ANKLE] = [(*RAISED, 0.7)]
    assert found(marks(ra=RAISED), shown) is None


@pytest.mark.parametrize(("height", "moves"), [(NEW + 0.02, True), (NEW - 0.02, False)])
def test_what_is_faint_is_believed_only_where_it_was_before(height: float, moves: bool) -> None:
    shown = hills()
    shown[RIGHT_ANKLE] = [(*RESTING, height), (*BETWEEN[1], 0.22)]
    places = marks(ra=BETWEEN[1])
    assert (found(places, shown) is not None) is moves
    before = joints(UP, DOWN, RAISED, BETWEEN[1])
    assert (found(places, shown, before) is not None) is moves
    before[3] = RESTING[0] + 2, RESTING[1]
    assert found(places, shown, before) is not None
    shown[RIGHT_ANKLE] = [(*RESTING, LEAST - 0.02)]
    assert found(places, shown, before) is None


def test_what_is_faint_is_believed_if_it_is_nowhere_else() -> None:
    shown = hills()
    shown[RIGHT_ANKLE] = [(*RESTING, LEAST + 0.02)]
    legs = found(marks(ra=BETWEEN[1]), shown)
    assert legs is not None
    np.testing.assert_allclose(legs.places[3], RESTING, atol=0.05)
    shown[RIGHT_ANKLE] += [(*RAISED, 0.5)]
    assert found(marks(ra=BETWEEN[1]), shown) is None, "it looks more like the other one, which may hide it"


def test_one_whose_map_is_highest_where_it_is_placed_stays_though_that_is_low() -> None:
    shown = hills()
    shown[RIGHT_ANKLE] = [(*RESTING, 0.55), (40.0, 40.0, 0.5)]
    assert found(marks(), shown) is None


def test_a_knee_is_not_looked_for_at_an_elbow_nor_further_than_a_thigh_reaches() -> None:
    for place in ((40.0, 40.0), (10.0, 33.0)):
        shown = hills()
        shown[RIGHT_KNEE] = [(*place, 0.55)]
        moved = found(marks(rk=BETWEEN[0]), shown)
        assert (moved is not None) is (place[0] == 40.0)
        assert found(marks(rk=BETWEEN[0], elbow=(40.0, 41.0)), shown) is None


def test_an_ankle_is_looked_for_beside_a_hand_as_in_a_lizard_pose() -> None:
    shown = hills(0.6)
    legs = found(marks(ra=BETWEEN[1], elbow=RESTING), shown)
    assert legs is not None
    np.testing.assert_allclose(legs.places[3], RESTING, atol=0.05)


def test_the_foot_goes_with_its_ankle_and_what_is_shown_is_visible() -> None:
    given = marks(ra=BETWEEN[1]) / 64
    places, visibility = given.copy(), np.full(33, 0.1)
    Landmarks._part_legs(given, places, maps(hills(0.7)), visibility, None)
    moved = (places - given) * 64
    by = np.subtract(RESTING, BETWEEN[1])
    np.testing.assert_allclose(moved[[RIGHT_ANKLE, 30, 32]], [by] * 3, atol=0.05)
    np.testing.assert_allclose(np.delete(moved, [RIGHT_ANKLE, 30, 32], axis=0), 0, atol=1e-9)
    assert visibility[RIGHT_ANKLE] == pytest.approx(0.7, abs=0.01)
    assert (np.delete(visibility, RIGHT_ANKLE) == 0.1).all()
