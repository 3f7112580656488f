"""The command from truth files to tables, files and exit code. Clips are pose tracks: no video, no model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from motions import Bridge, Lunge, Motion, Plank, Repeats, still, walking
from stick_figure import Camera

from formcheck.cli import main
from formcheck.evaluate.suite import evaluate
from formcheck.pose import Landmark
from formcheck.see.track import TrackMeta, save_track

LUNGES = Lunge(sides=("right", "left")).motion(Repeats(count=4))
BRIDGES = Bridge().motion(Repeats(count=3))
PLANK = still(Plank().figure(), 8.0)
LOW = Camera(height=30.0)


def track(folder: Path, name: str, motion: Motion, camera: Camera | None = None) -> str:
    camera = camera or Camera()
    save_track(folder / f"{name}.track.npz", motion.film(15, camera), TrackMeta(camera.size, f"{name}.mp4", fps=15))
    return f"{name}.track.npz"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a truth file and its four tracks."""
    monkeypatch.setenv("FORMCHECK_POSES", str(tmp_path / "none"))
    monkeypatch.setenv("FORMCHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    clips: list[dict[str, Any]] = [
        {
            "file": track(tmp_path, "lunges", LUNGES),
            "exercise": "alternating lunges",
            "kind": "reps",
            "view": "side",
            "reps": 4,
            "partial_reps": 0,
            "fps": 15,
            "repetitions": [
                {"peak_s": p, "side": "right" if i % 2 == 0 else "left", "faults": []}
                for i, p in enumerate(LUNGES.peaks)
            ],
        },
        {
            "file": track(tmp_path, "bridges", BRIDGES, LOW),
            "exercise": "glute bridge",
            "kind": "reps",
            "view": "side",
            "reps": 3,
            "faults": [],
        },
        {
            "file": track(tmp_path, "plank", PLANK, LOW),
            "exercise": "plank (forearm)",
            "kind": "hold",
            "view": "side",
            "hold_s": [[0, 8]],
            "faults": [],
        },
        {"file": track(tmp_path, "walk", walking(3.0)), "exercise": "walking", "kind": "negative"},
        {"file": "zumba.mp4", "exercise": "zumba", "kind": "reps", "reps": 9},
    ]
    (tmp_path / "truth.json").write_text(json.dumps({"clips": clips}), encoding="utf-8")
    return tmp_path


def change(folder: Path, clip: int, **changes: Any) -> None:
    path = folder / "truth.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["clips"][clip].update(changes)
    path.write_text(json.dumps(data), encoding="utf-8")


def test_everything_right_is_said_to_be_right(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder / "truth.json")]) == 0
    out, err = capsys.readouterr()
    assert "counts exact 2/2" in out
    assert "holds right 1/1" in out
    assert "not judged: zumba.mp4: there is no template for 'zumba'" in out
    assert "✗" not in out
    assert "Traceback" not in err


def test_json_has_every_figure_and_nothing_else_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "formcheck.evaluation/1"
    assert document["figures"]["exact"] == {"k": 2, "n": 2, "value": 1.0, "ci95": [0.3424, 1.0]}
    assert document["figures"]["sides"]["k"] == document["figures"]["sides"]["n"] == 4
    assert set(document["by"]["exercise"]) >= {"lunge", "bridge", "plank_forearm"}
    assert [clip["name"] for clip in document["clips"]][:3] == [
        "lunges.track.npz",
        "bridges.track.npz",
        "plank.track.npz",
    ]
    assert document["clips"][0]["ok"] is True
    assert document["clips"][0]["recognition"] == {"exercise": "lunge", "verdict": "right"}
    assert document["figures"]["taken_for"]["n"] == 4
    assert document["skipped"] == [{"clip": "zumba.mp4", "why": "there is no template for 'zumba'"}]
    # Negatives are judged as every exercise.
    assert len([c for c in document["clips"] if c["kind"] == "negative"]) > 3


