"""What a kernel is given, made sure of: points of the limiting ones; a module and its points, beyond the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.modules.gate import admit, require_dense, require_finite
from lazy_assay.sims.modules.scrutiny import require_determined

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


def require_plain(name: str, values: Tensor) -> None:
    """Raises ModuleError for a tensor that is not dense, or whose gradients would be lost without a word."""
    require_dense(name, values)
    if values.requires_grad and torch.is_grad_enabled():
        raise KernelError(f"{name} requires gradients, which a kernel does not carry; pass {name}.detach()")


def as_tensor(name: str, values: Any, *, graph: bool = False) -> Tensor:
    """A floating point tensor of finite numbers, without its graph unless `graph`; an array becomes float64."""
    if isinstance(values, torch.Tensor):
        (require_dense if graph else require_plain)(name, values)
        tensor = values if graph else values.detach()
    else:
        tensor = torch.as_tensor(np.asarray(values))
    if tensor.dtype not in (torch.float32, torch.float64):
        raise KernelError(f"{name} is {tensor.dtype}; kernels need float32 or float64: convert it first")
    require_finite(name, tensor, "clean the data first")
    return tensor


def pair(x: Any, y: Any) -> tuple[Tensor, Tensor | None]:
    """x (..., n, d) and y (..., m, d), or None, of one dtype on one device. Raises ModuleError."""
    left = as_tensor("x", x, graph=True)
    right = None if y is None else as_tensor("y", y, graph=True)
    for name, tensor in [("x", left)] + [("y", right)] * (right is not None):
        if tensor is None or tensor.ndim < 2 or 0 in tensor.shape[-2:]:
            shape = () if tensor is None else tuple(tensor.shape)
            raise KernelError(f"{name} has shape {shape}; points are rows: (..., n, d)")
    if right is not None:
        _require_alike(left, right)
    return left, right


def fields(x: Any, y: Any, channels: int) -> tuple[Tensor, Tensor | None]:
    """x (n, *grid, channels) and y (m, *grid, channels), or None, alike, with their graphs. Raises ModuleError."""
    left = as_tensor("x", x, graph=True)
    right = None if y is None else as_tensor("y", y, graph=True)
    for name, tensor in [("x", left)] + ([("y", right)] if right is not None else []):
        if tensor.ndim < 2 or 0 in tensor.shape:
            raise KernelError(f"{name} has shape {tuple(tensor.shape)}; points are (n, *grid, channels)")
        if tensor.shape[-1] != channels:
            raise KernelError(
                f"{name} has shape {tuple(tensor.shape)}, so {tensor.shape[-1]} channels, but the network takes "
                f"{channels}: they come last, as by x.movedim(1, -1)"
            )
    if right is not None:
        if left.dtype != right.dtype or left.device != right.device:
            raise KernelError(
                f"x is {left.dtype} on {left.device} but y is {right.dtype} on {right.device}; convert one"
            )
        if left.shape[1:] != right.shape[1:]:
            raise KernelError(f"points of x are {tuple(left.shape[1:])}, of y {tuple(right.shape[1:])}")
    return left, right


def leading_axes(x: Tensor, y: Tensor) -> torch.Size:
    """What the axes before the last two broadcast to. Raises RuntimeError."""
    shape: torch.Size = torch.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    return shape


def _require_alike(x: Tensor, y: Tensor) -> None:
    if x.dtype != y.dtype or x.device != y.device:
        raise KernelError(f"x is {x.dtype} on {x.device} but y is {y.dtype} on {y.device}; convert one of them")
    if x.shape[-1] != y.shape[-1]:
        raise KernelError(f"x has {x.shape[-1]} coordinates a point but y has {y.shape[-1]}")
    try:
        leading_axes(x, y)
    except RuntimeError:
        raise KernelError(f"leading axes of x {tuple(x.shape)} and y {tuple(y.shape)} do not match") from None


def checked(module: Any, x: Any, y: Any) -> tuple[dict[str, Tensor], Tensor, Tensor | None]:
    """Its trained parameters by name, and points x (n, ...) and y (m, ...) or None. Raises ModuleError."""
    given = {"x": x} if y is None else {"x": x, "y": y}
    admit(module, given)
    found = trained(module)
    require_determined(module)
    left, right = _points("x", x), None if y is None else _points("y", y)
    if right is not None and (right.shape[1:] != left.shape[1:] or right.dtype != left.dtype):
        raise KernelError(
            f"points of x are {left.dtype}{tuple(left.shape[1:])}, of y {right.dtype}{tuple(right.shape[1:])}"
        )
    return found, left, right


def trained(module: Module) -> dict[str, Tensor]:
    """Parameters with requires_grad, by name, each once. Raises KernelError where there are none."""
    found: dict[str, Tensor] = {name: p for name, p in module.named_parameters() if p.requires_grad}
    if not found:
        raise KernelError(f"{type(module).__name__} has no trainable parameters, so it has no tangent kernel")
    return found


def _points(name: str, values: Tensor) -> Tensor:
    if values.ndim == 0 or len(values) == 0:
        raise KernelError(f"{name} has shape {tuple(values.shape)}; points are a tensor (n, ...) with n ≥ 1")
    require_plain(name, values)
    return values.detach()
