"""Truth files are read strictly: every mistake is told at once, with the clip that it is in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from formcheck.errors import TruthError
from formcheck.evaluate.truth import ClipTruth, FaultTruth, HoldTruth, RepetitionTruth, read_clips

DOCS = (Path(__file__).parents[2] / "docs" / "accuracy.md").read_text(encoding="utf-8")

REPS: dict[str, Any] = {"file": "a.mp4", "exercise": "lunge", "kind": "reps", "reps": 2}
HOLD: dict[str, Any] = {"file": "b.mp4", "exercise": "plank", "kind": "hold", "hold_s": [[1, 4.5]]}

RENDERED: dict[str, Any] = {
    **REPS,
    "view": "side, 15° off towards the front or feet",
    "partial_reps": 1,
    "accept_reps": [2, 3],
    "rep_peak_s": [2.8, 7.5],
    "hold_s": [],
    "fps": 15.0,
    "size": "640x480",
    "duration_s": 16.2,
    "notes": "rendered",
    "repetitions": [
        {"side": "left", "start_s": 1.0, "peak_s": 2.8, "end_s": 5.0, "complete": True, "faults": []},
        {"side": "left", "start_s": 5.7, "peak_s": 7.5, "end_s": 9.7, "complete": True, "faults": []},
        {
            "side": "left",
            "start_s": 10.4,
            "peak_s": 12.3,
            "end_s": 14.6,
            "complete": False,
            "faults": [
                {
                    "id": "shallow",
                    "severity": "clear",
                    "measure": "knee",
                    "value": 128.0,
                    "start_s": 10.4,
                    "end_s": 14.6,
                }
            ],
        },
    ],
    "holds": [],
    "faults": [
        {"id": "shallow", "severity": "clear", "measure": "knee", "value": 128.0, "start_s": 10.4, "end_s": 14.6}
    ],
    "ready_s": 0.0,
    "camera": {"azimuth": 90.0, "distance_m": 1.8, "height_m": 0.5, "fov_deg": 45.0, "eye_m": [1.8, 0.5, 0.1]},
    "body": "a",
    "room": "1",
    "yaw": 15.0,
    "variant": None,
    "side": "left",
    "seed": 1,
    "bystander": None,
    "conditions": {"gain": 1.0},
    "frames": "a.frames.npz",
    "key": "ebff381ae363176a",
}


def write(folder: Path, *clips: dict[str, Any], name: str = "truth.json", **top: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps({"clips": list(clips), **top}), encoding="utf-8")
    return path


def mistakes(folder: Path, *clips: dict[str, Any], **top: Any) -> str:
    with pytest.raises(TruthError) as caught:
        read_clips([write(folder, *clips, **top)])
    return str(caught.value)


def test_paths_start_at_the_folder_of_the_truth_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    truth = write(tmp_path / "deep", {**REPS, "file": "../a.mp4", "frames": "a.npz"})
    [clip], notes = read_clips([truth])
    assert clip.name == "a.mp4"
    assert clip.path.resolve() == (tmp_path / "a.mp4").resolve()
    assert clip.frames == tmp_path / "deep" / "a.npz"
    assert notes == []


def test_everything_that_rendered_samples_say_is_known(tmp_path: Path) -> None:
    [clip], notes = read_clips([write(tmp_path, RENDERED, schema=1, about="rendered")])
    assert notes == []
    truth = clip.truth
    assert truth.accepted_reps == (2, 3)
    assert truth.peaks == (2.8, 7.5, 12.3)
    assert truth.knows_faults
    assert not truth.is_correct
    assert truth.repetitions
    assert not truth.repetitions[2].complete


def test_what_nobody_looked_for_is_not_taken_for_right(tmp_path: Path) -> None:
    [plain, right, wrong, partly], _ = read_clips(
        [
            write(
                tmp_path,
                REPS,
                {**REPS, "file": "c.mp4", "faults": []},
                {**REPS, "file": "d.mp4", "repetitions": [{"peak_s": 1.0, "faults": [{"id": "shallow"}]}]},
                {**REPS, "file": "e.mp4", "repetitions": [{"peak_s": 1.0, "faults": []}, {"peak_s": 5.0}]},
            )
        ]
    )
    assert (plain.truth.knows_faults, plain.truth.is_correct) == (False, False)
    assert (right.truth.knows_faults, right.truth.is_correct) == (True, True)
    assert (wrong.truth.knows_faults, wrong.truth.is_correct) == (True, False)
    assert (partly.truth.knows_faults, partly.truth.is_correct) == (False, False)


def test_seconds_held_are_summed_up_and_ranges_accepted(tmp_path: Path) -> None:
    [one, two], _ = read_clips(
        [
            write(
                tmp_path,
                {**HOLD, "hold_s": [[1, 4.5], [6, 7]]},
                {**HOLD, "file": "c.mp4", "accept_hold_s": [2, 5]},
            )
        ]
    )
    assert one.truth.held == pytest.approx(4.5)
    assert one.truth.accepted_hold == pytest.approx((4.5, 4.5))
    assert two.truth.accepted_hold == (2, 5)


def test_a_folder_stands_for_its_truth_files(tmp_path: Path) -> None:
    write(tmp_path, REPS)
    write(tmp_path, HOLD, name="b.truth.json")
    (tmp_path / "other.json").write_text("{}")
    clips, _ = read_clips([tmp_path])
    assert [clip.name for clip in clips] == ["b.mp4", "a.mp4"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(TruthError, match=r"no truth\.json"):
        read_clips([tmp_path / "empty", tmp_path])


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path, REPS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_clips([path])[0]) == 1


def test_all_mistakes_are_told_at_once_with_their_clip(tmp_path: Path) -> None:
    text = mistakes(
        tmp_path,
        {**REPS, "reps": "2"},
        {**HOLD, "hold_s": [[4, 1]]},
        {"exercise": "lunge", "kind": "rep"},
        {**REPS, "file": "d.mp4", "reps": -1},
    )
    assert text.startswith("5 mistakes in ")
    assert "clips[1] (a.mp4): reps: must be a whole number" in text
    assert "clips[2] (b.mp4): a span in 'hold_s' must end after it begins" in text
    assert "clips[3]: file: is missing" in text
    assert "clips[3]: kind: must be 'reps', 'hold' or 'negative'" in text
    assert "clips[4] (d.mp4): reps: must be greater than or equal to 0" in text


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        ({"file": "a.mp4", "exercise": "x", "kind": "reps"}, "needs 'reps'"),
        ({"file": "a.mp4", "exercise": "x", "kind": "hold"}, "needs 'hold_s'"),
        ({**REPS, "rep_peak_s": [1.0]}, "1 times in 'rep_peak_s', but 'reps' is 2"),
        ({**REPS, "rep_peak_s": [2.0, 1.0]}, "must increase"),
        ({**REPS, "accept_reps": [3, 4]}, "must hold 'reps'"),
        ({**REPS, "window_s": [5, 1]}, "'window_s' must end after it begins"),
        ({**REPS, "templates": ["lunge"]}, "is for negatives"),
        ({**HOLD, "hold_s": [[0, 2], [1, 3]]}, "must follow each other"),
        ({**HOLD, "accept_hold_s": [3, 2]}, "[least, most]"),
        ({**HOLD, "holds": [{"start_s": 2, "end_s": 2}]}, "a hold must end after it begins"),
        ({**REPS, "faults": [{"severity": "mild"}]}, "faults[1]: id: is missing"),
        ({**REPS, "faults": [{"id": "x", "severity": "bad"}]}, "severity: must be 'mild' or 'clear'"),
    ],
)
def test_what_contradicts_itself_is_a_mistake(tmp_path: Path, clip: dict[str, Any], message: str) -> None:
    assert message in mistakes(tmp_path, clip)


def test_a_slip_of_the_pen_is_a_mistake_and_other_keys_are_noted(tmp_path: Path) -> None:
    text = mistakes(tmp_path, {**REPS, "accept_rep": [1], "repetitions": [{"peak_s": 1, "sides": "left"}]})
    assert "clips[1] (a.mp4): accept_rep: unknown key; is 'accept_reps' meant?" in text
    assert "repetitions[1]: sides: unknown key; is 'side' meant?" in text
    clips, notes = read_clips([write(tmp_path, {**REPS, "rater": "Anna"}, {**HOLD, "rater": "Ben"})])
    assert len(clips) == 2
    assert notes == [f"{tmp_path / 'truth.json'}: the key 'rater' is not known and is not used."]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"clips": 3}', '{"clips": []}', "[" * 100_000])
def test_what_is_no_truth_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(text)
    with pytest.raises(TruthError, match=r"truth\.json"):
        read_clips([path])


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TruthError, match="UTF-8"):
        read_clips([tmp_path / "bytes.json"])
    with pytest.raises(TruthError, match="There is no truth file"):
        read_clips([tmp_path / "none.json"])


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    assert "newer formcheck (schema 2" in mistakes(tmp_path, REPS, schema=2)


def test_two_clips_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "rename one" in mistakes(tmp_path, REPS, {**HOLD, "file": "sub/a.mp4"})


def test_every_key_is_documented_and_no_other() -> None:
    tables = DOCS[DOCS.index("### Every clip") : DOCS.index("### Which exercise is meant")]
    documented = {
        key
        for row in tables.splitlines()
        if row.startswith("| `")
        for key in re.findall(r"`([a-z_]+)`", row.split("|")[1])
    }
    assert documented == set(ClipTruth.model_fields)
    for model in (FaultTruth, RepetitionTruth, HoldTruth):
        for key in model.model_fields:
            assert f"`{key}`" in tables or f'"{key}"' in tables, key


def test_the_example_of_the_documentation_is_a_truth_file(tmp_path: Path) -> None:
    found = re.search(r"^```json\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
    assert found
    (tmp_path / "truth.json").write_text(found[1], encoding="utf-8")
    clips, notes = read_clips([tmp_path / "truth.json"])
    assert [clip.truth.kind for clip in clips] == ["reps", "hold", "negative"]
    assert notes == []
