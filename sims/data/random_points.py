"""Random points of the unit sphere: how far their second moment is from isotropic."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.random_points"


def squared_boundedness(
    *, d: int, m: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """d·‖(1/m) Σ_i x_i x_iᵀ‖ for m independent uniform points of the sphere in R^d; shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    chunks = chunk_sizes(trials, d * m, stream.device)
    return torch.cat([_largest(_unit(stream.normal(chunk, m, d))) for chunk in chunks])


def squared_coordinate(
    *,
    distribution: str,
    d: int,
    tilt: float,
    replicas: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean of d·<u, x>² over replicas of x, `sphere` or `cube`, u along (1, 2^−tilt, …, d^−tilt); shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    u = stream.constant(np.arange(1, d + 1.0) ** -tilt)
    u = u / torch.linalg.vector_norm(u)
    parts = []
    for chunk in chunk_sizes(trials, d * replicas, stream.device):
        normal = stream.normal(chunk, replicas, d)
        x = _unit(normal) if distribution == "sphere" else torch.sign(normal) / math.sqrt(d)
        parts.append(d * (x @ u).square().mean(1))
    return torch.cat(parts)


def squared_boundedness_at(
    *, points: ArrayLike, trials: int = 1, entropy: int = 0, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """The same for D uniform on given points; the same number in each of the (trials,) rows."""
    stream = Stream(entropy, device, dtype)
    return _largest(stream.constant(points)[None]).repeat(trials)


def _unit(normal: Tensor) -> Tensor:
    unit: Tensor = normal / torch.linalg.vector_norm(normal, dim=-1, keepdim=True)
    return unit


def _largest(x: Tensor) -> Tensor:
    """Points (trials, m, d) to d times the largest eigenvalue of their second moment, from the smaller Gram matrix."""
    m, d = x.shape[-2:]
    gram = x @ x.mT if m < d else x.mT @ x
    largest: Tensor = torch.linalg.eigvalsh(gram)[..., -1]
    return largest * d / m
