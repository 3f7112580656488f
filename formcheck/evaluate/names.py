"""Which template an exercise in a truth file means."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_SAME = {"double": "both"}


def words(text: str) -> tuple[str, ...]:
    """The words of a name, alike however it is written: "Push-ups" as push_up, "figure four" as figure4."""
    found = re.findall(r"[a-z]+|[0-9]+", text.lower())
    return tuple(
        str(_NUMBERS[word]) if word in _NUMBERS else word[:-1] if re.fullmatch(r"[a-z]+[^su]s", word) else word
        for word in found
    )


def template_for(exercise: str, known: Collection[str]) -> str | None:
    """Id of the template that is meant by an exercise's name; None if there is none.

    The same words in any order, or else the id of which all words occur in the name ("glute bridge (feet wide)" is a
    bridge); the id with most words if several do, None if that is not a single one.
    """
    said = set(words(exercise))
    for template in known:
        if set(words(template)) == said:
            return template
    fitting = {template: len(own) for template in known if (own := set(words(template))) <= said}
    best = [template for template, count in fitting.items() if count == max(fitting.values())]
    return best[0] if len(best) == 1 else None


def variants_for(
    exercise: str, chosen: str | Mapping[str, str] | None, offered: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """Variants of a template, as `Session` takes them.

    Args:
        exercise: the name; words in brackets may say a variant ("leg lift (double)").
        chosen: the truth's own `variant`: {"legs": "both"}, or just a word of it.
        offered: the template's variants.

    Raises:
        ValueError: a variant given as a table does not exist.
    """
    if isinstance(chosen, Mapping):
        for key, value in chosen.items():
            if value not in offered.get(key, ()):
                there = ", ".join(f"{k}={v}" for k, values in offered.items() for v in values)
                raise ValueError(f"there is no variant {key}={value}; there are: {there or 'none'}")
        return dict(chosen)
    bracketed = " ".join(re.findall(r"\(([^)]*)\)", exercise))
    said = {_SAME.get(word, word) for word in words(f"{bracketed} {chosen or ''}")}
    found: dict[str, str] = {}
    for key, values in offered.items():
        fitting = [value for value in values if set(words(value)) <= said]
        if len(fitting) == 1:
            found[key] = fitting[0]
    return found
