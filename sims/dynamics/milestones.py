"""One descent past several losses: what every trial's parameters were when its loss first fell to each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.descent import Optimiser, Stopped, gradients

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.dynamics.descent import Objective, Parameters


def descend_past(
    objective: Objective,
    parameters: Parameters,
    optimiser: Optimiser,
    targets: tuple[float, ...],
    most: int,
) -> list[Stopped]:
    """One `Stopped` a target: parameters, losses and steps where each trial's own loss first was at most that target.

    Trials that are not there after `most` steps have the parameters of the last step and an infinite number of steps.
    The loop ends as soon as every trial has passed every target.
    """
    memory = optimiser.memory(parameters)
    one = parameters[0].flatten(1)[:, 0]
    never = torch.full_like(one, float("inf"))
    kept = [Stopped(parameters, never, never) for _ in targets]
    for k in range(most + 1):
        losses, found = gradients(objective, parameters, k)
        kept = [_passed(stop, parameters, losses, k, target) for stop, target in zip(kept, targets, strict=True)]
        if k == most or _told(torch.stack([stop.steps.isfinite().all() for stop in kept]).all(), unknown=False):
            break
        parameters, memory = optimiser.step(parameters, found, memory, k + 1)
    return [_at_the_end(stop, parameters, losses) for stop in kept]


def _passed(stop: Stopped, parameters: Parameters, losses: Tensor, k: int, target: float) -> Stopped:
    arrived = (losses <= target) & stop.steps.isinf()
    if not _told(arrived.any(), unknown=True):
        return stop
    return Stopped(
        _chosen(arrived, parameters, stop.parameters),
        torch.where(arrived, losses, stop.losses),
        torch.where(arrived, torch.full_like(losses, k), stop.steps),
    )


def _at_the_end(stop: Stopped, parameters: Parameters, losses: Tensor) -> Stopped:
    late = stop.steps.isinf()
    return Stopped(_chosen(late, parameters, stop.parameters), torch.where(late, losses, stop.losses), stop.steps)


def _chosen(mask: Tensor, first: Parameters, second: Parameters) -> Parameters:
    return tuple(torch.where(mask.reshape(-1, *[1] * (a.dim() - 1)), a, b) for a, b in zip(first, second, strict=True))


def _told(answer: Tensor, *, unknown: bool) -> bool:
    """A yes or no; `unknown` for a tensor without numbers (on a stand-in device)."""
    from torch._subclasses.fake_tensor import FakeTensor

    return unknown if isinstance(answer, FakeTensor) else bool(answer)
