"""Descent of a few ReLU neurons, both layers, on the population risk of one: R = ½E(Σ_j u_j relu(θ_jᵀx) − relu(x_1))².

x ~ N(0, I_d): risk and gradients are closed forms in norms and angles of weights, so that nothing is sampled but the
start. With ψ the angle of θ and v, E[relu(θᵀx) relu(vᵀx)] = ‖θ‖‖v‖ (sin ψ + (π − ψ) cos ψ)/2π and its gradient in θ is
(‖v‖ sin ψ θ/‖θ‖ + (π − ψ) v)/2π.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor


def trained_error(
    *,
    d: int,
    m: int,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """E(f − relu(x_1))² over E relu(x_1)² after descent of m neurons, f = Σ_j u_j relu(θ_jᵀx); shape (trials,).

    From θ_j ~ N(0, I/d) and u_j = 1/m.
    """
    stream = Stream(entropy, device, dtype)
    theta = stream.normal(trials, m, d) / math.sqrt(d)
    return _error(*_descended(theta, torch.ones_like(theta[..., 0]) / m, step_size, steps))


def trained_error_at(
    *,
    u: float,
    norm: float,
    cosine: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same of one neuron, from u and from θ of a norm and of a cosine with the target; (trials,), one number.

    In the plane of θ and the target, which descent never leaves.
    """
    stream = Stream(entropy, device, dtype)
    theta = stream.constant([[[norm * cosine, norm * math.sqrt(1 - cosine**2)]]])
    return _error(*_descended(theta, 0 * theta[..., 0] + u, step_size, steps)).expand(trials)


def _descended(theta: Tensor, u: Tensor, step_size: float, steps: int) -> tuple[Tensor, Tensor]:
    """Weights (trials, m, d) and (trials, m) after so many steps of both layers."""
    target = _target(theta)
    for _ in range(steps):
        every = torch.cat([theta, target], dim=1)
        gap = _gap(u)[:, None, :]
        norms, psi = _norms_and_angles(every)
        r, angle = norms[:, :-1], psi[:, :-1]
        products = r[..., None] * norms[:, None, :] * _kernel(angle)
        along = (gap * norms[:, None, :] * torch.sin(angle)).sum(-1) / r
        towards = (gap * (math.pi - angle)) @ every
        of_theta = u[..., None] * (along[..., None] * theta + towards) / (2 * math.pi)
        u, theta = u - step_size * (gap * products).sum(-1), theta - step_size * of_theta
    return theta, u


def _error(theta: Tensor, u: Tensor) -> Tensor:
    """E(f − relu(x_1))² over E relu(x_1)² = ½."""
    norms, psi = _norms_and_angles(torch.cat([theta, _target(theta)], dim=1))
    c = _gap(u) * norms
    return 2 * (c[:, :, None] * c[:, None, :] * _kernel(psi)).sum((1, 2))


def _target(theta: Tensor) -> Tensor:
    """e_1 for every trial, (trials, 1, d)."""
    return torch.eye(1, theta.shape[-1], device=theta.device, dtype=theta.dtype).expand(len(theta), -1, -1)


def _gap(u: Tensor) -> Tensor:
    """Coefficients of f − relu(x_1), (trials, m + 1)."""
    return torch.cat([u, -torch.ones(len(u), 1, device=u.device, dtype=u.dtype)], dim=1)


def _kernel(psi: Tensor) -> Tensor:
    """E[relu relu] of unit weights."""
    return (torch.sin(psi) + (math.pi - psi) * torch.cos(psi)) / (2 * math.pi)


def _norms_and_angles(w: Tensor) -> tuple[Tensor, Tensor]:
    """Norms (trials, m) and angles (trials, m, m) of rows, by chords: exact where weights nearly agree."""
    norms = w.norm(dim=-1).clamp_min(torch.finfo(w.dtype).tiny)
    unit = w / norms[..., None]
    near = (unit[:, :, None] - unit[:, None, :]).norm(dim=-1)
    far = (unit[:, :, None] + unit[:, None, :]).norm(dim=-1)
    return norms, 2 * torch.atan2(near, far)
