"""Ridge regression in the tangent space of a network, at its initial and at its learned weights, on the same points.

Fang, Dong, Zhang 2021, Eq. (8) and section VI, Figure 10: k = k^u + k^θ, by the Gram matrix over the points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles.learned import Sets, Training, accuracy, drawn, squared_error
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.particles.measure import Measure


def tangent_ridge(
    *,
    inputs: ArrayLike,
    targets: ArrayLike,
    n: int,
    test: int,
    m: int,
    activation: str,
    theta_scale: float,
    lambda_u: float,
    lambda_theta: float,
    step_size: float,
    steps: int,
    penalty: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Errors of ridge regression on n points; shape (trials, 4, 3).

    First axis: tangent space at initial weights; at weights learned on the very points of the ridge; at weights learned
    on n other points; at normal weights with the first and second moments of those of the second. Second: squared
    error at the points, at test points, accuracy at these. The penalty is a share of the kernel's mean diagonal at the
    points, and so the same for all. Each output regresses on the Gram matrix of all outputs' tangent features, averaged
    over outputs: k^u + k^θ with ‖u_j‖² over the classes for u_j².
    """
    stream = Stream(entropy, device, dtype)
    training = Training(activation, theta_scale, lambda_u, lambda_theta, step_size, steps)
    sets = drawn(stream, inputs, targets, 2 * n + test, trials)
    fit, other, held = sets.first(n), sets.after(n).first(n), sets.after(2 * n)
    start = training.start(stream, trials, m, fit)
    same = training.trained(start, fit)
    laws = (start, same, training.trained(start, other), _normal(stream, same))
    return torch.stack([_errors(rho, activation, fit, held, penalty) for rho in laws], dim=1)


def _normal(stream: Stream, rho: Measure) -> Measure:
    """Normal particles with the same mean and covariance of (θ, u)."""
    w = torch.cat([rho.theta, rho.u], dim=-1)
    mean = w.mean(-2, keepdim=True)
    drawn = mean + stream.normal(*w.shape[:-1], w.shape[-2]) @ (w - mean) / w.shape[-2] ** 0.5
    d = rho.theta.shape[-1]
    return rho.at(drawn[..., :d], drawn[..., d:])


def _kernel(rho: Measure, activation: str, x: Tensor, z: Tensor) -> Tensor:
    """k^u + k^θ, (trials, points x, points z)."""
    value, slope = activations.value(activation), activations.slope(activation)
    at_x, at_z = x @ rho.theta.mT, z @ rho.theta.mT
    weight = rho.u.square().mean(-1)[..., None, :]
    of_theta = ((slope(at_x) * weight) @ slope(at_z).mT) * (x @ z.mT)
    return (value(at_x) @ value(at_z).mT + of_theta) / rho.width


def _errors(rho: Measure, activation: str, fit: Sets, held: Sets, penalty: float) -> Tensor:
    """Squared error at the points and at test points, and accuracy there, (trials, 3)."""
    gram = _kernel(rho, activation, fit.x, fit.x)
    level = penalty * gram.diagonal(dim1=-2, dim2=-1).mean(-1)
    raised = gram + level[..., None, None] * torch.eye(gram.shape[-1], device=gram.device, dtype=gram.dtype)
    a = torch.linalg.solve(raised, fit.y)
    tested = _kernel(rho, activation, held.x, fit.x) @ a
    found = [squared_error(gram @ a, fit.y), squared_error(tested, held.y), accuracy(tested, held.y)]
    return torch.stack(found, dim=-1)
