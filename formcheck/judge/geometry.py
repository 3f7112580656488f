"""Plane geometry on pixel points, in plain floats.

Points are (x, y) with y growing downwards; "up" is towards smaller y. All angles are in degrees. NaN in any
coordinate gives NaN. Plain Python is faster here than numpy for one pose (a dozen angles, cold caches).

Definitions follow section 2.2 of the exercise specification.
"""

from __future__ import annotations

from math import acos, atan2, degrees, hypot, nan

Point = tuple[float, float]


def angle(a: Point, b: Point, c: Point) -> float:
    """Included angle at `b`, 0..180; NaN when two of the points coincide."""
    ux, uy = a[0] - b[0], a[1] - b[1]
    vx, vy = c[0] - b[0], c[1] - b[1]
    lengths = hypot(ux, uy) * hypot(vx, vy)
    if not lengths:
        return nan
    cosine = (ux * vx + uy * vy) / lengths
    return degrees(acos(-1.0 if cosine < -1.0 else 1.0 if cosine > 1.0 else cosine))


def deviation(a: Point, b: Point, c: Point) -> float:
    """Signed deviation of the joint `b` from the straight line a–c, -180..180.

    0 is straight. Positive means that `b` lies above the line in the picture: hips above the line from shoulder to
    ankle are a pike, hips below it a sag. An unsigned angle cannot tell the two apart.
    """
    bend = 180.0 - angle(a, b, c)
    dx = c[0] - a[0]
    if dx:
        line_y = a[1] + (c[1] - a[1]) * (b[0] - a[0]) / dx
        return bend if b[1] < line_y else -bend
    return bend if b[1] < (a[1] + c[1]) / 2 else -bend


def elevation(a: Point, b: Point) -> float:
    """Elevation of the segment from `a` to `b` above the horizontal, -90..90; left or right makes no difference."""
    return degrees(atan2(a[1] - b[1], abs(b[0] - a[0])))


def lean(a: Point, b: Point, direction: float) -> float:
    """Tilt of the segment from `a` to `b` from vertical, -180..180; positive towards `direction` (+1: right)."""
    return degrees(atan2((b[0] - a[0]) * direction, a[1] - b[1]))


def distance(a: Point, b: Point) -> float:
    """Euclidean distance in pixels."""
    return hypot(a[0] - b[0], a[1] - b[1])


def middle(a: Point, b: Point) -> Point:
    """The point halfway between two points."""
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def beside(p: Point, a: Point, b: Point, towards: Point) -> float:
    """Distance in pixels of `p` from the line through `a` and `b`, positive on the side on which `towards` lies."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = hypot(dx, dy)
    if not length:
        return nan
    offset = (dx * (p[1] - a[1]) - dy * (p[0] - a[0])) / length
    reference = dx * (towards[1] - a[1]) - dy * (towards[0] - a[0])
    return offset if reference >= 0 else -offset
