"""The voice says one thing at a time, the most important first, and never keeps the judging waiting."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from math import nan
from pathlib import Path

import numpy as np
import pytest
from judging import template

from formcheck.judge.moment import Counts, Moment, Readiness
from formcheck.pose import Pose
from formcheck.show import speech, tones
from formcheck.show.lines import Tone
from formcheck.show.speech import CommandEngine, Engine, PowerShellEngine
from formcheck.show.tones import NOTES, RATE, Tones, samples, wav
from formcheck.show.voice import PRIORITY, ROOM, Queue, Voice

LUNGE = template("lunge")


class Stage:
    """An engine that takes its time, and remembers what it said."""

    def __init__(self, seconds: float = 0.05) -> None:
        self.name = "stage"
        self.seconds = seconds
        self.said: list[str] = []
        self.cuts: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self._cut = threading.Event()

    def say(self, text: str) -> bool:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.said.append(text)
        self._cut.clear()
        if self._cut.wait(self.seconds):
            self.cuts.append(text)
        self.at_once -= 1
        return True

    def cut(self) -> None:
        self._cut.set()

    def close(self) -> None:
        self.cut()


class Whistle(Tones):
    """Tones that are only written down."""

    def __init__(self) -> None:
        self.note: str | None = None
        self.played: list[Tone] = []

    def play(self, tone: Tone) -> None:
        self.played.append(tone)

    def close(self) -> None: ...


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def voice(stage: Stage) -> Iterator[Voice]:
    with Voice(LUNGE, engines=lambda: [stage], tones=Whistle()) as voice:
        yield voice


def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def moment(total: int, time: float) -> Moment:
    pose = Pose.absent(time, (10, 10))
    ready = Readiness(True, "", "")
    return Moment(time, pose, ready, None, None, "rest", "", Counts(total), None, (nan,), None, None)


# --- the queue -------------------------------------------------------------------------------------------------------


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_most_important_line_is_said_first() -> None:
    queue = Queue(Clock())
    for kind in reversed(PRIORITY):
        queue.put(kind, kind)
    assert [queue.take() for _ in range(5)] == [*((kind, kind) for kind in PRIORITY), None]


def test_the_queue_is_bounded_and_keeps_the_newest() -> None:
    queue = Queue(Clock())
    for number in range(1000):
        for kind in PRIORITY:
            queue.put(f"{kind} {number}", kind)
    assert len(queue) == sum(ROOM.values())
    left = [line[0] for line in iter(queue.take, None)]
    assert "count 999" in left
    assert "count 998" not in left


def test_stale_lines_are_dropped() -> None:
    clock = Clock()
    queue = Queue(clock)
    queue.put("4", "count")
    queue.put("straighten", "cue")
    clock.now = 2.0
    assert queue.take() == ("straighten", "cue")
    assert queue.take() is None
    queue.put("straighten", "cue")
    clock.now = 60.0
    assert queue.take() is None


def test_what_waits_already_is_not_said_twice() -> None:
    queue = Queue(Clock())
    queue.put("Rest", "plan")
    queue.put("Rest", "plan")
    assert len(queue) == 1


# --- the voice -------------------------------------------------------------------------------------------------------


def test_counts_are_said_and_sounded(voice: Voice, stage: Stage) -> None:
    for number in range(4):
        voice.update(moment(number, number / 10))
        time.sleep(0.12)
    until(lambda: len(stage.said) == 3)
    assert stage.said == ["1.", "2.", "3."]
    assert voice._tones.played == ["repetition"] * 3  # type: ignore[attr-defined]


def test_one_thing_is_said_at_a_time(voice: Voice, stage: Stage) -> None:
    for number in range(20):
        voice.say(f"plan {number}", "plan")
        voice.say(f"cue {number}", "cue")
        time.sleep(0.01)
    voice.close(5)
    assert stage.most_at_once == 1
    assert stage.said[-1] == "plan 19"


def test_a_late_count_gives_way_to_the_newest(voice: Voice, stage: Stage) -> None:
    stage.seconds = 0.3
    voice.say("a long explanation", "plan")
    until(lambda: stage.said)
    for number in range(1, 6):
        voice.say(str(number), "count")
    voice.close(3)
    assert stage.said == ["a long explanation", "5"]


def test_safety_interrupts_and_silences_everything_else(voice: Voice, stage: Stage) -> None:
    stage.seconds = 5
    voice.say("a long explanation", "plan")
    until(lambda: stage.said)
    voice.say("12", "count")
    began = time.monotonic()
    voice.say("Stop and rest", "safety")
    until(lambda: len(stage.said) == 2)
    assert time.monotonic() - began < 0.5
    assert stage.said == ["a long explanation", "Stop and rest"]
    assert stage.cuts == ["a long explanation"]
    time.sleep(0.1)
    assert stage.cuts == ["a long explanation"]  # the safety line itself goes on


def test_stop_then_safety_says_the_safety_line(voice: Voice, stage: Stage) -> None:
    stage.seconds = 1
    for _ in range(10):
        voice.say("a long explanation", "plan")
        until(lambda: stage.at_once)
        voice.stop()
        voice.say("Well done for stopping", "safety")
        until(lambda: stage.said[-1] == "Well done for stopping")
        time.sleep(0.02)
        assert stage.cuts == ["a long explanation"]
        voice.stop()
        until(lambda: len(stage.cuts) == 2 and not stage.at_once)
        stage.cuts.clear()


def test_muted_it_says_nothing_and_falls_silent_at_once(voice: Voice, stage: Stage) -> None:
    stage.seconds = 5
    voice.say("a long explanation", "plan")
    until(lambda: stage.said)
    voice.muted = True
    until(lambda: stage.cuts)
    voice.say("more", "cue")
    voice.tone("end")
    assert voice.muted
    voice.muted = False
    stage.seconds = 0
    voice.say("again", "plan")
    until(lambda: len(stage.said) == 2)
    assert stage.said == ["a long explanation", "again"]
    assert voice._tones.played == []  # type: ignore[attr-defined]


def test_closing_waits_for_what_is_to_be_said_but_not_for_ever(stage: Stage) -> None:
    voice = Voice(LUNGE, engines=lambda: [stage], tones=Whistle())
    voice.say("Well done", "plan")
    voice.close(5)
    assert stage.said == ["Well done"]
    stage = Stage(60)
    voice = Voice(LUNGE, engines=lambda: [stage], tones=Whistle())
    voice.say("a", "plan")
    voice.say("b", "plan")
    began = time.monotonic()
    voice.close(0.3)
    assert time.monotonic() - began < 1.5
    assert stage.said == ["a"]
    voice.say("too late", "safety")  # and no error


def test_a_new_set_is_counted_anew(voice: Voice, stage: Stage) -> None:
    voice.update(moment(7, 1.0))
    until(lambda: stage.said)
    voice.goal(reps=1)
    voice.update(moment(0, 2.0))
    voice.update(moment(1, 3.0))
    until(lambda: len(stage.said) == 2)
    assert stage.said == ["7.", "1. Done."]


# --- engines that are missing, fail, hang or are slow ----------------------------------------------------------------


def spend(voice: Voice, moments: int = 900) -> float:
    """The longest and the whole time that so many moments with a repetition or a cue each take."""
    busy = 0.0
    for number in range(moments):
        one = moment(number // 3, number / 30)
        began = time.perf_counter()
        voice.update(one)
        voice.say(f"cue {number}", "cue")
        busy += time.perf_counter() - began
        if number % 100 == 0:
            time.sleep(0.05)
    return busy


HANGS = ["sleep", "3600"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs sleep and false")
@pytest.mark.parametrize(
    "engines",
    [
        list,
        lambda: [CommandEngine("hangs", HANGS)],
        lambda: [CommandEngine("slow", ["sh", "-c", "sleep 0.3; cat > /dev/null"])],
        lambda: [CommandEngine("fails", ["false"])],
        lambda: [CommandEngine("is not there", ["/nowhere/engine"])],
        lambda: [Stage(3600.0)],
    ],
    ids=["none", "hangs", "slow", "fails", "missing", "blocks"],
)
def test_whatever_the_engine_does_judging_is_not_slowed_down(engines: Callable[[], list[Engine]]) -> None:
    voice = Voice(LUNGE, engines=engines, tones=Tones(HANGS))
    try:
        assert spend(voice) < 0.02 * 30  # 2 % of the 30 s that these moments last
    finally:
        began = time.monotonic()
        voice.close(0)
        assert time.monotonic() - began < 4


@pytest.mark.skipif(sys.platform == "win32", reason="needs false and cat")
def test_an_engine_that_fails_makes_room_for_the_next(tmp_path: Path) -> None:
    said = tmp_path / "said"
    works = CommandEngine("works", ["sh", "-c", f"cat >> '{said}'"])
    with Voice(LUNGE, engines=lambda: [CommandEngine("fails", ["false"]), works], tones=Whistle()) as voice:
        for text in ("one", "two", "three"):
            voice.say(text, "plan")
            until(lambda: not len(voice._queue) and voice._saying is None)
        assert voice.engine == "works"
    assert said.read_text() == "three"
    assert voice.notes == ()


@pytest.mark.skipif(sys.platform == "win32", reason="needs false")
def test_where_nothing_speaks_it_says_so() -> None:
    with Voice(LUNGE, engines=list, tones=Whistle()) as voice:
        until(lambda: voice.notes)
        assert "No speech engine" in voice.notes[0]
        voice.say("nobody hears this", "plan")
    with Voice(LUNGE, engines=lambda: [CommandEngine("mute", ["false"])], tones=Whistle()) as voice:
        for text in ("one", "two"):
            voice.say(text, "plan")
        until(lambda: voice.notes)
        assert "mute failed" in voice.notes[0]
        assert voice.engine is None


@pytest.mark.skipif(sys.platform == "win32", reason="needs sleep")
def test_an_engine_that_hangs_is_ended_and_silenced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "longest_s", lambda text: 0.2)
    silenced = tmp_path / "silenced"
    engine = CommandEngine("hangs", HANGS, cancel=["touch", str(silenced)])
    assert engine.say("hello") is False
    assert silenced.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs sh")
def test_an_engine_that_complains_but_ends_well_has_failed() -> None:
    assert CommandEngine("x", ["sh", "-c", "cat > /dev/null; echo 'error: No such file' >&2"]).say("hello") is False
    assert CommandEngine("x", ["sh", "-c", "cat > /dev/null; echo 'ALSA warns' >&2"]).say("hello") is True


def test_no_text_can_become_an_option_or_a_command(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    script = "import sys; open(sys.argv[1], 'w').write(repr(sys.argv[2:]))"
    engine = CommandEngine("x", [sys.executable, "-c", script, str(seen), "--"], spoken_as_argument=True)
    text = "--cancel; $(reboot) `x` \" '"
    assert engine.say(text)
    assert seen.read_text() == repr(["--", text])


FAKE_SHELL = """
import sys, time
for line in sys.stdin:
    if line.startswith("hang"):
        time.sleep(60)
    with open(sys.argv[1], "a") as said:
        said.write(line)
    print("said", flush=True)
