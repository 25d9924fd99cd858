"""Mini-batch gradient steps on the squared loss, fresh samples at each step, and risks read out along the way.

Every step descends the mean over the batch of (y − f(x))², with gradient −2 (y − f) ∇f. Leading axis: trials.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor


def steps_of(checkpoints: ArrayLike) -> list[int]:
    """Numbers of steps, non-negative and not decreasing. Raises ValueError otherwise."""
    values = np.asarray(checkpoints)
    whole = values.ndim == 1 and len(values) > 0 and bool((values == np.floor(values)).all())
    if not whole or values.min() < 0 or (np.diff(values) < 0).any():
        raise ValueError(f"checkpoints are a 1-d array of whole numbers that do not decrease, not {checkpoints!r}")
    return [int(value) for value in values]


def trajectory(
    start: tuple[Tensor, ...],
    step: Callable[..., tuple[Tensor, ...]],
    risk: Callable[..., Tensor],
    checkpoints: Sequence[int],
) -> Tensor:
    """risk(*parameters) after each number of steps, shape (trials, len(checkpoints)); step(*parameters) moves them."""
    parameters, done, risks = start, 0, []
    for checkpoint in checkpoints:
        for _ in range(checkpoint - done):
            parameters = step(*parameters)
        done = checkpoint
        risks.append(risk(*parameters))
    return torch.stack(risks, dim=-1)


def linear_step(a: Tensor, phi: Tensor, y: Tensor, step_size: float) -> Tensor:
    """f = <a, phi>: features phi (trials, batch, n), targets y (trials, batch), coefficients a (trials, n)."""
    e = y - (phi @ a[..., None])[..., 0]
    return a + (2 * step_size / y.shape[-1]) * (e[:, None, :] @ phi)[:, 0]


def tangent_step(A: Tensor, c: Tensor, W: Tensor, x: Tensor, y: Tensor, step_size: float) -> tuple[Tensor, Tensor]:
    """f(x) = Σ_i 2<w_i, x><a_i, x> + c: inputs x (trials, batch, d), A and W (trials, N, d), c (trials,)."""
    slopes = 2 * (x @ W.mT)
    e = y - (slopes * (x @ A.mT)).sum(-1) - c[:, None]
    rate = 2 * step_size
    return A + (rate / y.shape[-1]) * ((slopes * e[..., None]).mT @ x), c + rate * e.mean(-1)


def form_of_tangent(A: Tensor, W: Tensor) -> Tensor:
    """The symmetric matrix of Σ_i 2<w_i, x><a_i, x>, shape (trials, d, d)."""
    half = W.mT @ A
    return half + half.mT


def adam(
    parameters: tuple[Tensor, ...], gradients: tuple[Tensor, ...], memory: tuple[Tensor, ...], k: int, step_size: float
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Step k = 1, 2, … of Adam (Kingma and Ba 2015; 0.9, 0.999, 1e-8): elementwise, so that trials stay apart.

    `memory` holds the running means of the gradients, then those of their squares; all zero at first.
    """
    count = len(parameters)
    means = tuple(0.9 * m + 0.1 * g for m, g in zip(memory[:count], gradients, strict=True))
    squares = tuple(0.999 * s + 0.001 * g * g for s, g in zip(memory[count:], gradients, strict=True))
    first, second = 1 - 0.9**k, 1 - 0.999**k
    moved = tuple(
        p - (step_size / first) * m / ((s / second).sqrt() + 1e-8)
        for p, m, s in zip(parameters, means, squares, strict=True)
    )
    return moved, (*means, *squares)
