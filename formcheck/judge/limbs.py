"""Guard against legs that change their length as no leg can.

Where a leg lies over something, or for no reason that can be seen, the pose model puts a knee or an ankle somewhere
else for a few pictures, at full confidence: in the picture the shank is suddenly half as long. A leg that turns towards
the camera gets shorter, too, but not from one picture to the next, and not where the exercise is done in the plane of
the picture. Such a leg is not seen until it is back; if it stays as it is, it is believed after about half a second.
"""

from __future__ import annotations

from math import hypot, nan

Rows = list[list[float]]

LEGS = ((23, 25, 27, 29, 31), (24, 26, 28, 30, 32))
"""Hip, knee, ankle, heel and toe, left and right. Of a leg that is not believed all but the hip is not seen."""

STEP_S = 0.15
"""Pictures further apart than this say nothing: in that time a leg may well turn towards the camera."""

JITTER = 0.15
"""Share of a thigh's length by which a limb may get shorter beyond what it was about to, in no time at all ..."""

RATE = 0.8
"""... and by how much more a second [J]. Wrong knees of rendered people jump by 0.25 and more from one picture to the
next; no leg of the recordings that is followed well is doubted, and none of a stick figure that lunges in 0.8 s."""

LONGEST = 1.1
"""A limb that seems to be longer is remembered as this long, in thigh lengths: the excess may be lost at once."""

SPEED_S = 0.1
"""Over about this time it is known how fast a limb is getting shorter."""


class LimbGuard:
    """Tells which legs of a pose are not to be believed."""

    def __init__(self) -> None:
        self._limbs = [(_Limb(), _Limb()) for _ in LEGS]
        self._time = -1e9

    def update(self, time: float, rows: Rows, thigh: float, from_side: bool) -> list[int]:
        """The landmarks that are not to be believed in this pose, if any.

        Args:
            time: seconds.
            rows: the 33 points as plain lists, left and right in order.
            thigh: its length in pixels.
            from_side: whether legs that move in one plane are seen from the side; others may turn to the camera.
        """
        if not thigh > 0:
            return []
        compare = from_side and time - self._time <= STEP_S
        self._time = time
        wrong: list[int] = []
        for (hip, knee, ankle, *foot), limbs in zip(LEGS, self._limbs, strict=True):
            lengths = [min(_distance(rows[a], rows[b]) / thigh, LONGEST) for a, b in ((hip, knee), (knee, ankle))]
            pairs = list(zip(limbs, lengths, strict=True))
            if compare and any(limb.shrinks(time, length) for limb, length in pairs):
                wrong += (knee, ankle, *foot)
            else:
                for limb, length in pairs:
                    limb.believe(time, length, new=not compare)
        return wrong

    def reset(self) -> None:
        """Forgets the past, for a scene cut."""
        self.__init__()  # type: ignore[misc]


class _Limb:
    """The length of one limb, in thigh lengths, as it was when it was believed last."""

    def __init__(self) -> None:
        self._time = 0.0
        self._length = nan
        self._speed = 0.0

    def shrinks(self, time: float, length: float) -> bool:
        """Whether it is shorter now than a limb can have become; never if it was not seen before, or is not now."""
        since = time - self._time
        expected = self._length + min(self._speed, 0.0) * min(since, SPEED_S)
        return expected - length > JITTER + RATE * since

    def believe(self, time: float, length: float, new: bool) -> None:
        """Takes a length for true; a new one has nothing to do with those before."""
        since = time - self._time
        if new or self._length != self._length:
            self._speed = 0.0
        elif length == length:
            self._speed += ((length - self._length) / since - self._speed) * since / (since + SPEED_S)
        if length == length:
            self._time, self._length = time, length


def _distance(a: list[float], b: list[float]) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])
