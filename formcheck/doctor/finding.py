"""One thing that was looked at, and what was found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

State = Literal["ok", "limited", "problem"]
"""Fine; something cannot be used, but the rest can; nothing can be analyzed before this is put right."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found.

    Attributes:
        name: what was looked at.
        state: how it is.
        text: in words.
        advice: what to do about it; "" where nothing needs to be done.
        facts: the same for programs: texts, numbers, lists and tables of them.
    """

    name: str
    state: State
    text: str
    advice: str = ""
    facts: dict[str, object] = field(default_factory=dict)


def shareable(text: str) -> str:
    """A text without the name of the home folder, which is often the name of a person."""
    homes = {str(Path.home()), str(Path.home().resolve())} - {"/", "\\", ""}
    for home in sorted(homes, key=len, reverse=True):
        text = re.sub(re.escape(home) + r"(?![\w.-])", "~", text)
        text = text.replace(home.replace("\\", "\\\\"), "~") if "\\" in home else text
    return text
