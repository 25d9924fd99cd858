"""Tensors that share a parameter's memory without being it: autograd does not lead from them to the parameter."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from lazy_assay.sims.modules.errors import KernelError


def may_exist(parameters: Iterable[Tensor]) -> bool:
    """Whether anything but the parameters themselves holds their memory: a count, that of the storage's holders."""
    count = getattr(torch._C, "_storage_Use_Count", None)
    # The parameter, and the handle by which it is asked.
    return count is None or any(count(p.untyped_storage()._cdata) > 2 for p in parameters)


def require_apart(parameters: Mapping[str, Tensor]) -> None:
    """Raises KernelError where two parameters overlap, which autograd takes for independent ones."""
    taken = _taken(parameters)
    for (_, end, one), (start, _, other) in itertools.pairwise(taken):
        if start < end:
            raise KernelError(f"parameters {one} and {other} share memory but are two; tie them by one nn.Parameter")


class Aliases(TorchDispatchMode):
    """A context in which an operation on the memory of a parameter, read by neither it nor what is made of it, is an
    error.

    `stands` are what stands for parameters.
    """

    def __init__(self, parameters: Mapping[str, Tensor], stands: Iterable[Tensor] = ()) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._known = {id(p): p for p in (*parameters.values(), *stands)}
        self._taken = _taken(parameters)
        self._starts = [start for start, _, _ in self._taken]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for value in (*args, *(kwargs or {}).values()):
            self._look_at(value)
        result = func(*args, **(kwargs or {}))
        self._keep(result)
        return result

    def _look_at(self, value: Any) -> None:
        if isinstance(value, (tuple, list)):
            for part in value:
                self._look_at(part)
        elif isinstance(value, Tensor) and id(value) not in self._known and (name := self._shared(value)):
            if value.requires_grad and id(value._base) in self._known:
                return
            raise KernelError(
                f"the module reads the memory of {name} through another tensor (a twin of it, or its .data), which "
                "autograd does not follow; use the parameter itself"
            )

    def _keep(self, result: Any) -> None:
        """What is made of a parameter in this pass, and shares its memory, is autograd's own."""
        for value in result if isinstance(result, (tuple, list)) else [result]:
            if isinstance(value, Tensor) and self._shared(value):
                self._known[id(value)] = value

    def _shared(self, value: Tensor) -> str | None:
        if (memory := _memory(value)) is None:
            return None
        before = bisect.bisect_left(self._starts, memory[1])
        if before and self._taken[before - 1][1] > memory[0]:
            return self._taken[before - 1][2]
        return None


def _taken(parameters: Mapping[str, Tensor]) -> list[tuple[int, int, str]]:
    return sorted((*memory, name) for name, p in parameters.items() if (memory := _memory(p)))


def _memory(tensor: Tensor) -> tuple[int, int] | None:
    """Its first address and the one behind its last; None for what has none."""
    if tensor.layout is not torch.strided or type(tensor).__torch_dispatch__ is not Tensor.__torch_dispatch__:
        return None
    if tensor.device.type == "meta" or math.prod(tensor.shape) == 0:
        return None
    extent = sum((size - 1) * abs(stride) for size, stride in zip(tensor.shape, tensor.stride(), strict=True)) + 1
    return tensor.data_ptr(), tensor.data_ptr() + extent * tensor.element_size()
