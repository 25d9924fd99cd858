"""Gradient descent on all layers of a small network (Kawaguchi and Sun 2021, Theorem 3), and what its bound is made of.

f(x) = v·σ(W_2 σ(W_1 x + b_1) + b_2) + b with one output; the loss is `unit` times the mean over n points of (f − y)².
Parameters are one vector, layer by layer (weights row by row, then biases), the last layer (v, b) at its end. No noise.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

    Model = Callable[[Tensor], Tensor]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.all_layers"


def trajectory_at(
    *,
    points: ArrayLike,
    targets: ArrayLike,
    theta: ArrayLike,
    widths: ArrayLike,
    activation: str,
    step_size: float,
    t: int,
    unit: float = 1.0,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Five numbers at each of w^0 … w^t of gradient descent; shape (trials, t + 1, 5), the same rows in each trial.

    In order: the loss; ‖∇L‖; the distance from ν⊙w (only the last layer kept) to the nearest minimiser of the
    linearised loss; the largest |eigenvalue| of ∇²L; the smallest singular value of the Jacobian over its largest.
    points (n, d), targets (n,), theta (parameters,), widths the two hidden widths.
    """
    stream = Stream(entropy, device, dtype)
    x, y, w = (stream.constant(array) for array in (points, targets, theta))
    f = _model(x, [x.shape[1], *np.asarray(widths, dtype=int).tolist(), 1], activation)

    def loss(w: Tensor) -> Tensor:
        mean: Tensor = (f(w) - y).square().mean()
        return unit * mean

    visited = [w]
    for _ in range(t):
        visited.append(visited[-1] - step_size * torch.func.grad(loss)(visited[-1]))
    return _measured(f, loss, y, torch.stack(visited)).repeat(trials, 1, 1)


def _measured(f: Model, loss: Model, y: Tensor, path: Tensor) -> Tensor:
    """The five numbers of `trajectory_at` for every point of a path (t + 1, parameters)."""
    jacobians = torch.func.vmap(torch.func.jacrev(f))(path)
    errors = y - torch.func.vmap(f)(path)
    gradients = torch.func.vmap(torch.func.grad(loss))(path)
    curvatures = torch.linalg.eigvalsh(torch.func.vmap(torch.func.jacrev(torch.func.grad(loss)))(path)).abs().amax(-1)
    # f is linear in the last layer, J(ν⊙w) = f(w): the nearest minimiser is off by the pseudo-inverse of the error.
    U, s, _ = torch.linalg.svd(jacobians, full_matrices=False)
    kept = s > s[:, :1] * (max(jacobians.shape) * torch.finfo(s.dtype).eps)
    along = (U.mT @ errors[..., None])[..., 0]
    reach = (torch.where(kept, along / s.where(kept, torch.ones_like(s)), torch.zeros_like(s))).norm(dim=-1)
    losses = torch.func.vmap(loss)(path)
    return torch.stack([losses, gradients.norm(dim=-1), reach, curvatures, s[:, -1] / s[:, 0]], dim=-1)


def _model(x: Tensor, sizes: list[int], activation: str) -> Model:
    """w ↦ f(x; w), (n,)."""
    sigma = activations.value(activation)

    def f(w: Tensor) -> Tensor:
        out, used = x, 0
        for layer, (inside, outside) in enumerate(pairwise(sizes)):
            weights, bias = w[used : used + inside * outside].view(outside, inside), used + inside * outside
            used = bias + outside
            out = out @ weights.mT + w[bias:used]
            out = sigma(out) if layer < len(sizes) - 2 else out
        return out[:, 0]

    return f
