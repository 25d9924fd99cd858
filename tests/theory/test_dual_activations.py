from collections.abc import Callable
from itertools import pairwise
from math import pi
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.special import ndtr

from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._mathematics import dual_activations as duals

HOMOGENEOUS = ("relu", "abs", *duals.SCALED)
CLOSED = [(name, moment) for name, sigma in duals.KNOWN.items() for moment in sigma.forms]
NUMERIC = [(name, moment) for name in duals.ACTIVATIONS for moment in duals.MOMENTS if (name, moment) not in CLOSED]
SMOOTH = [(name, moment) for name, moment in CLOSED if name not in HOMOGENEOUS]
KINKED = [(name, moment) for name, moment in CLOSED if name in HOMOGENEOUS]
POINTS = np.linspace(-1, 1, 50)


def moment_of(name: str, moment: str) -> Callable[..., np.ndarray]:
    function: Callable[..., np.ndarray] = getattr(duals, moment)
    return function


def averaged(name: str, moment: str) -> tuple[Callable[..., Any], int]:
    sigma = duals.KNOWN[name]

    def product(u: np.ndarray) -> np.ndarray:
        return np.asarray(sigma.value(u) * sigma.slope(u))

    functions = {"dual_of_product": product, "dual_of_slope": sigma.slope, "second_moment_of_slope": sigma.slope}
    return functions.get(moment, sigma.value), 2 if moment.startswith("second") else 1


def gauss_hermite(name: str, moment: str, c: float, nodes: int = 160) -> float:
    x, weights = np.polynomial.hermite_e.hermegauss(nodes)
    weights = weights / np.sqrt(2 * pi)
    u, v = x[:, None], c * x[:, None] + np.sqrt(1 - c * c) * x
    function, power = averaged(name, moment)
    return float(weights @ ((function(u) * function(v)) ** power) @ weights)


def polar(name: str, moment: str, c: float) -> float:
    """Positively homogeneous: E over the radius in closed form, the angle by adaptive quadrature between the kinks."""
    (function, power), angle = averaged(name, moment), np.arccos(c)
    degree = 0 if moment.endswith("slope") else 2 * power
    radius = {0: 1, 2: 2, 4: 8}[degree]

    def around(t: float) -> float:
        u, v = np.array(np.cos(t)), np.array(np.cos(t - angle))
        return float((function(u) * function(v)) ** power)

    kinks = sorted({(k + shift) % (2 * pi) for k in (pi / 2, 3 * pi / 2) for shift in (0, angle)} | {0, 2 * pi})
    pieces = [quad(around, *ends, epsabs=1e-13)[0] for ends in pairwise(kinks)]
    return float(radius * sum(pieces) / (2 * pi))


@pytest.mark.parametrize("name, moment", SMOOTH)
def test_a_closed_form_of_a_smooth_activation_is_the_gauss_hermite_sum_at_fifty_points(name: str, moment: str) -> None:
    expected = [gauss_hermite(name, moment, c) for c in POINTS]
    np.testing.assert_allclose(moment_of(name, moment)(name, POINTS), expected, atol=1e-12)


@pytest.mark.parametrize("name, moment", KINKED)
def test_a_closed_form_of_a_kinked_activation_is_the_integral_over_the_angle_at_fifty_points(
    name: str, moment: str
) -> None:
    expected = [polar(name, moment, c) for c in POINTS]
    np.testing.assert_allclose(moment_of(name, moment)(name, POINTS), expected, atol=1e-12)


@pytest.mark.parametrize("name, moment", NUMERIC)
def test_the_trapezoid_rule_is_the_gauss_hermite_sum(name: str, moment: str) -> None:
    # Gauss–Hermite converges slowly here: its own change from 160 to 320 nodes says how well it is known.
    for c in (-1.0, -0.6, 0.0, 0.35, 1.0):
        coarse, fine = (gauss_hermite(name, moment, c, nodes) for nodes in (120, 240))
        allowed = 4 * abs(coarse - fine) + 2 * duals.quadrature_error(name, moment)
        assert abs(moment_of(name, moment)(name, c) - fine) <= allowed


