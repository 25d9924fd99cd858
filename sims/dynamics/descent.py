"""Gradient methods, batched over trials: gradient descent with momentum and weight decay, and Adam.

A step size above 2/λ_max makes a run blow up: its rows become infinite or NaN, and callers report them as diverged.
Trials never touch one another: a step is elementwise in the parameters, and the gradient of the sum of all trials'
losses is each trial's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.sgd import adam

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]
    # The loss of every trial, (trials,), at parameters and at the number of a step (for mini-batches).
    Objective = Callable[[Parameters, int], Tensor]
    Watch = Callable[[Parameters], Tensor]


@dataclass(frozen=True)
class GradientDescent:
    """w ← w − step_sizes · (∇L + weight_decay · w), with heavy-ball momentum; one step size, or one a tensor."""

    step_sizes: float | tuple[float, ...]
    momentum: float = 0.0
    weight_decay: float = 0.0

    def memory(self, parameters: Parameters) -> Parameters:
        """What is kept between steps: velocities, where there is momentum."""
        return tuple(torch.zeros_like(p) for p in parameters) if self.momentum else ()

    def step(
        self, parameters: Parameters, gradients: Parameters, memory: Parameters, k: int
    ) -> tuple[Parameters, Parameters]:
        """Step k = 1, 2, …"""
        sizes = (self.step_sizes,) * len(parameters) if isinstance(self.step_sizes, float) else self.step_sizes
        if self.weight_decay:
            gradients = tuple(g + self.weight_decay * p for g, p in zip(gradients, parameters, strict=True))
        if self.momentum:
            gradients = memory = tuple(self.momentum * v + g for v, g in zip(memory, gradients, strict=True))
        return tuple(p - s * g for p, s, g in zip(parameters, sizes, gradients, strict=True)), memory


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba 2015) with its usual constants."""

    step_size: float

    def memory(self, parameters: Parameters) -> Parameters:
        """Running means of gradients and of their squares."""
        return tuple(torch.zeros_like(p) for p in (*parameters, *parameters))

    def step(
        self, parameters: Parameters, gradients: Parameters, memory: Parameters, k: int
    ) -> tuple[Parameters, Parameters]:
        """Step k = 1, 2, …"""
        return adam(parameters, gradients, memory, k, self.step_size)


Optimiser = GradientDescent | Adam


def gradients(objective: Objective, parameters: Parameters, k: int) -> tuple[Tensor, Parameters]:
    """Every trial's loss, (trials,), and the gradients."""
    leaves = tuple(p.detach().requires_grad_() for p in parameters)
    with torch.enable_grad():
        losses = objective(leaves, k)
        found = torch.autograd.grad(losses.sum(), leaves)
    return losses.detach(), found


def descend(
    objective: Objective,
    parameters: Parameters,
    optimiser: Optimiser,
    steps: int,
    *,
    watch: Watch | None = None,
    every: int = 1,
) -> tuple[Parameters, list[Tensor]]:
    """Parameters after `steps` steps, and what `watch` said at step 0, every, 2·every, …"""
    memory, seen = optimiser.memory(parameters), []
    for k in range(steps + 1):
        if watch is not None and k % every == 0:
            with torch.no_grad():
                seen.append(watch(parameters))
        if k < steps:
            parameters, memory = optimiser.step(parameters, gradients(objective, parameters, k)[1], memory, k + 1)
    return parameters, seen


@dataclass(frozen=True)
class Stopped:
    """Trials that stopped each at its own step: parameters, losses there, and steps taken (infinite: never stopped)."""

    parameters: Parameters
    losses: Tensor
    steps: Tensor


def descend_until(
    objective: Objective, parameters: Parameters, optimiser: Optimiser, target: float, most: int, *, look: int = 16
) -> Stopped:
    """Every trial goes on until its own loss is at most `target`, and keeps its parameters from then on.

    After `most` steps the others stop where they are, with an infinite number of steps. Every `look` steps the loop
    asks whether all have stopped.
    """
    memory = optimiser.memory(parameters)
    kept, done = parameters, torch.zeros_like(parameters[0].flatten(1)[:, 0], dtype=torch.bool)
    losses = torch.full_like(parameters[0].flatten(1)[:, 0], float("inf"))
    steps = losses.clone()
    for k in range(most + 1):
        now, found = gradients(objective, parameters, k)
        arrived = (now <= target) & ~done
        steps = torch.where(arrived, torch.full_like(steps, k), steps)
        losses = torch.where(done, losses, now)
        kept = tuple(torch.where(_broad(done, p), s, p) for s, p in zip(kept, parameters, strict=True))
        done = done | arrived
        if k == most or (k % look == 0 and every_trial(done)):
            break
        parameters, memory = optimiser.step(parameters, found, memory, k + 1)
    return Stopped(kept, losses, steps)


def _broad(mask: Tensor, like: Tensor) -> Tensor:
    return mask.reshape(-1, *[1] * (like.dim() - 1))


def largest(counts: Tensor, most: int) -> int:
    """The largest of the counts, none above `most`; that one for a tensor without numbers (on a stand-in device)."""
    from torch._subclasses.fake_tensor import FakeTensor

    return most if isinstance(counts, FakeTensor) else int(counts.max())


def every_trial(mask: Tensor) -> bool:
    """Whether a condition holds in every trial; a tensor without numbers (on a stand-in device) never tells."""
    from torch._subclasses.fake_tensor import FakeTensor

    return not isinstance(mask, FakeTensor) and bool(mask.all())
