"""Two-layer ReLU networks with fixed signs on top, trained below: Du, Zhai, Poczos, Singh 2019 (arXiv 1810.02054).

f(x) = m^(−1/2) Σ_r a_r relu(w_rᵀx), a_r = ±1 at random, w_r ~ N(0, I), descent on w with ½Σ_i(f(x_i) − y_i)².
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
STREAM = "sims.fixed_output_layer"


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


def paired_excess(
    *,
    pairs: int,
    correlation: float,
    label_size: float,
    m: int,
    eta: float,
    k: int,
    contraction: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same from a paired start, at orthogonal pairs of points and normal labels of deviation label_size; (trials,).

    m neurons are drawn, and each is taken twice with opposite signs: f(0) = 0, and the Gram matrix is theirs.
    """
    stream = Stream(entropy, device, dtype)
    x = _pairs.orthogonal(stream, pairs, correlation)
    steps = torch.arange(1, k + 1, device=stream.device, dtype=stream.dtype)
    found = []
    for size in chunk_sizes(trials, 2 * m * sum(x.shape), stream.device):
        w, a = stream.normal(size, m, len(x)).repeat(1, 2, 1), stream.normal(size, m, 1).sign() / math.sqrt(2 * m)
        y = label_size * stream.normal(size, 1, len(x))
        logs = _descended(x, y, w, torch.cat([a, -a], dim=1), eta, k)[:, 1:].log()
        found.append((logs - steps * math.log(contraction)).amax(-1))
    return torch.cat(found)


def _ratios(stream: Stream, x: Tensor, y: Tensor, m: int, eta: float, k: int, trials: int) -> Tensor:
    """‖y − f‖²/‖y − f(0)‖² at steps 0 … k, shape (trials, k + 1)."""
    w, a = stream.normal(trials, m, x.shape[1]), stream.normal(trials, m, 1).sign() / math.sqrt(m)
    return _descended(x, y, w, a, eta, k)


def _descended(x: Tensor, y: Tensor, w: Tensor, a: Tensor, eta: float, k: int) -> Tensor:
    """The same from given weights w, (trials, m, d), and signs over √m, (trials, m, 1)."""
    squares = []
    for step in range(k + 1):
        z = w @ x.mT
        gap = (torch.relu(z) * a).sum(1, keepdim=True) - y
        squares.append(gap.square().sum((-2, -1)))
        if step < k:
            w = w - eta * ((z > 0) * (a * gap)) @ x
    return torch.stack(squares, dim=-1) / squares[0][:, None]
