"""What a user hands over, made sure of: a module that can be read, and data that fit it. One clear line otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from lazy_assay.sims.modules.errors import ModuleError
from lazy_assay.sims.modules.gate import admit, require_finite, require_module, require_one_dtype, state
from lazy_assay.sims.rank.exported import opened
from lazy_assay.sims.rank.tracing.trace import Traced, traced


def checked(module: Any, data: Any) -> tuple[Traced, np.ndarray]:
    """The network as it was recorded, and the data as float64. Raises ModuleError with the reason."""
    module = opened(module)
    require_module(module)
    tensor, *others = (_tensor(each) for each in (data if isinstance(data, tuple) and data else (data,)))
    # The network is read on copies in float64, wherever it lies.
    named = {"data": tensor, **{f"data[{i}]": other for i, other in enumerate(others, 1)}}
    admit(module, named, one_device=False)
    if not tensor.is_floating_point() and not _reads_whole_numbers(module):
        raise ModuleError(f"data is {tensor.dtype}, not of floats; convert it to the module's dtype")
    if tensor.ndim < 2 or 0 in tensor.shape:
        raise ModuleError(f"data has shape {tuple(tensor.shape)}; points are rows, (n, …) with n ≥ 1")
    _require_read(module, named)
    inputs = tuple(_read(each) for each in (tensor, *others))
    return traced(module, inputs), np.asarray(inputs[0].to(torch.float64).numpy())


def _read(tensor: torch.Tensor) -> torch.Tensor:
    """Floats in float64, all else as it is."""
    plain = tensor.detach().cpu()
    return plain.to(torch.float64) if plain.is_floating_point() else plain


def _reads_whole_numbers(module: torch.nn.Module) -> bool:
    """Tokens are looked up in a table."""
    return any(isinstance(layer, (torch.nn.Embedding, torch.fx.GraphModule)) for layer in module.modules())


def _tensor(data: Any) -> torch.Tensor:
    """An array is taken too."""
    try:
        return data if isinstance(data, torch.Tensor) else torch.as_tensor(np.asarray(data))
    except (TypeError, ValueError, RuntimeError):
        raise ModuleError(f"data is {type(data).__name__}, and no array of numbers") from None


def _require_read(module: torch.nn.Module, data: Mapping[str, torch.Tensor]) -> None:
    """Buffers go into the proof as numbers, like the data: real, finite, of one precision with them."""
    found = dict(state(module))
    if strange := [f"{label} is {tensor.dtype}" for label, tensor in found.items() if tensor.is_complex()]:
        raise ModuleError(f"{strange[0]}; complex networks are not supported")
    require_one_dtype({**data, **found})
    for label, tensor in found.items():
        if tensor.is_floating_point():
            require_finite(label, tensor, "a proof is about real numbers")
