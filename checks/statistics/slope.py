"""The exponent of a power law, for claims about rates: a slope a replicate, their median, how far they drift."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from lazy_assay.checks.statistics.quantile import median_interval
from lazy_assay.checks.statistics.sequence import Array

SIZES_AT_LEAST = 5
# Between the quartiles of a normal law, in standard deviations.
QUARTILES = 2 * NormalDist().inv_cdf(0.75)


@dataclass(frozen=True)
class Slope:
    """Slope of log estimate on log size (dimensionless) and its interval."""

    estimate: float
    low: float
    high: float

    @classmethod
    def of(cls, replicates: Array, level: float | None) -> Slope:
        """The median of independent slopes, shape (replicates,), each end of its interval at `level`; without a level
        the median itself. Raises ValueError as `quantile_interval`."""
        middle = float(np.median(replicates))
        return cls(middle, *(median_interval(replicates, level) if level else (middle, middle)))


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
    return Slope.of(slopes(sizes, estimates_per_replicate), level)


def drifts(sizes: Array, estimates_per_replicate: Array) -> Array:
    """By how much each replicate's slope moves from the first half of the sizes to the second, shape (replicates,).

    In the order in which the sizes are given; both halves hold the middle one. Arguments and errors as `slopes`.
    """
    x, y = _logarithms(sizes, estimates_per_replicate)
    half = len(x) // 2
    first, second = (_fitted(x[part], y[:, part]) for part in (slice(None, half + 1), slice(half, None)))
    return second - first


def ahead(sizes: Array, estimates_per_replicate: Array, *, onwards: bool) -> Array:
    """Each replicate's slope, moved on by as much as it drifts along its sizes, shape (replicates,).

    onwards: whether what is ahead lies beyond the last of the sizes, or before the first. One number a replicate, so
    that its median has an exact interval whatever errors the sizes of a replicate share. Arguments and errors as
    `slopes`.
    """
    along = drifts(sizes, estimates_per_replicate)
    return slopes(sizes, estimates_per_replicate) + (along if onwards else -along)


def spread(replicates: Array) -> float:
    """How replicates scatter, shape (replicates,), in their unit: the standard deviation that normal ones of the same
    quartiles have, so that a few outliers, which move no median, count for little. For planning only."""
    low, high = np.quantile(replicates, (0.25, 0.75))
    return float(high - low) / QUARTILES


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
