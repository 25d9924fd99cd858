"""The range of an operator's result, from the ranges of its arguments."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

from lazy_assay.sims.analyticity._call import Call, Known
from lazy_assay.sims.analyticity._range import ALL, NONNEGATIVE, POSITIVE, Range, exactly, increasing


def anything(call: Call) -> Range:
    """Nothing is known."""
    return ALL


def constant(range_: Range) -> Callable[[Call], Range]:
    """The same for every argument."""
    return lambda call: range_


def through(image: Callable[[Range], Range]) -> Callable[[Call], Range]:
    """The image of the first tensor's range."""
    return lambda call: image(call.first().range)


def first(call: Call) -> Range:
    """That of the first tensor."""
    return call.first().range


def averaged(call: Call) -> Range:
    """Of means over windows: padding puts zeros in, and a divisor of one's own makes them no means at all."""
    if call.arguments.get("divisor_override") is not None:
        return ALL
    padding = call.get("padding", 0)
    padded = any(padding) if isinstance(padding, (list, tuple)) else bool(padding)
    return call.first().range | exactly(0.0) if padded else call.first().range


def joined(call: Call) -> Range:
    """Those of all tensors together: entries are moved, not changed. Indices do no harm."""
    return reduce(Range.__or__, (known.range for known in call.tensors()))


def sum_over(call: Call) -> Range:
    """Of a sum over some or all entries: its sign, and for positive terms the smallest of them."""
    range_ = call.first().range
    if range_.low >= 0:
        return Range(range_.low, math.inf, range_.low_open)
    return Range(-math.inf, range_.high, False, range_.high_open) if range_.high <= 0 else ALL


def spread(call: Call) -> Range:
    """Of a variance; a mean comes with it where both are asked for."""
    return NONNEGATIVE if call.name == "var" else ALL


def product_over(call: Call) -> Range:
    """Of a product over some or all entries."""
    range_ = call.first().range
    return POSITIVE if range_.above(0) else NONNEGATIVE if range_.low >= 0 else ALL


def added(call: Call) -> Range:
    """self + alpha·other."""
    return call.range("self") + call.range("other") * exactly(float(call.get("alpha", 1)))


def subtracted(call: Call) -> Range:
    """self − alpha·other."""
    return call.range("self") + call.range("other") * exactly(-float(call.get("alpha", 1)))


def subtracted_from(call: Call) -> Range:
    """other − alpha·self."""
    return call.range("other") + call.range("self") * exactly(-float(call.get("alpha", 1)))


def negated(call: Call) -> Range:
    """−self."""
    return -call.first().range


def multiplied(call: Call) -> Range:
    """self·other, a square where both are the same value."""
    return call.range("self").square() if call.same else call.range("self") * call.range("other")


def squared(call: Call) -> Range:
    """self²."""
    return call.first().range.square()


def absolute(call: Call) -> Range:
    """|self|."""
    return call.first().range.size()


def divided(call: Call) -> Range:
    """self/other."""
    return call.range("self") * call.range("other").reciprocal()


def inverted(call: Call) -> Range:
    """1/self."""
    return call.first().range.reciprocal()


def root(call: Call) -> Range:
    """√self."""
    range_ = call.first().range
    return increasing(math.sqrt, POSITIVE if range_.above(0) else NONNEGATIVE)(range_)


def logarithm(call: Call) -> Range:
    """log self."""
    range_ = call.first().range
    return increasing(math.log, POSITIVE if range_.above(1) else NONNEGATIVE if range_.low >= 1 else ALL)(range_)


def log1p(call: Call) -> Range:
    """log(1 + self)."""
    range_ = call.first().range
    return increasing(math.log1p, POSITIVE if range_.above(0) else NONNEGATIVE if range_.low >= 0 else ALL)(range_)


def log_sum(call: Call) -> Range:
    """log(exp x + exp y) is above x and above y."""
    return Range(max(call.range("self").low, call.range("other").low), math.inf, True)


def softplus(call: Call) -> Range:
    """Positive, at every temperature β > 0, and where the straight line begins there."""
    positive = float(call.get("beta", 1.0)) > 0 and float(call.get("threshold", 20.0)) >= 0
    return POSITIVE if positive else ALL


def power(call: Call) -> Range:
    """self to a power: positive for positive bases, not negative for even exponents."""
    exponent, base = call.get("exponent"), call.range("self")
    if isinstance(exponent, (int, float)) and exponent == 2:
        return base.square()
    even = isinstance(exponent, (int, float)) and float(exponent).is_integer() and int(exponent) % 2 == 0
    return POSITIVE if base.above(0) else NONNEGATIVE if even or base.low >= 0 else ALL


def chosen(call: Call) -> Range:
    """Either of two values."""
    return call.range("self") | call.range("other")


def filled(call: Call) -> Range:
    """The value, or what is filled in."""
    return call.range("self") | call.range("value")


def ends(call: Call) -> tuple[Any, Any]:
    """The ends of a clamp; None where there is none, or where it is a tensor that is not one number."""
    return number(call.get("min")), number(call.get("max"))


def number(value: Any) -> float | None:
    """A plain number, or None."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, Known) else None


def clamped(call: Call) -> Range:
    """Between the ends; max, where it is below min."""
    low, high = ends(call)
    if any(isinstance(call.arguments.get(name), Known) for name in ("min", "max")):
        return ALL
    if low is not None and high is not None and not low <= high:
        return exactly(high) if math.isfinite(high) else ALL
    range_ = call.first().range
    for end, bound in ((low, Range(low=low or 0.0)), (high, Range(high=high or 0.0))):
        if end is not None and math.isfinite(end):
            range_ = _cut(range_, bound)
    return range_


def _cut(range_: Range, bound: Range) -> Range:
    """What a clamp with one end makes of a range: what lies beyond becomes the end."""
    if range_.below(bound.low):
        return exactly(bound.low)
    return exactly(bound.high) if range_.above(bound.high) else range_ & bound
