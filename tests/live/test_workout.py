"""A live session: bout after bout, nothing counted that should not be, and the set goes on whatever the camera does."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from filmed import BRIDGES, CAMERA, LOW_CAMERA, LUNGES, PLANK, Nobody, Onlooker
from judging import events, judge, template
from motions import Bridge, Lunge, Plank, Repeats, still, then, waiting
from rehearsal import Stage, rehearse

from formcheck.analysis import replay
from formcheck.disclaimer import DISCOMFORT
from formcheck.live.pages import write_pages
from formcheck.live.plan import plan_for
from formcheck.live.run import exercise
from formcheck.live.wish import Wish
from formcheck.live.workout import Choices, Workout
from formcheck.pose import Pose
from formcheck.see.camera import Camera
from formcheck.see.capture import DeviceCapture
from formcheck.see.frame import Frame
from formcheck.see.scripted import Part, ScriptedCapture
from formcheck.see.track import load_track
from formcheck.see.video import Video

TEN = plan_for(template("bridge"), repetitions=10)
LONG_PLANK = still(Plank().figure(), 20.0)


def test_live_says_the_same_as_the_recording() -> None:
    live = rehearse("lunge", plan_for(template("lunge")), LUNGES)
    (result,) = live.results
    recorded = events(judge("lunge", LUNGES.film(camera=CAMERA)))
    seen = events(result.report)
    assert len(recorded) >= 4
    assert [(e.what, e.side, e.faults) for e in seen] == [(e.what, e.side, e.faults) for e in recorded]
    assert all(abs(a.time - b.time) < 0.15 for a, b in zip(seen, recorded, strict=True))
    assert result.end == "camera"


def test_a_bout_ends_with_the_last_repetition_asked_for() -> None:
    live = rehearse("bridge", plan_for(template("bridge"), repetitions=2), BRIDGES)
    (result,) = live.results
    assert result.end == "done"
    assert result.report.counts.total == 2
    assert live.workout.ended == "done"
    assert live.stage.boards[-1] == "Well done!"
    assert live.heard.summarized == [[result.report]]
    assert live.heard.goals == [(2, None, False)]


def test_a_hold_ends_when_it_was_held_long_enough() -> None:
    plan = plan_for(template("plank_forearm"), hold_s=3)
    live = rehearse("plank_forearm", plan, PLANK, estimator=Onlooker(PLANK, LOW_CAMERA))
    (result,) = live.results
    assert result.end == "done"
    assert result.report.in_form_s == pytest.approx(3, abs=0.2)
    assert live.heard.goals == [(None, 3, False)]


def test_sides_in_turn_are_both_to_reach_the_goal() -> None:
    live = rehearse("lunge", plan_for(template("lunge"), repetitions=2), LUNGES)
    (result,) = live.results
    assert live.heard.goals == [(2, None, True)]
    assert result.end == "done"
    assert (result.report.counts.left, result.report.counts.right) == (2, 2)


def test_two_sets_with_a_rest_by_the_clock_of_the_pictures() -> None:
    motion = then(BRIDGES, BRIDGES)
    plan = plan_for(template("bridge"), repetitions=1, sets=2, rest_s=2)
    live = rehearse("bridge", plan, motion)
    assert [(r.bout.number, r.report.counts.total, r.end) for r in live.results] == [(1, 1, "done"), (2, 1, "done")]
    rests = [s for s in live.stage.scenes if s.board and s.board.title == "Rest"]
    times = [s.frame.time for s in rests if s.frame]
    assert times[-1] - times[0] == pytest.approx(2, abs=0.4)
    assert rests[0].board is not None
    assert rests[0].board.number == "2"
    assert "Set 2 of 2" in rests[0].board.lines[0]
    assert "Rest. 2 seconds" in live.heard.texts


def test_sides_follow_each_other_and_the_person_is_told() -> None:
    lunges = Lunge(sides=("left", "left", "right", "right")).motion(Repeats(count=4))
    plan = plan_for(template("lunge"), repetitions=2, sides="each")
    live = rehearse("lunge", plan, lunges)
    assert [(r.bout.side, r.report.counts.left, r.report.counts.right) for r in live.results] == [
        ("left", 2, 0),
        ("right", 0, 2),
    ]
    assert [text for text in live.heard.texts if "side" in text] == ["Left side", "Switch sides: right side now"]


def test_a_change_of_sides_over_a_rest_is_told_too() -> None:
    lunges = Lunge(sides=("left", "right", "left")).motion(Repeats(count=3))
    plan = plan_for(template("lunge"), repetitions=1, sides="each", sets=2, rest_s=1)
    texts = rehearse("lunge", plan, lunges).heard.texts
    told = texts[texts.index("Switch sides: right side now") + 1 :]
    assert [text for text in told if "side" in text][:2] == [
        "Rest. 1 seconds, then the left side",
        "Get ready: the left side",
    ]


def test_the_wrong_side_is_noticed() -> None:
    lunges = Lunge(sides=("left",)).motion(Repeats(count=3))
    live = rehearse("lunge", plan_for(template("lunge"), repetitions=5, sides="right"), lunges)
    assert "That looks like your left side. Now it is the right side" in live.heard.texts
    right = rehearse("lunge", plan_for(template("lunge"), repetitions=5, sides="left"), lunges)
    assert not any("looks like" in text for text in right.heard.texts)


def test_nothing_is_counted_while_getting_into_position() -> None:
    motion = then(waiting(4.0), BRIDGES, blend_s=2.0)
    live = rehearse("bridge", TEN, motion)
    (result,) = live.results
    assert result.report.counts.total == 3
    assert result.report.counts.partial == 0
    first = result.report.repetitions[0]
    assert first.start_s > 6.0
    figures = [s for s in live.stage.scenes if s.figure]
    assert figures  # shown how to lie down
    assert max(s.frame.time for s in figures if s.frame) < first.start_s
    assert "Go" in live.heard.texts


def test_nobody_in_the_picture_is_told_to_step_into_it() -> None:
    live = rehearse("bridge", TEN, BRIDGES, estimator=Nobody())
    requests = {(s.moment.readiness.reason, bool(s.moment.readiness.say)) for s in live.stage.scenes if s.moment}
    assert requests == {("no_person", True)}
    assert live.heard.texts.count(template("bridge").camera.advice) == 1
    (result,) = live.results
    assert any("No person was found" in note for note in result.report.notes)


# --- the camera fails ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["gone", "silent", "black", "frozen"])
def test_a_hold_goes_on_after_the_camera_failed_and_its_clock_stood_still(what: str) -> None:
    script = [Part("picture", 5), Part(what, 4), Part("picture", 5)]  # type: ignore[arg-type]
    plan = plan_for(template("plank_forearm"), hold_s=60)

    class Awake(Onlooker):
        def estimate(self, frame: Frame) -> Pose:
            return Pose.absent(frame.time, frame.size) if frame.image.max() == 0 else super().estimate(frame)

    live = rehearse("plank_forearm", plan, LONG_PLANK, script=script, estimator=Awake(LONG_PLANK, LOW_CAMERA))
    (result,) = live.results
    assert result.report.in_form_s == pytest.approx(10, abs=1.2)
    clocks = [s.moment.hold.in_form for s in live.stage.scenes if s.moment and s.moment.hold]
    assert clocks == sorted(clocks)
    assert any("saw nothing" in note for note in result.report.notes)
    assert any(s.board and s.board.alarm for s in live.stage.scenes)
    assert "The camera is back" in live.heard.texts


def test_a_report_tells_of_a_camera_that_was_away_until_the_end() -> None:
    script = [Part("picture", 6), Part("gone", 5)]
    live = rehearse("bridge", TEN, BRIDGES, script=script, asks=[(9.0, Wish.QUIT)])
    assert live.results[0].report.notes == ("The camera saw nothing from 6.1 to 9.0 s (stalled).",)


def test_a_rest_does_not_pass_while_the_camera_sees_nothing() -> None:
    end = 0.0
    for r in judge("bridge", BRIDGES.film(camera=CAMERA)).repetitions[:1]:
        end = r.end_s
    script = [Part("picture", end + 2), Part("silent", 4), Part("picture", 8)]
    plan = plan_for(template("bridge"), repetitions=1, sets=2, rest_s=4)
    live = rehearse("bridge", plan, BRIDGES, script=script)
    rests = [s.frame.time for s in live.stage.scenes if s.frame and s.board and s.board.title == "Rest"]
    assert rests[-1] - rests[0] == pytest.approx(4 + 4, abs=1.0)


def test_five_pictures_a_second_are_judged_and_told_beside_the_picture() -> None:
    motion = then(still(Plank().figure(), 9.0))
    plan = plan_for(template("plank_forearm"), hold_s=60)
    live = rehearse(
        "plank_forearm", plan, motion, script=[Part("picture", 9, fps=5)], estimator=Onlooker(motion, LOW_CAMERA)
    )
    assert live.results[0].report.in_form_s > 7
    assert any("pictures a second" in s.warning for s in live.stage.scenes)
    assert not any(s.board and s.board.alarm for s in live.stage.scenes)


def test_a_camera_that_comes_late_is_waited_for() -> None:
    script = [Part("gone", 2), Part("picture", BRIDGES.duration - 2)]
    live = rehearse("bridge", TEN, BRIDGES, script=script)
    assert "Waiting for the camera" in live.stage.boards or any("not there" in b for b in live.stage.boards)
    assert live.results[0].report.counts.total >= 2


# --- keys ----------------------------------------------------------------------------------------------------------------


def test_nothing_is_judged_in_a_pause() -> None:
    motion = then(BRIDGES, BRIDGES)
    asks = [(0.5, Wish.PAUSE), (BRIDGES.duration, Wish.PAUSE)]
    live = rehearse("bridge", TEN, motion, asks=asks)
    assert live.results[0].report.counts.total == 3
    assert "Paused" in live.stage.boards


def test_next_leaves_a_bout_and_keeps_what_was_done(tmp_path: Path) -> None:
    plan = plan_for(template("bridge"), repetitions=10, sets=2, rest_s=0)
    live = rehearse("bridge", plan, then(BRIDGES, BRIDGES), asks=[(BRIDGES.duration, Wish.NEXT)], folder=tmp_path)
    assert [(r.end, r.report.counts.total) for r in live.results] == [("next", 3), ("camera", 3)]


def test_next_ends_a_rest() -> None:
    plan = plan_for(template("bridge"), repetitions=1, sets=2, rest_s=100)
    live = rehearse("bridge", plan, BRIDGES, asks=[(5.5, Wish.NEXT)])
    assert [r.report.counts.total for r in live.results] == [1, 1]


def test_restart_counts_anew_and_keeps_the_first_attempt_apart(tmp_path: Path) -> None:
    live = rehearse("bridge", TEN, then(BRIDGES, BRIDGES), asks=[(BRIDGES.duration, Wish.RESTART)], folder=tmp_path)
    assert [(r.end, r.name) for r in live.results] == [("restart", "set-1"), ("camera", "set-1-2")]


def test_a_bout_that_was_not_begun_leaves_nothing(tmp_path: Path) -> None:
    live = rehearse("bridge", TEN, BRIDGES, asks=[(0.4, Wish.RESTART)], folder=tmp_path)
    assert [r.end for r in live.results] == ["camera"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["session.json", "set-1"]


def test_the_other_side_first() -> None:
    lunges = Lunge(sides=("right",)).motion(Repeats(count=2))
    plan = plan_for(template("lunge"), repetitions=2, sides="each")
    live = rehearse("lunge", plan, lunges, asks=[(0.3, Wish.SIDE)])
    assert live.results[0].bout.side == "right"
    assert live.results[0].end == "done"
    assert "Right side now" in live.heard.texts


def test_discomfort_ends_everything_with_the_safety_text() -> None:
    plan = plan_for(template("bridge"), repetitions=10, sets=3)
    live = rehearse("bridge", plan, BRIDGES, asks=[(5.0, Wish.DISCOMFORT)])
    assert [r.end for r in live.results] == ["discomfort"]
    assert live.heard.stopped
    assert live.heard.lines[-1] == ("safety", DISCOMFORT)
    board = live.stage.scenes[-1].board
    assert board is not None
    assert board.lines == (DISCOMFORT,)


def test_quitting_keeps_what_was_done(tmp_path: Path) -> None:
    live = rehearse("bridge", TEN, BRIDGES, asks=[(6.0, Wish.QUIT)], folder=tmp_path)
    assert [r.end for r in live.results] == ["quit"]
    assert (tmp_path / "set-1" / "report.json").is_file()
    assert live.results[0].report.counts.total >= 1


def test_mute_is_told_on_the_screen() -> None:
    live = rehearse("bridge", TEN, BRIDGES, asks=[(1.0, Wish.MUTE)])
    assert live.heard.muted
    assert live.stage.scenes[60].status.endswith("sound off")
    assert not live.stage.scenes[10].status.endswith("sound off")


def test_mute_in_a_rest_is_told_on_the_screen() -> None:
    plan = plan_for(template("bridge"), repetitions=1, sets=2, rest_s=4)
    live = rehearse("bridge", plan, BRIDGES, asks=[(6.5, Wish.MUTE)])
    rests = [s.status for s in live.stage.scenes if s.board and s.board.title == "Rest"]
    assert (rests[0], rests[-1]) == ("Set 2 of 2: rest", "Set 2 of 2: rest · sound off")


# --- what is left --------------------------------------------------------------------------------------------------------


def test_the_same_files_as_of_a_recording_and_a_track_that_is_judged_the_same(tmp_path: Path) -> None:
    live = rehearse("lunge", plan_for(template("lunge")), LUNGES, folder=tmp_path / "live")
    folder = tmp_path / "live" / "set-1"
    write_pages(tmp_path / "live", template("lunge"), live.results, Choices())
    names = {path.name for path in folder.iterdir()}
    assert {"report.json", "report.html", "repetitions.csv", "angles.csv", "set-1.track.npz"} <= names
    again = replay(folder / "set-1.track.npz", template("lunge"), out=tmp_path / "again")
    assert again.to_dict() == live.results[0].report.to_dict()
    assert json.loads((folder / "report.json").read_text()) == json.loads((tmp_path / "again/report.json").read_text())
    assert (folder / "angles.csv").read_text() == (tmp_path / "again" / "angles.csv").read_text()
    session = json.loads((tmp_path / "live" / "session.json").read_text())
    assert session["sets"][0]["folder"] == "set-1"
    assert session["sets"][0]["done"]["repetitions"] == live.results[0].report.counts.total


def test_a_session_that_is_broken_off_leaves_a_journal_that_is_judged_as_far_as_it_goes(tmp_path: Path) -> None:
    class Crash(Onlooker):
        def estimate(self, frame: Frame) -> Pose:
            if frame.time > 6:
                raise MemoryError
            return super().estimate(frame)

    with pytest.raises(MemoryError):
        rehearse("bridge", TEN, BRIDGES, folder=tmp_path, estimator=Crash(BRIDGES))
    (journal,) = tmp_path.glob("*.journal")
    assert len(load_track(journal).poses) > 5.5 * 25
    assert replay(journal, template("bridge")).counts.total >= 1
    assert not (tmp_path / "set-1").exists()


def test_with_a_camera_in_real_time_nothing_queues_up_and_another_picture_size_ends_nothing() -> None:
    """The only test here with the camera's thread: four times faster than real time."""
    stage, motion = Stage(), Bridge().motion(Repeats(count=2, seconds=2.0))
    capture = ScriptedCapture([Part("picture", 4), Part("picture", motion.duration - 4, size=(640, 360))], speed=4)
    with Camera(capture) as camera:
        workout = Workout(template("bridge"), plan_for(template("bridge")), camera, stage)
        (result,) = workout.run(Onlooker(motion))
    assert result.report.counts.total == 2
    assert workout.pace.judged + camera.missed > 0.7 * camera.seen
    assert camera.seen > 0.3 * 30 * motion.duration  # a busy machine misses some
    assert any("640×360" in scene.warning for scene in stage.scenes)


