import math

import numpy as np
import pytest
from scipy.stats import binom, ttest_1samp

from lazy_assay.checks.statistics import paired_effect


def test_mean_and_interval_are_those_of_scipy() -> None:
    differences = np.random.default_rng(1).normal(0.5, 1, 20)
    low, high = ttest_1samp(differences, 0).confidence_interval(0.99)
    effect = paired_effect(differences, 0.01)
    np.testing.assert_allclose((effect.mean, effect.low, effect.high), (differences.mean(), low, high), rtol=1e-12)
    assert effect.standardised == pytest.approx(differences.mean() / differences.std(ddof=1))
    assert effect.seeds == 20


@pytest.mark.parametrize("shift, direction", [(3.0, 1), (-3.0, -1), (0.0, 0)])
def test_the_direction_is_stated_only_where_the_interval_has_one(shift: float, direction: int) -> None:
    differences = np.random.default_rng(2).normal(0, 1, 15)
    assert paired_effect(differences - differences.mean() + shift, 0.01).direction == direction


def test_a_direction_is_claimed_without_an_effect_as_often_as_the_level_says() -> None:
    rows = np.random.default_rng(3).normal(0, 1, (2_000, 10))
    alarms = sum(paired_effect(row, 0.05).direction != 0 for row in rows)
    assert binom.ppf(1e-6, 2_000, 0.05) <= alarms <= binom.isf(1e-6, 2_000, 0.05)


@pytest.mark.parametrize("value, standardised", [(2.0, math.inf), (-2.0, -math.inf), (0.0, 0.0)])
def test_equal_differences_have_an_infinite_standardised_effect_or_none(value: float, standardised: float) -> None:
    assert paired_effect(np.full(10, value), 0.05).standardised == standardised


@pytest.mark.parametrize(
    "differences, level, words",
    [
        (np.ones(9), 0.05, "10 seeds"),
        (np.ones((10, 1)), 0.05, "10 seeds"),
        (np.array([math.nan] * 10), 0.05, "finite"),
        (np.ones(10), 0.0, "level"),
    ],
)
def test_input_without_an_effect_is_refused(differences: np.ndarray, level: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        paired_effect(differences, level)
