from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from lazy_assay.checks.statistics import median_interval, paired_effect, quantile_interval
from lazy_assay.checks.statistics.sequence import Array


def test_the_effect_is_the_median_with_its_interval() -> None:
    differences = np.random.default_rng(1).normal(0.5, 1, 20)
    effect = paired_effect(differences, 0.01)
    assert (effect.low, effect.high) == median_interval(differences, 0.01)
    assert effect.reached == np.median(differences)
    assert effect.mean == pytest.approx(differences.mean())
    assert effect.standardised == pytest.approx(differences.mean() / differences.std(ddof=1))
    assert effect.seeds == 20


def test_what_a_share_of_the_seeds_reaches_is_the_quantile_that_the_others_lie_below() -> None:
    differences = np.arange(100.0)
    effect = paired_effect(differences, 0.01, Fraction(1, 10))
    assert effect.reached == pytest.approx(np.quantile(differences, 0.9))
    assert (effect.low, effect.high) == quantile_interval(differences, 0.01, Fraction(9, 10))


@pytest.mark.parametrize("shift, direction", [(3.0, 1), (-3.0, -1), (0.0, 0)])
def test_the_direction_is_stated_only_where_the_interval_has_one(shift: float, direction: int) -> None:
    differences = np.random.default_rng(2).normal(0, 1, 15)
    assert paired_effect(differences - np.median(differences) + shift, 0.01).direction == direction


@pytest.mark.parametrize("sign", [1, -1])
def test_an_interval_that_ends_at_zero_has_no_direction(sign: int) -> None:
    assert paired_effect(sign * np.arange(10.0), 2.0**-10).direction == 0


def test_single_precision_is_judged_in_double() -> None:
    differences: Any = np.linspace(0.1, 0.7, 11).astype(np.float32)
    assert paired_effect(differences, 0.05).mean == differences.astype(np.float64).mean()


@pytest.mark.parametrize("at, level, direction", [(10, 2.0**-10, 1), (10, 2.0**-11, 0)])
def test_seeds_that_all_agree_tell_a_direction_at_a_level_of_two_to_their_number(
    at: int, level: float, direction: int
) -> None:
    assert paired_effect(np.linspace(0.1, 1, at), level).direction == direction


def test_a_direction_is_claimed_without_an_effect_no_more_often_than_both_ends_err() -> None:
    rows = np.random.default_rng(3).standard_t(2, (4_000, 12))
    alarms = sum(paired_effect(row, 0.05).direction != 0 for row in rows)
    chance = 2 * binom.cdf(2, 12, 0.5)
    assert chance <= 2 * 0.05
    assert binom.ppf(1e-6, 4_000, chance) <= alarms <= binom.isf(1e-6, 4_000, chance)


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
def test_input_without_an_effect_is_refused(differences: Array, level: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        paired_effect(differences, level)
