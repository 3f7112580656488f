"""Notices that the other side of a stretch may have been done where it could not be seen.

Who films both sides without moving the camera has the leg that matters hidden on one of them: in a lizard pose the
front leg is behind the arms and the other leg.
"""

from __future__ import annotations

from collections.abc import Sequence

from formcheck.judge.readiness import Period
from formcheck.judge.report import HoldReport
from formcheck.pose import opposite

LONG_S = 5.0
"""Joints that are hidden for this long, outside of holds, may have been the other side; shorter, it is getting up."""


def unseen_side(holds: Sequence[HoldReport], periods: Sequence[Period], advice: str) -> str | None:
    """What the report says of it, if all holds are of one side and needed joints were hidden for long elsewhere.

    Args:
        holds: of the set.
        periods: how ready the person was.
        advice: where the camera should be.
    """
    sides = {hold.side for hold in holds}
    side = sides.pop() if len(sides) == 1 else None
    if side is None:
        return None
    for period in periods:
        during = any(hold.start_s < period.end and period.start < hold.end_s for hold in holds)
        if period.state.reason == "joints" and period.end - period.start >= LONG_S and not during:
            return (
                f"For {period.end - period.start:.0f} s, from {period.start:.0f} s on, parts of the body could not be "
                f"seen, so nothing was timed. If that was the {opposite(side)} side: {advice}"
            )
    return None
