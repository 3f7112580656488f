"""Videos of a batch: from folders and their names, or from a list, whose mistakes are all told at once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formcheck.batch.items import Item, find_items, from_folders
from formcheck.errors import ListError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_is_searched_with_all_folders_in_it_in_the_order_of_names(tmp_path: Path) -> None:
    touch(tmp_path, "b.MP4", "a.mov", "anna 🏋/c.mkv", "notes.txt", ".hidden.mp4", ".trash/x.mp4", "out/videos/y.mp4")
    items = find_items(tmp_path, "lunge", without=tmp_path / "out")
    assert [item.name for item in items] == ["a.mov", "b.MP4", "anna 🏋/c.mkv"]
    assert {item.exercise for item in items} == {"lunge"}
    assert all(item.video.is_absolute() for item in items)


def test_a_folder_that_cannot_be_read_is_no_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "anna/1.mp4", "bert/2.mp4")
    scandir = os.scandir

    def refuse(path: str | Path) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "bert":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    items = find_items(tmp_path, "lunge")
    assert [(item.name, item.video) for item in items] == [
        ("anna/1.mp4", tmp_path / "anna" / "1.mp4"),
        ("bert", tmp_path / "bert"),
    ]
    with pytest.raises(ListError, match=r"bert cannot be read: Permission denied\."):
        find_items(tmp_path / "bert", "lunge")


def test_names_of_folders_say_exercise_side_and_person(tmp_path: Path) -> None:
    touch(tmp_path, "anna/lunge/left/1.mp4", "Plank-Forearm/bert/2.mp4", "left/3.mp4")
    by_name = {item.name: item for item in find_items(tmp_path, None)}
    assert (item := by_name["anna/lunge/left/1.mp4"]).exercise == "lunge"
    assert (item.side, item.person) == ("left", "anna")
    item = by_name["Plank-Forearm/bert/2.mp4"]
    assert (item.exercise, item.side, item.person) == ("plank_forearm", None, "bert")
    item = by_name["left/3.mp4"]
    assert (item.exercise, item.side, item.person) == ("auto", None, "")  # a side alone judges nothing


def test_what_is_given_goes_before_names_of_folders(tmp_path: Path) -> None:
    touch(tmp_path, "lunge/1.mp4")
    assert find_items(tmp_path, "bridge")[0].exercise == "bridge"
    assert find_items(tmp_path, "auto")[0].exercise == "auto"


def test_a_side_in_the_names_of_folders_is_of_the_exercise_that_is_given(tmp_path: Path) -> None:
    touch(tmp_path, "anna/left/1.mp4", "bert/lunge/right/2.mp4")
    assert [item.side for item in find_items(tmp_path, "lunge")] == ["left", "right"]
    assert [item.side for item in find_items(tmp_path, "squat")] == [None, None]
    assert [item.side for item in find_items(tmp_path, "auto")] == [None, None]


def test_annotated_videos_of_earlier_results_are_not_judged(tmp_path: Path) -> None:
    touch(tmp_path, "1.mp4", "1-formcheck/annotated.mp4", "1-formcheck/2.mp4", "other/annotated.mp4")
    for folder in ("1-formcheck", "other"):
        schema = "formcheck.report/1" if folder == "1-formcheck" else "somebody's"
        (tmp_path / folder / "report.json").write_text(json.dumps({"schema": schema}))
    assert [item.name for item in find_items(tmp_path, "lunge")] == [
        "1.mp4",
        "1-formcheck/2.mp4",
        "other/annotated.mp4",
    ]


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (("Anna", "Week 1", "fire hydrant", "RIGHT"), ("fire_hydrant", "right", "Anna/Week 1")),
        (("lunge", "bridge"), ("lunge", None, "bridge")),
        ((), (None, None, "")),
    ],
)
def test_folder_names_are_read_kindly(parts: tuple[str, ...], found: object) -> None:
    assert from_folders(parts, ["lunge", "bridge", "fire_hydrant"]) == found


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_list_says_what_each_video_is(tmp_path: Path, delimiter: str, mark: str) -> None:
    lines = [
        ("Video", "exercise", "side", "person", "hold", "Clinic"),
        ("a b.mp4", "lunge", "L", "p1", "", "north"),
        ("", "", "", "", "", ""),
        ("sub/ü.mov", "plank_forearm", "", "p2", "45", "süd"),
        ("c.mp4",),
    ]
    path = tmp_path / "list.csv"
    path.write_text(mark + "\n".join(delimiter.join(line) for line in lines), encoding="utf-8")
    first, second, third = find_items(path, None)
    assert first == Item(tmp_path / "a b.mp4", "a b.mp4", "lunge", "left", "p1", None, (("Clinic", "north"),))
    assert (second.target_s, second.exercise, second.columns) == (45.0, "plank_forearm", (("Clinic", "süd"),))
    assert (third.exercise, third.person, third.columns) == ("auto", "", (("Clinic", ""),))
    assert find_items(path, "bridge")[2].exercise == "bridge"


def test_a_name_that_begins_with_a_tilde_and_names_nobody_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("video\n~1.mp4\n~nobody here/2.mp4\n~/3.mp4\n")
    found = [item.video for item in find_items(tmp_path / "list.csv", None)]
    assert found == [tmp_path / "~1.mp4", tmp_path / "~nobody here" / "2.mp4", Path.home() / "3.mp4"]


def test_a_template_beside_the_list_is_found(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("video,exercise\na.mp4,own/mine.toml\n")
    assert find_items(tmp_path / "list.csv", None)[0].exercise == str(tmp_path / "own" / "mine.toml")


def test_all_mistakes_of_a_list_are_told_with_their_lines(tmp_path: Path) -> None:
    text = "video,exercise,side,hold\n,lunge,,\na.mp4,lung,,\nb.mp4,lunge,both,\nc.mp4,plank_high,,soon\nd.mp4,plank_high,,-1\n"
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(ListError) as raised:
        find_items(tmp_path / "list.csv", None)
    said = str(raised.value)
    for part in (
        *(
            "line 2: no video",
            "line 3: Unknown exercise 'lung'. Did you mean lunge?",
            "line 4: the side is left or right",
        ),
        *("line 5: the seconds to hold are a number", "line 6: the seconds to hold must be more than 0"),
    ):
        assert part in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "must name the columns"),
        (b"name,exercise\na.mp4,lunge\n", "must name the columns"),
        (b"video\n\n", "names no video"),
        (b"video\n\xff\xfe\n", "UTF-8"),
        (b'video\n"' + b"x" * 200_000, "cannot be read as a list"),
    ],
)
def test_lists_that_are_none_are_refused_in_words(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(ListError, match=said):
        find_items(tmp_path / "list.csv", None)


def test_other_sources_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="no video in"):
        find_items(tmp_path, None)
    with pytest.raises(ListError, match="no folder or list"):
        find_items(tmp_path / "none", None)
    touch(tmp_path, "a.mp4")
    with pytest.raises(ListError, match="formcheck analyze VIDEO"):
        find_items(tmp_path / "a.mp4", None)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_list_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"video,exercise,side,hold\n" + content)
    try:
        items = find_items(path, None)
    except ListError:
        return
    assert all(item.name for item in items)
