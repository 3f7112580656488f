"""The body as measures see it: joints by side and by role, body lengths, directions.

A `Body` is filled anew for every pose. `near`/`far` and `lead`/`other` are the same lists of joints as `left` and
`right`, under the name that a measure uses: which side is nearer to the camera, and which side leads (works, steps
in front, is crossed ...) is decided elsewhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import hypot, nan

import numpy as np
from numpy.typing import NDArray

from formcheck.judge.geometry import Point, middle
from formcheck.pose import Landmark, Side

JOINTS = ("ear", "eye", "mouth", "shoulder", "elbow", "wrist", "hand", "hip", "knee", "ankle", "heel", "toe")
"""Joints that exist on both sides, in the order of the lists in `Body`."""

EAR, EYE, MOUTH, SHOULDER, ELBOW, WRIST, HAND, HIP, KNEE, ANKLE, HEEL, TOE = range(len(JOINTS))

LEFT = (7, 2, 9, 11, 13, 15, 19, 23, 25, 27, 29, 31)
RIGHT = (8, 5, 10, 12, 14, 16, 20, 24, 26, 28, 30, 32)
_ORDER = np.array(LEFT + RIGHT + (Landmark.NOSE,))
_COUNT = len(JOINTS)
_INDEX = {joint: i for i, joint in enumerate(JOINTS)}
UNSEEN: Point = (nan, nan)
_NONE_CROPPED = [False] * _COUNT

EDGE_SHARE = 0.1
"""Trunk lengths around a joint that belong to it, about 5 cm: nearer to the edge of the picture it is cut off."""


class Body:
    """One smoothed pose with everything that a measure may mention.

    Attributes:
        time: seconds.
        left, right, near, far, lead, other: joints as (x, y) pixels in the order of `JOINTS`; NaN where not seen.
        nose: (x, y) pixels.
        nose_cropped: whether the edge of the picture cuts it off.
        left_clear, right_clear: visibility of the joints, 0..1.
        left_cropped, right_cropped: of the joints, whether the edge of the picture cuts them off.
        torso, thigh, shank, upper_arm: body lengths in pixels.
        facing: horizontal direction in which an upright person looks: +1 to the right of the picture, -1 to the left.
        headward: horizontal direction from hips to head: +1 right, -1 left.
        ahead_x, ahead_y: direction in the picture in which the person's front lies on the floor, see `view.py`.
        view_ratio: width of the shoulders across the trunk in trunk lengths (`view.View.ratio`).
        along: whether the camera looks along the body of somebody who lies (`view.View.along`).
        base: medians of the template's base expressions at rest; NaN until known.
        values: the template's measures, in their order.
        wobbles: restlessness of the measures that the template asks for.
        conditions: answers of the template's named conditions, in their order.
    """

    __slots__ = (
        "ahead_x",
        "ahead_y",
        "along",
        "base",
        "conditions",
        "facing",
        "far",
        "headward",
        "lead",
        "left",
        "left_clear",
        "left_cropped",
        "near",
        "nose",
        "nose_cropped",
        "other",
        "right",
        "right_clear",
        "right_cropped",
        "shank",
        "thigh",
        "time",
        "torso",
        "upper_arm",
        "values",
        "view_ratio",
        "wobbles",
    )

    left: list[Point]
    right: list[Point]
    near: list[Point]
    far: list[Point]
    lead: list[Point]
    other: list[Point]

    def __init__(self, time: float, points: NDArray[np.float64], visibility: NDArray[np.float64]) -> None:
        joints: list[Point] = points[_ORDER].tolist()
        clear: list[float] = visibility[_ORDER].tolist()
        self.left_clear, self.right_clear = clear[:_COUNT], clear[_COUNT:-1]
        self.left_cropped = self.right_cropped = _NONE_CROPPED
        self.nose_cropped = False
        self.time = time
        self.left = self.near = self.lead = joints[:_COUNT]
        self.right = self.far = self.other = joints[_COUNT:-1]
        self.nose = joints[-1]
        self.torso = self.thigh = self.shank = self.upper_arm = nan
        self.facing = self.headward = self.ahead_x = 1.0
        self.ahead_y = 0.0
        self.view_ratio = nan
        self.along = False
        self.base: list[float] = []
        self.values: list[float] = []
        self.wobbles: list[float] = []
        self.conditions: list[bool] = []

    def set_near(self, side: Side) -> None:
        """Says which side is nearer to the camera."""
        self.near, self.far = (self.left, self.right) if side == "left" else (self.right, self.left)

    def set_lead(self, side: Side) -> None:
        """Says which side leads."""
        self.lead, self.other = (self.left, self.right) if side == "left" else (self.right, self.left)

    def note_edges(self, points: NDArray[np.float64], size: tuple[int, int]) -> None:
        """Notes which joints the edge of the picture cuts off.

        Args:
            points: (33, 2), all landmarks as they were found.
            size: (width, height) of the picture.
        """
        flesh = EDGE_SHARE * self.torso if self.torso == self.torso else 0.0
        beyond = np.any((points < flesh) | (points > np.array(size) - flesh), axis=1)
        if beyond.any():
            cropped: list[bool] = beyond[_ORDER].tolist()
            self.left_cropped, self.right_cropped = cropped[:_COUNT], cropped[_COUNT:-1]
            self.nose_cropped = cropped[-1]

    @property
    def near_side(self) -> Side:
        """Which side is nearer to the camera."""
        return "left" if self.near is self.left else "right"

    @property
    def lead_side(self) -> Side:
        """Which side leads."""
        return "left" if self.lead is self.left else "right"

    def visibility(self, owner: str, joint: str) -> float:
        """Visibility, 0..1, of a landmark as expressions name it; of the better one for a point halfway."""
        if owner == "nose":
            return 1.0 if self.nose[0] == self.nose[0] else 0.0
        i = _INDEX[joint]
        if owner == "mid":
            return max(self.left_clear[i], self.right_clear[i])
        return (self.left_clear if getattr(self, owner) is self.left else self.right_clear)[i]

    def clearness(self, owner: str, joint: str) -> float:
        """How well a landmark can be seen, 0..1: its visibility, but 0 where the edge of the picture cuts it off.

        The pose model guesses what is beyond the edge, and is as sure of it as of what it sees: cut-off ankles have
        visibilities of 0.5 to 0.9, and legs were told to be bent that were not (rendered people).
        """
        return 0.0 if self.is_cropped(owner, joint) else self.visibility(owner, joint)

    def is_cropped(self, owner: str, joint: str) -> bool:
        """Whether the edge of the picture cuts off a landmark; both of them for a point halfway."""
        if owner == "nose":
            return self.nose_cropped
        i = _INDEX[joint]
        if owner == "mid":
            return self.left_cropped[i] and self.right_cropped[i]
        return (self.left_cropped if getattr(self, owner) is self.left else self.right_cropped)[i]

    def landmark(self, owner: str, joint: str) -> tuple[int, ...]:
        """BlazePose indices of a landmark as expressions name it: one, or two for a point halfway."""
        if owner == "nose":
            return (int(Landmark.NOSE),)
        i = _INDEX[joint]
        if owner == "mid":
            return LEFT[i], RIGHT[i]
        return ((LEFT if getattr(self, owner) is self.left else RIGHT)[i],)

    def middle(self, joint: int) -> Point:
        """The point halfway between the left and the right joint, or the one of them that is seen."""
        left, right = self.left[joint], self.right[joint]
        if left[0] != left[0]:
            return right
        return left if right[0] != right[0] else middle(left, right)


def joint_of(owner: str, joint: str) -> Callable[[Body], Point] | None:
    """Closure that gives a joint of a body; `owner` is a side, near, far, lead, other or mid."""
    i = _INDEX.get(joint)
    if i is None:
        return None
    # Written out, because these are called a hundred times a pose.
    closures: dict[str, Callable[[Body], Point]] = {
        "left": lambda b: b.left[i],
        "right": lambda b: b.right[i],
        "near": lambda b: b.near[i],
        "far": lambda b: b.far[i],
        "lead": lambda b: b.lead[i],
        "other": lambda b: b.other[i],
        "mid": lambda b: b.middle(i),
    }
    return closures.get(owner)


WINDOW_S = 2.0
_REFRESH_S = 0.25
_SEGMENTS = ((SHOULDER, HIP), (HIP, KNEE), (KNEE, ANKLE), (SHOULDER, ELBOW))


class Proportions:
    """Lengths of torso, thigh, shank and upper arm in pixels.

    Each is the 90th percentile over the last seconds of the longer of the two sides: a limb that points towards the
    camera looks short, never long. While `frozen` (during a repetition or hold) the lengths stay as they are.
    """

    def __init__(self) -> None:
        self._recent: deque[tuple[float, tuple[float, ...]]] = deque()
        self._refreshed = -1e9
        self.lengths: tuple[float, float, float, float] = (nan, nan, nan, nan)

    def update(self, body: Body, frozen: bool) -> None:
        """Takes the body's segments into account and writes the lengths into it."""
        torso, thigh, shank, upper_arm = self.lengths
        if not frozen or torso != torso or thigh != thigh or shank != shank:
            row = tuple(
                max(_length(body.left[a], body.left[b]), _length(body.right[a], body.right[b])) for a, b in _SEGMENTS
            )
            recent = self._recent
            recent.append((body.time, row))
            while body.time - recent[0][0] > WINDOW_S:
                recent.popleft()
            if body.time - self._refreshed >= _REFRESH_S or body.time < self._refreshed or torso != torso:
                self._refreshed = body.time
                columns = zip(*(r for _, r in recent), strict=True)
                torso, thigh, shank, upper_arm = (_percentile90(column) for column in columns)
                self.lengths = torso, thigh, shank, upper_arm
        body.torso, body.thigh, body.shank, body.upper_arm = self.lengths

    def reset(self) -> None:
        """Forgets the person, for a scene cut."""
        self.__init__()  # type: ignore[misc]


def _length(a: Point, b: Point) -> float:
    d = hypot(a[0] - b[0], a[1] - b[1])
    return d if d == d else -1.0


def _percentile90(values: tuple[float, ...]) -> float:
    seen = sorted(v for v in values if v > 0)
    return seen[int(0.9 * (len(seen) - 1) + 0.5)] if seen else nan