"""


def test_the_windows_engine_stays_open_from_line_to_line(tmp_path: Path) -> None:
    said = tmp_path / "said"
    engine = PowerShellEngine([sys.executable, "-c", FAKE_SHELL, str(said)])  # the script of PowerShell is an argument
    assert engine.say("one\ntwo")
    process = engine._process
    assert engine.say("three")
    assert engine._process is process
    assert said.read_text() == "one two\nthree\n"
    threading.Timer(0.3, engine.cut).start()
    began = time.monotonic()
    assert engine.say("hang")  # cut off, which is no failure
    assert time.monotonic() - began < 5
    assert engine.say("four")
    assert engine._process is not process
    engine.close()


def test_the_windows_engine_that_is_not_there_or_dies_has_failed(tmp_path: Path) -> None:
    assert PowerShellEngine([str(tmp_path / "none")]).say("hello") is False
    engine = PowerShellEngine([sys.executable, "-c", "raise SystemExit"])
    assert engine.say("hello") is False


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="needs espeak-ng")
def test_espeak_speaks_from_its_input(tmp_path: Path) -> None:
    """As the program calls it, but into a file: there is no sound card here."""
    engine = next(each for each in speech.engines() if each.name == "espeak-ng")
    assert isinstance(engine, CommandEngine)
    out = tmp_path / "said.wav"
    done = subprocess.run([*engine._command, "-w", str(out)], input=b"Switch sides.", capture_output=True, timeout=20)
    assert done.returncode == 0
    assert out.stat().st_size > 20_000


# --- tones -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tone", NOTES)
def test_tones_are_short_and_begin_and_end_without_a_click(tone: Tone) -> None:
    sound = samples(tone)
    assert sound.dtype == np.int16
    assert 0.05 * RATE < len(sound) < 0.6 * RATE
    assert abs(int(sound[0])) < 300
    assert abs(int(sound[-1])) < 300
    assert 5_000 < np.abs(sound).max() < 20_000
    assert wav(tone)[:4] == b"RIFF"


def test_tones_differ_by_ear() -> None:
    loudest = {tone: int(np.abs(np.fft.rfft(samples(tone), RATE)).argmax()) for tone in NOTES}
    assert len(set(loudest.values())) == len(NOTES)


PLAYS = "import sys; print('fake', flush=True)\nfor l in sys.stdin: open(sys.argv[1], 'a').write(l); print('played', flush=True)"


def test_tones_are_played_by_another_process(tmp_path: Path) -> None:
    out = tmp_path / "played"
    player = Tones([sys.executable, "-c", PLAYS, str(out)])
    until(lambda: player.player)
    player.play("repetition")
    player.play("end")
    until(lambda: out.exists() and out.read_text() == "repetition\nend\n")
    process = player._process
    player.close()
    assert process is not None
    assert process.poll() is not None


@pytest.mark.parametrize("answer", ["print('none')", "raise SystemExit(3)"])
def test_without_a_sound_card_there_are_no_tones_and_a_note(answer: str) -> None:
    player = Tones([sys.executable, "-c", answer])
    until(lambda: player.note)
    for _ in range(100):
        player.play("fault")
    player.close()


def test_a_player_that_cannot_be_started_is_a_note(tmp_path: Path) -> None:
    player = Tones([str(tmp_path / "none")])
    until(lambda: player.note)
    player.close()


def test_the_playing_process_answers_and_ends_with_its_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "formcheck.show.tones"], input=b"repetition\nnonsense\n", capture_output=True, timeout=60
    )
    assert done.returncode == 0
    first, *rest = done.stdout.decode().splitlines()
    assert (first == tones.SILENT and rest == []) or rest == ["played"]
