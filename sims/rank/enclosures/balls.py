"""Features in ball arithmetic (Arb, by python-flint) at any precision: numpy arrays of balls.

The same operations as the float64 radii, written down a second time with nothing to estimate: each ball holds its exact
value whatever the precision is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import flint
import numpy as np

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank._result import NoVerdictError
from lazy_assay.sims.rank.windows import as_images, as_rows, by_channel, kernel, windows

Array = np.ndarray


def balls(values: Array) -> Array:
    """float64 numbers as balls of radius zero."""
    return _like(values, [flint.arb(x) for x in values.ravel().tolist()])


def matrix(values: Array) -> flint.arb_mat:
    """A two-dimensional array of balls as a matrix."""
    rows, columns = values.shape
    return flint.arb_mat(rows, columns, values.ravel().tolist())


def each(values: Array, function: Callable[[Any], Any]) -> Array:
    """A function of one ball, applied to all."""
    return _like(values, [function(x) for x in values.ravel().tolist()])


def _like(values: Array, numbers: list[Any]) -> Array:
    made = np.empty(len(numbers), dtype=object)
    made[:] = numbers
    return made.reshape(values.shape)


def affine(x: Array, W: Array, b: Array | None) -> Array:
    """x W + b for balls x and W, float64 b."""
    if x.ndim != 2 or x.shape[1] != len(W):
        raise ValueError(f"{len(W)} inputs are needed, the value has shape {x.shape}")
    found = (matrix(x) * matrix(W)).entries()
    made = _like(np.empty((len(x), W.shape[1])), found)
    return made if b is None else made + balls(b)


def softplus(zeta: float, threshold: float | None) -> Callable[[Any], Any]:
    """ln(1 + exp(zeta z))/zeta, with torch's straight line beyond the threshold; both where that is open."""
    scale = flint.arb(zeta)

    def smooth(z: Any) -> Any:
        t = scale * z
        # Far out exp would need more room than precision gives: ln(1 + eᵗ) = t + ln(1 + e⁻ᵗ).
        return (z + (-t).exp().log1p() / scale) if t > 0 else t.exp().log1p() / scale

    def switched(z: Any) -> Any:
        t = scale * z
        if t > threshold:
            return z
        return smooth(z) if t <= threshold else smooth(z).union(z)

    return smooth if threshold is None else switched


def relu(z: Any) -> Any:
    """max(z, 0)."""
    return z.max(flint.arb(0))


def sigmoid(z: Any) -> Any:
    """1/(1 + exp(−z))."""
    return 1 / (1 + (-z).exp())


def normalised(x: Array, op: p.Normalisation) -> Array:
    """Batch normalisation by the statistics of all samples, or by fixed ones."""
    if x.ndim < 2 or x.shape[1] != len(op.scale):
        raise ValueError(f"{len(op.scale)} channels are normalised, but the value has shape {x.shape}")
    axes = tuple(axis for axis in range(x.ndim) if axis != 1)
    count = x.size // x.shape[1]
    if op.mean is not None and op.variance is not None:
        centred, spread = x - by_channel(balls(op.mean), x.ndim), balls(op.variance)
    else:
        centred = x - by_channel(x.sum(axis=axes) / count, x.ndim)
        spread = (centred * centred).sum(axis=axes) / count
    root = each(spread + flint.arb(op.epsilon), lambda v: v.sqrt())
    factor = by_channel(balls(op.scale) / root, x.ndim)
    return np.asarray(centred * factor + by_channel(balls(op.shift), x.ndim))


def gelu(z: Any) -> Any:
    """z Φ(z)."""
    return z * (-z / flint.arb(2).sqrt()).erfc() / 2


def gelu_by_tanh(z: Any) -> Any:
    """z/2·(1 + tanh(√(2/π)(z + 0.044715 z³))), the decimal as printed."""
    inside = (2 / flint.arb.pi()).sqrt() * (z + z * z * z * 44715 / 1000000)
    return z * (1 + inside.tanh()) / 2


