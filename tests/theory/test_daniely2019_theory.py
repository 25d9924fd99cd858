from typing import Any

import numpy as np
import pytest
from scipy.integrate import trapezoid

from lazy_assay.theory import claim
from lazy_assay.theory._mathematics import dual_activations as duals
from lazy_assay.theory.daniely2019 import _approximation as approximation
from lazy_assay.theory.daniely2019._kernel_space import Embedding, KernelFunction, Scheme, inner_product
from lazy_assay.theory.daniely2019._largest_eigenvalue import mean_of_square
from lazy_assay.theory.daniely2019._third_moment import third_moment
from lazy_assay.theory.daniely2019.bounded_distributions import edge
from lazy_assay.theory.daniely2019.corollary3 import bound_at
from lazy_assay.theory.daniely2019.theorem4 import isotropic_mean

RNG = np.random.default_rng(5)


def sphere(n: int, d: int) -> np.ndarray:
    points = RNG.standard_normal((n, d))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


Z, X, COEFFICIENTS = sphere(3, 4), sphere(5, 4), np.array([0.7, -1.1, 0.4])
OMEGA = np.random.default_rng(6).standard_normal((40_000, 4))


def test_the_least_r_of_points_is_one_at_least_and_root_d_at_most() -> None:
    points = [sphere(n, d) for n, d in ((1, 3), (7, 2), (40, 5))] + [np.concatenate([np.eye(4), -np.eye(4)])]
    assert all(1 <= approximation.boundedness(each) <= np.sqrt(each.shape[1]) * (1 + 1e-12) for each in points)
    assert approximation.boundedness(points[0]) == pytest.approx(np.sqrt(3))
    assert approximation.boundedness(points[-1]) == pytest.approx(1)


@pytest.mark.parametrize("activation", ["abs", "steep_abs"])
def test_two_centres_beside_an_input_come_as_near_the_bound_of_corollary_3_as_they_come_to_it(activation: str) -> None:
    # cos²θ·4θ/π over 1 − cos 2θ(1 − 4θ/π), with signs of their own and the input between them.
    for degrees in (20.0, 4.0, 0.5):
        theta = np.deg2rad(degrees) / 2
        centres = np.array([[np.cos(theta), np.sin(theta), 0], [np.cos(theta), -np.sin(theta), 0]])
        of = (centres, np.array([1.0, -1.0]), 1, activation, np.array([[1.0, 0, 0]]))
        share = np.cos(theta) ** 2 * (4 * theta / np.pi) / (1 - np.cos(2 * theta) * (1 - 4 * theta / np.pi))
        # An arcsine near 1 has the root of what is rounded.
        assert approximation.exact_mean(*of) / bound_at(*of) == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize("name", duals.KNOWN)
def test_the_third_moment_is_the_mean_over_gaussians(name: str) -> None:
    slope = duals.KNOWN[name].slope
    u, v, w = (slope(OMEGA @ each) for each in (Z[0], Z[1], X[0]))
    draws = u * v * w**2
    value, error = third_moment(name, Z[0] @ X[0], Z[1] @ X[0], Z[0] @ Z[1])
    assert abs(float(value) - draws.mean()) <= 5 * draws.std() / np.sqrt(len(draws)) + error


@pytest.mark.parametrize("name", duals.KNOWN)
@pytest.mark.parametrize("signs", [(1, 1, 1), (1, -1, -1), (-1, 1, -1)])
def test_the_third_moment_of_one_direction_is_a_one_dimensional_moment(name: str, signs: tuple[int, ...]) -> None:
    a, b, c = signs
    x = np.linspace(-12, 12, 48_002)
    slope = duals.KNOWN[name].slope
    expected = trapezoid(slope(a * x) * slope(b * x) * slope(x) ** 2 * np.exp(-x * x / 2), x) / np.sqrt(2 * np.pi)
    value, error = third_moment(name, np.array(a), np.array(b), np.array(c))
    # The kinks' midpoint is missed by half a step.
    assert (
        abs(float(value) - expected)
        <= error + 3e-4 * (name in ("relu", "abs", *duals.SCALED)) * duals.largest_slope(name) ** 4 + 1e-9
    )


