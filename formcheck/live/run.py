"""A live session put together: camera and judging in threads of their own, the window in the main thread."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from formcheck.errors import CameraError, FormcheckError
from formcheck.live.plan import Plan
from formcheck.live.record import SessionRecord
from formcheck.live.scene import Newest
from formcheck.live.senses import Keeper
from formcheck.live.wish import Wish
from formcheck.live.workout import Choices, Voice, Workout
from formcheck.see.camera import Camera
from formcheck.see.capture import Capture
from formcheck.stopping import Stopped

if TYPE_CHECKING:
    from formcheck.analysis import PoseEstimator
    from formcheck.judge.template import Template
    from formcheck.see.frame import Frame
    from formcheck.show.recording import Recording
    from formcheck.show.window import Window

LINGER_S = 25.0
"""The end summary stays this long: nobody is near a key."""

LINGER_STOPPED_S = 60.0
"""... and the advice after a stop for discomfort this long."""

GIVE_UP_S = 10.0
"""Without a window, a camera that cannot be opened at all is given up after this time."""

_ENOUGH = 100
_MOST_MISSED = 0.4
"""If a greater share of so many pictures or more was missed, the person is told."""

_POLL_S = 0.05
"""How often keys are looked after while nothing new is to be shown: longer than from one picture to the next."""


class Reel:
    """The camera's pictures being kept. The file begins with the first picture, whose size it takes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._recording: Recording | None = None
        self._broken: str | None = None

    @property
    def failure(self) -> str | None:
        """Why the recording is not there, or not whole."""
        failure = self._recording.failure if self._recording else None
        return self._broken or (f"The recording is not whole. {failure}" if failure else None)

    def take(self, frame: Frame) -> None:
        """Keeps a picture; never waits and never fails for the disk."""
        if self._broken:
            return
        if self._recording is None:
            from formcheck.show.recording import Recording

            try:
                self._recording = Recording(self._path, frame.size)
            except FormcheckError as error:
                self._broken = str(error)
                return
        self._recording.write(frame.image, frame.time)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._recording is not None:
            self._recording.close()


