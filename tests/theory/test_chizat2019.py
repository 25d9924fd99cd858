from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory.chizat2019 import _networks as networks
from lazy_assay.theory.chizat2019._perturbation import Expansion
from lazy_assay.theory.chizat2019.theorem2_4 import C0

RNG = np.random.default_rng(1)
X, Y, W, U = (
    RNG.standard_normal((4, 3)) / 2,
    RNG.standard_normal(4),
    RNG.standard_normal((3, 6)),
    RNG.standard_normal(6),
)
TEST_VECTOR: dict[str, Any] = {
    "alpha": 16.0,
    "t": 0.5,
    "sigma_min": 2 * math.sqrt(2),
    "Dh_norm": 2 * math.sqrt(2),
    "Dh_lipschitz": 2.0,
    "initial_error": 1.5,
    "target_norm": 1.5,
    "initial_output_norm": 0.0,
    "convexity": 1.0,
    "smoothness": 1.0,
}


def test_the_bound_of_theorem_2_2_is_a_root_over_alpha() -> None:
    assert theory.claim("chizat2019.theorem2_2").predict(alpha=16.0, T=2.0, initial_loss=0.5) == pytest.approx(1 / 16)


@pytest.mark.parametrize("part", ["definition", "zero_output"])
def test_a_network_whose_neurons_all_sleep_has_no_relative_scale(part: str) -> None:
    claim = theory.claim("chizat2019.criterion")
    norms: dict[str, Any] = {"residual_norm": 1.0, "D2h_norm": 1.0, "initialisation": "centred", "alpha": 4.0}
    broken = claim.part(part).broken_assumptions({**norms, "Dh_norm": 0.0})
    assert [assumption.name for assumption in broken] == ["differential"]
    assert not claim.part(part).broken_assumptions({**norms, "Dh_norm": 1e-9})
    with pytest.raises(InvalidParameterError, match="Dh_norm"):
        claim.predict(part="definition", residual_norm=1.0, D2h_norm=1.0, Dh_norm=0.0)


def test_the_test_vector_has_the_constant_one_eighth() -> None:
    assert C0(2 * math.sqrt(2), 2 * math.sqrt(2), 2.0, 1.0, 1.0) == pytest.approx(1 / 8, rel=1e-14)
    found = theory.claim("chizat2019.theorem2_4").predict(**TEST_VECTOR)
    assert found == pytest.approx(1.5 * math.exp(-1), rel=1e-12)


@pytest.mark.parametrize(
    "changes, name",
    [
        ({"alpha": 11.9}, "large scale"),
        ({"alpha": 8.0, "target_norm": 1.0, "initial_error": 1.0}, "large scale"),
        ({"initial_output_norm": 0.126}, "small output"),
        ({"smoothness": 0.5}, "curvatures"),
        ({"sigma_min": 3.0}, "singular values"),
        ({"smoothness": 4.0}, "large scale"),
        ({"initial_error": 2.0}, "residual"),
        ({"initial_error": 1.4, "initial_output_norm": 0.001}, "residual"),
    ],
)
@pytest.mark.parametrize("part", ["envelope", "every_time"])
def test_theorem_2_4_refuses_where_its_hypothesis_fails(changes: dict[str, float], name: str, part: str) -> None:
    stated = theory.claim("chizat2019.theorem2_4").part(part)
    with pytest.raises(InvalidParameterError, match=f"these arguments break '{name}'"):
        stated.call("chizat2019.theorem2_4", "published formula", stated.published, TEST_VECTOR | changes)


@pytest.mark.parametrize("activation", networks.SMOOTH)
def test_derivatives_of_activations_are_those_of_their_values(activation: str) -> None:
    z, h = np.linspace(-2, 2, 9), 1e-5
    up, down = (networks.DERIVATIVES[activation](z + s) for s in (h, -h))
    for order in range(3):
        exact = networks.DERIVATIVES[activation](z)[order + 1]
        assert (up[order] - down[order]) / (2 * h) == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("initialisation", ["centred", "paired"])
def test_the_expansion_of_descent_is_descent_at_large_alpha(initialisation: str) -> None:
    expansion = Expansion(X, Y, W, U, "tanh", initialisation)
    r0, r1, r2, r3 = expansion.residual(expansion.descent(0.1, 15)[-1])
    state, offset = networks.start(X, W, U, "tanh", initialisation)
    left = []
    for alpha in (50.0, 100.0):
        y = networks.descended(X, Y, state, offset, "tanh", len(U), alpha, 0.1, 15)
        left.append(np.abs(y - Y - r0 - r1 / alpha - r2 / alpha**2 - r3 / alpha**3).max() * alpha**4)
    assert left[1] <= 1.2 * left[0]
    assert np.abs(r1).max() == pytest.approx(0.0, abs=1e-14) if initialisation == "paired" else np.abs(r1).max() > 1e-3


@pytest.mark.parametrize("activation", networks.SMOOTH)
def test_no_second_derivative_on_the_ball_is_above_its_bound(activation: str) -> None:
    norms = [
        networks.second_norm(X, (W + 0.3 * RNG.standard_normal(W.shape), U), activation, len(U)) for _ in range(10)
    ]
    assert max(norms) <= networks.lipschitz_of_derivative(X, U, activation, len(U), 0.0)


def test_a_bound_of_the_second_derivative_needs_a_smooth_activation() -> None:
    with pytest.raises(InvalidParameterError, match="must be smooth"):
        networks.lipschitz_of_derivative(X, U, "relu", len(U), 0.0)
