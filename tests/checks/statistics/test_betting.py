import math

import numpy as np
import pytest
import ville
import ville.means

from lazy_assay.checks.statistics import BettingSequence
from lazy_assay.checks.statistics.betting import (
    GRID,
    TRUNCATION,
    bet_sizes,
    last_excluded,
    log_capital,
    predictable_bets,
)


def beta(mean: float, sd: float, n: int, seed: int) -> np.ndarray:
    k = mean * (1 - mean) / sd**2 - 1
    return np.random.default_rng(seed).beta(mean * k, (1 - mean) * k, n)


def after(draws: np.ndarray, level: float = 1e-3, batch: int = 256, **bounds: float) -> BettingSequence:
    sequence = BettingSequence(level, **bounds)
    for start in range(0, len(draws), batch):
        sequence.update(draws[start : start + batch])
        _ = sequence.interval
    return sequence


@pytest.mark.parametrize("batch", [1, 7, 256, 3_000])
def test_how_draws_are_split_into_batches_does_not_matter(batch: int) -> None:
    draws = beta(0.7, 0.013, 3_000, seed=1)
    whole = BettingSequence(1e-3)
    whole.update(draws)
    assert after(draws, batch=batch).interval == whole.interval


def test_the_interval_only_shrinks_as_draws_arrive() -> None:
    sequence, draws = BettingSequence(0.05), beta(0.4, 0.2, 2_000, seed=2)
    seen = []
    for start in range(0, 2_000, 50):
        sequence.update(draws[start : start + 50])
        seen.append(sequence.interval)
    lows, highs = np.array(seen).T
    assert (np.diff(lows) >= 0).all()
    assert (np.diff(highs) <= 0).all()


@pytest.mark.parametrize("mean, sd", [(0.2, 0.005), (0.7, 0.013), (0.9, 0.03), (0.5, 0.5)])
@pytest.mark.parametrize("level", [1e-3, 2.4e-10])
def test_the_bounds_are_those_of_ville_with_the_same_bets_up_to_its_grid(
    monkeypatch: pytest.MonkeyPatch, mean: float, sd: float, level: float
) -> None:
    draws = beta(mean, sd, 2_000, seed=3) if sd < 0.5 else np.random.default_rng(3).integers(0, 2, 2_000).astype(float)
    bets = predictable_bets(draws, level)
    monkeypatch.setattr(ville.means, "_plugin_lambda", lambda i, variance, alpha: bets)
    oracle = ville.BettingCS(alpha=level, c=TRUNCATION, grid=4_001).fit(draws)
    (low, high), (oracle_low, oracle_high) = after(draws, level).interval, oracle.interval()
    assert oracle_low <= low <= oracle_low + 2.1 / 4_000
    assert oracle_high - 2.1 / 4_000 <= high <= oracle_high


@pytest.mark.parametrize("mean, sd, share", [(0.2, 0.005, 0.6), (0.7, 0.013, 0.6), (0.9, 0.03, 0.7), (0.5, 0.28, 0.9)])
def test_the_interval_is_narrower_than_that_of_ville_with_the_bets_of_the_paper(
    mean: float, sd: float, share: float
) -> None:
    draws = beta(mean, sd, 2_000, seed=4)
    low, high = after(draws).interval
    oracle_low, oracle_high = ville.BettingCS(alpha=1e-3, grid=4_001).fit(draws).interval()
    assert high - low < share * (oracle_high - oracle_low)


def test_half_a_per_cent_of_the_mean_is_resolved_in_two_thousand_draws_at_the_search_level() -> None:
    draws = beta(0.7, 0.013, 2_000, seed=5)
    sequence = after(draws, 1e-3)
    low, high = sequence.interval
    assert max(sequence.mean - low, high - sequence.mean) < 0.005 * 0.7


@pytest.mark.parametrize("low, high", [(-3.0, 5.0), (0.0, 1e-3), (1e6, 1e6 + 1)])
def test_draws_in_another_unit_give_the_interval_in_that_unit(low: float, high: float) -> None:
    draws = beta(0.6, 0.1, 1_000, seed=6)
    expected = low + (high - low) * np.array(after(draws).interval)
    found = after(low + (high - low) * draws, low=low, high=high).interval
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * (high - low))


def test_mirrored_draws_give_the_mirrored_interval() -> None:
    draws = beta(0.7, 0.013, 1_000, seed=7)
    low, high = after(draws).interval
    np.testing.assert_allclose(after(1 - draws).interval, (1 - high, 1 - low), rtol=0, atol=4 / GRID)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_constant_draws_never_exclude_their_value_and_the_bounds_close_in_on_it(value: float) -> None:
    low, high = after(np.full(5_000, value)).interval
    assert low <= value <= high
    assert high - low < 2 * math.log(2 / 1e-3) / 5_000 / TRUNCATION


def test_before_any_draw_the_interval_is_the_bounds() -> None:
    sequence = BettingSequence(0.05, -2.0, 3.0)
    sequence.update(np.empty(0))
    assert sequence.interval == (-2.0, 3.0)
    assert sequence.n == 0
    assert math.isnan(sequence.mean)
    assert math.isnan(sequence.standard_deviation)


