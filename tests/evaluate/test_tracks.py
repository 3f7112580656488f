"""Tracks are estimated once; afterwards neither model nor estimator is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filmed import BRIDGES, Onlooker, film

from formcheck.errors import TrackError, VideoError
from formcheck.evaluate import tracks
from formcheck.evaluate.tracks import Tracks, tracks_folder
from formcheck.see import estimator
from formcheck.see.company import Company
from formcheck.see.model import ModelFile
from formcheck.see.track import TrackMeta, save_track


class Eyes:
    """Stands in for the estimator, and counts how often one is made."""

    made = 0

    def __init__(self, model: Any) -> None:
        Eyes.made += 1
        self.company = Company()
        self.estimate = Onlooker(BRIDGES).estimate

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def eyes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Eyes]:
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FORMCHECK_MODEL", raising=False)
    monkeypatch.setattr(estimator, "Estimator", Eyes)
    monkeypatch.setattr(tracks, "locate", lambda model: ModelFile(Path("full.task"), "full", "file", trimmed=True))
    Eyes.made = 0
    return Eyes


def test_a_video_is_looked_at_once(tmp_path: Path, eyes: type[Eyes]) -> None:
    clip = film(tmp_path / "a.mp4")
    assert not Tracks().cached(clip)
    first = Tracks().get(clip)
    assert eyes.made == 1
    assert Tracks().cached(clip)
    again = Tracks().get(clip)
    assert eyes.made == 1
    assert [p.time for p in again.poses] == [p.time for p in first.poses]
    assert first.meta.size == (320, 180)
    assert first.meta.source == "a.mp4"
    assert [p.name for p in tracks_folder().iterdir()] == [next(tracks_folder().glob("*.track.npz")).name]


def test_the_content_counts_and_not_the_name(tmp_path: Path, eyes: type[Eyes]) -> None:
    clip = film(tmp_path / "a.mp4")
    Tracks().get(clip)
    clip.rename(tmp_path / "b.mp4")
    Tracks().get(tmp_path / "b.mp4")
    assert eyes.made == 1
    film(tmp_path / "a.mp4", codec="mpeg4")
    Tracks().get(tmp_path / "a.mp4")
    assert eyes.made == 2


def test_another_model_or_another_program_sees_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eyes: type[Eyes]
) -> None:
    clip = film(tmp_path / "a.mp4")
    Tracks().get(clip)
    Tracks("full").get(clip)
    assert eyes.made == 1
    Tracks("lite").get(clip)
    assert eyes.made == 2
    own = tmp_path / "own.task"
    own.write_bytes(b"weights")
    Tracks(own).get(clip)
    assert eyes.made == 3
    own.write_bytes(b"other weights")
    assert not Tracks(own).cached(clip)
    monkeypatch.setattr(tracks, "seeing_version", lambda: "another")
    Tracks().get(clip)
    assert eyes.made == 4


def test_a_damaged_track_is_made_again(tmp_path: Path, eyes: type[Eyes]) -> None:
    clip = film(tmp_path / "a.mp4")
    Tracks().get(clip)
    [kept] = tracks_folder().iterdir()
    kept.write_bytes(b"rubbish")
    assert len(Tracks().get(clip).poses) > 0
    assert eyes.made == 2


def test_a_saved_track_needs_no_video(tmp_path: Path, eyes: type[Eyes]) -> None:
    path = tmp_path / "a.track.npz"
    save_track(path, BRIDGES.film(fps=10), TrackMeta((1280, 720), "a.mp4"))
    assert Tracks().cached(path)
    assert len(Tracks().get(path).poses) > 0
    assert eyes.made == 0
    path.write_bytes(b"rubbish")
    with pytest.raises(TrackError):
        Tracks().get(path)


def test_a_missing_video_says_where_paths_start(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="start at its own folder"):
        Tracks().get(tmp_path / "none.mp4")
    with pytest.raises(VideoError, match="cannot be read"):
        Tracks().get(tmp_path)


def test_the_version_of_what_sees_is_steady() -> None:
    assert tracks.seeing_version() == tracks.seeing_version()
    assert len(tracks.seeing_version()) == 16


ELSEWHERE = {"download", "frame", "limits", "model", "trial", "trim"}
"""They fetch and check models and hold pictures: a change of theirs gives no other track of the same model."""


def test_a_track_is_known_by_all_code_that_finds_people() -> None:
    script = (
        "import sys, formcheck.see.estimator, formcheck.see.video;"
        "print(*(name.split('.')[2] for name in sys.modules if name.startswith('formcheck.see.')))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) - set(tracks._SEE) == ELSEWHERE


def test_a_model_whose_name_begins_with_a_tilde_is_a_name(tmp_path: Path) -> None:
    assert not Tracks("~nobody.task").cached(film(tmp_path / "a.mp4"))
