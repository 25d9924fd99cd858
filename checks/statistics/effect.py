"""Direction and size of a paired effect over independent seeds, for observations."""

import math
from dataclasses import dataclass

import numpy as np

from lazy_assay.checks.statistics.sequence import Array
from lazy_assay.checks.statistics.student import student_interval

SEEDS_AT_LEAST = 10


@dataclass(frozen=True)
class PairedEffect:
    """Mean difference and its interval in the differences' unit; `standardised` is dimensionless (Cohen's d_z).

    direction: 1 or -1 where the interval lies on one side of zero, else 0.
    """

    mean: float
    standardised: float
    low: float
    high: float
    direction: int
    seeds: int


def paired_effect(differences: Array, level: float) -> PairedEffect:
    """Effect of a treatment from one difference a seed, shape (seeds,), with the t-interval of its mean.

    level: error rate of the interval, two-sided. Raises ValueError for fewer than 10 seeds, another shape, a difference
    that is not finite, or a level outside (0, 1).
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1 or values.size < SEEDS_AT_LEAST:
        raise ValueError(f"an observation needs at least {SEEDS_AT_LEAST} seeds, got shape {values.shape}")
    low, high = student_interval(values, level)
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    standardised = mean / spread if spread > 0 else math.copysign(math.inf, mean) if mean else 0.0
    return PairedEffect(mean, standardised, low, high, int(low > 0) - int(high < 0), values.size)
