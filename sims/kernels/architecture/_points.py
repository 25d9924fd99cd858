"""Half the mean squared distance between data, without cancellation where they nearly coincide, and differentiable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from lazy_assay.sims.kernels._directions import gaps, norms_and_directions

if TYPE_CHECKING:
    from torch import Tensor


def half_distances(x: Tensor, y: Tensor) -> Tensor:
    """|x_i − y_j|²/2d of x (..., n, d) and y (..., m, d), shape (..., n, m)."""
    if torch.is_grad_enabled() and (x.requires_grad or y.requires_grad):
        found: Tensor = _HalfDistances.apply(x, y)  # type: ignore[no-untyped-call]
        return found
    return _computed(x, y)


def mean_squares(x: Tensor) -> Tensor:
    """|x|²/d over the last axis."""
    return x.square().mean(-1)


def _computed(x: Tensor, y: Tensor) -> Tensor:
    lead, d = x.shape[:-2], x.shape[-1]
    (a, one), (b, other) = (norms_and_directions(v.reshape(-1, *v.shape[-2:])) for v in (x, y))
    gap = gaps(one, other, from_diagonal=False)
    a, b = a[..., :, None] / d**0.5, b[..., None, :] / d**0.5
    found: Tensor = ((a - b).square() / 2).addcmul(a * b, gap)
    return found.reshape(*lead, x.shape[-2], y.shape[-2])


class _HalfDistances(torch.autograd.Function):
    """d/dx_i of Σ_ij G_ij |x_i − y_j|²/2d is Σ_j G_ij (x_i − y_j)/d."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> Tensor:
        ctx.save_for_backward(x, y)
        return _computed(x, y)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        x, y = ctx.saved_tensors
        d = x.shape[-1]
        one = (gradient.sum(-1, keepdim=True) * x - gradient @ y) / d
        other = (gradient.mT.sum(-1, keepdim=True) * y - gradient.mT @ x) / d
        return one, other
