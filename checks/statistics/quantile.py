"""Intervals for medians and other quantiles by order statistics: exact for few independent values, whatever their law.

Source: Thompson, On confidence ranges for the median and other expectation distributions for populations of unknown
distribution form (Annals of Mathematical Statistics 7, 1936): the sign test, inverted.

Why it is exact: let m be a quantile, so that P(X ≤ m) ≥ p and P(X ≥ m) ≥ 1 − p. The k-th smallest of n independent
values lies above m only where fewer than k of them are ≤ m, which has a probability of at most P(Bin(n, p) < k); the
k-th largest is its mirror image, with 1 − p. Neither moments, symmetry nor continuity are asked for: ties only help.
So a strict level is met as it stands: n = 31 values all beyond a threshold contradict a median on its other side at
2⁻³¹ ≈ 4.7e-10. Below log₂(1/level) values a median has no interval, and no other method that holds for every law has
one.
"""

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np

from lazy_assay.checks.statistics.sequence import Array

HALF = Fraction(1, 2)


def values_at_least(level: float, share: Fraction = HALF) -> int:
    """The fewest values, all on one side of a quantile that this share lies on, that have an end there at `level`.

    Raises ValueError for a level outside (0, 1/2) or a share outside (0, 1).
    """
    _require(level, share)
    return next(n for n in range(1, 2**20) if rank(n, level, 1 - share))


@lru_cache(maxsize=1024)
def rank(n: int, level: float, chance: Fraction = HALF) -> int:
    """The largest k with P(Bin(n, chance) < k) ≤ level, 0 where there is none; in whole numbers, without rounding."""
    hit, rest, given = chance.numerator, chance.denominator - chance.numerator, Fraction(level)
    affordable = given.numerator * chance.denominator**n // given.denominator
    # C(n, k)·hit^k·rest^(n − k), each from the one before: whole numbers, so that no division leaves anything.
    term = told = rest**n
    k = 0
    while told <= affordable:
        term, k = term * ((n - k) * hit) // ((k + 1) * rest), k + 1
        told += term
    return k


def quantile_interval(values: Array, level: float, below: Fraction = HALF) -> tuple[float, float]:
    """Interval of the quantile that a share `below` lies under; each end errs with probability at most `level`.

    values: independent, shape (n,), in their unit. An end is infinite where so few values have none at that level.
    Raises ValueError for a level outside (0, 1/2), a share outside (0, 1), another shape, no value, or one that is
    not finite.
    """
    _require(level, below)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"an interval needs values in one dimension, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("every value must be finite")
    ordered = np.sort(values)
    low, high = (rank(values.size, level, chance) for chance in (below, 1 - below))
    return float(ordered[low - 1]) if low else -math.inf, float(ordered[-high]) if high else math.inf


def median_interval(values: Array, level: float) -> tuple[float, float]:
    """The interval of the median: `quantile_interval` at one half."""
    return quantile_interval(values, level)


def _require(level: float, share: Fraction) -> None:
    # Below 1/2 the two ends cannot cross.
    if not (0 < level < 0.5 and 0 < share < 1):
        raise ValueError(
            f"level must lie strictly between 0 and 1/2, a share between 0 and 1: got {level!r}, {share!r}"
        )
