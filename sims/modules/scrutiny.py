"""What must hold before a module has a tangent kernel: parameters to train, outputs that depend on one point each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from lazy_assay.sims.modules.errors import KernelError
from lazy_assay.sims.modules.inputs import require_finite, require_plain

if TYPE_CHECKING:
    from torch import Tensor

_DROPOUTS = (nn.modules.dropout._DropoutNd, nn.RReLU)


def trained(module: nn.Module) -> dict[str, Tensor]:
    """Parameters with requires_grad, by name, each once. Raises KernelError."""
    found: dict[str, Tensor] = {name: p for name, p in module.named_parameters() if p.requires_grad}
    if not found:
        raise KernelError(f"{type(module).__name__} has no trainable parameters, so it has no tangent kernel")
    if uneven := [name for name, p in found.items() if p.is_complex() or p.layout is not torch.strided]:
        one = found[uneven[0]]
        kind = one.dtype if one.is_complex() else one.layout
        raise KernelError(f"parameter {uneven[0]} is {kind}; this kernel is in real, dense parameters: hold its parts")
    kinds = {(str(p.dtype), str(p.device)) for p in module.parameters()}
    if len(kinds) > 1:
        raise KernelError(f"parameters are of several dtypes or devices, {sorted(kinds)}; convert the module to one")
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in found.values()):
        raise KernelError("the module has parameters without a shape yet; call it once first")
    return found


def require_determined(module: nn.Module) -> None:
    """Raises KernelError where training mode makes outputs random or a function of the whole batch."""
    for name, part in module.named_modules():
        label = f"{name or 'the module'} ({type(part).__name__})"
        if isinstance(part, _DROPOUTS) and part.training and getattr(part, "p", 1) > 0:
            raise KernelError(f"{label} draws at random in training mode; call module.eval() first")
        if isinstance(part, nn.modules.batchnorm._BatchNorm) and (part.training or part.running_mean is None):
            raise KernelError(f"{label} uses batch statistics, which couple the points; call module.eval() first")
        if getattr(part, "dropout", 0) and isinstance(part.dropout, float) and part.training:
            raise KernelError(f"{label} draws at random in training mode; call module.eval() first")


def as_points(name: str, values: Any, parameters: dict[str, Tensor]) -> Tensor:
    """Points (n, ...) that the module takes: finite, on its device, of its dtype if real. Raises KernelError."""
    if not isinstance(values, torch.Tensor):
        raise KernelError(f"{name} is {type(values).__name__}; points are a tensor (n, ...)")
    if values.ndim == 0 or len(values) == 0:
        raise KernelError(f"{name} has shape {tuple(values.shape)}; points are a tensor (n, ...) with n ≥ 1")
    require_plain(name, values)
    if values.is_complex():
        raise KernelError(f"{name} is {values.dtype}; points are real: torch.view_as_real keeps both parts")
    one = next(iter(parameters.values()))
    if values.device != one.device:
        raise KernelError(f"{name} is on {values.device} but the module on {one.device}; move one of them")
    if values.is_floating_point() and values.dtype != one.dtype:
        raise KernelError(f"{name} is {values.dtype} but the module {one.dtype}; convert one of them")
    if values.is_floating_point():
        require_finite(name, values, "clean the data first")
    return values.detach()


class Randomness:
    """A context in which a draw from torch's generators is an error; their states are put back."""

    def __init__(self, device: torch.device) -> None:
        self._accelerator = device if device.type == "cuda" else None

    def _states(self) -> list[Tensor]:
        states = [torch.get_rng_state()]
        return states if self._accelerator is None else [*states, torch.cuda.get_rng_state(self._accelerator)]

    def __enter__(self) -> None:
        self._before = self._states()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        after = self._states()
        torch.set_rng_state(self._before[0])
        if self._accelerator is not None:
            torch.cuda.set_rng_state(self._before[1], self._accelerator)
        if kind is None and any(not torch.equal(a, b) for a, b in zip(self._before, after, strict=True)):
            raise KernelError("the module draws at random: its outputs are no function of x; call module.eval() first")
