"""What can be wrong with a camera while somebody exercises in front of it, in words for the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["unavailable", "unplugged", "stalled", "black", "frozen", "slow", "resized"]

_BLIND = ("unavailable", "unplugged", "stalled", "black", "frozen")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with the camera now.

    Attributes:
        kind: "unavailable" (it cannot be opened), "unplugged" (it was there and is gone), "stalled" (no picture comes),
            "black", "frozen" (the same picture again and again), "slow" (few pictures a second), "resized" (its
            pictures have another size than before).
        say: the same for the person, with what to do.
    """

    kind: Kind
    say: str

    @property
    def blind(self) -> bool:
        """Whether nothing can be judged meanwhile."""
        return self.kind in _BLIND


@dataclass(frozen=True, slots=True)
class Blindness:
    """A stretch of time in which the camera saw nothing: from and to in seconds of the frames, and why at first."""

    start: float
    end: float
    kind: Kind
