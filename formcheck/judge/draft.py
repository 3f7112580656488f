"""A template being written: its data, and why everything in it is as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from formcheck.judge.demonstration import Demonstration
from formcheck.judge.template import SCHEMA, ViewName

_VIEWS: dict[ViewName, tuple[tuple[ViewName, ...], str]] = {
    "side": (("side", "oblique"), "to your side"),
    "oblique": (("side", "oblique", "front"), "halfway between your side and your front"),
    "front": (("oblique", "front"), "in front of you"),
}


@dataclass(slots=True)
class Draft:
    """A template being written.

    Attributes:
        data: as its TOML file will hold it.
        comments: by path of the key, such as ("repetition", "rest"): why it is as it is.
        repetitions: least and greatest number of repetitions that the demonstration can be said to show.
        held_s: seconds that it holds.
    """

    data: dict[str, Any]
    comments: dict[tuple[str, ...], str] = field(default_factory=dict)
    repetitions: tuple[int, int] = (0, 0)
    held_s: float = 0.0


def frame(name: str, shown: Demonstration, source: str) -> Draft:
    """What does not depend on the kind of exercise.

    Args:
        name: id of the exercise.
        shown: what the demonstration shows.
        source: name of its recording, for the comments.
    """
    counts_in, where = _VIEWS[shown.view]
    quadruped = shown.posture == "quadruped"
    return Draft(
        {
            "schema": SCHEMA,
            "id": name,
            "name": name.replace("_", " ").capitalize(),
            "kind": shown.kind,
            "summary": f"Learned from the demonstration {source}.",
            "instructions": [],
            "safety": ["Stop at any pain or discomfort and ask a health professional."],
            "cannot_see": ["anything but the joints measured here: this exercise was learned from one demonstration"],
            "posture": shown.posture,
            "required": [],
            "camera": {
                "view": shown.view,
                # On hands and knees the width of the shoulders says nothing about the view.
                "counts_in": ["side", "oblique", "front"] if quadruped else list(counts_in),
                **({"min_ratio": 0.0, "max_ratio": 9.0} if quadruped else {}),
                "advice": f"Put the camera where it stood in the demonstration: {where}, two to three metres away, so "
                "that your whole body is in the picture.",
            },
        },
        {
            ("summary",): "Write here what it is good for.",
            ("instructions",): "The first step is said to somebody who is not in the start position.",
            ("posture",): "Seen at rest." if shown.kind == "repetitions" else "Seen during the hold.",
            ("camera", "view"): "As in the demonstration.",
        },
    )
