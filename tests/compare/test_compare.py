from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Run, command_line
from judging import template
from kept import FIRST, keep, lunges
from motions import Bridge, Lunge, Motion, Plank, Repeats, still
from stick_figure import Camera

from formcheck.analysis import replay
from formcheck.compare.difference import MIDDLE, Comparison, compare, where
from formcheck.compare.subject import Subject, choice, subject
from formcheck.compare.tables import verdict
from formcheck.errors import CompareError
from formcheck.history.curves import POINTS
from formcheck.history.noise import student_t
from formcheck.history.store import History
from formcheck.pose import Side
from formcheck.see.track import Track, TrackMeta, TrackWriter


def made(
    course: Any, *, unit: str = "deg", posture: str = "standing", spread: Any = None, count: int = 1, **more: Any
) -> Subject:
    """A subject with one measure; `course` may be one value for all of it."""
    plain = Subject(
        label="A",
        exercise="lunge",
        name="Lunge",
        kind="repetitions",
        view="side",
        posture=posture,
        units={"knee": unit},
        labels={"knee": "Knee"},
        unseen=frozenset(),
        course=np.broadcast_to(np.asarray(course, dtype=float), (POINTS,)).reshape(POINTS, 1).copy(),
        spread=None if spread is None else np.full((POINTS, 1), float(spread)),
        samples=count,
        count=count,
        sessions=1,
        side=None,
        recording=None,
        seconds={},
        faults={},
    )
    return replace(plain, **more)


def beyond(a: Subject, b: Subject) -> bool:
    return compare(a, b).measures[0].beyond


# --- what is beyond noise --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "limit"),
    [
        ({"recording": "/monday"}, 10),
        ({"sessions": 3}, 10),
        ({"sessions": 2}, 15),
        ({}, 15),
        ({"posture": "supine"}, 20),
        ({"posture": "quadruped"}, 20),
    ],
)
def test_a_difference_has_to_be_greater_than_the_noise_of_its_occasion(about: dict[str, Any], limit: float) -> None:
    assert not beyond(made(90, **about), made(90 + limit, **about))
    assert beyond(made(90, **about), made(90.5 + limit, **about))
    assert beyond(made(90.5 + limit, **about), made(90, **about))


def test_left_against_right_needs_fifteen_degrees_even_in_one_recording() -> None:
    sides: tuple[Side, Side] = ("left", "right")
    a, b = (made(0.0, side=side, recording="/monday") for side in sides)
    assert not beyond(a, replace(b, course=b.course + 15))
    found = compare(a, replace(b, course=b.course + 16))
    assert found.measures[0].beyond
    assert "Left against right" in found.notes[0]


def test_from_different_places_nothing_is_called_real() -> None:
    found = compare(made(0), made(90, view="front", label="B"))
    assert (found.occasion, found.measures[0].noise, found.measures[0].beyond) == (None, None, False)
    assert "seen from the side, B from the front" in found.notes[0]


def test_a_unit_without_known_noise_is_not_judged() -> None:
    assert compare(made(0, unit="ratio"), made(9, unit="ratio")).measures[0].noise is None
    assert not beyond(made(0, unit="thigh"), made(0.25, unit="thigh"))
    assert beyond(made(0, unit="thigh"), made(0.27, unit="thigh"))


def test_a_slip_of_two_points_is_no_difference() -> None:
    course = np.zeros(POINTS)
    for points, real in ((2, False), (3, True)):
        other = course.copy()
        other[10 : 10 + points] = 90
        found = compare(made(course), made(other)).measures[0]
        assert found.beyond is real
        assert found.greatest == 90
        if real:
            assert found.spans == ((10 / 40, 12 / 40),)


def test_the_noise_is_told_of_where_they_are_furthest_apart() -> None:
    """It is greater where the repetitions differ among each other; a slip of the model is not within it."""
    spread = np.full((POINTS, 1), 1.0)
    spread[MIDDLE] = 20.0
    peak, slip = np.zeros(POINTS), np.zeros(POINTS)
    peak[MIDDLE], slip[10:12] = 30, 90
    a, b = made(0, count=3, spread=1), made(peak, count=3, spread=1)
    found = compare(replace(a, spread=spread), replace(b, spread=spread)).measures[0]
    assert found.limit == pytest.approx(student_t(4) * np.sqrt(2 * 20**2 / 3))
    assert (found.greatest, verdict(found)) == (30, f"within noise ({found.limit:.0f}°)")
    assert verdict(compare(made(0), made(16)).measures[0]) == "beyond noise (15°)"
    assert verdict(compare(made(0), made(slip)).measures[0]) == "only for a moment (noise 15°)"


