import math

import numpy as np
import pytest
import ville

from lazy_assay.checks.statistics import AsymptoticSequence
from lazy_assay.checks.statistics.asymptotic import standard_radius, tuned_rho


def after(draws: np.ndarray, level: float = 1e-3, planned: int = 2_000, batch: int = 256) -> AsymptoticSequence:
    sequence = AsymptoticSequence(level, planned)
    for start in range(0, len(draws), batch):
        sequence.update(draws[start : start + batch])
        _ = sequence.interval
    return sequence


@pytest.mark.parametrize("batch", [1, 7, 256, 3_000])
def test_how_draws_are_split_into_batches_does_not_matter(batch: int) -> None:
    draws = np.random.default_rng(1).normal(3, 2, 3_000)
    assert after(draws, batch=batch).interval == after(draws, batch=3_000).interval


@pytest.mark.parametrize("level", [0.05, 1e-3, 4.9e-10])
def test_the_bounds_are_those_of_ville_with_the_same_burn_in(level: float) -> None:
    draws = np.random.default_rng(2).normal(3, 2, 3_000)
    oracle = ville.AsymptoticCS(alpha=level, t_opt=2_000, min_samples=500, intersect=True).fit(draws)
    np.testing.assert_allclose(after(draws, level).interval, oracle.interval(), rtol=1e-7)


@pytest.mark.parametrize("level", [0.05, 4.9e-10])
def test_no_other_rho_is_narrower_at_the_planned_number_of_draws(level: float) -> None:
    n, best = np.array([2_000.0]), tuned_rho(level, 2_000)
    narrowest = standard_radius(n, level, best)
    assert all(standard_radius(n, level, best * factor) > narrowest for factor in (0.5, 0.99, 1.01, 2.0))


def test_before_the_burn_in_the_interval_is_the_line_and_at_it_finite() -> None:
    sequence = AsymptoticSequence(0.05, 1_000)
    sequence.update(np.random.default_rng(3).normal(size=499))
    assert sequence.interval == (-math.inf, math.inf)
    sequence.update(np.zeros(1))
    assert np.isfinite(sequence.interval).all()


def test_equal_draws_do_not_prove_that_the_next_one_is_equal() -> None:
    sequence = AsymptoticSequence(0.05, 1_000)
    sequence.update(np.zeros(600))
    assert sequence.interval == (-math.inf, math.inf)
    sequence.update(np.ones(1))
    low, high = sequence.interval
    assert low < 1 / 601 < high


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_draw_that_is_not_finite_is_named(value: float) -> None:
    with pytest.raises(ValueError, match="draw 1 is"):
        AsymptoticSequence(0.05, 1_000).update(np.array([0.0, value]))


@pytest.mark.parametrize("level, planned, burn_in", [(0, 10, 500), (0.05, 0, 500), (0.05, 10, 1)])
def test_arguments_out_of_range_are_refused(level: float, planned: int, burn_in: int) -> None:
    with pytest.raises(ValueError, match=r"level|planned"):
        AsymptoticSequence(level, planned, burn_in)


def test_the_earliest_time_that_may_be_asked_for_is_the_second_draw() -> None:
    sequence = AsymptoticSequence(0.05, 1, burn_in=2)
    sequence.update(np.array([0.0, 1.0]))
    assert np.isfinite(sequence.interval).all()


def test_draws_in_single_precision_are_kept_in_double() -> None:
    draws = np.random.default_rng(5).normal(1_000, 1, 600).astype(np.float32)
    sequence = AsymptoticSequence(0.05, 600)
    sequence.update(draws)  # type: ignore[arg-type]
    assert sequence.mean == draws.astype(np.float64).mean() != draws.mean()
