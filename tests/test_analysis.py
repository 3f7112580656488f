from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from clips import FPS, write_clip
from filmed import BRIDGES, LOW_CAMERA, LUNGES, PLANK, SIZE, Nobody, Onlooker, Trouble, drawn_on, film

import formcheck
from formcheck import OutputError, TemplateError, TrackError, VideoError, analyze, load_template
from formcheck.analysis import NOBODY, PoseEstimator, check_options, replay, watch
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.see.track import load_track
from formcheck.see.video import Video

PLAIN = {"report.html", "report.json", "repetitions.csv", "angles.csv"}


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def bridges(video: Path, out: Path | None = None, estimator: PoseEstimator | None = None, **options: object) -> Report:
    """Analyzes three bridges."""
    pictures = {"save_video": False, "save_stills": False} | options
    return analyze(video, "bridge", estimator=estimator or Onlooker(BRIDGES), out=out, **pictures)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("recorded") / "bridges.mp4", sound="aac")


# --- the report ------------------------------------------------------------------------------------------------------


def test_a_video_is_counted(video: Path) -> None:
    report = bridges(video)
    assert (report.counts.total, report.counts.partial) == (3, 0)
    assert [r.peak_s for r in report.repetitions] == pytest.approx(BRIDGES.peaks, abs=0.3)


def test_the_report_tells_about_the_video(video: Path) -> None:
    facts = bridges(video).video
    frames = round(BRIDGES.duration * FPS)
    assert facts.path == str(video)
    assert (facts.width, facts.height) == SIZE
    assert facts.frames == facts.frames_with_person == frames
    assert facts.duration_s == pytest.approx(frames / FPS)  # to the end of the last picture, not to its beginning


def test_the_session_judges_the_same_poses_alike(video: Path) -> None:
    onlooker = Onlooker(BRIDGES)
    with Video(video) as recording:
        report = watch(((onlooker.estimate(frame), None) for frame in recording), Session(load_template("bridge")))
    assert report.about(bridges(video).video).to_dict() == bridges(video).to_dict()


def test_nobody_in_the_picture_is_said_and_what_to_do(video: Path, tmp_path: Path) -> None:
    report = bridges(video, tmp_path / "out", Nobody())
    assert report.video.frames_with_person == 0
    assert report.notes == (NOBODY,)
    assert json.loads((tmp_path / "out" / "report.json").read_text())["video"]["frames_with_person"] == 0


