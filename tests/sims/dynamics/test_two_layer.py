from __future__ import annotations

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.losses import softmax
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD
from lazy_assay.sims.dynamics.two_layer import Tangent, TwoLayer, softmax_slope

Models = tuple[FullyConnected, TwoLayer, tuple[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
X = torch.linspace(-1, 1, 15, dtype=torch.float64).reshape(5, 3).sin()
Y = torch.eye(4, dtype=torch.float64)[torch.tensor([0, 3, 1, 1, 2])]
ALPHA, WIDTH = 3.0, 7


@pytest.fixture(params=["relu", "tanh", "sigmoid"])
def models(request: pytest.FixtureRequest) -> Models:
    general = FullyConnected((3, WIDTH, 4), request.param, MEAN_FIELD, alpha=ALPHA)
    W, A = general.draw(Stream(5), 2)
    moved = W + 0.3 * Stream(6).normal(*W.shape), A + 0.3 * Stream(6).normal(*A.shape)
    return general, TwoLayer(request.param, ALPHA / WIDTH), (W, A), moved


def test_outputs_and_gradients_written_out_are_those_of_the_general_network(models: Models) -> None:
    general, network, _, moved = models
    leaves = tuple(p.clone().requires_grad_() for p in moved)
    expected = torch.autograd.grad(softmax(general(leaves, X), Y).sum(), leaves)
    f, gradients = network.pulled(moved, X)
    assert torch.allclose(f, general(moved, X), rtol=1e-12)
    for one, other in zip(gradients(softmax_slope(f, Y)), expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-10, atol=1e-14)


def test_the_tangent_model_written_out_is_that_of_forward_differentiation(models: Models) -> None:
    general, network, start, moved = models
    losses, expected = tangent.gradients(general, start, moved, X, Y, softmax)
    f, gradients = Tangent(network, start).pulled(moved, X)
    assert torch.allclose(f, tangent.outputs(general, start, moved, X), rtol=1e-12)
    assert torch.allclose(softmax(f, Y), losses)
    for one, other in zip(gradients(softmax_slope(f, Y)), expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-10, atol=1e-14)


def test_points_of_every_trials_own_batch_are_taken(models: Models) -> None:
    _, network, _, moved = models
    index = torch.tensor([[0, 2], [3, 1]])
    own = network.outputs(moved, X[index])
    for trial in range(2):
        alone = network.outputs((moved[0][trial : trial + 1], moved[1][trial : trial + 1]), X[index[trial]])
        assert np.allclose(own[trial], alone[0])
