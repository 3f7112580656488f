"""A template, compiled: everything that is asked of a pose, as functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from formcheck.judge.body import Body
from formcheck.judge.conditions import NamedCondition
from formcheck.judge.expression import Closure, Expression, ExpressionError, Kind, Scope, compile_expression
from formcheck.judge.language import LENGTHS, NUMBERS, POINTS, Language
from formcheck.judge.posture import POSTURES
from formcheck.judge.repetitions import Thresholds
from formcheck.judge.template import Fault, Repetition, Template, ViewName
from formcheck.pose import Side

Path = tuple[str | int, ...]

_A_SIDE = re.compile(r"\b(side|opposite)\s*\.")
_LANDMARK = re.compile(r"nose|[a-z][a-z0-9_]*\.[a-z]+")


@dataclass(frozen=True, slots=True)
class Counter:
    """How repetitions are counted in one view.

    Attributes:
        table: the template's numbers.
        signal: index of the measure.
        sign: +1 if the signal grows towards the peak, -1 if it shrinks.
        one_sided: whether the signal depends on which side leads.
        based: whether the signal itself is relative to rest.
    """

    table: Repetition
    signal: int
    sign: float
    one_sided: bool
    based: bool
    start: Expression
    peak_enter: Expression
    peak_exit: Expression
    finish: Expression
    only_if: Expression | None
    unless: Expression | None

    @property
    def needs_lead(self) -> bool:
        """Whether there is no movement without a leading side: the signal alone does not tell that one was tried.

        With the feet together, softened knees are no lunge; legs that are lifted together are a leg lift.
        """
        return not self.one_sided and self.only_if is not None

    def rests(self, turned: float) -> bool:
        """Whether the turned signal lies in the range of rest."""
        low, high = self.table.rest
        return low <= self.sign * turned <= high

    @property
    def resting_limit(self) -> float:
        """The turned signal at the end of the range of rest that lies next to the peak."""
        low, high = self.table.rest
        return high if self.sign > 0 else -low

    def limits(self, base: float) -> Thresholds:
        """Limits of the turned signal for a turned baseline."""
        raw, sign = base * self.sign, self.sign
        return Thresholds(
            base=base,
            start=sign * self.start.evaluate(raw),
            peak_enter=sign * self.peak_enter.evaluate(raw),
            peak_exit=sign * self.peak_exit.evaluate(raw),
            finish=sign * self.finish.evaluate(raw),
            min_range=self.table.min_range,
            min_s=self.table.seconds[0],
            max_s=self.table.seconds[1],
        )


@dataclass(frozen=True, slots=True)
class Check:
    """One fault's rules, compiled."""

    fault: Fault
    rule: Expression
    comfort: Expression | None
    worse: Expression | None
    only_while: Expression | None
    unchosen: Expression | None

    @property
    def landmarks(self) -> tuple[tuple[str, str], ...]:
        """Landmarks on which the verdict rests."""
        return self.rule.landmarks


@dataclass(frozen=True, slots=True)
class Lead:
    """How the leading side is told."""

    criterion: Expression
    sign: float
    margin: Expression
    limit: Expression | None
    alternate: bool
    release_s: float
    already_far: bool
    alike: tuple[str, ...]
    alike_within: float


