from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.data.gaussian_classes import mixture, whitened
from lazy_assay.sims.dynamics.sgd import form_of_tangent, tangent_step
from lazy_assay.sims.mixtures import neural_tangent
from lazy_assay.sims.numerics.conjugate_gradients import inverse_form, projected, steps_needed
from lazy_assay.sims.numerics.least_squares import explained
from lazy_assay.sims.numerics.tangent_basis import class_moments, complete_basis, pairs

# Gauss–Hermite nodes, exact for the polynomials here.
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(6)
Z = np.array(list(itertools.product(NODES, repeat=3)))
DENSITY = np.prod(np.array(list(itertools.product(WEIGHTS, repeat=3))), axis=1) / (2 * np.pi) ** 1.5
SIGMA = np.array([[1.1, 0.2, 0.0], [0.2, 0.8, -0.1], [0.0, -0.1, 1.3]])
DELTA = np.array([[0.5, 0.1, 0.0], [0.1, -0.4, 0.2], [0.0, 0.2, 0.6]])
W = np.random.default_rng(1).normal(size=(3, 2)) / np.sqrt(3)


def regression_risk(W: np.ndarray) -> float:
    """What regression of y on 1 and <w_i, x> x_k leaves, on nodes of both classes."""
    x = np.concatenate([Z @ np.linalg.cholesky(SIGMA + sign * DELTA).T for sign in (-1, 1)])
    y, density = np.repeat([1.0, -1.0], len(Z)), np.tile(DENSITY / 2, 2)
    u = x @ W
    phi = np.concatenate([np.ones((len(x), 1)), (u[:, :, None] * x[:, None, :]).reshape(len(x), -1)], axis=1)
    root = np.sqrt(density)
    a = np.linalg.lstsq(phi * root[:, None], y * root, rcond=1e-10)[0]
    return float(density @ (y - phi @ a) ** 2)


@pytest.mark.parametrize("N", [1, 2, 3, 5])
def test_the_risk_at_given_weights_is_that_of_regression(N: int) -> None:
    weights = np.random.default_rng(N).normal(size=(3, N))
    expected = regression_risk(weights)
    assert 0.3 < expected < 0.97
    found = neural_tangent.population_risk_at(W=weights, Sigma=SIGMA, Delta=DELTA)
    assert found.item() == pytest.approx(expected, abs=1e-11)
    slow = neural_tangent._tangent_space_kernel(
        torch.tensor(weights.T[None].copy()), mixture(Stream(0), 3, SIGMA, DELTA)
    )
    assert slow.item() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("N", [1, 4, 7, 8, 12])
@pytest.mark.parametrize("Sigma", [np.ones(8), np.linspace(0.7, 1.4, 8), np.eye(8) + 0.1])
def test_the_linear_system_and_the_tangent_space_agree_draw_by_draw(N: int, Sigma: np.ndarray) -> None:
    Delta = np.array([0.3, -0.2, 0.4, 0.1, 0.25, -0.35, 0.2, 0.15])
    call: dict[str, Any] = {"d": 8, "N": N, "Sigma": Sigma, "Delta": Delta, "trials": 6, "entropy": N}
    torch.testing.assert_close(
        neural_tangent.population_risk(**call),
        neural_tangent.tangent_space_risk(**call),
        rtol=0,
        atol=1e-9,
    )


def test_the_basis_has_the_same_risk() -> None:
    stream, delta = Stream(4), np.linspace(-0.5, 0.6, 6)
    weights = stream.normal(5, 3, 6)
    moments = class_moments(complete_basis(weights.mT), stream.constant(delta), *pairs(6, 3, stream.device))
    white = neural_tangent._white(stream, 6, np.ones(6), delta)
    torch.testing.assert_close(1 - explained(*moments), neural_tangent._risk_kernel(weights, *white))


