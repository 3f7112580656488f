"""What the live loop sees with, speaks with and remembers with, as far as it needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from formcheck.analysis import Show
from formcheck.judge.moment import Moment
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.see.frame import Frame
from formcheck.see.trouble import Blindness, Trouble
from formcheck.show.lines import Kind

if TYPE_CHECKING:
    from formcheck.live.record import BoutResult


class Eye(Protocol):
    """What the loop needs of a camera (`formcheck.see.camera.Camera`).

    Attributes:
        name: what to call it.
    """

    name: str

    @property
    def spells(self) -> list[Blindness]:
        """Stretches of time in which it saw nothing, also one that still lasts."""

    @property
    def ended(self) -> bool:
        """Whether there will be no more pictures."""

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong now, if anything."""

    @property
    def brightness(self) -> float:
        """Of the last picture, 0 to 255."""

    def next(self, timeout_s: float) -> Frame | None:
        """The newest picture that was not taken yet; None if none comes in this time."""


class Voice(Protocol):
    """What the loop needs of a voice (`formcheck.show.voice.Voice`); no call waits."""

    muted: bool

    def update(self, moment: Moment, frame: Frame | None = None) -> None:
        """Says what the moment calls for."""

    def say(self, text: str, kind: Kind) -> None:
        """Says a line of this kind: "safety", "cue", "plan" or "count"."""

    def goal(self, *, reps: int | None = None, target_s: float | None = None, each_side: bool = False) -> None:
        """A new bout begins; with `each_side` both sides are to reach the repetitions."""

    def summarize(self, reports: Sequence[Report]) -> None:
        """Says how the sets were."""

    def stop(self) -> None:
        """Falls silent and forgets what was still to be said."""


class Silence:
    """A voice that says nothing."""

    muted = True

    def update(self, moment: Moment, frame: Frame | None = None) -> None:
        """Says nothing."""

    def say(self, text: str, kind: Kind) -> None:
        """Says nothing."""

    def goal(self, *, reps: int | None = None, target_s: float | None = None, each_side: bool = False) -> None:
        """Needs no goal."""

    def summarize(self, reports: Sequence[Report]) -> None:
        """Says nothing."""

    def stop(self) -> None:
        """Is silent already."""


class Keeper(Protocol):
    """What keeps the bouts beside their files, such as a history; called in the judging thread."""

    def begin(self, session: Session) -> Show:
        """A bout begins: gives what takes its moments as they are judged."""

    def finish(self, result: BoutResult) -> None:
        """A bout is over that is worth keeping, and its results are written."""
