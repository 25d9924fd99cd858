from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from lazy_assay.checks.statistics.discoveries import shares
from lazy_assay.checks.statistics.nightly import (
    LARGEST,
    SHARES,
    STEPS,
    Capital,
    Nights,
    entering,
    kappa,
    log_factors,
    waiting,
)
from lazy_assay.checks.statistics.sequence import Array

Draws = Callable[[int], Array]
FOUND = -math.log(1e-6 * float(shares(np.zeros(1))[0]))
# Of a uniform draw.
DEVIATION = 1 / math.sqrt(12)


def moments(draws: Array, counts: Array | None = None) -> dict[str, Array]:
    """Those of each row; of its first so many draws where counts are given."""
    kept = np.ones(draws.shape) if counts is None else np.arange(draws.shape[1]) < counts[:, None]
    count = kept.sum(axis=1)
    mean = (draws * kept).sum(axis=1) / count
    centred = (draws - mean[:, None]) * kept
    square = centred * centred
    powers = {"second": square, "third": square * centred, "fourth": square * square}
    told = {name: power.sum(axis=1) / count for name, power in powers.items()}
    return {"count": count.astype(float), "mean": mean, **told}


def night(draws: Array, predicted: float, *, bias: float = 0.0, side: float = 0.0, ranged: bool = True,
          counts: Array | None = None) -> Nights:  # fmt: skip
    """A night of one history a row, with draws in [0, 1]."""
    told = {"low": 0.0, "high": 1.0} if ranged else {"low": -np.inf, "high": np.inf}
    fixed = {name: np.full(len(draws), value) for name, value in (told | {"predicted": predicted}).items()}
    plain = {"bias": bias, "side": side, "chance": np.nan}
    return Nights(**moments(draws, counts), **fixed, **{k: np.full(len(draws), v) for k, v in plain.items()})


def histories(nights: int, made: Callable[[int], Nights]) -> tuple[Capital, Array]:
    """The capital after so many nights, and on which night each history was found first (0: never)."""
    capital, found = Capital(), np.zeros(0)
    for number in range(nights):
        told = made(number)
        if number:
            capital.add(np.arange(len(found)), told)
            found[(found == 0) & (capital.log >= FOUND)] = number + 1
        else:
            capital.open(told)
            found = np.zeros(len(told.mean))
    return capital, found


@pytest.mark.parametrize("ranged", [True, False])
def test_a_bias_of_one_standard_error_a_night_is_found_within_60_nights_in_four_of_five_histories(ranged: bool) -> None:
    rng, draws, bias = np.random.default_rng(1), 500, 0.004
    off = DEVIATION / math.sqrt(draws)
    _, found = histories(60, lambda _: night(rng.random((250, draws)), 0.5 - bias - off, bias=bias, ranged=ranged))
    assert (found > 0).mean() >= 0.8


@pytest.mark.parametrize("off", [0.0, 0.01])
def test_400_nights_of_a_true_statement_raise_nothing_wherever_the_bias_lies_in_its_allowance(off: float) -> None:
    rng, bias = np.random.default_rng(2), 0.01
    capital, found = histories(400, lambda _: night(rng.random((60, 100)), 0.5 - off, bias=bias))
    assert not found.any()
    assert np.median(capital.log) < 0


@pytest.mark.parametrize("rare", [0.02, 0.98, 0.5])
def test_the_capital_of_a_true_statement_reaches_ten_at_most_one_time_in_ten_however_skewed_its_draws(
    rare: float,
) -> None:
    rng, reached = np.random.default_rng(3), np.zeros(400, dtype=bool)
    capital = Capital()
    for number in range(60):
        told = night((rng.random((400, 60)) < rare).astype(float), rare)
        if number:
            capital.add(np.arange(400), told)
            reached |= capital.log >= math.log(10)
        else:
            capital.open(told)
    assert reached.mean() <= 0.1
    assert capital.log.max() > 0


def test_a_night_that_stops_when_it_likes_gains_nothing_though_its_mean_is_biased() -> None:
    rng, rows, longest = np.random.default_rng(4), 300, 200
    capital, reached, naive = Capital(), np.zeros(rows, dtype=bool), np.zeros(rows)
    n = np.arange(1, longest + 1)
    for number in range(50):
        draws = rng.random((rows, longest))
        # It stops as soon as the mean looks too large: what an impatient night would do.
        score = (np.cumsum(draws, axis=1) - n / 2) / (DEVIATION * np.sqrt(n))
        stops = np.where((score[:, 20:] > 1.5).any(axis=1), (score[:, 20:] > 1.5).argmax(axis=1) + 21, longest)
        naive += score[np.arange(rows), stops - 1]
        told = night(draws, 0.5, counts=stops)
        if number:
            capital.add(np.arange(rows), told)
            reached |= capital.log >= math.log(10)
        else:
            capital.open(told)
    assert reached.mean() <= 0.1
    assert naive.mean() / math.sqrt(50) > 1


