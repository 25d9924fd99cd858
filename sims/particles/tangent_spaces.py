"""Ridge regression in the tangent space of a network, at its initial and at its learned weights, on the same points.

Fang, Dong, Zhang 2021, Eq. (8) and section VI, Figure 10: k = k^u + k^θ, by the Gram matrix over the points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations
from lazy_assay.sims.particles.generated import AutoEncoder, normal_alike
from lazy_assay.sims.particles.learned import Sets, Training, accuracy, raised, split, squared_error

if TYPE_CHECKING:
    from torch import Tensor

    Neurons = tuple[Tensor, Tensor]


def tangent_ridge(
    *,
    inputs: ArrayLike,
    targets: ArrayLike,
    n: int,
    test: int,
    nets: int,
    m: int,
    training: Training,
    code: AutoEncoder,
    penalty: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Errors of ridge regression on n points in tangent spaces of m neurons; shape (trials, 6, 3).

    First axis, the weights: at the start; learned on the very points of the ridge; learned on n other points; generated
    by an auto-encoder from (θ, u) of `nets` networks trained on the points of the ridge; normal with the mean and
    covariance of these; those of the start, θ and u as long in the mean square as these. Second: squared error at the
    points, at test points, accuracy at these. The penalty is a share of the kernel's mean diagonal at the points, and
    so the same for all. Each output regresses on the Gram matrix of all outputs' tangent features, averaged over
    outputs: k^u + k^θ with ‖u_j‖² over the classes for u_j².
    """
    stream = Stream(entropy, device, dtype)
    fit, other, held = split(stream, inputs, targets, (n, n, test), trials)
    theta, u = training.starts(stream, (trials, nets, m), fit)
    same, apart = training.pooled(theta, u, fit), training.pooled(theta[:, :1], u[:, :1], other)
    pool = torch.cat(same, dim=-1)
    made, d = (code.generated(stream, pool, m), normal_alike(stream, pool, m)), theta.shape[-1]
    laws: list[Neurons] = [(theta[:, 0], u[:, 0]), (same[0][:, :m], same[1][:, :m]), apart]
    laws += [(w[..., :d], w[..., d:]) for w in made]
    laws.append((_as_long(theta[:, 0], same[0]), _as_long(u[:, 0], same[1])))
    return torch.stack([_errors(law, training.activation, fit, held, penalty) for law in laws], dim=1)


def _as_long(weights: Tensor, others: Tensor) -> Tensor:
    """Scaled to the root mean square of others."""
    size, wanted = (value.square().mean((-2, -1), keepdim=True) for value in (weights, others))
    told: Tensor = weights * (wanted / size).sqrt()
    return told


def _kernel(neurons: Neurons, activation: str, x: Tensor, z: Tensor) -> Tensor:
    """k^u + k^θ, (trials, points x, points z)."""
    theta, u = neurons
    value, slope = activations.value(activation), activations.slope(activation)
    at_x, at_z = x @ theta.mT, z @ theta.mT
    weight = u.square().mean(-1)[..., None, :]
    of_theta = ((slope(at_x) * weight) @ slope(at_z).mT) * (x @ z.mT)
    told: Tensor = (value(at_x) @ value(at_z).mT + of_theta) / theta.shape[-2]
    return told


def _errors(neurons: Neurons, activation: str, fit: Sets, held: Sets, penalty: float) -> Tensor:
    """Squared error at the points and at test points, and accuracy there, (trials, 3)."""
    gram = _kernel(neurons, activation, fit.x, fit.x)
    level = penalty * gram.diagonal(dim1=-2, dim2=-1).mean(-1)
    a = torch.linalg.solve(raised(gram, level), fit.y)
    tested = _kernel(neurons, activation, held.x, fit.x) @ a
    found = [squared_error(gram @ a, fit.y), squared_error(tested, held.y), accuracy(tested, held.y)]
    return torch.stack(found, dim=-1)
