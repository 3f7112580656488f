"""Whether the model has strayed from the body that it follows, and how it comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from motions import Plank
from numpy.typing import NDArray

from formcheck.pose import Pose
from formcheck.see import estimator
from formcheck.see.estimator import Estimator
from formcheck.see.frame import Frame
from formcheck.see.model import ModelFile
from formcheck.see.straying import ALIKE, CHECK_S, LATELY_S, WELL_S, Straying

RIGHT = Plank().motion(1.0).film(10)[0]
TRUNK = float(np.hypot(*(RIGHT.points[[11, 12]].mean(axis=0) - RIGHT.points[[23, 24]].mean(axis=0))))
EXCHANGED = [i + 1 if i % 2 else i - 1 for i in range(11, 33)]


def off(trunks: float, pose: Pose = RIGHT) -> Pose:
    """The pose with all joints that many trunk lengths aside."""
    return Pose(pose.time, pose.points + np.array([trunks * TRUNK, 0.0]), pose.visibility, pose.size)


def at(time: float, pose: Pose) -> Pose:
    return Pose(time, pose.points, pose.visibility, pose.size)


def corrected(followed: list[Pose], found: list[list[Pose]]) -> list[float]:
    """When a followed pose is replaced, of poses that are looked at every half a second."""
    straying = Straying()
    times = [CHECK_S * i for i in range(len(followed))]
    return [
        time
        for time, pose, people in zip(times, followed, found, strict=True)
        if straying.look(at(time, pose), [at(time, each) for each in people])
    ]


WELL = int(WELL_S / CHECK_S) + 1
"""Looks after which the view is known to be read well."""


def test_who_is_found_elsewhere_than_followed_is_taken_up_there() -> None:
    followed = [RIGHT] * WELL + [off(0.5)] * 4
    assert corrected(followed, [[RIGHT]] * len(followed)) == [WELL * CHECK_S]


def test_nothing_is_corrected_while_both_are_nearly_the_same() -> None:
    followed = [off(0.25 * (i % 2)) for i in range(20)]
    assert corrected(followed, [[RIGHT]] * 20) == []


def test_left_and_right_exchanged_is_no_straying() -> None:
    points = RIGHT.points.copy()
    points[11:33] = points[EXCHANGED]
    exchanged = Pose(RIGHT.time, points, RIGHT.visibility, RIGHT.size)
    assert corrected([RIGHT] * WELL + [exchanged] * 4, [[RIGHT]] * (WELL + 4)) == []


def test_in_a_view_that_is_read_badly_neither_is_believed() -> None:
    """Never alike at rest, or only for a moment; or not for a while."""
    for rest in ([off(1.5 * ALIKE)] * WELL, [RIGHT] * (WELL - 1)):
        assert corrected([*rest, off(0.5)], [[RIGHT]] * (len(rest) + 1)) == []
    long = int(LATELY_S / CHECK_S) + 1
    followed = [RIGHT] * WELL + [off(0.2)] * long + [off(0.5)]
    assert corrected(followed, [[RIGHT]] * len(followed)) == []


def test_a_correction_that_does_not_last_is_not_made_again() -> None:
    followed = [RIGHT] * WELL + [off(0.5), RIGHT] * 5
    assert len(corrected(followed, [[RIGHT]] * len(followed))) == 1
    followed = ([RIGHT] * WELL + [off(0.5)]) * 2
    assert len(corrected(followed, [[RIGHT]] * len(followed))) == 2


@pytest.mark.parametrize(
    "found",
    [[], [Pose.absent(0.0, RIGHT.size)], [off(3.0)], [RIGHT, off(3.0)]],
    ids=["nobody", "absent", "else", "two"],
)
def test_nobody_else_is_taken_up(found: list[Pose]) -> None:
    assert corrected([RIGHT] * WELL + [off(0.5)] * 3, [[RIGHT]] * WELL + [found] * 3) == []


def test_who_goes_between_two_places_is_looked_at_in_each_of_them_once() -> None:
    straying, looks = Straying(), []
    for i in range(100):
        pose = at(0.1 * i, off(0.6 * (i // 10 % 2)))
        if straying.wants_look(pose):
            looks.append(i // 10)
            assert straying.look(pose, [pose]) is None
    assert looks == [0, 1]
    elsewhere = at(10.0, off(1.2))
    assert straying.wants_look(elsewhere)
    afresh = at(10.0, off(0.6))
    assert straying.look(elsewhere, [afresh]) is afresh


# --- in the estimator ------------------------------------------------------------------------------------------------


class Stubborn:
    """Follows a person well for three seconds, then half a trunk aside until it sees a picture without anybody."""

    looks = 0

    def __init__(self, model: ModelFile) -> None:
        self.astray: bool | None = None

    def for_everybody(self, people: int) -> Stubborn:
        everybody = Stubborn.__new__(Stubborn)
        everybody.astray = False
        return everybody

    def poses(self, image: NDArray[np.uint8], milliseconds: int | None = None) -> NDArray[np.float64]:
        if not image.any():
            self.astray = False
            return np.empty((0, 33, 3))
        if milliseconds is None:
            Stubborn.looks += 1
        elif milliseconds == 3200:
            self.astray = True
        pose = off(0.5 if self.astray else 0.0)
        return np.column_stack([pose.points / pose.size, np.ones(33)])[None]

    def close(self) -> None:
        pass


def test_the_estimator_begins_anew_where_the_model_has_strayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimator, "open_landmarker", Stubborn)
    Stubborn.looks = 0
    picture = np.full((RIGHT.size[1], RIGHT.size[0], 3), 90, np.uint8)
    with Estimator(ModelFile(tmp_path, None, "file", trimmed=False), upright=False) as eyes:
        poses = [eyes.estimate(Frame(i / 10, picture)) for i in range(60)]
    aside = [pose.time for pose in poses if not np.allclose(pose.points, RIGHT.points)]
    assert aside
    assert 3.2 <= min(aside) <= max(aside) < 3.2 + CHECK_S
    assert Stubborn.looks <= 6.0 / CHECK_S + 2
