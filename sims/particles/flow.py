"""Gradient flow of particles, Eq. (20), with what it dissipates and what (21) says of means integrated along.

    dw_j/dt = −η(t) ∇g(ρ_t, w_j),        w_j = (u_j, θ_j).

Integrated by `dynamics.flow.integrate` (order 8, equal steps, all trials in one kernel): whoever calls runs it at
another number of steps too and states what changes. Beside the particles the state has columns whose derivative is

    η E‖∇g‖²,    E‖∇g‖²,    η ‖E∇g‖²,    −η E[∇ψ·∇g] for ψ = ‖u‖², u_1θ_1, tanh θ_1,          E the mean over ρ_t,

so that they are integrated to the order of the flow itself. Fang, Dong, Zhang 2021, Eqs. (20)–(23).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.flow import integrate
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Gradient, Objective

if TYPE_CHECKING:
    from torch import Tensor

# η(t), and where ∫₀^∞ η is finite.
SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda t: 1.0,
    "inverse": lambda t: 1 / (1 + t),
    "exponential": lambda t: math.exp(-t),
}


def schedule(name: str) -> Callable[[float], float]:
    """η(t) by name: `constant` 1, `inverse` 1/(1 + t), `exponential` exp(−t). Raises ValueError."""
    if name not in SCHEDULES:
        raise ValueError(f"no schedule is called {name!r}; there are {', '.join(SCHEDULES)}")
    return SCHEDULES[name]


@dataclass(frozen=True)
class Moment:
    """A moment (1/m) Σ ψ(w_j) that (21) says the change of.

    value: ψ at theta (..., m, d), u (..., m, k). along: ∇ψ·∇g there, from a gradient too; both (..., m).
    """

    value: Callable[[Tensor, Tensor], Tensor]
    along: Callable[[Tensor, Tensor, Gradient], Tensor]


MOMENTS: dict[str, Moment] = {
    "squares": Moment(lambda theta, u: u.square().sum(-1), lambda theta, u, g: 2 * (u * g.u).sum(-1)),
    "products": Moment(
        lambda theta, u: u[..., 0] * theta[..., 0],
        lambda theta, u, g: u[..., 0] * g.theta[..., 0] + theta[..., 0] * g.u[..., 0],
    ),
    "bounded": Moment(
        lambda theta, u: torch.tanh(theta[..., 0]),
        lambda theta, u, g: (1 - torch.tanh(theta[..., 0]).square()) * g.theta[..., 0],
    ),
}
# Where a flow goes: ∇g by (18), ∂φ/∂w_j by backpropagation, or that times the number of particles.
WAYS: dict[str, Callable[[Objective, Measure], Gradient]] = {
    "g": lambda phi, rho: phi.particle_gradient(rho),
    "phi": lambda phi, rho: phi.parameter_gradient(rho),
    "m phi": lambda phi, rho: phi.parameter_gradient(rho).times(rho.width),
}


@dataclass(frozen=True)
class Flow:
    """The flow of an objective from a measure. along: one of `WAYS`; ∂φ/∂w_j is p_j times slower than (20).

    moments: names of `MOMENTS` whose changes are integrated, in columns 3, 4, … of `columns`.
    """

    objective: Objective
    start: Measure
    schedule: str = "constant"
    along: str = "g"
    moments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        schedule(self.schedule)
        if self.along not in WAYS:
            raise ValueError(f"a flow goes along {', '.join(WAYS)}, not {self.along!r}")

    def states(self, time: float, steps: int) -> list[Tensor]:
        """The state at the ends of `steps` equal steps: particles, then columns, (trials, numbers)."""
        theta, u = self.start.theta.flatten(1), self.start.u.flatten(1)
        columns = torch.zeros_like(theta[:, :1]).expand(-1, 3 + len(self.moments))
        return integrate(self.velocity, torch.cat([theta, u, columns], dim=1), time, steps)

    def velocity(self, t: float, state: Tensor) -> Tensor:
        """d state/dt."""
        rho, eta = self.measure(state), schedule(self.schedule)(t)
        g = self.objective.particle_gradient(rho)
        at = [g.squared(), *(-MOMENTS[name].along(rho.theta, rho.u, g) for name in self.moments)]
        squared, *changes = rho.mean(torch.stack(at, dim=-1)).unbind(-1)
        mean_first = rho.mean(g.theta).square().sum(-1) + rho.mean(g.u).square().sum(-1)
        columns = torch.stack([eta * squared, squared, *(eta * rate for rate in (mean_first, *changes))], dim=1)
        way = g if self.along == "g" else WAYS[self.along](self.objective, rho)
        return torch.cat([-eta * way.theta.flatten(1), -eta * way.u.flatten(1), columns], dim=1)

    def measure(self, state: Tensor) -> Measure:
        """The particles of a state."""
        sizes = self.start.theta[0].numel(), self.start.u[0].numel()
        theta, u = state[:, : sizes[0]], state[:, sizes[0] : sum(sizes)]
        return self.start.at(theta.reshape(self.start.theta.shape), u.reshape(self.start.u.shape))

    def columns(self, state: Tensor) -> Tensor:
        """What has been integrated, (trials, 3 + moments): as in the module's text, then moments."""
        return state[:, self.start.theta[0].numel() + self.start.u[0].numel() :]
