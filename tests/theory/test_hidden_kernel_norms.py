from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaln

from lazy_assay.theory._mathematics.dual_activations import dual_of_slope
from lazy_assay.theory.daniely2019._hidden_kernel_norms import (
    coefficient,
    coefficients,
    eigenvalue,
    harmonics,
    moment,
    power_norm,
)


def legendre(k: int, d: int, t: float) -> float:
    """P_k of dimension d, by its recursion: P_k(1) = 1."""
    before, now = 1.0, t
    for n in range(1, k):
        before, now = now, ((2 * n + d - 2) * t * now - n * before) / (n + d - 2)
    return now if k else 1.0


def mean(f: Callable[..., Any], d: int) -> float:
    """E f(x₁) over the unit sphere."""
    scale = math.exp(gammaln(d / 2) - gammaln((d - 1) / 2)) / math.sqrt(math.pi)
    return float(
        scale * quad(lambda a: f(math.cos(a)) * math.sin(a) ** (d - 2), 0, math.pi, epsabs=1e-13, limit=200)[0]
    )


@pytest.mark.parametrize("c", [-0.9, -0.3, 0.0, 0.5, 0.8])
def test_the_power_series_is_the_closed_form(c: float) -> None:
    n, b = coefficients(2000)
    assert (b * c**n).sum() == pytest.approx(c * float(dual_of_slope("relu", c)), abs=1e-12)


def test_constants_and_odd_degrees_beyond_one_are_missing() -> None:
    assert [coefficient(n) > 0 for n in range(7)] == [False, True, True, False, True, False, True]


@pytest.mark.parametrize("d", [3, 5, 8])
@pytest.mark.parametrize("n, k", [(2, 0), (2, 2), (4, 2), (5, 3), (6, 6)])
def test_moments_are_integrals_of_powers_against_legendre_polynomials(n: int, k: int, d: int) -> None:
    assert float(moment(n, k, d)) == pytest.approx(mean(lambda t: t**n * legendre(k, d, t), d), rel=1e-9)


@pytest.mark.parametrize("d", [3, 6])
@pytest.mark.parametrize("k", [0, 1, 2, 4])
def test_eigenvalues_are_integrals_of_the_kernel(k: int, d: int) -> None:
    direct = mean(lambda t: t * float(dual_of_slope("relu", t)) * legendre(k, d, t), d)
    assert eigenvalue(k, d) == pytest.approx(direct, abs=1e-8)


@pytest.mark.parametrize("d", [3, 4, 7])
def test_eigenvalues_with_their_multiplicities_add_up_to_the_kernels_trace(d: int) -> None:
    total = sum(harmonics(k, d) * eigenvalue(k, d) for k in [0, 1, *range(2, 80, 2)])
    assert 0.97 * 0.5 < total < 0.5


@pytest.mark.parametrize("d", [3, 10, 40])
def test_a_linear_function_has_twice_its_length_for_a_norm_and_other_odd_powers_none(d: int) -> None:
    assert power_norm(1, d) == pytest.approx(2, rel=1e-9)
    assert power_norm(3, d) == math.inf


@pytest.mark.parametrize("n", [2, 4, 6])
def test_norms_of_powers_grow_with_the_dimension_and_stay_below_the_series_bound(n: int) -> None:
    norms = [power_norm(n, d) for d in (3, 6, 12, 50, 400)]
    assert norms == sorted(norms)
    assert norms[-1] < 1 / math.sqrt(coefficient(n))
    assert norms[-1] > 0.8 / math.sqrt(coefficient(n))


def test_the_constants_norm_is_the_root_of_two_pi_d() -> None:
    sizes = np.array([50, 100, 200])
    ratios = [power_norm(0, int(d)) / math.sqrt(2 * math.pi * d) for d in sizes]
    assert sizes * (1 - np.array(ratios)) == pytest.approx([sizes[-1] * (1 - ratios[-1])] * 3, rel=0.1)
