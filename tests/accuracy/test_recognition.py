"""How often recognition is right on all clips that this machine has: the bar is 95 %, and "not sure" instead of wrong."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from judging import SHIPPED, template

from formcheck.evaluate.names import template_for
from formcheck.evaluate.tracks import Tracks
from formcheck.evaluate.truth import read_clips
from formcheck.judge.recognition import Recognition
from formcheck.recognize import recognize

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples" / "clips"
RECORDINGS = Path(os.environ.get("FORMCHECK_CLIPS") or ROOT.parent / "shared" / "clips")

RIGHT_SHARE = 0.95


@dataclass(frozen=True)
class Answer:
    """What a clip shows, None for no known exercise, and what was recognised."""

    clip: str
    shows: str | None
    told: Recognition

    def __str__(self) -> str:
        closest = ", ".join(f"{c.exercise} {c.confidence:.2f}" for c in self.told.ranking[:3])
        return f"{self.clip}: {self.shows} recognised as {self.told.best} ({closest})"


@cache
def answers(folder: Path) -> tuple[Answer, ...]:
    clips, _ = read_clips([folder])
    tracks = Tracks()
    known = [template(name) for name in SHIPPED]
    found = []
    for clip in clips:
        shows = None if clip.truth.kind == "negative" else template_for(clip.truth.exercise, SHIPPED)
        if shows and not template(shows).recognise:
            shows = None  # may not be named
        found.append(Answer(clip.name, shows, recognize(tracks.get(clip.path).poses, known)))
    return tuple(found)


def require(given: tuple[Answer, ...]) -> None:
    wrong = [str(a) for a in given if a.told.best not in (a.shows, None)]
    unsure = [str(a) for a in given if a.told.best is None and a.shows is not None]
    assert wrong == []
    assert len(unsure) <= max(1, (1 - RIGHT_SHARE) * len(given)), unsure


@pytest.mark.model
@pytest.mark.skipif(not list(SAMPLES.glob("*.truth.json")), reason="no samples are rendered yet")
def test_samples_are_recognised() -> None:
    require(answers(SAMPLES))


@pytest.mark.model
@pytest.mark.clips
@pytest.mark.skipif(not (RECORDINGS / "truth.json").is_file(), reason=f"no recordings at {RECORDINGS}")
def test_samples_and_recordings_are_recognised() -> None:
    require(answers(SAMPLES) + answers(RECORDINGS))
