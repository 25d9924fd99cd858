"""How far trained hidden weights leave their start, and how much of the way lies in the span of the training inputs.

Fang, Dong, Zhang 2021, Eq. (2) and section VI, Figure 8: f(x) = (1/m) Σ_j u_j σ(θ_jᵀx), ½ the mean squared error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.sgd import adam
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective, Regulariser

if TYPE_CHECKING:
    from torch import Tensor


def moved(
    *,
    n: int,
    d: int,
    m: int,
    blank: int,
    activation: str,
    optimiser: str,
    decay: float,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Squared norms of the change Δ of θ, and counts of weights; shape (trials, 7).

    Normal points whose first `blank` pixels are zero, and the next one at all but the first point; normal targets.
    Columns: ‖Δ‖²; of its projection on the span of the inputs; on that of all but the last input; of the part of θ(0)
    outside the span; weights of pixels that are zero at every point and that are at their start to the bit; all of
    these; weights of pixels that are zero at some point. optimiser: `descent`, `momentum` (0.9), `batches` (points by
    turns) or `adam`. Raises ValueError.
    """
    stream = Stream(entropy, device, dtype)
    x, y = stream.normal(trials, n, d), stream.normal(trials, n, 1)
    seen = torch.ones_like(x)
    seen[..., :blank] = 0
    seen[:, 1:, blank] = 0
    x = x * seen
    start = Measure.uniform(stream.normal(trials, m, d), stream.normal(trials, m, 1))
    end = _trained(start, x, y, activation, optimiser, decay, step_size, steps)
    change, kept = end.theta - start.theta, (end.theta == start.theta).to(x.dtype)
    outside = start.theta - _projected(start.theta, x)
    squares = [change, _projected(change, x), _projected(change, x[:, :-1]), outside]
    dark = (seen.amax(1) == 0)[:, None] * torch.ones_like(change)
    counts = [kept * dark, dark, torch.ones_like(change) * _dark(seen)]
    norms = [value.square().sum((-2, -1)) for value in squares]
    return torch.stack([*norms, *(count.sum((-2, -1)) for count in counts)], dim=-1)


def _dark(seen: Tensor) -> Tensor:
    """Pixels that are zero at some point, (trials, 1, d)."""
    return (seen.amin(1) == 0)[:, None]


def _projected(vectors: Tensor, x: Tensor) -> Tensor:
    """Rows (trials, m, d) projected on the span of x's, by an orthonormal basis."""
    basis = torch.linalg.qr(x.mT).Q
    told: Tensor = (vectors @ basis) @ basis.mT
    return told


def _trained(
    rho: Measure, x: Tensor, y: Tensor, activation: str, optimiser: str, decay: float, step_size: float, steps: int
) -> Measure:
    """After all steps."""
    if optimiser not in ("descent", "momentum", "batches", "adam"):
        raise ValueError(f"no optimiser is called {optimiser!r}; there are descent, momentum, batches, adam")
    parameters: tuple[Tensor, ...] = (rho.theta, rho.u)
    zeros = tuple(torch.zeros_like(value) for value in parameters)
    memory: tuple[Tensor, ...] = zeros * 2 if optimiser == "adam" else zeros
    for step in range(steps):
        part = slice(step % 2, None, 2) if optimiser == "batches" else slice(None)
        objective = Objective(x[:, part], y[:, part], activation, regulariser=Regulariser(decay, decay))
        g = objective.particle_gradient(rho.at(parameters[0], parameters[1]))
        if optimiser == "adam":
            parameters, memory = adam(parameters, (g.theta, g.u), memory, step + 1, step_size)
        else:
            keep = 0.9 if optimiser == "momentum" else 0.0
            memory = tuple(keep * old + new for old, new in zip(memory, (g.theta, g.u), strict=True))
            parameters = tuple(w - step_size * v for w, v in zip(parameters, memory, strict=True))
    return rho.at(parameters[0], parameters[1])
