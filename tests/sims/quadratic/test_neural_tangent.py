from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.quadratic import neural_tangent

# Gauss–Hermite nodes, exact for the polynomials here: degree 12 and below in each of three inputs.
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(8)
X = np.array(list(itertools.product(NODES, repeat=3)))
DENSITY = np.prod(np.array(list(itertools.product(WEIGHTS, repeat=3))), axis=1) / (2 * np.pi) ** 1.5
W = np.random.default_rng(1).normal(size=(3, 2)) / np.sqrt(3)
B = np.array([[1.0, 0.2, 0.0], [0.2, 2.0, -0.4], [0.0, -0.4, 0.5]])


def residual(slopes: np.ndarray, target: np.ndarray) -> float:
    """What regression on 1 and slopes_i(x) x_k leaves of the target's squared norm, on the nodes."""
    phi = np.concatenate([np.ones((len(X), 1)), (slopes[:, :, None] * X[:, None, :]).reshape(len(X), -1)], axis=1)
    root = np.sqrt(DENSITY)
    a = np.linalg.lstsq(phi * root[:, None], target * root, rcond=1e-10)[0]
    return float((DENSITY @ (target - phi @ a) ** 2) / (DENSITY @ target**2))


def test_the_risk_at_given_weights_is_that_of_regression() -> None:
    target = np.einsum("ni,ij,nj->n", X, B, X) - np.trace(B)
    expected = residual(2 * X @ W, target)
    assert 0.01 < expected < 0.9
    found = neural_tangent.tangent_space_risk_at(W=W, B=B)
    assert found.item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("N", [1, 4, 7, 8, 12])
def test_the_projection_and_the_tangent_space_agree_draw_by_draw(N: int) -> None:
    Z, form = Stream(N).normal(6, 8, N), torch.linspace(-1, 2, 8, dtype=torch.float64)
    projected = neural_tangent._projection_kernel(Z, form)
    regressed = neural_tangent._tangent_space_kernel(Z.mT / 8**0.5, form.diag())
    torch.testing.assert_close(projected, regressed, rtol=0, atol=1e-9)


@pytest.mark.parametrize("N", [5, 9])
def test_enough_neurons_leave_no_risk(N: int) -> None:
    risks = neural_tangent.projection_risk(d=5, N=N, B=np.arange(1.0, 6.0), trials=20, entropy=0)
    assert risks.abs().max() < 1e-13


def test_least_squares_is_unbiased_to_first_order() -> None:
    trials, d, N, samples, size = 400, 6, 2, 300, 12
    stream, form = Stream(3), torch.linspace(0.5, 2, d, dtype=torch.float64)
    Z = stream.normal(trials, d, N)
    difference = (neural_tangent._fit(stream, Z, form, samples) - neural_tangent._projection_kernel(Z, form)).numpy()
    standard_error = difference.std(ddof=1) / trials**0.5
    # The inputs' fourth powers make leftovers larger than those of Gaussian features.
    assert abs(difference.mean()) < 4 * standard_error + 5 * size**2 / samples**2
    assert 4 * standard_error + 5 * size**2 / samples**2 < size / samples


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="dimension 12"):
        neural_tangent.least_squares_risk(d=6, N=2, B=np.ones(6), samples=13, trials=1, entropy=0)


@pytest.mark.parametrize("N", [1, 2, 4])
def test_the_cubic_fraction_is_that_of_regression(N: int) -> None:
    W = np.random.default_rng(N).normal(size=(3, N)) / np.sqrt(3)
    u, x = X @ W, X[:, 0]
    expected = 1 - residual(2 * u + 3 * (u**2 - 1), (x**3 - 3 * x) / np.sqrt(6))
    found = neural_tangent._cubic_kernel(torch.tensor(W.T[None].copy()))
    assert found.item() == pytest.approx(expected, abs=1e-8)
