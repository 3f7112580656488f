"""Exercise templates: the data that says what an exercise is and what can go wrong with it.

A template is one TOML file. It is data only: measures and rules are expressions of a small language
(`expression.py`) that can read landmarks and nothing else. `parse_template` checks a whole file and reports every
mistake at once. The format is documented in ``docs/templates.md``.
"""

from __future__ import annotations

import re
import tomllib
from copy import deepcopy
from math import inf
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from formcheck.errors import TemplateError
from formcheck.judge.posture import POSTURES

SCHEMA = 1

MAX_FILE_CHARACTERS = 200_000
MAX_VALUES = 3000
"""Keys and list items of a template; the richest that comes with the program has 300."""

MAX_DEPTH = 12
"""Tables and lists inside of each other; the format has five."""

MOST_TOLD = 30
"""Mistakes that a message lists; whoever has more will read it again anyway."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
Rule = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
Seconds = Annotated[float, Field(ge=0, le=3600)]
ViewName = Literal["side", "oblique", "front"]
FigureName = Literal[
    "standing", "upright", "seated", "supine", "prone", "side_lying", "quadruped", "half_kneeling", "low_lunge"
]
Phase = Literal["setup", "moving", "peak", "returning", "repetition", "hold"]
Severity = Literal["S1", "S2", "S3"]


def _ordered(interval: tuple[float, float]) -> tuple[float, float]:
    if not -inf < interval[0] <= interval[1] < inf:
        raise ValueError(f"must be two numbers, the smaller one first, not {list(interval)}")
    return interval


Interval = Annotated[tuple[float, float], AfterValidator(_ordered), Field(description="from, to")]


def _lasting(interval: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= interval[0] < interval[1]:
        raise ValueError(f"must be two durations, the shorter one first, not {list(interval)}")
    return interval


SURELY_FRONT = 0.66
"""Shoulder ratio from which a view is one from the front: the 5th percentile of labelled ones (median 0.74)."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Camera(_Table):
    """Where the camera must stand."""

    view: ViewName = Field(description="view in which the exercise can be judged")
    counts_in: tuple[ViewName, ...] = Field(
        ("side", "oblique"), min_length=1, description="views in which repetitions still count or holds are timed"
    )
    max_ratio: float | None = Field(
        None, gt=0, le=9, description="widest shoulder ratio at which view-bound faults are judged (side view: 0.37)"
    )
    min_ratio: float | None = Field(None, ge=0, le=9, description="narrowest shoulder ratio, for front views")
    height_m: Interval | None = None
    distance_m: Interval | None = None
    orientation: Literal["landscape", "portrait", "any"] = "any"
    advice: Text = Field(description="one or two sentences: where to put the camera")

    @model_validator(mode="after")
    def _some_ratio(self) -> Self:
        if self.min_ratio is not None and self.max_ratio is not None and self.min_ratio > self.max_ratio:
            raise ValueError(f"no view has a shoulder ratio from {self.min_ratio:g} to {self.max_ratio:g}")
        return self

    def counts(self, kind: str, ratio: float) -> bool:
        """Whether repetitions count and holds are timed in this kind of view, at this shoulder ratio.

        Broad shoulders seen from 45 degrees read 0.56-0.65, past the border to the front (measured on rendered people):
        up to where views from the front surely begin, they may still be oblique.
        """
        return kind in self.counts_in or (kind == "front" and "oblique" in self.counts_in and ratio < SURELY_FRONT)

    def shows(self, view: ViewName | Literal["any"], ratio: float) -> bool:
        """Whether a rule that needs `view` can be judged at this shoulder ratio.

        Side: 0.37 is 30 degrees off.
        """
        if view == "any":
            return True
        if view == self.view and (self.max_ratio is not None or self.min_ratio is not None):
            return (self.min_ratio or 0.0) <= ratio <= (self.max_ratio or 9.0)
        low, high = {"side": (0.0, 0.37), "oblique": (0.25, 0.60), "front": (SURELY_FRONT, 9.0)}[view]
        return low <= ratio <= high

    @property
    def in_plane(self) -> bool:
        """Whether the legs move in the plane of the picture: those of what can be judged obliquely do not."""
        return self.view == "side" and not self.shows("side", 0.60)


