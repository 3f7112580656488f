"""More movements of the stick figure, for recognition and learning: a squat, a leg lift, an arm raise."""

from __future__ import annotations

from math import sqrt

from motions import Motion, Repeats
from stick_figure import ANKLE, LEG, SIDES, STANDING, TORSO, UP, Array, Figure, at, direction, other, reach

from formcheck.pose import Side


def squat(repeats: Repeats, knee: float = 90.0, lean: float = 35.0) -> Motion:
    """Squats down to an angle of the knees; the trunk leans forward by so many degrees."""
    back = 20.0
    bottom = ANKLE + sqrt(reach(knee) ** 2 - back**2)

    def look(time: float) -> Array:
        _, share = repeats.share(time)
        hip = at(-back * share, STANDING + (bottom - STANDING) * share)
        ahead = {side: hip + at(45.0 * share, 10.0 + 15.0 * share) for side in SIDES}
        feet = {side: at(0.0, ANKLE) for side in SIDES}
        return Figure(hip, trunk=90.0 - lean * share, ankles=feet, wrists=ahead).points()

    return Motion(repeats.duration, look, repeats.peaks)


def leg_lift(repeats: Repeats, top: float = 65.0, side: Side = "right", other_knee: float = 180.0) -> Motion:
    """Lying on the back, head to the left, one straight leg goes up to an angle and comes down.

    The other one lies straight, or has its knee bent to an angle and the foot on the floor.
    """

    def look(time: float) -> Array:
        _, share = repeats.share(time)
        hip = at(0.0, 9.0)
        long = 0.999 * LEG
        resting = hip + at(long, 0.0) if other_knee >= 180 else at(reach(other_knee), ANKLE)
        ankles = {side: hip + long * direction(top * share), other(side): resting}
        wrists = {s: hip + at(2.0, -4.0) for s in SIDES}
        return Figure(hip, trunk=180.0, face=90.0, ankles=ankles, wrists=wrists, knees=UP, toes={side: 90.0}).points()

    return Motion(repeats.duration, look, repeats.peaks)


def arm_raise(repeats: Repeats, top: float = 90.0) -> Motion:
    """Standing, both straight arms go up to the front by an angle: an exercise that has no template."""

    def look(time: float) -> Array:
        _, share = repeats.share(time)
        hip = at(0.0, STANDING)
        shoulder = hip + TORSO * UP
        wrists = {s: shoulder + 55.0 * direction(-90.0 + top * share) for s in SIDES}
        return Figure(hip, ankles={s: at(0.0, ANKLE) for s in SIDES}, wrists=wrists, elbows=-UP).points()

    return Motion(repeats.duration, look, repeats.peaks)
