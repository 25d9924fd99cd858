"""Features in float64 with rigorous radii: every entry of the exact matrix lies within `radius` of `middle`.

"Exact" means real arithmetic on the module's weights and data, and on whatever other numbers its code hands to torch,
all of which are float64 numbers. Rounding is bounded as `_radii` says.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank._result import NoVerdictError
from lazy_assay.sims.rank.enclosures.activations import activated, loosened
from lazy_assay.sims.rank.enclosures.radii import TINY, Enclosure, U, affine, gamma, tree_depth, tree_sum
from lazy_assay.sims.rank.windows import as_images, as_rows, by_channel, kernel, windows

Array = np.ndarray


def normalised(x: Enclosure, op: p.Normalisation, *, loose: bool = False) -> Enclosure:
    """Batch normalisation by the statistics of all samples, or by fixed ones.

    loose: torch sums in its own order, and writes the result as x·α + β: rounding of the size of x and of the mean.
    """
    if x.middle.ndim < 2 or x.middle.shape[1] != len(op.scale):
        raise ValueError(f"{len(op.scale)} channels are normalised, but the value has shape {x.middle.shape}")
    if op.mean is not None and op.variance is not None:
        mean, spread = Enclosure(op.mean, np.zeros_like(op.mean)), Enclosure(op.variance, np.zeros_like(op.variance))
        centred = _centred(x, mean)
    else:
        centred = _centred(x, _mean_by_channel(x))
        spread = _mean_square(centred)
    if loose:
        size = np.abs(x.middle) + np.abs(x.middle - centred.middle)
        room = gamma(x.middle.size // x.middle.shape[1] + 8) * (size + size.max())
        centred = Enclosure(centred.middle, centred.radius + room)
        spread = spread if op.mean is not None else _mean_square(centred)
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


def total(x: Enclosure, *, loose: bool = False) -> Enclosure:
    """Sums over the last axis."""
    middle, radius = (np.moveaxis(part, -1, 0) for part in (x.middle, x.radius))
    depth = len(middle) if loose else tree_depth(len(middle))
    reach = tree_sum(radius + gamma(depth + 2) * np.abs(middle))
    return Enclosure(tree_sum(middle), reach * (1 + 2 * gamma(depth + 8)) + TINY)


def multiplied(x: Enclosure, y: Enclosure) -> Enclosure:
    """x·y entry by entry, broadcast: |xy − x̂ŷ| ≤ |x̂|r_y + r_x(|ŷ| + r_y)."""
    middle = x.middle * y.middle
    radius = np.abs(x.middle) * y.radius + x.radius * (np.abs(y.middle) + y.radius) + U * np.abs(middle)
    return Enclosure(middle, radius * (1 + 8 * U) + 4 * TINY)


def matrix_product(x: Enclosure, y: Enclosure) -> Enclosure:
    """x @ y in sums of any order: the same bound, and γ_k |x̂||ŷ|."""
    k = x.middle.shape[-1] + 2
    left, right = np.abs(x.middle), np.abs(y.middle)
    radius = left @ (y.radius + gamma(k) * right) + x.radius @ (right + y.radius)
    return Enclosure(x.middle @ y.middle, radius * (1 + 2 * gamma(k + 8)) + k * TINY)


def largest(x: Enclosure) -> Enclosure:
    """The largest entry along the last axis: between the largest lower and the largest upper end."""
    middle = x.middle.max(axis=-1)
    high = (x.middle + x.radius).max(axis=-1)
    low = (x.middle - x.radius).max(axis=-1)
    # Each end is off by one rounding, and so is each difference.
    size = np.maximum(np.abs(high), np.abs(low))
    reach = np.maximum(high - middle, middle - low) * (1 + 4 * U) + 2 * U * size
    return Enclosure(middle, np.where(x.radius.max(axis=-1) == 0, 0.0, reach + TINY))


def gathered(parts: tuple[Array, ...], op: p.Gather) -> Array:
    """Entries moved; number 0 of them is the number 0."""
    return np.asarray(np.concatenate([[0.0], *(part.ravel() for part in parts)])[op.index].reshape(op.shape))


class Float64:
    """The arithmetic of enclosures; counts products and elementwise values, from which dearer ones are estimated.

    absorbed: batch statistics are absorbed into scales and shifts. loose: bounds that hold for torch's own kernels too,
    which sum in another order and write some formulas otherwise. undefined: the first operation that is not shown to be
    defined at its argument, as a division by what may be zero.
    """

    def __init__(self, *, absorbed: bool = False, loose: bool = False) -> None:
        self.absorbed, self.loose = absorbed, loose
        self.products = self.elements = 0
        self.undefined = ""

    def start(self, data: Array) -> Enclosure:
        return Enclosure(data, np.zeros_like(data))

    def apply(self, operation: Any, *inputs: Enclosure) -> Enclosure:
        with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
            found = self._apply(operation, *inputs)
        self._count(operation, found, *inputs)
        if not self.undefined and p.is_partial(operation) and not np.isfinite(found.radius).all():
            self.undefined = type(operation).__name__
        return found

    def _count(self, operation: Any, found: Enclosure, *inputs: Enclosure) -> None:
        if isinstance(operation, (p.Affine, p.Convolution)):
            self.products += found.middle.size * (operation.weight.size // found.middle.shape[1])
        elif isinstance(operation, p.Product):
            self.products += found.middle.size * inputs[0].middle.shape[-1]
        elif not isinstance(operation, (p.Constant, p.Gather, p.Reshape)):
            self.elements += found.middle.size

    def _apply(self, operation: Any, *inputs: Enclosure) -> Enclosure:
        match operation, inputs:
            case p.Constant(values), _:
                return self.start(values)
            case p.Gather(), parts:
                middle, radius = (
                    gathered(each, operation) for each in zip(*((x.middle, x.radius) for x in parts), strict=True)
                )
                return Enclosure(middle, radius)
            case p.Reshape(shape), (x,):
                return Enclosure(x.middle.reshape(shape), x.radius.reshape(shape))
            case p.Affine(W, b), (x,):
                return affine(x, W, b, loose=self.loose)
            case p.Convolution(weight), (x,):
                return self._convolved(operation, weight, x)
            case p.Normalisation(mean=None, absorbable=True), (x,) if self.absorbed:
                return with_statistics_absorbed(x, operation)
            case p.Normalisation(), (x,):
                return normalised(x, operation, loose=self.loose)
            case p.Add(), (x, y):
                middle = x.middle + y.middle
                return Enclosure(middle, (x.radius + y.radius + U * np.abs(middle)) * (1 + 8 * U) + TINY)
            case p.Multiply(), (x, y):
                return multiplied(x, y)
            case p.Product(), (x, y):
                return matrix_product(x, y)
            case p.Total(), (x,):
                return total(x, loose=self.loose)
            case p.Maximum(), (x,):
                return largest(x)
            case p.Function(), (x,):
                return operation.float64(x)
            case p.Masked(), _:
                raise NoVerdictError(p.INFINITE)
            case p.Scale(factor), (x,):
                return self._scaled(x, x.middle * factor, abs(factor))
            case p.Divide(divisor), (x,):
                return self._scaled(x, x.middle / divisor, 1 / abs(divisor) * (1 + 2 * U))
            case _, (x,):
                return loosened(operation, x) if self.loose else activated(operation, x)
        raise NoVerdictError(f"no float64 radii for {type(operation).__name__}")

    def _convolved(self, op: p.Convolution, weight: Array, x: Enclosure) -> Enclosure:
        middle, radius = (
            windows(part, weight.shape[2:], op.stride, op.padding, op.dilation) for part in (x.middle, x.radius)
        )
        rows = affine(Enclosure(as_rows(middle), as_rows(radius)), kernel(weight), op.bias, loose=self.loose)
        return Enclosure(as_images(rows.middle, middle), as_images(rows.radius, middle))

    def _scaled(self, x: Enclosure, middle: Array, factor: float) -> Enclosure:
        if factor == 1.0:
            return Enclosure(middle, x.radius)
        return Enclosure(middle, (x.radius * factor + U * np.abs(middle)) * (1 + 8 * U) + TINY)
