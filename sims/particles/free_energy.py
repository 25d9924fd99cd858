"""Flow of a normal law with the entropy term of section V: what φ + λ_p ∫ p log p loses, and what is dissipated.

u = 1, h(θ, x) = θᵀx, half the squared loss, r = (λ_θ/2)‖θ‖²: along dθ = −η∇(g + λ_p log p) dt a normal law stays
normal. It is carried by 2d points, its mean ± √d times the columns of a root of its covariance: they have the law's
moments up to the third, so that a mean over them of the square of an affine function is the mean over the law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.flow import integrate
from lazy_assay.sims.particles import problems
from lazy_assay.sims.particles.flow import schedule as rate
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective, Regulariser

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class NormalFlow:
    """States are points (trials, 2d, d), flattened, and two integrals: with the entropy's gradient, and without."""

    objective: Objective
    temperature: float
    schedule: str
    d: int

    def law(self, state: Tensor) -> Measure:
        """The points of a state, as a measure with u = 1."""
        theta = state[:, :-2].reshape(len(state), 2 * self.d, self.d)
        return Measure.uniform(theta, torch.ones_like(theta[..., :1]))

    def covariance(self, rho: Measure) -> tuple[Tensor, Tensor]:
        """Points less their mean, and their covariance."""
        away = rho.theta - rho.theta.mean(1, keepdim=True)
        return away, away.mT @ away / (2 * self.d)

    def velocity(self, t: float, state: Tensor) -> Tensor:
        """d state/dt."""
        rho, eta = self.law(state), rate(self.schedule)(t)
        g, (away, covariance) = self.objective.particle_gradient(rho).theta, self.covariance(rho)
        # ∇ log p = −Σ⁻¹(θ − μ).
        push = g - self.temperature * torch.linalg.solve(covariance, away.mT).mT
        rates = torch.stack([rho.mean(each.square().sum(-1)) for each in (push, g)], dim=1)
        return torch.cat([-eta * push.flatten(1), eta * rates], dim=1)

    def value(self, state: Tensor) -> Tensor:
        """φ + λ_p ∫ p log p."""
        rho = self.law(state)
        half_log: Tensor = torch.linalg.slogdet(self.covariance(rho)[1])[1] / 2
        return self.objective.value(rho) - self.temperature * (half_log + self.d / 2 * math.log(2 * math.pi * math.e))


def dissipation(
    *,
    n: int,
    d: int,
    alpha: float,
    lambda_theta: float,
    temperature: float,
    schedule: str,
    time: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """What φ + λ_p ∫ p log p loses; ∫ηE‖∇(g + λ_p log p)‖²dt; ∫ηE‖∇g‖²dt: (trials, 3). λ_p = temperature."""
    stream, r = Stream(entropy, device, dtype), Regulariser(0.0, lambda_theta)
    phi = problems.objective(stream, trials, n, d, 1, activation="linear", loss="squared", alpha=alpha, regulariser=r)
    # A root near the identity: the flow of a law that is nearly flat in some direction is stiff.
    root = stream.normal(trials, d, d) / (4 * d**0.5) + torch.eye(d, device=stream.device, dtype=stream.dtype)
    points = torch.cat([root.mT, -root.mT], dim=1) * d**0.5 + stream.normal(trials, 1, d)
    flow = NormalFlow(phi, temperature, schedule, d)
    start = torch.cat([points.flatten(1), torch.zeros_like(points[:, 0, :1]).expand(-1, 2)], dim=1)
    end = integrate(flow.velocity, start, time, steps)[-1]
    return torch.cat([(flow.value(start) - flow.value(end))[:, None], end[:, -2:]], dim=1)
