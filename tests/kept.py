"""Sets for the history, of which the tests know every figure."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

from outcomes import LUNGE, PLANK, attempt, hold

from formcheck.history.store import History
from formcheck.judge.moment import Counts
from formcheck.judge.report import FaultReport, Repetition, Report, VideoFacts
from formcheck.judge.template import Template
from formcheck.pose import Side

ZONE = timezone(timedelta(hours=2))
FIRST = datetime(2026, 9, 7, 18, 30, tzinfo=ZONE)
"""A Monday."""

FAULT = FaultReport("trunk_lean", "S2", "Stay tall", "It matters.", "A", 1.0, (1.0,))


def lunges(
    count: int = 12,
    *,
    sides: tuple[Side | None, ...] = ("left", "right"),
    reach: float = 70.0,
    seconds: float = 3.0,
    faulty: int = 0,
    partial: int = 0,
    right_less: float = 0.0,
    **more: Any,
) -> Report:
    """A set of `count` repetitions a side from 160 degrees down by `reach`; the first `faulty` of each with a fault."""
    repetitions: list[Repetition] = []
    whole = reach
    for side in sides:
        reach = whole - (right_less if side == "right" else 0.0)
        for i in range(count + partial):
            repetitions.append(
                attempt(
                    10.0 + 4.0 * len(repetitions),
                    counted=i < count,
                    side=side,
                    depth=160.0 - reach,
                    depth_measure="front_knee",
                    measures={"front_knee": 160.0 - reach},
                    extremes={"trunk": (-2.0, 5.0), "front_knee": (160.0 - reach, 160.0)},
                    seconds={"moving": 1.0, "peak": 0.5, "returning": seconds - 1.5, "repetition": seconds},
                    faults=("trunk_lean",) if i < faulty else (),
                )
            )
    return Report(
        exercise=LUNGE.id,
        name=LUNGE.name,
        kind="repetitions",
        video=VideoFacts("monday.mp4", 60.0, 1280, 720, 1800, 1800),
        view="side",
        view_ratio=0.1,
        near_side="left",
        counts=Counts(count * len(sides), count * ("left" in sides), count * ("right" in sides), partial),
        repetitions=tuple(repetitions),
        holds=(),
        faults=(FAULT,) if faulty else (),
        tips=(),
        cues=(),
        readiness=(),
        not_visible=(),
        measure_units={"trunk": "deg", "front_knee": "deg"},
        **more,
    )


def plank(in_form: float = 25.0, held: float = 30.0) -> Report:
    """A hold."""
    return Report(
        exercise=PLANK.id,
        name=PLANK.name,
        kind="hold",
        video=VideoFacts(None, held + 4, 1280, 720, 900, 900),
        view="side",
        view_ratio=0.1,
        near_side="left",
        counts=Counts(),
        repetitions=(),
        holds=(hold(2.0, 2.0 + held, in_form),),
        faults=(),
        tips=(),
        cues=(),
        readiness=(),
        not_visible=(),
        measure_units={"hip": "deg"},
    )


def keep(history: History, report: Report, day: int = 0, person: str | None = None, **more: Any) -> int:
    """Keeps a set that was done `day` days after the first Monday."""
    template: Template = LUNGE if report.kind == "repetitions" else PLANK
    began = FIRST + timedelta(days=day)
    return history.add(report, **{"began": began, "source": "live", "person": person, "template": template, **more})


def keep_weeks(history: History, sets: int = 1000, seed: int = 7) -> None:
    """Months of training, three days a week: the range grows from 60 to 85 degrees, the plank from 20 to 50 s."""
    history.connection.execute("PRAGMA synchronous = OFF")  # a thousand waits for the disk are no part of the test
    chance = random.Random(seed)
    days = [7 * week + day for week in range(sets) for day in (0, 2, 4)][: (sets + 3) // 4]
    for number in range(sets):
        day = days[number // 4]
        share = number / sets
        if number % 4 == 3:
            made = plank(20 + 30 * share + chance.gauss(0, 2), 55.0)
        else:
            reach = 60 + 25 * share + chance.gauss(0, 3)
            made = lunges(12, reach=reach, seconds=3 + chance.gauss(0, 0.2), faulty=chance.randrange(3), right_less=8.0)
        keep(history, made, day)
