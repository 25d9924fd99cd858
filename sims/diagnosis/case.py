"""One network, its kernel and its training, each computed once, when a measure first asks for it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.diagnosis.masks import masks
from lazy_assay.sims.diagnosis.subject import DiagnosisError, Recipe, descended, differentiable, outputs
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.kernels.empirical import empirical_ntk
from lazy_assay.sims.modules.errors import ModuleError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

T = TypeVar("T")
PARTS = ("step size", "kernel drift", "unconverged", "precision")


class once(Generic[T]):  # noqa: N801  a decorator
    """Like functools.cached_property, and a refusal is kept too: what diverges is trained once."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make

    def __get__(self, case: Case, owner: type | None = None) -> T:
        name = self._make.__name__
        if name not in case.kept:
            try:
                case.kept[name] = self._make(case)
            except ModuleError as error:
                case.kept[name] = error
        if isinstance(case.kept[name], ModuleError):
            raise case.kept[name]
        found: T = case.kept[name]
        return found


@dataclass(frozen=True)
class Case:
    """A module at its start and its recipe. Outputs are rows of N = n · O numbers in float64."""

    module: Module
    recipe: Recipe
    decay: float | None = None
    kept: dict[str, Any] = field(default_factory=dict)

    @once
    def start(self) -> Module:
        """In float64, as everything but the last part of a split is computed."""
        return copy.deepcopy(self.module).double()

    @once
    def exact(self) -> Recipe:
        """The recipe in float64."""
        return self.recipe.doubled()

    @once
    def first(self) -> Tensor:
        """Outputs at the start."""
        return self.at(self.start)

    @once
    def gap(self) -> Tensor:
        """Outputs at the start less the targets. Refused where it is zero: nothing is left to learn."""
        gap: Tensor = self.first - self.exact.y.flatten()
        if not bool(gap.norm() > 0):
            raise DiagnosisError("the network begins at its targets: there is nothing to train")
        return gap

    @once
    def trained(self) -> tuple[Module, Tensor]:
        """Whatever becomes of it: the module, and its outputs before each step, (steps, N)."""
        return descended(self.start, self.exact)

    @once
    def end(self) -> Module:
        """After the recipe."""
        return self.lowered(self.trained[0])

    @once
    def half(self) -> Module:
        """After twice as many steps of half the size."""
        return self.lowered(descended(self.start, self.exact, halvings=1)[0])

    @once
    def own(self) -> Module:
        """After the recipe in the precision that the module has."""
        return self.end if self.is_double else self.lowered(descended(self.module, self.recipe)[0])

    @property
    def is_double(self) -> bool:
        """Whether the module is of float64 itself."""
        return all(p.dtype == torch.float64 for p in self.module.parameters())

    @once
    def kernel(self) -> Tensor:
        """The tangent kernel at the start, (N, N)."""
        return kernel(self.start, self.exact.x)

    @once
    def last_kernel(self) -> Tensor:
        """The same after training."""
        return kernel(self.end, self.exact.x)

    @once
    def masks(self) -> list[Tensor]:
        """Of every ReLU at the start."""
        return masks(self.start, self.exact.x)

    @property
    def rate(self) -> float:
        """What multiplies the kernel in a step: the mean square's gradient in the outputs is 2/N times the residual."""
        return float(2 * self.recipe.step_size / self.first.numel())

    def at(self, module: Module) -> Tensor:
        """Outputs of a module, (N,). A copy is called: batch statistics are kept in buffers."""
        return self._called(module, (self.exact if self._doubled(module) else self.recipe).x)

    def elsewhere(self, module: Module) -> Tensor:
        """Outputs of a module at the held-out points, (N',)."""
        return self._called(module, self.held_out(double=self._doubled(module)))

    def _doubled(self, module: Module) -> bool:
        return module is not self.module and next(module.parameters()).dtype == torch.float64

    def _called(self, module: Module, x: Tensor) -> Tensor:
        with differentiable():
            return outputs(copy.deepcopy(module), x).detach().double()

    def lowered(self, end: Module) -> Module:
        """The trained module. Raises DiagnosisError where its loss is not finite, or above that at the start."""
        found, target = self.at(end), self.exact.y.flatten()
        if not bool((found - target).norm() <= self.gap.norm()):
            raise DiagnosisError("training diverges: the loss ends above where it began")
        return end

    def tangent(self, steps: list[int], halvings: int = 0) -> Tensor:
        """Outputs of the tangent model after so many steps, (len(steps), N), of `halvings` times half the size."""
        counts = torch.tensor(steps, dtype=torch.float64, device=self.kernel.device)
        left = tangent.descended(self.kernel[None], self.gap[None], self.rate / 2**halvings, counts)
        return self.exact.y.flatten() + left[0]

    def flowed(self) -> Tensor:
        """Outputs of the tangent model's gradient flow at the recipe's time."""
        time = torch.tensor([self.rate * self.recipe.steps], dtype=torch.float64, device=self.kernel.device)
        return self.exact.y.flatten() + tangent.flowed(self.kernel[None], self.gap[None], time)[0, 0]

    def limit(self) -> Tensor:
        """Outputs that the tangent model tends to: kernel regression on what its kernel reaches, but for rounding."""
        values, vectors = torch.linalg.eigh(self.kernel)
        reached = vectors[:, values > rounding(values)]
        limit: Tensor = self.first - reached @ (reached.mT @ self.gap)
        return limit

    @once
    def parts(self) -> dict[str, Tensor]:
        """What takes the tangent model's limit to the network as it is trained; the four add up to it exactly.

        The step size moves the tangent model off its flow, in closed form, and changes the departure from it, which
        is extrapolated from a step and its half to none (Richardson, first order); what is left there is the drift.
        """
        return self._split(self.at, lambda outputs: outputs)

    @once
    def parts_held_out(self) -> dict[str, Tensor]:
        """The same at the held-out points, where the tangent model is kernel regression on what it is at the others."""
        first, onto = self.elsewhere(self.start), self.onto_held_out
        return self._split(self.elsewhere, lambda outputs: first + onto @ (outputs - self.first))

    def _split(self, at: Callable[[Module], Tensor], onto: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
        fine, steps = at(self.end), self.recipe.steps
        alike, flow, limit = (onto(it) for it in (self.tangent([steps])[0], self.flowed(), self.limit()))
        whole, halved = fine - alike, at(self.half) - onto(self.tangent([2 * steps], halvings=1)[0])
        return {
            "step size": alike - flow + 2 * (whole - halved),
            "kernel drift": 2 * halved - whole,
            "unconverged": flow - limit,
            "precision": at(self.own) - fine,
        }

    @once
    def onto_held_out(self) -> Tensor:
        """K(x', x) K(x, x)⁺, (N', N): from what the tangent model has moved at the points to what it has elsewhere."""
        points = len(self.exact.y.flatten())
        whole = kernel(self.start, torch.cat([self.exact.x, self.held_out(double=True)]))
        values, vectors = torch.linalg.eigh(self.kernel)
        kept = values > rounding(values)
        found: Tensor = whole[points:, :points] @ vectors[:, kept] / values[kept] @ vectors[:, kept].mT
        return found

    def held_out(self, *, double: bool) -> Tensor:
        """The held-out points. Raises DiagnosisError where there are none."""
        found = (self.exact if double else self.recipe).held_out
        if found is None:
            raise DiagnosisError("no points are held out: give held_out=")
        return found


def rounding(values: Tensor) -> float:
    """Below it an eigenvalue is zero as far as float64 tells, values (N,) ascending."""
    return float(values[-1]) * len(values) * torch.finfo(values.dtype).eps


def kernel(module: Module, x: Tensor) -> Tensor:
    """The empirical tangent kernel of all outputs at all points, (N, N). Raises ModuleError, also where it is zero."""
    full = empirical_ntk(module, x, outputs="full")
    size = full.shape[0] * full.shape[2]
    found = full.permute(0, 2, 1, 3).reshape(size, size)
    if not bool(found.any()):
        raise DiagnosisError("the tangent kernel is zero: no gradient reaches a parameter")
    return found
