"""The overlay can be read from two metres, keeps off the person, does not flicker and shows nothing unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from motions import Bridge, Lunge, Motion, Plank, Repeats
from stick_figure import Camera

from formcheck.catalog import exercise_files, load_template
from formcheck.judge.moment import Counts, Cue, HoldClock, Moment, Quality, Readiness, Reading
from formcheck.judge.posture import POSTURES
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.pose import Landmark, Pose
from formcheck.show.banner import PAGE_S, Banner
from formcheck.show.canvas import Canvas
from formcheck.show.label import shown_value
from formcheck.show.message import Kind, Message
from formcheck.show.overlay import Overlay
from formcheck.show.palette import GOOD, MUTED, OFF, WHITE, Colour
from formcheck.show.placement import Box, Presence
from formcheck.show.stamp import Image, Stamp

SIZES = [(1280, 720), (640, 480), (480, 270), (1920, 1080), (600, 600), (378, 342), (360, 640), (1080, 1920)]
SMALLER_SIZES = [(1280, 720), (640, 480), (480, 270), (378, 342), (360, 640)]
LANDSCAPE = (1280, 720)
READY = Readiness(True, "", "")

Panels = list[tuple[Stamp, Box]]


def black(size: tuple[int, int] = LANDSCAPE) -> Image:
    return np.zeros((size[1], size[0], 3), np.uint8)


def film(exercise: str, motion: Motion, camera: Camera | None = None) -> tuple[Template, list[Moment]]:
    template = load_template(exercise)
    session = Session(template)
    return template, [session.update(pose) for pose in motion.film(camera=camera)]


@cache
def lunges() -> tuple[Template, list[Moment]]:
    return film("lunge", Lunge().motion(Repeats(count=3)), Camera(limb=120))


@cache
def bridges() -> tuple[Template, list[Moment]]:
    return film("bridge", Bridge().motion(Repeats(count=3)), Camera(limb=150, height=40))


@cache
def planks() -> tuple[Template, list[Moment]]:
    return film("plank_forearm", Plank().motion(12), Camera(limb=150, height=40))


SETS: dict[str, Callable[[], tuple[Template, list[Moment]]]] = {
    "lunge": lunges,
    "bridge": bridges,
    "plank_forearm": planks,
}


def at_peak(exercise: str = "bridge") -> tuple[Template, Moment]:
    template, moments = SETS[exercise]()
    found = [m for m in moments if m.phase in ("peak", "hold")]
    return template, found[len(found) // 2]


def with_readings(moment: Moment, change: Callable[[Reading], Reading]) -> Moment:
    readings = tuple(change(reading) for reading in moment.readings)
    return replace(moment, read=lambda: readings)


def judged(quality: Quality) -> Callable[[Reading], Reading]:
    return lambda reading: replace(reading, quality=quality)


def drawn(template: Template, moment: Moment, size: tuple[int, int] = LANDSCAPE) -> Image:
    image = black(size)
    Overlay(template, size).draw(image, moment)
    return image


def is_colour(image: Image, colour: Colour, tolerance: int = 6) -> np.ndarray:
    low, high = (np.clip(np.add(colour, change), 0, 255) for change in (-tolerance, tolerance))
    return cv2.inRange(image, low, high) > 0


def watched(overlay: Overlay, moments: Iterable[Moment]) -> list[Panels]:
    """Where the panels stand at each moment."""
    found: list[Panels] = []
    real = overlay._words

    def words(moment: Moment, angles: list) -> tuple:  # type: ignore[type-arg]
        labels, panels = real(moment, angles)
        found.append(panels)
        return labels, panels

    overlay._words = words  # type: ignore[method-assign]
    image = black(overlay.size)
    for moment in moments:
        overlay.draw(image, moment)
    return found


# Legible from two metres ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("exercise", ["lunge", "bridge", "plank_forearm"])
def test_figures_of_the_counter_and_the_clock_are_8_percent_of_the_height(size: tuple[int, int], exercise: str) -> None:
    template, moment = at_peak(exercise)
    nobody = Pose.absent(moment.time, LANDSCAPE)
    clock = moment.hold and HoldClock(in_form=8.2, held=8.2, holding=True, good=True, target=30.0)
    eight = replace(moment, pose=nobody, counts=Counts(total=8, left=8), hold=clock, cue=None, read=tuple)
    panels = watched(Overlay(template, size), [eight])
    image = drawn(template, eight, size)
    box = panels[0][0][1]
    card = is_colour(image, WHITE)[box.y : box.bottom, box.x : box.right]
    components = cv2.connectedComponentsWithStats(card.astype(np.uint8))[2][1:]
    assert components[:, cv2.CC_STAT_HEIGHT].max() >= 0.08 * size[1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["request", "correction", "confirmation", "stop"])
def test_letters_of_messages_are_4_percent_of_the_height(size: tuple[int, int], kind: Kind) -> None:
    banner, presence = Banner(size, 10), Presence(size)
    stamp, box = banner.place(Message(kind, "HH", 0.0), 0.0, Box(10, 10, 50, 50), presence)
    image = black(size)
    Canvas(image).put(stamp, box.x, box.y)
    letters = is_colour(image, GOOD if kind == "confirmation" else WHITE)
    components = cv2.connectedComponentsWithStats(letters.astype(np.uint8))[2][1:]
    heights = sorted(components[:, cv2.CC_STAT_HEIGHT])
    assert heights[-2] >= 0.04 * size[1] - 1  # one row may be half covered; the two letters, not the sign
    assert box.within(*size)


def texts(template: Template) -> list[tuple[Kind, str]]:
    requests = [template.instructions[0], POSTURES[template.posture].ask, *(setup.say for setup in template.setup)]
    requests += ["Turn so that the camera sees you from the side"]
    requests += ["I can't see your shoulders and elbows: step back or move the camera"]
    found: list[tuple[Kind, str]] = [("request", text) for text in requests]
    found += [("correction", fault.cue) for fault in template.faults]
    return found


@pytest.mark.parametrize("size", SMALLER_SIZES)
@pytest.mark.parametrize("exercise", sorted(exercise_files()))
def test_every_message_of_every_exercise_fits_into_the_picture_whole(size: tuple[int, int], exercise: str) -> None:
    template, (width, height) = load_template(exercise), size
    presence = Presence(size)
    card = Box(10, 10, round(0.3 * width), round(0.18 * height))
    for kind, text in texts(template):
        for corner in (card, replace(card, x=width - 10 - card.width, y=height - 10 - card.height)):
            banner, words = Banner(size, 10), []
            for page in range(8):
                stamp, box = banner.place(Message(kind, text, 0.0), page * PAGE_S + 0.1, corner, presence)
                assert box.within(width, height), (text, box)
                assert not box.touches(corner)
                assert (box.width, box.height) == stamp.size
                option = banner._options[banner._seat._index or 0]
                words += [word for line in option.pages[page % len(option.pages)] for word in line.split()]
                rim = np.concatenate([stamp.add[:, :2], stamp.add[:, -2:]], axis=1).reshape(-1, 3)
                assert (rim.max(axis=1) < 60).all(), "letters reach the edge of the panel"
                if page + 1 == len(option.pages):
                    break
            assert words == text.split()


@pytest.mark.parametrize("size", SMALLER_SIZES)
@pytest.mark.parametrize("exercise", sorted(exercise_files()))
def test_the_card_fits_into_every_picture(size: tuple[int, int], exercise: str) -> None:
    template = load_template(exercise)
    pose = Pose.absent(0.0, size)
    clock = HoldClock(in_form=754.0, held=800.0, target=900.0) if template.hold else None
    full = Moment(0.0, pose, READY, None, "left", "setup", "get ready", Counts(188, 88, 100), clock, (), None, None)
    [[(stamp, box)]] = watched(Overlay(template, size), [full])
    assert box.within(*size)
    assert stamp.size[0] <= size[0]


# Off the person ------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", list(SETS))
def test_panels_stand_where_the_person_is_not(exercise: str) -> None:
    template, moments = SETS[exercise]()
    cue = Cue(0.0, max((f.cue for f in template.faults), key=len), "x", "S2")
    cued = [replace(moment, cue=cue) for moment in moments]
    for moment, panels in zip(moments, watched(Overlay(template, LANDSCAPE), cued), strict=True):
        assert len(panels) == 2
        for _, box in panels:
            assert box.within(*LANDSCAPE)
            x, y = moment.pose.points.T
            inside = (x > box.x) & (x < box.right) & (y > box.y) & (y < box.bottom)
            assert not inside.any(), (moment.time, Landmark(int(np.flatnonzero(inside)[0])))
        assert not panels[0][1].touches(panels[1][1])


@pytest.mark.parametrize("exercise", list(SETS))
def test_panels_do_not_move_during_a_set(exercise: str) -> None:
    template, moments = SETS[exercise]()
    corners = {(box.x, box.y) for [(_, box), *_] in watched(Overlay(template, LANDSCAPE), moments)}
    assert len(corners) == 1


def test_a_panel_moves_out_of_the_way_of_somebody_who_stays_there_but_not_at_once() -> None:
    template = load_template("bridge")
    lying = at_peak("bridge")[1]
    box = watched(Overlay(template, LANDSCAPE), [lying])[0][0][1]
    points = lying.pose.points - lying.pose.points.mean(axis=0) + (box.x + box.width / 2, box.y + box.height / 2)
    overlay = Overlay(template, LANDSCAPE)
    first = watched(overlay, [lying])[0][0][1]
    times = [lying.time + 0.05 * i for i in range(1, 80)]
    there = [replace(lying, time=t, pose=Pose(t, points, lying.pose.visibility, LANDSCAPE), read=tuple) for t in times]
    places = [panels[0][1] for panels in watched(overlay, there)]
    moved = next(i for i, place in enumerate(places) if (place.x, place.y) != (first.x, first.y))
    assert 0.9 <= times[moved] - times[0] <= 2.5
    assert not places[-1].touches(first)
    assert len({(place.x, place.y) for place in places}) == 2


def test_labels_stand_off_the_panels_and_inside_the_picture() -> None:
    template, moments = lunges()
    overlay = Overlay(template, LANDSCAPE)
    image = black()
    for moment in moments:
        points = overlay._points(moment)
        overlay._presence.update(moment.time, points)
        labels, panels = overlay._words(moment, overlay._angles(moment, moment.readings, points))
        for label in labels:
            assert label.box.within(*LANDSCAPE)
            assert not any(label.box.touches(box) for _, box in panels)
        overlay.draw(image, moment)


def test_a_number_that_comes_to_stand_on_another_one_moves_at_once() -> None:
    template, moment = at_peak("bridge")
    overlay = Overlay(template, LANDSCAPE)
    points = overlay._points(moment)
    overlay._presence.update(moment.time, points)
    angle = overlay._angles(moment, moment.readings, points)[0]
    labeller = overlay._labellers[angle.reading.name]
    alone = labeller.place(moment.time, angle, overlay._presence, [], [], LANDSCAPE)
    other = replace(alone, joint=(0.0, 0.0))
    apart = labeller.place(moment.time + 1 / 30, angle, overlay._presence, [], [other], LANDSCAPE)
    assert not apart.box.touches(other.box)


# No flicker ------------------------------------------------------------------------------


def test_a_jittering_angle_shows_one_number() -> None:
    template, moment = at_peak("bridge")
    overlay = Overlay(template, LANDSCAPE)
    angle = overlay._angles(moment, moment.readings, overlay._points(moment))[0]
    labeller = overlay._labellers[angle.reading.name]
    tags = set()
    for i in range(40):
        jittered = replace(angle, reading=replace(angle.reading, value=172.5 + 0.45 * (-1) ** i))
        label = labeller.place(0.03 * i, jittered, Presence(LANDSCAPE), [], [], LANDSCAPE)
        tags.add(id(label.stamp))
    assert len(tags) == 1


def test_drawing_is_deterministic() -> None:
    template, moments = lunges()
    images = [black(), black()]
    overlays = [Overlay(template, LANDSCAPE) for _ in images]
    for moment in moments[::7]:
        for overlay, image in zip(overlays, images, strict=True):
            image[:] = 90
            overlay.draw(image, moment)
        assert np.array_equal(images[0], images[1])
    again = np.full_like(images[0], 90)
    overlays[0].draw(again, moments[::7][-1])
    assert np.array_equal(again, images[0])


# Nothing that is not seen ------------------------------------------------------------------------------


def test_unseen_readings_are_not_drawn() -> None:
    template, moment = at_peak()
    unseen = with_readings(moment, lambda r: replace(r, value=float("nan"), quality="unseen"))
    empty = with_readings(moment, lambda r: replace(r, value=float("nan")))
    assert np.array_equal(drawn(template, unseen), drawn(template, empty))
    assert not np.array_equal(drawn(template, unseen), drawn(template, moment))
    assert not is_colour(drawn(template, unseen), GOOD).any()


def test_after_being_unseen_no_old_number_comes_back() -> None:
    template, moment = at_peak()
    overlay, image = Overlay(template, LANDSCAPE), black()
    overlay.draw(image, with_readings(moment, lambda r: replace(r, value=150.4)))
    overlay.draw(black(), with_readings(moment, lambda r: replace(r, value=float("nan"), quality="unseen")))
    name = moment.readings[0].name
    assert np.isnan(overlay._labellers[name]._shown)


def test_landmarks_that_are_not_seen_are_not_drawn() -> None:
    template, moment = at_peak()
    clear = drawn(template, replace(moment, read=tuple))
    for change in ("nan", "hidden"):
        points, visibility = moment.pose.points.copy(), moment.pose.visibility.copy()
        if change == "nan":
            points[[25, 26]] = np.nan
        else:
            visibility[[25, 26]] = 0.1
        image = drawn(template, replace(moment, pose=Pose(moment.time, points, visibility, LANDSCAPE), read=tuple))
        x, y = moment.pose.points[26].round().astype(int)
        assert clear[y, x].max() > 100
        assert image[y, x].max() == 0


def test_nobody_in_the_picture_leaves_only_the_panels() -> None:
    template, moment = at_peak()
    image = drawn(template, replace(moment, pose=Pose.absent(moment.time, LANDSCAPE), read=tuple))
    alone = replace(moment, pose=Pose.absent(1.0, LANDSCAPE), read=tuple)
    [[(_, box)]] = watched(Overlay(template, LANDSCAPE), [alone])
    image[box.y : box.bottom, box.x : box.right] = 0
    assert not image.any()


def test_judged_joints_are_strong_and_other_limbs_faint() -> None:
    template, moment = at_peak("bridge")
    image = drawn(template, replace(moment, read=tuple))
    points = moment.pose.points

    def brightness(a: int, b: int) -> float:
        x, y = (0.5 * points[a] + 0.5 * points[b]).round().astype(int)
        return float(image[y - 3 : y + 4, x - 3 : x + 4].mean())

    near = moment.view.near if moment.view else ""
    shoulder, hip, knee, elbow, wrist = (11, 23, 25, 13, 15) if near == "left" else (12, 24, 26, 14, 16)
    for strong in ((shoulder, hip), (hip, knee)):
        assert brightness(*strong) > 2 * brightness(elbow, wrist) > 0
    assert is_colour(image, MUTED).any()


# Good and off ------------------------------------------------------------------------------


def test_good_and_off_differ_in_shape() -> None:
    """As grey pictures: the arc is whole or dashed, the sign is a disc or a triangle."""
    template, moment = at_peak("bridge")
    pictures = {q: drawn(template, with_readings(moment, judged(q))) for q in ("good", "off")}
    good, off = (is_colour(pictures[q], c).astype(np.uint8) for q, c in (("good", GOOD), ("off", OFF)))
    assert good.sum() > 400
    assert off.sum() > 400
    pieces = [cv2.connectedComponentsWithStats(mask)[2][1:, cv2.CC_STAT_AREA] for mask in (good, off)]
    assert (pieces[1] > 12).sum() >= (pieces[0] > 12).sum() + 4  # dashes
    assert not is_colour(pictures["good"], OFF).any()
    assert not is_colour(pictures["off"], GOOD).any()


def test_while_moving_nothing_is_called_good_or_off() -> None:
    template, moments = bridges()
    moving = next(m for m in moments if m.phase == "moving" and m.readings)
    image = drawn(template, moving)
    assert not is_colour(image, GOOD).any()
    assert not is_colour(image, OFF).any()


@pytest.mark.parametrize(
    ("value", "unit", "text"), [(171.6, "deg", "172°"), (-0.4, "deg", "0°"), (0.347, "thigh", "0.35")]
)
def test_numbers_are_whole_degrees(value: float, unit: str, text: str) -> None:
    assert shown_value(value, unit) == text


def test_a_new_count_is_coloured_for_a_moment() -> None:
    template, moment = at_peak("lunge")
    overlay = Overlay(template, LANDSCAPE)

    def good_pixels(time: float, total: int) -> int:
        image = black()
        nobody = Pose.absent(time, LANDSCAPE)
        overlay.draw(image, replace(moment, time=time, pose=nobody, counts=Counts(total=total, left=total), read=tuple))
        return int(is_colour(image, GOOD).sum())

    assert good_pixels(1.0, 0) == 0
    assert good_pixels(2.0, 1) > 100
    assert good_pixels(2.3, 1) > 100
    assert good_pixels(3.0, 1) == 0


def bar_of(clock: HoldClock) -> tuple[int, int]:
    """(pixels that run, pixels that stand still) of the clock's bar."""
    template, moment = at_peak("plank_forearm")
    nobody = Pose.absent(moment.time, LANDSCAPE)
    state = replace(moment, pose=nobody, hold=clock, phase="hold" if clock.holding else "paused", cue=None, read=tuple)
    overlay = Overlay(template, LANDSCAPE)
    [[(_, box)]] = watched(overlay, [state])
    image = drawn(template, state)[box.bottom - 45 : box.bottom, box.x : box.right]
    return int(is_colour(image, GOOD).sum()), int(is_colour(image, OFF).sum())


