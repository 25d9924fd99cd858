"""Kernels of random features and tangent kernels of two-layer networks, sampled; Fang, Dong, Zhang 2021, III and IV.

f(x) = (α/m) Σ_j u_j σ(θ_jᵀx), u_j and θ_j standard normal. At two unit inputs of product c the pre-activations are
standard normals of correlation c, so that single entries need no more than those.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD
from lazy_assay.sims.numerics import activations as _activations

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.feature_kernels"


def feature_kernel(
    *,
    correlation: float,
    activation: str,
    m: int,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """(1/m) Σ_j σ(θ_jᵀx)σ(θ_jᵀx') of `repeats` independent sets of features; shape (trials, repeats)."""
    stream, sigma = Stream(entropy, device, dtype), _activations.value(activation)
    found = []
    for size in chunk_sizes(trials, repeats * m, stream.device):
        first, second = _pre_activations(stream, correlation, size, repeats, m)
        found.append((sigma(first) * sigma(second)).mean(-1))
    return torch.cat(found)


def hidden_tangent_kernel(
    *,
    correlation: float,
    activation: str,
    m: int,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Entries 11 and 12 of the k × k kernel (1/m) Σ_j u_ju_jᵀ σ'(θ_jᵀx)σ'(θ_jᵀx')<x, x'>; (trials, repeats, 2)."""
    stream, slope = Stream(entropy, device, dtype), _activations.slope(activation)
    found = []
    for size in chunk_sizes(trials, 2 * repeats * m, stream.device):
        first, second = _pre_activations(stream, correlation, size, repeats, m)
        u = stream.normal(2, size, repeats, m)
        terms = correlation * slope(first) * slope(second) * u[0]
        found.append(torch.stack([(terms * u[0]).mean(-1), (terms * u[1]).mean(-1)], dim=-1))
    return torch.cat(found)


def network_tangent_kernel(
    *,
    correlation: float,
    activation: str,
    m: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """<∇f(x), ∇f(x')> over all weights of networks with α = √m, by automatic differentiation; shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    x = stream.constant([[1.0, 0.0], [correlation, math.sqrt((1 - correlation) * (1 + correlation))]])
    network = FullyConnected((2, m, 1), activation, MEAN_FIELD, math.sqrt(m))
    chunks = chunk_sizes(trials, 8 * m, stream.device)
    return torch.cat([tangent.kernel(network, network.draw(stream, size), x)[:, 0, 1] for size in chunks])


def kernel_distance(
    *,
    points: ArrayLike,
    limit: ArrayLike,
    activation: str,
    widths: ArrayLike,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Root mean square over `repeats` draws of ‖K_m − limit‖_F at every width m; shape (trials, widths).

    K_m is the kernel matrix of m random features at the points, (n, d); limit is (n, n).
    """
    stream, sigma = Stream(entropy, device, dtype), _activations.value(activation)
    x, aim = stream.constant(points), stream.constant(limit)
    columns = []
    for m in np.asarray(widths).astype(int).tolist():
        found = []
        for size in chunk_sizes(trials, repeats * m * len(x), stream.device):
            hidden = sigma(x @ stream.normal(size, repeats, x.shape[-1], m))
            found.append((hidden @ hidden.mT / m - aim).square().sum((-2, -1)).mean(-1).sqrt())
        columns.append(torch.cat(found))
    return torch.stack(columns, dim=-1)


def _pre_activations(stream: Stream, correlation: float, *shape: int) -> Tensor:
    """θᵀx and θᵀx' of standard normal θ: shape (2, *shape)."""
    first, other = stream.normal(2, *shape)
    return torch.stack([first, correlation * first + math.sqrt((1 - correlation) * (1 + correlation)) * other])