def test_files_are_written_for_people_and_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = folder / "deep" / "accuracy"
    assert main(["evaluate", str(folder), "-e", "lunge", "--out", str(target), "-q"]) == 0
    assert capsys.readouterr() == ("", "")
    assert sorted(path.name for path in target.iterdir()) == ["evaluation.html", "evaluation.json"]
    assert "lunges.track.npz" in (target / "evaluation.html").read_text(encoding="utf-8")
    assert json.loads((target / "evaluation.json").read_text(encoding="utf-8"))["failed"] == []


def test_clips_and_exercises_can_be_chosen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def names(*options: str) -> list[tuple[str, str]]:
        assert main(["evaluate", str(folder), "--json", *options]) == 0
        return [(c["name"].partition(".")[0], c["template"]) for c in json.loads(capsys.readouterr().out)["clips"]]

    assert names("--only", "LUNGE*") == [("lunges", "lunge")]
    assert names("--only", "plank.track", "--only", "b*") == [("bridges", "bridge"), ("plank", "plank_forearm")]
    assert main(["evaluate", str(folder), "--json", "-e", "lunge"]) == 0
    assert json.loads(capsys.readouterr().out)["figures"]["recognised"]["n"] == 0  # among one it would mean nothing
    assert names("-e", "lunge") == [("lunges", "lunge"), ("walk", "lunge")]
    crossed = names("-e", "lunge", "-e", "bridge", "--cross", "--only", "[lb]*")
    assert crossed == [("lunges", "lunge"), ("lunges", "bridge"), ("bridges", "bridge"), ("bridges", "lunge")]
    assert main(["evaluate", str(folder), "--only", "nothing"]) == 2
    assert "No clip's name fits 'nothing'" in capsys.readouterr().err


def test_the_truth_may_name_the_template(folder: Path) -> None:
    change(folder, 0, template="none")
    change(folder, 1, exercise="hip raise", template="bridge")
    change(folder, 2, template="lunge")
    change(folder, 3, templates=["squat", "lunge"])
    change(folder, 4, template="zumba")
    found = evaluate([folder])
    assert [(r.name.partition(".")[0], r.template) for r in found.results] == [
        ("bridges", "bridge"),
        ("walk", "squat"),
        ("walk", "lunge"),
    ]
    assert [why for _, why in found.skipped] == [
        'the truth says: template "none"',
        "the truth is about hold, but lunge counts repetitions",
        "there is no template 'zumba'",
    ]


def test_getting_worse_than_the_baseline_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    baseline = folder / "base" / "baseline.json"
    command = ["evaluate", str(folder), "-e", "lunge", "--baseline", str(baseline)]
    assert main(command) == 2
    assert "--update-baseline" in capsys.readouterr().err
    assert main([*command, "--update-baseline"]) == 0
    assert main(command) == 0
    assert "Nothing is worse than the baseline" in capsys.readouterr().out
    before = baseline.read_bytes()

    change(folder, 0, reps=5)
    assert main(command) == 1
    out = capsys.readouterr().out
    assert "worse  lunges.track.npz: repetitions 4 (right: 5), was 4" in out
    assert "1 figure is worse than the baseline" in out
    assert main([*command, "--quiet"]) == 1
    assert "repetitions 4 (right: 5)" in capsys.readouterr().out
    assert main([*command, "--json"]) == 1
    worse = json.loads(capsys.readouterr().out)["baseline"]["worse"]
    assert worse == [{"where": "lunges.track.npz", "figure": "repetitions", "before": "4", "now": "4 (right: 5)"}]
    assert baseline.read_bytes() == before

    assert main([*command, "--update-baseline"]) == 0
    assert main(command) == 0
    assert baseline.read_bytes() != before


