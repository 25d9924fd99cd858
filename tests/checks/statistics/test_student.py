import math

import numpy as np
import pytest
from scipy.stats import t

from lazy_assay.checks.statistics.student import student_interval


@pytest.mark.parametrize("n", [2, 4, 30])
@pytest.mark.parametrize("level", [0.05, 1e-3, 4.9e-10])
def test_the_interval_is_that_of_scipy_and_keeps_the_digits_of_a_strict_level(n: int, level: float) -> None:
    values = np.random.default_rng(n).normal(3, 2, n)
    radius = t.isf(level / 2, n - 1) * values.std(ddof=1) / math.sqrt(n)
    expected = values.mean() - radius, values.mean() + radius
    np.testing.assert_allclose(student_interval(values, level), expected, rtol=1e-9)


def test_normal_values_exclude_their_mean_as_often_as_the_level_says() -> None:
    rows = np.random.default_rng(1).normal(5, 3, (4_000, 4))
    missed = sum(not low <= 5 <= high for low, high in (student_interval(row, 0.05) for row in rows))
    assert 140 < missed < 260


@pytest.mark.parametrize(
    "values, level, words",
    [
        (np.ones(3), 0.0, "^level must lie strictly between 0 and 1, got 0.0$"),
        (np.ones(3), 1.0, "^level must"),
        (np.ones(1), 0.1, r"^an interval needs at least two values in one dimension, got shape \(1,\)$"),
        (np.ones((2, 2)), 0.1, r"shape \(2, 2\)"),
        (np.array([1.0, math.nan]), 0.1, "^every value must be finite$"),
        (np.array([1.0, math.inf]), 0.1, "^every value must be finite$"),
    ],
)
def test_input_without_an_interval_is_refused(values: np.ndarray, level: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        student_interval(values, level)
