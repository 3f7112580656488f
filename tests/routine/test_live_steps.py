"""A routine in front of a scripted camera, whose time passes only when somebody looks; no model is needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Self

import pytest
from filmed import SIZE, Onlooker
from judging import template
from motions import Bridge, Repeats
from rehearsal import StepCamera

from formcheck.analysis import PoseEstimator
from formcheck.history.place import database_file
from formcheck.history.store import History
from formcheck.live.plan import Bout
from formcheck.live.run import LINGER_S
from formcheck.live.scene import Newest, Scene
from formcheck.live.wish import Wish
from formcheck.live.workout import Workout
from formcheck.routine import runs
from formcheck.routine.camera import LiveSteps, Room
from formcheck.routine.form import parse_routine
from formcheck.routine.run import go
from formcheck.routine.station import plan_document, stations
from formcheck.see.scripted import Part

MOTION = Bridge().motion(Repeats(count=2, seconds=2.0, rest=0.6, lead_in=1.5, lead_out=0.8))

ROUTINE = """
schema = 1
id = "mine"
name = "Mine"
summary = "One thing, twice."
rest_s = 4
[[steps]]
exercise = "bridge"
repetitions = [2, 15]
[[steps]]
exercise = "bridge"
repetitions = [3, 15]
"""


class Watching(LiveSteps):
    """Steps whose estimator needs no model."""

    def _estimator(self, template: object) -> Callable[[object], PoseEstimator]:
        return lambda closing: Onlooker(MOTION)


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMCHECK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FORMCHECK_PERSON", "Ada")


class Lens(StepCamera):
    """Looks at the motion once; opened like a real one."""

    seen = True

    def __init__(self, capture: object) -> None:
        super().__init__([Part("picture", MOTION.duration, size=SIZE)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_each_step_is_done_before_the_camera_and_kept_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("formcheck.live.run.Camera", Lens)
    routine = parse_routine(ROUTINE, "mine.toml", template)
    rests: list[tuple[str, float]] = []
    room = Room("0", tmp_path / "results", window=False, spoken=False)
    with History() as history:
        made = stations(routine, history, "Ada", template)
        run = runs.begin(history, routine.id, "Ada", plan_document(made))
        steps = Watching(room, "Ada", lambda title, seconds: rests.append((title, seconds)))
        began = time.time()
        assert go(history, run, made, steps, rest_s=routine.rest_s) == "done"
        assert rests == [("Bridge, 3 repetitions", 4)]
        sets = history.sets()
        assert [(s.source, s.person, s.sides[0].counted) for s in sets] == [("live", "Ada", 2), ("live", "Ada", 2)]
        assert all(history.curves(s.id) for s in sets)
        assert all(began - 60 <= s.began.timestamp() <= time.time() for s in sets)
        (entry,) = runs.runs(history, "Ada")
        assert [(turn.outcome, turn.set_id) for turn in entry.turns] == [
            ("done", i) for i in sorted(s.id for s in sets)
        ]
    assert (tmp_path / "results" / "01-bridge" / "set-1" / "report.html").is_file()
    assert database_file().is_file()
    assert (tmp_path / "results" / "01-bridge" / "set-1" / "report.json").is_file()
    assert (tmp_path / "results" / "02-bridge" / "set-1" / "report.json").is_file()


def test_with_a_window_the_end_of_a_step_counts_as_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    steps = Watching(Room("0", tmp_path, spoken=False), "Ada", lambda title, seconds: rests.append(seconds))

    class EndedError(Exception):
        pass

    def camera(*_: object) -> None:
        raise EndedError

    monkeypatch.setattr("formcheck.see.camera.capture_for", camera)
    with History() as history:
        (one, _) = stations(parse_routine(ROUTINE, "mine.toml", template), history, "Ada", template)
    for rest in (LINGER_S + 7, LINGER_S - 5):
        with pytest.raises(EndedError):
            steps.perform(one, {0: one.plan.bouts[0]}, rest, lambda *_: None)
    assert rests == [7]


def test_ctrl_c_leaves_the_page_of_the_step_and_the_rest_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(workout: object, worker: object, screen: Newest, camera: object) -> None:
        screen.take(20.0)
        raise KeyboardInterrupt

    monkeypatch.setattr("formcheck.live.run.Camera", Lens)
    monkeypatch.setattr("formcheck.live.run._follow", interrupted)
    routine = parse_routine(ROUTINE, "mine.toml", template)
    told: list[str] = []
    with History() as history:
        made = stations(routine, history, "Ada", template)
        run = runs.begin(history, routine.id, "Ada", plan_document(made))
        steps = Watching(
            Room("0", tmp_path / "results", window=False, spoken=False), "Ada", lambda *_: None, told.append
        )
        with pytest.raises(KeyboardInterrupt):
            go(history, run, made, steps, rest_s=routine.rest_s)
        assert runs.open_run(history, "Ada", routine.id) is not None
    assert "repetitions" in told[0]
    assert (tmp_path / "results" / "01-bridge" / "set-1" / "report.html").is_file()
    assert not (tmp_path / "results" / "02-bridge").exists()


class Speaker:
    """A voice that keeps what it was to say."""

    lines: ClassVar[list[str]] = []
    muted = False
    notes = ()

    def __init__(self, known: object) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def say(self, text: str, kind: str = "plan") -> None:
        self.lines.append(text)

    def update(self, *_: object) -> None: ...

    def goal(self, **_: object) -> None: ...

    def summarize(self, reports: object) -> None: ...

    def stop(self) -> None: ...


class Pane:
    """A window before which somebody presses these keys when the end of a step is shown, or so many looks after that."""

    keys: ClassVar[list[Wish]] = []
    waits = 4
    board = ""

    def __init__(self, *_: object, **__: object) -> None:
        self._looks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        Pane.board = ""

    def show(self, picture: object, frame: object) -> None:
        self._looks = 0

    def key(self) -> Wish | None:
        self._looks += 1
        ready = Pane.board in ("Well done!", "Finished", "Stopped") and self._looks > self.waits and self.keys
        return self.keys.pop(0) if ready else None


class Painter:
    def __init__(self, *_: object, **__: object) -> None: ...

    def paint(self, scene: Scene) -> None:
        Pane.board = scene.board.title if scene.board else ""


@pytest.fixture
def before_a_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, list[object]]]:
    """Goes through the routine with keys for the ends of its steps; gives how it ended, and its turns."""
    monkeypatch.setattr("formcheck.live.run.Camera", Lens)
    monkeypatch.setattr("formcheck.show.window.Window", Pane)
    monkeypatch.setattr("formcheck.show.preview.Preview", Painter)
    monkeypatch.setattr("formcheck.show.voice.Voice", Speaker)
    monkeypatch.setattr(Speaker, "lines", [])

    def gone_through(*keys: Wish) -> tuple[str, list[object]]:
        monkeypatch.setattr(Pane, "keys", list(keys))
        routine = parse_routine(ROUTINE, "mine.toml", template)
        with History() as history:
            made = stations(routine, history, "Ada", template)
            run = runs.begin(history, routine.id, "Ada", plan_document(made))
            steps = Watching(Room("0", tmp_path / "results"), "Ada", lambda *_: None)
            ending = go(history, run, made, steps, rest_s=routine.rest_s)
            (entry,) = runs.runs(history, "Ada")
            return ending, [(turn.number, turn.outcome, turn.set_id is not None) for turn in entry.turns]

    return gone_through


@pytest.mark.parametrize("waits", [0, 4])
def test_discomfort_after_the_last_set_of_a_step_stops_the_routine(
    before_a_window: Callable[..., tuple[str, list[object]]], waits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pane, "waits", waits)
    monkeypatch.setattr("formcheck.live.run.LINGER_STOPPED_S", 1.0)
    assert before_a_window(Wish.DISCOMFORT) == ("pain", [(0, "pain", True)])


def test_quitting_while_the_end_of_a_step_is_shown_leaves_the_routine(
    before_a_window: Callable[..., tuple[str, list[object]]],
) -> None:
    assert before_a_window(Wish.QUIT) == ("left", [(0, "done", True)])


def test_quitting_after_the_last_step_leaves_nothing_undone(
    before_a_window: Callable[..., tuple[str, list[object]]],
) -> None:
    assert before_a_window(Wish.MUTE, Wish.PAUSE, Wish.QUIT) == ("done", [(0, "done", True), (1, "done", True)])


def test_with_a_window_each_step_is_announced(before_a_window: Callable[..., tuple[str, list[object]]]) -> None:
    before_a_window(Wish.PAUSE, Wish.PAUSE)
    announced = [line for line in Speaker.lines if "repetitions" in line]
    assert announced == ["Bridge, 2 repetitions", "Bridge, 3 repetitions"]


def test_discomfort_in_a_rest_leaves_the_set_before_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = Workout._rest

    def stopped(self: Workout, seconds: float, bout: Bout) -> str:
        self.ask(Wish.DISCOMFORT)
        return rest(self, seconds, bout)

    monkeypatch.setattr("formcheck.live.run.Camera", Lens)
    monkeypatch.setattr(Workout, "_rest", stopped)
    twice = ROUTINE.replace("[2, 15]", "[1, 15]\nsets = 2\nrest_s = 60", 1)
    routine = parse_routine(twice, "mine.toml", template)
    with History() as history:
        made = stations(routine, history, "Ada", template)
        run = runs.begin(history, routine.id, "Ada", plan_document(made))
        steps = Watching(Room("0", tmp_path / "results", window=False, spoken=False), "Ada", lambda *_: None)
        assert go(history, run, made, steps, rest_s=routine.rest_s) == "pain"
        (entry,) = runs.runs(history, "Ada")
    assert [(turn.number, turn.outcome, turn.set_id is not None) for turn in entry.turns] == [
        (0, "done", True),
        (1, "pain", False),
    ]
