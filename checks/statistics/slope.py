"""The exponent of a power law, for claims about rates."""

from dataclasses import dataclass

import numpy as np

from lazy_assay.checks.statistics.sequence import Array
from lazy_assay.checks.statistics.student import student_interval

SIZES_AT_LEAST = 5


@dataclass(frozen=True)
class Slope:
    """Slope of log estimate on log size (dimensionless) and its interval."""

    estimate: float
    low: float
    high: float


def log_log_slope(sizes: Array, estimates_per_replicate: Array, level: float) -> Slope:
    """Mean over replicates of the least-squares slope of log estimate on log size, with its t-interval.

    sizes: shape (sizes,), positive, at least 5 different ones. estimates_per_replicate: shape (replicates, sizes),
    positive, rows independent. One slope a row makes the rows the sample: errors that the sizes of one replicate share
    are inside the interval, and curvature (a rate not yet reached) is in the estimate, not in its width.
    level: error rate of the interval, two-sided. Raises ValueError for too few sizes or replicates, other shapes, and
    values that are not positive and finite.
    """
    x, y = np.asarray(sizes, dtype=np.float64), np.asarray(estimates_per_replicate, dtype=np.float64)
    if x.ndim != 1 or y.shape[1:] != x.shape:
        raise ValueError(f"estimates must have shape (replicates, {x.size}) for {x.size} sizes, got {y.shape}")
    if np.unique(x).size < SIZES_AT_LEAST:
        raise ValueError(f"a rate needs at least {SIZES_AT_LEAST} different sizes, got {np.unique(x).size}")
    for name, values in (("size", x), ("estimate", y)):
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"every {name} must be positive and finite to have a logarithm")
    centred = np.log(x) - np.log(x).mean()
    slopes = np.log(y) @ centred / (centred @ centred)
    return Slope(float(slopes.mean()), *student_interval(slopes, level))
