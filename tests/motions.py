"""Movements of the stick figure: exercises done well and badly, and everything that is no exercise.

A `Motion` gives the posture at any time, so the same movement can be filmed at any frame rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, pi, radians, sin, sqrt

import numpy as np
from stick_figure import (
    ANKLE,
    LEG,
    SHANK,
    STANDING,
    THIGH,
    TORSO,
    UP,
    Array,
    Camera,
    Figure,
    at,
    bend,
    blend,
    direction,
    ease,
    other,
    reach,
    standing,
)

from formcheck.pose import Pose, Side


@dataclass(frozen=True)
class Motion:
    """A movement: `look(time)` gives the (33, 3) points in centimetres."""

    duration: float
    look: Callable[[float], Array]
    peaks: tuple[float, ...] = ()

    def film(
        self, fps: float = 30.0, camera: Camera | None = None, start: float = 0.0, clear: float = 0.95
    ) -> list[Pose]:
        """Poses at an even frame rate, up to the motion's end."""
        camera = camera or Camera()
        count = int(self.duration * fps + 1e-6) + 1
        return [camera.look(self.look(i / fps), start + i / fps, clear) for i in range(count)]


def then(*motions: Motion, blend_s: float = 1.0) -> Motion:
    """One motion after the other; between them the figure moves straight from posture to posture."""
    begins: list[float] = []
    peaks: list[float] = []
    clock = 0.0
    for motion in motions:
        begins.append(clock)
        peaks += [clock + p for p in motion.peaks]
        clock += motion.duration + blend_s
    clock -= blend_s

    def look(time: float) -> Array:
        i = max(n for n, begin in enumerate(begins) if begin <= time + 1e-9)
        since = time - begins[i]
        motion = motions[i]
        if since <= motion.duration or i + 1 == len(motions):
            return motion.look(min(since, motion.duration))
        share = ease((since - motion.duration) / blend_s)
        return blend(motion.look(motion.duration), motions[i + 1].look(0.0), share)

    return Motion(clock, look, tuple(peaks))


def still(figure: Figure, seconds: float) -> Motion:
    """A posture that is kept."""
    points = figure.points()
    return Motion(seconds, lambda time: points)


def through(figures: Sequence[Figure], seconds: float) -> Motion:
    """From posture to posture, `seconds` for each."""
    stops = [figure.points() for figure in figures]

    def look(time: float) -> Array:
        i = min(int(time / seconds), len(stops) - 2)
        return blend(stops[i], stops[i + 1], ease(time / seconds - i))

    return Motion(seconds * (len(stops) - 1), look)


