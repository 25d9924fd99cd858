"""Features in float64 with rigorous radii: every entry of the exact matrix lies within `radius` of `middle`.

"Exact" means real arithmetic on the module's weights and data, which are float64 numbers. u = 2⁻⁵³ and γ_k = k u/(1 −
k u) as usual: a sum of k products in any order is off by at most γ_k Σ|products|, plus k·2⁻¹⁰⁷⁵ where results are
subnormal (2⁻¹⁰²² each is allowed, so that flushing to zero is covered too). Radii are sums of non-negative numbers,
themselves computed in float64: they are multiplied by 1 + 2γ at the end. Sums over many terms go block by block, which
makes k about 2√n rather than n.

Of the elementary functions exp, log1p and tanh it is assumed that they err by less than 4 units in the last place;
tests hold the library to that against ball arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lazy_assay.checks.rank import _program as p
from lazy_assay.checks.rank._result import NoVerdictError
from lazy_assay.checks.rank._windows import as_images, as_rows, by_channel, kernel, windows

Array = np.ndarray
U = 2.0**-53
TINY = 2.0**-1022
# A relative error of 4 ulp, with room for the few operations around it.
FUNCTION = 10 * U


def gamma(k: int) -> float:
    """An upper bound of γ_k."""
    return k * U / (1 - k * U) * (1 + 4 * U)


@dataclass(frozen=True)
class Enclosure:
    """Middles and radii of one shape; a radius that is infinite or NaN proves nothing, and is never mended."""

    middle: Array
    radius: Array


def block(k: int) -> int:
    """A block length near √k, at least 16."""
    return max(16, math.isqrt(k) + 1)


def terms(k: int) -> int:
    """How many roundings a blocked sum of k terms goes through, at most."""
    return block(k) + -(-k // block(k)) + 1


def product(a: Array, b: Array) -> Array:
    """a @ b, in blocks of the inner dimension: an error of at most γ_{terms(k)} |a| |b|."""
    step = block(a.shape[1])
    total = a[:, :step] @ b[:step]
    for start in range(step, a.shape[1], step):
        total += a[:, start : start + step] @ b[start : start + step]
    return np.asarray(total)


def tree_sum(values: Array) -> Array:
    """Sum over the first axis in a balanced tree: an error of at most γ_{tree_depth(len)} Σ|values|."""
    while len(values) > 1:
        if len(values) % 2:
            values = np.concatenate([values, np.zeros_like(values[:1])])
        values = values[::2] + values[1::2]
    return np.asarray(values[0])


def tree_depth(count: int) -> int:
    """The depth of that tree."""
    return max(1, math.ceil(math.log2(max(2, count))))


def affine(x: Enclosure, W: Array, b: Array | None) -> Enclosure:
    """x W + b."""
    k = terms(len(W)) + 2
    middle = product(x.middle, W)
    radius = product(x.radius + gamma(k) * np.abs(x.middle), np.abs(W))
    if b is not None:
        middle = middle + b
        radius = radius + gamma(k) * np.abs(b)
    # The last addition is off by u times its result, which γ of the larger k covers; so are the radius' own roundings.
    return Enclosure(middle, radius * (1 + 2 * gamma(k + 8)) + len(W) * TINY)


def softplus(x: Enclosure, zeta: float) -> Enclosure:
    """ln(1 + exp(zeta z))/zeta = max(z, 0) + log1p(exp(−|zeta z|))/zeta; its slope at most that at the upper end."""
    t = np.abs(zeta * x.middle)
    small = np.exp(-t)
    fraction = np.log1p(small) / zeta
    middle = np.maximum(x.middle, 0) + fraction
    # exp's argument is off by u t, so exp by a factor e^{u t}; it is below 1 and underflows harmlessly.
    rounding = small / zeta * (2 * U * t + FUNCTION) + FUNCTION * fraction + 2 * U * middle
    top = np.maximum(zeta * (x.middle + x.radius), -700.0)
    # Arguments are off by at most 4u·700 where the exponential matters: below 1e-12, relative.
    slope = np.minimum(1.0, (1 + 1e-12) / (1 + np.exp(-top)))
    return Enclosure(middle, (x.radius * slope + rounding) * (1 + 16 * U) + 4 * TINY / min(zeta, 1.0))


def with_threshold(x: Enclosure, zeta: float, threshold: float) -> Enclosure:
    """torch's Softplus: z itself where zeta z > threshold, as real numbers; both values where that is open."""
    smooth = softplus(x, zeta)
    jump = math.log1p(math.exp(-threshold)) / zeta * (1 + 1e-12)
    low, high = zeta * (x.middle - x.radius), zeta * (x.middle + x.radius)
    # Each bound is off by at most two roundings of its own size.
    slack = 4 * U * (np.abs(zeta * x.middle) + zeta * x.radius) + TINY
    line, curve = low - slack > threshold, high + slack <= threshold
    middle = np.where(line, x.middle, smooth.middle)
    radius = np.where(line, x.radius, np.where(curve, smooth.radius, (smooth.radius + jump) * (1 + 4 * U)))
    return Enclosure(middle, radius)


