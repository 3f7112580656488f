"""Puts the readings of a moment where they are in the picture.

The band of good form lies where the second limb, or the segment, has to be: a limb inside the band is a good angle,
which can be seen without reading a number.
"""

from __future__ import annotations

from math import atan2, degrees, hypot, nan

from formcheck.judge.moment import Moment, Reading
from formcheck.judge.template import Measure
from formcheck.pose import Landmark
from formcheck.show.angle import Angle, Spot
from formcheck.show.joints import Joints, Mark
from formcheck.show.opening import Tilt, opening_of, tilt_of
from formcheck.show.skeleton import Points

_PLAIN_BEND = 12.0
"""Degrees from straight beyond which it is plain to which side a joint bends."""

_PLAIN_TILT = 4.0
"""Degrees of tilt beyond which it is plain to which side a segment tilts."""


class Protractor:
    """Places one measure, again and again; remembers to which side the joint bends, or the segment tilts.

    Args:
        measure: of the template.
        joints: of the template.
        line: thickness of the skeleton's lines, pixels.
    """

    def __init__(self, measure: Measure, joints: Joints, line: int) -> None:
        self._opening = opening_of(measure)
        self._tilt = tilt_of(measure)
        self._targeted = measure.target is not None
        self._joints = joints
        self._line = line
        self._sense = 0.0

    def place(self, reading: Reading, moment: Moment, points: Points) -> Angle | None:
        """Where a reading is to be drawn; None if its joint or its limbs are not in the picture."""
        at = _spot(points, reading.at)
        if at[0] != at[0]:
            return None
        numbered = reading.target is not None or not self._targeted
        if reading.arms is not None:
            return self._between(reading, at, *(_spot(points, mark) for mark in reading.arms), numbered=numbered)
        if not numbered:
            return None
        bare = Angle(reading, at, 0.0, None, None, None, at, 2.0 * self._line, -90.0)
        return bare if self._tilt is None else self._of_segment(bare, self._tilt, moment, points)

    def _between(self, reading: Reading, joint: Spot, first: Spot, second: Spot, *, numbered: bool) -> Angle | None:
        """The angle between two limbs."""
        lengths = [hypot(end[0] - joint[0], end[1] - joint[1]) for end in (first, second)]
        if not all(length >= 1 for length in lengths):
            return None
        start, end = _direction(joint, first), _direction(joint, second)
        sweep, sense = self._sweep((end - start) % 360, first[0] < second[0])
        band = None
        if self._opening and reading.target:
            least, most = self._opening.angles(reading.target)
            band = start + sense * least, start + sense * most
        radius = min(max(0.42 * min(lengths), 5.0 * self._line), 13.0 * self._line)
        arc = start, start + sense * sweep
        reach = radius + (5.5 if band else 1.5) * self._line
        return Angle(reading, joint, radius, arc, band, None, joint, reach, sum(arc) / 2 + 180, numbered)

    def _sweep(self, turn: float, rightwards: bool) -> tuple[float, float]:
        """Degrees from the first limb to the second, and in which sense they are counted."""
        if self._opening and self._opening.signed:
            sense = 1.0 if rightwards else -1.0  # over the top
            return (turn if sense > 0 else 360 - turn), sense
        sense = 1.0 if turn <= 180 else -1.0
        if self._sense and sense != self._sense and abs(turn - 180) < _PLAIN_BEND:
            sense = self._sense
        self._sense = sense
        return (turn if sense > 0 else 360 - turn), sense

    def _of_segment(self, bare: Angle, tilt: Tilt, moment: Moment, points: Points) -> Angle:
        """The tilt of a segment; `bare` without an arc if the segment is not in the picture."""
        pivot, end = (_spot(points, self._joints.mark(name, moment)) for name in (tilt.pivot, tilt.end))
        length = hypot(end[0] - pivot[0], end[1] - pivot[1])
        if not length >= 1:
            return bare
        reading = bare.reading
        direction = _direction(pivot, end)
        if tilt.upright:
            start = -90.0
            actual = (direction + 270) % 360 - 180  # clockwise from the vertical
            sense = self._tilt_sense(tilt, reading.value, actual, points)
        else:
            rightwards = end[0] >= pivot[0]
            start, sense = (0.0, -1.0) if rightwards else (180.0, 1.0)
            actual = (direction - start + 180) % 360 - 180
        band = None
        if reading.target:
            least, most = tilt.tilts(reading.target)
            band = start + sense * least, start + sense * most
        radius = min(max(0.6 * length, 5.0 * self._line), 24.0 * self._line)
        arc = start, start + actual
        return Angle(reading, pivot, radius, arc, band, end, bare.anchor, bare.reach, bare.outward)

    def _tilt_sense(self, tilt: Tilt, value: float, actual: float, points: Points) -> float:
        """+1 if the measure grows with a tilt to the right of the picture, else -1."""
        measured = tilt.tilt(value)
        if tilt.unsigned:
            if not self._sense or abs(actual) > _PLAIN_TILT:
                self._sense = 1.0 if actual >= 0 else -1.0
        elif abs(actual) > _PLAIN_TILT and abs(measured) > _PLAIN_TILT:
            self._sense = 1.0 if actual * measured > 0 else -1.0
        elif not self._sense:
            nose, ears = points[Landmark.NOSE, 0], points[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR], 0]
            return -1.0 if bool(nose < ears.mean()) else 1.0
        return self._sense


def _direction(start: Spot, end: Spot) -> float:
    return degrees(atan2(end[1] - start[1], end[0] - start[0]))


def _spot(points: Points, mark: Mark) -> Spot:
    """A landmark, or the point halfway between two, or the one of the two that is seen; NaN if none is."""
    seen = [points[i] for i in mark if points[i, 0] == points[i, 0]]
    if not seen:
        return nan, nan
    return float(sum(p[0] for p in seen) / len(seen)), float(sum(p[1] for p in seen) / len(seen))
