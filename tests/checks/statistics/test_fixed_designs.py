from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from lazy_assay.checks.statistics.binomial import proportion_draws, proportion_interval
from lazy_assay.checks.statistics.catoni import catoni_draws, catoni_interval
from lazy_assay.checks.statistics.fixed_betting import fixed_draws, fixed_interval
from lazy_assay.checks.statistics.kolmogorov import distance_draws, distance_radius, largest_distance
from lazy_assay.checks.statistics.normal_tail import FACTOR, draws_for_tail, skewness_at_most
from lazy_assay.checks.statistics.sequence import Array
from lazy_assay.checks.statistics.student import student_interval

LEVEL, MISS, REPEATS = 0.1, 0.1, 300
# Four standard deviations of a count of REPEATS chances of a tenth.
SLACK = 4 * math.sqrt(REPEATS * LEVEL * (1 - LEVEL))


def pareto(rng: np.random.Generator, n: int) -> Array:
    # Of infinite fourth moment: mean 1.5, variance 0.75.
    return np.asarray(1 + rng.pareto(3, n))


def lopsided(rng: np.random.Generator, n: int) -> Array:
    # Mean 0.1, in [0, 1].
    return np.asarray(rng.beta(0.3, 2.7, n))


INTERVALS: dict[str, tuple[Callable[..., Array], float, Callable[[Array], tuple[float, float]]]] = {
    "Catoni": (pareto, 1.5, lambda draws: catoni_interval(draws, LEVEL, math.sqrt(0.75))),
    "betting": (lopsided, 0.1, lambda draws: fixed_interval(draws, LEVEL, 0.15)),
    "betting on a poor spread": (lopsided, 0.1, lambda draws: fixed_interval(draws, LEVEL, 0.02)),
}


@pytest.mark.parametrize("name", INTERVALS)
def test_an_exact_interval_misses_the_mean_no_more_often_than_its_level(name: str) -> None:
    draw, mean, interval = INTERVALS[name]
    rng = np.random.default_rng(1)
    missed = 0
    for _ in range(REPEATS):
        low, high = interval(draw(rng, 60))
        missed += not low <= mean <= high
    assert missed <= REPEATS * LEVEL + SLACK


def test_planned_draws_notice_a_mean_that_is_off_by_the_resolution() -> None:
    rng = np.random.default_rng(2)
    resolution = 0.03
    spread = float(np.std(lopsided(rng, 10_000)))
    betting = fixed_draws(lopsided(rng, 256), resolution, LEVEL, MISS, spread)
    catoni = catoni_draws(0.2, LEVEL, MISS, math.sqrt(0.75))
    unnoticed = {"below": 0, "above": 0, "Catoni": 0}
    for _ in range(REPEATS):
        low, high = fixed_interval(lopsided(rng, betting), LEVEL, spread)
        unnoticed["below"] += low <= 0.1 - resolution
        unnoticed["above"] += high >= 0.1 + resolution
        unnoticed["Catoni"] += catoni_interval(pareto(rng, catoni), LEVEL, math.sqrt(0.75))[1] >= 1.7
    assert all(count <= REPEATS * MISS + SLACK for count in unnoticed.values()), unnoticed
    # As many as the normal approximation asks for, and no more than half as many again.
    assert betting < 1.5 * ((math.sqrt(2 * math.log(2 / LEVEL)) + 1.2816) * spread / resolution) ** 2 + 10


def binomial_weights(n: int, chance: float) -> Array:
    from scipy.special import bdtr

    below = bdtr(np.arange(n + 1), n, chance)
    return np.diff(np.concatenate([[0.0], below]))


@pytest.mark.parametrize("chance", [0.01, 0.3, 0.5, 0.99])
@pytest.mark.parametrize("level", [0.2, 1e-3])
def test_the_interval_of_a_chance_is_exact_and_its_plan_suffices(chance: float, level: float) -> None:
    resolution = 0.15
    n = proportion_draws(chance, resolution, level, MISS)
    intervals = [proportion_interval(k, n, level) for k in range(n + 1)]
    excluded = np.array([not low <= chance <= high for low, high in intervals])
    assert binomial_weights(n, chance) @ excluded <= level
    for other in (chance - resolution, chance + resolution):
        if 0 <= other <= 1:
            assert binomial_weights(n, other) @ excluded >= 1 - MISS


def test_the_distance_is_that_of_kolmogorov_and_counts_atoms_on_both_sides() -> None:
    from scipy.stats import kstest

    draws = np.random.default_rng(3).random(50)
    assert largest_distance(draws, lambda x: np.clip(x, 0, 1))[0] == pytest.approx(kstest(draws, "uniform").statistic)
    coin = np.array([0.0, 0, 0, 1])
    distance, where = largest_distance(coin, lambda x: np.where(x < 0, 0, np.where(x < 1, 0.5, 1.0)))
    assert (distance, where) == (0.25, 0.0)


def test_draws_are_within_the_radius_of_their_law_and_the_plan_tells_another() -> None:
    rng = np.random.default_rng(4)
    n = distance_draws(0.2, LEVEL, MISS)
    outside = told = 0
    for _ in range(REPEATS):
        draws = rng.random(n)
        outside += largest_distance(draws, lambda x: np.clip(x, 0, 1))[0] > distance_radius(n, LEVEL)
        told += largest_distance(draws, lambda x: np.clip(x + 0.2, 0, 1))[0] > distance_radius(n, LEVEL)
    assert outside <= REPEATS * LEVEL + SLACK
    assert told >= REPEATS * (1 - MISS) - SLACK


def exceeded(n: int, level: float) -> float:
    """How often Student's interval of n exponential draws misses their mean."""
    rng = np.random.default_rng(5)
    rows = rng.exponential(size=(3000, n))
    low, high = np.array([student_interval(row, level) for row in rows]).T
    return float(np.mean((low > 1) | (high < 1)))


def test_a_skewed_law_keeps_its_level_from_as_many_draws_as_its_skewness_asks_for() -> None:
    level = 0.02
    n = draws_for_tail(2.0, level)  # an exponential law has skewness 2
    assert exceeded(n, level / FACTOR) <= level
    assert exceeded(10, level / FACTOR) > 2 * level


def test_skewness_is_that_of_the_draws_and_allows_for_its_own_error() -> None:
    draws = np.random.default_rng(6).exponential(size=20_000)
    assert 2.0 < skewness_at_most(draws) < 2.5
    assert skewness_at_most(draws) == pytest.approx(skewness_at_most(1e-200 * draws))
    assert skewness_at_most(np.ones(10)) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: catoni_interval(np.ones(3), 0.0, 1.0),
        lambda: catoni_interval(np.ones(3), 0.1, 0.0),
        lambda: catoni_interval(np.array([1.0, np.nan]), 0.1, 1.0),
        lambda: proportion_interval(3, 2, 0.1),
        lambda: proportion_draws(0.5, 0.6, 0.1, 0.1),
    ],
)
def test_what_has_no_interval_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"level|finite|interval|resolution"):
        call()
