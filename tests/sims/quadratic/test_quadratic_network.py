from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.quadratic import network

SIZES: dict[str, Any] = {"d": 5, "N": 2, "B": np.array([0.2, 0.4, 0.6, 0.8, 1.0]), "initial_scale": 0.5}
FULL = torch.tensor([[1.0, 0.2, 0.0], [0.2, 2.0, -0.4], [0.0, -0.4, 0.5]], dtype=torch.float64)


def start(trials: int = 3, N: int = 2, d: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    return network._initial(Stream(4), trials, N, d, 0.7)


def test_the_risk_is_the_mean_squared_error_over_inputs() -> None:
    W, c = start()
    nodes, weights = np.polynomial.hermite_e.hermegauss(6)
    x = torch.tensor(np.stack(np.meshgrid(nodes, nodes, nodes), -1).reshape(-1, 3))
    density = torch.tensor(np.einsum("i,j,k->ijk", weights, weights, weights).reshape(-1) / (2 * np.pi) ** 1.5)
    error = ((x @ FULL) * x).sum(-1) - (x @ W.mT).square().sum(-1) - c[:, None]
    expected = (error.square() @ density) / (2 * FULL.square().sum())
    torch.testing.assert_close(network._risk_kernel(W, c, FULL), expected)


@pytest.mark.parametrize("form", [FULL, FULL.diag()], ids=["full", "diagonal"])
@pytest.mark.parametrize("N", [2, 4])
def test_a_step_of_descent_follows_the_gradient_of_the_risk(form: torch.Tensor, N: int) -> None:
    W, c = (t.requires_grad_() for t in start(N=N))
    risk = network._risk_kernel(W, c, form) * 2 * form.square().sum()
    dW, dc = torch.autograd.grad(risk.sum(), (W, c))
    moved_W, moved_c = network._descent_kernel(W.detach(), c.detach(), form, 1, 0.01)
    torch.testing.assert_close(moved_W, (W - 0.01 * dW).detach())
    torch.testing.assert_close(moved_c, (c - 0.01 * dc).detach())


def test_steps_of_sgd_follow_the_gradient_of_the_squared_error() -> None:
    W, c = start()
    x = Stream(9).normal(4, 3, 3)
    V, moved_c = network._sgd_kernel(x, W.permute(1, 2, 0).clone(), c.clone(), FULL, 0.01)
    for sample in x.mT:
        W, c = W.detach().requires_grad_(), c.detach().requires_grad_()
        f = (W @ sample[..., None]).square().sum((-2, -1)) + c
        error = ((sample @ FULL) * sample).sum(-1) - f
        dW, dc = torch.autograd.grad(error.square().sum(), (W, c))
        W, c = W - 0.01 * dW, c - 0.01 * dc
    torch.testing.assert_close(V.permute(2, 0, 1), W.detach())
    torch.testing.assert_close(moved_c, c.detach())


def test_descent_fits_the_principal_eigendirections() -> None:
    risks = network.gradient_descent_risk(**SIZES, steps=3000, step_size=0.02, trials=20, entropy=1)
    kept = np.sort(SIZES["B"])[:3]
    torch.testing.assert_close(risks, torch.full_like(risks, (kept @ kept) / (SIZES["B"] @ SIZES["B"])))


def test_sgd_approaches_descent_as_the_step_size_falls() -> None:
    base: dict[str, Any] = SIZES | {"trials": 200, "entropy": 2}
    limit = network.gradient_descent_risk(**base, steps=150, step_size=0.01)
    coarse, fine = (
        network.one_pass_sgd_risk(**base, steps=int(1.5 / size), step_size=size).mean() - limit.mean()
        for size in (0.001, 0.00025)
    )
    assert 0 < fine < coarse / 2


def test_extrapolation_joins_two_runs_from_one_start() -> None:
    call: dict[str, Any] = SIZES | {"steps": 1500, "step_size": 0.001, "trials": 200, "entropy": 3}
    plain = network.one_pass_sgd_risk(**call).mean()
    extrapolated = network.one_pass_sgd_extrapolated_risk(**call).mean()
    limit = network.gradient_descent_risk(**call).mean()
    assert abs(extrapolated - limit) < abs(plain - limit) / 2


def test_stationary_points_are_where_descent_ends() -> None:
    call: dict[str, Any] = SIZES | {"steps": 50, "step_size": 0.02, "trials": 4, "entropy": 5}
    ends = network.stationary_points(**call).numpy()
    assert ends.shape == (4, 11)
    risks = network.gradient_descent_risk(**call).numpy()
    for end, risk in zip(ends, risks, strict=True):
        W, c = end[:-1].reshape(5, 2), end[-1]
        M = np.diag(SIZES["B"]) - W @ W.T
        expected = (2 * (M**2).sum() + (np.trace(M) - c) ** 2) / (2 * SIZES["B"] @ SIZES["B"])
        assert risk == pytest.approx(expected)


def test_a_run_that_diverges_leaves_its_mark_in_its_row() -> None:
    risks = network.one_pass_sgd_risk(**SIZES, steps=200, step_size=5.0, trials=3, entropy=0)
    assert not torch.isfinite(risks).any()