def test_damage_of_the_recording_is_said(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mkv")
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    report = bridges(broken)
    assert 0 < report.video.frames < round(BRIDGES.duration * FPS)
    assert [note for note in report.notes if "damaged" in note and "breaks off" in note]


def test_a_single_picture_is_said_to_be_too_little(tmp_path: Path) -> None:
    report = bridges(write_clip(tmp_path / "one.mp4", count=1, size=SIZE))
    assert report.counts.total == 0
    assert [note for note in report.notes if "single picture" in note]


@pytest.mark.parametrize(
    ("exercise", "options", "words"),
    [
        ("bridge", {"side": "left"}, "not work one side at a time"),
        ("bridge", {"target_s": 30.0}, "counted, not held"),
        ("plank_forearm", {"target_s": -1.0}, "more than 0"),
        ("plank_forearm", {"target_s": float("nan")}, "more than 0"),
        ("lunge", {"variants": {"foot": "left"}}, "no variant foot=left. Its variants: none"),
    ],
)
def test_an_option_that_does_not_fit_the_exercise_is_refused(
    video: Path, exercise: str, options: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        check_options(load_template(exercise), **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=words):
        analyze(video, exercise, estimator=Nobody(), **options)  # type: ignore[arg-type]


def test_a_side_is_passed_on(tmp_path: Path) -> None:
    report = analyze(film(tmp_path / "l.mp4", LUNGES), "lunge", side="right", estimator=Onlooker(LUNGES))
    assert {r.side for r in report.repetitions} == {"right"}
    assert report.counts.total == 4


def test_a_hold_is_timed_and_its_target_is_passed_on(tmp_path: Path) -> None:
    report = analyze(
        film(tmp_path / "p.mp4", PLANK),
        load_template("plank_forearm"),
        estimator=Onlooker(PLANK, LOW_CAMERA),
        target_s=20,
        out=tmp_path / "out",
        save_video=False,
    )
    assert report.in_form_s == pytest.approx(PLANK.duration, abs=0.5)
    assert files(tmp_path / "out") == {*PLAIN, "holds.csv", "stills/hold-01.jpg"}


def test_progress_is_told_after_every_frame(video: Path) -> None:
    told: list[tuple[int, float, float | None]] = []
    bridges(video, progress=lambda *how_far: told.append(how_far))
    assert [frames for frames, _, _ in told] == list(range(1, round(BRIDGES.duration * FPS) + 1))
    assert told[-1][1] == pytest.approx(BRIDGES.duration, abs=0.2)
    assert told[-1][2] == pytest.approx(BRIDGES.duration, abs=0.2)


def test_the_public_names_are_there() -> None:
    for name in formcheck.__all__:
        assert getattr(formcheck, name) is not None


# --- the files -------------------------------------------------------------------------------------------------------


def test_nothing_is_written_unasked(video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bridges(video, save_video=True, save_stills=True, save_track=True)
    assert files(tmp_path) == set()


def test_the_files_are_written_and_say_what_the_report_says(video: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    report = bridges(video, out)
    assert files(out) == PLAIN
    assert json.loads((out / "report.json").read_text(encoding="utf-8")) == report.to_dict()
    assert len((out / "repetitions.csv").read_text().splitlines()) == 1 + 3
    assert files(tmp_path) == {f"new/folder/{name}" for name in PLAIN}


def test_the_annotated_video_shows_every_frame_with_the_sound(video: Path, tmp_path: Path) -> None:
    bridges(video, tmp_path / "out", save_video=True)
    with Video(video) as before, Video(tmp_path / "out" / "annotated.mp4") as after:
        pairs = list(zip(before, after, strict=True))
        assert after.has_audio
        assert after.end == pytest.approx(before.end, abs=0.01)
    assert [a.time for _, a in pairs] == pytest.approx([b.time for b, _ in pairs], abs=0.001)
    assert min(drawn_on(b, a) for b, a in pairs) > 0.01


def test_a_still_is_written_for_each_counted_repetition(video: Path, tmp_path: Path) -> None:
    bridges(video, tmp_path / "out", save_stills=True)
    stills = {f"stills/repetition-{number:02}.jpg" for number in (1, 2, 3)}
    assert files(tmp_path / "out") == {*PLAIN, *stills}


def test_a_replayed_track_is_judged_as_its_video_was(video: Path, tmp_path: Path) -> None:
    report = bridges(video, tmp_path / "out", save_track=True)
    path = tmp_path / "out" / "bridges.track.npz"
    assert replay(path, "bridge").to_dict() == report.to_dict()
    assert replay(load_track(path), load_template("bridge"), out=tmp_path / "again") == report
    for name in PLAIN - {"report.html"}:  # the page of the one plays the video
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


def test_a_track_can_be_judged_as_another_exercise(video: Path, tmp_path: Path) -> None:
    bridges(video, tmp_path / "out", save_track=True)
    report = replay(tmp_path / "out" / "bridges.track.npz", "plank_forearm", target_s=5)
    assert (report.in_form_s, report.kind) == (0, "hold")
    with pytest.raises(ValueError, match="counted"):
        replay(tmp_path / "out" / "bridges.track.npz", "lunge", target_s=5)


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), RuntimeError("a bug"), MemoryError()], ids=repr)
@pytest.mark.parametrize("before", [False, True], ids=["new folder", "folder with results"])
def test_when_it_is_interrupted_nothing_has_changed(
    video: Path, tmp_path: Path, trouble: BaseException, before: bool
) -> None:
    out = tmp_path / "out"
    if before:
        bridges(video, out)
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(type(trouble)):
        bridges(video, out, Trouble(BRIDGES, trouble), save_video=True, save_stills=True, save_track=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == kept
    assert out.exists() == before
    assert list(tmp_path.rglob(".*")) == []


def test_results_replace_those_of_an_earlier_analysis_and_nothing_else(video: Path, tmp_path: Path) -> None:
    bridges(video, tmp_path, save_video=True, save_stills=True, save_track=True)
    (tmp_path / "my notes.txt").write_text("mine")
    (tmp_path / "stills" / "mine.png").write_text("mine")
    before = (tmp_path / "report.json").read_bytes()
    bridges(video, tmp_path, comfort=True)
    track = {"bridges.track.npz"}  # belongs to the video, not to this judgement of it
    assert files(tmp_path) == {*PLAIN, "my notes.txt", "stills/mine.png", *track}
    assert (tmp_path / "report.json").read_bytes() != before


@pytest.mark.parametrize("earlier", [False, True])
def test_results_never_replace_the_video_that_they_are_of(video: Path, tmp_path: Path, earlier: bool) -> None:
    own = tmp_path / "annotated.mp4"
    if earlier:
        bridges(video, tmp_path, save_video=True)
    else:
        own.write_bytes(video.read_bytes())
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(OutputError, match=r"would replace .*annotated\.mp4 itself.*--out"):
        bridges(own, tmp_path, save_video=not earlier)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    bridges(own, tmp_path / "new", save_video=True)
    assert own.read_bytes() == before[own]


def test_a_folder_with_somebodys_own_files_keeps_them(video: Path, tmp_path: Path) -> None:
    (tmp_path / "annotated.mp4").write_text("mine")
    (tmp_path / "report.json").write_text('{"schema": "of another program"}')
    (tmp_path / "holds.csv").write_text("mine")
    bridges(video, tmp_path)
    assert (tmp_path / "annotated.mp4").read_text() == "mine"
    assert (tmp_path / "holds.csv").read_text() == "mine"
    assert (tmp_path / "angles.csv").exists()


# --- what can go wrong -----------------------------------------------------------------------------------------------


def no_space(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def forbidden(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(
    ("place", "error", "words"),
    [
        ("pathlib.Path.write_bytes", no_space, "disk is full"),
        ("formcheck.show.export.csv.writer", lambda *_, **__: SimpleNamespace(writerows=no_space), "disk is full"),
        ("pathlib.Path.mkdir", forbidden, "may not write into"),
        ("pathlib.Path.rename", forbidden, "may not write into"),
    ],
)
def test_what_cannot_be_written_is_said_and_nothing_is_left(
    video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    error: Callable[..., object],
    words: str,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(place, error)
        with pytest.raises(OutputError, match=words) as raised:
            bridges(video, tmp_path / "out", save_track=True)
    assert ".part" not in str(raised.value)
    assert str(tmp_path / "out") in str(raised.value)
    assert files(tmp_path) == set()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_said(video: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="may not write"):
        bridges(video, tmp_path / "out")
    tmp_path.chmod(0o700)


def test_a_file_where_the_folder_should_be_is_said(video: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    for out in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(OutputError, match=r"taken is a file.*--out"):
            bridges(video, out)
    assert files(tmp_path) == {"taken"}


def test_errors_come_through_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no file"):
        bridges(tmp_path / "none.mp4", tmp_path / "out")
    with pytest.raises(TemplateError, match="Did you mean lunge"):
        analyze(tmp_path / "none.mp4", "lunges")
    with pytest.raises(TrackError, match="no file"):
        replay(tmp_path / "none.track.npz", "lunge")
    assert files(tmp_path) == set()