def test_ups_and_downs_between_repetitions_are_noise_too() -> None:
    assert beyond(made(0, spread=5, count=4), made(16, spread=5, count=4))
    assert not beyond(made(0, spread=20, count=4), made(16, spread=20, count=4))
    assert beyond(made(0, spread=20, count=100), made(16, spread=20, count=100))


@pytest.mark.parametrize(("freedom", "quantile"), [(2, 4.303), (4, 2.776), (10, 2.228), (30, 2.042), (198, 1.972)])
def test_few_samples_are_given_a_wider_interval(freedom: int, quantile: float) -> None:
    assert student_t(freedom) == pytest.approx(quantile, rel=0.01)


def keep_days(days: dict[int, dict[Side, float]]) -> None:
    """Keeps a set of twelve repetitions a side on days after the first Monday, each with the front knee at one angle."""
    with History() as history:
        for day, knees in days.items():
            curves = {
                side: {"n": 12, "measures": {"trunk": [0.0] * POINTS, "front_knee": [knee] * POINTS}}
                for side, knee in knees.items()
            }
            keep(history, lunges(12, sides=tuple(knees)), day, curves=curves)


def test_of_weeks_the_ups_and_downs_are_those_from_day_to_day(run: Run) -> None:
    """Twelve repetitions of a day are alike: they do not make three days thirty-six."""
    days = zip((0, 2, 4, 7, 9, 11), (70.0, 90.0, 110.0, 82.0, 102.0, 122.0), strict=True)
    keep_days({day: {"left": knee} for day, knee in days})
    found = compared("2026-W37", "2026-W38")
    knee = next(m for m in found.measures if m.name == "front_knee")
    assert (found.a.count, found.a.samples, found.occasion, knee.greatest) == (36, 3, "sessions", 12.0)
    assert knee.noise is not None
    assert knee.noise[0] == pytest.approx(2.776 * 20 * (2 / 3) ** 0.5, rel=1e-3)
    assert real(found) == set()


def test_a_day_on_which_a_side_was_not_done_is_no_session_of_it(run: Run) -> None:
    """A side that was done once a week is compared as single recordings are."""
    both: dict[Side, float] = {"left": 90.0, "right": 90.0}
    keep_days({0: both, 2: {"left": 90.0}, 4: {"left": 90.0}, 7: both | {"right": 102.0}, 9: both, 11: {"left": 90.0}})
    found = compared("2026-W37#right", "2026-W38#right")
    assert (found.a.sessions, found.b.sessions, found.occasion) == (1, 2, "recordings")
    assert compared("2026-W37", "2026-W38").a.sessions == 3


def test_what_is_hidden_in_one_of_them_is_not_compared() -> None:
    hidden = np.full(POINTS, np.nan)
    found = compare(made(hidden), made(0))
    assert found.measures == ()
    assert found.notes == ("No measure was seen in both.",)
    half = np.where(np.arange(POINTS) < MIDDLE, np.nan, 40.0)
    (measure,) = compare(made(half), made(0.0)).measures
    assert measure.spans == ((0.5, 1.0),)


def test_only_the_same_exercise_can_be_compared() -> None:
    with pytest.raises(CompareError, match="only the same exercise"):
        compare(made(0), made(0, exercise="squat", name="Squat"))
    with pytest.raises(CompareError, match="no measure in common"):
        compare(made(0), made(0, unit="px"))


def test_times_need_four_tenths_of_a_second() -> None:
    a = made(0, seconds={"moving": 1.0, "repetition": 3.0})
    found = compare(a, made(0, seconds={"moving": 1.35, "repetition": 3.45, "peak": 1.0}))
    assert [(t.phase, t.beyond) for t in found.times] == [("moving", False), ("repetition", True)]


@pytest.mark.parametrize(
    ("share", "kind", "text"),
    [
        (0.0, "repetitions", "start"),
        (0.25, "repetitions", "50 % of the way out"),
        (0.5, "repetitions", "peak"),
        (0.8, "repetitions", "60 % of the way back"),
        (1.0, "repetitions", "end"),
        (0.25, "hold", "25 % of the hold"),
    ],
)
def test_places_have_words(share: float, kind: str, text: str) -> None:
    assert where(share, kind) == text


