"""What a person does when: repetitions, holds, faults, walking, the way in and out."""

from __future__ import annotations

import numpy as np

from samples.render.actor import Actor
from samples.render.errors import RenderError
from samples.render.motion import FaultChoice, Repetition
from samples.render.posture import Posture
from samples.render.rotation import smooth_step
from samples.render.timeline import FaultDone, Key, RepetitionDone, Timeline

BOUNCE_S = 0.6
"""Seconds of half a bounce."""

CHANGE_S = 0.6
"""Seconds of changing sides halfway between two holds, and of settling on the new one."""


def plan(
    actor: Actor,
    *,
    count: int,
    side: str,
    faults: tuple[FaultChoice, ...] = (),
    hold_s: float = 10.0,
    lead_s: float = 1.0,
    tempo: float = 1.0,
    pause_after: int | None = None,
    pause_s: float = 4.0,
    enter: bool = False,
    leave: bool = False,
    seed: int = 0,
    fidget: float = 1.0,
) -> Timeline:
    """Plan a whole clip.

    Args:
        actor: who does what.
        count: repetitions, holds, or walking cycles.
        side: left, right or alternate (repetitions and holds change sides, left first).
        faults: what is done wrong, in which repetitions or holds.
        hold_s: seconds that a hold is held.
        lead_s: seconds of standing or lying still before the first repetition, and after the last.
        tempo: how long moving takes, as a multiple of the motion's own durations.
        pause_after: a rest of `pause_s` after this repetition.
        enter, leave: get into position first; get up afterwards.
        seed: of the small variations of tempo and the idle movements.
        fidget: size of the idle movements; 0 for a statue.
    """
    motion = actor.motion
    timeline = Timeline(actor, seed, fidget)
    random = np.random.default_rng(seed + 1)
    first = "left" if side in ("alternate", "left") else "right"
    if motion.one_sided and side not in ("left", "right", "alternate"):
        raise RenderError(f"side {side!r} is not left, right or alternate")
    poses = actor.postures(first, tuple(fault for fault in faults if fault.in_repetition(1) and _lasting(actor, fault)))
    timeline.go(poses[motion.start], 0.0)
    if enter and motion.before:
        timeline.keys.clear()
        timeline.keys.append(Key(0.0, poses[motion.before[0][0]]))
        timeline.go(poses[motion.before[0][0]], 0.6)
        timeline.follow(motion.before[1:], poses)
    timeline.ready_s = timeline.now
    timeline.go(poses[motion.start], lead_s)
    for number in range(1, count + 1):
        now = side if side != "alternate" else ("left" if number % 2 else "right")
        chosen = tuple(fault for fault in faults if fault.in_repetition(number))
        pace = tempo * float(random.uniform(0.95, 1.05))
        if motion.repetition:
            _repeat(timeline, motion.repetition, now, chosen, pace)
            if pause_after == number:
                timeline.go(timeline.keys[-1].posture, pause_s)
        elif motion.holding:
            before = timeline.holds[-1][0] if timeline.holds else None
            if motion.one_sided and before and before != now:
                _change_sides(timeline, before, now, pace)
            _hold(timeline, now, chosen, hold_s, pace)
        elif motion.cycle:
            _walk(timeline, number, pace)
    timeline.go(timeline.keys[-1].posture, 0.0 if motion.cycle else lead_s * 0.8)
    if motion.after and (leave or motion.kind == "negative"):
        timeline.follow(motion.after, actor.postures(first))
        timeline.go(timeline.keys[-1].posture, 0.5)
    return timeline


def _lasting(actor: Actor, choice: FaultChoice) -> bool:
    """Whether a fault already shows in the start position (feet too far away, say)."""
    fault = actor.motion.faults.get(choice.name)
    return fault is not None and (actor.motion.kind == "reps" or fault.whole)


def _repeat(timeline: Timeline, how: Repetition, side: str, faults: tuple[FaultChoice, ...], pace: float) -> None:
    actor = timeline.actor
    motion = actor.motion
    poses = actor.postures(side, faults)
    if poses[motion.start] is not timeline.keys[-1].posture and faults:
        timeline.go(poses[motion.start], 0.5)
    levels = [motion.faults[fault.name].level(fault.severity) for fault in faults]
    out = next((level.out for level in levels if level.out), None)
    back = next((level.back for level in levels if level.back), None)
    hold = next((level.hold for level in levels if level.hold is not None), how.hold)
    start = timeline.now
    own = sum(seconds for _, seconds in how.out), sum(seconds for _, seconds in how.back)
    timeline.follow(how.out, poses, scale=out / own[0] if out else pace)
    reached = timeline.now
    timeline.go(poses[how.out[-1][0].lstrip("~")], hold)
    peak = timeline.now
    timeline.follow(how.back, poses, scale=back / own[1] if back else pace)
    end = timeline.now
    timeline.go(poses[motion.start], how.rest * pace)
    for level in levels:
        if level.rest:
            timeline.follow((*level.rest, (motion.start, level.rest[0][1])), poses)
    seconds = {"seconds.rep": end - start, "seconds.back": end - peak, "seconds.out": reached - start}
    done = tuple(_done(timeline, fault, poses, side, seconds, start, end) for fault in faults)
    top = poses[how.out[-1][0].lstrip("~")]
    reached_all = all(
        low <= actor.read(name, top, side, poses[motion.start]) <= high for name, (low, high) in motion.reached.items()
    )
    timeline.repetitions.append(
        RepetitionDone(side if motion.one_sided else None, start, (reached + peak) / 2, end, reached_all, done)
    )
    timeline.faults.extend(done)


