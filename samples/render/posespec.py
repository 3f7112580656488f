"""How a key pose is written in a motion file: anatomical angles and contacts, in units that fit every body.

Lengths are metres for a person of 1.70 m and are scaled with the stature. x is the person's left when standing,
y is up, z is where a standing person looks. The working side of a one-sided exercise is always written as the left;
`mirrored` gives the other side.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Three = tuple[float, float, float]
Two = tuple[float, float]
Base = Literal["standing", "supine", "prone", "left_side_up", "right_side_up"]
Frame = Literal["floor", "pelvis", "chest", "head", "left_thigh", "right_thigh", "left_shin", "right_shin"]


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Leg(_Spec):
    """One leg: exactly one of `sole`, `toes`, `kneel`, `ankle` (points that it is put on) or `flex` (angles).

    Attributes:
        sole: (x, z) of the ankle above a foot that stands flat on the floor.
        toes: the same place for a foot that stands on its toes only, the heel raised by `heel` degrees.
        kneel: (x, z) of a knee on the floor; the shin lies behind it. The hips must be at thigh height.
        ankle: the ankle's place in the frame `of`.
        flex, out, turn, knee: hip flexion, abduction, outward rotation and knee flexion, degrees, from the base.
        knee_to: direction in which the knee points (with a contact), in base axes: left, spine, belly.
        heading: toe-out of a foot on the floor, degrees. point: plantar flexion of a free foot, degrees.
    """

    sole: Two | None = None
    toes: Two | None = None
    kneel: Two | None = None
    ankle: Three | None = None
    of: Frame = "floor"
    flex: float | None = None
    out: float = 0.0
    turn: float = 0.0
    knee: float = 0.0
    knee_to: Three = (0.0, 0.0, 1.0)
    heading: float = 6.0
    heel: float = 0.0
    point: float = 0.0

    @model_validator(mode="after")
    def _one_way(self) -> Leg:
        if sum(value is not None for value in (self.sole, self.toes, self.kneel, self.ankle, self.flex)) != 1:
            raise ValueError("a leg takes exactly one of sole, toes, kneel, ankle, flex")
        return self


class Arm(_Spec):
    """One arm: exactly one of `palm`, `forearm`, `wrist` (a point to hold) or `raised` (angles).

    Attributes:
        palm: (x, z) of the wrist above a hand that lies flat on the floor, fingers towards `heading`.
        forearm: (x, z) of an elbow that rests on the floor, with the forearm along `heading`.
        wrist: the wrist's place in the frame `of`.
        raised, out, elbow: shoulder flexion, abduction and elbow flexion from the chest's axes, degrees.
        elbow_to: direction in which the elbow points, in base axes: left, spine, belly.
        heading: degrees outwards from the direction of the head (prone) or of the look (standing).
        fingers, back: where the fingers and the back of the hand point, in the axes of `of`.
    """

    palm: Two | None = None
    forearm: Two | None = None
    wrist: Three | None = None
    of: Frame = "floor"
    raised: float | None = None
    out: float = 0.0
    elbow: float = 10.0
    turn: float = 0.0
    elbow_to: Three = (0.0, 0.0, -1.0)
    heading: float = 0.0
    fingers: Three | None = None
    back: Three | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Arm:
        if sum(value is not None for value in (self.palm, self.forearm, self.wrist, self.raised)) != 1:
            raise ValueError("an arm takes exactly one of palm, forearm, wrist, raised")
        return self


class Solve(_Spec):
    """Numbers of a pose (`knobs`, as dotted paths with their first guess) that are found so that measures come true.

    A knob may turn several numbers: `left_leg.sole.1=right_leg.sole.1`, the opposite way with `=-`. A target is the
    exact measure of measures.py by name; `floor.<part>` is the height of a part's lowest skin point above the floor in
    metres.
    """

    knobs: tuple[str, ...] = ()
    targets: dict[str, float] = Field(default_factory=dict)


class KeyPose(_Spec):
    """A whole body at one moment.

    Attributes:
        base: how the body lies: standing; supine and prone with the head towards -z; left_side_up, on the right side
            with the head towards -z and the belly towards -x; right_side_up, its mirror image.
        hips, shoulders: the middle of the hip or shoulder joints; exactly one of the two.
        rest: body parts that lie on the floor; the pose is lowered or raised until they do.
        pelvis, chest, head: pitch (to the belly), twist (to the left), roll (to the right) in base axes, degrees;
            the chest follows the pelvis and the head the chest where not given.
        take: other pose -> dotted paths whose solved values are copied from it.
    """

    base: Base = "standing"
    hips: Three | None = None
    shoulders: Three | None = None
    rest: tuple[str, ...] = ()
    sink: float = Field(0.006, description="how far soft parts sink in, metres")
    pelvis: Three = (0.0, 0.0, 0.0)
    chest: Three | None = None
    head: Three | None = None
    neck: float = Field(0.5, description="share of the head's bend that the base of the neck takes")
    left_leg: Leg
    right_leg: Leg
    left_arm: Arm
    right_arm: Arm
    solve: Solve = Solve()
    take: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_root(self) -> KeyPose:
        if (self.hips is None) == (self.shoulders is None):
            raise ValueError("a pose takes exactly one of hips, shoulders")
        return self


def merged(pose: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`pose` with the tables of `change` laid over it.

    A limb that changes how it is held is replaced whole, and so is a table of targets.
    """
    result = dict(pose)
    for key, value in change.items():
        old = result.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            ways = {"sole", "toes", "kneel", "ankle", "flex", "palm", "forearm", "wrist", "raised"}
            replaced = (ways & value.keys()) - (ways & old.keys())
            result[key] = dict(value) if replaced or key == "targets" else merged(old, value)
        elif key in ("hips", "shoulders"):
            result.pop("shoulders" if key == "hips" else "hips", None)
            result[key] = value
        else:
            result[key] = value
    return result


