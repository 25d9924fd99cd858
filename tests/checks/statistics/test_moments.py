from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from lazy_assay.checks.statistics.moments import Moments, power_sums


def test_moments_of_two_sets_together_are_those_of_all_their_draws() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.exponential(size=300) + 5, rng.random(700)
    together, apart = Moments.of(np.append(one, other)), Moments.of(one)
    assert together is not None
    assert apart is not None
    pooled = apart.and_more(Moments.of(other))
    assert list(pooled.figures().values()) == pytest.approx(list(together.figures().values()), rel=1e-10)
    assert apart.and_more(None) is apart


def test_there_are_no_moments_without_draws() -> None:
    assert Moments.of(np.empty(0)) is None


def test_power_sums_about_any_point_are_those_of_the_draws() -> None:
    draws = np.random.default_rng(2).exponential(size=400)
    told = Moments.of(draws)
    assert told is not None
    sums = power_sums(**{name: np.array(value) for name, value in asdict(told).items()}, at=0.3)
    assert [float(total) for total in sums] == pytest.approx([((draws - 0.3) ** p).sum() for p in (1, 2, 3, 4)])
