"""Activations by name, elementwise, in any dtype and on any device."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor


def _softplus(u: Tensor) -> Tensor:
    # Not torch's Softplus, which switches to a straight line above 20: this one is analytic, as the theorems need.
    return torch.logaddexp(u, torch.zeros_like(u))


def _hermite2_3(u: Tensor) -> Tensor:
    return u * u - 1 + u * (u * u - 3)


_VALUES: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda u: u,
    "quadratic": lambda u: u * u - 1,
    "hermite2_3": _hermite2_3,
    "relu": lambda u: torch.relu(u),
    "abs": lambda u: torch.abs(u),
    "erf": lambda u: torch.erf(u),
    "sin": lambda u: torch.sin(u),
    "tanh": lambda u: torch.tanh(u),
    "sigmoid": lambda u: torch.sigmoid(u),
    "softplus": _softplus,
    "steep_abs": lambda u: 3 * torch.abs(u),
    "flat_abs": lambda u: torch.abs(u) / 3,
}


_SLOPES: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda u: torch.ones_like(u),
    "quadratic": lambda u: 2 * u,
    "hermite2_3": lambda u: 2 * u + 3 * (u * u - 1),
    "relu": lambda u: (u > 0).to(u.dtype),
    "abs": lambda u: torch.sign(u),
    "erf": lambda u: torch.exp(-u * u) * (2 / math.sqrt(math.pi)),
    "sin": lambda u: torch.cos(u),
    "tanh": lambda u: 1 - torch.tanh(u).square(),
    "sigmoid": lambda u: torch.sigmoid(u) * torch.sigmoid(-u),
    "softplus": lambda u: torch.sigmoid(u),
    "steep_abs": lambda u: 3 * torch.sign(u),
    "flat_abs": lambda u: torch.sign(u) / 3,
}


def value(activation: str) -> Callable[[Tensor], Tensor]:
    """sigma as a function of a tensor; `quadratic` is x² − 1, `hermite2_3` is He2 + He3. Raises ValueError."""
    if activation not in _VALUES:
        raise ValueError(f"no activation is called {activation!r}; there are {', '.join(sorted(_VALUES))}")
    return _VALUES[activation]


def slope(activation: str) -> Callable[[Tensor], Tensor]:
    """sigma' as a function of a tensor; 0 at a kink. Raises ValueError."""
    value(activation)
    return _SLOPES[activation]
