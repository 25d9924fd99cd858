"""What a user hands over, made sure of: a module that can be read, and data that fit it. One clear line otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from lazy_assay.checks.rank._program import Program
from lazy_assay.checks.rank._result import NoVerdictError
from lazy_assay.checks.rank._trace import program


def checked(module: Any, data: Any) -> tuple[Program, np.ndarray]:
    """The program and the data as float64. Raises NoVerdictError with the reason."""
    if not isinstance(module, nn.Module):
        raise NoVerdictError(f"a torch.nn.Module is needed, got {type(module).__name__}")
    tensor = _tensor(data)
    _check_weights(module, tensor)
    _check_hooks(module)
    array = np.asarray(tensor.detach().cpu().to(torch.float64).numpy())
    return program(module), array


def _tensor(data: Any) -> torch.Tensor:
    try:
        tensor = data if isinstance(data, torch.Tensor) else torch.as_tensor(np.asarray(data))
    except (TypeError, ValueError, RuntimeError):
        raise NoVerdictError(f"the data must be an array of numbers, got {type(data).__name__}") from None
    if not tensor.is_floating_point():
        raise NoVerdictError(f"the data must be floats, got {tensor.dtype}; convert them to the module's dtype")
    if tensor.ndim < 2 or 0 in tensor.shape:
        raise NoVerdictError(f"the data must have shape (n, …) with n ≥ 1, got {tuple(tensor.shape)}")
    if not bool(torch.isfinite(tensor).all()):
        raise NoVerdictError("the data must be finite in every entry, got NaN or infinity")
    return tensor


def _check_weights(module: nn.Module, data: torch.Tensor) -> None:
    named = [*module.named_parameters(), *module.named_buffers()]
    if lazy := [name for name, weight in named if nn.parameter.is_lazy(weight)]:
        raise NoVerdictError(f"{lazy[0]} is not initialised; run the module once")
    floats = [(name, weight) for name, weight in named if weight.is_floating_point() or weight.is_complex()]
    for name, weight in floats:
        if weight.dtype != data.dtype:
            raise NoVerdictError(
                f"mixed dtypes: {name} is {weight.dtype}, the data are {data.dtype}; convert one of them"
            )
        if weight.is_meta:
            raise NoVerdictError(f"{name} is on the device 'meta' and holds no numbers")
        if not bool(torch.isfinite(weight).all()):
            raise NoVerdictError(f"{name} must be finite in every entry, got NaN or infinity")


def _check_hooks(module: nn.Module) -> None:
    for name, layer in module.named_modules():
        if layer._forward_hooks or layer._forward_pre_hooks:
            raise NoVerdictError(f"{name or 'the module'} has forward hooks, which are not traced; remove them")
