"""−∞ as a mask: which entries softmax takes. It is followed through moves, and nothing else may read it."""

from __future__ import annotations

import numpy as np
import torch

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank.tracing.call import Call, number
from lazy_assay.sims.rank.tracing.memory import Known, NotUnderstoodError, Operand

Array = np.ndarray


def parted(given: Array) -> tuple[Array, Array]:
    """Which entries of numbers are not −∞, and the numbers with 0 in place of it. Raises NotUnderstoodError."""
    kept = given != -np.inf
    finite = np.where(kept, given, 0.0).astype(np.float64)
    if not np.isfinite(finite).all():
        raise NotUnderstoodError("a constant that is infinite or NaN")
    return kept, finite


def require_given(mask: Operand) -> None:
    """Raises NotUnderstoodError for a mask that would be another at other weights."""
    if mask.weight:
        raise NotUnderstoodError("a mask that depends on weights")


def require_some(kept: Array) -> None:
    """Raises NotUnderstoodError where softmax would be taken of nothing."""
    if not kept.any(axis=-1).all():
        raise NotUnderstoodError("a mask that leaves nothing of a row")


def masked(call: Call, value: int, kept: Array) -> int:
    """The value with −∞ where it is not kept."""
    if kept.all():
        return value
    shape = call.tape.shapes[value]
    return call.step(p.Masked(np.broadcast_to(kept, shape)), value, shape=shape)


def unmasked(call: Call, name: str) -> tuple[int, Array | None]:
    """An argument's value without −∞, and what is kept of it; None for all. Moves between are made again."""
    operand = call.needed(name)
    moves: list[p.Reshape | p.Gather] = []
    at = operand.value
    while at:
        step = call.tape.steps[at - 1]
        if isinstance(step.operation, p.Masked):
            return _replayed(call, step.inputs[0], step.operation.kept, moves)
        if not isinstance(step.operation, (p.Reshape, p.Gather)) or not _moves(step):
            break
        moves.append(step.operation)
        (at,) = step.inputs
    return call.as_value(operand), None


def _moves(step: p.Step) -> bool:
    """Whether a step moves entries of one value."""
    match step.operation:
        case p.Reshape():
            return True
        case p.Gather(index):
            return len(step.inputs) == 1 and bool((index > 0).all())
    return False


def _replayed(call: Call, value: int, kept: Array, moves: list[p.Reshape | p.Gather]) -> tuple[int, Array]:
    for operation in reversed(moves):
        flat = kept.ravel()
        kept = (flat[operation.index - 1] if isinstance(operation, p.Gather) else flat).reshape(operation.shape)
        value = call.step(operation, value, shape=kept.shape)
    return value, kept


def added(call: Call, first: Operand, second: Operand) -> int | None:
    """The sum with a constant that has −∞ in it, or None where there is no such one."""
    for one, other in ((first, second), (second, first)):
        if one.constant is None or not one.constant.is_floating_point() or other.value is None:
            continue
        kept, finite = parted(one.constant.detach().numpy())
        if not kept.all():
            require_given(one)
            value = call.as_value(other)
            if finite.any():
                value = call.step(p.Add(), value, call.constant(finite))
            return _wide(call, value, kept)
    return None


def _wide(call: Call, value: int, kept: Array) -> int:
    """Masked, in the shape of the result."""
    shape = call.tape.shapes[value]
    if shape != call.shape:
        index = np.arange(1, 1 + int(np.prod(shape))).reshape(shape)
        value = call.tape.moved((value,), np.broadcast_to(index, call.shape), call.shape)
    return masked(call, value, kept)


def chosen(call: Call, condition: Operand, first: Operand, second: Operand) -> int:
    """`first` where a constant condition holds, `second` elsewhere; −∞ on one side is a mask."""
    if condition.constant is None or condition.weight:
        raise NotUnderstoodError("a condition that depends on the data, or on weights")
    holds = condition.constant.numpy().astype(bool)
    for operand, other, kept in ((first, second, ~holds), (second, first, holds)):
        if operand.constant is not None and bool((operand.constant == -np.inf).all()):
            return _wide(call, call.as_value(other), kept)
    one, two = call.as_value(first), call.as_value(second)
    entries = [np.arange(1, 1 + int(np.prod(call.tape.shapes[v]))).reshape(call.tape.shapes[v]) for v in (one, two)]
    index = np.where(holds, entries[0], entries[1] + entries[0].size)
    return call.tape.moved((one, two), np.broadcast_to(index, call.shape), call.shape)


def is_infinite(call: Call) -> Known:
    """x == −∞, which of real numbers is false, and of a mask known."""
    other = call.take("other")
    if not isinstance(other, float) or other != -np.inf:
        raise NotUnderstoodError("of values that depend on the data")
    _, kept = unmasked(call, "self")
    wanted = torch.tensor(False if kept is None else ~kept).expand(call.shape)
    if not torch.equal(call.outputs[0], wanted):
        raise NotUnderstoodError("values that overflow")
    return Known()


def filled(call: Call) -> int:
    """masked_fill: a number, or −∞, where a constant mask is."""
    value = call.take("value")
    if isinstance(value, torch.Tensor):
        fill = call.memory.read(value)
    else:
        plain = value if value == -np.inf else number(value)
        fill = Operand((), constant=torch.tensor(plain, dtype=torch.float64))
    return chosen(call, call.needed("mask"), fill, call.needed("self"))


def where(call: Call) -> int:
    """torch.where with a constant condition."""
    return chosen(call, call.needed("condition"), call.needed("self"), call.needed("other"))
