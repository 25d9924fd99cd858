"""Two-layer networks with weight decay on both layers: rescaled neurons, given directions, and what keeps a balance.

f(x) = (α/m) Σ_j u_j σ(θ_jᵀx), φ = (1/2n) Σ_i (f(x_i) − y_i)² + (1/2m) Σ_j (λ_u u_j² + λ_θ‖θ_j‖²); steps and times on
m·φ. Fang, Dong, Zhang 2021, Eqs. (1), (2), (20). At given weights (`_at`): one number, repeated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

    Objective = Callable[[Tensor, Tensor], Tensor]
    Gradients = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.weight_decay"

NEWTON = 60


def rescaled_decay_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    lambda_u: float,
    lambda_theta: float,
    alpha: float,
    points: ArrayLike,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The least decay over (u_j/c_j, c_jθ_j), by Newton's method, plus the mean square by which that moves f."""
    stream = Stream(entropy, device, dtype)
    hidden, top, x = (stream.constant(array) for array in (theta, u, points))
    small, large, s = lambda_u * top.square(), lambda_theta * hidden.square().sum(1), torch.zeros_like(top)
    for _ in range(NEWTON):
        falls, grows = small * torch.exp(-2 * s), large * torch.exp(2 * s)
        s = s - (grows - falls) / (2 * (grows + falls))
    moved = _output(hidden * torch.exp(s)[:, None], top * torch.exp(-s), alpha, x, activation)
    change = moved - _output(hidden, top, alpha, x, activation)
    decay = (small * torch.exp(-2 * s) + large * torch.exp(2 * s)).mean() / 2
    return (decay + change.square().mean()).expand(trials)


def trained_objective_at(
    *,
    theta: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """φ after descent on u_j and r_j = ‖θ_j‖ from (0, 1), the directions of the given θ_j being kept."""
    stream = Stream(entropy, device, dtype)
    directions = torch.nn.functional.normalize(stream.constant(theta), dim=1)
    phi = _objective(stream, alpha, points, labels, activation, lambda_u, lambda_theta)
    x, y = stream.constant(points), stream.constant(labels)
    gradients = _written_out(x, y, alpha, activation, lambda_u, lambda_theta)
    u, r = torch.zeros_like(directions[:, 0]), torch.ones_like(directions[:, 0])
    for _ in range(steps):
        of_theta, of_u = gradients(directions * r[:, None], u)
        u, r = u - step_size * of_u, r - step_size * (of_theta * directions).sum(1)
    return phi(directions * r[:, None], u).expand(trials)


def unbalanced_gradient_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """u ∂_u − θᵀ∂_θ of m·φ for the first neuron."""
    stream = Stream(entropy, device, dtype)
    hidden, top = stream.constant(theta), stream.constant(u)
    phi = _objective(stream, alpha, points, labels, activation, lambda_u, lambda_theta)
    of_theta, of_u = _gradients(phi, hidden, top)
    return (top * of_u - (hidden * of_theta).sum(1))[0].expand(trials)


def stepped_balance_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    lambda_: float,
    step_size: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """u² − ‖θ‖² of the first neuron after one step."""
    stream = Stream(entropy, device, dtype)
    hidden, top = stream.constant(theta), stream.constant(u)
    of_theta, of_u = _gradients(_objective(stream, alpha, points, labels, activation, lambda_, lambda_), hidden, top)
    return _balance(hidden - step_size * of_theta, top - step_size * of_u)[0].expand(trials)


def flow_gap(
    *,
    m: int,
    n: int,
    d: int,
    alpha: float,
    activation: str,
    lambda_: float,
    time: float,
    step_sizes: ArrayLike,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Root mean square over neurons of D(time) − exp(−2λ·time) D(0), D = u² − ‖θ‖²; shape (trials, step sizes).

    Descent on m·φ from normal weights, at normal labels and random unit inputs, with every step size.
    """
    stream = Stream(entropy, device, dtype)
    theta, u = stream.normal(trials, m, d), stream.normal(trials, m)
    x, y = torch.nn.functional.normalize(stream.normal(trials, n, d), dim=-1), stream.normal(trials, n)
    gradients = _written_out(x, y, alpha, activation, lambda_, lambda_)
    aim, gaps = math.exp(-2 * lambda_ * time) * _balance(theta, u), []
    for step in np.asarray(step_sizes).tolist():
        end = _descended(gradients, theta, u, step, round(time / step))
        gaps.append((_balance(*end) - aim).square().mean(-1).sqrt())
    return torch.stack(gaps, dim=-1)


def _output(theta: Tensor, u: Tensor, alpha: float, x: Tensor, activation: str) -> Tensor:
    """f(x), (inputs,)."""
    return alpha / len(u) * activations.value(activation)(x @ theta.mT) @ u


def _objective(
    stream: Stream,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
) -> Objective:
    """φ as a function of θ and u."""
    x, y = stream.constant(points), stream.constant(labels)

    def phi(theta: Tensor, u: Tensor) -> Tensor:
        loss = (_output(theta, u, alpha, x, activation) - y).square().mean() / 2
        decay = lambda_u * u.square().mean() + lambda_theta * theta.square().sum(1).mean()
        told: Tensor = loss + decay / 2
        return told

    return phi


def _gradients(phi: Objective, theta: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
    """m times the gradients of φ, by backpropagation."""
    leaves = theta.detach().requires_grad_(), u.detach().requires_grad_()
    with torch.enable_grad():
        of_theta, of_u = torch.autograd.grad(phi(*leaves), leaves)
    return len(u) * of_theta, len(u) * of_u


def _written_out(
    x: Tensor, y: Tensor, alpha: float, activation: str, lambda_u: float, lambda_theta: float
) -> Gradients:
    """The same, written out: many steps are dear by backpropagation. Leading axes are of trials."""
    value, slope = activations.value(activation), activations.slope(activation)

    def gradients(theta: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        z = x @ theta.mT
        hidden = value(z)
        gap = ((hidden * u[..., None, :]).sum(-1) * (alpha / u.shape[-1]) - y) * (alpha / y.shape[-1])
        of_theta = (slope(z) * gap[..., None] * u[..., None, :]).mT @ x + lambda_theta * theta
        return of_theta, (gap[..., None, :] @ hidden)[..., 0, :] + lambda_u * u

    return gradients


def _descended(gradients: Gradients, theta: Tensor, u: Tensor, step: float, steps: int) -> tuple[Tensor, Tensor]:
    """Weights after so many steps."""
    for _ in range(steps):
        of_theta, of_u = gradients(theta, u)
        theta, u = theta - step * of_theta, u - step * of_u
    return theta, u


def _balance(theta: Tensor, u: Tensor) -> Tensor:
    """u² − ‖θ‖² of every neuron."""
    return u.square() - theta.square().sum(-1)
