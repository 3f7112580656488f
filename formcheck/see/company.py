"""Who of several people in the picture exercises.

The pose model follows one person, and keeps to whom it found first: that may be the trainer behind, or a child who
walks by. So everybody is looked for when it matters: when a person has just been found, when the person followed
jumps, does not get into the exercise's posture, or has company. `Company` holds the judgement alone; finding and
following people is the estimator's (`formcheck.see.estimator`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, inf

import numpy as np
from numpy.typing import NDArray

from formcheck.pose import Landmark, Pose

_TORSO = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
_TORSO_INDICES = list(_TORSO)
_EXCHANGED = (1, 0, 3, 2)
"""The corners with left and right exchanged."""

FIRST_LOOK_S = 0.5
"""A person is followed for this long before the first look around: the model needs a few frames to settle."""

MISFIT_S = 3.0
"""How often to look around while nobody is in the posture of the exercise, or, if that is not known, on the floor. More
often in the beginning: somebody on the floor is not found in every picture, and may begin at once.
"""

COMPANY_S = 0.5
"""How often to look around while somebody else is there; a walking person goes about 0.6 m in that time."""

MEMORY_S = 3.0
"""Somebody seen this long ago may still be there: people behind others are found in one look and not in the next."""

SOONEST_S = 0.2
"""The shortest time between two looks, whatever happens."""

SAME = 0.45
"""Poses are of the same person if their trunks' corners are at most this far apart on average, in trunk lengths. Two
estimates of one person differ by up to 0.15; two people one behind the other, one of them upright, by 0.5 and more."""

PLACES = 4
"""Places remembered of the last looks: whoever moves between them, as in every repetition, is not looked at anew."""

SHOULDERS = 1.4
"""Lengths of a trunk in widths of its shoulders, as the pose model has them from the front."""

ALIKE = 0.35
"""Two people within this score cannot be told apart by it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look around led to.

    Attributes:
        exerciser: the pose of the person who exercises; None if only others are seen.
        lost: whether the model follows somebody else, and should be made to let go.
    """

    exerciser: Pose | None
    lost: bool


@dataclass(frozen=True, slots=True)
class Together:
    """How long others were in the picture.

    Attributes:
        total_s: seconds that others were seen for.
        unsure_s: seconds of it in which two people fitted equally well.
    """

    total_s: float = 0.0
    unsure_s: float = 0.0

    def __add__(self, other: Together) -> Together:
        return Together(self.total_s + other.total_s, self.unsure_s + other.unsure_s)

    def notes(self) -> tuple[str, ...]:
        """What the person who reads the report should know about it."""
        if self.total_s < 1.0:
            return ()
        seconds = f"for about {self.total_s:.0f} s"
        note = f"Somebody else was in the picture {seconds}; the person who exercises was followed."
        if self.unsure_s > 0.25 * self.total_s:
            note = (
                f"Two people were in the picture {seconds}, and it was not clear who exercises; the nearer, more "
                "central one was followed. Let only one person be seen, to be sure."
            )
        return (note,)


class Company:
    """Tells the person who exercises from others, in one video.

    The nearest, most central person in the posture of the exercise is chosen, and kept unless somebody else fits
    clearly better in two looks one after the other.

    Args:
        upright: whether the exercise is done with an upright trunk; None if that is not known.

    Attributes:
        others: everybody else at the last look.
        together: how long others were seen for.
    """

    def __init__(self, upright: bool | None = None) -> None:
        self.together = Together()
        self._upright = upright
        self.leave()

    def leave(self) -> None:
        """Forgets everybody, as at a cut to another scene."""
        self.others: tuple[Pose, ...] = ()
        self._exerciser: Pose | None = None  # as last seen
        self._found_at: float | None = None
        self._looked: deque[Pose] = deque(maxlen=PLACES)  # the exerciser at the last looks, each in another place
        self._looked_at: float | None = None
        self._rival: Pose | None = None  # fitted better at the last look
        self._others_at: float | None = None

    def wants_look(self, followed: Pose) -> bool:
        """Whether to look for everybody now, given the pose of the person whom the model follows."""
        time = followed.time
        if not followed.seen:
            return bool(self.others) and self._since_look(time) >= COMPANY_S
        if self._found_at is None:
            self._found_at = time
        since = self._since_look(time)
        if since < SOONEST_S:
            return False
        # Of an unknown exercise: who stands may only be looking on, of somebody on the floor who was not found so far.
        fits = not _is_upright(followed) if self._upright is None else self._fits(followed)
        if self._looked_at is None:
            return time - self._found_at >= (FIRST_LOOK_S if fits else SOONEST_S)
        if self.others:
            return since >= COMPANY_S or self._is_other(followed) or (self._rival is not None and not fits)
        if self._others_at is not None and time - self._others_at <= MEMORY_S and since >= COMPANY_S:
            return True
        if self._looked and not _same(followed, self._looked[-1], 2 * SAME):
            # It has gone far since the last look: the same person in motion, or another one.
            if self._exerciser is None or not _same(followed, self._exerciser, SAME):
                return True
            if since >= MISFIT_S and not any(_same(followed, place, 2 * SAME) for place in self._looked):
                return True
        return not fits and since >= min(MISFIT_S, max(COMPANY_S, (time - self._found_at) / 4))

    def look(self, people: Sequence[Pose], followed: Pose) -> Seen:
        """Takes note of everybody in a picture.

        Args:
            people: everybody found, in any order.
            followed: the pose of the person whom the model follows, maybe absent.
        """
        if self._found_at is None:
            self._found_at = followed.time
        since = min(self._since_look(followed.time), followed.time - self._found_at, MISFIT_S)
        candidates = _distinct(([followed] if followed.seen else []) + [p for p in people if p.seen])
        self._looked_at = followed.time
        if not candidates:
            self.others = ()
            return Seen(None, lost=False)
        largest = max(1.0, *(_extent(p) for p in candidates))
        ranked = sorted(candidates, key=lambda p: self._score(p, largest), reverse=True)
        best = ranked[0]
        before = self._of_before(candidates) if self._looked else None
        if before is None and self._is_missed(candidates, best, followed.time):
            self.others = tuple(candidates)
            return Seen(None, lost=followed.seen)
        if before is not None and best is not before:
            confirmed = self._rival is not None and _same(best, self._rival, 2 * SAME)
            self._rival = best
            if not confirmed:
                best = before
        else:
            self._rival = None
        if len(candidates) > 1:
            self._others_at = followed.time
            rest = [p for p in ranked if p is not best]
            alike = abs(self._score(best, largest, False) - self._score(rest[0], largest, False)) < ALIKE
            self.together += Together(since, since if alike else 0.0)
        self._exerciser = best
        self._looked = deque((p for p in self._looked if not _same(p, best, SAME)), maxlen=PLACES)
        self._looked.append(best)
        self.others = tuple(p for p in candidates if p is not best)
        return Seen(best, lost=followed.seen and best is not candidates[0])

    def is_exerciser(self, followed: Pose) -> bool:
        """Whether the model still follows the person who exercises; takes note of where that person is now."""
        if not followed.seen:
            return True
        if self._is_other(followed):
            return False
        self._exerciser = followed
        return True

    def notes(self) -> tuple[str, ...]:
        """What the person who reads the report should know about it."""
        return self.together.notes()

    def hide_others(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture with everybody else painted over, except where they overlap with the person who exercises."""
        if not self.others or self._exerciser is None:
            return image
        import cv2

        hidden = np.zeros(image.shape[:2], np.uint8)
        for other in self.others:
            _fill(hidden, other, 0.35, 255)
        _fill(hidden, self._exerciser, 0.25, 0)
        painted = image.copy()
        painted[hidden > 0] = cv2.mean(image[::8, ::8])[:3]
        return painted

    def _score(self, pose: Pose, largest: float, loyal: bool = True) -> float:
        width = pose.size[0]
        x = float(np.mean(pose.points[_TORSO_INDICES, 0]))
        score = 2.0 if self._fits(pose) else 0.0
        if self._upright is None and not _is_upright(pose):
            score += 1.0  # who is down on the floor is more likely to exercise than who stands by
        score += _extent(pose) / largest + 0.5 * (1.0 - min(1.0, abs(2.0 * x / width - 1.0)))
        # Whom the model found first was not chosen: only a look around chooses.
        if loyal and self._looked and self._exerciser is not None and _same(pose, self._exerciser, 2 * SAME):
            score += 0.75
        return score

    def _is_other(self, followed: Pose) -> bool:
        """Whether a pose is that of one of the others."""
        if not self.others:
            return False
        nearest_other = min(_apart(followed, other) for other in self.others)
        own = _apart(followed, self._exerciser) if self._exerciser is not None else inf
        return own > nearest_other and nearest_other < SAME

    def _of_before(self, candidates: Sequence[Pose]) -> Pose | None:
        """The candidate who was the exerciser so far."""
        if self._exerciser is None:
            return None
        near = min(candidates, key=lambda p: _apart(p, self._exerciser))  # type: ignore[arg-type]
        return near if _same(near, self._exerciser, 2 * SAME) else None

    def _is_missed(self, candidates: Sequence[Pose], best: Pose, time: float) -> bool:
        """Whether the person who exercises is only not found for the moment, although others are.

        Nobody takes the place who does not fit, nor who was there before as somebody else, as a trainer who stands by
        somebody who squats: for as long as people are remembered.
        """
        if self._exerciser is None or not self.others:
            return False
        if not self._fits(best):
            return True
        known = all(any(_same(each, other, 2 * SAME) for other in self.others) for each in candidates)
        return known and time - self._exerciser.time <= MEMORY_S

    def _fits(self, pose: Pose) -> bool:
        if self._upright is None:
            return True
        return _is_upright(pose) == self._upright

    def _since_look(self, time: float) -> float:
        return inf if self._looked_at is None else time - self._looked_at