class Exercise:
    """A compiled template; build it with `compile_exercise`."""

    def __init__(self, template: Template) -> None:
        errors = _Errors()
        self.template = template
        roles = (template.sides.lead, template.sides.other) if template.sides else ()
        language = Language(roles, timed=template.hold is not None)
        errors.roles(roles, template)
        steps: list[Closure] = []
        for name, measure in template.measures.items():
            if _is_word(name):
                errors.add(("measures", name), f"{name!r} is a word of the language; choose another name")
                continue
            compiled = errors.compile(("measures", name, "value"), measure.value, language.of_body(), "number")
            if compiled:
                stepwise = compile_expression(measure.value, language.of_measure(), "number")
                language.measures[name] = compiled
                steps.append(stepwise.evaluate)
            for key, text in (("at", measure.at), *(("arms", arm) for arm in measure.arms or ())):
                if text and not _LANDMARK.fullmatch(text):
                    errors.add(("measures", name, key), f"must be a landmark such as near.knee, not {text!r}")
                elif text:
                    errors.compile(("measures", name, key), text, language.of_body(), "point")
        self.conditions = _compile_conditions(template, language, errors)
        rule = language.of_rule()
        self.posture = errors.need((), POSTURES[template.posture].rule, language.of_body(), "truth")
        self.required = errors.landmarks(template, language)
        self.lead = self._compile_lead(template, language, errors)
        self.counters: dict[ViewName | None, Counter] = {}
        self.stays: Expression | None = None
        if table := template.repetition:
            for view in (None, *template.repetition_in):
                counter = _compile_counter(template, view, language, rule, errors)
                if counter:
                    self.counters[view] = counter
            self.stays = errors.compile(("repetition", "stays"), table.stays, language.of_body(), "truth")
        self.position = self.enter = self.stay = None
        if hold := template.hold:
            self.position = errors.compile(("hold", "position"), hold.position, rule, "truth")
            self.enter = errors.compile(("hold", "enter"), hold.enter, rule, "truth")
            self.stay = errors.compile(("hold", "stay"), hold.stay, rule, "truth")
        self.setup = tuple(
            (compiled, setup.say)
            for i, setup in enumerate(template.setup)
            if (compiled := errors.compile(("setup", i, "rule"), setup.rule, rule, "truth"))
        )
        self.checks = tuple(
            check for i, fault in enumerate(template.faults) if (check := _compile_check(i, fault, language, errors))
        )
        self.measures = tuple(language.measures.items())
        self._steps = tuple(steps)
        self.bases = tuple(language.bases)
        self.wobbles = tuple(language.wobbles)
        self.bests = tuple(language.bests)
        self.errors = errors.found

    @staticmethod
    def mistakes(template: Template) -> list[tuple[Path, str]]:
        """Every expression of the template that cannot be compiled, with its key path."""
        return Exercise(template).errors

    def counter(self, view: str) -> Counter:
        """How to count in a view."""
        return self.counters.get(view) or self.counters[None]  # type: ignore[call-overload]

    def checks_for(self, variants: Mapping[str, str]) -> list[Check]:
        """The faults to watch in the chosen variants of the exercise."""
        found = []
        for check in self.checks:
            wanted = check.fault.variant
            if all(variants.get(key) == value for key, value in wanted.items()):
                found.append(check)
            elif check.unchosen and not any(key in variants for key in wanted):
                found.append(replace(check, rule=check.unchosen))
        return found

    def evaluate(self, body: Body) -> None:
        """Takes every measure of a body; the values land in `body.values`."""
        body.values = values = []
        for step in self._steps:
            values.append(step(body))  # noqa: PERF401 - later measures read the earlier ones from the list

    def base_row(self, body: Body, lead: Side) -> list[float]:
        """Values of the base expressions, with one side leading."""
        body.set_lead(lead)
        return [base.evaluate(body) for base in self.bases]

    def _compile_lead(self, template: Template, language: Language, errors: _Errors) -> Lead | None:
        sides = template.sides
        if sides is None:
            return None
        scope = language.of_criterion()
        key, text = ("greatest", sides.greatest) if sides.greatest is not None else ("least", sides.least)
        criterion = errors.compile(("sides", key), text, scope, "number")
        if criterion and not _A_SIDE.search(criterion.text):
            errors.add(("sides", key), "must mention side. or opposite., or it is the same for both sides")
        margin = errors.compile(("sides", "margin"), sides.margin, scope, "number")
        limit = errors.compile(("sides", "limit"), sides.limit, scope, "number")
        if criterion is None or margin is None:
            return None
        sign = 1.0 if key == "greatest" else -1.0
        already_far = sides.already == "far"
        for i, name in enumerate(sides.alike or ()):
            if name not in template.measures:
                errors.add(("sides", "alike", i), f"{name!r} is not one of the measures")
        return Lead(
            criterion,
            sign,
            margin,
            limit,
            alternate=sides.alternate,
            release_s=sides.release_s,
            already_far=already_far,
            alike=tuple(sides.alike or ()),
            alike_within=sides.alike_within,
        )


class _Errors:
    """Collects every mistake of a template instead of stopping at the first."""

    def __init__(self) -> None:
        self.found: list[tuple[Path, str]] = []

    def add(self, path: Path, message: str) -> None:
        self.found.append((path, message))

    def compile(self, path: Path, text: str | None, scope: Scope, kind: Kind) -> Expression | None:
        if text is None:
            return None
        try:
            return compile_expression(text, scope, kind)
        except ExpressionError as error:
            self.add(path, str(error))
            return None

    def need(self, path: Path, text: str, scope: Scope, kind: Kind) -> Expression:
        compiled = self.compile(path, text, scope, kind)
        assert compiled is not None
        return compiled

    def roles(self, roles: tuple[str, ...], template: Template) -> None:
        for role in roles:
            if role in ("near", "far", "left", "right", "mid", "side", "opposite"):
                self.add(("sides",), f"{role!r} is a word of the language; choose another name for the side")

    def landmarks(self, template: Template, language: Language) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for i, text in enumerate(template.required):
            compiled = self.compile(("required", i), text, language.of_body(), "point")
            if compiled:
                found += compiled.landmarks
        return tuple(found)


