"""Regularised linear models on random features, solved for the output weights u_j; Fang, Dong, Zhang 2021, (1)–(4).

f(x) = (α/m) Σ_j u_j σ(θ_jᵀx),    min_u (1/n) Σ_i L(f(x_i), y_i) + (λ/2m) Σ_j ‖α u_j‖².
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics.activations import value

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.random_feature_solutions"

NEWTON = 60


def ridge_output_at(
    *,
    theta: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    centres: ArrayLike,
    activation: str,
    lambda_: float,
    alpha: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Σ f over `centres` for L = ½(f − y)², by the m normal equations; shape (trials,), the same in each row."""
    stream = Stream(entropy, device, dtype)
    J, y = _features(stream, theta, points, activation, alpha), stream.constant(labels)
    u = _ridge(J, y[:, None], lambda_, alpha)
    at = _features(stream, theta, centres, activation, alpha)
    return (at @ u).sum().expand(trials)


def descended_ridge_output_at(
    *,
    theta: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    centres: ArrayLike,
    activation: str,
    lambda_: float,
    alpha: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same after `steps` of gradient descent on the u_j from zero."""
    stream = Stream(entropy, device, dtype)
    J, y = _features(stream, theta, points, activation, alpha), stream.constant(labels)
    n, m = J.shape
    u = torch.zeros_like(J[0])
    for _ in range(steps):
        u = u - step_size * (J.mT @ (J @ u - y) / n + lambda_ * alpha**2 / m * u)
    return (_features(stream, theta, centres, activation, alpha) @ u).sum().expand(trials)


def logistic_output_at(
    *,
    theta: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    centres: ArrayLike,
    activation: str,
    lambda_: float,
    alpha: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Σ f over `centres` for L = log(1 + exp(−f sign y)), by Newton's method on the m numbers u_j."""
    stream = Stream(entropy, device, dtype)
    J, signs = _features(stream, theta, points, activation, alpha), stream.constant(labels).sign()
    n, m = J.shape
    u, decay = torch.zeros_like(J[0]), lambda_ * alpha**2 / m
    for _ in range(NEWTON):
        weights = torch.sigmoid(-signs * (J @ u))
        gradient = decay * u - J.mT @ (signs * weights) / n
        hessian = J.mT @ ((weights * (1 - weights))[:, None] * J) / n + decay * _identity(J)
        step = torch.linalg.solve(hessian, gradient)
        # No step moves an output by more than one: Newton's method alone overshoots from far away.
        u = u - step / (J @ step).abs().max().clamp(min=1.0)
    return (_features(stream, theta, centres, activation, alpha) @ u).sum().expand(trials)


def ridge_norm_at(
    *,
    theta: ArrayLike,
    points: ArrayLike,
    targets: ArrayLike,
    activation: str,
    lambda_: float,
    alpha: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """(α²/m) Σ_j ‖u_j‖² of the ridge solution for k outputs, targets (n, k); shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    J = _features(stream, theta, points, activation, alpha)
    u = _ridge(J, stream.constant(targets), lambda_, alpha)
    return (u.square().sum() * alpha**2 / J.shape[1]).expand(trials)


def sampled_representation(
    *,
    coefficients: ArrayLike,
    points: ArrayLike,
    centres: ArrayLike,
    activation: str,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Σ over `centres` of u(θ)σ(θᵀx), u(θ) = Σ_i β_i σ(θᵀx_i), mean over `repeats` draws of θ ~ N(0, I); (trials,)."""
    stream, sigma = Stream(entropy, device, dtype), value(activation)
    x, z, beta = (stream.constant(array) for array in (points, centres, coefficients))
    theta = stream.normal(trials, repeats, x.shape[-1])
    u = sigma(theta @ x.mT) @ beta
    return (u * sigma(theta @ z.mT).sum(-1)).mean(-1)


def ridge_distance(
    *,
    points: ArrayLike,
    labels: ArrayLike,
    centres: ArrayLike,
    limit: ArrayLike,
    activation: str,
    lambda_: float,
    widths: ArrayLike,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Root mean square of f_m − limit over `centres` and `repeats` draws of θ at every width m; (trials, widths)."""
    stream, sigma = Stream(entropy, device, dtype), value(activation)
    x, z, y, aim = (stream.constant(array) for array in (points, centres, labels, limit))
    columns = []
    for m in np.asarray(widths).astype(int).tolist():
        theta = stream.normal(trials, repeats, x.shape[-1], m)
        H, at = sigma(x @ theta) / m**0.5, sigma(z @ theta) / m**0.5
        # (HᵀH/n + λ)⁻¹Hᵀy/n through the smaller of the two Gram matrices.
        K = H @ H.mT + lambda_ * len(x) * torch.eye(len(x), device=x.device, dtype=x.dtype)
        f = (at @ (H.mT @ torch.linalg.solve(K, y[:, None].expand(*K.shape[:-1], 1))))[..., 0]
        columns.append((f - aim).square().mean((-2, -1)).sqrt())
    return torch.stack(columns, dim=-1)


def _features(stream: Stream, theta: ArrayLike, x: ArrayLike, activation: str, alpha: float) -> Tensor:
    """(α/m) σ(θ_jᵀx_i), shape (inputs, m)."""
    hidden = value(activation)(stream.constant(x) @ stream.constant(theta).mT)
    return hidden * (alpha / hidden.shape[-1])


def _identity(J: Tensor) -> Tensor:
    return torch.eye(J.shape[1], device=J.device, dtype=J.dtype)


def _ridge(J: Tensor, y: Tensor, lambda_: float, alpha: float) -> Tensor:
    """u of the normal equations, shape (m, k) for targets (n, k)."""
    n, m = J.shape
    solved: Tensor = torch.linalg.solve(J.mT @ J / n + lambda_ * alpha**2 / m * _identity(J), J.mT @ y / n)
    return solved
