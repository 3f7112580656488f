"""Pages and exports from the command line."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from filmed import BRIDGES, Onlooker, film

from formcheck import Session, load_template
from formcheck.cli import main
from formcheck.report_page.index import IndexRow, write_index
from formcheck.see import estimator, model
from formcheck.see.company import Company


class Eyes:
    """Stands in for the estimator; sees bridges."""

    def __init__(self, located: Any, upright: bool | None = None) -> None:
        self.company, self.estimate = Company(), Onlooker(BRIDGES).estimate

    def close(self) -> None:
        pass


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(model, "locate", lambda *_, **__: SimpleNamespace(variant="full", path=Path("full.task")))
    monkeypatch.setattr(estimator, "Estimator", Eyes)
    film(tmp_path / "monday.mp4")
    film(tmp_path / "tuesday.mp4")
    return tmp_path


FAST = ("-e", "bridge", "--no-video", "--no-stills", "-q")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_several_videos_get_an_index(folder: Path) -> None:
    assert main(["analyze", "monday.mp4", "gone.mp4", "tuesday.mp4", *FAST, "-o", "all"]) == 1
    text = (folder / "all" / "index.html").read_text(encoding="utf-8")
    assert text.count("<tr>") == 4
    for name in ("monday", "tuesday"):
        assert f'<a href="{name}/report.html">{name}.mp4</a>' in text
        assert (folder / "all" / name / "report.html").is_file()
    assert "There is no file gone.mp4" in text
    assert 'src="../../monday.mp4"' in (folder / "all" / "monday" / "report.html").read_text(encoding="utf-8")


def test_one_video_gets_no_index(folder: Path) -> None:
    assert main(["analyze", "monday.mp4", *FAST, "-o", "one"]) == 0
    assert names(folder / "one") == {"report.html", "report.json", "repetitions.csv", "angles.csv"}


def test_no_page_means_none(folder: Path) -> None:
    assert main(["analyze", "monday.mp4", "tuesday.mp4", *FAST, "--no-page", "-o", "all"]) == 0
    assert names(folder / "all") == {"monday", "tuesday"}
    assert "report.html" not in names(folder / "all" / "monday")


def test_pages_and_exports_of_an_earlier_analysis_go_away(folder: Path) -> None:
    assert main(["analyze", "monday.mp4", *FAST, "-o", "one", "--export", "trc,mot"]) == 0
    assert {"markers.trc", "angles.mot", "report.html"} <= names(folder / "one")
    assert main(["analyze", "monday.mp4", *FAST, "-o", "one", "--no-page"]) == 0
    assert names(folder / "one") == {"report.json", "repetitions.csv", "angles.csv"}


def test_a_video_is_embedded_when_asked(folder: Path) -> None:
    sizes = []
    for more in ((), ("--embed-video",)):
        assert main(["analyze", "monday.mp4", *FAST, "-o", "one", *more]) == 0
        sizes.append((folder / "one" / "report.html").stat().st_size)
    assert sizes[1] - sizes[0] >= (folder / "monday.mp4").stat().st_size * 4 / 3


def test_an_export_that_is_not_known_ends_before_anything_is_done(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", "monday.mp4", *FAST, "-o", "one", "--export", "trc,c3d"]) == 2
    assert "There is no export c3d. There are: trc, mot, parquet" in " ".join(capsys.readouterr().err.split())
    assert not (folder / "one").exists()


def test_the_index_takes_names_for_names(tmp_path: Path) -> None:
    (tmp_path / "a b#?").mkdir()
    (tmp_path / "a b#?" / "report.json").write_text("{}")
    report = Session(load_template("bridge")).finish().to_dict()
    rows = [IndexRow("<script>x</script>.mp4", report, tmp_path / "a b#?"), IndexRow("b.mp4", error="<b>no</b>")]
    write_index(tmp_path / "index.html", rows, title="<i>mine</i>")
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<i>" not in text
    assert "<b>no" not in text
    assert 'href="a%20b%23%3F/report.json"' in text
