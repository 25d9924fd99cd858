from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom

from lazy_assay.checks.statistics import median_interval, quantile_interval, values_at_least
from lazy_assay.checks.statistics.quantile import rank
from lazy_assay.checks.statistics.sequence import Array

Sample = Callable[[np.random.Generator, tuple[int, ...]], Array]
STRICT = 1e-6 / (256 * 8)
NINE_TENTHS = Fraction(9, 10)


@pytest.mark.parametrize("level, fewest", [(0.05, 5), (1e-3, 10), (STRICT, 31), (2.0**-20, 20), (2.0**-20 * 0.999, 21)])
def test_a_median_has_an_interval_from_the_logarithm_of_its_level_on(level: float, fewest: int) -> None:
    assert values_at_least(level) == fewest
    assert median_interval(np.arange(float(fewest)), level) == (0, fewest - 1)
    assert median_interval(np.arange(fewest - 1.0), level) == (-math.inf, math.inf)


@pytest.mark.parametrize("share, fewest", [(Fraction(1, 10), 3), (NINE_TENTHS, 66)])
def test_a_far_quantile_takes_more_values_on_its_rare_side(share: Fraction, fewest: int) -> None:
    # P(all of n lie below a quantile that a share lies below) is share^n.
    assert values_at_least(1e-3, share) == fewest


@pytest.mark.parametrize("chance", [Fraction(1, 2), NINE_TENTHS, Fraction(1, 3)])
@pytest.mark.parametrize("n", [1, 5, 10, 48, 240])
@pytest.mark.parametrize("level", [0.3, 0.05, 1e-3, STRICT])
def test_ranks_are_those_of_the_binomial_law(n: int, level: float, chance: Fraction) -> None:
    k = rank(n, level, chance)
    assert k == 0 or binom.cdf(k - 1, n, float(chance)) <= level * (1 + 1e-9)
    assert binom.cdf(k, n, float(chance)) > level * (1 - 1e-9)


def test_a_chance_that_is_exactly_the_level_still_counts() -> None:
    assert rank(10, 2.0**-10) == 1
    assert rank(10, 2.0**-10 * (1 - 2.0**-52)) == 0


@pytest.mark.parametrize("n", [12, 48, 49])
def test_the_interval_of_a_median_is_symmetric_in_its_order_statistics(n: int) -> None:
    values = np.random.default_rng(n).permutation(n).astype(float)
    low, high = median_interval(values, 1e-3)
    assert low == n - 1 - high == rank(n, 1e-3) - 1


def test_the_interval_of_a_quantile_is_mirrored_by_the_values() -> None:
    values = np.random.default_rng(1).normal(size=200)
    low, high = quantile_interval(values, 1e-3, NINE_TENTHS)
    assert quantile_interval(-values, 1e-3, 1 - NINE_TENTHS) == (-high, -low)
    assert low < np.quantile(values, 0.9) < high


@pytest.mark.parametrize("below", [Fraction(1, 2), NINE_TENTHS])
@pytest.mark.parametrize(
    "sample, truth",
    [
        (lambda rng, shape: rng.standard_cauchy(shape), lambda q: math.tan(math.pi * (q - 0.5))),
        (lambda rng, shape: rng.lognormal(0, 3, shape), lambda q: None),
        (lambda rng, shape: rng.integers(0, 3, shape).astype(float), lambda q: 2.0 if q > 2 / 3 else 1.0),
    ],
    ids=["cauchy", "log-normal", "ties"],
)
def test_each_end_errs_no_more_often_than_its_level_whatever_the_law(
    sample: Sample, truth: Callable[[float], float | None], below: Fraction
) -> None:
    rng, runs, level = np.random.default_rng(5), 4_000, 0.05
    exact = truth(float(below))
    if exact is None:
        exact = float(np.quantile(sample(np.random.default_rng(6), (2_000_001,)), float(below)))
    ends = np.array([quantile_interval(row, level, below) for row in sample(rng, (runs, 40))])
    allowed = binom.isf(1e-6, runs, level)
    assert (ends[:, 0] > exact).sum() <= allowed
    assert (ends[:, 1] < exact).sum() <= allowed


@pytest.mark.parametrize(
    "values, level, below, words",
    [
        (np.ones(9), 0.0, Fraction(1, 2), "level"),
        (np.ones(9), 0.5, Fraction(1, 2), "level"),
        (np.ones(9), 0.1, Fraction(0), "share"),
        (np.ones(9), 0.1, Fraction(1), "share"),
        (np.ones((3, 3)), 0.1, Fraction(1, 2), "one dimension"),
        (np.ones(0), 0.1, Fraction(1, 2), "one dimension"),
        (np.array([1.0, math.nan]), 0.1, Fraction(1, 2), "^every value must be finite$"),
    ],
)
def test_input_without_an_interval_is_refused(values: Array, level: float, below: Fraction, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        quantile_interval(values, level, below)


def test_a_level_out_of_range_has_no_fewest_number_of_values() -> None:
    with pytest.raises(ValueError, match="level"):
        values_at_least(0.5)
