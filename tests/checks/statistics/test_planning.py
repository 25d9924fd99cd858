import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, norm

from lazy_assay.checks.statistics import (
    AsymptoticSequence,
    BettingSequence,
    detectable,
    draws_needed,
    median_interval,
    median_seeds,
    seeds_needed,
    share_told,
    values_at_least,
)
from lazy_assay.checks.statistics.betting import TRUNCATION, bet_sizes
from lazy_assay.checks.statistics.planning import _BettingPlan
from lazy_assay.checks.statistics.quantile import rank

RUNS = 250
BETTING: dict[str, Any] = {"low": 0.0, "high": 1.0, "mean": 0.7}


def beta(mean: float, sd: float, shape: tuple[int, int], seed: int) -> np.ndarray:
    k = mean * (1 - mean) / sd**2 - 1
    return np.random.default_rng(seed).beta(mean * k, (1 - mean) * k, shape)


def misses(make: Callable[..., Any], draws: np.ndarray, claim: float) -> int:
    missed = 0
    for row in draws:
        sequence = make()
        sequence.update(row)
        low, high = sequence.interval
        missed += low <= claim <= high
    return missed


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("miss", [1e-3, 0.05])
@pytest.mark.parametrize("level", [1e-3, 4.9e-10])
def test_the_betting_sequence_misses_a_planned_discrepancy_no_more_often_than_stated(
    level: float, miss: float, sign: int
) -> None:
    n = draws_needed(0.013, 0.0035, level, miss, **BETTING)
    missed = misses(lambda: BettingSequence(level), beta(0.7, 0.013, (RUNS, n), seed=1), 0.7 + sign * 0.0035)
    assert missed <= binom.isf(1e-6, RUNS, miss)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("miss", [1e-3, 0.05])
@pytest.mark.parametrize("level", [1e-3, 4.9e-10])
def test_the_asymptotic_sequence_misses_a_planned_discrepancy_no_more_often_than_stated(
    level: float, miss: float, sign: int
) -> None:
    n = draws_needed(0.05, 0.0035, level, miss)
    draws = beta(0.7, 0.05, (RUNS, n), seed=2)
    missed = misses(lambda: AsymptoticSequence(level, planned=n), draws, 0.7 + sign * 0.0035)
    assert missed <= binom.isf(1e-6, RUNS, miss)


@pytest.mark.parametrize(
    "make, sd, more",
    [(lambda n: BettingSequence(1e-3), 0.013, BETTING), (lambda n: AsymptoticSequence(1e-3, n), 0.05, {})],
)
def test_the_plan_is_not_wasteful_since_two_thirds_of_it_miss_often(
    make: Callable[..., Any], sd: float, more: dict[str, Any]
) -> None:
    n = 2 * draws_needed(sd, 0.0035, 1e-3, 0.05, **more) // 3
    assert misses(lambda: make(n), beta(0.7, sd, (RUNS, n), seed=3), 0.7 - 0.0035) > 0.2 * RUNS


@pytest.mark.parametrize("more", [{}, BETTING, {"low": 0.0, "high": 1.0}, {"low": -2.0, "high": 9.0, "mean": 1.0}])
@pytest.mark.parametrize("sd", [0.005, 0.03, 0.3])
@pytest.mark.parametrize("level", [1e-3, 4.9e-10])
def test_the_twins_are_inverse_to_one_another(level: float, sd: float, more: dict[str, Any]) -> None:
    n = draws_needed(sd, 0.02, level, 1e-3, **more)
    assert detectable(sd, n, level, 1e-3, **more) <= 0.02 * (1 + 1e-9)
    if n > 500 or more:
        assert detectable(sd, n - 1, level, 1e-3, **more) > 0.02 * (1 - 1e-9)


def test_too_few_draws_detect_nothing() -> None:
    assert detectable(0.1, 499, 1e-3, 1e-3) == math.inf
    assert detectable(0.1, 3, 1e-9, 1e-3, low=0, high=1) == math.inf