def change_at(pose: dict[str, Any], path: str, value: float | list[float]) -> dict[str, Any]:
    """A copy of `pose` with the entry at a dotted path (numbers index lists) set to `value`."""
    first, _, rest = path.partition(".")
    copy: dict[str, Any] = dict(pose)
    if not rest:
        copy[first] = value
    elif rest.isdigit():
        entries = list(copy.get(first) or (0.0, 0.0, 0.0))
        entries[int(rest)] = value
        copy[first] = entries
    else:
        copy[first] = change_at(copy[first], rest, value)
    return copy


def value_at(pose: dict[str, Any], path: str) -> Any:
    """The entry at a dotted path; 0 where it is not written."""
    entry: Any = pose
    for step in path.split("."):
        if not entry:
            return 0.0
        entry = entry[int(step)] if step.isdigit() else entry.get(step)
    return 0.0 if entry is None else entry


def mirrored(pose: dict[str, Any]) -> dict[str, Any]:
    """The same pose with left and right exchanged."""
    swap = {"left": "right", "right": "left"}

    def other(name: str) -> str:
        sign, name = ("-", name[1:]) if name.startswith("-") else ("", name)
        side, _, rest = name.partition("_")
        return sign + (f"{swap[side]}_{rest}" if side in swap else name)

    def limb(spec: dict[str, Any]) -> dict[str, Any]:
        flipped = dict(spec)
        for key in (
            "sole",
            "toes",
            "kneel",
            "ankle",
            "palm",
            "forearm",
            "wrist",
            "knee_to",
            "elbow_to",
            "fingers",
            "back",
        ):
            if flipped.get(key) is not None:
                flipped[key] = [-flipped[key][0], *flipped[key][1:]]
        if "of" in flipped:
            flipped["of"] = other(flipped["of"])
        return flipped

    result: dict[str, Any] = {}
    for key, value in pose.items():
        if key.endswith(("_leg", "_arm")):
            result[other(key)] = limb(value)
        elif key in ("hips", "shoulders") and value is not None:
            result[key] = [-value[0], *value[1:]]
        elif key in ("pelvis", "chest", "head") and value is not None:
            result[key] = [value[0], -value[1], -value[2]]
        elif key == "rest":
            result[key] = [other(part) for part in value]
        elif key == "solve":
            knobs = ["=".join(other(path) for path in knob.split("=")) for knob in value.get("knobs", ())]
            targets = {_other_measure(name): target for name, target in value.get("targets", {}).items()}
            result[key] = {"knobs": knobs, "targets": targets}
        elif key == "base":
            result[key] = {"left_side_up": "right_side_up", "right_side_up": "left_side_up"}.get(value, value)
        else:
            result[key] = value
    return result


def _other_measure(name: str) -> str:
    """`floor.left_foot` and `true.left_knee` name a side; the other measures go by the working side."""
    kind, dot, rest = name.partition(".")
    if rest.startswith("left_"):
        rest = "right_" + rest[5:]
    elif rest.startswith("right_"):
        rest = "left_" + rest[6:]
    return kind + dot + rest
