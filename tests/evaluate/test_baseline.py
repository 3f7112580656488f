"""What got worse is named; what moved within the tolerance, or got better, is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from outcomes import counted, held, negative, tally

from formcheck.errors import TruthError
from formcheck.evaluate.angles import AngleErrors
from formcheck.evaluate.baseline import compare_with
from formcheck.evaluate.document import read_results, write_baseline
from formcheck.evaluate.result import ClipResult, Mark, RecognitionResult, RepetitionsResult


def worse(then: ClipResult, now: ClipResult) -> list[str]:
    return [str(w) for w in compare_with([then], [now]).worse]


def with_reps(**changes: Any) -> ClipResult:
    result = counted()
    assert result.reps
    return replace(result, reps=replace(result.reps, **changes))


def test_the_same_is_not_worse() -> None:
    results = [
        counted("a", faults=(tally(), tally(level=None, found=1))),
        held("b"),
        negative("c"),
        counted("d", found=3),
    ]
    comparison = compare_with(results, results)
    assert (comparison.worse, comparison.compared, comparison.new, comparison.absent) == ((), 4, 0, 0)


def test_a_wrong_count_is_named_with_what_is_right() -> None:
    assert worse(counted(), counted(found=4)) == ["a.mp4: repetitions 4 (right: 5), was 5"]
    assert worse(counted(found=7), counted(found=4)) == []
    assert worse(counted(found=4), counted(found=7)) != []


def test_a_wrong_side_is_named() -> None:
    assert worse(counted(), with_reps(sides=(4, 5))) == ["a.mp4: wrong sides 1, was 0"]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_hold_may_move_a_little(sign: int) -> None:
    mean, clip = "plank_forearm: hold error", "p.mp4: seconds in form"
    assert worse(held(), held(found=10 + 0.09 * sign)) == []
    assert [text[: len(mean)] for text in worse(held(), held(found=10 + 0.2 * sign))] == [mean]
    assert sorted(text.partition(" 0")[0][: len(mean)] for text in worse(held(), held(found=10 + 0.4 * sign))) == [
        f"{clip} {10 + 0.4 * sign:.1f}"[: len(mean)],
        mean,
    ]
    assert worse(held(found=10 + 0.4 * sign), held(found=10 - 0.4 * sign)) == []


def test_nothing_more_may_happen_in_a_negative() -> None:
    assert worse(negative(), negative(counted_=1)) == [
        "walk.mp4 as lunge: repetitions counted 1, was 0",
        "negatives: left alone 0 of 1, was 1 of 1",
    ]
    assert worse(negative(cues=1), negative()) == []


def test_times_may_move_within_their_tolerance() -> None:
    assert worse(counted(), with_reps(peak_errors=(0.14, -0.14))) == []
    assert worse(counted(), with_reps(peak_errors=(0.2, -0.2))) == ["lunge: peak time error 0.20 s, was 0.10 s"]
    assert worse(counted(), with_reps(start_errors=(0.5,))) == ["lunge: start time error 0.50 s, was 0.30 s"]
    assert worse(counted(), with_reps(peak_errors=())) == ["lunge: peak time error nan s, was 0.10 s"]


def test_usable_frames_and_cues_are_compared_by_exercise() -> None:
    assert worse(counted(), counted(usable=88)) == []
    assert worse(counted(), counted(usable=80)) == ["lunge: frames usable 80%, was 90%"]
    assert worse(counted(), counted(with_person=50)) == ["lunge: frames with a person 50%, was 98%"]
    assert worse(counted(), counted(cues=1)) == ["lunge: false cues a set 1.00, was 0.00"]


def test_recognition_may_become_surer_but_not_worse() -> None:
    right, unsure, wrong = (
        counted(recognition=RecognitionResult.of(found, "lunge")) for found in ("lunge", None, "squat")
    )
    assert worse(right, unsure) == ["a.mp4: recognised as nothing, was lunge"]
    assert worse(unsure, wrong) == ["a.mp4: recognised as squat, was nothing"]
    assert worse(wrong, right) == worse(unsure, right) == worse(right, counted()) == worse(counted(), wrong) == []


def test_faults_are_compared_one_by_one() -> None:
    def faults(clear: int, false: int, not_visible: int = 0) -> ClipResult:
        return counted(
            faults=(tally(of=40, found=clear, not_visible=not_visible), tally(level=None, of=100, found=false))
        )

    assert worse(faults(38, 2), faults(37, 4)) == []
    assert worse(faults(38, 2), faults(30, 2)) == ["lunge shallow: found (clear) 30 of 40, was 38 of 40"]
    assert worse(faults(38, 2), faults(38, 9)) == ["lunge shallow: false alarms 9 of 100, was 2 of 100"]
    # Not seeing it any more at all is worse, too.
    assert worse(faults(38, 2), faults(0, 2, not_visible=40)) == ["lunge shallow: found (clear) 0 of 0, was 38 of 40"]


def test_angles_are_compared_by_view() -> None:
    def angles(mae: float) -> ClipResult:
        return counted(angles=(AngleErrors("knee", "deg", False, 100, mae, 0.0),))

    assert worse(angles(3.0), angles(3.9)) == []
    assert worse(angles(3.0), angles(4.2)) == ["lunge knee (ideal): angle error 4.2°, was 3.0°"]


def test_only_what_is_in_both_is_compared() -> None:
    then = [counted("a"), counted("gone", found=5)]
    now = [counted("a"), counted("new", found=0)]
    comparison = compare_with(then, now)
    assert (comparison.worse, comparison.compared, comparison.new, comparison.absent) == ((), 1, 1, 1)
    # The same clip judged with another template is another result.
    assert compare_with([negative(template="squat")], [negative(counted_=1)]).compared == 0


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "baseline.json"
    results = [
        counted("a", faults=(tally(),), angles=(AngleErrors("knee", "deg", False, 3, 2.0, 1.0, (1.0, 2.0, 3.0)),)),
        held("b"),
        replace(negative("c"), recognition=RecognitionResult.of(None, None)),
        counted("d", marks=(Mark("cue", 1.0, 1.0),), unknown_faults=("wobble",)),
    ]
    write_baseline(path, results)
    back = read_results(path)
    # Samples and marks are left out; they would make every change of the file unreadable.
    assert back[0].angles[0].errors == ()
    assert back[0].faults == (tally(),)
    assert back[1:3] == tuple(results[1:3])
    assert back[3] == replace(results[3], marks=())
    assert compare_with(back, results).worse == ()


def test_updating_replaces_some_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(path, [counted("a"), counted("b")])
    before = path.read_text(encoding="utf-8").splitlines()
    write_baseline(path, [counted("b", found=3), counted("c")])
    after = path.read_text(encoding="utf-8").splitlines()
    assert [r.name for r in read_results(path)] == ["a", "b", "c"]
    # One line a clip: what did not change stays the same line.
    assert next(line for line in before if '"name": "a"' in line) in after
    found = read_results(path)[1].reps
    assert isinstance(found, RepetitionsResult)
    assert found.counted == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "no baseline"),
        ('{"schema": "formcheck.report/1"}', "no baseline"),
        ('{"schema": "formcheck.evaluation/1", "clips": [{"name": "a"}]}', "no baseline of this version: clips.0"),
        ('{"schema": "formcheck.evaluation/1"}', "no baseline of this version"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text)
    with pytest.raises(TruthError, match=message):
        read_results(path)
    with pytest.raises(TruthError, match="--update-baseline"):
        write_baseline(path, [counted()])
    assert path.read_text() == text


def test_a_baseline_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="--update-baseline"):
        read_results(tmp_path / "none.json")


def test_numbers_of_a_baseline_are_short(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(path, [with_reps(peak_errors=(1 / 3,))])
    assert json.loads(path.read_text())["clips"][0]["reps"]["peak_errors"] == [0.3333]
