"""What a user hands over, made sure of: a module that can be read, and data that fit it. One clear line otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from lazy_assay.sims.rank._result import NoVerdictError
from lazy_assay.sims.rank.tracing.trace import Traced, traced


def checked(module: Any, data: Any) -> tuple[Traced, np.ndarray]:
    """The network as it was recorded, and the data as float64. Raises NoVerdictError with the reason."""
    if not isinstance(module, nn.Module):
        raise NoVerdictError(f"a torch.nn.Module is needed, got {type(module).__name__}")
    tensor = _tensor(data)
    _check_weights(module, tensor)
    array = np.asarray(tensor.detach().cpu().to(torch.float64).numpy())
    return traced(module, array), array


def _tensor(data: Any) -> torch.Tensor:
    try:
        tensor = data if isinstance(data, torch.Tensor) else torch.as_tensor(np.asarray(data))
    except (TypeError, ValueError, RuntimeError):
        raise NoVerdictError(f"the data must be an array of numbers, got {type(data).__name__}") from None
    if tensor.layout != torch.strided or tensor.is_quantized:
        raise NoVerdictError(f"the data must be dense, got {tensor.layout}; use to_dense()")
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
    floats = [(n, w) for n, w in named if w.is_floating_point() or w.is_complex() or w.layout != torch.strided]
    for name, weight in floats:
        if weight.layout != torch.strided or weight.is_quantized:
            raise NoVerdictError(f"{name} must be dense, got {weight.layout}; use to_dense()")
        if weight.is_complex():
            raise NoVerdictError(f"{name} is {weight.dtype}; complex networks are not supported")
        if weight.dtype != data.dtype:
            raise NoVerdictError(
                f"mixed dtypes: {name} is {weight.dtype}, the data are {data.dtype}; convert one of them"
            )
        if weight.is_meta:
            raise NoVerdictError(f"{name} is on the device 'meta' and holds no numbers")
        if not bool(torch.isfinite(weight).all()):
            raise NoVerdictError(f"{name} must be finite in every entry, got NaN or infinity")