# --- what is compared ------------------------------------------------------------------------------------------------


def results(folder: Path, motion: Motion, exercise: str = "lunge") -> Path:
    track = Track(tuple(motion.film()), TrackMeta(Camera().size, f"{folder.name}.mp4"))
    replay(track, exercise, out=folder)
    return folder


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> Path:
    motion = Lunge(sides=("left", "right")).motion(Repeats(count=4, seconds=3.0))
    return results(tmp_path_factory.mktemp("compare") / "upright", motion)


@pytest.fixture(scope="module")
def leaning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    motion = Lunge(sides=("left", "right"), lean=35.0).motion(Repeats(count=4, seconds=4.0))
    return results(tmp_path_factory.mktemp("compare") / "leaning", motion)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return command_line(capsys, monkeypatch, tmp_path)


def of(path: object, **more: Any) -> Subject:
    return subject(str(path), **{"exercise": None, "person": None, "load": template, **more})


def compared(a: object, b: object) -> Comparison:
    return compare(of(a), of(b))


def real(comparison: Comparison) -> set[str]:
    return {m.name for m in comparison.measures if m.beyond}


def test_a_lean_is_found_whatever_the_tempo_and_nothing_else(upright: Path, leaning: Path) -> None:
    found = compared(upright, leaning)
    assert real(found) == {"trunk"}
    (trunk,) = [m for m in found.measures if m.name == "trunk"]
    assert found.measures[0] is trunk
    assert trunk.greatest == pytest.approx(35, abs=6)
    assert trunk.at == pytest.approx(0.5, abs=0.15)
    assert {t.phase: t.beyond for t in found.times}["repetition"]
    assert real(compared(leaning, upright)) == {"trunk"}


def test_the_same_against_itself_is_no_difference(upright: Path) -> None:
    found = compared(upright, upright)
    assert found.occasion == "same recording"
    assert real(found) == set()
    assert all(m.greatest == 0 for m in found.measures)


def test_one_repetition_and_one_side(upright: Path) -> None:
    third, left = of(f"{upright}#3"), of(f"{upright}#left")
    assert (third.count, third.side, left.count, left.side) == (1, "left", 2, "left")
    assert real(compared(f"{upright}#1", f"{upright}#3")) == set()
    assert compared(f"{upright}#left", f"{upright}#right").occasion == "sides"
    with pytest.raises(CompareError, match="There are 4: left, right"):
        of(f"{upright}#5")


def test_a_track_is_the_same_as_its_results(upright: Path, tmp_path: Path) -> None:
    path = tmp_path / "upright.track.npz"
    poses = Lunge(sides=("left", "right")).motion(Repeats(count=4, seconds=3.0)).film()
    with TrackWriter(path, TrackMeta(Camera().size, "upright.mp4")) as writer:
        for pose in poses:
            writer.write(pose)
    track, folder = of(path, exercise="lunge"), of(upright)
    assert (track.count, list(track.units)) == (4, list(folder.units))
    # Times and values are rounded to 0.001 in the files.
    assert np.nanmax(np.abs(track.course - folder.course)) < 0.1
    video = tmp_path / "upright.mp4"
    video.write_bytes(b"")
    filmed = of(video, exercise="lunge", poses=lambda path: poses)
    assert np.array_equal(filmed.course, track.course, equal_nan=True)
    with pytest.raises(CompareError, match="Say which exercise"):
        of(path)


def test_a_hold_can_be_compared(tmp_path: Path) -> None:
    straight = results(tmp_path / "straight", still(Plank().figure(), 12.0), "plank_forearm")
    piked = results(tmp_path / "piked", still(Plank(hips=20.0).figure(), 8.0), "plank_forearm")
    found = compared(straight, piked)
    assert found.a.count == found.b.count == 1
    hips = next(m for m in found.measures if m.label == "Hips")
    assert abs(hips.greatest) == pytest.approx(14, abs=3)
    assert real(found) == set()  # 20 degrees are noise between recordings of people who lie


def test_measures_that_the_view_cannot_show_are_left_out(upright: Path) -> None:
    assert "knee_in" in of(upright).unseen
    assert "knee_in" not in {m.name for m in compared(upright, upright).measures}


