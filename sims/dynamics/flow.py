"""Gradient flow of R(αh(w))/α², batched over trials, integrated at high order with equal steps.

The unknown is v = α(w − w0), which stays of order one at every α:

    v' = −Dh(w0 + v/α)ᵀ ∇R(αh(w0 + v/α)).

`integrate` is Gragg's modified midpoint rule extrapolated in the squares of its steps (Bulirsch and Stoer 1966; here of
order 8, without a tableau to mistype). Values are read at the ends of steps, never between them. There is no adaptive
step: one run at `steps` and one at twice as many tell the integration error, and whoever calls states it.

`difference_from_linear` integrates v − v̄ with v̄ the linear model's flow in closed form, for R(y) = ½‖y − y*‖²: its
truncation error is then a share of that difference, however small it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import tangent

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]
    Model = Callable[[Parameters], Tensor]
    # d state/dt at a time and a state (trials, numbers).
    Velocity = Callable[[float, Tensor], Tensor]
    # ∇R, (trials, n) to (trials, n).
    Slope = Callable[[Tensor], Tensor]

SUBSTEPS = (2, 4, 6, 8)
ORDER = 2 * len(SUBSTEPS)
# Below every eigenvalue that is not zero, in either precision.
TINY = 1e-30


def integrate(velocity: Velocity, state: Tensor, time: float, steps: int) -> list[Tensor]:
    """The state at 0, h, 2h, …, time, h = time/steps: `steps` + 1 tensors. Raises ValueError without a step."""
    if steps < 1 or not time > 0:
        raise ValueError(f"a flow needs a positive time and at least one step, not time {time} in {steps} steps")
    h, states = time / steps, [state]
    for k in range(steps):
        states.append(_step(velocity, k * h, states[-1], h))
    return states


def _step(velocity: Velocity, t: float, state: Tensor, h: float) -> Tensor:
    """Neville's extrapolation to no step at all of midpoint rules with 2, 4, 6, 8 substeps."""
    first = velocity(t, state)
    row: list[Tensor] = []
    for index, n in enumerate(SUBSTEPS):
        found = [_midpoint(velocity, t, state, first, h, n)]
        for back in range(index):
            ratio = (n / SUBSTEPS[index - back - 1]) ** 2
            found.append(found[-1] + (found[-1] - row[back]) / (ratio - 1))
        row = found
    return row[-1]


def _midpoint(velocity: Velocity, t: float, state: Tensor, first: Tensor, h: float, n: int) -> Tensor:
    before, now = state, state + (h / n) * first
    for k in range(1, n):
        before, now = now, before + (2 * h / n) * velocity(t + k * h / n, now)
    return (before + now + (h / n) * velocity(t + h, now)) / 2


@dataclass(frozen=True)
class Scaled:
    """The model αh, a function of parameters alone with outputs (trials, n), in the coordinates v = α(w − w0).

    alpha: one number, or one a trial, shape (trials,); it may be negative.
    """

    model: Model
    start: Parameters
    alpha: float | Tensor

    def parameters(self, v: Tensor) -> Parameters:
        """w0 + v/α, from v (trials, numbers)."""
        scale = self.alpha if isinstance(self.alpha, float) else self.alpha[:, None]
        moves = torch.split(v / scale, [p[0].numel() for p in self.start], dim=1)
        return tuple(p + move.reshape(p.shape) for p, move in zip(self.start, moves, strict=True))

    def outputs(self, v: Tensor) -> Tensor:
        """αh(w0 + v/α), shape (trials, n)."""
        scale = self.alpha if isinstance(self.alpha, float) else self.alpha[:, None]
        return scale * self.model(self.parameters(v))

    def pull(self, v: Tensor, slope: Slope) -> Tensor:
        """Dh(w0 + v/α)ᵀ ∇R(αh): what the flow descends along, shape of v."""
        leaf = v.detach().requires_grad_()
        with torch.enable_grad():
            y = self.outputs(leaf)
            (found,) = torch.autograd.grad(y, leaf, grad_outputs=slope(y.detach()))
        return found.detach()

    @property
    def rest(self) -> Tensor:
        """v = 0."""
        return torch.zeros_like(torch.cat([p.flatten(1) for p in self.start], dim=1))


def flow(scaled: Scaled, slope: Slope, time: float, steps: int) -> list[Tensor]:
    """v at the ends of all steps, for any loss R given by its gradient `slope`."""
    return integrate(lambda t, v: -scaled.pull(v, slope), scaled.rest, time, steps)


@dataclass(frozen=True)
class Linear:
    """The flow of the linear model αh(w0) + Dh(w0)v under ½‖y − y*‖²: v̄(t) = −Jᵀ ∫₀ᵗ exp(−sK) gap ds, K = JJᵀ."""

    jacobian: Tensor
    gap: Tensor

    def residual(self, t: float) -> Tensor:
        """ȳ(t) − y*, shape (trials, n)."""
        return self._apply(lambda values: torch.exp(-t * values))

    def moved(self, t: float) -> Tensor:
        """v̄(t), shape (trials, numbers)."""
        # (1 − exp(−tλ))/λ, which is t where λ is zero.
        past = self._apply(
            lambda values: torch.where(values > 0, -torch.expm1(-t * values) / values.clamp_min(TINY), t + 0 * values)
        )
        return -(past[:, None, :] @ self.jacobian)[:, 0]

    def _apply(self, function: Callable[[Tensor], Tensor]) -> Tensor:
        values, vectors = self._eigen
        return ((function(values) * (self.gap[:, None, :] @ vectors)[:, 0])[:, None, :] @ vectors.mT)[:, 0]

    @cached_property
    def _eigen(self) -> tuple[Tensor, Tensor]:
        values, vectors = torch.linalg.eigh(self.jacobian @ self.jacobian.mT)
        return values.clamp_min(0.0), vectors


def difference_from_linear(scaled: Scaled, target: Tensor, time: float, steps: int) -> tuple[list[Tensor], Linear]:
    """v − v̄ at the ends of all steps, for R(y) = ½‖y − target‖², and the linear flow itself."""
    jacobian = tangent.jacobian(lambda w, _: scaled.model(w), scaled.start, target)
    linear = Linear(jacobian, scaled.outputs(scaled.rest) - target)

    def velocity(t: float, e: Tensor) -> Tensor:
        pulled = scaled.pull(linear.moved(t) + e, lambda y: y - target)
        return (linear.residual(t)[:, None, :] @ jacobian)[:, 0] - pulled

    return integrate(velocity, scaled.rest, time, steps), linear
