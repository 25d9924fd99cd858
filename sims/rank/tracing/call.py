"""One call of an operator, as its rule sees it: arguments by name, each of which a rule must take or leave at default.

A rule that does not ask for an argument does not understand it. So what is left over after a rule, and is not its
default, refuses the call: `alpha`, `rounding_mode`, `ceil_mode`, a dtype. New arguments of new versions too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank.tracing.memory import Memory, NotUnderstoodError, Operand, Tape, exactly

Array = np.ndarray
# Where and how a result is stored, which changes no number.
STORAGE = ("layout", "device", "pin_memory", "memory_format", "non_blocking", "implicit")
EXACT_TYPES = (None, torch.float64)


class Call:
    """`arguments` by the schema's names; `outputs` are the tensors that torch computed."""

    def __init__(self, function: Any, arguments: Mapping[str, Any], outputs: Any, tape: Tape, memory: Memory) -> None:
        self.function, self.arguments, self.tape, self.memory = function, arguments, tape, memory
        self.outputs = outputs if isinstance(outputs, (list, tuple)) else (outputs,)
        self.left = {a.name: a for a in function._schema.arguments}
        self.operands: dict[str, Operand] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the first result."""
        return tuple(self.outputs[0].shape)

    def take(self, name: str, default: Any = None) -> Any:
        """A plain argument; `default` where the schema has none of that name, or it is None."""
        self.left.pop(name, None)
        found = self.arguments.get(name)
        return default if found is None else found

    def operand(self, name: str) -> Operand | None:
        """A tensor argument, or a number as a constant; None where there is none. Raises NotUnderstoodError."""
        if name not in self.operands:
            given = self.take(name)
            if given is None:
                return None
            if isinstance(given, (bool, int, float)):
                self.operands[name] = Operand((), constant=torch.tensor(number(given), dtype=torch.float64))
            else:
                self.operands[name] = self.memory.read(given)
        return self.operands[name]

    def needed(self, name: str) -> Operand:
        """A tensor argument that must be there."""
        found = self.operand(name)
        if found is None:
            raise NotUnderstoodError(f"{name} missing")
        return found

    def value(self, name: str) -> int:
        """The number of a tensor argument's value; constants become one."""
        return self.as_value(self.needed(name))

    def as_value(self, operand: Operand) -> int:
        if operand.value is not None:
            if isinstance(self.tape.operation(operand.value), p.Masked):
                raise NotUnderstoodError("−∞, which only softmax understands")
            return operand.value
        assert operand.constant is not None
        given = operand.constant
        # One number along an axis that it is expanded over: samples share it.
        single = given[tuple(slice(0, 1) if s == 0 else slice(None) for s in given.stride())]
        numbers = exactly(single)
        made = self.tape.step(p.Constant(numbers, bool(operand.weight)), (), numbers.shape)
        index = np.arange(1, 1 + numbers.size).reshape(numbers.shape)
        return self.tape.moved((made,), np.broadcast_to(index, tuple(given.shape)), tuple(given.shape))

    def constant(self, values: Any) -> int:
        """The value of numbers that are no weights."""
        numbers = np.asarray(values, dtype=np.float64)
        return self.tape.step(p.Constant(numbers), (), numbers.shape)

    def array(self, name: str) -> Array | None:
        """A constant's numbers; None where there is no such argument. Raises NotUnderstoodError where it is none."""
        found = self.operand(name)
        if found is None:
            return None
        if found.constant is None:
            raise NotUnderstoodError(f"{name} that depends on the data")
        return exactly(found.constant)

    def step(self, operation: p.Operation, *inputs: int, shape: Iterable[int] | None = None) -> int:
        """A new value; of the shape of the first result where none is given."""
        return self.tape.step(operation, inputs, self.shape if shape is None else tuple(shape))

    def reshape(self, value: int, *shape: int) -> int:
        """The same entries in another shape."""
        made = self.tape.shapes[value]
        return value if made == shape else self.tape.step(p.Reshape(shape), (value,), shape)

    def permuted(self, value: int, order: Iterable[int]) -> int:
        """A value with its axes in another order."""
        shape = self.tape.shapes[value]
        index = np.arange(1, 1 + math.prod(shape)).reshape(shape).transpose(tuple(order))
        return self.tape.moved((value,), index, index.shape)

    def finished(self) -> None:
        """Raises NotUnderstoodError for an argument that no one asked for and that is not at its default."""
        for name, argument in self.left.items():
            if argument.alias_info is not None and argument.alias_info.is_write:
                continue  # What is written into is an argument of the memory, not of the rule.
            given = self.arguments.get(name, argument.default_value)
            plain = name in STORAGE or (name == "dtype" and given in EXACT_TYPES)
            if not plain and not _same(given, argument.default_value):
                told = "a tensor" if isinstance(given, torch.Tensor) else repr(given)
                raise NotUnderstoodError(f"{name}={told}")


Rule = Callable[[Call], Any]


def number(given: float) -> float:
    """A Python number as the float64 that it is. Raises NotUnderstoodError."""
    found = float(given)
    if not math.isfinite(found) or (isinstance(given, int) and int(found) != given):
        raise NotUnderstoodError(f"the number {given}")
    return found


def _same(given: Any, default: Any) -> bool:
    if isinstance(given, torch.Tensor) or isinstance(default, torch.Tensor):
        return given is default
    return bool(given == default) and isinstance(given, bool) == isinstance(default, bool)