@dataclass(frozen=True)
class Repeats:
    """When repetitions happen.

    Attributes:
        count: how many.
        seconds: from leaving rest to being back, with the pause at the peak.
        pause: at the peak.
        rest: between repetitions.
        lead_in, lead_out: rest before the first and after the last.
        skew: share of the moving time that goes into the way out.
    """

    count: int = 12
    seconds: float = 3.0
    pause: float = 0.3
    rest: float = 1.0
    lead_in: float = 1.5
    lead_out: float = 1.5
    skew: float = 0.5

    @property
    def duration(self) -> float:
        return self.lead_in + self.count * (self.seconds + self.rest) - self.rest + self.lead_out

    @property
    def peaks(self) -> tuple[float, ...]:
        out = self.skew * (self.seconds - self.pause)
        return tuple(self.lead_in + i * (self.seconds + self.rest) + out + self.pause / 2 for i in range(self.count))

    def share(self, time: float) -> tuple[int, float]:
        """Number of the repetition and how far out it is, 0 to 1."""
        since = time - self.lead_in
        i = min(max(int(since // (self.seconds + self.rest)), 0), self.count - 1)
        since -= i * (self.seconds + self.rest)
        out = self.skew * (self.seconds - self.pause)
        back = (self.seconds - self.pause) - out
        if since < out:
            return i, ease(since / out)
        if since < out + self.pause:
            return i, 1.0
        return i, 1.0 - ease((since - out - self.pause) / back)


@dataclass(frozen=True)
class Lunge:
    """How the lunges are done.

    Attributes:
        sides: leg that steps (forward) or stays in front (reverse), in turn.
        reverse: step back instead of forward.
        knee: angle of the front knee at the bottom.
        back_knee: angle of the back knee at the bottom, set by the length of the step.
        shift: cm by which the front knee goes beyond the ankle.
        lean: degrees of the trunk forward at the bottom.
        returns: share of the range by which each repetition comes back before the next.
        knee_in: cm by which the front knee falls in.
    """

    sides: tuple[Side, ...] = ("right",)
    reverse: bool = False
    knee: float = 90.0
    back_knee: float = 88.0
    shift: float = 0.0
    lean: float = 3.0
    returns: float = 1.0
    knee_in: float = 0.0

    def figure(self, share: float, front: Side) -> Figure:
        """The posture at a share of the way."""
        shin = THIGH - self.shift
        bottom = ANKLE + sqrt(max(reach(self.knee) ** 2 - shin**2, 100.0))
        back_rise = 4.0
        behind = sqrt(max(reach(self.back_knee) ** 2 - (bottom - ANKLE - back_rise) ** 2, 25.0))
        step = shin + behind
        stepped, sunk = ease(share / 0.45), ease((share - 0.25) / 0.75)
        lift = 9 * sin(pi * stepped)
        if self.reverse:
            front_x, back_x = 0.0, -step * stepped
            front_lift, back_lift = 0.0, lift
            hip_x = -shin * stepped
        else:
            front_x, back_x = step * stepped, 0.0
            front_lift, back_lift = lift, 0.0
            hip_x = behind * stepped
        # As high as the legs allow with the feet apart, then down.
        apart = max(abs(hip_x - back_x), abs(front_x - hip_x))
        high = ANKLE + sqrt(max((0.996 * LEG) ** 2 - apart**2, 0.0))
        hip_y = min(high, STANDING) * (1 - sunk) + bottom * sunk
        back = other(front)
        return Figure(
            at(hip_x, hip_y),
            trunk=90.0 - self.lean * sunk,
            ankles={front: at(front_x, ANKLE + front_lift), back: at(back_x, ANKLE + back_lift + back_rise * sunk)},
            toes={back: -40.0 * sunk},
            knee_in={front: self.knee_in * sunk},
        )

    def motion(self, repeats: Repeats) -> Motion:
        """A set of them."""

        def look(time: float) -> Array:
            i, share = repeats.share(time)
            if self.returns < 1.0 and repeats.lead_in + 0.5 * repeats.seconds < time < repeats.peaks[-1]:
                share = 1.0 - self.returns * (1.0 - share)
            return self.figure(share, self.sides[i % len(self.sides)]).points()

        return Motion(repeats.duration, look, repeats.peaks)


def _on_the_back(hip: Array, feet: Array, raised: float = 0.0) -> Figure:
    """Lying face up with the arms beside the body and both feet in one place, the trunk raised by an angle."""
    return Figure(
        hip,
        trunk=180.0 + raised,
        face=90.0,
        ankles={"left": feet, "right": feet},
        wrists={"left": at(2.0, 4.0, -26.0), "right": at(2.0, 4.0, 26.0)},
        knees=UP,
        elbows=UP,
    )


@dataclass(frozen=True)
class Bridge:
    """How the bridges are done.

    Attributes:
        top: angle shoulder-hip-knee at the top, beyond 180 higher than straight.
        rest_knee: angle of the knee while lying.
        head: cm by which the head is lifted at the top.
        returns: as in `Lunge`.
    """

    top: float = 174.0
    rest_knee: float = 80.0
    head: float = 0.0
    returns: float = 1.0

    def figure(self, raised: float) -> Figure:
        """The posture with the trunk raised by an angle, shoulders and feet staying."""
        shoulder = at(-TORSO, 9.0)
        feet = at(reach(self.rest_knee), ANKLE)
        hip = shoulder + TORSO * direction(raised)
        return _on_the_back(hip, feet, raised)

    def raised_for(self, hip_angle: float) -> float:
        """By how much the trunk is raised at an angle of the hip."""
        low, high = 0.0, 55.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.hip_angle(middle) < hip_angle else (low, middle)
        return low

    def hip_angle(self, raised: float) -> float:
        """Angle shoulder-hip-knee on the front of the body, degrees; beyond 180 the hips are above the line."""
        figure = self.figure(raised)
        knee, _ = bend(figure.hip, figure.ankles["left"], THIGH, SHANK, UP)
        thigh = np.degrees(np.arctan2(knee[1] - figure.hip[1], knee[0] - figure.hip[0]))
        return 180.0 - float(thigh) + raised

    def motion(self, repeats: Repeats) -> Motion:
        """A set of them."""
        top = self.raised_for(self.top)

        def look(time: float) -> Array:
            _, share = repeats.share(time)
            if self.returns < 1.0 and repeats.lead_in + 0.5 * repeats.seconds < time < repeats.peaks[-1]:
                share = 1.0 - self.returns * (1.0 - share)
            points = self.figure(share * top).points()
            points[:11, 1] += self.head * share
            return points

        return Motion(repeats.duration, look, repeats.peaks)


@dataclass(frozen=True)
class DoubleLegLift:
    """Both legs lifted together, lying on the back.

    Attributes:
        top: elevation of the line from hip to ankle at the top, degrees.
        knee: angle of both knees at the top.
    """

    top: float = 70.0
    knee: float = 176.0

    def figure(self, share: float) -> Figure:
        """The posture at a share of the way up."""
        hip = at(0.0, 9.0)
        knee = 176.0 + (self.knee - 176.0) * share
        feet = hip + reach(knee) * direction(self.top * share)
        return _on_the_back(hip, feet)

    def motion(self, repeats: Repeats) -> Motion:
        """A set of them."""
        return Motion(repeats.duration, lambda time: self.figure(repeats.share(time)[1]).points(), repeats.peaks)


@dataclass(frozen=True)
class Plank:
    """A plank, head to the right.

    Attributes:
        hips: signed angle of the hips out of the line from shoulder to ankle: + piked, - sagging.
        knee: angle of the knees.
        high: on the hands instead of the forearms.
        hands: cm by which elbows or hands are ahead of the shoulders.
        head: degrees by which the head hangs.
    """

    hips: float = 6.0
    knee: float = 172.0
    high: bool = False
    hands: float = 0.0
    head: float = 0.0

    def figure(self) -> Figure:
        """The posture."""
        shoulder = at(0.0, 55.0 if self.high else 32.0)
        leg = reach(self.knee)
        length = reach(180.0 - abs(self.hips), TORSO, leg)
        toes = ANKLE + 5.0
        ankle = at(-sqrt(length**2 - (shoulder[1] - toes) ** 2), toes)
        aside = UP if self.hips >= 0 else -UP
        hip, ankle = bend(shoulder, ankle, TORSO, leg, aside)
        along = shoulder - hip
        wrist = at(self.hands, 3.0) if self.high else at(self.hands + 24.0, 3.0)
        return Figure(
            hip,
            trunk=float(np.degrees(np.arctan2(along[1], along[0]))),
            ankles={"left": ankle, "right": ankle},
            wrists={"left": wrist + at(0, 0, -16.0), "right": wrist + at(0, 0, 16.0)},
            knees=-UP,
            elbows=-UP,
            toes={"left": -80.0, "right": -80.0},
            face=-85.0,
        )

    def points(self) -> Array:
        """(33, 3) landmarks."""
        points = self.figure().points()
        if self.head:
            middle = (points[11] + points[12]) / 2
            turn = radians(-self.head)
            offset = points[:11] - middle
            points[:11, 0] = middle[0] + cos(turn) * offset[:, 0] - sin(turn) * offset[:, 1]
            points[:11, 1] = middle[1] + sin(turn) * offset[:, 0] + cos(turn) * offset[:, 1]
        return points

    def motion(self, seconds: float) -> Motion:
        """Held still but for the breath."""
        points = self.points()
        breath = np.zeros_like(points)
        breath[[11, 12, 23, 24], 1] = 0.4

        return Motion(seconds, lambda time: points + breath * sin(2 * pi * time / 4))


def changing(planks: Sequence[tuple[float, Plank]], move_s: float = 0.8) -> Motion:
    """Planks one after the other, each for its seconds, with smooth changes between them."""
    return then(*(plank.motion(seconds) for seconds, plank in planks), blend_s=move_s)


def walking(
    seconds: float, period: float = 1.1, stride: float = 30.0, lift: float = 12.0, travel: float = 0.0
) -> Motion:
    """Walking; the camera goes along unless `travel` (cm a second) says that the figure crosses the picture."""

    def look(time: float) -> Array:
        ankles: dict[Side, Array] = {}
        wrists: dict[Side, Array] = {}
        x = travel * (time - seconds / 2)
        toes: dict[Side, float] = {}
        for side, offset in (("left", 0.0), ("right", 0.5)):
            key: Side = "left" if side == "left" else "right"
            phase = (time / period + offset) % 1.0
            if phase < 0.6:  # on the floor, carried back below the body
                along, height = stride * (1 - 2 * phase / 0.6), 0.0
                toes[key] = -25.0 * max(0.0, (phase - 0.4) / 0.2)
            else:
                swing = (phase - 0.6) / 0.4
                along, height = stride * (2 * ease(swing) - 1), lift * sin(pi * swing)
                toes[key] = -25.0 * (1 - swing)
            ankles[key] = at(x + along, ANKLE + height + 0.15 * abs(toes[key]))
            wrists[other(key)] = at(x + 0.6 * along + 4.0, 90.0)
        hip_y = STANDING - 3.0 - 1.5 * cos(4 * pi * time / period)
        return Figure(at(x, hip_y), trunk=87.0, ankles=ankles, wrists=wrists, toes=toes).points()

    return Motion(seconds, look)


@dataclass(frozen=True)
class Fidget:
    """Somebody who stands and waits: sways, shifts weight, lifts a heel, scratches the head, bends the knees a little."""

    seed: int = 0
    size: float = 1.0
    speeds: tuple[float, ...] = field(default=(0.11, 0.23, 0.37, 0.53))

    def motion(self, seconds: float) -> Motion:
        """For so many seconds."""
        rng = np.random.default_rng(self.seed)
        phases = rng.uniform(0, 2 * pi, (12, len(self.speeds)))
        weights = rng.uniform(0.3, 1.0, (12, len(self.speeds)))

        def wave(which: int, time: float) -> float:
            parts = weights[which] * np.sin(2 * pi * np.array(self.speeds) * time + phases[which])
            return self.size * float(parts.sum() / weights[which].sum())

        def look(time: float) -> Array:
            dip = 4.0 * max(0.0, wave(0, time))
            lifts = [max(0.0, 2.0 * wave(1 + i, time) - 0.8) for i in range(2)]
            hip = at(3 * wave(3, time), STANDING - dip, 2.0 * wave(4, time))
            hand = max(0.0, wave(7, time))
            return Figure(
                hip,
                trunk=90.0 + 5 * wave(5, time),
                ankles={
                    "left": at(2 * wave(8, time), ANKLE + 4 * lifts[0]),
                    "right": at(2 * wave(9, time), ANKLE + 4 * lifts[1]),
                },
                wrists={
                    "left": at(8 + 10 * hand, 88 + 60 * hand, -20),
                    "right": at(6 + 8 * wave(10, time), 90 + 4 * wave(11, time), 20),
                },
                toes={"left": -20 * lifts[0], "right": -20 * lifts[1]},
            ).points()

        return Motion(seconds, look)


def _crouch() -> Figure:
    return Figure(at(-14.0, 42.0), trunk=55.0, ankles={"left": at(0, ANKLE), "right": at(0, ANKLE)})


def _sitting() -> Figure:
    feet = at(60.0, ANKLE)
    return Figure(at(0.0, 10.0), trunk=100.0, ankles={"left": feet, "right": feet})


def _kneeling() -> Figure:
    """On hands and knees, head to the right."""
    feet = at(-40.0, ANKLE)
    return Figure(
        at(0.0, 45.0),
        trunk=8.0,
        ankles={"left": feet, "right": feet},
        wrists={"left": at(50.0, 4.0), "right": at(50.0, 4.0)},
        elbows=-direction(0.0),
        knees=at(1.0, -1.0),
        toes={"left": -70.0, "right": -70.0},
        face=-70.0,
    )


def sitting() -> Figure:
    """On a chair."""
    feet = at(THIGH, ANKLE)
    return Figure(at(0.0, 50.0), trunk=92.0, ankles={"left": feet, "right": feet})


def half_kneeling(shift: float = 0.0) -> Figure:
    """The left knee on the floor, the right foot in front; the hips `shift` cm ahead of the knee."""
    return Figure(
        at(shift, sqrt(THIGH**2 - shift**2) + 4.0),
        ankles={"left": at(-SHANK, ANKLE), "right": at(THIGH, ANKLE)},
        toes={"left": -70.0, "right": 0.0},
    )


def lying_down(seconds: float = 1.2) -> Motion:
    """From standing to lying on the back with the knees up, head to the left."""
    return through([standing(), _crouch(), _sitting(), Bridge().figure(0.0)], seconds)


def standing_up(seconds: float = 1.2) -> Motion:
    """The way back."""
    return through([Bridge().figure(0.0), _sitting(), _crouch(), standing()], seconds)


def going_down(plank: Plank | None = None, seconds: float = 1.2) -> Motion:
    """From standing to a plank, head to the right."""
    return through([standing(), _crouch(), _kneeling(), (plank or Plank()).figure()], seconds)


def getting_up(plank: Plank | None = None, seconds: float = 1.2) -> Motion:
    """The way back."""
    return through([(plank or Plank()).figure(), _kneeling(), _crouch(), standing()], seconds)


def waiting(seconds: float) -> Motion:
    """Standing still."""
    return still(standing(), seconds)


def dwell(figure: Callable[[float], Figure], path: Sequence[tuple[float, float]]) -> Motion:
    """Along a path of (seconds, share) with straight lines between: to hover about a threshold."""
    times = [t for t, _ in path]

    def look(time: float) -> Array:
        for (t0, s0), (t1, s1) in pairwise(path):
            if time <= t1:
                return figure(s0 + (s1 - s0) * (time - t0) / (t1 - t0)).points()
        return figure(path[-1][1]).points()

    return Motion(times[-1], look)


# Figures as a hasty programmer would draw them ----------------------------------------------------------------------


def lazy_lunge(repeats: Repeats, fps: float = 30.0, both_alike: bool = False) -> list[Pose]:
    """The hips stay where they are and the legs fold below them, feet hanging in the air; no head, no hands.

    Args:
        repeats: when.
        fps: pictures a second.
        both_alike: both legs fold in the same way, as in a squat, instead of one to the front and one to the back.
    """
    poses = []
    for i in range(int(repeats.duration * fps) + 1):
        _, share = repeats.share(i / fps)
        turn = 90.0 * share
        hip, shoulder = np.array([640.0, 380.0]), np.array([640.0, 220.0])
        points = np.full((33, 2), np.nan)
        points[[11, 12]], points[[23, 24]] = shoulder, hip

        def down(angle: float) -> Array:
            return 130.0 * np.array([sin(radians(angle)), cos(radians(angle))])

        points[26] = hip + down(turn if not both_alike else turn / 2)
        points[28] = points[26] + down(0.0 if not both_alike else -turn / 2)
        points[25] = hip + down(0.0 if not both_alike else turn / 2)
        points[27] = points[25] + down(-turn if not both_alike else -turn / 2)
        poses.append(Pose(i / fps, points, np.where(np.isnan(points[:, 0]), 0.0, 0.9), (1280, 720)))
    return poses


def lazy_bridge(repeats: Repeats, fps: float = 30.0, about_hips: bool = False) -> list[Pose]:
    """Shoulders, knees and feet stay and the hips go up between them, whatever the bones say; a face of three points.

    Args:
        repeats: when.
        fps: pictures a second.
        about_hips: the hips stay instead and the trunk turns about them, down through the floor.
    """
    poses = []
    for i in range(int(repeats.duration * fps) + 1):
        _, share = repeats.share(i / fps)
        hip, shoulder, knee = np.array([640.0, 500.0]), np.array([480.0, 500.0]), np.array([723.0, 400.0])
        if about_hips:
            shoulder = hip + 160 * np.array([-cos(radians(50 * share)), sin(radians(50 * share))])
        else:
            hip = hip - np.array([0.0, 75.0 * share])
        along = (shoulder - hip) / np.linalg.norm(shoulder - hip)
        points = np.full((33, 2), np.nan)
        points[[11, 12]], points[[23, 24]], points[[25, 26]] = shoulder, hip, knee
        points[[27, 28]] = knee + np.array([84.0, 100.0])
        points[[7, 8]] = shoulder + 45 * along
        points[0] = points[7] + 35 * np.array([-along[1], along[0]])
        poses.append(Pose(i / fps, points, np.where(np.isnan(points[:, 0]), 0.0, 0.9), (1280, 720)))
    return poses
