from __future__ import annotations

import numpy as np
import pytest

from lazy_assay.sims import Moments

DRAWS = np.random.default_rng(0).normal(3.0, 2.0, size=(40, 3))


@pytest.mark.parametrize("draws", [DRAWS[:, 0], DRAWS], ids=["one number a trial", "three numbers a trial"])
@pytest.mark.parametrize("cut", [1, 17, 39])
def test_merged_moments_are_those_of_the_concatenation(draws: np.ndarray, cut: int) -> None:
    merged = Moments.of(draws[:cut]).merge(Moments.of(draws[cut:]))
    whole = Moments.of(draws)
    assert (merged.n, merged.diverged) == (40, 0)
    for name in ("mean", "m2", "variance", "minimum", "maximum"):
        np.testing.assert_allclose(getattr(merged, name), getattr(whole, name), rtol=1e-13)


def test_moments_are_the_textbook_ones() -> None:
    moments = Moments.of(DRAWS[:, 0])
    assert moments.mean == pytest.approx(DRAWS[:, 0].mean())
    assert moments.variance == pytest.approx(DRAWS[:, 0].var(ddof=1))


def test_diverged_rows_are_counted_and_left_out() -> None:
    draws = DRAWS.copy()
    draws[3, 1], draws[5, 0] = np.nan, np.inf
    moments = Moments.of(draws)
    assert (moments.n, moments.diverged) == (38, 2)
    np.testing.assert_allclose(moments.mean, np.delete(DRAWS, [3, 5], axis=0).mean(axis=0))


@pytest.mark.parametrize("swapped", [False, True])
def test_merging_with_a_batch_that_diverged_wholly_changes_only_the_count(swapped: bool) -> None:
    lost, kept = Moments.of(np.full(4, np.nan)), Moments.of(DRAWS[:, 0])
    merged = kept.merge(lost) if swapped else lost.merge(kept)
    assert (merged.mean, merged.m2, merged.n, merged.diverged) == (kept.mean, kept.m2, 40, 4)


def test_one_draw_has_no_variance() -> None:
    assert np.isnan(Moments.of([1.0]).variance)