def leaky(slope: float) -> Callable[[Any], Any]:
    """z itself, or slope·z below 0; both where that is open."""

    def apply(z: Any) -> Any:
        if z > 0:
            return z
        return slope * z if z <= 0 else z.union(slope * z)

    return apply


def softmax(x: Array, kept: Array | None) -> Array:
    """Over the last axis, of the entries that are kept; the rest is 0."""
    rows = x.reshape(-1, x.shape[-1])
    stays = np.ones(rows.shape, dtype=bool) if kept is None else np.broadcast_to(kept, x.shape).reshape(rows.shape)
    made = np.full(rows.shape, flint.arb(0), dtype=object)
    for row, keep, out in zip(rows, stays, made, strict=True):
        # Any shift does; one near the largest entry keeps the exponentials within reach.
        shift = max((z.mid() for z in row[keep]), key=float)
        terms = [(z - shift).exp() for z in row[keep]]
        total = sum(terms, flint.arb(0))
        out[keep] = [term / total for term in terms]
    return made.reshape(x.shape)


def product(x: Array, y: Array) -> Array:
    """x @ y over the axes in front."""
    left, right = (part.reshape(-1, *part.shape[-2:]) for part in (x, y))
    found = [(matrix(a) * matrix(b)).entries() for a, b in zip(left, right, strict=True)]
    return _like(np.empty((*x.shape[:-1], y.shape[-1])), [entry for each_ in found for entry in each_])


def largest(x: Array) -> Array:
    """The largest entry along the last axis."""
    rows = x.reshape(-1, x.shape[-1]).tolist()
    return _like(np.empty(x.shape[:-1]), [reduce(lambda a, b: a.max(b), row) for row in rows])


ACTIVATIONS: dict[type, Callable[[Any], Callable[[Any], Any]]] = {
    p.Softplus: lambda op: softplus(op.zeta, op.threshold),
    p.Relu: lambda op: relu,
    p.LeakyRelu: lambda op: leaky(op.slope),
    p.Tanh: lambda op: lambda z: z.tanh(),
    p.Sigmoid: lambda op: sigmoid,
    p.Gelu: lambda op: gelu_by_tanh if op.by_tanh else gelu,
    p.Silu: lambda op: lambda z: z * sigmoid(z),
}


class Balls:
    """The arithmetic of balls, at the precision that python-flint's context has."""

    def start(self, data: Array) -> Array:
        return balls(data)

    def apply(self, operation: Any, *inputs: Array) -> Array:
        match operation, inputs:
            case p.Constant(values), _:
                return balls(values)
            case p.Gather(index, shape), parts:
                entries = np.concatenate([balls(np.zeros(1)), *(part.ravel() for part in parts)])
                return np.asarray(entries[index].reshape(shape))
            case p.Reshape(shape), (x,):
                return x.reshape(shape)
            case p.Affine(W, b), (x,):
                return affine(x, balls(W), b)
            case p.Convolution(weight, bias, stride, padding, dilation), (x,):
                seen = windows(x, weight.shape[2:], stride, padding, dilation)
                return as_images(affine(as_rows(seen), balls(kernel(weight)), bias), seen)
            case p.Normalisation(), (x,):
                return normalised(x, operation)
            case p.Softmax(kept), (x,):
                return softmax(x, kept)
            case p.Add(), (x, y):
                return np.asarray(x + y)
            case p.Multiply(), (x, y):
                return np.asarray(x * y)
            case p.Product(), (x, y):
                return product(x, y)
            case p.Scale(factor), (x,):
                return np.asarray(x * flint.arb(factor))
            case p.Divide(divisor), (x,):
                return np.asarray(x / flint.arb(divisor))
            case p.Total(), (x,):
                return np.asarray(x.sum(axis=-1))
            case p.Maximum(), (x,):
                return largest(x)
            case p.Function(), (x,):
                return each(x, operation.ball)
            case _, (x,) if type(operation) in ACTIVATIONS:
                return each(x, ACTIVATIONS[type(operation)](operation))
        raise NoVerdictError(f"no ball arithmetic for {type(operation).__name__}")
