from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics.sgd import linear_step, steps_of
from lazy_assay.sims.mixtures import network as mixture_network
from lazy_assay.sims.mixtures import random_features as mixture_random_features
from lazy_assay.sims.quadratic import network, neural_tangent, random_features

B = np.array([0.2, 0.4, 0.6, 0.8, 1.0])
SGD = {"d": 5, "N": 2, "batch": 10, "step_size": 0.01, "trials": 4, "entropy": 6}
RANDOM = {"Gamma": np.ones(5) / 5, "activation": "relu"}
CLASSES = {"Sigma": np.ones(5), "Delta": B / 2}


@pytest.mark.parametrize(
    "path, end, sizes",
    [
        (random_features.sgd_trajectory, random_features.sgd_risk, {"B": B, **RANDOM}),
        (neural_tangent.sgd_trajectory, neural_tangent.sgd_risk, {"B": B}),
        (
            network.minibatch_sgd_trajectory,
            network.minibatch_sgd_risk,
            {"B": B, "initial_scale": 0.5},
        ),
        (mixture_random_features.sgd_trajectory, mixture_random_features.sgd_risk, {**CLASSES, **RANDOM}),
        (mixture_network.sgd_trajectory, mixture_network.sgd_risk, {**CLASSES, "initial_scale": 0.1}),
    ],
)
def test_a_trajectory_passes_through_the_shorter_runs(
    path: Callable[..., torch.Tensor], end: Callable[..., torch.Tensor], sizes: dict[str, Any]
) -> None:
    whole = path(**SGD, **sizes, checkpoints=[0, 3, 3, 8])
    assert whole.shape == (4, 4)
    for column, steps in enumerate((0, 3, 3, 8)):
        assert torch.equal(whole[:, column], end(**SGD, **sizes, steps=steps))


@pytest.mark.parametrize("module, extra", [(random_features, RANDOM), (neural_tangent, {})])
def test_sgd_on_linear_parameters_approaches_least_squares(module: ModuleType, extra: dict[str, Any]) -> None:
    call = {"d": 5, "N": 2, "B": B, **extra, "trials": 30, "entropy": 3}
    best = (
        module.population_risk(**call) if extra else module.tangent_space_risk(**call)
    )  # the same key draws the same weights first
    path = module.sgd_trajectory(**call, batch=50, checkpoints=[0, 60, 1200], step_size=0.01 if not extra else 0.1)
    torch.testing.assert_close(path[:, 0], torch.ones(30, dtype=torch.float64))
    excess = (path - best[:, None]).numpy()
    assert (excess > -1e-9).all()
    assert excess[:, 2].mean() < excess[:, 1].mean() < excess[:, 0].mean()
    assert excess[:, 2].mean() < 0.1 * excess[:, 0].mean()


def test_a_batch_of_one_is_one_pass_sgd() -> None:
    stream, form = Stream(1), torch.tensor(B)
    W, c, x = stream.normal(3, 2, 5), stream.normal(3), stream.normal(3, 1, 5)
    moved, moved_c = network._batch_kernel(x, W, c, form, 0.01)
    V, expected_c = network._sgd_kernel(
        x.permute(1, 2, 0).contiguous(), W.permute(1, 2, 0).clone(), c.clone(), form, 0.01
    )
    torch.testing.assert_close(moved, V.permute(2, 0, 1))
    torch.testing.assert_close(moved_c, expected_c)


def test_a_batch_averages_its_samples_steps() -> None:
    stream, form = Stream(2), torch.tensor(B)
    W, c, x = stream.normal(3, 2, 5), stream.normal(3), stream.normal(3, 4, 5)
    whole = network._batch_kernel(x, W, c, form, 0.01)
    single = [network._batch_kernel(x[:, k : k + 1], W, c, form, 0.01) for k in range(4)]
    torch.testing.assert_close(whole[0], torch.stack([s[0] for s in single]).mean(0))
    torch.testing.assert_close(whole[1], torch.stack([s[1] for s in single]).mean(0))


def test_a_linear_step_follows_the_gradient_of_the_squared_error() -> None:
    stream = Stream(3)
    a, phi, y = stream.normal(2, 3).requires_grad_(), stream.normal(2, 7, 3), stream.normal(2, 7)
    (gradient,) = torch.autograd.grad((y - (phi @ a[..., None])[..., 0]).square().mean(-1).sum(), a)
    torch.testing.assert_close(linear_step(a.detach(), phi, y, 0.1), (a - 0.1 * gradient).detach())


@pytest.mark.parametrize("checkpoints", [[], [[1]], [3, 2], [-1, 2], [0.5]])
def test_checkpoints_are_numbers_of_steps_in_order(checkpoints: list[float | list[int]]) -> None:
    with pytest.raises(ValueError, match="whole numbers that do not decrease"):
        steps_of(checkpoints)