class Sides(_Table):
    """Which side works, for exercises done one side at a time."""

    lead: Name = Field(description="name of the leading side in measures, such as front, working, crossed or top")
    other: Name = Field(description="name of the other side, such as back, supporting or bottom")
    greatest: Rule | None = Field(None, description="the leading side has the greatest value of this (side, opposite)")
    least: Rule | None = Field(None, description="the leading side has the least value of this")
    margin: Rule = Field("0", description="the sides must differ by this much before one leads")
    limit: Rule | None = Field(None, description="a bound that the leading side's value must also reach")
    alternate: bool = Field(False, description="sides may alternate within a set")
    release_s: float = Field(
        0.0, ge=0, le=10, description="the other side takes over only after neither led for so long, in seconds"
    )
    already: Literal["far"] | None = Field(
        None, description="the leading side of somebody seen from the side who is in the position when first seen"
    )
    alike: list[Name] | None = Field(
        None, description="measures by which two holds of the same side are alike, for holds seen from the side"
    )
    alike_within: float = Field(
        0.35, gt=0, description="the sum by which these may differ in a hold taken up again; after a rest, 0.3 of it"
    )

    @model_validator(mode="after")
    def _one_criterion(self) -> Self:
        if (self.greatest is None) == (self.least is None):
            raise ValueError("give exactly one of 'greatest' and 'least'")
        if self.lead == self.other:
            raise ValueError("'lead' and 'other' need different names")
        if "alike_within" in self.model_fields_set and not self.alike:
            raise ValueError("'alike_within' needs 'alike'")
        return self


class Measure(_Table):
    """One number that is taken from every pose."""

    value: Rule = Field(description="expression that gives a number")
    unit: Literal["deg", "torso", "thigh", "shank", "upper_arm", "ratio", "px"] = "deg"
    label: Words | None = Field(None, description="short name on the overlay and in the report")
    at: str | None = Field(None, description="landmark at which the overlay draws it, such as near.knee")
    arms: tuple[str, str] | None = Field(None, description="the two landmarks between which the angle is drawn")
    target: Interval | None = Field(None, description="band of good form, in the measure's unit")
    about: Text | None = None


class Condition(_Table):
    """A rule with a name, for holds: `position`, `enter`, `stay`, advice and faults may mention it."""

    rule: Rule = Field(description="rule that it stands for")
    unclear: Rule | None = Field(
        None,
        description="where this is true and the rule is not, it cannot be told: what was true for 0.35 s stays true",
    )
    about: Text | None = None


class Repetition(_Table):
    """How repetitions are counted. `base` stands for the signal's value at rest."""

    signal: Name = Field(description="the measure that goes out and comes back")
    direction: Literal["up", "down"] = Field(description="whether the signal grows or shrinks towards the peak")
    rest: Interval = Field(description="range in which the signal may rest")
    start: Rule = Field(description="a repetition begins where the signal passes this")
    peak_enter: Rule = Field(description="reached here, it is a repetition")
    peak_exit: Rule = Field(description="the peak ends here")
    finish: Rule = Field(description="back here, the repetition is complete")
    min_range: float = Field(gt=0, allow_inf_nan=False, description="least distance from rest to the furthest point")
    seconds: Annotated[Interval, AfterValidator(_lasting)] = Field(
        description="plausible duration; anything else is not a repetition"
    )
    only_if: Rule | None = Field(None, description="further condition for the peak, on measures")
    only_if_reason: Words | None = Field(None, description="why an attempt without it did not count")
    unless: Rule | None = Field(None, description="what is met for most of the peak by another movement only")
    depth: Name | None = Field(None, description="measure shown as the depth reached (default: the signal)")
    stays: Rule | None = Field(None, description="posture condition during the repetition, on landmarks")
    words: tuple[Words, Words, Words] = Field(
        ("out", "peak", "back"), description="words for the three phases, such as lowering, bottom, rising"
    )

    @property
    def depth_measure(self) -> Name:
        """The measure shown as the depth reached."""
        return self.depth or self.signal


class RepetitionInView(_Table):
    """Keys of `repetition` that differ in one view."""

    signal: Name | None = None
    direction: Literal["up", "down"] | None = None
    rest: Interval | None = None
    start: Rule | None = None
    peak_enter: Rule | None = None
    peak_exit: Rule | None = None
    finish: Rule | None = None
    min_range: float | None = Field(None, gt=0, allow_inf_nan=False)
    only_if: Rule | None = None
    unless: Rule | None = None
    depth: Name | None = None


