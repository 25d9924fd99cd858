"""Ranges of real values with open and closed ends: the sign lattice, with the constants that it needs to be useful.

Ends are rounded outward, so that a range holds every value of the formula in exact arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

# An end: its value, and whether it is left out.
End = tuple[float, bool]


@dataclass(frozen=True)
class Range:
    """All values from `low` to `high`; an end that is open is not attained. Infinite ends are open."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def __str__(self) -> str:
        left = "(" if self.low_open or math.isinf(self.low) else "["
        right = ")" if self.high_open or math.isinf(self.high) else "]"
        return f"{left}{self.low:g}, {self.high:g}{right}"

    def above(self, bound: float) -> bool:
        """Whether every value is > bound."""
        return self.low > bound or (self.low == bound and self.low_open)

    def below(self, bound: float) -> bool:
        """Whether every value is < bound."""
        return self.high < bound or (self.high == bound and self.high_open)

    def avoids(self, bound: float) -> bool:
        """Whether no value is `bound`."""
        return self.above(bound) or self.below(bound)

    def __neg__(self) -> Range:
        return Range(-self.high, -self.low, self.high_open, self.low_open)

    def __add__(self, other: Range) -> Range:
        low = _rounded(self.low, other.low, up=False)
        high = _rounded(self.high, other.high, up=True)
        return Range(low, high, self.low_open or other.low_open, self.high_open or other.high_open)

    def __mul__(self, other: Range) -> Range:
        corners = [_corner(a, b) for a, b in product(self._ends(), other._ends())]
        low = min(corners, key=lambda corner: (corner[0], corner[2]))
        high = max(corners, key=lambda corner: (corner[1], not corner[2]))
        return Range(low[0], high[1], low[2], high[2])

    def __or__(self, other: Range) -> Range:
        low = min((self.low, self.low_open), (other.low, other.low_open))
        high = max((self.high, not self.high_open), (other.high, not other.high_open))
        return Range(low[0], high[0], low[1], not high[1])

    def __and__(self, other: Range) -> Range:
        low = max((self.low, self.low_open), (other.low, other.low_open))
        high = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Range(low[0], high[0], low[1], not high[1])

    def square(self) -> Range:
        """Of x²."""
        size = self.size()
        return size * size

    def size(self) -> Range:
        """Of |x|."""
        if self.above(0) or self.low == 0:
            return self
        if self.below(0) or self.high == 0:
            return -self
        high = max((-self.low, not self.low_open), (self.high, not self.high_open))
        return Range(0, high[0], False, not high[1])

    def reciprocal(self) -> Range:
        """Of 1/x, where the range avoids 0."""
        if self.above(0):
            return Range(0, math.inf, True) if self.low == 0 else Range(0, _up(1 / self.low), True, False)
        return -(-self).reciprocal() if self.below(0) else ALL

    def times(self, count: int) -> Range:
        """Of the sum of `count` such values."""
        return self * exactly(float(count)) if count else exactly(0.0)

    def _ends(self) -> tuple[End, End]:
        return (self.low, self.low_open), (self.high, self.high_open)


ALL = Range()
POSITIVE = Range(0, math.inf, True)
NONNEGATIVE = Range(0, math.inf)
UNIT = Range(0, 1, True, True)


def exactly(value: float) -> Range:
    """One value."""
    return Range(value, value)


def increasing(f: Callable[[float], float], inside: Range) -> Callable[[Range], Range]:
    """The range of an increasing function, whose own range is `inside`: ends rounded outward by four units."""

    def image(of: Range) -> Range:
        low = -math.inf if math.isinf(of.low) else _far(f, of.low, -math.inf)
        high = math.inf if math.isinf(of.high) else _far(f, of.high, math.inf)
        return inside & Range(low, high)

    return image


def _far(f: Callable[[float], float], at: float, towards: float) -> float:
    """f at a point, moved four units in the last place: what a libm function may be off by."""
    try:
        value = f(at)
    except (OverflowError, ValueError):
        return towards
    for _ in range(4):
        value = math.nextafter(value, towards)
    return value


def _up(value: float) -> float:
    return math.nextafter(value, math.inf)


def _rounded(a: float, b: float, *, up: bool) -> float:
    """a + b, not on the wrong side of the exact sum."""
    value = a + b
    if math.isinf(value) or math.isnan(value):
        return math.inf if up else -math.inf
    exact = Fraction(a) + Fraction(b)
    wrong = Fraction(value) < exact if up else Fraction(value) > exact
    return math.nextafter(value, math.inf if up else -math.inf) if wrong else value


def _corner(a: End, b: End) -> tuple[float, float, bool]:
    """The product of two ends, rounded down and up, and whether it is left out."""
    (x, x_open), (y, y_open) = a, b
    if x == 0 or y == 0:
        # A closed zero is attained whatever it is multiplied with.
        return 0.0, 0.0, not ((x == 0 and not x_open) or (y == 0 and not y_open))
    value = x * y
    if math.isinf(value):
        finite = not (math.isinf(x) or math.isinf(y))
        # Overflow: the product is finite, and beyond the largest float.
        edge = math.nextafter(value, 0)
        return (min(edge, value), max(edge, value), False) if finite else (value, value, True)
    exact = Fraction(x) * Fraction(y)
    if exact == Fraction(value):
        return value, value, x_open or y_open
    return math.nextafter(value, -math.inf), math.nextafter(value, math.inf), False
