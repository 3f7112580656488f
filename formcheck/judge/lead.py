"""Which side leads: works, steps in front, is crossed, lies on top."""

from __future__ import annotations

from collections.abc import Sequence

from formcheck.judge.body import Body
from formcheck.judge.exercise import Lead
from formcheck.pose import Side

SIDES: tuple[Side, Side] = ("left", "right")

PATIENCE_S = 0.1
"""The other side must lead this long before it is believed."""


class LeadFinder:
    """Follows the leading side by the template's criterion."""

    def __init__(self, lead: Lead) -> None:
        self._lead = lead
        self.side: Side | None = None
        self._candidate: Side | None = None
        self._since = 0.0

    def update(self, body: Body, bases: Sequence[Sequence[float]]) -> Side | None:
        """The side that leads in this pose by itself, or None; `side` keeps the last one that was sure.

        Args:
            body: the pose; its `lead`, `other` and `base` are overwritten.
            bases: baselines with the left and with the right side leading.
        """
        lead = self._lead
        values = []
        for side, base in zip(SIDES, bases, strict=True):
            body.set_lead(side)
            body.base = list(base)
            values.append(lead.sign * lead.criterion.evaluate(body))
        difference = values[0] - values[1]
        margin = lead.margin.evaluate(body)
        found: Side | None = None
        if abs(difference) > margin:
            found = "left" if difference > 0 else "right"
            if lead.limit is not None:
                body.set_lead(found)
                if not max(values) >= lead.sign * lead.limit.evaluate(body):
                    found = None
        if found is None or found == self.side:
            self._candidate = None
        else:
            if self._candidate != found:
                self._candidate, self._since = found, body.time
            if self.side is None or body.time - self._since >= PATIENCE_S:
                self.side = found
        return found
