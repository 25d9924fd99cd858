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


def _bounded(f: Tensor, y: Tensor) -> Tensor:
    """The mean of 1 − exp(−½‖f − y‖²), which is not convex in f."""
    return -torch.expm1(-(f - y).square().sum(-1) / 2).mean(-1)


# The losses of `dynamics.losses`, and one that is not convex; L'_1(f, y) of each, of the shape of f.
_VALUES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {**losses.LOSSES, "bounded": _bounded}
_SLOPES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "half_squared": lambda f, y: f - y,
    "logistic": lambda f, y: -y[..., None] * torch.sigmoid(-y[..., None] * f),
    "softmax": lambda f, y: torch.softmax(f, dim=-1) - y,
    "bounded": lambda f, y: (f - y) * torch.exp(-(f - y).square().sum(-1, keepdim=True) / 2),
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
        of_theta, of_u = self.lambda_theta * theta, self.lambda_u * u
        if self.waves:
            return of_theta - self.waves * torch.sin(theta), of_u - self.waves * torch.sin(u)
        return of_theta, of_u


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
    """φ on data: x (n, d) or (..., n, d), y as `loss` wants it: `half_squared`, `logistic`, `softmax`, `bounded`."""

    x: Tensor
    y: Tensor
    activation: str
    loss: str = "half_squared"
    alpha: float = 1.0
    regulariser: Regulariser = Regulariser()

    def __post_init__(self) -> None:
        if self.loss not in _VALUES:
            raise ValueError(f"no loss is called {self.loss!r}; there are {', '.join(_VALUES)}")

    def outputs(self, rho: Measure) -> Tensor:
        """f(ρ, x_i), (..., n, k)."""
        return rho.outputs(self.x, self.activation, self.alpha)

    def data_term(self, rho: Measure) -> Tensor:
        """(1/n) Σ L, (...)."""
        return _VALUES[self.loss](self.outputs(rho), self.y)

    def value(self, rho: Measure) -> Tensor:
        """φ(ρ), (...)."""
        return self.data_term(rho) + rho.mean(self.regulariser.value(rho.theta, rho.u))

    def potential(self, rho: Measure) -> Potential:
        """g(ρ, ·)."""
        return Potential(self, self._pull(self.outputs(rho)))

    def particle_gradient(self, rho: Measure) -> Gradient:
        """∇g(ρ, w_j) at ρ's own particles, by (18) written out: each feature is made once."""
        z = rho.theta @ self.x.mT
        h = activations.value(self.activation)(z)
        f = self.alpha * h.mT @ (rho.masses[..., None] * rho.u)
        return Potential(self, self._pull(f)).gradient_from(z, h, rho.theta, rho.u)

    def _pull(self, f: Tensor) -> Tensor:
        return self.alpha / self.x.shape[-2] * _SLOPES[self.loss](f, self.y)

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
        z = theta @ self.objective.x.mT
        return self.gradient_from(z, activations.value(self.objective.activation)(z), theta, u)

    def gradient_from(self, z: Tensor, h: Tensor, theta: Tensor, u: Tensor) -> Gradient:
        """The same, from pre-activations and features at them, (..., m, n)."""
        of_theta, of_u = self.objective.regulariser.gradient(theta, u)
        bent = activations.slope(self.objective.activation)(z) * (u @ self.pull.mT)
        return Gradient(bent @ self.objective.x + of_theta, h @ self.pull + of_u, Of.PARTICLE)
