from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clips import FPS
from filmed import BRIDGES, LUNGES, PLANK, Nobody, Onlooker, drawn_on, film
from motions import Motion, Repeats, walking
from moves import arm_raise, squat

from formcheck import NotRecognizedError, analyze, load_template
from formcheck.analysis import replay
from formcheck.cli import main
from formcheck.recognize import MOST_POSES, SecondOpinion, known_templates, recognize
from formcheck.see.video import Video


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FORMCHECK_POSES", str(tmp_path / "poses"))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("recorded") / "monday.mp4")


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tracks of two exercises and of somebody who walks."""
    folder = tmp_path_factory.mktemp("tracks")
    for exercise, motion in (("bridge", BRIDGES), ("plank_forearm", PLANK), ("lunge", walking(8.0))):
        recorded = film(folder / f"{exercise}.mp4", motion)
        options = {"save_video": False, "save_stills": False, "save_track": True}
        analyze(recorded, exercise, estimator=Onlooker(motion), out=folder / exercise, **options)  # type: ignore[arg-type]
    return folder


@pytest.mark.parametrize(("motion", "exercise"), [(BRIDGES, "bridge"), (LUNGES, "lunge"), (PLANK, "plank_forearm")])
def test_a_video_is_judged_as_what_it_looks_like(motion: Motion, exercise: str, tmp_path: Path) -> None:
    recorded = film(tmp_path / "a.mp4", motion)
    found = analyze(recorded, "auto", estimator=Onlooker(motion))
    known = analyze(recorded, exercise, estimator=Onlooker(motion))
    assert found.exercise == exercise
    assert found.notes[0].startswith(f"Recognised as {load_template(exercise).name}, ")
    assert found.to_dict() | {"notes": []} == known.to_dict() | {"notes": []}


def test_everything_is_written_and_each_pose_estimated_once(video: Path, tmp_path: Path) -> None:
    eyes = Onlooker(BRIDGES)
    seen: list[int] = []
    report = analyze(
        video,
        "auto",
        estimator=eyes,
        out=tmp_path / "auto",
        save_track=True,
        progress=lambda frames, time_s, duration_s: seen.append(frames),
    )
    known = analyze(video, "bridge", estimator=Onlooker(BRIDGES), out=tmp_path / "known", save_track=True)
    frames = round(BRIDGES.duration * FPS)
    assert eyes.frames == frames == report.video.frames
    assert seen == [*range(1, frames + 1)] * 2  # once to estimate, once more to draw
    names = {path.relative_to(tmp_path / "known") for path in (tmp_path / "known").rglob("*") if path.is_file()}
    assert names == {path.relative_to(tmp_path / "auto") for path in (tmp_path / "auto").rglob("*") if path.is_file()}
    for name in names:
        one, other = tmp_path / "auto" / name, tmp_path / "known" / name
        if name.suffix in (".csv", ".npz"):
            assert one.read_bytes() == other.read_bytes()
    assert known.counts == report.counts
    with Video(tmp_path / "auto" / "annotated.mp4") as drawn, Video(video) as plain:
        pictures = list(zip(drawn, plain, strict=True))
    assert len(pictures) == frames
    assert min(drawn_on(before, after) for after, before in pictures[10:-10:20]) > 0.005


def test_without_pictures_the_video_is_read_once(video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    init = Video.__init__

    def counted(self: Video, path: Path) -> None:
        opened.append(path)
        init(self, path)

    monkeypatch.setattr(Video, "__init__", counted)
    analyze(video, "auto", estimator=Onlooker(BRIDGES), out=tmp_path / "o", save_video=False, save_stills=False)
    assert opened == [video]


@pytest.mark.parametrize("motion", [walking(8.0), arm_raise], ids=["walking", "unknown exercise"])
def test_what_is_not_clear_is_not_judged(motion: Motion, tmp_path: Path) -> None:
    if not isinstance(motion, Motion):
        motion = arm_raise(Repeats(count=2))
    recorded = film(tmp_path / "a.mp4", motion)
    with pytest.raises(NotRecognizedError, match=r"not clear which exercise a\.mp4 shows.*-e NAME") as told:
        analyze(recorded, "auto", estimator=Onlooker(motion), out=tmp_path / "out")
    assert "formcheck exercises" in str(told.value)
    assert not (tmp_path / "out").exists()


def test_attempts_that_were_not_full_are_told(tmp_path: Path) -> None:
    shallow = squat(Repeats(count=3, seconds=2.4), knee=125.0)
    recorded = film(tmp_path / "a.mp4", shallow)
    with pytest.raises(NotRecognizedError, match=r"closest: .*squat \(3 attempts, none full\)"):
        analyze(recorded, "auto", estimator=Onlooker(shallow))


def test_options_that_do_not_fit_what_was_recognised_are_told(video: Path) -> None:
    with pytest.raises(ValueError, match="Bridge does not work one side at a time"):
        analyze(video, "auto", side="left", estimator=Onlooker(BRIDGES))


def test_a_track_is_recognised_like_its_video(tracks: Path) -> None:
    report = replay(tracks / "bridge" / "bridge.track.npz", "auto")
    assert report.exercise == "bridge"
    assert report.counts.total == 3
    with pytest.raises(NotRecognizedError, match=r"lunge\.mp4"):
        replay(tracks / "lunge" / "lunge.track.npz", "auto")


def test_a_template_of_ones_own_is_recognised(tmp_path: Path) -> None:
    """Nothing but its file says what it is."""
    own = tmp_path / "poses"
    own.mkdir()
    (own / "arm_raise.toml").write_text(
        """
        schema = 1
        id = "arm_raise"
        name = "Arm raise"
        kind = "repetitions"
        summary = "Arms to the front."
        instructions = ["Stand, arms down."]
        safety = ["Stop at pain."]
        posture = "standing"
        required = ["near.hip", "near.shoulder", "near.elbow"]
        camera = { view = "side", advice = "To your side." }
        measures.arm.value = "angle(near.hip, near.shoulder, near.elbow)"
        [repetition]
        signal = "arm"
        direction = "up"
        rest = [0, 30]
        start = "base + 10"
        peak_enter = "base + 45"
        peak_exit = "base + 35"
        finish = "base + 15"
        min_range = 40
        seconds = [0.5, 12]
        """
    )
    assert recognize(arm_raise(Repeats(count=3)).film()).best == "arm_raise"
    (own / "broken.toml").write_text("schema = 7")
    assert "broken" not in {template.id for template in known_templates()}


# --- the wrong exercise ----------------------------------------------------------------------------------------------


def test_a_wrong_exercise_is_told_with_the_right_one(tracks: Path) -> None:
    report = replay(tracks / "bridge" / "bridge.track.npz", "plank_forearm")
    assert report.held_s == 0
    (note,) = report.notes
    assert note.startswith("This does not look like Forearm plank but like Bridge (")
    assert note.endswith("try -e bridge.")
    (note,) = replay(tracks / "plank_forearm" / "plank_forearm.track.npz", "bridge").notes
    assert "but like Forearm plank (" in note


def test_nothing_is_guessed_where_something_counts_or_nothing_is_sure(tracks: Path) -> None:
    assert replay(tracks / "bridge" / "bridge.track.npz", "bridge").notes == ()
    assert replay(tracks / "lunge" / "lunge.track.npz", "lunge").notes == ()
    assert replay(tracks / "plank_forearm" / "plank_forearm.track.npz", "plank_forearm").notes == ()


def test_a_second_opinion_keeps_poses_only_while_nothing_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    from motions import Bridge, Repeats
    from stick_figure import Camera

    from formcheck.judge.session import Session

    asked: list[int] = []
    monkeypatch.setattr("formcheck.recognize.recognize", lambda poses, templates: asked.append(len(poses)))
    template = load_template("bridge")
    session, opinion = Session(template), SecondOpinion(template)
    for pose in Bridge().motion(Repeats(count=2)).film(30.0, Camera(height=40.0)):
        opinion.update(session.update(pose))
    assert opinion.notes(session.finish()) == ()
    assert asked == []
    assert MOST_POSES >= 10 * 60 * 15


# --- the command line ------------------------------------------------------------------------------------------------


def test_the_command_recognises(tracks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    track = tracks / "bridge" / "bridge.track.npz"
    for args in (["replay", str(track), "-e", "auto"], ["replay", str(track), "-e", "auto", "--comfort"]):
        assert main(args) == 0
        told = capsys.readouterr().out
        assert "Recognised as Bridge, " in told
        assert "3 repetitions" in told
    assert main(["replay", str(track), "-e", "auto", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["exercise"] == "bridge"


def test_what_the_command_does_not_recognise_fails(tracks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(tracks / "lunge" / "lunge.track.npz"), "-e", "auto"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "It is not clear which exercise" in told.err


def test_one_video_that_is_not_clear_does_not_stop_the_others(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    from formcheck.see import estimator, model
    from formcheck.see.company import Company

    eyes: Iterator[Any] = iter([Nobody(), Onlooker(BRIDGES)])

    class Fake:
        def __init__(self, located: object, upright: bool | None) -> None:
            self.company, self.estimate = Company(), next(eyes).estimate

        def close(self) -> None:
            pass

    monkeypatch.setattr(model, "locate", lambda *_, **__: SimpleNamespace(variant="full", path=Path("full.task")))
    monkeypatch.setattr(estimator, "Estimator", Fake)
    monkeypatch.chdir(tmp_path)
    again = tmp_path / "again.mp4"
    again.write_bytes(video.read_bytes())
    assert main(["analyze", str(video), str(again), "--no-video", "--no-stills"]) == 1
    told = capsys.readouterr()
    assert "nothing in it looks like a known one" in told.err
    assert "Bridge  again.mp4" in told.out
    assert {path.name for path in tmp_path.glob("*-formcheck")} == {"again-formcheck"}


@pytest.mark.parametrize("options", [["--side", "left"], ["--hold", "30"], ["--variant", "legs=both"]])
def test_options_that_depend_on_the_exercise_need_its_name(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", "a.mp4", "-e", "auto", *options]) == 2
    assert "say which one it is with -e NAME" in capsys.readouterr().err
