"""Losses, one number a trial: outputs f (trials, n, outputs) against targets, averaged over the n points.

Targets have a place for each point and each output, and nothing is stretched to fit but the trials: ValueError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

    Loss = Callable[[Tensor, Tensor], Tensor]


def half_squared(f: Tensor, y: Tensor) -> Tensor:
    """½ the mean over points of ‖f − y‖²; y of the shape of f, or without its trials. Raises ValueError."""
    _require_fit("half_squared", f, y, tuple(f.shape[-2:]))
    return (f - y).square().sum(-1).mean(-1) / 2


def logistic(f: Tensor, y: Tensor) -> Tensor:
    """Mean of log(1 + exp(−y f)) for one output and labels ±1, y (n,) or (trials, n): binary cross-entropy in nats.

    Raises ValueError.
    """
    if f.ndim < 2 or f.shape[-1] != 1:
        raise ValueError(f"logistic takes one output, f (trials, n, 1), not f {tuple(f.shape)}; softmax takes several")
    _require_fit("logistic", f, y, tuple(f.shape[-2:-1]))
    margins = -y * f[..., 0]
    return torch.logaddexp(margins, torch.zeros_like(margins)).mean(-1)


def softmax(f: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy in nats; y holds a row of class probabilities (one-hot rows, mostly) for each point.

    Raises ValueError.
    """
    if not y.is_floating_point():
        raise ValueError(
            f"softmax takes rows of class probabilities, not {y.dtype}; one_hot(y, classes).to(f) are such"
        )
    _require_fit("softmax", f, y, tuple(f.shape[-2:]))
    return -(torch.log_softmax(f, dim=-1) * y).sum(-1).mean(-1)


def _require_fit(name: str, f: Tensor, y: Tensor, place: tuple[int, ...]) -> None:
    """The last axes of y are `place`, and those before them are the trials' or one."""
    trials = f.shape[:-2]
    own = y.shape[: y.ndim - len(place)]
    alike = len(own) <= len(trials) and all(a in (1, b) for a, b in zip(own[::-1], trials[::-1], strict=False))
    if f.ndim < 2 or tuple(y.shape[len(own) :]) != place or not alike:
        raise ValueError(
            f"{name} takes targets {place}, or those for each trial, with f {tuple(f.shape)}, not {tuple(y.shape)}"
        )


LOSSES: dict[str, Loss] = {"half_squared": half_squared, "logistic": logistic, "softmax": softmax}


def loss(name: str) -> Loss:
    """By name. Raises ValueError."""
    if name not in LOSSES:
        raise ValueError(f"no loss is called {name!r}; there are {', '.join(LOSSES)}")
    return LOSSES[name]
