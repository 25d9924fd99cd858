import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from lazy_assay.checks.statistics import AsymptoticSequence, BettingSequence
from lazy_assay.checks.statistics.asymptotic import running_bounds, tuned_rho
from lazy_assay.checks.statistics.betting import log_capital, predictable_bets
from lazy_assay.checks.statistics.sequence import ConfidenceSequence

LEVEL, RUNS = 0.05, 2_000
ALLOWED = binom.isf(1e-6, RUNS, LEVEL)  # more false alarms than this would refute "at most 0.05" at 1e-6
BURN_IN, PLANNED, DRAWS = 500, 1_000, 1_500

# name: mean and sampler of draws in [0, 1]; with less spread than here no false alarm could come within DRAWS
BOUNDED = {
    "bernoulli": (0.3, lambda rng, shape: (rng.random(shape) < 0.3).astype(float)),
    "concentrated": (0.7, lambda rng, shape: rng.beta(0.7 * 80, 0.3 * 80, shape)),
    "skewed": (0.05, lambda rng, shape: rng.beta(0.5, 9.5, shape)),
}
UNBOUNDED = BOUNDED | {
    "exponential": (1.0, lambda rng, shape: rng.exponential(size=shape)),
    "far from zero": (1e6, lambda rng, shape: 1e6 + rng.normal(size=shape)),
}


def drawn(table: dict[str, tuple[float, Callable[..., Any]]], name: str, draws: int) -> tuple[float, np.ndarray]:
    mean, sample = table[name]
    return mean, sample(np.random.default_rng([2024, sorted(UNBOUNDED).index(name)]), (RUNS, draws))


def betting_alarms(draws: np.ndarray, mean: float, bets: np.ndarray, level: float = LEVEL) -> np.ndarray:
    threshold = math.log(2 / level)
    up = log_capital(draws, bets, mean).max(axis=1)
    down = log_capital(1 - draws, bets, 1 - mean).max(axis=1)
    return np.asarray(np.maximum(up, down) >= threshold)


def asymptotic_alarms(draws: np.ndarray, mean: float, spread: float = 1.0) -> np.ndarray:
    low, high = running_bounds(draws, LEVEL, tuned_rho(LEVEL, PLANNED), BURN_IN)
    centre, radius = (low + high) / 2, spread * (high - low) / 2
    return np.asarray((np.abs(centre - mean) > radius).any(axis=1))


def excluded_by_class(sequence: ConfidenceSequence, draws: np.ndarray, mean: float) -> bool:
    for start in range(0, draws.size, 100):
        sequence.update(draws[start : start + 100])
        low, high = sequence.interval
    return not low <= mean <= high


@pytest.mark.parametrize("name", BOUNDED)
def test_betting_excludes_the_true_mean_at_any_time_no_more_often_than_its_level(name: str) -> None:
    mean, draws = drawn(BOUNDED, name, DRAWS)
    alarms = betting_alarms(draws, mean, predictable_bets(draws, LEVEL))
    assert alarms.sum() <= ALLOWED


@pytest.mark.parametrize("name", UNBOUNDED)
def test_asymptotic_excludes_the_true_mean_at_any_time_after_burn_in_no_more_often_than_its_level(name: str) -> None:
    mean, draws = drawn(UNBOUNDED, name, DRAWS)
    assert asymptotic_alarms(draws, mean).sum() <= ALLOWED


@pytest.mark.parametrize("name", BOUNDED)
def test_betting_classes_raise_exactly_the_alarms_that_were_counted(name: str) -> None:
    mean, draws = drawn(BOUNDED, name, DRAWS)
    alarms = betting_alarms(draws, mean, predictable_bets(draws, LEVEL))
    chosen = [*np.flatnonzero(alarms)[:20], *np.flatnonzero(~alarms)[:20]]
    assert [excluded_by_class(BettingSequence(LEVEL), draws[run], mean) for run in chosen] == list(alarms[chosen])


@pytest.mark.parametrize("name", UNBOUNDED)
def test_asymptotic_classes_raise_exactly_the_alarms_that_were_counted(name: str) -> None:
    mean, draws = drawn(UNBOUNDED, name, DRAWS)
    alarms = asymptotic_alarms(draws, mean)
    chosen = [*np.flatnonzero(alarms)[:20], *np.flatnonzero(~alarms)[:20]]
    sequences = [AsymptoticSequence(LEVEL, PLANNED, BURN_IN) for _ in chosen]
    found = [excluded_by_class(sequence, draws[run], mean) for sequence, run in zip(sequences, chosen, strict=True)]
    assert found == list(alarms[chosen])


def test_a_wrong_variance_in_the_asymptotic_sequence_is_detected() -> None:
    mean, draws = drawn(UNBOUNDED, "bernoulli", DRAWS)
    assert asymptotic_alarms(draws, mean, spread=math.sqrt(0.5)).sum() > ALLOWED


def test_a_level_four_times_too_large_in_the_betting_sequence_is_detected() -> None:
    mean, draws = drawn(BOUNDED, "bernoulli", DRAWS)
    assert betting_alarms(draws, mean, predictable_bets(draws, LEVEL), level=4 * LEVEL).sum() > ALLOWED


def test_bets_that_see_the_draw_they_are_placed_on_are_detected() -> None:
    mean, draws = drawn(BOUNDED, "bernoulli", DRAWS)
    bets = predictable_bets(draws, LEVEL) * np.where(draws > mean, 1.1, 1.0)
    assert betting_alarms(draws, mean, bets).sum() > ALLOWED


@pytest.mark.parametrize("factor", [0.1, 10.0])
@pytest.mark.parametrize("name", BOUNDED)
def test_a_wrong_variance_costs_the_betting_sequence_width_but_never_coverage(name: str, factor: float) -> None:
    mean, draws = drawn(BOUNDED, name, DRAWS)
    alarms = betting_alarms(draws, mean, predictable_bets(draws, LEVEL) * factor)
    assert alarms.sum() <= ALLOWED
