from __future__ import annotations

from pathlib import Path

import pytest

from formcheck.errors import OutputError
from formcheck.show.results import ResultsFolder, folders_for, results_in, short_stem

REPORT = '{"schema": "formcheck.report/1"}'


def contents(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_new_folder_appears_only_in_the_end(tmp_path: Path) -> None:
    final = tmp_path / "a" / "b"
    with ResultsFolder(final) as results:
        write(results.path, report_json=REPORT, stills__1_jpg="1")
        assert not (tmp_path / "a").exists()
        assert [p.name[0] for p in tmp_path.iterdir()] == ["."]
    assert contents(tmp_path) == {"a/b/report.json": REPORT, "a/b/stills/1.jpg": "1"}


def test_outdated_results_go_and_other_files_stay(tmp_path: Path) -> None:
    old = {"stills__repetition-01_jpg": "old", "stills__hold-02_jpg": "old", "stills__mine_jpg": "mine"}
    write(tmp_path, report_json=REPORT, annotated_mp4="old", holds_csv="old", **old)
    write(tmp_path, mine_txt="mine", a_track_npz="track", other__report_json="mine")
    with ResultsFolder(tmp_path) as results:
        write(results.path, **{"report_json": REPORT + " ", "stills__repetition-01_jpg": "new"})
        assert contents(tmp_path)["stills/repetition-01.jpg"] == "old"
    assert contents(tmp_path) == {
        "report.json": REPORT + " ",
        "stills/repetition-01.jpg": "new",
        "stills/mine.jpg": "mine",
        "mine.txt": "mine",
        "a.track.npz": "track",
        "other/report.json": "mine",
    }


def test_a_folder_of_stills_that_is_empty_now_goes(tmp_path: Path) -> None:
    write(tmp_path, **{"report_json": REPORT, "stills__hold-01_jpg": "old"})
    with ResultsFolder(tmp_path) as results:
        write(results.path, report_json=REPORT)
    assert not (tmp_path / "stills").exists()


def test_two_at_once_in_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    with ResultsFolder(tmp_path / "out") as one:
        with ResultsFolder(tmp_path / "out") as other:
            write(other.path, report_json=REPORT, holds_csv="other")
        write(one.path, report_json=REPORT, repetitions_csv="one")
    assert set(contents(tmp_path)) == {"out/report.json", "out/repetitions.csv"}


def test_a_name_that_is_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="name is too long"):
        ResultsFolder(tmp_path / ("a" * 300))
    assert list(tmp_path.iterdir()) == []


def test_the_hidden_folder_is_not_named_in_messages(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="disk") as raised, ResultsFolder(tmp_path / "out") as results:
        raise OutputError(f"{results.path / 'angles.csv'} was not written: the disk is full.")
    assert str(raised.value) == f"{tmp_path / 'out' / 'angles.csv'} was not written: the disk is full."
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json", '{"schema": 1}', '{"schema": "other/1"}'])
def test_a_folder_without_a_report_of_ours_has_no_results(tmp_path: Path, text: str) -> None:
    write(tmp_path, report_json=text, annotated_mp4="mine")
    assert results_in(tmp_path) == []


@pytest.mark.parametrize(
    ("videos", "out", "folders"),
    [
        (["a.mp4"], None, ["a-formcheck"]),
        (["a.mp4"], "r", ["r"]),
        (["a.mp4", "b.mp4"], "r", ["r/a", "r/b"]),
        (["a.mp4", "x/a.mov", "y/A.mp4"], "r", ["r/a", "r/a-2", "r/A-3"]),
        (["a.mp4", "a-2.mp4", "a.mov"], None, ["a-formcheck", "a-2-formcheck", "a-3-formcheck"]),
        (["...mp4", ".mp4"], "r", ["r/video", "r/.mp4"]),
        (["Übung 🏋.mp4"], None, ["Übung 🏋-formcheck"]),
    ],
)
def test_every_video_gets_a_folder_of_its_own(videos: list[str], out: str | None, folders: list[str]) -> None:
    found = folders_for([Path(v) for v in videos], Path(out) if out else None)
    assert [f.as_posix() for f in found] == folders


@pytest.mark.parametrize("letter", ["a", "ü", "🏋"])
def test_long_names_are_cut_to_fit(tmp_path: Path, letter: str) -> None:
    name = letter * (250 // len(letter.encode()))
    stem = short_stem(Path(f"{name}.mp4"))
    assert name.startswith(stem)
    assert 190 < len(stem.encode()) <= 200
    (tmp_path / f"{stem}-formcheck").mkdir()