def test_the_times_of_a_session_are_those_of_its_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lamp:
        """A device in front of which a light goes on with the twentieth picture."""

        def __init__(self, *_: object) -> None:
            self._given = 0

        def isOpened(self) -> bool:  # noqa: N802 (OpenCV's name)
            return True

        def set(self, *_: object) -> bool:
            return True

        def read(self) -> tuple[bool, np.ndarray]:
            time.sleep(0.04)
            self._given += 1
            return True, np.full((180, 320, 3), (60 if self._given < 20 else 200) + self._given % 2, np.uint8)

        def release(self) -> None: ...

    lit: list[float] = []

    class Looking(Nobody):
        def estimate(self, frame: Frame) -> Pose:
            if frame.image.mean() > 150:
                lit.append(frame.time)
            return super().estimate(frame)

    def loading(closing: ExitStack) -> Looking:
        time.sleep(0.7)  # as long as a pose model takes
        return Looking()

    def until_it_is_lit(workout: Workout, *_: object) -> None:
        while not lit:
            time.sleep(0.05)

    monkeypatch.setattr("cv2.VideoCapture", Lamp)
    monkeypatch.setattr("formcheck.live.run._follow", until_it_is_lit)
    film = tmp_path / "video.mp4"
    exercise(template("bridge"), TEN, DeviceCapture(0), loading, window=False, film=film)
    with Video(film) as video:
        shown = next(frame.time for frame in video if frame.image.mean() > 150)
    assert shown == pytest.approx(lit[0], abs=0.1)
