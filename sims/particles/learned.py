"""Networks of neurons trained in the mean-field scaling on images, with which figures 8 to 11 begin.

Fang, Dong, Zhang 2021: f(x) = (1/m) Σ_j u_j σ(θ_jᵀx), several outputs, ½ the mean squared error to one-hot targets
less their mean, and (λ_u/2)‖u‖² + (λ_θ/2)‖θ‖² a neuron; every particle moves by −η∇g a step, Eq. (20).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective, Regulariser

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Sets:
    """Points of one draw a trial, x (trials, points, d) and centred targets y (trials, points, classes)."""

    x: Tensor
    y: Tensor

    def first(self, count: int) -> Sets:
        """So many of the points."""
        return Sets(self.x[:, :count], self.y[:, :count])

    def after(self, count: int) -> Sets:
        """The other ones."""
        return Sets(self.x[:, count:], self.y[:, count:])


def drawn(stream: Stream, inputs: ArrayLike, targets: ArrayLike, points: int, trials: int) -> Sets:
    """`points` of the given ones, drawn without replacement for each trial. Raises ValueError where there are fewer."""
    x, y = stream.constant(inputs), stream.constant(targets)
    if points > len(x):
        raise ValueError(f"{points} points are asked for, of {len(x)}")
    order = stream.uniform(trials, len(x)).argsort(dim=-1)[:, :points]
    return Sets(x[order], y[order] - 1 / y.shape[-1])


class Training(NamedTuple):
    """Steps of size η of (20) with decay, from θ ~ N(0, scale²), u ~ N(0, 1).

    A tuple of numbers and a name, so that it can be an argument of a simulation.
    """

    activation: str
    theta_scale: float
    lambda_u: float
    lambda_theta: float
    step_size: float
    steps: int

    def start(self, stream: Stream, trials: int, m: int, sets: Sets) -> Measure:
        """m neurons a trial."""
        theta = self.theta_scale * stream.normal(trials, m, sets.x.shape[-1])
        return Measure.uniform(theta, stream.normal(trials, m, sets.y.shape[-1]))

    def trained(self, rho: Measure, sets: Sets) -> Measure:
        """After all steps on these points."""
        decay = Regulariser(self.lambda_u, self.lambda_theta)
        objective = Objective(sets.x, sets.y, self.activation, regulariser=decay)
        for _ in range(self.steps):
            g = objective.particle_gradient(rho)
            rho = rho.at(rho.theta - self.step_size * g.theta, rho.u - self.step_size * g.u)
        return rho

    def pooled(self, theta: Tensor, u: Tensor, sets: Sets) -> tuple[Tensor, Tensor]:
        """θ and u of all neurons of several networks trained apart: (trials, nets, m, ·) to (trials, nets·m, ·)."""
        rho = self.trained(Measure.uniform(theta, u), Sets(sets.x[:, None], sets.y[:, None]))
        return rho.theta.flatten(1, 2), rho.u.flatten(1, 2)

    def starts(self, stream: Stream, shape: tuple[int, int, int], sets: Sets) -> tuple[Tensor, Tensor]:
        """θ and u of networks before training, for `shape` = (trials, nets, m): of shape (trials, nets, m, ·)."""
        theta = self.theta_scale * stream.normal(*shape, sets.x.shape[-1])
        return theta, stream.normal(*shape, sets.y.shape[-1])


def split(
    stream: Stream, inputs: ArrayLike, targets: ArrayLike, sizes: tuple[int, int, int], trials: int
) -> tuple[Sets, Sets, Sets]:
    """Points for a regression, others, and others to test on, so many of each. Raises ValueError where there are fewer.

    inputs: (points, d). targets: (points, classes). Each trial draws points of its own.
    """
    sets, (n, other, _) = drawn(stream, inputs, targets, sum(sizes), trials), sizes
    return sets.first(n), sets.after(n).first(other), sets.after(n + other)


def ridge(features: Tensor, y: Tensor, penalty: float) -> Tensor:
    """(ΦᵀΦ/n + λ s I)⁻¹ Φᵀy/n with s the mean of ΦᵀΦ/n's diagonal; features (..., n, N), result (..., N, outputs).

    Through the n × n matrix where N > n, so that many features cost no more than the points.
    """
    n, count = features.shape[-2:]
    if count > n:
        gram = features @ features.mT / n
        level = gram.diagonal(dim1=-2, dim2=-1).sum(-1) / count
        solved: Tensor = features.mT @ torch.linalg.solve(raised(gram, penalty * level), y / n)
        return solved
    gram = features.mT @ features / n
    level = gram.diagonal(dim1=-2, dim2=-1).sum(-1) / count
    found: Tensor = torch.linalg.solve(raised(gram, penalty * level), features.mT @ y / n)
    return found


def raised(gram: Tensor, by: Tensor) -> Tensor:
    """gram (..., n, n) with `by` (...), a share of its diagonal's mean, on its diagonal: invertible.

    `by` is zero where every feature is, and with it the gram: whatever stands there then, coefficients of such
    features give outputs of zero.
    """
    shift = torch.where(by > 0, by, 1.0)
    return gram + shift[..., None, None] * torch.eye(gram.shape[-1], device=gram.device, dtype=gram.dtype)


def accuracy(outputs: Tensor, y: Tensor) -> Tensor:
    """Share of points whose largest output is their class's, over the last two axes."""
    return (outputs.argmax(-1) == y.argmax(-1)).to(outputs.dtype).mean(-1)


def squared_error(outputs: Tensor, y: Tensor) -> Tensor:
    """Mean over points of ‖f − y‖²."""
    return (outputs - y).square().sum(-1).mean(-1)
