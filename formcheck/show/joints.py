"""Which landmarks a template's names mean at a moment."""

from __future__ import annotations

from formcheck.judge.body import JOINTS, LEFT, RIGHT
from formcheck.judge.moment import Moment
from formcheck.judge.template import Template
from formcheck.pose import Landmark

Mark = tuple[int, ...]
"""One BlazePose landmark, or two for the point halfway between them; none if it is not known which."""


class Joints:
    """Knows the names of one template, such as ``near.knee`` or ``front.ankle``."""

    def __init__(self, template: Template) -> None:
        sides = template.sides
        self._leads = {sides.lead: True, sides.other: False} if sides else {}

    def mark(self, name: str, moment: Moment) -> Mark:
        """The landmarks behind a name; nothing as long as the camera's side is not known."""
        owner, _, joint = name.partition(".")
        if owner == "nose":
            return (int(Landmark.NOSE),)
        if joint not in JOINTS or moment.view is None:
            return ()
        left, right = LEFT[JOINTS.index(joint)], RIGHT[JOINTS.index(joint)]
        if owner == "mid":
            return left, right
        near = moment.view.near
        if owner in ("left", "right"):
            chosen, same = owner, True
        elif owner in self._leads:
            chosen, same = moment.side or near, self._leads[owner]
        else:
            chosen, same = near, owner == "near"
        return (left if (chosen == "left") == same else right,)