@pytest.mark.parametrize("name, moment", NUMERIC)
def test_the_stated_quadrature_error_is_rounding(name: str, moment: str) -> None:
    assert 0 < duals.quadrature_error(name, moment) < 1e-13


@pytest.mark.parametrize("name, moment", CLOSED)
def test_the_sympy_form_is_the_function(name: str, moment: str) -> None:
    form = duals.closed_form(name, moment)
    exact = [float(form.subs(duals.correlation, sp.Rational(k, 7)).evalf(30)) for k in range(-7, 8)]
    np.testing.assert_allclose(moment_of(name, moment)(name, np.arange(-7, 8) / 7), exact, atol=1e-14)


@pytest.mark.parametrize("name", duals.ACTIVATIONS)
@pytest.mark.parametrize("moment", duals.MOMENTS)
def test_a_moment_at_the_ends_is_a_one_dimensional_mean(name: str, moment: str) -> None:
    function, power = averaged(name, moment)

    def mean(sign: int) -> float:
        def at(x: float) -> float:
            u = np.array(x)
            return float(float((function(u) * function(sign * u)) ** power) * np.exp(-x * x / 2) / np.sqrt(2 * pi))

        return float(quad(at, -30, 0, epsabs=1e-13, limit=200)[0] + quad(at, 0, 30, epsabs=1e-13, limit=200)[0])

    np.testing.assert_allclose(moment_of(name, moment)(name, [-1.0, 1.0]), [mean(-1), mean(1)], atol=1e-11)


@pytest.mark.parametrize("name", duals.ACTIVATIONS)
def test_the_dual_of_the_slope_is_the_derivative_of_the_dual(name: str) -> None:
    c, step = np.linspace(-0.9, 0.9, 7), 1e-4
    slope = (duals.dual(name, c + step) - duals.dual(name, c - step)) / (2 * step)
    np.testing.assert_allclose(duals.dual_of_slope(name, c), slope, atol=1e-7)


@pytest.mark.parametrize("name", duals.ACTIVATIONS)
def test_the_dual_of_the_product_is_a_quarter_of_the_squares_slopes_dual(name: str) -> None:
    # (σ²)' = 2σσ', so that the derivative of the dual of σ² in c is four times the dual of σσ'.
    c, step = np.linspace(-0.9, 0.9, 7), 1e-4
    slope = (duals.second_moment(name, c + step) - duals.second_moment(name, c - step)) / (2 * step)
    np.testing.assert_allclose(duals.dual_of_product(name, c), slope / 4, atol=1e-6)


@pytest.mark.parametrize("name", duals.ACTIVATIONS)
def test_the_largest_slope_is_the_supremum_of_the_slopes(name: str) -> None:
    found = np.abs(duals.ACTIVATIONS[name].slope(np.linspace(-40, 40, 80_001))).max()
    assert found == pytest.approx(duals.largest_slope(name), rel=1e-9)


def test_the_shape_of_the_correlations_is_kept() -> None:
    for name, shape in (("relu", ()), ("abs", (2,)), ("tanh", (2, 3)), ("erf", (0,))):
        assert duals.second_moment(name, np.zeros(shape)).shape == shape


def test_rounding_beyond_one_is_forgiven_and_more_is_not() -> None:
    assert duals.dual_of_slope("relu", 1 + 4e-16) == 0.5
    for wrong in (1.001, np.nan, [-2.0]):
        with pytest.raises(InvalidParameterError, match=r"\[−1, 1\]"):
            duals.dual("relu", wrong)


def test_an_unknown_activation_and_a_missing_closed_form_are_named() -> None:
    with pytest.raises(InvalidParameterError, match=r"swish.*there are relu"):
        duals.dual("swish", 0.0)
    with pytest.raises(ValueError, match="dual of tanh has no closed form"):
        duals.closed_form("tanh", "dual")


def test_the_bound_on_the_tail_is_above_the_tail() -> None:
    # P(|x| > L) E(1 + L)⁴ alone is less than the bound.
    reach = duals.REACH
    assert duals._tail() > 2 * 2 * ndtr(-reach) * (1 + reach) ** 4
