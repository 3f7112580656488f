"""Whether the pose model has strayed from the body that it follows.

It looks for the person where it saw them in the picture before. Once that was wrong, as when somebody gets down on
hands and knees and a leg is taken for an arm, it may stay wrong for as long as they stay: it looks at the wrong place,
and so finds the wrong thing there. Found afresh in the same picture, they are seen right. So both are compared.

In 72 rendered sets of six floor exercises, looked at every 0.4 s, the two were further apart than `STRAYED` in 58 of
2,582 pictures; there the followed pose was 0.53 trunk lengths off the exact joints, the fresh one 0.31, and nearer in
50. Where they are less far apart neither is better: crossed legs are read now so, now so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import hypot, inf

from formcheck.pose import Pose

CHECK_S = 0.5
"""How often to look, where the body is not as it was seen right before: a look is two runs of the networks."""

PLACES = 4
"""Ways to be that were seen right: who goes between them, as in every repetition, is not looked at anew."""

STRAYED = 0.3
"""Trunk lengths that a followed pose and one found afresh are apart, on average, where the followed one is wrong."""

SOMEBODY_ELSE = 1.0
"""Trunk lengths from which on they are two people: of one, they were at most 0.9 apart in those sets."""

ALIKE = 0.1
"""Trunk lengths that they are apart at most where the view can be read well: 0.01 to 0.05, as a rule. In some, as of
hands and knees from straight ahead, it is 0.1 to 0.25 at rest and more in between: there neither is to be believed."""

WELL_S = 1.0
"""So long both must have been alike ..."""

LATELY_S = 5.0
"""... not longer ago than this, before the model is taken to have strayed."""

_JOINTS = ((11, 12), (23, 24), (25, 26), (27, 28))
"""Shoulders, hips, knees, ankles; left and right."""


class Straying:
    """Follows how well the model follows a person, from when it found that person on."""

    def __init__(self) -> None:
        self._checked_at = -inf
        self._alike_since: float | None = None
        self._well_at = -inf
        self._right: deque[Pose] = deque(maxlen=PLACES)

    def wants_look(self, followed: Pose) -> bool:
        """Whether the person is to be found afresh now."""
        if 0 <= followed.time - self._checked_at < CHECK_S:
            return False
        if not any(_apart(followed, pose) <= STRAYED for pose in self._right):
            return True
        self._checked_at = followed.time
        self._take_note(followed.time, alike=True)
        return False

    def look(self, followed: Pose, found: Sequence[Pose]) -> Pose | None:
        """The pose found afresh of the body that the model has strayed from; None if it is not known to have.

        Args:
            followed: the pose of the person whom the model follows.
            found: everybody found afresh in the same picture. Of several people another one could be taken up.
        """
        time = self._checked_at = followed.time
        if len(found) != 1 or not found[0].seen or not followed.seen:
            return None
        apart = _apart(followed, found[0])
        self._take_note(time, alike=apart <= ALIKE)
        if apart <= ALIKE:
            self._right.append(followed)
        if not STRAYED < apart < SOMEBODY_ELSE or time - self._well_at > LATELY_S:
            return None
        self._well_at = -inf
        return found[0]

    def _take_note(self, time: float, alike: bool) -> None:
        if not alike:
            self._alike_since = None
        elif self._alike_since is None:
            self._alike_since = time
        elif time - self._alike_since >= WELL_S:
            self._well_at = time


def _apart(a: Pose, b: Pose) -> float:
    """Mean distance of the joints, in lengths of the longer trunk. Left and right exchanged is no distance."""
    ours, theirs = a.points.tolist(), b.points.tolist()
    total = 0.0
    for left, right in _JOINTS:
        straight = _between(ours[left], theirs[left]) + _between(ours[right], theirs[right])
        across = _between(ours[left], theirs[right]) + _between(ours[right], theirs[left])
        total += min(straight, across)
    return total / (2 * len(_JOINTS)) / max(_trunk(ours), _trunk(theirs), 1.0)


def _between(a: Sequence[float], b: Sequence[float]) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])


def _trunk(points: Sequence[Sequence[float]]) -> float:
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = (points[i] for pair in _JOINTS[:2] for i in pair)
    return hypot(x1 + x2 - x3 - x4, y1 + y2 - y3 - y4) / 2
