"""Features that are all cubic, and what they capture of two cubic targets, exactly given the weights.

Ghorbani et al. 2019, section 1. A cubic Σ T_ijk H_ijk(x), T symmetric and H_ijk the orthogonal Hermite cubics, has a
squared norm in proportion to ‖T‖². Targets, of norm one: He₃(x₁)/√6, T = e₁⊗e₁⊗e₁, and x₁(‖x‖² − d − 2)/√(2(d + 2)),
the vector in it, that meets T in √(3/(d + 2)) Σ_k T_1kk.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics.least_squares import explained

if TYPE_CHECKING:
    from torch import Tensor


def captured_cubics(
    *,
    d: int,
    N: int,
    model: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The shares c of He₃(x₁)/√6 and a of the vector that N neurons of σ = He₃ and unit weights capture; (trials, 3).

    The last column is c − 3a/(d + 4), in whose mean only the number of features is left.

    model: `features`, He₃(uᵀx), T = u⊗u⊗u; `tangent`, the cubic parts of He₂(uᵀx)x_k, T the symmetric part of
    u⊗u⊗e_k, d of them a neuron. Raises ValueError for another.
    """
    if model not in ("features", "tangent"):
        raise ValueError(f"no model {model!r}; there are features, tangent")
    stream = Stream(entropy, device, dtype)
    kernel, size = (_features, N * max(N, d)) if model == "features" else (_tangent, (N * d) ** 2)
    chunks = chunk_sizes(trials, size, stream.device)
    return torch.cat([kernel(torch.nn.functional.normalize(stream.normal(n, N, d), dim=-1)) for n in chunks])


def _shares(gram: Tensor, first: Tensor, vector: Tensor, d: int) -> Tensor:
    """By the features' Gram matrix (trials, F, F), T_111 and Σ_k T_1kk of each (trials, F)."""
    c, a = explained(gram, first), explained(gram, math.sqrt(3 / (d + 2)) * vector)
    return torch.stack([c, a, c - 3 / (d + 4) * a], dim=1)


def _features(u: Tensor) -> Tensor:
    return _shares((u @ u.mT) ** 3, u[..., 0] ** 3, u[..., 0], u.shape[-1])


def _tangent(u: Tensor) -> Tensor:
    """⟨sym(u⊗u⊗e_k), sym(v⊗v⊗e_l)⟩ = (p² δ_kl + 2p v_k u_l)/3, p = uᵀv."""
    trials, N, d = u.shape
    p = (u @ u.mT)[:, :, None, :, None]
    alike = torch.eye(d, device=u.device, dtype=u.dtype)[None, None, :, None, :]
    swapped = u.mT[:, None, :, :, None] * u[:, :, None, None, :]
    gram = ((p * p * alike + 2 * p * swapped) / 3).reshape(trials, N * d, N * d)
    first = u[..., :1] ** 2 * alike[0, 0, 0, 0]
    vector = (2 * u[..., :1] * u + alike[0, 0, 0, 0]) / 3
    return _shares(gram, first.reshape(trials, -1), vector.reshape(trials, -1), d)