def _corners(pose: Pose) -> list[list[float]]:
    """Shoulders and hips; plain numbers, because so few are faster without numpy."""
    corners: list[list[float]] = pose.points[_TORSO_INDICES].tolist()
    return corners


def _apart(a: Pose, b: Pose) -> float:
    """Mean distance of the trunks' corners in lengths of the longer trunk; sides may be swapped."""
    ours, theirs = _corners(a), _corners(b)
    length = max(_length(ours), _length(theirs), 1.0)
    distance = min(
        sum(hypot(x1 - x2, y1 - y2) for (x1, y1), (x2, y2) in zip(ours, order, strict=True))
        for order in (theirs, [theirs[i] for i in _EXCHANGED])
    )
    return distance / len(ours) / length if distance == distance else inf


def _is_upright(pose: Pose) -> bool:
    """Whether the trunk is within 45 degrees of vertical, as the postures of the templates have it."""
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = _corners(pose)
    return y3 + y4 - y1 - y2 > abs(x1 + x2 - x3 - x4)


def _same(a: Pose, b: Pose, limit: float) -> bool:
    return _apart(a, b) <= limit


def _trunk(pose: Pose) -> float:
    return _length(_corners(pose))


def _length(corners: Sequence[Sequence[float]]) -> float:
    """Of the trunk; of one that points at the camera, as wide shoulders have it."""
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = corners
    return max(hypot(x1 + x2 - x3 - x4, y1 + y2 - y3 - y4) / 2, SHOULDERS * hypot(x1 - x2, y1 - y2))


def _extent(pose: Pose) -> float:
    """Diagonal of the box around the landmarks, pixels."""
    low, high = np.nanmin(pose.points, axis=0), np.nanmax(pose.points, axis=0)
    return float(np.hypot(*(high - low)))


def _distinct(poses: Sequence[Pose]) -> list[Pose]:
    """Without further sightings of the same person; the first of each stays."""
    kept: list[Pose] = []
    for pose in poses:
        if all(not _same(pose, other, SAME) for other in kept):
            kept.append(pose)
    return kept


def _fill(mask: NDArray[np.uint8], pose: Pose, margin: float, value: int) -> None:
    """Fills the outline of a person, `margin` trunk lengths wider."""
    import cv2

    seen = pose.points[np.isfinite(pose.points).all(axis=1)]
    outline = cv2.convexHull(np.clip(seen, -1e4, 1e4).astype(np.int32))
    cv2.fillConvexPoly(mask, outline, value)
    wide = max(1, round(2 * margin * _trunk(pose)))
    for (start,), (end,) in pairwise([*outline, outline[0]]):
        cv2.line(mask, start.tolist(), end.tolist(), value, wide)
