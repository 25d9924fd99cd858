"""Features in ball arithmetic (Arb, by python-flint) at any precision: numpy arrays of balls.

The same operations as the float64 radii, written down a second time with nothing to estimate: each ball holds its exact
value whatever the precision is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint
import numpy as np

from lazy_assay.checks.rank import _program as p
from lazy_assay.checks.rank._result import NoVerdictError
from lazy_assay.checks.rank._windows import as_images, as_rows, by_channel, kernel, windows

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
    if x.ndim != op.axes or x.shape[1] != len(op.scale):
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


def averaged(x: Array, op: p.AveragePool) -> Array:
    """Means over windows."""
    window = op.window or (int(x.shape[2]), int(x.shape[3]))
    n, c = x.shape[:2]
    found = windows(x.reshape(n * c, 1, *x.shape[2:]), window, op.stride, (0, 0))
    means = (found.sum(axis=-1) / (window[0] * window[1])).reshape(n, c, *found.shape[1:3])
    return np.asarray(means if op.keep_axes else means[:, :, 0, 0])


class Balls:
    """The arithmetic of balls, at the precision that python-flint's context has."""

    def start(self, data: Array) -> Array:
        return balls(data)

    def apply(self, operation: Any, x: Array, *others: Array) -> Array:
        match operation:
            case p.Affine(W, b):
                return affine(x, balls(W), b)
            case p.Convolution(weight, bias, stride, padding):
                seen = windows(x, weight.shape[2:], stride, padding)
                return as_images(affine(as_rows(seen), balls(kernel(weight)), bias), seen)
            case p.Normalisation():
                return normalised(x, operation)
            case p.Softplus(zeta, threshold):
                return each(x, softplus(zeta, threshold))
            case p.Relu():
                return each(x, relu)
            case p.Tanh():
                return each(x, lambda z: z.tanh())
            case p.Sigmoid():
                return each(x, sigmoid)
            case p.Add():
                return np.asarray(x + others[0])
            case p.Scale(factor):
                return np.asarray(x * flint.arb(factor))
            case p.Divide(divisor):
                return np.asarray(x / flint.arb(divisor))
            case p.AveragePool():
                return averaged(x, operation)
            case p.Flatten():
                return x.reshape(len(x), -1)
        raise NoVerdictError(f"no ball arithmetic for {type(operation).__name__}")
