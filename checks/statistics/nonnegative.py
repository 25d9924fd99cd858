"""A lower confidence bound for a mean of few values that are never negative: exact, whatever their law.

Source: Waudby-Smith & Ramdas (JRSS B, 2024; arXiv 2010.09686), section 4, one-sided and with constant bets.

Why it is exact: for a candidate mean b each factor 1 + s(X/b − 1), 0 ≤ s ≤ 1, is not negative where X is not, and
has a mean of at most 1 where E X ≤ b. So has their product over independent values, and so has the average of such
products over SHARES s, fixed before any value is seen. By Markov's inequality it reaches 1/level with probability at
most `level`. Each factor falls as b grows: the candidates that are excluded are an interval [0, bound], found by
bisection.

At s = 1 the product is that of X/b: n values that are all x exclude every mean below level^(1/n)·x but for the average,
so that 16 values at 5e-10 tell a mean that is 4.5 times too large, and 4 values one that is 400 times too large.
"""

import math

import numpy as np

from lazy_assay.checks.statistics.sequence import Array

SHARES = np.array([1.0, 0.75, 0.5, 0.25])
HALVINGS = 60


def log_evidence(values: Array, candidate: float) -> float:
    """Natural logarithm of the average product against means up to `candidate` > 0."""
    with np.errstate(divide="ignore"):
        products = np.log1p(SHARES[:, None] * (values / candidate - 1)).sum(axis=1)
    return float(np.logaddexp.reduce(products)) - math.log(len(SHARES))


def least_mean(values: Array, level: float) -> float:
    """The largest b such that a mean below b is excluded at `level`; values ≥ 0, shape (n,), in their unit.

    0 where no mean is excluded. Raises ValueError for a level outside (0, 1), another shape, no value, or one that is
    negative or not finite.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie strictly between 0 and 1, got {level!r}")
    if values.ndim != 1 or not values.size:
        raise ValueError(f"a bound needs values in one dimension, got shape {values.shape}")
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError("every value must be finite and not negative")
    # Above the largest value no factor exceeds 1; far below the smallest positive one the logarithms stay in range.
    low, high = 0.0, float(values.max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if not middle > 0:
            break
        if log_evidence(values, middle) >= -math.log(level):
            low = middle
        else:
            high = middle
    return low
