import math

import pytest
from scipy.integrate import quad
from scipy.special import eval_gegenbauer

from lazy_assay import theory
from lazy_assay.theory.fang2021 import _harmonics


@pytest.mark.parametrize("d", [4, 5, 9])
@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4, 6])
def test_coefficients_are_those_of_quadrature(d: int, degree: int) -> None:
    index = (d - 2) / 2
    constant = math.gamma(d / 2) / (math.gamma((d - 1) / 2) * math.sqrt(math.pi))

    def integrand(t: float) -> float:
        legendre = eval_gegenbauer(degree, index, t) / eval_gegenbauer(degree, index, 1.0)
        return float(t * legendre * (1 - t * t) ** ((d - 3) / 2))

    mean = constant * quad(integrand, 0, 1)[0]
    assert _harmonics.coefficient(degree, d) == pytest.approx(math.sqrt(d) * mean, abs=1e-10)


@pytest.mark.parametrize("d", [2, 3, 8, 50])
def test_energies_add_up_to_the_whole(d: int) -> None:
    assert sum(_harmonics.energy(degree, d) for degree in _harmonics.DEGREES) == pytest.approx(0.5, abs=1e-5)


def test_energies_tend_to_those_of_hermite_polynomials() -> None:
    limits = {0: 1 / (2 * math.pi), 1: 0.25, 2: 1 / (4 * math.pi)}
    for degree, limit in limits.items():
        assert _harmonics.energy(degree, 10**6) == pytest.approx(limit, rel=1e-5)


@pytest.mark.parametrize("d", [2, 3, 8, 50])
def test_a_knapsack_of_all_harmonics_up_to_a_degree_holds_their_energies(d: int) -> None:
    full = sum(_harmonics.dimension(degree, d) for degree in (0, 1, 2))
    whole = sum(_harmonics.energy(degree, d) for degree in (0, 1, 2))
    assert _harmonics.explained(full, d) == pytest.approx(whole, rel=1e-12)
    # In the order of what one function explains, degree by degree.
    each = [_harmonics.coefficient(degree, d) ** 2 for degree in _harmonics.DEGREES]
    assert each == sorted(each, reverse=True)


def test_no_number_of_features_explains_more_than_there_is() -> None:
    assert _harmonics.explained(10**9, 3) == 0.5
    assert theory.claim("fang2021.single_neuron").predict(part="dimension", d=3, m=10**6, model="tangent") == 0
