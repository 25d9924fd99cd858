"""What a user hands over, made sure of: a module that can be read, and data that fit it. One clear line otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from lazy_assay.sims.modules.errors import ModuleError
from lazy_assay.sims.modules.gate import admit, require_finite, require_module, require_one_dtype, state
from lazy_assay.sims.rank.tracing.trace import Traced, traced


def checked(module: Any, data: Any) -> tuple[Traced, np.ndarray]:
    """The network as it was recorded, and the data as float64. Raises ModuleError with the reason."""
    require_module(module)
    tensor = _tensor(data)
    # The network is read on copies in float64, wherever it lies.
    admit(module, {"data": tensor}, one_device=False)
    if not tensor.is_floating_point():
        raise ModuleError(f"data is {tensor.dtype}, not of floats; convert it to the module's dtype")
    if tensor.ndim < 2 or 0 in tensor.shape:
        raise ModuleError(f"data has shape {tuple(tensor.shape)}; points are rows, (n, …) with n ≥ 1")
    _require_read(module, tensor)
    array = np.asarray(tensor.detach().cpu().to(torch.float64).numpy())
    return traced(module, array), array


def _tensor(data: Any) -> torch.Tensor:
    """An array is taken too."""
    try:
        return data if isinstance(data, torch.Tensor) else torch.as_tensor(np.asarray(data))
    except (TypeError, ValueError, RuntimeError):
        raise ModuleError(f"data is {type(data).__name__}, and no array of numbers") from None


def _require_read(module: torch.nn.Module, data: torch.Tensor) -> None:
    """Buffers go into the proof as numbers, like the data: real, finite, of one precision with them."""
    found = dict(state(module))
    if strange := [f"{label} is {tensor.dtype}" for label, tensor in found.items() if tensor.is_complex()]:
        raise ModuleError(f"{strange[0]}; complex networks are not supported")
    require_one_dtype({"data": data, **found})
    for label, tensor in found.items():
        if tensor.is_floating_point():
            require_finite(label, tensor, "a proof is about real numbers")