def _done(
    timeline: Timeline,
    choice: FaultChoice,
    poses: dict[str, Posture],
    side: str,
    seconds: dict[str, float],
    start: float,
    end: float,
) -> FaultDone:
    actor = timeline.actor
    fault = actor.motion.faults[choice.name]
    if fault.measure in seconds:
        value = seconds[fault.measure]
    elif fault.measure.startswith("swing."):
        value = fault.level(choice.severity).pulse or 0.0
    else:
        value = fault_measure(actor, choice, poses, side)
    return FaultDone(fault.id or choice.name, choice.severity, fault.measure, value, start, end)


def fault_measure(actor: Actor, choice: FaultChoice, poses: dict[str, Posture], side: str) -> float:
    """The exact measure that a fault is judged by, in the pose in which it is made."""
    fault = actor.motion.faults[choice.name]
    return actor.read(fault.measure, poses[fault.pose], side, poses[actor.motion.start])


def _hold(timeline: Timeline, side: str, faults: tuple[FaultChoice, ...], seconds: float, pace: float) -> None:
    """One hold: good, then the fault, then good again; faults that last are made from beginning to end."""
    actor = timeline.actor
    motion = actor.motion
    how = motion.holding
    assert how is not None
    lasting = tuple(fault for fault in faults if motion.faults[fault.name].whole)
    passing = tuple(fault for fault in faults if fault not in lasting)
    good = actor.postures(side, lasting)
    begin = timeline.now
    timeline.follow(how.into, good, scale=pace)
    done = []
    if passing:
        bad = actor.postures(side, (*lasting, *passing))
        timeline.go(good[how.pose], 0.35 * seconds)
        start = timeline.now
        bounce = next(
            (
                motion.faults[f.name].level(f.severity).pulse
                for f in passing
                if motion.faults[f.name].level(f.severity).pulse
            ),
            None,
        )
        if bounce:
            name = next(motion.faults[f.name].measure for f in passing if motion.faults[f.name].level(f.severity).pulse)
            away = bounced(actor, good[how.pose], good[motion.start], name.removeprefix("swing."), bounce, side)
            for _ in range(max(3, round(0.45 * seconds / (2 * BOUNCE_S)))):
                timeline.go(away, BOUNCE_S)
                timeline.go(good[how.pose], BOUNCE_S)
        else:
            timeline.go(bad[how.pose], 1.0)
            timeline.go(bad[how.pose], 0.4 * seconds)
        end = timeline.now
        done += [_done(timeline, fault, bad, side, {}, start, end) for fault in passing]
        timeline.go(good[how.pose], 1.0)
    timeline.go(good[how.pose], seconds * (0.25 if passing else 1.0))
    timeline.follow(how.out, good, scale=pace)
    done += [_done(timeline, fault, good, side, {}, begin, timeline.now) for fault in lasting]
    timeline.faults.extend(done)
    timeline.holds.append((side if motion.one_sided else None, timeline.now))


def _change_sides(timeline: Timeline, before: str, now: str, pace: float) -> None:
    """Back to where one gets into position from, and into position on the other side."""
    motion = timeline.actor.motion
    old, new = timeline.actor.postures(before), timeline.actor.postures(now)
    (halfway, _), (ready, seconds) = motion.before[-2:]
    timeline.go(old[halfway], seconds * pace)
    timeline.go(new[halfway], CHANGE_S)
    timeline.go(new[ready], seconds * pace)
    timeline.go(new[motion.start], CHANGE_S)


def bounced(actor: Actor, still: Posture, away: Posture, name: str, wanted: float, side: str) -> Posture:
    """A posture on the way to `away` such that bouncing there and back gives the wanted standard deviation.

    Raises:
        RenderError: even the whole way is not enough.
    """
    shares = [smooth_step(u) for u in np.linspace(0, 1, 9)]

    def deviation(far: float) -> float:
        values = [actor.read(name, actor.poser.blend(still, away, far * share), side, away) for share in shares]
        return float(np.std(values))

    low, high = 0.0, 1.0
    if deviation(high) < wanted:
        raise RenderError(f"{actor.motion.id}: bouncing by {wanted} needs a larger way than the pose has")
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if deviation(middle) < wanted else (low, middle)
    return actor.poser.blend(still, away, high)


def _walk(timeline: Timeline, number: int, pace: float) -> None:
    motion = timeline.actor.motion
    poses = timeline.actor.postures("left")
    scale = timeline.actor.body.scale
    length = motion.cycle[-1][2]
    for name, seconds, ahead in motion.cycle:
        shift = (0.0, 0.0, (ahead + length * (number - 1)) * scale)
        timeline.go(poses[name.lstrip("~")].moved(shift), seconds * pace, through=name.startswith("~"))
