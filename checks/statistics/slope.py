"""The exponent of a power law, for claims about rates: a slope a replicate, their median, how far they drift."""

from dataclasses import dataclass

import numpy as np

from lazy_assay.checks.statistics.quantile import median_interval
from lazy_assay.checks.statistics.sequence import Array

SIZES_AT_LEAST = 5


@dataclass(frozen=True)
class Slope:
    """Slope of log estimate on log size (dimensionless) and its interval."""

    estimate: float
    low: float
    high: float


def slopes(sizes: Array, estimates_per_replicate: Array) -> Array:
    """The least-squares slope of log estimate on log size of each replicate, shape (replicates,).

    sizes: shape (sizes,), positive, at least 5 different ones. estimates_per_replicate: shape (replicates, sizes),
    positive, rows independent. Raises ValueError for too few sizes, other shapes, and values that are not positive and
    finite.
    """
    x, y = _logarithms(sizes, estimates_per_replicate)
    return _fitted(x, y)


def log_log_slope(sizes: Array, estimates_per_replicate: Array, level: float) -> Slope:
    """The median slope of independent replicates with its exact interval; arguments as `slopes`.

    One slope a row makes the rows the sample: errors that the sizes of one replicate share are inside the interval, and
    curvature (a rate not yet reached) is in the estimate, not in its width. level: error rate of each end, which is
    infinite where so few rows have none (`quantile`). Raises ValueError as `slopes`, and for a level outside (0, 1/2).
    """
    found = slopes(sizes, estimates_per_replicate)
    return Slope(float(np.median(found)), *median_interval(found, level))


def drifts(sizes: Array, estimates_per_replicate: Array) -> Array:
    """By how much each replicate's slope moves from the first half of the sizes to the second, shape (replicates,).

    In the order in which the sizes are given; both halves hold the middle one. Arguments and errors as `slopes`.
    """
    x, y = _logarithms(sizes, estimates_per_replicate)
    half = len(x) // 2
    first, second = (_fitted(x[part], y[:, part]) for part in (slice(None, half + 1), slice(half, None)))
    return second - first


def _fitted(x: Array, y: Array) -> Array:
    centred = x - x.mean()
    return np.asarray(y @ centred / (centred @ centred))


def _logarithms(sizes: Array, estimates: Array) -> tuple[Array, Array]:
    x, y = np.asarray(sizes, dtype=np.float64), np.asarray(estimates, dtype=np.float64)
    if x.ndim != 1 or y.ndim != 2 or y.shape[1:] != x.shape or not len(y):
        raise ValueError(f"estimates must have shape (replicates, {x.size}) for {x.size} sizes, got {y.shape}")
    if np.unique(x).size < SIZES_AT_LEAST:
        raise ValueError(f"a rate needs at least {SIZES_AT_LEAST} different sizes, got {np.unique(x).size}")
    for name, values in (("size", x), ("estimate", y)):
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"every {name} must be positive and finite to have a logarithm")
    return np.log(x), np.log(y)
