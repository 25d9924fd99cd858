import math

import numpy as np
import pytest
from scipy.stats import binom, linregress, t

from lazy_assay.checks.statistics import Slope, log_log_slope

SIZES = np.array([10.0, 20, 40, 80, 160])


def test_an_exact_power_law_gives_its_exponent_without_width() -> None:
    slope = log_log_slope(SIZES, np.array([[1.0], [5.0], [0.1]]) * SIZES**-1.5, 0.05)
    np.testing.assert_allclose((slope.estimate, slope.low, slope.high), -1.5, rtol=1e-12)


def test_slope_and_interval_are_those_of_scipy_row_by_row() -> None:
    estimates = SIZES**-0.5 * np.random.default_rng(1).lognormal(0, 0.2, (12, 5))
    slopes = [linregress(np.log(SIZES), np.log(row)).slope for row in estimates]
    low, high = t.interval(0.999, 11, np.mean(slopes), np.std(slopes, ddof=1) / math.sqrt(12))
    found = log_log_slope(SIZES, estimates, 1e-3)
    np.testing.assert_allclose((found.estimate, found.low, found.high), (np.mean(slopes), low, high), rtol=1e-10)


def test_the_interval_misses_the_true_exponent_as_often_as_its_level_says() -> None:
    rng = np.random.default_rng(2)
    estimates = SIZES**-0.5 * rng.lognormal(0, 0.3, (2_000, 8, 5)) * rng.lognormal(0, 1, (2_000, 8, 1))
    found = [log_log_slope(SIZES, block, 0.05) for block in estimates]
    missed = sum(not slope.low <= -0.5 <= slope.high for slope in found)
    assert binom.ppf(1e-6, 2_000, 0.05) <= missed <= binom.isf(1e-6, 2_000, 0.05)


@pytest.mark.parametrize(
    "sizes, estimates, words",
    [
        (SIZES[:4], np.ones((3, 4)), "5 different sizes"),
        (np.array([1.0, 1, 2, 3, 4]), np.ones((3, 5)), "5 different sizes"),
        (SIZES, np.ones((3, 4)), "shape"),
        (SIZES, np.ones((1, 5)), "at least two"),
        (SIZES, np.zeros((3, 5)), "estimate must be positive"),
        (-SIZES, np.ones((3, 5)), "size must be positive"),
        (SIZES, np.full((3, 5), np.nan), "estimate must be positive"),
    ],
)
def test_input_without_a_slope_is_refused(sizes: np.ndarray, estimates: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        log_log_slope(sizes, estimates, 0.05)


def test_a_slope_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Slope(1.0, 0.0, 2.0).low = 3.0  # type: ignore[misc]  # frozen, which is what is tested
