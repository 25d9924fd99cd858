"""A linear system on a space of symmetric matrices, by conjugate gradients of a fixed number of steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

_MOST = 200


def steps_needed(products: NDArray[np.float64], precision: float) -> int:
    """Steps until the bound on `inverse_form`'s relative error, 4 q^(2k), is below `precision`; 200 at most.

    q = (√κ − 1)/(√κ + 1), κ the condition number of A ↦ A + products ∘ A, which a projection does not raise.
    """
    root = math.sqrt((1 + products.max()) / (1 + products.min()))
    q = max((root - 1) / (root + 1), 1e-8)
    return min(_MOST, 1 + math.ceil(math.log(precision / 4) / (2 * math.log(q))))


def projected(A: Tensor, outside: Tensor) -> Tensor:
    """Symmetric matrices A less what has both sides in the range of the projection P: A − PAP."""
    return torch.baddbmm(A, outside @ A, outside, alpha=-1)


def inverse_form(target: Tensor, outside: Tensor, products: Tensor, steps: int) -> Tensor:
    """<T, A> for the A with A + (products ∘ A, projected) = T; T and P (trials, d, d), T projected; shape (trials,).

    A sum of positive terms, one a step. What is left of a run that is done is zero, and so are its further terms.
    """
    total = torch.zeros_like(target[:, 0, 0])
    residual, direction = target, target
    length = _inner(residual, residual)
    for _ in range(steps):
        image = direction + projected(products * direction, outside)
        rate = _ratio(length, _inner(direction, image))
        total = total + rate * length
        residual = residual - rate[:, None, None] * image
        previous, length = length, _inner(residual, residual)
        direction = residual + _ratio(length, previous)[:, None, None] * direction
    return total


def _inner(A: Tensor, B: Tensor) -> Tensor:
    return (A * B).sum((-2, -1))


def _ratio(part: Tensor, whole: Tensor) -> Tensor:
    """part/whole, zero where nothing is left of the whole."""
    positive = whole > 0
    return torch.where(positive, part / torch.where(positive, whole, 1.0), 0.0)
