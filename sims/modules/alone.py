"""A module at one point, by plain autograd: what every faster way to its gradients is held against."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch

from lazy_assay.sims.modules.aliases import Aliases, may_exist
from lazy_assay.sims.modules.capture import Call, Capture
from lazy_assay.sims.modules.errors import ModuleError, running
from lazy_assay.sims.modules.gate import require_finite
from lazy_assay.sims.modules.memory import require_apart
from lazy_assay.sims.modules.outputs import flat, together
from lazy_assay.sims.modules.scrutiny import Randomness, unchanged

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True)
class Subject:
    """A module and its trained parameters by name."""

    module: Module
    trained: dict[str, Tensor]

    @cached_property
    def parameters(self) -> dict[str, Tensor]:
        """All of them."""
        return dict(self.module.named_parameters())

    @cached_property
    def _state(self) -> list[Tensor]:
        return [*self.parameters.values(), *self.module.buffers()]

    def run(self, x: Tensor) -> Tensor:
        """Outputs (O,) at a point (1, ...), or (points, O), as autograd has them. Raises ModuleError."""
        with unchanged(self._state), differentiated(), torch.enable_grad():
            # A copy, for a module may write into what it is given.
            found = self.module(x.clone())
            return together(found) if len(x) == 1 else flat(found, len(x))


@dataclass(frozen=True)
class Alone:
    """Outputs (O,) at a point (1, ...), by parameter (id) the gradients of Σ_o √(o + 1) f_o, and their norms.

    `calls` are those that were noted, `reached` the parameters that the outputs depend on otherwise; `differentiates`
    where the module itself takes derivatives.
    """

    point: Tensor
    outputs: Tensor
    calls: list[Call]
    reached: list[Tensor]
    differentiates: bool
    gradients: dict[int, Tensor]
    sizes: dict[int, float]

    @property
    def cotangent(self) -> Tensor:
        return _cotangent(self.outputs)

    def are_near(self, outputs: Tensor) -> bool:
        """Whether these are the outputs, but for rounding: of themselves, and of what cancels in them."""
        eps = torch.finfo(self.outputs.dtype).eps
        slack = eps**0.5 * self.outputs.abs().max() + eps**0.75 * max(self.sizes.values())
        return outputs.shape == self.outputs.shape and bool((outputs - self.outputs).abs().max() <= slack)


def alone(subject: Subject, point: Tensor, noted: set[int]) -> Alone:
    """With calls by `noted` parameters (ids) noted. Raises ModuleError for a module that draws, that changes itself,
    that has no gradient there, or that depends on no trained parameter."""
    shared = may_exist(subject.parameters.values())
    if shared:
        require_apart(subject.parameters)
    stands = {id(p): p.detach().requires_grad_(p.requires_grad) for p in subject.parameters.values() if id(p) in noted}
    guard = Aliases(subject.parameters, stands.values()) if shared else nullcontext()
    with Randomness(point.device), guard, Capture(stands) as capture:
        outputs = subject.run(point)
    require_finite("the module's output", outputs.detach(), "look at its parameters and at x")
    trained = list(subject.trained.values())
    used = [p for p in trained if id(p) in stands]
    with differentiated():
        found = pulled(outputs, [*trained, *(stands[id(p)] for p in used)], _cotangent(outputs))
    gradients: dict[int, Tensor] = {}
    for p, gradient in zip([*trained, *used], found, strict=True):
        if gradient is not None:
            gradients[id(p)] = gradients[id(p)] + gradient if id(p) in gradients else gradient
    reached = [p for p, gradient in zip(trained, found, strict=False) if gradient is not None]
    return Alone(
        point, outputs.detach(), capture.calls, reached, capture.differentiates, gradients, _sizes(subject, gradients)
    )


def _cotangent(outputs: Tensor) -> Tensor:
    return torch.arange(1, len(outputs) + 1, device=outputs.device, dtype=outputs.dtype).sqrt()


def _sizes(subject: Subject, gradients: dict[int, Tensor]) -> dict[int, float]:
    if not gradients:
        raise ModuleError("the module's outputs depend on no trainable parameter, so they have no gradient")
    sizes = {p: float(torch.linalg.vector_norm(gradient)) for p, gradient in gradients.items()}
    for name, p in subject.trained.items():
        if not math.isfinite(sizes.get(id(p), 0.0)):
            raise ModuleError(f"the gradient in {name} is not finite: the module has none at the first point of x")
    return sizes


def pulled(outputs: Tensor, leaves: list[Tensor], seed: Tensor) -> list[Tensor | None]:
    """The gradient in each leaf, dense, or None for one that the outputs are not made of."""
    if not outputs.requires_grad or not leaves:
        return [None] * len(leaves)
    found = torch.autograd.grad(outputs, leaves, seed, allow_unused=True, retain_graph=True)
    return [g.to_dense() if g is not None and g.layout is not torch.strided else g for g in found]


@contextmanager
def differentiated() -> Iterator[None]:
    """A module runs inside, or its gradients are taken. Raises FailsError for an error of its own."""
    with running(), warnings.catch_warnings():
        # A checkpoint that takes no gradients only warns of it.
        warnings.filterwarnings("error", message="None of the inputs have requires_grad", category=UserWarning)
        yield
