from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.paired import algorithm
from lazy_assay.sims.paired import network as paired_network

ACTIVATIONS = ("relu", "abs", "tanh", "erf")


@pytest.fixture
def network() -> Callable[..., Any]:
    """Three trials of five pairs in four dimensions, with a fresh set of weights at every call."""
    return lambda activation="tanh", B=2.0, trials=3: algorithm.initial(Stream(4), trials, 4, 5, B, activation)


@pytest.fixture
def points() -> tuple[torch.Tensor, torch.Tensor]:
    stream = Stream(9)
    return algorithm.sphere(stream, 3, 6, 4), algorithm.signs(stream, 3, 6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_initial_network_is_zero_everywhere(
    network: Callable[..., Any], points: tuple[torch.Tensor, torch.Tensor], activation: str
) -> None:
    assert network(activation)(points[0]).abs().max() < 1e-14


@pytest.mark.parametrize("loss", ["hinge", "absolute", "logistic"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_step_is_that_of_automatic_differentiation(
    network: Callable[..., Any], points: tuple[torch.Tensor, torch.Tensor], activation: str, loss: str
) -> None:
    (x, y), net, rate = points, network(activation), 0.7
    # Away from the start, where hidden gradients of a pair cancel in the output.
    net.u = net.u + 0.1 * torch.arange(10, dtype=torch.float64)
    W, u = net.W.clone().requires_grad_(), net.u.clone().requires_grad_()
    value, slope = algorithm.loss(loss)
    h = (net.sigma(x @ W.mT) @ u[..., None])[..., 0]
    value(h, y).mean(-1).sum().backward()
    eta = rate / (2 * 5 * 2.0**2)
    net.step(x, y, slope, rate)
    assert torch.allclose(net.W, (W - eta * W.grad).detach(), atol=1e-13)
    assert torch.allclose(net.u, (u - eta * u.grad).detach(), atol=1e-13)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_kernel_is_the_gram_matrix_of_gradients_over_2qB2(
    network: Callable[..., Any], points: tuple[torch.Tensor, torch.Tensor], activation: str
) -> None:
    net, x = network(activation), points[0]
    rows = []
    for point in x[0]:
        W, u = net.W[0].clone().requires_grad_(), net.u[0].clone().requires_grad_()
        (net.sigma(W @ point) @ u).backward()
        rows.append(torch.cat([W.grad.flatten(), u.grad]))
    J = torch.stack(rows)
    assert torch.allclose(algorithm.kernel(net, x)[0], J @ J.T / (2 * 5 * 2.0**2), atol=1e-13)


def test_a_narrowed_network_is_the_network_of_its_first_pairs(
    network: Callable[..., Any], points: tuple[torch.Tensor, torch.Tensor]
) -> None:
    (x, y), slope = points, algorithm.loss("hinge")[1]
    narrow = algorithm.narrowed(network(), torch.tensor([2.0, 2.0, 2.0]))
    whole = network()
    kept = [0, 1, 5, 6]
    small = algorithm.Network(whole.W[:, kept], whole.u[:, kept], whole.B, "tanh")
    for _ in range(3):
        narrow.step(x, y, slope, 0.5)
        small.step(x, y, slope, 0.5)
    assert torch.allclose(narrow(x), small(x), atol=1e-13)


def test_trials_of_different_widths_narrow_to_the_widest_of_them_each_with_its_own_pairs(
    network: Callable[..., Any], points: tuple[torch.Tensor, torch.Tensor]
) -> None:
    (x, y), slope, widths = points, algorithm.loss("hinge")[1], [2, 3, 1]
    narrow, whole = algorithm.narrowed(network(), torch.tensor(widths)), network()
    assert narrow.W.shape[1] == 6
    for _ in range(3):
        narrow.step(x, y, slope, 0.5)
    for trial, (q, found) in enumerate(zip(widths, narrow(x), strict=True)):
        kept = [*range(q), *range(5, 5 + q)]
        own = slice(trial, trial + 1)
        small = algorithm.Network(whole.W[own, kept], whole.u[own, kept], whole.B, "tanh")
        for _ in range(3):
            small.step(x[own], y[own], slope, 0.5)
        torch.testing.assert_close(found, small(x[own])[0], rtol=0.0, atol=1e-13)


def test_at_large_b_the_network_follows_its_tangent_recursion() -> None:
    told: dict[str, Any] = {"d": 6, "m": 10, "q": 12, "activation": "tanh", "batch": 3, "rate": 0.3, "steps": 60}
    gaps = [
        paired_network.online_losses(**told, B=B, trials=4, entropy=1)[:, :2].diff(dim=1).abs().max()
        for B in (1.0, 10.0, 100.0)
    ]
    assert gaps[0] > 10 * gaps[1] > 100 * gaps[2]


def test_a_dead_network_has_no_interpolant_and_an_infinite_bound() -> None:
    told: dict[str, Any] = {
        "d": 2,
        "m": 12,
        "q": 1,
        "activation": "relu",
        "batch": 2,
        "rate": 0.3,
        "steps": 3,
        "B": 10.0,
    }
    draws = paired_network.online_losses(**told, trials=3, entropy=0)
    assert torch.isinf(draws[:, 2]).all()
    assert torch.isfinite(draws[:, :2]).all()


def test_two_points_in_many_dimensions_are_memorised_and_a_hundred_by_one_pair_are_not() -> None:
    told: dict[str, Any] = {"B": 100.0, "activation": "tanh", "batch": 2, "rate": 0.5, "trials": 3, "entropy": 2}
    few = paired_network.memorisation(d=8, m=2, q=4, steps=200, **told)
    many = paired_network.memorisation(d=4, m=100, q=1, steps=200, **told)
    assert few[:, 0].min() > 0
    assert few[:, 1].min() == 1
    assert many[:, 0].max() < 0
    assert 0.4 < many[:, 1].min() <= many[:, 1].max() < 0.95


def test_more_points_need_more_neurons() -> None:
    found = paired_network.minimal_widths(
        d=8, points=np.array([6, 24]), B=100.0, activation="abs", batch=16, rate=2.0, epochs=40, trials=4, entropy=0
    )
    assert torch.isfinite(found).all()
    assert found[:, 1].mean() > found[:, 0].mean()


def test_an_unknown_loss_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="no loss is called 'squared'; there are hinge, absolute, logistic"):
        algorithm.loss("squared")


def test_an_interpolant_of_fewer_features_than_points_has_an_infinite_norm() -> None:
    told: dict[str, Any] = {"q": 1, "activation": "relu", "trials": 3, "entropy": 0}
    norms = paired_network.interpolant_norms(dimensions=[2, 6], points=[12, 1], **told)
    assert torch.isinf(norms[:, 0]).all()
    assert torch.isfinite(norms[:, 1]).any()
