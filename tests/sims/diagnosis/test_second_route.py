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
