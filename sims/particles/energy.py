"""What the flow of particles does to the objective: both sides of (22), of the weak form of (21), and of (23).

f(ρ, x) = α ∫ u h(θ, x) dρ on m particles, φ(ρ) = (1/n) Σ L + ∫ r dρ with r = (λ_u/2)‖u‖² + (λ_θ/2)‖θ‖² + ω Σ cos; every
trial has unit inputs, labels and normal weights of its own. φ comes from a forward pass and ∇g from (18) written out,
or from backpropagation (`along`). Each row is what was measured, a column each. Fang, Dong, Zhang 2021, section V.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.particles import problems
from lazy_assay.sims.particles.flow import MOMENTS, Flow
from lazy_assay.sims.particles.objective import Regulariser

if TYPE_CHECKING:
    from torch import Tensor

# What a row of `followed` holds, in this order.
COLUMNS = (
    "fall",  # φ(0) − φ(T)
    "dissipation",  # ∫ η E‖∇g‖² dt
    "without_rate",  # ∫ E‖∇g‖² dt
    "mean_first",  # ∫ η ‖E∇g‖² dt
    *(f"{name}{side}" for name in MOMENTS for side in ("_change", "_integral")),
    "last",  # φ(T)
    "least",  # the least φ at earlier looks
    "first",  # φ(0)
    "least_gradient",  # the least E‖∇g‖² at looks
)
# Looks at φ and E‖∇g‖² along a flow, after so many equal times.
LOOKS = 8


def followed(
    *,
    n: int,
    d: int,
    k: int,
    m: int,
    alpha: float,
    activation: str,
    loss: str,
    lambda_u: float,
    lambda_theta: float,
    waves: float,
    schedule: str,
    time: float,
    steps: int,
    along: str = "g",
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """What `COLUMNS` name, of one flow: (trials, columns). Raises ValueError unless `steps` is a multiple of `LOOKS`.

    along: `g`, (20) with (18) written out; `phi`, dw = −η ∂φ/∂w dt by backpropagation; `m phi`, m times that.
    """
    if steps % LOOKS:
        raise ValueError(f"steps: a multiple of {LOOKS} is looked at, not {steps}")
    stream = Stream(entropy, device, dtype)
    r = Regulariser(lambda_u, lambda_theta, waves)
    phi = problems.objective(stream, trials, n, d, k, activation=activation, loss=loss, alpha=alpha, regulariser=r)
    flow = Flow(phi, problems.neurons(stream, trials, m, d, k), schedule, along, tuple(MOMENTS))
    states = flow.states(time, steps)[:: steps // LOOKS]
    values = torch.stack([phi.value(flow.measure(state)) for state in states])
    slopes = torch.stack([_slope(flow, state) for state in states])
    integrals, end = flow.columns(states[-1]), flow.measure(states[-1])
    changes = [end.mean(moment.value(end.theta, end.u)) for moment in MOMENTS.values()]
    before = [flow.start.mean(moment.value(flow.start.theta, flow.start.u)) for moment in MOMENTS.values()]
    pairs = [(now - then, integrals[:, 3 + i]) for i, (now, then) in enumerate(zip(changes, before, strict=True))]
    rows = [values[0] - values[-1], *integrals[:, :3].unbind(1), *(each for pair in pairs for each in pair)]
    return torch.stack([*rows, values[-1], values[:-1].amin(0), values[0], slopes.amin(0)], dim=1)


def squared_gradients(
    *,
    n: int,
    d: int,
    k: int,
    m: int,
    alpha: float,
    activation: str,
    loss: str,
    lambda_u: float,
    lambda_theta: float,
    waves: float,
    schedule: str,
    time: float,
    elapsed: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """E‖∇g‖² at `time` under the schedule; from the same start at η = 1 at `elapsed`, and at `time`: (trials, 3)."""
    stream = Stream(entropy, device, dtype)
    r = Regulariser(lambda_u, lambda_theta, waves)
    phi = problems.objective(stream, trials, n, d, k, activation=activation, loss=loss, alpha=alpha, regulariser=r)
    start = problems.neurons(stream, trials, m, d, k)
    ways = ((schedule, time), ("constant", elapsed), ("constant", time))
    flows = [(Flow(phi, start, name), until) for name, until in ways]
    return torch.stack([_slope(flow, flow.states(until, steps)[-1]) for flow, until in flows], dim=1)


def _slope(flow: Flow, state: Tensor) -> Tensor:
    """E‖∇g‖² at a state."""
    rho = flow.measure(state)
    return rho.mean(flow.objective.particle_gradient(rho).squared())
