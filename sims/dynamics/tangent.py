"""The tangent model f(w0) + Df(w0)(w − w0): its kernel, its closed-form descent, and its training for any loss."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]
    Model = Callable[[Parameters, Tensor], Tensor]
    Loss = Callable[[Tensor, Tensor], Tensor]


def jacobian(model: Model, start: Parameters, x: Tensor) -> Tensor:
    """Df(w0) of every trial, shape (trials, n · outputs, parameters); x is (n, inputs)."""

    def one(*parameters: Tensor) -> Tensor:
        return model(tuple(p[None] for p in parameters), x)[0].flatten()

    order = tuple(range(len(start)))
    blocks = torch.func.vmap(torch.func.jacrev(one, argnums=order))(*start)
    return torch.cat([block.flatten(2) for block in blocks], dim=-1)


def kernel(model: Model, start: Parameters, x: Tensor) -> Tensor:
    """The empirical tangent kernel Df Dfᵀ, shape (trials, n · outputs, n · outputs)."""
    J = jacobian(model, start, x)
    return J @ J.mT


def outputs(model: Model, start: Parameters, parameters: Parameters, x: Tensor) -> Tensor:
    """f(w0) + Df(w0)(w − w0) at x, of the model's own shape, by forward differentiation."""
    move = tuple(p - s for p, s in zip(parameters, start, strict=True))
    with warnings.catch_warnings():
        # torch 2.13 loads its forward rules through its own deprecated `torch.jit.script`.
        warnings.simplefilter("ignore", DeprecationWarning)
        value, derivative = torch.func.jvp(lambda *w: model(w, x), start, move)[:2]
    moved: Tensor = value + derivative
    return moved


def gradients(
    model: Model, start: Parameters, parameters: Parameters, x: Tensor, y: Tensor, loss: Loss
) -> tuple[Tensor, Parameters]:
    """Loss of the tangent model, (trials,), and its gradient Df(w0)ᵀ ∂loss/∂f."""
    f = outputs(model, start, parameters, x).detach().requires_grad_()
    with torch.enable_grad():
        losses = loss(f, y)
        (slope,) = torch.autograd.grad(losses.sum(), f)
        leaves = tuple(s.detach().requires_grad_() for s in start)
        found = torch.autograd.grad(model(leaves, x), leaves, grad_outputs=slope)
    return losses.detach(), found


def descended(K: Tensor, gap: Tensor, step_size: float, steps: Tensor) -> Tensor:
    """(I − step_size · K)^k gap for every k of `steps`, shape (trials, len(steps), n): what descent leaves of a gap.

    Gradient descent on ½‖f − y‖² of a linear model with kernel K, (trials, n, n), takes f − y from gap, (trials, n).
    """
    values, vectors = torch.linalg.eigh(K)
    factors = (1 - step_size * values)[:, None, :] ** steps[None, :, None]
    left: Tensor = (factors * (gap[:, None, :] @ vectors)) @ vectors.mT
    return left


def flowed(K: Tensor, gap: Tensor, times: Tensor) -> Tensor:
    """exp(−t K) gap for every time t, shape (trials, len(times), n): the gradient flow of the same objective."""
    values, vectors = torch.linalg.eigh(K)
    factors = torch.exp(-values[:, None, :] * times[None, :, None])
    left: Tensor = (factors * (gap[:, None, :] @ vectors)) @ vectors.mT
    return left
