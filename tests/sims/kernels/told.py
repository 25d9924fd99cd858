"""Modules that are told what to do, and what is asked of their kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from lazy_assay.sims.kernels import KernelError, empirical_ntk


class Told(nn.Module):
    """Runs as `forward` says, on parts by name."""

    def __init__(self, forward: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.told = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.told(self, x)
        return out


def parameter(*entries: float | list[float]) -> torch.Tensor:
    return nn.Parameter(torch.tensor(entries, dtype=torch.float64))


def linear(inside: int, outside: int, *, weight: float | None = None, bias: bool = True) -> nn.Linear:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        layer = nn.Linear(inside, outside, bias=bias).double()
    if weight is not None:
        nn.init.constant_(layer.weight, weight)
    return layer


def column(*entries: float) -> torch.Tensor:
    return torch.tensor(entries, dtype=torch.float64)[:, None]


def by_hand(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    rows, parameters = [], [p for p in module.parameters() if p.requires_grad]
    for point in x.split(1):
        for output in module(point).reshape(-1):
            found = torch.autograd.grad(output, parameters, retain_graph=True, materialize_grads=True)
            rows.append(torch.cat([g.flatten() for g in found]))
    J = torch.stack(rows).reshape(len(x), -1, rows[0].numel())
    return torch.einsum("nop,mop->nm", J, J) / J.shape[1]


def assert_right(module: nn.Module, x: torch.Tensor) -> None:
    expected = by_hand(module, x)
    assert (empirical_ntk(module, x) - expected).abs().max() < 1e-12 * expected.abs().max()


def refusal(module: nn.Module, x: torch.Tensor, **options: Any) -> str:
    with pytest.raises(KernelError) as told:
        empirical_ntk(module, x, **options)
    assert "\n" not in str(told.value)
    return str(told.value)