def test_an_evaluation_can_be_the_baseline(folder: Path) -> None:
    assert main(["evaluate", str(folder), "-e", "plank_forearm", "--out", str(folder / "out"), "-q"]) == 0
    again = [
        "evaluate",
        str(folder),
        "-e",
        "plank_forearm",
        "--baseline",
        str(folder / "out" / "evaluation.json"),
        "-q",
    ]
    assert main(again) == 0
    change(folder, 2, hold_s=[[0, 4]])
    assert main(again) == 1


def test_a_clip_that_cannot_be_read_fails_without_stopping_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bridges.track.npz").unlink()
    assert main(["evaluate", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "failed: bridges.track.npz: There is no file" in out
    assert "counts exact 1/1" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["truth.json", "--update-baseline"], "needs --baseline"),
        (["none.json"], "There is no truth file none.json"),
        (["truth.json", "-e", "zumba"], "Unknown exercise 'zumba'"),
        (["truth.json", "--jobs", "0"], "--jobs"),
    ],
)
def test_what_is_not_understood_ends_with_two(
    folder: Path,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    assert main(["evaluate", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_several_jobs_give_the_same(folder: Path) -> None:
    assert evaluate([folder], exercises=["lunge", "bridge"], jobs=2) == evaluate(
        [folder], exercises=["lunge", "bridge"]
    )


def test_progress_is_told_clip_by_clip(folder: Path) -> None:
    told: list[tuple[int, int, str]] = []
    evaluate([folder], exercises=["lunge"], told=lambda *state: told.append(state))
    assert told == [(1, 2, "lunges.track.npz"), (2, 2, "walk.track.npz")]


def test_exact_joints_are_judged_as_well(folder: Path) -> None:
    poses = LUNGES.film(15)
    marks = [m for m in Landmark if m.name.split("_")[-1] in ("SHOULDER", "HIP", "KNEE", "ANKLE", "HEEL", "INDEX")]
    marks = [m for m in marks if m not in (Landmark.LEFT_INDEX, Landmark.RIGHT_INDEX)]
    pixels = np.stack([pose.points[marks] for pose in poses])
    metres = np.concatenate([pixels / 100, np.zeros((*pixels.shape[:2], 1))], axis=2)
    np.savez_compressed(
        folder / "lunges.npz",
        time=np.array([p.time for p in poses]),
        joints=np.array([m.name.lower() for m in marks]),
        joints_px=pixels.astype("f4"),
        joints_m=metres.astype("f4"),
    )
    change(folder, 0, frames="lunges.npz", yaw=0.0, body="a", camera={"eye_m": [0, 0, 5]})
    [result] = evaluate([folder], only=["lunges*"]).results
    assert result.reps
    assert result.reps.with_exact_joints == 4
    assert {a.name for a in result.angles if not a.measure} >= {"knee", "hip", "leg", "trunk"}
    assert max(a.mae for a in result.angles if not a.measure) < 0.1
    assert {a.name for a in result.angles if a.measure} >= {"front_knee", "back_knee"}
    assert result.groups["view"] == "ideal"


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_tables_fit_the_terminal(
    folder: Path, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["evaluate", str(folder)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("not judged")]
    assert max(map(len, lines)) <= width
    assert any("lunges.track.npz" in line and " 4 " in line for line in lines) or width == 40


def test_a_misspelled_fault_is_told_and_not_silently_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, 1, faults=[{"id": "hips_low"}])
    change(folder, 2, faults=[{"id": "hip_sag"}, {"id": "zzz"}])
    main(["evaluate", str(folder / "truth.json"), "--cross", "-e", "bridge", "-e", "plank_forearm"])
    told = " ".join("".join(capsys.readouterr()).split())
    assert "bridges.track.npz: bridge has no fault 'hips_low', so it is not compared." in told
    assert "plank_forearm has no fault 'hip_sag', so it is not compared. Is 'hips_sag' meant?" in told
    assert "has no fault 'zzz', so it is not compared. Its faults: elbows_not_under, head_drops" in told
    assert told.count("has no fault") == 3
