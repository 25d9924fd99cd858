from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binom

from lazy_assay.checks.statistics import least_mean
from lazy_assay.checks.statistics.nonnegative import SHARES, log_evidence
from lazy_assay.checks.statistics.sequence import Array

Sample = Callable[[np.random.Generator, tuple[int, ...]], Array]
STRICT = 1e-6 / (256 * 8)


@pytest.mark.parametrize("n", [1, 4, 16, 40])
@pytest.mark.parametrize("level", [0.05, STRICT])
def test_equal_values_exclude_means_below_their_product_averaged_over_shares(n: int, level: float) -> None:
    bound = least_mean(np.full(n, 3.0), level)
    evidence = np.mean([(1 + share * (3.0 / bound - 1)) ** n for share in SHARES])
    assert evidence == pytest.approx(1 / level, rel=1e-6)
    # No worse than the product itself, but for its part in the average.
    assert bound >= 3 * (level / len(SHARES)) ** (1 / n) * (1 - 1e-9)


def test_the_bound_scales_with_the_values_and_does_not_hang_on_their_order() -> None:
    values = np.random.default_rng(1).exponential(size=40)
    bound = least_mean(values, 1e-3)
    assert 0 < bound < values.mean()
    assert least_mean(1e-9 * values[::-1], 1e-3) == pytest.approx(1e-9 * bound, rel=1e-9)


def test_a_stricter_level_has_a_lower_bound() -> None:
    values = np.random.default_rng(2).exponential(size=40)
    assert least_mean(values, STRICT) < least_mean(values, 1e-3) < least_mean(values, 0.05)


@pytest.mark.parametrize("values", [np.zeros(40), np.array([0.0, 1e-300]), np.ones(1) * 1e-320])
def test_values_at_zero_exclude_no_mean_that_matters(values: Array) -> None:
    assert 0 <= least_mean(values, STRICT) <= values.max()


def test_one_value_at_zero_does_not_end_the_evidence_of_the_others() -> None:
    values = np.append(np.ones(39), 0.0)
    assert least_mean(values, STRICT) > 0.3


@pytest.mark.parametrize(
    "mean, sample",
    [
        (1.0, lambda rng, shape: rng.exponential(size=shape)),
        (math.exp(2.0), lambda rng, shape: rng.lognormal(0, 2, shape)),
        (0.02, lambda rng, shape: (rng.random(shape) < 0.02).astype(float)),
        (3.0, lambda rng, shape: 2 * (1 + rng.pareto(3.0, shape))),
    ],
    ids=["exponential", "log-normal", "rare", "pareto"],
)
@pytest.mark.parametrize("n", [4, 40])
def test_a_true_mean_is_excluded_no_more_often_than_the_level_says_whatever_the_law(
    mean: float, sample: Sample, n: int
) -> None:
    rows = sample(np.random.default_rng([n, 7]), (4_000, n))
    alarms = sum(log_evidence(row, mean) >= -math.log(0.05) for row in rows)
    assert alarms <= binom.isf(1e-6, 4_000, 0.05)


def test_the_bound_exceeds_a_candidate_exactly_where_the_evidence_says_so() -> None:
    for row in np.random.default_rng(8).lognormal(0, 1, (50, 20)):
        bound = least_mean(row, 0.05)
        assert log_evidence(row, bound * (1 - 1e-9)) >= -math.log(0.05) > log_evidence(row, bound * (1 + 1e-9))


@pytest.mark.parametrize(
    "values, level, words",
    [
        (np.ones(3), 0.0, "level"),
        (np.ones(3), 1.0, "level"),
        (np.ones((3, 1)), 0.1, "one dimension"),
        (np.ones(0), 0.1, "one dimension"),
        (np.array([1.0, -1e-9]), 0.1, "^every value must be finite and not negative$"),
        (np.array([1.0, math.inf]), 0.1, "finite"),
    ],
)
def test_input_without_a_bound_is_refused(values: Array, level: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        least_mean(values, level)