@pytest.mark.parametrize("name", ["tanh", "softplus"])
def test_where_the_third_moment_has_no_closed_form_its_error_is_stated(name: str) -> None:
    _, error = third_moment(name, np.array([0.3, -0.8]), np.array([0.5, 0.1]), np.array([0.2, 0.4]))
    assert 0 < error < 1e-5


@pytest.mark.parametrize("name", ["relu", "erf", "tanh"])
def test_the_exact_mean_is_the_variance_of_one_feature_s_function_over_q(name: str) -> None:
    scheme = Scheme(name)
    function = np.einsum("j,jod->od", COEFFICIENTS, scheme.feature(OMEGA, Z))
    draws = np.einsum("od,pod->op", function, scheme.feature(OMEGA, X))
    expected = draws.var(axis=0).mean() / 3
    found = approximation.exact_mean(Z, COEFFICIENTS, 3, name, X)
    assert found == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("name, points", [("abs", np.eye(4)), ("relu", np.concatenate([np.eye(4), -np.eye(4)]))])
def test_isotropic_inputs_give_the_norms_of_the_identity(name: str, points: np.ndarray) -> None:
    general = approximation.exact_mean(Z, COEFFICIENTS, 2, name, points)
    assert isotropic_mean(Z, COEFFICIENTS, 2, name, points) == pytest.approx(general, rel=1e-12)


@pytest.mark.parametrize("name", ["abs", "relu", "sin", "softplus"])
def test_the_bound_is_above_the_exact_mean(name: str) -> None:
    bound = claim("daniely2019.theorem4").part("bound")
    values: dict[str, Any] = {"centres": Z, "coefficients": COEFFICIENTS, "q": 4, "activation": name, "points": X}
    assert bound.finite is not None
    assert approximation.exact_mean(**values) < bound.finite(**values)


def test_an_embedding_s_kernel_is_the_product_of_its_vectors() -> None:
    embedding = Embedding(Scheme("softplus"), OMEGA[:7])
    np.testing.assert_allclose(embedding.kernel(X, Z), embedding(X) @ embedding(Z).T, atol=1e-14)
    assert np.linalg.norm(embedding(X), axis=1).max() <= embedding.scheme.bound


def test_a_function_s_norm_is_the_product_with_itself_in_the_space_of_its_centres() -> None:
    f = KernelFunction(Scheme("relu"), Z, COEFFICIENTS)
    gram = f.scheme.kernel(Z, Z)
    assert inner_product(gram, f(Z), f(Z)) == pytest.approx(f.squared_norm, rel=1e-10)


def test_a_function_outside_the_space_has_no_finite_norm() -> None:
    gram = np.ones((2, 2))
    assert inner_product(gram, np.array([1.0, -1.0]), np.array([1.0, -1.0])) == np.inf
    assert inner_product(gram, np.array([2.0, 2.0]), np.array([1.0, 1.0])) == pytest.approx(2.0)


def test_a_distribution_is_as_bounded_as_its_second_moment_is_flat() -> None:
    assert approximation.boundedness(np.eye(5)) == pytest.approx(1.0)
    assert approximation.boundedness(np.eye(5)[:1]) == pytest.approx(np.sqrt(5))


def test_the_mean_of_the_square_tends_to_the_edge() -> None:
    gaps = [edge(2.0) - mean_of_square(d, 2 * d) for d in (10**3, 10**4, 10**5)]
    assert gaps[0] > gaps[1] > gaps[2] > 0
    assert gaps[1] / gaps[2] == pytest.approx(10 ** (2 / 3), rel=0.1)


def test_the_kernel_without_output_part_is_the_limit_of_a_large_initialisation() -> None:
    ntk = claim("daniely2019.ntk")
    large = ntk.predict(correlation=0.4, activation="erf", B=1e8)
    assert ntk.predict(correlation=0.4, activation="erf", B=np.inf) == pytest.approx(large, rel=1e-12)