def test_draws_that_lie_close_to_a_far_bound_are_planned_with_fewer_draws_when_that_is_known() -> None:
    assert draws_needed(0.01, 0.003, 1e-3, 1e-3, **BETTING) < draws_needed(0.01, 0.003, 1e-3, 1e-3, low=0, high=1)


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"sd": -1.0}, "^sd must be finite and not negative, got -1.0$"),
        ({"sd": math.inf}, "^sd must"),
        ({"level": 0.0}, "^level and miss must"),
        ({"level": 1.0}, "^level and miss must"),
        ({"miss": 0.0}, "^level and miss must"),
        ({"miss": 1.0}, "^level and miss must lie strictly between 0 and 1, got level=0.001, miss=1.0$"),
        ({"discrepancy": 0.0}, "^discrepancy must be positive, got 0.0$"),
        ({"low": 0.0}, "^give both bounds, low < high, or neither; got low=0.0, high=None$"),
        ({"high": 0.0}, "^give both bounds"),
        ({"low": 1.0, "high": 1.0}, "^give both bounds"),
        ({"low": 0.0, "high": 1.0, "mean": 2.0}, r"^mean=2.0 lies outside \[0.0, 1.0\]$"),
        ({"low": 0.0, "high": 1.0, "mean": -1.0}, "^mean=-1.0 lies outside"),
        ({"discrepancy": 1e-9}, "out of reach"),
    ],
)
def test_arguments_out_of_range_are_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draws_needed(**({"sd": 0.1, "discrepancy": 0.01, "level": 1e-3, "miss": 1e-3} | changed))


@pytest.mark.parametrize("mean", [-1.0, 0.4, 1.0])
def test_a_range_is_planned_with_as_the_unit_interval_is(mean: float) -> None:
    told = detectable(0.2, 5_000, 1e-3, 1e-3, low=-1.0, high=1.0, mean=mean)
    assert told == pytest.approx(2 * detectable(0.1, 5_000, 1e-3, 1e-3, low=0.0, high=1.0, mean=(mean + 1) / 2))


def test_without_a_mean_the_worst_place_in_the_range_is_planned_for() -> None:
    told: dict[str, Any] = {"low": -1.0, "high": 3.0}
    assert detectable(0.2, 5_000, 1e-3, 1e-3, **told) == detectable(0.2, 5_000, 1e-3, 1e-3, **told, mean=3.0)


def test_no_draws_cannot_be_planned_with() -> None:
    with pytest.raises(ValueError, match="n must"):
        detectable(0.1, 0, 1e-3, 1e-3)


LOOK = 1e-3 * (1 - 1 / 50)


@pytest.mark.parametrize(
    "share, level, seeds",
    [(1.0, LOOK, 10), (1.0, 4.9e-10, 31), (0.9, LOOK, 27), (0.8, LOOK, 59), (0.75, LOOK, 88), (0.6, LOOK, 563)],
)
def test_seeds_that_tell_a_share_are_those_of_the_binomial_law(share: float, level: float, seeds: int) -> None:
    assert seeds_needed(share, level, 0.05) == seeds

    def lost(n: int) -> float:
        return float(binom.sf(rank(n, level) - 1, n, 1 - share))

    assert lost(seeds) <= 0.05
    assert seeds == values_at_least(level) or lost(seeds - 1) > 0.05


@pytest.mark.parametrize("seeds", [10, 24, 100, 500])
@pytest.mark.parametrize("miss", [0.05, 1e-3])
def test_the_share_that_seeds_tell_is_the_least(seeds: int, miss: float) -> None:
    share = share_told(seeds, LOOK, miss)
    assert binom.sf(rank(seeds, LOOK) - 1, seeds, 1 - (share + 1e-9)) <= miss
    assert binom.sf(rank(seeds, LOOK) - 1, seeds, 1 - (share - 1e-6)) > miss


