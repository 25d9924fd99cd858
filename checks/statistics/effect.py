"""Direction and size of a paired effect over independent seeds, for observations: a quantile and its exact interval."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lazy_assay.checks.statistics.quantile import HALF, quantile_interval
from lazy_assay.checks.statistics.sequence import Array

SEEDS_AT_LEAST = 10


@dataclass(frozen=True)
class PairedEffect:
    """What a share of the seeds reaches, and its interval, in the differences' unit.

    reached: the difference that this share of the seeds reaches or exceeds; at one half the median. The interval holds
    whatever the seeds' law. direction: 1 or -1 where it lies on one side of zero, else 0. For the eye, and judged by
    nothing: `mean`, and `standardised`, which is dimensionless (Cohen's d_z).
    """

    reached: float
    mean: float
    standardised: float
    low: float
    high: float
    direction: int
    seeds: int


def paired_effect(differences: Array, level: float, share: Fraction = HALF) -> PairedEffect:
    """Effect of a treatment from one difference a seed, shape (seeds,), in what a share of all seeds reaches.

    level: error rate of each end; an end is infinite where so few seeds have none at that level (`quantile`). Raises
    ValueError for fewer than 10 seeds, another shape, a difference that is not finite, a level outside (0, 1/2), or a
    share outside (0, 1).
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1 or values.size < SEEDS_AT_LEAST:
        raise ValueError(f"an observation needs at least {SEEDS_AT_LEAST} seeds, got shape {values.shape}")
    low, high = quantile_interval(values, level, 1 - share)
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    standardised = mean / spread if spread > 0 else math.copysign(math.inf, mean) if mean else 0.0
    reached = float(np.quantile(values, float(1 - share)))
    return PairedEffect(reached, mean, standardised, low, high, int(low > 0) - int(high < 0), values.size)
