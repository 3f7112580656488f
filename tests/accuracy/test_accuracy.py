"""How accurate the program is, on all clips that this machine has: no figure may be worse than in ``baseline.json``.

After a change that makes figures better, or after new clips, write the baseline anew:

    formcheck evaluate samples/clips --baseline tests/accuracy/baseline.json --update-baseline

and the same with the folder of recordings. ``FORMCHECK_CLIPS`` names that folder; by default it is ``shared/clips``
beside the project.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from formcheck.evaluate.baseline import compare_with
from formcheck.evaluate.document import read_results
from formcheck.evaluate.suite import Evaluation, evaluate

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples" / "clips"
RECORDINGS = Path(os.environ.get("FORMCHECK_CLIPS") or ROOT.parent / "shared" / "clips")
BASELINE = Path(__file__).with_name("baseline.json")


@pytest.fixture(autouse=True)
def only_shipped_exercises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A person's own templates would add results that the baseline does not have."""
    monkeypatch.setenv("FORMCHECK_POSES", str(tmp_path / "none"))


def require_nothing_worse(evaluation: Evaluation) -> None:
    assert evaluation.failed == ()
    comparison = compare_with(read_results(BASELINE), evaluation.results)
    assert [str(worse) for worse in comparison.worse] == []
    assert comparison.compared, "no clip of these is in the baseline; write it anew"


@pytest.mark.model
@pytest.mark.skipif(not list(SAMPLES.glob("*.truth.json")), reason="no samples are rendered yet")
def test_no_figure_of_the_samples_is_worse() -> None:
    require_nothing_worse(evaluate([SAMPLES]))


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.skipif(not list(SAMPLES.glob("*.truth.json")), reason="no samples are rendered yet")
def test_samples_judged_as_another_exercise_count_nothing_and_are_not_corrected() -> None:
    evaluation = evaluate([SAMPLES], cross=True)
    others = [result for result in evaluation.results if result.negative is not None]
    assert {result.kind for result in others} == {"other", "negative"}
    disturbed = [
        f"{result.name} as {result.template}: {result.negative}"
        for result in others
        if result.negative and (result.negative.counted or result.negative.cues or result.negative.in_form > 0)
    ]
    assert disturbed == []


@pytest.mark.model
@pytest.mark.clips
@pytest.mark.skipif(not (RECORDINGS / "truth.json").is_file(), reason=f"no recordings at {RECORDINGS}")
def test_no_figure_of_the_recordings_is_worse() -> None:
    require_nothing_worse(evaluate([RECORDINGS / "truth.json"]))


def test_the_baseline_can_be_read() -> None:
    results = read_results(BASELINE)
    assert len({result.key for result in results}) == len(results) > 0