def normalised(x: Enclosure, op: p.Normalisation) -> Enclosure:
    """Batch normalisation by the statistics of all samples, or by fixed ones."""
    if x.middle.ndim != op.axes or x.middle.shape[1] != len(op.scale):
        raise ValueError(f"{len(op.scale)} channels are normalised, but the value has shape {x.middle.shape}")
    if op.mean is not None and op.variance is not None:
        mean, spread = Enclosure(op.mean, np.zeros_like(op.mean)), Enclosure(op.variance, np.zeros_like(op.variance))
        centred = _centred(x, mean)
    else:
        centred = _centred(x, _mean_by_channel(x))
        spread = _mean_square(centred)
    return _standardised(centred, spread, op)


def with_statistics_absorbed(x: Enclosure, op: p.Normalisation) -> Enclosure:
    """Training-mode normalisation with scale s√(v + ε)/r and shift t + s(mean − m)/r in place of s and t.

    m, r are the float64 guesses at the statistics: whatever the exact ones are, the value is s(z − m)/r + t, so no
    radius comes from them. For "some weights" only: scale and shift are weights, and these differ in their last bits.
    """
    mean = _mean_by_channel(x)
    centred = _centred(x, Enclosure(mean.middle, np.zeros_like(mean.middle)))
    spread = _mean_square(centred)
    return _standardised(centred, Enclosure(spread.middle, np.zeros_like(spread.middle)), op)


def _channels_last(values: Array) -> Array:
    """Rows for samples and positions, a column a channel."""
    return np.moveaxis(values, 1, -1).reshape(-1, values.shape[1])


def _mean_by_channel(x: Enclosure) -> Enclosure:
    middle, radius = _channels_last(x.middle), _channels_last(x.radius)
    count, depth = len(middle), tree_depth(len(middle))
    reach = tree_sum(radius + gamma(depth + 2) * np.abs(middle)) / count
    return Enclosure(tree_sum(middle) / count, reach * (1 + 2 * gamma(depth + 8)) + TINY)


def _centred(x: Enclosure, mean: Enclosure) -> Enclosure:
    axes = x.middle.ndim
    middle = x.middle - by_channel(mean.middle, axes)
    radius = x.radius + by_channel(mean.radius, axes) + U * np.abs(middle)
    return Enclosure(middle, radius * (1 + 8 * U))


def _mean_square(centred: Enclosure) -> Enclosure:
    middle, radius = np.abs(_channels_last(centred.middle)), _channels_last(centred.radius)
    count, depth = len(middle), tree_depth(len(middle))
    reach = tree_sum(radius * (2 * middle + radius) + gamma(depth + 3) * middle * middle) / count
    return Enclosure(tree_sum(middle * middle) / count, reach * (1 + 2 * gamma(depth + 8)) + TINY)


def _standardised(centred: Enclosure, spread: Enclosure, op: p.Normalisation) -> Enclosure:
    """scale·c/√(v + ε) + shift, |c/√v − ĉ/√v̂| ≤ r_c/√v_low + |ĉ| r_v/(2 v_low^{3/2})."""
    axes = centred.middle.ndim
    v = spread.middle + op.epsilon
    reach = (spread.radius + 2 * U * v) * (1 + 8 * U)
    low = (v - reach) * (1 - 8 * U)
    # Where the variance is not bounded away from zero, nothing is known: NaN proves nothing.
    low = np.where(low > 0, low, np.nan)
    inverse = by_channel(1 / np.sqrt(low) * (1 + 8 * U), axes)
    reach, scale, shift = by_channel(reach, axes), by_channel(op.scale, axes), by_channel(op.shift, axes)
    size = np.abs(scale) * np.abs(centred.middle) * inverse
    middle = scale * (centred.middle / by_channel(np.sqrt(v), axes)) + shift
    radius = np.abs(scale) * inverse * (centred.radius + np.abs(centred.middle) * reach * inverse**2 / 2)
    rounding = 8 * U * (size + np.abs(shift))
    return Enclosure(middle, (radius + rounding) * (1 + 32 * U) + TINY)


