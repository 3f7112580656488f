"""Which side leads: works, steps in front, is crossed, lies on top."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan

from formcheck.judge.body import Body
from formcheck.judge.exercise import Lead
from formcheck.judge.view import FRONT_ABOVE, SIDE_BELOW
from formcheck.pose import Side, opposite

SIDES: tuple[Side, Side] = ("left", "right")

PATIENCE_S = 0.1
"""The other side must lead this long before it is believed."""

SURE_S = 0.5
"""A side that keeps the lead until it lets go must have led this long: the first moments in a position are not sure."""

LITTLE = 1e-6
"""How clearly a side leads of which the other is not seen: it decides where nothing else does."""

WITHOUT_S = 1.0
"""Neither side must have led for this long before it counts as seen how one came to lead."""

CLEAR = 6.0
"""Margins by which the near side must lead to be believed where it may hide the far one: with the far leg crossed the
near one leads by up to 5 in moments, crossed itself by 6 and more (rendered people)."""


class LeadFinder:
    """Follows the leading side by the template's criterion."""

    def __init__(self, lead: Lead) -> None:
        self._lead = lead
        self.side: Side | None = None
        self.clearness = 0.0
        """By how much the sides differ in this pose, in units of the criterion; little if only one was seen."""
        self.far = nan
        """By how many margins the far side leads in this pose; below 0 where the near one does."""
        self._candidate: Side | None = None
        self._since = 0.0
        self._kept = False
        self._led_since: float | None = None
        self._neither_since: float | None = None
        self._without_since: float | None = None
        self._came = False

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
        difference = abs(values[0] - values[1])
        self.clearness = difference if difference == difference else LITTLE
        far = values[0] - values[1] if body.near_side == "right" else values[1] - values[0]
        self.far = far / (lead.margin.evaluate(body) or nan)
        found = self._leads(body, values)
        if lead.already_far and body.view_ratio < FRONT_ABOVE:
            found = self._doubted(found, body)
        if found is None or found == self.side:
            self._candidate = None
        elif not self._kept:
            if self._candidate != found:
                self._candidate, self._since = found, body.time
            if self.side is None or body.time - self._since >= PATIENCE_S:
                self.side = found
        if lead.release_s:
            self._keep(found, body)
            return found if found == self.side or not self._kept else None
        return found

    def _leads(self, body: Body, values: Sequence[float]) -> Side | None:
        """The side whose value exceeds the other's by the margin, and the limit where there is one.

        A side that is alone seen leads if it exceeds the limit by the margin.
        """
        lead = self._lead
        margin = lead.margin.evaluate(body)
        seen = [i for i, value in enumerate(values) if not isnan(value)]
        alone = len(seen) == 1 and lead.limit is not None
        if not alone and not abs(values[0] - values[1]) > margin:
            return None
        greatest = max(seen, key=lambda i: values[i])
        if lead.limit is not None:
            body.set_lead(SIDES[greatest])
            limit = lead.sign * lead.limit.evaluate(body)
            if not values[greatest] >= (limit + margin if alone else limit):
                return None
        return SIDES[greatest]

    def _doubted(self, found: Side | None, body: Body) -> Side | None:
        """What is believed where one leg hides the other: the far side leads, unless the near one surely does.

        From the side, legs that are crossed when they are first seen get either label from the pose model (wrong on two
        of three rendered people), and a hidden leg is guessed. So what decides is where the camera belongs.
        """
        far = opposite(body.near_side)
        if self.side is None:
            self.side = far
        if found is None:
            if self._without_since is None:
                self._without_since = body.time
            self._came = self._came or body.time - self._without_since >= WITHOUT_S
            return None
        self._without_since = None
        if found == far:
            return far
        if not self._came and body.view_ratio < SIDE_BELOW:
            return far
        return found if self.clearness > CLEAR * self._lead.margin.evaluate(body) else None

    def _keep(self, found: Side | None, body: Body) -> None:
        """Whether the side has led surely and not yet let go. From the front no leg hides the other."""
        time = body.time
        if body.view_ratio > FRONT_ABOVE:
            self._kept = False
            self._led_since = None
            return
        if found is not None:
            self._neither_since = None
        elif self._neither_since is None:
            self._neither_since = time
        elif time - self._neither_since >= self._lead.release_s:
            self._kept = False
        if found is None or found != self.side:
            self._led_since = None
        elif self._led_since is None:
            self._led_since = time
        elif time - self._led_since >= SURE_S:
            self._kept = True
