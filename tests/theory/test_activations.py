from collections.abc import Callable
from math import exp, factorial, pi, sqrt
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.special import eval_hermitenorm

from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS, X

# quad itself is asked for 1e-11 and splits at the kink of relu and abs.
ACCURACY = 1e-10
CLOSED = ["relu", "erf", "abs", "sin", "hermite2_3", "quadratic"]
NUMERIC = ["tanh", "sigmoid", "softplus"]


def gaussian_mean(function: Callable[..., Any]) -> float:
    halves = [quad(lambda x: function(x) * exp(-x * x / 2), *ends, epsabs=1e-12, epsrel=1e-11, limit=200)[0]
              for ends in ((-30, 0), (0, 30))]  # fmt: skip
    return float(sum(halves) / sqrt(2 * pi))


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("k", range(7))
def test_the_exact_hermite_coefficients_are_the_integrals(name: str, k: int) -> None:
    expected = gaussian_mean(lambda x: float(ACTIVATIONS[name](x)) * eval_hermitenorm(k, x))
    assert float(ACTIVATIONS[name].hermite(k)) == pytest.approx(expected, abs=ACCURACY)
    assert ACTIVATIONS[name].coefficient(k) == pytest.approx(expected, abs=ACCURACY)


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize("k", range(7))
def test_the_numerical_hermite_coefficients_are_the_integrals(name: str, k: int) -> None:
    expected = gaussian_mean(lambda x: float(ACTIVATIONS[name](x)) * eval_hermitenorm(k, x))
    assert ACTIVATIONS[name].coefficient(k) == pytest.approx(expected, abs=ACCURACY)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("r", [0.3, 1.0, 1.7])
def test_the_coefficients_of_a_rescaled_activation_are_the_integrals(name: str, r: float) -> None:
    sigma = ACTIVATIONS[name]
    mu, energy = sigma.scaled_coefficients(np.array([r]), 4), sigma.scaled_energy(np.array([r]))
    level = gaussian_mean(lambda x: float(sigma(x)))
    for k in range(5):
        expected = gaussian_mean(lambda x, k=k: (float(sigma(r * x)) - level) * eval_hermitenorm(k, x))
        assert mu[k, 0] == pytest.approx(expected / sqrt(factorial(k)), abs=ACCURACY)
    assert energy[0] == pytest.approx(gaussian_mean(lambda x: (float(sigma(r * x)) - level) ** 2), abs=ACCURACY)


@pytest.mark.parametrize("name", [*NUMERIC, "erf", "sin", "hermite2_3", "quadratic"])
def test_the_squared_coefficients_of_a_smooth_activation_sum_to_its_energy(name: str) -> None:
    r = np.array([0.5, 1.0])
    mu = ACTIVATIONS[name].scaled_coefficients(r, 60)
    np.testing.assert_allclose((mu**2).sum(axis=0), ACTIVATIONS[name].scaled_energy(r), rtol=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_expression_and_the_values_are_the_same_function(name: str) -> None:
    x = np.linspace(-3, 3, 13)
    expected = [float(ACTIVATIONS[name].expression.subs(X, sp.Rational(point).limit_denominator(100))) for point in x]
    np.testing.assert_allclose(ACTIVATIONS[name](x), expected, atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_odd_after_centring_exactly_if_it_says_so(name: str) -> None:
    sigma, x = ACTIVATIONS[name], np.linspace(0.1, 4, 9)
    level = sigma.coefficient(0)
    assert sigma.odd == np.allclose(sigma(-x) - level, level - sigma(x))


@pytest.mark.parametrize("name", CLOSED)
def test_the_exact_second_moment_is_the_numerical_one(name: str) -> None:
    assert float(ACTIVATIONS[name].second_moment) == pytest.approx(ACTIVATIONS[name].variance, rel=1e-14)


@pytest.mark.parametrize("name, k", [("tanh", 1), ("sigmoid", 3), ("softplus", 0)])
def test_a_coefficient_without_closed_form_is_refused_by_name(name: str, k: int) -> None:
    with pytest.raises(ValueError, match=f"{name} has no closed form"):
        ACTIVATIONS[name].hermite(k)


@pytest.mark.parametrize("name", NUMERIC)
def test_a_second_moment_without_closed_form_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no closed form"):
        _ = ACTIVATIONS[name].second_moment


def test_what_parity_alone_decides_is_exact_without_a_closed_form() -> None:
    assert ACTIVATIONS["sigmoid"].hermite(0) == sp.Rational(1, 2)
    assert ACTIVATIONS["softplus"].hermite(1) == sp.Rational(1, 2)
    assert ACTIVATIONS["tanh"].hermite(2) == 0
