"""Standard measures: what is taken from anybody when it is not known yet what the exercise is about."""

from __future__ import annotations

from dataclasses import dataclass

from formcheck.judge.template import Template, template_from


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One angle of the body, on one side of it.

    Attributes:
        name: as a measure of a template.
        value: expression in degrees; ``{side}`` stands for whose joints.
        lying: the same for somebody who lies, where it differs: signed, because lying joints open beyond straight.
        label: short name for people.
        at, arms: landmarks at which it is drawn.
        more, less: what to say for a greater and for a smaller angle.
    """

    name: str
    value: str
    label: str
    at: str
    arms: tuple[str, str] | None
    more: str
    less: str
    lying: str | None = None

    @property
    def one_of_two(self) -> bool:
        """Whether each side of the body has its own."""
        return "{side}" in self.value

    def expression(self, side: str, lying: bool) -> str:
        """The expression for one side."""
        return (self.lying if lying and self.lying else self.value).format(side=side)

    def landmarks(self, side: str) -> tuple[str, ...]:
        """The landmarks that it needs."""
        marks = (*(self.arms or ()), self.at) if self.arms else (self.at,)
        return tuple(mark.format(side=side) for mark in marks)


YARDSTICKS = (
    Yardstick(
        "knee",
        "angle({side}.hip, {side}.knee, {side}.ankle)",
        "Knee",
        "{side}.knee",
        ("{side}.hip", "{side}.ankle"),
        "Straighten your knee more",
        "Bend your knee more",
    ),
    Yardstick(
        "elbow",
        "angle({side}.shoulder, {side}.elbow, {side}.wrist)",
        "Elbow",
        "{side}.elbow",
        ("{side}.shoulder", "{side}.wrist"),
        "Straighten your elbow more",
        "Bend your elbow more",
    ),
    Yardstick(
        "hip",
        "angle({side}.shoulder, {side}.hip, {side}.knee)",
        "Hip",
        "{side}.hip",
        ("{side}.shoulder", "{side}.knee"),
        "Open your hip further",
        "Bend your hip more",
        "180 + deviation({side}.shoulder, {side}.hip, {side}.knee)",
    ),
    Yardstick(
        "leg",
        "elevation({side}.hip, {side}.ankle)",
        "Leg",
        "{side}.ankle",
        None,
        "Lift the leg higher",
        "Lower the leg further",
    ),
    Yardstick(
        "thigh_rise",
        "elevation({side}.hip, {side}.knee)",
        "Thigh",
        "{side}.knee",
        None,
        "Lift the knee higher",
        "Lower the knee further",
    ),
    Yardstick(
        "arm",
        "angle({side}.hip, {side}.shoulder, {side}.elbow)",
        "Arm",
        "{side}.shoulder",
        ("{side}.hip", "{side}.elbow"),
        "Lift your arm higher",
        "Lower your arm more",
    ),
    Yardstick(
        "trunk",
        "elevation(mid.hip, mid.shoulder)",
        "Trunk",
        "mid.shoulder",
        None,
        "Lift your chest",
        "Lower your chest further",
    ),
)
"""In the order in which they are preferred where several tell a movement equally well: joints before segments."""

SIDES = ("left", "right")


def everything() -> Template:
    """A template that measures all yardsticks on both sides, and nothing else: no exercise fits its position."""
    measures = {}
    for yardstick in YARDSTICKS:
        if not yardstick.one_of_two:
            measures[yardstick.name] = {"value": yardstick.value}
            continue
        for side in SIDES:
            measures[f"{side}_{yardstick.name}"] = {"value": yardstick.expression(side, lying=False)}
            if yardstick.lying:
                measures[f"{side}_{yardstick.name}_lying"] = {"value": yardstick.expression(side, lying=True)}
    return template_from(
        {
            "schema": 1,
            "id": "everything",
            "name": "Everything",
            "kind": "hold",
            "summary": "All standard measures.",
            "instructions": ["Do anything."],
            "safety": ["None."],
            "posture": "any",
            "required": ["near.shoulder", "near.hip", "near.knee"],
            "camera": {"view": "side", "counts_in": ["side", "oblique", "front"], "advice": "Anywhere."},
            "measures": measures,
            "hold": {"position": "1 > 2", "enter": "1 > 2", "stay": "1 > 2"},
        },
        "standard measures",
    )
