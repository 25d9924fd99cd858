"""Which entries pass the ReLUs of a network, wherever they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from lazy_assay.sims.diagnosis.subject import DiagnosisError, differentiable, outputs

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_RELUS = (torch.ops.aten.relu.default, torch.ops.aten.relu_.default)


class _Seen(TorchDispatchMode):
    """Keeps, of every ReLU, where its argument is positive."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.masks: list[Tensor] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _RELUS:
            self.masks.append((args[0] > 0).detach())
        return func(*args, **(kwargs or {}))


def masks(module: Module, x: Tensor) -> list[Tensor]:
    """One for every call of a ReLU, in their order. Raises DiagnosisError where there is none."""
    seen = _Seen()
    with differentiable(), seen:
        outputs(module, x)
    if not seen.masks:
        raise DiagnosisError("the network has no ReLU")
    return seen.masks


def flips(before: list[Tensor], after: list[Tensor]) -> float:
    """The share of all entries whose sign is another."""
    changed = [(a != b).flatten() for a, b in zip(before, after, strict=True)]
    return float(torch.cat(changed).double().mean())


def dead(found: list[Tensor], points: int) -> float:
    """The share of units that are off at every point. Raises DiagnosisError where the first axis is not the points'."""
    if any(mask.ndim < 2 or len(mask) != points for mask in found):
        raise DiagnosisError("a ReLU's first axis is not the points': its units cannot be told")
    return float(torch.cat([~mask.any(0).flatten() for mask in found]).double().mean())