def test_what_a_night_multiplies_by_is_never_more_than_the_bets_on_its_draws_would() -> None:
    draws = np.random.default_rng(5).beta(2, 5, size=(20, 100))
    told = night(draws, 0.3, bias=0.02)
    deviation, count = np.full(20, 0.16), np.full(20, 100.0)
    factors = log_factors(told, deviation, count)
    bets = np.minimum(STEPS / 1.6, LARGEST / np.array([[0.32], [1 - 0.28]]))
    above = np.log1p(bets[0] * (draws[..., None] - 0.32)).sum(axis=1)
    below = np.log1p(bets[1] * (0.28 - draws[..., None])).sum(axis=1)
    exact = np.stack([above, below], axis=1)
    assert (factors <= exact + 1e-12).all()
    assert factors[..., :3] == pytest.approx(exact[..., :3], abs=0.05)


def test_the_remainder_of_the_bound_is_its_series_on_either_side_of_the_switch() -> None:
    size = np.array([0.0, 0.05, 0.0999999, 0.1000001, 0.5, 0.9])
    series = [sum(x**j / (j + 4) for j in range(2000)) for x in size]
    assert kappa(size) == pytest.approx(series, rel=1e-9)


def test_a_statement_about_one_side_hears_nothing_of_the_other() -> None:
    rng = np.random.default_rng(6)
    high, _ = histories(12, lambda _: night(rng.random((20, 200)), 0.4, side=1.0))
    low, _ = histories(12, lambda _: night(rng.random((20, 200)), 0.4, side=-1.0))
    assert (high.log > 20).all()
    assert (low.log < 0).all()


def test_a_bias_that_begins_after_a_hundred_quiet_nights_is_found_as_well() -> None:
    rng, draws = np.random.default_rng(7), 200
    off = 2 * DEVIATION / math.sqrt(draws)

    def made(number: int) -> Nights:
        return night((1 - off) * rng.random((100, draws)) + off * (number >= 100), (1 - off) / 2)

    _, found = histories(140, made)
    assert (found > 100).mean() >= 0.9


def test_shares_of_the_capital_add_up_to_one() -> None:
    nights = np.arange(1.0, 5000.0)
    assert SHARES.sum() == pytest.approx(1)
    assert np.cumsum(entering(nights)) + waiting(nights) == pytest.approx(np.ones(len(nights)))
    assert waiting(np.zeros(1)) == 1


def test_draws_that_are_all_alike_are_judged_without_a_warning() -> None:
    same, off = np.full((2, 50), 0.5), np.array([0.5, 0.45])
    told = night(same, 0.5)
    told = Nights(**{name: getattr(told, name) for name in told.__dataclass_fields__} | {"predicted": off})
    capital, _ = histories(5, lambda _: told)
    assert capital.log[0] < 1e-12
    assert capital.log[1] > 3


def test_few_draws_of_no_known_range_say_nothing() -> None:
    draws = np.random.default_rng(8).random((1, 400))
    assert not night(draws, 0.5, ranged=False).usable.any()
    assert night(draws, 0.5).usable.all()
    assert not night(draws, math.nan).usable.any()


def test_a_mean_that_may_not_lie_above_asks_for_the_lower_end_of_its_draws_alone() -> None:
    rng = np.random.default_rng(22)

    def losses(mean: float, side: float = 1.0) -> Nights:
        told = night(rng.exponential(mean, (150, 12)), 1.0, side=side)
        plain = {name: getattr(told, name) for name in told.__dataclass_fields__}
        return Nights(**plain | {"low": np.zeros(150), "high": np.full(150, np.inf)})

    capital, found = histories(150, lambda _: losses(1.0))
    assert not found.any()
    assert np.median(capital.log) < 0
    # Two standard errors a night: of a dozen draws so skewed no bet may be large.
    _, found = histories(60, lambda _: losses(1 + 2 / math.sqrt(12)))
    assert (found > 0).mean() >= 0.8
    # Twelve draws say nothing of a side whose end is not known.
    assert losses(1.0).usable.all()
    assert not losses(1.0, side=-1.0).usable.any()
    assert not losses(1.0, side=0.0).usable.any()
