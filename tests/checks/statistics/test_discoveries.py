from __future__ import annotations

import numpy as np
import pytest

from lazy_assay.checks.statistics.discoveries import discoveries, shares


def test_shares_never_add_up_to_more_than_one_however_many_stretches_arrive() -> None:
    assert shares(np.arange(2048)).sum() == pytest.approx(0.75)
    total = shares(np.arange(2**20)).sum()
    assert 0.98 < total < 1
    assert (np.diff(shares(np.arange(10_000))) <= 0).all()


def test_discoveries_are_those_of_e_bh_worked_out_by_hand() -> None:
    values, even = np.log([1000.0, 55.0, 45.0, 3.0]), np.full(4, 0.25)
    # At 0.1: 250 >= 10, then 13.75 >= 5, then 11.25 >= 10/3, then 0.75 < 10/4.
    assert discoveries(values, even, 0.1).tolist() == [True, True, True, False]
    # At 0.05 the first alone: 250 >= 20, 13.75 >= 10, 11.25 >= 6.7.
    assert discoveries(values, even, 0.05).tolist() == [True, True, True, False]
    assert discoveries(np.log([1000.0, 30.0, 3.0, 3.0]), even, 0.05).tolist() == [True, False, False, False]
    assert not discoveries(values, even, 1e-6).any()


def test_many_moderate_values_are_discoveries_where_one_is_none() -> None:
    even = np.full(100, 0.01)
    assert discoveries(np.log(np.full(100, 11.0)), even, 0.1).all()
    assert not discoveries(np.log(np.append(np.full(1, 11.0), np.ones(99))), even, 0.1).any()


def test_nothing_at_all_has_no_discoveries() -> None:
    assert discoveries(np.empty(0), np.empty(0), 0.1).tolist() == []


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0])
def test_a_level_is_a_probability(level: float) -> None:
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        discoveries(np.zeros(1), np.ones(1), level)


def test_the_share_of_false_discoveries_stays_below_its_level() -> None:
    rng, level, shared = np.random.default_rng(1), 0.2, np.full(40, 1 / 40)
    shares_of_false = []
    for _ in range(300):
        # e-values exp(c z - c^2/2), of mean 1 under the null; ten stretches are off by 4.
        z = rng.standard_normal(40) + 4 * (np.arange(40) < 10)
        told = discoveries(2 * z - 2, shared, level)
        shares_of_false.append(told[10:].sum() / max(told.sum(), 1))
    assert np.mean(shares_of_false) <= level
