"""The finite-size mean of R² against plain numpy, from the smallest sizes on."""

import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.theory.daniely2019._largest_eigenvalue import allowance, is_exact, mean_of_square

CLAIM = theory.claim("daniely2019.bounded_distributions")
SIZES = [(d, m) for d in (1, 2, 3, 4, 6, 9, 13) for m in (1, 2, 3, 4, 5, 8, 13)]
DRAWS = 20_000
# Sum of the normal tails at this many standard errors over all the cells: 3e-5.
STANDARD_ERRORS = 5.0


def squares(d: int, m: int) -> np.ndarray:
    """R² of m points of the sphere, drawn by numpy alone."""
    x = np.random.default_rng([d, m, 4711]).standard_normal((DRAWS, m, d))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    gram = x @ x.mT if m < d else x.mT @ x
    return np.linalg.eigvalsh(gram)[:, -1] * d / m


@pytest.mark.parametrize("d, m", SIZES)
def test_the_mean_is_right_within_its_allowance_from_the_smallest_sizes_on(d: int, m: int) -> None:
    drawn = squares(d, m)
    error = STANDARD_ERRORS * drawn.std() / np.sqrt(DRAWS) + 64 * np.finfo(float).eps * d
    assert abs(CLAIM.predict_finite(d=d, m=m) - drawn.mean()) <= allowance(d, m) + error


def test_at_two_points_in_the_plane_the_mean_is_the_issues() -> None:
    assert CLAIM.predict_finite(d=2, m=2) == pytest.approx(1 + 2 / np.pi, abs=1e-12)
    assert CLAIM.predict_finite(d=10, m=3) == pytest.approx(5.07, abs=0.01)


@pytest.mark.parametrize("d", [1, 2, 3, 5, 50, 10**4, 10**9])
@pytest.mark.parametrize("m", [1, 2, 3, 4, 7, 60, 10**4, 10**9])
def test_no_mean_leaves_the_range_of_what_it_is_the_mean_of(d: int, m: int) -> None:
    predicted = CLAIM.predict_finite(d=d, m=m)
    assert max(1.0, d / m) * (1 - 1e-9) <= predicted <= d * (1 + 1e-9)


def test_the_quadratures_meet_the_closed_forms_where_both_know_the_law() -> None:
    from lazy_assay.theory.daniely2019._largest_eigenvalue import _mean_walk

    assert _mean_walk(2, 64) == pytest.approx(4 / np.pi, rel=1e-4)
    # Far out the walk is Gaussian: E|S| = √(πm)/2.
    assert mean_of_square(2, 10**6) == pytest.approx(1 + np.sqrt(np.pi / 10**6) / 2, rel=1e-9)


def test_more_points_are_less_concentrated_across_the_border_of_the_exact_sizes() -> None:
    for d in (3, 5, 20, 200):
        steps = [mean_of_square(d, m) for m in (3, 4, 5)]
        assert steps[0] > steps[1] > steps[2]
        assert is_exact(d, 3)
        assert not is_exact(d, 4)


def test_sizes_beyond_the_quadratures_are_refused_with_the_largest_size() -> None:
    with pytest.raises(theory.InvalidParameterError, match="1000000000000"):
        CLAIM.predict_finite(d=10**13, m=2)
