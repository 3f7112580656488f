"""From a demonstrated hold to the data of a template: what is held, and how far it may be left."""

from __future__ import annotations

from formcheck.judge.demonstration import LYING, Demonstration, Held
from formcheck.judge.draft import Draft
from formcheck.judge.margins import band
from formcheck.judge.posture import POSTURES

BODY = ("knee", "hip", "trunk")
"""Measures that make a position; of the arms only the elbow says something, and little."""

_POSITION, _ENTER, _STAY = 30.0, 15.0, 20.0
_ARMS_POSITION = 45.0
"""Degrees about what was held: the exercise at all, good form, good form goes on. Arms on the floor are read badly."""


def add_hold(result: Draft, shown: Demonstration) -> None:
    """Writes measures, hold and faults of a demonstrated hold into a draft."""
    data, comments = result.data, result.comments
    lying = shown.posture in LYING
    body = [h for h in shown.held if h.yardstick.name in BODY]
    arms = [h for h in shown.held if h.yardstick.name == "elbow"]
    position = [_within(h, _POSITION) for h in body] + [_within(h, _ARMS_POSITION) for h in arms]
    data["instructions"] = [
        f"{POSTURES[shown.posture].ask}: "
        + ", ".join(f"{h.yardstick.label.lower()} at about {h.middle:.0f}°" for h in body)
        + ".",
        "Keep still and breathe.",
    ]
    data["required"] = list(
        dict.fromkeys(m for h in body for m in h.yardstick.landmarks("near") if not m.startswith("mid"))
    ) or ["near.shoulder", "near.hip"]
    data["dose"] = {"hold_s": [15, 60]}
    data["measures"] = {}
    for h in (*body, *arms):
        y = h.yardstick
        data["measures"][y.name] = {
            "value": y.expression("near", lying),
            "unit": "deg",
            "label": y.label,
            "at": y.at.format(side="near"),
            **({"arms": [arm.format(side="near") for arm in y.arms]} if y.arms else {}),
        }
        if h in body:
            data["measures"][y.name]["target"] = band(h.middle - h.stray, h.middle + h.stray, "deg")
            comments["measures", y.name, "target"] = (
                f"Held at {h.middle:.0f}° give or take {h.stray:.0f}°; 10° more on both sides."
            )
    result.held_s = shown.held_s
    data["hold"] = {
        "position": " and ".join(position),
        "enter": " and ".join(_within(h, _ENTER + h.stray) for h in body),
        "stay": " and ".join(_within(h, _STAY + h.stray) for h in body),
        "enter_s": 1.0,
        "grace_s": 2.0,
        "end_s": 3.0,
        "targets_s": {"standard": 30, "beginner": 15},
    }
    comments["hold", "position"] = (
        f"The exercise at all, in good form or bad: {_POSITION:.0f}° about what was held for {shown.held_s:.0f} s."
    )
    comments["hold", "enter"] = f"Good form: {_ENTER:.0f}° about it, and as much as the demonstration strayed."
    comments["hold", "stay"] = f"{_STAY:.0f}° about it."
    data["faults"] = []
    for h in body:
        for side, rule, cue in (
            ("small", f"{h.yardstick.name} < {h.middle - _STAY - h.stray:.0f}", h.yardstick.more),
            ("large", f"{h.yardstick.name} > {h.middle + _STAY + h.stray:.0f}", h.yardstick.less),
        ):
            if side == "large" and not lying and h.middle + _STAY > 180:
                continue
            data["faults"].append(
                {
                    "id": f"{h.yardstick.name}_too_{side}",
                    "measurable": "A",
                    "severity": "S1" if h.yardstick.name == "trunk" else "S2",
                    "view": shown.view,
                    "when": ["hold"],
                    "rule": rule,
                    "persist_s": 1.0,
                    "cue": cue,
                    "why": "Not the position that was demonstrated.",
                }
            )


def _within(held: Held, margin: float) -> str:
    return f"{held.middle - margin:.0f} <= {held.yardstick.name} <= {held.middle + margin:.0f}"
