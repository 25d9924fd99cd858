import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from lazy_assay.checks.statistics import AsymptoticSequence, BettingSequence, detectable, draws_needed

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
        ({"sd": -1.0}, "sd"),
        ({"level": 0.0}, "level"),
        ({"miss": 1.0}, "miss"),
        ({"discrepancy": 0.0}, "discrepancy"),
        ({"low": 0.0}, "both bounds"),
        ({"low": 0.0, "high": 1.0, "mean": 2.0}, "mean"),
        ({"discrepancy": 1e-9}, "out of reach"),
    ],
)
def test_arguments_out_of_range_are_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draws_needed(**({"sd": 0.1, "discrepancy": 0.01, "level": 1e-3, "miss": 1e-3} | changed))


def test_no_draws_cannot_be_planned_with() -> None:
    with pytest.raises(ValueError, match="n must"):
        detectable(0.1, 0, 1e-3, 1e-3)
