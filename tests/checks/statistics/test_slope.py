from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, linregress

from lazy_assay.checks.statistics import Slope, ahead, drifts, log_log_slope, median_interval, slopes, spread
from lazy_assay.checks.statistics.sequence import Array

SIZES = np.array([10.0, 20, 40, 80, 160])


def test_an_exact_power_law_gives_its_exponent_without_width() -> None:
    slope = log_log_slope(SIZES, np.exp(np.arange(5.0))[:, None] * SIZES**-1.5, 0.05)
    np.testing.assert_allclose((slope.estimate, slope.low, slope.high), -1.5, rtol=1e-12)


def test_slopes_are_those_of_scipy_row_by_row_and_their_median_is_judged() -> None:
    estimates = SIZES**-0.5 * np.random.default_rng(1).lognormal(0, 0.2, (12, 5))
    expected = np.array([linregress(np.log(SIZES), np.log(row)).slope for row in estimates])
    np.testing.assert_allclose(slopes(SIZES, estimates), expected, rtol=1e-12)
    found = log_log_slope(SIZES, estimates, 1e-3)
    told = (np.median(expected), *median_interval(expected, 1e-3))
    np.testing.assert_allclose((found.estimate, found.low, found.high), told, rtol=1e-10)


def test_each_end_misses_the_true_exponent_no_more_often_than_its_level_says() -> None:
    rng = np.random.default_rng(2)
    estimates = SIZES**-0.5 * rng.lognormal(0, 0.3, (2_000, 8, 5)) * rng.standard_t(1, (2_000, 8, 1)) ** 2
    found = [log_log_slope(SIZES, block, 0.05) for block in estimates]
    chance = binom.cdf(1, 8, 0.5)
    for missed in (sum(slope.low > -0.5 for slope in found), sum(slope.high < -0.5 for slope in found)):
        assert binom.ppf(1e-6, 2_000, chance) <= missed <= binom.isf(1e-6, 2_000, chance)
    assert chance <= 0.05


def test_single_precision_and_lists_are_judged_in_double() -> None:
    rows: Any = (SIZES**-0.5 * np.random.default_rng(4).lognormal(0, 0.2, (3, 5))).astype(np.float32)
    narrow: Any = SIZES.astype(np.float32)
    expected = slopes(SIZES, rows.astype(np.float64))
    np.testing.assert_array_equal(slopes(narrow, rows), expected)


def test_too_few_rows_for_the_level_leave_the_slope_without_an_interval() -> None:
    assert log_log_slope(SIZES, np.ones((3, 5)), 1e-3) == Slope(0.0, -math.inf, math.inf)


@pytest.mark.parametrize("count, turn", [(5, 40.0), (6, 80.0)])
def test_the_drift_is_the_slope_after_the_middle_less_the_one_before(count: int, turn: float) -> None:
    sizes = np.asarray(10.0 * 2.0 ** np.arange(count), dtype=np.float64)
    bent = np.where(sizes <= turn, sizes**-1.0, turn**-1 * (sizes / turn) ** -0.25)
    rows = np.array([1.0, 2.0, 7.0])[:, None] * bent
    assert drifts(sizes, rows) == pytest.approx([0.75, 0.75, 0.75])


def test_the_drift_of_sizes_listed_the_other_way_has_the_other_sign() -> None:
    rows = np.where(SIZES <= 40, SIZES**-1.0, 40.0**-1 * (SIZES / 40) ** -0.25)[None]
    assert drifts(SIZES, rows) == pytest.approx([0.75])
    assert drifts(SIZES[::-1], rows[:, ::-1]) == pytest.approx([-0.75])


def test_every_row_drifts_by_itself() -> None:
    rows = np.concatenate([np.ones((2, 5)), np.exp(np.log(SIZES[None]) ** 2)])
    still, too, moved = drifts(SIZES, rows)
    assert still == too == 0 < moved


@pytest.mark.parametrize(
    "sizes, estimates, words",
    [
        (SIZES[:4], np.ones((3, 4)), "5 different sizes, got 4$"),
        (np.array([1.0, 1, 2, 3, 4]), np.ones((3, 5)), "5 different sizes"),
        (SIZES, np.ones((3, 4)), "shape"),
        (SIZES, np.ones(5), "shape"),
        (SIZES, np.ones((0, 5)), "shape"),
        (SIZES[None], np.ones((3, 5)), "shape"),
        (SIZES[None], np.ones((1, 1, 5)), "shape"),
        (SIZES, np.zeros((3, 5)), "estimate must be positive"),
        (-SIZES, np.ones((3, 5)), "size must be positive"),
        (SIZES, np.full((3, 5), np.nan), "estimate must be positive"),
        (SIZES, np.full((3, 5), np.inf), "estimate must be positive"),
    ],
)
@pytest.mark.parametrize("asked", [slopes, drifts, lambda sizes, rows: log_log_slope(sizes, rows, 0.05)])
def test_input_without_a_slope_is_refused(
    sizes: Array, estimates: Array, words: str, asked: Callable[[Array, Array], object]
) -> None:
    with pytest.raises(ValueError, match=words):
        asked(sizes, estimates)


def test_a_slope_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Slope(1.0, 0.0, 2.0).low = 3.0  # type: ignore[misc]


def test_what_is_ahead_of_a_parabola_is_its_slope_moved_on_by_its_drift() -> None:
    rows = np.exp(0.5 * np.log(SIZES / 4) ** 2)[None]
    moved = drifts(SIZES, rows)
    assert ahead(SIZES, rows, onwards=True) == pytest.approx(slopes(SIZES, rows) + moved)
    assert ahead(SIZES, rows, onwards=False) == pytest.approx(slopes(SIZES, rows) - moved)
    assert abs(float(moved[0])) > 0.1


def test_a_spread_is_the_standard_deviation_of_normal_seeds_and_a_few_outliers_leave_it() -> None:
    seeds = np.random.default_rng(5).normal(3.0, 0.2, 4000)
    assert spread(seeds) == pytest.approx(0.2, rel=0.05)
    assert spread(np.concatenate([seeds, np.full(40, 1e6)])) == pytest.approx(0.2, rel=0.07)
