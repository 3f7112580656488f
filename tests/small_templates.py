"""Small made-up exercises for tests: a curl (counted), a hang (held), and what it takes to change them a little."""

from __future__ import annotations

CURL = """\
schema = 1
id = "curl"
name = "Curl"
kind = "repetitions"
summary = "Bend the elbow."
instructions = ["Stand tall."]
safety = ["Stop at pain."]
posture = "standing"
required = ["near.shoulder", "near.elbow", "near.wrist"]

[camera]
view = "side"
advice = "Beside you."

[measures.elbow]
value = "angle(near.shoulder, near.elbow, near.wrist)"
label = "Elbow"
at = "near.elbow"
arms = ["near.shoulder", "near.wrist"]

[repetition]
signal = "elbow"
direction = "down"
rest = [150, 190]
start = "base - 10"
peak_enter = "80"
peak_exit = "95"
finish = "base - 15"
min_range = 60
seconds = [0.5, 12]

[[faults]]
id = "high_elbow"
measurable = "A"
severity = "S2"
view = "side"
when = ["peak"]
rule = "elbow < 20"
cue = "Elbows down"
why = "They rise."

[[faults]]
id = "hasty"
measurable = "A"
severity = "S2"
view = "any"
when = ["repetition"]
rule = "seconds(repetition) < 1.5"
cue = "Slow down"
why = "Too fast."
"""

HANG = """\
schema = 1
id = "hang"
name = "Hang"
kind = "hold"
summary = "Hang from a bar."
instructions = ["Hang."]
safety = ["Stop at pain."]
posture = "any"
required = ["left.wrist"]

[camera]
view = "front"
advice = "In front of you."

[measures.arm]
value = "angle(left.shoulder, left.elbow, left.wrist)"

[hold]
position = "arm > 100"
enter = "arm > 150"
stay = "arm > 140"
"""


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
