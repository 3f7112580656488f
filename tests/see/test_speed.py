"""The model of a live session is chosen by what was measured on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from formcheck.see import model, speed
from formcheck.see.download import VARIANTS, Variant
from formcheck.see.model import ModelFile, ModelStatus
from formcheck.see.speed import choose, known, measure, remember, wanted_model


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path))
    return tmp_path / "models"


def of(variant: Variant | None) -> ModelFile:
    return ModelFile(Path("x.task"), variant, "file", trimmed=True)


def have(monkeypatch: pytest.MonkeyPatch, *variants: Variant) -> None:
    rows = [ModelStatus(variant, Path("x"), None, variant in variants) for variant in VARIANTS]
    monkeypatch.setattr(speed, "status", lambda: rows)


def test_unmeasured_it_is_full() -> None:
    choice = choose()
    assert (choice.variant, choice.fps) == ("full", None)


def test_full_is_used_where_it_is_fast_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, "lite", "full", "heavy")
    remember(of("full"), 31.0)
    remember(of("lite"), 60.0)
    assert choose().variant == "full"
    assert choose().fps == 31.0


def test_a_slow_machine_uses_lite_if_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(of("full"), 14.0)
    have(monkeypatch, "full")
    choice = choose()
    assert choice.variant == "full"
    assert "formcheck model lite --fetch" in choice.why
    have(monkeypatch, "full", "lite")
    assert choose().variant == "lite"
    remember(of("lite"), 29.0)
    assert (choose().variant, choose().fps) == ("lite", 29.0)


def test_what_was_measured_on_another_machine_does_not_count(cache: Path) -> None:
    remember(of("full"), 14.0)
    assert known() == {"full": 14.0}
    path = cache / "speed.json"
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps(content | {"machine": "a pocket calculator"}))
    assert known() == {}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1, "machine": 3, "fps": 7}'])
def test_a_damaged_file_is_as_none(cache: Path, content: str) -> None:
    cache.mkdir(exist_ok=True)
    (cache / "speed.json").write_text(content)
    assert known() == {}
    remember(of("full"), 40.0)
    assert known() == {"full": 40.0}


def test_nonsense_and_foreign_models_are_not_remembered() -> None:
    for fps in (0.0, -1.0, float("nan"), float("inf")):
        remember(of("full"), fps)
    remember(of(None), 30.0)
    assert known() == {}


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path / "file"))
    remember(of("full"), 30.0)
    assert known() == {}


@pytest.mark.model
def test_measuring_is_near_to_what_a_video_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORMCHECK_CACHE")
    fps = measure(model.locate("full"))
    assert 3 < fps < 1000


def test_a_live_session_takes_the_model_asked_for_then_the_one_set_then_the_fast_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORMCHECK_MODEL", "heavy")
    assert wanted_model("lite") == "lite"
    assert wanted_model(None) == "heavy"
    monkeypatch.delenv("FORMCHECK_MODEL")
    assert wanted_model(None) == choose().variant
