"""Two-layer ReLU networks with fixed signs on top, trained below: Du, Zhai, Poczos, Singh 2019 (arXiv 1810.02054).

f(x) = m^(−1/2) Σ_r a_r relu(w_rᵀx), a_r = ±1 at random, w_r ~ N(0, I), descent on w with ½Σ_i(f(x_i) − y_i)².
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims._chunks import chunk_sizes
from lazy_assay.sims._streams import Stream
from lazy_assay.sims._torch import torch

if TYPE_CHECKING:
    from torch import Tensor


def residual_ratio(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    m: int,
    eta: float,
    k: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """‖y − f‖² after k steps of size eta over its first value; shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    x, y = stream.constant(points), stream.constant(labels)
    chunks = chunk_sizes(trials, m * sum(x.shape), stream.device)
    return torch.cat([_ratios(stream, x, y, m, eta, k, size)[:, -1] for size in chunks])


def worst_excess(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    m: int,
    eta: float,
    k: int,
    contraction: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The largest log of ‖y − f‖² over contraction^j times its first value, over the steps j = 1 … k; (trials,)."""
    stream = Stream(entropy, device, dtype)
    x, y = stream.constant(points), stream.constant(labels)
    steps = torch.arange(1, k + 1, device=stream.device, dtype=stream.dtype)
    chunks = chunk_sizes(trials, m * sum(x.shape), stream.device)
    logs = torch.cat([_ratios(stream, x, y, m, eta, k, size)[:, 1:].log() for size in chunks])
    worst: Tensor = (logs - steps * math.log(contraction)).amax(-1)
    return worst


def _ratios(stream: Stream, x: Tensor, y: Tensor, m: int, eta: float, k: int, trials: int) -> Tensor:
    """‖y − f‖²/‖y − f(0)‖² at steps 0 … k, shape (trials, k + 1)."""
    w, a = stream.normal(trials, m, x.shape[1]), stream.normal(trials, m, 1).sign() / math.sqrt(m)
    squares = []
    for step in range(k + 1):
        z = w @ x.mT
        gap = (torch.relu(z) * a).sum(1, keepdim=True) - y
        squares.append(gap.square().sum((-2, -1)))
        if step < k:
            w = w - eta * ((z > 0) * (a * gap)) @ x
    return torch.stack(squares, dim=-1) / squares[0][:, None]
