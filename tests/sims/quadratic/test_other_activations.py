from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics.sgd import adam
from lazy_assay.sims.mixtures import neural_tangent as mixture_neural_tangent
from lazy_assay.sims.numerics import activations
from lazy_assay.sims.quadratic import neural_tangent, other_activations

TRAINING: dict[str, Any] = {"batch": 50, "steps": 600, "step_size": 0.03, "samples": 4000, "trials": 12, "entropy": 1}
QUADRATIC: dict[str, Any] = {"d": 5, "N": 2, "B": np.linspace(0.5, 1.5, 5)}
MIXTURE = {"d": 5, "N": 2, "Sigma": np.ones(5), "Delta": np.full(5, 0.6)}


@pytest.mark.parametrize("activation", sorted(activations._VALUES))
def test_slopes_are_derivatives(activation: str) -> None:
    u = torch.linspace(-3, 3, 30, dtype=torch.float64, requires_grad=True)
    (derivative,) = torch.autograd.grad(activations.value(activation)(u).sum(), u)
    torch.testing.assert_close(activations.slope(activation)(u.detach()), derivative)


def test_gradients_are_those_of_the_mean_squared_errors() -> None:
    stream = Stream(2)
    x, y, W = stream.normal(2, 9, 4), stream.normal(2, 9), stream.normal(2, 3, 4)
    A, a, V = stream.normal(2, 3, 4), stream.normal(2, 3), stream.normal(2, 3, 4)
    parameters = tuple(p.requires_grad_() for p in (A, stream.normal(2), a, V, stream.normal(2)))
    tangent = c = torch.zeros(())
    A, c, a, V, c_full = parameters
    tangent = torch.einsum("tbn,tnk,tbk->tb", 1 / torch.cosh(x @ W.mT) ** 2, A, x) + c[:, None]
    full = torch.einsum("tn,tbn->tb", a, torch.tanh(x @ V.mT)) + c_full[:, None]
    loss = (y - tangent).square().mean(-1).sum() + (y - full).square().mean(-1).sum()
    expected = torch.autograd.grad(loss, parameters)
    sigma, slope = torch.tanh, activations.slope("tanh")
    found = other_activations._gradients(x, y, W, tuple(p.detach() for p in parameters), sigma, slope)
    torch.testing.assert_close(found, expected)


def test_adam_is_torch_s_own() -> None:
    p = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    ours: tuple[torch.Tensor, ...] = (p.detach().clone(),)
    memory = tuple(torch.zeros(2, dtype=torch.float64) for _ in range(2))
    optimiser = torch.optim.Adam([p], lr=0.1)
    for k in range(1, 6):
        p.grad = torch.cos(p.detach()) * k
        ours, memory = adam(ours, (torch.cos(ours[0]) * k,), memory, k, 0.1)
        optimiser.step()
    torch.testing.assert_close(ours[0], p.detach())


def test_the_trained_tangent_reaches_least_squares_for_the_quadratic_activation() -> None:
    for sizes, trained, exact in (
        (QUADRATIC, other_activations.trained_gap, neural_tangent.projection_risk),
        (MIXTURE, other_activations.mixture_trained_gap, mixture_neural_tangent.population_risk),
    ):
        tangent = trained(**sizes, **TRAINING, activation="quadratic", bias_scale=0.0)[:, 0].numpy()
        # Independent weights on both sides: the means are compared.
        best = exact(**sizes, trials=2000, entropy=5).numpy()
        error = np.hypot(tangent.std() / np.sqrt(len(tangent)), best.std() / np.sqrt(len(best)))
        assert abs(tangent.mean() - best.mean()) < 4 * error + 0.03


@pytest.mark.parametrize("activation", ["tanh", "erf"])
def test_odd_networks_without_biases_learn_nothing(activation: str) -> None:
    risks = other_activations.trained_gap(**QUADRATIC, **TRAINING, activation=activation, bias_scale=0.0)
    assert risks.mean(0).numpy() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("activation, bias_scale", [("relu", 0.0), ("tanh", 1.0), ("erf", 1.0)])
def test_full_training_does_better_than_the_tangent(activation: str, bias_scale: float) -> None:
    sizes: dict[str, Any] = {"d": 8, "N": 4, "B": np.array([4.0, 3.0, 1, 1, 1, 0.5, 0.5, 0.5])}
    risks = other_activations.trained_gap(**sizes, **TRAINING, activation=activation, bias_scale=bias_scale)
    gap = (risks[:, 0] - risks[:, 1]).numpy()
    assert gap.mean() > 4 * gap.std() / np.sqrt(len(gap))
