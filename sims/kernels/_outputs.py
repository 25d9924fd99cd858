"""A module's outputs as one row of numbers a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lazy_assay.sims._torch import torch
from lazy_assay.sims.kernels._errors import KernelError

if TYPE_CHECKING:
    from torch import Tensor


def flat(outputs: Any, points: int) -> Tensor:
    """Outputs (points, O): a tensor, or several in a tuple, list or mapping, one after the other."""
    parts = [part.reshape(points, -1) for part in _tensors(outputs, points)]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)


def _tensors(outputs: Any, points: int) -> list[Tensor]:
    if isinstance(outputs, Mapping):
        outputs = list(outputs.values())
    if isinstance(outputs, (tuple, list)):
        return [tensor for part in outputs for tensor in _tensors(part, points)]
    if not isinstance(outputs, torch.Tensor) or not outputs.is_floating_point():
        what = outputs.dtype if isinstance(outputs, torch.Tensor) else type(outputs).__name__
        raise KernelError(f"the module returns {what}, which has no gradient; let it return real numbers")
    if outputs.ndim == 0 or outputs.shape[0] != points:
        raise KernelError(
            f"the module returns shape {tuple(outputs.shape)} for {points} points; its first axis is theirs"
        )
    return [outputs]
