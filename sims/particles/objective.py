"""φ(ρ) of (16) by a forward pass, and g(ρ, u, θ) of (18) written out: two codes that share no derivative.

    φ(ρ) = (1/n) Σ_i L(f(ρ, x_i), y_i) + ∫ r dρ,     g(ρ, u, θ) = (α/n) Σ_i L'_1(f(ρ, x_i), y_i)·u h(θ, x_i) + r(u, θ).

`Objective.value` calls losses and activations; `Potential` has their derivatives by hand; `parameter_gradient` has
those of φ in the parameters by backpropagation. A `Gradient` says whether it is g's or φ's: ∂φ/∂w_j = p_j ∇g_j, so that
the one is not the other at m > 1. Fang, Dong, Zhang 2021, Eqs. (2), (16), (18), (20).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import losses
from lazy_assay.sims.numerics import activations
from lazy_assay.sims.particles.measure import Measure

if TYPE_CHECKING:
    from torch import Tensor

# L'_1(f, y), of the shape of f, for the losses of `dynamics.losses`.
_SLOPES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "half_squared": lambda f, y: f - y,
    "logistic": lambda f, y: -y[..., None] * torch.sigmoid(-y[..., None] * f),
    "softmax": lambda f, y: torch.softmax(f, dim=-1) - y,
}


@dataclass(frozen=True)
class Regulariser:
    """r(u, θ) = (λ_u/2)‖u‖² + (λ_θ/2)‖θ‖² + ω Σ cos over all entries of u and θ; the last term is not convex."""

    lambda_u: float = 0.0
    lambda_theta: float = 0.0
    waves: float = 0.0

    def value(self, theta: Tensor, u: Tensor) -> Tensor:
        """r at particles, (..., m)."""
        squares = self.lambda_u * u.square().sum(-1) + self.lambda_theta * theta.square().sum(-1)
        return squares / 2 + self.waves * (torch.cos(u).sum(-1) + torch.cos(theta).sum(-1))

    def gradient(self, theta: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        """∇r, in θ and in u."""
        return (
            self.lambda_theta * theta - self.waves * torch.sin(theta),
            self.lambda_u * u - self.waves * torch.sin(u),
        )


class Of(StrEnum):
    """What a gradient is of: g of (18), which (20) follows, or φ as a function of the parameters."""

    PARTICLE = "g"
    PARAMETERS = "phi"


@dataclass(frozen=True)
class Gradient:
    """∇_w g or ∂φ/∂w at every particle: theta (..., m, d), u (..., m, k)."""

    theta: Tensor
    u: Tensor
    of: Of

    def squared(self) -> Tensor:
        """Squared norms, one a particle, (..., m)."""
        return self.theta.square().sum(-1) + self.u.square().sum(-1)

    def times(self, factor: float) -> Gradient:
        """Another length, of the same."""
        return Gradient(factor * self.theta, factor * self.u, self.of)


@dataclass(frozen=True)
class Objective:
    """φ on data: x (n, d) or (..., n, d), y as `loss` wants it, by name (`half_squared`, `logistic`, `softmax`)."""

    x: Tensor
    y: Tensor
    activation: str
    loss: str = "half_squared"
    alpha: float = 1.0
    regulariser: Regulariser = Regulariser()

    def outputs(self, rho: Measure) -> Tensor:
        """f(ρ, x_i), (..., n, k)."""
        return rho.outputs(self.x, self.activation, self.alpha)

    def data_term(self, rho: Measure) -> Tensor:
        """(1/n) Σ L, (...)."""
        return losses.loss(self.loss)(self.outputs(rho), self.y)

    def value(self, rho: Measure) -> Tensor:
        """φ(ρ), (...)."""
        return self.data_term(rho) + rho.mean(self.regulariser.value(rho.theta, rho.u))

    def potential(self, rho: Measure) -> Potential:
        """g(ρ, ·)."""
        f = self.outputs(rho)
        return Potential(self, self.alpha / self.x.shape[-2] * _SLOPES[self.loss](f, self.y))

    def particle_gradient(self, rho: Measure) -> Gradient:
        """∇g(ρ, w_j) at ρ's own particles, by (18) written out."""
        return self.potential(rho).gradient(rho.theta, rho.u)

    def parameter_gradient(self, rho: Measure) -> Gradient:
        """∂φ/∂w_j by backpropagation through `value`: p_j times ∇g_j."""
        leaves = rho.theta.detach().requires_grad_(), rho.u.detach().requires_grad_()
        with torch.enable_grad():
            theta, u = torch.autograd.grad(self.value(rho.at(*leaves)).sum(), leaves)
        return Gradient(theta, u, Of.PARAMETERS)


@dataclass(frozen=True)
class Potential:
    """g(ρ, ·) as a function of any particle: pull is (α/n) L'_1(f(ρ, x_i), y_i), (..., n, k), the rest is data."""

    objective: Objective
    pull: Tensor

    def force(self, theta: Tensor) -> Tensor:
        """a(θ) = (α/n) Σ_i L'_1 h(θ, x_i), (..., m, k): what g is linear in u with."""
        return activations.value(self.objective.activation)(theta @ self.objective.x.mT) @ self.pull

    def value(self, theta: Tensor, u: Tensor) -> Tensor:
        """g at particles theta (..., m, d), u (..., m, k): (..., m)."""
        return (u * self.force(theta)).sum(-1) + self.objective.regulariser.value(theta, u)

    def gradient(self, theta: Tensor, u: Tensor) -> Gradient:
        """∇_w g at particles."""
        x, name = self.objective.x, self.objective.activation
        z = theta @ x.mT
        of_theta, of_u = self.objective.regulariser.gradient(theta, u)
        bent = activations.slope(name)(z) * (u @ self.pull.mT)
        return Gradient(bent @ x + of_theta, activations.value(name)(z) @ self.pull + of_u, Of.PARTICLE)
