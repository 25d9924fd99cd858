from __future__ import annotations

import numpy as np
import pytest

from lazy_assay.checks.daniely2019._separability import _feasible, least_separating_widths, separable

RNG = np.random.default_rng(0)


def test_rows_in_a_half_space_are_separable_and_rows_with_their_negatives_are_not() -> None:
    rows = RNG.standard_normal((30, 5))
    inside = rows * np.sign(rows @ np.ones(5))[:, None]
    assert _feasible(inside)
    assert not _feasible(np.vstack([inside, -inside[:1]]))


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_length_of_rows_does_not_matter(scale: float) -> None:
    rows = RNG.standard_normal((12, 4))
    inside = rows * np.sign(rows @ np.ones(4))[:, None]
    assert _feasible(inside * np.geomspace(1, scale, 12)[:, None])


def test_a_row_of_zeros_is_separable_from_nothing() -> None:
    assert not _feasible(np.vstack([np.zeros(3), np.ones(3)]))


def test_as_many_features_as_points_always_separate() -> None:
    assert separable(d=4, m=12, q=3, activation="tanh", trials=10, entropy=0).all()


def test_few_features_never_separate_many_points() -> None:
    assert not separable(d=2, m=60, q=2, activation="tanh", trials=10, entropy=0).any()


def test_the_least_width_lies_between_nothing_and_one_feature_a_point() -> None:
    found = least_separating_widths(d=4, points=np.array([8, 16]), activation="erf", trials=5, entropy=3)
    assert found.shape == (5, 2)
    assert (found >= 1).all()
    assert (found <= np.ceil(np.array([8, 16]) / 4)).all()