def test_moments_are_those_of_all_draws() -> None:
    draws = beta(0.3, 0.1, 1_000, seed=8)
    sequence = after(draws)
    assert sequence.n == 1_000
    assert sequence.mean == pytest.approx(draws.mean(), rel=1e-14)
    assert sequence.standard_deviation == pytest.approx(draws.std(ddof=1), rel=1e-12)


def test_draws_without_a_common_mean_give_the_hull_of_the_crossed_bounds() -> None:
    low, high = after(np.repeat([0.2, 0.8], 2_000)).interval
    assert 0.2 < low < high < 0.8


@pytest.mark.parametrize(
    "draws, words",
    [
        ([0.5, math.nan], "draw 3 is nan"),
        ([math.inf], "draw 2 is inf"),
        ([0.5, 0.5, -1e-9], r"draw 4 is -1e-09, outside \[0.0, 1.0\]"),
        ([1.1], "draw 2 is 1.1, outside"),
        ([[0.5]], "one-dimensional"),
    ],
)
def test_a_wrong_draw_is_named_and_leaves_the_sequence_unchanged(draws: list[float | list[float]], words: str) -> None:
    sequence = BettingSequence(0.05)
    sequence.update(np.array([0.4, 0.6]))
    with pytest.raises(ValueError, match=words):
        sequence.update(np.array(draws))
    assert (sequence.n, sequence.mean) == (2, 0.5)


def test_draws_outside_the_bounds_by_rounding_alone_are_accepted() -> None:
    sequence = BettingSequence(0.05)
    sequence.update(np.array([-1e-16, 1 + 2e-16] * 20))
    assert sequence.interval[0] < 0.5 < sequence.interval[1]


@pytest.mark.parametrize("level, low, high", [(0.0, 0, 1), (1.0, 0, 1), (0.05, 1, 0), (0.05, 0, math.inf)])
def test_arguments_out_of_range_are_refused(level: float, low: int, high: float) -> None:
    with pytest.raises(ValueError, match=r"level|bounds"):
        BettingSequence(level, low, high)


def test_the_caller_may_reuse_its_array() -> None:
    sequence, draws = BettingSequence(0.05), np.full(10, 0.5)
    sequence.update(draws)
    draws[:] = 0.0
    assert sequence.mean == 0.5


def test_bets_depend_on_earlier_draws_only() -> None:
    draws = beta(0.5, 0.2, 100, seed=9)
    changed = draws.copy()
    changed[50:] = 0.0
    bets, other = predictable_bets(draws, 0.05), predictable_bets(changed, 0.05)
    assert (bets[:51] == other[:51]).all()
    assert (bets[51:] != other[51:]).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_capital_falls_as_the_candidate_mean_rises(seed: int) -> None:
    draws = np.random.default_rng(seed).beta(0.3, 0.4, 300)
    bets = predictable_bets(draws, 1e-3)
    best = [log_capital(draws, bets, m).max() for m in np.linspace(0, 1, 501)]
    assert (np.diff(best) <= 1e-12).all()


@pytest.mark.parametrize("root", [0, 1, 2, 777, 998, 999])
@pytest.mark.parametrize("power", [1, 3, 9])
def test_the_search_finds_the_last_excluded_point_of_any_falling_function(root: int, power: int) -> None:
    assert last_excluded(lambda k: float(root + 0.5 - k) ** power, 0, 1_000) == root


def test_the_search_stays_at_its_start_where_nothing_is_excluded() -> None:
    assert last_excluded(lambda k: -1.0, 17, 1_000) == 17


@pytest.mark.parametrize("root", [0, 1, 2, 777, 998, 999])
@pytest.mark.parametrize("power, most", [(1, 5), (3, 22), (9, 22)])
def test_the_search_halves_its_bracket_every_second_step_and_goes_straight_where_a_line_leads(
    root: int, power: int, most: int
) -> None:
    asked: list[int] = []

    def excess(k: int) -> float:
        asked.append(k)
        return float(root + 0.5 - k) ** power

    last_excluded(excess, 0, 1_000)
    assert len(asked) <= most


def test_the_search_goes_past_a_start_that_is_only_just_excluded() -> None:
    assert last_excluded(lambda k: 0.0 if k <= 500 else -1.0, 0, 1_000) == 500


@pytest.mark.parametrize("variance, i, level", [(0.01, 10, 0.05), (0.0, 1, 4.9e-10), (0.25, 1_000, 1e-3)])
def test_a_bet_is_that_of_a_sample_which_grows_with_time(variance: float, i: int, level: float) -> None:
    (bet,) = bet_sizes(np.array([variance]), np.array([float(i)]), level)
    assert bet**2 == pytest.approx(2 * math.log(2 / level) / ((variance + 16 / i**2) * (200 + 4 * i)))


@pytest.mark.parametrize("high", [1.0, 2.0, 0.5])
def test_a_draw_may_be_out_of_bounds_by_64_roundings_and_no_more(high: float) -> None:
    rounding = np.finfo(float).eps * high
    BettingSequence(0.05, 0.0, high).update(np.array([high + 64 * rounding, -64 * rounding]))
    for wrong in (high + 65 * rounding, -65 * rounding):
        with pytest.raises(ValueError, match="the bounds must hold surely"):
            BettingSequence(0.05, 0.0, high).update(np.array([wrong]))


def test_bounds_that_coincide_are_no_range() -> None:
    with pytest.raises(ValueError, match="low < high"):
        BettingSequence(0.05, 0.5, 0.5)
