"""Whether a module is a function of its inputs: nothing drawn, nothing kept from call to call, no batch statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import DRAWS, ModuleError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


def require_determined(module: Module) -> None:
    """Raises ModuleError where training mode makes outputs random or a function of the whole batch."""
    dropouts, norms = torch.nn.modules.dropout._DropoutNd, torch.nn.modules.batchnorm._BatchNorm
    for name, part in module.named_modules():
        label = f"{name or 'the module'} ({type(part).__name__})"
        if isinstance(part, (dropouts, torch.nn.RReLU)) and part.training and getattr(part, "p", 1) > 0:
            raise ModuleError(f"{label} draws at random in training mode; call module.eval() first")
        if isinstance(part, norms) and (part.training or part.running_mean is None):
            raise ModuleError(f"{label} uses batch statistics, which couple the points; call module.eval() first")
        if getattr(part, "dropout", 0) and isinstance(part.dropout, float) and part.training:
            raise ModuleError(f"{label} draws at random in training mode; call module.eval() first")


@contextmanager
def unchanged(state: Sequence[Tensor]) -> Iterator[None]:
    """A context in which a write into these tensors, a module's parameters and buffers, is an error."""
    before = [tensor._version for tensor in state]
    yield
    if before != [tensor._version for tensor in state]:
        raise ModuleError("the module changes its parameters or buffers when called; call module.eval() first")


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
            raise ModuleError(DRAWS)