def _is_word(name: str) -> bool:
    return name in NUMBERS or name in POINTS or name in LENGTHS or name in ("nose", "base")


def _compile_conditions(template: Template, language: Language, errors: _Errors) -> tuple[NamedCondition, ...]:
    compiled = []
    for name, condition in template.conditions.items():
        if _is_word(name) or name in language.measures:
            errors.add(("conditions", name), f"{name!r} has a meaning already; choose another name")
            continue
        scope = language.of_rule()
        rule = errors.compile(("conditions", name, "rule"), condition.rule, scope, "truth")
        unclear = errors.compile(("conditions", name, "unclear"), condition.unclear, scope, "truth")
        if rule:
            language.conditions[name] = rule
            compiled.append(NamedCondition(rule, unclear))
    return tuple(compiled)


def _compile_counter(
    template: Template, view: ViewName | None, language: Language, rule: Scope, errors: _Errors
) -> Counter | None:
    table = template.repetition_seen_from(view)
    assert table is not None
    path: Path = ("repetition",) if view is None else ("repetition_in", view)
    names = list(language.measures)
    if table.signal not in names:
        errors.add((*path, "signal"), f"unknown measure {table.signal!r}; known: {', '.join(names)}")
    own = table if view is None else template.repetition_in[view]
    if own.depth is not None and own.depth not in names:
        errors.add((*path, "depth"), f"unknown measure {own.depth!r}; known: {', '.join(names)}")
    threshold = language.of_threshold()
    start = errors.compile((*path, "start"), table.start, threshold, "number")
    peak_enter = errors.compile((*path, "peak_enter"), table.peak_enter, threshold, "number")
    peak_exit = errors.compile((*path, "peak_exit"), table.peak_exit, threshold, "number")
    finish = errors.compile((*path, "finish"), table.finish, threshold, "number")
    only_if = errors.compile((*path, "only_if"), table.only_if, rule, "truth")
    unless = errors.compile((*path, "unless"), table.unless, rule, "truth")
    if table.signal not in names or not (start and peak_enter and peak_exit and finish):
        return None
    signal = language.measures[table.signal]
    counter = Counter(
        table=table,
        signal=names.index(table.signal),
        sign=1.0 if table.direction == "up" else -1.0,
        one_sided=any(owner in ("lead", "other") for owner, _ in signal.landmarks),
        based=signal.relative,
        start=start,
        peak_enter=peak_enter,
        peak_exit=peak_exit,
        finish=finish,
        only_if=only_if,
        unless=unless,
    )
    limits = counter.limits(counter.sign * sum(table.rest) / 2)
    for below, above, word in (
        (limits.base, limits.start, "'start' must lie beyond the baseline"),
        (limits.base, limits.finish, "'finish' must lie beyond the baseline"),
        (limits.start, limits.peak_exit, "'peak_exit' must lie beyond 'start'"),
        (limits.finish, limits.peak_exit, "'peak_exit' must lie beyond 'finish'"),
        (limits.peak_exit, limits.peak_enter, "'peak_enter' must lie beyond 'peak_exit'"),
    ):
        if not below < above:
            errors.add(path, f"{word} (seen for a signal that rests in the middle of 'rest')")
    return counter


def _compile_check(i: int, fault: Fault, language: Language, errors: _Errors) -> Check | None:
    scope = language.of_range() if "repetition" in fault.when else language.of_rule()
    rule = errors.compile(("faults", i, "rule"), fault.rule, scope, "truth")
    comfort = errors.compile(("faults", i, "comfort"), fault.comfort, scope, "truth")
    worse = errors.compile(("faults", i, "worse", "rule"), fault.worse.rule if fault.worse else None, scope, "truth")
    only_while = errors.compile(("faults", i, "only_while"), fault.only_while, language.of_rule(), "truth")
    unchosen = errors.compile(("faults", i, "unchosen"), fault.unchosen, scope, "truth")
    return Check(fault, rule, comfort, worse, only_while, unchosen) if rule else None