class Hold(_Table):
    """How a hold is timed."""

    position: Rule = Field(description="the pose is this exercise at all, in good form or not")
    enter: Rule = Field(description="good form begins")
    stay: Rule = Field(description="good form goes on")
    enter_s: Seconds = 1.0
    grace_s: Seconds = 2.0
    end_s: Seconds = Field(4.0, description="out of position for this long, the hold is over")
    settled_within: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="torso lengths: nearer than this to where they are held, `settled_points` have arrived; "
        "moves the edges of good form",
    )
    settled_points: tuple[Literal["mid.shoulder", "mid.hip", "mid.knee"], ...] = Field(
        ("mid.shoulder", "mid.hip"), min_length=1, description="landmarks of which the mean distance counts"
    )
    baseline: Literal["before", "in_form"] = Field(
        "before", description="base(...) is taken while resting before the hold, or in its first 3 s of good form"
    )
    targets_s: dict[Name, Seconds] = Field(default_factory=dict, description="durations to aim at")
    words: Words = "hold"


class Worse(_Table):
    """A stronger form of a fault."""

    rule: Rule
    severity: Severity
    persist_s: Seconds | None = None


class Fault(_Table):
    """One thing that can go wrong, and what to say."""

    id: Name
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,2}[a-z]?$")] | None = None
    measurable: Literal["A", "B", "C"] = Field(
        description="A: plain in this view; B: against the person's own baseline; C: weak, end-of-set tip only"
    )
    severity: Severity = Field(description="S1 tip, S2 correct now, S3 stop and reset")
    view: ViewName | Literal["any"] = Field(description="view in which it can be seen")
    when: tuple[Phase, ...] = Field(min_length=1, description="phases in which the rule is watched")
    only_while: Rule | None = Field(None, description="condition that narrows the phases")
    rule: Rule
    comfort: Rule | None = Field(None, description="rule that replaces it in comfort mode")
    persist_s: Seconds = 0.3
    worse: Worse | None = None
    variant: dict[Name, Name] = Field(default_factory=dict, description="only in this variant of the exercise")
    unchosen: Rule | None = Field(
        None, description="rule that replaces it where no variant was chosen; without it the fault is not watched then"
    )
    cue: Words = Field(description="at most six words, positive")
    why: Text

    @model_validator(mode="after")
    def _short_cue(self) -> Self:
        if len(self.cue.split()) > 6:
            raise ValueError(f"the cue has more than six words: {self.cue!r}")
        if self.unchosen and not self.variant:
            raise ValueError("'unchosen' needs a 'variant' that may not be chosen")
        if "repetition" in self.when and len(self.when) > 1:
            raise ValueError("'repetition' looks at the whole repetition and cannot be combined with other phases")
        if "repetition" in self.when and self.only_while:
            raise ValueError("'only_while' narrows phases, and a rule on the whole 'repetition' has none")
        if self.worse and self.worse.severity <= self.severity:
            raise ValueError(f"'worse' must be more severe than {self.severity}, not {self.worse.severity}")
        return self


class Setup(_Table):
    """Advice before the start."""

    rule: Rule = Field(description="condition on measures or landmarks under which the advice is given")
    say: Words


class Dose(_Table):
    """How much to do."""

    repetitions: tuple[int, int] | None = None
    hold_s: Interval | None = None
    per_side: bool = False
    sets: int = Field(1, ge=1, le=10)

    @model_validator(mode="after")
    def _from_less_to_more(self) -> Self:
        for key, pair in (("repetitions", self.repetitions), ("hold_s", self.hold_s)):
            if pair is not None and not 0 < pair[0] <= pair[1]:
                raise ValueError(f"'{key}' must be two numbers above 0, the smaller one first, not {list(pair)}")
        return self


