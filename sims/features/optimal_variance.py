"""Laws of neurons on given features: the variance of one neuron, and the law of least loss with decay of u.

A law has masses p_j and output weights u_j, f = α Σ_j p_j u_j h_j at the points. Fang, Dong, Zhang 2021, (16), (24).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.optimal_variance"


def neuron_variance_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    activation: str,
    normalisation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean over points of the variance of αu_jh_j(x) over the neurons j of a network; shape (trials,), one number."""
    stream = Stream(entropy, device, dtype)
    H, top = _features(stream, theta, points, activation, normalisation), stream.constant(u)
    return _variance(H, torch.ones_like(top) / len(top), top, alpha).expand(trials)


def trained_variance_at(
    *,
    theta: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    normalisation: str,
    lambda_: float,
    rounds: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same of the law that minimises (1/2n) Σ (f − y)² + (λ/2) Σ_j p_ju_j² over p and u; (trials,), one number.

    By turns: u for given masses, a linear system; masses for given p_ju_j, in proportion to their moduli.
    """
    stream = Stream(entropy, device, dtype)
    H, y = _features(stream, theta, points, activation, normalisation), stream.constant(labels)
    p = torch.ones_like(H[0]) / H.shape[1]
    for _ in range(rounds):
        u = _best_weights(H, p, y, alpha, lambda_)
        p = p * u.abs() / (p * u.abs()).sum()
    return _variance(H, p, _best_weights(H, p, y, alpha, lambda_), alpha).expand(trials)


def other_variance(
    *,
    theta: ArrayLike,
    alpha: float,
    points: ArrayLike,
    activation: str,
    normalisation: str,
    coefficients: ArrayLike,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The least variance of `repeats` random laws with the values of given coefficients c_j at the points; (trials,).

    c moves by a random vector that no point sees, masses from |c| towards random ones, by 10⁻⁴ to 1 of the whole.
    """
    stream = Stream(entropy, device, dtype)
    H, c = _features(stream, theta, points, activation, normalisation), stream.constant(coefficients)
    unseen = torch.eye(len(c), device=H.device, dtype=H.dtype) - torch.linalg.pinv(H) @ H
    shape = (trials, repeats, len(c))
    far = 10 ** (-4 * stream.uniform(2, trials, repeats, 1).abs())
    moved = c + far[0] * stream.normal(*shape) @ unseen * c.abs().mean()
    p = (1 - far[1]) * moved.abs() + far[1] * moved.abs().mean(-1, keepdim=True) * stream.normal(*shape).abs()
    p = p / p.sum(-1, keepdim=True)
    return _variance(H, p, moved / p, alpha).amin(-1)


def _features(stream: Stream, theta: ArrayLike, points: ArrayLike, activation: str, normalisation: str) -> Tensor:
    """h_j(x_i), (points, neurons), of mean square one over the points where the normalisation is "batch"."""
    H = activations.value(activation)(stream.constant(points) @ stream.constant(theta).mT)
    return H / H.square().mean(0).sqrt() if normalisation == "batch" else H


def _best_weights(H: Tensor, p: Tensor, y: Tensor, alpha: float, lambda_: float) -> Tensor:
    """u of least loss for given masses: u = αHᵀβ with (α²H diag(p) Hᵀ + λn)β = y."""
    K = alpha**2 * (H * p) @ H.mT + lambda_ * len(y) * torch.eye(len(y), device=H.device, dtype=H.dtype)
    u: Tensor = alpha * H.mT @ torch.linalg.solve(K, y)
    return u


def _variance(H: Tensor, p: Tensor, u: Tensor, alpha: float) -> Tensor:
    """Σ_j p_j mean_i (αu_jh_j(x_i) − f(x_i))² over the last axis of p and u."""
    each = alpha * u[..., None, :] * H
    f = (each * p[..., None, :]).sum(-1, keepdim=True)
    told: Tensor = ((each - f).square().mean(-2) * p).sum(-1)
    return told
