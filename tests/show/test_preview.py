"""The live picture: mirrored, words large enough for two metres, a figure to get into, a line below."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from filmed import CAMERA
from judging import SHIPPED, template
from motions import waiting

from formcheck.disclaimer import DISCOMFORT
from formcheck.judge.moment import Moment, Readiness
from formcheck.judge.posture import POSTURES
from formcheck.judge.session import Session
from formcheck.judge.template import FigureName
from formcheck.live.scene import Board, Scene
from formcheck.pose import Pose, Side
from formcheck.see.frame import Frame
from formcheck.show.preview import Preview, _board_stamp, _keys, _rows
from formcheck.show.silhouette import FIGURES, silhouette

SIZES = [(640, 480), (1280, 720), (1920, 1080), (720, 1280)]


def picture(size: tuple[int, int]) -> np.ndarray:
    image = np.full((size[1], size[0], 3), 128, np.uint8)
    image[:, : size[0] // 2] = (200, 30, 30)  # red on the left
    return image


def unready(size: tuple[int, int], seen: bool = True) -> Moment:
    session = Session(template("lunge"))
    for pose in waiting(2.0).film(camera=replace(CAMERA, size=size)):
        moment = session.update(pose if seen else Pose.absent(pose.time, size))
    return replace(moment, phase="setup", readiness=Readiness(False, "view", "Turn so that the camera sees your side"))


@pytest.mark.parametrize("size", SIZES)
def test_the_picture_is_mirrored_and_nothing_of_it_is_hidden_by_the_line_below(size: tuple[int, int]) -> None:
    frame = Frame(0.0, picture(size))
    painted = Preview(template("lunge")).paint(Scene(frame, status="Set 1 of 2: 3 of 12"))
    width, height = size
    assert painted.shape[1] == width
    assert 1.05 * height < painted.shape[0] < 1.4 * height
    assert painted[height // 2, width - 5].tolist() == [30, 30, 200]  # BGR, on the right
    assert frame.image[0, 0].tolist() == [200, 30, 30]  # the frame itself is untouched
    straight = Preview(template("lunge"), mirrored=False).paint(Scene(frame))
    assert straight[height // 2, 5].tolist() == [30, 30, 200]


@pytest.mark.parametrize("size", [(320, 240), *SIZES])
def test_the_end_of_many_sets_is_told_shorter_where_it_does_not_fit(size: tuple[int, int]) -> None:
    sets = tuple(
        f"Set {n} of 3, {side} side: 12 of 12 repetitions, 2 more not complete"
        for n in (1, 2, 3)
        for side in ("left", "right")
    )
    work_on = "Next time: Lower your hips to shoulder height", "Next time: Keep the back knee off the floor"
    shorter = "72 repetitions, 36 left and 36 right.", *work_on
    long, short = (
        Preview(template("lunge")).paint(Scene(Frame(0.0, picture(size)), board=board))
        for board in (Board("Well done!", (*sets, *work_on), shorter=shorter), Board("Well done!", shorter))
    )
    assert np.array_equal(long, short)


@pytest.mark.parametrize("size", SIZES)
def test_words_of_boards_can_be_read_from_two_metres_and_fit(size: tuple[int, int]) -> None:
    even = min(size[1], 1.25 * size[0])
    for board in (
        Board("Rest", ("Next: Set 2 of 2, right side, 12 repetitions",), "45"),
        Board("Stopped", (DISCOMFORT,), alarm=True),
        Board("Camera 0 is there but cannot be opened: another program may be using it.", ("It goes on by itself.",)),
    ):
        assert all(cap >= 0.04 * even for _, cap, *_ in _rows(board, size, round(0.9 * size[0]), 0.4))
        stamp = _board_stamp(board, size)
        assert stamp.size[0] <= size[0]
        assert stamp.size[1] <= size[1]


def test_the_figure_is_large_while_nobody_is_there_and_small_beside_somebody() -> None:
    size = (1280, 720)
    frame = Frame(0.0, np.full((720, 1280, 3), 60, np.uint8))

    def figure(seen: bool) -> tuple[int, int]:
        moment = unready(size, seen)
        without = Preview(template("lunge")).paint(Scene(frame, moment)).copy()
        shown = Preview(template("lunge")).paint(Scene(frame, moment, figure=True))
        rows, columns = np.nonzero((shown != without).any(axis=2))
        return int(np.ptp(rows)), int(columns.mean())

    large, small = figure(False), figure(True)
    assert large[0] > 0.6 * 720
    assert small[0] < 0.4 * 720
    assert small[1] > 0.8 * 1280  # in a corner


@pytest.mark.parametrize(("side", "mirrored", "head"), [
    ("left", False, "left"), ("right", False, "right"), ("left", True, "right"), ("right", True, "left"),
])  # fmt: skip
def test_a_figure_lies_so_that_the_leg_that_works_is_on_top(side: Side, mirrored: bool, head: str) -> None:
    size = (640, 360)
    moment = Session(template("clamshell"), side=side).update(Pose.absent(0.0, size))
    frame = Frame(0.0, np.full((360, 640, 3), 60, np.uint8))
    preview = Preview(template("clamshell"), mirrored=mirrored)
    without = preview.paint(Scene(frame, moment)).copy()
    drawn = (preview.paint(Scene(frame, moment, figure=True)) != without).any(axis=2)[:300]
    columns = np.nonzero(drawn.any(axis=0))[0]
    # Through the head, and through the shanks, which are lower.
    tops = [int(np.argmax(drawn[:, x])) for x in (columns[0] + 60, columns[-1] - 60)]
    assert ("left" if tops[0] < tops[1] else "right") == head


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_exercise_has_a_figure(name: str) -> None:
    known = template(name)
    stamp = silhouette(known.figure or known.posture, known.camera.view, 400, 300)
    assert stamp is not None
    assert stamp.size[0] <= 401
    assert stamp.size[1] <= 301


def test_templates_can_ask_for_every_figure() -> None:
    assert set(FIGURES) == set(get_args(FigureName))
    assert set(POSTURES) - set(FIGURES) == {"any"}
    assert silhouette("any", "side", 400, 300) is None


def test_legs_may_differ() -> None:
    kneeling, seated = (silhouette(name, "side", 400, 400) for name in ("half_kneeling", "seated"))
    assert kneeling is not None
    assert seated is not None
    assert kneeling.size[0] / kneeling.size[1] > 1.2 * seated.size[0] / seated.size[1]


def test_views_differ() -> None:
    side, front = (silhouette("standing", view, 400, 400) for view in ("side", "front"))
    assert side is not None
    assert front is not None
    assert front.size[0] > 1.3 * side.size[0]


def test_a_warning_stands_in_place_of_the_state() -> None:
    preview, frame = Preview(template("lunge")), Frame(0.0, picture((640, 480)))
    plain = preview.paint(Scene(frame, status="3 of 12")).copy()
    warned = preview.paint(Scene(frame, status="3 of 12", warning="More light")).copy()
    assert plain.shape != warned.shape or (plain[480:] != warned[480:]).any()
    assert (preview.paint(Scene(frame, status="3 of 12"))[480:] == plain[480:]).all()


def test_before_the_first_picture_there_is_a_dark_one() -> None:
    painted = Preview(template("lunge")).paint(Scene(None, board=Board("Waiting for the camera")))
    assert painted.shape[1] == 1280


def test_all_keys_are_told_at_every_width() -> None:
    for room in (300, 600, 1200):
        told = " ".join(_keys(12, room))
        for words in ("pause", "restart", "next", "other side", "mute", "full screen", "discomfort", "quit"):
            assert words in told


def test_a_new_bout_gets_a_new_overlay() -> None:
    preview, size = Preview(template("lunge")), (640, 480)
    moment, frame = unready(size), Frame(0.0, picture((640, 480)))
    preview.paint(Scene(frame, moment, bout=1))
    first = preview._overlay
    preview.paint(Scene(frame, moment, bout=1))
    assert preview._overlay is first
    preview.paint(Scene(frame, moment, bout=2))
    assert preview._overlay is not first