@pytest.mark.parametrize("largest", [0.1, 0.6, 0.97])
@pytest.mark.parametrize("lowest", [-1.0, 0.5, 1.0])
def test_the_steps_are_as_many_as_precision_needs(largest: float, lowest: float) -> None:
    delta = Stream(0).constant(np.linspace(lowest, 1, 9) * largest)
    products = delta[:, None] * delta
    Q = torch.linalg.qr(Stream(1).normal(4, 9, 4)).Q
    outside = torch.eye(9, dtype=torch.float64) - Q @ Q.mT
    target = projected(delta.diag().expand_as(outside), outside)
    steps = steps_needed(products.numpy(), 2.0**-52)
    found = inverse_form(target, outside, products, steps)
    torch.testing.assert_close(found, inverse_form(target, outside, products, 4 * steps), rtol=1e-13, atol=0)


def test_no_difference_leaves_all_the_risk() -> None:
    risks = neural_tangent.population_risk(d=4, N=2, Sigma=np.ones(4), Delta=np.zeros(4), trials=3, entropy=0)
    assert (risks == 1).all()


def test_whitening_keeps_products_and_diagonalises() -> None:
    delta, turn = whitened(3, SIGMA, DELTA)
    np.testing.assert_allclose(turn @ turn.T, SIGMA, atol=1e-14)
    np.testing.assert_allclose(turn @ np.diag(delta) @ turn.T, DELTA, atol=1e-14)


def test_covariances_must_be_definite() -> None:
    with pytest.raises(ValueError, match="not both positive definite"):
        neural_tangent.population_risk(d=2, N=1, Sigma=np.ones(2), Delta=np.array([1.0, 0.5]), trials=1, entropy=0)


def test_least_squares_is_unbiased_to_first_order() -> None:
    trials, d, N, samples, size = 400, 6, 2, 300, 12
    stream, delta = Stream(3), np.linspace(0.2, 0.6, d)
    classes, white = mixture(stream, d, np.ones(d), delta), neural_tangent._white(stream, d, np.ones(d), delta)
    weights = stream.normal(trials, N, d)
    exact = neural_tangent._risk_kernel(weights, *white)
    difference = (neural_tangent._fit(stream, weights, classes, samples) - exact).numpy()
    standard_error = difference.std(ddof=1) / trials**0.5
    # The inputs' fourth powers make leftovers larger than those of Gaussian features.
    assert abs(difference.mean()) < 4 * standard_error + 5 * size**2 / samples**2
    assert 4 * standard_error + 5 * size**2 / samples**2 < size / samples


def test_a_step_of_sgd_follows_the_gradient_of_the_squared_error() -> None:
    stream = Stream(6)
    weights, x, y = stream.normal(2, 3, 4), stream.normal(2, 7, 4), stream.normal(2, 7)
    A, c = stream.normal(2, 3, 4).requires_grad_(), stream.normal(2).requires_grad_()
    form = form_of_tangent(A, weights)
    f = torch.einsum("tbi,tij,tbj->tb", x, form, x) + c[:, None]
    dA, dc = torch.autograd.grad((y - f).square().mean(-1).sum(), (A, c))
    moved = tangent_step(A.detach(), c.detach(), weights, x, y, 0.01)
    torch.testing.assert_close(moved, ((A - 0.01 * dA).detach(), (c - 0.01 * dc).detach()))


def test_sgd_approaches_least_squares() -> None:
    call: dict[str, Any] = {"d": 5, "N": 2, "Sigma": np.ones(5), "Delta": np.full(5, 0.6), "trials": 30, "entropy": 3}
    best = neural_tangent.population_risk(**call)
    path = neural_tangent.sgd_trajectory(**call, batch=50, checkpoints=[0, 50, 1000], step_size=0.01)
    assert (path[:, 0] == 1).all()
    # The same key draws the same weights first, so the comparison is draw by draw.
    excess = (path - best[:, None]).numpy()
    assert (excess > -1e-12).all()
    assert excess[:, 2].mean() < excess[:, 1].mean() < excess[:, 0].mean()
    assert excess[:, 2].mean() < 0.15 * excess[:, 0].mean()


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="dimension 12"):
        neural_tangent.least_squares_risk(
            d=6, N=2, Sigma=np.ones(6), Delta=np.ones(6) / 2, samples=13, trials=1, entropy=0
        )
