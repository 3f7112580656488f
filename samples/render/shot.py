"""A planned clip: every posture, the camera and the truth, and the drawing of its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from samples.render.actor import Actor
from samples.render.body import Body
from samples.render.camera import Camera, fitting_camera
from samples.render.clip import Clip
from samples.render.errors import RenderError
from samples.render.motion import FaultChoice, read_motion
from samples.render.people import read_people
from samples.render.plan import plan
from samples.render.posture import Posture
from samples.render.room import Furniture, build_room, read_rooms
from samples.render.rotation import Array, Y, turn
from samples.render.scene import Scene
from samples.render.timeline import Timeline
from samples.render.truth import clip_truth, true_frames

SUB_FRAMES = 5
"""Pictures that are averaged for one with motion blur."""
NOISE_BANK = 7
"""Pictures of sensor noise that are made once and used in turn."""


@cache
def person(name: str) -> Body:
    """A body of bodies.toml; built once a process.

    Raises:
        RenderError: no such body.
    """
    people = read_people()
    if name not in people:
        raise RenderError(f"no body {name!r} in bodies.toml; there are: {', '.join(people)}")
    return Body(people[name])


@cache
def actor(body: str, exercise: str, variant: str | None) -> Actor:
    """A body that knows an exercise; key poses that were solved once are kept."""
    return Actor(person(body), read_motion(exercise, variant))


class Shot:
    """A planned clip: every posture, the camera and the truth, before anything is drawn.

    Args:
        clip: what to show.

    Raises:
        RenderError: the clip names something that does not exist or cannot be posed.
    """

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        self.actor = actor(clip.body, clip.exercise, clip.variant)
        motion = self.actor.motion
        self.timeline: Timeline = plan(
            self.actor,
            count=clip.reps,
            side=clip.side,
            faults=tuple(FaultChoice.parse(text) for text in clip.faults),
            hold_s=clip.hold_s,
            lead_s=0.0 if motion.cycle else clip.lead_s,
            tempo=clip.tempo,
            pause_after=clip.pause_after,
            pause_s=clip.pause_s,
            enter=clip.enter,
            leave=clip.leave,
            seed=clip.seed,
            fidget=clip.fidget,
        )
        count = round(self.timeline.now * clip.fps) + 1
        self.times: Array = np.arange(count) / clip.fps
        self.postures: list[Posture] = [self.timeline.at(float(time)) for time in self.times]
        sign = -1.0 if clip.side == "right" and motion.one_sided else 1.0
        self.azimuth = sign * (motion.view.azimuth - _towards_front(motion.view.azimuth) * clip.yaw)
        self.camera = self._camera()
        self.side_at = [self._side_at(float(time)) for time in self.times]
        self.frames = true_frames(self.actor, self.timeline, self.times, self.postures, self.camera, self.side_at)

    def truth(self, file: str, frames_file: str) -> dict[str, Any]:
        """The clip's entry in a truth file."""
        clip = self.clip
        made_of = {
            "file": file,
            "frames": frames_file,
            "conditions": {
                "gain": clip.gain,
                "blur_px": clip.blur,
                "motion_blur": clip.motion_blur,
                "noise": clip.noise,
                "dog": clip.dog,
            },
            **{
                name: getattr(clip, name)
                for name in ("body", "room", "yaw", "variant", "side", "seed", "bystander", "fps")
            },
        }
        return clip_truth(self.actor, self.timeline, self.frames, self.camera, self.side_at, made_of)

    def pictures(self) -> Iterator[NDArray[np.uint8]]:
        """The frames, (height, width, 3) uint8 RGB, one by one."""
        clip, motion = self.clip, self.actor.motion
        room = read_rooms().get(clip.room)
        if room is None:
            raise RenderError(f"no room {clip.room!r} in rooms.toml; there are: {', '.join(read_rooms())}")
        middle = np.array([self.camera.at[0], 0.0, self.camera.at[2]])
        props = motion.props + (self._dog(middle) if clip.dog else ())
        scale = self.actor.body.scale
        mat = motion.mat and (motion.mat[0], motion.mat[1] * scale, motion.mat[2], motion.mat[3] * max(1.0, scale))
        bodies = [self.actor.body]
        passing = _Bystander(clip, self.camera, middle) if clip.bystander else None
        if passing:
            bodies.append(passing.body)
        random = np.random.default_rng(clip.seed + 2)
        shape = (clip.size[1], clip.size[0], 3)
        bank = [random.standard_normal(shape, np.float32) * clip.noise for _ in range(NOISE_BANK if clip.noise else 0)]
        with Scene(bodies, room, build_room(room, self.azimuth, middle, mat, props), self.azimuth, clip.size) as scene:
            for i, time in enumerate(self.times):
                picture = np.zeros(shape, np.float32)
                moments = self._shutter(float(time))
                for moment in moments:
                    posture = self.postures[i] if len(moments) == 1 else self.timeline.at(moment)
                    skins = [self.actor.body.skin(*self.actor.poser.world(posture))]
                    if passing:
                        skins.append(passing.skin(moment, float(self.times[-1])))
                    picture += scene.draw(skins, self.camera) / np.float32(len(moments))
                if clip.blur:
                    picture = gaussian_filter(picture, (clip.blur, clip.blur, 0))
                picture *= clip.gain
                if bank:
                    shift = random.integers(0, [clip.size[1], clip.size[0]])
                    picture += np.roll(bank[i % NOISE_BANK], tuple(shift), axis=(0, 1))
                yield np.clip(picture, 0, 255).astype(np.uint8)

    def _shutter(self, time: float) -> list[float]:
        """Times of which a frame is the mean: the shutter is open around the frame's own time, the truth's."""
        if not self.clip.motion_blur:
            return [time]
        open_s = self.clip.motion_blur / self.clip.fps
        last = self.timeline.now
        return [min(max(time + share * open_s, 0.0), last) for share in np.linspace(-0.5, 0.5, SUB_FRAMES).tolist()]

    def _camera(self) -> Camera:
        clip, view = self.clip, self.actor.motion.view
        shown = self.postures[:: max(1, len(self.postures) // 60)]
        if self.actor.motion.cycle:  # who walks comes into the picture and leaves it
            third = len(shown) // 3
            shown = shown[third : len(shown) - third]
        points = [np.stack(list(self.actor.landmarks(posture).values())) for posture in shown]
        height = view.height if clip.height is None else clip.height
        fov = clip.fov or view.fov
        camera = fitting_camera(np.concatenate(points), self.azimuth, height, fov, clip.size, margin=0.16)
        distance = camera.distance * clip.distance
        return Camera(camera.azimuth, distance, camera.height, camera.at, camera.fov, camera.size)

    def _side_at(self, time: float) -> str:
        side = "right" if self.clip.side == "right" else "left"
        if self.clip.side != "alternate":
            return side
        timeline = self.timeline
        parts = [*((repetition.side, repetition.end_s) for repetition in timeline.repetitions), *timeline.holds]
        for done, end in parts:
            if done and time <= end:
                return done
        return parts[-1][0] or side if parts else side

    def _dog(self, middle: Array) -> tuple[Furniture, ...]:
        """A lying dog of four boxes, behind the person as the camera sees it."""
        spin = turn(Y, self.azimuth)
        boxes = [((0.0, 0.13, 0.0), (0.60, 0.24, 0.26)), ((0.34, 0.26, 0.03), (0.20, 0.20, 0.18))]
        boxes += [((-0.36, 0.10, 0.0), (0.22, 0.05, 0.05)), ((0.30, 0.04, 0.16), (0.26, 0.07, 0.07))]
        place = middle + spin @ np.array([0.7, 0.0, -1.1])
        placed = [(place + spin @ np.array(at), np.abs(spin @ np.array(size))) for at, size in boxes]
        return tuple(
            Furniture(at=(at[0], at[1], at[2]), size=(size[0], size[1], size[2]), of="fur") for at, size in placed
        )


class _Bystander:
    """A second person behind the first, who stands there or walks through the picture."""

    def __init__(self, clip: Clip, camera: Camera, middle: Array) -> None:
        self._walks = clip.bystander == "walks"
        self._actor = actor(clip.bystander_body, "walking", None)
        self.body = self._actor.body
        self._spin = turn(Y, camera.azimuth + (90.0 if self._walks else 20.0))
        side = turn(Y, camera.azimuth)
        self._place = middle + side @ np.array([0.0 if self._walks else 0.85, 0.0, -1.3])
        if self._walks:
            self._timeline = plan(self._actor, count=7, side="left", lead_s=0.0, seed=clip.seed + 5)
        else:
            self._timeline = Timeline(self._actor, clip.seed + 5, 2.0)
            self._timeline.go(self._actor.postures("left")["stand"], 0.0)
            self._timeline.go(self._actor.postures("left")["stand"], 600.0)

    def skin(self, time: float, duration: float) -> Array:
        """Skin points in the world at a time of the clip; the walk passes the middle at half time."""
        timeline = self._timeline
        if not self._walks:
            posture = timeline.at(time)
            offset = np.zeros(3)
        else:
            own = time - duration / 2 + timeline.now / 2
            posture = timeline.at(min(max(own, 0.0), timeline.now))
            half = timeline.keys[-1].posture.root[2] / 2
            offset = np.array([0.0, 0.0, -half])
        skin = self.body.skin(*self._actor.poser.world(posture))
        return np.asarray((skin + offset) @ self._spin.T + self._place)


def _towards_front(azimuth: float) -> float:
    """+1 if turning towards azimuth 0 (the front, or the feet of who lies) makes the azimuth smaller, else −1."""
    return 1.0 if 0 <= azimuth % 360 <= 180 else -1.0