class Template(_Table):
    """One exercise."""

    schema_version: Literal[1] = Field(alias="schema", description="version of this format")
    id: Name
    name: Text
    kind: Literal["repetitions", "hold"]
    summary: Text
    instructions: tuple[Text, ...] = Field(min_length=1)
    safety: tuple[Text, ...] = Field(min_length=1)
    cannot_see: tuple[Text, ...] = ()
    easier: Text | None = None
    harder: Text | None = None
    sources: tuple[Text, ...] = ()
    recognise: bool = Field(
        True, description="whether recognition may name it; not for what looks like everyday life or another exercise"
    )
    posture: str = Field(description="posture class at the start")
    figure: FigureName | None = Field(
        None,
        description="figure shown to somebody who gets into position in front of a camera (default: the posture's)",
    )
    required: tuple[str, ...] = Field(min_length=1, description="landmarks that must be in the picture")
    camera: Camera
    dose: Dose = Dose()
    sides: Sides | None = None
    variants: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    measures: dict[Name, Measure] = Field(min_length=1)
    conditions: dict[Name, Condition] = Field(default_factory=dict)
    repetition: Repetition | None = None
    repetition_in: dict[ViewName, RepetitionInView] = Field(default_factory=dict)
    hold: Hold | None = None
    setup: tuple[Setup, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def upright(self) -> bool | None:
        """Whether the exercise starts with an upright trunk; None if it may be either."""
        return POSTURES[self.posture].upright

    @property
    def lies(self) -> bool:
        """Whether the exercise is done lying along the floor."""
        return POSTURES[self.posture].lies

    def repetition_seen_from(self, view: str | None) -> Repetition | None:
        """How repetitions are counted in a view, by default in those without keys of their own; None for a hold."""
        own = next((keys for name, keys in self.repetition_in.items() if name == view), None)
        if self.repetition is None or own is None:
            return self.repetition
        return self.repetition.model_copy(update=own.model_dump(exclude_none=True))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        wrong = []
        if (self.kind == "repetitions") != (self.repetition is not None) or (self.kind == "hold") != (
            self.hold is not None
        ):
            wrong.append(
                f"kind = {self.kind!r} needs the table [{'repetition' if self.kind != 'hold' else 'hold'}] only"
            )
        if self.conditions and self.kind != "hold":
            wrong.append("[conditions] belong to a hold")
        if self.repetition_in and self.kind != "repetitions":
            wrong.append("[repetition_in] belongs to repetitions")
        if self.sides and self.sides.alike and self.kind != "hold":
            wrong.append("'alike' of [sides] belongs to a hold")
        wrong += [
            f"[repetition_in.{view}]: nothing is counted in this view, as it is not in 'counts_in'"
            for view in self.repetition_in
            if not self.camera.counts(view, 0.0)
        ]
        if self.posture not in POSTURES:
            wrong.append(f"unknown posture {self.posture!r}; known: {', '.join(POSTURES)}")
        ids = [fault.id for fault in self.faults]
        wrong += [f"fault id {i!r} is used twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
        for fault in self.faults:
            allowed = {"setup", "hold"} if self.kind == "hold" else {"moving", "peak", "returning", "repetition"}
            for phase in fault.when:
                if phase not in allowed:
                    wrong.append(f"fault {fault.id!r}: phase {phase!r} does not exist in an exercise of this kind")
            if fault.comfort and self.kind == "hold":
                wrong.append(f"fault {fault.id!r}: 'comfort' belongs to repetitions")
            for key, value in fault.variant.items():
                if value not in self.variants.get(key, ()):
                    wrong.append(f"fault {fault.id!r}: unknown variant {key} = {value!r}")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def parse_template(text: str, source: str = "template") -> Template:
    """Checks and reads one template.

    Args:
        text: the TOML text.
        source: what to call it in messages, usually its path.

    Raises:
        TemplateError: with every mistake found, each with its key path and, where it can be told, its line.
    """
    if len(text) > MAX_FILE_CHARACTERS:
        raise TemplateError(f"{source}: a template may have at most {MAX_FILE_CHARACTERS:,} characters")
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise TemplateError(f"{source}: not valid TOML: nested too deeply") from None
    except ValueError as error:  # also of numbers with thousands of digits
        raise TemplateError(f"{source}: not valid TOML: {error}") from None
    return template_from(data, source, text)


def too_much(data: Any, most: int = MAX_VALUES, deepest: int = MAX_DEPTH) -> str | None:
    """Why data from a file is more than any such file needs, as the end of a sentence; None if it is not.

    Args:
        data: tables, lists and values.
        most: keys and items, all together.
        deepest: tables and lists inside of each other.
    """
    found, level = 0, [data]
    for _ in range(deepest + 1):
        inner: list[Any] = []
        for value in level:
            inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
            found += len(inside)
            inner += inside
        if found > most:
            return f"has more than {most:,} values"
        if not inner:
            return None
        level = inner
    return f"is nested more than {deepest} levels deep"


def template_from(data: dict[str, Any], source: str = "template", text: str = "") -> Template:
    """Checks a template given as plain data (see `parse_template`)."""
    from formcheck.judge.exercise import Exercise

    if (reason := too_much(data)) is not None:
        raise TemplateError(f"{source}: {reason}; no template needs that")
    mistakes: list[tuple[Path, str]] = []
    replaced: set[Path] = set()
    rest: dict[str, Any] | None = data
    # A wrong key hides what is wrong beside it: mend what is wrong and look again, so that all is told at once.
    while rest is not None:
        try:
            template = Template.model_validate(rest)
        except ValidationError as error:
            found = error.errors(include_url=False)
            mistakes += [(tuple(e["loc"]), _explain(e)) for e in found]
            rest = _mended(rest, found, replaced)
            continue
        mistakes += [(path, message) for path, message in Exercise.mistakes(template) if path[:2] not in replaced]
        break
    if mistakes:
        raise _template_error(mistakes, source, text)
    return template


Path = tuple[str | int, ...]

_STAND_INS: dict[str, dict[str, Any]] = {
    "faults": {
        "id": "stand_in",
        "measurable": "A",
        "severity": "S1",
        "view": "any",
        "when": ["peak"],
        "rule": "1 > 0",
        "cue": "x",
        "why": "x",
    },
    "measures": {"value": "0"},
    "conditions": {"rule": "1 > 0"},
    "setup": {"rule": "1 > 0", "say": "x"},
}


def _mended(data: dict[str, Any], found: list[Any], replaced: set[Path]) -> dict[str, Any] | None:
    """The data without unknown keys and with harmless entries in place of wrong ones; None if that is not enough.

    Args:
        data: the template as plain data.
        found: pydantic's errors.
        replaced: paths of the entries that were replaced; added to.
    """
    mended = deepcopy(data)
    before = frozenset(replaced)
    for error in found:
        loc = error["loc"]
        if error["type"] == "extra_forbidden":
            holder: Any = mended
            for part in loc[:-1]:
                # What stands in for a wrong entry has no tables inside.
                holder = holder[part] if isinstance(part, int) else holder.get(part, {})
            holder.pop(loc[-1], None)
        elif len(loc) > 1 and loc[0] in _STAND_INS and loc[:2] not in before:
            stand_in = dict(_STAND_INS[loc[0]])
            if "id" in stand_in:
                stand_in["id"] = f"stand_in_{loc[1]}"
                stand_in["when"] = ["hold" if data.get("kind") == "hold" else "peak"]
            mended[loc[0]][loc[1]] = stand_in
            replaced.add(loc[:2])
        else:
            return None
    return mended


def _explain(error: Any) -> str:
    kind, message = error["type"], error["msg"]
    if kind == "extra_forbidden":
        return "unknown key"
    if kind == "missing":
        return "is missing"
    if kind == "tuple_type":
        return "must be a list in square brackets"
    if kind == "string_pattern_mismatch":
        return f"{error['input']!r} must match {error['ctx']['pattern']}"
    return str(message).removeprefix("Value error, ")


def _template_error(mistakes: list[tuple[Path, str]], source: str, text: str) -> TemplateError:
    lines = []
    for path, message in mistakes[:MOST_TOLD]:
        line = _line_of(text, path)
        where = f"{source}:{line}" if line else source
        key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        lines.append(f"{where}: {key + ': ' if key else ''}{message}")
    if len(mistakes) > MOST_TOLD:
        lines.append(f"and {len(mistakes) - MOST_TOLD} more")
    count = f"{len(mistakes)} mistakes" if len(mistakes) != 1 else "1 mistake"
    return TemplateError(f"{count} in {source}:\n  " + "\n  ".join(lines))


def _line_of(text: str, path: Path) -> int | None:
    """Line (from 1) of a key, by reading the text as a person would; None if it cannot be told."""
    lines = text.splitlines()
    at = -1
    prefix: list[str] = []
    for i, part in enumerate(path):
        if isinstance(part, int):
            continue
        prefix.append(part)
        following = path[i + 1] if i + 1 < len(path) else None
        nth = following if isinstance(following, int) else 0
        dotted = re.escape(".".join(prefix))
        header = re.compile(rf"^\s*\[\[?\s*{dotted}\s*\]\]?\s*(#.*)?$")
        key = re.compile(rf"^\s*{re.escape(part)}\s*[.=]")
        found = [n for n, line in enumerate(lines) if prefix[-1] in line and header.match(line)]
        if len(found) > nth:
            at = found[nth]
            continue
        inside = (n for n in range(at + 1, len(lines)) if part in lines[n] and key.match(lines[n]))
        hit = next(inside, None)
        stop = next((n for n in range(at + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
        if hit is not None and hit < stop:
            at = hit
    return at + 1 if at >= 0 else None
