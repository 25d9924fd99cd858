from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lazy_assay import diagnose, expect
from lazy_assay.checks.diagnose import Diagnosis

_GENERATOR = torch.Generator().manual_seed(1)
# Orthonormal inputs: the kernel of a linear network is the identity.
Q = torch.linalg.qr(torch.randn(4, 4, generator=_GENERATOR))[0]
Y = torch.randn(4, 1, generator=_GENERATOR)
DEAR = ("analyticity", "kappa", "full rank", "optimality gap")


class Parabola(nn.Module):
    """Outputs (θ, θ²) at the unit vectors: targets on the curve are met by the network, and not by its tangent."""

    def __init__(self) -> None:
        super().__init__()
        self.theta = nn.Parameter(0.1 * torch.randn(1))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = x @ torch.stack([self.theta, self.theta**2])
        return found


class Small(nn.Module):
    """α (f − f_0) of sixteen tanh neurons: rich where α is small."""

    def __init__(self, alpha: float) -> None:
        super().__init__()
        self.a, self.b, self.alpha = nn.Parameter(torch.randn(16, 4)), nn.Parameter(torch.randn(1, 16)), alpha
        self.register_buffer("a0", self.a.detach().clone())
        self.register_buffer("b0", self.b.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.get_buffer("a0"), self.get_buffer("b0")
        found: Tensor = self.alpha * (torch.tanh(x @ self.a.T) @ self.b.T - torch.tanh(x @ a.T) @ b.T)
        return found


def said(make: Any, x: Tensor = Q, y: Tensor = Y, **recipe: Any) -> Diagnosis:
    return diagnose(lambda seed: make(), x, y, seeds=6, leave_out=DEAR, **recipe)


def linear(dtype: torch.dtype = torch.float32) -> nn.Module:
    return nn.Linear(4, 1, bias=False).to(dtype)


def test_a_linear_network_that_is_stopped_early_is_unconverged() -> None:
    found = said(linear, step_size=0.2, steps=5)
    assert found.cause == "unconverged"
    found.require("lazy", cause="unconverged")


def test_a_step_near_the_largest_stable_one_is_the_cause() -> None:
    found = said(linear, step_size=3.9, steps=9)
    found.require("lazy", cause="step size")
    assert found["step over the largest stable"].value == pytest.approx(0.975)


@pytest.mark.parametrize("dtype, unit", [(torch.float32, 2**-24), (torch.float16, 2**-11), (torch.bfloat16, 2**-8)])
def test_what_a_converged_linear_network_lacks_is_its_precision(dtype: torch.dtype, unit: float) -> None:
    found = said(lambda: linear(dtype), Q.to(dtype), Y.to(dtype), step_size=0.7, steps=150)
    found.require("lazy", cause="precision")
    size = found["distance to the limit"].value
    assert size is not None
    assert unit / 20 < size < 20 * unit


def test_a_network_that_leaves_its_tangent_for_the_targets_drifts() -> None:
    found = said(Parabola, torch.eye(2), torch.ones(2, 1), step_size=0.1, steps=120)
    found.require("not lazy", cause="kernel drift")


def test_where_both_learn_the_targets_the_drift_is_seen_at_points_held_out() -> None:
    x = torch.randn(8, 4, generator=torch.Generator().manual_seed(2))
    found = said(lambda: Small(0.03), step_size=30.0, steps=150, held_out=x)
    assert found.cause != "kernel drift"
    found.require("not lazy", cause="kernel drift", held_out=True)
    lazy = said(lambda: Small(30.0), step_size=3e-5, steps=20, held_out=x)
    low, high = lazy["held-out departure"].interval or (1, 1), found["held-out departure"].interval or (0, 0)
    assert low[1] < 0.05 < high[0]


def test_a_diagnosis_that_is_required_and_is_another_fails_the_test() -> None:
    found = said(linear, step_size=0.2, steps=5)
    with pytest.raises(expect.Wrong, match="mostly by: unconverged"):
        found.require("not lazy")
    with pytest.raises(expect.Wrong):
        found.require("lazy", cause="kernel drift")
    with pytest.raises(expect.Undecided):
        found.require("lazy", cause="unconverged", held_out=True)
    with pytest.raises(expect.Refused, match="one of step size"):
        found.require("lazy", cause="bad luck")


def test_what_a_kernel_costs_in_steps_is_bounded_whatever_the_targets_are() -> None:
    x = torch.diag(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    found = said(linear, x, Y, step_size=0.1, steps=5)
    for name in ("condition number", "steps to one percent"):
        value, most = found[name].value, found[f"{name} at most"].value
        assert value is not None
        assert most is not None
        assert value <= most
    assert found["condition number at most"].value == pytest.approx(16, rel=1e-6)
    # The slowest direction has the eigenvalue 1: (1 − 2·0.1/4)^k ≤ 0.01.
    assert found["steps to one percent at most"].value == 90


@pytest.mark.parametrize(
    "held_out, told",
    [(Q[:, :3], "held_out is"), (Q * torch.nan, "held_out holds NaN"), (Q.double(), "dtype"), (3, "held_out")],
)
def test_points_that_are_held_out_and_do_not_fit_are_one_line(held_out: Any, told: str) -> None:
    with pytest.raises(expect.Refused, match=told) as caught:
        said(linear, step_size=0.2, steps=5, held_out=held_out)
    assert "\n" not in str(caught.value)