def test_so_many_seeds_tell_a_median_as_often_as_planned() -> None:
    n, runs, shift = seeds_needed(0.8, LOOK, 0.05), 2_000, float(norm.ppf(0.8))
    rows = np.random.default_rng(12).standard_normal((runs, n)) + shift
    missed = sum(median_interval(row, LOOK)[0] < 0 for row in rows)
    assert missed <= binom.isf(1e-6, runs, 0.05)
    assert missed > 0


def test_too_few_seeds_for_a_level_tell_no_share() -> None:
    assert share_told(9, LOOK, 0.05) == math.inf


@pytest.mark.parametrize(
    "share, level, miss, words",
    [
        (0.5, 0.01, 0.05, r"^share must lie in \(1/2, 1\], got 0.5$"),
        (1.1, 0.01, 0.05, "^share must"),
        (0.9, 0.0, 0.05, "^level and miss must"),
        (0.9, 0.5, 0.05, "^level and miss must lie strictly between 0 and 1/2, got level=0.5, miss=0.05$"),
        (0.9, 0.01, 0.0, "^level and miss must"),
        (0.9, 0.01, 0.5, "^level and miss must"),
        (0.5001, 1e-9, 0.01, "out of reach"),
    ],
)
def test_a_plan_of_seeds_out_of_range_is_refused(share: float, level: float, miss: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        seeds_needed(share, level, miss)


def test_no_seed_tells_nothing() -> None:
    with pytest.raises(ValueError, match="seeds must be at least 1"):
        share_told(0, LOOK, 0.05)


def test_the_planned_capital_is_its_formula_draw_by_draw() -> None:
    sd, level, miss, share, off = 0.3, 1e-3, 0.05, 0.8, 0.2
    plan = _BettingPlan(sd, level, miss, share)
    growth = variance = 0.0
    expected = []
    for i in range(1, 8):
        bet = min(float(bet_sizes(np.array(sd**2), np.array(float(i)), level)), TRUNCATION / share)
        noise = bet * sd / (1 + bet * off)
        growth, variance = growth + math.log1p(bet * off) - noise**2 / 2, variance + noise**2
        expected.append(growth - norm.isf(miss) * math.sqrt(variance))
    np.testing.assert_allclose(plan.capital(off, 7), expected, rtol=1e-12)


@pytest.mark.parametrize("sd", [0.0, 0.1])
def test_no_discrepancy_beyond_the_range_is_detected(sd: float) -> None:
    told = [detectable(sd, n, 1e-3, 0.05, low=0.0, high=1.0) for n in range(1, 60)]
    finite = [value for value in told if value < math.inf]
    assert 0 < len(finite) < len(told)
    assert told == [math.inf] * (len(told) - len(finite)) + finite
    # The first that is finite is near the whole range, and no more than that.
    assert 0.5 < finite[0] <= 1


def test_one_draw_or_one_seed_may_be_asked_about() -> None:
    assert detectable(0.1, 1, 0.05, 0.05, burn_in=2) == math.inf
    assert share_told(1, 0.05, 0.05) == math.inf


def test_normal_seeds_tell_a_threshold_as_often_as_was_planned() -> None:
    n, runs = median_seeds(0.3, 0.1, 1e-3, 0.05), 2_000
    seeds = np.random.default_rng(11).normal(0.1, 0.3, (runs, n))
    told = sum(median_interval(row, 1e-3)[0] > 0 for row in seeds)
    assert told == pytest.approx(0.95 * runs, abs=4 * math.sqrt(0.05 * 0.95 * runs))
    assert median_seeds(0.6, 0.2, 1e-3, 0.05) == n < median_seeds(0.6, 0.1, 1e-3, 0.05)


def test_seeds_that_do_not_scatter_need_be_no_more_than_have_an_interval() -> None:
    assert median_seeds(0.0, 0.1, 1e-3, 0.05) == values_at_least(1e-3)


@pytest.mark.parametrize(
    "sd, distance, words", [(1.0, 0.0, "distance"), (-1.0, 1.0, "sd"), (1.0, 1e-6, "out of reach")]
)
def test_a_median_that_no_seeds_tell_is_refused(sd: float, distance: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        median_seeds(sd, distance, 1e-9, 1e-3)