def averaged(x: Enclosure, op: p.AveragePool) -> Enclosure:
    """Means over windows."""
    window, stride = op.window or x.middle.shape[2:], op.stride
    middle, radius = (_by_window(part, window, stride) for part in (x.middle, x.radius))
    count, depth = middle.shape[0], tree_depth(middle.shape[0])
    reach = tree_sum(radius + gamma(depth + 2) * np.abs(middle)) / count
    found = Enclosure(tree_sum(middle) / count, reach * (1 + 2 * gamma(depth + 8)) + TINY)
    return found if op.keep_axes else Enclosure(found.middle[:, :, 0, 0], found.radius[:, :, 0, 0])


def _by_window(values: Array, window: tuple[int, int], stride: tuple[int, int]) -> Array:
    """Values (n, c, rows, columns) with the entries of each window first: (window, n, c, rows', columns')."""
    n, c = values.shape[:2]
    found = windows(values.reshape(n * c, 1, *values.shape[2:]), window, stride, (0, 0))
    return np.moveaxis(found.reshape(n, c, *found.shape[1:]), -1, 0)


def _smooth(x: Enclosure, middle: Array, lipschitz: float) -> Enclosure:
    """An elementary function's value, and the radius that its slope passes on."""
    return Enclosure(middle, (x.radius * lipschitz + FUNCTION * np.abs(middle)) * (1 + 8 * U) + 4 * TINY)


class Float64:
    """The arithmetic of enclosures; counts products and elementwise values, from which dearer ones are estimated.

    absorbed: batch statistics are absorbed into scales and shifts.
    """

    def __init__(self, *, absorbed: bool = False) -> None:
        self.absorbed = absorbed
        self.products = self.elements = 0

    def start(self, data: Array) -> Enclosure:
        return Enclosure(data, np.zeros_like(data))

    def apply(self, operation: Any, *inputs: Enclosure) -> Enclosure:
        with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
            found = self._apply(operation, *inputs)
        self._count(operation, found)
        return found

    def _count(self, operation: Any, found: Enclosure) -> None:
        if isinstance(operation, (p.Affine, p.Convolution)):
            self.products += found.middle.size * (operation.weight.size // found.middle.shape[1])
        else:
            self.elements += found.middle.size

    def _apply(self, operation: Any, x: Enclosure, *others: Enclosure) -> Enclosure:
        match operation:
            case p.Affine(W, b):
                return affine(x, W, b)
            case p.Convolution(weight, bias, stride, padding):
                shape = weight.shape[2:]
                middle, radius = (windows(part, shape, stride, padding) for part in (x.middle, x.radius))
                rows = affine(Enclosure(as_rows(middle), as_rows(radius)), kernel(weight), bias)
                return Enclosure(as_images(rows.middle, middle), as_images(rows.radius, middle))
            case p.Normalisation(mean=None) if self.absorbed:
                return with_statistics_absorbed(x, operation)
            case p.Normalisation():
                return normalised(x, operation)
            case p.Softplus(zeta, None):
                return softplus(x, zeta)
            case p.Softplus(zeta, threshold) if threshold is not None:
                return with_threshold(x, zeta, threshold)
            case p.Relu():
                return Enclosure(np.maximum(x.middle, 0), np.where(x.middle + x.radius <= 0, 0.0, x.radius))
            case p.Tanh():
                return _smooth(x, np.tanh(x.middle), 1.0)
            case p.Sigmoid():
                # exp's argument is exact; where it is large the value is tiny, and so is its slope.
                return _smooth(x, 1 / (1 + np.exp(-x.middle)), 0.25)
            case p.Add():
                middle = x.middle + others[0].middle
                radius = x.radius + others[0].radius + U * np.abs(middle)
                return Enclosure(middle, radius * (1 + 8 * U) + TINY)
            case p.Scale(factor):
                return self._scaled(x, x.middle * factor, abs(factor))
            case p.Divide(divisor):
                return self._scaled(x, x.middle / divisor, 1 / abs(divisor) * (1 + 2 * U))
            case p.AveragePool():
                return averaged(x, operation)
            case p.Flatten():
                return Enclosure(*(part.reshape(len(part), -1) for part in (x.middle, x.radius)))
        raise NoVerdictError(f"no float64 radii for {type(operation).__name__}")

    def _scaled(self, x: Enclosure, middle: Array, factor: float) -> Enclosure:
        if factor == 1.0:
            return x
        return Enclosure(middle, (x.radius * factor + U * np.abs(middle)) * (1 + 8 * U) + TINY)
