"""The hold timer: enter, good form, grace, pause, resume, end.

Being *in position* and being *in good form* are timed apart: somebody who planks with sagging hips does plank, and
must be told; the seconds only count as held, not as in form. Entering is back-dated, so that no held second is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from formcheck.judge.settling import KNOWN_S, Settling

BLIP_S = 0.25
"""Out of position or out of sight for less than this is noise."""

RESUME_S = 0.5
"""Good form must last this long to count again after a pause: who gets up passes through it for 0.4 s (rendered)."""

GETTING_IN_S = 0.5
"""Who comes within the wider limits of good form and on within its stricter ones in this time is in form from the
beginning: the stricter limits decide whether it is good form, not since when.
"""

MAX_STEP_S = 0.5
"""A longer gap between two poses is time in which nothing was seen."""


@dataclass(frozen=True, slots=True)
class HoldTimes:
    """One finished hold, in seconds.

    Attributes:
        start, end: times.
        in_form: seconds in good form.
        held: seconds in position.
        lost: seconds in which the person was not seen.
        longest: longest stretch in good form.
        breaks: how often good form was lost for longer than the grace.
    """

    start: float
    end: float
    in_form: float
    held: float
    lost: float
    longest: float
    breaks: int


class HoldTimer:
    """Times the holds of a track.

    Args:
        enter_s: position must last this long to be a hold.
        grace_s: bad form up to this long only stops the clock; after it, good form must be entered again.
        end_s: out of position or out of sight this long, the hold is over.
        settling: says better when good form began and ended.
    """

    def __init__(self, enter_s: float, grace_s: float, end_s: float, settling: Settling | None = None) -> None:
        self._enter_s, self._grace_s, self._end_s = enter_s, grace_s, end_s
        self._settling = settling
        self._last: float | None = None
        self._since: float | None = None
        self._good_since: float | None = None
        self._fair_since: float | None = None  # within the wider limits of good form, before the hold began
        self._clear()

    def _clear(self) -> None:
        self.holding = False
        self.good = False
        self.in_form = self.held = self.lost = 0.0
        self.start = 0.0
        self._stretch = self._longest = 0.0
        self._formed_from = self._formed_until = 0.0
        self._settled = False
        self._breaks = 0
        self._left = False
        self._unseen = 0.0
        self._formed = False
        self._bad_since: float | None = None
        self._back_since: float | None = None
        self._back_step = 0.0
        self._out_since: float | None = None
        self._blind_since: float | None = None
        self._in_position_until = 0.0
        self._left_at: float | None = None
        self._held_when_left = 0.0
        self._rejoined: float | None = None
        self._broke_off = False

    @property
    def out(self) -> bool:
        """Whether a hold is under way from which the person is out of position or out of sight now."""
        return self.holding and (self._out_since is not None or self._blind_since is not None)

    def update(self, time: float, seen: bool, position: bool, enter: bool, stay: bool) -> HoldTimes | None:
        """Follows the hold by one pose; gives it back when it is over.

        Args:
            time: seconds.
            seen: whether what the hold needs was seen.
            position: whether the pose is the exercise at all.
            enter: whether it is in good form, by the stricter limits.
            stay: whether it is in good form, by the wider limits.
        """
        step = 0.0 if self._last is None else time - self._last
        self._last = time
        if not self.holding:
            self._wait(time, step, seen, position, enter, stay)
            return None
        if not seen or step > MAX_STEP_S:
            self._unseen += step
            if not seen:
                if self._blind_since is None:
                    self._blind_since = time - step
                if time - self._blind_since > self._end_s:
                    return self._end()
                return None
            if step > self._end_s:
                return self._end()
            step = 0.0
        elif self._blind_since is not None:
            blind = time - self._blind_since
            if blind <= BLIP_S and self._out_since is None:
                self._unseen -= blind - step
                step = blind
            else:
                self._unseen += step
                step = 0.0
        self._blind_since = None
        if not position:
            if self._out_since is None:
                self._out_since = time
            if time - self._out_since > self._end_s:
                return self._end()
            if time - self._out_since > BLIP_S:
                self._left |= self.good
                self._interrupt()
                self._left_at, self._held_when_left, self._rejoined = self._in_position_until, self.held, None
            return None
        if self._out_since is not None:
            if time - self._out_since <= BLIP_S:
                step = time - self._in_position_until if self._in_position_until else step
            else:
                self._rejoined, self._broke_off = time, self._left
            self._out_since = None
        self._left = False
        self.lost += self._unseen
        if self._good_since is not None:
            self._good_since += self._unseen
        if self._back_since is not None:
            self._back_since += self._unseen
        self._unseen = 0.0
        self._in_position_until = time
        self.held += step
        self._judge_form(time, step, enter, stay)
        if self._formed and not self._settled and time - self._formed_from >= KNOWN_S:
            self._settle()
        return None

    def finish(self) -> HoldTimes | None:
        """The recording is over."""
        return self._end() if self.holding else None

    def split(self) -> HoldTimes | None:
        """Ends the hold where it was last left; the position that was taken since, not yet in good form, is another."""
        if not self.holding or self.good or self._left_at is None:
            return None
        self._in_position_until, self.held = self._left_at, self._held_when_left
        rejoined, good_since = self._rejoined, self._good_since
        if rejoined is not None:
            self._left = self._broke_off
        ended = self._end()
        self._since, self._good_since, self._fair_since = rejoined, good_since, good_since
        return ended

    def abort(self) -> HoldTimes | None:
        """Ends the hold at once, as at a scene cut."""
        ended = self.finish()
        self._since = self._good_since = None
        return ended

    def _wait(self, time: float, step: float, seen: bool, position: bool, enter: bool, stay: bool) -> None:
        if not seen or step > MAX_STEP_S:
            if self._since is not None and (step > MAX_STEP_S or time - self._in_position_until > MAX_STEP_S):
                self._since = self._good_since = None
            return
        if not position:
            if self._since is not None and time - self._in_position_until > BLIP_S:
                self._since = self._good_since = None
            return
        if self._since is None:
            self._since, self._fair_since = time, None
        self._in_position_until = time
        if not stay:
            self._fair_since = None
        elif self._fair_since is None:
            self._fair_since = time
        if not enter:
            self._good_since = None
        elif self._good_since is None:
            self._good_since = time
        if time - self._since < self._enter_s:
            return
        since, fair_since, good_since = self._since, self._fair_since, self._good_since
        if good_since is not None and fair_since is not None and good_since - fair_since <= GETTING_IN_S:
            good_since = fair_since
        self._since = None
        self._clear()
        self.holding, self.start, self.held = True, since, time - since
        self._in_position_until = time
        self._good_since = good_since
        self._judge_form(time, 0.0, enter, enter)

    def _judge_form(self, time: float, step: float, enter: bool, stay: bool) -> None:
        if self.good:
            self._stay_good(time, step, stay)
            return
        if not enter:
            self._good_since = None
            return
        if self._good_since is None:
            self._good_since = time
        if time - self._good_since >= (RESUME_S if self._formed else min(self._enter_s, 1.0)):
            if not self._formed:
                self._formed_from = self._good_since
            self.good = self._formed = True
            self._bad_since = self._back_since = None
            self._stretch = 0.0
            self._form(time, time - self._good_since)

    def _stay_good(self, time: float, step: float, stay: bool) -> None:
        bad_since = self._bad_since
        if not stay:
            if bad_since is None:
                self._bad_since = time
            elif time - bad_since > self._grace_s:
                self._interrupt()
            self._back_since = None
            return
        if bad_since is None:
            self._form(time, step)
            return
        if self._back_since is None:
            self._back_since, self._back_step = time, step
        if self._back_since - bad_since <= BLIP_S or time - self._back_since >= RESUME_S:
            self._form(time, time - self._back_since + self._back_step)
            self._bad_since = self._back_since = None

    def _form(self, until: float, seconds: float) -> None:
        self._formed_until = until
        self.in_form += seconds
        self._stretch += seconds
        self._longest = max(self._longest, self._stretch)

    def _interrupt(self) -> None:
        if self.good:
            self._breaks += 1
        self.good = False
        self._good_since = None

    def _settle(self) -> None:
        """Moves the beginning of good form to when the person had arrived, and that of the hold along with it."""
        self._settled = True
        if not self._settling:
            return
        late = self._settling.arrived(self._formed_from)
        self._lengthen(-late)
        if self._formed_from - self.start <= GETTING_IN_S:
            self.start += late
            self.held -= late

    def _stir(self) -> None:
        """Moves the end of good form to when the person left, and that of the hold along with it."""
        if not self._settling:
            return
        late = self._settling.left(self._formed_until)
        self._lengthen(late)
        if self._in_position_until - self._formed_until <= GETTING_IN_S:
            self._in_position_until += late
            self.held += late

    def _lengthen(self, seconds: float) -> None:
        self.in_form += seconds
        if self._stretch == self._longest:
            self._longest += seconds
        self._stretch += seconds

    def _end(self) -> HoldTimes:
        if self._formed:
            if not self._settled:
                self._settle()
            self._stir()
        times = HoldTimes(
            start=self.start,
            end=self._in_position_until,
            in_form=self.in_form,
            held=self.held,
            lost=self.lost,
            longest=self._longest,
            breaks=self._breaks - self._left,  # leaving for good is the end, not a break
        )
        self._since = self._good_since = None
        self._clear()
        return times
