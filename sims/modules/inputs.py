"""Inputs of the limiting kernels, made sure of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import KernelError

if TYPE_CHECKING:
    from torch import Tensor


def is_known(values: Tensor) -> bool:
    """Whether its numbers can be looked at: not those of a fake tensor, nor of one on the meta device."""
    return values.device.type != "meta" and not hasattr(values, "fake_mode")


def require_plain(name: str, values: Tensor) -> None:
    """Raises KernelError for a tensor that is not dense, or whose gradients would be lost without a word."""
    if values.layout is not torch.strided or values.is_nested:
        raise KernelError(f"{name} is {'nested' if values.is_nested else values.layout}; kernels need a dense tensor")
    if values.requires_grad and torch.is_grad_enabled():
        raise KernelError(f"{name} requires gradients, which a kernel does not carry; pass {name}.detach()")


def as_tensor(name: str, values: Any) -> Tensor:
    """A floating point tensor of finite numbers, free of autograd; an array becomes float64 on the CPU."""
    if isinstance(values, torch.Tensor):
        require_plain(name, values)
    tensor = values.detach() if isinstance(values, torch.Tensor) else torch.as_tensor(np.asarray(values))
    if tensor.dtype not in (torch.float32, torch.float64):
        raise KernelError(f"{name} is {tensor.dtype}; kernels need float32 or float64: convert it first")
    require_finite(name, tensor, "clean the data first")
    return tensor


def pair(x: Any, y: Any) -> tuple[Tensor, Tensor | None]:
    """x (..., n, d) and y (..., m, d), or None, of one dtype on one device. Raises KernelError."""
    left = as_tensor("x", x)
    right = None if y is None else as_tensor("y", y)
    for name, tensor in [("x", left)] + [("y", right)] * (right is not None):
        if tensor is None or tensor.ndim < 2 or 0 in tensor.shape[-2:]:
            shape = () if tensor is None else tuple(tensor.shape)
            raise KernelError(f"{name} has shape {shape}; points are rows: (..., n, d)")
    if right is not None:
        _require_alike(left, right)
    return left, right


def leading_axes(x: Tensor, y: Tensor) -> torch.Size:
    """What the axes before the last two broadcast to. Raises RuntimeError."""
    shape: torch.Size = torch.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    return shape


def require_finite(name: str, tensor: Tensor, remedy: str) -> None:
    """Raises KernelError for NaN or infinity, where numbers can be looked at."""
    # A sum is finite only if its terms are, and is one pass: a sum that overflows is looked at again.
    if is_known(tensor) and not math.isfinite(tensor.sum().item()) and not bool(torch.isfinite(tensor).all()):
        raise KernelError(f"{name} holds NaN or infinite numbers: {remedy}")


def _require_alike(x: Tensor, y: Tensor) -> None:
    if x.dtype != y.dtype or x.device != y.device:
        raise KernelError(f"x is {x.dtype} on {x.device} but y is {y.dtype} on {y.device}; convert one of them")
    if x.shape[-1] != y.shape[-1]:
        raise KernelError(f"x has {x.shape[-1]} coordinates a point but y has {y.shape[-1]}")
    try:
        leading_axes(x, y)
    except RuntimeError:
        raise KernelError(f"leading axes of x {tuple(x.shape)} and y {tuple(y.shape)} do not match") from None
