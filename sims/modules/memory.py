"""Where the numbers of a module's tensors lie: two of them may share memory without being one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import ModuleError

if TYPE_CHECKING:
    from torch import Tensor


def require_apart(parameters: Mapping[str, Tensor]) -> None:
    """Raises ModuleError where two parameters overlap, which autograd and optimisers take for independent ones."""
    for (_, end, one), (start, _, other) in itertools.pairwise(extents(parameters)):
        if start < end:
            raise ModuleError(f"parameters {one} and {other} share memory but are two; tie them by one nn.Parameter")


def extents(parameters: Mapping[str, Tensor]) -> list[tuple[int, int, str]]:
    """What `extent` says of each that has one, with its name, in the order of the memory."""
    return sorted((*memory, name) for name, p in parameters.items() if (memory := extent(p)))


def extent(tensor: Tensor) -> tuple[int, int] | None:
    """The first address of its own entries and the one behind the last; None for what has none."""
    if tensor.layout is not torch.strided or type(tensor).__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        return None
    if tensor.device.type == "meta" or math.prod(tensor.shape) == 0:
        return None
    last = sum((size - 1) * abs(stride) for size, stride in zip(tensor.shape, tensor.stride(), strict=True)) + 1
    return tensor.data_ptr(), tensor.data_ptr() + last * tensor.element_size()


def storage(tensor: Tensor) -> tuple[int, int]:
    """From where to where the whole memory goes that a tensor is a view of."""
    start = tensor.untyped_storage().data_ptr()
    return start, start + tensor.untyped_storage().nbytes()
