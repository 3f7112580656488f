"""From where the camera looks at the person: view, near side, directions. All of it from geometry and visibility.

Thresholds follow sections 2.3 and 2.5 of the exercise specification.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import exp, hypot, nan
from typing import Literal

from formcheck.judge.body import ANKLE, EAR, HEEL, HIP, KNEE, SHOULDER, TOE, Body
from formcheck.judge.geometry import middle
from formcheck.pose import Side, opposite

ViewKind = Literal["side", "oblique", "front", "unknown"]

SIDE_BELOW = 0.35
FRONT_ABOVE = 0.55
BREADTH = 0.74
"""Shoulder ratio of somebody seen straight from the front, the median of labelled pictures."""

ALONG_ABOVE = 1.6
"""The longer of thigh and shank in trunk lengths, of people who lie: 0.8–1.3 at the median from the side and obliquely,
1.7 and more from within 30 degrees of the feet (measured on recordings and rendered people)."""

BLUR = 0.02
"""A view changes only when the ratio is this far beyond the border."""

WINDOW_S = 1.0
_REFRESH_S = 0.1

NEAR_MARGIN = 0.15
NEAR_PATIENCE_S = 1.0
_TIE = 0.02
_MEMORY_S = 0.5

AWAY_S = 5.0
"""Who was not seen for this long, and did nothing, may come back elsewhere, turned round or with the other side."""


@dataclass(frozen=True, slots=True)
class View:
    """How the camera sees the person.

    Attributes:
        kind: "side", "oblique", "front" (also from behind) or "unknown".
        ratio: width of the shoulders in trunk lengths: 0.05–0.09 in a true side view, 0.25 at 20 degrees off, 0.37 at
            30, about 0.74 from the front. For people who lie it is what they would show standing. Median of the last
            second.
        near: the side of the body nearer to the camera.
        along: whether the camera looks along the body of somebody who lies, from the feet or the head. What the pose
            model finds then is wrong, however sure it is.
    """

    kind: ViewKind
    ratio: float
    near: Side
    along: bool = False


class ViewMeter:
    """Follows view, near side and directions of a track and writes them into each `Body`.

    Args:
        lies: whether the exercise is done lying, so that the camera must not look along the body.
    """

    def __init__(self, lies: bool = False) -> None:
        self._lies = lies
        self._legs: deque[tuple[float, float]] = deque()
        self._along = False
        self._ratios: deque[tuple[float, float]] = deque()
        self._refreshed = -1e9
        self.kind: ViewKind = "unknown"
        """View of the last pose."""
        self._ratio = nan
        self._near: Side | None = None
        self._other_better_since: float | None = None
        self._scores = [nan, nan]
        self._facing = self._forward_y = self._headward = self._front = 0.0
        self._time: float | None = None

    def update(self, body: Body, left_score: float, right_score: float, frozen: bool) -> View:
        """View of this pose; fills `near`, `far`, `facing`, `headward` and `ahead` of the body.

        Args:
            body: the pose.
            left_score: lowest visibility among the joints that the exercise needs, on the left.
            right_score: the same on the right.
            frozen: keep the near side and the kind of view as they are, during a repetition.
        """
        dt = 0.0 if self._time is None else body.time - self._time
        self._time = body.time
        if dt >= AWAY_S and not frozen:
            self._near = self._other_better_since = None
        fresh = 1.0 if not 0 < dt < 1 else 1.0 - exp(-dt / _MEMORY_S)
        self._directions(body, fresh)
        self._measure_ratio(body, frozen)
        near = self._choose_near(body, left_score, right_score, fresh, frozen)
        body.set_near(near)
        body.along = self._along
        return View(self.kind, self._ratio, near, self._along)

    def reset(self) -> None:
        """Forgets the past, for a scene cut."""
        self.__init__(self._lies)  # type: ignore[misc]

    def _directions(self, body: Body, fresh: float) -> None:
        shoulder, hip = body.middle(SHOULDER), body.middle(HIP)
        size = hypot(shoulder[0] - hip[0], shoulder[1] - hip[1]) or 1.0
        left, right = body.left, body.right
        ear = middle(left[EAR], right[EAR])
        forward = [
            left[TOE][0] - left[HEEL][0] + right[TOE][0] - right[HEEL][0],
            2 * (body.nose[0] - ear[0]),
        ]
        self._facing = _blend(self._facing, sum(f for f in forward if f == f) / size, fresh)
        self._headward = _blend(self._headward, (shoulder[0] - hip[0]) / size, fresh)
        self._front = _blend(self._front, (left[SHOULDER][0] - right[SHOULDER][0]) / size, fresh)
        bend = [down for side in (left, right) if (down := side[KNEE][1] - (side[HIP][1] + side[ANKLE][1]) / 2) == down]
        down = (2 * (body.nose[1] - ear[1]) + sum(bend)) / size
        self._forward_y = _blend(self._forward_y, down, fresh)
        body.facing = 1.0 if self._facing >= 0 else -1.0
        body.headward = 1.0 if self._headward >= 0 else -1.0
        if self.kind == "front":
            # Whoever faces the camera steps towards it: further down in the picture.
            body.ahead_x, body.ahead_y = 0.0, 1.0 if self._front >= 0 else -1.0
        else:
            body.ahead_x, body.ahead_y = body.facing, 0.0

    def _measure_ratio(self, body: Body, frozen: bool) -> None:
        left, right = body.left[SHOULDER], body.right[SHOULDER]
        shoulder, hip = middle(left, right), body.middle(HIP)
        ax, ay = shoulder[0] - hip[0], shoulder[1] - hip[1]
        torso = hypot(ax, ay)
        if torso > 0:
            dx, dy = left[0] - right[0], left[1] - right[1]
            across, along = abs(dx * ay - dy * ax) / torso**2, abs((dx * ax + dy * ay) * ax) / torso**3
            # Somebody who stands turns the shoulders alone towards the camera. Somebody who lies turns the trunk along
            # with them: it looks shorter, and the shoulders spread along it, by the tangent instead of the sine. Only
            # what is level counts of that: a low or high lens spreads them upright, from whichever side it looks.
            ratio = hypot(across, along * BREADTH / hypot(along, BREADTH))
            if ratio == ratio:
                self._ratios.append((body.time, ratio))
        ratios = self._ratios
        while ratios and body.time - ratios[0][0] > WINDOW_S:
            ratios.popleft()
        if not ratios or (body.time - self._refreshed < _REFRESH_S and self.kind != "unknown"):
            return
        self._refreshed = body.time
        if self._lies:
            self._look_along(body, torso)
        ordered = sorted(r for _, r in ratios)
        self._ratio = ratio = ordered[len(ordered) // 2]
        if frozen:
            return
        side_below = SIDE_BELOW + (BLUR if self.kind == "side" else -BLUR)
        front_above = FRONT_ABOVE - (BLUR if self.kind == "front" else -BLUR)
        self.kind = "side" if ratio < side_below else "front" if ratio > front_above else "oblique"

    def _look_along(self, body: Body, torso: float) -> None:
        """Whether the trunk looks too short for the legs."""
        segments = ((s[a], s[b]) for s in (body.left, body.right) for a, b in ((HIP, KNEE), (KNEE, ANKLE)))
        lengths = [length for (ax, ay), (bx, by) in segments if (length := hypot(ax - bx, ay - by)) == length]
        if lengths and torso > 0:
            self._legs.append((body.time, max(lengths) / torso))
        while self._legs and body.time - self._legs[0][0] > WINDOW_S:
            self._legs.popleft()
        if self._legs:
            ordered = sorted(length for _, length in self._legs)
            self._along = ordered[len(ordered) // 2] > ALONG_ABOVE

    def _choose_near(self, body: Body, left: float, right: float, fresh: float, frozen: bool) -> Side:
        scores = self._scores
        for i, score in enumerate((left, right)):
            scores[i] = score if scores[i] != scores[i] else scores[i] + fresh * (score - scores[i])
        difference = scores[0] - scores[1]
        if self._near is None:
            if difference != difference or abs(difference) <= _TIE:
                return self._near_by_geometry(body)
            if self._time is not None and fresh < 1.0:
                self._near = "left" if difference > 0 else "right"
            return "left" if difference > 0 else "right"
        advantage = difference if self._near == "right" else -difference
        if advantage > NEAR_MARGIN:
            if self._other_better_since is None:
                self._other_better_since = body.time
            if body.time - self._other_better_since > NEAR_PATIENCE_S and not frozen:
                self._near = opposite(self._near)
                self._other_better_since = None
        else:
            self._other_better_since = None
        return self._near

    def _near_by_geometry(self, body: Body) -> Side:
        """Which side must be nearer, from where the spine and the front of the body point in the picture."""
        shoulder, hip = body.middle(SHOULDER), body.middle(HIP)
        sx, sy = shoulder[0] - hip[0], shoulder[1] - hip[1]
        # The person's left is spine × front; with y downwards it points to the camera where the product is negative.
        return "left" if sx * self._forward_y - sy * self._facing < 0 else "right"


def _blend(old: float, new: float, fresh: float) -> float:
    return old + fresh * (new - old) if new == new else old
