"""Evidence over nights of seeds that are judged by order: exact for few seeds of any law."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from lazy_assay.checks.statistics.discoveries import shares
from lazy_assay.checks.statistics.moments import FIGURES, RANGE, SIDE, SIDES
from lazy_assay.checks.statistics.nightly import LARGEST, STEPS, Capital, Nights, log_factors
from lazy_assay.checks.statistics.sequence import Array
from lazy_assay.checks.statistics.signs import CHANCE, kept_mean, kept_signs, signs, together

HALF = Fraction(1, 2)
FOUND = -math.log(1e-6 * float(shares(np.zeros(1))[0]))
# Laws whose median is zero: no moments, one that is all spikes, one that leans to a side.
LAWS: dict[str, Callable[[np.random.Generator, tuple[int, int]], Array]] = {
    "Cauchy": lambda rng, shape: rng.standard_cauchy(shape),
    "signs": lambda rng, shape: rng.choice([-1.0, 1.0], size=shape),
    "skewed": lambda rng, shape: rng.exponential(size=shape) ** 3 - math.log(2) ** 3,
}


def night(
    rows: Array, low: float, high: float, allowed_side: str, chance: Fraction = HALF, counted: Array | None = None
) -> Nights:
    """A night of many stretches, a row of seeds each, all at once; of those counted, where some are not."""
    seen = np.ones(rows.shape) if counted is None else counted
    told, count = signs(rows, low, high) * seen, seen.sum(axis=1)
    mean = told.sum(axis=1) / count
    powers = [(((told - mean[:, None]) * seen) ** power).sum(axis=1) / count for power in (2, 3, 4)]
    read = dict(zip(("count", "mean", "second", "third", "fourth"), (count, mean, *powers), strict=True))
    fixed = {"low": -1.0, "high": 1.0, "side": SIDES[allowed_side], "chance": float(chance)}
    fixed |= {"predicted": -0.5, "bias": 0.0}
    return Nights(**read, **{name: np.full(len(rows), value) for name, value in fixed.items()})


def history(nights: int, made: Callable[[], Nights]) -> tuple[Array, Array]:
    """The largest logarithm of each capital, and the night on which it was found (0: never)."""
    capital, most, found = Capital(), np.zeros(0), np.zeros(0)
    for number in range(nights):
        told = made()
        if not number:
            capital.open(told)
            most, found = np.zeros(len(told.mean)), np.zeros(len(told.mean))
            continue
        capital.add(np.arange(len(most)), told)
        most = np.maximum(most, capital.log)
        found[(found == 0) & (capital.log >= FOUND)] = number + 1
    return most, found


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("allowed_side", ["below", "above", "both"])
@pytest.mark.parametrize("seeds", [3, 12])
def test_null_histories_reach_ten_at_most_one_time_in_ten_and_find_nothing(
    law: str, allowed_side: str, seeds: int
) -> None:
    rng = np.random.default_rng(7)
    edges = {"below": (-np.inf, 0.0), "above": (0.0, np.inf), "both": (0.0, 0.0)}[allowed_side]
    most, found = history(150, lambda: night(LAWS[law](rng, (200, seeds)), *edges, allowed_side))
    assert (most >= math.log(10)).mean() <= 0.1
    assert not found.any()
    assert most.max() > 0


@pytest.mark.parametrize("law", ["Cauchy", "skewed"])
def test_a_median_that_is_off_by_what_no_night_tells_is_found(law: str) -> None:
    rng = np.random.default_rng(8)
    # Seven seeds in ten lie above: of twelve, all of them one night in seventy.
    off = -float(np.quantile(LAWS[law](rng, (1, 100_000)), 0.3))
    _, found = history(150, lambda: night(LAWS[law](rng, (60, 12)) + off, -np.inf, 0.0, "below"))
    assert (found > 0).mean() >= 0.8
    _, within = history(150, lambda: night(LAWS[law](rng, (60, 12)) + off, -np.inf, off, "below"))
    assert not within.any()


def test_a_share_of_one_in_ten_is_missed_where_it_is_one_in_thirty() -> None:
    rng = np.random.default_rng(9)

    def reaching(share: float) -> Callable[[], Nights]:
        return lambda: night((rng.random((60, 48)) < share).astype(float), 0.5, np.inf, "above", Fraction(9, 10))

    assert not history(100, reaching(0.1))[1].any()
    assert (history(150, reaching(1 / 30))[1] > 0).mean() >= 0.8


def test_an_equality_is_broken_on_either_side() -> None:
    rng = np.random.default_rng(10)
    for off in (-0.6, 0.6):
        _, found = history(60, lambda off=off: night(rng.normal(off, 1, (20, 48)), -0.1, 0.1, "both"))  # type: ignore[misc]
        assert found.all()


def test_a_night_that_confirms_when_its_search_looks_bad_gains_nothing() -> None:
    rng, rows = np.random.default_rng(11), 300

    def impatient() -> Nights:
        seeds, counted = rng.standard_normal((rows, 60)), np.ones((rows, 60))
        counted[(seeds[:, :12] > 0).sum(axis=1) <= 7, 12:] = 0
        return night(seeds, -np.inf, 0.0, "below", counted=counted)

    most, _ = history(80, impatient)
    assert (most >= math.log(10)).mean() <= 0.1


def test_what_a_night_multiplies_by_is_the_product_of_the_bets_on_its_seeds() -> None:
    rng = np.random.default_rng(12)
    rows, draws = rng.standard_normal((5, 20)), np.full(5, 20.0)
    factors = log_factors(night(rows, -0.2, 0.3, "both"), np.full(5, np.nan), draws)
    for column, beyond in enumerate((rows > 0.3, rows < -0.2)):
        for step, bet in enumerate(np.minimum(STEPS / np.sqrt(20 / 4), 2 * LARGEST)):
            expected = np.log1p(bet * (beyond - 0.5)).sum(axis=1)
            assert factors[:, column, step] == pytest.approx(expected, rel=1e-9)


def test_the_figures_of_a_result_are_what_the_bets_are_made_of() -> None:
    row = np.random.default_rng(14).standard_normal(30)
    figures, read = kept_signs(row, -0.2, 0.3, "both", HALF), night(row[None], -0.2, 0.3, "both")
    for name in (*FIGURES, *RANGE, SIDE, CHANCE):
        assert figures[name] == pytest.approx(float(getattr(read, name.removeprefix("draws "))[0]))


def test_signs_are_what_lies_beyond_and_an_edge_is_not() -> None:
    assert signs(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), -1.0, 1.0).tolist() == [-1, 0, 0, 0, 1]


def test_the_figures_of_two_stages_are_those_of_all_seeds() -> None:
    values = np.random.default_rng(13).standard_normal(60)
    whole = kept_signs(values, -0.5, 0.7, "both", HALF)
    assert together(
        kept_signs(values[12:], -0.5, 0.7, "both", HALF), kept_signs(values[:12], -0.5, 0.7, "both", HALF)
    ) == (pytest.approx(whole))
    assert together(whole, {"larger": 1.0}) == {}


def test_nothing_is_kept_of_seeds_that_are_no_numbers_or_leave_their_range() -> None:
    assert kept_signs(np.array([0.0, np.nan]), 0.0, 1.0, "both", HALF) == {}
    assert kept_signs(np.empty(0), 0.0, 1.0, "both", HALF) == {}
    assert kept_mean(np.array([0.5, 1.5]), 0.0, 1.0, "both") == {}
    told = kept_mean(np.array([0.25, 0.75]), 0.0, 1.0, "above")
    assert (told["draws mean"], told["draws high"], told["draws side"]) == (0.5, 1.0, SIDES["above"])
