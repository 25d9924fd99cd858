"""Sums over windows that slide along some axes at once, and zeros around a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.modules.gate import is_whole

if TYPE_CHECKING:
    from torch import Tensor


def each(name: str, value: int | Sequence[int], axes: int, *, least: int) -> tuple[int, ...]:
    """One whole number an axis, at least so large. Raises KernelError."""
    values: Any = (value,) * axes if is_whole(value) else value
    if not isinstance(values, Sequence) or any(not is_whole(v) or v < least for v in values):
        raise KernelError(f"{name} is {value!r}; it is a whole number ≥ {least}, or one for each axis of the grid")
    if len(values) != axes:
        raise KernelError(f"{name} is {value!r}, but the grid has {axes} axes")
    return tuple(int(v) for v in values)


def slid(grid: Sequence[int], size: Sequence[int], stride: Sequence[int], what: str) -> tuple[int, ...]:
    """The places of a window on a grid. Raises KernelError where it is larger than the grid."""
    if any(k > n for n, k in zip(grid, size, strict=True)):
        raise KernelError(f"{what} of size {tuple(size)} does not fit a grid of {tuple(grid)}, padding counted")
    return tuple((n - k) // step + 1 for n, k, step in zip(grid, size, stride, strict=True))


def summed(values: Tensor, axes: Sequence[int], size: int, stride: int) -> Tensor:
    """Σ_j values[..., j + stride·i, ...] over j < size, the same j along each of `axes`."""
    count = (values.shape[axes[0]] - size) // stride + 1

    def shifted(j: int) -> Tensor:
        index = [slice(None)] * values.ndim
        for axis in axes:
            index[axis] = slice(j, j + stride * (count - 1) + 1, stride)
        return values[tuple(index)]

    total = shifted(0)
    for j in range(1, size):
        total = total + shifted(j) if j == 1 else total.add_(shifted(j))
    return total


def padded(values: Tensor, padding: Sequence[int], pairs: bool) -> Tensor:
    """Zeros around the last axes, in the order of the grid, twice over with `pairs`."""
    both = [*padding, *padding] if pairs else list(padding)
    if not any(both):
        return values
    amounts = [amount for pad in reversed(both) for amount in (pad, pad)]
    return torch.nn.functional.pad(values, amounts)
