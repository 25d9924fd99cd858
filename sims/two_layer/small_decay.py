"""Two-layer networks at α = √m trained with and without a regulariser μ(‖θ‖² + ‖u‖²); the tangent model's minimiser.

f(x) = (α/m) Σ_j u_j σ(θ_jᵀx), half the mean squared error. Fang, Dong, Zhang 2021, Eqs. (1), (8), and footnote 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

    Weights = tuple[Tensor, Tensor]
    Gradients = Callable[[Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.small_decay"


def with_and_without(
    *,
    n: int,
    d: int,
    activation: str,
    widths: ArrayLike,
    exponent: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """At every width m, with μ = m^(−exponent): (trials, widths, 2).

    First the regularised objective at the weights that descent on the loss alone comes to; second the mean over neurons
    of the distance between their θ and those of descent with the regulariser, after the same steps.
    """
    stream = Stream(entropy, device, dtype)
    columns = []
    for m in np.asarray(widths).astype(int).tolist():
        x = torch.nn.functional.normalize(stream.normal(trials, n, d), dim=-1)
        gradients = _gradients(x, stream.normal(trials, n), activation)
        start = stream.normal(trials, m, d), stream.normal(trials, m)
        mu = float(m) ** -exponent
        plain, decayed = (_descended(gradients, start, each, step_size, steps) for each in (0.0, mu))
        size = plain[0].square().sum((-2, -1)) + plain[1].square().sum(-1)
        far = torch.linalg.vector_norm(plain[0] - decayed[0], dim=-1).mean(-1)
        columns.append(torch.stack([gradients(*plain)[0] + mu * size, far], dim=-1))
    return torch.stack(columns, dim=1)


def minimiser_distance_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    mu: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """‖w − w(0)‖²/‖w(0)‖² at the minimiser of the tangent model's loss plus μ‖w‖²; shape (trials,), one number.

    By least squares in all parameters, with a row √(2μ) w_p = 0 for each.
    """
    stream = Stream(entropy, device, dtype)
    start = stream.constant(theta).mT[None], stream.constant(u)[None, :, None]
    x, y = stream.constant(points), stream.constant(labels)
    network = FullyConnected((*start[0].shape[1:], 1), activation, MEAN_FIELD, alpha)
    w = torch.cat([each.reshape(-1) for each in start])
    J = tangent.jacobian(network, start, x)[0] / len(x) ** 0.5
    gap = (y - network(start, x)[0, :, 0]) / len(x) ** 0.5
    rows = torch.cat([J, (2 * mu) ** 0.5 * torch.eye(len(w), device=J.device, dtype=J.dtype)])
    aim = torch.cat([gap, -((2 * mu) ** 0.5) * w])
    # By an orthogonal factorisation: normal equations would square the condition that a small μ leaves.
    Q, R = torch.linalg.qr(rows)
    move = torch.linalg.solve_triangular(R, (Q.mT @ aim)[:, None], upper=True)[:, 0]
    share: Tensor = move.square().sum() / w.square().sum()
    return share.expand(trials)


def _gradients(x: Tensor, y: Tensor, activation: str) -> Gradients:
    """Loss and its gradients in θ, (trials, m, d), and u, (trials, m)."""
    value, slope = activations.value(activation), activations.slope(activation)

    def gradients(theta: Tensor, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        z, scale = theta @ x.mT, u.shape[-1] ** -0.5
        hidden = value(z)
        gap = scale * (hidden * u[..., None]).sum(1) - y
        back = scale / y.shape[-1] * gap[:, None, :]
        return gap.square().mean(-1) / 2, (slope(z) * u[..., None] * back) @ x, (hidden * back).sum(-1)

    return gradients


def _descended(gradients: Gradients, start: Weights, mu: float, step_size: float, steps: int) -> Weights:
    """Weights after descent on the loss plus μ(‖θ‖² + ‖u‖²)."""
    theta, u = start
    for _ in range(steps):
        _, of_theta, of_u = gradients(theta, u)
        theta, u = theta - step_size * (of_theta + 2 * mu * theta), u - step_size * (of_u + 2 * mu * u)
    return theta, u