def test_the_bar_of_a_hold_grows_with_the_seconds_and_is_dashed_while_they_do_not_count() -> None:
    runs = [bar_of(HoldClock(s, s, 0, holding=True, good=True, target=30)) for s in (3.0, 10.0, 20.0, 30.0, 45.0)]
    assert [still for _, still in runs] == [0] * 5
    lengths = [run for run, _ in runs]
    assert lengths[0] < lengths[1] < lengths[2] < lengths[3] == lengths[4]
    assert lengths[2] / lengths[1] == pytest.approx(2.0, rel=0.15)
    for clock in (HoldClock(10, 12, 0, holding=True, good=False, target=30), HoldClock(10, 10, 0, target=30)):
        run, still = bar_of(clock)
        assert run == 0
        assert 0 < still < 0.7 * lengths[1]


# Any picture ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (95, 95), (96, 96), (97, 400), (400, 97), (3840, 2160)])
def test_pictures_of_any_size_can_be_drawn_on(size: tuple[int, int]) -> None:
    template, moment = at_peak("lunge")
    cue = Cue(0.0, "Step longer, shin upright", "x", "S3")
    image = drawn(template, replace(moment, cue=cue), size)
    assert image.shape == (size[1], size[0], 3)
    assert image.dtype == np.uint8
    assert image.any() or max(size) < 17


