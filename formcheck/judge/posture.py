"""Posture classes: how a person is placed, whatever the exercise.

The conditions are written in the language of the templates (section 2.4 of the exercise specification) and compiled
like any other rule; the words are what a person is asked to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

LEFT_S = 0.25
"""A posture must be gone this long before it counts as left: one wrong pose is noise."""

TAKEN_S = 0.2
"""Who comes from elsewhere must be seen in a posture for this long before they rest in it: on the way down to hands and
knees, single poses look like it (rendered people: a repetition was counted from 2.6 to 3.3 s, while they got down)."""

SHORT_TRUNK = 0.85
"""A trunk shorter than this many thighs points at the camera or away from it: of people on hands and knees, from behind
above all, it reads 0.58 to 0.82, of people who stand or sit 1.0 and more (rendered people)."""


@dataclass(frozen=True, slots=True)
class Posture:
    """One posture class.

    Attributes:
        rule: condition on the landmarks.
        ask: what to say to somebody who is not in it.
        upright: whether the trunk is nearer to vertical than to horizontal; None if it may be either.
        lies: whether trunk and legs lie along the floor, so that from the feet or the head nothing is seen.
    """

    rule: str
    ask: str
    upright: bool | None = None
    lies: bool = False


# The nose lies above the ears when the face looks up, below them when it looks down. Of rendered people on the back
# it is 0.05 to 0.4 of a trunk above, least 45 degrees towards the feet; of people on the side 0.01 to 0.1 below.
POSTURES: dict[str, Posture] = {
    "standing": Posture(
        "elevation(mid.hip, mid.shoulder) > 60 and height(mid.hip) - height(mid.knee) > 0.5 * thigh",
        "Stand up straight",
        upright=True,
    ),
    "upright": Posture("elevation(mid.hip, mid.shoulder) > 45", "Bring your upper body upright", True),
    "seated": Posture(
        "elevation(mid.hip, mid.shoulder) > 45 and least(abs(elevation(left.hip, left.knee)),"
        " abs(elevation(right.hip, right.knee))) < 35",
        "Sit on a chair",
        upright=True,
    ),
    "half_kneeling": Posture(
        "elevation(mid.hip, mid.shoulder) > 45 and abs(height(left.knee) - height(right.knee)) > 0.55 * thigh"
        " and least(height(left.knee) - height(left.ankle), height(right.knee) - height(right.ankle)) < 0.6 * thigh",
        "Kneel on one knee, the other foot in front",
        upright=True,
    ),
    # From the head end, and from a high camera more, the head is lower in the picture than the hips: -37 degrees from
    # 45 degrees towards the head and 1.6 m high. Nobody who faces up has it there otherwise.
    "supine": Posture(
        "-50 < elevation(mid.hip, mid.shoulder) < 30 and height(nose) - height(mid.ear) > 0.02 * torso",
        "Lie on your back",
        upright=False,
        lies=True,
    ),
    # In a side plank one shoulder is 0.57-0.66 of the trunk above the other (a recording), in planks up to 0.42, from a
    # camera 1.6 m high (rendered people).
    "prone": Posture(
        "abs(elevation(mid.hip, mid.shoulder)) < 35 and height(nose) - height(mid.ear) < -0.05 * torso"
        " and abs(height(left.shoulder) - height(right.shoulder)) < 0.5 * torso",
        "Face the floor, supported on your arms",
        upright=False,
        lies=True,
    ),
    # Propped on the forearm: 19 to 39 degrees (a recording).
    "side_lying": Posture(
        "abs(elevation(mid.hip, mid.shoulder)) < 45 and view_ratio > 0.35",
        "Lie on your side",
        upright=False,
        lies=True,
    ),
    # Seen along the trunk, it may rise by any angle in the picture, but is short; from the head end and from above the
    # shoulders are lower in the picture than the hips, and the arms hide the knees.
    "quadruped": Posture(
        f"(elevation(mid.hip, mid.shoulder) < 45 or distance(mid.hip, mid.shoulder) < {SHORT_TRUNK} * thigh)"
        " and height(mid.shoulder) - height(mid.wrist) > 0.4 * torso"
        " and not greatest(abs(elevation(left.hip, left.knee)), abs(elevation(right.hip, right.knee))) <= 50",
        "Go down on your hands and knees",
        upright=False,
    ),
    "any": Posture("1 > 0", "Get into position"),
}


class PostureWatch:
    """Follows whether a person is in the posture, past single wrong poses."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._since = -inf  # as long as nothing else was seen

    def update(self, time: float, there: bool, busy: bool) -> bool:
        """Whether they are in it.

        Args:
            time: seconds.
            there: whether this pose is in the posture.
            busy: whether a repetition or hold is under way: one that leaves the posture comes back to it.
        """
        recently = self._last is not None and time - self._last <= LEFT_S
        if there:
            self._since = min(self._since, time)
            self._last = time
        elif not recently and not busy:
            self._since = inf
        return there or recently

    @property
    def taken(self) -> bool:
        """Whether they were seen in it for long enough, or since the beginning."""
        return self._last is not None and self._last - self._since >= TAKEN_S

    def reset(self) -> None:
        """Forgets the past, for a scene cut."""
        self.__init__()  # type: ignore[misc]
