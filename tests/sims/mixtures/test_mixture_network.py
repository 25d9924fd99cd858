from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.data.gaussian_classes import mixture
from lazy_assay.sims.mixtures import network, neural_tangent

SIGMA = np.array([[1.1, 0.2, 0.0], [0.2, 0.8, -0.1], [0.0, -0.1, 1.3]])
DELTA = np.array([[0.5, 0.1, 0.0], [0.1, -0.4, 0.2], [0.0, 0.2, 0.6]])
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(4)
Z = np.array(list(itertools.product(NODES, repeat=3)))
DENSITY = np.prod(np.array(list(itertools.product(WEIGHTS, repeat=3))), axis=1) / (2 * np.pi) ** 1.5
SIZES: dict[str, Any] = {
    "d": 5,
    "N": 2,
    "Sigma": np.ones(5),
    "Delta": np.array([0.7, 0.6, 0.3, 0.2, 0.1]),
    "initial_scale": 0.05,
}


def start() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    stream = Stream(4)
    return stream.normal(3, 2) * 0.3, stream.normal(3, 2, 3), stream.normal(3) * 0.2


@pytest.mark.parametrize("Delta", [DELTA, np.array([0.5, -0.4, 0.6])], ids=["full", "diagonal"])
def test_the_risk_is_the_mean_squared_error_over_both_classes(Delta: np.ndarray) -> None:
    Sigma = SIGMA if Delta.ndim == 2 else np.diag(SIGMA)
    classes, parameters = mixture(Stream(0), 3, Sigma, Delta), start()
    a, W, c = (t.numpy() for t in parameters)
    expected = np.zeros(3)
    for y in (1, -1):
        covariance = Sigma - y * Delta
        x = Z @ np.linalg.cholesky(covariance if covariance.ndim == 2 else np.diag(covariance)).T
        f = np.einsum("tn,tni,bi,tnj,bj->tb", a, W, x, W, x) + c[:, None]
        expected += (y - f) ** 2 @ DENSITY / 2
    np.testing.assert_allclose(network._risk_kernel(*parameters, classes).numpy(), expected, rtol=1e-12)


def test_a_step_of_descent_follows_the_gradient_of_the_risk() -> None:
    classes, (a, W, c) = mixture(Stream(0), 3, SIGMA, DELTA), start()
    parameters = a.requires_grad_(), W.requires_grad_(), c.requires_grad_()
    gradients = torch.autograd.grad(network._risk_kernel(*parameters, classes).sum(), parameters)
    moved = network._descent_kernel(a.detach(), W.detach(), c.detach(), classes, 0.01)
    for new, old, gradient in zip(moved, parameters, gradients, strict=True):
        torch.testing.assert_close(new, (old - 0.01 * gradient).detach())


def test_a_step_of_sgd_follows_the_gradient_of_the_squared_error() -> None:
    x, y = mixture(Stream(0), 3, SIGMA, DELTA).sample(Stream(5), 3, 7)
    a, W, c = parameters = tuple(t.requires_grad_() for t in start())
    f = torch.einsum("tn,tbn->tb", a, (x @ W.mT).square()) + c[:, None]
    gradients = torch.autograd.grad((y - f).square().mean(-1).sum(), parameters)
    moved = network._batch_kernel(x, y, a.detach(), W.detach(), c.detach(), 0.01)
    for new, old, gradient in zip(moved, parameters, gradients, strict=True):
        torch.testing.assert_close(new, (old - 0.01 * gradient).detach())


def least_risk(kept: list[float]) -> float:
    squares = np.array(kept) ** 2
    return float(1 / (1 + (squares / (1 + squares)).sum() / 2))


def test_descent_finds_the_directions_in_which_the_classes_differ_most() -> None:
    risks = network.gradient_descent_risk(**SIZES, steps=5000, step_size=0.03, trials=20, entropy=1)
    torch.testing.assert_close(risks, torch.full_like(risks, least_risk([0.7, 0.6])))


def test_as_many_neurons_as_inputs_do_as_well_as_the_tangent_space() -> None:
    call = {"d": 3, "N": 3, "Sigma": SIGMA, "Delta": np.abs(DELTA), "trials": 8, "entropy": 2}
    assert np.linalg.eigvalsh(call["Delta"]).min() > 0
    trained = network.gradient_descent_risk(**call, steps=3000, step_size=0.02, initial_scale=0.05)
    torch.testing.assert_close(trained, neural_tangent.population_risk(**call))


def test_with_differences_of_both_signs_descent_may_end_at_a_local_minimum() -> None:
    sizes: dict[str, Any] = SIZES | {"Delta": np.array([0.7, -0.6, 0.3, -0.2, 0.1])}
    risks = network.gradient_descent_risk(**sizes, steps=5000, step_size=0.03, trials=40, entropy=1).numpy()
    # Two neurons keep two directions: one of each sign, or the best two of one sign.
    minima = np.array([least_risk(kept) for kept in ([0.7, -0.6], [0.7, 0.3], [-0.6, -0.2])])
    distances = np.abs(risks[:, None] - minima)
    assert distances.min(axis=1).max() < 1e-4
    counts = np.bincount(distances.argmin(axis=1), minlength=3)
    assert 10 <= counts[0] <= 35


def test_sgd_approaches_descent_as_batches_grow() -> None:
    base: dict[str, Any] = SIZES | {"steps": 300, "step_size": 0.03, "trials": 40, "entropy": 2}
    limit = network.gradient_descent_risk(**base).mean()
    coarse, fine = (network.sgd_risk(**base, batch=batch).mean() - limit for batch in (20, 200))
    assert 0 < fine < coarse / 4


def test_a_run_that_diverges_leaves_its_mark_in_its_row() -> None:
    risks = network.sgd_risk(**SIZES, batch=3, steps=100, step_size=5.0, trials=3, entropy=0)
    assert not torch.isfinite(risks).any()
