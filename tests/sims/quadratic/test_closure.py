from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.numerics.activations import value
from lazy_assay.sims.quadratic import closure

SIZES: dict[str, Any] = {"d": 6, "N": 3, "samples": 200, "trials": 8}
SMOOTH = ["quadratic", "tanh", "erf", "softplus", "sin"]


def slopes(errors: torch.Tensor, epsilons: np.ndarray) -> np.ndarray:
    return np.asarray(np.diff(np.log(errors.mean(0).numpy())) / np.diff(np.log(epsilons)))


@pytest.mark.parametrize("activation", SMOOTH)
def test_difference_quotients_approach_the_tangent_at_first_order(activation: str) -> None:
    epsilons = np.array([1e-4, 1e-3, 1e-2])
    errors = closure.tangent_closure_error(**SIZES, activation=activation, epsilons=epsilons, entropy=0)
    np.testing.assert_allclose(slopes(errors, epsilons), 1, atol=0.01)


@pytest.mark.parametrize("activation", SMOOTH)
def test_linearisation_errs_at_second_order(activation: str) -> None:
    epsilons = np.array([1e-4, 1e-3, 1e-2])
    errors = closure.linearisation_error(**SIZES, activation=activation, epsilons=epsilons, entropy=0)
    np.testing.assert_allclose(slopes(errors, epsilons), 2, atol=0.02)


def test_the_closure_error_of_a_quadratic_network_is_its_second_order_term() -> None:
    stream = Stream(1)
    x, W, A = stream.normal(2, 50, 4), stream.normal(2, 3, 4), stream.normal(2, 3, 4)
    found = closure._closure_kernel(x, W, A, torch.tensor([0.5, 0.25], dtype=torch.float64), value("quadratic"))
    second = (x @ A.mT).square().sum(-1).square().mean(-1).sqrt()
    torch.testing.assert_close(found, torch.stack([second / 2, second / 4], dim=-1))


def test_the_linearisation_error_is_the_one_written_out() -> None:
    stream = Stream(2)
    x, u, W = stream.normal(1, 40, 4), stream.normal(1, 3), stream.normal(1, 3, 4)
    du, dW, e = stream.normal(1, 3), stream.normal(1, 3, 4), 0.1
    found = closure._linearisation_kernel(x, u, W, du, dW, torch.tensor([e], dtype=torch.float64), torch.tanh)
    X, a, V, da, dV = (t[0].numpy() for t in (x, u, W, du, dW))
    exact = (np.tanh(X @ (V + e * dV).T) @ (a + e * da) - np.tanh(X @ V.T) @ a) / np.sqrt(3)
    linear = (np.tanh(X @ V.T) @ da + (X @ dV.T / np.cosh(X @ V.T) ** 2) @ a) / np.sqrt(3)
    assert found.item() == pytest.approx(np.sqrt(np.mean((exact - e * linear) ** 2)))


@pytest.mark.parametrize("epsilons", [[], [0.1, -0.1], [[0.1]]])
def test_epsilons_are_a_list_of_positive_numbers(epsilons: list[float | list[float]]) -> None:
    with pytest.raises(ValueError, match="1-d array of positive numbers"):
        closure.linearisation_error(**SIZES, activation="tanh", epsilons=epsilons, entropy=0)
