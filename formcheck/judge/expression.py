"""The small language in which templates state measures and rules.

An expression such as ``180 + deviation(near.shoulder, near.hip, near.knee)`` or ``front_knee > 107 and shin > 22``
is parsed with Python's own grammar, checked node by node against a short list of what is allowed, and turned into
nested closures. Nothing of the text is ever executed as Python: there are no attributes besides the landmarks, no
subscripts, no calls besides the functions listed, no strings and no assignments.

Three kinds of value exist: ``number``, ``point`` and ``truth``. NaN stands for "not seen": arithmetic passes it on
and every comparison with it is false.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Any, Literal

Kind = Literal["number", "point", "truth"]
Closure = Callable[[Any], Any]

TRIES = 20
"""Python's parser counts its depth for all threads together, and gives up with `SystemError` where another one has been
parsing in between; tried again, it starts to count anew."""

MAX_LENGTH = 600
MAX_DEPTH = 40
LARGEST = 1e9


class ExpressionError(ValueError):
    """An expression that cannot be understood; the message says what is wrong, and where if that is known."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked and compiled expression.

    Attributes:
        text: as written in the template.
        kind: kind of its value.
        evaluate: computes the value from the scope's subject (a body, a row of measures, an attempt ...).
        uses: names of the measures it mentions, in order of appearance, without those inside ``base(...)``.
        landmarks: landmarks it mentions, as (whose, joint), also those of the measures it mentions. Whose is "near",
            "far", "left", "right", "mid", or "lead" and "other" for the template's own two names.
        asked: landmarks of which it asks how surely they are seen, itself or through measures: it knows what to say
            where they are not.
        relative: whether it is measured against the body at rest, itself or through measures.
    """

    text: str
    kind: Kind
    evaluate: Closure
    uses: tuple[str, ...] = ()
    landmarks: tuple[tuple[str, str], ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    Attributes:
        takes: kinds of its arguments; the last one may repeat if `variadic`.
        gives: kind of its value.
        call: receives the argument values.
        about: one line for the documentation.
    """

    takes: tuple[Kind, ...]
    gives: Kind
    call: Callable[..., Any]
    about: str
    variadic: bool = False


Macro = Callable[["Compiler", ast.Call], "tuple[Kind, Closure]"]


@dataclass(slots=True)
class Scope:
    """What an expression may mention.

    Attributes:
        names: plain names with their kind, closure and the landmarks behind them.
        functions: ordinary functions.
        macros: forms that look at their arguments unevaluated, such as ``base(...)`` and ``highest(...)``.
        owners: what may stand before the dot of a landmark, with the closure that gives its joints.
        joint: turns (owner, joint name) into the owner's fixed name and a closure giving a point; None if unknown.
        asked: landmarks of which plain names ask how surely they are seen.
        relative: plain names that are measured against the body at rest.
    """

    names: dict[str, tuple[Kind, Closure, tuple[tuple[str, str], ...]]] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    macros: Mapping[str, Macro] = field(default_factory=dict)
    joint: Callable[[str, str], tuple[str, Closure] | None] | None = None
    owners: tuple[str, ...] = ()
    joints: tuple[str, ...] = ()
    asked: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    relative: Collection[str] = ()


def both(a: float, b: float, pick: Callable[[float, float], float]) -> float:
    """`pick` of two numbers; NaN if either is NaN (Python's own min and max would depend on the order)."""
    return pick(a, b) if a == a and b == b else nan


_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else nan,
}
_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def syntax_of(text: str) -> ast.expr:
    """The syntax tree of an expression, also while other threads parse.

    Raises:
        SyntaxError, ValueError, MemoryError, RecursionError: as Python's parser does.
    """
    for _ in range(TRIES):
        try:
            return ast.parse(text.strip(), mode="eval").body
        except SystemError:
            continue
    return ast.parse(text.strip(), mode="eval").body


