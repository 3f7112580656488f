"""A template made after another one: its texts, measures, camera and faults, with the numbers of a demonstration."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from formcheck.errors import DemonstrationError
from formcheck.judge.cycles import Movement, find_cycles
from formcheck.judge.demonstration import LEAST_HOLD_S
from formcheck.judge.draft import Draft
from formcheck.judge.margins import (
    MARGIN,
    MARGIN_DEG,
    band,
    counting,
    counting_comments,
    number,
    repetitions,
    rushed,
    shallow,
    span_text,
)
from formcheck.judge.report import Report
from formcheck.judge.session import Session
from formcheck.judge.template import Template
from formcheck.judge.watched import Watched, watch
from formcheck.pose import Pose

SHOWN_SHARE = 1 / 3
"""A fault that the demonstration itself shows in more than this share of its repetitions is left out."""

FORMED_SHARE = 0.5
"""Less than this share of a demonstrated hold in good form: then good form is what was demonstrated. The rest of it is
getting into form and out of it: from the knees into a plank takes a quarter of ten seconds."""

AT_PEAK_S = 0.15


def draft_like(name: str, data: Mapping[str, Any], template: Template, poses: Iterable[Pose], source: str) -> Draft:
    """The template that a demonstration gives when it is done like a known exercise.

    Args:
        name: id of the new exercise.
        data: the known template as its file holds it.
        template: the same, checked.
        poses: the demonstration.
        source: name of its recording, for the comments.

    Raises:
        DemonstrationError: it is not done like that exercise.
    """
    poses = tuple(poses)
    result = Draft(copy.deepcopy(dict(data)))
    result.data["id"] = name
    result.data["name"] = name.replace("_", " ").capitalize()
    result.data["recognise"] = False
    result.comments["recognise",] = f"It would be taken for {template.id}, and that for it; only -e {name} chooses it."
    result.comments["id",] = f"Numbers fitted to the demonstration {source}."
    result.comments["summary",] = f"Texts, camera and faults are taken over from {template.id}."
    watched = watch(poses, template)
    if template.repetition:
        _fit_repetitions(result, template, watched)
    else:
        _fit_hold(result, template, watched, poses)
    return result


def without_shown_faults(result: Draft, report: Report) -> list[str]:
    """Takes out the faults that the demonstration itself shows, and gives their ids: it is what good form is."""
    counted = [r for r in report.repetitions if r.counted]
    shown = []
    for fault in result.data.get("faults", ()):
        times = sum(fault["id"] in r.faults for r in counted)
        if times > SHOWN_SHARE * len(counted) or any(fault["id"] in h.faults for h in report.holds):
            shown.append(str(fault["id"]))
    result.data["faults"] = [f for f in result.data.get("faults", ()) if f["id"] not in shown]
    return shown


def without_condition(result: Draft, report: Report) -> list[str]:
    """Takes out the conditions for which repetitions of the demonstration did not count, and gives their keys."""
    reasons = {r.reason for r in report.repetitions}
    tables = [result.data.get("repetition", {}), *result.data.get("repetition_in", {}).values()]
    taken = []
    for reason, keys in (("condition", ("only_if", "only_if_reason")), ("left_position", ("stays",))):
        if reason in reasons and any(keys[0] in table for table in tables):
            taken.append(keys[0])
            for table in tables:
                for key in keys:
                    table.pop(key, None)
    return taken


def _fit_repetitions(result: Draft, template: Template, watched: Watched) -> None:
    assert template.repetition
    # Lying down and getting up again go further than any repetition.
    watched = watched.in_posture(template.posture)
    table: dict[str, Any] = result.data["repetition"]
    path: tuple[str, ...] = ("repetition",)
    if watched.view in template.repetition_in:
        table, path = result.data["repetition_in"][watched.view], ("repetition_in", watched.view)
    signal = table.get("signal", template.repetition.signal)
    upwards = table.get("direction", template.repetition.direction) == "up"
    unit = template.measures[signal].unit
    movement = find_cycles(watched.times, watched.values[signal], 1.0 if upwards else -1.0)
    if movement is None:
        label = template.measures[signal].label or signal
        raise DemonstrationError(
            f"In the demonstration nothing is done like {template.name}: {label.lower()} never goes out and comes "
            "back. Record three repetitions or more, beginning and ending at rest, or learn it without --like."
        )
    numbers = counting(movement, unit)
    comments = counting_comments(movement, unit)
    del numbers["direction"]
    # How long repetitions take is said once, for all views.
    result.data["repetition"]["seconds"] = numbers.pop("seconds")
    result.comments["repetition", "seconds"] = comments.pop("seconds")
    table.update(numbers)
    result.comments |= {(*path, key): text for key, text in comments.items()}
    result.repetitions = repetitions(movement)
    for name, measure in template.measures.items():
        at_peaks = [_at(watched, name, cycle.peak) for cycle in movement.cycles]
        _retarget(result, name, measure.unit, [v for v in at_peaks if v == v] if measure.target else [], "at the peak")
    _fit_faults(result, template, watched, movement, signal, table.get("depth", template.repetition.depth) or signal)


def _fit_faults(
    result: Draft, template: Template, watched: Watched, movement: Movement, signal: str, depth: str
) -> None:
    """Depth and tempo are what was demonstrated; all other faults stay as they are.

    Angles read otherwise from elsewhere, so a depth that was demonstrated is judged only where it was seen.
    """
    for fault in result.data.get("faults", ()):
        if "repetition" not in fault["when"]:
            continue
        key = ("faults", str(fault["id"]))
        sign = _reaching(depth, fault["rule"])
        if fault.get("comfort") and sign:
            reached = movement if depth == signal else find_cycles(watched.times, watched.values[depth], sign)
            if reached and len(reached.cycles) == len(movement.cycles):
                fault.update(shallow(depth, reached, template.measures[depth].unit), view=watched.view)
                result.comments[*key, "view"] = "Where it was demonstrated: angles read otherwise from elsewhere."
                result.comments[*key, "rule"] = "A margin less than the least that was demonstrated."
        elif "seconds(repetition)" in fault["rule"]:
            fault["rule"] = rushed(movement)
            result.comments[*key, "rule"] = "60 % of the fastest that was demonstrated."


def _reaching(depth: str, rule: str) -> float:
    """+1 if a rule asks how high the depth got, -1 if it asks how low; 0 if it asks neither."""
    return 1.0 if f"highest({depth})" in rule else -1.0 if f"lowest({depth})" in rule else 0.0


def _fit_hold(result: Draft, template: Template, watched: Watched, poses: tuple[Pose, ...]) -> None:
    session = Session(template)
    formed: list[float] = []
    in_form = 0.0
    for pose in poses:
        clock = session.update(pose).hold
        if clock and clock.in_form > in_form:
            formed.append(pose.time)
            in_form = clock.in_form
    report = session.finish()
    if report.held_s < LEAST_HOLD_S:
        raise DemonstrationError(
            f"In the demonstration nobody holds a position like {template.name}. Record a hold of ten seconds or more, "
            "from where its camera has to be, or learn it without --like."
        )
    result.held_s = report.held_s
    new_form = report.in_form_s < FORMED_SHARE * report.held_s
    longest = max(report.holds, key=lambda hold: hold.held_s)
    during = watched.between(longest.start_s, longest.end_s)
    shown = np.ones(len(during.times), bool) if new_form else np.isin(during.times, formed)
    stay: list[str] = []
    enter: list[str] = []
    for name, measure in template.measures.items():
        values = during.values[name][shown & ~np.isnan(during.values[name])]
        if measure.target is None or not values.size:
            continue
        low, high = np.percentile(values, (5, 95)).tolist()
        _retarget(result, name, measure.unit, [low, high], "while held")
        margin = MARGIN_DEG if measure.unit == "deg" else MARGIN
        for rules, wider in ((enter, 1.0), (stay, 1.5)):
            ends = (number(end, measure.unit) for end in (low - wider * margin, high + wider * margin))
            rules.append(f"{next(ends)} <= {name} <= {next(ends)}")
    if new_form and enter:
        result.data["hold"] |= {"enter": " and ".join(enter), "stay": " and ".join(stay)}
        result.comments["hold", "enter"] = "Good form is what was demonstrated, and 10° more."
        result.comments["hold", "stay"] = "... and 15° more."


def _retarget(result: Draft, name: str, unit: str, seen: list[float], when: str) -> None:
    """The band of good form of a measure that has one."""
    if not seen:
        return
    result.data["measures"][name]["target"] = band(min(seen), max(seen), unit)
    result.comments["measures", name, "target"] = (
        f"Demonstrated {when}: {span_text(min(seen), max(seen), unit)}; a margin of "
        f"{f'{MARGIN_DEG:.0f}°' if unit == 'deg' else MARGIN} on both sides."
    )


def _at(watched: Watched, name: str, time: float) -> float:
    values = watched.values[name][np.abs(watched.times - time) <= AT_PEAK_S]
    values = values[~np.isnan(values)]
    return float(np.median(values)) if values.size else float("nan")
