"""The rules of torch's operators: arithmetic and activations here, layers and pooling beside. All else is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank.functions import FUNCTIONS
from lazy_assay.sims.rank.tracing.call import Call, Rule, number
from lazy_assay.sims.rank.tracing.compositions import RULES as COMPOSITIONS
from lazy_assay.sims.rank.tracing.compositions import combined, last, same
from lazy_assay.sims.rank.tracing.layers import RULES as LAYERS
from lazy_assay.sims.rank.tracing.masks import added, filled, is_infinite, where
from lazy_assay.sims.rank.tracing.memory import NotUnderstoodError, Operand
from lazy_assay.sims.rank.tracing.pooling import RULES as POOLING

# Below this exp(−threshold) overflows.
LEAST_THRESHOLD = -700.0

# -- arithmetic --------------------------------------------------------------------------------------------------------


def _sum_of(call: Call, first: str, second: str, sign: float) -> int:
    """first + sign·alpha·second."""
    factor = sign * number(call.take("alpha", 1))
    if sign > 0 and factor == 1.0 and (masked := added(call, call.needed(first), call.needed(second))) is not None:
        return masked
    left, right = call.value(first), call.value(second)
    if factor != 1.0:
        right = call.step(p.Scale(factor), right, shape=call.tape.shapes[right])
    return call.step(p.Add(), left, right)


def _single(operand: Operand | None) -> float | None:
    """A constant of one number, that no axis comes from."""
    if operand is None or operand.constant is None or operand.constant.numel() != 1 or operand.weight:
        return None
    return number(float(operand.constant))


def _multiplied(call: Call) -> int:
    pair = call.needed("self"), call.needed("other")
    for one, other in (pair, pair[::-1]):
        factor = _single(one)
        if factor is not None and len(one.shape) <= len(other.shape):
            return call.step(p.Scale(factor), call.as_value(other))
    return call.step(p.Multiply(), *(call.as_value(operand) for operand in pair))


def _divided(call: Call) -> int:
    divisor, value = _single(call.needed("other")), call.value("self")
    if divisor == 0:
        raise NotUnderstoodError("by 0")
    if divisor is not None:
        return _fused(call, call.step(p.Divide(divisor), value))
    return combined(call, p.Multiply(), value, same(call, FUNCTIONS["reciprocal"], call.value("other")))


def _fused(call: Call, made: int) -> int:
    """logaddexp(zeta z, 0)/zeta, written out, is one softplus: its derivative is then bounded once."""
    steps = call.tape.steps[max(made - 3, 0) : made]
    if len(steps) < 3 or any(b.inputs != (made - 2 + i,) for i, b in enumerate(steps[1:])):
        return made
    match [step.operation for step in steps]:
        case [p.Scale(zeta), p.Softplus(1.0, None), p.Divide(divisor)] if zeta == divisor > 0:
            return call.step(p.Softplus(zeta), *steps[0].inputs)
    return made


# -- sums --------------------------------------------------------------------------------------------------------------


def _reduced(operation: p.Operation, mean: bool) -> Rule:
    def rule(call: Call) -> Any:
        call.take("keepdim")
        value, count = last(call, call.value("self"), call.take("dim"))
        made = call.step(operation, value, shape=call.tape.shapes[value][:-1])
        if mean:
            made = call.step(p.Divide(float(count)), made, shape=call.tape.shapes[made])
        return call.reshape(made, *call.shape), None

    return rule


# -- activations -------------------------------------------------------------------------------------------------------


def _activation(operation: p.Operation) -> Rule:
    return lambda call: call.step(operation, call.value("self"))


def _softplus(call: Call) -> int:
    beta, threshold = number(call.take("beta", 1)), number(call.take("threshold", 20))
    if beta <= 0 or threshold < LEAST_THRESHOLD:
        raise NotUnderstoodError(f"beta={beta:g}, threshold={threshold:g}")
    return call.step(p.Softplus(beta, threshold), call.value("self"))


def _logaddexp(call: Call) -> int:
    pair = call.needed("self"), call.needed("other")
    for one, other in (pair, pair[::-1]):
        fits = other.value is not None and one.constant is not None and other.shape == call.shape
        if fits and one.constant is not None and not bool(one.constant.any()) and not one.weight:
            return call.step(p.Softplus(1.0), call.as_value(other))
    raise NotUnderstoodError("of two values (with zeros it is softplus)")


def _gelu(call: Call) -> int:
    by = call.take("approximate", "none")
    if by not in ("none", "tanh"):
        raise NotUnderstoodError(f"approximate={by!r}")
    return call.step(p.Gelu(by == "tanh"), call.value("self"))


RULES: Mapping[str, Rule] = {
    "add": lambda call: _sum_of(call, "self", "other", 1.0),
    "sub": lambda call: _sum_of(call, "self", "other", -1.0),
    "rsub": lambda call: _sum_of(call, "other", "self", -1.0),
    "mul": _multiplied,
    "div": _divided,
    "neg": lambda call: call.step(p.Scale(-1.0), call.value("self")),
    "sum": _reduced(p.Total(), mean=False),
    "mean": _reduced(p.Total(), mean=True),
    "amax": _reduced(p.Maximum(), mean=False),
    "max": _reduced(p.Maximum(), mean=False),
    "relu": _activation(p.Relu()),
    "tanh": _activation(p.Tanh()),
    "sigmoid": _activation(p.Sigmoid()),
    "silu": _activation(p.Silu()),
    "leaky_relu": lambda call: call.step(p.LeakyRelu(number(call.take("negative_slope", 0.01))), call.value("self")),
    "softplus": _softplus,
    "logaddexp": _logaddexp,
    "gelu": _gelu,
    "_to_copy": lambda call: call.value("self"),
    "masked_fill": filled,
    "eq": is_infinite,
    "where": where,
    **{name: _activation(function) for name, function in FUNCTIONS.items()},
    **COMPOSITIONS,
    **LAYERS,
    **POOLING,
}