class Worker:
    """Runs a workout in a thread of its own, so that drawing never holds up the judging.

    Args:
        workout: what to run.
        estimator: makes the estimator; called in the thread, because loading the model takes time.

    Attributes:
        failure: what went wrong, if anything did.
    """

    def __init__(self, workout: Workout, estimator: Callable[[ExitStack], PoseEstimator]) -> None:
        self.failure: BaseException | None = None
        self._workout, self._estimator = workout, estimator
        self._thread = threading.Thread(target=self._run, name="judge", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    def finish(self) -> None:
        """Waits for the end.

        Raises:
            BaseException: what went wrong in the thread.
        """
        self._thread.join()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            with ExitStack() as closing:
                estimator = self._estimator(closing)
                gc.freeze()  # what is loaded stays: no need to go through it again and again between two pictures
                closing.callback(gc.unfreeze)
                self._workout.run(estimator)
        except BaseException as error:
            self.failure = error


def exercise(
    template: Template,
    plan: Plan,
    capture: Capture,
    estimator: Callable[[ExitStack], PoseEstimator],
    *,
    record: SessionRecord | None = None,
    voice: Voice | None = None,
    choices: Choices | None = None,
    window: bool = True,
    full_screen: bool = False,
    mirrored: bool = True,
    film: Path | None = None,
    keeper: Keeper | None = None,
) -> Workout:
    """Goes through a plan in front of a camera and gives what was done.

    Args:
        template, plan: the exercise, and what is to be done of it.
        capture: the camera (`formcheck.see.camera.capture_for`).
        estimator: makes what finds the person; what it opens is closed in the end.
        record: keeps the sets; None to keep nothing.
        voice: says what goes on.
        choices: how the sets are judged.
        window: open a window; otherwise lines are printed in the terminal.
        full_screen, mirrored: of the window.
        film: where to keep the camera's pictures, as MP4.
        keeper: keeps every bout in another place, too, from the judging thread.

    Whatever ends it, what was done is written first. Ctrl-C ends it as quitting does, and is kept as
    `Workout.interrupted`, so that more can be written before it is raised again; a second one is raised at once.

    Raises:
        DisplayError: no window can be opened.
        CameraError: without a window, there is no camera at all.
        FormcheckError: the model cannot be loaded, a file that is played cannot be read, results cannot be written.
    """
    screen = Newest()
    with ExitStack() as closing:
        camera = closing.enter_context(Camera(capture))
        reel = closing.enter_context(Reel(film)) if film is not None else None
        workout = Workout(
            template,
            plan,
            camera,
            screen,
            voice=voice,
            record=record,
            choices=choices,
            film=reel.take if reel else None,
            keeper=keeper,
        )
        worker = Worker(workout, estimator)
        try:
            if window:
                from formcheck.show.window import Window

                title = f"formcheck: {template.name}"
                with Window(title, full_screen=full_screen) as opened:
                    _watch_window(opened, template, workout, worker, screen, camera, mirrored)
            else:
                _follow(workout, worker, screen, camera)
        except (Stopped, KeyboardInterrupt) as stop:
            workout.interrupted = stop
        finally:
            workout.ask(Wish.QUIT)
            try:
                worker.finish()
            finally:
                if record is not None:
                    record.tidy()
    if camera.seen >= _ENOUGH and camera.missed > _MOST_MISSED * camera.seen:
        workout.notes.append(
            f"This machine kept up with {camera.seen - camera.missed} of {camera.seen} pictures only: close other "
            "programs, or use --model lite."
        )
    if reel is not None and reel.failure:
        workout.notes.append(reel.failure)
    if record is not None and workout.results:
        record.write(workout.pace, tuple(workout.notes))
    return workout


def _watch_window(
    window: Window,
    template: Template,
    workout: Workout,
    worker: Worker,
    screen: Newest,
    camera: Camera,
    mirrored: bool,
) -> None:
    """Draws the newest scene and looks after the keys until it is over."""
    from formcheck.show.preview import EMPTY_SIZE, Preview

    preview = Preview(template, mirrored=mirrored)
    over: float | None = None
    while True:
        scene = screen.take(_POLL_S)
        if scene is not None:
            picture = preview.paint(scene)
            if scene.frame is not None and scene.moment is not None:
                workout.pace.ages.add(camera.now() - scene.frame.time)
            window.show(picture, scene.frame.size if scene.frame else EMPTY_SIZE)
        wish = window.key() or (workout.unheard() if over is not None else None)
        if wish is Wish.FULL_SCREEN:
            window.turn_full_screen()
        elif wish is not None:
            if over is None:
                workout.ask(wish)
            elif wish is Wish.DISCOMFORT:
                workout.discomfort()
                over = time.monotonic() + LINGER_STOPPED_S
            elif wish is Wish.MUTE:
                workout.turn_sound()
            else:
                workout.left = workout.left or wish is Wish.QUIT
                return
        if over is None and not worker.busy and scene is None:
            if worker.failure is not None or workout.ended == "quit":
                return
            over = time.monotonic() + (LINGER_STOPPED_S if workout.ended == "discomfort" else LINGER_S)
        if over is not None and time.monotonic() > over:
            return


def _follow(workout: Workout, worker: Worker, screen: Newest, camera: Camera) -> None:
    """Prints what goes on until it is over."""
    from formcheck.show.follow import Follower

    follower = Follower()
    began = time.monotonic()
    try:
        while True:
            scene = screen.take(0.2)
            if scene is not None:
                if scene.frame is not None and scene.moment is not None:
                    workout.pace.ages.add(camera.now() - scene.frame.time)
                follower.show(scene)
            elif not worker.busy:
                return
            trouble = camera.trouble
            if not camera.seen and trouble is not None and time.monotonic() - began > GIVE_UP_S:
                raise CameraError(trouble.say)
    finally:
        follower.close()
