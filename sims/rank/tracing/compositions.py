"""Operators that are formulas of what is understood already: each an entry, which needs no arithmetic of its own.

In real arithmetic each formula is the operator; in floats it may be a little wider than torch's own, which radii allow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank.functions import FUNCTIONS
from lazy_assay.sims.rank.tracing.call import Call, Rule, number
from lazy_assay.sims.rank.tracing.memory import NotUnderstoodError

# -- pieces ------------------------------------------------------------------------------------------------------------


def same(call: Call, operation: p.Operation, value: int) -> int:
    """An operation that leaves the shape."""
    return call.step(operation, value, shape=call.tape.shapes[value])


def scaled(call: Call, value: int, factor: float) -> int:
    return value if factor == 1.0 else same(call, p.Scale(factor), value)


def negative(call: Call, value: int) -> int:
    return same(call, p.Scale(-1.0), value)


def combined(call: Call, operation: p.Operation, first: int, second: int) -> int:
    """A sum or product of two values, broadcast."""
    shapes = call.tape.shapes[first], call.tape.shapes[second]
    return call.step(operation, first, second, shape=np.broadcast_shapes(*shapes))


def shifted(call: Call, value: int, by: float) -> int:
    return value if by == 0.0 else combined(call, p.Add(), value, call.constant(by))


def larger(call: Call, first: int, second: int) -> int:
    """The maximum of two values, entry by entry."""
    shapes = [call.tape.shapes[value] for value in (first, second)]
    shape = np.broadcast_shapes(*shapes)
    start, index = 1, []
    for each in shapes:
        count = math.prod(each)
        index.append(np.broadcast_to(np.arange(start, start + count).reshape(each), shape))
        start += count
    paired = call.tape.moved((first, second), np.stack(index, axis=-1), (*shape, 2))
    return call.step(p.Maximum(), paired, shape=shape)


def smaller(call: Call, first: int, second: int) -> int:
    return negative(call, larger(call, negative(call, first), negative(call, second)))


def last(call: Call, value: int, axes: Any) -> tuple[int, int]:
    """The value with these axes (all where none are named) last and as one, and how many entries that has."""
    shape = call.tape.shapes[value]
    given = [axes] if isinstance(axes, int) else list(axes or range(len(shape)))
    chosen = sorted({axis % len(shape) for axis in given}) if shape else []
    kept = [axis for axis in range(len(shape)) if axis not in chosen]
    count = math.prod(shape[axis] for axis in chosen)
    if not count:
        raise NotUnderstoodError("over no entries")
    moved = call.permuted(value, [*kept, *chosen])
    return call.reshape(moved, *(shape[axis] for axis in kept), count), count


def reduced(call: Call, operation: p.Operation, value: int, axes: Any) -> tuple[int, int]:
    """A sum or maximum over axes, which are kept with one entry each; and over how many entries."""
    turned, count = last(call, value, axes)
    made = call.step(operation, turned, shape=call.tape.shapes[turned][:-1])
    shape = call.tape.shapes[value]
    given = [axes] if isinstance(axes, int) else list(axes or range(len(shape)))
    chosen = {axis % len(shape) for axis in given}
    return call.reshape(made, *(1 if i in chosen else size for i, size in enumerate(shape))), count


def log_sum(call: Call, value: int, axes: Any) -> tuple[int, int]:
    """x − max x, and ln Σ exp of that over axes, which are kept."""
    most, _ = reduced(call, p.Maximum(), value, axes)
    below = combined(call, p.Add(), value, negative(call, most))
    total, _ = reduced(call, p.Total(), same(call, FUNCTIONS["exp"], below), axes)
    return below, same(call, FUNCTIONS["log"], total)


def mean_square(call: Call, value: int, axes: Any) -> int:
    """Over axes, which are kept."""
    total, count = reduced(call, p.Total(), combined(call, p.Multiply(), value, value), axes)
    return same(call, p.Divide(float(count)), total)


# -- activations -------------------------------------------------------------------------------------------------------


def _exponential_linear(call: Call) -> int:
    """elu: scale·(max(z, 0) + alpha·(exp(input_scale·min(z, 0)) − 1))."""
    alpha, scale, inside = (number(call.take(name, 1)) for name in ("alpha", "scale", "input_scale"))
    value = call.value("self")
    below = negative(call, same(call, p.Relu(), negative(call, value)))
    bent = shifted(call, same(call, FUNCTIONS["exp"], scaled(call, below, inside)), -1.0)
    whole = combined(call, p.Add(), same(call, p.Relu(), value), scaled(call, bent, alpha))
    return scaled(call, whole, scale)


def clamped(call: Call, value: int, low: int | None, high: int | None) -> int:
    """min(max(z, low), high)."""
    value = value if low is None else larger(call, value, low)
    return value if high is None else smaller(call, value, high)


def _clamp(call: Call) -> int:
    low, high = (call.value(name) if call.arguments.get(name) is not None else None for name in ("min", "max"))
    call.take("min"), call.take("max")
    return clamped(call, call.value("self"), low, high)


def _clamp_alone(name: str) -> Rule:
    def rule(call: Call) -> int:
        bound = call.value(name)
        low, high = (bound, None) if name == "min" else (None, bound)
        return clamped(call, call.value("self"), low, high)

    return rule


def _hard_tanh(call: Call) -> int:
    low, high = (number(call.take(name, default)) for name, default in (("min_val", -1), ("max_val", 1)))
    return clamped(call, call.value("self"), call.constant(low), call.constant(high))


def _gate(call: Call, value: int) -> int:
    """relu6(z + 3)/6."""
    bounds = call.constant(0.0), call.constant(6.0)
    return same(call, p.Divide(6.0), clamped(call, shifted(call, value, 3.0), *bounds))


def _hard_swish(call: Call) -> int:
    value = call.value("self")
    return combined(call, p.Multiply(), value, _gate(call, value))


def _parametric(call: Call) -> int:
    """max(z, 0) + w·min(z, 0)."""
    value = call.value("self")
    below = negative(call, same(call, p.Relu(), negative(call, value)))
    return combined(
        call, p.Add(), same(call, p.Relu(), value), combined(call, p.Multiply(), call.value("weight"), below)
    )


def _mish(call: Call) -> int:
    value = call.value("self")
    return combined(call, p.Multiply(), value, same(call, p.Tanh(), same(call, p.Softplus(1.0), value)))


def _log_sigmoid(call: Call) -> Any:
    value = negative(call, call.value("self"))
    return negative(call, same(call, p.Softplus(1.0), value)), None


def _gated(call: Call) -> int:
    """glu: the first half of an axis times the sigmoid of the second."""
    value, axis = call.value("self"), int(call.take("dim", -1))
    shape = call.tape.shapes[value]
    halves = np.split(np.arange(1, 1 + math.prod(shape)).reshape(shape), 2, axis=axis)
    first, second = (call.tape.moved((value,), half, half.shape) for half in halves)
    return combined(call, p.Multiply(), first, same(call, p.Sigmoid(), second))


# -- roots and powers --------------------------------------------------------------------------------------------------


def inverse_root(call: Call, value: int) -> int:
    """1/√z."""
    return same(call, FUNCTIONS["reciprocal"], same(call, FUNCTIONS["sqrt"], value))


def _power(call: Call) -> int:
    """Whole exponents up to 8, and ±½, −1."""
    exponent, value = call.take("exponent"), call.value("self")
    if not isinstance(exponent, (int, float)) or isinstance(exponent, bool):
        raise NotUnderstoodError("exponent=a tensor")
    if exponent in (0.5, -0.5, -1):
        root = value if exponent == -1 else same(call, FUNCTIONS["sqrt"], value)
        return root if exponent == 0.5 else same(call, FUNCTIONS["reciprocal"], root)
    if exponent not in range(1, 9):
        raise NotUnderstoodError(f"exponent={exponent}")
    made = value
    for _ in range(int(exponent) - 1):
        made = combined(call, p.Multiply(), made, value)
    return made


# -- over axes ---------------------------------------------------------------------------------------------------------


def _variance(root: bool) -> Rule:
    def rule(call: Call) -> int:
        """Σ (z − mean)²/(count − correction)."""
        value, axes = call.value("self"), call.take("dim")
        correction = call.take("correction")
        if correction is None:
            correction = 0 if call.take("unbiased", True) is False else 1
        call.take("keepdim"), call.take("unbiased")
        total, count = reduced(call, p.Total(), value, axes)
        if not count > number(correction):
            raise NotUnderstoodError(f"correction={correction} of {count} entries")
        mean = same(call, p.Divide(float(count)), total)
        centred = combined(call, p.Add(), value, negative(call, mean))
        squares, _ = reduced(call, p.Total(), combined(call, p.Multiply(), centred, centred), axes)
        made = same(call, p.Divide(count - number(correction)), squares)
        return call.reshape(same(call, FUNCTIONS["sqrt"], made) if root else made, *call.shape)

    return rule


def _norm(call: Call) -> int:
    """Of order 1, 2 or ∞."""
    order, axes, value = number_or_infinite(call.take("ord", 2)), call.take("dim"), call.value("self")
    call.take("keepdim")
    if order == 2:
        total, _ = reduced(call, p.Total(), combined(call, p.Multiply(), value, value), axes)
        return call.reshape(same(call, FUNCTIONS["sqrt"], total), *call.shape)
    if order not in (1, math.inf):
        raise NotUnderstoodError(f"ord={order}")
    kind = p.Total() if order == 1 else p.Maximum()
    return call.reshape(reduced(call, kind, same(call, FUNCTIONS["abs"], value), axes)[0], *call.shape)


def number_or_infinite(given: Any) -> float:
    return math.inf if given == math.inf else number(given)


def _log_sum_exp(call: Call) -> int:
    value, axes = call.value("self"), call.take("dim")
    call.take("keepdim")
    _, total = log_sum(call, value, axes)
    most, _ = reduced(call, p.Maximum(), value, axes)
    return call.reshape(combined(call, p.Add(), total, most), *call.shape)


def _smallest(call: Call) -> int:
    axes = call.take("dim")
    call.take("keepdim")
    found, _ = reduced(call, p.Maximum(), negative(call, call.value("self")), axes)
    return call.reshape(negative(call, found), *call.shape)


RULES: Mapping[str, Rule] = {
    "elu": _exponential_linear,
    "clamp": _clamp,
    "clamp_min": _clamp_alone("min"),
    "clamp_max": _clamp_alone("max"),
    "hardtanh": _hard_tanh,
    "hardswish": _hard_swish,
    "hardsigmoid": lambda call: _gate(call, call.value("self")),
    "_prelu_kernel": _parametric,
    "mish": _mish,
    "log_sigmoid_forward": _log_sigmoid,
    "glu": _gated,
    "maximum": lambda call: larger(call, call.value("self"), call.value("other")),
    "minimum": lambda call: smaller(call, call.value("self"), call.value("other")),
    "rsqrt": lambda call: inverse_root(call, call.value("self")),
    "pow": _power,
    "var": _variance(root=False),
    "std": _variance(root=True),
    "linalg_vector_norm": _norm,
    "logsumexp": _log_sum_exp,
    "amin": _smallest,
}