def test_weeks_and_sets_of_the_history(run: Run, upright: Path, leaning: Path) -> None:
    for day, folder in ((0, upright), (1, upright), (2, upright), (7, leaning), (8, leaning), (9, leaning)):
        copy = folder.parent / f"{folder.name}-{day}"
        if not copy.exists():
            copy.mkdir()
            for file in folder.iterdir():
                text = file.read_text(encoding="utf-8").replace(f"{folder.name}.mp4", f"{copy.name}.mp4")
                (copy / file.name).write_text(text, encoding="utf-8")
        assert run("history", "add", copy, "--date", f"2026-09-{7 + day:02d}")[0] == 0
    week = f"2026-W{FIRST.isocalendar().week}"
    later = f"2026-W{FIRST.isocalendar().week + 1}"
    found = compared(week, later)
    assert (found.occasion, found.a.sessions, found.a.count) == ("sessions", 3, 12)
    assert real(found) == {"trunk"}
    assert np.nanmax(np.abs(found.a.course - of("set:1").course)) < 0.01
    assert compared("set:1", "set:4").occasion == "recordings"
    assert of("set:1#left").count == 2
    for wrong, words in (
        ("set:99", "no set number 99"),
        ("set:1#2", "no single repetitions"),
        ("2026-W60", "no week 60"),
        ("2020-W10", "no set in the week"),
    ):
        code, _, err = run("compare", wrong, "set:1")
        assert code == 1
        assert words in err
    with History() as history:
        history.connection.execute("UPDATE sets SET curves = NULL WHERE id = 1")
    with pytest.raises(CompareError, match="Add its folder again"):
        of("set:1")


@pytest.mark.parametrize("text", ["a#0", "a#-1", "a#x", "a#1.5"])
def test_what_stands_behind_the_hash_is_checked(text: str) -> None:
    with pytest.raises(CompareError, match="after # comes"):
        choice(text)


def test_a_place_may_have_a_hash_in_its_name() -> None:
    assert choice("take#2/monday#3") == choice("take#2/monday#3")
    assert (choice("take#2/monday#3").place, choice("take#2/monday#3").number) == ("take#2/monday", 3)
    assert choice("a#Left").side == "left"


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_says_it_in_the_terminal_as_json_and_on_a_page(
    run: Run, upright: Path, leaning: Path, tmp_path: Path
) -> None:
    code, out, _ = run("compare", upright, leaning, "--out", tmp_path / "page.html")
    assert code == 0
    assert re.search(r"Trunk .* beyond noise \(15°\)", out)
    assert re.search(r"Trunk: about \d+° (more|less) in B", out)
    document = json.loads(run("compare", upright, leaning, "--json")[1])
    assert document["schema"] == "formcheck.comparison/1"
    (trunk,) = [m for m in document["measures"] if m["beyond_noise"]]
    assert (trunk["measure"], len(trunk["a"]), len(trunk["noise"])) == ("trunk", POINTS, POINTS)
    assert trunk["section"] == "4.1: knee and hip angle from the side"
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count('class="beyond"') == len(trunk["spans"]) + 1  # and the legend
    assert not re.search(r"https?://|<script|url\(", page)
    assert "to correct: trunk lean in 4 of 4" in page


def test_stills_are_put_into_the_page(run: Run, upright: Path, leaning: Path, tmp_path: Path) -> None:
    stills = leaning / "stills"
    stills.mkdir()
    (stills / "repetition-02-right.jpg").write_bytes(b"\xff\xd8 picture")
    assert run("compare", upright, f"{leaning}#2", "--out", tmp_path / "page.html")[0] == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("data:image/jpeg;base64,/9ggcGljdHVyZQ==") == 1


def test_what_cannot_be_compared_is_told(run: Run, upright: Path, tmp_path: Path) -> None:
    bridges = results(tmp_path / "bridges", Bridge().motion(Repeats(count=2)), "bridge")
    nothing = results(tmp_path / "nothing", Lunge().motion(Repeats(count=2)), "bridge")
    for a, b, words in (
        (upright, bridges, "only the same exercise"),
        (nothing, bridges, "no counted repetition in it"),
        (tmp_path / "absent", bridges, "Compare folders of results"),
        (tmp_path, bridges, "has no report.json"),
    ):
        code, _, err = run("compare", a, b)
        assert code == 1
        assert words in err
