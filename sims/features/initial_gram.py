"""Two-layer ReLU networks at random weights: their Gram matrix, first outputs, and how near neurons are to a kink.

f(x) = m^(−1/2) Σ_r a_r relu(w_rᵀx), a_r = ±1, w_r ~ N(0, I); Du, Zhai, Poczos, Singh 2019 (arXiv 1810.02054).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.data import pairs as _pairs

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.initial_gram"


def least_eigenvalue(
    *,
    points: ArrayLike,
    m: int,
    level: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Least eigenvalue of H(0)_ij = (1/m) Σ_r <x_i, x_j> 1{w_rᵀx_i ≥ 0, w_rᵀx_j ≥ 0} over `level`; (trials,)."""
    stream = Stream(entropy, device, dtype)
    return _least(stream, stream.constant(points), m, trials) / level


def pair_eigenvalue(
    *,
    pairs: int,
    correlation: float,
    m: int,
    level: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same at `pairs` orthogonal pairs of points, the two of a pair of product `correlation`; (trials,)."""
    stream = Stream(entropy, device, dtype)
    return _least(stream, _pairs.orthogonal(stream, pairs, correlation), m, trials) / level


def squared_residual(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    m: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """‖y − f(0)‖² of random networks; shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    x, y = stream.constant(points), stream.constant(labels)
    found = []
    for size in chunk_sizes(trials, m * sum(x.shape), stream.device):
        a = stream.normal(size, m, 1).sign() / math.sqrt(m)
        f = (torch.relu(stream.normal(size, m, x.shape[1]) @ x.mT) * a).sum(1)
        found.append((f - y).square().sum(-1))
    return torch.cat(found)


def near_kinks(
    *, points: ArrayLike, m: int, R: float, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """Share of neurons and points with |w_rᵀx_i| ≤ R; shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    x = stream.constant(points)
    chunks = chunk_sizes(trials, m * sum(x.shape), stream.device)
    near = ((stream.normal(size, m, x.shape[1]) @ x.mT).abs() <= R for size in chunks)
    return torch.cat([each.to(x.dtype).mean((-2, -1)) for each in near])


def _least(stream: Stream, x: Tensor, m: int, trials: int) -> Tensor:
    """Least eigenvalues of H(0) at the points x; (trials,)."""
    found = []
    for size in chunk_sizes(trials, m * sum(x.shape), stream.device):
        active = (stream.normal(size, m, x.shape[1]) @ x.mT >= 0).to(x.dtype)
        found.append(torch.linalg.eigvalsh(active.mT @ active / m * (x @ x.mT))[:, 0])
    return torch.cat(found)
