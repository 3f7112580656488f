"""What is said, and when: few cues, one at a time, only for what keeps coming back.

Policy of section 2.9 of the exercise specification: a fault is spoken of when it is present in two of the last three
repetitions in which it could be seen, or lasts in a hold; one cue in five seconds; the same cue not before three more
repetitions; one confirmation once it is corrected, and while nothing else is wrong: who hears it takes it for all that
they do. Saying every hit would give a false cue in nearly every set.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from formcheck.judge.faults import Finding
from formcheck.judge.moment import Cue
from formcheck.judge.template import Fault

QUIET_S = 5.0
SHOW_S = 4.0
"""A cue stays on the picture this long."""

REPEAT_AFTER = 3
"""Repetitions before the same cue may be given again."""

REPEAT_AFTER_S = 15.0
"""The same for holds."""

FIXED_AFTER = 2
"""Repetitions in a row without the fault before it counts as corrected."""

FIXED_AFTER_S = 2.0
"""The same for holds."""

FIXED_TEXT = "Good, that's it"

_RANK = {"S3": 0, "S2": 1}
_CLASS = {"A": 0, "B": 1}


_Seen = Literal["present", "slight", "absent"]
"""How a fault was in a repetition: worth a cue, there but not worth one, or not there."""


@dataclass(slots=True)
class _Memory:
    recent: deque[_Seen] = field(default_factory=lambda: deque(maxlen=3))
    spoken_at: int | None = None
    spoken_s: float = 0.0
    open: bool = False
    present_s: float = 0.0


class Coach:
    """Chooses cues; give it every finding of every repetition, or every lasting fault of a hold."""

    def __init__(self) -> None:
        self._memory: dict[str, _Memory] = {}
        self._repetition = 0
        self._last_s: float | None = None
        self.shown: Cue | None = None

    def repetition(self, time: float, findings: Iterable[Finding]) -> Cue | None:
        """The cue to give after a repetition, if any."""
        self._repetition += 1
        candidates = []
        fixed = []
        wrong = False
        for finding in findings:
            if finding.verdict == "not_visible" or not _may_speak(finding.check.fault):
                continue
            memory = self._memory.setdefault(finding.check.fault.id, _Memory())
            memory.recent.append(_seen_as(finding))
            recurring = memory.recent.count("present") >= 2 and memory.recent[-1] == "present"
            rested = memory.spoken_at is None or self._repetition - memory.spoken_at >= REPEAT_AFTER
            if recurring and rested:
                candidates.append(finding)
            elif memory.open and list(memory.recent)[-FIXED_AFTER:] == ["absent"] * FIXED_AFTER:
                fixed.append(finding.check.fault.id)
            else:
                wrong |= memory.recent[-1] == "present" or (memory.open and memory.recent[-1] == "absent")
        if candidates:
            return self._speak(time, min(candidates, key=self._priority))
        if wrong or (self._last_s is not None and time - self._last_s < QUIET_S):
            return None
        return self._confirm(time, fixed)

    def hold(self, time: float, lasting: Iterable[Finding], judged: Collection[str]) -> Cue | None:
        """The cue to give in a hold.

        Args:
            time: seconds.
            lasting: the faults that last right now.
            judged: ids of the faults that can be judged right now: only of those is it known that they are gone.
        """
        candidates = []
        wrong = False
        for finding in lasting:
            wrong |= _speaks(finding)
            memory = self._memory.setdefault(finding.check.fault.id, _Memory())
            memory.present_s = time
            if _speaks(finding) and (memory.spoken_at is None or time - memory.spoken_s >= REPEAT_AFTER_S):
                candidates.append(finding)
        for fault, memory in self._memory.items():
            if wrong or fault not in judged:
                memory.present_s = time
        if candidates:
            return self._speak(time, min(candidates, key=self._priority))
        return self._confirm(
            time, [fault for fault, m in self._memory.items() if m.open and time - m.present_s >= FIXED_AFTER_S]
        )

    def showing(self, time: float) -> Cue | None:
        """The cue to show now."""
        return self.shown if self.shown and 0 <= time - self.shown.time <= SHOW_S else None

    def _priority(self, finding: Finding) -> tuple[int, int, float]:
        """Stronger first, then plainer, then what was not spoken of for longest: every fault gets its turn."""
        memory = self._memory[finding.check.fault.id]
        spoken = -inf if memory.spoken_at is None else memory.spoken_s
        return _RANK[finding.severity], _CLASS[finding.check.fault.measurable], spoken

    def _speak(self, time: float, finding: Finding) -> Cue | None:
        if self._last_s is not None and time - self._last_s < QUIET_S:
            return None
        memory = self._memory[finding.check.fault.id]
        memory.spoken_at, memory.spoken_s, memory.open = self._repetition, time, True
        self._last_s = time
        return self._say(Cue(time, finding.check.fault.cue, finding.check.fault.id, finding.severity))

    def _confirm(self, time: float, fixed: Sequence[str]) -> Cue | None:
        """One confirmation for all that is corrected by now."""
        for fault in fixed:
            self._memory[fault].open = False
        return self._say(Cue(time, FIXED_TEXT, fixed[-1], "S1", "fixed")) if fixed else None

    def _say(self, cue: Cue) -> Cue:
        self.shown = cue
        return cue


def _speaks(finding: Finding) -> bool:
    return finding.severity in _RANK and finding.check.fault.measurable in _CLASS


def _seen_as(finding: Finding) -> _Seen:
    if finding.verdict != "present":
        return "absent"
    return "present" if _speaks(finding) else "slight"


def _may_speak(fault: Fault) -> bool:
    """Whether a fault is worth a cue at its strongest."""
    worse = fault.worse is not None and fault.worse.severity in _RANK
    return (fault.severity in _RANK or worse) and fault.measurable in _CLASS
