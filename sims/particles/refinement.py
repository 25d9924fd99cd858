"""Descent of particles, masses and all, and insertion of the particle of least g: laws that minimise the objective.

Particles follow ∇g; masses, where they move, p_j ∝ p_j exp(−η(g_j − ∫g dρ)), which is mirror descent in the masses, of
which ∂φ/∂p_j = g_j. `refined` inserts, again and again, the particle at which g is least (Frank and Wolfe). θ has two
entries, a weight and a bias; r = (λ_u/2)u² + (λ_θ/2)‖θ‖². Fang, Dong, Zhang 2021, Eqs. (16)–(20).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective

if TYPE_CHECKING:
    from torch import Tensor

# Steps of θ and u, and of log masses; what is put on an inserted particle.
STEP_SIZE, MASS_STEP, SHARE = 0.05, 0.3, 0.02
# A grid over θ, and how often it is shrunk around the best of it, by which factor.
GRID, FINE, ROUNDS, SHRINK = 65, 9, 12, 0.35


def descended(
    phi: Objective, rho: Measure, steps: int, step_size: float = STEP_SIZE, mass_step: float = 0.0
) -> Measure:
    """After so many steps along ∇g; with a `mass_step`, masses move too."""
    for _ in range(steps):
        potential = phi.potential(rho)
        g, masses = potential.gradient(rho.theta, rho.u), rho.masses
        if mass_step:
            value = potential.value(rho.theta, rho.u)
            masses = torch.softmax(masses.log() - mass_step * (value - rho.mean(value)[:, None]), dim=-1)
        rho = Measure(rho.theta - step_size * g.theta, rho.u - step_size * g.u, masses)
    return rho


def refined(phi: Objective, rho: Measure, steps: int, insertions: int) -> Measure:
    """Insertions of the particle of least g, with `steps` of everything after each."""
    for _ in range(insertions):
        rho = descended(phi, rho.inserted(*least_particle(phi, rho), SHARE), steps, mass_step=MASS_STEP)
    return rho


def settled(phi: Objective, rho: Measure) -> Measure:
    """The same θ and masses with the u that are best for them: a(θ_j) = −λ_u u_j, n linear equations in f − y.

    With r = f − y, u = −Hᵀr/(nλ_u) and f = H P u, so that (1 + H P Hᵀ/(nλ_u)) r = −y; of half the squared loss, α = 1.
    """
    H, n = rho.features(phi.x, phi.activation), phi.x.shape[-2]
    share = n * phi.regulariser.lambda_u
    K = (H * rho.masses[:, None, :]) @ H.mT / share
    r = -torch.linalg.solve(torch.eye(n, device=K.device, dtype=K.dtype) + K, phi.y)
    return Measure(rho.theta, -H.mT @ r / share, rho.masses)


def least_particle(phi: Objective, rho: Measure) -> tuple[Tensor, Tensor]:
    """θ (trials, 2) and u (trials, 1) of the least g, by ever finer grids in the box it lies in; no certificate."""
    potential, r = phi.potential(rho), phi.regulariser
    reach = potential.pull.abs().sum((1, 2)) / math.sqrt(r.lambda_u * r.lambda_theta)
    at, half, points = torch.zeros_like(rho.theta[:, 0]), reach[:, None], GRID
    for _ in range(ROUNDS):
        line = torch.linspace(-1, 1, points, device=at.device, dtype=at.dtype)
        square = torch.stack([line[:, None].expand(-1, points), line.expand(points, -1)], dim=-1).reshape(1, -1, 2)
        theta = at[:, None] + half[..., None] * square
        force = potential.force(theta)
        value = r.lambda_theta / 2 * theta.square().sum(-1) - force.square().sum(-1) / (2 * r.lambda_u)
        at = torch.gather(theta, 1, value.argmin(-1)[:, None, None].expand(-1, 1, 2))[:, 0]
        half, points = half * (4 / GRID if points == GRID else SHRINK), FINE
    return at, -potential.force(at[:, None])[:, 0] / r.lambda_u
