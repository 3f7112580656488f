"""How the value of a measure is an angle in the picture, read from the template's expression."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from formcheck.judge.expression import syntax_of
from formcheck.judge.template import Measure

Band = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Opening:
    """A measure that is an angle between the two limbs at its joint: value = offset + factor × angle.

    Attributes:
        offset, factor: see above; degrees and ±1.
        signed: the angle is taken on the upper side, 0 to 360 degrees; otherwise it is the included one, 0 to 180.
    """

    offset: float
    factor: float
    signed: bool

    def angles(self, target: Band) -> Band:
        """Least and greatest degrees between the limbs for a band of the measure."""
        least, most = _turned(target, self.offset, self.factor)
        return max(least, 0.0), min(most, 360.0 if self.signed else 180.0)


@dataclass(frozen=True, slots=True)
class Tilt:
    """A measure that is the tilt of one segment of the body: value = offset + factor × tilt.

    Attributes:
        pivot, end: names of the segment's landmarks.
        upright: the tilt is taken from the vertical; otherwise from the horizontal.
        unsigned: the tilt's size is taken, to whichever side.
    """

    offset: float
    factor: float
    pivot: str
    end: str
    upright: bool
    unsigned: bool

    def tilt(self, value: float) -> float:
        """Degrees of tilt for a value of the measure."""
        return (value - self.offset) / self.factor

    def tilts(self, target: Band) -> Band:
        """Least and greatest degrees of tilt for a band of the measure."""
        least, most = _turned(target, self.offset, self.factor)
        return (max(least, 0.0) if self.unsigned else least), (most if self.upright else min(most, 90.0))


def opening_of(measure: Measure) -> Opening | None:
    """How to draw a measure of two limbs; None if its value is not simply the angle between them."""
    if measure.at is None or measure.arms is None:
        return None
    found = _linear(syntax_of(measure.value), ("angle", "deviation"))
    if found is None or found.unsigned:
        return None
    first, joint, second = found.arguments
    if joint != measure.at or {first, second} != set(measure.arms):
        return None
    if found.function == "angle":
        return Opening(found.offset, found.factor, signed=False)
    # No deviation is straight: 180 degrees on the upper side.
    return Opening(found.offset - 180 * found.factor, found.factor, signed=True)


def tilt_of(measure: Measure) -> Tilt | None:
    """How to draw a measure of one segment; None if its value is not simply the segment's tilt."""
    if measure.at is None or measure.arms is not None or measure.unit != "deg":
        return None
    found = _linear(syntax_of(measure.value), ("lean", "elevation"))
    if found is None or measure.at not in found.arguments[:2]:
        return None
    pivot, end = found.arguments[:2]
    return Tilt(found.offset, found.factor, pivot, end, found.function == "lean", found.unsigned)


@dataclass(frozen=True, slots=True)
class _Linear:
    """offset + factor × function(arguments), or × abs(function(arguments)); the factor is ±1."""

    offset: float
    factor: float
    function: str
    arguments: tuple[str, ...]
    unsigned: bool = False


def _linear(node: ast.expr, functions: tuple[str, ...]) -> _Linear | None:
    match node:
        case ast.Call(func=ast.Name(id="abs"), args=[inner]):
            found = _linear(inner, functions)
            plain = found is not None and found.offset == 0 and not found.unsigned
            return _Linear(0.0, 1.0, found.function, found.arguments, True) if found and plain else None
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in functions:
            return _Linear(0.0, 1.0, name, tuple(ast.unparse(each) for each in arguments))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _scaled(_linear(inner, functions), 0.0, -1.0)
        case ast.BinOp(left=ast.Constant(value=int() | float() as k), op=ast.Add() | ast.Sub() as op, right=inner):
            return _scaled(_linear(inner, functions), float(k), 1.0 if isinstance(op, ast.Add) else -1.0)
        case ast.BinOp(left=inner, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int() | float() as k)):
            return _scaled(_linear(inner, functions), float(k if isinstance(op, ast.Add) else -k), 1.0)
    return None


def _scaled(found: _Linear | None, offset: float, factor: float) -> _Linear | None:
    """offset + factor × what was found."""
    if found is None:
        return None
    return _Linear(
        offset + factor * found.offset, factor * found.factor, found.function, found.arguments, found.unsigned
    )


def _turned(target: Band, offset: float, factor: float) -> Band:
    a, b = ((limit - offset) / factor for limit in target)
    return min(a, b), max(a, b)
