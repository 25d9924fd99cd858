"""Students of a teacher of four sigmoid neurons in the mean-field scaling, with noise or without.

Fang, Dong, Zhang 2021, section V, Figure 6: F_4(x) = (1/4) Σ σ(θ_i·x), x ~ N(0, 100² I) in two dimensions, targets with
noise N(0, 0.1²). Students f(x) = (1/m) Σ_j u_j σ(θ_jᵀx), ½ the mean squared error, θ, u ~ N(0, 1).
"""

from __future__ import annotations

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
LEAST, ALIGNED = 0.1, 0.98


def student(
    *,
    m: int,
    n: int,
    test: int,
    temperature: float,
    decay: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Readings after so many steps of −η∇g, each with noise N(0, 2 λ_p η), λ_p the temperature; shape (trials, 3).

    Columns: log of the mean squared distance from the teacher at fresh inputs; share of neurons with |u_j|‖h_j‖ below
    0.1 (norm over the inputs); share whose direction has a cosine of 0.98 or more, in absolute value, with one of the
    teacher's. Targets, inputs and starts of one trial are the same at every temperature.
    """
    stream = Stream(entropy, device, dtype)
    x, teacher = SPREAD * stream.normal(trials, n + test, DIMENSIONS), stream.normal(trials, NEURONS, DIMENSIONS)
    clean = Measure.uniform(teacher, torch.ones_like(teacher[..., :1])).outputs(x, "sigmoid")
    y = clean[:, :n] + NOISE * stream.normal(trials, n, 1)
    objective = Objective(x[:, :n], y, "sigmoid", regulariser=Regulariser(decay, decay))
    rho = Measure.uniform(stream.normal(trials, m, DIMENSIONS), stream.normal(trials, m, 1))
    rho = noisy_descent(objective, rho, NoisyStep.particles(step_size, temperature), steps, stream)
    return _readings(rho, teacher, x[:, n:], clean[:, n:])


def _readings(rho: Measure, teacher: Tensor, x: Tensor, clean: Tensor) -> Tensor:
    """The three columns."""
    error = (rho.outputs(x, "sigmoid") - clean).square().mean((-2, -1))
    reach = rho.u[..., 0].abs() * rho.features(x, "sigmoid").square().mean(-2).sqrt()
    ours, theirs = (torch.nn.functional.normalize(value, dim=-1) for value in (rho.theta, teacher))
    near = (ours @ theirs.mT).abs().amax(-1) >= ALIGNED
    return torch.stack([error.log(), (reach < LEAST).to(error.dtype).mean(-1), near.to(error.dtype).mean(-1)], dim=-1)
