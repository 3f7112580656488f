"""Variants of an exercise as they are given on the command line: KEY=VALUE."""

from __future__ import annotations

from collections.abc import Iterable


def given_variants(texts: Iterable[str] | None, exercise: str) -> dict[str, str]:
    """What was chosen, such as ``{"other_leg": "bent"}``; whether the exercise knows it is checked elsewhere.

    Args:
        texts: as given, each ``KEY=VALUE``.
        exercise: what the exercise was called, for the message.

    Raises:
        ValueError: one of them is not KEY=VALUE.
    """
    chosen = {}
    for text in texts or ():
        key, equals, value = text.partition("=")
        if not equals:
            raise ValueError(f"A variant is given as KEY=VALUE, not {text!r}. See: formcheck show {exercise}")
        chosen[key.strip()] = value.strip()
    return chosen
