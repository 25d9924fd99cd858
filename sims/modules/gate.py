"""The gate: what every instrument asks of a reader's module, and of what goes through it, before it begins.

`admit` is the whole of it. An instrument adds what is its own: that parameters are trained, that a last layer is there.
Numbers are looked at where there are any: not those of a fake tensor, of which only the shape is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import ModuleError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


def admit(module: Any, data: Mapping[str, Any], *, one_device: bool = True, real: bool = True) -> None:
    """Raises ModuleError for what is no module, or has no sound numbers, or data that do not go with it.

    data: tensors by the names under which the instrument was handed them. Without `one_device` the instrument works on
    copies of its own; without `real` it takes complex data.
    """
    require_module(module)
    held = dict(state(module))
    for label, tensor in held.items():
        require_sound(label, tensor)
    for name, values in data.items():
        require_data(name, values, real=real)
    parameters = {label: tensor for label, tensor in held.items() if label.startswith("parameter ")}
    require_one_dtype({**data, **parameters})
    if one_device:
        _require_one_device({**data, **parameters})


def require_module(module: Any) -> None:
    """Raises ModuleError for anything but a torch.nn.Module."""
    if not isinstance(module, torch.nn.Module):
        raise ModuleError(f"a torch.nn.Module is needed, got {type(module).__name__}")


def state(module: Module) -> Iterator[tuple[str, Tensor]]:
    """Its parameters and buffers, each with a label that says which it is."""
    for name, parameter in module.named_parameters():
        yield f"parameter {name}", parameter
    for name, buffer in module.named_buffers():
        yield f"buffer {name}", buffer


def require_sound(label: str, tensor: Tensor) -> None:
    """Raises ModuleError for a parameter or a buffer without a shape, dense real numbers, or with NaN among them.

    A buffer may be complex, and may be infinite: masks are.
    """
    if torch.nn.parameter.is_lazy(tensor):
        raise ModuleError(f"{label} has no shape yet; call the module once first")
    require_dense(label, tensor)
    if tensor.device.type == "meta":
        raise ModuleError(f"{label} is on the device 'meta' and holds no numbers; give it some, as by to_empty()")
    is_parameter = isinstance(tensor, torch.nn.Parameter)
    if is_parameter and tensor.is_complex():
        raise ModuleError(f"{label} is {tensor.dtype}; parameters are real: hold both parts")
    if is_parameter and tensor.is_floating_point():
        require_finite(label, tensor, "give it finite ones")
    elif tensor.is_floating_point() and is_known(tensor) and bool(torch.isnan(tensor).any()):
        raise ModuleError(f"{label} holds NaN; replace it first")


def require_data(name: str, values: Any, *, real: bool = True) -> None:
    """Raises ModuleError for what is no dense tensor of finite numbers, real ones where they must be."""
    if not isinstance(values, torch.Tensor):
        raise ModuleError(f"{name} is {type(values).__name__}; a torch.Tensor is needed")
    require_dense(name, values)
    if real and values.is_complex():
        raise ModuleError(f"{name} is {values.dtype}; data are real: torch.view_as_real keeps both parts")
    if values.is_floating_point():
        require_finite(name, values, "clean the data first")


def require_dense(label: str, tensor: Tensor) -> None:
    """Raises ModuleError for a tensor whose numbers do not lie one behind the other."""
    if tensor.is_nested or tensor.layout is not torch.strided:
        raise ModuleError(f"{label} is {'nested' if tensor.is_nested else tensor.layout}, not dense; use to_dense()")
    if tensor.is_quantized:
        raise ModuleError(f"{label} is quantised, {tensor.dtype}; use dequantize()")


def require_finite(label: str, tensor: Tensor, remedy: str) -> None:
    """Raises ModuleError for NaN or infinity, where numbers can be looked at."""
    # A sum is finite only if its terms are, and is one pass: a sum that overflows is looked at again.
    if is_known(tensor) and not math.isfinite(tensor.sum().item()) and not bool(torch.isfinite(tensor).all()):
        raise ModuleError(f"{label} holds NaN or infinite numbers: {remedy}")


def require_one_dtype(named: Mapping[str, Any]) -> None:
    """Raises ModuleError where floating point tensors are of several precisions, which a trace would not notice."""
    floats = {name: tensor.dtype for name, tensor in named.items() if tensor.is_floating_point()}
    _require_one(floats, "dtypes", "convert module and data to one, as by .double()")


def _require_one_device(named: Mapping[str, Any]) -> None:
    _require_one({name: str(tensor.device) for name, tensor in named.items()}, "devices", "move one of them")


def _require_one(kinds: Mapping[str, Any], what: str, remedy: str) -> None:
    if len(set(kinds.values())) < 2:
        return
    (first, one), *_ = kinds.items()
    other = next(name for name in kinds if kinds[name] != one)
    raise ModuleError(f"mixed {what}: {first} is {one}, {other} is {kinds[other]}; {remedy}")


def is_known(values: Tensor) -> bool:
    """Whether its numbers can be looked at: not those of a fake tensor, nor of one on the meta device."""
    return values.device.type != "meta" and not hasattr(values, "fake_mode")


def is_whole(value: Any) -> bool:
    """An integer of Python or numpy, and not a truth value."""
    return isinstance(value, Integral) and not isinstance(value, bool)
