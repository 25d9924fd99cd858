"""The tangent space of a quadratic network, without its redundancy: 1 and products of rotated inputs.

With O orthogonal, its first min(N, d) columns spanning those of W (d, N), and z = Oᵀx, the space {c + Σ_i <w_i, x>
<a_i, x>} has the basis 1 and (z_a z_b − δ_ab)·scale, a ≤ b, a among the first min(N, d). For x ~ N(0, I) the basis is
orthonormal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import forms

if TYPE_CHECKING:
    from torch import Tensor


def size_with_room(d: int, N: int, samples: int) -> int:
    """How many functions the basis has. Raises ValueError unless there are more samples than that, by two."""
    n = min(N, d)
    size = n * d - n * (n - 1) // 2 + 1
    if samples <= size + 1:
        raise ValueError(f"a tangent space of dimension {size} needs more than {size + 1} samples, not {samples}")
    return size


def complete_basis(W: Tensor) -> Tensor:
    """O for W (trials, d, N): orthogonal, shape (trials, d, d)."""
    basis: Tensor = torch.linalg.qr(W[..., : W.shape[-2]], mode="complete").Q
    return basis


def pairs(d: int, N: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """The indices (a, b) of the products."""
    first, second = (torch.as_tensor(indices) for indices in np.triu_indices(min(N, d), m=d))
    return first.to(device), second.to(device)


def scale(first: Tensor, second: Tensor, like: Tensor) -> Tensor:
    """What gives z_a z_b − δ_ab unit variance: 1/√2 where a = b, else 1."""
    return (1 + (first == second).to(like.dtype)).rsqrt()


def features(x: Tensor, O: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """The basis at inputs x (trials, block, d): shape (trials, block, size), 1 first."""
    z = x @ O
    products = z[..., first] * z[..., second] - (first == second).to(z.dtype)
    return torch.nn.functional.pad(products * scale(first, second, z), (1, 0), value=1.0)


def target_moments(O: Tensor, B: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """E[basis(x) (<x, Bx> − Tr B)] for x ~ N(0, I): shape (trials, size)."""
    rotated = O.mT @ forms.apply(B, O.mT).mT
    return torch.nn.functional.pad(2 * rotated[..., first, second] * scale(first, second, O), (1, 0))


def class_moments(O: Tensor, delta: Tensor, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """E[basis basisᵀ] and E[y basis] where x | y = ±1 ~ N(0, I ∓ delta): shapes (trials, size, size), (trials, size).

    By Isserlis: with T = Oᵀ delta O the covariances of z are I ∓ T, and odd powers of T cancel in the first.
    """
    T = O.mT @ forms.apply(delta, O.mT).mT
    I = torch.eye(O.shape[-1], device=O.device, dtype=O.dtype)
    t, weights = T[..., first, second], scale(first, second, O)
    products = _crossed(I, first, second) + _crossed(T, first, second) + t[..., :, None] * t[..., None, :]
    intercept = torch.nn.functional.pad(torch.ones_like(products[..., :1, :1]), (0, len(first), 0, len(first)))
    K = torch.nn.functional.pad(products * weights[:, None] * weights, (1, 0, 1, 0)) + intercept
    return K, torch.nn.functional.pad(-t * weights, (1, 0))


def _crossed(S: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """S_ac S_bd + S_ad S_bc over pairs (a, b) and (c, d)."""
    front, back = S[..., first, :], S[..., second, :]
    return front[..., first] * back[..., second] + front[..., second] * back[..., first]
