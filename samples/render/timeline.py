"""Key postures in time, and the repetitions, holds and faults that they mean."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np

from samples.render.actor import Actor
from samples.render.motion import Path_
from samples.render.posture import Posture
from samples.render.rotation import Array, X, Y, smooth_step, turn


@dataclass(frozen=True, slots=True)
class FaultDone:
    """A fault as it was made: the exact measure and its value, and when (in holds)."""

    id: str
    severity: str
    measure: str
    value: float
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class RepetitionDone:
    """A repetition: leaves the start position, is at its peak (middle of the pause there), is back in position.

    `complete` is whether the peak reaches what the specification counts; a shallow one may not.
    """

    side: str | None
    start_s: float
    peak_s: float
    end_s: float
    complete: bool
    faults: tuple[FaultDone, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A posture at a time; `through` is passed without stopping."""

    time: float
    posture: Posture
    through: bool = False


@dataclass(slots=True)
class Timeline:
    """Key postures of one person, and what they add up to; of holds the side and the end of the way out."""

    actor: Actor
    seed: int = 0
    fidget: float = 1.0
    keys: list[Key] = field(default_factory=list)
    repetitions: list[RepetitionDone] = field(default_factory=list)
    faults: list[FaultDone] = field(default_factory=list)
    holds: list[tuple[str | None, float]] = field(default_factory=list)
    ready_s: float = 0.0
    _waves: Array | None = None

    @property
    def now(self) -> float:
        """End of what was planned so far, seconds."""
        return self.keys[-1].time if self.keys else 0.0

    def go(self, posture: Posture, seconds: float, *, through: bool = False) -> None:
        """Move to a posture; staying where one is when it is the same."""
        self.keys.append(Key(self.now + seconds, posture, through))

    def follow(self, path: Path_, poses: dict[str, Posture], *, scale: float = 1.0) -> None:
        """Move along named poses."""
        for name, seconds in path:
            self.go(poses[name.lstrip("~")], seconds * scale, through=name.startswith("~"))

    def at(self, time: float) -> Posture:
        """The posture at a time, with the small movements of a living body."""
        i = min(max(bisect_right([key.time for key in self.keys], time), 1), len(self.keys) - 1)
        before, after = self.keys[i - 1], self.keys[i]
        if after.time <= before.time or before.posture is after.posture:
            posture = after.posture if time >= after.time else before.posture
        else:
            share = self._eased(i, (time - before.time) / (after.time - before.time))
            posture = self.actor.poser.blend(before.posture, after.posture, share)
        return self._alive(posture, time)

    def _eased(self, i: int, share: float) -> float:
        """Progress between keys i−1 and i: at rest in keys that stop, at even speed through those that do not."""
        before, after = self.keys[i - 1], self.keys[i]
        if not before.through and not after.through:
            return smooth_step(share)
        span = after.time - before.time
        speeds = [0.0, 0.0]
        if before.through:
            speeds[0] = 2 * span / (span + before.time - self.keys[i - 2].time)
        if after.through and i + 1 < len(self.keys):
            speeds[1] = 2 * span / (span + self.keys[i + 1].time - after.time)
        u = share
        hermite = (u**3 - 2 * u**2 + u) * speeds[0] + (3 * u**2 - 2 * u**3) + (u**3 - u**2) * speeds[1]
        return float(min(max(hermite, 0.0), 1.0))

    def _alive(self, posture: Posture, time: float) -> Posture:
        if not self.fidget:
            return posture
        if self._waves is None:
            random = np.random.default_rng(self.seed)
            self._waves = np.stack([random.uniform(0.1, 0.55, (5, 3)), random.uniform(0, 2 * np.pi, (5, 3))])
        speed, phase = self._waves
        wave = np.sin(2 * np.pi * speed * time + phase).mean(1)
        shift = np.array([0.006, 0.0, 0.006]) * wave[:3] * self.fidget * self.actor.body.scale
        nod = turn(X, float(2.0 * wave[3] * self.fidget)) @ turn(Y, float(3.5 * wave[4] * self.fidget))
        return self.actor.poser.swayed(posture, shift, nod)