def compile_expression(text: str, scope: Scope, kind: Kind) -> Expression:
    """Checks `text` and compiles it to a closure.

    Raises:
        ExpressionError: with what is wrong, what is allowed instead, and the column where that is known.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"is longer than {MAX_LENGTH} characters")
    try:
        tree = syntax_of(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = f" at column {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        raise ExpressionError(f"cannot be read{column}: {text.strip()!r}") from None
    compiler = Compiler(scope, text)
    found, closure = compiler.compile(tree)
    if found != kind:
        wanted = {"number": "a number", "point": "a landmark", "truth": "a condition such as 'knee > 112'"}
        raise ExpressionError(f"must be {wanted[kind]}, but {text.strip()!r} is {wanted[found]}")
    return Expression(
        text.strip(),
        kind,
        closure,
        tuple(compiler.uses),
        tuple(compiler.landmarks),
        tuple(compiler.asked),
        compiler.relative,
    )


class Compiler:
    """Turns one syntax tree into nested closures; one instance an expression."""

    def __init__(self, scope: Scope, text: str) -> None:
        self.scope = scope
        self.text = text
        self.uses: dict[str, None] = {}
        self.landmarks: dict[tuple[str, str], None] = {}
        self.asked: dict[tuple[str, str], None] = {}
        self.relative = False
        self._depth = 0

    def compile(self, node: ast.expr) -> tuple[Kind, Closure]:
        """Kind and closure of one node."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"is nested more than {MAX_DEPTH} levels deep")
        try:
            match node:
                case ast.Constant(value=bool()):
                    raise self.error(node, "true and false have no meaning here")
                case ast.Constant(value=int() | float() as value):
                    if not abs(value) < LARGEST:
                        raise self.error(node, "a number must be smaller than a billion")
                    number = float(value)
                    return "number", lambda _: number
                case ast.Name(id=name):
                    return self._name(node, name)
                case ast.Attribute(value=ast.Name(id=owner), attr=joint):
                    return self._landmark(node, owner, joint)
                case ast.UnaryOp(op=ast.USub(), operand=operand):
                    inner = self.number(operand)
                    return "number", lambda s: -inner(s)
                case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                    return "number", self.number(operand)
                case ast.UnaryOp(op=ast.Not(), operand=operand):
                    inner = self.truth(operand)
                    return "truth", lambda s: not inner(s)
                case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                    return self._binary(left, _BINARY[type(op)], right)
                case ast.BoolOp(op=op, values=values):
                    return self._boolean(isinstance(op, ast.And), values)
                case ast.Compare(left=left, ops=ops, comparators=others):
                    return self._comparison(node, left, ops, others)
                case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                    if name in self.scope.macros:
                        return self.scope.macros[name](self, node)
                    return self._call(node, name, args)
                case _:
                    raise self.error(node, f"{ast.unparse(node)!r} is not part of the language")
        finally:
            self._depth -= 1

    def number(self, node: ast.expr) -> Closure:
        """Closure of a node that must be a number."""
        return self._of(node, "number", "a number")

    def truth(self, node: ast.expr) -> Closure:
        """Closure of a node that must be a condition."""
        return self._of(node, "truth", "a condition such as 'knee > 112'")

    def error(self, node: ast.expr, message: str) -> ExpressionError:
        """An error that points at a node."""
        return ExpressionError(f"{message} (column {node.col_offset + 1} of {self.text.strip()!r})")

    def _of(self, node: ast.expr, kind: Kind, wanted: str) -> Closure:
        found, closure = self.compile(node)
        if found != kind:
            raise self.error(node, f"{ast.unparse(node)!r} must be {wanted}")
        return closure

    def _name(self, node: ast.expr, name: str) -> tuple[Kind, Closure]:
        if name not in self.scope.names:
            if name in self.scope.functions or name in self.scope.macros:
                raise self.error(node, f"{name!r} is a function; write {name}(...)")
            known = ", ".join(sorted(self.scope.names)) or "none"
            raise self.error(node, f"unknown name {name!r}; known here: {known}")
        kind, closure, landmarks = self.scope.names[name]
        self.uses[name] = None
        self.landmarks.update(dict.fromkeys(landmarks))
        self.asked.update(dict.fromkeys(self.scope.asked.get(name, ())))
        self.relative |= name in self.scope.relative
        return kind, closure

    def _landmark(self, node: ast.expr, owner: str, joint: str) -> tuple[Kind, Closure]:
        found = self.scope.joint(owner, joint) if self.scope.joint else None
        if found is None:
            if owner in self.scope.owners:
                raise self.error(node, f"unknown joint {joint!r}; known: {', '.join(self.scope.joints)}")
            known = ", ".join(self.scope.owners) or "none here"
            raise self.error(node, f"unknown {owner!r} before the dot; known: {known}")
        self.landmarks[found[0], joint] = None
        return "point", found[1]

    def _binary(self, left: ast.expr, op: Callable[[float, float], float], right: ast.expr) -> tuple[Kind, Closure]:
        a, b = self.number(left), self.number(right)
        return "number", lambda s: op(a(s), b(s))

    def _boolean(self, conjunction: bool, values: list[ast.expr]) -> tuple[Kind, Closure]:
        return "truth", _chain([self.truth(value) for value in values], conjunction)

    def _comparison(
        self, node: ast.expr, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]
    ) -> tuple[Kind, Closure]:
        for op in ops:
            if type(op) not in _COMPARE:
                raise self.error(node, "only <, <=, > and >= compare here")
        terms = [self.number(left), *(self.number(other) for other in others)]
        links = tuple((a, _COMPARE[type(op)], b) for a, op, b in zip(terms, ops, terms[1:], strict=False))
        return "truth", _chain([_link(*link) for link in links], conjunction=True)

    def _call(self, node: ast.expr, name: str, args: list[ast.expr]) -> tuple[Kind, Closure]:
        function = self.scope.functions.get(name)
        if function is None:
            known = ", ".join(sorted([*self.scope.functions, *self.scope.macros])) or "none"
            raise self.error(node, f"unknown function {name!r}; known here: {known}")
        takes = function.takes
        if function.variadic and len(args) > len(takes):
            takes += (takes[-1],) * (len(args) - len(takes))
        if len(args) != len(takes):
            raise self.error(node, f"{name} takes {len(takes)} arguments ({', '.join(takes)}), not {len(args)}")
        wanted = {"number": "a number", "point": "a landmark such as near.knee", "truth": "a condition"}
        parts = tuple(self._of(arg, kind, wanted[kind]) for arg, kind in zip(args, takes, strict=True))
        call = function.call
        if len(parts) == 1:
            (a,) = parts
            return function.gives, lambda s: call(a(s))
        if len(parts) == 2:
            a, b = parts
            return function.gives, lambda s: call(a(s), b(s))
        if len(parts) == 3:
            a, b, c = parts
            return function.gives, lambda s: call(a(s), b(s), c(s))
        return function.gives, lambda s: call(*(part(s) for part in parts))


def _link(a: Closure, compare: Callable[[float, float], bool], b: Closure) -> Closure:
    return lambda s: compare(a(s), b(s))


def _chain(parts: list[Closure], conjunction: bool) -> Closure:
    """All or any of the parts, as nested pairs: faster than a loop over so few."""
    last = parts[-1]
    for part in reversed(parts[:-1]):
        last = _pair(part, last, conjunction)
    return last


def _pair(a: Closure, b: Closure, conjunction: bool) -> Closure:
    if conjunction:
        return lambda s: a(s) and b(s)
    return lambda s: a(s) or b(s)
