import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.theory._mathematics.dual_activations import ACTIVATIONS
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory.kearns2023 import _large_variance, eq5_11, eq13

RNG = np.random.default_rng(8)
X = RNG.standard_normal((4, 3))
X /= np.linalg.norm(X, axis=1, keepdims=True)
GIVEN: dict[str, Any] = {
    "theta": RNG.standard_normal((9, 3)),
    "u": RNG.standard_normal(9),
    "alpha": 3.0,
    "points": X,
    "labels": RNG.standard_normal(4),
    "activation": "tanh",
}
KERNEL = theory.claim("kearns2023.eq13")


def part(name: str) -> Callable[..., float]:
    published = KERNEL.part(name).published
    assert published
    return published


def test_the_flow_starts_at_the_first_outputs_and_ends_at_kernel_regression() -> None:
    start = Start(centres=X[:2], **GIVEN)
    assert part("flow")(**GIVEN, centres=X[:2], time=1e-13) == pytest.approx(start.offset(X[:2]).sum(), abs=1e-10)
    ended = part("regression")(**GIVEN, centres=X[:2])
    assert part("flow")(**GIVEN, centres=X[:2], time=1e6) == pytest.approx(ended, rel=1e-9)


def test_kernel_regression_meets_the_labels_at_the_training_points() -> None:
    assert part("regression")(**GIVEN, centres=X) == pytest.approx(GIVEN["labels"].sum(), rel=1e-9)


def test_a_direction_without_a_kernel_moves_with_time_alone() -> None:
    assert np.allclose(eq13.propagated(np.diag([0.0, 2.0]), 3.0), np.diag([3.0, -math.expm1(-6.0) / 2]), rtol=1e-14)


@pytest.mark.parametrize("correlation, expected", [(1.0, 3.0), (0.0, 1 / 4 - 1 / (4 * math.pi**2)), (-1.0, 0.0)])
def test_the_spread_of_a_relu_kernel_at_named_correlations(correlation: float, expected: float) -> None:
    assert part("random")(correlation=correlation, activation="relu", m=1) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "erf", "sin", "softplus", "sigmoid"])
def test_the_spread_of_a_kernel_is_the_variance_of_one_neuron(activation: str) -> None:
    # Gauss–Hermite in the two pre-activations, with E u² = 1 and E u⁴ = 3 by hand.
    c, sigma = 0.6, ACTIVATIONS[activation]
    x, weights = np.polynomial.hermite_e.hermegauss(140)
    weights = np.outer(weights, weights) / (2 * math.pi)
    y, z = x[:, None] + 0 * x, c * x[:, None] + 0.8 * x
    values, slopes = sigma.value(y) * sigma.value(z), c * sigma.slope(y) * sigma.slope(z)
    square = (weights * (values**2 + 2 * values * slopes + 3 * slopes**2)).sum()
    expected = square - (weights * (values + slopes)).sum() ** 2
    assert part("random")(correlation=c, activation=activation, m=1) == pytest.approx(expected, rel=1e-7)


def test_relus_own_form_of_the_spread_holds_for_relu_alone() -> None:
    random = theory.claim("kearns2023.eq13").part("random")
    (own,) = [decoy.published for decoy in random.decoys if decoy.name == "relu's"]
    off = {name: own(0.6, name, 1) - part("random")(0.6, name, 1) for name in ACTIVATIONS}
    assert [name for name, gap in off.items() if abs(gap) < 1e-12] == ["relu"]


@pytest.mark.parametrize("step_size", [1e-2, 1e-3, 1e-4])
def test_remainders_bound_what_a_step_adds_to_its_first_order(step_size: float) -> None:
    W, labels = RNG.standard_normal((3, 4)), RNG.standard_normal(4)
    moved = W - step_size * eq5_11._gradient(W, X, labels).T
    fall = step_size * eq5_11.gradient_norm(W, X, labels) ** 2
    of_loss, of_derivative = eq5_11.remainders(W, X, labels, step_size)
    assert 0 < abs(eq5_11.loss(moved, X, labels) - eq5_11.loss(W, X, labels) + fall) <= of_loss
    change = np.linalg.norm(eq5_11._jacobian(moved, X) - eq5_11._jacobian(W, X))
    assert 0 < abs(change - step_size * eq5_11.turn(W, X, labels)) <= of_derivative


@pytest.mark.parametrize("activation, alike", [("relu", True), ("abs", True), ("tanh", False), ("softplus", False)])
def test_larger_weights_are_a_larger_scale_for_homogeneous_activations_alone(activation: str, alike: bool) -> None:
    given = (X, GIVEN["labels"], activation)
    *_, scaled = _large_variance.path(GIVEN["theta"], GIVEN["u"], 3.0, *given, 0.1, 3)
    *_, larger = _large_variance.path(math.sqrt(3) * GIVEN["theta"], math.sqrt(3) * GIVEN["u"], 1.0, *given, 0.3, 3)
    gap = _large_variance.network(*scaled, 3.0, X, activation) - _large_variance.network(*larger, 1.0, X, activation)
    assert (np.abs(gap).max() < 1e-13) == alike


def test_random_labels_of_the_papers_points_are_hardly_ever_separable() -> None:
    from math import comb

    chance = sum(comb(99, k) for k in range(10)) / 2**99
    assert chance == pytest.approx(3e-18, rel=0.02)
