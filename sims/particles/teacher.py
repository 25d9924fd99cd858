"""Students of a teacher of four sigmoid neurons in the mean-field scaling, with noise or without.

Fang, Dong, Zhang 2021, section V, Figure 6: F_4(x) = (1/4) Σ σ(θ_i·x), x ~ N(0, 100² I) in two dimensions, targets with
noise N(0, 0.1²). Students f(x) = (1/m) Σ_j u_j σ(θ_jᵀx), ½ the mean squared error, θ, u ~ N(0, 1).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.noise import NoisyStep, noisy_descent
from lazy_assay.sims.particles.objective import Objective, Regulariser

if TYPE_CHECKING:
    from torch import Tensor

# The paper's own numbers.
NEURONS, DIMENSIONS, SPREAD, NOISE = 4, 2, 100.0, 0.1
# The share of neurons is read at the output's own size, 1: below a tenth a neuron counts as wasted.
LEAST = 0.1


def student(
    *,
    m: int,
    n: int,
    test: int,
    temperature: float,
    decay: float,
    step_size: float,
    steps: int,
    diffusion: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Readings after so many steps of −η∇g, each with noise N(0, 2 λ_p η), λ_p the temperature; shape (trials, 5).

    Columns: log of the mean squared distance from the teacher at fresh inputs; share of neurons with |u_j|‖h_j‖ below
    0.1 (norm over fresh inputs); share whose line lies within π/n of one of the teacher's, the angle between neighbours
    among n lines; the same share at the start; share below 0.1 once the particles have diffused for as long again, at
    the temperature `diffusion` and without a force. Targets, inputs and starts of one trial are the same at every
    temperature.
    """
    stream = Stream(entropy, device, dtype)
    x, teacher = SPREAD * stream.normal(trials, n + test, DIMENSIONS), stream.normal(trials, NEURONS, DIMENSIONS)
    clean = Measure.uniform(teacher, torch.ones_like(teacher[..., :1])).outputs(x, "sigmoid")
    y = clean[:, :n] + NOISE * stream.normal(trials, n, 1)
    objective = Objective(x[:, :n], y, "sigmoid", regulariser=Regulariser(decay, decay))
    start = Measure.uniform(stream.normal(trials, m, DIMENSIONS), stream.normal(trials, m, 1))
    rho = noisy_descent(objective, start, NoisyStep.particles(step_size, temperature), steps, stream)
    spread = (2 * diffusion * step_size * steps) ** 0.5
    free = rho.at(*(value + spread * stream.normal(*value.shape) for value in (rho.theta, rho.u)))
    held = x[:, n:]
    error = (rho.outputs(held, "sigmoid") - clean[:, n:]).square().mean((-2, -1))
    along = [_aligned(law, teacher, math.pi / n) for law in (rho, start)]
    return torch.stack([error.log(), _wasted(rho, held), *along, _wasted(free, held)], dim=-1)


def _wasted(rho: Measure, x: Tensor) -> Tensor:
    """Share of neurons with |u_j|‖h_j‖ below 0.1."""
    reach = rho.u[..., 0].abs() * rho.features(x, "sigmoid").square().mean(-2).sqrt()
    return (reach < LEAST).to(reach.dtype).mean(-1)


def _aligned(rho: Measure, teacher: Tensor, angle: float) -> Tensor:
    """Share of neurons along one of the teacher's."""
    ours, theirs = (torch.nn.functional.normalize(value, dim=-1) for value in (rho.theta, teacher))
    near = (ours @ theirs.mT).abs().amax(-1) >= math.cos(angle)
    return near.to(ours.dtype).mean(-1)
