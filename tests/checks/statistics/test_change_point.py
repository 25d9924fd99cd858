from __future__ import annotations

import numpy as np
import pytest

from lazy_assay.checks.statistics.change_point import change_point
from lazy_assay.checks.statistics.nightly import Capital, Nights
from lazy_assay.checks.statistics.sequence import Array


def test_a_set_of_nights_covers_the_true_one_as_often_as_it_says() -> None:
    rng, level, covered, widths = np.random.default_rng(1), 0.2, [], []
    errors = rng.uniform(0.5, 2.0, size=24)
    for history in range(300):
        night = history % 24
        off = 1.5 * (np.arange(24) >= night)
        told = change_point(errors * rng.standard_normal(24) + off, errors, level, replicates=99)
        covered.append(night in told.nights)
        widths.append(len(told.nights))
    # Two standard deviations of a count of 300 above what the level allows.
    assert np.mean(covered) >= 1 - level - 2 * np.sqrt(level * (1 - level) / 300)
    assert np.mean(widths) < 14


def test_it_covers_on_the_night_on_which_the_bias_is_found() -> None:
    rng, level, change, rows = np.random.default_rng(2), 0.1, 15, 200
    offs = rng.standard_normal((rows, 60)) + 2.0 * (np.arange(60) >= change)
    stops = _found(offs)
    assert (stops > change).all()
    covered = [
        change in change_point(row[:stop], np.ones(stop), level, replicates=99).nights
        for row, stop in zip(offs, stops, strict=True)
    ]
    assert np.mean(covered) >= 1 - level - 2 * np.sqrt(level * (1 - level) / rows)


def _found(offs: Array) -> Array:
    """The number of nights after which the evidence first reaches a run-wide level of 1e-6; offs in standard errors."""
    capital, stops = Capital(), np.zeros(len(offs), dtype=int)
    for number, column in enumerate(offs.T):
        told = {"count": 1e4, "second": 1.0, "third": 0.0, "fourth": 3.0, "low": -np.inf, "high": np.inf}
        told |= {"predicted": 0.0, "bias": 0.0, "side": 0.0, "chance": np.nan}
        night = Nights(mean=column / 100, **{name: np.full(len(offs), value) for name, value in told.items()})
        if number:
            capital.add(np.arange(len(offs)), night)
            stops[(stops == 0) & (capital.log >= 21.7)] = number + 1
        else:
            capital.open(night)
    return stops


def test_a_sharp_change_is_told_to_the_night_and_a_constant_record_may_be_older_than_itself() -> None:
    steps = np.where(np.arange(20) >= 13, 10.0, 0.0)
    told = change_point(steps, np.ones(20), 0.1)
    assert (told.best, told.nights) == (13, (13,))
    assert 0 in change_point(np.zeros(20), np.ones(20), 0.1).nights


def test_the_answer_is_a_function_of_the_numbers_alone() -> None:
    values = np.random.default_rng(3).standard_normal(30)
    assert change_point(values, np.ones(30), 0.1) == change_point(values, np.ones(30), 0.1)
    assert change_point(7 * values + 3, np.full(30, 7.0), 0.1).nights == change_point(values, np.ones(30), 0.1).nights


@pytest.mark.parametrize(
    "values, errors, level, words",
    [
        ([1.0], [1.0], 0.1, "two nights"),
        ([1.0, 2.0], [1.0], 0.1, "two nights"),
        ([1.0, np.nan], [1.0, 1.0], 0.1, "finite"),
        ([1.0, 2.0], [1.0, 0.0], 0.1, "positive"),
        ([1.0, 2.0], [1.0, 1.0], 1.0, "level"),
    ],
)
def test_what_is_no_record_is_refused(values: list[float], errors: list[float], level: float, words: str) -> None:
    with pytest.raises(ValueError, match=words), np.errstate(divide="ignore"):
        change_point(np.array(values), np.array(errors), level)