@pytest.mark.parametrize("far", [1e4, 1e9, -1e9])
def test_landmarks_far_outside_the_picture_do_no_harm(far: float) -> None:
    template, moment = at_peak("lunge")
    points = moment.pose.points.copy()
    points[25:29] = far
    drawn(template, replace(moment, pose=Pose(moment.time, points, moment.pose.visibility, LANDSCAPE)))


def test_only_pictures_of_the_announced_size_and_kind_are_taken() -> None:
    template, moment = at_peak()
    overlay = Overlay(template, LANDSCAPE)
    wrong: Sequence[np.ndarray] = (black((720, 1280)), black()[..., :1], black().astype(np.float32))
    for image in wrong:
        with pytest.raises(ValueError, match="expected a uint8 picture of"):
            overlay.draw(image, moment)


def test_on_a_smaller_picture_the_pose_is_drawn_to_scale() -> None:
    template, moment = at_peak("bridge")
    image = drawn(template, replace(moment, read=tuple), (640, 360))
    x, y = (moment.pose.points[26] / 2).round().astype(int)
    assert is_colour(image, WHITE)[y, x]


@pytest.mark.parametrize("exercise", ["bridge", "plank_forearm"])
def test_a_picture_in_the_order_of_opencv_shows_the_same_colours(exercise: str) -> None:
    template, moment = at_peak(exercise)
    # A correction, and a reading that is off, so that every kind of drawing is on the picture.
    moment = replace(moment, cue=Cue(moment.time, "Lift your hips", "fault", "B1"))
    moment = with_readings(moment, lambda r: replace(r, quality="off") if r.at else r)
    image = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    reversed_ = np.ascontiguousarray(image[..., ::-1])
    Overlay(template, LANDSCAPE).draw(image, moment)
    Overlay(template, LANDSCAPE).draw(reversed_, moment, bgr=True)
    assert np.array_equal(reversed_[..., ::-1], image)


def test_on_a_mirrored_picture_the_person_is_mirrored_and_the_words_are_not() -> None:
    template, moment = at_peak("bridge")
    plain = replace(moment, read=tuple)
    image = black()
    Overlay(template, LANDSCAPE, mirrored=True).draw(image, plain)
    x, y = moment.pose.points[26].round().astype(int)
    assert is_colour(image, WHITE)[y, 1279 - x]
    expected = drawn(template, plain)
    assert np.array_equal(image[:150, :300], expected[:150, :300])


def test_what_is_under_a_panel_shines_through() -> None:
    template, moment = at_peak("bridge")
    image = np.full_like(black(), 255)
    Overlay(template, LANDSCAPE).draw(image, moment)
    assert 30 < int(image[30, 200].max()) < 90
    assert (image[-50:] == 255).all()
