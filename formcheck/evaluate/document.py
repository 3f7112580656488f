"""Results as JSON: ``evaluation.json``, and the baseline that later results are held against.

A baseline is an evaluation with less in it, one line a clip, so that a change of it can be read. Either can be used as
a baseline. The format is documented in ``docs/accuracy.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from math import isfinite
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from formcheck.errors import TruthError
from formcheck.evaluate.figures import Share, angle_figures, by_class, fault_figures, figures, grouped
from formcheck.evaluate.result import ClipResult
from formcheck.evaluate.suite import Evaluation
from formcheck.json_file import read_json
from formcheck.unfinished import UnfinishedFile, output_error
from formcheck.version import __version__

SCHEMA = "formcheck.evaluation/1"
GROUPS = ("exercise", "view", "body", "rate", "company")

_RESULTS = TypeAdapter(tuple[ClipResult, ...])


def evaluation_document(evaluation: Evaluation) -> dict[str, Any]:
    """Everything, as plain data."""
    results = evaluation.results
    faults = fault_figures(results)
    return {
        "schema": SCHEMA,
        "formcheck_version": __version__,
        "figures": _plain(figures(results)),
        "by": {
            group: {label: _plain(part) for label, part in grouped(results, group).items()}
            for group in GROUPS
            if grouped(results, group)
        },
        "faults": [_plain(fault) for fault in faults],
        "faults_by_class": {name: _plain(fault) for name, fault in by_class(faults).items()},
        "angles": [_plain(angle) for angle in angle_figures(results, measures=False, each=True)],
        "angles_all": [_plain(angle) for angle in angle_figures(results, measures=False, each=False)],
        "measures": [_plain(angle) for angle in angle_figures(results, measures=True, each=True)],
        "clips": [{**_plain(result), "ok": result.ok} for result in results],
        "skipped": [{"clip": clip, "why": why} for clip, why in evaluation.skipped],
        "failed": [{"clip": clip, "why": why} for clip, why in evaluation.failed],
        "notes": list(evaluation.notes),
    }


def read_results(path: Path) -> tuple[ClipResult, ...]:
    """The clips of an evaluation or a baseline.

    Raises:
        TruthError: it cannot be read or is neither.
    """
    try:
        data = read_json(path)
    except FileNotFoundError:
        raise TruthError(f"There is no baseline {path}. Make it with --baseline {path} --update-baseline.") from None
    except OSError as error:
        raise TruthError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise TruthError(f"{path} is not JSON, so it is no baseline. {_AGAIN}") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise TruthError(f'{path} is no baseline: its schema is not "{SCHEMA}". {_AGAIN}')
    try:
        # As JSON once more: only there may tuples be written as lists.
        return _RESULTS.validate_json(json.dumps(data.get("clips")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise TruthError(f"{path} is no baseline of this version: clips.{place}: {first['msg']}. {_AGAIN}") from None


_AGAIN = "Make it anew with --update-baseline."


def write_baseline(path: Path, results: Iterable[ClipResult]) -> None:
    """Writes a baseline: clips that it has already are replaced, others are added, the rest stays.

    Raises:
        TruthError: the file is there, but is no baseline.
        OutputError: it cannot be written.
    """
    kept = {result.key: result for result in (read_results(path) if path.exists() else ())}
    kept.update({result.key: result for result in results})
    lines = [json.dumps(_brief(kept[key]), ensure_ascii=False) for key in sorted(kept)]
    about = "What the accuracy suite found; 'formcheck evaluate --baseline' fails when a figure gets worse."
    text = "{\n" + f' "schema": "{SCHEMA}",\n "about": {json.dumps(about)},\n "clips": [\n  '
    write_text(path, text + ",\n  ".join(lines) + "\n ]\n}\n")


def write_text(path: Path, text: str) -> None:
    """Writes a text file, all of it or nothing.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(path, error) from error
    with UnfinishedFile(path) as unfinished:
        unfinished.path.write_text(text, encoding="utf-8")


def _brief(result: ClipResult) -> dict[str, Any]:
    """A result without what only a picture needs, and without what says nothing."""
    angles = tuple(replace(angle, errors=()) for angle in result.angles if not angle.measure)
    brief = asdict(replace(result, marks=(), angles=angles))
    for key in ("reps", "hold", "negative", "recognition"):
        if brief[key] is None:
            del brief[key]
    for key in ("marks", "faults", "angles", "unknown_faults"):
        if not brief[key]:
            del brief[key]
    for angle in brief.get("angles", ()):
        del angle["errors"]
    plain = _plain(brief)
    assert isinstance(plain, dict)
    return plain


def _plain(value: Any) -> Any:
    """Dataclasses as tables, tuples as lists, NaN as null, six digits."""
    if isinstance(value, Share):
        low, high = value.interval
        return {"k": value.k, "n": value.n, "value": _plain(value.value), "ci95": [_plain(low), _plain(high)]}
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, float):
        return round(value, 4) + 0.0 if isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
