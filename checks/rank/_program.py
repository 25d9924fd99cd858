"""A network as a list of supported operations on arrays whose first axis is the sample: what every arithmetic runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lazy_assay.checks.rank._result import NoVerdictError

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Affine:
    """x W + b; W (in, out), b (out,) or None."""

    weight: Array
    bias: Array | None


@dataclass(frozen=True, eq=False)
class Convolution:
    """Two-dimensional, zero padding; weight (out, in, rows, columns), bias (out,) or None."""

    weight: Array
    bias: Array | None
    stride: tuple[int, int]
    padding: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Normalisation:
    """Batch normalisation, scale (z − mean)/√(variance + epsilon) + shift, by channel (axis 1).

    axes: how many the value must have, 2 or 4. mean, variance: fixed numbers (evaluation), or None for the statistics
    of the whole data set (training).
    """

    scale: Array
    shift: Array
    epsilon: float
    axes: int
    mean: Array | None
    variance: Array | None


@dataclass(frozen=True)
class Softplus:
    """ln(1 + exp(zeta z))/zeta; above zeta·z = threshold, where there is one, z itself (torch's own Softplus)."""

    zeta: float
    threshold: float | None = None


@dataclass(frozen=True)
class Relu:
    """max(z, 0)."""


@dataclass(frozen=True)
class Tanh:
    """tanh z."""


@dataclass(frozen=True)
class Sigmoid:
    """1/(1 + exp(−z))."""


@dataclass(frozen=True)
class Add:
    """The sum of two values of one shape: a skip connection."""


@dataclass(frozen=True)
class Scale:
    """A float64 factor times the value."""

    factor: float


@dataclass(frozen=True)
class Divide:
    """The value over a float64 number."""

    divisor: float


@dataclass(frozen=True)
class AveragePool:
    """Means over windows, without padding; `window` None stands for the whole image."""

    window: tuple[int, int] | None
    stride: tuple[int, int] = (1, 1)
    keep_axes: bool = True


@dataclass(frozen=True)
class Flatten:
    """All axes but the first as one."""


Operation = (
    Affine
    | Convolution
    | Normalisation
    | Softplus
    | Relu
    | Tanh
    | Sigmoid
    | Add
    | Scale
    | Divide
    | AveragePool
    | Flatten
)


ELEMENTWISE = (Softplus, Relu, Tanh, Sigmoid)


@dataclass(frozen=True, eq=False)
class Step:
    """One operation, on the values numbered `inputs` (0 is the data, i + 1 the result of step i)."""

    operation: Operation
    inputs: tuple[int, ...]
    name: str


class Arithmetic(Protocol):
    """A way of computing: float64 with radii, balls, exact integers. May raise NoVerdictError."""

    def start(self, data: Array) -> Any: ...

    def apply(self, operation: Any, *inputs: Any) -> Any: ...


@dataclass(frozen=True, eq=False)
class Program:
    """Steps up to the last hidden layer's output h, of `width` columns.

    ones: whether the last layer has a bias, hence the matrix a column 1_n.
    last_is_free: whether the last hidden layer's weights are used nowhere else. norms_are_free: whether every batch
    normalisation has a scale and a shift of its own.
    """

    steps: tuple[Step, ...]
    output: int
    width: int
    ones: bool
    last_is_free: bool = True
    norms_are_free: bool = True

    @property
    def columns(self) -> int:
        """Columns of the matrix whose rank is asked."""
        return self.width + self.ones

    def run(self, arithmetic: Arithmetic, data: Array, until: int | None = None) -> Any:
        """The value numbered `until` (default: h) in this arithmetic. Raises NoVerdictError, also for shapes that do
        not fit."""
        last = self.output if until is None else until
        needed = self._needed(last)
        values: dict[int, Any] = {0: arithmetic.start(data)}
        for number in sorted(needed - {0}):
            step = self.steps[number - 1]
            try:
                values[number] = arithmetic.apply(step.operation, *(values[i] for i in step.inputs))
            except (ValueError, IndexError) as error:
                told = " ".join(str(error).split())[:120]
                raise NoVerdictError(f"the data do not fit the module at {step.name}: {told}") from None
            # Images of a thousand samples are large: what no later step reads is dropped.
            later = {i for n in needed if n > number for i in self.steps[n - 1].inputs} | {last}
            values = {i: value for i, value in values.items() if i in later}
        return values[last]

    def _needed(self, last: int) -> set[int]:
        """The values that `last` depends on, itself included."""
        needed, frontier = set(), [last]
        while frontier:
            number = frontier.pop()
            if number not in needed:
                needed.add(number)
                frontier += self.steps[number - 1].inputs if number else ()
        return needed

    def last_layer(self) -> tuple[Affine, int] | None:
        """The last hidden layer, where it is affine with an elementwise function on top, and the value it reads."""
        if self.output == 0:
            return None
        top = self.steps[self.output - 1]
        if not isinstance(top.operation, ELEMENTWISE) or top.inputs[0] == 0:
            return None
        below = self.steps[top.inputs[0] - 1]
        return (below.operation, below.inputs[0]) if isinstance(below.operation, Affine) else None
