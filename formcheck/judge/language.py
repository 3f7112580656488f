"""What templates may say: the words of the expression language, by the place in which they stand.

Four places exist. *Measures* look at one body. *Rules* look at one body and its measures. *Range rules* look at a
whole repetition through summaries such as ``highest(knee)``. *Thresholds* know only the signal's baseline.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import asin, degrees, nan
from typing import Any, Protocol

from formcheck.judge import geometry
from formcheck.judge.body import JOINTS, Body, joint_of
from formcheck.judge.expression import Closure, Compiler, Expression, Function, Kind, Macro, Scope

NUMBERS: dict[str, Function] = {
    "abs": Function(("number",), "number", abs, "size without sign"),
    "sign": Function(
        ("number",), "number", lambda a: 1.0 if a > 0 else -1.0 if a < 0 else a, "+1 or -1 by the sign; 0 stays 0"
    ),
    "min": Function(
        ("number", "number"),
        "number",
        lambda *a: min(a) if all(x == x for x in a) else nan,
        "the least of its arguments",
        variadic=True,
    ),
    "max": Function(
        ("number", "number"),
        "number",
        lambda *a: max(a) if all(x == x for x in a) else nan,
        "the greatest of its arguments",
        variadic=True,
    ),
    "least": Function(
        ("number", "number"),
        "number",
        lambda *a: min((x for x in a if x == x), default=nan),
        "the least of those of its arguments that are seen",
        variadic=True,
    ),
    "greatest": Function(
        ("number", "number"),
        "number",
        lambda *a: max((x for x in a if x == x), default=nan),
        "the greatest of those of its arguments that are seen",
        variadic=True,
    ),
    "arcsin": Function(
        ("number",),
        "number",
        lambda a: degrees(asin(min(1.0, max(-1.0, a)))) if a == a else nan,
        "inverse sine in degrees",
    ),
}

POINTS: dict[str, Function] = {
    "angle": Function(
        ("point", "point", "point"), "number", geometry.angle, "included angle at the second point, 0 to 180 degrees"
    ),
    "deviation": Function(
        ("point", "point", "point"),
        "number",
        geometry.deviation,
        "signed bend at the second point: 0 is straight, + when it lies above the line of the others",
    ),
    "elevation": Function(
        ("point", "point"),
        "number",
        geometry.elevation,
        "degrees by which the segment rises above horizontal, -90 to 90",
    ),
    "lean": Function(
        ("point", "point", "number"),
        "number",
        geometry.lean,
        "degrees by which the segment leans from vertical towards a direction (facing, headward, +1, -1)",
    ),
    "distance": Function(("point", "point"), "number", geometry.distance, "pixels between two points"),
    "beside": Function(
        ("point", "point", "point", "point"),
        "number",
        geometry.beside,
        "pixels of the first point from the line through the next two, positive towards the fourth",
    ),
    "x": Function(("point",), "number", lambda p: p[0], "pixels from the left edge"),
    "height": Function(("point",), "number", lambda p: -p[1], "height in the picture, pixels; greater is higher"),
    "midpoint": Function(("point", "point"), "point", geometry.middle, "the point halfway"),
}

LENGTHS: dict[str, str] = {
    "torso": "shoulder to hip, pixels",
    "thigh": "hip to knee, pixels",
    "shank": "knee to ankle, pixels",
    "upper_arm": "shoulder to elbow, pixels",
    "facing": "+1 if the person looks to the right of the picture, -1 to the left",
    "headward": "+1 if the head lies to the right of the hips, -1 to the left",
    "view_ratio": "width of the shoulders across the trunk in trunk lengths: small from the side, 0.74 from the front",
}

FIXED_OWNERS = ("near", "far", "left", "right", "mid")

PHASES = ("moving", "peak", "returning", "repetition")

_BODY_NUMBERS: dict[str, Closure] = {
    "torso": lambda b: b.torso,
    "thigh": lambda b: b.thigh,
    "shank": lambda b: b.shank,
    "upper_arm": lambda b: b.upper_arm,
    "facing": lambda b: b.facing,
    "headward": lambda b: b.headward,
    "view_ratio": lambda b: b.view_ratio,
}


def _ahead(b: Body, p: geometry.Point) -> float:
    return p[0] * b.ahead_x + p[1] * b.ahead_y


class Summaries(Protocol):
    """What a range rule sees of a repetition."""

    base: Sequence[float]
    best: Sequence[float]

    def column(self, measure: int, phase: str) -> Sequence[float]:
        """Values of a measure during a phase, without NaN."""

    def seconds(self, phase: str) -> float:
        """Duration of a phase."""

    def speed(self, phase: str) -> float:
        """Mean change of the signal per second during a phase, without sign."""


@dataclass(slots=True)
class Language:
    """The scopes of one template, and what compiling them found out.

    Attributes:
        roles: names of the leading and of the other side; empty if both sides work together.
        timed: whether it is the template of a hold: only there restlessness is followed.
        measures: compiled so far, by name, in order.
        conditions: compiled so far, by name, in order.
        bases: expressions whose value at rest is needed.
        wobbles: (index of the measure, seconds) whose restlessness is needed.
        bests: (index of the measure, "highest" or "lowest") whose personal best is needed.
    """

    roles: tuple[str, ...] = ()
    timed: bool = True
    measures: dict[str, Expression] = field(default_factory=dict)
    conditions: dict[str, Expression] = field(default_factory=dict)
    bases: list[Expression] = field(default_factory=list)
    wobbles: list[tuple[int, float]] = field(default_factory=list)
    bests: list[tuple[int, str]] = field(default_factory=list)

    def of_body(self) -> Scope:
        """For measures: landmarks, lengths, earlier measures, base(...)."""
        names = {name: (measure.kind, measure.evaluate, measure.landmarks) for name, measure in self.measures.items()}
        return self._scope(names, self._of_landmarks)

    def of_rule(self) -> Scope:
        """For rules on one pose: measures as they were computed, conditions, landmarks, base(...), wobble(...)."""
        conditions = {
            name: (rule.kind, _answer_at(i), rule.landmarks) for i, (name, rule) in enumerate(self.conditions.items())
        }
        macros = {**self._of_landmarks, "wobble": self._wobble} if self.timed else self._of_landmarks
        return self._scope({**self._computed(), **conditions}, macros)

    def of_measure(self) -> Scope:
        """For measures while they are taken one after the other: earlier ones are not computed again."""
        return self._scope(self._computed(), self._of_landmarks)

    @property
    def _of_landmarks(self) -> dict[str, Macro]:
        return {"base": self._base, "ahead": _ahead_macro, "visibility": _visibility_macro}

    def _computed(self) -> dict[str, Any]:
        return {
            name: (measure.kind, _value_at(i), measure.landmarks)
            for i, (name, measure) in enumerate(self.measures.items())
        }

    def of_criterion(self) -> Scope:
        """For deciding which side leads: ``side`` and ``opposite`` instead of the roles' names."""
        scope = self._scope({}, self._of_landmarks)
        return Scope(
            scope.names, scope.functions, scope.macros, _joint_resolver({"side": "lead", "opposite": "other"}),
            ("side", "opposite", *FIXED_OWNERS), JOINTS,
        )  # fmt: skip

    def of_threshold(self) -> Scope:
        """For the thresholds of a repetition: ``base`` is the signal's value at rest."""
        return Scope({"base": ("number", lambda base: base, ())}, NUMBERS)

    def of_range(self) -> Scope:
        """For rules on a whole repetition."""
        macros = {
            "highest": self._summary(lambda values: max(values)),
            "lowest": self._summary(lambda values: min(values)),
            "median": self._summary(lambda values: sorted(values)[len(values) // 2]),
            "spread": self._summary(_spread),
            "seconds": self._of_phase(lambda s, phase: s.seconds(phase)),
            "speed": self._of_phase(lambda s, phase: s.speed(phase)),
            "best": self._best,
            "base": self._base,
        }
        return Scope({}, NUMBERS, macros)

    def measure_index(self, compiler: Compiler, node: ast.expr) -> int:
        """Index of the measure that a node names."""
        names = list(self.measures)
        if not isinstance(node, ast.Name) or node.id not in names:
            raise compiler.error(node, f"{ast.unparse(node)!r} must be the name of a measure: {', '.join(names)}")
        compiler.uses[node.id] = None
        compiler.landmarks.update(dict.fromkeys(self.measures[node.id].landmarks))
        return names.index(node.id)

    def _scope(self, names: dict[str, Any], macros: dict[str, Macro]) -> Scope:
        known: dict[str, tuple[Kind, Closure, tuple[tuple[str, str], ...]]] = {
            name: ("number", closure, ()) for name, closure in _BODY_NUMBERS.items()
        }
        known["nose"] = ("point", lambda b: b.nose, (("nose", "nose"),))
        known.update(names)
        owners = dict(zip(self.roles, ("lead", "other"), strict=False))
        asked = {name: named.asked for name, named in (*self.measures.items(), *self.conditions.items())}
        relative = [name for name, measure in self.measures.items() if measure.relative]
        return Scope(
            known, {**NUMBERS, **POINTS}, macros, _joint_resolver(owners), (*self.roles, *FIXED_OWNERS), JOINTS, asked,
            relative,
        )  # fmt: skip

    def _base(self, compiler: Compiler, node: ast.Call) -> tuple[Kind, Closure]:
        (inner,) = _arguments(compiler, node, 1, "base(expression)")
        # What stands inside is measured at rest, for both ways of naming the sides: compile it on the body itself.
        scope = self.of_body()
        scope.joint, scope.owners = compiler.scope.joint or scope.joint, compiler.scope.owners or scope.owners
        inside = Compiler(scope, compiler.text)
        inside.scope.macros = {k: v for k, v in inside.scope.macros.items() if k != "base"}
        closure = inside.number(inner)
        if inside.relative:
            raise compiler.error(node, "base(...) of a measure that is already relative to its base is always 0")
        compiler.relative = True
        text = ast.unparse(inner)
        index = next((i for i, e in enumerate(self.bases) if e.text == text), len(self.bases))
        if index == len(self.bases):
            self.bases.append(Expression(text, "number", closure, (), tuple(inside.landmarks)))
        return "number", lambda s: s.base[index] if index < len(s.base) else nan

    def _wobble(self, compiler: Compiler, node: ast.Call) -> tuple[Kind, Closure]:
        measure, seconds = _arguments(compiler, node, 2, "wobble(measure, seconds)")
        if (
            not isinstance(seconds, ast.Constant)
            or not isinstance(seconds.value, int | float)
            or isinstance(seconds.value, bool)
            or not 1 <= seconds.value <= 30
        ):
            raise compiler.error(node, "wobble(measure, seconds) needs between 1 and 30 seconds")
        wanted = (self.measure_index(compiler, measure), float(seconds.value))
        if wanted not in self.wobbles:
            self.wobbles.append(wanted)
        index = self.wobbles.index(wanted)
        return "number", lambda b: b.wobbles[index] if index < len(b.wobbles) else nan

    def _summary(self, summarise: Callable[[Sequence[float]], float]) -> Callable[..., tuple[Kind, Closure]]:
        def macro(compiler: Compiler, node: ast.Call) -> tuple[Kind, Closure]:
            name = ast.unparse(node.func)
            args = node.args
            if len(args) not in (1, 2) or node.keywords:
                raise compiler.error(node, f"write {name}(measure) or {name}(measure, phase)")
            measure = self.measure_index(compiler, args[0])
            phase = _phase(compiler, args[1]) if len(args) == 2 else "repetition"

            def closure(s: Summaries) -> float:
                values = s.column(measure, phase)
                return summarise(values) if values else nan

            return "number", closure

        return macro

    def _of_phase(self, get: Callable[[Summaries, str], float]) -> Callable[..., tuple[Kind, Closure]]:
        def macro(compiler: Compiler, node: ast.Call) -> tuple[Kind, Closure]:
            (arg,) = _arguments(compiler, node, 1, f"{ast.unparse(node.func)}(phase)")
            phase = _phase(compiler, arg)
            return "number", lambda s: get(s, phase)

        return macro

    def _best(self, compiler: Compiler, node: ast.Call) -> tuple[Kind, Closure]:
        (arg,) = _arguments(compiler, node, 1, "best(highest(measure)) or best(lowest(measure))")
        if not (isinstance(arg, ast.Call) and isinstance(arg.func, ast.Name) and arg.func.id in ("highest", "lowest")):
            raise compiler.error(node, "write best(highest(measure)) or best(lowest(measure))")
        if len(arg.args) != 1 or arg.keywords:
            raise compiler.error(node, "best(...) looks at the whole repetition: no phase")
        wanted = (self.measure_index(compiler, arg.args[0]), arg.func.id)
        if wanted not in self.bests:
            self.bests.append(wanted)
        index = self.bests.index(wanted)
        return "number", lambda s: s.best[index]


def _value_at(index: int) -> Closure:
    return lambda b: b.values[index]


def _answer_at(index: int) -> Closure:
    return lambda b: index < len(b.conditions) and b.conditions[index]


def _joint_resolver(owners: dict[str, str]) -> Callable[[str, str], tuple[str, Closure] | None]:
    allowed = {**{name: name for name in FIXED_OWNERS}, **owners}

    def resolve(owner: str, joint: str) -> tuple[str, Closure] | None:
        if owner not in allowed:
            return None
        closure = joint_of(allowed[owner], joint)
        return None if closure is None else (allowed[owner], closure)

    return resolve


def _ahead_macro(compiler: Compiler, node: ast.Call) -> tuple[Kind, Closure]:
    (arg,) = _arguments(compiler, node, 1, "ahead(landmark)")
    kind, point = compiler.compile(arg)
    if kind != "point":
        raise compiler.error(arg, "ahead(...) takes a landmark such as near.ankle")
    return "number", lambda b: _ahead(b, point(b))


def _visibility_macro(compiler: Compiler, node: ast.Call) -> tuple[Kind, Closure]:
    (arg,) = _arguments(compiler, node, 1, "visibility(landmark)")
    inside = Compiler(compiler.scope, compiler.text)
    inside.compile(arg)
    if not isinstance(arg, ast.Attribute) or len(inside.landmarks) != 1:
        raise compiler.error(arg, "visibility(...) takes a landmark such as near.ankle")
    ((owner, joint),) = inside.landmarks
    compiler.asked[owner, joint] = None
    return "number", lambda b: b.visibility(owner, joint)


def _arguments(compiler: Compiler, node: ast.Call, count: int, form: str) -> list[ast.expr]:
    if len(node.args) != count or node.keywords:
        raise compiler.error(node, f"write {form}")
    return node.args


def _phase(compiler: Compiler, node: ast.expr) -> str:
    if not isinstance(node, ast.Name) or node.id not in PHASES:
        raise compiler.error(node, f"{ast.unparse(node)!r} must be a phase: {', '.join(PHASES)}")
    return node.id


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return float((sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5)
