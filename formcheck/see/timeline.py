"""From the timestamps of a recording to strictly increasing seconds."""

from __future__ import annotations

RESTART = 1.0
"""Seconds back from which a jump counts as a recording whose clock was set anew, not as disorder."""

LONGEST_GAP = 3600.0
"""Seconds between two pictures beyond which the timestamp is taken for damage."""

RESOLUTION = 1e-6
"""Seconds by which a picture must be later than the one before; less is the rounding of numbers."""

STUCK = 8
"""Pictures in a row whose timestamps do not advance before the clock counts as stopped."""


class Timeline:
    """Gives every picture of a recording a time, in seconds from the first picture, strictly increasing.

    Timestamps that increase are kept, however irregular. The others are repaired without dropping a picture:

    - no timestamp: one nominal frame duration after the previous picture;
    - the same as, or slightly before, the previous one: half a frame duration after it, so that the true times catch
      up as soon as they are later again;
    - more than `RESTART` back, more than `LONGEST_GAP` ahead, or not advancing for `STUCK` pictures: the clock was set
      anew. This picture follows one frame duration after the previous one and all later times are moved alike.

    Attributes:
        repaired: whether a timestamp was not taken as it was; then times depend on all pictures before.
    """

    def __init__(self, step: float, origin: float | None = None) -> None:
        """`step` is the nominal duration of a frame in seconds.

        `origin` is the timestamp of the recording's first picture, where the pictures to come begin later than that.
        """
        self.repaired = False
        self._step = step
        self._previous: float | None = None
        self._shift = None if origin is None else 0.0 - origin
        self._late = 0

    def place(self, seconds: float | None) -> float:
        """The time of the next picture, whose timestamp is `seconds` (None if it has none)."""
        previous = self._previous
        expected = 0.0 if previous is None else previous + self._step
        if seconds is None:
            self.repaired = True
            self._previous = expected
            return expected
        if self._shift is None:
            self._shift = expected - seconds
            time = expected
        else:
            time = seconds + self._shift
        if previous is not None and not previous + RESOLUTION <= time <= previous + LONGEST_GAP:
            self.repaired = True
            self._late += 1
            if time <= previous - RESTART or time > previous + LONGEST_GAP or self._late > STUCK:
                time = expected
                self._shift = time - seconds
            else:
                time = previous + self._step / 2
        else:
            self._late = 0
        self._previous = time
        return time
