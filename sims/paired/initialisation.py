"""Two-layer networks at Xavier initialisation with zero outputs: 2q neurons in pairs that cancel each other.

h(x) = Σ_i u_i σ(<w_i, x>), W = [W'; W'] with W' of standard normals, u = (B, …, B, −B, …, −B). Gradients are those of
automatic differentiation, with respect to W and u.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.paired_initialisation"


def tangent_kernel(
    *,
    correlation: float,
    q: int,
    d: int,
    B: float,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """<∇h(x), ∇h(y)>/(2qB²) for unit vectors at a correlation; shape (trials,).

    B = inf leaves out the output weights' gradient, as the limit of large B does.
    """
    return _tangent_kernel(Stream(entropy, device, dtype), correlation, q, d, B, activation, trials, length=1.0)


def standard_tangent_kernel(
    *,
    correlation: float,
    q: int,
    d: int,
    B: float,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same in the standard convention: inputs of norm √d, first-layer weights of variance 1/d; shape (trials,)."""
    return _tangent_kernel(Stream(entropy, device, dtype), correlation, q, d, B, activation, trials, length=d**0.5)


def _tangent_kernel(
    stream: Stream, correlation: float, q: int, d: int, B: float, activation: str, trials: int, *, length: float
) -> Tensor:
    """Inputs of norm `length`, first-layer weights of standard deviation 1/length."""
    x, y = (stream.constant(length * each) for each in _pair(correlation, d))
    finite = math.isfinite(B)
    scale = B if finite else 1.0
    parts = []
    for chunk in chunk_sizes(trials, 4 * q * d, stream.device):
        W, u = _initial(stream.normal(chunk, q, d) / length, scale)
        first, second = (_gradients(W, u, at, activation) for at in (x, y))
        overlap = (first[0] * second[0]).sum((1, 2)) + float(finite) * (first[1] * second[1]).sum(1)
        parts.append(overlap / (2 * q * scale**2))
    return torch.cat(parts)


def largest_output_at(
    *,
    W: ArrayLike,
    points: ArrayLike,
    B: float,
    activation: str,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Root mean square of h over the points, over B, at given W' of shape (d, q); the same number in every row."""
    stream = Stream(entropy, device, dtype)
    weights, u = _initial(stream.constant(np.asarray(W).T)[None], B)
    h = activations.value(activation)(stream.constant(points) @ weights[0].mT) @ u[0]
    return (h.square().mean().sqrt() / B).repeat(trials)


def unpaired_gradient_at(
    *,
    W: ArrayLike,
    points: ArrayLike,
    B: float,
    activation: str,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """What pairing leaves of the gradients: root mean square of ∂h/∂w_i + ∂h/∂w_{i+q} over that of ∂h/∂w_i, plus the
    same of ∂h/∂u_i − ∂h/∂u_{i+q}; W' of shape (d, q); shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    weights, u = _initial(stream.constant(np.asarray(W).T)[None], B)
    x = stream.constant(points)
    hidden, output = _gradients(weights.expand(len(x), -1, -1), u.expand(len(x), -1), x, activation)
    q = weights.shape[1] // 2
    # Where every neuron is inactive there is no gradient, and pairing leaves nothing of it.
    least = torch.finfo(x.dtype).tiny
    left = (hidden[:, :q] + hidden[:, q:]).square().mean() / hidden.square().mean().clamp_min(least)
    right = (output[:, :q] - output[:, q:]).square().mean() / output.square().mean().clamp_min(least)
    return (left.sqrt() + right.sqrt()).repeat(trials)


def smallest_direction_at(
    *,
    W: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    B: float,
    activation: str,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The least Euclidean norm of a change U of all weights along which h moves like Σ_i y_i <∇h(·), ∇h(x_i)>/(2qB²) at
    the points, y the `labels`; W' of shape (d, q); the same in each of the (trials,) rows."""
    stream = Stream(entropy, device, dtype)
    weights, u = _initial(stream.constant(np.asarray(W).T)[None], B)
    x = stream.constant(points)
    gradients = _gradients(weights.expand(len(x), -1, -1), u.expand(len(x), -1), x, activation)
    jacobian = torch.cat([gradient.flatten(1) for gradient in gradients], dim=1)
    along = jacobian @ (jacobian.mT @ stream.constant(labels)) / (weights.shape[1] * B**2)
    least: Tensor = torch.linalg.vector_norm(torch.linalg.pinv(jacobian) @ along)
    return least.repeat(trials)


def _initial(half: Tensor, B: float) -> tuple[Tensor, Tensor]:
    """W' (trials, q, d) to W (trials, 2q, d) and u (trials, 2q)."""
    ones = torch.ones_like(half[..., 0])
    return torch.cat([half, half], dim=1), B * torch.cat([ones, -ones], dim=1)


def _gradients(W: Tensor, u: Tensor, x: Tensor, activation: str) -> tuple[Tensor, Tensor]:
    """∇_W h and ∇_u h, one network a row, at one x for all, (d,), or at one each, (trials, d)."""
    sigma = activations.value(activation)

    def h(W: Tensor, u: Tensor, x: Tensor) -> Tensor:
        return sigma(W @ x) @ u

    each = torch.func.grad(h, argnums=(0, 1))
    found: tuple[Tensor, Tensor] = torch.func.vmap(each, in_dims=(0, 0, 0 if x.ndim == 2 else None))(W, u, x)
    return found


def _pair(correlation: float, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Two unit vectors of R^d at a correlation. Raises ValueError for d < 2."""
    if d < 2:
        raise ValueError(f"two inputs at a correlation need d ≥ 2, got {d}")
    x = np.eye(d)
    return x[0], correlation * x[0] + math.sqrt((1 - correlation) * (1 + correlation)) * x[1]
