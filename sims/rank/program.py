"""A network as a list of supported operations on arrays whose first axis is the sample: what every arithmetic runs."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lazy_assay.sims.rank._result import NoVerdictError

if TYPE_CHECKING:
    from lazy_assay.sims.rank.enclosures.radii import Enclosure

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
    dilation: tuple[int, int] = (1, 1)


@dataclass(frozen=True, eq=False)
class Normalisation:
    """Batch normalisation, scale (z − mean)/√(variance + epsilon) + shift, by channel (axis 1).

    mean, variance: fixed numbers (evaluation), or None for the statistics of all entries of a channel (training).
    absorbable: whether scale and shift are weights of its own. A layer's normalisation is one too, of the transpose.
    """

    scale: Array
    shift: Array
    epsilon: float
    mean: Array | None = None
    variance: Array | None = None
    absorbable: bool = False


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
class Gelu:
    """z Φ(z), Φ the normal distribution function; or, `by_tanh`, z/2·(1 + tanh(√(2/π)(z + 0.044715 z³)))."""

    by_tanh: bool = False


@dataclass(frozen=True)
class Silu:
    """z/(1 + exp(−z))."""


@dataclass(frozen=True)
class LeakyRelu:
    """max(z, 0) + slope·min(z, 0), 0 ≤ slope ≤ 1."""

    slope: float


@dataclass(frozen=True, eq=False)
class Softmax:
    """Over the last axis; `kept` (broadcast to the value), where given, says which entries take part: others are 0."""

    kept: Array | None = None


@dataclass(frozen=True, eq=False)
class Masked:
    """The value where `kept` (broadcast to it), −∞ elsewhere: no real number, so that softmax alone reads it."""

    kept: Array


class Function:
    """An elementary function, entry by entry: one of `sims.rank.functions`.

    partial: whether it is not defined everywhere. Where a proof of its domain fails `float64` has a radius that is not
    finite, and `ball` a ball that is not.
    """

    partial = False

    def float64(self, x: Enclosure) -> Enclosure:
        """Its values, with radii."""
        raise NotImplementedError

    def ball(self, z: Any) -> Any:
        """Of one ball of python-flint."""
        raise NotImplementedError

    def integers(self, numerators: Array) -> Array | None:
        """Of rational numbers over one unit, where it is homogeneous and stays rational; else None."""
        return None


@dataclass(frozen=True)
class Add:
    """The sum of two values, broadcast."""


@dataclass(frozen=True)
class Multiply:
    """The product of two values entry by entry, broadcast."""


@dataclass(frozen=True)
class Product:
    """The matrix product of two values (…, r, k) and (…, k, s), with the same axes in front."""


@dataclass(frozen=True)
class Scale:
    """A float64 factor times the value."""

    factor: float


@dataclass(frozen=True)
class Divide:
    """The value over a float64 number."""

    divisor: float


@dataclass(frozen=True)
class Total:
    """Sums over the last axis."""


@dataclass(frozen=True)
class Maximum:
    """The largest entry along the last axis."""


@dataclass(frozen=True)
class Reshape:
    """The same entries, row by row, in another shape."""

    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Gather:
    """Entries moved, repeated or left out: the k-th of the result is number `index[k]` of the inputs' entries, written
    one after another and counted from 1; 0 stands for the number 0."""

    index: Array
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Constant:
    """An array of numbers that are there before the data. weights: whether they are weights, which may change."""

    values: Array
    weights: bool = False


Operation = (
    Affine
    | Convolution
    | Normalisation
    | Softplus
    | Relu
    | LeakyRelu
    | Tanh
    | Sigmoid
    | Gelu
    | Silu
    | Softmax
    | Masked
    | Function
    | Add
    | Multiply
    | Product
    | Scale
    | Divide
    | Total
    | Maximum
    | Reshape
    | Gather
    | Constant
)


ELEMENTWISE = (Softplus, Relu, LeakyRelu, Tanh, Sigmoid, Gelu, Silu, Function)


INFINITE = "−∞ is read by something other than softmax"


def is_partial(operation: Any) -> bool:
    """Whether an operation is not defined at every argument."""
    match operation:
        case Function():
            return operation.partial
        case Normalisation(epsilon=epsilon, variance=variance):
            return not epsilon > 0 or (variance is not None and bool((variance + epsilon <= 0).any()))
    return False


@dataclass(frozen=True, eq=False)
class Step:
    """One operation, on the values numbered `inputs` (0 is the data, i + 1 the result of step i); `name` says where."""

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
    normalisation has a scale and a shift of its own. shapes: of the values, by their numbers.
    """

    steps: tuple[Step, ...]
    output: int
    width: int
    ones: bool
    last_is_free: bool = True
    norms_are_free: bool = True
    shapes: tuple[tuple[int, ...], ...] = ()

    @property
    def columns(self) -> int:
        """Columns of the matrix whose rank is asked."""
        return self.width + self.ones

    def run(
        self, arithmetic: Arithmetic, data: Array, until: int | None = None, given: Mapping[int, Any] | None = None
    ) -> Any:
        """The value numbered `until` (default: h) in this arithmetic; `given` values are taken as they are. Raises
        NoVerdictError, also for shapes that do not fit."""
        last = self.output if until is None else until
        values: dict[int, Any] = {0: arithmetic.start(data), **(given or {})}
        needed = self._needed(last, values)
        for number in sorted(needed - set(values)):
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

    def _needed(self, last: int, known: Container[int]) -> set[int]:
        """The values that `last` depends on, itself included; what known ones depend on is not needed."""
        needed: set[int] = set()
        frontier = [last]
        while frontier:
            number = frontier.pop()
            if number not in needed:
                needed.add(number)
                frontier += () if number in known else self.steps[number - 1].inputs
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

    def weights_alone(self) -> set[int]:
        """The values that do not depend on the data."""
        found: set[int] = set()
        for number, step in enumerate(self.steps, 1):
            if found.issuperset(step.inputs):
                found.add(number)
        return found
