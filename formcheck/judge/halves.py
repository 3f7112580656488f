"""Halves of movements: the ways of a template's signal from rest to the peak and back, wherever a recording begins.

Counting (`repetitions.py`) waits for a whole repetition that starts from a held rest; to recognise an exercise, half of
one is enough.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

from formcheck.judge.body import Body
from formcheck.judge.exercise import Counter
from formcheck.judge.lead import LeadFinder
from formcheck.judge.readiness import unseen
from formcheck.judge.session import Session

DWELL_S = 0.09
"""Rest and peak must last this long: a single wrong pose is neither."""

SLOWEST_S = 5.0
"""Half a movement takes no longer than this."""

OUT_S = 0.3
"""Out of posture this long ends a movement."""

DOUBT = 0.55
"""Doubt that each half of a movement leaves: one leaves 0.55, two leave 0.30, four 0.09, six 0.03."""

STAYED_S = 2.0
"""Still at the peak after this long, without having come back, is worth another half of a half."""

PAUSE_S = 2.0
"""A longer stay at the peak is a hold, if a hold fits as well."""

LEADERLESS = 0.3
LED_SHARE = 0.25
"""Worth of a movement that needs a leading side where none led during this share of its peaks."""

RESTLESS_SHARE = 0.15
RESTLESS_S = 0.3
"""A signal that changes by this share of the least range in this time is not at rest."""

BASE_S = 1.0
CALM_S = 0.5
"""Rest: the baseline is its median over the last second; an excursion that ends in it for half a second led nowhere."""

Zone = Literal["rest", "peak", ""]


class Halves:
    """Follows one signal of a template between its two zones, rest and peak.

    Attributes:
        number: ways from rest to the peak or back.
        explained: seconds of them, with the peaks.
        against: seconds that are neither part of a movement nor rest.
        paused: seconds at peaks that lasted longer than a pause.
        watched: seconds in all.
    """

    def __init__(self, session: Session, counter: Counter) -> None:
        self._exercise = session.exercise
        self._counter = counter
        self._finder = LeadFinder(self._exercise.lead) if self._exercise.lead else None
        self._recent: deque[tuple[float, float]] = deque()
        self._base: deque[tuple[float, float]] = deque()
        self._zone: Zone = ""
        self._seen_zone: Zone = ""
        self._seen_since = 0.0
        self._out_since: float | None = None
        self._on_the_way = self._stayed = 0.0
        self._missed = 0.0
        self._settling = False
        self._at_peak = self._led = 0.0
        self.number = 0
        self.explained = self.against = self.paused = self.watched = 0.0

    @property
    def led(self) -> bool:
        """Whether one side led at the peaks."""
        return self._finder is not None and self._led > LED_SHARE * self._at_peak

    @property
    def told(self) -> float:
        """How much the halves tell, however much else there was."""
        if not self.number:
            return 0.0
        needs_leader = self._finder is not None and self._counter.needs_lead
        stayed = 0.5 if self._zone == "peak" and self._stayed >= STAYED_S else 0.0
        worth = LEADERLESS if needs_leader and not self.led else 1.0
        return worth * float(1.0 - DOUBT ** (self.number + stayed))

    def gap(self, step: float) -> None:
        """Nothing was seen for a while, or nothing that this signal can be read from."""
        if step > OUT_S or self._zone == "":
            self._leave()
        else:
            self._on_the_way += step
            self._missed += step
            if self._zone == "rest" and self._on_the_way > SLOWEST_S:
                self._leave()

    def update(self, body: Body, step: float) -> None:
        """Follows the signal by one pose, `step` seconds after the last one."""
        time, counter, exercise = body.time, self._counter, self._exercise
        signal = counter.sign * body.values[counter.signal]
        self.watched += step
        if signal != signal or unseen(exercise, body):
            self.gap(step)
            return
        posture = bool(exercise.posture.evaluate(body))
        stays = exercise.stays is None or bool(exercise.stays.evaluate(body))
        zone = self._zone_of(body, signal, posture, stays)
        restless = self._restless(time, signal)
        if zone != self._seen_zone:
            self._seen_zone, self._seen_since = zone, time
        if self._is_out(time, posture or stays):
            self._leave()
            self.against += step
            return
        if zone and zone != self._zone and time - self._seen_since >= DWELL_S:
            self._arrive(zone)
        if zone == "peak" and self._zone == "peak":
            self._be_at_peak(body, step)
        elif zone == "rest" and self._zone == "rest" and not restless:
            self._be_at_rest(time, signal)
        elif zone == "rest" and self._settling:
            self.explained += step
        elif self._zone:
            self._on_the_way += step
            if self._on_the_way > SLOWEST_S:
                self._leave()
        else:
            self.against += step

    def _zone_of(self, body: Body, signal: float, posture: bool, stays: bool) -> Zone:
        counter = self._counter
        limits = counter.limits(self._baseline())
        if posture and counter.rests(signal) and signal < limits.peak_exit:
            return "rest"
        if stays and signal >= limits.peak_enter and _is_met(counter, body):
            return "peak"
        return ""

    def _baseline(self) -> float:
        """The turned signal at rest; before rest was seen, the middle of where it may be."""
        if self._base:
            return sorted(signal for _, signal in self._base)[len(self._base) // 2]
        low, high = self._counter.table.rest
        return self._counter.sign * (low + high) / 2

    def _restless(self, time: float, signal: float) -> bool:
        recent = self._recent
        recent.append((time, signal))
        while time - recent[0][0] > RESTLESS_S + DWELL_S:
            recent.popleft()
        return abs(signal - recent[0][1]) > RESTLESS_SHARE * self._counter.table.min_range

    def _is_out(self, time: float, inside: bool) -> bool:
        if inside:
            self._out_since = None
            return False
        if self._out_since is None:
            self._out_since = time
        return time - self._out_since > OUT_S

    def _arrive(self, zone: Zone) -> None:
        if self._zone:
            self.number += 1
            self.explained += self._on_the_way
        else:
            self._count_against()
        self._settling = zone == "rest" and self._zone == "peak"
        self._zone, self._on_the_way, self._missed, self._stayed = zone, 0.0, 0.0, 0.0

    def _be_at_peak(self, body: Body, step: float) -> None:
        stayed = step + self._on_the_way  # what was not seen meanwhile was no way back
        self._on_the_way = self._missed = 0.0
        self._stayed += stayed
        self._at_peak += step
        if self._stayed > PAUSE_S:
            self.paused += stayed
        self.explained += stayed
        if self._finder and self._leads(body, self._finder):
            self._led += step
        if self._stayed > self._counter.table.seconds[1]:
            self.explained -= self._stayed
            self.against += self._stayed
            self.paused -= max(0.0, self._stayed - PAUSE_S)
            self._leave()

    def _be_at_rest(self, time: float, signal: float) -> None:
        self._settling = False
        self._base.append((time, signal))
        while time - self._base[0][0] > BASE_S:
            self._base.popleft()
        if time - self._seen_since > CALM_S:
            self._count_against()

    def _leave(self) -> None:
        self._count_against()
        self._zone, self._stayed = "", 0.0

    def _count_against(self) -> None:
        """The way led nowhere; what was not seen of it says nothing."""
        self.against += self._on_the_way - self._missed
        self._on_the_way = self._missed = 0.0

    @staticmethod
    def _leads(body: Body, finder: LeadFinder) -> bool:
        lead = body.lead_side
        base = body.base
        found = finder.update(body, (base, base))
        body.set_lead(lead)
        body.base = base
        return found is not None


def _is_met(counter: Counter, body: Body) -> bool:
    """Whether the template's further conditions for a peak hold."""
    if counter.unless is not None and counter.unless.evaluate(body):
        return False
    return counter.only_if is None or bool(counter.only_if.evaluate(body))
