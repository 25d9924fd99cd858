"""Losses, one number a trial: outputs f (trials, n, outputs) against targets, averaged over the n points."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lazy_assay.sims._torch import torch

if TYPE_CHECKING:
    from torch import Tensor

    Loss = Callable[[Tensor, Tensor], Tensor]


def half_squared(f: Tensor, y: Tensor) -> Tensor:
    """½ the mean over points of ‖f − y‖²; y of the shape of f, or without its trials."""
    return (f - y).square().sum(-1).mean(-1) / 2


def logistic(f: Tensor, y: Tensor) -> Tensor:
    """Mean of log(1 + exp(−y f)) for one output and labels ±1, y (n,) or (trials, n): binary cross-entropy in nats."""
    margins = -y * f[..., 0]
    return torch.logaddexp(margins, torch.zeros_like(margins)).mean(-1)


def softmax(f: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy in nats; y holds a row of class probabilities (one-hot rows, mostly) for each point."""
    return -(torch.log_softmax(f, dim=-1) * y).sum(-1).mean(-1)


LOSSES: dict[str, Loss] = {"half_squared": half_squared, "logistic": logistic, "softmax": softmax}


def loss(name: str) -> Loss:
    """By name. Raises ValueError."""
    if name not in LOSSES:
        raise ValueError(f"no loss is called {name!r}; there are {', '.join(LOSSES)}")
    return LOSSES[name]
