"""A module's outputs as one row of numbers a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import ModuleError

if TYPE_CHECKING:
    from torch import Tensor


def together(outputs: Any) -> Tensor:
    """All outputs at one point, (O,): a tensor, or several in a tuple, list or mapping, one after the other."""
    parts = [part.reshape(-1) for part in tensors(outputs)]
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def flat(outputs: Any, points: int) -> Tensor:
    """Outputs at several points, (points, O)."""
    parts = tensors(outputs)
    for part in parts:
        if part.ndim == 0 or part.shape[0] != points:
            raise ModuleError(
                f"the module returns shape {tuple(part.shape)} for {points} points; its first axis is theirs"
            )
    rows = [part.reshape(points, -1) for part in parts]
    return rows[0] if len(rows) == 1 else torch.cat(rows, dim=-1)


def tensors(outputs: Any) -> list[Tensor]:
    """Dense tensors of real numbers: one, or several in a tuple, list or mapping. Raises ModuleError for others."""
    if found := _tensors(outputs):
        return found
    raise ModuleError("the module returns no tensor; let it return real numbers")


def _tensors(outputs: Any) -> list[Tensor]:
    if isinstance(outputs, Mapping):
        outputs = list(outputs.values())
    if isinstance(outputs, (tuple, list)):
        return [tensor for part in outputs for tensor in _tensors(part)]
    if isinstance(outputs, torch.Tensor) and outputs.is_complex():
        raise ModuleError(f"the module returns {outputs.dtype}; outputs are real: let it return torch.view_as_real")
    if not isinstance(outputs, torch.Tensor) or not outputs.is_floating_point():
        what = outputs.dtype if isinstance(outputs, torch.Tensor) else type(outputs).__name__
        raise ModuleError(f"the module returns {what}, which has no gradient; let it return real numbers")
    if outputs.layout is not torch.strided or outputs.is_nested:
        raise ModuleError("the module returns a sparse or nested tensor; let it return a dense one")
    return [outputs]
