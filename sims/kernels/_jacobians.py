"""Gradients of a module's outputs formed point by point, in the plainest words of autograd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from lazy_assay.sims.modules.alone import Subject, pulled, told
from lazy_assay.sims.modules.errors import KernelError
from lazy_assay.sims.modules.inputs import require_finite

if TYPE_CHECKING:
    from torch import Tensor


def jacobian(subject: Subject, x: Tensor, parameters: list[Tensor], count: int) -> Tensor:
    """∂ outputs/∂ parameters at each point of x, (n, O, P), with `count` outputs O."""
    return torch.stack([_at(subject, point, parameters, count) for point in torch.split(x, 1)])


def _at(subject: Subject, point: Tensor, parameters: list[Tensor], count: int) -> Tensor:
    outputs = subject.run(point)
    if len(outputs) != count:
        raise KernelError(f"the module has {count} outputs at one point of x and {len(outputs)} at another")
    require_finite("the module's output", outputs.detach(), "look at its parameters and at x")
    with told(), torch.enable_grad():
        rows = [pulled(output, parameters, torch.ones_like(output)) for output in outputs]
    return torch.stack([torch.cat([_entries(g, p) for g, p in zip(row, parameters, strict=True)]) for row in rows])


def _entries(gradient: Tensor | None, parameter: Tensor) -> Tensor:
    return torch.zeros_like(parameter).flatten() if gradient is None else gradient.flatten()
