"""Panels keep off the person and do not jump."""

from math import inf

import numpy as np
import pytest
from motions import Lunge, Repeats
from stick_figure import Camera, standing

from formcheck.show.placement import PATIENCE_S, Box, Presence, Seat
from formcheck.show.skeleton import Points

SIZE = (1280, 720)


def person(x: float = 0.0) -> Points:
    """Somebody in the middle of the picture, moved by x pixels."""
    points: Points = Camera(limb=110).look(standing().points(), 0.0).points.copy()
    points[:, 0] += x
    return points


def test_a_box_touches_what_is_nearer_than_the_gap() -> None:
    box = Box(10, 10, 20, 20)
    assert not box.touches(Box(30, 10, 5, 5))
    assert box.touches(Box(30, 10, 5, 5), gap=1)
    assert box.touches(Box(29, 29, 5, 5))
    assert not box.touches(Box(12, 30, 5, 5))


def test_a_box_is_moved_into_the_picture_and_no_further() -> None:
    assert Box(-5, 90, 20, 20).moved_into(100, 100) == Box(0, 80, 20, 20)
    inside = Box(3, 4, 20, 20)
    assert inside.moved_into(100, 100) is inside


def test_presence_is_where_the_person_is() -> None:
    presence = Presence(SIZE)
    presence.update(0.0, person())
    assert presence.covered(Box(0, 0, *SIZE)) == pytest.approx(1.0)
    assert presence.covered(Box(0, 0, 400, 720)) == presence.covered(Box(880, 0, 400, 720)) == 0.0
    assert presence.covered(Box(540, 0, 200, 720)) > 0.95
    assert presence.filled(Box(600, 300, 60, 60)) > 0.8


def test_where_the_person_was_counts_for_some_seconds() -> None:
    presence = Presence(SIZE)
    presence.update(0.0, person(-400))
    left = Box(0, 0, 500, 720)
    for i in range(1, 16):
        presence.update(i * 0.1, person(400))
    assert presence.covered(left) > 0.2
    assert presence.filled(left) == 0.0
    for i in range(16, 150):
        presence.update(i * 0.1, person(400))
    assert presence.covered(left) < 0.02


def test_memory_does_not_depend_on_the_frame_rate() -> None:
    remembered = []
    for fps in (10, 60):
        presence = Presence(SIZE)
        presence.update(0.0, person(-400))
        for i in range(1, 2 * fps + 1):
            presence.update(i / fps, person(400))
        remembered.append(presence.covered(Box(0, 0, 500, 720)))
    assert remembered[0] == pytest.approx(remembered[1], rel=0.01)


def test_nobody_is_nowhere() -> None:
    presence = Presence(SIZE)
    presence.update(0.0, np.full((33, 2), np.nan))
    assert presence.covered(Box(0, 0, *SIZE)) == 0.0
    assert presence.filled(Box(0, 0, *SIZE)) == 0.0


def test_a_face_counts_more_than_a_foot_and_a_judged_limb_more_than_another() -> None:
    points = person()
    plain, strict = Presence(SIZE), Presence(SIZE)
    plain.update(0.0, points)
    strict.update(0.0, points, judged=(23, 24, 25, 26, 27, 28))
    head, knee = points[0], points[25]

    def around(spot: np.ndarray) -> Box:
        return Box(int(spot[0]) - 30, int(spot[1]) - 30, 60, 60)

    assert plain.covered(around(head)) > 1.5 * plain.covered(around(points[27]))
    assert strict.covered(around(knee)) > 1.3 * plain.covered(around(knee))


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (3840, 2160)])
def test_pictures_of_any_size_are_possible(size: tuple[int, int]) -> None:
    presence = Presence(size)
    presence.update(0.0, np.tile(np.array(size, float), (33, 1)) * 1e6)
    assert 0.0 <= presence.covered(Box(-5, -5, 10, 10)) <= 1.0


def test_a_seat_moves_only_when_it_has_been_worse_for_a_while() -> None:
    seat = Seat()
    assert seat.choose(0.0, [0.0, 0.5]) == 0
    for i in range(10):
        assert seat.choose(1 + 0.09 * i, [0.5, 0.0]) == 0
    assert seat.choose(2.0 + 0.01, [0.5, 0.0]) == 1


def test_a_short_obstacle_starts_the_patience_anew() -> None:
    seat = Seat()
    seat.choose(0.0, [0.0, 0.5])
    time = 0.0
    for _ in range(20):
        time += 0.8 * PATIENCE_S
        assert seat.choose(time - 0.7 * PATIENCE_S, [0.5, 0.0]) == 0
        assert seat.choose(time, [0.0, 0.5]) == 0


def test_an_impossible_place_is_left_at_once() -> None:
    seat = Seat()
    seat.choose(0.0, [0.0, 0.1, 0.2])
    assert seat.choose(0.01, [inf, 0.1, 0.2]) == 1
    assert seat.choose(0.02, [0.0, 0.1, 0.2]) == 1


def test_a_small_gain_is_not_worth_moving() -> None:
    seat = Seat()
    seat.choose(0.0, [0.0, 0.001])
    assert all(seat.choose(0.1 * i, [0.011, 0.0]) == 0 for i in range(1, 100))


def test_a_corner_that_is_free_during_the_whole_movement_is_kept() -> None:
    presence, seat = Presence(SIZE), Seat()
    corners = [Box(20, 20, 300, 130), Box(960, 20, 300, 130), Box(20, 570, 300, 130), Box(960, 570, 300, 130)]
    taken = set()
    for pose in Lunge().motion(Repeats(count=4)).film(camera=Camera(limb=120)):
        presence.update(pose.time, pose.points)
        index = seat.choose(pose.time, [presence.covered(corner) for corner in corners])
        taken.add(index)
        assert presence.filled(corners[index]) == 0.0
    assert len(taken) == 1
