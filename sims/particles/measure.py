"""Weighted measures on neurons, ρ = Σ_j p_j δ_(u_j, θ_j), batched over trials: what (15) calls a network.

Fang, Dong, Zhang 2021, Eq. (15): f(ρ, x) = α ∫ u h(θ, x) dρ = α Σ_j p_j u_j h(θ_j, x), h(θ, x) = σ(θᵀx). The m neurons
of (1) are `Measure.uniform`, p_j = 1/m; mixtures and insertions have other masses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Measure:
    """A probability measure of m particles a trial.

    theta: (..., m, d). u: (..., m, k), k outputs. masses: (..., m), the p_j; that they are positive and sum to one is
    the caller's business, for derivatives in the masses leave the simplex. Leading axes are those of trials, the same
    in all three. Nothing here is changed in place, and everything is differentiable in all three.

        rho = Measure.uniform(theta, u)                  # p_j = 1/m
        rho.outputs(x, "tanh", alpha)                    # f(ρ, x), (..., n, k)
        rho.mean(values)                                 # ∫ ψ dρ of values (..., m) or (..., m, columns)
        rho.mixed(other, s)                              # (1 − s)ρ + s·other: widths add up
        rho.inserted(theta, u, s)                        # (1 − s)ρ + s·δ_(u, θ), as Frank and Wolfe step
        rho.at(theta, u)                                 # the same masses elsewhere
    """

    theta: Tensor
    u: Tensor
    masses: Tensor

    def __post_init__(self) -> None:
        shapes = self.theta.shape[:-1], self.u.shape[:-1], self.masses.shape
        if len(set(shapes)) > 1:
            told = ", ".join(str(tuple(shape)) for shape in (self.theta.shape, self.u.shape, self.masses.shape))
            raise ValueError(f"a measure needs theta (..., m, d), u (..., m, k), masses (..., m), got shapes {told}")

    @classmethod
    def uniform(cls, theta: Tensor, u: Tensor) -> Measure:
        """The empirical measure of m particles: every mass is 1/m."""
        return cls(theta, u, torch.full_like(theta[..., 0], 1 / theta.shape[-2]))

    @property
    def width(self) -> int:
        """Number m of particles."""
        return int(self.theta.shape[-2])

    def features(self, x: Tensor, activation: str) -> Tensor:
        """h(θ_j, x_i), (..., n, m), at x of shape (n, d) or (..., n, d)."""
        return activations.value(activation)(x @ self.theta.mT)

    def outputs(self, x: Tensor, activation: str, alpha: float = 1.0) -> Tensor:
        """f(ρ, x_i), (..., n, k)."""
        return alpha * self.features(x, activation) @ (self.masses[..., None] * self.u)

    def mean(self, values: Tensor) -> Tensor:
        """∫ ψ dρ from ψ at the particles: (..., m) to (...), (..., m, columns) to (..., columns)."""
        if values.ndim == self.masses.ndim:
            return (self.masses * values).sum(-1)
        return (self.masses[..., None] * values).sum(-2)

    def at(self, theta: Tensor, u: Tensor) -> Measure:
        """The same masses at other places."""
        return Measure(theta, u, self.masses)

    def mixed(self, other: Measure, s: float | Tensor) -> Measure:
        """(1 − s)·self + s·other, on all particles of both; s one number, or one a trial."""
        share = s if isinstance(s, float) else s[..., None]
        return Measure(
            torch.cat([self.theta, other.theta], dim=-2),
            torch.cat([self.u, other.u], dim=-2),
            torch.cat([(1 - share) * self.masses, share * other.masses], dim=-1),
        )

    def inserted(self, theta: Tensor, u: Tensor, s: float | Tensor) -> Measure:
        """(1 − s)·self + s·δ at one further particle: theta (..., d), u (..., k)."""
        return self.mixed(Measure.uniform(theta[..., None, :], u[..., None, :]), s)
