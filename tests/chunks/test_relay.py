"""A fresh estimator takes over at fixed times, if it sees the same as the one before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from chunk_stand_in import Follower, begun
from filmed import SIZE

from formcheck.chunks.relay import Relay
from formcheck.chunks.seam import FEWEST, NEAR, Chunks, agree
from formcheck.pose import LANDMARKS, Landmark, Pose
from formcheck.see.company import Together
from formcheck.see.frame import Frame

CHUNKS = Chunks(length_s=4.0, warm_up_s=1.0)
TRUNK = 50.0


def frames(*times: float) -> list[Frame]:
    return [Frame(time, np.full((SIZE[1], SIZE[0], 3), int(100 * time) % 251, np.uint8)) for time in times]


def every_tenth(seconds: float) -> list[Frame]:
    return frames(*(i / 10 for i in range(round(10 * seconds))))


def estimated(estimator: Relay | Follower, given: Sequence[Frame]) -> list[Pose]:
    return [estimator.estimate(frame) for frame in given]


def same(a: Sequence[Pose], b: Sequence[Pose]) -> bool:
    return len(a) == len(b) and all(
        p.time == q.time and np.array_equal(p.points, q.points) and np.array_equal(p.visibility, q.visibility)
        for p, q in zip(a, b, strict=True)
    )


def upright(time: float, x: float = 100.0, seen: bool = True) -> Pose:
    points = np.tile((x, 50.0), (LANDMARKS, 1))
    points[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP], 1] += TRUNK
    return Pose(time, points, np.ones(LANDMARKS), SIZE) if seen else Pose.absent(time, SIZE)


# --- a relay ---------------------------------------------------------------------------------------------------------


def test_a_short_recording_is_estimated_by_one_estimator(tmp_path: Path) -> None:
    log, given = tmp_path / "log", every_tenth(2.9)
    relay = Relay(partial(Follower, log=log), CHUNKS)
    assert same(estimated(relay, given), estimated(Follower(), given))
    assert len(begun(log)) == 1


def test_by_default_recordings_of_a_minute_are_not_cut() -> None:
    assert Chunks().warm_up(1) > 58
    assert [Chunks().covering(seconds) for seconds in (0.0, 35.0, 60.0, 60.1, 600.0)] == [1, 1, 1, 2, 10]


def test_each_chunk_is_seen_by_an_estimator_that_has_warmed_up(tmp_path: Path) -> None:
    log, given = tmp_path / "log", every_tenth(11)
    poses = estimated(Relay(partial(Follower, log=log), CHUNKS), given)
    assert [begin for begin, _ in begun(log)] == [0.0, 3.0, 7.0]
    assert same(poses[:40], estimated(Follower(), given[:40]))
    assert same(poses[40:80], estimated(Follower(), given[30:80])[10:])
    assert same(poses[80:], estimated(Follower(), given[70:])[10:])


def test_who_follows_somebody_else_does_not_take_over(tmp_path: Path) -> None:
    given = every_tenth(11)
    relay = Relay(partial(Follower, stubborn=(2.5, 3.5)), CHUNKS)
    poses = estimated(relay, given)
    assert same(poses[:80], estimated(Follower(), given[:80]))
    assert same(poses[80:], estimated(Follower(), given[70:])[10:])
    assert relay.began == 2


def test_who_has_not_settled_does_not_take_over() -> None:
    given = every_tenth(11)
    assert same(estimated(Relay(partial(Follower, settle_s=0.8), CHUNKS), given), estimated(Follower(), given))


def test_from_a_later_chunk_on_it_is_as_from_the_beginning() -> None:
    given = every_tenth(15)
    whole = estimated(Relay(Follower, CHUNKS), given)
    later = estimated(Relay(Follower, CHUNKS, first=1), given[30:])
    assert same(later[10:], whole[40:])


def test_a_gap_over_several_seams_leaves_the_estimator_in_charge() -> None:
    given = frames(*(i / 10 for i in range(20)), *(13 + i / 10 for i in range(20)), *(15 + i / 10 for i in range(30)))
    relay = Relay(Follower, CHUNKS)
    poses = estimated(relay, given)
    assert same(poses[:50], estimated(Follower(), given[:50]))
    assert relay.began == 4  # it is 16 s


def test_others_are_timed_once_a_frame_whoever_sees_them() -> None:
    relay = Relay(Follower, CHUNKS)
    estimated(relay, every_tenth(11))
    assert relay.together == Together(0.125 * 110, 0.0625 * 110)
    assert "it was not clear who exercises" in relay.notes()[0]


# --- agreeing --------------------------------------------------------------------------------------------------------


def track(*x: float | None) -> list[Pose]:
    return [upright(i / 10, 100.0 if each is None else each, each is not None) for i, each in enumerate(x)]


@pytest.mark.parametrize(
    ("before", "after", "agreed"),
    [
        ([100.0] * 10, [100.0 + 0.9 * NEAR * TRUNK] * 10, True),
        ([100.0] * 10, [100.0 + 1.1 * NEAR * TRUNK] * 10, False),
        ([100.0] * 10, [200.0] * 4 + [100.0] * 6, True),  # it has settled
        ([100.0] * 10, [100.0] * 8 + [200.0] * 2, False),  # it has jumped
        ([None] * 10, [None] * 10, True),  # nobody is there
        ([None] * 10, [100.0] * 10, False),
        ([100.0] * 10, [None] * 10, False),
        ([100.0] * FEWEST, [100.0] * FEWEST, True),
        ([100.0] * (FEWEST - 1), [100.0] * (FEWEST - 1), False),  # too few to tell
        ([], [], False),
        ([100.0] * 9, [100.0] * 10, False),
    ],
)
def test_estimators_agree_if_they_saw_the_same_in_the_last_half_second(
    before: list[float | None], after: list[float | None], agreed: bool
) -> None:
    assert agree(track(*before), track(*after)) is agreed


def test_one_stray_frame_in_many_is_no_disagreement() -> None:
    before = [upright(i / 60) for i in range(60)]
    after = [upright(i / 60, 200.0 if i == 50 else 100.0) for i in range(60)]
    assert agree(before, after)


def test_legs_taken_for_each_other_are_a_disagreement() -> None:
    def lying(legs: tuple[Landmark, Landmark]) -> list[Pose]:
        poses = track(*[100.0] * 10)
        for pose in poses:
            for landmark, y in zip(legs, (120.0, 20.0), strict=True):
                for below in range(0, 8, 2):  # knee, ankle, heel, toes
                    pose.points[landmark + below] = 150.0, y
        return poses

    knees = Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE
    assert agree(lying(knees), lying(knees))
    assert not agree(lying(knees), lying(knees[::-1]))
