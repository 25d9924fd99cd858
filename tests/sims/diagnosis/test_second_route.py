from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from lazy_assay.sims.diagnosis import LEFT, Recipe, measured
from lazy_assay.sims.diagnosis.curvature import jacobian, second_derivative_norm
from lazy_assay.sims.dynamics import measures

X = torch.randn(5, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
Y = X[:, :1].sign()


def net() -> nn.Module:
    torch.manual_seed(2)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()


def test_the_norm_of_the_second_derivative_is_that_of_the_whole_tensor() -> None:
    module = net()
    names = [name for name, _ in module.named_parameters()]

    def model(parameters: tuple[Tensor, ...], x: Tensor) -> Tensor:
        values = dict(zip(names, (p[0] for p in parameters), strict=True))
        found: Tensor = torch.func.functional_call(module, values, (x,)).flatten()[None]
        return found

    start = tuple(p.detach()[None] for p in module.parameters())
    whole = measures.second_derivative(model, start, X)
    index = torch.arange(1.0, whole.shape[-1] + 1, dtype=torch.float64)
    expected = measures.bilinear_norm(whole, torch.cos(index[:, None] * index))
    assert second_derivative_norm(module, X) == pytest.approx(float(expected), rel=1e-3)


def test_a_linear_network_trains_by_its_kernel_step_by_step() -> None:
    torch.manual_seed(4)
    module = nn.Linear(5, 1, bias=False).double()
    x = torch.eye(5, dtype=torch.float64) * torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0], dtype=torch.float64)
    y = x.sum(1, keepdim=True)
    found = measured(module, Recipe(x, y, 0.1, 7), None, ("kappa", "full rank", "optimality gap"))
    assert found["condition number"] == pytest.approx(25)
    assert found["step over the largest stable"] == pytest.approx(0.1 * 25 / 5)
    residual, steps = (module(x) - y).detach().flatten(), 0
    rate, first = 1 - 2 * 0.1 / 5 * x.diagonal().square(), residual.norm()
    while residual.norm() > LEFT * first:
        residual, steps = rate * residual, steps + 1
    assert found["steps to one percent"] == steps


def test_the_kernel_of_the_batch_is_that_of_its_jacobian() -> None:
    module = net()
    J = jacobian(module, X)
    values = torch.linalg.eigvalsh(J @ J.mT)
    found = measured(module, Recipe(X, Y, 0.1, 1), None, ("kappa",))
    assert found["condition number"] == pytest.approx(float(values[-1] / values[0]), rel=1e-6)
    assert "float64" in str(found["size of precision"])


def test_a_tangent_model_that_is_trained_in_its_parameters_is_the_one_at_points_held_out() -> None:
    module, x = net(), torch.randn(4, 3, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    J, away, step, steps = jacobian(module, X), jacobian(module, x), 0.5, 30
    f, moved = module(X).detach().flatten(), torch.zeros(J.shape[1], dtype=torch.float64)
    trained = net()
    for _ in range(steps):
        moved -= step * 2 / len(X) * J.T @ (f + J @ moved - Y.flatten())
        loss = (trained(X) - Y).square().mean()
        for parameter, gradient in zip(
            trained.parameters(), torch.autograd.grad(loss, list(trained.parameters())), strict=True
        ):
            parameter.data -= step * gradient
    gap = trained(x).detach().flatten() - module(x).detach().flatten() - away @ moved
    expected = (gap.square().mean() / (f - Y.flatten()).square().mean()).sqrt()
    found = measured(module, Recipe(X, Y, step, steps, x), None, ("kappa", "full rank", "optimality gap"))
    assert found["held-out departure"] == pytest.approx(float(expected), rel=1e-8)
    assert sum(float(value) for name, value in found.items() if name.startswith("held-out share")) == pytest.approx(1)
